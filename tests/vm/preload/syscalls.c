// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * syscalls.so - how much of a program's time is the kernel's
 *
 * For LD_PRELOAD: adds up the processor time of the system calls that devmemd makes
 * for each record, in the file that SYSCALLS names (struct spent, shared). The kernel
 * itself tells the two apart by sampling only.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "syscalls.h"

#define CLOCK_TRIES 1000

static struct spent nowhere;
static struct spent *spent = &nowhere;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* What reading the clock adds to the time between two readings. */
static uint64_t cost_of_clock(void)
{
	uint64_t begin = now_ns();

	for (int i = 0; i < CLOCK_TRIES; i++)
		now_ns();
	return (now_ns() - begin) / (CLOCK_TRIES + 1);
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("SYSCALLS");
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	void *shared;

	if (fd < 0 || ftruncate(fd, sizeof(*spent)))
		return;
	shared = mmap(NULL, sizeof(*spent), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (shared == MAP_FAILED)
		return;
	spent = shared;
	spent->clock_ns = cost_of_clock();
}

static long timed(enum spent_on what, long number, long a, long b, long c, long d, long e,
		  long f)
{
	uint64_t start = now_ns();
	long ret = syscall(number, a, b, c, d, e, f);

	__atomic_fetch_add(&spent->ns[what], now_ns() - start, __ATOMIC_RELAXED);
	__atomic_fetch_add(&spent->calls[what], 1, __ATOMIC_RELAXED);
	return ret;
}

#define TIMED(what, number, a, b, c, d, e, f) \
	timed(what, number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

ssize_t sendto(int fd, const void *bytes, size_t length, int flags,
	       const struct sockaddr *address, socklen_t size)
{
	return TIMED(SPENT_NETLINK, SYS_sendto, fd, bytes, length, flags, address, size);
}

ssize_t recvfrom(int fd, void *bytes, size_t length, int flags, struct sockaddr *address,
		 socklen_t *size)
{
	return TIMED(SPENT_NETLINK, SYS_recvfrom, fd, bytes, length, flags, address, size);
}

/* What _FORTIFY_SOURCE makes of it. */
ssize_t __recvfrom_chk(int fd, void *bytes, size_t length, size_t room, int flags,
		       struct sockaddr *address, socklen_t *size);
ssize_t __recvfrom_chk(int fd, void *bytes, size_t length, size_t room, int flags,
		       struct sockaddr *address, socklen_t *size)
{
	(void)room;
	return recvfrom(fd, bytes, length, flags, address, size);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	return TIMED(SPENT_FILE, SYS_write, fd, bytes, length, 0, 0, 0);
}

int fdatasync(int fd)
{
	return (int)TIMED(SPENT_FILE, SYS_fdatasync, fd, 0, 0, 0, 0, 0);
}

int fstat(int fd, struct stat *status)
{
	return (int)TIMED(SPENT_FILE, SYS_fstat, fd, status, 0, 0, 0, 0);
}

/* Without a mask it is the same, and arm64 has no other. */
int epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
	return (int)TIMED(SPENT_WAITING, SYS_epoll_pwait, fd, events, count, timeout, 0, 0);
}
