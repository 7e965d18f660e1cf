/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ruling.h - what a set of policies says about a page and an operation
 *
 * Compiled unchanged into the module and the programs. Pure: the answer depends
 * on the arguments alone, so every page of a call and every pass over them agree.
 */
#ifndef DEVMEM_POLICY_RULING_H
#define DEVMEM_POLICY_RULING_H

#include "index.h"

#define DMP_MAX_POLICIES 32

struct dmp_rules {
	struct dmp_view view;
	struct dmp_index index;
};

/* The union of several policies: deny beats allow, any default deny wins. */
struct dmp_rule_set {
	u32 count;
	bool default_deny;
	const struct dmp_rules *rules[DMP_MAX_POLICIES];
};

enum dmp_ruling_kind {
	DMP_RULING_NONE, /* no rule names the page */
	DMP_RULING_OPERATION, /* a rule names the page, none all the operations */
	DMP_RULING_ALLOW,
	DMP_RULING_DENY,
};

struct dmp_ruling {
	enum dmp_ruling_kind kind;
	u32 policy; /* index into the set; valid unless NONE */
	u32 segment; /* index into that policy's segments; likewise */
	u32 rule; /* index into that policy's rules; likewise */
	bool unreserved; /* ALLOW: every rule that counted says unreserved-ram */
	u64 first_pfn; /* the run of pages around pfn, inclusive, for which */
	u64 last_pfn; /* the ruling is the same */
};

/*
 * dmp_ruling_make() - rule on pfn and ops (bits, DEVMEM_POLICY_OP_*, not 0)
 *
 * ALLOW needs an allow rule for each operation, not necessarily the same one;
 * policy and rule then name the last of them. O(policies * log segments).
 */
void dmp_ruling_make(const struct dmp_rule_set *set, u64 pfn, unsigned int ops,
		     struct dmp_ruling *ruling);

#endif /* DEVMEM_POLICY_RULING_H */
