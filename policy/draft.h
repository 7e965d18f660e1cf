/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * draft.h - what the lines of a text said, before it is one policy; inside the
 * library only
 *
 * Lines come in any order, so names are looked up when all of them are read.
 */
#ifndef DEVMEM_POLICY_DRAFT_H
#define DEVMEM_POLICY_DRAFT_H

#include "diagnostics.h"

struct dmp_region {
	char *name;
	struct dmp_span span; /* of the name */
	u64 first;
	u64 last;
	bool broken; /* its range was refused; say no more about it */
	bool used;
};

struct dmp_draft_rule {
	struct dmp_policy_rule rule;
	struct dmp_span span; /* of the action */
	char *region; /* NULL: the rule has its range */
	struct dmp_span region_span;
	struct dmp_span exe_span; /* valid if it has one, as the next */
	struct dmp_span until_span;
};

struct dmp_draft_time {
	u64 seconds; /* 0: none */
	struct dmp_span span; /* line: 0 while there is no such statement */
};

struct dmp_draft {
	char name[DMP_MAX_NAME_BYTES + 1];
	u64 serial;
	bool default_deny;
	bool permissive;
	struct dmp_draft_time not_before;
	struct dmp_draft_time expires;
	char *auditor; /* path of a program; NULL: none */
	struct dmp_span auditor_span; /* valid if there is one */

	/* The lines of these statements, 0 while there is none. */
	u32 policy_line;
	u32 serial_line;
	u32 default_line;
	u32 mode_line;
	u32 auditor_line;

	struct dmp_region *regions;
	u32 region_count;
	u32 region_room;
	struct dmp_draft_rule *rules;
	u32 rule_count;
	u32 rule_room;
};

/*
 * Both take over what the entry owns, also when they fail.
 *
 * Return: 0 or -ENOMEM.
 */
int dmp_draft_add_region(struct dmp_draft *draft, struct dmp_region *region);
int dmp_draft_add_rule(struct dmp_draft *draft, struct dmp_draft_rule *rule);

/*
 * dmp_draft_resolve() - look up regions, sort rules, find what is missing or
 * there twice
 *
 * Return: 0 or -ENOMEM; errors are in *diagnostics.
 */
int dmp_draft_resolve(struct dmp_draft *draft,
		      struct dmp_diagnostics *diagnostics);

/* dmp_draft_finish() - move what a resolved draft holds to a policy */
int dmp_draft_finish(struct dmp_draft *draft, struct dmp_policy *policy);

void dmp_draft_rule_free(struct dmp_draft_rule *rule);
void dmp_draft_free(struct dmp_draft *draft);

#endif /* DEVMEM_POLICY_DRAFT_H */
