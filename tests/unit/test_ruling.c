// SPDX-License-Identifier: GPL-2.0-or-later
/* test_ruling.c - the union of several policies against a naive model, page by page */
#include "decision_fixture.h"
#include "many_rules.h"

#include <limits.h>

#define WINDOW 24u
#define ROUNDS 1500u
#define MAX_RULES 6u
#define SEED 0x72756c696e67

#define R DEVMEM_POLICY_OP_READ
#define W DEVMEM_POLICY_OP_WRITE

/* All moments are within some seconds from here: 2027-01-15 */
#define BEGIN 1800000000L
#define SECONDS 10u

/* Who may ask, and what rules may ask for; MODEL_ANYBODY and so on besides. */
#define UIDS 3u
#define GROUPS 3u
#define FIRST_GID 10u
#define EXES 6u

static const enum devmem_policy_operation operations[] = {
	DEVMEM_POLICY_OPERATION_READ,
	DEVMEM_POLICY_OPERATION_WRITE,
	DEVMEM_POLICY_OPERATION_MMAP_WRITE,
};

/* What a random round is about; shown when it fails. */
static u64 under_way;
static struct model_world world;
static struct decision_set set;

static int tell_world(void **state)
{
	u32 i;

	(void)state;
	if (!under_way)
		return 0;
	print_message("# the random state was 0x%llx; now %ld, latest %ld\n",
		      (unsigned long long)under_way, world.now, world.latest);
	for (i = 0; i < world.withdrawn_count; i++)
		print_message("# withdrawn: pages %lu to %lu\n", world.withdrawn[i].first_page,
			      world.withdrawn[i].last_page);
	for (i = 0; i < world.count; i++)
		decision_print(&world.policies[i], "random", 1, stdout);
	under_way = 0;
	return 0;
}

/* --- random worlds --------------------------------------------------------------- */

static struct model_range random_range(struct random *random)
{
	unsigned long first = random_below(random, WINDOW);

	return (struct model_range){ first, first + random_below(random, WINDOW / 3) };
}

static long random_time(struct random *random, u32 one_in)
{
	if (random_below(random, one_in))
		return MODEL_NEVER;
	return BEGIN + random_below(random, SECONDS);
}

static struct model_rule random_rule(struct random *random)
{
	u32 ops = 1 + random_below(random, 3);
	bool deny = !random_below(random, 4);

	return (struct model_rule){
		.deny = deny,
		.read = ops & R,
		.write = ops & W,
		.unreserved = !deny && !random_below(random, 3),
		.withdrawn = !deny && !random_below(random, 6),
		.pages = random_range(random),
		.uid = random_below(random, 3) ? MODEL_ANYBODY : random_below(random, UIDS),
		.gid = random_below(random, 4) ? MODEL_ANYBODY :
						 FIRST_GID + random_below(random, GROUPS),
		.exe = random_below(random, 4) ? MODEL_ANY_FILE :
						 1 + (int)random_below(random, EXES - 1),
		.until = random_time(random, 4),
	};
}

static bool same_rule(const struct model_rule *a, const struct model_rule *b)
{
	return a->deny == b->deny && a->read == b->read && a->write == b->write &&
	       a->unreserved == b->unreserved && a->pages.first_page == b->pages.first_page &&
	       a->pages.last_page == b->pages.last_page && a->uid == b->uid && a->gid == b->gid &&
	       a->exe == b->exe && a->until == b->until;
}

/* The language refuses two that are the same. */
static bool is_new(const struct model_policy *policy, const struct model_rule *rule)
{
	u32 i;

	for (i = 0; i < policy->count; i++)
		if (same_rule(&policy->rules[i], rule))
			return false;
	return true;
}

static struct model_policy random_policy(struct random *random)
{
	struct model_policy policy = {
		.permissive = !random_below(random, 4),
		.default_deny = random_below(random, 2),
		.not_before = random_time(random, 3),
		.expires = random_time(random, 3),
	};
	u32 count = random_below(random, MAX_RULES + 1), i;
	struct model_rule rule;

	if (policy.expires != MODEL_NEVER && policy.expires <= policy.not_before)
		policy.expires = policy.not_before + 1;
	for (i = 0; i < count; i++) {
		rule = random_rule(random);
		/* A file that is not there: seldom, for it makes a rule dead. */
		if (rule.exe > 0 && !random_below(random, 8))
			rule.exe = MODEL_LOST_FILE;
		if (is_new(&policy, &rule))
			policy.rules[policy.count++] = rule;
	}
	return policy;
}

static void random_world(struct random *random)
{
	u32 i;

	memset(&world, 0, sizeof(world));
	world.count = random_below(random, MODEL_MAX_POLICIES + 1);
	for (i = 0; i < world.count; i++)
		world.policies[i] = random_policy(random);
	world.withdrawn_count = random_below(random, MODEL_MAX_RANGES + 2);
	if (world.withdrawn_count > MODEL_MAX_RANGES)
		world.withdrawn_count = 0;
	for (i = 0; i < world.withdrawn_count; i++)
		world.withdrawn[i] = random_range(random);
	world.now = BEGIN + random_below(random, SECONDS);
	world.latest = world.now + (random_below(random, 2) ? 0 : random_below(random, 4));
	decision_set_build(&world, &set);
	decision_set_ranges(&world, &set);
}

static struct model_subject random_subject(struct random *random)
{
	struct model_subject subject = {
		.uid = random_below(random, UIDS),
		.gid = FIRST_GID + random_below(random, GROUPS),
		.group_count = random_below(random, 3),
		.exe = (int)random_below(random, EXES),
	};
	u32 i;

	for (i = 0; i < subject.group_count; i++)
		subject.groups[i] = FIRST_GID + random_below(random, GROUPS);
	return subject;
}

/* ALL_CONDITIONS is of the subject. */
#define RESTS_ON (ALL_CONDITIONS | DEVMEM_POLICY_CONDITION_UNTIL)

/* --- a ruling, and how far it reaches --------------------------------------------- */

static bool same_ruling(const struct dmp_ruling *ruling, const struct model_ruling *model)
{
	unsigned long rule;

	if (ruling->kind != decision_kind(model->nearness))
		return false;
	if (ruling->kind == DMP_RULING_NONE)
		return true;
	rule = decision_rule_bit(&set, ruling->policy, ruling->rule);
	return model->rules & rule &&
	       (ruling->kind != DMP_RULING_ALLOW || ruling->unreserved == model->unreserved);
}

/* Does the model say the same on all pages of the run? */
static void check_run(const struct dmp_ruling *ruling, const struct model_access *access,
		      bool enforced)
{
	struct model_access other = *access;
	struct model_ruling model;

	assert_true(ruling->first_pfn <= access->page && access->page <= ruling->last_pfn);
	for (other.page = ruling->first_pfn; other.page <= ruling->last_pfn && other.page < WINDOW;
	     other.page++) {
		model = model_rule_on(&world, &other, enforced);
		assert_true(same_ruling(ruling, &model));
	}
}

static bool is_end_of(const struct model_range *range, unsigned long first_of_next)
{
	return range->first_page == first_of_next || range->last_page + 1 == first_of_next;
}

/* A run ends for a reason: a rule that counts, or a withdrawn range, does. */
static bool is_boundary(u64 first_of_next, bool enforced)
{
	u32 i, j;

	for (i = 0; i < world.withdrawn_count; i++)
		if (is_end_of(&world.withdrawn[i], first_of_next))
			return true;
	for (i = 0; i < world.count; i++) {
		if (enforced && world.policies[i].permissive)
			continue;
		for (j = 0; j < world.policies[i].count; j++)
			if (is_end_of(&world.policies[i].rules[j].pages, first_of_next))
				return true;
	}
	return false;
}

static void check_ends(const struct dmp_ruling *ruling, bool enforced)
{
	assert_true(!ruling->first_pfn || is_boundary(ruling->first_pfn, enforced));
	assert_true(ruling->last_pfn == UINT64_MAX || is_boundary(ruling->last_pfn + 1, enforced));
}

/* The same at every second before until, and that is a moment of one of the rules. */
static bool is_moment(long second, unsigned long page)
{
	const struct model_policy *policy;
	u32 i, j;

	for (i = 0; i < world.count; i++) {
		policy = &world.policies[i];
		for (j = 0; j < policy->count; j++)
			if (policy->rules[j].pages.first_page <= page &&
			    page <= policy->rules[j].pages.last_page &&
			    (policy->rules[j].until == second || policy->expires == second ||
			     policy->not_before == second))
				return true;
	}
	return false;
}

static void check_until(const struct dmp_ruling *ruling, const struct model_access *access,
			bool enforced)
{
	struct model_world later = world;
	struct model_ruling model;

	for (; later.now < BEGIN + 2 * (long)SECONDS && (u64)later.now < ruling->until_s;
	     later.now++) {
		if (later.latest < later.now)
			later.latest = later.now;
		model = model_rule_on(&later, access, enforced);
		assert_true(same_ruling(ruling, &model));
	}
	assert_true((u64)world.now < ruling->until_s);
	if (ruling->until_s != UINT64_MAX)
		assert_true(is_moment((long)ruling->until_s, access->page));
}

/* What it does not say that it rests on may be anything. */
static void check_conditions(const struct dmp_ruling *ruling, const struct model_access *access,
			     bool enforced, struct random *random, u32 *rested)
{
	struct model_access other = *access;
	struct model_subject subject = random_subject(random);
	struct model_world later = world;
	struct model_ruling model;

	if (!(ruling->conditions & DEVMEM_POLICY_CONDITION_UID))
		other.subject.uid = subject.uid;
	if (!(ruling->conditions & DEVMEM_POLICY_CONDITION_EXE))
		other.subject.exe = subject.exe;
	if (!(ruling->conditions & DEVMEM_POLICY_CONDITION_GID)) {
		other.subject.gid = subject.gid;
		other.subject.group_count = subject.group_count;
		memcpy(other.subject.groups, subject.groups, sizeof(subject.groups));
	}
	if (!dmp_ruling_is_timed(ruling)) {
		later.now = BEGIN + random_below(random, SECONDS);
		later.latest = later.now + random_below(random, 4);
	}
	model = model_rule_on(&later, &other, enforced);
	assert_true(same_ruling(ruling, &model));
	rested[ruling->conditions & RESTS_ON]++;
}

/* A choice names a rule that allows its operation. */
static void check_choice(const struct dmp_choice *choice, const struct model_access *access,
			 unsigned int op, bool enforced)
{
	const struct dmp_index *index = &set.built.members[choice->policy].rules.index;
	struct model_access single = *access;
	struct model_ruling model;
	u32 rule;

	rule = dmp_index_rule(index, choice->segment, choice->candidate);
	single.operation = operations[op];
	model = model_rule_on(&world, &single, enforced);
	assert_int_equal(model.nearness, MODEL_ALLOWS);
	assert_true(model.rules & decision_rule_bit(&set, choice->policy, rule));
}

static void check_choices(const struct dmp_ruling *ruling, const struct model_access *access,
			  bool enforced)
{
	unsigned int op;

	if (ruling->kind != DMP_RULING_ALLOW)
		return;
	for (op = 0; op < DMP_OPS; op++)
		if (decision_ops(access->operation) & 1u << op)
			check_choice(&ruling->choice[op], access, op, enforced);
}

/* How often each kind of ruling, and each set of what one rests on, was seen */
struct seen {
	u32 kinds[DMP_RULING_DENY + 1];
	u32 rested[RESTS_ON + 1];
};

static void check_question(const struct model_access *access, bool enforced,
			   struct random *random, struct seen *seen)
{
	struct dmp_subject subject = decision_subject(&access->subject);
	struct dmp_question question = decision_question(&world, access, &subject, enforced);
	struct model_ruling model = model_rule_on(&world, access, enforced);
	struct dmp_ruling ruling;

	memset(&ruling, 0xa5, sizeof(ruling));
	dmp_ruling_make(&set.built.set, &question, &ruling);
	assert_int_equal(ruling.kind, decision_kind(model.nearness));
	assert_true(same_ruling(&ruling, &model));
	seen->kinds[ruling.kind]++;
	check_conditions(&ruling, access, enforced, random, seen->rested);
	if (random_below(random, 3))
		return;
	check_run(&ruling, access, enforced);
	check_ends(&ruling, enforced);
	check_until(&ruling, access, enforced);
	check_choices(&ruling, access, enforced);
}

static void check_world(struct random *random, struct seen *seen)
{
	struct model_access access = { 0 };
	u32 op;

	for (access.page = 0; access.page < WINDOW; access.page++)
		for (op = 0; op < sizeof(operations) / sizeof(*operations); op++) {
			access.operation = operations[op];
			access.subject = random_subject(random);
			check_question(&access, true, random, seen);
			check_question(&access, false, random, seen);
		}
}

static void test_random_worlds(void **state)
{
	struct random random = { SEED };
	struct seen seen = { 0 };
	u32 round;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		under_way = random.state;
		random_world(&random);
		check_world(&random, &seen);
		built_set_release(&set.built);
	}
	under_way = 0;
	/* None of them is a rarity that was not tested. */
	for (round = 0; round <= DMP_RULING_DENY; round++)
		assert_true(seen.kinds[round] > 1000);
	for (round = 0; round <= RESTS_ON; round++)
		assert_true(seen.rested[round] > 1000);
}

/* --- subjects that are known in part ---------------------------------------------- */

#define UNIVERSE (UIDS * (1u << GROUPS) * EXES)

/* Every subject that the rules can tell from others. */
static struct model_subject subject_number(u32 n)
{
	struct model_subject subject = { .gid = FIRST_GID + GROUPS };
	u32 i;

	subject.uid = n % UIDS;
	subject.exe = (int)(n / UIDS % EXES);
	for (i = 0; i < GROUPS; i++)
		if (n / UIDS / EXES & 1u << i)
			subject.groups[subject.group_count++] = FIRST_GID + i;
	return subject;
}

/* Of all subjects that one rule is for: none, some or all are another one's too. */
static enum dmp_match match_of(const struct model_rule *rule, const struct model_rule *known)
{
	bool some = false, all = true;
	u32 n;

	for (n = 0; n < UNIVERSE; n++) {
		struct model_subject subject = subject_number(n);

		if (!model_rule_is_for(known, &subject))
			continue;
		if (model_rule_is_for(rule, &subject))
			some = true;
		else
			all = false;
	}
	if (!some)
		return DMP_MATCH_NO;
	return all ? DMP_MATCH_YES : DMP_MATCH_MAYBE;
}

static void make_certain(struct model_rule *rule, bool counts)
{
	rule->uid = MODEL_ANYBODY;
	rule->gid = MODEL_ANYBODY;
	rule->exe = counts ? MODEL_ANY_FILE : MODEL_LOST_FILE;
}

/*
 * The world as it is for somebody of whom no more is known than that a rule is for
 * him: what might deny does, what might allow does not; deny rules of old policies
 * only if they certainly do.
 */
static struct model_world world_for(const struct model_rule *known, u32 old_policies)
{
	struct model_world certain = world;
	struct model_rule *rule;
	enum dmp_match match;
	u32 i, j;

	for (i = 0; i < world.count; i++)
		for (j = 0; j < world.policies[i].count; j++) {
			rule = &certain.policies[i].rules[j];
			match = match_of(rule, known);
			if (rule->deny && !(old_policies & 1u << i))
				make_certain(rule, match != DMP_MATCH_NO);
			else
				make_certain(rule, match == DMP_MATCH_YES);
		}
	return certain;
}

/* Some allow rule that is for anybody at all; NULL: there is none. */
static const struct model_rule *random_holder(struct random *random, u32 *policy, u32 *number)
{
	const struct model_rule *rule;

	if (!world.count)
		return NULL;
	*policy = random_below(random, world.count);
	if (!world.policies[*policy].count)
		return NULL;
	*number = random_below(random, world.policies[*policy].count);
	rule = &world.policies[*policy].rules[*number];
	return rule->deny || rule->exe == MODEL_LOST_FILE ? NULL : rule;
}

/* The same rule, as the set numbers it */
static u32 rule_number(u32 policy, u32 number)
{
	u32 i = 0;

	while (set.number[policy][i] != number)
		i++;
	return i;
}

static void check_partial_question(struct random *random, const struct model_rule *holder,
				   const struct dmp_subject *subject, u32 *kinds)
{
	struct model_world certain = world_for(holder, 0);
	struct model_access access = { .operation = operations[random_below(random, 3)] };
	struct dmp_question question;
	struct model_ruling model;
	struct dmp_ruling ruling;

	for (access.page = 0; access.page < WINDOW; access.page++) {
		question = decision_question(&world, &access, subject, true);
		dmp_ruling_make(&set.built.set, &question, &ruling);
		model = model_rule_on(&certain, &access, true);
		assert_true(same_ruling(&ruling, &model));
		kinds[ruling.kind]++;
	}
}

static void test_maybe(void **state)
{
	u32 round, kinds[DMP_RULING_DENY + 1] = { 0 }, policy, number;
	struct random random = { SEED + 1 };
	const struct model_rule *holder;
	struct dmp_subject subject;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		under_way = random.state;
		random_world(&random);
		holder = random_holder(&random, &policy, &number);
		if (holder) {
			dmp_subject_of_rule(&set.built.members[policy].rules,
					    rule_number(policy, number), &subject);
			check_partial_question(&random, holder, &subject, kinds);
		}
		built_set_release(&set.built);
	}
	under_way = 0;
	assert_true(kinds[DMP_RULING_ALLOW] > 1000);
	assert_true(kinds[DMP_RULING_DENY] > 1000);
	assert_true(kinds[DMP_RULING_SUBJECT] > 1000);
}

/* --- what a mapping keeps ----------------------------------------------------------- */

static bool model_keeps(const struct model_world *certain, const struct dmp_holding *holding,
			unsigned long page)
{
	struct model_access access = { .page = page, .operation = operations[holding->op] };
	struct model_ruling ruling = model_rule_on(certain, &access, true);

	return ruling.nearness == MODEL_ALLOWS && (!holding->unreserved || ruling.unreserved);
}

/* Does the rule that was chosen allow it by itself? */
static bool choice_allows(const struct model_world *certain, const struct dmp_holding *holding,
			  const struct dmp_choice *choice, unsigned long page)
{
	const struct dmp_index *index = &set.built.members[choice->policy].rules.index;
	struct model_world single = *certain;
	u32 rule, i;

	rule = dmp_index_rule(index, choice->segment, choice->candidate);
	for (i = 0; i < single.count; i++)
		single.policies[i].count = 0;
	single.policies[choice->policy].count = 1;
	single.policies[choice->policy].rules[0] =
		certain->policies[choice->policy].rules[set.number[choice->policy][rule]];
	return model_keeps(&single, holding, page);
}

/* A holder that an old policy denies would not have been one. */
static bool is_denied_by_old(const struct dmp_holding *holding, const struct model_access *access)
{
	struct model_world old = world;
	u32 i;

	for (i = 0; i < world.count; i++)
		if (!(holding->old_policies & 1u << i))
			old.policies[i].count = 0;
	return model_rule_on(&old, access, true).nearness == MODEL_DENIES;
}

/* Whoever may be holding it would be allowed it, were he to ask again. */
static void check_all_holders(const struct model_rule *holder, const struct dmp_holding *holding)
{
	struct model_access access = { .page = holding->pfn, .operation = operations[holding->op] };
	u32 n;

	for (n = 0; n < UNIVERSE; n++) {
		access.subject = subject_number(n);
		if (!model_rule_is_for(holder, &access.subject) ||
		    is_denied_by_old(holding, &access))
			continue;
		assert_int_equal(model_rule_on(&world, &access, true).nearness, MODEL_ALLOWS);
	}
}

static u32 check_keeps(const struct model_rule *holder, struct dmp_holding *holding)
{
	struct model_world certain = world_for(holder, holding->old_policies);
	struct dmp_choice choice;
	unsigned long page;
	u64 last;
	bool kept;

	kept = dmp_ruling_keeps(&set.built.set, holding, &choice, &last);
	assert_true(last >= holding->pfn);
	for (page = holding->pfn; page <= last && page < WINDOW; page++) {
		assert_int_equal(kept, model_keeps(&certain, holding, page));
		if (kept)
			assert_true(choice_allows(&certain, holding, &choice, page));
	}
	assert_true(last == UINT64_MAX || is_boundary(last + 1, true));
	if (kept)
		check_all_holders(holder, holding);
	return kept;
}

static void test_keeps(void **state)
{
	u32 round, policy, number, kept = 0, asked = 0;
	struct random random = { SEED + 2 };
	const struct model_rule *holder;
	struct dmp_holding holding;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		under_way = random.state;
		random_world(&random);
		holder = random_holder(&random, &policy, &number);
		if (holder) {
			holding.clock = (struct dmp_clock){ (u64)world.now, (u64)world.latest };
			dmp_subject_of_rule(&set.built.members[policy].rules,
					    rule_number(policy, number), &holding.subject);
			holding.op = random_below(&random, DMP_OPS);
			holding.unreserved = random_below(&random, 2);
			holding.old_policies = random_below(&random, 16);
			for (holding.pfn = 0; holding.pfn < WINDOW; holding.pfn++, asked++)
				kept += check_keeps(holder, &holding);
		}
		built_set_release(&set.built);
	}
	under_way = 0;
	assert_in_range(kept, asked / 50, asked * 3 / 4);
}

static struct dmp_holding holding_of(struct built_set *built, u32 policy, u32 rule, u64 pfn)
{
	struct dmp_holding holding = { .pfn = pfn, .clock = { BEGIN, BEGIN } };

	dmp_subject_of_rule(&built->members[policy].rules, rule, &holding.subject);
	return holding;
}

static bool keeps(const struct built_set *built, const struct dmp_holding *holding)
{
	struct dmp_choice choice;
	u64 last;

	return dmp_ruling_keeps(&built->set, holding, &choice, &last);
}

/* One rule a policy, said in words. */
static void test_only_what_is_certain_is_kept(void **state)
{
	struct built_set built = { 0 };
	struct dmp_holding holding;

	(void)state;
	built_add(&built, built_text("policy a\nserial 1\nallow rw 0x1000+4K uid 1 gid 10\n"));
	holding = holding_of(&built, 0, 0, 1);
	assert_int_equal(holding.subject.known,
			 DEVMEM_POLICY_CONDITION_UID | DEVMEM_POLICY_CONDITION_GID);
	assert_true(keeps(&built, &holding));
	/* Somebody of group 10 may be in group 11 too, but cannot be another user. */
	built_add(&built, built_text("policy b\nserial 1\ndeny rw 0x1000+4K uid 2\n"));
	assert_true(keeps(&built, &holding));
	built_add(&built, built_text("policy c\nserial 1\ndeny rw 0x1000+4K gid 11\n"));
	assert_false(keeps(&built, &holding));
	/* If that rule was there when it was granted, it was not meant. */
	holding.old_policies = 1u << 2;
	assert_true(keeps(&built, &holding));
	holding.old_policies = 1u << 1;
	assert_false(keeps(&built, &holding));
	built_set_release(&built);
}

static void test_a_wider_rule_keeps(void **state)
{
	struct built_set built = { 0 };
	struct dmp_holding holding;

	(void)state;
	built_add(&built, built_text("policy a\nserial 1\nallow rw 0x1000+4K uid 1 gid 10\n"));
	holding = holding_of(&built, 0, 0, 1);
	built_set_release(&built);
	built_add(&built, built_text("policy a\nserial 2\nallow r 0x1000+8K uid 1\n"));
	assert_true(keeps(&built, &holding));
	holding.op = 1;
	assert_false(keeps(&built, &holding));
	holding.op = 0;
	holding.unreserved = true;
	assert_false(keeps(&built, &holding));
	built_set_release(&built);
	/* Narrower by a program of which nothing is known */
	holding.unreserved = false;
	built_add(&built, built_text("policy a\nserial 3\n"
				     "allow r 0x1000+8K uid 1 exe /programs/1\n"));
	built.members[0].programs[0] = decision_program(1);
	assert_false(keeps(&built, &holding));
	built_set_release(&built);
}

static void test_subject_of_rule(void **state)
{
	struct dmp_subject subject;
	struct built built;

	(void)state;
	built = built_text("policy a\nserial 1\nallow r 0x1000+4K label \"anybody\"\n");
	memset(&subject, 0xa5, sizeof(subject));
	dmp_subject_of_rule(&built.rules, 0, &subject);
	assert_int_equal(subject.known, 0);
	built_release(&built);
	built = built_text("policy a\nserial 1\n"
			   "allow r 0x1000+4K uid 5 gid 6 exe /programs/1 until 2030-01-01T00:00:00Z\n");
	built.programs[0] = decision_program(1);
	dmp_subject_of_rule(&built.rules, 0, &subject);
	assert_int_equal(subject.known, ALL_CONDITIONS);
	assert_int_equal(subject.uid, 5);
	assert_int_equal(subject.program.inode, decision_program(1).inode);
	assert_int_equal(subject.in_group(&subject, 6), DMP_MATCH_YES);
	assert_int_equal(subject.in_group(&subject, 7), DMP_MATCH_MAYBE);
	built_release(&built);
}

/* --- time ---------------------------------------------------------------------------- */

/* Seconds from BEGIN; the ruling until then, and from then on. */
static const struct {
	const char *statements;
	long now, latest;
	long until; /* -1: for ever */
	enum dmp_ruling_kind before, after;
} moments[] = {
	{ "allow rw 0x1000+4K", 0, 0, -1, DMP_RULING_ALLOW, 0 },
	{ "allow rw 0x1000+4K until 2027-01-15T08:00:10Z", 0, 0, 10, DMP_RULING_ALLOW,
	  DMP_RULING_EXPIRED },
	{ "deny rw 0x1000+4K until 2027-01-15T08:00:10Z", 0, 0, 10, DMP_RULING_DENY,
	  DMP_RULING_NONE },
	{ "expires 2027-01-15T08:00:10Z\nallow rw 0x1000+4K", 0, 0, 10, DMP_RULING_ALLOW,
	  DMP_RULING_EXPIRED },
	{ "expires 2027-01-15T08:00:10Z\ndeny rw 0x1000+4K", 0, 0, -1, DMP_RULING_DENY, 0 },
	{ "not-before 2027-01-15T08:00:10Z\nallow rw 0x1000+4K", 0, 0, 10, DMP_RULING_NOT_YET,
	  DMP_RULING_ALLOW },
	{ "not-before 2027-01-15T08:00:10Z\ndeny rw 0x1000+4K", 0, 0, -1, DMP_RULING_DENY, 0 },
	{ "expires 2027-01-15T08:00:10Z\nallow rw 0x1000+4K until 2027-01-15T08:00:07Z", 0, 0, 7,
	  DMP_RULING_ALLOW, DMP_RULING_EXPIRED },
	{ "expires 2027-01-15T08:00:07Z\nallow rw 0x1000+4K until 2027-01-15T08:00:10Z", 0, 0, 7,
	  DMP_RULING_ALLOW, DMP_RULING_EXPIRED },
	/* The clock was set back */
	{ "allow rw 0x1000+4K until 2027-01-15T08:00:10Z", 0, 10, -1, DMP_RULING_EXPIRED, 0 },
	{ "allow rw 0x1000+4K until 2027-01-15T08:00:10Z", 0, 9, 10, DMP_RULING_ALLOW,
	  DMP_RULING_EXPIRED },
	{ "expires 2027-01-15T08:00:10Z\nallow rw 0x1000+4K", 0, 20, -1, DMP_RULING_EXPIRED, 0 },
	{ "deny rw 0x1000+4K until 2027-01-15T08:00:10Z", 0, 10, -1, DMP_RULING_NONE, 0 },
	{ "not-before 2027-01-15T08:00:10Z\nallow rw 0x1000+4K", 0, 20, 10, DMP_RULING_NOT_YET,
	  DMP_RULING_ALLOW },
};

static struct dmp_ruling rule_at_second(const struct built_set *built, long now, long latest)
{
	struct model_subject nobody = { 0 };
	struct dmp_subject subject = decision_subject(&nobody);
	struct dmp_question question = {
		.pfn = 1,
		.ops = R | W,
		.subject = &subject,
		.clock = { (u64)(BEGIN + now), (u64)(BEGIN + (latest > now ? latest : now)) },
	};
	struct dmp_ruling ruling;

	dmp_ruling_make(&built->set, &question, &ruling);
	return ruling;
}

static void test_moments_are_exact(void **state)
{
	struct built_set built = { 0 };
	struct dmp_ruling ruling;
	char text[256];
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		snprintf(text, sizeof(text), "policy m\nserial 1\n%s\n", moments[i].statements);
		built_add(&built, built_text(text));
		ruling = rule_at_second(&built, moments[i].now, moments[i].latest);
		assert_int_equal(ruling.kind, moments[i].before);
		if (moments[i].until < 0) {
			assert_true(ruling.until_s == UINT64_MAX);
		} else {
			assert_true(ruling.until_s == (u64)(BEGIN + moments[i].until));
			ruling = rule_at_second(&built, moments[i].until - 1, moments[i].latest);
			assert_int_equal(ruling.kind, moments[i].before);
			ruling = rule_at_second(&built, moments[i].until, moments[i].latest);
			assert_int_equal(ruling.kind, moments[i].after);
		}
		built_set_release(&built);
	}
}

static u64 naive_next_end(const struct model_policy *policy, long after)
{
	long end, least = LONG_MAX;
	u32 i;

	for (i = 0; i < policy->count; i++) {
		if (policy->rules[i].deny)
			continue;
		end = policy->rules[i].until;
		if (end > after && end < least)
			least = end;
		if (policy->expires > after && policy->expires < least)
			least = policy->expires;
	}
	return least == LONG_MAX ? UINT64_MAX : (u64)least;
}

static void test_next_end(void **state)
{
	struct random random = { SEED + 3 };
	u32 round, i, found = 0;
	u64 wanted;
	long after;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		under_way = random.state;
		random_world(&random);
		for (i = 0; i < world.count; i++)
			for (after = BEGIN - 1; after < BEGIN + (long)SECONDS + 1; after++) {
				wanted = naive_next_end(&world.policies[i], after);
				assert_true(dmp_rules_next_end(set.built.set.rules[i],
							       (u64)after) == wanted);
				found += wanted != UINT64_MAX;
			}
		built_set_release(&set.built);
	}
	under_way = 0;
	assert_true(found > 1000);
}

/* --- shapes ---------------------------------------------------------------------------- */

static struct dmp_ruling rule_on(const struct built_set *built, u64 pfn, unsigned int ops, u32 uid)
{
	struct model_subject model = { .uid = uid };
	struct dmp_subject subject = decision_subject(&model);
	struct dmp_question question = {
		.pfn = pfn,
		.ops = ops,
		.enforced = true,
		.subject = &subject,
		.clock = { BEGIN, BEGIN },
	};
	struct dmp_ruling ruling;

	dmp_ruling_make(&built->set, &question, &ruling);
	return ruling;
}

static void test_two_policies_make_one_allow(void **state)
{
	struct built_set built = { 0 };
	struct dmp_ruling ruling;

	(void)state;
	built_add(&built, built_text("policy readers\nserial 1\nallow r 0x1000+4K\n"));
	built_add(&built, built_text("policy writers\nserial 1\nallow w 0x1000+8K\n"));
	ruling = rule_on(&built, 1, R | W, 0);
	assert_int_equal(ruling.kind, DMP_RULING_ALLOW);
	assert_int_equal(ruling.policy, 1);
	assert_int_equal(ruling.choice[0].policy, 0);
	assert_int_equal(ruling.choice[1].policy, 1);
	ruling = rule_on(&built, 2, R | W, 0);
	assert_int_equal(ruling.kind, DMP_RULING_OPERATION);
	ruling = rule_on(&built, 2, W, 0);
	assert_int_equal(ruling.kind, DMP_RULING_ALLOW);
	assert_true(ruling.first_pfn == 2 && ruling.last_pfn == 2);
	built_set_release(&built);
}

static void test_permissive_policy_does_not_count(void **state)
{
	struct built_set built = { 0 };

	(void)state;
	built_add(&built, built_text("policy yes\nserial 1\nallow r 0x1000+4K\n"));
	built_add(&built, built_text("policy no\nserial 1\nmode permissive\ndefault deny\n"
				     "deny r 0x1000+4K\nallow r 0x2000+4K\n"));
	assert_int_equal(rule_on(&built, 1, R, 0).kind, DMP_RULING_ALLOW);
	assert_int_equal(rule_on(&built, 2, R, 0).kind, DMP_RULING_NONE);
	assert_int_equal(rule_at_second(&built, 0, 0).kind, DMP_RULING_DENY);
	built_set_release(&built);
}

static void test_withdrawn_ranges_end_runs(void **state)
{
	struct built_set built = { 0 };
	struct dmp_ruling ruling;

	(void)state;
	built_add(&built, built_text("policy all\nserial 1\nallow rw 0x1000-0x8fff\n"));
	built.set.withdrawn_count = 1;
	built.set.withdrawn[0] = (struct dmp_pages){ 3, 4 };
	ruling = rule_on(&built, 1, R, 0);
	assert_int_equal(ruling.kind, DMP_RULING_ALLOW);
	assert_true(ruling.first_pfn == 1 && ruling.last_pfn == 2);
	ruling = rule_on(&built, 4, R, 0);
	assert_int_equal(ruling.kind, DMP_RULING_WITHDRAWN);
	assert_true(ruling.first_pfn == 3 && ruling.last_pfn == 4);
	ruling = rule_on(&built, 5, R, 0);
	assert_int_equal(ruling.kind, DMP_RULING_ALLOW);
	assert_true(ruling.first_pfn == 5 && ruling.last_pfn == 8);
	/* What nobody was allowed was not taken from him either. */
	built.set.withdrawn[0] = (struct dmp_pages){ 0, UINT64_MAX };
	assert_int_equal(rule_on(&built, 0, R, 0).kind, DMP_RULING_NONE);
	built_set_release(&built);
}

static void test_no_policy(void **state)
{
	struct built_set built = { 0 };
	struct dmp_ruling ruling;

	(void)state;
	ruling = rule_on(&built, 7, R, 0);
	assert_int_equal(ruling.kind, DMP_RULING_NONE);
	assert_true(ruling.first_pfn == 0 && ruling.last_pfn == UINT64_MAX);
	assert_true(ruling.until_s == UINT64_MAX);
	assert_int_equal(ruling.touched, 0);
}

/* --- counted, not timed ------------------------------------------------------------------ */

/* Every page of pages, by a subject that no condition fits. */
static u32 most_touched(const struct built_set *built, u64 pages)
{
	struct dmp_ruling ruling;
	u32 most = 0;
	u64 pfn;

	for (pfn = 0; pfn < pages; pfn++) {
		ruling = rule_on(built, pfn, R | W, 99);
		if (ruling.touched > most)
			most = ruling.touched;
	}
	return most;
}

/*
 * With as many rules as there may be: the halvings of the segments, the two rules
 * that decide for everybody, and those with conditions, of which there are limits.
 */
static void check_most_touched(void (*print)(FILE *), u64 pages, u32 conditional)
{
	struct built_set built = { 0 };
	u32 segments, most;

	built_add(&built, built_printed(print));
	segments = built.members[0].rules.index.segment_count;
	most = most_touched(&built, pages + 10);
	print_message("# %u rules, %u segments: %u touched at most\n", DMP_MAX_RULES, segments,
		      most);
	assert_in_range(most, halvings(segments), halvings(segments) + DMP_OPS + conditional);
	built_set_release(&built);
}

static void test_touched(void **state)
{
	(void)state;
	check_most_touched(print_chain, 2 * DMP_MAX_RULES, 0);
	check_most_touched(print_pairs, 2 * DMP_MAX_RULES, 0);
	check_most_touched(print_nest, 2 * DMP_MAX_RULES, 0);
	check_most_touched(print_crowds, 4 * DMP_MAX_RULES / DMP_MAX_CONDITIONAL,
			   DMP_MAX_CONDITIONAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_random_worlds, tell_world),
		cmocka_unit_test_teardown(test_maybe, tell_world),
		cmocka_unit_test_teardown(test_keeps, tell_world),
		cmocka_unit_test(test_only_what_is_certain_is_kept),
		cmocka_unit_test(test_a_wider_rule_keeps),
		cmocka_unit_test(test_subject_of_rule),
		cmocka_unit_test(test_moments_are_exact),
		cmocka_unit_test_teardown(test_next_end, tell_world),
		cmocka_unit_test(test_two_policies_make_one_allow),
		cmocka_unit_test(test_permissive_policy_does_not_count),
		cmocka_unit_test(test_withdrawn_ranges_end_runs),
		cmocka_unit_test(test_no_policy),
		cmocka_unit_test(test_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
