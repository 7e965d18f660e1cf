// SPDX-License-Identifier: GPL-2.0-or-later
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "durable.h"
#include "record.h"

#define CHUNK_BYTES 4096
/* No record is nearly as long; a longer line is not one. */
#define LINE_BYTES_MAX 65536
/* How far back a record is looked for behind lines that are none. */
#define FOREIGN_LINES_MAX 64

struct dmp_log {
	int fd;
	char *path;
	off_t repair; /* to be cut here before anything is appended; -1: no */
};

/* --- opening ---------------------------------------------------------------- */

static int check_regular(int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		return -errno;
	return S_ISREG(status.st_mode) ? 0 : -EINVAL;
}

/* Return: a file descriptor or -errno. */
static int open_file(const char *path)
{
	/* O_NONBLOCK: somebody may have put a pipe there. */
	int fd = open(path,
		      O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
			      O_CLOEXEC | O_NOCTTY,
		      0600);
	int ret;

	if (fd < 0)
		return -errno;
	ret = check_regular(fd);
	/* A new file is durable when its name is. */
	if (!ret)
		ret = dmp_sync_directory(path);
	if (ret) {
		close(fd);
		return ret;
	}
	return fd;
}

int dmp_log_open(const char *path, struct dmp_log **log)
{
	struct dmp_log *new = calloc(1, sizeof(*new));

	*log = NULL;
	if (!new)
		return -ENOMEM;
	new->repair = -1;
	new->path = strdup(path);
	new->fd = new->path ? open_file(path) : -ENOMEM;
	if (new->fd < 0) {
		int ret = new->fd;

		dmp_log_close(new);
		return ret;
	}
	*log = new;
	return 0;
}

void dmp_log_close(struct dmp_log *log)
{
	if (!log)
		return;
	if (log->fd >= 0)
		close(log->fd);
	free(log->path);
	free(log);
}

/* --- the end of an existing file -------------------------------------------- */

/* Return: bytes read, all that were asked for, or -errno. */
static ssize_t read_at(int fd, void *bytes, size_t length, off_t offset)
{
	ssize_t got = pread(fd, bytes, length, offset);

	if (got < 0)
		return -errno;
	return (size_t)got == length ? got : -EIO;
}

/* Return: where the line begins that ends at end (exclusive), or -errno. */
static off_t line_start(int fd, off_t end)
{
	char chunk[CHUNK_BYTES];
	const char *found;
	ssize_t got;
	size_t length;

	while (end > 0) {
		length = end < CHUNK_BYTES ? (size_t)end : CHUNK_BYTES;
		got = read_at(fd, chunk, length, end - (off_t)length);
		if (got < 0)
			return got;
		found = memrchr(chunk, '\n', length);
		if (found)
			return end - (off_t)length + (found - chunk) + 1;
		end -= (off_t)length;
	}
	return 0;
}

static int remove_torn_line(int fd, off_t *torn_bytes)
{
	struct stat status;
	off_t start;

	*torn_bytes = 0;
	if (fstat(fd, &status))
		return -errno;
	start = line_start(fd, status.st_size);
	if (start < 0)
		return (int)start;
	if (start == status.st_size)
		return 0;
	if (ftruncate(fd, start) || fdatasync(fd))
		return -errno;
	*torn_bytes = status.st_size - start;
	return 0;
}

/* Is [start, end) a record of ours? As dmp_record_parse(), or another -errno. */
static int parse_line(int fd, off_t start, off_t end, uint64_t instance,
		      const char *boot_id, uint64_t *sequence)
{
	size_t length = (size_t)(end - start);
	char *line;
	int ret;

	if (end - start > LINE_BYTES_MAX)
		return -EBADMSG;
	line = malloc(length + 1);
	if (!line)
		return -ENOMEM;
	ret = (int)read_at(fd, line, length, start);
	if (ret >= 0)
		ret = dmp_record_parse(line, length, instance, boot_id, sequence);
	free(line);
	return ret;
}

static int find_last(int fd, uint64_t instance, const char *boot_id, uint64_t *last)
{
	off_t start, end = lseek(fd, 0, SEEK_END);
	int ret;

	*last = 0;
	for (int i = 0; end > 0 && i < FOREIGN_LINES_MAX; i++, end = start) {
		start = line_start(fd, end - 1);
		if (start < 0)
			return (int)start;
		ret = parse_line(fd, start, end - 1, instance, boot_id, last);
		/* A record of another instance: all before it are older. */
		if (!ret || ret == -ESTALE)
			return 0;
		if (ret != -EBADMSG)
			return ret;
	}
	return end < 0 ? -errno : 0;
}

static int take_possession(int fd)
{
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return 0;
	return errno == EWOULDBLOCK ? -EBUSY : -errno;
}

int dmp_log_recover(struct dmp_log *log, uint64_t instance, const char *boot_id,
		    struct dmp_log_tail *tail)
{
	int ret;

	memset(tail, 0, sizeof(*tail));
	ret = take_possession(log->fd);
	if (!ret)
		ret = remove_torn_line(log->fd, &tail->torn_bytes);
	if (!ret)
		ret = find_last(log->fd, instance, boot_id, &tail->last);
	return ret;
}

int dmp_log_reopen(struct dmp_log *log)
{
	off_t torn_bytes;
	int ret, fd;

	fd = open_file(log->path);
	if (fd < 0)
		return fd;
	/* The same file again would look locked: by ourselves. */
	flock(log->fd, LOCK_UN);
	ret = take_possession(fd);
	if (!ret)
		ret = remove_torn_line(fd, &torn_bytes);
	if (ret) {
		close(fd);
		take_possession(log->fd);
		return ret;
	}
	close(log->fd);
	log->fd = fd;
	log->repair = -1;
	return 0;
}

/* --- appending -------------------------------------------------------------- */

/* Until it has worked nothing may be appended, or two lines would be one. */
static int cut(struct dmp_log *log, off_t end)
{
	struct stat status;

	log->repair = end;
	if (fstat(log->fd, &status))
		return -errno;
	/* Somebody may have emptied the file; never fill it up with zeros. */
	if (status.st_size > end && ftruncate(log->fd, end))
		return -errno;
	log->repair = -1;
	return 0;
}

static int write_all(int fd, const char *lines, size_t length, size_t *written)
{
	ssize_t got;

	for (*written = 0; *written < length; *written += (size_t)got) {
		got = write(fd, lines + *written, length - *written);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			return got ? -errno : -ENOSPC;
	}
	return 0;
}

static size_t whole_lines(const char *lines, size_t length)
{
	const char *end = memrchr(lines, '\n', length);

	return end ? (size_t)(end - lines) + 1 : 0;
}

int dmp_log_append(struct dmp_log *log, const char *lines, size_t length, size_t *kept)
{
	struct stat status;
	size_t written;
	int ret = 0;

	*kept = 0;
	if (log->repair >= 0)
		ret = cut(log, log->repair);
	if (!ret && fstat(log->fd, &status))
		ret = -errno;
	if (ret)
		return ret;

	ret = write_all(log->fd, lines, length, &written);
	*kept = whole_lines(lines, written);
	if (*kept < written)
		cut(log, status.st_size + (off_t)*kept);
	/* After a failed sync nobody knows what is on the disk: all over again. */
	if (*kept && fdatasync(log->fd)) {
		ret = -errno;
		*kept = 0;
		cut(log, status.st_size);
	}
	return ret;
}
