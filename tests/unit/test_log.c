// SPDX-License-Identifier: GPL-2.0-or-later
/* The log on a real file system: what is found in it, and what is left of it. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "daemon/batch.h"
#include "daemon/log.h"
#include "log_fixture.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
/* As they are in a file; what they say about the line before does not count. */
#define IN_FILE(seq, instance)                                                         \
	DMP_LINE_PREV ZEROS DMP_LINE_PREV_TAIL "\"seq\":" #seq ",\"instance\":\"" instance \
	"\",\"boot_id\":\"" BOOT_ID "\",\"kind\":\"denial\"}\n"
#define LINE(seq) IN_FILE(seq, "0000000000000abc")
#define FOREIGN(seq) IN_FILE(seq, "0000000000000abd")

static struct dmp_log *open_log(const char *name)
{
	struct dmp_log *log;

	assert_int_equal(dmp_log_open(in_scratch(name), &log), 0);
	return log;
}

static void stop(struct dmp_log *log)
{
	assert_int_equal(dmp_log_checkpoint(log, "stop", NULL, false), 0);
	dmp_log_close(log);
}

/*
 * Recover a log of these bytes, and compare what was found and what is left, before
 * something is appended and behind that.
 */
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
	assert_memory_equal(left, bytes, length + 1);
	free(left);
	stop(log);
	left = scratch_text("log");
	length -= (size_t)torn;
	assert_memory_equal(left, bytes, length);
	assert_memory_equal(left + length, DMP_LINE_PREV, strlen(DMP_LINE_PREV));
	free(left);
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

/* Lines of somebody else do not hide the last record. */
static void test_behind_foreign_lines(void **state)
{
	static char text[1000];

	(void)state;
	strcpy(text, LINE(9));
	for (int i = 0; i < 200; i++)
		strcat(text, "x\n");
	check_text(text, 9, 0);
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
	stop(two);
	records_are("owned", RECORD_KIND(1, "0000000000000abc", "denial", ""));
}

/* Take over a log, which is not somebody else's. */
static struct dmp_log *recover_log(const char *name, uint64_t last)
{
	struct dmp_log *log = open_log(name);
	struct dmp_log_tail tail;

	assert_int_equal(dmp_log_recover(log, 0xabc, BOOT_ID, &tail), 0);
	assert_int_equal(tail.last, last);
	return log;
}

static void append(struct dmp_log *log, const char *records)
{
	size_t kept;

	assert_int_equal(dmp_log_append(log, records, strlen(records), NULL, &kept), 0);
	assert_int_equal(kept, strlen(records));
}

#define LOADED RECORD_KIND(1, "0000000000000abc", "module-loaded", "")

static void test_append(void **state)
{
	struct dmp_log *log = recover_log("append", 0);
	struct dmp_verify *verify;

	(void)state;
	append(log, LOADED);
	append(log, RECORD(2) RECORD(3));
	stop(log);
	records_are("append", LOADED RECORD(2) RECORD(3));
	verify = VERIFY("append");
	assert_int_equal(verify->class, DMP_LOG_INTACT);
	assert_int_equal(verify->lines, 5);
	assert_int_equal(verify->ledger.denied_pages, 2);
	/* The next daemon goes on with the sums of the first. */
	log = recover_log("append", 3);
	append(log, RECORD(4));
	stop(log);
	verify = VERIFY("append");
	assert_int_equal(verify->class, DMP_LOG_INTACT);
	assert_int_equal(verify->checkpoints, 4);
	assert_int_equal(verify->ledger.denied_pages, 3);
	/* Killed, and another one is there. */
	log = recover_log("append", 4);
	append(log, RECORD(5));
	dmp_log_close(log);
	verify = VERIFY("append");
	assert_int_equal(verify->class, DMP_LOG_INCOMPLETE);
	assert_int_equal(verify->lacks, DMP_LACK_CHECKPOINT);
	stop(recover_log("append", 5));
	assert_int_equal(VERIFY("append")->class, DMP_LOG_INTACT);
}

/* Of {"prev */
#define TORN_SHA256 "fce74903c2022ff6ebc53007315324c722b517a80d6f9a1065a0785c164e22ee"

static void is_marked(const char *name)
{
	char *text = scratch_text(name);

	assert_non_null(strstr(text, "\"dropped_bytes\":6,\"dropped_sha256\":\"" TORN_SHA256));
	free(text);
}

/* What a power cut leaves is cut off, and the log says so. */
static void test_repair(void **state)
{
	struct dmp_log *log = recover_log("torn", 0);
	struct dmp_log_tail tail;
	struct dmp_verify *verify;

	(void)state;
	append(log, LOADED RECORD(2));
	dmp_log_close(log);
	must_run("printf '{\"prev' >>torn");
	assert_int_equal(VERIFY("torn")->lacks, DMP_LACK_LINE_END | DMP_LACK_CHECKPOINT);
	log = open_log("torn");
	assert_int_equal(dmp_log_recover(log, 0xabc, BOOT_ID, &tail), 0);
	assert_int_equal(tail.torn_bytes, 6);
	append(log, RECORD(3));
	stop(log);
	records_are("torn", LOADED RECORD(2) RECORD(3));
	verify = VERIFY("torn");
	assert_int_equal(verify->class, DMP_LOG_INTACT);
	assert_int_equal(verify->repairs, 1);
	is_marked("torn");
}

static void rename_scratch(const char *from, const char *to)
{
	char path[SCRATCH_PATH_SIZE];

	strcpy(path, in_scratch(from));
	assert_int_equal(rename(path, in_scratch(to)), 0);
}

/* What was written last may be there as zeros: more of them than a line is long. */
static void test_repair_of_zeros(void **state)
{
	struct dmp_log *log = recover_log("zeros", 0);
	struct dmp_log_tail tail;

	(void)state;
	append(log, LOADED RECORD(2));
	dmp_log_close(log);
	must_run("head -c 3000000 /dev/zero >>zeros; cp zeros ended; echo >>ended");
	assert_int_equal(VERIFY("zeros")->class, DMP_LOG_INCOMPLETE);
	assert_int_equal(VERIFY("zeros")->lacks, DMP_LACK_LINE_END | DMP_LACK_CHECKPOINT);
	assert_int_equal(VERIFY("ended")->class, DMP_LOG_TAMPERED);
	log = open_log("zeros");
	assert_int_equal(dmp_log_recover(log, 0xabc, BOOT_ID, &tail), 0);
	assert_int_equal(tail.torn_bytes, 3000000);
	append(log, RECORD(3));
	stop(log);
	records_are("zeros", LOADED RECORD(2) RECORD(3));
	assert_int_equal(VERIFY("zeros")->class, DMP_LOG_INTACT);
}

/* The power went when a new file had been made, and the old one not been ended. */
static void test_repair_of_the_file_before(void **state)
{
	struct dmp_log *log = recover_log("before", 0);
	struct dmp_log_tail tail;
	struct dmp_verify *verify;

	(void)state;
	append(log, LOADED RECORD(2));
	dmp_log_close(log);
	must_run("printf '{\"prev' >>before");
	rename_scratch("before", "before.1");
	log = open_log("before");
	assert_int_equal(dmp_log_recover(log, 0xabc, BOOT_ID, &tail), 0);
	assert_int_equal(tail.torn_bytes, 6);
	append(log, RECORD(3));
	stop(log);
	records_are("before.1", LOADED RECORD(2));
	records_are("before", RECORD(3));
	verify = VERIFY("before.1", "before");
	assert_int_equal(verify->class, DMP_LOG_INTACT);
	assert_int_equal(verify->repairs, 1);
	is_marked("before");
}

/* A file that is there when the log is begun again is marked likewise. */
static void test_repair_when_reopened(void **state)
{
	struct dmp_log *log = recover_log("again", 0);

	(void)state;
	append(log, LOADED);
	rename_scratch("again", "again.1");
	must_run("printf '{\"prev' >again");
	assert_int_equal(dmp_log_reopen(log, NULL), 0);
	append(log, RECORD(2));
	stop(log);
	records_are("again", RECORD(2));
	assert_int_equal(VERIFY("again.1", "again")->class, DMP_LOG_INTACT);
	is_marked("again");
}

/* With the module's counters there is a checkpoint at every 1,000 records. */
static void test_checkpoints_among_records(void **state)
{
	static char records[3000 * 160];
	struct dmp_log *log = recover_log("many", 0);
	struct dmp_kernel kernel = { .known = true, .newest = 2500, .denied_pages = 2499 };
	struct dmp_verify *verify;
	size_t length = 0, kept;

	(void)state;
	assert_true(dmp_log_is_due(log, 1));
	length = (size_t)sprintf(records, "%s", LOADED);
	for (int i = 2; i <= 2500; i++)
		length += (size_t)sprintf(records + length, "{\"seq\":%d%s", i,
					  strchr(RECORD(1), ','));
	assert_int_equal(dmp_log_append(log, records, length, &kernel, &kept), 0);
	assert_int_equal(kept, length);
	assert_true(dmp_log_is_open(log));
	assert_false(dmp_log_is_due(log, 499));
	assert_true(dmp_log_is_due(log, 500));
	assert_int_equal(dmp_log_checkpoint(log, "idle", &kernel, true), 0);
	assert_false(dmp_log_is_open(log));
	dmp_log_close(log);
	verify = VERIFY("many");
	assert_int_equal(verify->class, DMP_LOG_INTACT);
	/* start, two of 1,000, idle */
	assert_int_equal(verify->checkpoints, 4);
	log = recover_log("many", 2500);
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

static off_t size_of(const char *name)
{
	struct stat status;

	assert_int_equal(stat(in_scratch(name), &status), 0);
	return status.st_size;
}

static void test_no_room(void **state)
{
	const char *const records = LOADED RECORD(2) RECORD(3);
	struct dmp_log *log;
	off_t whole;
	size_t kept;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	log = recover_log("full", 0);
	append(log, records);
	dmp_log_close(log);
	whole = size_of("full");
	for (off_t room = 0; room < whole; room += 7) {
		unlink(in_scratch("full"));
		log = recover_log("full", 0);
		set_room((rlim_t)room);
		assert_int_equal(dmp_log_append(log, records, strlen(records), NULL, &kept),
				 -EFBIG);
		set_room(RLIM_INFINITY);
		assert_true(!kept || records[kept - 1] == '\n');
		/* The rest, once there is room: nothing is lost, torn or doubled. */
		append(log, records + kept);
		stop(log);
		records_are("full", records);
		assert_int_equal(VERIFY("full")->class, DMP_LOG_INTACT);
	}
}

/* The chain runs across files. */
static void test_rotation(void **state)
{
	char other[SCRATCH_PATH_SIZE];
	struct dmp_log *log = recover_log("rotated", 0);
	struct dmp_verify *verify;

	(void)state;
	append(log, LOADED);
	strcpy(other, in_scratch("rotated.1"));
	assert_int_equal(rename(in_scratch("rotated"), other), 0);
	append(log, RECORD(2));
	assert_int_equal(dmp_log_reopen(log, NULL), 0);
	append(log, RECORD(3));
	records_are("rotated.1", LOADED RECORD(2));
	records_are("rotated", RECORD(3));
	/* The same file once more is nothing special. */
	assert_int_equal(dmp_log_reopen(log, NULL), 0);
	append(log, RECORD(4));
	stop(log);
	records_are("rotated", RECORD(3) RECORD(4));
	assert_int_equal(VERIFY("rotated.1", "rotated")->class, DMP_LOG_INTACT);
	assert_int_equal(VERIFY("rotated.1")->lacks, DMP_LACK_NEXT_FILE);
	verify = VERIFY("rotated");
	assert_int_equal(verify->lacks, DMP_LACK_BEGINNING | DMP_LACK_RECORDS);
	assert_int_equal(verify->missing, 2);
	assert_int_equal(VERIFY("rotated", "rotated.1")->class, DMP_LOG_TAMPERED);
}

/* Renamed while no daemon was there, or killed in the middle of it */
static void test_rotated_without_us(void **state)
{
	char other[SCRATCH_PATH_SIZE];
	struct dmp_log *log = recover_log("away", 0);

	(void)state;
	append(log, LOADED RECORD(2));
	stop(log);
	strcpy(other, in_scratch("away.1"));
	assert_int_equal(rename(in_scratch("away"), other), 0);
	log = recover_log("away", 2);
	append(log, RECORD(3));
	stop(log);
	records_are("away", RECORD(3));
	assert_int_equal(VERIFY("away.1", "away")->class, DMP_LOG_INTACT);
}

static void test_limit(void **state)
{
	struct dmp_log *log = recover_log("limited", 0);
	char record[200];

	(void)state;
	dmp_log_limit(log, 2000, 2);
	append(log, LOADED);
	assert_false(dmp_log_is_full(log));
	for (int i = 2; i < 60; i++) {
		snprintf(record, sizeof(record), "{\"seq\":%d%s", i,
			 strchr(RECORD(1), ','));
		append(log, record);
		if (dmp_log_is_full(log))
			assert_int_equal(dmp_log_rotate(log, NULL), 0);
	}
	stop(log);
	assert_true(size_of("limited.1") >= 2000);
	assert_true(size_of("limited.2") >= 2000);
	assert_int_equal(access(in_scratch("limited.3"), F_OK), -1);
	assert_int_equal(VERIFY("limited.2", "limited.1", "limited")->lacks,
			 DMP_LACK_BEGINNING | DMP_LACK_RECORDS);
	assert_int_equal(VERIFY("limited.2", "limited")->lacks,
			 DMP_LACK_BEGINNING | DMP_LACK_RECORDS | DMP_LACK_FILE);
	assert_int_equal(VERIFY("limited.2", "limited.1", "limited")->ledger.count, 59);
}

static void test_failed_rotation_keeps_the_old_file(void **state)
{
	char other[SCRATCH_PATH_SIZE];
	struct dmp_log *log = recover_log("kept", 0);

	(void)state;
	append(log, LOADED);
	strcpy(other, in_scratch("kept.1"));
	assert_int_equal(rename(in_scratch("kept"), other), 0);
	assert_int_equal(mkdir(in_scratch("kept"), 0700), 0);
	assert_int_equal(dmp_log_reopen(log, NULL), -EISDIR);
	assert_int_equal(dmp_log_rotate(log, NULL), -ESTALE);
	append(log, RECORD(2));
	stop(log);
	records_are("kept.1", LOADED RECORD(2));
	assert_int_equal(VERIFY("kept.1")->class, DMP_LOG_INTACT);
}

static void test_deleted(void **state)
{
	struct dmp_log *log = recover_log("deleted", 0);
	struct dmp_verify *verify;

	(void)state;
	append(log, LOADED);
	assert_false(dmp_log_is_deleted(log));
	assert_int_equal(unlink(in_scratch("deleted")), 0);
	assert_true(dmp_log_is_deleted(log));
	assert_int_equal(dmp_log_reopen(log, NULL), 0);
	assert_false(dmp_log_is_deleted(log));
	append(log, RECORD(2));
	stop(log);
	verify = VERIFY("deleted");
	assert_int_equal(verify->lacks, DMP_LACK_BEGINNING | DMP_LACK_RECORDS);
	assert_int_equal(verify->gaps[0].first, 1);
	assert_int_equal(verify->gaps[0].last, 1);
}

/* As logrotate's copytruncate does it */
static void test_emptied(void **state)
{
	struct dmp_log *log = recover_log("emptied", 0);

	(void)state;
	append(log, LOADED RECORD(2));
	must_run("cat emptied >emptied.1");
	assert_int_equal(truncate(in_scratch("emptied"), 0), 0);
	append(log, RECORD(3));
	stop(log);
	records_are("emptied", RECORD(3));
	assert_int_equal(VERIFY("emptied.1", "emptied")->class, DMP_LOG_INTACT);
	assert_int_equal(VERIFY("emptied")->class, DMP_LOG_INCOMPLETE);
}

/* Deleted or cut while records are being appended: none of them counts. */
static void test_deleted_meanwhile(void **state)
{
	struct dmp_log *log = recover_log("going", 0);
	struct dmp_verify *verify;
	size_t kept = 1;

	(void)state;
	append(log, LOADED);
	assert_int_equal(unlink(in_scratch("going")), 0);
	assert_int_equal(dmp_log_append(log, RECORD(2), strlen(RECORD(2)), NULL, &kept), -ESTALE);
	assert_int_equal(kept, 0);
	assert_int_equal(dmp_log_reopen(log, NULL), 0);
	append(log, RECORD(2));
	stop(log);
	records_are("going", RECORD(2));
	verify = VERIFY("going");
	assert_int_equal(verify->gaps[0].last, 1);
	assert_int_equal(verify->ledger.count, 2);
}

/* What others leave in the file never becomes part of a record. */
static void test_changed_by_others(void **state)
{
	struct dmp_log *log = recover_log("changed", 0);
	uint64_t from, to;
	char *text;

	(void)state;
	append(log, LOADED);
	append(log, RECORD(2));
	assert_false(dmp_log_was_changed(log, &from, &to));
	must_run("printf 'no line end' >>changed");
	append(log, RECORD(3));
	assert_true(dmp_log_was_changed(log, &from, &to));
	assert_int_equal(to - from, strlen("no line end"));
	assert_false(dmp_log_was_changed(log, &from, &to));
	/* What was removed is told, and so nothing is wrong with the chain. */
	assert_int_equal(VERIFY("changed")->repairs, 1);
	assert_int_not_equal(VERIFY("changed")->class, DMP_LOG_TAMPERED);
	/* In the middle of a line of ours */
	must_run("truncate -s -10 changed");
	append(log, RECORD(4));
	assert_true(dmp_log_was_changed(log, &from, &to));
	assert_int_equal(from - to, 10);
	stop(log);
	records_are("changed", LOADED RECORD(2) RECORD(4));
	text = scratch_text("changed");
	assert_non_null(strstr(text, "\"cause\":\"continued\""));
	free(text);
	assert_int_equal(VERIFY("changed")->class, DMP_LOG_TAMPERED);
}

/* The next write finds the file like that: changed after it was looked at. */
static const char *cut_before_write;
static off_t cut_to;
static const char *add_before_write;

ssize_t write(int fd, const void *bytes, size_t length)
{
	if (cut_before_write)
		assert_int_equal(truncate(cut_before_write, cut_to), 0);
	cut_before_write = NULL;
	if (add_before_write)
		assert_true(syscall(SYS_write, fd, add_before_write, strlen(add_before_write)) > 0);
	add_before_write = NULL;
	return syscall(SYS_write, fd, bytes, length);
}

/* What was appended somewhere else is taken back, and nothing is there twice. */
static void test_cut_meanwhile(void **state)
{
	struct dmp_log *log = recover_log("shrunk", 0);
	uint64_t from, to;
	size_t kept = 1;
	struct stat status;

	(void)state;
	append(log, LOADED);
	assert_int_equal(stat(in_scratch("shrunk"), &status), 0);
	append(log, RECORD(2));
	append(log, RECORD(3));
	cut_before_write = in_scratch("shrunk");
	cut_to = status.st_size;
	assert_int_equal(dmp_log_append(log, RECORD(4), strlen(RECORD(4)), NULL, &kept), -ESTALE);
	assert_int_equal(kept, 0);
	records_are("shrunk", LOADED);
	append(log, RECORD(4));
	assert_true(dmp_log_was_changed(log, &from, &to));
	stop(log);
	records_are("shrunk", LOADED RECORD(4));
}

/* No record ends up behind what another left there, on the same line. */
static void test_appended_meanwhile(void **state)
{
	struct dmp_log *log = recover_log("grown", 0);
	uint64_t from, to;
	size_t kept = 1;

	(void)state;
	append(log, LOADED);
	append(log, RECORD(2));
	add_before_write = "no line end";
	assert_int_equal(dmp_log_append(log, RECORD(3), strlen(RECORD(3)), NULL, &kept), -ESTALE);
	assert_int_equal(kept, 0);
	append(log, RECORD(3));
	assert_true(dmp_log_was_changed(log, &from, &to));
	assert_int_equal(to - from, strlen("no line end"));
	stop(log);
	records_are("grown", LOADED RECORD(2) RECORD(3));
	assert_int_equal(VERIFY("grown")->repairs, 1);
	assert_int_not_equal(VERIFY("grown")->class, DMP_LOG_TAMPERED);
}

/* Another file is in its place: the log is there where its name is. */
static void test_replaced(void **state)
{
	struct dmp_log *log = recover_log("replaced", 0);

	(void)state;
	append(log, LOADED);
	must_run("mv replaced moved");
	assert_false(dmp_log_is_replaced(log));
	must_run("cp moved replaced");
	assert_true(dmp_log_is_replaced(log));
	assert_false(dmp_log_is_deleted(log));
	assert_int_equal(dmp_log_reopen(log, NULL), 0);
	assert_false(dmp_log_is_replaced(log));
	append(log, RECORD(2));
	stop(log);
	records_are("moved", LOADED);
	records_are("replaced", LOADED RECORD(2));
}

/* Without a new file nothing is renamed, and above all nothing goes. */
static void test_rotation_without_room(void **state)
{
	struct dmp_log *log = recover_log("tight", 0);

	(void)state;
	dmp_log_limit(log, 1, 2);
	overwrite_scratch("tight.1", "one\n", 4);
	overwrite_scratch("tight.2", "two\n", 4);
	append(log, LOADED);
	assert_int_equal(mkdir(in_scratch("tight.new"), 0700), 0);
	assert_true(dmp_log_is_full(log));
	assert_int_equal(dmp_log_rotate(log, NULL), -EISDIR);
	/* Not at once again */
	assert_false(dmp_log_is_full(log));
	scratch_is("tight.1", "one\n");
	scratch_is("tight.2", "two\n");
	append(log, RECORD(2));
	records_are("tight", LOADED RECORD(2));
	/* With room, also over what a crash has left there */
	assert_int_equal(rmdir(in_scratch("tight.new")), 0);
	overwrite_scratch("tight.new", "left\n", 5);
	assert_int_equal(dmp_log_rotate(log, NULL), 0);
	assert_int_equal(access(in_scratch("tight.new"), F_OK), -1);
	append(log, RECORD(3));
	stop(log);
	scratch_is("tight.2", "one\n");
	records_are("tight.1", LOADED RECORD(2));
	records_are("tight", RECORD(3));
	assert_int_equal(VERIFY("tight.1", "tight")->class, DMP_LOG_INTACT);
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
		cmocka_unit_test(test_behind_foreign_lines),
		cmocka_unit_test(test_what_is_no_log),
		cmocka_unit_test(test_new_log_is_private),
		cmocka_unit_test(test_one_owner),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_repair),
		cmocka_unit_test(test_repair_of_zeros),
		cmocka_unit_test(test_repair_of_the_file_before),
		cmocka_unit_test(test_repair_when_reopened),
		cmocka_unit_test(test_checkpoints_among_records),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_rotated_without_us),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_failed_rotation_keeps_the_old_file),
		cmocka_unit_test(test_deleted),
		cmocka_unit_test(test_emptied),
		cmocka_unit_test(test_deleted_meanwhile),
		cmocka_unit_test(test_changed_by_others),
		cmocka_unit_test(test_cut_meanwhile),
		cmocka_unit_test(test_appended_meanwhile),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_rotation_without_room),
		cmocka_unit_test(test_batch),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
