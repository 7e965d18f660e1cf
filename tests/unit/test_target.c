// SPDX-License-Identifier: GPL-2.0-or-later
/* The arguments of devmemctl revoke: what they mean, and which are mistakes. */
#include <errno.h>

#include "daemon/target.h"
#include "policy_fixture.h"

#define ARGUMENTS_MAX 8

static struct dmp_target target;

/* Parse what follows "revoke"; the list ends with NULL. */
static int parse(const char *const *list)
{
	static char texts[ARGUMENTS_MAX][80];
	char *argv[ARGUMENTS_MAX + 1];
	int argc = 0;

	strcpy(texts[0], "revoke");
	argv[argc++] = texts[0];
	for (; *list; list++) {
		strcpy(texts[argc], *list);
		argv[argc] = texts[argc];
		argc++;
	}
	argv[argc] = NULL;
	return dmp_target_parse(argc, argv, &target);
}

#define PARSE(...) parse((const char *const[]){ __VA_ARGS__, NULL })

static void check_range(const char *text, uint64_t first, uint64_t last)
{
	assert_int_equal(PARSE(text), 0);
	assert_true(target.revocation.has_range);
	assert_false(target.revocation.has_rule);
	assert_null(target.revocation.policy);
	assert_int_equal(target.revocation.first, first);
	assert_int_equal(target.revocation.last, last);
	assert_int_equal(PARSE("--range", text), 0);
	assert_int_equal(target.revocation.first, first);
	assert_int_equal(target.revocation.last, last);
}

static void test_ranges(void **state)
{
	(void)state;
	check_range("0x3f000000-0x3f0fffff", 0x3f000000, 0x3f0fffff);
	check_range("0x3f000000+1M", 0x3f000000, 0x3f0fffff);
	check_range("4096+4K", 4096, 8191);
	check_range("4096-8191", 4096, 8191);
	check_range("0x0-0xffffffffffffffff", 0, UINT64_MAX);
}

static void test_bad_ranges(void **state)
{
	(void)state;
	assert_int_equal(PARSE("0x1000"), -EBADMSG);
	assert_int_equal(PARSE("0x1000-0x2000"), -EBADMSG);
	assert_int_equal(PARSE("0x1000+100"), -EBADMSG);
	assert_int_equal(PARSE("0x2000-0x1fff"), -EBADMSG);
	assert_int_equal(PARSE("0x1000+4k"), -EBADMSG);
	assert_int_equal(PARSE("0x1000 + 4K"), -EBADMSG);
	assert_int_equal(PARSE("0x1000+4K "), -EBADMSG);
	assert_int_equal(PARSE("0x1000+4K#"), -EBADMSG);
	assert_int_equal(PARSE("0xffffffffffffffff+4K"), -EBADMSG);
	assert_int_equal(PARSE("--range", "fpga"), -EBADMSG);
	assert_int_equal(PARSE("--range", ""), -EBADMSG);
	assert_int_equal(PARSE("4096-"), 0); /* a name */
	assert_false(target.revocation.has_range);
}

static void check_policy(const char *name)
{
	assert_int_equal(PARSE(name), 0);
	assert_string_equal(target.revocation.policy, name);
	assert_false(target.revocation.has_rule);
	assert_false(target.revocation.has_range);
	assert_false(target.ambiguous);
}

static void test_policies(void **state)
{
	(void)state;
	check_policy("fpga-capture");
	check_policy("2026-11-fix");
	check_policy("0123456");
	check_policy("012345678");
	check_policy("deadbeeg");
	assert_int_equal(PARSE("--policy", "deadbeef"), 0);
	assert_string_equal(target.revocation.policy, "deadbeef");
	assert_false(target.revocation.has_rule);
	assert_int_equal(PARSE("--policy", "1-2"), 0);
	assert_string_equal(target.revocation.policy, "1-2");
	assert_int_equal(PARSE("No/Name"), -EBADMSG);
	assert_int_equal(PARSE(""), -EBADMSG);
	assert_int_equal(PARSE("--policy", ""), -EBADMSG);
}

static void test_rules(void **state)
{
	(void)state;
	assert_int_equal(PARSE("deadBEEF"), 0);
	assert_true(target.revocation.has_rule);
	assert_int_equal(target.revocation.rule, 0xdeadbeef);
	assert_null(target.revocation.policy);
	/* No policy can be called so. */
	assert_false(target.ambiguous);
	assert_int_equal(PARSE("deadbeef"), 0);
	assert_true(target.ambiguous);
	assert_string_equal(target.name, "deadbeef");
	assert_null(target.revocation.policy);
	assert_int_equal(PARSE("--rule", "deadbeef"), 0);
	assert_false(target.ambiguous);
	assert_int_equal(target.revocation.rule, 0xdeadbeef);
	assert_int_equal(PARSE("fpga:00000001"), 0);
	assert_int_equal(target.revocation.rule, 1);
	assert_string_equal(target.revocation.policy, "fpga");
	assert_int_equal(PARSE("--rule", "00000001", "--policy", "fpga"), 0);
	assert_int_equal(target.revocation.rule, 1);
	assert_string_equal(target.revocation.policy, "fpga");
	assert_int_equal(PARSE("fpga:"), -EBADMSG);
	assert_int_equal(PARSE(":00000001"), -EBADMSG);
	assert_int_equal(PARSE("fpga:1"), -EBADMSG);
	assert_int_equal(PARSE("fpga:0000000g"), -EBADMSG);
	assert_int_equal(PARSE("--rule", "0x000001"), -EBADMSG);
}

static void test_everything(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--all"), 0);
	assert_true(target.all);
	assert_false(target.revocation.has_range);
	assert_false(target.revocation.has_rule);
	assert_null(target.revocation.policy);
}

/* Never everything by mistake */
static void test_one_thing_only(void **state)
{
	const char *const nothing[] = { NULL };

	(void)state;
	assert_int_equal(parse(nothing), -EINVAL);
	assert_int_equal(PARSE("--all", "fpga"), -EINVAL);
	assert_int_equal(PARSE("fpga", "--all"), -EINVAL);
	assert_int_equal(PARSE("fpga", "other"), -EINVAL);
	assert_int_equal(PARSE("--all", "--policy", "fpga"), -EINVAL);
	assert_int_equal(PARSE("--range", "0x1000+4K", "--rule", "00000001"), -EINVAL);
	assert_int_equal(PARSE("--policy", "fpga", "00000001"), -EINVAL);
	assert_int_equal(PARSE("--range", "0x1000+4K", "--range", "0x3000+4K"), -EINVAL);
	assert_int_equal(PARSE("--policy", "a", "--policy", "b"), -EINVAL);
	assert_int_equal(PARSE("--rule", "00000001", "--rule", "00000002"), -EINVAL);
	assert_int_equal(PARSE("--nonsense"), -EINVAL);
	assert_int_equal(PARSE("--policy"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_bad_ranges),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_one_thing_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
