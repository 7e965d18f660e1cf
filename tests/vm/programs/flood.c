// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flood refused PROCESSES CALLS FIRST PAGES
 *	Each process makes CALLS calls on /dev/mem that are refused, as fast as it can:
 *	a page of the PAGES from the physical address FIRST on each, never the same as
 *	in the call before, and pread, pwrite, mmap for reading and for writing in turn.
 * flood durable PROCESSES CALLS FIRST PAGES
 *	The same, but each call opens /dev/mem, reads one page and closes it again.
 * flood granted PAUSE ADDRESS
 *	Read a page that is granted, each PAUSE microseconds, until SIGTERM.
 *
 * The first two print "calls N ms T" and exit 1 unless all were refused with EPERM;
 * the last prints "granted N refused M", and the longest time between two that were
 * granted in ms.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096u

struct plan {
	unsigned long calls; /* of each process */
	uint64_t first;
	uint64_t pages;
};

static volatile sig_atomic_t stopped;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static unsigned long number(const char *text)
{
	return strtoul(text, NULL, 0);
}

/* --- refused ---------------------------------------------------------------- */

static bool refused_map(int fd, off_t offset, int prot)
{
	void *mapping = mmap(NULL, PAGE, prot, MAP_SHARED, fd, offset);

	if (mapping == MAP_FAILED)
		return errno == EPERM;
	munmap(mapping, PAGE);
	return false;
}

static bool refused_call(int fd, off_t offset, unsigned long turn)
{
	static char bytes[PAGE];

	switch (turn % 4) {
	case 0:
		return pread(fd, bytes, PAGE, offset) < 0 && errno == EPERM;
	case 1:
		return refused_map(fd, offset, PROT_READ);
	case 2:
		return pwrite(fd, bytes, PAGE, offset) < 0 && errno == EPERM;
	default:
		return refused_map(fd, offset, PROT_READ | PROT_WRITE);
	}
}

static off_t offset_of(const struct plan *plan, unsigned long turn)
{
	return (off_t)(plan->first + turn % plan->pages * PAGE);
}

static bool calls_on_one_file(const struct plan *plan, unsigned long from)
{
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	unsigned long i;
	bool good = fd >= 0;

	for (i = 0; good && i < plan->calls; i++)
		good = refused_call(fd, offset_of(plan, from + i), i);
	close(fd);
	return good;
}

static bool calls_with_open(const struct plan *plan, unsigned long from)
{
	unsigned long i;
	bool good = true;
	int fd;

	for (i = 0; good && i < plan->calls; i++) {
		fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
		good = fd >= 0 && refused_call(fd, offset_of(plan, from + i), 0);
		close(fd);
	}
	return good;
}

static int run_refused(char **words, bool (*calls)(const struct plan *plan, unsigned long from))
{
	struct plan plan = { .calls = number(words[1]), .first = number(words[2]),
			     .pages = number(words[3]) };
	unsigned long processes = number(words[0]), i;
	uint64_t start = now_ms();
	int status, bad = 0;

	for (i = 0; i < processes; i++)
		if (!fork())
			_exit(calls(&plan, i * plan.pages / processes) ? 0 : 1);
	while (wait(&status) > 0)
		bad |= status;
	printf("calls %lu ms %lu\n", processes * plan.calls, (unsigned long)(now_ms() - start));
	return bad ? 1 : 0;
}

/* --- granted ---------------------------------------------------------------- */

static int run_granted(char **words)
{
	unsigned long granted = 0, refused = 0, longest = 0;
	int fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	off_t address = (off_t)number(words[1]);
	uint64_t last = now_ms(), now;
	char bytes[4];

	signal(SIGTERM, on_stop);
	while (!stopped) {
		usleep((useconds_t)number(words[0]));
		if (pread(fd, bytes, sizeof(bytes), address) < 0) {
			refused++;
			continue;
		}
		granted++;
		now = now_ms();
		if (now - last > longest)
			longest = now - last;
		last = now;
	}
	printf("granted %lu refused %lu longest %lu ms\n", granted, refused, longest);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "refused"))
		return run_refused(argv + 2, calls_on_one_file);
	if (argc == 6 && !strcmp(argv[1], "durable"))
		return run_refused(argv + 2, calls_with_open);
	if (argc == 4 && !strcmp(argv[1], "granted"))
		return run_granted(argv + 2);
	return 2;
}
