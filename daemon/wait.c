// SPDX-License-Identifier: GPL-2.0-or-later
#include "wait.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

uint64_t dmp_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int dmp_wait(int stop, int fd, short events, int ms)
{
	struct pollfd polled[2] = {
		{ .fd = stop, .events = POLLIN },
		{ .fd = fd, .events = events },
	};
	uint64_t end = dmp_now_ms() + (uint64_t)ms, now;
	int ready;

	do {
		now = dmp_now_ms();
		ready = poll(polled, 2, now < end ? (int)(end - now) : 0);
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return -errno;
	if (polled[0].revents)
		return -ECANCELED;
	return ready > 0;
}
