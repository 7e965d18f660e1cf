/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policy.h - one verified policy
 */
#ifndef DMP_POLICY_H
#define DMP_POLICY_H

#include <linux/devmem_policy.h>
#include <linux/refcount.h>

#include <policy/ruling.h>

#include "marks.h"

struct netlink_ext_ack;

/* Immutable, but for the marks. */
struct dmp_policy {
	struct dmp_rules rules;
	refcount_t users; /* active sets that hold it */
	bool has_deny; /* some rule denies */
	bool has_exe; /* some rule is for a program */
	u64 lineage; /* the same as of another whose deny rules mean the same */
	u8 digest[DEVMEM_POLICY_DIGEST_BYTES]; /* once it was asked for */
	bool digested;
	u64 loaded_ns;
	u32 length; /* of bytes */
	const u8 *bytes; /* what rules is a view of */
	struct dmp_program *programs; /* of rules; NULL without has_exe */
	int *program_errors; /* likewise: why there is none, or 0 */
	struct dmp_program auditor; /* that it names, if it does */
	u8 *withdrawn; /* of rules; NULL: none */
	struct dmp_marks marks;
};

/* A policy as it arrived. */
struct dmp_load {
	u8 *bytes; /* owned; NULL once a policy has taken them over */
	u32 length;
	struct dmp_header header;
};

int dmp_policy_make(struct dmp_load *load, const u8 *signature, u32 signature_bytes,
		    struct dmp_policy **made, struct netlink_ext_ack *extack);
int dmp_policy_remake(const struct dmp_policy *old, const u8 *withdrawn, bool resolve,
		      struct dmp_policy **made);
void dmp_policy_put(struct dmp_policy *policy);

u8 *dmp_policy_withdrawn_set(const struct dmp_policy *policy, const u32 *rule_id, bool *any);
bool dmp_policy_program_changed(const struct dmp_policy *policy, const struct dmp_policy *old,
				u32 rule);
bool dmp_policy_auditor_changed(const struct dmp_policy *policy, const struct dmp_policy *old);
bool dmp_policy_suits(const struct dmp_policy *policy, const struct dmp_program *auditor);
int dmp_policy_digest(struct dmp_policy *policy, u8 *digest);
u32 dmp_policy_rule_id(const struct dmp_policy *policy, u32 rule);
u64 dmp_policy_rule_end(const struct dmp_policy *policy, u32 rule);

static inline const struct dmp_header *dmp_policy_header(const struct dmp_policy *policy)
{
	return &policy->rules.view.header;
}

/* The path of the program that may be auditor; "": any. */
static inline const char *dmp_policy_auditor(const struct dmp_policy *policy)
{
	return dmp_view_auditor(&policy->rules.view);
}

#endif /* DMP_POLICY_H */
