// SPDX-License-Identifier: GPL-2.0-or-later
#include "object.h"

#include <linux/devmem_policy.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Most records need no more. */
#define FIRST_ROOM 1024
#define ESCAPED_MAX 256
/* Of a number in any base, with its sign and what stands before it */
#define DIGITS_MAX 24

/* --- text ------------------------------------------------------------------- */

/* Return: where so many bytes may be put, or NULL. */
static char *make_room(struct dmp_object *object, size_t length)
{
	size_t room = object->room;
	char *text;

	if (object->failed)
		return NULL;
	if (room - object->length >= length)
		return object->text + object->length;
	while (room - object->length < length)
		room = room ? 2 * room : FIRST_ROOM;
	text = realloc(object->text, room);
	if (!text) {
		object->failed = true;
		return NULL;
	}
	object->text = text;
	object->room = room;
	return text + object->length;
}

static void put(struct dmp_object *object, const char *bytes, size_t length)
{
	char *to = make_room(object, length);

	if (!to)
		return;
	memcpy(to, bytes, length);
	object->length += length;
}

static void put_key(struct dmp_object *object, const char *key)
{
	size_t length = strlen(key);
	char *to = make_room(object, length + 4);

	if (!to)
		return;
	/* Behind the brace there is no comma. */
	if (object->length > 1)
		*to++ = ',';
	*to++ = '"';
	to = (char *)mempcpy(to, key, length);
	*to++ = '"';
	*to++ = ':';
	object->length = (size_t)(to - object->text);
}

/* Between quotes, with a backslash before those that are in it. */
static void put_text(struct dmp_object *object, const char *text)
{
	char *to = make_room(object, 2 * strlen(text) + 2);

	if (!to)
		return;
	*to++ = '"';
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*to++ = '\\';
		*to++ = *text;
	}
	*to++ = '"';
	object->length = (size_t)(to - object->text);
}

/* --- numbers ---------------------------------------------------------------- */

/* Digits are made from the last to the first. Return: the first, before end. */
static char *decimal(uint64_t number, char *end)
{
	do {
		*--end = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return end;
}

/* At least so many digits. */
static char *hexadecimal(uint64_t number, unsigned int digits, char *end)
{
	const char *least = end - digits;

	do {
		*--end = "0123456789abcdef"[number & 15];
		number >>= 4;
	} while (number || end > least);
	return end;
}

/* --- the object ------------------------------------------------------------- */

void dmp_object_begin(struct dmp_object *object)
{
	memset(object, 0, sizeof(*object));
	put(object, "{", 1);
}

char *dmp_object_end(struct dmp_object *object)
{
	put(object, "}", sizeof("}"));
	if (!object->failed)
		return object->text;
	free(object->text);
	return NULL;
}

void dmp_object_value(struct dmp_object *object, const char *key, const char *json)
{
	put_key(object, key);
	put(object, json, strlen(json));
}

void dmp_object_text(struct dmp_object *object, const char *key, const char *text)
{
	put_key(object, key);
	put_text(object, text);
}

void dmp_object_name(struct dmp_object *object, const char *key, struct dmp_name name)
{
	dmp_object_text(object, key, name.text);
}

void dmp_object_escaped(struct dmp_object *object, const char *key, const void *bytes,
			size_t length)
{
	char text[DMP_ESCAPED_BYTES(ESCAPED_MAX)];

	dmp_escape(bytes, length < ESCAPED_MAX ? length : ESCAPED_MAX, text);
	dmp_object_text(object, key, text);
}

void dmp_object_number(struct dmp_object *object, const char *key, uint64_t number)
{
	char digits[DIGITS_MAX], *end = digits + sizeof(digits) - 1;

	*end = '\0';
	if (number <= INT64_MAX)
		dmp_object_value(object, key, decimal(number, end));
	else
		dmp_object_text(object, key, decimal(number, end));
}

void dmp_object_signed(struct dmp_object *object, const char *key, int64_t number)
{
	char digits[DIGITS_MAX], *end = digits + sizeof(digits) - 1, *first;

	*end = '\0';
	first = decimal(number < 0 ? -(uint64_t)number : (uint64_t)number, end);
	if (number < 0)
		*--first = '-';
	dmp_object_value(object, key, first);
}

void dmp_object_bool(struct dmp_object *object, const char *key, bool value)
{
	dmp_object_value(object, key, value ? "true" : "false");
}

void dmp_object_address(struct dmp_object *object, const char *key, uint64_t address)
{
	char digits[DIGITS_MAX], *end = digits + sizeof(digits) - 1, *first;

	*end = '\0';
	first = hexadecimal(address, 1, end);
	*--first = 'x';
	*--first = '0';
	dmp_object_text(object, key, first);
}

void dmp_object_hex(struct dmp_object *object, const char *key, uint64_t value,
		    unsigned int digits)
{
	char text[DIGITS_MAX], *end = text + sizeof(text) - 1;

	*end = '\0';
	hexadecimal(value, digits, end);
	dmp_object_text(object, key, end - digits);
}

void dmp_object_digest(struct dmp_object *object, const char *key, const uint8_t *bytes)
{
	char digits[2 * DEVMEM_POLICY_DIGEST_BYTES + 1];

	dmp_hex(bytes, DEVMEM_POLICY_DIGEST_BYTES, digits);
	dmp_object_text(object, key, digits);
}
