// SPDX-License-Identifier: GPL-2.0-or-later
#include "tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES 4096
/* More than what lies between two checkpoints; and where looking for one ends. */
#define WINDOW_BYTES (4 << 20)
#define WINDOW_BYTES_MAX (64 << 20)

/* Return: 0, or -errno when not all that was asked for can be read. */
static int read_at(int fd, char *bytes, size_t length, off_t offset)
{
	ssize_t got;

	for (; length; bytes += got, offset += got, length -= (size_t)got) {
		got = pread(fd, bytes, length, offset);
		if (got <= 0)
			return got ? -errno : -EIO;
	}
	return 0;
}

/* Return: where the line begins that ends at end (exclusive), or -errno. */
static off_t line_start(int fd, off_t end)
{
	char chunk[CHUNK_BYTES];
	const char *found;
	size_t length;
	int ret;

	while (end > 0) {
		length = end < CHUNK_BYTES ? (size_t)end : CHUNK_BYTES;
		ret = read_at(fd, chunk, length, end - (off_t)length);
		if (ret)
			return ret;
		found = memrchr(chunk, '\n', length);
		if (found)
			return end - (off_t)length + (found - chunk) + 1;
		end -= (off_t)length;
	}
	return 0;
}

static int follow_lines(struct dmp_chain *chain, const char *bytes, size_t length)
{
	const char *end;
	int ret;

	for (; length; length -= (size_t)(end + 1 - bytes), bytes = end + 1) {
		end = memchr(bytes, '\n', length);
		ret = dmp_chain_follow(chain, bytes, (size_t)(end - bytes));
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Whole lines from start to end. Ledgers are right behind the first checkpoint. */
static int follow_file(int fd, off_t start, off_t end, struct dmp_chain *chain)
{
	size_t length = (size_t)(end - start);
	char *bytes = malloc(length + 1);
	int ret = -ENOMEM;

	memset(chain, 0, sizeof(*chain));
	if (bytes)
		ret = read_at(fd, bytes, length, start);
	if (!ret)
		ret = follow_lines(chain, bytes, length);
	free(bytes);
	return ret;
}

static int find_chain(int fd, struct dmp_tail *tail)
{
	off_t window, start;
	int ret;

	for (window = WINDOW_BYTES;; window *= 4) {
		start = tail->end > window ? line_start(fd, tail->end - window) : 0;
		if (start < 0)
			return (int)start;
		ret = follow_file(fd, start, tail->end, &tail->chain);
		if (ret || !start || window >= WINDOW_BYTES_MAX || *tail->chain.ledger.instance)
			return ret;
	}
}

int dmp_tail_read(int fd, struct dmp_tail *tail)
{
	struct stat status;

	memset(tail, 0, sizeof(*tail));
	if (fstat(fd, &status))
		return -errno;
	tail->end = line_start(fd, status.st_size);
	if (tail->end < 0)
		return (int)tail->end;
	tail->torn_bytes = status.st_size - tail->end;
	if (tail->torn_bytes) {
		int ret = dmp_sha256_file(fd, tail->end, status.st_size, tail->torn);

		if (ret)
			return ret;
	}
	return find_chain(fd, tail);
}
