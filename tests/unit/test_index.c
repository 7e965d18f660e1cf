// SPDX-License-Identifier: GPL-2.0-or-later
/* test_index.c - the range index against a naive model, page by page */
#include "policy_fixture.h"

#include "policy/index.h"

#define PAGE_SHIFT 12
#define LAST_PFN (UINT64_MAX >> PAGE_SHIFT)
/* Pages that are compared one by one, at both ends of the address space. */
#define WINDOW 48u
#define ROUNDS 2000
#define MAX_RULES 24

struct built {
	struct dmp_buffer bytes;
	struct dmp_view view;
	struct dmp_index index;
	struct dmp_segment *segments;
};

static struct built build(const char *text)
{
	struct dmp_decode_error error;
	struct built built;
	u32 misaligned;
	s64 count;

	built.bytes = compile_text(text);
	assert_int_equal(dmp_decode(built.bytes.bytes, built.bytes.length,
				    &built.view, &error),
			 0);
	/* Exactly the promised room, so that ASan sees one segment more. */
	built.segments = malloc(dmp_index_bound(built.view.header.rule_count) *
					sizeof(*built.segments) +
				1);
	count = dmp_index_build(&built.view, PAGE_SHIFT, built.segments,
				&misaligned);
	assert_in_range(count, 0,
			dmp_index_bound(built.view.header.rule_count));
	built.index.segment_count = (u32)count;
	built.index.segments = built.segments;
	return built;
}

static void release(struct built *built)
{
	free(built->segments);
	dmp_buffer_free(&built->bytes);
}

static bool names(const struct dmp_rule *rule, u32 op, u64 pfn)
{
	return rule->ops & (1u << op) &&
	       rule->first >> PAGE_SHIFT <= pfn &&
	       pfn <= rule->last >> PAGE_SHIFT;
}

/* The smaller, the sooner it decides. */
static u32 rank(const struct dmp_rule *rule)
{
	if (rule->action == DEVMEM_POLICY_DENY)
		return 0;
	return rule->flags & DEVMEM_POLICY_RULE_UNRESERVED_RAM ? 1 : 2;
}

/* The definition in index.h, word for word. */
static u32 naive(const struct dmp_view *view, u32 op, u64 pfn)
{
	u32 i, found = DMP_NO_RULE, best = 3;
	struct dmp_rule rule;

	for (i = 0; i < view->header.rule_count; i++) {
		dmp_view_rule(view, i, &rule);
		if (names(&rule, op, pfn) && rank(&rule) < best) {
			best = rank(&rule);
			found = i;
		}
	}
	return found;
}

static bool same_answer(const struct dmp_view *view, u64 a, u64 b)
{
	return naive(view, 0, a) == naive(view, 0, b) &&
	       naive(view, 1, a) == naive(view, 1, b);
}

static void check_page(const struct built *built, u64 pfn)
{
	const struct dmp_segment *segment;
	u64 first, last;
	u32 op;

	segment = dmp_index_find(&built->index, pfn, &first, &last);
	for (op = 0; op < DMP_OPS; op++)
		assert_int_equal(segment ? segment->rule[op] : DMP_NO_RULE,
				 naive(&built->view, op, pfn));
	assert_true(first <= pfn && pfn <= last);
	/* The run holds one answer, and all of its neighbourhood that does. */
	assert_true(same_answer(&built->view, pfn, first));
	assert_true(same_answer(&built->view, pfn, last));
	if (segment) {
		assert_true(segment->rule[0] != DMP_NO_RULE ||
			    segment->rule[1] != DMP_NO_RULE);
		if (first)
			assert_false(same_answer(&built->view, pfn, first - 1));
		if (last < LAST_PFN)
			assert_false(same_answer(&built->view, pfn, last + 1));
		return;
	}
	assert_true(!first ||
		    naive(&built->view, 0, first - 1) != DMP_NO_RULE ||
		    naive(&built->view, 1, first - 1) != DMP_NO_RULE);
	assert_true(last == UINT64_MAX ||
		    naive(&built->view, 0, last + 1) != DMP_NO_RULE ||
		    naive(&built->view, 1, last + 1) != DMP_NO_RULE);
}

static void check_all(const struct built *built)
{
	u64 pfn;
	u32 i;

	for (i = 1; i < built->index.segment_count; i++)
		assert_true(built->segments[i - 1].last_pfn <
			    built->segments[i].first_pfn);
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

static void random_text(struct random *random, FILE *stream)
{
	static const char *const ops[] = { "r", "w", "rw" };
	u32 count = random_below(random, MAX_RULES + 1), i, kind;
	u64 a, b, swap;

	fputs("policy random\nserial 1\n", stream);
	for (i = 0; i < count; i++) {
		a = random_page(random);
		b = random_page(random);
		if (a > b) {
			swap = a;
			a = b;
			b = swap;
		}
		kind = random_below(random, 4);
		fprintf(stream, "%s %s 0x%llx-0x%llx%s\n",
			kind < 2 ? "deny" : "allow",
			ops[random_below(random, 3)],
			(unsigned long long)a << PAGE_SHIFT,
			(unsigned long long)b << PAGE_SHIFT | 0xfff,
			kind == 3 ? " unreserved-ram" : "");
	}
}

static bool has_duplicates(const char *text)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_policy policy;
	int ret = dmp_parse(text, strlen(text), &policy, &diagnostics);

	dmp_diagnostics_free(&diagnostics);
	if (!ret)
		dmp_policy_free(&policy);
	return ret;
}

static void test_random(void **state)
{
	struct random random = { 0x6465766d656d };
	u32 round, checked = 0;
	struct built built;
	size_t length;
	FILE *stream;
	char *text;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		stream = open_memstream(&text, &length);
		random_text(&random, stream);
		fclose(stream);
		if (!has_duplicates(text)) {
			built = build(text);
			check_all(&built);
			release(&built);
			checked++;
		}
		free(text);
	}
	assert_in_range(checked, ROUNDS * 3 / 4, ROUNDS);
}

static void test_edges(void **state)
{
	struct built built = build("policy edges\nserial 1\n"
				   "allow rw 0+4K\n"
				   "allow r 0xfffffffffffff000+4K\n");

	(void)state;
	assert_int_equal(built.index.segment_count, 2);
	assert_true(built.segments[0].first_pfn == 0);
	assert_true(built.segments[1].last_pfn == LAST_PFN);
	check_all(&built);
	release(&built);

	built = build("policy all\nserial 1\n"
		      "deny w 0-0xffffffffffffffff\n"
		      "allow rw 0-0xffffffffffffffff\n");
	assert_int_equal(built.index.segment_count, 1);
	assert_int_equal(built.segments[0].rule[0], 0);
	assert_int_equal(built.segments[0].rule[1], 1);
	check_all(&built);
	release(&built);
}

static void test_empty(void **state)
{
	struct built built = build("policy none\nserial 1\ndefault deny\n");
	u64 first, last;

	(void)state;
	assert_int_equal(dmp_index_bound(0), 0);
	assert_int_equal(built.index.segment_count, 0);
	assert_null(dmp_index_find(&built.index, 7, &first, &last));
	assert_true(first == 0 && last == UINT64_MAX);
	release(&built);
}

/* A rule inside another makes the most segments that the bound allows. */
static void test_bound_is_reached(void **state)
{
	struct built built;

	(void)state;
	built = build("policy steps\nserial 1\n"
		      "allow r 0x1000-0x8fff\n"
		      "deny rw 0x3000-0x6fff\n");
	assert_int_equal(built.index.segment_count, dmp_index_bound(2));
	check_all(&built);
	release(&built);
}

static void test_neighbours_are_merged(void **state)
{
	/* The second rule's pages belong to the first one in any case. */
	struct built built = build("policy merge\nserial 1\n"
				   "allow rw 0x1000-0x8fff\n"
				   "allow rw 0x3000-0x4fff\n");

	(void)state;
	assert_int_equal(built.index.segment_count, 1);
	assert_int_equal(built.segments[0].first_pfn, 1);
	assert_int_equal(built.segments[0].last_pfn, 8);
	release(&built);
}

static void test_alignment(void **state)
{
	struct built built = build("policy aligned\nserial 1\n"
				   "allow r 0x10000-0x1ffff\n"
				   "allow r 0x20000-0x2efff\n");
	u32 misaligned = 99;

	(void)state;
	assert_int_equal(dmp_index_build(&built.view, 16, built.segments,
					 &misaligned),
			 -ERANGE);
	assert_int_equal(misaligned, 1);
	release(&built);

	built = build("policy aligned\nserial 1\nallow r 0x11000-0x1ffff\n");
	assert_int_equal(dmp_index_build(&built.view, 16, built.segments,
					 &misaligned),
			 -ERANGE);
	assert_int_equal(misaligned, 0);
	release(&built);

	built = build("policy aligned\nserial 1\nallow r 0x10000-0x2ffff\n");
	assert_int_equal(dmp_index_build(&built.view, 16, built.segments,
					 &misaligned),
			 1);
	assert_int_equal(built.segments[0].first_pfn, 1);
	assert_int_equal(built.segments[0].last_pfn, 2);
	release(&built);
}

/* As many rules as a policy may have, each one overlapping the next. */
static void test_many_rules(void **state)
{
	struct built built;
	size_t length, i;
	FILE *stream;
	char *text;

	(void)state;
	stream = open_memstream(&text, &length);
	fputs("policy many\nserial 1\n", stream);
	for (i = 0; i < DMP_MAX_RULES; i++)
		fprintf(stream, "%s rw 0x%zx+12K\n", i % 3 ? "allow" : "deny",
			i << 13);
	fclose(stream);
	built = build(text);
	free(text);
	assert_int_equal(built.view.header.rule_count, DMP_MAX_RULES);
	for (i = 0; i < 100; i++)
		check_page(&built, i);
	for (i = 0; i < 100; i++)
		check_page(&built, 2 * DMP_MAX_RULES - 50 + i);
	release(&built);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_bound_is_reached),
		cmocka_unit_test(test_neighbours_are_merged),
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_many_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
