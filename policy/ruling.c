// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ruling.c - what a set of policies says about a page and an operation
 */
#include <linux/devmem_policy.h>

#include "ruling.h"

/* What is known about one operation while the policies are walked. */
struct dmp_opinion {
	enum dmp_ruling_kind kind;
	u32 policy;
	u32 segment;
	u32 rule;
	bool unreserved;
};

/* Read from the validated bytes, without making a struct dmp_rule. */
static const u8 *dmp_rule_record(const struct dmp_rules *rules, u32 rule)
{
	return rules->view.rules + (size_t)rule * DMP_RULE_BYTES;
}

static void dmp_opinion_add(struct dmp_opinion *opinion, const struct dmp_rule_set *set,
			    u32 policy, const struct dmp_segment *segment, unsigned int op)
{
	const struct dmp_rules *rules = set->rules[policy];
	u32 rule = segment->rule[op];
	enum dmp_ruling_kind kind = DMP_RULING_OPERATION;
	bool unreserved = false;

	if (rule != DMP_NO_RULE) {
		const u8 *record = dmp_rule_record(rules, rule);

		kind = record[DMP_RULE_ACTION] == DEVMEM_POLICY_DENY ? DMP_RULING_DENY :
								       DMP_RULING_ALLOW;
		unreserved = dmp_load16(record + DMP_RULE_FLAGS) &
			     DEVMEM_POLICY_RULE_UNRESERVED_RAM;
	} else {
		rule = segment->rule[!op];
	}
	/* Among equals the first stands, but one without the rail goes further. */
	if (kind < opinion->kind ||
	    (kind == opinion->kind && (opinion->unreserved || !unreserved)))
		return;
	opinion->kind = kind;
	opinion->policy = policy;
	opinion->segment = (u32)(segment - rules->index.segments);
	opinion->rule = rule;
	opinion->unreserved = unreserved;
}

/* Any deny is a denial; an allow needs both; any rule at all is a near miss. */
static void dmp_ruling_combine(struct dmp_ruling *ruling, const struct dmp_opinion *opinion,
			       unsigned int ops)
{
	bool first = true;
	unsigned int op;

	for (op = 0; op < DMP_OPS; op++) {
		const struct dmp_opinion *o = &opinion[op];
		bool decides;

		if (!(ops & (1u << op)))
			continue;
		if (first)
			decides = true;
		else if (ruling->kind == DMP_RULING_DENY)
			decides = false;
		else if (o->kind == DMP_RULING_DENY)
			decides = true;
		else
			decides = o->kind <= ruling->kind;
		ruling->unreserved = o->unreserved && (first || ruling->unreserved);
		first = false;
		if (!decides)
			continue;
		ruling->kind = o->kind;
		ruling->policy = o->policy;
		ruling->segment = o->segment;
		ruling->rule = o->rule;
	}
}

void dmp_ruling_make(const struct dmp_rule_set *set, u64 pfn, unsigned int ops,
		     struct dmp_ruling *ruling)
{
	struct dmp_opinion opinion[DMP_OPS] = { { 0 } };
	u32 i;

	ruling->first_pfn = 0;
	ruling->last_pfn = ~0ULL;
	for (i = 0; i < set->count; i++) {
		const struct dmp_segment *segment;
		u64 first_pfn, last_pfn;
		unsigned int op;

		segment = dmp_index_find(&set->rules[i]->index, pfn, &first_pfn, &last_pfn);
		if (first_pfn > ruling->first_pfn)
			ruling->first_pfn = first_pfn;
		if (last_pfn < ruling->last_pfn)
			ruling->last_pfn = last_pfn;
		for (op = 0; segment && op < DMP_OPS; op++)
			dmp_opinion_add(&opinion[op], set, i, segment, op);
	}
	dmp_ruling_combine(ruling, opinion, ops);
}
