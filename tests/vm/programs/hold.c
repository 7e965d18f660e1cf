// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hold ADDRESS PAGES r|rw SECONDS [private] - map pages of /dev/mem, keep on
 * touching each, and say when it goes
 *
 * Prints one line each, failures with the name of the errno:
 *
 *   mapped               every page could be touched
 *   gone N EPOCH UPTIME  touching page N (from 0) got SIGBUS: when, in milliseconds
 *                        by the clock that can be set and by the one that cannot
 *   lives N              at the end page N could still be touched
 *
 * The end is when all pages are gone, after SECONDS, or at SIGTERM. Pages that are
 * writable are written to, with what is in them.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ul
#define MAX_PAGES 256ul
#define PAUSE_US 2000

struct held {
	volatile char *memory;
	unsigned long pages;
	bool writable;
	bool gone[MAX_PAGES];
};

static volatile sig_atomic_t stopped;
static sigjmp_buf fault;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

static void on_fault(int signal_number)
{
	siglongjmp(fault, signal_number);
}

static void catch(int signal_number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_NODEFER };

	sigaction(signal_number, &action, NULL);
}

static long long now_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

/* Return: whether the page is there. */
static bool touch(const struct held *held, unsigned long page)
{
	volatile char *byte = held->memory + page * PAGE + PAGE - 1;
	char value;

	if (sigsetjmp(fault, 0))
		return false;
	value = *byte;
	if (held->writable)
		*byte = value;
	return true;
}

/* Return: how many pages are there. */
static unsigned long touch_all(struct held *held)
{
	unsigned long page, left = 0;

	for (page = 0; page < held->pages; page++) {
		if (held->gone[page])
			continue;
		if (touch(held, page)) {
			left++;
			continue;
		}
		held->gone[page] = true;
		printf("gone %lu %lld %lld\n", page, now_ms(CLOCK_REALTIME),
		       now_ms(CLOCK_BOOTTIME));
	}
	return left;
}

static void hold(struct held *held, long seconds)
{
	long long end = now_ms(CLOCK_BOOTTIME) + 1000ll * seconds;
	unsigned long page;

	if (touch_all(held) == held->pages)
		puts("mapped");
	while (!stopped && now_ms(CLOCK_BOOTTIME) < end && touch_all(held))
		usleep(PAUSE_US);
	for (page = 0; page < held->pages; page++)
		if (!held->gone[page])
			printf("lives %lu\n", page);
}

static int map(struct held *held, const char *address, bool private)
{
	int prot = PROT_READ | (held->writable ? PROT_WRITE : 0);
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	void *memory;

	if (fd < 0)
		return -errno;
	memory = mmap(NULL, held->pages * PAGE, prot, private ? MAP_PRIVATE : MAP_SHARED, fd,
		      (off_t)strtoull(address, NULL, 0));
	if (memory == MAP_FAILED)
		return -errno;
	held->memory = memory;
	return 0;
}

int main(int argc, char **argv)
{
	static struct held held;
	int ret;

	if (argc < 5)
		return 2;
	held.pages = strtoul(argv[2], NULL, 0);
	held.writable = strchr(argv[3], 'w');
	if (!held.pages || held.pages > MAX_PAGES)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	catch(SIGTERM, on_stop);
	catch(SIGBUS, on_fault);
	ret = map(&held, argv[1], argc > 5);
	if (ret) {
		printf("%s\n", strerrorname_np(-ret));
		return 1;
	}
	hold(&held, strtol(argv[4], NULL, 0));
	return 0;
}
