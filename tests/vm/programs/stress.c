// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stress PROCESSES CALLS FIRST PAGES SEED [PAUSE] - use /dev/mem at random
 *
 * Each process makes CALLS calls of pread, pwrite or mmap of 1 to 4 pages that
 * begin in a window from 8 pages before FIRST (a physical address) to 8 pages
 * after FIRST + PAGES. Writes put back a byte pattern that nothing depends on.
 * CALLS 0: until SIGTERM. PAUSE: microseconds between calls.
 *
 * Prints how many calls worked, were refused with EPERM, and failed otherwise.
 * Exits 1 when one of the last kind was seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define EDGE_PAGES 8
#define MAX_PAGES 4
#define PAGE 4096
#define MAX_PROCESSES 64

struct result {
	atomic_ulong worked;
	atomic_ulong refused;
	atomic_ulong other;
};

struct window {
	uint64_t first_page;
	uint64_t pages;
};

struct plan {
	unsigned long processes;
	unsigned long calls; /* of each */
	useconds_t pause_us;
};

static volatile sig_atomic_t stopped;

/* Whoever is told first tells the group. */
static void on_stop(int signal_number)
{
	if (stopped)
		return;
	stopped = 1;
	kill(0, signal_number);
}

/* xorshift64: seeded, so that a run can be repeated. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static int try_map(int fd, off_t offset, size_t bytes, int prot)
{
	void *mapping = mmap(NULL, bytes, prot, MAP_SHARED, fd, offset);

	if (mapping == MAP_FAILED)
		return -errno;
	munmap(mapping, bytes);
	return 0;
}

static int one_call(int fd, const struct window *window, uint64_t *random)
{
	static char buffer[MAX_PAGES * PAGE];
	uint64_t page = window->first_page + next_random(random) % window->pages;
	size_t bytes = PAGE * (1 + next_random(random) % MAX_PAGES);
	off_t offset = (off_t)(page * PAGE);

	switch (next_random(random) % 4) {
	case 0:
		return pread(fd, buffer, bytes, offset) < 0 ? -errno : 0;
	case 1:
		return pwrite(fd, buffer, bytes, offset) < 0 ? -errno : 0;
	case 2:
		return try_map(fd, offset, bytes, PROT_READ);
	default:
		return try_map(fd, offset, bytes, PROT_READ | PROT_WRITE);
	}
}

static void count(struct result *result, int ret)
{
	if (!ret)
		result->worked++;
	else if (ret == -EPERM)
		result->refused++;
	else
		result->other++;
}

static void run(struct result *result, const struct window *window, const struct plan *plan,
		uint64_t seed)
{
	unsigned long done;
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		result->other++;
		return;
	}
	for (done = 0; !stopped && (!plan->calls || done < plan->calls); done++) {
		count(result, one_call(fd, window, &seed));
		if (plan->pause_us)
			usleep(plan->pause_us);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	struct result *result;
	struct window window;
	struct plan plan;
	unsigned long i;
	uint64_t seed;

	if (argc < 6)
		return 2;
	plan.processes = strtoul(argv[1], NULL, 0);
	plan.calls = strtoul(argv[2], NULL, 0);
	plan.pause_us = argc > 6 ? (useconds_t)strtoul(argv[6], NULL, 0) : 0;
	window.first_page = strtoull(argv[3], NULL, 0) / PAGE - EDGE_PAGES;
	window.pages = strtoull(argv[4], NULL, 0) + 2 * EDGE_PAGES;
	seed = strtoull(argv[5], NULL, 0);
	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED || plan.processes > MAX_PROCESSES)
		return 2;
	/* A group of their own, so that all of them can be told to stop. */
	setpgid(0, 0);
	signal(SIGTERM, on_stop);
	for (i = 0; i < plan.processes; i++) {
		if (fork())
			continue;
		run(result, &window, &plan, seed + i * 0x9e3779b97f4a7c15u);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	printf("worked %lu refused %lu other %lu\n", result->worked,
	       result->refused, result->other);
	return result->other ? 1 : 0;
}
