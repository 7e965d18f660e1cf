// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Watching real files in a directory of this test's own, for a kernel of its own
 * that only counts: which changes have programs looked up again, and when.
 */
#include <errno.h>

#include "daemon/programs.h"
#include "scratch.h"

#define RULES_MAX 8

static struct {
	const char *exe[RULES_MAX]; /* of each rule; NULL: for all programs */
	unsigned int rules;
	unsigned int interruptions; /* dumps that will not be consistent */
	unsigned int lookups;
	int resolve_error;
} kernel;

int dmp_nl_rules(struct dmp_nl *nl, const char *name, dmp_nl_rule_fn *fn, void *arg)
{
	int ret = 0;

	(void)nl;
	assert_null(name);
	for (unsigned int i = 0; !ret && i < kernel.rules; i++) {
		struct dmp_rule_info rule = { 0 };

		if (kernel.exe[i]) {
			rule.present = UINT64_C(1) << DEVMEM_POLICY_RULE_A_EXE;
			snprintf(rule.exe, sizeof(rule.exe), "%s", kernel.exe[i]);
		}
		ret = fn(&rule, arg);
	}
	if (!kernel.interruptions)
		return ret;
	kernel.interruptions--;
	return -EINTR;
}

int dmp_nl_resolve(struct dmp_nl *nl)
{
	(void)nl;
	kernel.lookups++;
	return kernel.resolve_error;
}

/* --- what the tests share --------------------------------------------------- */

static struct dmp_programs programs;
static uint64_t now_ms;

/* In a directory below the scratch one: root, root/usr, ... */
static void must_in(const char *place, const char *command)
{
	if (run_in_scratch("cd %s && { %s; }", place, command))
		fail_msg("failed in %s: %s", place, command);
}

static void must(const char *command)
{
	must_run(command);
}

/* Take the events that there are; the clock stands still. */
static bool anything(void)
{
	dmp_programs_read(&programs, now_ms);
	return dmp_programs_wait_ms(&programs, now_ms) >= 0;
}

/* Once it is due */
static void settle(unsigned int lookups)
{
	assert_true(anything());
	now_ms += DMP_PROGRAMS_QUIET_MS;
	assert_int_equal(dmp_programs_wait_ms(&programs, now_ms), 0);
	assert_int_equal(dmp_programs_resolve(&programs, NULL, now_ms), 0);
	assert_int_equal(kernel.lookups, lookups);
	assert_int_equal(dmp_programs_wait_ms(&programs, now_ms), -1);
}

static void update(void)
{
	assert_int_equal(dmp_programs_update(&programs, NULL), 0);
}

/* root/usr/bin/prog is what the one rule names. */
static int setup(void **state)
{
	static char path[SCRATCH_PATH_SIZE];

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	now_ms = 1000;
	must("rm -rf root && mkdir -p root/usr/bin");
	must_in("root/usr/bin", "echo 1 >prog && chmod 755 prog");
	strcpy(path, in_scratch("root/usr/bin/prog"));
	kernel.exe[0] = path;
	kernel.rules = 1;
	if (dmp_programs_open(&programs))
		return -1;
	update();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dmp_programs_close(&programs);
	return 0;
}

/* --- which files ------------------------------------------------------------ */

/* What was replaced between COMMIT and now is found by looking once. */
static void test_new_programs_are_looked_up(void **state)
{
	(void)state;
	assert_int_equal(programs.count, 1);
	assert_int_equal(kernel.lookups, 1);
	update();
	assert_int_equal(kernel.lookups, 1);
	kernel.exe[1] = "/bin/sh";
	kernel.rules = 2;
	update();
	assert_int_equal(kernel.lookups, 2);
	assert_false(anything());
}

/* How many files the kernel watches for us */
static unsigned int watched(void)
{
	struct dmp_message message;
	struct dmp_buffer file;
	unsigned int count = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", programs.fd);
	assert_int_equal(dmp_file_read(path, 1u << 20, &file, &message), 0);
	for (const char *at = (char *)file.bytes; (at = strstr(at, "inotify wd:")); at++)
		count++;
	dmp_buffer_free(&file);
	return count;
}

static void test_rules_share_programs(void **state)
{
	(void)state;
	kernel.exe[1] = NULL;
	kernel.exe[2] = "/bin/sh";
	kernel.exe[3] = kernel.exe[0];
	kernel.exe[4] = "/bin/sh";
	kernel.rules = 5;
	kernel.interruptions = 3;
	update();
	assert_int_equal(programs.count, 2);
	assert_string_equal(programs.list[0].path, "/bin/sh");
	assert_string_equal(programs.list[1].path, kernel.exe[0]);
	assert_true(watched() > 0);
	kernel.rules = 0;
	update();
	assert_int_equal(programs.count, 0);
	assert_int_equal(programs.watch_count, 0);
	assert_int_equal(watched(), 0);
	must("touch root/usr/bin/prog");
	assert_false(anything());
}

static void test_what_does_not_matter(void **state)
{
	(void)state;
	must("echo x >root/usr/bin/other && chmod 700 root/usr/bin/other");
	must("mv root/usr/bin/other root/usr/bin/prog2 && rm root/usr/bin/prog2");
	must("mkdir root/usr/sbin root/opt && rmdir root/usr/sbin");
	must("cat root/usr/bin/prog");
	assert_false(anything());
	/* Nothing is due, and nothing is done when there is nothing to look at. */
	kernel.rules = 0;
	update();
	assert_int_equal(dmp_programs_resolve(&programs, NULL, now_ms), 0);
	assert_int_equal(kernel.lookups, 1);
}

/* --- which changes ---------------------------------------------------------- */

/* As a package manager does it */
static void test_replaced_by_rename(void **state)
{
	struct dmp_program before = programs.list[0];

	(void)state;
	must_in("root/usr/bin", "echo 2 >prog.new && chmod 755 prog.new && mv prog.new prog");
	settle(2);
	assert_true(programs.list[0].there);
	assert_int_not_equal(programs.list[0].inode, before.inode);
	assert_false(anything());
	/* The new file is watched as the old one was. */
	must("chmod g+w root/usr/bin/prog");
	settle(3);
	assert_int_not_equal(programs.list[0].mode, before.mode);
	must("echo 3 >>root/usr/bin/prog");
	settle(4);
}

static void test_removed_and_back(void **state)
{
	(void)state;
	must("rm root/usr/bin/prog");
	settle(2);
	assert_false(programs.list[0].there);
	must("echo 2 >root/usr/bin/prog");
	settle(3);
	assert_true(programs.list[0].there);
}

/* Each directory on the path can be replaced as well. */
static void test_replaced_directories(void **state)
{
	(void)state;
	must_in("root/usr", "cp -r bin new && mv bin old && mv new bin");
	settle(2);
	must_in("root", "cp -r usr new && mv usr old && mv new usr");
	settle(3);
	must("mv root away");
	settle(4);
	assert_false(programs.list[0].there);
	must("mv away root");
	settle(5);
	assert_true(programs.list[0].there);
	/* What is in the old ones does not matter any more. */
	must("touch root/usr/old/prog root/old/bin/prog && chmod 700 root/old/bin");
	assert_false(anything());
	must("touch root/usr/bin/prog");
	settle(6);
}

static void test_directory_that_others_may_write(void **state)
{
	(void)state;
	must("chmod g+w root/usr");
	settle(2);
}

/* Through another name of the same file, which its directory does not see. */
static void test_changed_by_another_name(void **state)
{
	(void)state;
	must("mkdir root/elsewhere && ln root/usr/bin/prog root/elsewhere/alias");
	settle(2);
	must("echo 2 >>root/elsewhere/alias");
	settle(3);
	must("chown 1 root/elsewhere/alias");
	settle(4);
}

/* A path that leads nowhere yet, and comes step by step; links are not followed. */
static void test_comes_into_being(void **state)
{
	static char path[SCRATCH_PATH_SIZE];

	(void)state;
	strcpy(path, in_scratch("root/opt/x/prog"));
	kernel.exe[1] = path;
	kernel.rules = 2;
	update();
	assert_int_equal(kernel.lookups, 2);
	must("mkdir root/opt");
	settle(3);
	must("mkdir root/opt/x");
	settle(4);
	must("echo 1 >root/opt/x/prog");
	settle(5);
	must("mv root/opt/x root/opt/y && ln -s y root/opt/x");
	settle(6);
	must("rm root/opt/x && mv root/opt/y root/opt/x");
	settle(7);
}

/* --- when ------------------------------------------------------------------- */

static void test_waits_until_it_is_quiet(void **state)
{
	(void)state;
	must("touch root/usr/bin/prog");
	assert_true(anything());
	assert_int_equal(dmp_programs_wait_ms(&programs, now_ms), DMP_PROGRAMS_QUIET_MS);
	now_ms += DMP_PROGRAMS_QUIET_MS - 1;
	assert_int_equal(dmp_programs_wait_ms(&programs, now_ms), 1);
	must("touch root/usr/bin/prog");
	assert_true(anything());
	assert_int_equal(dmp_programs_wait_ms(&programs, now_ms), DMP_PROGRAMS_QUIET_MS);
	/* But not for ever. */
	for (int i = 0; i < 20; i++) {
		now_ms += 150;
		must("touch root/usr/bin/prog");
		assert_true(anything());
	}
	assert_int_equal(dmp_programs_wait_ms(&programs, now_ms), 0);
	settle(2);
}

static void test_failures_are_tried_again(void **state)
{
	(void)state;
	must("touch root/usr/bin/prog");
	assert_true(anything());
	now_ms += DMP_PROGRAMS_QUIET_MS;
	kernel.resolve_error = -ENOMEM;
	assert_int_equal(dmp_programs_resolve(&programs, NULL, now_ms), -ENOMEM);
	assert_int_equal(dmp_programs_wait_ms(&programs, now_ms), DMP_PROGRAMS_PATIENCE_MS);
	now_ms += DMP_PROGRAMS_PATIENCE_MS;
	kernel.resolve_error = 0;
	assert_int_equal(dmp_programs_resolve(&programs, NULL, now_ms), 0);
	assert_int_equal(dmp_programs_wait_ms(&programs, now_ms), -1);
	assert_int_equal(kernel.lookups, 3);
}

static unsigned int read_number(const char *path)
{
	struct dmp_message message;
	struct dmp_buffer file;
	unsigned int number;

	assert_int_equal(dmp_file_read(path, 100, &file, &message), 0);
	number = (unsigned int)atoi((const char *)file.bytes);
	dmp_buffer_free(&file);
	return number;
}

/* More changes than the kernel keeps: what was lost may have mattered. */
static void test_lost_events(void **state)
{
	unsigned int most = read_number("/proc/sys/fs/inotify/max_queued_events");
	char name[SCRATCH_PATH_SIZE];

	(void)state;
	if (most > 100000)
		skip();
	strcpy(name, in_scratch("root/usr/bin/other"));
	/* Each different from the one before, or they would be one. */
	for (unsigned int i = 0; i < most / 2 + 10; i++) {
		close(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0700));
		unlink(name);
	}
	settle(2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_new_programs_are_looked_up),
		TEST(test_rules_share_programs),
		TEST(test_what_does_not_matter),
		TEST(test_replaced_by_rename),
		TEST(test_removed_and_back),
		TEST(test_replaced_directories),
		TEST(test_directory_that_others_may_write),
		TEST(test_changed_by_another_name),
		TEST(test_comes_into_being),
		TEST(test_waits_until_it_is_quiet),
		TEST(test_failures_are_tried_again),
		TEST(test_lost_events),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
