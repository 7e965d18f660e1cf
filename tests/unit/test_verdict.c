// SPDX-License-Identifier: GPL-2.0-or-later
/* test_verdict.c - from a ruling and the facts to the verdict, case by case */
#include "policy_fixture.h"

#include "policy/verdict.h"

#define KERNEL_DENIES DEVMEM_POLICY_BASELINE_DENY
#define KERNEL_ALLOWS DEVMEM_POLICY_BASELINE_ALLOW
#define KERNEL_MASKS DEVMEM_POLICY_BASELINE_MASK

#define REASON(word) DEVMEM_POLICY_REASON_##word

/* A read of a page of which all is well. */
static struct dmp_facts facts_of(u8 baseline, bool mapping)
{
	return (struct dmp_facts){
		.baseline = baseline,
		.mapping = mapping,
		.watched = true,
		.reserved = true,
	};
}

/* Rule 7 of policy 3 says so. */
static struct dmp_ruling ruling_of(enum dmp_ruling_kind kind)
{
	return (struct dmp_ruling){ .kind = kind, .policy = 3, .rule = 7 };
}

static struct dmp_verdict make(enum dmp_ruling_kind kind, bool default_deny,
			       const struct dmp_facts *facts)
{
	struct dmp_ruling ruling = ruling_of(kind);
	struct dmp_verdict verdict;

	/* Nothing of it is left as it was. */
	memset(&verdict, 0xa5, sizeof(verdict));
	dmp_verdict_make(&ruling, default_deny, facts, &verdict);
	assert_int_equal(verdict.baseline, facts->baseline);
	assert_int_equal(verdict.would, 0);
	assert_int_equal(verdict.policy, kind == DMP_RULING_NONE ? DMP_NO_RULE : 3);
	assert_int_equal(verdict.rule, kind == DMP_RULING_NONE ? DMP_NO_RULE : 7);
	return verdict;
}

static void expect(const struct dmp_verdict *verdict, enum dmp_outcome outcome, int allowed,
		   u8 reason)
{
	assert_int_equal(verdict->outcome, outcome);
	assert_int_equal(verdict->allowed, allowed);
	assert_int_equal(verdict->reason, reason);
}

/* Of what each bit of a number says, whether it is so. */
static struct dmp_facts facts_by_bits(u32 bits)
{
	static const u8 auditors[] = { REASON(UNSPEC), REASON(NO_AUDITOR), REASON(UNPROVEN) };

	return (struct dmp_facts){
		.mapping = bits & 1,
		.executable = bits & 2,
		.watched = bits & 4,
		.reserved = bits & 8,
		.stopping = bits & 16,
		.baseline = (u8)(bits / 32 % 3),
		.auditor = auditors[bits / 96],
	};
}

#define ALL_FACTS (32u * 3 * 3)

static void test_deny_beats_everything(void **state)
{
	struct dmp_verdict verdict;
	struct dmp_facts facts;
	u32 bits;

	(void)state;
	for (bits = 0; bits < ALL_FACTS; bits++) {
		facts = facts_by_bits(bits);
		verdict = make(DMP_RULING_DENY, bits % 2, &facts);
		expect(&verdict, DMP_OUTCOME_DENIAL, KERNEL_DENIES, REASON(DENY_RULE));
	}
}

static void test_allow_grants_what_the_kernel_refuses(void **state)
{
	struct dmp_facts denied = facts_of(KERNEL_DENIES, false);
	struct dmp_facts denied_mapping = facts_of(KERNEL_DENIES, true);
	struct dmp_facts masked = facts_of(KERNEL_MASKS, false);
	struct dmp_verdict verdict;
	int default_deny;

	(void)state;
	for (default_deny = 0; default_deny < 2; default_deny++) {
		verdict = make(DMP_RULING_ALLOW, default_deny, &denied);
		expect(&verdict, DMP_OUTCOME_GRANT, KERNEL_ALLOWS, REASON(ALLOW_RULE));
		verdict = make(DMP_RULING_ALLOW, default_deny, &denied_mapping);
		expect(&verdict, DMP_OUTCOME_GRANT, KERNEL_ALLOWS, REASON(ALLOW_RULE));
		verdict = make(DMP_RULING_ALLOW, default_deny, &masked);
		expect(&verdict, DMP_OUTCOME_GRANT, KERNEL_ALLOWS, REASON(ALLOW_RULE));
	}
}

/* No rail and no auditor is asked about what needs no grant. */
static void test_allow_leaves_what_the_kernel_gives(void **state)
{
	struct dmp_verdict verdict;
	struct dmp_facts facts;
	u32 bits;

	(void)state;
	for (bits = 0; bits < ALL_FACTS; bits++) {
		facts = facts_by_bits(bits);
		if (facts.baseline == KERNEL_DENIES ||
		    (facts.baseline == KERNEL_MASKS && !facts.mapping))
			continue;
		verdict = make(DMP_RULING_ALLOW, bits % 2, &facts);
		expect(&verdict, DMP_OUTCOME_BASELINE, facts.baseline, REASON(UNSPEC));
	}
}

/* Everything at once is in the way; the obstacles go one by one. */
static void test_obstacles_in_order(void **state)
{
	struct dmp_facts facts = facts_of(KERNEL_DENIES, true);
	struct dmp_verdict verdict;

	(void)state;
	facts.stopping = true;
	facts.executable = true;
	facts.watched = false;
	facts.reserved = false;
	facts.auditor = REASON(NO_AUDITOR);
	verdict = make(DMP_RULING_ALLOW, false, &facts);
	expect(&verdict, DMP_OUTCOME_DENIAL, KERNEL_DENIES, REASON(UNLOADING));
	facts.stopping = false;
	verdict = make(DMP_RULING_ALLOW, false, &facts);
	expect(&verdict, DMP_OUTCOME_DENIAL, KERNEL_DENIES, REASON(EXECUTABLE));
	facts.executable = false;
	verdict = make(DMP_RULING_ALLOW, false, &facts);
	expect(&verdict, DMP_OUTCOME_DENIAL, KERNEL_DENIES, REASON(BUSY));
	facts.watched = true;
	verdict = make(DMP_RULING_ALLOW, false, &facts);
	expect(&verdict, DMP_OUTCOME_DENIAL, KERNEL_DENIES, REASON(NOT_RESERVED));
	facts.reserved = true;
	verdict = make(DMP_RULING_ALLOW, false, &facts);
	expect(&verdict, DMP_OUTCOME_DENIAL, KERNEL_DENIES, REASON(NO_AUDITOR));
	facts.auditor = REASON(UNPROVEN);
	verdict = make(DMP_RULING_ALLOW, false, &facts);
	expect(&verdict, DMP_OUTCOME_DENIAL, KERNEL_DENIES, REASON(UNPROVEN));
	facts.auditor = REASON(UNSPEC);
	verdict = make(DMP_RULING_ALLOW, false, &facts);
	expect(&verdict, DMP_OUTCOME_GRANT, KERNEL_ALLOWS, REASON(ALLOW_RULE));
}

static void test_unreserved_passes_one_rail_only(void **state)
{
	struct dmp_ruling ruling = ruling_of(DMP_RULING_ALLOW);
	struct dmp_facts facts = facts_of(KERNEL_DENIES, false);
	struct dmp_verdict verdict;

	(void)state;
	ruling.unreserved = true;
	facts.reserved = false;
	dmp_verdict_make(&ruling, false, &facts, &verdict);
	expect(&verdict, DMP_OUTCOME_GRANT, KERNEL_ALLOWS, REASON(ALLOW_RULE));
	facts.auditor = REASON(NO_AUDITOR);
	dmp_verdict_make(&ruling, false, &facts, &verdict);
	expect(&verdict, DMP_OUTCOME_DENIAL, KERNEL_DENIES, REASON(NO_AUDITOR));
	facts.executable = true;
	dmp_verdict_make(&ruling, false, &facts, &verdict);
	expect(&verdict, DMP_OUTCOME_DENIAL, KERNEL_DENIES, REASON(EXECUTABLE));
}

/* A page that is allowed, but cannot be granted, gets what the default is. */
static void test_obstacle_leaves_it_to_the_default(void **state)
{
	struct dmp_facts facts = facts_of(KERNEL_MASKS, false);
	struct dmp_verdict verdict;

	(void)state;
	facts.auditor = REASON(NO_AUDITOR);
	verdict = make(DMP_RULING_ALLOW, false, &facts);
	expect(&verdict, DMP_OUTCOME_BASELINE, KERNEL_MASKS, REASON(NO_AUDITOR));
	verdict = make(DMP_RULING_ALLOW, true, &facts);
	expect(&verdict, DMP_OUTCOME_DENIAL, KERNEL_DENIES, REASON(NO_AUDITOR));
}

static const struct {
	enum dmp_ruling_kind kind;
	u8 reason;
} near_misses[] = {
	{ DMP_RULING_NONE, REASON(NO_RULE) },	   { DMP_RULING_OPERATION, REASON(OPERATION) },
	{ DMP_RULING_SUBJECT, REASON(SUBJECT) },   { DMP_RULING_EXPIRED, REASON(EXPIRED) },
	{ DMP_RULING_NOT_YET, REASON(NOT_YET) },   { DMP_RULING_WITHDRAWN, REASON(WITHDRAWN) },
};

#define NEAR_MISSES (sizeof(near_misses) / sizeof(near_misses[0]))

static void test_default_kernel(void **state)
{
	struct dmp_verdict verdict;
	struct dmp_facts facts;
	u32 i, bits;

	(void)state;
	for (i = 0; i < NEAR_MISSES; i++)
		for (bits = 0; bits < ALL_FACTS; bits++) {
			facts = facts_by_bits(bits);
			verdict = make(near_misses[i].kind, false, &facts);
			expect(&verdict,
			       facts.baseline == KERNEL_DENIES ? DMP_OUTCOME_DENIAL :
								 DMP_OUTCOME_BASELINE,
			       facts.baseline, near_misses[i].reason);
		}
}

static void test_default_deny(void **state)
{
	struct dmp_verdict verdict;
	struct dmp_facts facts;
	u32 i, bits;

	(void)state;
	for (i = 0; i < NEAR_MISSES; i++)
		for (bits = 0; bits < ALL_FACTS; bits++) {
			facts = facts_by_bits(bits);
			verdict = make(near_misses[i].kind, true, &facts);
			expect(&verdict, DMP_OUTCOME_DENIAL, KERNEL_DENIES,
			       i ? near_misses[i].reason : REASON(DEFAULT_DENY));
		}
}

/* What is not wanted may be anything, and changes nothing. */
static void check_wants(enum dmp_ruling_kind kind, u32 bits)
{
	struct dmp_facts facts = facts_by_bits(bits), known = facts;
	struct dmp_ruling ruling = ruling_of(kind);
	struct dmp_verdict with, without;

	if (dmp_verdict_wants(&ruling, &facts)) {
		assert_int_equal(kind, DMP_RULING_ALLOW);
		assert_true(facts.baseline != KERNEL_ALLOWS);
		return;
	}
	known.reserved = true;
	known.auditor = REASON(UNSPEC);
	dmp_verdict_make(&ruling, bits % 2, &facts, &with);
	dmp_verdict_make(&ruling, bits % 2, &known, &without);
	assert_memory_equal(&with, &without, sizeof(with));
}

static void test_wants(void **state)
{
	struct dmp_ruling ruling = ruling_of(DMP_RULING_ALLOW);
	struct dmp_facts facts = facts_of(KERNEL_MASKS, true);
	u32 kind, bits;

	(void)state;
	for (kind = DMP_RULING_NONE; kind <= DMP_RULING_DENY; kind++)
		for (bits = 0; bits < ALL_FACTS; bits++)
			check_wants((enum dmp_ruling_kind)kind, bits);
	assert_false(dmp_verdict_wants(&ruling, &facts));
	facts.mapping = false;
	assert_true(dmp_verdict_wants(&ruling, &facts));
	facts.baseline = KERNEL_DENIES;
	assert_true(dmp_verdict_wants(&ruling, &facts));
}

static void test_none_is_the_kernels_own(void **state)
{
	struct dmp_verdict verdict;
	struct dmp_facts facts;
	u32 bits;

	(void)state;
	for (bits = 0; bits < ALL_FACTS; bits++) {
		facts = facts_by_bits(bits);
		memset(&verdict, 0xa5, sizeof(verdict));
		dmp_verdict_none(&facts, &verdict);
		expect(&verdict,
		       facts.baseline == KERNEL_DENIES ? DMP_OUTCOME_DENIAL : DMP_OUTCOME_BASELINE,
		       facts.baseline, REASON(NO_RULE));
		assert_int_equal(verdict.policy, DMP_NO_RULE);
		assert_int_equal(verdict.rule, DMP_NO_RULE);
		assert_int_equal(verdict.would, 0);
	}
}

/* --- permissive ------------------------------------------------------------------ */

/*
 * What is done by the policies that are enforced (NOTHING: none is), what all of
 * them would do, and what the record says. Rule 7 says what all would do; where it
 * is to be named instead of the other one, all_names is true.
 */
#define NOTHING 99

static const struct {
	u8 baseline;
	int done; /* enum dmp_ruling_kind */
	enum dmp_ruling_kind all;
	bool default_deny; /* of what is enforced */
	bool default_deny_all;
	enum dmp_outcome outcome;
	int allowed;
	u8 reason;
	u8 would;
	bool all_names;
} comparisons[] = {
	/* Nothing is enforced */
	{ KERNEL_DENIES, NOTHING, DMP_RULING_ALLOW, false, false, DMP_OUTCOME_DENIAL, 0,
	  REASON(ALLOW_RULE), DEVMEM_POLICY_WOULD_PERMIT, true },
	{ KERNEL_DENIES, NOTHING, DMP_RULING_DENY, false, false, DMP_OUTCOME_DENIAL, 0,
	  REASON(DENY_RULE), DEVMEM_POLICY_WOULD_REFUSE, true },
	{ KERNEL_DENIES, NOTHING, DMP_RULING_SUBJECT, false, true, DMP_OUTCOME_DENIAL, 0,
	  REASON(SUBJECT), DEVMEM_POLICY_WOULD_REFUSE, true },
	{ KERNEL_ALLOWS, NOTHING, DMP_RULING_DENY, false, false, DMP_OUTCOME_PERMITTED, 1,
	  REASON(DENY_RULE), DEVMEM_POLICY_WOULD_REFUSE, true },
	{ KERNEL_ALLOWS, NOTHING, DMP_RULING_EXPIRED, false, true, DMP_OUTCOME_PERMITTED, 1,
	  REASON(EXPIRED), DEVMEM_POLICY_WOULD_REFUSE, true },
	{ KERNEL_ALLOWS, NOTHING, DMP_RULING_ALLOW, false, false, DMP_OUTCOME_BASELINE, 1,
	  REASON(UNSPEC), DEVMEM_POLICY_WOULD_PERMIT, true },
	{ KERNEL_MASKS, NOTHING, DMP_RULING_ALLOW, false, false, DMP_OUTCOME_PERMITTED, 2,
	  REASON(ALLOW_RULE), DEVMEM_POLICY_WOULD_PERMIT, true },
	{ KERNEL_MASKS, NOTHING, DMP_RULING_DENY, false, false, DMP_OUTCOME_PERMITTED, 2,
	  REASON(DENY_RULE), DEVMEM_POLICY_WOULD_REFUSE, true },
	/* Some is */
	{ KERNEL_DENIES, DMP_RULING_ALLOW, DMP_RULING_ALLOW, false, false, DMP_OUTCOME_GRANT, 1,
	  REASON(ALLOW_RULE), DEVMEM_POLICY_WOULD_PERMIT, false },
	{ KERNEL_DENIES, DMP_RULING_ALLOW, DMP_RULING_DENY, false, false, DMP_OUTCOME_GRANT, 1,
	  REASON(ALLOW_RULE), DEVMEM_POLICY_WOULD_REFUSE, false },
	{ KERNEL_MASKS, DMP_RULING_ALLOW, DMP_RULING_DENY, false, false, DMP_OUTCOME_GRANT, 1,
	  REASON(ALLOW_RULE), DEVMEM_POLICY_WOULD_REFUSE, false },
	{ KERNEL_ALLOWS, DMP_RULING_DENY, DMP_RULING_DENY, false, false, DMP_OUTCOME_DENIAL, 0,
	  REASON(DENY_RULE), DEVMEM_POLICY_WOULD_REFUSE, false },
	{ KERNEL_DENIES, DMP_RULING_DENY, DMP_RULING_DENY, false, false, DMP_OUTCOME_DENIAL, 0,
	  REASON(DENY_RULE), DEVMEM_POLICY_WOULD_REFUSE, false },
	{ KERNEL_ALLOWS, DMP_RULING_NONE, DMP_RULING_ALLOW, true, true, DMP_OUTCOME_DENIAL, 0,
	  REASON(DEFAULT_DENY), DEVMEM_POLICY_WOULD_PERMIT, false },
	{ KERNEL_ALLOWS, DMP_RULING_SUBJECT, DMP_RULING_ALLOW, true, true, DMP_OUTCOME_DENIAL, 0,
	  REASON(SUBJECT), DEVMEM_POLICY_WOULD_PERMIT, false },
	{ KERNEL_DENIES, DMP_RULING_NONE, DMP_RULING_ALLOW, false, false, DMP_OUTCOME_DENIAL, 0,
	  REASON(ALLOW_RULE), DEVMEM_POLICY_WOULD_PERMIT, true },
	{ KERNEL_DENIES, DMP_RULING_OPERATION, DMP_RULING_DENY, false, false, DMP_OUTCOME_DENIAL,
	  0, REASON(DENY_RULE), DEVMEM_POLICY_WOULD_REFUSE, true },
	{ KERNEL_ALLOWS, DMP_RULING_NONE, DMP_RULING_NONE, false, true, DMP_OUTCOME_PERMITTED, 1,
	  REASON(DEFAULT_DENY), DEVMEM_POLICY_WOULD_REFUSE, true },
	{ KERNEL_ALLOWS, DMP_RULING_ALLOW, DMP_RULING_DENY, false, false, DMP_OUTCOME_PERMITTED, 1,
	  REASON(DENY_RULE), DEVMEM_POLICY_WOULD_REFUSE, true },
	{ KERNEL_MASKS, DMP_RULING_NONE, DMP_RULING_ALLOW, false, false, DMP_OUTCOME_PERMITTED, 2,
	  REASON(ALLOW_RULE), DEVMEM_POLICY_WOULD_PERMIT, true },
	{ KERNEL_MASKS, DMP_RULING_NONE, DMP_RULING_NONE, true, true, DMP_OUTCOME_DENIAL, 0,
	  REASON(DEFAULT_DENY), DEVMEM_POLICY_WOULD_REFUSE, false },
};

static u32 name_of(const struct dmp_verdict *verdict)
{
	assert_true((verdict->policy == DMP_NO_RULE) == (verdict->rule == DMP_NO_RULE));
	return verdict->rule;
}

static void check_comparison(u32 i)
{
	struct dmp_facts facts = facts_of(comparisons[i].baseline, false);
	struct dmp_ruling ruling = ruling_of(comparisons[i].all);
	struct dmp_verdict verdict, all;
	u32 before;

	dmp_verdict_make(&ruling, comparisons[i].default_deny_all, &facts, &all);
	ruling = ruling_of((enum dmp_ruling_kind)comparisons[i].done);
	ruling.rule = 5;
	if (comparisons[i].done == NOTHING)
		dmp_verdict_none(&facts, &verdict);
	else
		dmp_verdict_make(&ruling, comparisons[i].default_deny, &facts, &verdict);
	before = name_of(&verdict);
	dmp_verdict_compare(&verdict, &all);
	expect(&verdict, comparisons[i].outcome, comparisons[i].allowed, comparisons[i].reason);
	assert_int_equal(verdict.would, comparisons[i].would);
	assert_int_equal(name_of(&verdict), comparisons[i].all_names ? name_of(&all) : before);
	assert_int_equal(verdict.baseline, facts.baseline);
}

#define COMPARISONS (sizeof(comparisons) / sizeof(comparisons[0]))

static u32 compared;

static int tell_comparison(void **state)
{
	(void)state;
	if (compared < COMPARISONS)
		print_message("# it was comparison %u\n", compared);
	return 0;
}

static void test_compare(void **state)
{
	(void)state;
	for (compared = 0; compared < COMPARISONS; compared++)
		check_comparison(compared);
}

/* What is permitted is never more, and never less, than what was done. */
static void check_all_facts(int done, u32 kind, u32 bits)
{
	struct dmp_ruling ruling = ruling_of((enum dmp_ruling_kind)kind);
	struct dmp_facts facts = facts_by_bits(bits);
	struct dmp_verdict verdict, all;
	int allowed;

	dmp_verdict_make(&ruling, bits % 2, &facts, &all);
	ruling = ruling_of((enum dmp_ruling_kind)done);
	if (done == NOTHING)
		dmp_verdict_none(&facts, &verdict);
	else
		dmp_verdict_make(&ruling, bits % 2, &facts, &verdict);
	allowed = verdict.allowed;
	dmp_verdict_compare(&verdict, &all);
	assert_int_equal(verdict.allowed, allowed);
	assert_int_equal(verdict.outcome == DMP_OUTCOME_DENIAL, allowed == KERNEL_DENIES);
	if (verdict.outcome == DMP_OUTCOME_PERMITTED)
		assert_true(all.allowed != allowed);
	assert_int_equal(verdict.would, all.outcome == DMP_OUTCOME_DENIAL ?
						DEVMEM_POLICY_WOULD_REFUSE :
						DEVMEM_POLICY_WOULD_PERMIT);
}

static void test_compare_changes_nothing(void **state)
{
	u32 kind, bits;
	int done;

	(void)state;
	for (done = DMP_RULING_NONE; done <= DMP_RULING_DENY; done++)
		for (kind = DMP_RULING_NONE; kind <= DMP_RULING_DENY; kind++)
			for (bits = 0; bits < ALL_FACTS; bits++)
				check_all_facts(done, kind, bits);
	for (kind = DMP_RULING_NONE; kind <= DMP_RULING_DENY; kind++)
		for (bits = 0; bits < ALL_FACTS; bits++)
			check_all_facts(NOTHING, kind, bits);
}

static void test_withdraw(void **state)
{
	static const u8 baselines[] = { KERNEL_DENIES, KERNEL_MASKS };
	struct dmp_verdict verdict;
	struct dmp_facts facts;
	u32 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		facts = facts_of(baselines[i], false);
		verdict = make(DMP_RULING_ALLOW, true, &facts);
		dmp_verdict_withdraw(&verdict, REASON(RING_FULL));
		expect(&verdict, DMP_OUTCOME_DENIAL, KERNEL_DENIES, REASON(RING_FULL));
		verdict = make(DMP_RULING_ALLOW, false, &facts);
		dmp_verdict_withdraw(&verdict, REASON(RING_FULL));
		expect(&verdict, i ? DMP_OUTCOME_BASELINE : DMP_OUTCOME_DENIAL, baselines[i],
		       REASON(RING_FULL));
		assert_int_equal(verdict.policy, 3);
		assert_int_equal(verdict.rule, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deny_beats_everything),
		cmocka_unit_test(test_allow_grants_what_the_kernel_refuses),
		cmocka_unit_test(test_allow_leaves_what_the_kernel_gives),
		cmocka_unit_test(test_obstacles_in_order),
		cmocka_unit_test(test_unreserved_passes_one_rail_only),
		cmocka_unit_test(test_obstacle_leaves_it_to_the_default),
		cmocka_unit_test(test_default_kernel),
		cmocka_unit_test(test_default_deny),
		cmocka_unit_test(test_wants),
		cmocka_unit_test(test_none_is_the_kernels_own),
		cmocka_unit_test_teardown(test_compare, tell_comparison),
		cmocka_unit_test(test_compare_changes_nothing),
		cmocka_unit_test(test_withdraw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
