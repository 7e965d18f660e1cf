// SPDX-License-Identifier: GPL-2.0-or-later
#include "cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "line.h"

/* Room for the longest line and its end, several times */
#define BUFFER_BYTES (4 * DMP_LINE_BYTES_MAX)

int dmp_cursor_open(struct dmp_cursor *cursor, const char *path)
{
	struct stat status;
	int ret = 0;

	memset(cursor, 0, sizeof(*cursor));
	/* O_NONBLOCK: somebody may have put a pipe there. */
	cursor->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (cursor->fd < 0)
		return -errno;
	if (fstat(cursor->fd, &status))
		ret = -errno;
	else if (!S_ISREG(status.st_mode))
		ret = -EINVAL;
	cursor->buffer = malloc(BUFFER_BYTES);
	if (!ret && !cursor->buffer)
		ret = -ENOMEM;
	if (ret)
		dmp_cursor_close(cursor);
	return ret;
}

/* Return: as read(2) does, or -errno. */
static ssize_t fill(struct dmp_cursor *cursor)
{
	ssize_t got;

	memmove(cursor->buffer, cursor->buffer + cursor->start, cursor->length);
	cursor->start = 0;
	do {
		got = pread(cursor->fd, cursor->buffer + cursor->length,
			    BUFFER_BYTES - cursor->length,
			    (off_t)(cursor->offset + cursor->length));
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	cursor->length += (size_t)got;
	return got;
}

static bool find_line(const struct dmp_cursor *cursor, size_t *length, size_t *bytes)
{
	const char *line = cursor->buffer + cursor->start;
	size_t room = cursor->length;
	const char *end;

	if (room > DMP_LINE_BYTES_MAX + 1)
		room = DMP_LINE_BYTES_MAX + 1;
	end = memchr(line, '\n', room);
	*length = end ? (size_t)(end - line) : room;
	*bytes = *length + !!end;
	return end || room > DMP_LINE_BYTES_MAX;
}

int dmp_cursor_next(struct dmp_cursor *cursor, const char **line, size_t *length,
		    size_t *bytes)
{
	ssize_t got;

	if (cursor->fd < 0)
		return 0;
	while (!cursor->length || !find_line(cursor, length, bytes)) {
		got = fill(cursor);
		if (got <= 0)
			return (int)got;
	}
	*line = cursor->buffer + cursor->start;
	return 1;
}

void dmp_cursor_skip(struct dmp_cursor *cursor, size_t bytes)
{
	cursor->offset += bytes;
	cursor->start += bytes;
	cursor->length -= bytes;
}

void dmp_cursor_go(struct dmp_cursor *cursor, uint64_t offset)
{
	cursor->offset = offset;
	cursor->start = 0;
	cursor->length = 0;
}

void dmp_cursor_close(struct dmp_cursor *cursor)
{
	if (cursor->fd >= 0)
		close(cursor->fd);
	free(cursor->buffer);
	memset(cursor, 0, sizeof(*cursor));
	cursor->fd = -1;
}
