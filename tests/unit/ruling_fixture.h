/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ruling_fixture.h - policies, from text to what rulings are made on */
#ifndef DEVMEM_POLICY_TESTS_RULING_FIXTURE_H
#define DEVMEM_POLICY_TESTS_RULING_FIXTURE_H

#include "policy_fixture.h"

#include "policy/ruling.h"

#define PAGE_SHIFT 12 /* of decision_text.h too */

/* A policy ready to be asked. */
struct built {
	struct dmp_buffer bytes;
	struct dmp_rules rules;
	struct dmp_segment *segments;
	u32 *conditional;
	u32 *conditional_at;
	u8 *withdrawn; /* a set of rules, of exactly the size that it takes */
	struct dmp_program *programs;
};

static inline struct built built_decode(struct dmp_buffer bytes)
{
	struct dmp_decode_error error;
	struct built built = { .bytes = bytes };
	u32 rules;

	if (dmp_decode(bytes.bytes, bytes.length, &built.rules.view, &error))
		fail_msg("cannot decode: %s", error.what);
	rules = built.rules.view.header.rule_count;
	built.withdrawn = calloc((rules + 7) / 8 + 1, 1);
	built.programs = calloc(built.rules.view.header.attribute_count + 1,
				sizeof(*built.programs));
	assert_non_null(built.withdrawn);
	assert_non_null(built.programs);
	built.rules.withdrawn = built.withdrawn;
	built.rules.programs = built.programs;
	return built;
}

static inline void built_withdraw(struct built *built, u32 rule)
{
	built->withdrawn[rule / 8] |= (u8)(1u << rule % 8);
}

static inline void built_forget_index(struct built *built)
{
	free(built->segments);
	free(built->conditional);
	free(built->conditional_at);
	built->segments = NULL;
	built->conditional = NULL;
	built->conditional_at = NULL;
}

/*
 * Exactly the room that was asked for, so that ASan sees one segment more; it is
 * filled with what is certainly wrong. Return: as dmp_index_build().
 */
static inline int built_index(struct built *built, unsigned int page_shift, u32 *rule)
{
	struct dmp_index_build build = {
		.view = &built->rules.view,
		.withdrawn = built->withdrawn,
		.page_shift = page_shift,
	};
	u32 segments, conditional;
	int ret;

	built_forget_index(built);
	ret = dmp_index_build(&build);
	*rule = build.rule;
	if (ret)
		return ret;
	segments = build.segment_count;
	conditional = build.conditional_count;
	built->segments = malloc(segments * sizeof(*built->segments) + 1);
	built->conditional = malloc(conditional * sizeof(*built->conditional) + 1);
	assert_non_null(built->segments);
	assert_non_null(built->conditional);
	memset(built->segments, 0xa5, segments * sizeof(*built->segments));
	memset(built->conditional, 0xa5, conditional * sizeof(*built->conditional));
	if (conditional) {
		built->conditional_at = malloc((segments + 1) * sizeof(*built->conditional_at));
		assert_non_null(built->conditional_at);
	}
	build.segments = built->segments;
	build.conditional = built->conditional;
	build.conditional_at = built->conditional_at;
	assert_int_equal(dmp_index_build(&build), 0);
	assert_int_equal(build.segment_count, segments);
	assert_int_equal(build.conditional_count, conditional);
	built->rules.index.segments = built->segments;
	built->rules.index.segment_count = segments;
	built->rules.index.conditional = built->conditional;
	built->rules.index.conditional_count = conditional;
	built->rules.index.conditional_at = built->conditional_at;
	return 0;
}

/* Text that must be good, as far as the index. */
static inline struct built built_text(const char *text)
{
	struct built built = built_decode(compile_text(text));
	u32 rule;

	assert_int_equal(built_index(&built, PAGE_SHIFT, &rule), 0);
	return built;
}

static inline void built_release(struct built *built)
{
	built_forget_index(built);
	free(built->withdrawn);
	free(built->programs);
	dmp_buffer_free(&built->bytes);
}

/* Several policies in force. */
struct built_set {
	struct dmp_rule_set set;
	struct built members[DMP_MAX_POLICIES];
};

/* Take a policy up; its index is there already. */
static inline void built_add(struct built_set *built, struct built member)
{
	struct dmp_rule_set *set = &built->set;
	struct built *place = &built->members[set->count];
	bool permissive, default_deny;

	assert_in_range(set->count, 0, DMP_MAX_POLICIES - 1);
	*place = member;
	permissive = dmp_rules_permissive(&place->rules);
	default_deny = place->rules.view.header.flags & DMP_FLAG_DEFAULT_DENY;
	set->any_permissive |= permissive;
	set->default_deny_all |= default_deny;
	set->default_deny |= default_deny && !permissive;
	set->rules[set->count++] = &place->rules;
}

static inline void built_set_release(struct built_set *built)
{
	u32 i;

	for (i = 0; i < built->set.count; i++)
		built_release(&built->members[i]);
	memset(&built->set, 0, sizeof(built->set));
}

#endif /* DEVMEM_POLICY_TESTS_RULING_FIXTURE_H */
