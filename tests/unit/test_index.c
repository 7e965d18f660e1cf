// SPDX-License-Identifier: GPL-2.0-or-later
/* test_index.c - the range index against a naive model, page by page */
#include "many_rules.h"

#define LAST_PFN (UINT64_MAX >> PAGE_SHIFT)
/* Pages that are compared one by one, at both ends of the address space. */
#define WINDOW 48u
#define ROUNDS 3000
#define MAX_RULES 24
#define SEED 0x6465766d656d
/* Rounds with more rules with conditions than a page may have, in fewer pages. */
#define CROWDED_ROUNDS 400
#define CROWDED_RULES 90
#define CROWDED_WINDOW 16u

static bool names(const struct dmp_rule *rule, u64 pfn)
{
	return rule->first >> PAGE_SHIFT <= pfn && pfn <= rule->last >> PAGE_SHIFT;
}

static bool is_conditional(const struct built *built, u32 i, const struct dmp_rule *rule)
{
	return rule->conditions || dmp_rule_in(built->withdrawn, i);
}

/* The smaller, the sooner it decides. */
static u32 rank(const struct dmp_rule *rule)
{
	if (rule->action == DEVMEM_POLICY_DENY)
		return 0;
	return rule->flags & DEVMEM_POLICY_RULE_UNRESERVED_RAM ? 1 : 2;
}

/* All that the index is to say of a page. */
struct answer {
	u32 rule[DMP_OPS];
	u32 count;
	u32 conditional[CROWDED_RULES];
};

static void hear(const struct dmp_rule *rule, u32 i, u32 best[DMP_OPS], struct answer *answer)
{
	u32 op;

	for (op = 0; op < DMP_OPS; op++) {
		if (!(rule->ops & (1u << op)) || rank(rule) >= best[op])
			continue;
		best[op] = rank(rule);
		answer->rule[op] = i;
	}
}

/* The definition in index.h, word for word, but for the limit. */
static struct answer naive(const struct built *built, u64 pfn)
{
	struct answer answer = { .rule = { DMP_NO_RULE, DMP_NO_RULE } };
	u32 i, best[DMP_OPS] = { 3, 3 };
	struct dmp_rule rule;

	for (i = 0; i < built->rules.view.header.rule_count; i++) {
		dmp_view_rule(&built->rules.view, i, &rule);
		if (!names(&rule, pfn))
			continue;
		if (is_conditional(built, i, &rule))
			answer.conditional[answer.count++] = i;
		else
			hear(&rule, i, best, &answer);
	}
	return answer;
}

static bool is_empty(const struct answer *answer)
{
	return answer->rule[0] == DMP_NO_RULE && answer->rule[1] == DMP_NO_RULE && !answer->count;
}

static bool same_answer(const struct built *built, u64 a, u64 b)
{
	struct answer x = naive(built, a), y = naive(built, b);

	return x.rule[0] == y.rule[0] && x.rule[1] == y.rule[1] && x.count == y.count &&
	       !memcmp(x.conditional, y.conditional, x.count * sizeof(u32));
}

static const struct dmp_segment *find(const struct built *built, u64 pfn, u64 *first, u64 *last)
{
	u32 touched = 0;

	return dmp_index_find(&built->rules.index, pfn, first, last, &touched);
}

/* How many conditional rules a segment has */
static u32 conditional_count(const struct built *built, u32 segment)
{
	return dmp_index_candidates_of(&built->rules.index, segment) - DMP_OPS;
}

static void check_candidates(const struct built *built, u32 segment, const struct answer *answer)
{
	const struct dmp_index *index = &built->rules.index;
	u32 i;

	assert_int_equal(conditional_count(built, segment), answer->count);
	for (i = 0; i < DMP_OPS; i++)
		assert_int_equal(dmp_index_rule(index, segment, i), answer->rule[i]);
	for (i = 0; i < answer->count; i++)
		assert_int_equal(dmp_index_rule(index, segment, DMP_OPS + i),
				 answer->conditional[i]);
}

/* The run holds one answer, and all of its neighbourhood that does. */
static void check_run(const struct built *built, u64 pfn, u64 first, u64 last)
{
	assert_true(first <= pfn && pfn <= last);
	assert_true(same_answer(built, pfn, first));
	assert_true(same_answer(built, pfn, last));
	if (first)
		assert_false(same_answer(built, pfn, first - 1));
	if (last < LAST_PFN)
		assert_false(same_answer(built, pfn, last + 1));
}

static void check_page(const struct built *built, u64 pfn)
{
	struct answer answer = naive(built, pfn);
	const struct dmp_segment *segment;
	u64 first, last;

	segment = find(built, pfn, &first, &last);
	if (segment)
		check_candidates(built, (u32)(segment - built->segments), &answer);
	assert_int_equal(!segment, is_empty(&answer));
	check_run(built, pfn, first, last);
}

/* The numbers of the candidates are dense, each used once. */
static void check_numbers(const struct built *built)
{
	const struct dmp_index *index = &built->rules.index;
	u32 i, n, next = 0;

	for (i = 0; i < index->segment_count; i++)
		for (n = 0; n < dmp_index_candidates_of(index, i); n++)
			assert_int_equal(dmp_index_candidate(index, i, n), next++);
	assert_int_equal(next, dmp_index_candidates(index));
}

static void check_all(const struct built *built)
{
	u64 pfn;
	u32 i;

	for (i = 1; i < built->rules.index.segment_count; i++)
		assert_true(built->segments[i - 1].last_pfn < built->segments[i].first_pfn);
	check_numbers(built);
	for (pfn = 0; pfn < WINDOW; pfn++) {
		check_page(built, pfn);
		check_page(built, LAST_PFN - pfn);
	}
	check_page(built, LAST_PFN / 2);
}

/* A page of either window; ranges from one to the other occur too. */
static u64 random_page(struct random *random)
{
	u64 page = random_below(random, WINDOW);

	return random_below(random, 3) ? page : LAST_PFN - page;
}

static void print_rule(FILE *stream, struct random *random, u64 a, u64 b)
{
	static const char *const ops[] = { "r", "w", "rw" };
	u32 kind = random_below(random, 4);

	fprintf(stream, "%s %s 0x%llx-0x%llx%s", kind < 2 ? "deny" : "allow",
		ops[random_below(random, 3)],
		(unsigned long long)(a < b ? a : b) << PAGE_SHIFT,
		(unsigned long long)(a < b ? b : a) << PAGE_SHIFT | 0xfff,
		kind == 3 ? " unreserved-ram" : "");
}

static void random_text(struct random *random, FILE *stream)
{
	u32 count = random_below(random, MAX_RULES + 1), i;

	fputs("policy random\nserial 1\n", stream);
	for (i = 0; i < count; i++) {
		print_rule(stream, random, random_page(random), random_page(random));
		if (!random_below(random, 3))
			fprintf(stream, " uid %u", random_below(random, 3));
		fputc('\n', stream);
	}
}

/* By chance a rule occurs twice. */
static bool is_good(const char *text)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_policy policy;
	int ret = dmp_parse(text, strlen(text), &policy, &diagnostics);

	dmp_diagnostics_free(&diagnostics);
	if (!ret)
		dmp_policy_free(&policy);
	return !ret;
}

static char *text_of(void (*print)(struct random *, FILE *), struct random *random)
{
	size_t length;
	char *text;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	print(random, stream);
	assert_int_equal(fclose(stream), 0);
	return text;
}

static void withdraw_at_random(struct built *built, struct random *random, u32 one_in)
{
	u32 i;

	for (i = 0; i < built->rules.view.header.rule_count; i++)
		if (!random_below(random, one_in))
			built_withdraw(built, i);
}

static bool check_random(struct random *random)
{
	char *text = text_of(random_text, random);
	bool good = is_good(text);
	struct built built;
	u32 rule;

	if (good) {
		built = built_decode(compile_text(text));
		if (random_below(random, 2))
			withdraw_at_random(&built, random, 5);
		assert_int_equal(built_index(&built, PAGE_SHIFT, &rule), 0);
		check_all(&built);
		built_release(&built);
	}
	free(text);
	return good;
}

/* What went wrong is found again by the state that its round began with. */
static u64 under_way;

static int tell_state(void **state)
{
	(void)state;
	if (under_way)
		print_message("# the random state was 0x%llx\n", (unsigned long long)under_way);
	under_way = 0;
	return 0;
}

static void test_random(void **state)
{
	struct random random = { SEED };
	u32 round, checked = 0;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		under_way = random.state;
		checked += check_random(&random);
	}
	under_way = 0;
	assert_in_range(checked, ROUNDS * 2 / 3, ROUNDS);
}

/* --- the limit of rules with conditions ------------------------------------ */

static int compare_rules(const void *a, const void *b)
{
	const struct dmp_policy_rule *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	if (x->action != y->action)
		return x->action < y->action ? -1 : 1;
	if (x->ops != y->ops)
		return x->ops < y->ops ? -1 : 1;
	if (x->conditions != y->conditions)
		return x->conditions < y->conditions ? -1 : 1;
	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

/* Past the parser, which would refuse what this is about; rules get sorted. */
static struct built built_rules(struct dmp_policy_rule *rules, u32 count)
{
	struct dmp_policy policy = {
		.name = "crowded",
		.serial = 1,
		.rule_count = count,
		.rules = rules,
	};
	struct dmp_message message;
	struct dmp_buffer bytes;

	qsort(rules, count, sizeof(*rules), compare_rules);
	if (dmp_compile(&policy, &bytes, &message))
		fail_msg("cannot compile: %s", message.text);
	return built_decode(bytes);
}

static struct dmp_policy_rule rule_at(u64 first_pfn, u64 last_pfn, bool conditional, u32 uid)
{
	return (struct dmp_policy_rule){
		.first = first_pfn << PAGE_SHIFT,
		.last = last_pfn << PAGE_SHIFT | 0xfff,
		.action = uid % 3 ? DEVMEM_POLICY_ALLOW : DEVMEM_POLICY_DENY,
		.ops = (u8)(1 + uid % 2),
		.conditions = conditional ? DEVMEM_POLICY_CONDITION_UID : 0,
		.uid = conditional ? uid : 0,
	};
}

/* The first page that too many name, and of those the first that is too many. */
static int naive_limit(const struct built *built, u64 pages, u32 *rule)
{
	struct answer answer;
	u64 pfn;

	for (pfn = 0; pfn < pages; pfn++) {
		answer = naive(built, pfn);
		if (answer.count <= DMP_MAX_CONDITIONAL)
			continue;
		*rule = answer.conditional[DMP_MAX_CONDITIONAL];
		return -E2BIG;
	}
	return 0;
}

/* Ranges of 1 to 16 pages; each rule a uid of its own, a few without conditions. */
static u32 crowded_rules(struct random *random, struct dmp_policy_rule *rules)
{
	u32 count = CROWDED_RULES - random_below(random, 30), i, page;
	u32 plain = 0;

	for (i = 0; i < count; i++) {
		page = random_below(random, CROWDED_WINDOW);
		rules[i] = rule_at(page, page + random_below(random, CROWDED_WINDOW),
				   plain > 3 || random_below(random, 8), 1000 + i);
		/* Two without conditions could be the same. */
		if (!rules[i].conditions)
			rules[i].last = (u64)(200 + plain++) << PAGE_SHIFT | 0xfff;
	}
	return count;
}

static void test_random_crowds(void **state)
{
	struct dmp_policy_rule rules[CROWDED_RULES];
	struct random random = { SEED + 1 };
	u32 round, rule, wanted, refused = 0;
	struct built built;
	u64 pfn;

	(void)state;
	for (round = 0; round < CROWDED_ROUNDS; round++) {
		under_way = random.state;
		built = built_rules(rules, crowded_rules(&random, rules));
		if (naive_limit(&built, 3 * CROWDED_WINDOW, &wanted)) {
			assert_int_equal(built_index(&built, PAGE_SHIFT, &rule), -E2BIG);
			assert_int_equal(rule, wanted);
			refused++;
		} else {
			assert_int_equal(built_index(&built, PAGE_SHIFT, &rule), 0);
			for (pfn = 0; pfn < 3 * CROWDED_WINDOW; pfn++)
				check_page(&built, pfn);
		}
		built_release(&built);
	}
	under_way = 0;
	/* Both happened often. */
	assert_in_range(refused, CROWDED_ROUNDS / 10, CROWDED_ROUNDS * 9 / 10);
}

static void test_limit_is_exact(void **state)
{
	struct dmp_policy_rule rules[DMP_MAX_CONDITIONAL + 2];
	struct built built;
	u32 i, rule = 0;

	(void)state;
	for (i = 0; i < DMP_MAX_CONDITIONAL; i++)
		rules[i] = rule_at(7, 7, true, 3 * i);
	/* One that any number of others may join: it has no condition. */
	rules[i] = rule_at(7, 7, false, 0);
	built = built_rules(rules, DMP_MAX_CONDITIONAL + 1);
	assert_int_equal(built_index(&built, PAGE_SHIFT, &rule), 0);
	assert_int_equal(conditional_count(&built, 0), DMP_MAX_CONDITIONAL);
	check_all(&built);
	built_release(&built);

	rules[i + 1] = rule_at(7, 8, true, 3);
	built = built_rules(rules, DMP_MAX_CONDITIONAL + 2);
	assert_int_equal(built_index(&built, PAGE_SHIFT, &rule), -E2BIG);
	/* In canonical order it is the last, for it ends last. */
	assert_int_equal(rule, DMP_MAX_CONDITIONAL + 1);
	built_release(&built);
}

/* Rules that end where others begin never meet, however many there are. */
static void test_limit_is_of_one_page(void **state)
{
	struct dmp_policy_rule rules[4 * DMP_MAX_CONDITIONAL];
	struct built built;
	u32 i, rule;

	(void)state;
	for (i = 0; i < 4 * DMP_MAX_CONDITIONAL; i++)
		rules[i] = rule_at(i / DMP_MAX_CONDITIONAL * 4, i / DMP_MAX_CONDITIONAL * 4 + 3,
				   true, i);
	built = built_rules(rules, 4 * DMP_MAX_CONDITIONAL);
	assert_int_equal(built_index(&built, PAGE_SHIFT, &rule), 0);
	assert_int_equal(built.rules.index.segment_count, 4);
	check_all(&built);
	built_release(&built);
}

/* Each of the n rules that were not withdrawn is there, in order. */
static void check_crowd(const struct built *built, u32 segment, u32 wanted)
{
	u32 i, rule, before = 0, kept = 0;

	assert_in_range(conditional_count(built, segment), wanted, DMP_MAX_CONDITIONAL);
	for (i = 0; i < conditional_count(built, segment); i++) {
		rule = dmp_index_rule(&built->rules.index, segment, DMP_OPS + i);
		assert_true(!i || rule > before);
		before = rule;
		kept += !dmp_rule_in(built->withdrawn, rule);
	}
	assert_int_equal(kept, wanted);
}

/* Withdrawing makes room for nothing and takes none away. */
static void test_withdrawn_rules_make_room(void **state)
{
	struct dmp_policy_rule rules[3 * DMP_MAX_CONDITIONAL];
	struct built built;
	u32 i, rule;

	(void)state;
	for (i = 0; i < 3 * DMP_MAX_CONDITIONAL; i++)
		rules[i] = rule_at(7, 7 + i / 2, true, 3 * i + 1);
	built = built_rules(rules, 3 * DMP_MAX_CONDITIONAL);
	/* Two of three, so that 32 remain: some before, between and behind. */
	for (i = 0; i < 3 * DMP_MAX_CONDITIONAL; i++)
		if (i % 3 != 1)
			built_withdraw(&built, i);
	assert_int_equal(built_index(&built, PAGE_SHIFT, &rule), 0);
	assert_true(built.segments[0].first_pfn == 7);
	check_crowd(&built, 0, DMP_MAX_CONDITIONAL);
	built_release(&built);
}

/* Withdrawn rules without conditions no longer decide, but are there to be told. */
static void test_withdrawn_rules_are_listed(void **state)
{
	struct built built = built_decode(compile_text("policy gone\nserial 1\n"
						       "allow r 0x1000+4K\n"
						       "allow rw 0x1000+4K\n"));
	u32 rule;

	(void)state;
	built_withdraw(&built, 0);
	assert_int_equal(built_index(&built, PAGE_SHIFT, &rule), 0);
	assert_int_equal(built.segments[0].rule[0], 1);
	assert_int_equal(conditional_count(&built, 0), 1);
	assert_int_equal(built.conditional[0], 0);
	built_withdraw(&built, 1);
	assert_int_equal(built_index(&built, PAGE_SHIFT, &rule), 0);
	assert_int_equal(built.segments[0].rule[0], DMP_NO_RULE);
	assert_int_equal(conditional_count(&built, 0), 2);
	check_all(&built);
	built_release(&built);
}

/* --- shapes ------------------------------------------------------------------ */

static void test_edges(void **state)
{
	struct built built = built_text("policy edges\nserial 1\n"
					"allow rw 0+4K\n"
					"allow r 0+4K uid 1\n"
					"allow r 0xfffffffffffff000+4K\n"
					"allow rw 0xfffffffffffff000+4K uid 1\n");

	(void)state;
	assert_int_equal(built.rules.index.segment_count, 2);
	assert_true(built.segments[0].first_pfn == 0);
	assert_true(built.segments[1].last_pfn == LAST_PFN);
	check_all(&built);
	built_release(&built);

	built = built_text("policy all\nserial 1\n"
			   "deny w 0-0xffffffffffffffff\n"
			   "allow rw 0-0xffffffffffffffff\n"
			   "allow rw 0-0xffffffffffffffff gid 7\n");
	assert_int_equal(built.rules.index.segment_count, 1);
	assert_int_equal(built.segments[0].rule[0], 0);
	assert_int_equal(built.segments[0].rule[1], 2);
	assert_int_equal(built.conditional[0], 1);
	check_all(&built);
	built_release(&built);
}

static void test_empty(void **state)
{
	struct built built = built_text("policy none\nserial 1\ndefault deny\n");
	u64 first, last;

	(void)state;
	assert_int_equal(built.rules.index.segment_count, 0);
	assert_null(find(&built, 7, &first, &last));
	assert_true(first == 0 && last == UINT64_MAX);
	built_release(&built);
}

static void test_neighbours_are_merged(void **state)
{
	/* The second rule's pages belong to the first one in any case. */
	struct built built = built_text("policy merge\nserial 1\n"
					"allow rw 0x1000-0x8fff\n"
					"allow rw 0x3000-0x4fff\n");

	(void)state;
	assert_int_equal(built.rules.index.segment_count, 1);
	assert_int_equal(built.segments[0].first_pfn, 1);
	assert_int_equal(built.segments[0].last_pfn, 8);
	built_release(&built);
	/* Not so if somebody must ask first. */
	built = built_text("policy split\nserial 1\n"
			   "allow rw 0x1000-0x8fff\n"
			   "allow rw 0x3000-0x4fff uid 1\n");
	assert_int_equal(built.rules.index.segment_count, 3);
	check_all(&built);
	built_release(&built);
}

/* Rules of 64 KiB pages, which those of 4 KiB are not. */
static int index_large_pages(const char *text, struct built *built, u32 *rule)
{
	*built = built_decode(compile_text(text));
	return built_index(built, 16, rule);
}

static void test_alignment(void **state)
{
	struct built built;
	u32 rule = 99;

	(void)state;
	assert_int_equal(index_large_pages("policy aligned\nserial 1\n"
					   "allow r 0x10000-0x1ffff\n"
					   "allow r 0x20000-0x2efff uid 1\n",
					   &built, &rule),
			 -ERANGE);
	assert_int_equal(rule, 1);
	built_release(&built);

	assert_int_equal(index_large_pages("policy aligned\nserial 1\nallow r 0x11000-0x1ffff\n",
					   &built, &rule),
			 -ERANGE);
	assert_int_equal(rule, 0);
	built_release(&built);

	assert_int_equal(index_large_pages("policy aligned\nserial 1\nallow r 0x10000-0x2ffff\n",
					   &built, &rule),
			 0);
	assert_int_equal(built.rules.index.segment_count, 1);
	assert_int_equal(built.segments[0].first_pfn, 1);
	assert_int_equal(built.segments[0].last_pfn, 2);
	built_release(&built);
}

/* --- as many rules as a policy may have -------------------------------------- */

/* Not timed but counted: over the whole space, no lookup looks at more. */
static void check_touched(const struct built *built, u64 pages)
{
	u32 most = halvings(built->rules.index.segment_count), touched;
	u64 pfn, first, last;

	for (pfn = 0; pfn < pages; pfn++) {
		touched = 0;
		dmp_index_find(&built->rules.index, pfn, &first, &last, &touched);
		assert_in_range(touched, 1, most);
	}
	touched = 0;
	dmp_index_find(&built->rules.index, LAST_PFN, &first, &last, &touched);
	assert_in_range(touched, 1, most);
}

static void check_some(const struct built *built, u64 pfn)
{
	u64 i;

	for (i = 0; i < 60; i++)
		check_page(built, pfn + i);
}

static void test_many_in_a_chain(void **state)
{
	struct built built = built_printed(print_chain);

	(void)state;
	check_some(&built, 0);
	check_some(&built, 2 * DMP_MAX_RULES - 30);
	check_touched(&built, 2 * DMP_MAX_RULES + 30);
	built_release(&built);
}

static void test_many_pairs(void **state)
{
	struct built built = built_printed(print_pairs);

	(void)state;
	assert_int_equal(built.rules.index.segment_count, DMP_MAX_RULES / 2 * 3);
	check_some(&built, 0);
	check_some(&built, 2 * DMP_MAX_RULES - 30);
	check_touched(&built, 2 * DMP_MAX_RULES + 30);
	built_release(&built);
}

static void test_many_nested(void **state)
{
	struct built built = built_printed(print_nest);
	const struct dmp_segment *segment;
	u64 first, last;

	(void)state;
	/* The first of the two kinds decide wherever they are together. */
	segment = find(&built, DMP_MAX_RULES, &first, &last);
	assert_int_equal(segment->rule[0], 1);
	assert_int_equal(segment->rule[1], 0);
	check_some(&built, 0);
	check_some(&built, 2 * DMP_MAX_RULES - 30);
	check_touched(&built, 2 * DMP_MAX_RULES + 30);
	built_release(&built);
}

static void test_many_with_conditions(void **state)
{
	struct built built = built_printed(print_crowds);

	(void)state;
	assert_int_equal(built.rules.index.segment_count, DMP_MAX_RULES / DMP_MAX_CONDITIONAL);
	assert_int_equal(built.rules.index.conditional_count, DMP_MAX_RULES);
	check_numbers(&built);
	check_some(&built, 0);
	check_some(&built, 4 * DMP_MAX_RULES / DMP_MAX_CONDITIONAL - 30);
	check_touched(&built, 4 * DMP_MAX_RULES / DMP_MAX_CONDITIONAL + 30);
	built_release(&built);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_random, tell_state),
		cmocka_unit_test_teardown(test_random_crowds, tell_state),
		cmocka_unit_test(test_limit_is_exact),
		cmocka_unit_test(test_limit_is_of_one_page),
		cmocka_unit_test(test_withdrawn_rules_make_room),
		cmocka_unit_test(test_withdrawn_rules_are_listed),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_neighbours_are_merged),
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_many_in_a_chain),
		cmocka_unit_test(test_many_pairs),
		cmocka_unit_test(test_many_nested),
		cmocka_unit_test(test_many_with_conditions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
