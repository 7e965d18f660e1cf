// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench - what a use of /dev/mem costs, where the clock counts instructions
 *
 * bench OPERATION ADDRESS BYTES CALLS [refused|paired]
 *	OPERATION is read, write, map, which is mmap(2) for reading and writing, and
 *	munmap(2), or other: all of them, of other things than /dev/mem. Prints how many
 *	nanoseconds one call takes: the median of CALLS, after one that is not counted.
 *	All have to be permitted, or, with "refused", all refused with EPERM. What is
 *	written was read before.
 *
 *	With "paired", every few calls the probes of all modules are switched off, and on
 *	again (debugfs kprobes/enabled), and a second number is what a call takes without
 *	them. The kernel's allocator of addresses costs up to 100 instructions more or
 *	less from boot to boot, and from module to module, but not from one to the other.
 *
 * What the processor does for others while a call lasts is not in the median, as long
 * as most calls are spared it. (The kernel's own count of a thread's time loses some
 * where interrupts are added up: up to a tenth of a millisecond-long call was missing.)
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_BYTES 4096u
#define CALLS_MAX 1000u
#define PAIRED_CALLS 10u

struct use {
	int mem;
	off_t address;
	size_t bytes;
	bool refused;
};

static int fail(const char *what)
{
	perror(what);
	exit(1);
}

static void judge(const struct use *use, bool done)
{
	if (done == use->refused || (!done && errno != EPERM))
		fail(use->refused ? "not refused as it should be" : "not permitted");
}

static char buffer[BUFFER_BYTES];

static void use_read(const struct use *use)
{
	judge(use, pread(use->mem, buffer, use->bytes, use->address) == (ssize_t)use->bytes);
}

static void use_write(const struct use *use)
{
	judge(use, pwrite(use->mem, buffer, use->bytes, use->address) == (ssize_t)use->bytes);
}

static void use_map(const struct use *use)
{
	void *mapped = mmap(NULL, use->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, use->mem,
			    use->address);

	judge(use, mapped != MAP_FAILED);
	if (mapped != MAP_FAILED)
		munmap(mapped, use->bytes);
}

static void use_other(const struct use *use)
{
	static int zero = -1;
	void *mapped;

	if (zero < 0)
		zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
	mapped = mmap(NULL, use->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0);
	if (mapped == MAP_FAILED || munmap(mapped, use->bytes) ||
	    pread(zero, buffer, BUFFER_BYTES, use->address) != BUFFER_BYTES ||
	    pwrite(zero, buffer, BUFFER_BYTES, use->address) != BUFFER_BYTES)
		fail("/dev/zero");
}

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void use_nothing(const struct use *use)
{
	(void)use;
}

static int compare(const void *one, const void *other)
{
	const uint64_t *a = one, *b = other;

	return (*a > *b) - (*a < *b);
}

static void time_calls(void (*call)(const struct use *), const struct use *use, size_t calls,
		       uint64_t *ns)
{
	call(use);
	for (size_t i = 0; i < calls; i++) {
		uint64_t begin = now_ns();

		call(use);
		ns[i] = now_ns() - begin;
	}
}

static uint64_t median(uint64_t *ns, size_t count)
{
	qsort(ns, count, sizeof(*ns), compare);
	return ns[count / 2];
}

static uint64_t median_ns(void (*call)(const struct use *), const struct use *use, size_t calls)
{
	static uint64_t ns[CALLS_MAX];

	time_calls(call, use, calls, ns);
	return median(ns, calls);
}

static void switch_probes(int fd, const char *state)
{
	if (pwrite(fd, state, 1, 0) != 1)
		fail("debugfs kprobes/enabled");
}

/* calls: with probes, and so many without */
static void print_paired(void (*call)(const struct use *), const struct use *use, size_t calls,
			 uint64_t nothing)
{
	static uint64_t with[CALLS_MAX], without[CALLS_MAX];
	int fd = open("/sys/kernel/debug/kprobes/enabled", O_WRONLY | O_CLOEXEC);
	size_t done;

	if (fd < 0)
		fail("debugfs kprobes/enabled");
	for (done = 0; done + PAIRED_CALLS <= calls; done += PAIRED_CALLS) {
		switch_probes(fd, "0");
		time_calls(call, use, PAIRED_CALLS, without + done);
		switch_probes(fd, "1");
		time_calls(call, use, PAIRED_CALLS, with + done);
	}
	close(fd);
	printf("%" PRIu64 " %" PRIu64 "\n", median(with, done) - nothing,
	       median(without, done) - nothing);
}

static void (*operation(const char *name))(const struct use *)
{
	if (!strcmp(name, "read"))
		return use_read;
	if (!strcmp(name, "write"))
		return use_write;
	if (!strcmp(name, "map"))
		return use_map;
	if (!strcmp(name, "other"))
		return use_other;
	return NULL;
}

int main(int argc, char **argv)
{
	void (*call)(const struct use *) = argc >= 5 ? operation(argv[1]) : NULL;
	struct use use = { .refused = argc == 6 && !strcmp(argv[5], "refused") };
	bool paired = argc == 6 && !strcmp(argv[5], "paired");
	uint64_t nothing;
	size_t calls;

	if (!call || argc > 6 || (argc == 6 && !use.refused && !paired))
		return 2;
	use.address = (off_t)strtoull(argv[2], NULL, 0);
	use.bytes = strtoull(argv[3], NULL, 0);
	calls = strtoull(argv[4], NULL, 0);
	if (calls < (paired ? PAIRED_CALLS : 1) || calls > CALLS_MAX ||
	    (call != use_map && use.bytes > BUFFER_BYTES))
		return 2;
	use.mem = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	if (use.mem < 0)
		fail("/dev/mem");
	if (call == use_write && !use.refused)
		use_read(&use);
	nothing = median_ns(use_nothing, &use, CALLS_MAX);
	if (paired)
		print_paired(call, &use, calls, nothing);
	else
		printf("%" PRIu64 "\n", median_ns(call, &use, calls) - nothing);
	return 0;
}
