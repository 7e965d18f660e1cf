// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cost - what a record costs, where the clock counts instructions
 *
 * cost reads CALLS ADDRESS PAGES
 *	Read a page that is refused, CALLS times, each time the next of PAGES pages
 *	from ADDRESS on. Prints the processor time of a call in ns, and that of the
 *	kernel's workers meanwhile and a moment after, for one call.
 * cost drain PID GROUP ROUNDS ADDRESS PAGES FILE
 *	ROUNDS times, have the auditor PID fetch GROUP records at once: it is stopped
 *	while they are made. Prints what it used for one record in ns: in user space,
 *	for netlink, for the file, for waiting; and how many calls of the system that
 *	were. FILE is what syscalls.so fills in.
 * cost wait
 *	Until every record is acknowledged. Looks often, and costs little.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "daemon/netlink.h"
#include "tests/vm/preload/syscalls.h"

#define PAGE 4096u
#define POLL_NS 20000
/* Until the errands of the last record are over */
#define AFTERWARDS_NS 20000000
#define STOPPED_NS 1000000

static int mem;

static int fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void sleep_ns(long ns)
{
	const struct timespec time = { .tv_nsec = ns };

	nanosleep(&time, NULL);
}

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 0);
}

/* --- processor time of others ----------------------------------------------- */

/* The first number of a file, or 0. */
static uint64_t first_number(const char *path)
{
	char text[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		*text = '\0';
	close(fd);
	return number(text);
}

static bool is_worker(const char *pid)
{
	char path[300], comm[32] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, comm, sizeof(comm) - 1) < 0)
		*comm = '\0';
	close(fd);
	return !strncmp(comm, "kworker/", 8);
}

/* What the kernel's workers have used so far; they are seldom replaced. */
static uint64_t workers_ns(void)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	char path[300];
	uint64_t sum = 0;

	if (!processes)
		fail("/proc");
	while ((entry = readdir(processes))) {
		if (!is_worker(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/schedstat", entry->d_name);
		sum += first_number(path);
	}
	closedir(processes);
	return sum;
}

/* All threads of a process */
static uint64_t process_ns(const char *pid)
{
	struct dirent *entry;
	char path[600];
	uint64_t sum = 0;
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	threads = opendir(path);
	if (!threads)
		fail(path);
	while ((entry = readdir(threads))) {
		/* Behind ".." is the process, once more. */
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/task/%s/schedstat", pid,
			 entry->d_name);
		sum += first_number(path);
	}
	closedir(threads);
	return sum;
}

/* --- calls that are refused ------------------------------------------------- */

/* A window of pages, and where in it the next call is. */
struct window {
	uint64_t address;
	uint64_t pages;
	uint64_t next;
};

static void refused(struct window *window, uint64_t calls)
{
	static char bytes[PAGE];
	uint64_t page;

	while (calls--) {
		page = window->next++ % window->pages;
		if (pread(mem, bytes, PAGE, (off_t)(window->address + page * PAGE)) >= 0 ||
		    errno != EPERM)
			fail("a read that should be refused");
	}
}

static int run_reads(char **words)
{
	struct window window = { .address = number(words[1]), .pages = number(words[2]) };
	uint64_t calls = number(words[0]), workers, own;

	refused(&window, 1);
	sleep_ns(AFTERWARDS_NS);
	workers = workers_ns();
	own = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	refused(&window, calls);
	own = clock_ns(CLOCK_THREAD_CPUTIME_ID) - own;
	sleep_ns(AFTERWARDS_NS);
	workers = workers_ns() - workers;
	printf("%" PRIu64 " %" PRIu64 "\n", own / calls, workers / calls);
	return 0;
}

/* --- the auditor ------------------------------------------------------------ */

static void wait_until_acknowledged(struct dmp_nl *nl)
{
	struct dmp_status status;

	do {
		sleep_ns(POLL_NS);
		if (dmp_nl_status(nl, &status))
			fail("status");
	} while (status.ring.acknowledged != status.ring.newest);
}

static void one_round(struct dmp_nl *nl, pid_t pid, struct window *window, uint64_t group)
{
	if (group > 1) {
		kill(pid, SIGSTOP);
		sleep_ns(STOPPED_NS);
	}
	refused(window, group);
	if (group > 1)
		kill(pid, SIGCONT);
	wait_until_acknowledged(nl);
}

static const struct spent *open_spent(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const struct spent *spent;

	if (fd < 0)
		fail(path);
	spent = mmap(NULL, sizeof(*spent), PROT_READ, MAP_SHARED, fd, 0);
	if (spent == MAP_FAILED)
		fail(path);
	close(fd);
	return spent;
}

/* Without what measuring added. */
static void print_drained(uint64_t all, const struct spent *now, const struct spent *before,
			  uint64_t records)
{
	uint64_t ns[SPENT_KINDS], calls = 0;

	for (int i = 0; i < SPENT_KINDS; i++) {
		uint64_t count = now->calls[i] - before->calls[i];

		ns[i] = now->ns[i] - before->ns[i] - count * now->clock_ns;
		all -= ns[i] + 2 * count * now->clock_ns;
		calls += count;
	}
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %.2f\n", all / records,
	       ns[SPENT_NETLINK] / records, ns[SPENT_FILE] / records,
	       ns[SPENT_WAITING] / records, (double)calls / (double)records);
}

static int run_drain(char **words)
{
	struct window window = { .address = number(words[3]), .pages = number(words[4]) };
	uint64_t group = number(words[1]), rounds = number(words[2]), all;
	const struct spent *spent = open_spent(words[5]);
	struct spent before;
	struct dmp_nl *nl;

	if (dmp_nl_open(&nl))
		fail("the module");
	one_round(nl, (pid_t)number(words[0]), &window, group);
	before = *spent;
	all = process_ns(words[0]);
	for (uint64_t i = 0; i < rounds; i++)
		one_round(nl, (pid_t)number(words[0]), &window, group);
	all = process_ns(words[0]) - all;
	print_drained(all, spent, &before, group * rounds);
	dmp_nl_close(nl);
	return 0;
}

static int run_wait(void)
{
	struct dmp_nl *nl;

	if (dmp_nl_open(&nl))
		fail("the module");
	wait_until_acknowledged(nl);
	dmp_nl_close(nl);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "wait"))
		return run_wait();
	mem = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	if (mem < 0)
		fail("/dev/mem");
	if (argc == 5 && !strcmp(argv[1], "reads"))
		return run_reads(argv + 2);
	if (argc == 8 && !strcmp(argv[1], "drain"))
		return run_drain(argv + 2);
	return 2;
}
