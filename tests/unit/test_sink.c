// SPDX-License-Identifier: GPL-2.0-or-later
/* Sinks, with the other side in the same process: the kernel holds what was sent. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#include "daemon/sink.h"
#include "scratch.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define LINE "{\"prev\":\"" ZEROS "\",\"kind\":\"denial\",\"seq\":"
#define PART_BYTES 7

static struct dmp_line line;
static char text[DMP_LINE_BYTES_MAX + 1];
static int stop[2];
static struct dmp_sink *sink;

static struct dmp_sink_options options = {
	.syslog = { .facility = 13, .sd_id = "a@1", .hostname = "h" },
};

/* A line of so many bytes, at least */
static struct dmp_item item_of(unsigned int seq, size_t length)
{
	const char *why;
	int start = sprintf(text, LINE "%u,\"exe\":\"", seq);

	if (length < (size_t)start + 3)
		length = (size_t)start + 3;
	memset(text + start, 'x', length - (size_t)start - 2);
	strcpy(text + length - 2, "\"}");
	assert_int_equal(dmp_line_scan(text, length, &line, &why), 0);
	return (struct dmp_item){ .line = &line, .hash = ZEROS };
}

static int send_item(unsigned int seq, size_t length)
{
	struct dmp_item item = item_of(seq, length);

	return dmp_sink_send(sink, &item);
}

/* What it is as a message of RFC 5424 */
static const char *message_of(unsigned int seq, size_t length)
{
	static char bytes[4 * DMP_LINE_BYTES_MAX];
	struct dmp_output output = { .bytes = bytes, .room = sizeof(bytes) - 1 };
	struct dmp_item item = item_of(seq, length);

	dmp_syslog_5424(&options.syslog, &item, &output);
	bytes[output.length] = '\0';
	return bytes;
}

static int setup(void **state)
{
	if (scratch_setup(state) || pipe(stop))
		return -1;
	options.stop = stop[0];
	options.limit = 0;
	return 0;
}

static int teardown(void **state)
{
	dmp_sink_close(sink);
	sink = NULL;
	close(stop[0]);
	close(stop[1]);
	return scratch_teardown(state);
}

static void open_sink(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
static void open_sink(const char *format, ...)
{
	static char target[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(target, sizeof(target), format, arguments);
	va_end(arguments);
	assert_int_equal(dmp_sink_open(target, &options, &sink), 0);
}

/* --- other sides ------------------------------------------------------------ */

/* Return: a socket on a free port of this machine. */
static int open_port(int type, unsigned int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), size = 4096;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static int open_datagrams(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void read_exactly(int fd, char *bytes, size_t length)
{
	ssize_t got;

	for (; length; bytes += got, length -= (size_t)got) {
		got = read(fd, bytes, length < PART_BYTES ? length : PART_BYTES);
		assert_true(got > 0);
	}
}

/* The next frame, by its count alone */
static void frame_is(int fd, const char *wanted)
{
	char *bytes, digit;
	size_t length = 0;

	for (;;) {
		read_exactly(fd, &digit, 1);
		if (digit == ' ')
			break;
		assert_in_range(digit, '0', '9');
		length = length * 10 + (size_t)(digit - '0');
	}
	bytes = calloc(1, length + 1);
	read_exactly(fd, bytes, length);
	assert_string_equal(bytes, wanted);
	free(bytes);
}

static void datagram_is(int fd, const char *wanted)
{
	static char bytes[1 << 18];
	ssize_t got = recv(fd, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);

	assert_true(got >= 0);
	bytes[got] = '\0';
	assert_string_equal(bytes, wanted);
}

/* --- TCP -------------------------------------------------------------------- */

static void test_frames(void **state)
{
	unsigned int port;
	int listener = open_port(SOCK_STREAM, &port), peer;

	(void)state;
	open_sink("syslog:tcp:127.0.0.1:%u", port);
	assert_false(dmp_sink_is_connected(sink));
	assert_int_equal(send_item(1, 0), 0);
	assert_true(dmp_sink_is_connected(sink));
	assert_int_equal(send_item(2, 500), 0);
	assert_int_equal(send_item(3, 0), 0);
	assert_int_equal(dmp_sink_settle(sink), 0);
	peer = accept(listener, NULL, NULL);
	frame_is(peer, message_of(1, 0));
	frame_is(peer, message_of(2, 500));
	frame_is(peer, message_of(3, 0));
	close(peer);
	close(listener);
}

/* The other side has closed: what is sent then is not taken for sent. */
static void test_closed(void **state)
{
	unsigned int port;
	int listener = open_port(SOCK_STREAM, &port), peer;

	(void)state;
	open_sink("syslog:tcp:127.0.0.1:%u", port);
	assert_int_equal(send_item(1, 0), 0);
	peer = accept(listener, NULL, NULL);
	frame_is(peer, message_of(1, 0));
	close(peer);
	assert_int_not_equal(send_item(2, 0), 0);
	assert_false(dmp_sink_is_connected(sink));
	assert_int_equal(send_item(2, 0), 0);
	peer = accept(listener, NULL, NULL);
	frame_is(peer, message_of(2, 0));
	close(peer);
	assert_int_not_equal(dmp_sink_settle(sink), 0);
	close(listener);
	assert_int_equal(send_item(3, 0), -ECONNREFUSED);
}

/* It does not read: nothing waits beyond the end, and half a frame is sent whole later. */
static void test_slow(void **state)
{
	unsigned int port, seq = 0;
	int listener = open_port(SOCK_STREAM, &port), slow, peer;
	char byte;
	int ret;

	(void)state;
	open_sink("syslog:tcp:127.0.0.1:%u", port);
	assert_int_equal(send_item(++seq, 0), 0);
	slow = accept(listener, NULL, NULL);
	assert_int_equal(write(stop[1], "x", 1), 1);
	do {
		ret = send_item(++seq, 60000);
	} while (!ret && seq < 1000);
	assert_int_equal(ret, -ECANCELED);
	assert_false(dmp_sink_is_connected(sink));
	assert_int_equal(read(stop[0], &byte, 1), 1);
	assert_int_equal(send_item(seq, 300), 0);
	peer = accept(listener, NULL, NULL);
	frame_is(peer, message_of(seq, 300));
	close(slow);
	close(peer);
	close(listener);
}

static void test_unsettled(void **state)
{
	unsigned int port, seq = 0;
	int listener = open_port(SOCK_STREAM, &port);

	(void)state;
	open_sink("syslog:tcp:127.0.0.1:%u", port);
	/* More than the other side has room for, less than this one has. */
	while (seq < 10 || (seq < 40 && dmp_sink_arrived(sink) == dmp_sink_sent(sink)))
		assert_int_equal(send_item(++seq, 20000), 0);
	assert_true(dmp_sink_arrived(sink) < dmp_sink_sent(sink));
	assert_int_equal(write(stop[1], "x", 1), 1);
	assert_int_equal(dmp_sink_settle(sink), -ECANCELED);
	close(listener);
}

/* --- datagrams -------------------------------------------------------------- */

static void test_unix(void **state)
{
	int peer, ret, count = 0;

	(void)state;
	open_sink("syslog:unix:%s", in_scratch("socket"));
	assert_int_equal(send_item(1, 0), -ENOENT);
	peer = open_datagrams(in_scratch("socket"));
	assert_int_equal(send_item(1, 0), 0);
	datagram_is(peer, message_of(1, 0));
	assert_int_equal(send_item(2, 60000), 0);
	datagram_is(peer, message_of(2, 60000));
	/* A full queue is waited for, but not for ever. */
	assert_int_equal(write(stop[1], "x", 1), 1);
	do {
		ret = send_item(3, 0);
	} while (!ret && count++ < 100000);
	assert_int_equal(ret, -ECANCELED);
	close(peer);
	assert_int_equal(send_item(4, 0), -ECONNREFUSED);
}

static void test_journal(void **state)
{
	char bytes[4096];
	ssize_t got;
	int peer;

	(void)state;
	peer = open_datagrams(in_scratch("journal"));
	open_sink("journal:%s", in_scratch("journal"));
	assert_int_equal(send_item(7, 0), 0);
	got = recv(peer, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);
	assert_true(got > 0);
	bytes[got] = '\0';
	assert_non_null(strstr(bytes, "\nMESSAGE=#7 denial"));
	assert_non_null(strstr(bytes, "\nDEVMEM_POLICY_SEQ=7\n"));
	close(peer);
}

static void test_local(void **state)
{
	char bytes[4096];
	ssize_t got;
	int peer;

	(void)state;
	peer = open_datagrams(in_scratch("log"));
	open_sink("syslog:%s", in_scratch("log"));
	assert_int_equal(send_item(7, 0), 0);
	got = recv(peer, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);
	assert_true(got > 0);
	bytes[got] = '\0';
	assert_non_null(strstr(bytes, " devmemd: #7 denial"));
	close(peer);
}

static void udp_cuts(size_t limit, size_t line_bytes, bool cut, size_t most)
{
	static char bytes[1 << 17];
	unsigned int port;
	int peer = open_port(SOCK_DGRAM, &port);
	ssize_t got;

	options.limit = limit;
	dmp_sink_close(sink);
	open_sink("syslog:udp:127.0.0.1:%u", port);
	assert_int_equal(send_item(1, line_bytes), 0);
	got = recv(peer, bytes, sizeof(bytes), 0);
	assert_in_range(got, 1, most);
	bytes[got] = '\0';
	assert_int_equal(dmp_sink_truncated(sink), cut);
	assert_int_equal(!!strstr(bytes, " cut=\"2\"]"), cut);
	close(peer);
}

static void test_udp(void **state)
{
	(void)state;
	udp_cuts(0, 400, false, 1400);
	udp_cuts(0, 4000, true, 1400);
	udp_cuts(480, 4000, true, 480);
	udp_cuts(9000, 4000, false, 9000);
	/* More than UDP takes at all */
	udp_cuts(200000, DMP_LINE_BYTES_MAX, true, 65507);
}

/* --- standard output -------------------------------------------------------- */

static void test_stdout(void **state)
{
	int ends[2], saved = dup(STDOUT_FILENO), first, second;
	char *bytes = calloc(1, 2 * DMP_LINE_BYTES_MAX);
	struct dmp_item item = item_of(1, 20000);

	(void)state;
	assert_int_equal(pipe(ends), 0);
	fflush(stdout);
	dup2(ends[1], STDOUT_FILENO);
	open_sink("stdout");
	first = dmp_sink_send(sink, &item);
	dup2(saved, STDOUT_FILENO);
	close(ends[1]);
	close(saved);
	assert_int_equal(first, 0);
	read_exactly(ends[0], bytes, 20001);
	assert_memory_equal(bytes, text, 20000);
	assert_int_equal(bytes[20000], '\n');
	assert_false(dmp_sink_takes_own(sink));
	assert_false(dmp_sink_can_return(sink));
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	second = dmp_sink_send(sink, &item);
	assert_int_equal(second, -EPIPE);
	free(bytes);
}

/* --- targets ---------------------------------------------------------------- */

static void test_targets(void **state)
{
	static const char *const good[] = {
		"syslog", "syslog:/dev/log2", "syslog:unix:/run/x", "syslog:tcp:host:514",
		"syslog:tcp:[::1]:514", "syslog:udp:10.0.0.1:syslog", "journal",
		"journal:/run/systemd/journal.x/socket", "stdout",
	};
	static const char *const bad[] = {
		"", "sylog", "syslog:", "syslog:tls:host:514", "syslog:unix", "syslog:unix:",
		"syslog:unix:x", "syslog:tcp", "syslog:tcp:host", "syslog:tcp:host:",
		"syslog:tcp::514", "syslog:tcp:::1:514", "syslog:tcp:[::1:514",
		"syslog:tcp:[]:514", "syslogs", "journals", "stdout:x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (dmp_sink_open(good[i], &options, &sink))
			fail_msg("'%s' is refused", good[i]);
		assert_string_equal(dmp_sink_name(sink), good[i]);
		dmp_sink_close(sink);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (dmp_sink_open(bad[i], &options, &sink) != -EINVAL || sink)
			fail_msg("'%s' is taken", bad[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_frames), TEST(test_closed),  TEST(test_slow),
		TEST(test_unsettled), TEST(test_unix), TEST(test_journal),
		TEST(test_local),  TEST(test_udp),     TEST(test_stdout),
		TEST(test_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
