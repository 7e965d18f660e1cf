/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * object.h - a JSON object of the log's narrow kind, on its way to be a line
 *
 * A record is written this way and not through a tree of values, since there may be
 * very many of them. What fails for want of memory fails in the end.
 */
#ifndef DEVMEM_POLICY_OBJECT_H
#define DEVMEM_POLICY_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "names.h"

struct dmp_object {
	char *text;
	size_t length;
	size_t room;
	bool failed;
};

/* dmp_object_begin() - an object without fields; always to be ended */
void dmp_object_begin(struct dmp_object *object);

/*
 * dmp_object_end() - close it
 *
 * Return: the text, to be freed, or NULL when there was no memory.
 */
char *dmp_object_end(struct dmp_object *object);

/*
 * The rest adds a field.
 * @key: as devmem-policy-log(5) wants it; not checked here
 */

/* The text must be UTF-8 without control characters. */
void dmp_object_text(struct dmp_object *object, const char *key, const char *text);
void dmp_object_name(struct dmp_object *object, const char *key, struct dmp_name name);

/* Arbitrary bytes, escaped as dmp_escape() does; up to 256 */
void dmp_object_escaped(struct dmp_object *object, const char *key, const void *bytes,
			size_t length);

/* Integers of JSON are signed here; what is larger becomes a text of digits. */
void dmp_object_number(struct dmp_object *object, const char *key, uint64_t number);
void dmp_object_signed(struct dmp_object *object, const char *key, int64_t number);
void dmp_object_bool(struct dmp_object *object, const char *key, bool value);

/* As in "0x3f000000" */
void dmp_object_address(struct dmp_object *object, const char *key, uint64_t address);

/* So many hex digits, 16 at most; what does not fit into them is not shown */
void dmp_object_hex(struct dmp_object *object, const char *key, uint64_t value,
		    unsigned int digits);

/* Two hex digits a byte, up to 32 bytes */
void dmp_object_digest(struct dmp_object *object, const char *key, const uint8_t *bytes);

/* A value that is JSON already */
void dmp_object_value(struct dmp_object *object, const char *key, const char *json);

#endif /* DEVMEM_POLICY_OBJECT_H */
