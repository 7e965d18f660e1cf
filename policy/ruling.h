/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ruling.h - what a set of policies says about a page, an operation and a subject
 *
 * Compiled unchanged into the module and the programs. Pure: the answer depends
 * on the arguments alone, so every page of a call and every pass over them agree.
 */
#ifndef DEVMEM_POLICY_RULING_H
#define DEVMEM_POLICY_RULING_H

#include <linux/devmem_policy.h>

#include "index.h"

#define DMP_MAX_POLICIES 32
#define DMP_MAX_WITHDRAWN 32 /* ranges */

/* The file of a program. */
struct dmp_program {
	u64 device;
	u64 inode;
	u32 generation;
	bool resolved; /* there is one */
};

/* One policy, ready to be asked. */
struct dmp_rules {
	struct dmp_view view;
	struct dmp_index index;
	const u8 *withdrawn; /* set of allow rules; NULL: none */
	const struct dmp_program *programs; /* one for each attribute record;
					     * NULL when no rule has an exe
					     */
};

struct dmp_pages {
	u64 first_pfn;
	u64 last_pfn; /* inclusive */
};

/* The union of several policies: deny beats allow, any default deny wins. */
struct dmp_rule_set {
	u32 count;
	u32 withdrawn_count;
	bool any_permissive; /* some policy says mode permissive */
	bool default_deny; /* some policy that is enforced says so */
	bool default_deny_all; /* some policy says so, permissive ones included */
	const struct dmp_rules *rules[DMP_MAX_POLICIES];
	struct dmp_pages withdrawn[DMP_MAX_WITHDRAWN]; /* allowed nobody */
};

enum dmp_match { DMP_MATCH_NO, DMP_MATCH_MAYBE, DMP_MATCH_YES };

/* Who asks. Of a subject that is known in part, the rest could be anything. */
struct dmp_subject {
	u32 known; /* DEVMEM_POLICY_CONDITION_* */
	u32 uid;
	struct dmp_program program;
	enum dmp_match (*in_group)(const struct dmp_subject *subject, u32 gid);
	const void *groups; /* in_group's own */
	u32 gid; /* likewise */
};

/* Seconds since the epoch. */
struct dmp_clock {
	u64 now_s;
	u64 latest_s; /* that was ever seen; ends are compared with it */
};

struct dmp_question {
	u64 pfn;
	unsigned int ops; /* DEVMEM_POLICY_OP_*, not 0 */
	bool enforced; /* permissive policies do not count */
	const struct dmp_subject *subject;
	struct dmp_clock clock;
};

/* In order: of several rules that do not decide, the one that came closest. */
enum dmp_ruling_kind {
	DMP_RULING_NONE, /* no rule names the page */
	DMP_RULING_OPERATION, /* a rule names the page, none all the operations */
	DMP_RULING_SUBJECT, /* an allow rule is for somebody else */
	DMP_RULING_EXPIRED, /* an allow rule has come to its end */
	DMP_RULING_NOT_YET, /* an allow rule has not come to its beginning */
	DMP_RULING_WITHDRAWN, /* an allow rule, or the page, was withdrawn */
	DMP_RULING_ALLOW,
	DMP_RULING_DENY,
};

/* The candidate of a segment that allows an operation. */
struct dmp_choice {
	u32 policy; /* index into the set */
	u32 segment; /* index into that policy's segments */
	u32 candidate; /* of that segment */
};

struct dmp_ruling {
	enum dmp_ruling_kind kind;
	u32 policy; /* index into the set; valid unless NONE */
	u32 rule; /* index into that policy's rules; likewise */
	bool unreserved; /* ALLOW: every rule that counted says unreserved-ram */
	bool summary; /* ALLOW: likewise log summary */
	struct dmp_choice choice[DMP_OPS]; /* ALLOW: for each operation asked for */
	u64 first_pfn; /* the run of pages around pfn, inclusive, for which */
	u64 last_pfn; /* the ruling is the same, */
	u64 until_s; /* and the second from which on it may be another; */
	u32 conditions; /* DEVMEM_POLICY_CONDITION_*: what it rests on besides */
	u32 touched; /* segments and rules that were looked at */
};

/* Can the ruling be another at another time? */
static inline bool dmp_ruling_is_timed(const struct dmp_ruling *ruling)
{
	return ruling->conditions & DEVMEM_POLICY_CONDITION_UNTIL;
}

/*
 * dmp_ruling_make() - rule on a page
 *
 * ALLOW needs an allow rule for each operation, not necessarily the same one;
 * policy and rule then name the last of them. A rule whose conditions may hold
 * counts if it denies and does not if it allows.
 * O(policies * (log segments + DMP_MAX_CONDITIONAL)).
 */
void dmp_ruling_make(const struct dmp_rule_set *set, const struct dmp_question *question,
		     struct dmp_ruling *ruling);

/* A candidate of some policy that allowed a mapping, and what is known by that. */
struct dmp_holding {
	u64 pfn;
	unsigned int op; /* 0: read, 1: write */
	bool unreserved; /* its rule said unreserved-ram */
	u32 old_policies; /* bit n: policy n of the set was in force already, so
			   * none of its deny rules can be meant
			   */
	struct dmp_subject subject; /* see dmp_subject_of_rule() */
	struct dmp_clock clock;
};

/*
 * dmp_ruling_keeps() - does the set still allow what was granted to a mapping?
 * @choice: what allows it now
 * @last_pfn: the last page from holding->pfn on for which the answer is the same
 *
 * Only what is certain counts: a mapping whose subject might be denied, or might
 * not be allowed, is not kept.
 */
bool dmp_ruling_keeps(const struct dmp_rule_set *set, const struct dmp_holding *holding,
		      struct dmp_choice *choice, u64 *last_pfn);

/* dmp_subject_of_rule() - what is known of a subject that the rule allowed */
void dmp_subject_of_rule(const struct dmp_rules *rules, u32 rule, struct dmp_subject *subject);

/*
 * dmp_rules_next_end() - when the first of the rules that allow ends
 *
 * Return: the least expires or until of allow rules after that second; ~0: none.
 * O(rules).
 */
u64 dmp_rules_next_end(const struct dmp_rules *rules, u64 after_s);

/* dmp_rules_permissive() - does the policy say mode permissive? */
static inline bool dmp_rules_permissive(const struct dmp_rules *rules)
{
	return rules->view.header.flags & DMP_FLAG_PERMISSIVE;
}

#endif /* DEVMEM_POLICY_RULING_H */
