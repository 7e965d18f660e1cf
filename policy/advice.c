// SPDX-License-Identifier: GPL-2.0-or-later
/* advice.c - what is allowed, but hardly meant */
#include "advice.h"

#include <stdlib.h>
#include <time.h>

#include <linux/devmem_policy.h>

static int warn(struct dmp_diagnostics *diagnostics,
		const struct dmp_span *span, const char *hint,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

static int warn(struct dmp_diagnostics *diagnostics,
		const struct dmp_span *span, const char *hint,
		const char *format, ...)
{
	va_list arguments;
	int ret;

	va_start(arguments, format);
	ret = dmp_diagnose_list(diagnostics, true, span, hint, format,
				arguments);
	va_end(arguments);
	return ret;
}

static int advise_on_regions(const struct dmp_draft *draft,
			     struct dmp_diagnostics *diagnostics)
{
	const struct dmp_region *region = draft->regions;
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < draft->region_count; i++, region++)
		if (!region->used)
			ret = warn(diagnostics, &region->span, NULL,
				   "no rule uses the region '%s'",
				   region->name);
	return ret;
}

static int advise_on_header(const struct dmp_draft *draft, u64 now_s,
			    struct dmp_diagnostics *diagnostics)
{
	struct dmp_span nowhere = { 1, 1, 0 };

	if (!draft->rule_count && !draft->default_deny)
		return warn(
			diagnostics, &nowhere, NULL,
			"the policy changes nothing: it has no rule and leaves the default to the kernel");
	if (draft->expires.seconds && draft->expires.seconds <= now_s)
		return warn(diagnostics, &draft->expires.span, NULL,
			    "this is in the past: the policy allows nothing");
	return 0;
}

/* A policy's times bound what it allows, and what it allows only. */
static int advise_on_until(const struct dmp_draft *draft,
			   const struct dmp_draft_rule *rule, u64 now_s,
			   struct dmp_diagnostics *diagnostics)
{
	u64 until_s = rule->rule.until_s, expires_s = draft->expires.seconds;
	bool allow = rule->rule.action == DEVMEM_POLICY_ALLOW;

	if (until_s <= now_s)
		return warn(diagnostics, &rule->until_span, NULL,
			    "this is in the past: the rule %s nothing",
			    allow ? "allows" : "denies");
	if (!allow)
		return 0;
	if (until_s <= draft->not_before.seconds)
		return warn(
			diagnostics, &rule->until_span, NULL,
			"the rule ends before the policy begins (line %u): it allows nothing",
			draft->not_before.span.line);
	if (expires_s && until_s > expires_s)
		return warn(
			diagnostics, &rule->until_span, NULL,
			"the policy expires earlier (line %u), and the rule with it",
			draft->expires.span.line);
	return 0;
}

/*
 * Where a directory is a link to another one, as /bin often is, the kernel will
 * refuse the path. It may be another machine's, so what is not here says nothing.
 */
static int advise_on_exe(const char *exe, const struct dmp_span *span,
			 struct dmp_diagnostics *diagnostics)
{
	char *real = realpath(exe, NULL);
	int ret = 0;

	if (real && strcmp(real, exe))
		ret = warn(
			diagnostics, span,
			"write the path that realpath(1) tells",
			"on this machine the path goes through a symbolic link, which the kernel refuses");
	free(real);
	return ret;
}

/* Does the rule leave nothing for the conditions of another one to decide? */
static bool makes_idle(const struct dmp_policy_rule *rule,
		       const struct dmp_policy_rule *other)
{
	if (rule->conditions || (rule->ops & other->ops) != other->ops)
		return false;
	return rule->action == DEVMEM_POLICY_DENY ||
	       rule->flags & DEVMEM_POLICY_RULE_UNRESERVED_RAM ||
	       !(other->flags & DEVMEM_POLICY_RULE_UNRESERVED_RAM);
}

static bool same_range(const struct dmp_draft_rule *rule,
		       const struct dmp_draft_rule *other)
{
	return rule->rule.first == other->rule.first &&
	       rule->rule.last == other->rule.last;
}

static int warn_idle(const struct dmp_draft_rule *rule,
		     const struct dmp_policy_rule *other,
		     struct dmp_diagnostics *diagnostics)
{
	if (other->action == DEVMEM_POLICY_ALLOW)
		return warn(
			diagnostics, &rule->span, NULL,
			"the conditions are idle: line %u allows the same to everybody",
			other->line);
	return warn(diagnostics, &rule->span, NULL,
		    "the rule is idle: line %u denies the same to everybody",
		    other->line);
}

/* Of an allow rule with conditions: one for the same range without any. */
static int advise_on_conditions(const struct dmp_draft *draft, u32 begin,
				const struct dmp_draft_rule *rule,
				struct dmp_diagnostics *diagnostics)
{
	const struct dmp_draft_rule *other;

	for (; begin < draft->rule_count; begin++) {
		other = &draft->rules[begin];
		if (!same_range(rule, other))
			break;
		if (makes_idle(&other->rule, &rule->rule))
			return warn_idle(rule, &other->rule, diagnostics);
	}
	return 0;
}

/* *begin is the first rule with the range of rule i - 1. */
static int advise_on_rule(const struct dmp_draft *draft, u32 *begin, u32 i,
			  u64 now_s, struct dmp_diagnostics *diagnostics)
{
	const struct dmp_draft_rule *rule = &draft->rules[i];
	int ret = 0;

	if (!same_range(rule, &draft->rules[*begin]))
		*begin = i;
	if (rule->rule.conditions & DEVMEM_POLICY_CONDITION_UNTIL)
		ret = advise_on_until(draft, rule, now_s, diagnostics);
	if (!ret && rule->rule.exe)
		ret = advise_on_exe(rule->rule.exe, &rule->exe_span,
				    diagnostics);
	if (!ret && rule->rule.conditions &&
	    rule->rule.action == DEVMEM_POLICY_ALLOW)
		ret = advise_on_conditions(draft, *begin, rule, diagnostics);
	return ret;
}

int dmp_advise(const struct dmp_draft *draft,
	       struct dmp_diagnostics *diagnostics)
{
	u64 now_s = (u64)time(NULL);
	u32 i, begin = 0;
	int ret;

	ret = advise_on_regions(draft, diagnostics);
	if (!ret)
		ret = advise_on_header(draft, now_s, diagnostics);
	if (!ret && draft->auditor)
		ret = advise_on_exe(draft->auditor, &draft->auditor_span,
				    diagnostics);
	for (i = 0; !ret && i < draft->rule_count; i++)
		ret = advise_on_rule(draft, &begin, i, now_s, diagnostics);
	return ret;
}
