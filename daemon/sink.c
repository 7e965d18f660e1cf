// SPDX-License-Identifier: GPL-2.0-or-later
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "journal_text.h"
#include "wait.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LOG_SOCKET "/dev/log"
/* More than any line becomes, with each of its bytes escaped. */
#define MESSAGE_BYTES (4 * DMP_LINE_BYTES_MAX)
/* Fits into an Ethernet frame with the headers of IPv6 and UDP. */
#define UDP_BYTES 1400
#define CONNECT_MS 10000
/* So long may it take to receive nothing more of what was sent. */
#define STALL_MS 30000
#define SEND_BUFFER_BYTES (1 << 20)

struct dmp_sink {
	const struct sink_kind *kind;
	const char *target;
	struct dmp_sink_options options;
	char *path; /* of a socket, or the host */
	char *port;
	int fd; /* -1: not connected */
	uint64_t sent; /* bytes, since it was connected */
	uint64_t arrived; /* of these, once it is not connected any more */
	uint64_t truncated;
	struct dmp_output message;
};

struct sink_kind {
	const char *prefix; /* of the target */
	const char *path; /* when none follows; NULL: one must */
	size_t limit; /* 0: none */
	int (*parse)(struct dmp_sink *sink, const char *rest);
	int (*connect)(struct dmp_sink *sink);
	bool (*render)(struct dmp_sink *sink, const struct dmp_item *item);
	int (*deliver)(struct dmp_sink *sink);
	int (*settle)(struct dmp_sink *sink);
	/* How many bytes the other side has not acknowledged, or -errno. */
	int (*missing)(const struct dmp_sink *sink);
	bool own;
};

/* --- messages --------------------------------------------------------------- */

static bool render_5424(struct dmp_sink *sink, const struct dmp_item *item)
{
	return dmp_syslog_5424(&sink->options.syslog, item, &sink->message);
}

static bool render_local(struct dmp_sink *sink, const struct dmp_item *item)
{
	return dmp_syslog_local(&sink->options.syslog, item, &sink->message);
}

static bool render_journal(struct dmp_sink *sink, const struct dmp_item *item)
{
	return dmp_journal_text(sink->options.syslog.facility, item, &sink->message);
}

static bool render_line(struct dmp_sink *sink, const struct dmp_item *item)
{
	dmp_output_put(&sink->message, item->line->bytes, item->line->length);
	dmp_output_text(&sink->message, "\n");
	return false;
}

/* --- sockets of this machine ------------------------------------------------ */

static int open_unix(struct dmp_sink *sink)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int size = SEND_BUFFER_BYTES;

	if (strlen(sink->path) >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	strcpy(to.sun_path, sink->path);
	sink->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sink->fd < 0)
		return -errno;
	/* As much as the system allows; messages are of no use in parts. */
	setsockopt(sink->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return connect(sink->fd, (struct sockaddr *)&to, sizeof(to)) ? -errno : 0;
}

/* Wait as long as it takes: the log holds what comes meanwhile. */
static int wait_writable(const struct dmp_sink *sink)
{
	int ret;

	do {
		ret = dmp_wait(sink->options.stop, sink->fd, POLLOUT, STALL_MS);
	} while (!ret);
	return ret < 0 ? ret : 0;
}

static int send_datagram(struct dmp_sink *sink)
{
	int ret;

	for (;;) {
		if (send(sink->fd, sink->message.bytes, sink->message.length, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		/* A full queue of the receiver, or of a network device */
		if (errno != EAGAIN && errno != ENOBUFS)
			return -errno;
		ret = errno == EAGAIN ? wait_writable(sink) :
					dmp_wait(sink->options.stop, -1, 0, 10);
		if (ret < 0)
			return ret;
	}
}

static int settle_nothing(struct dmp_sink *sink)
{
	(void)sink;
	return 0;
}

static int miss_nothing(const struct dmp_sink *sink)
{
	(void)sink;
	return 0;
}

/* --- network ---------------------------------------------------------------- */

static int finish_connect(struct dmp_sink *sink)
{
	socklen_t length = sizeof(int);
	int error, ret;

	ret = dmp_wait(sink->options.stop, sink->fd, POLLOUT, CONNECT_MS);
	if (ret <= 0)
		return ret ? ret : -ETIMEDOUT;
	if (getsockopt(sink->fd, SOL_SOCKET, SO_ERROR, &error, &length))
		return -errno;
	return -error;
}

static int connect_address(struct dmp_sink *sink, const struct addrinfo *address)
{
	int on = 1, ret = 0;

	sink->fd = socket(address->ai_family,
			  address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sink->fd < 0)
		return -errno;
	/* A log host that has gone without a word is noticed while it is quiet. */
	setsockopt(sink->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (connect(sink->fd, address->ai_addr, address->ai_addrlen))
		ret = errno == EINPROGRESS ? finish_connect(sink) : -errno;
	if (!ret)
		return 0;
	close(sink->fd);
	sink->fd = -1;
	return ret;
}

static int open_network(struct dmp_sink *sink, int type)
{
	struct addrinfo hints = { .ai_socktype = type, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *addresses;
	int ret = -EHOSTUNREACH;

	if (getaddrinfo(sink->path, sink->port, &hints, &addresses)) {
		hints.ai_flags = AI_ADDRCONFIG;
		if (getaddrinfo(sink->path, sink->port, &hints, &addresses))
			return -EHOSTUNREACH;
	}
	for (const struct addrinfo *at = addresses; at; at = at->ai_next) {
		ret = connect_address(sink, at);
		if (!ret || ret == -ECANCELED)
			break;
	}
	freeaddrinfo(addresses);
	return ret;
}

static int open_tcp(struct dmp_sink *sink)
{
	return open_network(sink, SOCK_STREAM);
}

static int open_udp(struct dmp_sink *sink)
{
	return open_network(sink, SOCK_DGRAM);
}

/* A write to a connection that the other side has closed succeeds once more. */
static int check_open(const struct dmp_sink *sink)
{
	char byte;
	ssize_t got = recv(sink->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	if (!got)
		return -EPIPE;
	return got > 0 || errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static int send_all(struct dmp_sink *sink, const char *bytes, size_t length, int flags)
{
	ssize_t sent;
	int ret;

	while (length) {
		sent = send(sink->fd, bytes, length, MSG_NOSIGNAL | flags);
		if (sent >= 0) {
			sink->sent += (uint64_t)sent;
			bytes += sent;
			length -= (size_t)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		ret = errno == EAGAIN ? wait_writable(sink) : -errno;
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Octet counting: RFC 6587, section 3.4.1 */
static int send_frame(struct dmp_sink *sink)
{
	char count[24];
	int ret;

	ret = check_open(sink);
	if (ret)
		return ret;
	snprintf(count, sizeof(count), "%zu ", sink->message.length);
	ret = send_all(sink, count, strlen(count), MSG_MORE);
	if (!ret)
		ret = send_all(sink, sink->message.bytes, sink->message.length, 0);
	return ret;
}

static int unacknowledged(const struct dmp_sink *sink)
{
	int bytes;

	return ioctl(sink->fd, SIOCOUTQ, &bytes) ? -errno : bytes;
}

/* What waits to become a larger segment goes out at once. */
static void push(const struct dmp_sink *sink)
{
	for (int on = 1; on >= 0; on--)
		setsockopt(sink->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static int settle_tcp(struct dmp_sink *sink)
{
	uint64_t end = dmp_now_ms() + STALL_MS;
	int left, before = INT32_MAX, pause_ms = 1, ret = 0;

	push(sink);
	while (!ret && (left = unacknowledged(sink)) > 0) {
		if (left < before)
			end = dmp_now_ms() + STALL_MS;
		else if (dmp_now_ms() > end)
			return -ETIMEDOUT;
		before = left;
		ret = check_open(sink);
		if (!ret)
			ret = dmp_wait(sink->options.stop, -1, 0, pause_ms);
		if (pause_ms < 16)
			pause_ms *= 2;
	}
	if (ret)
		return ret;
	/* A connection that was reset has nothing unacknowledged either. */
	return left < 0 ? left : check_open(sink);
}

/* --- standard output -------------------------------------------------------- */

static int open_stdout(struct dmp_sink *sink)
{
	sink->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	return sink->fd < 0 ? -errno : 0;
}

/*
 * Not made non-blocking, since others have that open file as well. A pipe that is
 * writable takes PIPE_BUF bytes at once.
 */
static int write_stdout(struct dmp_sink *sink)
{
	const char *at = sink->message.bytes, *end = at + sink->message.length;
	size_t part;
	ssize_t got;
	int ret;

	for (; at < end; at += got) {
		ret = wait_writable(sink);
		if (ret)
			return ret;
		part = (size_t)(end - at);
		got = write(sink->fd, at, part < PIPE_BUF ? part : PIPE_BUF);
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (got < 0)
			got = 0;
	}
	return 0;
}

/* --- targets ---------------------------------------------------------------- */

static int parse_path(struct dmp_sink *sink, const char *rest)
{
	const char *path = *rest == ':' ? rest + 1 : sink->kind->path;

	/* An absolute one, so that "syslog:tpc:host" is not taken for it. */
	if (!path || *path != '/' || (*rest && *rest != ':'))
		return -EINVAL;
	sink->path = strdup(path);
	return sink->path ? 0 : -ENOMEM;
}

/* ":HOST:PORT", with the host in brackets when there are colons in it */
static int parse_address(struct dmp_sink *sink, const char *rest)
{
	const char *host = rest + 1, *colon = strrchr(host, ':');
	size_t length;

	if (*rest != ':' || !colon || colon == host || !colon[1])
		return -EINVAL;
	length = (size_t)(colon - host);
	if (*host == '[' && length > 2 && host[length - 1] == ']') {
		host++;
		length -= 2;
	} else if (memchr(host, ':', length) || strpbrk(host, "[]")) {
		return -EINVAL;
	}
	sink->path = strndup(host, length);
	sink->port = strdup(colon + 1);
	return sink->path && sink->port ? 0 : -ENOMEM;
}

static int parse_nothing(struct dmp_sink *sink, const char *rest)
{
	(void)sink;
	return *rest ? -EINVAL : 0;
}

/* The longer ones first. */
static const struct sink_kind kinds[] = {
	{ "syslog:tcp", NULL, 0, parse_address, open_tcp, render_5424, send_frame, settle_tcp,
	  unacknowledged, true },
	{ "syslog:udp", NULL, UDP_BYTES, parse_address, open_udp, render_5424, send_datagram,
	  settle_nothing, miss_nothing, true },
	{ "syslog:unix", NULL, 0, parse_path, open_unix, render_5424, send_datagram,
	  settle_nothing, miss_nothing, true },
	{ "syslog", LOG_SOCKET, 0, parse_path, open_unix, render_local, send_datagram,
	  settle_nothing, miss_nothing, true },
	{ "journal", DMP_JOURNAL_SOCKET, 0, parse_path, open_unix, render_journal,
	  send_datagram, settle_nothing, miss_nothing, true },
	{ "stdout", NULL, 0, parse_nothing, open_stdout, render_line, write_stdout,
	  settle_nothing, miss_nothing, false },
};

static int parse_target(struct dmp_sink *sink)
{
	size_t length;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		length = strlen(kinds[i].prefix);
		if (strncmp(sink->target, kinds[i].prefix, length))
			continue;
		sink->kind = &kinds[i];
		return kinds[i].parse(sink, sink->target + length);
	}
	return -EINVAL;
}

int dmp_sink_open(const char *target, const struct dmp_sink_options *options,
		  struct dmp_sink **sink)
{
	struct dmp_sink *new = calloc(1, sizeof(*new));
	int ret = -ENOMEM;

	*sink = NULL;
	if (!new)
		return -ENOMEM;
	new->fd = -1;
	new->target = target;
	new->options = *options;
	new->message.bytes = malloc(MESSAGE_BYTES);
	if (new->message.bytes)
		ret = parse_target(new);
	if (ret) {
		dmp_sink_close(new);
		return ret;
	}
	if (!new->options.limit)
		new->options.limit = new->kind->limit;
	*sink = new;
	return 0;
}

/* --- all of them ------------------------------------------------------------ */

uint64_t dmp_sink_sent(const struct dmp_sink *sink)
{
	return sink->sent;
}

uint64_t dmp_sink_arrived(const struct dmp_sink *sink)
{
	int missing;

	if (sink->fd < 0)
		return sink->arrived;
	missing = sink->kind->missing(sink);
	return missing < 0 || (uint64_t)missing > sink->sent ? 0 : sink->sent - (uint64_t)missing;
}

static void disconnect(struct dmp_sink *sink)
{
	if (sink->fd < 0)
		return;
	sink->arrived = dmp_sink_arrived(sink);
	close(sink->fd);
	sink->fd = -1;
}

static int connect_anew(struct dmp_sink *sink)
{
	sink->sent = 0;
	sink->arrived = 0;
	return sink->kind->connect(sink);
}

static bool render(struct dmp_sink *sink, const struct dmp_item *item, size_t room)
{
	dmp_output_back(&sink->message, 0);
	sink->message.room = room;
	return sink->kind->render(sink, item);
}

/* What the system does not take as one datagram is made shorter. */
static int deliver(struct dmp_sink *sink, const struct dmp_item *item)
{
	size_t room = sink->options.limit;
	bool cut;
	int ret;

	if (!room || room > MESSAGE_BYTES)
		room = MESSAGE_BYTES;
	for (;;) {
		cut = render(sink, item, room);
		ret = sink->kind->deliver(sink);
		if (ret != -EMSGSIZE || room / 2 < DMP_SYSLOG_BYTES_MIN)
			break;
		room /= 2;
	}
	if (!ret)
		sink->truncated += cut;
	return ret;
}

int dmp_sink_send(struct dmp_sink *sink, const struct dmp_item *item)
{
	int ret = 0;

	if (sink->fd < 0)
		ret = connect_anew(sink);
	if (!ret)
		ret = deliver(sink, item);
	if (ret)
		disconnect(sink);
	return ret;
}

int dmp_sink_settle(struct dmp_sink *sink)
{
	int ret;

	if (sink->fd < 0)
		return 0;
	ret = sink->kind->settle(sink);
	if (ret && ret != -ECANCELED)
		disconnect(sink);
	return ret;
}

bool dmp_sink_is_connected(const struct dmp_sink *sink)
{
	return sink->fd >= 0;
}

bool dmp_sink_takes_own(const struct dmp_sink *sink)
{
	return sink->kind->own;
}

bool dmp_sink_can_return(const struct dmp_sink *sink)
{
	return sink->kind->connect != open_stdout;
}

uint64_t dmp_sink_truncated(const struct dmp_sink *sink)
{
	return sink->truncated;
}

const char *dmp_sink_name(const struct dmp_sink *sink)
{
	return sink->target;
}

void dmp_sink_close(struct dmp_sink *sink)
{
	if (!sink)
		return;
	disconnect(sink);
	free(sink->message.bytes);
	free(sink->path);
	free(sink->port);
	free(sink);
}
