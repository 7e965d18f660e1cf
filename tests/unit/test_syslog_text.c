// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of the log as messages of syslog and entries of the journal, against a
 * reader of RFC 5424 that knows nothing of how they were written.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include <cmocka.h>

#include "daemon/journal_text.h"
#include "daemon/syslog_text.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define INSTANCE "0000000000000abc"
#define LINE(more) "{\"prev\":\"" ZEROS "\",\"kind\":" more "}"
#define TIME ",\"time\":\"2026-11-21T12:34:56.123456789Z\""
/* Fields of a line, a parameter of a message, and a field of the journal */
#define TEXT(name, value) ",\"" name "\":\"" value "\""
#define NUMBER(name, value) ",\"" name "\":" #value
#define COUNTERS(a, b) ",\"counters\":{\"a\":" a ",\"b\":" b "}"
#define PARAM(name, value) " " name "=\"" value "\""
#define ENTRY(name, value) name "=" value "\n"
#define ROOM (1 << 18)

static char bytes[ROOM + 1];
static struct dmp_output output;
static struct dmp_line line;
static struct dmp_syslog syslog_options = {
	.facility = DMP_SYSLOG_FACILITY,
	.sd_id = DMP_SYSLOG_SD_ID,
	.hostname = "host.example",
};

static struct dmp_item item_of(const char *text, const char *hash)
{
	const char *why;

	if (dmp_line_scan(text, strlen(text), &line, &why))
		fail_msg("%s: %s", why, text);
	return (struct dmp_item){ .line = &line, .hash = hash };
}

static void empty(size_t room)
{
	output = (struct dmp_output){ .bytes = bytes, .room = room };
}

/* --- the reader -------------------------------------------------------------- */

#define PARAMS_MAX 80

struct param {
	char name[33];
	char value[70000];
};

static struct message {
	unsigned int priority;
	char time[64], host[256], app[49], process[129], kind[33], sd_id[33];
	size_t count;
	struct param params[PARAMS_MAX];
	const char *text; /* NULL: none */
} message;

static const char *at;

static void expect(char wanted)
{
	if (*at != wanted)
		fail_msg("'%c' is missing at: %.40s", wanted, at);
	at++;
}

/* PRINTUSASCII of at most so many characters, up to a space */
static void header_field(char *field, size_t room)
{
	size_t length = strcspn(at, " ");

	assert_in_range(length, 1, room - 1);
	for (size_t i = 0; i < length; i++)
		assert_in_range(at[i], 33, 126);
	memcpy(field, at, length);
	field[length] = '\0';
	at += length;
	expect(' ');
}

static void sd_name(char name[33])
{
	size_t length = strcspn(at, "= ]\"");

	assert_in_range(length, 1, 32);
	for (size_t i = 0; i < length; i++)
		assert_in_range(at[i], 33, 126);
	memcpy(name, at, length);
	name[length] = '\0';
	at += length;
}

static void sd_param(struct param *param)
{
	char *to = param->value;

	expect(' ');
	sd_name(param->name);
	expect('=');
	expect('"');
	for (; *at != '"'; at++) {
		assert_int_not_equal(*at, ']');
		assert_int_not_equal(*at, '\0');
		if (*at == '\\') {
			at++;
			assert_non_null(strchr("\"\\]", *at));
		}
		*to++ = *at;
	}
	*to = '\0';
	expect('"');
}

static void read_message(void)
{
	char version[3], *end;

	bytes[output.length] = '\0';
	assert_int_equal(strlen(bytes), output.length);
	assert_false(output.full);
	at = bytes;
	message.count = 0;
	expect('<');
	message.priority = (unsigned int)strtoul(at, &end, 10);
	at = end;
	expect('>');
	header_field(version, sizeof(version));
	assert_string_equal(version, "1");
	header_field(message.time, sizeof(message.time));
	header_field(message.host, sizeof(message.host));
	header_field(message.app, sizeof(message.app));
	header_field(message.process, sizeof(message.process));
	header_field(message.kind, sizeof(message.kind));
	expect('[');
	sd_name(message.sd_id);
	while (*at != ']') {
		assert_true(message.count < PARAMS_MAX);
		sd_param(&message.params[message.count++]);
	}
	expect(']');
	message.text = NULL;
	if (!*at)
		return;
	expect(' ');
	assert_memory_equal(at, "\xef\xbb\xbf", 3);
	message.text = at + 3;
}

static const char *param(const char *name)
{
	for (size_t i = 0; i < message.count; i++)
		if (!strcmp(message.params[i].name, name))
			return message.params[i].value;
	return "(absent)";
}

/* --- RFC 5424 --------------------------------------------------------------- */

static void test_whole(void **state)
{
	struct dmp_item item = item_of(
		LINE("\"denial\"" TIME NUMBER("seq", 12) NUMBER("result", -1)
		     TEXT("error", "EPERM") TEXT("comm", "a\\\"]\\\\x1b=\xc3\xbc")
		     NUMBER("pid", 7) NUMBER("permissive", true)
		     COUNTERS("3", "\"\\\\\\\\\"")), HASH);

	(void)state;
	empty(ROOM);
	assert_false(dmp_syslog_5424(&syslog_options, &item, &output));
	read_message();
	assert_int_equal(message.priority, 13 * 8 + LOG_WARNING);
	assert_string_equal(message.time, "2026-11-21T12:34:56.123456Z");
	assert_string_equal(message.host, "host.example");
	assert_string_equal(message.app, "devmemd");
	assert_string_equal(message.process, "-");
	assert_string_equal(message.kind, "denial");
	assert_string_equal(message.sd_id, "devmem-policy@32473");
	assert_int_equal(message.count, 12);
	assert_string_equal(message.params[0].name, "hash");
	assert_string_equal(param("hash"), HASH);
	assert_string_equal(param("prev"), ZEROS);
	assert_string_equal(param("kind"), "denial");
	assert_string_equal(param("time"), "2026-11-21T12:34:56.123456789Z");
	assert_string_equal(param("seq"), "12");
	assert_string_equal(param("result"), "-1");
	assert_string_equal(param("comm"), "a\"]\\x1b=\xc3\xbc");
	assert_string_equal(param("permissive"), "true");
	assert_string_equal(param("counters.a"), "3");
	assert_string_equal(param("counters.b"), "\\\\");
	assert_string_equal(param("counters"), "(absent)");
	assert_string_equal(message.text,
			    "#12 denial by a\"]\\x1b=\xc3\xbc pid 7 -> permissive -> EPERM");
}

static void severity_is(const char *kind, int severity)
{
	char text[256];
	struct dmp_item item;

	snprintf(text, sizeof(text), LINE("\"%s\""), kind);
	item = item_of(text, HASH);
	empty(ROOM);
	dmp_syslog_5424(&syslog_options, &item, &output);
	read_message();
	if (message.priority != syslog_options.facility * 8 + (unsigned int)severity)
		fail_msg("%s has priority %u", kind, message.priority);
	assert_string_equal(message.kind, kind);
	/* No time is no reason to leave the message out. */
	assert_string_equal(message.time, "-");
}

static void test_severities(void **state)
{
	(void)state;
	severity_is("grant", LOG_INFO);
	severity_is("checkpoint", LOG_INFO);
	severity_is("denial", LOG_WARNING);
	severity_is("loss", LOG_WARNING);
	severity_is("policy-refused", LOG_WARNING);
	severity_is("auditor-refused", LOG_WARNING);
	severity_is("repaired", LOG_WARNING);
	severity_is("policy-loaded", LOG_NOTICE);
	severity_is("kind-of-tomorrow", LOG_NOTICE);
	severity_is("forward-gap", LOG_ERR);
	syslog_options.facility = 23;
	severity_is("grant", LOG_INFO);
	syslog_options.facility = DMP_SYSLOG_FACILITY;
}

static void test_strange(void **state)
{
	struct dmp_item item = item_of(
		LINE("\"Two words\"" TEXT("time", "2026-11-21 12:34:56.123456789Z")
		     ",\"abcdefghijklmnopqrstuvwxyz012345\":{\"abcdefgh\":1}"), NULL);

	(void)state;
	syslog_options.hostname = "two words";
	empty(ROOM);
	assert_false(dmp_syslog_5424(&syslog_options, &item, &output));
	read_message();
	syslog_options.hostname = "host.example";
	assert_string_equal(message.time, "-");
	assert_string_equal(message.host, "-");
	assert_string_equal(message.kind, "-");
	assert_string_equal(param("kind"), "Two words");
	assert_string_equal(param("hash"), "(absent)");
	assert_string_equal(param("prev"), "(absent)");
	assert_string_equal(param("abcdefghijklmnopqrstuvwxyz012345"), "1");
}

/* Whatever there is room for, the message can be read, and says what is cut. */
static void test_cut(void **state)
{
	static const char text[] =
		LINE("\"denial\"" TIME NUMBER("seq", 12)
		     TEXT("comm", "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")
		     TEXT("exe", "\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\")
		     COUNTERS("1", "2") NUMBER("pid", 7) NUMBER("uid", 0));
	struct dmp_item item = item_of(text, HASH);
	size_t whole, fields, cut, fewest = 99, most = 0;

	(void)state;
	empty(ROOM);
	dmp_syslog_5424(&syslog_options, &item, &output);
	whole = output.length;
	read_message();
	fields = message.count;
	for (size_t room = 250; room <= whole + 10; room++) {
		empty(room);
		assert_int_equal(dmp_syslog_5424(&syslog_options, &item, &output),
				 room < whole);
		assert_true(output.length <= room);
		read_message();
		assert_string_equal(param("hash"), HASH);
		assert_string_equal(message.params[0].name, "hash");
		cut = (size_t)atoi(param("cut"));
		assert_int_equal(message.count - !!cut + cut, fields);
		/* The sentence is the first to go, though a short one may fit again. */
		if (room >= whole)
			assert_non_null(message.text);
		fewest = cut < fewest ? cut : fewest;
		most = cut > most ? cut : most;
	}
	assert_int_equal(fewest, 0);
	assert_true(most > 5);
}

static void test_long(void **state)
{
	static char text[DMP_LINE_BYTES_MAX + 1];
	size_t length = (size_t)sprintf(text, "%s,\"exe\":\"",
					"{\"prev\":\"" ZEROS "\",\"kind\":\"denial\"");
	struct dmp_item item;

	(void)state;
	memset(text + length, ']', DMP_LINE_BYTES_MAX - length - 2);
	strcpy(text + DMP_LINE_BYTES_MAX - 2, "\"}");
	item = item_of(text, HASH);
	empty(4 * DMP_LINE_BYTES_MAX);
	assert_false(dmp_syslog_5424(&syslog_options, &item, &output));
	read_message();
	assert_int_equal(strlen(param("exe")), DMP_LINE_BYTES_MAX - length - 2);
	empty(4 * DMP_LINE_BYTES_MAX);
	assert_false(dmp_journal_text(13, &item, &output));
	empty(DMP_SYSLOG_BYTES_MIN);
	assert_true(dmp_syslog_5424(&syslog_options, &item, &output));
	read_message();
	assert_string_equal(param("cut"), "2");
}

/* --- other forms ------------------------------------------------------------ */

static void test_local(void **state)
{
	struct dmp_item item = item_of(
		LINE("\"checkpoint\"" TIME TEXT("cause", "idle")
		     TEXT("instance", INSTANCE) NUMBER("count", 2)
		     NUMBER("last_seq", 9)), HASH);

	(void)state;
	setenv("TZ", "UTC-1", 1);
	tzset();
	empty(ROOM);
	assert_false(dmp_syslog_local(&syslog_options, &item, &output));
	bytes[output.length] = '\0';
	assert_string_equal(bytes,
			    "<110>Nov 21 13:34:56 devmemd: checkpoint idle: 2 records up to #9 of "
			    INSTANCE " [devmem-policy@32473" PARAM("hash", HASH)
			    PARAM("kind", "checkpoint")
			    PARAM("time", "2026-11-21T12:34:56.123456789Z")
			    PARAM("cause", "idle") PARAM("instance", INSTANCE)
			    PARAM("count", "2") PARAM("last_seq", "9") PARAM("prev", ZEROS) "]");
}

static void test_journal(void **state)
{
	struct dmp_item item = item_of(
		LINE("\"policy-refused\"" NUMBER("seq", 1) TEXT("comm", "a\\\"b")
		     COUNTERS("3", "4")), HASH);

	(void)state;
	empty(ROOM);
	assert_false(dmp_journal_text(13, &item, &output));
	bytes[output.length] = '\0';
	assert_string_equal(bytes,
			    ENTRY("PRIORITY", "4") ENTRY("SYSLOG_FACILITY", "13")
			    ENTRY("SYSLOG_IDENTIFIER", "devmemd")
			    ENTRY("MESSAGE_ID", "b786e797bffb41e4b1f8c5ea3d60440e")
			    ENTRY("DEVMEM_POLICY_HASH", HASH) ENTRY("DEVMEM_POLICY_PREV", ZEROS)
			    ENTRY("MESSAGE", "#1 policy-refused by a\"b")
			    ENTRY("DEVMEM_POLICY_KIND", "policy-refused")
			    ENTRY("DEVMEM_POLICY_SEQ", "1") ENTRY("DEVMEM_POLICY_COMM", "a\"b")
			    ENTRY("DEVMEM_POLICY_COUNTERS_A", "3")
			    ENTRY("DEVMEM_POLICY_COUNTERS_B", "4"));
	for (size_t room = 350; room < output.length; room++) {
		empty(room);
		dmp_journal_text(13, &item, &output);
		assert_int_equal(bytes[output.length - 1], '\n');
	}
}

static void sentence_is(const char *text, const char *wanted)
{
	struct dmp_item item = item_of(text, HASH);

	empty(ROOM);
	dmp_item_sentence(&item, &output);
	bytes[output.length] = '\0';
	assert_string_equal(bytes, wanted);
}

static void test_sentences(void **state)
{
	(void)state;
	sentence_is(LINE("\"loss\"" NUMBER("seq", 3) TEXT("lost", "denial") NUMBER("pages", 1)
			 NUMBER("calls", 4)),
		    "#3 loss of denial 1 page in 4 calls");
	sentence_is(LINE("\"grant\"" NUMBER("seq", 3) TEXT("operation", "read")
			 TEXT("first", "0x0") TEXT("last", "0x1fff") NUMBER("pages", 2)
			 TEXT("reason", "allow-rule") TEXT("rule", "00c0ffee")
			 TEXT("policy", "p") NUMBER("serial", 8) NUMBER("result", 5)),
		    "#3 grant read 0x0-0x1fff 2 pages allow-rule 00c0ffee policy p serial 8 -> 5");
	sentence_is(LINE("\"mode-changed\",\"seq\":4,\"permissive\":false"),
		    "#4 mode-changed -> enforcing");
	sentence_is(LINE("\"repaired\",\"dropped_bytes\":1,\"dropped_sha256\":\"ab\""),
		    "repaired: 1 byte of an unfinished line removed, SHA-256 ab");
	sentence_is(LINE("\"forward-gap\"" TEXT("cause", "records") TEXT("why", "w")
			 TEXT("instance", "i") NUMBER("missing", 2)
			 NUMBER("missing_first", 5) NUMBER("missing_last", 6)),
		    "forward-gap: w; missing 2 records: #5 to #6 of i");
}

static void test_words(void **state)
{
	(void)state;
	assert_int_equal(dmp_syslog_facility("audit"), 13);
	assert_int_equal(dmp_syslog_facility("authpriv"), 10);
	assert_int_equal(dmp_syslog_facility("local7"), 23);
	assert_int_equal(dmp_syslog_facility("0"), 0);
	assert_int_equal(dmp_syslog_facility("23"), 23);
	assert_int_equal(dmp_syslog_facility("24"), -EINVAL);
	assert_int_equal(dmp_syslog_facility("-1"), -EINVAL);
	assert_int_equal(dmp_syslog_facility(""), -EINVAL);
	assert_int_equal(dmp_syslog_facility("local"), -EINVAL);
	assert_true(dmp_syslog_is_sd_id("a@1"));
	assert_true(dmp_syslog_is_sd_id("devmem-policy@32473.1"));
	assert_false(dmp_syslog_is_sd_id("devmem-policy"));
	assert_false(dmp_syslog_is_sd_id("@1"));
	assert_false(dmp_syslog_is_sd_id("a@"));
	assert_false(dmp_syslog_is_sd_id("a b@1"));
	assert_false(dmp_syslog_is_sd_id("a]@1"));
	assert_false(dmp_syslog_is_sd_id("a@x"));
	assert_false(dmp_syslog_is_sd_id("abcdefghijklmnopqrstuvwxyz01234@1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_severities),
		cmocka_unit_test(test_strange),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
