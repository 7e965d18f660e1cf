// SPDX-License-Identifier: GPL-2.0-or-later
/* show.c - from canonical bytes back to text */
#include <inttypes.h>
#include <stdlib.h>

#include <linux/devmem_policy.h>

#include "message.h"

const char *dmp_ops_name(unsigned int ops)
{
	static const char *const names[] = { "none", "r", "w", "rw" };

	return ops < sizeof(names) / sizeof(*names) ? names[ops] : "unknown";
}

const char *dmp_action_name(unsigned int action)
{
	switch (action) {
	case DEVMEM_POLICY_ALLOW:
		return "allow";
	case DEVMEM_POLICY_DENY:
		return "deny";
	default:
		return "unknown";
	}
}

int dmp_policy_decode(const u8 *bytes, size_t length, struct dmp_view *view,
		      struct dmp_message *message)
{
	struct dmp_decode_error error;
	int ret;

	ret = dmp_decode(bytes, length, view, &error);
	if (!ret)
		return 0;
	if (error.rule == DMP_NO_RULE)
		return dmp_refuse(message, ret, "%s", error.what);
	/* The record is there, though what it says may make no sense. */
	return dmp_refuse(
		message, ret, "rule %" PRIu32 " (id %08" PRIx32 "): %s",
		error.rule + 1,
		dmp_load32(bytes + DMP_HEADER_BYTES +
			   (size_t)error.rule * DMP_RULE_BYTES + DMP_RULE_ID),
		error.what);
}

/* NULL for an empty string, which is how struct dmp_policy_rule says none. */
static int copy_string(const char *string, char **copy)
{
	if (!*string)
		return 0;
	*copy = strdup(string);
	return *copy ? 0 : -ENOMEM;
}

static int copy_rule(const struct dmp_rule *from, struct dmp_policy_rule *to)
{
	int ret;

	to->first = from->first;
	to->last = from->last;
	to->action = from->action;
	to->ops = from->ops;
	to->flags = from->flags;
	to->conditions = from->conditions;
	to->uid = from->uid;
	to->gid = from->gid;
	to->until_s = from->until_s;
	ret = copy_string(from->label, &to->label);
	if (!ret)
		ret = copy_string(from->because, &to->because);
	return ret ? ret : copy_string(from->exe, &to->exe);
}

int dmp_policy_from_view(const struct dmp_view *view, struct dmp_policy *policy)
{
	const struct dmp_header *header = &view->header;
	struct dmp_rule rule;
	int ret = 0;
	u32 i;

	memset(policy, 0, sizeof(*policy));
	memcpy(policy->name, header->name, sizeof(policy->name));
	policy->serial = header->serial;
	policy->default_deny = header->flags & DMP_FLAG_DEFAULT_DENY;
	policy->permissive = header->flags & DMP_FLAG_PERMISSIVE;
	policy->not_before_s = header->not_before_s;
	policy->expires_s = header->expires_s;
	policy->rules =
		calloc((size_t)header->rule_count + 1, sizeof(*policy->rules));
	if (!policy->rules)
		return -ENOMEM;
	policy->rule_count = header->rule_count;
	ret = copy_string(dmp_view_auditor(view), &policy->auditor);
	for (i = 0; !ret && i < header->rule_count; i++) {
		dmp_view_rule(view, i, &rule);
		ret = copy_rule(&rule, &policy->rules[i]);
	}
	if (ret)
		dmp_policy_free(policy);
	return ret;
}

void dmp_string_print(const char *string, FILE *stream)
{
	putc('"', stream);
	for (; *string; string++) {
		if (*string == '"' || *string == '\\')
			putc('\\', stream);
		putc(*string, stream);
	}
	putc('"', stream);
}

/* Users and groups by number: what a name means may change, or differ here. */
static void show_conditions(const struct dmp_rule *rule, FILE *stream)
{
	char time[DMP_TIME_SIZE];

	if (rule->conditions & DEVMEM_POLICY_CONDITION_UID)
		fprintf(stream, " uid %" PRIu32, rule->uid);
	if (rule->conditions & DEVMEM_POLICY_CONDITION_GID)
		fprintf(stream, " gid %" PRIu32, rule->gid);
	if (rule->conditions & DEVMEM_POLICY_CONDITION_EXE) {
		fputs(" exe ", stream);
		dmp_exe_print(rule->exe, stream);
	}
	if (rule->conditions & DEVMEM_POLICY_CONDITION_UNTIL) {
		dmp_time_print(rule->until_s, time);
		fprintf(stream, " until %s", time);
	}
}

static void show_rule(const struct dmp_rule *rule, FILE *stream)
{
	fprintf(stream, "%-5s %-2s 0x%" PRIx64 "-0x%" PRIx64,
		dmp_action_name(rule->action), dmp_ops_name(rule->ops),
		rule->first, rule->last);
	if (rule->flags & DEVMEM_POLICY_RULE_UNRESERVED_RAM)
		fputs(" unreserved-ram", stream);
	if (rule->flags & DEVMEM_POLICY_RULE_LOG_SUMMARY)
		fputs(" log summary", stream);
	show_conditions(rule, stream);
	if (*rule->label) {
		fputs(" label ", stream);
		dmp_string_print(rule->label, stream);
	}
	if (*rule->because) {
		fputs(" because ", stream);
		dmp_string_print(rule->because, stream);
	}
	fprintf(stream, " # rule %08" PRIx32 "\n", rule->id);
}

static void show_bound(const char *keyword, u64 seconds, FILE *stream)
{
	char time[DMP_TIME_SIZE];

	if (!seconds)
		return;
	dmp_time_print(seconds, time);
	fprintf(stream, "%s %s\n", keyword, time);
}

static void show_header(const struct dmp_view *view, FILE *stream)
{
	const struct dmp_header *header = &view->header;

	fprintf(stream, "policy %s\n", header->name);
	fprintf(stream, "serial %" PRIu64 "\n", header->serial);
	fprintf(stream, "default %s\n",
		header->flags & DMP_FLAG_DEFAULT_DENY ? "deny" : "kernel");
	if (header->flags & DMP_FLAG_PERMISSIVE)
		fputs("mode permissive\n", stream);
	show_bound("not-before", header->not_before_s, stream);
	show_bound("expires", header->expires_s, stream);
	if (header->auditor) {
		fputs("auditor exe ", stream);
		dmp_exe_print(dmp_view_auditor(view), stream);
		putc('\n', stream);
	}
}

void dmp_show(const struct dmp_view *view, FILE *stream)
{
	const struct dmp_header *header = &view->header;
	struct dmp_rule rule;
	u32 i;

	show_header(view, stream);
	for (i = 0; i < header->rule_count; i++) {
		dmp_view_rule(view, i, &rule);
		show_rule(&rule, stream);
	}
}
