// SPDX-License-Identifier: GPL-2.0-or-later
/* Records as lines, to the letter: what reads the log depends on it. */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/names.h"
#include "daemon/record.h"
#include "daemon/text.h"

#define BOOT_ID "11111111-2222-3333-4444-555555555555"
#define BIT(name) (UINT64_C(1) << DEVMEM_POLICY_EVENT_A_##name)

static void set_bytes(struct dmp_bytes *bytes, const char *text)
{
	bytes->length = strlen(text);
	memcpy(bytes->bytes, text, bytes->length);
}

/* 2026-11-21T12:34:56.000000789Z */
#define TIME_NS (UINT64_C(1795264496) * 1000000000 + 789)

static struct dmp_event make_grant(void)
{
	struct dmp_event event = {
		.present = BIT(SEQUENCE) | BIT(TIME_NS) | BIT(KIND) | BIT(OPERATION) |
			   BIT(BASELINE) | BIT(REASON) | BIT(FIRST) | BIT(LAST) | BIT(PAGES) |
			   BIT(RESULT) | BIT(POLICY_NAME) | BIT(POLICY_SERIAL) | BIT(RULE_ID) |
			   BIT(PID) | BIT(TID) | BIT(COMM) | BIT(EXE) | BIT(UID) | BIT(EUID) |
			   BIT(GID) | BIT(EGID) | BIT(AUID) | BIT(SESSION) |
			   BIT(UNRECORDED_DENIALS) | BIT(MISSES),
		.instance = 0xabc,
		.sequence = 42,
		.time_ns = TIME_NS,
		.kind = DEVMEM_POLICY_EVENT_GRANT,
		.operation = DEVMEM_POLICY_OPERATION_MMAP_WRITE,
		.reason = DEVMEM_POLICY_REASON_ALLOW_RULE,
		.first = 0x3f000000,
		.last = 0x3f0fffff,
		.pages = 256,
		.policy = "fpga-capture",
		.serial = 7,
		.rule = 0x0c0e91ab,
		.pid = 1234,
		.tid = 1235,
		.uid = 1000,
		.euid = 0,
		.gid = 100,
		.egid = 101,
		.auid = 1000,
		.session = 3,
		.unrecorded_denials = 5,
		.misses = 6,
	};

	set_bytes(&event.comm, "capture");
	set_bytes(&event.exe, "/usr/bin/capture");
	return event;
}

/* The line wanted comes in parts, so that each fits into a line here. */
#define LINE_BYTES 2000
#define PARTS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define check_json(event, ...) check_json_parts(event, PARTS(__VA_ARGS__))
#define check_text(event, ...) check_text_parts(event, PARTS(__VA_ARGS__))

static const char *join(const char *const *parts)
{
	static char line[LINE_BYTES];

	line[0] = '\0';
	for (; *parts; parts++) {
		assert_true(strlen(line) + strlen(*parts) < sizeof(line));
		strcat(line, *parts);
	}
	return line;
}

static void check_json_parts(const struct dmp_event *event, const char *const *parts)
{
	char *line = dmp_record_json(event, BOOT_ID);
	json_t *object;

	assert_non_null(line);
	assert_string_equal(line, join(parts));
	object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	json_decref(object);
	free(line);
}

static void check_text_parts(const struct dmp_event *event, const char *const *parts)
{
	char *line = dmp_record_text(event);

	assert_non_null(line);
	assert_string_equal(line, join(parts));
	free(line);
}

static void test_grant_in_full(void **state)
{
	struct dmp_event event = make_grant();

	(void)state;
	check_json(&event,
		   "{\"seq\":42,\"instance\":\"0000000000000abc\",\"boot_id\":\"" BOOT_ID,
		   "\",\"time\":\"2026-11-21T12:34:56.000000789Z\",\"kind\":\"grant\",",
		   "\"operation\":\"mmap-write\",\"baseline\":\"deny\",",
		   "\"reason\":\"allow-rule\",\"first\":\"0x3f000000\",",
		   "\"last\":\"0x3f0fffff\",\"pages\":256,\"result\":0,",
		   "\"policy\":\"fpga-capture\",\"serial\":7,\"rule\":\"0c0e91ab\",",
		   "\"pid\":1234,\"tid\":1235,\"comm\":\"capture\",",
		   "\"exe\":\"/usr/bin/capture\",\"uid\":1000,\"euid\":0,\"gid\":100,",
		   "\"egid\":101,\"auid\":1000,\"session\":3,\"unrecorded_denials\":5,",
		   "\"misses\":6}");
}

static void test_what_is_absent_stays_absent(void **state)
{
	struct dmp_event event = make_grant();

	(void)state;
	event.present = BIT(SEQUENCE) | BIT(KIND);
	event.kind = DEVMEM_POLICY_EVENT_MODULE_LOADED;
	check_json(&event, "{\"seq\":42,\"instance\":\"0000000000000abc\",\"boot_id\":\"" BOOT_ID,
		   "\",\"kind\":\"module-loaded\"}");
}

#define START "{\"seq\":0,\"instance\":\"0000000000000000\",\"boot_id\":\"" BOOT_ID "\",\"kind\":"

static void test_what_would_have_been(void **state)
{
	struct dmp_event event = {
		.present = BIT(PAGES) | BIT(WOULD) | BIT(REASON),
		.kind = DEVMEM_POLICY_EVENT_PERMITTED,
		.pages = 2,
		.would = DEVMEM_POLICY_WOULD_REFUSE,
		.reason = DEVMEM_POLICY_REASON_SUBJECT,
	};

	(void)state;
	check_json(&event, START "\"permitted\",\"reason\":\"subject\",\"pages\":2,",
		   "\"would\":\"refuse\"}");
	check_text(&event, "#0 permitted 2 pages would refuse subject");
}

static void test_how_far_it_got(void **state)
{
	struct dmp_event event = {
		.present = BIT(RESULT) | BIT(TRANSFERRED),
		.kind = DEVMEM_POLICY_EVENT_DENIAL,
		.result = -EPERM,
		.transferred = 8192,
	};

	(void)state;
	check_json(&event, START "\"denial\",\"result\":-1,\"error\":\"EPERM\",",
		   "\"transferred\":8192}");
	check_text(&event, "#0 denial -> EPERM after 8192 bytes");
}

static void test_changes_of_mode(void **state)
{
	struct dmp_event event = {
		.present = BIT(PERMISSIVE),
		.kind = DEVMEM_POLICY_EVENT_MODE_CHANGED,
		.permissive = 1,
	};

	(void)state;
	check_json(&event, START "\"mode-changed\",\"permissive\":true}");
	check_text(&event, "#0 mode-changed -> permissive");
	event.permissive = 0;
	check_json(&event, START "\"mode-changed\",\"permissive\":false}");
	check_text(&event, "#0 mode-changed -> enforcing");
}

static void test_sums(void **state)
{
	struct dmp_event event = {
		.present = BIT(PAGES) | BIT(CALLS) | BIT(LAST_TIME_NS) | BIT(RULE_ID),
		.kind = DEVMEM_POLICY_EVENT_GRANT,
		.pages = 20,
		.calls = 10,
		.last_time_ns = 1000000001,
		.rule = 0xab,
	};

	(void)state;
	check_json(&event, START "\"grant\",\"pages\":20,\"calls\":10,",
		   "\"last_time\":\"1970-01-01T00:00:01.000000001Z\",\"rule\":\"000000ab\"}");
	check_text(&event, "#0 grant 20 pages in 10 calls 000000ab");
}

static void test_losses(void **state)
{
	struct dmp_event event = {
		.present = BIT(CALLS) | BIT(LOST_KIND) | BIT(REASON),
		.kind = DEVMEM_POLICY_EVENT_LOSS,
		.calls = 1,
		.lost_kind = DEVMEM_POLICY_EVENT_POLICY_LOADED,
		.reason = DEVMEM_POLICY_REASON_RING_FULL,
	};

	(void)state;
	check_json(&event, START "\"loss\",\"reason\":\"ring-full\",",
		   "\"lost\":\"policy-loaded\",\"calls\":1}");
	check_text(&event, "#0 loss of policy-loaded in 1 call ring-full");
}

static void test_final_counters(void **state)
{
	struct dmp_event event = {
		.present = BIT(COUNTERS),
		.kind = DEVMEM_POLICY_EVENT_MODULE_UNLOADING,
		.counters = {
			.present = UINT64_C(1) << DEVMEM_POLICY_COUNTER_A_MISSES |
				   UINT64_C(1) << DEVMEM_POLICY_COUNTER_A_GRANTED_PAGES,
			.granted_pages = 3,
		},
	};

	(void)state;
	check_json(&event, START "\"module-unloading\",",
		   "\"counters\":{\"granted_pages\":3,\"misses\":0}}");
	check_text(&event, "#0 module-unloading");
}

static void test_unset_login_is_absent(void **state)
{
	struct dmp_event event = { .present = BIT(AUID) | BIT(SESSION) | BIT(UID) };

	(void)state;
	event.auid = UINT32_MAX;
	event.session = UINT32_MAX;
	event.uid = UINT32_MAX;
	check_json(&event, "{\"seq\":0,\"instance\":\"0000000000000000\",\"boot_id\":\"" BOOT_ID,
		   "\",\"kind\":\"kind-0\",\"uid\":4294967295}");
}

static void test_results(void **state)
{
	struct dmp_event event = { .present = BIT(RESULT), .sequence = 1 };

	(void)state;
	event.result = -EPERM;
	check_json(&event, "{\"seq\":1,\"instance\":\"0000000000000000\",\"boot_id\":\"" BOOT_ID,
		   "\",\"kind\":\"kind-0\",\"result\":-1,\"error\":\"EPERM\"}");
	event.result = -EKEYREJECTED;
	check_json(&event, "{\"seq\":1,\"instance\":\"0000000000000000\",\"boot_id\":\"" BOOT_ID,
		   "\",\"kind\":\"kind-0\",\"result\":-129,\"error\":\"EKEYREJECTED\"}");
	event.result = -524;
	check_json(&event, "{\"seq\":1,\"instance\":\"0000000000000000\",\"boot_id\":\"" BOOT_ID,
		   "\",\"kind\":\"kind-0\",\"result\":-524,\"error\":\"errno-524\"}");
	event.result = 65536;
	check_json(&event, "{\"seq\":1,\"instance\":\"0000000000000000\",\"boot_id\":\"" BOOT_ID,
		   "\",\"kind\":\"kind-0\",\"result\":65536}");
}

static void test_numbers_at_their_ends(void **state)
{
	struct dmp_event event = {
		.present = BIT(FIRST) | BIT(LAST) | BIT(POLICY_SERIAL) | BIT(TIME_NS),
		.sequence = INT64_MAX,
		.instance = UINT64_MAX,
		.last = UINT64_MAX,
		.serial = UINT64_MAX,
	};

	(void)state;
	check_json(&event,
		   "{\"seq\":9223372036854775807,\"instance\":\"ffffffffffffffff\",",
		   "\"boot_id\":\"" BOOT_ID "\",\"time\":\"1970-01-01T00:00:00.000000000Z\",",
		   "\"kind\":\"kind-0\",\"first\":\"0x0\",\"last\":\"0xffffffffffffffff\",",
		   "\"serial\":\"18446744073709551615\"}");
	assert_string_equal(dmp_time_text(UINT64_MAX).text, "2554-07-21T23:34:33.709551615Z");
}

/* What a process may call itself; expected text as it stands in the log. */
static void test_hostile_names(void **state)
{
	static const struct {
		const char *bytes, *wanted;
	} names[] = {
		{ "a\"b", "a\\\"b" },
		{ "a\nb\tc", "a\\\\x0ab\\\\x09c" },
		{ "\x1b[2J", "\\\\x1b[2J" },
		{ "back\\slash", "back\\\\x5cslash" },
		{ "\\x41", "\\\\x5cx41" },
		{ "\x7f", "\\\\x7f" },
		{ "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "caf\xc3", "caf\\\\xc3" },
		{ "\xa9", "\\\\xa9" },
		{ "\xc2\x9b", "\\\\xc2\\\\x9b" },
		{ "\xc2\xa0", "\xc2\xa0" },
		{ "\xc0\x80", "\\\\xc0\\\\x80" },
		{ "\xe0\x9f\xbf", "\\\\xe0\\\\x9f\\\\xbf" },
		{ "\xe2\x82\xac", "\xe2\x82\xac" },
		{ "\xed\xa0\x80", "\\\\xed\\\\xa0\\\\x80" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xf0\x8f\xbf\xbf", "\\\\xf0\\\\x8f\\\\xbf\\\\xbf" },
		{ "\xf4\x90\x80\x80", "\\\\xf4\\\\x90\\\\x80\\\\x80" },
		{ "\xff\xfe", "\\\\xff\\\\xfe" },
	};
	struct dmp_event event = { .present = BIT(COMM), .sequence = 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		set_bytes(&event.comm, names[i].bytes);
		check_json(&event, "{\"seq\":1,\"instance\":\"0000000000000000\",\"boot_id\":\"",
			   BOOT_ID "\",\"kind\":\"kind-0\",\"comm\":\"", names[i].wanted, "\"}");
	}
}

static unsigned int hex_digit(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = strchr(digits, digit);

	assert_true(found && digit);
	return (unsigned int)(found - digits);
}

/* Every byte, at every length that fits, is JSON and can be had back. */
static void test_any_bytes_can_be_had_back(void **state)
{
	char text[DMP_ESCAPED_BYTES(256)];
	uint8_t bytes[256], back[256];
	unsigned int seed = 20261121;
	size_t length, count;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		count = (size_t)rand_r(&seed) % sizeof(bytes);
		for (size_t i = 0; i < count; i++)
			bytes[i] = (uint8_t)(rand_r(&seed) >> 7);
		dmp_escape(bytes, count, text);
		length = 0;
		for (const char *at = text; *at; length++) {
			if (*at == '\\') {
				assert_int_equal(at[1], 'x');
				back[length] = (uint8_t)(hex_digit(at[2]) << 4 | hex_digit(at[3]));
				at += 4;
			} else {
				back[length] = (uint8_t)*at++;
			}
		}
		assert_int_equal(length, count);
		assert_memory_equal(back, bytes, count);
		json_t *string = json_string(text);

		assert_non_null(string);
		json_decref(string);
	}
}

static void test_longest_names(void **state)
{
	struct dmp_event event = { .present = BIT(EXE), .sequence = 1 };
	char *line;

	(void)state;
	event.exe.length = sizeof(event.exe.bytes);
	memset(event.exe.bytes, 0xff, sizeof(event.exe.bytes));
	line = dmp_record_json(&event, BOOT_ID);
	assert_non_null(line);
	assert_true(strlen(line) > 5 * sizeof(event.exe.bytes));
	free(line);
}

static void test_every_number_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(dmp_kind_name(DEVMEM_POLICY_EVENT_REVOKED).text, "revoked");
	for (uint32_t kind = 1; kind < __DEVMEM_POLICY_EVENT_MAX; kind++)
		assert_null(strstr(dmp_kind_name(kind).text, "kind-"));
	assert_string_equal(dmp_kind_name(4000000000).text, "kind-4000000000");
	assert_string_equal(dmp_would_name(DEVMEM_POLICY_WOULD_PERMIT).text, "permit");
	assert_string_equal(dmp_would_name(3).text, "would-3");
	assert_string_equal(dmp_trust_name(DEVMEM_POLICY_TRUST_KERNEL).text, "kernel");
	assert_string_equal(dmp_trust_name(3).text, "trust-3");
	assert_string_equal(dmp_operation_name(DEVMEM_POLICY_OPERATION_READ).text, "read");
	assert_string_equal(dmp_operation_name(99).text, "operation-99");
	assert_string_equal(dmp_baseline_name(DEVMEM_POLICY_BASELINE_MASK).text, "mask");
	assert_string_equal(dmp_reason_name(DEVMEM_POLICY_REASON_NO_RULE).text, "no-rule");
	for (uint32_t reason = 0; reason < __DEVMEM_POLICY_REASON_MAX; reason++)
		assert_null(strstr(dmp_reason_name(reason).text, "reason-"));
	assert_string_equal(dmp_reason_name(4000000000).text, "reason-4000000000");
	assert_string_equal(dmp_errno_name(ESTALE).text, "ESTALE");
}

static void test_for_people(void **state)
{
	struct dmp_event event = make_grant();

	(void)state;
	check_text(&event, "2026-11-21T12:34:56.000000789Z #42 grant mmap-write ",
		   "0x3f000000-0x3f0fffff 256 pages allow-rule 0c0e91ab ",
		   "policy fpga-capture serial 7 by capture[1234] uid 1000 -> 0");
	event.present = BIT(KIND) | BIT(OPERATION) | BIT(FIRST) | BIT(LAST) | BIT(PAGES) |
			BIT(REASON) | BIT(RESULT) | BIT(COMM) | BIT(PID);
	event.kind = DEVMEM_POLICY_EVENT_DENIAL;
	event.operation = DEVMEM_POLICY_OPERATION_READ;
	event.reason = DEVMEM_POLICY_REASON_NO_RULE;
	event.pages = 1;
	event.result = -EPERM;
	set_bytes(&event.comm, "a\x1b[31m\n");
	check_text(&event, "#42 denial read 0x3f000000-0x3f0fffff 1 page no-rule ",
		   "by a\\x1b[31m\\x0a[1234] -> EPERM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grant_in_full),
		cmocka_unit_test(test_what_is_absent_stays_absent),
		cmocka_unit_test(test_what_would_have_been),
		cmocka_unit_test(test_how_far_it_got),
		cmocka_unit_test(test_changes_of_mode),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_final_counters),
		cmocka_unit_test(test_unset_login_is_absent),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_numbers_at_their_ends),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_any_bytes_can_be_had_back),
		cmocka_unit_test(test_longest_names),
		cmocka_unit_test(test_every_number_has_a_name),
		cmocka_unit_test(test_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
