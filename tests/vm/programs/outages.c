// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * outages ADDRESS [PAUSE] - read a page of /dev/mem again and again, until SIGTERM,
 * and say when it was refused
 *
 * PAUSE: microseconds between calls (2000). Prints a line for each stretch without a
 * read that worked, of 50 ms or more, and at the end how many calls there were:
 *
 *   out FROM MILLISECONDS REFUSED   since when, by the time since boot in milliseconds,
 *                                   for how long, and how many calls were refused
 *   granted N refused N other N
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define OUT_MS 50
#define PAUSE_US 2000

static volatile sig_atomic_t stopped;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

struct counts {
	unsigned long granted;
	unsigned long refused;
	unsigned long other;
};

/* Return: whether it was granted. */
static int try_once(int fd, off_t address, struct counts *counts)
{
	static char page[PAGE];

	if (pread(fd, page, sizeof(page), address) == sizeof(page)) {
		counts->granted++;
		return 1;
	}
	if (errno == EPERM)
		counts->refused++;
	else
		counts->other++;
	return 0;
}

/* A long time between two reads is an outage only if something was refused in it. */
static void tell(const struct counts *counts, long long from, unsigned long before)
{
	unsigned long refused = counts->refused + counts->other - before;

	if (refused && now_ms() - from >= OUT_MS)
		printf("out %lld %lld %lu\n", from, now_ms() - from, refused);
}

int main(int argc, char **argv)
{
	struct counts counts = { 0 };
	unsigned long before = 0; /* refused until the last one that was granted */
	useconds_t pause_us = PAUSE_US;
	long long last = now_ms();
	off_t address;
	int fd;

	if (argc < 2)
		return 2;
	address = (off_t)strtoull(argv[1], NULL, 0);
	if (argc > 2)
		pause_us = (useconds_t)strtoul(argv[2], NULL, 0);
	fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGTERM, on_stop);
	for (; !stopped; usleep(pause_us)) {
		if (!try_once(fd, address, &counts))
			continue;
		tell(&counts, last, before);
		last = now_ms();
		before = counts.refused + counts.other;
	}
	tell(&counts, last, before);
	printf("granted %lu refused %lu other %lu\n", counts.granted, counts.refused,
	       counts.other);
	close(fd);
	return 0;
}
