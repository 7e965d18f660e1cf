// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Forwarding in a process of its own, to a log host in this one that is slow, hangs
 * up and is not there; and the file that says how far it came.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "daemon/forward.h"
#include "daemon/position.h"
#include "forward_fixture.h"

#define RECORDS_MAX 5000
#define FRAME_MAX 65536
#define PATIENCE_MS 20000
#define HOST_BYTES 16384
/* That its kernel may hold: a segment of this machine to itself is up to 64 KiB. */
#define HELD_RECORDS ((2 * HOST_BYTES + 65536) / 250)

/* --- the forwarder ---------------------------------------------------------- */

static int stop[2];
static pid_t child;

static struct dmp_forward_options options;
static char position_path[SCRATCH_PATH_SIZE];

static int inherited = -1; /* what the other process must not keep open */

static void run_child(const char *target)
{
	struct dmp_sink_options to = {
		.syslog = { .facility = 13, .sd_id = "a@1", .hostname = "h" },
		.stop = stop[0],
	};
	struct dmp_sink *sink;
	int log = open(in_scratch("stderr"), O_WRONLY | O_CREAT | O_APPEND, 0600);

	dup2(log, STDERR_FILENO);
	if (inherited >= 0)
		close(inherited);
	signal(SIGPIPE, SIG_IGN);
	options.stop = stop[0];
	options.log = audit_path;
	options.retry_ms = 10;
	options.status_ms = 600000;
	if (dmp_sink_open(target, &to, &sink))
		_exit(100);
	_exit((int)dmp_forward(sink, &options));
}

static void start(const char *target)
{
	assert_int_equal(pipe(stop), 0);
	fflush(stdout);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		run_child(target);
}

static int reap(void)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	child = 0;
	close(stop[0]);
	close(stop[1]);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int end(void)
{
	assert_int_equal(write(stop[1], "x", 1), 1);
	return reap();
}

static int setup(void **state)
{
	options = (struct dmp_forward_options){ .position = NULL, .oldest = true };
	if (log_setup(state))
		return -1;
	snprintf(position_path, sizeof(position_path), "%s/position", scratch);
	return 0;
}

static int teardown(void **state)
{
	if (child) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		child = 0;
	}
	return log_teardown(state);
}

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- the log host ----------------------------------------------------------- */

static struct host {
	int listener;
	int peer; /* -1: none */
	char target[64];
	char bytes[2 * FRAME_MAX]; /* of frames that are not whole yet */
	size_t length;
	unsigned int times[RECORDS_MAX]; /* that each record came */
	unsigned int highest, frames, torn;
	char gaps[4096]; /* "first-last " of each, "broken " when there are no numbers */
	char statuses[4096]; /* their causes */
} host;

static void open_host(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int size = HOST_BYTES, on = 1;

	memset(&host, 0, sizeof(host));
	host.peer = -1;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	host.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(host.listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(host.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(host.listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(getsockname(host.listener, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(listen(host.listener, 5), 0);
	snprintf(host.target, sizeof(host.target), "syslog:tcp:127.0.0.1:%u",
		 ntohs(address.sin_port));
}

static void close_host(void)
{
	if (host.peer >= 0)
		close(host.peer);
	close(host.listener);
	host.peer = -1;
}

/* What a parameter says, up to its quote */
static const char *param(const char *message, const char *name)
{
	static char values[4][128];
	static unsigned int next;
	char *value = values[next++ % 4], wanted[64];
	const char *found;

	snprintf(wanted, sizeof(wanted), " %s=\"", name);
	found = strstr(message, wanted);
	if (!found)
		return NULL;
	snprintf(value, sizeof(values[0]), "%s", found + strlen(wanted));
	*strchrnul(value, '"') = '\0';
	return value;
}

static void take_message(const char *message)
{
	const char *seq = param(message, "seq"), *first = param(message, "missing_first");
	unsigned int number;

	host.frames++;
	assert_true(strlen(host.gaps) + 100 < sizeof(host.gaps));
	assert_memory_equal(message, "<1", 2);
	if (strstr(message, " forward-status ")) {
		strcat(strcat(host.statuses, param(message, "cause")), " ");
	} else if (strstr(message, " forward-gap ")) {
		sprintf(host.gaps + strlen(host.gaps), "%s:", param(message, "cause"));
		if (first)
			strcat(strcat(strcat(host.gaps, first), "-"),
			       param(message, "missing_last"));
		strcat(host.gaps, " ");
	} else if (seq) {
		number = (unsigned int)atoi(seq);
		assert_in_range(number, 1, RECORDS_MAX - 1);
		host.times[number]++;
		if (number > host.highest)
			host.highest = number;
	}
}

/* Whole frames, from the beginning of what there is */
static void take_frames(void)
{
	char *end, *at = host.bytes, saved;
	size_t count;

	for (;;) {
		host.bytes[host.length] = '\0';
		count = strtoul(at, &end, 10);
		if (end == host.bytes + host.length)
			break;
		if (end == at || *end != ' ' || !count || count > FRAME_MAX)
			fail_msg("no frame: %.60s", at);
		end++;
		if ((size_t)(host.bytes + host.length - end) < count)
			break;
		saved = end[count];
		end[count] = '\0';
		take_message(end);
		end[count] = saved;
		at = end + count;
	}
	host.length -= (size_t)(at - host.bytes);
	memmove(host.bytes, at, host.length);
}

static void hang_up(void)
{
	if (host.peer < 0)
		return;
	close(host.peer);
	host.peer = -1;
	host.torn += !!host.length;
	host.length = 0;
}

/* Return: whether something came, at most room bytes. */
static bool host_reads(size_t room)
{
	struct pollfd polled = { .events = POLLIN };
	ssize_t got;

	polled.fd = host.peer < 0 ? host.listener : host.peer;
	if (poll(&polled, 1, 20) <= 0)
		return false;
	if (host.peer < 0) {
		host.peer = accept(host.listener, NULL, NULL);
		return true;
	}
	if (room > FRAME_MAX)
		room = FRAME_MAX;
	got = read(host.peer, host.bytes + host.length, room);
	if (got <= 0) {
		hang_up();
		return false;
	}
	host.length += (size_t)got;
	take_frames();
	return true;
}

static void host_reads_up_to(unsigned int record)
{
	uint64_t deadline = clock_ms() + PATIENCE_MS;

	while (!host.times[record]) {
		host_reads(FRAME_MAX);
		if (clock_ms() > deadline)
			fail_msg("record %u does not come; %u did", record, host.highest);
	}
}

static void host_reads_to_the_end(void)
{
	while (host.peer >= 0 || host_reads(FRAME_MAX))
		host_reads(FRAME_MAX);
}

/* Every record from first to last came at least once. */
static void all_came(unsigned int first, unsigned int last)
{
	for (; first <= last; first++)
		if (!host.times[first])
			fail_msg("record %u did not come", first);
}

/* --- lines that arrive ------------------------------------------------------ */

static void test_follow(void **state)
{
	(void)state;
	open_host();
	append(3);
	start(host.target);
	host_reads_up_to(3);
	append(2);
	host_reads_up_to(5);
	rotate();
	append(2);
	host_reads_up_to(7);
	assert_int_equal(end(), DMP_EXIT_OK);
	host_reads_to_the_end();
	all_came(1, 7);
	assert_string_equal(host.gaps, "");
	assert_string_equal(host.statuses, "start stop ");
	close_host();
}

/* The log host says that it closes, and reads what is on its way: nothing is lost. */
static void test_polite_host(void **state)
{
	unsigned int closed = 0;

	(void)state;
	open_host();
	append(1500);
	start(host.target);
	while (!host.times[1500]) {
		for (int i = 0; i < 4 && !host.times[1500]; i++)
			host_reads(20000);
		if (host.peer < 0)
			continue;
		shutdown(host.peer, SHUT_WR);
		while (host.peer >= 0)
			host_reads(FRAME_MAX);
		closed++;
	}
	assert_int_equal(end(), DMP_EXIT_OK);
	host_reads_to_the_end();
	assert_true(closed > 3);
	all_came(1, 1500);
	assert_string_equal(host.gaps, "");
	close_host();
}

/*
 * It closes with half a message read, and more in its kernel: that much may be lost,
 * but what comes on each connection is whole messages from the beginning.
 */
static void test_rude_host(void **state)
{
	unsigned int lost = 0;

	(void)state;
	open_host();
	append(4000);
	start(host.target);
	for (int i = 0; i < 6; i++) {
		for (int part = 0; part < 10 || host.peer < 0 || !host.length; part++)
			host_reads(1001);
		hang_up();
	}
	host_reads_up_to(4000);
	assert_int_equal(end(), DMP_EXIT_OK);
	host_reads_to_the_end();
	assert_int_equal(host.torn, 6);
	for (unsigned int i = 1; i <= 4000; i++)
		lost += !host.times[i];
	assert_in_range(lost, 0, 6 * HELD_RECORDS);
	close_host();
}

/* Nobody listens at first, nor for a while in between. */
static void test_absent_host(void **state)
{
	struct timespec moment = { .tv_nsec = 100000000 };
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	char *said;

	(void)state;
	open_host();
	getsockname(host.listener, (struct sockaddr *)&address, &length);
	close_host();
	append(3);
	start(host.target);
	nanosleep(&moment, NULL);
	append(2);
	rotate();
	append(2);
	host.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(host.listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(host.listener, 5), 0);
	host_reads_up_to(7);
	assert_int_equal(end(), DMP_EXIT_OK);
	host_reads_to_the_end();
	all_came(1, 7);
	for (unsigned int i = 1; i <= 7; i++)
		assert_int_equal(host.times[i], 1);
	said = scratch_text("stderr");
	assert_non_null(strstr(said, "trying again"));
	assert_null(strstr(strstr(said, "trying again") + 1, "trying again"));
	free(said);
	close_host();
}

static void test_end_without_host(void **state)
{
	struct timespec moment = { .tv_nsec = 200000000 };
	uint64_t begun;

	(void)state;
	options.position = position_path;
	append(3);
	start("syslog:tcp:127.0.0.1:1");
	nanosleep(&moment, NULL);
	begun = clock_ms();
	assert_int_equal(end(), DMP_EXIT_OK);
	assert_true(clock_ms() - begun < 3000);
	assert_int_equal(access(position_path, R_OK), 0);
}

/* --- what does not arrive --------------------------------------------------- */

static int forward_once(void)
{
	uint64_t deadline = clock_ms() + PATIENCE_MS;

	options.once = true;
	start(host.target);
	do {
		host_reads(FRAME_MAX);
		if (clock_ms() > deadline)
			fail_msg("it does not end; record %u came last", host.highest);
	} while (!strstr(host.statuses, "stop"));
	return reap();
}

static void test_gaps(void **state)
{
	(void)state;
	append(9);
	rotate();
	append(4);
	rotate();
	append(3);
	/* The first file is a checkpoint, records 1 to 9, a checkpoint. */
	must_run("sed -i '4,6d' audit.2; rm audit.1; echo rubbish >>audit");
	open_host();
	assert_int_equal(forward_once(), DMP_EXIT_INCOMPLETE);
	assert_string_equal(host.gaps, "chain:3-5 chain:10-13 line: ");
	assert_int_equal(host.times[3] + host.times[5] + host.times[12], 0);
	all_came(6, 9);
	all_came(14, 16);
	assert_string_equal(host.statuses, "start stop ");
	close_host();
}

/* Return: a socket that datagrams come to, in the place of the one before. */
static int open_datagrams(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static unsigned int queue_length(void)
{
	FILE *in = fopen("/proc/sys/net/unix/max_dgram_qlen", "re");
	unsigned int length = 0;

	if (in) {
		assert_int_equal(fscanf(in, "%u", &length), 1);
		fclose(in);
	}
	return length;
}

/* What is sent again because the sink failed is not missing twice. */
static void test_gap_twice(void **state)
{
	struct timespec moment = { .tv_nsec = 300000000 };
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	struct dmp_position position;
	static char target[300], path[SCRATCH_PATH_SIZE], bytes[65536];
	ssize_t got;
	int peer;

	(void)state;
	/* It has to fail before it has settled for the first time. */
	if (!queue_length() || queue_length() > 40)
		skip();
	strcpy(path, in_scratch("socket"));
	snprintf(target, sizeof(target), "syslog:unix:%s", path);
	options.position = position_path;
	options.once = false;
	append(60);
	must_run("sed -i '4,5d' audit");
	memset(&host, 0, sizeof(host));
	peer = open_datagrams(path);
	inherited = peer;
	start(target);
	inherited = -1;
	nanosleep(&moment, NULL);
	close(peer);
	peer = open_datagrams(path);
	setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	while (!host.times[60]) {
		got = recv(peer, bytes, sizeof(bytes) - 1, 0);
		assert_true(got > 0);
		bytes[got] = '\0';
		take_message(bytes);
	}
	assert_int_equal(end(), DMP_EXIT_OK);
	close(peer);
	assert_string_equal(host.gaps, "chain:3-4 ");
	assert_int_equal(dmp_position_read(position_path, &position), 0);
	assert_int_equal(position.connections, 1);
	assert_int_equal(position.lost, 2);
	assert_int_equal(position.breaks, 1);
}

static void test_no_gaps(void **state)
{
	(void)state;
	append(9);
	rotate();
	append(4);
	open_host();
	assert_int_equal(forward_once(), DMP_EXIT_OK);
	assert_string_equal(host.gaps, "");
	all_came(1, 13);
	close_host();
}

/* --- positions -------------------------------------------------------------- */

static void forgets(void)
{
	memset(host.times, 0, sizeof(host.times));
	*host.gaps = '\0';
	*host.statuses = '\0';
	hang_up();
}

static void test_position(void **state)
{
	struct dmp_position position;

	(void)state;
	options.position = position_path;
	append(5);
	open_host();
	assert_int_equal(forward_once(), DMP_EXIT_OK);
	all_came(1, 5);
	assert_int_equal(dmp_position_read(options.position, &position), 0);
	assert_int_equal(position.place.last, 5);
	assert_int_equal(position.forwarded, 6);
	append(1);
	rotate();
	append(1);
	forgets();
	assert_int_equal(forward_once(), DMP_EXIT_OK);
	all_came(6, 7);
	assert_int_equal(host.times[5], 0);
	assert_string_equal(host.gaps, "");
	/* What went missing meanwhile is told exactly, and counted. */
	append(1);
	must_run("head -n -1 audit >copy; cat copy >audit");
	append(1);
	forgets();
	assert_int_equal(forward_once(), DMP_EXIT_INCOMPLETE);
	assert_string_equal(host.gaps, "chain:8-8 ");
	assert_int_equal(dmp_position_read(options.position, &position), 0);
	assert_int_equal(position.lost, 1);
	assert_int_equal(position.breaks, 1);
	close_host();
}

static void test_bad_positions(void **state)
{
	struct dmp_position position;
	int ret;

	(void)state;
	options.position = position_path;
	append(5);
	open_host();
	assert_int_equal(forward_once(), DMP_EXIT_OK);
	/* Torn anywhere: never believed, and everything comes again. */
	must_run("cp position whole");
	for (unsigned int bytes = 0; bytes < 400; bytes += 7) {
		run_in_scratch("head -c %u whole >torn; cmp torn whole && rm torn", bytes);
		if (access(in_scratch("torn"), R_OK))
			continue;
		ret = dmp_position_read(in_scratch("torn"), &position);
		assert_int_equal(ret, -EBADMSG);
	}
	must_run("head -c 100 whole >position");
	forgets();
	assert_int_equal(forward_once(), DMP_EXIT_OK);
	all_came(1, 5);
	assert_int_equal(dmp_position_read(options.position, &position), 0);
	/* A file of somebody else stays as it is. */
	must_run("cp audit position");
	options.once = true;
	start(host.target);
	assert_int_equal(reap(), DMP_EXIT_FAILED);
	must_run("cmp audit position");
	close_host();
}

static void test_log_absent(void **state)
{
	(void)state;
	open_host();
	close_log();
	must_run("rm audit");
	options.once = true;
	start(host.target);
	assert_int_equal(reap(), DMP_EXIT_FAILED);
	options.once = false;
	start(host.target);
	open_log();
	append(2);
	host_reads_up_to(2);
	assert_int_equal(end(), DMP_EXIT_OK);
	close_host();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_follow),	TEST(test_polite_host),
		TEST(test_rude_host),	TEST(test_absent_host),
		TEST(test_end_without_host), TEST(test_gaps),
		TEST(test_gap_twice),
		TEST(test_no_gaps),	TEST(test_position),
		TEST(test_bad_positions), TEST(test_log_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
