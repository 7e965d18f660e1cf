// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules in force as lines and objects, to the letter; and that they are language. */
#include <jansson.h>

#include "daemon/rule.h"
#include "policy_fixture.h"

#define BIT(name) (UINT64_C(1) << DEVMEM_POLICY_RULE_A_##name)

static struct dmp_rule_info make_rule(void)
{
	return (struct dmp_rule_info){
		.policy = "fpga",
		.id = 0xc0e91ab,
		.action = DEVMEM_POLICY_ALLOW,
		.ops = 3,
		.first = 0x3f000000,
		.last = 0x3f0fffff,
	};
}

static struct dmp_rule_info make_full_rule(void)
{
	struct dmp_rule_info rule = make_rule();

	rule.present = BIT(UID) | BIT(GID) | BIT(EXE) | BIT(UNTIL_S);
	rule.flags = DEVMEM_POLICY_RULE_UNRESERVED_RAM | DEVMEM_POLICY_RULE_LOG_SUMMARY;
	rule.gid = 44;
	rule.until_s = 1798761600;
	strcpy(rule.exe, "/opt/my program");
	strcpy(rule.label, "the \"ring\"");
	strcpy(rule.because, "SEC-1182");
	return rule;
}

static char *print(const struct dmp_rule_info *rule)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	dmp_rule_print(rule, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* What is wanted comes in parts, so that each fits into a line here. */
#define PARTS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define check_text(rule, ...) check_text_parts(rule, PARTS(__VA_ARGS__))
#define check_json(rule, ...) check_json_parts(rule, PARTS(__VA_ARGS__))

static const char *join(const char *const *parts)
{
	static char text[1000];

	text[0] = '\0';
	for (; *parts; parts++) {
		assert_true(strlen(text) + strlen(*parts) < sizeof(text));
		strcat(text, *parts);
	}
	return text;
}

static void check_text_parts(const struct dmp_rule_info *rule, const char *const *parts)
{
	char *text = print(rule);

	assert_string_equal(text, join(parts));
	free(text);
}

static void check_json_parts(const struct dmp_rule_info *rule, const char *const *parts)
{
	json_t *expected = json_loads(join(parts), JSON_REJECT_DUPLICATES, NULL);
	json_t *seen = dmp_rule_json(rule);

	assert_non_null(expected);
	if (!json_equal(seen, expected))
		fail_msg("%s", json_dumps(seen, 0));
	json_decref(seen);
	json_decref(expected);
}

static void test_plain_rule(void **state)
{
	struct dmp_rule_info rule = make_rule();

	(void)state;
	check_text(&rule, "fpga 0c0e91ab: allow rw 0x3f000000-0x3f0fffff\n");
	check_json(&rule, "{\"policy\":\"fpga\",\"rule\":\"0c0e91ab\",\"action\":\"allow\",",
		   "\"operations\":\"rw\",\"first\":\"0x3f000000\",\"last\":\"0x3f0fffff\",",
		   "\"unreserved_ram\":false,\"log_summary\":false,",
		   "\"unresolved\":false,\"out_of_time\":false,",
		   "\"withdrawn\":false}");
}

/* uid 0 is a condition like any other. */
static void test_conditions(void **state)
{
	struct dmp_rule_info rule = make_full_rule();

	(void)state;
	check_text(&rule,
		   "fpga 0c0e91ab: allow rw 0x3f000000-0x3f0fffff unreserved-ram log summary uid 0 ",
		   "gid 44 exe \"/opt/my program\" until 2027-01-01T00:00:00Z ",
		   "label \"the \\\"ring\\\"\" because \"SEC-1182\"\n");
	check_json(&rule, "{\"policy\":\"fpga\",\"rule\":\"0c0e91ab\",\"action\":\"allow\",",
		   "\"operations\":\"rw\",\"first\":\"0x3f000000\",\"last\":\"0x3f0fffff\",",
		   "\"unreserved_ram\":true,\"log_summary\":true,\"uid\":0,\"gid\":44,",
		   "\"exe\":\"/opt/my program\",\"until\":\"2027-01-01T00:00:00Z\",",
		   "\"unresolved\":false,\"out_of_time\":false,\"withdrawn\":false,",
		   "\"label\":\"the \\\"ring\\\"\",\"because\":\"SEC-1182\"}");
}

static void test_marks(void **state)
{
	struct dmp_rule_info rule = make_rule();

	(void)state;
	rule.withdrawn = true;
	check_text(&rule, "fpga 0c0e91ab: allow rw 0x3f000000-0x3f0fffff # withdrawn\n");
	rule.unresolved = true;
	rule.out_of_time = true;
	check_text(&rule, "fpga 0c0e91ab: allow rw 0x3f000000-0x3f0fffff ",
		   "# unresolved, out of time, withdrawn\n");
	check_json(&rule, "{\"policy\":\"fpga\",\"rule\":\"0c0e91ab\",\"action\":\"allow\",",
		   "\"operations\":\"rw\",\"first\":\"0x3f000000\",\"last\":\"0x3f0fffff\",",
		   "\"unreserved_ram\":false,\"log_summary\":false,",
		   "\"unresolved\":true,\"out_of_time\":true,",
		   "\"withdrawn\":true}");
}

/* What stands behind the id compiles to that rule again. */
static void test_it_is_language(void **state)
{
	struct dmp_rule_info rule = make_full_rule();
	struct dmp_diagnostics diagnostics;
	struct dmp_policy policy;
	char source[600];
	char *text;

	(void)state;
	rule.unresolved = true;
	text = print(&rule);
	snprintf(source, sizeof(source), "policy p\nserial 1\n%s", strchr(text, ':') + 2);
	free(text);
	assert_int_equal(dmp_parse(source, strlen(source), &policy, &diagnostics), 0);
	assert_int_equal(policy.rule_count, 1);
	assert_int_equal(policy.rules[0].first, rule.first);
	assert_int_equal(policy.rules[0].last, rule.last);
	assert_int_equal(policy.rules[0].flags, rule.flags);
	assert_int_equal(policy.rules[0].uid, rule.uid);
	assert_int_equal(policy.rules[0].gid, rule.gid);
	assert_int_equal(policy.rules[0].until_s, rule.until_s);
	assert_string_equal(policy.rules[0].exe, rule.exe);
	assert_string_equal(policy.rules[0].label, rule.label);
	assert_string_equal(policy.rules[0].because, rule.because);
	dmp_policy_free(&policy);
	dmp_diagnostics_free(&diagnostics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_rule),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_it_is_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
