/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire.h - what the kernel's answers say, as structures
 *
 * Works on bytes in memory and knows no socket, so that it can be tested (and
 * fuzzed) without a kernel. The module may be newer or older than this program:
 * attributes that are not known are skipped, those that are missing, or too
 * short to be what the protocol says, are "not present".
 *
 * Every structure begins with a bit set of the attributes that were present,
 * to be asked with dmp_has(); what was not present is zero.
 */
#ifndef DEVMEM_POLICY_WIRE_H
#define DEVMEM_POLICY_WIRE_H

#include <linux/devmem_policy.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Arbitrary bytes from the kernel, cut off at the size of the array. */
struct dmp_bytes {
	size_t length;
	uint8_t bytes[DEVMEM_POLICY_EXE_SIZE];
};

struct dmp_counters {
	uint64_t present; /* of DEVMEM_POLICY_COUNTER_A_* */
	uint64_t granted_pages;
	uint64_t denied_pages;
	uint64_t baseline_pages;
	uint64_t operations;
	uint64_t untracked;
	uint64_t misses;
	uint64_t unrecorded_denials;
	uint64_t revoked_pages;
	uint64_t loads;
	uint64_t failed_loads;
	uint64_t unrecorded_events;
	uint64_t permitted_pages;
	uint64_t lookups;
	uint64_t touched;
};

struct dmp_event {
	uint64_t present; /* of DEVMEM_POLICY_EVENT_A_* */
	uint64_t instance;
	uint64_t sequence;
	uint64_t time_ns;
	uint32_t kind;
	uint32_t operation;
	uint32_t baseline;
	uint32_t reason;
	uint64_t first;
	uint64_t last;
	uint64_t pages;
	int64_t result;
	char policy[DEVMEM_POLICY_NAME_SIZE];
	uint64_t serial;
	uint32_t rule;
	uint8_t digest[DEVMEM_POLICY_DIGEST_BYTES];
	uint32_t pid;
	uint32_t tid;
	struct dmp_bytes comm;
	struct dmp_bytes exe;
	uint32_t uid;
	uint32_t euid;
	uint32_t gid;
	uint32_t egid;
	uint32_t auid;
	uint32_t session;
	uint64_t unrecorded_denials;
	uint64_t misses;
	uint32_t would;
	uint64_t transferred;
	uint32_t permissive;
	uint64_t calls;
	uint64_t last_time_ns;
	uint32_t lost_kind;
	struct dmp_counters counters;
};

struct dmp_policy_info {
	uint64_t present; /* of DEVMEM_POLICY_POLICY_A_* */
	char name[DEVMEM_POLICY_NAME_SIZE];
	uint64_t serial;
	uint8_t digest[DEVMEM_POLICY_DIGEST_BYTES];
	uint32_t rules;
	bool default_deny;
	uint64_t loaded_ns;
	bool permissive;
	uint64_t not_before_s;
	uint64_t expires_s;
	bool out_of_time;
	char auditor[DEVMEM_POLICY_EXE_SIZE];
};

struct dmp_rule_info {
	uint64_t present; /* of DEVMEM_POLICY_RULE_A_* */
	char policy[DEVMEM_POLICY_NAME_SIZE];
	uint32_t id;
	uint32_t action;
	uint32_t ops;
	uint32_t flags;
	uint64_t first;
	uint64_t last;
	char label[DEVMEM_POLICY_LABEL_SIZE];
	char because[256];
	uint32_t uid;
	uint32_t gid;
	char exe[DEVMEM_POLICY_EXE_SIZE];
	uint64_t until_s;
	bool unresolved;
	bool out_of_time;
	bool withdrawn;
};

struct dmp_challenge {
	uint64_t present; /* of DEVMEM_POLICY_A_* */
	uint64_t address;
	uint32_t bytes;
	uint32_t heartbeat_ms;
	uint32_t deadline_ms;
};

struct dmp_anchor {
	uint64_t present; /* of DEVMEM_POLICY_ANCHOR_A_* */
	char description[256];
	uint8_t fingerprint[DEVMEM_POLICY_DIGEST_BYTES];
};

struct dmp_probe {
	uint64_t present; /* of DEVMEM_POLICY_PROBE_A_* */
	char symbol[128];
	bool required;
	uint32_t state;
	uint64_t hits;
	uint64_t missed;
};

struct dmp_auditor_info {
	uint64_t present; /* of DEVMEM_POLICY_AUDITOR_A_* */
	uint32_t pid;
	char comm[DEVMEM_POLICY_COMM_SIZE + 1];
	bool proven;
	uint32_t proof_age_ms;
};

struct dmp_ring {
	uint64_t present; /* of DEVMEM_POLICY_RING_A_* */
	uint32_t slots;
	uint32_t reserved;
	uint64_t newest;
	uint64_t acknowledged;
	uint32_t pending;
};

struct dmp_withdrawn {
	uint64_t present; /* of DEVMEM_POLICY_WITHDRAWN_A_* */
	uint64_t first;
	uint64_t last;
};

/* More of them than these do not fit into one answer. */
#define DMP_MAX_ANCHORS 64
#define DMP_MAX_PROBES 32
#define DMP_MAX_WITHDRAWN 256

struct dmp_status {
	uint64_t present; /* of DEVMEM_POLICY_A_* */
	char module_version[64];
	uint64_t instance;
	bool development_key;
	bool default_deny;
	bool permissive;
	uint32_t trust;
	size_t anchor_count;
	struct dmp_anchor anchors[DMP_MAX_ANCHORS];
	size_t probe_count;
	struct dmp_probe probes[DMP_MAX_PROBES];
	struct dmp_auditor_info auditor;
	struct dmp_ring ring;
	struct dmp_counters counters;
	size_t withdrawn_count;
	struct dmp_withdrawn withdrawn[DMP_MAX_WITHDRAWN];
};

/* dmp_has() - was attribute (a number below 64) present? */
static inline bool dmp_has(uint64_t present, unsigned int attribute)
{
	return present >> attribute & 1;
}

/*
 * dmp_wire_*() - decode the attributes of one message
 * @attributes: what follows the generic netlink header, length bytes
 *
 * dmp_wire_event() and its like return -EPROTO when the message has no nest
 * of that kind; then the structure is all zero.
 */
void dmp_wire_status(const void *attributes, size_t length, struct dmp_status *status);
void dmp_wire_challenge(const void *attributes, size_t length,
			struct dmp_challenge *challenge);
int dmp_wire_event(const void *attributes, size_t length, struct dmp_event *event);
int dmp_wire_policy(const void *attributes, size_t length,
		    struct dmp_policy_info *policy);
int dmp_wire_rule(const void *attributes, size_t length, struct dmp_rule_info *rule);

/*
 * dmp_wire_result() - what an NLMSG_ERROR or NLMSG_DONE message says
 * @message: gets the kernel's sentence (NLMSGERR_ATTR_MSG), "" if there is none
 *
 * Return: 0 or the -errno in it; -EPROTO when the message is not well-formed.
 */
int dmp_wire_result(const struct nlmsghdr *header, char *message, size_t size);

#endif /* DEVMEM_POLICY_WIRE_H */
