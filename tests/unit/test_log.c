// SPDX-License-Identifier: GPL-2.0-or-later
/* The log on a real file system: what is found in it, and what is left of it. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "daemon/batch.h"
#include "daemon/log.h"
#include "scratch.h"

#define BOOT_ID "11111111-2222-3333-4444-555555555555"
#define LINE(seq) \
	"{\"seq\":" #seq ",\"instance\":\"0000000000000abc\",\"boot_id\":\"" BOOT_ID "\"}\n"
#define FOREIGN(seq) \
	"{\"seq\":" #seq ",\"instance\":\"0000000000000abd\",\"boot_id\":\"" BOOT_ID "\"}\n"

static struct dmp_log *open_log(const char *name)
{
	struct dmp_log *log;

	assert_int_equal(dmp_log_open(in_scratch(name), &log), 0);
	return log;
}

/* Recover a log of these bytes, and compare what was found and what is left. */
static void check_recovery(const char *bytes, size_t length, uint64_t last, off_t torn)
{
	struct dmp_log_tail tail;
	struct dmp_log *log;
	char *left;

	overwrite_scratch("log", bytes, length);
	log = open_log("log");
	assert_int_equal(dmp_log_recover(log, 0xabc, BOOT_ID, &tail), 0);
	assert_int_equal(tail.last, last);
	assert_int_equal(tail.torn_bytes, torn);
	left = scratch_text("log");
	assert_memory_equal(left, bytes, length - (size_t)torn);
	assert_int_equal(left[length - (size_t)torn], '\0');
	free(left);
	dmp_log_close(log);
}

static void check_text(const char *text, uint64_t last, off_t torn)
{
	check_recovery(text, strlen(text), last, torn);
}

static void test_recovery(void **state)
{
	(void)state;
	check_text("", 0, 0);
	check_text(LINE(1), 1, 0);
	check_text(LINE(1) LINE(2), 2, 0);
	check_text(FOREIGN(7) LINE(1), 1, 0);
	/* The module was loaded again since. */
	check_text(LINE(5) FOREIGN(1), 0, 0);
	check_text("\n", 0, 0);
	check_text("nonsense\n", 0, 0);
	check_text(LINE(3) "nonsense\n\n", 3, 0);
}

static void test_torn_line_is_removed(void **state)
{
	(void)state;
	check_text("{", 0, 1);
	check_text(LINE(1) "{\"seq\":2,", 1, 9);
	/* Whole but for its end: never acknowledged, so it will come again. */
	check_text(LINE(1) "{\"seq\":2}", 1, 9);
	check_text("no line end at all", 0, 18);
	check_recovery(LINE(4) "\0\0\0", strlen(LINE(4)) + 3, 4, 3);
}

/* Around the size of the pieces in which the file is read backwards */
static void test_lines_of_any_length(void **state)
{
	static char text[200000];
	const size_t lengths[] = { 4094, 4095, 4096, 4097, 8191, 8192, 8193, 70000, 150000 };
	size_t first = strlen(LINE(1)), length;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		length = lengths[i];
		memcpy(text, LINE(1), first);
		memset(text + first, 'x', length);
		check_recovery(text, first + length, 1, (off_t)length);
		text[first + length - 1] = '\n';
		check_recovery(text, first + length, 1, 0);
	}
}

static void test_only_so_far_back(void **state)
{
	static char text[1000];

	(void)state;
	strcpy(text, LINE(9));
	for (int i = 0; i < 200; i++)
		strcat(text, "x\n");
	check_text(text, 0, 0);
}

static void test_what_is_no_log(void **state)
{
	struct dmp_log *log;

	(void)state;
	assert_int_equal(dmp_log_open(scratch, &log), -EISDIR);
	assert_null(log);
	assert_int_equal(dmp_log_open(in_scratch("missing/log"), &log), -ENOENT);
	assert_int_equal(symlink("log", in_scratch("link")), 0);
	assert_int_equal(dmp_log_open(in_scratch("link"), &log), -ELOOP);
	assert_int_equal(mkfifo(in_scratch("pipe"), 0600), 0);
	assert_int_equal(dmp_log_open(in_scratch("pipe"), &log), -EINVAL);
}

static void test_new_log_is_private(void **state)
{
	struct stat status;

	(void)state;
	dmp_log_close(open_log("private"));
	assert_int_equal(stat(in_scratch("private"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_one_owner(void **state)
{
	struct dmp_log_tail tail;
	struct dmp_log *one, *two;

	(void)state;
	overwrite_scratch("owned", LINE(1) "torn", strlen(LINE(1)) + 4);
	one = open_log("owned");
	two = open_log("owned");
	assert_int_equal(dmp_log_recover(one, 0xabc, BOOT_ID, &tail), 0);
	overwrite_scratch("owned", LINE(1) "torn", strlen(LINE(1)) + 4);
	assert_int_equal(dmp_log_recover(two, 0xabc, BOOT_ID, &tail), -EBUSY);
	/* Nothing is done to a log that is another's. */
	scratch_is("owned", LINE(1) "torn");
	dmp_log_close(one);
	assert_int_equal(dmp_log_recover(two, 0xabc, BOOT_ID, &tail), 0);
	scratch_is("owned", LINE(1));
	dmp_log_close(two);
}

static void append(struct dmp_log *log, const char *lines)
{
	size_t kept;

	assert_int_equal(dmp_log_append(log, lines, strlen(lines), &kept), 0);
	assert_int_equal(kept, strlen(lines));
}

static void test_append(void **state)
{
	struct dmp_log *log = open_log("append");

	(void)state;
	append(log, LINE(1));
	append(log, LINE(2) LINE(3));
	scratch_is("append", LINE(1) LINE(2) LINE(3));
	dmp_log_close(log);
}

/* A limit on the size of files does what a full disk does. */
static void set_room(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_no_room(void **state)
{
	const size_t line = strlen(LINE(1));
	struct dmp_log *log;
	size_t kept;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	for (size_t room = 0; room <= 3 * line; room++) {
		unlink(in_scratch("full"));
		log = open_log("full");
		set_room(room);
		if (room == 3 * line)
			assert_int_equal(dmp_log_append(log, LINE(1) LINE(2) LINE(3), 3 * line,
							&kept),
					 0);
		else
			assert_int_equal(dmp_log_append(log, LINE(1) LINE(2) LINE(3), 3 * line,
							&kept),
					 -EFBIG);
		set_room(RLIM_INFINITY);
		assert_int_equal(kept, room / line * line);
		/* The rest, once there is room: nothing is lost, torn or doubled. */
		append(log, LINE(1) LINE(2) LINE(3) + kept);
		scratch_is("full", LINE(1) LINE(2) LINE(3));
		dmp_log_close(log);
	}
}

static void test_rotation(void **state)
{
	char other[SCRATCH_PATH_SIZE];
	struct dmp_log *log = open_log("rotated");
	struct dmp_log_tail tail;

	(void)state;
	assert_int_equal(dmp_log_recover(log, 0xabc, BOOT_ID, &tail), 0);
	append(log, LINE(1));
	strcpy(other, in_scratch("rotated.1"));
	assert_int_equal(rename(in_scratch("rotated"), other), 0);
	append(log, LINE(2));
	assert_int_equal(dmp_log_reopen(log), 0);
	append(log, LINE(3));
	scratch_is("rotated.1", LINE(1) LINE(2));
	scratch_is("rotated", LINE(3));
	/* The same file once more is nothing special. */
	assert_int_equal(dmp_log_reopen(log), 0);
	append(log, LINE(4));
	scratch_is("rotated", LINE(3) LINE(4));
	dmp_log_close(log);
}

static void test_failed_rotation_keeps_the_old_file(void **state)
{
	char other[SCRATCH_PATH_SIZE];
	struct dmp_log *log = open_log("kept");

	(void)state;
	append(log, LINE(1));
	strcpy(other, in_scratch("kept.1"));
	assert_int_equal(rename(in_scratch("kept"), other), 0);
	assert_int_equal(mkdir(in_scratch("kept"), 0700), 0);
	assert_int_equal(dmp_log_reopen(log), -EISDIR);
	append(log, LINE(2));
	scratch_is("kept.1", LINE(1) LINE(2));
	dmp_log_close(log);
}

static void test_batch(void **state)
{
	struct dmp_batch batch = { 0 };
	char *wanted = calloc(1, 100001), line[32];
	size_t length = 0;

	(void)state;
	assert_non_null(wanted);
	assert_int_equal(dmp_batch_last(&batch, 0), 0);
	for (unsigned int i = 1; i <= 5000; i++) {
		snprintf(line, sizeof(line), "line %u", i);
		assert_int_equal(dmp_batch_add(&batch, 1000 + i, line), 0);
		length += (size_t)sprintf(wanted + length, "%s\n", line);
	}
	assert_int_equal(batch.length, length);
	assert_memory_equal(batch.lines, wanted, length);
	assert_int_equal(dmp_batch_last(&batch, length), 6000);
	assert_int_equal(dmp_batch_last(&batch, length - 1), 5999);
	assert_int_equal(dmp_batch_last(&batch, strlen("line 1\n")), 1001);
	assert_int_equal(dmp_batch_last(&batch, strlen("line 1\n") - 1), 0);
	dmp_batch_clear(&batch);
	assert_int_equal(dmp_batch_last(&batch, length), 0);
	dmp_batch_free(&batch);
	free(wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recovery),
		cmocka_unit_test(test_torn_line_is_removed),
		cmocka_unit_test(test_lines_of_any_length),
		cmocka_unit_test(test_only_so_far_back),
		cmocka_unit_test(test_what_is_no_log),
		cmocka_unit_test(test_new_log_is_private),
		cmocka_unit_test(test_one_owner),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_failed_rotation_keeps_the_old_file),
		cmocka_unit_test(test_batch),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
