// SPDX-License-Identifier: GPL-2.0-or-later
#include "notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static void send_state(const char *path, const char *state, size_t length)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t path_length = strlen(path);
	int fd;

	if ((path[0] != '/' && path[0] != '@') || path_length >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, path_length);
	/* An abstract name begins with a NUL byte. */
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* Nobody to tell when this fails. */
	sendto(fd, state, length, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&to,
	       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_length));
	close(fd);
}

void dmp_notify(const char *format, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	char state[512];
	va_list arguments;

	if (!path)
		return;
	va_start(arguments, format);
	vsnprintf(state, sizeof(state), format, arguments);
	va_end(arguments);
	send_state(path, state, strlen(state));
}

void dmp_notify_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	dmp_notify("RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		   (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

uint64_t dmp_notify_watchdog_ms(void)
{
	const char *process = getenv("WATCHDOG_PID"), *time = getenv("WATCHDOG_USEC");
	uint64_t microseconds;

	if (!time || (process && strtol(process, NULL, 10) != getpid()))
		return 0;
	microseconds = strtoull(time, NULL, 10);
	return microseconds && microseconds < 1000 ? 1 : microseconds / 1000;
}
