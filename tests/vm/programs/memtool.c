// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memtool - use /dev/mem in every way that the tests need
 *
 * Commands, one a line on standard input with "-", or as arguments with "then"
 * between them. Each prints one line; failures print the name of the errno:
 *
 *   open rw|ro|sync              the descriptor that what follows uses (rw)
 *   read ADDRESS BYTES           pread(2); prints the count and the first line
 *   write ADDRESS TEXT [BYTES]   pwrite(2), TEXT repeated up to BYTES
 *   mmap ADDRESS BYTES r|rw|rx [private]
 *   peek OFFSET                  the first line of text in the mapping
 *   poke OFFSET TEXT             write to the mapping
 *   mprotect r|rw|rx             of the whole mapping
 *   mremap                       move the mapping
 *   fork                         go on in a child, the parent waits
 *   sleep MILLISECONDS
 *
 * Touching what is not there prints SIGBUS or SIGSEGV. The exit status is 0 when
 * every command worked.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORDS 8
#define MAX_TEXT 80
#define MAX_BYTES (64ul << 20)

static int mem_fd = -1;
static char *mapping;
static size_t mapping_bytes;
static sigjmp_buf fault;

static void on_fault(int signal_number)
{
	siglongjmp(fault, signal_number);
}

static int failed(const char *what)
{
	printf("%s: %s\n", what, strerrorname_np(errno));
	return -errno;
}

static int usage_error(const char *what)
{
	printf("%s: what?\n", what);
	return -EINVAL;
}

static unsigned long number(const char *text)
{
	return strtoul(text, NULL, 0);
}

/* The first line of untrusted bytes, anything odd as '?'. */
static void print_line(const char *what, long count, const char *bytes)
{
	char text[MAX_TEXT + 1];
	int i;

	for (i = 0; i < MAX_TEXT && i < count && bytes[i] != '\n'; i++)
		text[i] = bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '?';
	text[i] = '\0';
	printf("%s: %ld \"%s\"\n", what, count, text);
}

static int do_open(int count, char **words)
{
	int flags = O_RDWR;

	if (count > 1 && !strcmp(words[1], "ro"))
		flags = O_RDONLY;
	if (count > 1 && !strcmp(words[1], "sync"))
		flags |= O_SYNC;
	if (mem_fd >= 0)
		close(mem_fd);
	mem_fd = open("/dev/mem", flags | O_CLOEXEC);
	if (mem_fd < 0)
		return failed("open");
	return 0;
}

static int do_read(int count, char **words)
{
	size_t bytes;
	ssize_t got;
	char *buffer;

	if (count != 3)
		return usage_error("read");
	bytes = number(words[2]);
	if (bytes > MAX_BYTES)
		return usage_error("read");
	buffer = calloc(1, bytes + 1);
	if (!buffer)
		return failed("calloc");
	got = pread(mem_fd, buffer, bytes, (off_t)number(words[1]));
	if (got < 0)
		failed("read");
	else
		print_line("read", got, buffer);
	free(buffer);
	return got < 0 ? -1 : 0;
}

static int do_write(int count, char **words)
{
	size_t length, bytes, i;
	ssize_t put;
	char *buffer;

	if (count < 3 || !*words[2])
		return usage_error("write");
	length = strlen(words[2]);
	bytes = count > 3 ? number(words[3]) : length;
	if (bytes > MAX_BYTES)
		return usage_error("write");
	buffer = malloc(bytes + 1);
	if (!buffer)
		return failed("malloc");
	for (i = 0; i < bytes; i++)
		buffer[i] = words[2][i % length];
	put = pwrite(mem_fd, buffer, bytes, (off_t)number(words[1]));
	if (put < 0)
		failed("write");
	else
		printf("write: %zd\n", put);
	free(buffer);
	return put < 0 ? -1 : 0;
}

static int protection(const char *text)
{
	int prot = PROT_NONE;

	if (strchr(text, 'r'))
		prot |= PROT_READ;
	if (strchr(text, 'w'))
		prot |= PROT_WRITE;
	if (strchr(text, 'x'))
		prot |= PROT_EXEC;
	return prot;
}

static int do_mmap(int count, char **words)
{
	int flags = count > 4 ? MAP_PRIVATE : MAP_SHARED;
	void *address;

	if (count < 4)
		return usage_error("mmap");
	if (mapping)
		munmap(mapping, mapping_bytes);
	mapping = NULL;
	mapping_bytes = 0;
	address = mmap(NULL, number(words[2]), protection(words[3]), flags, mem_fd,
		       (off_t)number(words[1]));
	if (address == MAP_FAILED)
		return failed("mmap");
	mapping = address;
	mapping_bytes = number(words[2]);
	puts("mmap: ok");
	return 0;
}

static int do_peek(int count, char **words)
{
	char line[MAX_TEXT];

	if (count != 2 || number(words[1]) + MAX_TEXT > mapping_bytes)
		return usage_error("peek");
	memcpy(line, mapping + number(words[1]), MAX_TEXT);
	print_line("peek", MAX_TEXT, line);
	return 0;
}

static int do_poke(int count, char **words)
{
	if (count != 3 || number(words[1]) + strlen(words[2]) > mapping_bytes)
		return usage_error("poke");
	memcpy(mapping + number(words[1]), words[2], strlen(words[2]));
	puts("poke: ok");
	return 0;
}

static int do_mprotect(int count, char **words)
{
	if (count != 2)
		return usage_error("mprotect");
	if (mprotect(mapping, mapping_bytes, protection(words[1])))
		return failed("mprotect");
	puts("mprotect: ok");
	return 0;
}

static int do_mremap(int count, char **words)
{
	void *place, *moved;

	(void)count;
	(void)words;
	place = mmap(NULL, mapping_bytes, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (place == MAP_FAILED)
		return failed("mmap");
	moved = mremap(mapping, mapping_bytes, mapping_bytes,
		       MREMAP_MAYMOVE | MREMAP_FIXED, place);
	if (moved == MAP_FAILED)
		return failed("mremap");
	mapping = moved;
	puts("mremap: ok");
	return 0;
}

static int do_fork(int count, char **words)
{
	int status;
	pid_t child;

	(void)count;
	(void)words;
	child = fork();
	if (child < 0)
		return failed("fork");
	if (child > 0) {
		waitpid(child, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	puts("fork: ok");
	return 0;
}

static int do_sleep(int count, char **words)
{
	if (count != 2)
		return usage_error("sleep");
	usleep((useconds_t)(1000 * number(words[1])));
	return 0;
}

static const struct {
	const char *name;
	int (*run)(int count, char **words);
} commands[] = {
	{ "open", do_open },	     { "read", do_read },
	{ "write", do_write },	     { "mmap", do_mmap },
	{ "peek", do_peek },	     { "poke", do_poke },
	{ "mprotect", do_mprotect }, { "mremap", do_mremap },
	{ "fork", do_fork },	     { "sleep", do_sleep },
};

static int run_command(int count, char **words)
{
	int signal_number;
	size_t i;

	signal_number = sigsetjmp(fault, 1);
	if (signal_number) {
		printf("%s: SIG%s\n", words[0], sigabbrev_np(signal_number));
		return -EFAULT;
	}
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(words[0], commands[i].name))
			return commands[i].run(count, words);
	}
	return usage_error(words[0]);
}

static int run_lines(void)
{
	char line[256], *words[MAX_WORDS], *word;
	int count, ret = 0;

	while (fgets(line, sizeof(line), stdin)) {
		count = 0;
		for (word = strtok(line, " \n"); word && count < MAX_WORDS;
		     word = strtok(NULL, " \n"))
			words[count++] = word;
		if (count && run_command(count, words))
			ret = 1;
	}
	return ret;
}

static int run_arguments(int count, char **words)
{
	int used, ret = 0;

	while (count > 0) {
		for (used = 0; used < count; used++) {
			if (!strcmp(words[used], "then"))
				break;
		}
		if (run_command(used, words))
			ret = 1;
		count -= used + 1;
		words += used + 1;
	}
	return ret;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("usage: memtool COMMAND [ARGUMENT]... [then COMMAND ...]\n"
		      "       memtool -    (commands from standard input)\n",
		      stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGBUS, on_fault);
	signal(SIGSEGV, on_fault);
	if (do_open(1, NULL))
		return 1;
	if (!strcmp(argv[1], "-"))
		return run_lines();
	return run_arguments(argc - 1, argv + 1);
}
