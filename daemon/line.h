/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * line.h - a line of the log, taken apart
 *
 * The log is JSON of a narrow kind (devmem-policy-log(5)), so that every line
 * can be written in one way only, and is read without allocating anything.
 */
#ifndef DEVMEM_POLICY_LINE_H
#define DEVMEM_POLICY_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"

/* Of a line, without its end. */
#define DMP_LINE_BYTES_MAX 65536
#define DMP_LINE_FIELDS_MAX 64
#define DMP_LINE_KEY_MAX 32

/* What every line begins with; 64 digits, DMP_LINE_PREV_TAIL and more follow. */
#define DMP_LINE_PREV "{\"prev\":\""
#define DMP_LINE_PREV_TAIL "\","

enum dmp_field_kind {
	DMP_FIELD_TEXT,
	DMP_FIELD_NUMBER,
	DMP_FIELD_BOOL,
	DMP_FIELD_GROUP, /* an object; its fields follow */
};

/* Points into the line. */
struct dmp_field {
	const char *key;
	size_t key_length;
	size_t group; /* 0: none; else the field that it belongs to is group - 1 */
	enum dmp_field_kind kind;
	const char *text; /* TEXT: between the quotes, as it is written */
	size_t text_length;
	int64_t number; /* NUMBER; BOOL: 0 or 1 */
};

struct dmp_line {
	const char *bytes;
	size_t length;
	uint8_t prev[DMP_SHA256_BYTES];
	size_t count;
	struct dmp_field fields[DMP_LINE_FIELDS_MAX];
};

/*
 * dmp_line_scan() - take a line apart
 * @bytes: without the line end
 * @why: what is wrong with it, for people
 *
 * Return: 0 or -EBADMSG.
 */
int dmp_line_scan(const char *bytes, size_t length, struct dmp_line *line,
		  const char **why);

/*
 * dmp_line_find() - a field by its name, or NULL; "prev" is none
 * @key: the name; GROUP.NAME for a field of an object
 */
const struct dmp_field *dmp_line_find(const struct dmp_line *line, const char *key);

/* dmp_line_is() - is there a text field of that name which says text? */
bool dmp_line_is(const struct dmp_line *line, const char *key, const char *text);

/*
 * dmp_line_count() - an integer that is not negative
 *
 * Return: 0; -ENOENT when there is no such field (*number is 0 then); -EBADMSG
 * when it is something else.
 */
int dmp_line_count(const struct dmp_line *line, const char *key, uint64_t *number);

/*
 * dmp_line_word() - copy a text that is made of length characters of a set
 * @length: how many there must be; 0: one or more, as far as there is room
 * @word: gets the text with a NUL; room bytes
 *
 * Return: as dmp_line_count().
 */
int dmp_line_word(const struct dmp_line *line, const char *key, const char *set,
		  size_t length, char *word, size_t room);

/*
 * dmp_field_plain() - the bytes that a text stands for, JSON's escapes undone
 *
 * Return: their number; text gets as many as fit, and a NUL.
 */
size_t dmp_field_plain(const struct dmp_field *field, char *text, size_t room);

#endif /* DEVMEM_POLICY_LINE_H */
