// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Draining against a kernel of this file's own: the functions of netlink.h that
 * it needs are here, and take the place of the real ones.
 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "daemon/drain.h"
#include "log_fixture.h"

static struct {
	uint64_t instance;
	uint64_t oldest; /* still readable */
	uint64_t newest;
	uint64_t acknowledged;
	uint64_t unrecorded; /* denials that no record tells */
	unsigned int acks;
	int ack_error;
	int event_error; /* at the end of a dump */
} kernel;

static unsigned int lines_in_log(uint64_t *last);

const char *dmp_nl_message(const struct dmp_nl *nl)
{
	(void)nl;
	return "a sentence";
}

int dmp_nl_status(struct dmp_nl *nl, struct dmp_status *status)
{
	(void)nl;
	memset(status, 0, sizeof(*status));
	status->instance = kernel.instance;
	status->ring.newest = kernel.newest;
	status->counters.denied_pages = kernel.newest ? kernel.newest - 1 : 0;
	status->counters.denied_pages += kernel.unrecorded;
	status->ring.acknowledged = kernel.acknowledged;
	return 0;
}

int dmp_nl_events(struct dmp_nl *nl, uint64_t first, dmp_nl_event_fn *fn, void *arg)
{
	struct dmp_event event = {
		.present = UINT64_C(1) << DEVMEM_POLICY_EVENT_A_SEQUENCE |
			   UINT64_C(1) << DEVMEM_POLICY_EVENT_A_PAGES,
		.instance = kernel.instance,
	};
	int ret = 0;

	(void)nl;
	if (!first)
		first = kernel.acknowledged + 1;
	if (first < kernel.oldest)
		first = kernel.oldest;
	for (event.sequence = first; !ret && event.sequence <= kernel.newest; event.sequence++) {
		event.kind = event.sequence == 1 ? DEVMEM_POLICY_EVENT_MODULE_LOADED :
						   DEVMEM_POLICY_EVENT_DENIAL;
		event.pages = event.sequence > 1;
		ret = fn(&event, arg);
	}
	return ret ? ret : kernel.event_error;
}

/* The promise: what is acknowledged is in the file. */
int dmp_nl_ack(struct dmp_nl *nl, uint64_t sequence)
{
	uint64_t last = 0;

	(void)nl;
	kernel.acks++;
	if (kernel.ack_error)
		return kernel.ack_error;
	lines_in_log(&last);
	assert_true(sequence <= last);
	assert_true(sequence <= kernel.newest);
	assert_true(sequence > kernel.acknowledged);
	kernel.acknowledged = sequence;
	return 0;
}

/* What the auditor does beside. */
int dmp_nl_attach(struct dmp_nl *nl, struct dmp_challenge *challenge)
{
	(void)nl;
	(void)challenge;
	return -EBUSY;
}

int dmp_nl_challenge(struct dmp_nl *nl, struct dmp_challenge *challenge)
{
	return dmp_nl_attach(nl, challenge);
}

int dmp_nl_prove(struct dmp_nl *nl, const void *proof, size_t bytes)
{
	(void)nl;
	(void)proof;
	(void)bytes;
	return -ENODATA;
}

int dmp_nl_detach(struct dmp_nl *nl)
{
	(void)nl;
	return 0;
}

/* Every line is a record, and follows the one before it. */
static unsigned int lines_in_log(uint64_t *last)
{
	char *text = records_of("log"), *line, *next;
	unsigned int count = 0;
	json_int_t sequence = 0, before = 0;
	json_t *object;

	for (line = text; *line; line = next + 1, count++) {
		next = strchr(line, '\n');
		assert_non_null(next);
		*next = '\0';
		object = json_loads(line, 0, NULL);
		assert_non_null(object);
		sequence = json_integer_value(json_object_get(object, "seq"));
		assert_true(!before || sequence > before);
		before = sequence;
		json_decref(object);
	}
	free(text);
	*last = (uint64_t)sequence;
	return count;
}

static void check_log(unsigned int count, uint64_t last)
{
	uint64_t seen;

	assert_int_equal(lines_in_log(&seen), count);
	assert_int_equal(seen, last);
}

static struct dmp_drain drain;
static struct dmp_auditor auditor = { .lock = PTHREAD_MUTEX_INITIALIZER };
static struct dmp_log *log_file;

static void begin(void)
{
	assert_int_equal(dmp_log_open(in_scratch("log"), &log_file), 0);
	assert_int_equal(dmp_drain_begin(&drain, NULL, &auditor, log_file), 0);
}

/* As kill -9 leaves it */
static void end(void)
{
	dmp_drain_end(&drain);
	dmp_log_close(log_file);
}

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.instance = 0xabc;
	kernel.oldest = 1;
	unlink(in_scratch("log"));
	return 0;
}

static void test_log_then_acknowledge(void **state)
{
	(void)state;
	kernel.newest = 3;
	begin();
	assert_int_equal(dmp_drain_run(&drain), 0);
	check_log(3, 3);
	assert_int_equal(kernel.acknowledged, 3);
	/* Nothing new: nothing is written, nothing acknowledged. */
	assert_int_equal(dmp_drain_run(&drain), 0);
	assert_int_equal(kernel.acks, 1);
	kernel.newest = 1000;
	assert_int_equal(dmp_drain_run(&drain), 0);
	check_log(1000, 1000);
	assert_int_equal(kernel.acknowledged, 1000);
	end();
}

static struct {
	uint64_t next; /* record that is to be seen */
	bool logged_too_early;
} watched;

static void watch(const struct dmp_event *event, void *arg)
{
	uint64_t last;

	assert_ptr_equal(arg, &watched);
	assert_int_equal(event->sequence, watched.next);
	watched.next++;
	lines_in_log(&last);
	if (last >= event->sequence)
		watched.logged_too_early = true;
}

/* What is learnt from a record is durable before the record is acknowledged. */
static void test_watcher_is_first(void **state)
{
	(void)state;
	memset(&watched, 0, sizeof(watched));
	watched.next = 1;
	kernel.newest = 3;
	begin();
	drain.watcher = watch;
	drain.watcher_arg = &watched;
	assert_int_equal(dmp_drain_run(&drain), 0);
	kernel.newest = 5;
	assert_int_equal(dmp_drain_run(&drain), 0);
	assert_int_equal(watched.next, 6);
	assert_false(watched.logged_too_early);
	end();
}

/* Killed after writing, before acknowledging: no record comes twice. */
static void test_written_but_not_acknowledged(void **state)
{
	(void)state;
	kernel.newest = 5;
	begin();
	assert_int_equal(dmp_drain_run(&drain), 0);
	end();
	kernel.acknowledged = 2;
	kernel.newest = 7;
	begin();
	assert_int_equal(kernel.acknowledged, 5);
	assert_int_equal(dmp_drain_run(&drain), 0);
	check_log(7, 7);
	assert_int_equal(kernel.acknowledged, 7);
	end();
}

/* Killed while writing: the torn record comes again, whole. */
static void test_torn_record_comes_again(void **state)
{
	struct stat status;

	(void)state;
	kernel.newest = 5;
	begin();
	assert_int_equal(dmp_drain_run(&drain), 0);
	end();
	assert_int_equal(stat(in_scratch("log"), &status), 0);
	assert_int_equal(truncate(in_scratch("log"), status.st_size - 9), 0);
	kernel.acknowledged = 4;
	begin();
	check_log(4, 4);
	assert_int_equal(dmp_drain_run(&drain), 0);
	check_log(5, 5);
	end();
}

static void test_another_instance_begins_anew(void **state)
{
	(void)state;
	kernel.newest = 5;
	begin();
	assert_int_equal(dmp_drain_run(&drain), 0);
	end();
	kernel.instance = 0xdef;
	kernel.newest = 8;
	kernel.acknowledged = 6;
	begin();
	assert_int_equal(dmp_drain_run(&drain), 0);
	check_log(7, 8);
	end();
}

/* A log that claims what cannot be is not believed. */
static void test_log_from_the_future(void **state)
{
	(void)state;
	kernel.newest = 50;
	begin();
	assert_int_equal(dmp_drain_run(&drain), 0);
	end();
	kernel.newest = 10;
	kernel.acknowledged = 8;
	begin();
	assert_int_equal(drain.logged, 0);
	assert_int_equal(kernel.acknowledged, 8);
	end();
}

/* Acknowledged by another auditor: what is still readable is taken all the same. */
static void test_gap(void **state)
{
	(void)state;
	kernel.newest = 3;
	begin();
	assert_int_equal(dmp_drain_run(&drain), 0);
	kernel.newest = 20;
	kernel.acknowledged = 15;
	kernel.oldest = 10;
	assert_int_equal(dmp_drain_run(&drain), 0);
	check_log(3 + 11, 20);
	assert_int_equal(kernel.acknowledged, 20);
	end();
}

static void set_room(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static off_t log_size(void)
{
	struct stat status;

	assert_int_equal(stat(in_scratch("log"), &status), 0);
	return status.st_size;
}

static void test_full_disk(void **state)
{
	off_t before, after;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	kernel.newest = 10;
	begin();
	assert_int_equal(dmp_drain_run(&drain), 0);
	before = log_size();
	kernel.newest = 20;
	assert_int_equal(dmp_drain_run(&drain), 0);
	after = log_size();
	end();
	setup(state);
	kernel.newest = 10;
	begin();
	assert_int_equal(dmp_drain_run(&drain), 0);
	assert_int_equal(log_size(), before);
	/* Room for about two and a half records more */
	set_room((rlim_t)(before + (after - before) / 4));
	kernel.newest = 20;
	assert_int_equal(dmp_drain_run(&drain), -EAGAIN);
	check_log(12, 12);
	assert_int_equal(kernel.acknowledged, 12);
	assert_int_equal(dmp_drain_run(&drain), -EAGAIN);
	check_log(12, 12);
	set_room(RLIM_INFINITY);
	assert_int_equal(dmp_drain_run(&drain), 0);
	check_log(20, 20);
	assert_int_equal(kernel.acknowledged, 20);
	dmp_drain_stop(&drain);
	assert_int_equal(VERIFY("log")->class, DMP_LOG_INTACT);
	end();
}

/* The log ends in a checkpoint, and says so when a predecessor was killed. */
static void test_checkpoints(void **state)
{
	struct dmp_verify *verify;

	(void)state;
	kernel.newest = 3;
	begin();
	assert_int_equal(VERIFY("log")->missing, 3);
	assert_int_equal(dmp_drain_run(&drain), 0);
	assert_int_equal(VERIFY("log")->lacks, DMP_LACK_CHECKPOINT);
	dmp_drain_stop(&drain);
	end();
	verify = VERIFY("log");
	assert_int_equal(verify->class, DMP_LOG_INTACT);
	assert_int_equal(verify->records, 3);
	assert_int_equal(verify->kernel_newest, 3);
	kernel.newest = 1500;
	begin();
	assert_int_equal(dmp_drain_run(&drain), 0);
	end();
	begin();
	end();
	verify = VERIFY("log");
	assert_int_equal(verify->class, DMP_LOG_INTACT);
	/* start, stop, start, records, start */
	assert_int_equal(verify->checkpoints, 5);
}

/*
 * When nothing has happened for a while the sums have to be the counters, and a
 * checkpoint says so, once.
 */
static void test_settled(void **state)
{
	struct dmp_verify *verify;

	(void)state;
	kernel.newest = 10;
	begin();
	assert_int_equal(dmp_drain_run(&drain), 0);
	for (int i = 0; i < 60; i++) {
		usleep(100000);
		assert_int_equal(dmp_drain_run(&drain), 0);
	}
	verify = VERIFY("log");
	assert_int_equal(verify->class, DMP_LOG_INTACT);
	/* start, time, idle */
	assert_int_equal(verify->checkpoints, 3);
	/* Pages that no record ever told */
	kernel.newest = 11;
	kernel.unrecorded = 7;
	for (int i = 0; i < 60; i++) {
		assert_int_equal(dmp_drain_run(&drain), 0);
		usleep(100000);
	}
	verify = VERIFY("log");
	assert_int_equal(verify->class, DMP_LOG_INCOMPLETE);
	assert_int_equal(verify->lacks, DMP_LACK_PAGES);
	assert_int_equal(verify->missing_pages, 7);
	end();
}

static void test_reopen(void **state)
{
	char other[SCRATCH_PATH_SIZE];

	(void)state;
	kernel.newest = 4;
	begin();
	assert_int_equal(dmp_drain_run(&drain), 0);
	strcpy(other, in_scratch("log.1"));
	assert_int_equal(rename(in_scratch("log"), other), 0);
	assert_int_equal(dmp_drain_reopen(&drain), 0);
	kernel.newest = 6;
	assert_int_equal(dmp_drain_run(&drain), 0);
	dmp_drain_stop(&drain);
	assert_int_equal(VERIFY("log.1", "log")->class, DMP_LOG_INTACT);
	assert_int_equal(VERIFY("log")->lacks, DMP_LACK_BEGINNING | DMP_LACK_RECORDS);
	/* Deleted: what comes next is in a file again. */
	assert_int_equal(unlink(in_scratch("log")), 0);
	kernel.newest = 7;
	assert_int_equal(dmp_drain_run(&drain), 0);
	check_log(1, 7);
	assert_int_equal(VERIFY("log.1", "log")->gaps[0].first, 5);
	assert_int_equal(unlink(in_scratch("log.1")), 0);
	end();
}

/* Without a place for the log nothing is acknowledged. */
static void test_directory_gone(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_scratch("there"), 0700), 0);
	kernel.newest = 2;
	assert_int_equal(dmp_log_open(in_scratch("there/log"), &log_file), 0);
	assert_int_equal(dmp_drain_begin(&drain, NULL, &auditor, log_file), 0);
	assert_int_equal(rename(in_scratch("there/log"), in_scratch("log")), 0);
	assert_int_equal(dmp_drain_run(&drain), 0);
	assert_int_equal(kernel.acknowledged, 2);
	assert_int_equal(unlink(in_scratch("log")), 0);
	assert_int_equal(rmdir(in_scratch("there")), 0);
	kernel.newest = 4;
	assert_int_equal(dmp_drain_run(&drain), -EAGAIN);
	assert_int_equal(dmp_drain_run(&drain), -EAGAIN);
	assert_int_equal(kernel.acknowledged, 2);
	assert_int_equal(mkdir(in_scratch("there"), 0700), 0);
	/* That is where this file looks for what was logged. */
	assert_int_equal(symlink("there/log", in_scratch("log")), 0);
	assert_int_equal(dmp_drain_run(&drain), 0);
	check_log(2, 4);
	assert_int_equal(kernel.acknowledged, 4);
	assert_int_equal(VERIFY("log")->gaps[0].last, 2);
	end();
	assert_int_equal(unlink(in_scratch("there/log")), 0);
	assert_int_equal(rmdir(in_scratch("there")), 0);
}

static void test_errors_of_the_kernel(void **state)
{
	(void)state;
	kernel.newest = 2;
	begin();
	/* Not the auditor any more: logged, to be acknowledged later. */
	kernel.ack_error = -ENOTCONN;
	assert_int_equal(dmp_drain_run(&drain), -ENOTCONN);
	check_log(2, 2);
	kernel.ack_error = 0;
	kernel.newest = 3;
	assert_int_equal(dmp_drain_run(&drain), 0);
	check_log(3, 3);
	assert_int_equal(kernel.acknowledged, 3);
	/* Half a dump is good as far as it goes. */
	kernel.newest = 4;
	kernel.event_error = -ENOBUFS;
	assert_int_equal(dmp_drain_run(&drain), -ENOBUFS);
	check_log(4, 4);
	assert_int_equal(kernel.acknowledged, 4);
	kernel.event_error = 0;
	/* Another module answers: nothing of it belongs here. */
	kernel.instance++;
	kernel.newest = 5;
	assert_int_equal(dmp_drain_run(&drain), -ESTALE);
	check_log(4, 4);
	end();
}

static void test_busy_log(void **state)
{
	struct dmp_drain other;
	struct dmp_log *log;

	(void)state;
	kernel.newest = 1;
	begin();
	assert_int_equal(dmp_log_open(in_scratch("log"), &log), 0);
	assert_int_equal(dmp_drain_begin(&other, NULL, &auditor, log), -EBUSY);
	dmp_drain_end(&other);
	dmp_log_close(log);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_log_then_acknowledge, setup),
		cmocka_unit_test_setup(test_watcher_is_first, setup),
		cmocka_unit_test_setup(test_written_but_not_acknowledged, setup),
		cmocka_unit_test_setup(test_torn_record_comes_again, setup),
		cmocka_unit_test_setup(test_another_instance_begins_anew, setup),
		cmocka_unit_test_setup(test_log_from_the_future, setup),
		cmocka_unit_test_setup(test_gap, setup),
		cmocka_unit_test_setup(test_full_disk, setup),
		cmocka_unit_test_setup(test_checkpoints, setup),
		cmocka_unit_test_setup(test_settled, setup),
		cmocka_unit_test_setup(test_reopen, setup),
		cmocka_unit_test_setup(test_directory_gone, setup),
		cmocka_unit_test_setup(test_errors_of_the_kernel, setup),
		cmocka_unit_test_setup(test_busy_log, setup),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
