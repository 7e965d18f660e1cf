/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policy.h - registered policies and the set that is in force
 */
#ifndef DMP_POLICY_H
#define DMP_POLICY_H

#include <linux/devmem_policy.h>
#include <linux/llist.h>
#include <linux/refcount.h>

#include <policy/ruling.h>

struct dmp_operation;
struct netlink_ext_ack;

/* One verified policy; immutable, but for the marks in mapped. */
struct dmp_policy {
	struct dmp_rules rules;
	refcount_t users; /* active sets that hold it */
	bool has_deny; /* some rule denies */
	u8 digest[DEVMEM_POLICY_DIGEST_BYTES];
	u64 loaded_ns;
	const u8 *bytes; /* what rules is a view of */
	unsigned long *mapped; /* two bits a segment: granted to a mapping,
				* read-only and writable
				*/
};

/* The policies in force; immutable, replaced whole. */
struct dmp_active {
	struct dmp_rule_set set;
	refcount_t users; /* 1 for being in force, and each operation's pin */
	bool restricts; /* may refuse what the kernel allows */
	struct llist_node dead; /* on the reaper's list */
	struct dmp_policy *policies[DMP_MAX_POLICIES];
};

/* A policy as it arrived. */
struct dmp_load {
	u8 *bytes; /* owned; NULL once a policy has taken them over */
	u32 length;
	struct dmp_header header;
};

int dmp_policy_init(void);
void dmp_policy_exit(void);
void dmp_policy_reap(void);

int dmp_policy_load(struct dmp_load *load, const u8 *signature, u32 signature_bytes,
		    struct netlink_ext_ack *extack);
int dmp_policy_remove(const char *name, struct netlink_ext_ack *extack);
void dmp_policy_withdraw_mappings(enum devmem_policy_reason reason);

struct dmp_active *dmp_active_pin(void);
void dmp_active_unpin(struct dmp_active *active);
void dmp_policy_mapped(const struct dmp_operation *operation);
u32 dmp_policy_rule_id(const struct dmp_policy *policy, u32 rule);
void dmp_policy_counts(u64 *loads, u64 *failed);

static inline const struct dmp_rule_set *dmp_active_rules(const struct dmp_active *active)
{
	return &active->set;
}

static inline bool dmp_active_restricts(const struct dmp_active *active)
{
	return active->restricts;
}

#endif /* DMP_POLICY_H */
