// SPDX-License-Identifier: GPL-2.0-or-later
#include "rule.h"

#include <inttypes.h>
#include <string.h>

#include "json.h"
#include "policy/policy.h"

static bool has(const struct dmp_rule_info *rule, unsigned int attribute)
{
	return dmp_has(rule->present, attribute);
}

#define HAS(name) has(rule, DEVMEM_POLICY_RULE_A_##name)

/* --- JSON ------------------------------------------------------------------- */

static void put_optional(json_t *object, const char *key, const char *text)
{
	if (*text)
		dmp_json_escaped(object, key, text, strlen(text));
}

static void put_conditions(json_t *object, const struct dmp_rule_info *rule)
{
	char time[DMP_TIME_SIZE];

	if (HAS(UID))
		dmp_json_number(object, "uid", rule->uid);
	if (HAS(GID))
		dmp_json_number(object, "gid", rule->gid);
	put_optional(object, "exe", rule->exe);
	if (HAS(UNTIL_S)) {
		dmp_time_print(rule->until_s, time);
		dmp_json_text(object, "until", time);
	}
}

json_t *dmp_rule_json(const struct dmp_rule_info *rule)
{
	json_t *object = json_object();

	dmp_json_text(object, "policy", rule->policy);
	dmp_json_hex32(object, "rule", rule->id);
	dmp_json_text(object, "action", dmp_action_name(rule->action));
	dmp_json_text(object, "operations", dmp_ops_name(rule->ops));
	dmp_json_address(object, "first", rule->first);
	dmp_json_address(object, "last", rule->last);
	dmp_json_bool(object, "unreserved_ram",
		      rule->flags & DEVMEM_POLICY_RULE_UNRESERVED_RAM);
	dmp_json_bool(object, "log_summary", rule->flags & DEVMEM_POLICY_RULE_LOG_SUMMARY);
	put_conditions(object, rule);
	dmp_json_bool(object, "unresolved", rule->unresolved);
	dmp_json_bool(object, "out_of_time", rule->out_of_time);
	dmp_json_bool(object, "withdrawn", rule->withdrawn);
	put_optional(object, "label", rule->label);
	put_optional(object, "because", rule->because);
	return object;
}

/* --- text ------------------------------------------------------------------- */

static void print_quoted(const char *key, const char *text, FILE *out)
{
	if (!*text)
		return;
	fprintf(out, " %s ", key);
	dmp_string_print(text, out);
}

static void print_conditions(const struct dmp_rule_info *rule, FILE *out)
{
	char time[DMP_TIME_SIZE];

	if (HAS(UID))
		fprintf(out, " uid %" PRIu32, rule->uid);
	if (HAS(GID))
		fprintf(out, " gid %" PRIu32, rule->gid);
	if (HAS(EXE)) {
		fputs(" exe ", out);
		dmp_exe_print(rule->exe, out);
	}
	if (HAS(UNTIL_S)) {
		dmp_time_print(rule->until_s, time);
		fprintf(out, " until %s", time);
	}
}

/* What keeps it from counting now, as a comment of the language. */
static void print_marks(const struct dmp_rule_info *rule, FILE *out)
{
	const char *before = " # ";

	if (rule->unresolved) {
		fprintf(out, "%sunresolved", before);
		before = ", ";
	}
	if (rule->out_of_time) {
		fprintf(out, "%sout of time", before);
		before = ", ";
	}
	if (rule->withdrawn)
		fprintf(out, "%swithdrawn", before);
}

void dmp_rule_print(const struct dmp_rule_info *rule, FILE *out)
{
	fprintf(out, "%s %08" PRIx32 ": %s %s 0x%" PRIx64 "-0x%" PRIx64, rule->policy, rule->id,
		dmp_action_name(rule->action), dmp_ops_name(rule->ops), rule->first,
		rule->last);
	if (rule->flags & DEVMEM_POLICY_RULE_UNRESERVED_RAM)
		fprintf(out, " unreserved-ram");
	if (rule->flags & DEVMEM_POLICY_RULE_LOG_SUMMARY)
		fprintf(out, " log summary");
	print_conditions(rule, out);
	print_quoted("label", rule->label, out);
	print_quoted("because", rule->because, out);
	print_marks(rule, out);
	fputc('\n', out);
}
