// SPDX-License-Identifier: GPL-2.0-or-later
/* A log is followed through everything that happens to its files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/follow.h"
#include "daemon/missing.h"
#include "daemon/wait.h"
#include "forward_fixture.h"

static struct dmp_follow follow;

/* What was read: numbers of records, "c" for checkpoints, "!" before what breaks. */
static char seen[65536];

static void note(const struct dmp_line *line)
{
	struct dmp_missing missing;
	uint64_t seq;

	dmp_missing_find(&follow.at, line, &missing);
	if (missing.broken)
		strcat(seen, "!");
	if (missing.first)
		sprintf(seen + strlen(seen), "(%u-%u)", (unsigned int)missing.first,
			(unsigned int)missing.last);
	if (!dmp_line_count(line, "seq", &seq))
		sprintf(seen + strlen(seen), "%u ", (unsigned int)seq);
	else
		strcat(seen, dmp_line_is(line, "kind", "checkpoint") ? "c " : "r ");
}

/* Read what there is, as a forwarder does. */
static void read_on(void)
{
	uint8_t hash[DMP_SHA256_BYTES];
	struct dmp_place place;
	struct dmp_line line;
	enum dmp_found found;
	const char *text, *why;
	size_t length;

	*seen = '\0';
	while (dmp_follow_next(&follow, &text, &length) > 0) {
		assert_int_equal(dmp_sha256(text, length, hash), 0);
		if (dmp_line_scan(text, length, &line, &why) ||
		    (follow.at.known && memcmp(line.prev, follow.at.hash, sizeof(hash)))) {
			place = follow.at;
			if (!follow.adrift && !dmp_follow_stands(&follow)) {
				assert_int_equal(dmp_follow_resume(&follow, &place, &found), 0);
				continue;
			}
		}
		if (dmp_line_scan(text, length, &line, &why)) {
			strcat(seen, "? ");
			dmp_follow_pass(&follow, NULL, hash);
			continue;
		}
		note(&line);
		dmp_follow_pass(&follow, &line, hash);
	}
}

static void reads(const char *wanted)
{
	read_on();
	assert_string_equal(seen, wanted);
}

static int setup(void **state)
{
	if (log_setup(state))
		return -1;
	dmp_follow_open(&follow, audit_path);
	return 0;
}

static int teardown(void **state)
{
	dmp_follow_close(&follow);
	return log_teardown(state);
}

/* A forwarder that was not there for a while */
static enum dmp_found restart(void)
{
	struct dmp_place place = follow.at;
	enum dmp_found found;

	dmp_follow_close(&follow);
	dmp_follow_open(&follow, audit_path);
	assert_int_equal(dmp_follow_resume(&follow, &place, &found), 0);
	return found;
}

/* --- while it follows ------------------------------------------------------- */

static void test_growth(void **state)
{
	(void)state;
	append(2);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 2 ");
	reads("");
	append(1);
	reads("3 ");
	/* Half a line is none yet. */
	must_run("printf '{\"prev\":' >>audit");
	reads("");
}

static void test_beginnings(void **state)
{
	(void)state;
	assert_int_equal(dmp_follow_newest(&follow), 0);
	assert_false(follow.at.known);
	append(2);
	reads("c 1 2 ");
	rotate();
	append(1);
	dmp_follow_close(&follow);
	dmp_follow_open(&follow, audit_path);
	assert_int_equal(dmp_follow_newest(&follow), 0);
	assert_true(follow.at.known);
	append(1);
	reads("4 ");
	dmp_follow_close(&follow);
	dmp_follow_open(&follow, in_scratch("nowhere"));
	assert_int_equal(dmp_follow_newest(&follow), -ENOENT);
	assert_int_equal(dmp_follow_oldest(&follow), -ENOENT);
	reads("");
	/* It comes later. */
	must_run("cp audit.1 nowhere");
	reads("c 1 2 c ");
}

/* The newest file has no line yet: the one before says what it goes on behind. */
static void test_newest_is_empty(void **state)
{
	(void)state;
	append(2);
	must_run("mv audit ./audit.1; touch audit");
	assert_int_equal(dmp_follow_newest(&follow), 0);
	assert_int_equal(follow.at.last, 2);
	assert_int_equal(dmp_log_reopen(audit_log, NULL), 0);
	append(1);
	reads("c c 3 ");
}

static void test_rotation(void **state)
{
	(void)state;
	append(1);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 ");
	append(1);
	/* Renamed, but still written to; then there are two more files at once. */
	must_run("mv audit ./audit.1");
	reads("2 ");
	append(1);
	reads("3 ");
	assert_int_equal(dmp_log_reopen(audit_log, NULL), 0);
	append(1);
	rotate();
	append(1);
	rotate();
	append(1);
	reads("c c 4 c c 5 c c 6 ");
	/* One that is removed while it is read is read to its end. */
	append(1);
	rotate();
	must_run("rm audit.*");
	append(1);
	reads("7 c c 8 ");
}

static void test_truncation(void **state)
{
	(void)state;
	append(2);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 2 ");
	/* Emptied when everything was read: nothing is missing. */
	must_run(": >audit");
	reads("");
	append(2);
	reads("c 3 4 ");
	/* Emptied when two were not read. */
	append(2);
	must_run(": >audit");
	append(2);
	reads("!(5-6)c 7 8 ");
	append(1);
	reads("9 ");
}

/* Emptied, and longer than before when it is looked at again. */
static void test_truncation_unseen(void **state)
{
	(void)state;
	append(1);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 ");
	must_run(": >audit");
	append(9);
	reads("c 2 3 4 5 6 7 8 9 10 ");
	append(1);
	must_run("cp audit other; : >audit");
	append(20);
	read_on();
	assert_non_null(strstr(seen, "!(11-11)c 12 13 "));
	assert_non_null(strstr(seen, " 31 "));
	assert_null(strstr(seen, "?"));
}

static void test_copy_and_truncation(void **state)
{
	(void)state;
	append(2);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 2 ");
	append(2);
	must_run("cp audit ./audit.1; : >audit");
	append(1);
	reads("3 4 c 5 ");
}

static void test_deletion(void **state)
{
	(void)state;
	append(2);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 2 ");
	append(1);
	must_run("rm audit");
	reads("3 ");
	assert_int_equal(dmp_log_reopen(audit_log, NULL), 0);
	append(1);
	reads("c 4 ");
	/* A new log, which knows nothing of the one before. */
	must_run("rm audit");
	close_log();
	open_log();
	append(1);
	reads("!c 5 ");
}

/* A file between two others is gone. */
static void test_hole(void **state)
{
	(void)state;
	append(2);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 2 ");
	rotate();
	append(2);
	rotate();
	append(2);
	rotate();
	append(2);
	must_run("rm audit.2");
	reads("c !(3-4)c 5 6 c c 7 8 ");
	reads("");
}

static void test_rubbish(void **state)
{
	(void)state;
	append(1);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	must_run("echo rubbish >>audit");
	must_run("head -c 70000 /dev/zero | tr '\\0' x >>audit; echo >>audit");
	append(1);
	reads("c 1 ? ? ? !c 2 ");
}

/* A line was changed in its place, which a reader sees who has not passed it yet. */
static void test_change(void **state)
{
	(void)state;
	append(3);
	must_run("sed -i 's/\"seq\":2,\\(.*\\)denial/\"seq\":2,\\1grant/' audit");
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 2 !3 ");
}

/* --- while it does not ------------------------------------------------------ */

static void test_restart(void **state)
{
	(void)state;
	append(2);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 2 ");
	append(1);
	assert_int_equal(restart(), DMP_FOUND_LINE);
	reads("3 ");
	append(1);
	rotate();
	append(1);
	rotate();
	append(1);
	assert_int_equal(restart(), DMP_FOUND_LINE);
	reads("4 c c 5 c c 6 ");
}

/* The same lines in other files, as from a backup */
static void test_restored(void **state)
{
	(void)state;
	append(2);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 2 ");
	append(1);
	rotate();
	append(1);
	must_run("cp audit.1 copy; rm audit.1; cp copy audit.3");
	assert_int_equal(restart(), DMP_FOUND_LINE);
	reads("3 c c 4 ");
}

static void test_removed(void **state)
{
	(void)state;
	append(2);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 2 ");
	append(2);
	rotate();
	append(1);
	must_run("rm audit.1");
	assert_int_equal(restart(), DMP_FOUND_NOTHING);
	reads("!(3-4)c 5 ");
	reads("");
}

/* Cut off behind an earlier line: what is there still is not sent again. */
static void test_cut_off(void **state)
{
	(void)state;
	append(4);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 2 3 4 ");
	close_log();
	must_run("head -n 3 audit >short; cat short >audit");
	assert_int_equal(restart(), DMP_FOUND_RECORD);
	reads("");
	open_log();
	append(1);
	reads("!c 5 ");
}

static void test_another(void **state)
{
	(void)state;
	append(2);
	assert_int_equal(dmp_follow_oldest(&follow), 0);
	reads("c 1 2 ");
	memset(follow.at.hash, 1, sizeof(follow.at.hash));
	strcpy(follow.at.instance, "0000000000000def");
	assert_int_equal(restart(), DMP_FOUND_NOTHING);
	reads("!c 1 2 ");
}

/* --- waiting ---------------------------------------------------------------- */

static void test_wait(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	append(1);
	dmp_follow_wait(&follow, ends[0], 0);
	assert_int_equal(dmp_follow_wait(&follow, ends[0], 1), 0);
	append(1);
	assert_int_equal(dmp_follow_wait(&follow, ends[0], 5000), 1);
	rotate();
	assert_int_equal(dmp_follow_wait(&follow, ends[0], 5000), 1);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(dmp_follow_wait(&follow, ends[0], 5000), -ECANCELED);
	close(ends[0]);
	close(ends[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_growth),	    TEST(test_beginnings),
		TEST(test_newest_is_empty), TEST(test_rotation),
		TEST(test_truncation),	    TEST(test_truncation_unseen),
		TEST(test_copy_and_truncation), TEST(test_deletion),
		TEST(test_hole),	    TEST(test_rubbish),
		TEST(test_change),	    TEST(test_restart),
		TEST(test_restored),	    TEST(test_removed),
		TEST(test_cut_off),	    TEST(test_another),
		TEST(test_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
