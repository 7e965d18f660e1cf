// SPDX-License-Identifier: GPL-2.0-or-later
#include "line.h"

#include <errno.h>
#include <string.h>

#include "text.h"

struct cursor {
	const char *at;
	const char *end;
	const char *why;
	uint64_t seen; /* a bit for each name, which several may share */
};

static int refuse(struct cursor *cursor, const char *why)
{
	cursor->why = why;
	return -EBADMSG;
}

/* Is that the next character? Then go behind it. */
static bool take(struct cursor *cursor, char wanted)
{
	if (cursor->at == cursor->end || *cursor->at != wanted)
		return false;
	cursor->at++;
	return true;
}

/* --- values ----------------------------------------------------------------- */

/* Most of a text is ASCII that stands for itself. */
static void skip_plain(struct cursor *cursor)
{
	while (cursor->at < cursor->end && *cursor->at >= ' ' && *cursor->at <= '~' &&
	       *cursor->at != '"' && *cursor->at != '\\')
		cursor->at++;
}

/* Behind the opening quote; ends behind the closing one. */
static int scan_text(struct cursor *cursor, struct dmp_field *field)
{
	size_t length, left;

	field->kind = DMP_FIELD_TEXT;
	field->text = cursor->at;
	for (skip_plain(cursor); !take(cursor, '"'); skip_plain(cursor)) {
		left = (size_t)(cursor->end - cursor->at);
		if (left > 1 && cursor->at[0] == '\\' &&
		    (cursor->at[1] == '\\' || cursor->at[1] == '"')) {
			cursor->at += 2;
			continue;
		}
		length = left ? dmp_printable((const uint8_t *)cursor->at, left) : 0;
		if (!length)
			return refuse(cursor, "a text is not as it is written here");
		cursor->at += length;
	}
	field->text_length = (size_t)(cursor->at - 1 - field->text);
	return 0;
}

static bool is_digit(const struct cursor *cursor)
{
	return cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9';
}

static int scan_number(struct cursor *cursor, struct dmp_field *field)
{
	bool negative = take(cursor, '-');
	const char *first = cursor->at;
	uint64_t value = 0, limit = (uint64_t)INT64_MAX + negative;
	unsigned int digit;

	for (; is_digit(cursor); cursor->at++) {
		digit = (unsigned int)(*cursor->at - '0');
		if (value > (limit - digit) / 10)
			return refuse(cursor, "an integer is too large");
		value = value * 10 + digit;
	}
	if (cursor->at == first || (*first == '0' && (negative || cursor->at > first + 1)))
		return refuse(cursor, "a value is not as it is written here");
	field->kind = DMP_FIELD_NUMBER;
	field->number = negative ? (int64_t)-value : (int64_t)value;
	return 0;
}

static bool take_word(struct cursor *cursor, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length))
		return false;
	cursor->at += length;
	return true;
}

static int scan_value(struct cursor *cursor, struct dmp_field *field)
{
	if (take(cursor, '"'))
		return scan_text(cursor, field);
	field->number = take_word(cursor, "true");
	if (!field->number && !take_word(cursor, "false"))
		return scan_number(cursor, field);
	field->kind = DMP_FIELD_BOOL;
	return 0;
}

/* --- fields ----------------------------------------------------------------- */

static bool is_key_character(char character)
{
	return (character >= 'a' && character <= 'z') || character == '_' ||
	       (character >= '0' && character <= '9');
}

static int scan_key(struct cursor *cursor, struct dmp_field *field)
{
	if (!take(cursor, '"'))
		return refuse(cursor, "a field has no name");
	field->key = cursor->at;
	while (cursor->at < cursor->end && is_key_character(*cursor->at))
		cursor->at++;
	field->key_length = (size_t)(cursor->at - field->key);
	if (!field->key_length || field->key_length > DMP_LINE_KEY_MAX ||
	    !take(cursor, '"') || !take(cursor, ':'))
		return refuse(cursor, "a field's name is not as it is written here");
	return 0;
}

static bool same_key(const struct dmp_field *field, size_t group, const char *key,
		     size_t length)
{
	return field->group == group && field->key_length == length &&
	       !memcmp(field->key, key, length);
}

/* Which bit of seen is a name's? */
static uint64_t bit_of(const struct dmp_field *field)
{
	uint64_t sum = field->group;

	for (size_t i = 0; i < field->key_length; i++)
		sum = 31 * sum + (uint8_t)field->key[i];
	return UINT64_C(1) << (sum ^ sum >> 6) % 64;
}

static bool is_double(struct cursor *cursor, const struct dmp_line *line,
		      const struct dmp_field *field)
{
	uint64_t bit = bit_of(field);

	if (same_key(field, 0, "prev", 4))
		return true;
	if (!(cursor->seen & bit)) {
		cursor->seen |= bit;
		return false;
	}
	for (size_t i = 0; i < line->count; i++)
		if (same_key(&line->fields[i], field->group, field->key, field->key_length))
			return true;
	return false;
}

static int scan_name(struct cursor *cursor, struct dmp_line *line, size_t group)
{
	struct dmp_field *field = &line->fields[line->count];
	int ret;

	if (line->count == DMP_LINE_FIELDS_MAX)
		return refuse(cursor, "there are too many fields");
	field->group = group;
	ret = scan_key(cursor, field);
	if (!ret && is_double(cursor, line, field))
		return refuse(cursor, "a field is there twice");
	return ret;
}

/* The fields of an object, behind its brace; it ends behind the closing one. */
static int scan_group(struct cursor *cursor, struct dmp_line *line)
{
	size_t group = line->count;
	int ret;

	do {
		ret = scan_name(cursor, line, group);
		if (!ret)
			ret = scan_value(cursor, &line->fields[line->count]);
		if (ret)
			return ret;
		line->count++;
	} while (take(cursor, ','));
	return take(cursor, '}') ? 0 : refuse(cursor, "a field does not end as it should");
}

static int scan_fields(struct cursor *cursor, struct dmp_line *line)
{
	int ret;

	do {
		ret = scan_name(cursor, line, 0);
		if (ret)
			return ret;
		if (take(cursor, '{')) {
			line->fields[line->count++].kind = DMP_FIELD_GROUP;
			ret = scan_group(cursor, line);
		} else {
			ret = scan_value(cursor, &line->fields[line->count++]);
		}
		if (ret)
			return ret;
	} while (take(cursor, ','));
	return 0;
}

static int scan_prev(struct cursor *cursor, struct dmp_line *line)
{
	if (!take_word(cursor, DMP_LINE_PREV) ||
	    cursor->end - cursor->at < DMP_SHA256_DIGITS ||
	    dmp_sha256_parse(cursor->at, DMP_SHA256_DIGITS, line->prev))
		return refuse(cursor, "it does not begin with the hash of a line");
	cursor->at += DMP_SHA256_DIGITS;
	if (!take_word(cursor, DMP_LINE_PREV_TAIL))
		return refuse(cursor, "it does not begin with the hash of a line");
	return 0;
}

static int scan_object(struct cursor *cursor, struct dmp_line *line)
{
	int ret = scan_prev(cursor, line);

	if (!ret)
		ret = scan_fields(cursor, line);
	if (ret)
		return ret;
	if (!take(cursor, '}'))
		return refuse(cursor, "a field does not end as it should");
	if (cursor->at != cursor->end)
		return refuse(cursor, "something follows behind the object");
	return 0;
}

int dmp_line_scan(const char *bytes, size_t length, struct dmp_line *line,
		  const char **why)
{
	struct cursor cursor = { .at = bytes, .end = bytes + length };
	int ret;

	line->bytes = bytes;
	line->length = length;
	line->count = 0;
	if (length > DMP_LINE_BYTES_MAX)
		ret = refuse(&cursor, "it is too long");
	else
		ret = scan_object(&cursor, line);
	*why = cursor.why;
	return ret;
}

/* --- what is in it ---------------------------------------------------------- */

static const struct dmp_field *find(const struct dmp_line *line, size_t group,
				    const char *key, size_t length)
{
	for (size_t i = group; i < line->count; i++)
		if (same_key(&line->fields[i], group, key, length))
			return &line->fields[i];
	return NULL;
}

const struct dmp_field *dmp_line_find(const struct dmp_line *line, const char *key)
{
	const char *dot = strchr(key, '.');
	const struct dmp_field *group;

	if (!dot)
		return find(line, 0, key, strlen(key));
	group = find(line, 0, key, (size_t)(dot - key));
	if (!group)
		return NULL;
	return find(line, (size_t)(group - line->fields) + 1, dot + 1, strlen(dot + 1));
}

bool dmp_line_is(const struct dmp_line *line, const char *key, const char *text)
{
	const struct dmp_field *field = dmp_line_find(line, key);

	return field && field->kind == DMP_FIELD_TEXT && field->text_length == strlen(text) &&
	       !memcmp(field->text, text, field->text_length);
}

int dmp_line_count(const struct dmp_line *line, const char *key, uint64_t *number)
{
	const struct dmp_field *field = dmp_line_find(line, key);

	*number = 0;
	if (!field)
		return -ENOENT;
	if (field->kind != DMP_FIELD_NUMBER || field->number < 0)
		return -EBADMSG;
	*number = (uint64_t)field->number;
	return 0;
}

int dmp_line_word(const struct dmp_line *line, const char *key, const char *set,
		  size_t length, char *word, size_t room)
{
	const struct dmp_field *field = dmp_line_find(line, key);

	*word = '\0';
	if (!field)
		return -ENOENT;
	if (field->kind != DMP_FIELD_TEXT || !field->text_length ||
	    field->text_length >= room || (length && field->text_length != length))
		return -EBADMSG;
	for (size_t i = 0; i < field->text_length; i++)
		if (!strchr(set, field->text[i]))
			return -EBADMSG;
	memcpy(word, field->text, field->text_length);
	word[field->text_length] = '\0';
	return 0;
}

size_t dmp_field_plain(const struct dmp_field *field, char *text, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < field->text_length; i++) {
		if (field->text[i] == '\\')
			i++;
		if (count + 1 < room)
			text[count] = field->text[i];
		count++;
	}
	if (room)
		text[count < room ? count : room - 1] = '\0';
	return count;
}
