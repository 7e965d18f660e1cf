// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * debugger.c - the memory of a process, as others reach it
 *
 * "self" is this process, and then the place is an offset in its mapping;
 * otherwise it is an address in the process with that number.
 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
	pid_t pid;
	unsigned long address;
};

static struct place find_place(char **words)
{
	bool self = !strcmp(words[1], "self");

	return (struct place){
		.pid = self ? getpid() : (pid_t)number(words[1]),
		.address = number(words[2]) + (self ? (unsigned long)mapping : 0),
	};
}

static int open_process(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	return open(path, O_RDWR | O_CLOEXEC);
}

static int do_procread(int count, char **words)
{
	char line[MEMTOOL_TEXT];
	struct place place;
	ssize_t got;
	int fd;

	if (count != 3)
		return usage_error("procread");
	place = find_place(words);
	fd = open_process(place.pid);
	if (fd < 0)
		return failed("open");
	got = pread(fd, line, sizeof(line), (off_t)place.address);
	if (got < 0)
		failed("procread");
	else
		print_line("procread", got, line);
	close(fd);
	return got < 0 ? -EIO : 0;
}

static int do_procwrite(int count, char **words)
{
	struct place place;
	ssize_t put;
	int fd;

	if (count != 4)
		return usage_error("procwrite");
	place = find_place(words);
	fd = open_process(place.pid);
	if (fd < 0)
		return failed("open");
	put = pwrite(fd, words[3], strlen(words[3]), (off_t)place.address);
	if (put < 0)
		failed("procwrite");
	else
		printf("procwrite: %zd\n", put);
	close(fd);
	return put < 0 ? -EIO : 0;
}

static int do_vmread(int count, char **words)
{
	char line[MEMTOOL_TEXT];
	struct iovec here = { .iov_base = line, .iov_len = sizeof(line) }, there;
	struct place place;
	ssize_t got;

	if (count != 3)
		return usage_error("vmread");
	place = find_place(words);
	there.iov_base = (char *)place.address;
	there.iov_len = sizeof(line);
	got = process_vm_readv(place.pid, &here, 1, &there, 1, 0);
	if (got < 0)
		return failed("vmread");
	print_line("vmread", got, line);
	return 0;
}

static int stop_process(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL))
		return -errno;
	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) || waitpid(pid, NULL, __WALL) != pid)
		return -EIO;
	return 0;
}

static int do_peekdata(int count, char **words)
{
	struct place place;
	long word;

	if (count != 3)
		return usage_error("peekdata");
	place = find_place(words);
	errno = -stop_process(place.pid);
	if (errno)
		return failed("seize");
	word = ptrace(PTRACE_PEEKDATA, place.pid, (void *)place.address, NULL);
	if (errno)
		failed("peekdata");
	else
		print_line("peekdata", sizeof(word), (char *)&word);
	ptrace(PTRACE_DETACH, place.pid, NULL, NULL);
	return 0;
}

static int do_pokedata(int count, char **words)
{
	struct place place;
	long word;

	if (count != 4)
		return usage_error("pokedata");
	place = find_place(words);
	fill_text((char *)&word, sizeof(word), words[3]);
	errno = -stop_process(place.pid);
	if (errno)
		return failed("seize");
	if (ptrace(PTRACE_POKEDATA, place.pid, (void *)place.address, (void *)word))
		failed("pokedata");
	else
		puts("pokedata: ok");
	ptrace(PTRACE_DETACH, place.pid, NULL, NULL);
	return 0;
}

const struct command debugger_commands[] = {
	{ "procread", do_procread }, { "procwrite", do_procwrite },
	{ "vmread", do_vmread },     { "peekdata", do_peekdata },
	{ "pokedata", do_pokedata }, { NULL, NULL },
};
