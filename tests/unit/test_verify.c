// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What makes a log intact, with a chain that is right: lines are written here with
 * their hashes, so that only what they say can be wrong.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/chain.h"
#include "log_fixture.h"

#define A "aaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbb"
#define RECORD_FORMAT \
	"{\"seq\":%ju,\"instance\":\"%s\",\"boot_id\":\"%s\",\"kind\":\"%s\"%s}"
#define COUNTERS(granted)                                                       \
	",\"counters\":{\"granted_pages\":" #granted ",\"denied_pages\":0"        \
	",\"permitted_pages\":0,\"unrecorded_denials\":0,\"unrecorded_events\":0" \
	",\"misses\":0}"
#define OTHER_BOOT "99999999-2222-3333-4444-555555555555"

static struct dmp_chain chain;
static struct dmp_lines lines;
static size_t ends[8]; /* of files */
static size_t files;

static int setup(void **state)
{
	(void)state;
	memset(&chain, 0, sizeof(chain));
	lines.length = 0;
	files = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dmp_lines_free(&lines);
	return 0;
}

static void record_of(const char *instance, const char *boot_id, uint64_t sequence,
		      const char *kind, const char *more)
{
	char text[1024];
	int length;

	length = snprintf(text, sizeof(text), RECORD_FORMAT, (uintmax_t)sequence, instance,
			  boot_id, kind, more);
	assert_int_equal(dmp_chain_record(&chain, &lines, text, (size_t)length), 0);
}

static void record(const char *instance, uint64_t sequence, const char *kind)
{
	record_of(instance, BOOT_ID, sequence, kind, "");
}

static void pages(uint64_t sequence, const char *kind, unsigned int count)
{
	char more[32];

	snprintf(more, sizeof(more), ",\"pages\":%u", count);
	record_of(A, BOOT_ID, sequence, kind, more);
}

/* That a new file begins before it is what linked says. */
static void checkpoint_of(const char *cause, const struct dmp_kernel *kernel, bool settled,
			  bool linked)
{
	struct dmp_checkpoint checkpoint = { .settled = settled, .linked = linked };

	strcpy(checkpoint.cause, cause);
	if (kernel)
		checkpoint.kernel = *kernel;
	assert_int_equal(dmp_chain_checkpoint(&chain, &lines, &checkpoint), 0);
}

static void checkpoint(const char *cause)
{
	checkpoint_of(cause, NULL, false, false);
}

static void begin(const char *instance)
{
	dmp_ledger_begin(&chain.ledger, instance, BOOT_ID);
	checkpoint("start");
}

static void end_file(void)
{
	ends[files++] = lines.length;
}

static struct dmp_verify *verify_after(const uint8_t *after, size_t first_file)
{
	static struct dmp_verify verify;
	size_t start = first_file ? ends[first_file - 1] : 0;

	memset(&verify, 0, sizeof(verify));
	if (after) {
		verify.has_after = true;
		memcpy(verify.after, after, sizeof(verify.after));
	}
	dmp_verify_begin(&verify);
	for (size_t i = first_file; i < files; i++) {
		dmp_verify_bytes(&verify, "file", lines.bytes + start, ends[i] - start);
		start = ends[i];
	}
	dmp_verify_bytes(&verify, "last", lines.bytes + start, lines.length - start);
	dmp_verify_end(&verify);
	return &verify;
}

static struct dmp_verify *verify_all(void)
{
	return verify_after(NULL, 0);
}

static void is_tampered(uint64_t at)
{
	struct dmp_verify *verify = verify_all();

	assert_int_equal(verify->class, DMP_LOG_TAMPERED);
	assert_int_equal(verify->line, at);
	assert_non_null(verify->why);
}

static void lacks(unsigned int what)
{
	struct dmp_verify *verify = verify_all();

	assert_int_equal(verify->class, what ? DMP_LOG_INCOMPLETE : DMP_LOG_INTACT);
	assert_int_equal(verify->lacks, what);
}

static void test_whole(void **state)
{
	struct dmp_verify *verify;

	(void)state;
	lacks(DMP_LACK_EMPTY);
	begin(A);
	lacks(0);
	record(A, 1, "module-loaded");
	lacks(DMP_LACK_CHECKPOINT);
	pages(2, "grant", 7);
	checkpoint("stop");
	verify = verify_all();
	assert_int_equal(verify->class, DMP_LOG_INTACT);
	assert_int_equal(verify->lines, 4);
	assert_int_equal(verify->records, 2);
	assert_int_equal(verify->ledger.granted_pages, 7);
	assert_memory_equal(verify->head, chain.head, sizeof(chain.head));
}

static void test_order(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	record(A, 3, "expired");
	checkpoint("stop");
	lacks(DMP_LACK_RECORDS);
	assert_int_equal(verify_all()->gaps[0].first, 2);
	assert_int_equal(verify_all()->gaps[0].last, 2);
	assert_int_equal(verify_all()->missing, 1);
	record(A, 3, "expired");
	is_tampered(5);
}

static void test_first_record(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "grant");
	is_tampered(2);
}

static void test_instances(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	record(A, 2, "module-unloading");
	record(B, 1, "module-loaded");
	checkpoint("stop");
	lacks(0);
	assert_int_equal(verify_all()->instances, 2);
	record_of(B, OTHER_BOOT, 2, "expired", "");
	is_tampered(6);
}

static void test_instance_again(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	record(B, 1, "module-loaded");
	record(A, 2, "expired");
	is_tampered(4);
}

static void test_instance_begins_late(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	record(A, 2, "module-unloading");
	record(B, 4, "expired");
	checkpoint("stop");
	lacks(DMP_LACK_RECORDS);
	assert_string_equal(verify_all()->gaps[0].instance, B);
	assert_int_equal(verify_all()->missing, 3);
}

static void test_checkpoint_that_lies(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	pages(2, "denial", 3);
	chain.ledger.denied_pages = 2;
	checkpoint("stop");
	is_tampered(4);
}

static struct dmp_kernel kernel_of(uint64_t newest, uint64_t granted, uint64_t denied)
{
	return (struct dmp_kernel){
		.known = true,
		.newest = newest,
		.granted_pages = granted,
		.denied_pages = denied,
	};
}

static void test_kernel_counts_more(void **state)
{
	struct dmp_kernel kernel = kernel_of(3, 5, 9);

	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	pages(2, "grant", 5);
	pages(3, "denial", 4);
	/* On their way yet */
	checkpoint_of("time", &kernel, false, false);
	lacks(0);
	/* No more */
	checkpoint_of("idle", &kernel, true, false);
	lacks(DMP_LACK_PAGES);
	assert_int_equal(verify_all()->missing_pages, 5);
}

/* Denials without a record are no contradiction: they are counted as such. */
static void test_unrecorded(void **state)
{
	struct dmp_kernel kernel = kernel_of(4, 5, 9);

	(void)state;
	kernel.unrecorded_denials = 5;
	begin(A);
	record(A, 1, "module-loaded");
	pages(2, "grant", 5);
	pages(3, "denial", 4);
	record_of(A, BOOT_ID, 4, "loss", ",\"pages\":3,\"lost\":\"denial\"");
	checkpoint_of("idle", &kernel, true, false);
	lacks(0);
	kernel.unrecorded_denials = 2;
	checkpoint_of("idle", &kernel, true, false);
	is_tampered(7);
}

static void test_log_has_more(void **state)
{
	struct dmp_kernel kernel = kernel_of(2, 4, 0);

	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	pages(2, "grant", 5);
	checkpoint_of("time", &kernel, false, false);
	is_tampered(4);
}

static void test_kernel_is_ahead(void **state)
{
	struct dmp_kernel kernel = kernel_of(4, 0, 0);

	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	checkpoint_of("time", &kernel, false, false);
	lacks(DMP_LACK_RECORDS);
	assert_true(verify_all()->gaps[0].at_end);
	assert_int_equal(verify_all()->missing, 3);
	/* Unless they come after all; another instance changes nothing. */
	record(B, 1, "module-loaded");
	checkpoint("stop");
	lacks(DMP_LACK_RECORDS | DMP_LACK_CUT);
	assert_string_equal(verify_all()->gaps[0].instance, A);
}

static void test_last_record(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	pages(2, "grant", 5);
	record_of(A, BOOT_ID, 3, "module-unloading", COUNTERS(5));
	checkpoint("stop");
	lacks(0);
	record_of(A, BOOT_ID, 4, "module-unloading", COUNTERS(6));
	checkpoint("stop");
	lacks(DMP_LACK_PAGES);
	record_of(A, BOOT_ID, 5, "module-unloading", ",\"counters\":{\"granted_pages\":6}");
	is_tampered(8);
}

static void test_files(void **state)
{
	uint8_t between[DMP_SHA256_BYTES];
	struct dmp_verify *verify;

	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	checkpoint("rotated");
	lacks(DMP_LACK_NEXT_FILE);
	memcpy(between, chain.head, sizeof(between));
	end_file();
	checkpoint_of("continued", NULL, false, true);
	pages(2, "grant", 5);
	checkpoint("stop");
	lacks(0);
	verify = verify_after(NULL, 1);
	assert_int_equal(verify->lacks, DMP_LACK_BEGINNING | DMP_LACK_RECORDS);
	assert_int_equal(verify->missing, 1);
	verify = verify_after(between, 1);
	assert_int_equal(verify->class, DMP_LOG_INTACT);
	between[0] ^= 1;
	assert_int_equal(verify_after(between, 1)->class, DMP_LOG_INCOMPLETE);
}

/* A link belongs at the beginning of a file, and a checkpoint does. */
static void test_links(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	checkpoint_of("continued", NULL, false, true);
	is_tampered(3);
	setup(state);
	begin(A);
	end_file();
	checkpoint("start");
	is_tampered(1);
	setup(state);
	begin(A);
	end_file();
	record(A, 1, "module-loaded");
	is_tampered(1);
}

/* Two logs, one after the other: the second knows nothing of the first. */
static void test_begun_anew(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	record(A, 2, "expired");
	checkpoint("stop");
	end_file();
	memset(chain.head, 0, sizeof(chain.head));
	begin(A);
	record(A, 3, "expired");
	checkpoint("stop");
	lacks(DMP_LACK_FILE);
	end_file();
	memset(chain.head, 0, sizeof(chain.head));
	begin(A);
	record(A, 3, "expired");
	checkpoint("stop");
	is_tampered(2);
}

static void test_self(void **state)
{
	char *at;

	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	checkpoint("stop");
	lacks(0);
	at = memmem(lines.bytes, lines.length, "\"cause\":\"stop\"", 14);
	assert_non_null(at);
	at[11] = 'l';
	is_tampered(3);
}

/* --- instances that ended ---------------------------------------------------- */

static void stop(uint64_t newest)
{
	struct dmp_kernel kernel = kernel_of(newest, 0, 0);

	checkpoint_of("stop", &kernel, false, false);
}

/* What A has is there; then comes B, and the log is as whole as A is. */
static void followed(void)
{
	begin(B);
	record(B, 1, "module-loaded");
	checkpoint("stop");
}

static void is_cut(uint64_t last)
{
	struct dmp_verify *verify = verify_all();

	assert_int_equal(verify->class, DMP_LOG_INCOMPLETE);
	assert_int_equal(verify->lacks, DMP_LACK_CUT);
	assert_int_equal(verify->cut_count, 1);
	assert_string_equal(verify->cuts[0].instance, A);
	assert_int_equal(verify->cuts[0].last, last);
	assert_int_equal(verify->missing, 0);
	assert_int_equal(verify->unattended, 0);
}

/* All that the kernel counted is there, and yet something may be missing. */
static void test_cut_off(void **state)
{
	struct dmp_kernel kernel = kernel_of(2, 5, 0);

	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	pages(2, "grant", 5);
	checkpoint_of("idle", &kernel, true, false);
	lacks(0);
	followed();
	is_cut(2);
}

static void test_cut_off_at_once(void **state)
{
	(void)state;
	begin(A);
	followed();
	is_cut(0);
}

/* By a record: there need not be a checkpoint between. */
static void test_cut_off_at_a_record(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	record(B, 1, "module-loaded");
	checkpoint("stop");
	is_cut(1);
}

static void test_closed_by_the_module(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	record(A, 2, "module-unloading");
	followed();
	lacks(0);
	assert_int_equal(verify_all()->unattended, 0);
}

/* Whatever devmemd wrote behind it */
static void test_closed_by_the_module_and_more(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	record(A, 2, "module-unloading");
	checkpoint("stop");
	checkpoint("start");
	followed();
	lacks(0);
}

static void test_record_behind_the_last(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	record(A, 2, "module-unloading");
	record(A, 3, "auditor-detached");
	followed();
	is_cut(3);
}

static void test_closed_by_the_daemon(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	stop(1);
	followed();
	lacks(0);
	assert_int_equal(verify_all()->unattended, 1);
}

/* The module was gone before devmemd ended, and took its last records along. */
static void test_stop_without_the_module(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	checkpoint("stop");
	followed();
	is_cut(1);
}

static void test_stop_is_not_the_end(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	stop(1);
	checkpoint("start");
	followed();
	is_cut(1);
	setup(state);
	begin(A);
	record(A, 1, "module-loaded");
	stop(1);
	record(A, 2, "auditor-attached");
	followed();
	is_cut(2);
}

/* What the kernel had counted by then is missing besides. */
static void test_cut_off_and_missing(void **state)
{
	struct dmp_kernel kernel = kernel_of(4, 0, 0);

	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	checkpoint_of("time", &kernel, false, false);
	followed();
	lacks(DMP_LACK_RECORDS | DMP_LACK_CUT);
	assert_int_equal(verify_all()->missing, 3);
	assert_int_equal(verify_all()->cuts[0].last, 1);
}

/* devmemd was killed and came back, also with a torn line: the same instance. */
static void test_restart_is_no_cut(void **state)
{
	const uint8_t dropped[DMP_SHA256_BYTES] = { 0 };

	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	checkpoint("start");
	assert_int_equal(dmp_chain_repaired(&chain, &lines, 7, dropped), 0);
	record(A, 2, "auditor-attached");
	stop(2);
	followed();
	lacks(0);
}

static void test_torn_at_the_border(void **state)
{
	const uint8_t dropped[DMP_SHA256_BYTES] = { 0 };

	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	begin(B);
	assert_int_equal(dmp_chain_repaired(&chain, &lines, 7, dropped), 0);
	record(B, 1, "module-loaded");
	checkpoint("stop");
	is_cut(1);
}

/* Nobody knows of the file that is missing how the instance before it ended. */
static void test_cut_off_or_in_a_missing_file(void **state)
{
	(void)state;
	begin(A);
	record(A, 1, "module-loaded");
	checkpoint("rotated");
	end_file();
	memset(chain.head, 1, sizeof(chain.head));
	dmp_ledger_begin(&chain.ledger, B, BOOT_ID);
	checkpoint_of("continued", NULL, false, true);
	checkpoint("stop");
	lacks(DMP_LACK_FILE);
}

/* Behind the beginning that is missing, the same rules hold. */
static void test_cut_off_in_the_first_file_given(void **state)
{
	uint8_t between[DMP_SHA256_BYTES];
	struct dmp_verify *verify;

	(void)state;
	begin(A);
	for (uint64_t i = 1; i <= 7; i++)
		record(A, i, i == 1 ? "module-loaded" : "expired");
	checkpoint("rotated");
	memcpy(between, chain.head, sizeof(between));
	end_file();
	checkpoint_of("continued", NULL, false, true);
	followed();
	verify = verify_after(NULL, 1);
	assert_int_equal(verify->lacks, DMP_LACK_BEGINNING | DMP_LACK_RECORDS | DMP_LACK_CUT);
	assert_int_equal(verify->cuts[0].last, 7);
	verify = verify_after(between, 1);
	assert_int_equal(verify->lacks, DMP_LACK_CUT);
	assert_int_equal(verify->cuts[0].last, 7);
	assert_int_equal(verify->instances, 2);
}

/* The end of one that has ended is not to be cut off unnoticed any more. */
static void test_every_end_that_is_removed(void **state)
{
	for (unsigned int kept = 0; kept < 6; kept++) {
		setup(state);
		begin(A);
		for (uint64_t i = 1; i <= kept; i++)
			record(A, i, i == 1 ? "module-loaded" : "expired");
		followed();
		is_cut(kept);
		teardown(state);
	}
}

static void test_more_cuts_than_are_told(void **state)
{
	struct dmp_verify *verify;
	char instance[DMP_INSTANCE_BYTES];

	(void)state;
	for (unsigned int i = 0; i <= DMP_CUTS_MAX + 1; i++) {
		snprintf(instance, sizeof(instance), "%016x", i);
		begin(instance);
		record(instance, 1, "module-loaded");
	}
	checkpoint("stop");
	verify = verify_all();
	assert_int_equal(verify->lacks, DMP_LACK_CUT);
	assert_int_equal(verify->cut_count, DMP_CUTS_MAX + 1);
	assert_string_equal(verify->cuts[DMP_CUTS_MAX - 1].instance, "000000000000003f");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_whole),
		TEST(test_order),
		TEST(test_first_record),
		TEST(test_instances),
		TEST(test_instance_again),
		TEST(test_instance_begins_late),
		TEST(test_checkpoint_that_lies),
		TEST(test_kernel_counts_more),
		TEST(test_unrecorded),
		TEST(test_log_has_more),
		TEST(test_kernel_is_ahead),
		TEST(test_last_record),
		TEST(test_files),
		TEST(test_links),
		TEST(test_begun_anew),
		TEST(test_self),
		TEST(test_cut_off),
		TEST(test_cut_off_at_once),
		TEST(test_cut_off_at_a_record),
		TEST(test_closed_by_the_module),
		TEST(test_closed_by_the_module_and_more),
		TEST(test_record_behind_the_last),
		TEST(test_closed_by_the_daemon),
		TEST(test_stop_without_the_module),
		TEST(test_stop_is_not_the_end),
		TEST(test_cut_off_and_missing),
		TEST(test_restart_is_no_cut),
		TEST(test_torn_at_the_border),
		TEST(test_cut_off_or_in_a_missing_file),
		TEST(test_cut_off_in_the_first_file_given),
		TEST(test_every_end_that_is_removed),
		TEST(test_more_cuts_than_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
