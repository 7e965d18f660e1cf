// SPDX-License-Identifier: GPL-2.0-or-later
#include "position.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "durable.h"
#include "names.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MAGIC "devmem-policy forward position 1\n"
#define FILE_BYTES_MAX 4096
#define ID_DIGITS 16
#define HEX_SET "0123456789abcdef"

static const struct member {
	const char *name;
	size_t offset;
} members[] = {
	{ "offset", offsetof(struct dmp_position, place.offset) },
	{ "bytes", offsetof(struct dmp_position, place.bytes) },
	{ "seq", offsetof(struct dmp_position, place.last) },
	{ "forwarded", offsetof(struct dmp_position, forwarded) },
	{ "connections", offsetof(struct dmp_position, connections) },
	{ "truncated", offsetof(struct dmp_position, truncated) },
	{ "lost", offsetof(struct dmp_position, lost) },
	{ "breaks", offsetof(struct dmp_position, breaks) },
};

/* --- reading ---------------------------------------------------------------- */

/* An inode's number may be any, so that it is written as digits. */
static int read_id(const struct dmp_line *line, const char *name, uint64_t *id)
{
	char digits[ID_DIGITS + 1];

	if (dmp_line_word(line, name, HEX_SET, ID_DIGITS, digits, sizeof(digits)))
		return -EBADMSG;
	*id = strtoull(digits, NULL, 16);
	return 0;
}

static int parse_line(const struct dmp_line *line, struct dmp_position *position)
{
	const struct dmp_field *known = dmp_line_find(line, "known");
	struct dmp_place *place = &position->place;
	uint64_t value;

	if (!known || known->kind != DMP_FIELD_BOOL ||
	    read_id(line, "device", &place->device) || read_id(line, "inode", &place->inode) ||
	    dmp_line_word(line, "instance", HEX_SET, DMP_INSTANCE_BYTES - 1, place->instance,
			  sizeof(place->instance)) == -EBADMSG)
		return -EBADMSG;
	for (size_t i = 0; i < COUNT(members); i++) {
		if (dmp_line_count(line, members[i].name, &value))
			return -EBADMSG;
		memcpy((char *)position + members[i].offset, &value, sizeof(value));
	}
	if (place->bytes > DMP_LINE_BYTES_MAX + 1)
		return -EBADMSG;
	place->known = known->number;
	memcpy(place->hash, line->prev, sizeof(place->hash));
	return 0;
}

static int parse(const char *text, size_t length, struct dmp_position *position)
{
	size_t magic = strlen(MAGIC);
	struct dmp_line line;
	const char *why;

	/* A file that was cut short begins as it should, however short it is. */
	if (memcmp(text, MAGIC, length < magic ? length : magic))
		return -EINVAL;
	if (length <= magic || text[length - 1] != '\n' ||
	    dmp_line_scan(text + magic, length - magic - 1, &line, &why))
		return -EBADMSG;
	return parse_line(&line, position);
}

static ssize_t read_all(const char *path, char text[FILE_BYTES_MAX])
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat status;
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = fstat(fd, &status) || !S_ISREG(status.st_mode) ? -1 : 0;
	if (got)
		errno = EINVAL;
	else
		got = read(fd, text, FILE_BYTES_MAX);
	if (got < 0)
		got = -errno;
	close(fd);
	return got;
}

int dmp_position_read(const char *path, struct dmp_position *position)
{
	char text[FILE_BYTES_MAX];
	ssize_t length;
	int ret;

	memset(position, 0, sizeof(*position));
	length = read_all(path, text);
	if (length < 0)
		return (int)length;
	ret = parse(text, (size_t)length, position);
	if (ret)
		memset(position, 0, sizeof(*position));
	return ret;
}

/* --- writing ---------------------------------------------------------------- */

static void print(FILE *out, const struct dmp_position *position)
{
	const struct dmp_place *place = &position->place;
	char hash[DMP_SHA256_DIGITS + 1];
	uint64_t value;

	dmp_hex(place->hash, DMP_SHA256_BYTES, hash);
	fprintf(out,
		MAGIC DMP_LINE_PREV "%s" DMP_LINE_PREV_TAIL
		"\"known\":%s,\"device\":\"%016" PRIx64 "\",\"inode\":\"%016" PRIx64 "\"",
		hash, place->known ? "true" : "false", place->device, place->inode);
	if (*place->instance)
		fprintf(out, ",\"instance\":\"%s\"", place->instance);
	for (size_t i = 0; i < COUNT(members); i++) {
		memcpy(&value, (const char *)position + members[i].offset, sizeof(value));
		fprintf(out, ",\"%s\":%" PRIu64, members[i].name, value);
	}
	fputs("}\n", out);
}

int dmp_position_write(const char *path, const struct dmp_position *position)
{
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);
	int ret;

	if (!out)
		return -errno;
	print(out, position);
	ret = fclose(out) ? -ENOMEM : dmp_replace_file(path, text);
	free(text);
	return ret;
}
