// SPDX-License-Identifier: GPL-2.0-or-later
/* draft.c - what the lines of a text said, before it is one policy */
#include "draft.h"

#include <inttypes.h>
#include <stdlib.h>

#include "advice.h"
#include "keyword.h"

/* Looking for a similar name in more regions than this is not worth the time. */
#define MAX_COMPARED_REGIONS 4096u

static void *grow(void *entries, u32 count, u32 *room, size_t entry_bytes)
{
	void *more;

	if (count < *room)
		return entries;
	more = reallocarray(entries, *room ? 2 * (size_t)*room : 16,
			    entry_bytes);
	if (more)
		*room = *room ? 2 * *room : 16;
	return more;
}

int dmp_draft_add_region(struct dmp_draft *draft, struct dmp_region *region)
{
	struct dmp_region *regions = grow(draft->regions, draft->region_count,
					  &draft->region_room,
					  sizeof(*regions));

	if (!regions) {
		free(region->name);
		return -ENOMEM;
	}
	draft->regions = regions;
	regions[draft->region_count++] = *region;
	return 0;
}

void dmp_draft_rule_free(struct dmp_draft_rule *rule)
{
	free(rule->rule.label);
	free(rule->rule.because);
	free(rule->rule.exe);
	free(rule->region);
}

int dmp_draft_add_rule(struct dmp_draft *draft, struct dmp_draft_rule *rule)
{
	struct dmp_draft_rule *rules = grow(draft->rules, draft->rule_count,
					    &draft->rule_room, sizeof(*rules));

	if (!rules) {
		dmp_draft_rule_free(rule);
		return -ENOMEM;
	}
	draft->rules = rules;
	rules[draft->rule_count++] = *rule;
	return 0;
}

void dmp_draft_free(struct dmp_draft *draft)
{
	u32 i;

	for (i = 0; i < draft->region_count; i++)
		free(draft->regions[i].name);
	for (i = 0; i < draft->rule_count; i++)
		dmp_draft_rule_free(&draft->rules[i]);
	free(draft->regions);
	free(draft->rules);
	free(draft->auditor);
}

static int compare_numbers(u64 a, u64 b)
{
	return (a > b) - (a < b);
}

static int compare_regions(const void *left, const void *right)
{
	const struct dmp_region *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : compare_numbers(a->span.line, b->span.line);
}

static int compare_names(const void *name, const void *region)
{
	return strcmp(name, ((const struct dmp_region *)region)->name);
}

/* No exe is the empty string, which comes first. */
static int compare_conditions(const struct dmp_policy_rule *a,
			      const struct dmp_policy_rule *b)
{
	int order = compare_numbers(a->conditions, b->conditions);

	if (!order)
		order = compare_numbers(a->uid, b->uid);
	if (!order)
		order = compare_numbers(a->gid, b->gid);
	if (!order)
		order = compare_numbers(a->until_s, b->until_s);
	if (!order)
		order = strcmp(a->exe ? a->exe : "", b->exe ? b->exe : "");
	return order;
}

/* The order of format.h. */
static int compare_contents(const struct dmp_policy_rule *a,
			    const struct dmp_policy_rule *b)
{
	int order = compare_numbers(a->first, b->first);

	if (!order)
		order = compare_numbers(a->last, b->last);
	if (!order)
		order = compare_numbers(a->action, b->action);
	if (!order)
		order = compare_numbers(a->ops, b->ops);
	if (!order)
		order = compare_numbers(a->flags, b->flags);
	return order ? order : compare_conditions(a, b);
}

static int compare_rules(const void *left, const void *right)
{
	const struct dmp_policy_rule *a =
		&((const struct dmp_draft_rule *)left)->rule;
	const struct dmp_policy_rule *b =
		&((const struct dmp_draft_rule *)right)->rule;
	int order = compare_contents(a, b);

	return order ? order : compare_numbers(a->line, b->line);
}

/* The standard leaves qsort(NULL, 0) undefined. */
static void sort(void *entries, u32 count, size_t entry_bytes,
		 int (*compare)(const void *, const void *))
{
	if (count)
		qsort(entries, count, entry_bytes, compare);
}

static int check_header(struct dmp_draft *draft,
			struct dmp_diagnostics *diagnostics)
{
	/* About no line at all, so none is shown. */
	struct dmp_span nowhere = { 1, 1, 0 };
	int ret = 0;

	if (!draft->policy_line)
		ret = dmp_diagnose(diagnostics, false, &nowhere,
				   "add a line such as: policy fpga-capture",
				   "the policy has no name");
	if (ret != -ENOMEM && !draft->serial_line)
		ret = dmp_diagnose(diagnostics, false, &nowhere,
				   "add a line such as: serial 1",
				   "the policy has no serial");
	if (ret != -ENOMEM && draft->expires.seconds &&
	    draft->expires.seconds <= draft->not_before.seconds)
		ret = dmp_diagnose(
			diagnostics, false, &draft->expires.span, NULL,
			"the policy expires when it begins (line %u), or before",
			draft->not_before.span.line);
	return ret == -ENOMEM ? ret : 0;
}

static int check_regions(struct dmp_draft *draft,
			 struct dmp_diagnostics *diagnostics)
{
	struct dmp_region *regions = draft->regions;
	int ret;
	u32 i;

	sort(regions, draft->region_count, sizeof(*regions), compare_regions);
	for (i = 1; i < draft->region_count; i++) {
		if (strcmp(regions[i - 1].name, regions[i].name))
			continue;
		ret = dmp_diagnose(
			diagnostics, false, &regions[i].span,
			"give one of them another name",
			"the region '%s' is already defined on line %u",
			regions[i].name, regions[i - 1].span.line);
		if (ret == -ENOMEM)
			return ret;
	}
	return 0;
}

static int refuse_region(const struct dmp_draft *draft,
			 const struct dmp_draft_rule *rule,
			 struct dmp_diagnostics *diagnostics)
{
	char hint[DMP_MAX_NAME_BYTES + 80] = "add a line: region NAME = RANGE";
	u32 i;

	for (i = 0; i < draft->region_count && i < MAX_COMPARED_REGIONS; i++)
		if (dmp_is_near(rule->region, strlen(rule->region),
				draft->regions[i].name)) {
			snprintf(hint, sizeof(hint), "did you mean '%s'?",
				 draft->regions[i].name);
			break;
		}
	return dmp_diagnose(diagnostics, false, &rule->region_span, hint,
			    "the region '%s' is not defined", rule->region);
}

static struct dmp_region *find_region(const struct dmp_draft *draft,
				      const char *name)
{
	if (!draft->region_count)
		return NULL;
	return bsearch(name, draft->regions, draft->region_count,
		       sizeof(*draft->regions), compare_names);
}

/* *broken counts the rules that have no range even now. */
static int look_up_regions(struct dmp_draft *draft, u32 *broken,
			   struct dmp_diagnostics *diagnostics)
{
	struct dmp_draft_rule *rule = draft->rules;
	struct dmp_region *region;
	u32 i;

	for (i = 0; i < draft->rule_count; i++, rule++) {
		if (!rule->region)
			continue;
		region = find_region(draft, rule->region);
		*broken += !region || region->broken;
		if (!region &&
		    refuse_region(draft, rule, diagnostics) == -ENOMEM)
			return -ENOMEM;
		if (!region)
			continue;
		region->used = true;
		rule->rule.first = region->first;
		rule->rule.last = region->last;
	}
	return 0;
}

/* The conditional rules that name the page at hand, by where they end. */
struct crowd {
	u32 count;
	u64 last[DMP_MAX_CONDITIONAL];
};

/* Is there room for the rule, once those that end before it are gone? */
static bool crowd_add(struct crowd *crowd, const struct dmp_policy_rule *rule)
{
	u32 i, kept = 0;

	for (i = 0; i < crowd->count; i++)
		if (crowd->last[i] >= rule->first)
			crowd->last[kept++] = crowd->last[i];
	crowd->count = kept;
	if (kept == DMP_MAX_CONDITIONAL)
		return false;
	crowd->last[crowd->count++] = rule->last;
	return true;
}

/* Said once: the rules behind the first that is too many would be more of it. */
static int check_crowds(const struct dmp_draft *draft,
			struct dmp_diagnostics *diagnostics)
{
	const struct dmp_draft_rule *rule = draft->rules;
	struct crowd crowd = { 0 };
	u32 i;

	for (i = 0; i < draft->rule_count; i++, rule++) {
		if (!rule->rule.conditions || crowd_add(&crowd, &rule->rule))
			continue;
		return dmp_diagnose(
			diagnostics, false, &rule->span,
			"write one rule for a group instead of one for each user",
			"more than %u rules with conditions name the page at 0x%" PRIx64,
			DMP_MAX_CONDITIONAL, rule->rule.first);
	}
	return 0;
}

static int check_rules(struct dmp_draft *draft,
		       struct dmp_diagnostics *diagnostics)
{
	struct dmp_draft_rule *rules = draft->rules;
	int ret;
	u32 i;

	sort(rules, draft->rule_count, sizeof(*rules), compare_rules);
	for (i = 1; i < draft->rule_count; i++) {
		if (compare_contents(&rules[i - 1].rule, &rules[i].rule))
			continue;
		ret = dmp_diagnose(
			diagnostics, false, &rules[i].span,
			"keep one of the two lines",
			"this rule says the same as the one on line %u",
			rules[i - 1].rule.line);
		if (ret == -ENOMEM)
			return ret;
	}
	ret = check_crowds(draft, diagnostics);
	return ret == -ENOMEM ? ret : 0;
}

int dmp_draft_resolve(struct dmp_draft *draft,
		      struct dmp_diagnostics *diagnostics)
{
	u32 broken = 0;
	int ret;

	ret = check_header(draft, diagnostics);
	if (!ret)
		ret = check_regions(draft, diagnostics);
	if (!ret)
		ret = look_up_regions(draft, &broken, diagnostics);
	/* Rules without a range would all look the same. */
	if (!ret && !broken)
		ret = check_rules(draft, diagnostics);
	if (!ret && !diagnostics->error_count)
		ret = dmp_advise(draft, diagnostics);
	return ret;
}

int dmp_draft_finish(struct dmp_draft *draft, struct dmp_policy *policy)
{
	u32 i;

	memset(policy, 0, sizeof(*policy));
	memcpy(policy->name, draft->name, sizeof(policy->name));
	policy->serial = draft->serial;
	policy->default_deny = draft->default_deny;
	policy->permissive = draft->permissive;
	policy->not_before_s = draft->not_before.seconds;
	policy->expires_s = draft->expires.seconds;
	policy->rules =
		calloc((size_t)draft->rule_count + 1, sizeof(*policy->rules));
	if (!policy->rules)
		return -ENOMEM;
	policy->rule_count = draft->rule_count;
	/* It belongs to the policy now, as the texts of the rules below. */
	policy->auditor = draft->auditor;
	draft->auditor = NULL;
	for (i = 0; i < draft->rule_count; i++) {
		policy->rules[i] = draft->rules[i].rule;
		draft->rules[i].rule.label = NULL;
		draft->rules[i].rule.because = NULL;
		draft->rules[i].rule.exe = NULL;
	}
	return 0;
}

void dmp_policy_free(struct dmp_policy *policy)
{
	u32 i;

	for (i = 0; i < policy->rule_count; i++) {
		free(policy->rules[i].label);
		free(policy->rules[i].because);
		free(policy->rules[i].exe);
	}
	free(policy->rules);
	free(policy->auditor);
	memset(policy, 0, sizeof(*policy));
}
