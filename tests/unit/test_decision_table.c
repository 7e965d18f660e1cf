// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_decision_table.c - every combination of the decision's inputs, from the
 * text of the policies to the verdict, against a model that shares no code
 */
#include "decision_fixture.h"

#include "decision_table.h"
#include "policy/verdict.h"

/* What issue and README promise; there are far more. */
#define LEAST_ROWS 2000ul

static const struct table_place place = {
	.page = 0x1234,
	.now = 1800000000, /* 2027-01-15 */
	.uid = 1000,
	.other_uid = 2000,
	.gid = 100,
	.other_gid = 200,
	.third_gid = 300,
};

/* Of the last row; what the policies are made from changes seldom. */
static struct table_scene scene;
static struct decision_set set;
static bool set_is_built;

/* What the module does around the shared code. */
static struct dmp_verdict decide(void)
{
	const struct model_world *world = &scene.world;
	struct dmp_subject subject = decision_subject(&scene.access.subject);
	struct dmp_question question =
		decision_question(world, &scene.access, &subject, !world->permissive);
	struct dmp_facts facts = {
		.baseline = (u8)scene.access.baseline,
		.mapping = scene.access.operation >= DEVMEM_POLICY_OPERATION_MMAP_READ,
		.executable = scene.access.executable,
		.watched = scene.access.revocable,
		.reserved = scene.access.reserved,
		.stopping = world->stopping,
		.auditor = (u8)world->auditor,
	};
	struct dmp_rule_set *rules = &set.built.set;
	struct dmp_verdict verdict, all;
	struct dmp_ruling ruling;

	if (world->permissive) {
		dmp_verdict_none(&facts, &verdict);
	} else {
		dmp_ruling_make(rules, &question, &ruling);
		dmp_verdict_make(&ruling, rules->default_deny, &facts, &verdict);
	}
	if (!world->permissive && !rules->any_permissive)
		return verdict;
	question.enforced = false;
	dmp_ruling_make(rules, &question, &ruling);
	dmp_verdict_make(&ruling, rules->default_deny_all, &facts, &all);
	dmp_verdict_compare(&verdict, &all);
	return verdict;
}

static unsigned int kind_of(const struct dmp_verdict *verdict)
{
	switch (verdict->outcome) {
	case DMP_OUTCOME_GRANT:
		return DEVMEM_POLICY_EVENT_GRANT;
	case DMP_OUTCOME_DENIAL:
		return DEVMEM_POLICY_EVENT_DENIAL;
	case DMP_OUTCOME_PERMITTED:
		return DEVMEM_POLICY_EVENT_PERMITTED;
	default:
		return 0;
	}
}

/* Where there is no record, nobody learns the reason. */
static bool agrees(const struct dmp_verdict *verdict, const struct model_answer *answer)
{
	unsigned long rule = decision_rule_bit(&set, verdict->policy, verdict->rule);

	if (verdict->allowed != answer->allowed || kind_of(verdict) != answer->kind)
		return false;
	if (!answer->kind)
		return true;
	return verdict->baseline == scene.access.baseline && verdict->reason == answer->reason &&
	       verdict->would == answer->would &&
	       (answer->rules ? (rule & answer->rules) : !rule);
}

static void tell(const struct table_row *row, const struct dmp_verdict *verdict,
		 const struct model_answer *answer)
{
	table_print(row, stderr);
	fprintf(stderr, "wanted allowed %d, kind %u, reason %d, would %u, rules 0x%lx\n",
		answer->allowed, answer->kind, answer->reason, answer->would, answer->rules);
	fprintf(stderr, "   saw allowed %d, kind %u, reason %d, would %d, rule 0x%lx\n",
		verdict->allowed, kind_of(verdict), verdict->reason, verdict->would,
		decision_rule_bit(&set, verdict->policy, verdict->rule));
}

static void set_scene(const struct table_row *row, enum table_input changed)
{
	table_scene(row, &place, &scene);
	if (changed < TABLE_POLICY_INPUTS) {
		if (set_is_built)
			built_set_release(&set.built);
		decision_set_build(&scene.world, &set);
		set_is_built = true;
	}
	decision_set_ranges(&scene.world, &set);
}

/* How often each came out, so that none is a rarity. */
struct tally {
	unsigned long rows;
	unsigned long kinds[DEVMEM_POLICY_EVENT_PERMITTED + 1];
	unsigned long reasons[__DEVMEM_POLICY_REASON_MAX];
	unsigned long would[DEVMEM_POLICY_WOULD_REFUSE + 1];
};

static void count(struct tally *tally, const struct model_answer *answer)
{
	tally->rows++;
	tally->kinds[answer->kind]++;
	if (!answer->kind)
		return;
	tally->reasons[answer->reason]++;
	tally->would[answer->would]++;
}

static void check_row(const struct table_row *row, struct tally *tally)
{
	struct model_answer answer = model_decide(&scene.world, &scene.access);
	struct dmp_verdict verdict = decide();

	if (!agrees(&verdict, &answer)) {
		tell(row, &verdict, &answer);
		fail_msg("row %lu", tally->rows);
	}
	count(tally, &answer);
}

static void check_tally(const struct tally *tally)
{
	static const unsigned int reasons[] = {
		DEVMEM_POLICY_REASON_ALLOW_RULE,   DEVMEM_POLICY_REASON_DENY_RULE,
		DEVMEM_POLICY_REASON_NO_RULE,	   DEVMEM_POLICY_REASON_OPERATION,
		DEVMEM_POLICY_REASON_DEFAULT_DENY, DEVMEM_POLICY_REASON_NO_AUDITOR,
		DEVMEM_POLICY_REASON_UNPROVEN,	   DEVMEM_POLICY_REASON_NOT_RESERVED,
		DEVMEM_POLICY_REASON_EXECUTABLE,   DEVMEM_POLICY_REASON_BUSY,
		DEVMEM_POLICY_REASON_UNLOADING,	   DEVMEM_POLICY_REASON_SUBJECT,
		DEVMEM_POLICY_REASON_NOT_YET,	   DEVMEM_POLICY_REASON_EXPIRED,
		DEVMEM_POLICY_REASON_WITHDRAWN,
	};
	unsigned int i;

	for (i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		assert_true(tally->reasons[reasons[i]] > LEAST_ROWS);
	for (i = 0; i <= DEVMEM_POLICY_WOULD_REFUSE; i++)
		assert_true(tally->would[i] > LEAST_ROWS);
	assert_true(tally->kinds[0] > LEAST_ROWS);
	assert_true(tally->kinds[DEVMEM_POLICY_EVENT_GRANT] > LEAST_ROWS);
	assert_true(tally->kinds[DEVMEM_POLICY_EVENT_DENIAL] > LEAST_ROWS);
	assert_true(tally->kinds[DEVMEM_POLICY_EVENT_PERMITTED] > LEAST_ROWS);
}

static void test_table(void **state)
{
	enum table_input changed = 0;
	struct tally tally = { 0 };
	struct table_row row;

	(void)state;
	for (table_first(&row); changed < TABLE_INPUTS; changed = table_next(&row)) {
		set_scene(&row, changed);
		check_row(&row, &tally);
	}
	built_set_release(&set.built);
	print_message("# %lu combinations: %lu grants, %lu denials, %lu permitted, %lu silent\n",
		      tally.rows, tally.kinds[DEVMEM_POLICY_EVENT_GRANT],
		      tally.kinds[DEVMEM_POLICY_EVENT_DENIAL],
		      tally.kinds[DEVMEM_POLICY_EVENT_PERMITTED], tally.kinds[0]);
	assert_true(tally.rows >= LEAST_ROWS);
	assert_int_equal(tally.rows, table_size());
	check_tally(&tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
