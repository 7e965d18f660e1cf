// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file.c - reading and writing through a descriptor
 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* No text has it: what is still there has not been read into. */
#define UNTOUCHED 0xa5

static int take_descriptor(int fd)
{
	if (fd < 0)
		return failed("open");
	if (mem_fd >= 0)
		close(mem_fd);
	mem_fd = fd;
	return 0;
}

static int say_open(int ret)
{
	if (!ret)
		puts("open: ok");
	return ret;
}

int open_mem(int flags)
{
	return take_descriptor(open("/dev/mem", flags | O_CLOEXEC));
}

static int do_open(int count, char **words)
{
	if (count != 2)
		return usage_error("open");
	if (words[1][0] == '/')
		return say_open(take_descriptor(open(words[1], O_RDWR | O_SYNC | O_CLOEXEC)));
	if (!strcmp(words[1], "ro"))
		return say_open(open_mem(O_RDONLY));
	if (!strcmp(words[1], "wo"))
		return say_open(open_mem(O_WRONLY));
	return say_open(open_mem(strcmp(words[1], "sync") ? O_RDWR : O_RDWR | O_SYNC));
}

static int do_use(int count, char **words)
{
	if (count != 2)
		return usage_error("use");
	return say_open(take_descriptor(dup((int)number(words[1]))));
}

static ssize_t read_at(char *buffer, size_t bytes, off_t address)
{
	return pread(mem_fd, buffer, bytes, address);
}

static ssize_t seek_and_read(char *buffer, size_t bytes, off_t address)
{
	if (lseek(mem_fd, address, SEEK_SET) < 0)
		return -1;
	return read(mem_fd, buffer, bytes);
}

/* Two vectors: /dev/mem gets a call for each. */
static ssize_t read_vectors(char *buffer, size_t bytes, off_t address)
{
	struct iovec vectors[2] = {
		{ .iov_base = buffer, .iov_len = bytes / 2 },
		{ .iov_base = buffer + bytes / 2, .iov_len = bytes - bytes / 2 },
	};

	return preadv(mem_fd, vectors, 2, address);
}

typedef ssize_t (*reader)(char *buffer, size_t bytes, off_t address);

static int read_by(reader read_it, int count, char **words)
{
	size_t bytes = count == 3 ? number(words[2]) : 0;
	ssize_t got;
	char *buffer;

	if (count != 3 || bytes > MEMTOOL_BYTES)
		return usage_error(words[0]);
	buffer = calloc(1, bytes + 1);
	if (!buffer)
		return failed("calloc");
	got = read_it(buffer, bytes, (off_t)number(words[1]));
	if (got < 0)
		failed(words[0]);
	else
		print_line(words[0], got, buffer);
	free(buffer);
	return got < 0 ? -EIO : 0;
}

static int do_read(int count, char **words)
{
	return read_by(read_at, count, words);
}

static int do_seekread(int count, char **words)
{
	return read_by(seek_and_read, count, words);
}

static int do_preadv(int count, char **words)
{
	return read_by(read_vectors, count, words);
}

static int do_partial(int count, char **words)
{
	size_t bytes = count == 3 ? number(words[2]) : 0, arrived = bytes;
	ssize_t got;
	char *buffer;

	if (count != 3 || bytes > MEMTOOL_BYTES)
		return usage_error("partial");
	buffer = malloc(bytes + 1);
	if (!buffer)
		return failed("malloc");
	memset(buffer, UNTOUCHED, bytes + 1);
	got = pread(mem_fd, buffer, bytes, (off_t)number(words[1]));
	printf("partial: %s; ", got < 0 ? strerrorname_np(errno) : "ok");
	/* What arrived may have such bytes as well: from the end, the first counts. */
	while (arrived && (unsigned char)buffer[arrived - 1] == UNTOUCHED)
		arrived--;
	print_line("arrived", (long)arrived, buffer);
	free(buffer);
	return got < 0 ? -EIO : 0;
}

static int do_write(int count, char **words)
{
	size_t bytes;
	ssize_t put;
	char *buffer;

	if (count < 3 || !*words[2])
		return usage_error("write");
	bytes = count > 3 ? number(words[3]) : strlen(words[2]);
	if (bytes > MEMTOOL_BYTES)
		return usage_error("write");
	buffer = malloc(bytes + 1);
	if (!buffer)
		return failed("malloc");
	fill_text(buffer, bytes, words[2]);
	put = pwrite(mem_fd, buffer, bytes, (off_t)number(words[1]));
	if (put < 0)
		failed("write");
	else
		printf("write: %zd\n", put);
	free(buffer);
	return put < 0 ? -EIO : 0;
}

const struct command file_commands[] = {
	{ "open", do_open },	   { "use", do_use },
	{ "read", do_read },	   { "seekread", do_seekread },
	{ "preadv", do_preadv },   { "partial", do_partial },
	{ "write", do_write },	   { NULL, NULL },
};
