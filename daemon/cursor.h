/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cursor.h - read a file line by line, also while it grows */
#ifndef DEVMEM_POLICY_CURSOR_H
#define DEVMEM_POLICY_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero but fd = -1: no file. */
struct dmp_cursor {
	int fd;
	uint64_t offset; /* of the next line */
	char *buffer; /* what the file has from there on */
	size_t start;
	size_t length;
};

/*
 * dmp_cursor_open() - a regular file, from its beginning
 *
 * Return: 0; -EINVAL when it is something else; -ENOMEM; or what open(2) said.
 */
int dmp_cursor_open(struct dmp_cursor *cursor, const char *path);

/*
 * dmp_cursor_next() - the next line, without its end; it stays the next one
 * @bytes: how many are to be gone over, with its end
 *
 * Of a line that is longer than lines are, the first 65,537 bytes.
 *
 * Return: 1; 0 when there is none that is whole; or -errno.
 */
int dmp_cursor_next(struct dmp_cursor *cursor, const char **line, size_t *length,
		    size_t *bytes);

/* dmp_cursor_skip() - go over so many bytes */
void dmp_cursor_skip(struct dmp_cursor *cursor, size_t bytes);

/* dmp_cursor_go() - to an offset where a line begins */
void dmp_cursor_go(struct dmp_cursor *cursor, uint64_t offset);

void dmp_cursor_close(struct dmp_cursor *cursor);

#endif /* DEVMEM_POLICY_CURSOR_H */
