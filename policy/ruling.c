// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ruling.c - what a set of policies says about a page, an operation and a subject
 */
#include "ruling.h"

#include <linux/devmem_policy.h>

#define DMP_SUBJECT_CONDITIONS \
	(DEVMEM_POLICY_CONDITION_UID | DEVMEM_POLICY_CONDITION_GID | DEVMEM_POLICY_CONDITION_EXE)

/* Who asks, when, and how a deny rule is taken whose conditions may hold. */
struct dmp_asker {
	const struct dmp_subject *subject;
	struct dmp_clock clock;
	bool maybe_is_no;
};

/* What is known about one operation while the policies are walked. */
struct dmp_opinion {
	enum dmp_ruling_kind kind;
	u32 rule;
	bool unreserved;
	bool summary;
	struct dmp_choice choice;
};

static enum dmp_match dmp_match_of(bool same)
{
	return same ? DMP_MATCH_YES : DMP_MATCH_NO;
}

static enum dmp_match dmp_match_least(enum dmp_match a, enum dmp_match b)
{
	return a < b ? a : b;
}

static enum dmp_match dmp_match_uid(const struct dmp_subject *subject, const u8 *attributes)
{
	if (!(subject->known & DEVMEM_POLICY_CONDITION_UID))
		return DMP_MATCH_MAYBE;
	return dmp_match_of(subject->uid == dmp_load32(attributes + DMP_ATTRIBUTE_UID));
}

static enum dmp_match dmp_match_gid(const struct dmp_subject *subject, const u8 *attributes)
{
	if (!(subject->known & DEVMEM_POLICY_CONDITION_GID))
		return DMP_MATCH_MAYBE;
	return subject->in_group(subject, dmp_load32(attributes + DMP_ATTRIBUTE_GID));
}

static const struct dmp_program *dmp_program_of(const struct dmp_rules *rules,
						const u8 *attributes)
{
	return &rules->programs[(size_t)(attributes - rules->view.attributes) /
				DMP_ATTRIBUTE_BYTES];
}

/* A file that is not there is nobody's program. */
static enum dmp_match dmp_match_exe(const struct dmp_rules *rules,
				    const struct dmp_subject *subject, const u8 *attributes)
{
	const struct dmp_program *program;

	if (!rules->programs || !dmp_program_of(rules, attributes)->resolved)
		return DMP_MATCH_NO;
	if (!(subject->known & DEVMEM_POLICY_CONDITION_EXE))
		return DMP_MATCH_MAYBE;
	program = dmp_program_of(rules, attributes);
	return dmp_match_of(subject->program.resolved &&
			    subject->program.device == program->device &&
			    subject->program.inode == program->inode &&
			    subject->program.generation == program->generation);
}

/* attributes may be NULL: a rule for everybody. */
static enum dmp_match dmp_match_subject(const struct dmp_rules *rules,
					const struct dmp_subject *subject, const u8 *attributes)
{
	enum dmp_match match = DMP_MATCH_YES;
	u32 conditions;

	if (!attributes)
		return match;
	conditions = dmp_load32(attributes + DMP_ATTRIBUTE_CONDITIONS);
	if (conditions & DEVMEM_POLICY_CONDITION_UID)
		match = dmp_match_least(match, dmp_match_uid(subject, attributes));
	if (conditions & DEVMEM_POLICY_CONDITION_GID)
		match = dmp_match_least(match, dmp_match_gid(subject, attributes));
	if (conditions & DEVMEM_POLICY_CONDITION_EXE)
		match = dmp_match_least(match, dmp_match_exe(rules, subject, attributes));
	return match;
}

/* When the rule by itself ends; 0: never. */
static u64 dmp_rule_until(const u8 *attributes)
{
	return attributes ? dmp_load64(attributes + DMP_ATTRIBUTE_UNTIL) : 0;
}

static bool dmp_has_ended(u64 end_s, const struct dmp_clock *clock)
{
	return end_s && clock->latest_s >= end_s;
}

static enum dmp_ruling_kind dmp_judge_deny(const struct dmp_rules *rules, const u8 *attributes,
					   const struct dmp_asker *asker)
{
	enum dmp_match match;

	if (dmp_has_ended(dmp_rule_until(attributes), &asker->clock))
		return DMP_RULING_NONE;
	match = dmp_match_subject(rules, asker->subject, attributes);
	if (match == DMP_MATCH_MAYBE && asker->maybe_is_no)
		match = DMP_MATCH_NO;
	return match == DMP_MATCH_NO ? DMP_RULING_NONE : DMP_RULING_DENY;
}

static enum dmp_ruling_kind dmp_judge_allow(const struct dmp_rules *rules, u32 rule,
					    const u8 *attributes, const struct dmp_asker *asker)
{
	const struct dmp_header *header = &rules->view.header;

	if (dmp_match_subject(rules, asker->subject, attributes) != DMP_MATCH_YES)
		return DMP_RULING_SUBJECT;
	if (dmp_has_ended(dmp_rule_until(attributes), &asker->clock) ||
	    dmp_has_ended(header->expires_s, &asker->clock))
		return DMP_RULING_EXPIRED;
	if (asker->clock.now_s < header->not_before_s)
		return DMP_RULING_NOT_YET;
	return dmp_rule_in(rules->withdrawn, rule) ? DMP_RULING_WITHDRAWN : DMP_RULING_ALLOW;
}

/* What a rule that names the page says about one operation. */
static enum dmp_ruling_kind dmp_judge(const struct dmp_rules *rules, u32 rule, unsigned int op,
				      const struct dmp_asker *asker)
{
	const u8 *record = dmp_rule_record(&rules->view, rule);
	const u8 *attributes = dmp_rule_attributes(&rules->view, record);

	if (!(record[DMP_RULE_OPS] & 1u << op))
		return DMP_RULING_OPERATION;
	if (record[DMP_RULE_ACTION] == DEVMEM_POLICY_DENY)
		return dmp_judge_deny(rules, attributes, asker);
	return dmp_judge_allow(rules, rule, attributes, asker);
}

static u16 dmp_rule_flags(const struct dmp_rules *rules, u32 rule)
{
	return dmp_load16(dmp_rule_record(&rules->view, rule) + DMP_RULE_FLAGS);
}

static bool dmp_is_unreserved(const struct dmp_rules *rules, u32 rule)
{
	return dmp_rule_flags(rules, rule) & DEVMEM_POLICY_RULE_UNRESERVED_RAM;
}

static void dmp_opinion_add(struct dmp_opinion *opinion, const struct dmp_rules *rules,
			    const struct dmp_choice *choice, u32 rule, enum dmp_ruling_kind kind)
{
	bool unreserved = kind == DMP_RULING_ALLOW && dmp_is_unreserved(rules, rule);

	/* Among equals the first stands, but one without the rail goes further. */
	if (kind < opinion->kind || kind == DMP_RULING_NONE ||
	    (kind == opinion->kind && (opinion->unreserved || !unreserved)))
		return;
	opinion->kind = kind;
	opinion->rule = rule;
	opinion->unreserved = unreserved;
	opinion->summary = dmp_rule_flags(rules, rule) & DEVMEM_POLICY_RULE_LOG_SUMMARY;
	opinion->choice = *choice;
}

static void dmp_sooner(u64 *until_s, u64 moment_s, u64 after_s)
{
	if (moment_s > after_s && moment_s < *until_s)
		*until_s = moment_s;
}

/* Time can change what is said where this rule is: when? */
static void dmp_rule_moments(const struct dmp_rules *rules, u32 rule,
			     const struct dmp_clock *clock, u64 *until_s)
{
	const u8 *record = dmp_rule_record(&rules->view, rule);
	const struct dmp_header *header = &rules->view.header;

	dmp_sooner(until_s, dmp_rule_until(dmp_rule_attributes(&rules->view, record)),
		   clock->latest_s);
	if (record[DMP_RULE_ACTION] == DEVMEM_POLICY_DENY)
		return;
	dmp_sooner(until_s, header->expires_s, clock->latest_s);
	dmp_sooner(until_s, header->not_before_s, clock->now_s);
}

/* What it rests on whether the rule counts; the policy's own times are a condition too. */
static u32 dmp_rule_rests_on(const struct dmp_rules *rules, u32 rule)
{
	const struct dmp_header *header = &rules->view.header;
	u32 conditions = dmp_rule_conditions(&rules->view, dmp_rule_record(&rules->view, rule));

	if (header->not_before_s || header->expires_s)
		conditions |= DEVMEM_POLICY_CONDITION_UNTIL;
	return conditions;
}

/* One rule can decide both operations: it is heard once. */
static bool dmp_is_heard(const struct dmp_segment *segment, u32 candidate, u32 rule)
{
	return rule == DMP_NO_RULE || (candidate == 1 && rule == segment->rule[0]);
}

/* Hear one policy's segment on the operations that are asked for. */
static void dmp_hear_segment(struct dmp_opinion *opinion, const struct dmp_rules *rules,
			     struct dmp_choice *choice, const struct dmp_asker *asker,
			     unsigned int ops, struct dmp_ruling *ruling)
{
	const struct dmp_segment *segment = &rules->index.segments[choice->segment];
	u32 candidates = dmp_index_candidates_of(&rules->index, choice->segment), rule;
	unsigned int op;

	for (choice->candidate = 0; choice->candidate < candidates; choice->candidate++) {
		rule = dmp_index_rule(&rules->index, choice->segment, choice->candidate);
		if (dmp_is_heard(segment, choice->candidate, rule))
			continue;
		ruling->touched++;
		ruling->conditions |= dmp_rule_rests_on(rules, rule);
		dmp_rule_moments(rules, rule, &asker->clock, &ruling->until_s);
		for (op = 0; op < DMP_OPS; op++)
			if (ops & 1u << op)
				dmp_opinion_add(&opinion[op], rules, choice, rule,
						dmp_judge(rules, rule, op, asker));
	}
}

static void dmp_narrow(u64 *first_pfn, u64 *last_pfn, u64 first, u64 last)
{
	if (first > *first_pfn)
		*first_pfn = first;
	if (last < *last_pfn)
		*last_pfn = last;
}

/* Any deny is a denial; an allow needs both; else the one that is further off. */
static void dmp_ruling_combine(struct dmp_ruling *ruling, const struct dmp_opinion *opinion,
			       unsigned int ops)
{
	bool first = true, decides;
	unsigned int op;

	for (op = 0; op < DMP_OPS; op++) {
		const struct dmp_opinion *o = &opinion[op];

		if (!(ops & 1u << op))
			continue;
		if (first)
			decides = true;
		else if (ruling->kind == DMP_RULING_DENY)
			decides = false;
		else
			decides = o->kind == DMP_RULING_DENY || o->kind <= ruling->kind;
		ruling->unreserved = o->unreserved && (first || ruling->unreserved);
		ruling->summary = o->summary && (first || ruling->summary);
		ruling->choice[op] = o->choice;
		first = false;
		if (!decides)
			continue;
		ruling->kind = o->kind;
		ruling->policy = o->choice.policy;
		ruling->rule = o->rule;
	}
}

/* Is the page in a range that was withdrawn? Narrows the run to where that is so. */
static bool dmp_page_withdrawn(const struct dmp_rule_set *set, u64 pfn, u64 *first_pfn,
			       u64 *last_pfn)
{
	bool withdrawn = false;
	u32 i;

	for (i = 0; i < set->withdrawn_count; i++) {
		const struct dmp_pages *pages = &set->withdrawn[i];

		if (pfn < pages->first_pfn) {
			dmp_narrow(first_pfn, last_pfn, 0, pages->first_pfn - 1);
		} else if (pfn > pages->last_pfn) {
			dmp_narrow(first_pfn, last_pfn, pages->last_pfn + 1, ~0ULL);
		} else {
			dmp_narrow(first_pfn, last_pfn, pages->first_pfn, pages->last_pfn);
			withdrawn = true;
		}
	}
	return withdrawn;
}

void dmp_ruling_make(const struct dmp_rule_set *set, const struct dmp_question *question,
		     struct dmp_ruling *ruling)
{
	const struct dmp_asker asker = { question->subject, question->clock, false };
	struct dmp_opinion opinion[DMP_OPS] = { { 0 } };
	struct dmp_choice choice;

	memset(ruling, 0, sizeof(*ruling));
	ruling->last_pfn = ~0ULL;
	ruling->until_s = ~0ULL;
	for (choice.policy = 0; choice.policy < set->count; choice.policy++) {
		const struct dmp_rules *rules = set->rules[choice.policy];
		const struct dmp_segment *segment;
		u64 first_pfn, last_pfn;

		if (question->enforced && dmp_rules_permissive(rules))
			continue;
		segment = dmp_index_find(&rules->index, question->pfn, &first_pfn, &last_pfn,
					 &ruling->touched);
		dmp_narrow(&ruling->first_pfn, &ruling->last_pfn, first_pfn, last_pfn);
		if (!segment)
			continue;
		choice.segment = (u32)(segment - rules->index.segments);
		dmp_hear_segment(opinion, rules, &choice, &asker, question->ops, ruling);
	}
	dmp_ruling_combine(ruling, opinion, question->ops);
	if (dmp_page_withdrawn(set, question->pfn, &ruling->first_pfn, &ruling->last_pfn) &&
	    ruling->kind == DMP_RULING_ALLOW)
		ruling->kind = DMP_RULING_WITHDRAWN;
}

/* Return: false when a rule of the segment denies; *found when one allows. */
static bool dmp_keep_segment(const struct dmp_rules *rules, const struct dmp_holding *holding,
			     const struct dmp_asker *asker, struct dmp_choice *choice,
			     bool *found, struct dmp_choice *by)
{
	u32 candidates = dmp_index_candidates_of(&rules->index, choice->segment), rule;

	for (choice->candidate = 0; choice->candidate < candidates; choice->candidate++) {
		enum dmp_ruling_kind kind;

		rule = dmp_index_rule(&rules->index, choice->segment, choice->candidate);
		if (rule == DMP_NO_RULE)
			continue;
		kind = dmp_judge(rules, rule, holding->op, asker);
		if (kind == DMP_RULING_DENY)
			return false;
		if (kind != DMP_RULING_ALLOW || *found ||
		    (holding->unreserved && !dmp_is_unreserved(rules, rule)))
			continue;
		*found = true;
		*by = *choice;
	}
	return true;
}

bool dmp_ruling_keeps(const struct dmp_rule_set *set, const struct dmp_holding *holding,
		      struct dmp_choice *by, u64 *last)
{
	struct dmp_asker asker = { &holding->subject, holding->clock, false };
	bool found = false, denied = false, withdrawn;
	struct dmp_choice choice;
	u64 first_pfn, last_pfn, first = 0;
	u32 touched = 0;

	*last = ~0ULL;
	for (choice.policy = 0; choice.policy < set->count; choice.policy++) {
		const struct dmp_rules *rules = set->rules[choice.policy];
		const struct dmp_segment *segment;

		if (dmp_rules_permissive(rules))
			continue;
		segment = dmp_index_find(&rules->index, holding->pfn, &first_pfn, &last_pfn,
					 &touched);
		dmp_narrow(&first, last, first_pfn, last_pfn);
		if (!segment)
			continue;
		choice.segment = (u32)(segment - rules->index.segments);
		asker.maybe_is_no = holding->old_policies & 1u << choice.policy;
		if (!dmp_keep_segment(rules, holding, &asker, &choice, &found, by))
			denied = true;
	}
	withdrawn = dmp_page_withdrawn(set, holding->pfn, &first, last);
	return found && !denied && !withdrawn;
}

/* All that is known of its groups is one of them. */
static enum dmp_match dmp_in_known_group(const struct dmp_subject *subject, u32 gid)
{
	return subject->gid == gid ? DMP_MATCH_YES : DMP_MATCH_MAYBE;
}

void dmp_subject_of_rule(const struct dmp_rules *rules, u32 rule, struct dmp_subject *subject)
{
	const u8 *record = dmp_rule_record(&rules->view, rule);
	const u8 *attributes = dmp_rule_attributes(&rules->view, record);

	memset(subject, 0, sizeof(*subject));
	subject->in_group = dmp_in_known_group;
	if (!attributes)
		return;
	subject->known = dmp_load32(attributes + DMP_ATTRIBUTE_CONDITIONS) &
			 DMP_SUBJECT_CONDITIONS;
	subject->uid = dmp_load32(attributes + DMP_ATTRIBUTE_UID);
	subject->gid = dmp_load32(attributes + DMP_ATTRIBUTE_GID);
	if (subject->known & DEVMEM_POLICY_CONDITION_EXE && rules->programs)
		subject->program = *dmp_program_of(rules, attributes);
}

u64 dmp_rules_next_end(const struct dmp_rules *rules, u64 after_s)
{
	const struct dmp_view *view = &rules->view;
	u64 end_s = ~0ULL;
	u32 i;

	for (i = 0; i < view->header.rule_count; i++) {
		const u8 *record = dmp_rule_record(view, i);

		if (record[DMP_RULE_ACTION] != DEVMEM_POLICY_ALLOW)
			continue;
		dmp_sooner(&end_s, dmp_rule_until(dmp_rule_attributes(view, record)), after_s);
		dmp_sooner(&end_s, view->header.expires_s, after_s);
	}
	return end_s;
}
