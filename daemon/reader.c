// SPDX-License-Identifier: GPL-2.0-or-later
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

struct reader {
	const struct dmp_filter *filter;
	dmp_reader_fn *fn;
	void *arg;
	const char *file;
	uint64_t line;
	uint64_t strange; /* lines of this file that are none of a log */
	struct dmp_line parsed;
};

static int take(struct reader *reader, const char *bytes, size_t length)
{
	const char *why;

	reader->line++;
	if (dmp_line_scan(bytes, length, &reader->parsed, &why)) {
		if (!reader->strange++)
			dmp_say(LOG_WARNING, "%s:%" PRIu64 ": not a line of a log: %s",
				reader->file, reader->line, why);
		return 0;
	}
	if (!dmp_filter_matches(reader->filter, &reader->parsed))
		return 0;
	return reader->fn(&reader->parsed, reader->arg);
}

static int read_stream(struct reader *reader, FILE *in)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	int ret = 0;

	while (!ret && (length = getline(&line, &room, in)) > 0)
		ret = take(reader, line, (size_t)length - (line[length - 1] == '\n'));
	free(line);
	if (!ret && ferror(in)) {
		dmp_say(LOG_ERR, "%s: cannot be read", reader->file);
		ret = -EIO;
	}
	return ret;
}

int dmp_reader_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		dmp_say(LOG_ERR, "%s: %s", path, strerror(errno));
	return fd;
}

static int read_file(struct reader *reader, const char *path)
{
	int fd = dmp_reader_open(path);
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
	int ret;

	if (fd >= 0 && !in)
		close(fd);
	if (!in)
		return -EIO;
	reader->file = path;
	reader->line = 0;
	reader->strange = 0;
	ret = read_stream(reader, in);
	if (reader->strange > 1)
		dmp_say(LOG_WARNING, "%s: %" PRIu64 " lines are none of a log", path,
			reader->strange);
	fclose(in);
	return ret ? ret : reader->strange ? -EIO : 0;
}

int dmp_reader_run(char *const *files, const struct dmp_filter *filter, dmp_reader_fn *fn,
		   void *arg)
{
	static struct reader reader;
	int ret, result = 0;

	reader = (struct reader){ .filter = filter, .fn = fn, .arg = arg };
	for (; *files; files++) {
		ret = read_file(&reader, *files);
		if (ret && ret != -EIO)
			return ret;
		if (ret)
			result = ret;
	}
	return result;
}
