// SPDX-License-Identifier: GPL-2.0-or-later
/* decision_table.c - the inputs of the decision, and all their combinations */
#include "decision_table.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Files; see decision_program() on 2 to 4. */
#define RIGHT_EXE 1
#define NO_EXE 0 /* of a subject */
#define HOUR 3600L

/* --- rules --------------------------------------------------------------------- */

enum where { HERE, AROUND, BESIDE, BEFORE };

#define MAX_TEMPLATE_RULES 4

struct rule_template {
	const char *rule; /* action and operations; NULL: no more rules */
	enum where where;
	unsigned int policy;
	bool unreserved;
};

static const struct {
	const char *name;
	unsigned int policies;
	struct rule_template rules[MAX_TEMPLATE_RULES];
} templates[] = {
	{ "no rule", 1, { { 0 } } },
	{ "allow r", 1, { { "+r", HERE, 0, false } } },
	{ "allow w", 1, { { "+w", HERE, 0, false } } },
	{ "allow rw", 1, { { "+rw", HERE, 0, false } } },
	{ "allow rw unreserved", 1, { { "+rw", HERE, 0, true } } },
	{ "deny rw", 1, { { "-rw", HERE, 0, false } } },
	{ "allow rw, deny w", 1, { { "+rw", HERE, 0, false }, { "-w", HERE, 0, false } } },
	{ "other pages", 1, { { "+rw", BESIDE, 0, false }, { "-rw", BEFORE, 0, false } } },
#define ORDINARY_TEMPLATES 8
	{ "deny r", 1, { { "-r", HERE, 0, false } } },
	{ "deny w", 1, { { "-w", HERE, 0, false } } },
	{ "allow rw, deny r", 1, { { "+rw", HERE, 0, false }, { "-r", HERE, 0, false } } },
	{ "allow rw, deny rw", 1, { { "+rw", HERE, 0, true }, { "-rw", HERE, 0, false } } },
	{ "allow r, allow w", 1, { { "+r", HERE, 0, false }, { "+w", HERE, 0, false } } },
	{ "allow r unreserved, allow rw", 1,
	  { { "+r", HERE, 0, true }, { "+rw", HERE, 0, false } } },
	{ "allow r, allow w unreserved", 1,
	  { { "+r", HERE, 0, false }, { "+w", HERE, 0, true } } },
	{ "allow rw, allow rw unreserved", 1,
	  { { "+rw", HERE, 0, false }, { "+rw", HERE, 0, true } } },
	{ "allow around, deny beside", 1,
	  { { "+rw", AROUND, 0, false }, { "-rw", BESIDE, 0, false } } },
	{ "allow around, deny w here", 1,
	  { { "+rw", AROUND, 0, false }, { "-w", HERE, 0, false } } },
	{ "deny around, allow here", 1,
	  { { "-rw", AROUND, 0, false }, { "+rw", HERE, 0, true } } },
	{ "two policies, allow r and allow w", 2,
	  { { "+r", HERE, 0, false }, { "+w", HERE, 1, false } } },
	{ "two policies, allow and deny", 2,
	  { { "+rw", HERE, 0, false }, { "-rw", HERE, 1, false } } },
	{ "two policies, deny w and allow", 2,
	  { { "-w", AROUND, 0, false }, { "+rw", HERE, 1, true } } },
	{ "two policies, allow and allow unreserved", 2,
	  { { "+rw", HERE, 0, false }, { "+rw", AROUND, 1, true } } },
	{ "two policies, nothing and allow", 2, { { "+rw", HERE, 1, false } } },
};

enum whose { ALL_RULES, ALLOW_RULES, DENY_RULES, WHOSE_VALUES };

/* --- subjects ------------------------------------------------------------------ */

enum group { RIGHT_EGID, SUPPLEMENTARY, WRONG_GROUPS, GROUP_VALUES };

/* exe of who asks; the last two: no file, and the rule's is not there. */
enum exe {
	EXE_RIGHT,
	EXE_DEVICE,
	EXE_INODE,
	EXE_GENERATION,
	EXE_OTHER,
	EXE_NONE,
	EXE_LOST,
	EXE_VALUES,
};

struct subject {
	unsigned int conditions; /* DEVMEM_POLICY_CONDITION_* */
	bool wrong_uid;
	enum group group;
	enum exe exe;
};

#define UID DEVMEM_POLICY_CONDITION_UID
#define GID DEVMEM_POLICY_CONDITION_GID
#define EXE DEVMEM_POLICY_CONDITION_EXE

static const struct subject ordinary_subjects[] = {
	{ 0, true, WRONG_GROUPS, EXE_OTHER },
	{ UID, false, WRONG_GROUPS, EXE_OTHER },
	{ UID, true, WRONG_GROUPS, EXE_OTHER },
	{ GID | EXE, true, SUPPLEMENTARY, EXE_RIGHT },
	{ UID | GID | EXE, false, RIGHT_EGID, EXE_RIGHT },
};

/* Each condition is absent, or is there and each thing can be true of who asks. */
#define SPECIAL_SUBJECTS ((1u + 2) * (1u + GROUP_VALUES) * (1u + EXE_VALUES))

static struct subject subject_of(unsigned int value)
{
	unsigned int rest = value - (unsigned int)COUNT(ordinary_subjects), digit;
	struct subject subject = ordinary_subjects[0];

	if (value < COUNT(ordinary_subjects))
		return ordinary_subjects[value];
	digit = rest % (1 + EXE_VALUES);
	rest /= 1 + EXE_VALUES;
	if (digit) {
		subject.conditions |= EXE;
		subject.exe = digit - 1;
	}
	digit = rest % (1 + GROUP_VALUES);
	rest /= 1 + GROUP_VALUES;
	if (digit) {
		subject.conditions |= GID;
		subject.group = digit - 1;
	}
	if (rest) {
		subject.conditions |= UID;
		subject.wrong_uid = rest == 2;
	}
	return subject;
}

/* --- time ----------------------------------------------------------------------- */

/* Seconds from now; ABSENT: none. latest is never before now. */
#define ABSENT 1000000000L

static const struct {
	const char *name;
	long not_before, expires, until, latest;
} times[] = {
	{ "no times", ABSENT, ABSENT, ABSENT, 0 },
	{ "within all of them", -HOUR, 2 * HOUR, HOUR, 0 },
	{ "after until", -2 * HOUR, HOUR, -HOUR, 0 },
	{ "before not-before", HOUR, 2 * HOUR, 2 * HOUR, 0 },
#define ORDINARY_TIMES 4
	{ "after expires", -2 * HOUR, -HOUR, ABSENT, 0 },
	{ "after expires, before until", ABSENT, -HOUR, HOUR, 0 },
	{ "only not-before, past", -HOUR, ABSENT, ABSENT, 0 },
	{ "before not-before, after until", HOUR, ABSENT, -HOUR, 0 },
#define REAL_TIMES 8
	{ "the second of not-before", 0, ABSENT, ABSENT, 0 },
	{ "a second before not-before", 1, ABSENT, ABSENT, 0 },
	{ "the second of expires", ABSENT, 0, ABSENT, 0 },
	{ "a second before expires", ABSENT, 1, ABSENT, 0 },
	{ "a second after expires", ABSENT, -1, ABSENT, 0 },
	{ "the second of until", ABSENT, ABSENT, 0, 0 },
	{ "a second before until", ABSENT, ABSENT, 1, 0 },
	{ "a second after until", ABSENT, ABSENT, -1, 0 },
	{ "set back to before until", ABSENT, ABSENT, 10, 10 },
	{ "set back, but until was not reached", ABSENT, ABSENT, 10, 9 },
	{ "set back to before expires", ABSENT, 10, ABSENT, 10 },
	{ "set back, but expires was not reached", ABSENT, 10, ABSENT, 9 },
	{ "set back to before not-before", 5, ABSENT, ABSENT, 20 },
	{ "set back to before all of them", 5, 10, 8, 20 },
};

/* --- the rest ------------------------------------------------------------------- */

static const char *const permissive[] = {
	"enforcing",
	"permissive module",
	"permissive first policy",
	"permissive policies",
	"another permissive policy allows",
	"another permissive policy denies",
	"another permissive policy denies by default",
	"permissive module and policies",
};

#define ORDINARY_PERMISSIVE 2

enum permissive {
	PERMISSIVE_MODULE = 1,
	PERMISSIVE_FIRST,
	PERMISSIVE_ALL,
	PERMISSIVE_ALLOWS,
	PERMISSIVE_DENIES,
	PERMISSIVE_DEFAULT,
	PERMISSIVE_BOTH,
};

static const char *const defaults[] = { "default kernel", "default deny",
					"another policy's default deny" };
#define ORDINARY_DEFAULTS 2

static const char *const withdrawn[] = { "nothing withdrawn", "page withdrawn",
					 "allow rules withdrawn", "one allow rule withdrawn",
					 "other pages withdrawn" };
#define ORDINARY_WITHDRAWN 1

enum withdrawn { WITHDRAWN_PAGE = 1, WITHDRAWN_RULES, WITHDRAWN_RULE, WITHDRAWN_BESIDE };

/* By enum devmem_policy_baseline. */
static const char *const baselines[] = { "kernel denies", "kernel allows", "kernel masks" };

static const struct {
	const char *name;
	enum devmem_policy_operation operation;
	bool executable;
} operations[] = {
	{ "read", DEVMEM_POLICY_OPERATION_READ, false },
	{ "write", DEVMEM_POLICY_OPERATION_WRITE, false },
	{ "mmap-read", DEVMEM_POLICY_OPERATION_MMAP_READ, false },
	{ "mmap-write", DEVMEM_POLICY_OPERATION_MMAP_WRITE, false },
	{ "executable mmap-read", DEVMEM_POLICY_OPERATION_MMAP_READ, true },
#define ORDINARY_OPERATIONS 5
	{ "executable mmap-write", DEVMEM_POLICY_OPERATION_MMAP_WRITE, true },
};

static const char *const auditors[] = { "auditor", "no auditor", "unproven auditor" };
#define REAL_AUDITORS 2

static const char *const reserved[] = { "reserved", "not reserved" };

static const char *const rails[] = { "revocable", "not revocable", "unloading" };
#define REAL_RAILS 1

enum rails { RAILS_BUSY = 1, RAILS_STOPPING };

static const struct {
	unsigned int ordinary;
	unsigned int values;
} inputs[TABLE_INPUTS] = {
	[TABLE_RULES] = { ORDINARY_TEMPLATES, COUNT(templates) },
	[TABLE_WHOSE] = { 1, WHOSE_VALUES },
	[TABLE_SUBJECT] = { COUNT(ordinary_subjects), COUNT(ordinary_subjects) + SPECIAL_SUBJECTS },
	[TABLE_TIME] = { ORDINARY_TIMES, COUNT(times) },
	[TABLE_PERMISSIVE] = { ORDINARY_PERMISSIVE, COUNT(permissive) },
	[TABLE_DEFAULT] = { ORDINARY_DEFAULTS, COUNT(defaults) },
	[TABLE_WITHDRAWN] = { ORDINARY_WITHDRAWN, COUNT(withdrawn) },
	[TABLE_BASELINE] = { COUNT(baselines), COUNT(baselines) },
	[TABLE_OPERATION] = { ORDINARY_OPERATIONS, COUNT(operations) },
	[TABLE_AUDITOR] = { COUNT(auditors), COUNT(auditors) },
	[TABLE_RESERVED] = { COUNT(reserved), COUNT(reserved) },
	[TABLE_RAILS] = { COUNT(rails), COUNT(rails) },
};

/* --- rows ----------------------------------------------------------------------- */

unsigned int table_values(enum table_input input)
{
	return inputs[input].values;
}

unsigned long table_size(void)
{
	unsigned long ordinary = 1, size;
	unsigned int i;

	for (i = 0; i < TABLE_INPUTS; i++)
		ordinary *= inputs[i].ordinary;
	size = ordinary;
	for (i = 0; i < TABLE_INPUTS; i++)
		size += ordinary / inputs[i].ordinary * (inputs[i].values - inputs[i].ordinary);
	return size;
}

void table_first(struct table_row *row)
{
	memset(row, 0, sizeof(*row));
}

static bool has_special_before(const struct table_row *row, unsigned int input)
{
	unsigned int i;

	for (i = 0; i < input; i++) {
		if (row->value[i] >= inputs[i].ordinary)
			return true;
	}
	return false;
}

enum table_input table_next(struct table_row *row)
{
	unsigned int i = TABLE_INPUTS, values;

	while (i-- > 0) {
		values = has_special_before(row, i) ? inputs[i].ordinary : inputs[i].values;
		if (++row->value[i] < values)
			return (enum table_input)i;
		row->value[i] = 0;
	}
	return TABLE_INPUTS;
}

bool table_is_real(const struct table_row *row)
{
	struct subject subject = subject_of(row->value[TABLE_SUBJECT]);

	return row->value[TABLE_TIME] < REAL_TIMES &&
	       row->value[TABLE_AUDITOR] < REAL_AUDITORS &&
	       row->value[TABLE_RAILS] < REAL_RAILS &&
	       (subject.exe == EXE_RIGHT || subject.exe == EXE_OTHER);
}

void table_print(const struct table_row *row, FILE *stream)
{
	static const char *const whose[] = { "all rules", "allow rules", "deny rules" };
	static const char *const group[] = { "right", "supplementary", "wrong" };
	static const char *const exe[] = { "right",	     "other device", "other inode",
					   "other generation", "other",	     "none",
					   "lost" };
	struct subject subject = subject_of(row->value[TABLE_SUBJECT]);

	fprintf(stream, "%s; conditions of %s:%s%s%s; uid %s, group %s, exe %s; %s; ",
		templates[row->value[TABLE_RULES]].name, whose[row->value[TABLE_WHOSE]],
		subject.conditions & UID ? " uid" : "", subject.conditions & GID ? " gid" : "",
		subject.conditions & EXE ? " exe" : "", subject.wrong_uid ? "wrong" : "right",
		group[subject.group], exe[subject.exe], times[row->value[TABLE_TIME]].name);
	fprintf(stream, "%s; %s; %s; %s; %s; %s; %s; %s\n",
		permissive[row->value[TABLE_PERMISSIVE]], defaults[row->value[TABLE_DEFAULT]],
		withdrawn[row->value[TABLE_WITHDRAWN]], baselines[row->value[TABLE_BASELINE]],
		operations[row->value[TABLE_OPERATION]].name, auditors[row->value[TABLE_AUDITOR]],
		reserved[row->value[TABLE_RESERVED]], rails[row->value[TABLE_RAILS]]);
}

/* --- scenes ---------------------------------------------------------------------- */

static struct model_range range_at(enum where where, unsigned long page)
{
	switch (where) {
	case AROUND:
		return (struct model_range){ page - 2, page + 3 };
	case BESIDE:
		return (struct model_range){ page + 1, page + 2 };
	case BEFORE:
		return (struct model_range){ page - 3, page - 1 };
	default:
		return (struct model_range){ page, page };
	}
}

static long moment(long offset, long now)
{
	return offset == ABSENT ? MODEL_NEVER : now + offset;
}

static struct model_rule plain_rule(const struct rule_template *template, unsigned long page)
{
	return (struct model_rule){
		.deny = *template->rule == '-',
		.read = strchr(template->rule, 'r'),
		.write = strchr(template->rule, 'w'),
		.unreserved = template->unreserved,
		.pages = range_at(template->where, page),
		.uid = MODEL_ANYBODY,
		.gid = MODEL_ANYBODY,
		.exe = MODEL_ANY_FILE,
		.until = MODEL_NEVER,
	};
}

static bool gets_conditions(const struct table_row *row, const struct model_rule *rule)
{
	switch (row->value[TABLE_WHOSE]) {
	case ALLOW_RULES:
		return !rule->deny;
	case DENY_RULES:
		return rule->deny;
	default:
		return true;
	}
}

static void set_conditions(const struct table_row *row, const struct table_place *place,
			   struct model_rule *rule)
{
	struct subject subject = subject_of(row->value[TABLE_SUBJECT]);

	if (!gets_conditions(row, rule))
		return;
	if (subject.conditions & UID)
		rule->uid = place->uid;
	if (subject.conditions & GID)
		rule->gid = place->gid;
	if (subject.conditions & EXE)
		rule->exe = subject.exe == EXE_LOST ? MODEL_LOST_FILE : RIGHT_EXE;
	rule->until = moment(times[row->value[TABLE_TIME]].until, place->now);
}

static void add_rule(struct model_policy *policy, const struct model_rule *rule)
{
	policy->rules[policy->count++] = *rule;
}

static void set_rules(const struct table_row *row, const struct table_place *place,
		      struct model_world *world)
{
	const struct rule_template *template = templates[row->value[TABLE_RULES]].rules;
	unsigned int value = row->value[TABLE_WITHDRAWN], i;
	bool taken = false;
	struct model_rule rule;

	world->count = templates[row->value[TABLE_RULES]].policies;
	for (i = 0; i < MAX_TEMPLATE_RULES && template[i].rule; i++) {
		rule = plain_rule(&template[i], place->page);
		set_conditions(row, place, &rule);
		rule.withdrawn = !rule.deny && (value == WITHDRAWN_RULES ||
						(value == WITHDRAWN_RULE && !taken));
		taken |= rule.withdrawn;
		add_rule(&world->policies[template[i].policy], &rule);
	}
}

/* Of the policies with the rules in question; others come later. */
static void set_headers(const struct table_row *row, const struct table_place *place,
			struct model_world *world)
{
	unsigned int mode = row->value[TABLE_PERMISSIVE], time = row->value[TABLE_TIME], i;
	struct model_policy *policy;

	for (i = 0; i < world->count; i++) {
		policy = &world->policies[i];
		policy->permissive = mode == PERMISSIVE_ALL || mode == PERMISSIVE_BOTH ||
				     (mode == PERMISSIVE_FIRST && !i);
		policy->default_deny = !i && row->value[TABLE_DEFAULT] == 1;
		policy->not_before = moment(times[time].not_before, place->now);
		policy->expires = moment(times[time].expires, place->now);
	}
	world->permissive = mode == PERMISSIVE_MODULE || mode == PERMISSIVE_BOTH;
}

static void add_others(const struct table_row *row, const struct table_place *place,
		       struct model_world *world)
{
	static const struct rule_template others[] = { { "+rw", AROUND, 0, true },
						       { "-rw", AROUND, 0, false } };
	unsigned int mode = row->value[TABLE_PERMISSIVE];
	struct model_policy *policy;
	struct model_rule rule;

	if (row->value[TABLE_DEFAULT] == 2)
		world->policies[world->count++].default_deny = true;
	if (mode != PERMISSIVE_ALLOWS && mode != PERMISSIVE_DENIES && mode != PERMISSIVE_DEFAULT)
		return;
	policy = &world->policies[world->count++];
	policy->permissive = true;
	policy->default_deny = mode == PERMISSIVE_DEFAULT;
	if (mode == PERMISSIVE_DEFAULT)
		return;
	rule = plain_rule(&others[mode == PERMISSIVE_DENIES], place->page);
	add_rule(policy, &rule);
}

static void set_world(const struct table_row *row, const struct table_place *place,
		      struct model_world *world)
{
	static const enum devmem_policy_reason auditor_reasons[] = {
		DEVMEM_POLICY_REASON_UNSPEC,
		DEVMEM_POLICY_REASON_NO_AUDITOR,
		DEVMEM_POLICY_REASON_UNPROVEN,
	};
	unsigned int taken = row->value[TABLE_WITHDRAWN];

	world->now = place->now;
	world->latest = place->now + times[row->value[TABLE_TIME]].latest;
	world->auditor = auditor_reasons[row->value[TABLE_AUDITOR]];
	world->stopping = row->value[TABLE_RAILS] == RAILS_STOPPING;
	if (taken != WITHDRAWN_PAGE && taken != WITHDRAWN_BESIDE)
		return;
	world->withdrawn_count = 1;
	world->withdrawn[0] = range_at(taken == WITHDRAWN_PAGE ? HERE : BESIDE, place->page);
}

static void set_subject(const struct table_row *row, const struct table_place *place,
			struct model_subject *subject)
{
	static const int files[] = { RIGHT_EXE, 2, 3, 4, 5, NO_EXE, RIGHT_EXE };
	struct subject words = subject_of(row->value[TABLE_SUBJECT]);

	subject->uid = words.wrong_uid ? place->other_uid : place->uid;
	subject->gid = words.group == RIGHT_EGID ? place->gid : place->other_gid;
	subject->group_count = 2;
	subject->groups[0] = place->third_gid;
	subject->groups[1] = words.group == SUPPLEMENTARY ? place->gid : place->other_gid;
	subject->exe = files[words.exe];
}

static void set_access(const struct table_row *row, const struct table_place *place,
		       struct model_access *access)
{
	access->page = place->page;
	access->operation = operations[row->value[TABLE_OPERATION]].operation;
	access->executable = operations[row->value[TABLE_OPERATION]].executable;
	access->baseline = row->value[TABLE_BASELINE];
	access->reserved = !row->value[TABLE_RESERVED];
	access->revocable = row->value[TABLE_RAILS] != RAILS_BUSY;
	set_subject(row, place, &access->subject);
}

void table_scene(const struct table_row *row, const struct table_place *place,
		 struct table_scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	set_rules(row, place, &scene->world);
	set_headers(row, place, &scene->world);
	add_others(row, place, &scene->world);
	set_world(row, place, &scene->world);
	set_access(row, place, &scene->access);
}
