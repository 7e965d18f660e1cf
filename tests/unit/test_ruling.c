// SPDX-License-Identifier: GPL-2.0-or-later
/* test_ruling.c - the union of several policies against a naive model, page by page */
#include "policy_fixture.h"

#include "policy/ruling.h"

#define PAGE_SHIFT 12
#define WINDOW 32u
#define ROUNDS 1500
#define MAX_SET 4
#define MAX_RULES 6

#define R DEVMEM_POLICY_OP_READ
#define W DEVMEM_POLICY_OP_WRITE

struct member {
	struct dmp_buffer bytes;
	struct dmp_rules rules;
	struct dmp_segment *segments;
};

struct built_set {
	struct dmp_rule_set set;
	struct member members[MAX_SET];
};

static void add_member(struct built_set *built, const char *text)
{
	struct member *member = &built->members[built->set.count];
	struct dmp_decode_error error;
	u32 misaligned;
	s64 count;

	member->bytes = compile_text(text);
	assert_int_equal(dmp_decode(member->bytes.bytes, member->bytes.length,
				    &member->rules.view, &error),
			 0);
	member->segments =
		calloc(dmp_index_bound(member->rules.view.header.rule_count) + 1,
		       sizeof(*member->segments));
	count = dmp_index_build(&member->rules.view, PAGE_SHIFT,
				member->segments, &misaligned);
	assert_true(count >= 0);
	member->rules.index.segments = member->segments;
	member->rules.index.segment_count = (u32)count;
	built->set.rules[built->set.count++] = &member->rules;
}

static void release(struct built_set *built)
{
	u32 i;

	for (i = 0; i < built->set.count; i++) {
		free(built->members[i].segments);
		dmp_buffer_free(&built->members[i].bytes);
	}
}

/* What all the rules of all the policies say about one page and operation. */
struct opinions {
	bool named; /* by a rule for whatever operation */
	bool denied, allowed, unreserved;
};

static void ask_rule(const struct dmp_rule *rule, u64 pfn, u32 op,
		     struct opinions *opinions)
{
	if (pfn < rule->first >> PAGE_SHIFT || pfn > rule->last >> PAGE_SHIFT)
		return;
	opinions->named = true;
	if (!(rule->ops & op))
		return;
	if (rule->action == DEVMEM_POLICY_DENY) {
		opinions->denied = true;
		return;
	}
	opinions->allowed = true;
	if (rule->flags & DEVMEM_POLICY_RULE_UNRESERVED_RAM)
		opinions->unreserved = true;
}

static struct opinions ask(const struct built_set *built, u64 pfn, u32 op)
{
	struct opinions opinions = { 0 };
	struct dmp_rule rule;
	u32 i, j;

	for (i = 0; i < built->set.count; i++)
		for (j = 0; j < built->members[i].rules.view.header.rule_count; j++) {
			dmp_view_rule(&built->members[i].rules.view, j, &rule);
			ask_rule(&rule, pfn, op, &opinions);
		}
	return opinions;
}

/* The words of DESIGN: deny beats allow, an allow needs every operation. */
static enum dmp_ruling_kind naive(const struct built_set *built, u64 pfn, u32 ops,
				  bool *unreserved)
{
	struct opinions r = ask(built, pfn, R), w = ask(built, pfn, W);

	*unreserved = (!(ops & R) || r.unreserved) && (!(ops & W) || w.unreserved);
	if ((ops & R && r.denied) || (ops & W && w.denied))
		return DMP_RULING_DENY;
	if ((!(ops & R) || r.allowed) && (!(ops & W) || w.allowed))
		return DMP_RULING_ALLOW;
	return r.named ? DMP_RULING_OPERATION : DMP_RULING_NONE;
}

/* The rule that a ruling names must be one that says so. */
static void check_named_rule(const struct built_set *built, u64 pfn, u32 ops,
			     const struct dmp_ruling *ruling)
{
	const struct dmp_segment *segment;
	struct dmp_rule rule;

	assert_in_range(ruling->policy, 0, built->set.count - 1);
	segment = &built->members[ruling->policy].segments[ruling->segment];
	assert_true(segment->first_pfn <= pfn && pfn <= segment->last_pfn);
	dmp_view_rule(&built->members[ruling->policy].rules.view, ruling->rule, &rule);
	assert_true(rule.first >> PAGE_SHIFT <= pfn && pfn <= rule.last >> PAGE_SHIFT);
	if (ruling->kind == DMP_RULING_OPERATION)
		return;
	assert_true(rule.ops & ops);
	assert_int_equal(rule.action, ruling->kind == DMP_RULING_DENY ?
					      DEVMEM_POLICY_DENY :
					      DEVMEM_POLICY_ALLOW);
}

static void check_page(const struct built_set *built, u64 pfn, u32 ops, u32 *kinds)
{
	struct dmp_ruling ruling;
	bool unreserved;
	u64 other;

	dmp_ruling_make(&built->set, pfn, ops, &ruling);
	assert_int_equal(ruling.kind, naive(built, pfn, ops, &unreserved));
	kinds[ruling.kind]++;
	if (ruling.kind == DMP_RULING_ALLOW)
		assert_int_equal(ruling.unreserved, unreserved);
	if (ruling.kind != DMP_RULING_NONE)
		check_named_rule(built, pfn, ops, &ruling);
	assert_true(ruling.first_pfn <= pfn && pfn <= ruling.last_pfn);
	/* The whole run has the same ruling. */
	for (other = ruling.first_pfn; other <= ruling.last_pfn && other < WINDOW; other++)
		assert_int_equal(naive(built, other, ops, &unreserved), ruling.kind);
}

static void random_policy(struct random *random, u32 number, FILE *stream)
{
	static const char *const ops[] = { "r", "w", "rw" };
	u32 count = random_below(random, MAX_RULES + 1), i, first, kind;

	fprintf(stream, "policy p%u\nserial 1\n", number);
	for (i = 0; i < count; i++) {
		first = random_below(random, WINDOW);
		kind = random_below(random, 8);
		fprintf(stream, "%s %s 0x%x+%uK%s label \"%u\"\n",
			kind ? "allow" : "deny", ops[random_below(random, 3)],
			first << PAGE_SHIFT, 4 * (1 + random_below(random, 8)),
			kind > 4 ? " unreserved-ram" : "", i);
	}
}

/* A policy at random, without rules that occur twice. */
static void add_random(struct built_set *built, struct random *random)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_policy policy;
	size_t length;
	FILE *stream;
	char *text;
	int ret;

	do {
		stream = open_memstream(&text, &length);
		random_policy(random, built->set.count, stream);
		fclose(stream);
		ret = dmp_parse(text, length, &policy, &diagnostics);
		dmp_diagnostics_free(&diagnostics);
		if (!ret) {
			dmp_policy_free(&policy);
			add_member(built, text);
		}
		free(text);
	} while (ret);
}

static void test_random_sets(void **state)
{
	struct random random = { 0x72756c696e67 };
	u32 round, kinds[4] = { 0 }, ops;
	u64 pfn;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		struct built_set built = { 0 };
		u32 members = random_below(&random, MAX_SET + 1);

		while (built.set.count < members)
			add_random(&built, &random);
		for (pfn = 0; pfn < WINDOW; pfn++)
			for (ops = R; ops <= (R | W); ops++)
				check_page(&built, pfn, ops, kinds);
		release(&built);
	}
	/* None of the four is a rarity that was not tested. */
	for (round = 0; round < 4; round++)
		assert_true(kinds[round] > 5000);
}

static void test_two_policies_make_one_allow(void **state)
{
	struct built_set built = { 0 };
	struct dmp_ruling ruling;

	(void)state;
	add_member(&built, "policy readers\nserial 1\nallow r 0x1000+4K\n");
	add_member(&built, "policy writers\nserial 1\nallow w 0x1000+8K\n");
	dmp_ruling_make(&built.set, 1, R | W, &ruling);
	assert_int_equal(ruling.kind, DMP_RULING_ALLOW);
	assert_int_equal(ruling.policy, 1);
	dmp_ruling_make(&built.set, 2, R | W, &ruling);
	assert_int_equal(ruling.kind, DMP_RULING_OPERATION);
	dmp_ruling_make(&built.set, 2, W, &ruling);
	assert_int_equal(ruling.kind, DMP_RULING_ALLOW);
	assert_true(ruling.first_pfn == 2 && ruling.last_pfn == 2);
	release(&built);
}

static void test_no_policy(void **state)
{
	struct built_set built = { 0 };
	struct dmp_ruling ruling;

	(void)state;
	dmp_ruling_make(&built.set, 7, R, &ruling);
	assert_int_equal(ruling.kind, DMP_RULING_NONE);
	assert_true(ruling.first_pfn == 0 && ruling.last_pfn == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_sets),
		cmocka_unit_test(test_two_policies_make_one_allow),
		cmocka_unit_test(test_no_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
