/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * auditor.h - the one process that keeps the record, and its proof
 */
#ifndef DMP_AUDITOR_H
#define DMP_AUDITOR_H

#include <linux/devmem_policy.h>
#include <linux/jiffies.h>
#include <linux/netlink.h>

struct dmp_operation;
struct dmp_policy;

struct dmp_challenge {
	u64 address;
	u32 bytes;
	u32 heartbeat_ms;
	u32 deadline_ms;
};

struct dmp_auditor_state {
	bool attached, proven, ever_proven;
	u32 pid;
	u32 proof_age_ms;
	char comm[DEVMEM_POLICY_COMM_SIZE];
};

int dmp_auditor_init(void);
void dmp_auditor_exit(void);

int dmp_auditor_attach(u32 portid, struct dmp_challenge *challenge,
		       struct netlink_ext_ack *extack);
int dmp_auditor_challenge(u32 portid, struct dmp_challenge *challenge,
			  struct netlink_ext_ack *extack);
int dmp_auditor_prove(u32 portid, const u8 *proof, struct netlink_ext_ack *extack);
int dmp_auditor_acknowledge(u32 portid, u64 sequence, struct netlink_ext_ack *extack);
int dmp_auditor_detach(u32 portid, struct netlink_ext_ack *extack);
void dmp_auditor_lock(void);
void dmp_auditor_unlock(void);
void dmp_auditor_expect(const struct dmp_policy *policy);
void dmp_auditor_farewell(void);
void dmp_auditor_state(struct dmp_auditor_state *state);

/* What is granted on: handlers read it, page by page. */
extern struct dmp_proof {
	bool attached;
	u64 proven_until; /* jiffies; 0: never proven */
} dmp_proof;

/**
 * dmp_auditor_obstacle() - may something be granted, as far as the auditor goes?
 *
 * Context: Any; also probe handlers.
 * Return: UNSPEC if so, or why not.
 */
static inline enum devmem_policy_reason dmp_auditor_obstacle(void)
{
	if (!READ_ONCE(dmp_proof.attached))
		return DEVMEM_POLICY_REASON_NO_AUDITOR;
	if (time_after64(get_jiffies_64(), READ_ONCE(dmp_proof.proven_until)))
		return DEVMEM_POLICY_REASON_UNPROVEN;
	return DEVMEM_POLICY_REASON_UNSPEC;
}

extern u64 dmp_canary_pfn; /* read by dmp_auditor_is_canary() */

/* dmp_auditor_is_canary() - is this the page that challenges are about? Any context. */
static inline bool dmp_auditor_is_canary(u64 pfn)
{
	return pfn == dmp_canary_pfn;
}

bool dmp_auditor_reads_canary(const struct dmp_operation *operation);

#endif /* DMP_AUDITOR_H */
