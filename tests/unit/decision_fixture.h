/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decision_fixture.h - the model's policies, by way of their text, as what the
 * module would decide on; and the model's questions, as it would put them
 */
#ifndef DEVMEM_POLICY_TESTS_DECISION_FIXTURE_H
#define DEVMEM_POLICY_TESTS_DECISION_FIXTURE_H

#include "ruling_fixture.h"

#include "decision_model.h"
#include "decision_text.h"

#define ALL_CONDITIONS \
	(DEVMEM_POLICY_CONDITION_UID | DEVMEM_POLICY_CONDITION_GID | DEVMEM_POLICY_CONDITION_EXE)

struct decision_set {
	struct built_set built;
	/* From the canonical order of a policy's rules to the model's */
	u32 number[MODEL_MAX_POLICIES][MODEL_MAX_RULES];
};

/*
 * Programs from 2 to 4 differ from 1 in just one of the things that tell files
 * apart; the rest are something else altogether.
 */
static inline struct dmp_program decision_program(int exe)
{
	struct dmp_program program = {
		.device = 8,
		.inode = 100,
		.generation = 5,
		.resolved = true,
	};

	if (exe <= 0)
		return (struct dmp_program){ 0 };
	program.device += exe == 2;
	program.inode += (exe == 3) + (u64)(exe > 4 ? exe : 0);
	program.generation += exe == 4;
	return program;
}

static inline void decision_resolve(struct built *built, const struct dmp_rule *rule)
{
	if (!*rule->exe)
		return;
	built->programs[rule->attributes - 1] = decision_program(decision_exe_number(rule->exe));
}

static inline struct built decision_build(const struct model_policy *policy, const char *text,
					  u32 number[MODEL_MAX_RULES])
{
	struct built built = built_decode(compile_text(text));
	struct dmp_rule rule;
	u32 i, ignored;

	assert_int_equal(built.rules.view.header.rule_count, policy->count);
	for (i = 0; i < policy->count; i++) {
		dmp_view_rule(&built.rules.view, i, &rule);
		number[i] = (u32)atoi(rule.label);
		decision_resolve(&built, &rule);
		if (policy->rules[number[i]].withdrawn)
			built_withdraw(&built, i);
	}
	assert_int_equal(built_index(&built, PAGE_SHIFT, &ignored), 0);
	return built;
}

/* To be released with built_set_release(&set->built). */
static inline void decision_set_build(const struct model_world *world, struct decision_set *set)
{
	char name[16], *text;
	size_t length;
	FILE *stream;
	u32 i;

	memset(&set->built.set, 0, sizeof(set->built.set));
	for (i = 0; i < world->count; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		stream = open_memstream(&text, &length);
		assert_non_null(stream);
		decision_print(&world->policies[i], name, 1, stream);
		assert_int_equal(fclose(stream), 0);
		built_add(&set->built, decision_build(&world->policies[i], text, set->number[i]));
		free(text);
	}
}

/* What is withdrawn can change without the policies. */
static inline void decision_set_ranges(const struct model_world *world, struct decision_set *set)
{
	struct dmp_rule_set *rules = &set->built.set;
	u32 i;

	rules->withdrawn_count = world->withdrawn_count;
	for (i = 0; i < world->withdrawn_count; i++)
		rules->withdrawn[i] = (struct dmp_pages){ world->withdrawn[i].first_page,
							  world->withdrawn[i].last_page };
}

static inline enum dmp_match decision_in_group(const struct dmp_subject *subject, u32 gid)
{
	const struct model_subject *model = subject->groups;
	u32 i;

	for (i = 0; i < model->group_count; i++)
		if (model->groups[i] == gid)
			return DMP_MATCH_YES;
	return subject->gid == gid ? DMP_MATCH_YES : DMP_MATCH_NO;
}

static inline struct dmp_subject decision_subject(const struct model_subject *model)
{
	return (struct dmp_subject){
		.known = ALL_CONDITIONS,
		.uid = model->uid,
		.gid = model->gid,
		.program = decision_program(model->exe),
		.in_group = decision_in_group,
		.groups = model,
	};
}

static inline unsigned int decision_ops(enum devmem_policy_operation operation)
{
	if (operation == DEVMEM_POLICY_OPERATION_MMAP_WRITE)
		return DEVMEM_POLICY_OP_READ | DEVMEM_POLICY_OP_WRITE;
	if (operation == DEVMEM_POLICY_OPERATION_WRITE)
		return DEVMEM_POLICY_OP_WRITE;
	return DEVMEM_POLICY_OP_READ;
}

/* subject must live as long as the question. */
static inline struct dmp_question decision_question(const struct model_world *world,
						    const struct model_access *access,
						    const struct dmp_subject *subject,
						    bool enforced)
{
	return (struct dmp_question){
		.pfn = access->page,
		.ops = decision_ops(access->operation),
		.enforced = enforced,
		.subject = subject,
		.clock = { (u64)world->now, (u64)world->latest },
	};
}

/* A rule of the set as the bit that the model gives it. */
static inline unsigned long decision_rule_bit(const struct decision_set *set, u32 policy, u32 rule)
{
	if (policy == DMP_NO_RULE || rule == DMP_NO_RULE)
		return 0;
	return 1ul << (MODEL_MAX_RULES * policy + set->number[policy][rule]);
}

static inline enum dmp_ruling_kind decision_kind(enum model_nearness nearness)
{
	static const enum dmp_ruling_kind kinds[] = {
		[MODEL_ELSEWHERE] = DMP_RULING_NONE,
		[MODEL_OTHER_OPERATION] = DMP_RULING_OPERATION,
		[MODEL_OTHER_SUBJECT] = DMP_RULING_SUBJECT,
		[MODEL_ENDED] = DMP_RULING_EXPIRED,
		[MODEL_NOT_BEGUN] = DMP_RULING_NOT_YET,
		[MODEL_WITHDRAWN] = DMP_RULING_WITHDRAWN,
		[MODEL_ALLOWS] = DMP_RULING_ALLOW,
		[MODEL_DENIES] = DMP_RULING_DENY,
	};

	return kinds[nearness];
}

#endif /* DEVMEM_POLICY_TESTS_DECISION_FIXTURE_H */
