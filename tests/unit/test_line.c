// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of the log: what is one, and what is in it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/line.h"

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define PREV "{\"prev\":\"" HASH "\","

#define VALUES                                                                            \
	PREV "\"n\":12,\"s\":\"a\\\\x1b\\\"\xc3\xa9\",\"t\":true,\"f\":false"                 \
	     ",\"o\":{\"n\":1,\"t\":true},\"m\":-9223372036854775808"                       \
	     ",\"p\":9223372036854775807,\"z\":0,\"w\":\"ab\"}"
#define UPPER_HASH "AABBCCDDEEFF0011AABBCCDDEEFF0011AABBCCDDEEFF0011AABBCCDDEEFF0011"

static struct dmp_line line;
static const char *why;

/* A copy of its own size, so that reading behind it is found by a checker. */
static int scan(const char *bytes, size_t length)
{
	static char *copy;

	free(copy);
	copy = malloc(length ? length : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, length);
	return dmp_line_scan(copy, length, &line, &why);
}

static void is_line(const char *text)
{
	if (scan(text, strlen(text)))
		fail_msg("%s: %s", text, why);
}

static void is_none(const char *text)
{
	if (!scan(text, strlen(text)))
		fail_msg("taken: %s", text);
	assert_non_null(why);
}

static void test_values(void **state)
{
	char word[8], plain[32];
	uint64_t number;

	(void)state;
	is_line(VALUES);
	assert_int_equal(line.count, 11);
	assert_int_equal(line.prev[0], 0x00);
	assert_int_equal(line.prev[31], 0xff);
	assert_int_equal(dmp_line_count(&line, "n", &number), 0);
	assert_int_equal(number, 12);
	assert_int_equal(dmp_line_count(&line, "o.n", &number), 0);
	assert_int_equal(number, 1);
	assert_int_equal(dmp_line_count(&line, "o.x", &number), -ENOENT);
	assert_int_equal(dmp_line_count(&line, "n.n", &number), -ENOENT);
	assert_int_equal(dmp_line_count(&line, "x", &number), -ENOENT);
	assert_int_equal(dmp_line_count(&line, "m", &number), -EBADMSG);
	assert_int_equal(dmp_line_find(&line, "m")->number, INT64_MIN);
	assert_int_equal(dmp_line_count(&line, "p", &number), 0);
	assert_int_equal(number, INT64_MAX);
	assert_int_equal(dmp_line_count(&line, "t", &number), -EBADMSG);
	assert_true(dmp_line_find(&line, "t")->number);
	assert_false(dmp_line_find(&line, "f")->number);
	assert_null(dmp_line_find(&line, "prev"));
	assert_int_equal(dmp_field_plain(dmp_line_find(&line, "s"), plain, sizeof(plain)), 8);
	assert_string_equal(plain, "a\\x1b\"\xc3\xa9");
	assert_int_equal(dmp_field_plain(dmp_line_find(&line, "s"), plain, 3), 8);
	assert_string_equal(plain, "a\\");
	assert_int_equal(dmp_line_word(&line, "w", "abc", 0, word, sizeof(word)), 0);
	assert_string_equal(word, "ab");
	assert_int_equal(dmp_line_word(&line, "w", "abc", 3, word, sizeof(word)), -EBADMSG);
	assert_int_equal(dmp_line_word(&line, "w", "a", 0, word, sizeof(word)), -EBADMSG);
	assert_int_equal(dmp_line_word(&line, "w", "ab", 0, word, 2), -EBADMSG);
	assert_int_equal(dmp_line_word(&line, "n", "ab", 0, word, sizeof(word)), -EBADMSG);
	assert_true(dmp_line_is(&line, "w", "ab"));
	assert_false(dmp_line_is(&line, "w", "a"));
	assert_false(dmp_line_is(&line, "n", "12"));
}

static void test_what_is_none(void **state)
{
	static const char *const wrong[] = {
		"", "{}", "{\"prev\":\"\",\"a\":1}", "{\"a\":1}",
		"{\"prev\":\"" HASH "\"}", PREV "}", PREV "\"a\":1", PREV "\"a\":1,}",
		PREV "\"a\":1}}", PREV "\"a\":1} ", PREV "\"a\":1}\r", " " PREV "\"a\":1}",
		PREV " \"a\":1}", PREV "\"a\" :1}", PREV "\"a\": 1}", PREV "\"a\":1 }",
		PREV "\"a\":1,\"a\":1}", PREV "\"a\":1,\"prev\":1}", PREV "\"A\":1}",
		PREV "\"\":1}", PREV "\"a.b\":1}", PREV "\"a\\u0062\":1}",
		PREV "\"abcdefghijklmnopqrstuvwxyz0123456\":1}",
		PREV "\"a\":01}", PREV "\"a\":-0}", PREV "\"a\":00}", PREV "\"a\":+1}",
		PREV "\"a\":1.0}", PREV "\"a\":1e3}", PREV "\"a\":-}", PREV "\"a\":}",
		PREV "\"a\":9223372036854775808}", PREV "\"a\":-9223372036854775809}",
		PREV "\"a\":99999999999999999999}", PREV "\"a\":0x1}",
		PREV "\"a\":null}", PREV "\"a\":True}", PREV "\"a\":truex}", PREV "\"a\":[]}",
		PREV "\"a\":{}}", PREV "\"a\":{\"b\":{\"c\":1}}}", PREV "\"a\":{\"b\":1,\"b\":2}}",
		PREV "\"a\":{\"b\":1}", PREV "\"a\":{\"b\":1},\"a\":1}",
		PREV "\"a\":\"}", PREV "\"a\":\"\\\"}", PREV "\"a\":\"\\n\"}",
		PREV "\"a\":\"\\u0041\"}", PREV "\"a\":\"\\/\"}", PREV "\"a\":\"\t\"}",
		PREV "\"a\":\"\x7f\"}", PREV "\"a\":\"\xc2\x85\"}", PREV "\"a\":\"\xff\"}",
		PREV "\"a\":\"\xc0\xaf\"}", PREV "\"a\":\"\xed\xa0\x80\"}",
		PREV "\"a\":\"\xf4\x90\x80\x80\"}", PREV "\"a\":\"\xc3\"}", PREV "\"a\":\"\\",
		"{\"prev\":\"" UPPER_HASH "\",\"a\":1}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		is_none(wrong[i]);
	is_line(PREV "\"a\":1}");
	is_line(PREV "\"a\":{\"prev\":1}}");
	is_line(PREV "\"abcdefghijklmnopqrstuvwxyz012345\":1}");
	assert_int_not_equal(scan(PREV "\"a\":\"\0\"}", strlen(PREV) + 8), 0);
}

/* Whatever is missing at the end, it is none. */
static void test_every_beginning(void **state)
{
	static const char text[] = PREV "\"a\":{\"b\":\"c\\\\\"},\"d\":-10,\"e\":true}";

	(void)state;
	is_line(text);
	for (size_t length = 0; length < strlen(text); length++)
		assert_int_equal(scan(text, length), -EBADMSG);
}

static void test_limits(void **state)
{
	static char text[2 * DMP_LINE_BYTES_MAX];
	size_t fields, length, room;

	(void)state;
	for (fields = 63; fields <= 65; fields++) {
		length = (size_t)sprintf(text, PREV);
		for (size_t i = 0; i < fields; i++)
			length += (size_t)sprintf(text + length, "%s\"f%zu\":1", i ? "," : "", i);
		strcpy(text + length, "}");
		assert_int_equal(scan(text, length + 1), fields <= 64 ? 0 : -EBADMSG);
	}
	for (room = DMP_LINE_BYTES_MAX - 1; room <= DMP_LINE_BYTES_MAX + 1; room++) {
		length = (size_t)sprintf(text, PREV "\"a\":\"");
		memset(text + length, 'x', room - length - 2);
		memcpy(text + room - 2, "\"}", 2);
		assert_int_equal(scan(text, room), room <= DMP_LINE_BYTES_MAX ? 0 : -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_every_beginning),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
