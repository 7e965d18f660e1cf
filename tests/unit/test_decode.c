// SPDX-License-Identifier: GPL-2.0-or-later
/* test_decode.c - the decoder refuses what is not canonical, and nothing else */
#include "policy_fixture.h"

#include "policy/store.h"

/* Two labels, one shared reason, both actions, all operations, a flag. */
static const char sample_text[] =
	"policy decode-me\n"
	"serial 258\n"
	"default deny\n"
	"allow r  0x1000+4K label \"first\" because \"why not\"\n"
	"allow w  0x1000+8K unreserved-ram because \"SEC-1182\"\n"
	"deny  rw 0x5000-0x8fff label \"second\" because \"why not\"\n"
	"allow rw 0xfffffffffffff000-0xffffffffffffffff\n";

#define RULES 4
#define ATTRIBUTES 2
#define RULE(index) (DMP_HEADER_BYTES + DMP_RULE_BYTES * (index))
#define ATTRIBUTE(index) (RULE(RULES) + DMP_ATTRIBUTE_BYTES * (index))
#define STRINGS ATTRIBUTE(ATTRIBUTES)

static int decode(const u8 *bytes, size_t length,
		  struct dmp_decode_error *error)
{
	struct dmp_view view;

	return dmp_decode(bytes, length, &view, error);
}

static void test_sample(void **state)
{
	struct dmp_buffer bytes = compile_text(sample_text);
	struct dmp_decode_error error;
	struct dmp_view view;
	struct dmp_rule rule;

	(void)state;
	assert_int_equal(dmp_decode(bytes.bytes, bytes.length, &view, &error),
			 0);
	assert_string_equal(view.header.name, "decode-me");
	assert_int_equal(view.header.serial, 258);
	assert_int_equal(view.header.flags, DMP_FLAG_DEFAULT_DENY);
	assert_int_equal(view.header.rule_count, RULES);
	assert_int_equal(view.header.attribute_count, ATTRIBUTES);
	dmp_view_rule(&view, 1, &rule);
	assert_int_equal(rule.first, 0x1000);
	assert_int_equal(rule.last, 0x2fff);
	assert_int_equal(rule.action, DEVMEM_POLICY_ALLOW);
	assert_int_equal(rule.ops, DEVMEM_POLICY_OP_WRITE);
	assert_int_equal(rule.flags, DEVMEM_POLICY_RULE_UNRESERVED_RAM);
	assert_string_equal(rule.label, "");
	assert_string_equal(rule.because, "SEC-1182");
	dmp_view_rule(&view, 2, &rule);
	assert_int_equal(rule.action, DEVMEM_POLICY_DENY);
	assert_string_equal(rule.label, "second");
	assert_string_equal(rule.because, "why not");
	dmp_view_rule(&view, 3, &rule);
	assert_true(rule.last == UINT64_MAX);
	assert_string_equal(rule.because, "");
	dmp_buffer_free(&bytes);
}

/* An offset, the value to put there, and what must be said about it. */
struct corruption {
	size_t offset;
	unsigned int bytes;
	u64 value;
	int ret;
	u32 rule;
	const char *what;
};

static const struct corruption corruptions[] = {
	{ DMP_HEADER_MAGIC, 1, 'd', -EINVAL, DMP_NO_RULE,
	  "these bytes are not a policy (wrong magic)" },
	{ DMP_HEADER_VERSION, 2, 2, -EOPNOTSUPP, DMP_NO_RULE,
	  "the policy has an unknown format version" },
	{ DMP_HEADER_SIZE, 2, 168, -EINVAL, DMP_NO_RULE,
	  "the header has the wrong size" },
	{ DMP_HEADER_FLAGS, 4, 2, -EOPNOTSUPP, DMP_NO_RULE,
	  "the policy's header has an unknown flag" },
	{ DMP_HEADER_FLAGS, 4, 0x80000001, -EOPNOTSUPP, DMP_NO_RULE,
	  "the policy's header has an unknown flag" },
	{ DMP_HEADER_NAME, 1, 0, -EINVAL, DMP_NO_RULE,
	  "the policy's name is not valid" },
	{ DMP_HEADER_NAME, 1, '-', -EINVAL, DMP_NO_RULE,
	  "the policy's name is not valid" },
	{ DMP_HEADER_NAME + 3, 1, ' ', -EINVAL, DMP_NO_RULE,
	  "the policy's name is not valid" },
	{ DMP_HEADER_NAME + 3, 1, 0, -EINVAL, DMP_NO_RULE,
	  "the policy's name is not filled up with zero bytes" },
	{ DMP_HEADER_NAME + 63, 1, 'x', -EINVAL, DMP_NO_RULE,
	  "the policy's name is not filled up with zero bytes" },
	{ DMP_HEADER_FEATURES, 8, 1, -EOPNOTSUPP, DMP_NO_RULE,
	  "the policy needs a feature that is not known here" },
	{ DMP_HEADER_FEATURES, 8, 1ull << 63, -EOPNOTSUPP, DMP_NO_RULE,
	  "the policy needs a feature that is not known here" },
	{ DMP_HEADER_SERIAL, 8, 0, -EINVAL, DMP_NO_RULE, "the serial is 0" },
	{ DMP_HEADER_TOTAL_BYTES, 4, DMP_MAX_POLICY_BYTES + 1, -E2BIG,
	  DMP_NO_RULE, "the policy is larger than 16 MiB" },
	{ DMP_HEADER_TOTAL_BYTES, 4, 160, -EINVAL, DMP_NO_RULE,
	  "the sections do not fill the policy exactly" },
	{ DMP_HEADER_RULE_COUNT, 4, DMP_MAX_RULES + 1, -E2BIG, DMP_NO_RULE,
	  "the policy has more than 65536 rules" },
	{ DMP_HEADER_RULE_COUNT, 4, 3, -EINVAL, DMP_NO_RULE,
	  "the sections do not fill the policy exactly" },
	{ DMP_HEADER_ATTRIBUTE_COUNT, 4, 5, -EINVAL, DMP_NO_RULE,
	  "the policy has more attribute records than rules" },
	{ DMP_HEADER_ATTRIBUTE_COUNT, 4, 1, -EINVAL, DMP_NO_RULE,
	  "the sections do not fill the policy exactly" },
	{ DMP_HEADER_STRING_BYTES, 4, 0, -EINVAL, DMP_NO_RULE,
	  "the string table is missing" },
	{ DMP_HEADER_STRING_BYTES, 4, 0xffffffff, -EINVAL, DMP_NO_RULE,
	  "the sections do not fill the policy exactly" },
	{ DMP_HEADER_RULE_BYTES, 2, 40, -EINVAL, DMP_NO_RULE,
	  "the rule records have the wrong size" },
	{ DMP_HEADER_ATTRIBUTE_BYTES, 2, 32, -EINVAL, DMP_NO_RULE,
	  "the attribute records have the wrong size" },
	{ DMP_HEADER_RESERVED, 1, 1, -EINVAL, DMP_NO_RULE,
	  "reserved bytes of the header are not zero" },
	{ DMP_HEADER_BYTES - 1, 1, 1, -EINVAL, DMP_NO_RULE,
	  "reserved bytes of the header are not zero" },
	{ RULE(2) + DMP_RULE_FIRST, 8, 0x9000, -EINVAL, 2,
	  "the range ends before it starts" },
	{ RULE(2) + DMP_RULE_FIRST, 8, 0x5800, -EINVAL, 2,
	  "the range does not start at a multiple of 4 KiB" },
	{ RULE(2) + DMP_RULE_LAST, 8, 0x9000, -EINVAL, 2,
	  "the range does not end with a whole page of 4 KiB" },
	{ RULE(2) + DMP_RULE_ID, 4, 0, -EINVAL, 2, "the rule's id is 0" },
	{ RULE(2) + DMP_RULE_ACTION, 1, 0, -EINVAL, 2,
	  "the action is neither allow nor deny" },
	{ RULE(2) + DMP_RULE_ACTION, 1, 3, -EINVAL, 2,
	  "the action is neither allow nor deny" },
	{ RULE(2) + DMP_RULE_OPS, 1, 0, -EINVAL, 2,
	  "the operations are none or unknown" },
	{ RULE(2) + DMP_RULE_OPS, 1, 7, -EINVAL, 2,
	  "the operations are none or unknown" },
	{ RULE(1) + DMP_RULE_FLAGS, 2, 2, -EOPNOTSUPP, 1,
	  "the rule has an unknown flag" },
	{ RULE(2) + DMP_RULE_FLAGS, 2, 1, -EINVAL, 2,
	  "a deny rule has flags of allow rules" },
	{ RULE(0) + DMP_RULE_LABEL, 4, 2, -EINVAL, 0,
	  "the label is not a valid string" },
	{ RULE(0) + DMP_RULE_LABEL, 4, 0xffffffff, -EINVAL, 0,
	  "the label is not a valid string" },
	{ RULE(3) + DMP_RULE_ATTRIBUTES, 4, ATTRIBUTES + 1, -EINVAL, 3,
	  "the rule names an attribute record that does not exist" },
	{ RULE(1) + DMP_RULE_FIRST, 8, 0, -EINVAL, 1,
	  "the rules are not in ascending order" },
	{ ATTRIBUTE(1) + DMP_ATTRIBUTE_BECAUSE, 4, 0, -EINVAL, DMP_NO_RULE,
	  "an attribute record names no valid string" },
	{ ATTRIBUTE(1) + DMP_ATTRIBUTE_BECAUSE, 4, 2, -EINVAL, DMP_NO_RULE,
	  "an attribute record names no valid string" },
	{ ATTRIBUTE(1) + DMP_ATTRIBUTE_RESERVED, 1, 1, -EINVAL, DMP_NO_RULE,
	  "reserved bytes of an attribute record are not zero" },
	{ ATTRIBUTE(1) + DMP_ATTRIBUTE_BYTES - 1, 1, 1, -EINVAL, DMP_NO_RULE,
	  "reserved bytes of an attribute record are not zero" },
	{ STRINGS, 1, 'x', -EINVAL, DMP_NO_RULE,
	  "the string table does not start and end with a zero byte" },
	{ STRINGS + 1, 1, 0, -EINVAL, DMP_NO_RULE,
	  "the string table holds an empty string" },
	{ STRINGS + 2, 1, '\n', -EINVAL, DMP_NO_RULE,
	  "a string is not UTF-8 or has control or direction characters" },
	{ STRINGS + 2, 1, 0xff, -EINVAL, DMP_NO_RULE,
	  "a string is not UTF-8 or has control or direction characters" },
};

static void store(u8 *at, u64 value, unsigned int bytes)
{
	unsigned int i;

	for (i = 0; i < bytes; i++)
		at[i] = (u8)(value >> 8 * i);
}

static void test_corruptions(void **state)
{
	struct dmp_buffer bytes = compile_text(sample_text);
	const struct corruption *corruption = corruptions;
	struct dmp_decode_error error;
	u8 *copy = malloc(bytes.length);
	size_t i;

	(void)state;
	assert_int_equal(dmp_load32(bytes.bytes + ATTRIBUTE(0)), 7);
	for (i = 0; i < sizeof(corruptions) / sizeof(*corruptions);
	     i++, corruption++) {
		memcpy(copy, bytes.bytes, bytes.length);
		store(copy + corruption->offset, corruption->value,
		      corruption->bytes);
		error.what = "accepted";
		assert_int_equal(decode(copy, bytes.length, &error),
				 corruption->ret);
		assert_string_equal(error.what, corruption->what);
		assert_int_equal(error.rule, corruption->rule);
	}
	free(copy);
	dmp_buffer_free(&bytes);
}

/* A rule that is there twice is not in strictly ascending order. */
static void test_same_rule_twice(void **state)
{
	struct dmp_buffer bytes = compile_text(sample_text);
	struct dmp_decode_error error;

	(void)state;
	memcpy(bytes.bytes + RULE(1), bytes.bytes + RULE(0), DMP_RULE_BYTES);
	assert_int_equal(decode(bytes.bytes, bytes.length, &error), -EINVAL);
	assert_string_equal(error.what, "the rules are not in ascending order");
	assert_int_equal(error.rule, 1);
	dmp_buffer_free(&bytes);
}

/* No bit may be without meaning: each changes the policy, or it is refused. */
static void test_every_bit(void **state)
{
	struct dmp_buffer bytes = compile_text(sample_text);
	char *original = show_bytes(&bytes), *changed;
	struct dmp_decode_error error;
	struct dmp_view view;
	u32 accepted = 0;
	size_t bit;

	(void)state;
	for (bit = 0; bit < 8 * bytes.length; bit++) {
		bytes.bytes[bit / 8] ^= (u8)(1u << bit % 8);
		if (!dmp_decode(bytes.bytes, bytes.length, &view, &error)) {
			changed = show_view(&view);
			assert_string_not_equal(changed, original);
			free(changed);
			accepted++;
		}
		bytes.bytes[bit / 8] ^= (u8)(1u << bit % 8);
	}
	/* Else the comparison above was never made. */
	assert_in_range(accepted, 100, 8 * bytes.length);
	free(original);
	dmp_buffer_free(&bytes);
}

/* Copied to memory of that size, so that reading past it shows under ASan. */
static int decode_first(const struct dmp_buffer *bytes, size_t length,
			bool adjust)
{
	struct dmp_decode_error error;
	u8 *copy = malloc(length ? length : 1);
	int ret;

	assert_non_null(copy);
	memcpy(copy, bytes->bytes, length);
	if (adjust && length >= DMP_HEADER_BYTES)
		dmp_store32(copy + DMP_HEADER_TOTAL_BYTES, (u32)length);
	ret = decode(copy, length, &error);
	free(copy);
	return ret;
}

static void test_truncation(void **state)
{
	struct dmp_buffer bytes = compile_text(sample_text);
	size_t length;

	(void)state;
	for (length = 0; length < bytes.length; length++) {
		assert_int_equal(decode_first(&bytes, length, false), -EINVAL);
		assert_int_equal(decode_first(&bytes, length, true), -EINVAL);
	}
	assert_int_equal(decode_first(&bytes, bytes.length, true), 0);
	dmp_buffer_free(&bytes);
}

static void test_trailing_byte(void **state)
{
	struct dmp_buffer bytes = compile_text(sample_text);
	struct dmp_decode_error error;
	u8 *longer = calloc(1, bytes.length + 1);

	(void)state;
	memcpy(longer, bytes.bytes, bytes.length);
	assert_int_equal(decode(longer, bytes.length + 1, &error), -EINVAL);
	assert_string_equal(error.what,
			    "the policy is not as long as its header says");
	free(longer);
	dmp_buffer_free(&bytes);
}

/* Limits of strings: the longest passes, one byte more does not. */
static void test_string_limits(void **state)
{
	char text[1024], label[DMP_MAX_LABEL_BYTES + 1];
	struct dmp_decode_error error;
	struct dmp_buffer bytes;

	(void)state;
	memset(label, 'x', sizeof(label) - 1);
	label[sizeof(label) - 1] = '\0';
	snprintf(
		text, sizeof(text),
		"policy a\nserial 1\nallow r 0x1000+4K label \"%s\" because \"%s\"\n",
		label, "a reason of some length");
	bytes = compile_text(text);
	assert_int_equal(decode(bytes.bytes, bytes.length, &error), 0);
	/* Join the label and the reason: the label is too long then. */
	bytes.bytes[bytes.length - strlen("a reason of some length") - 2] = '+';
	dmp_store32(bytes.bytes + DMP_HEADER_BYTES + DMP_RULE_BYTES, 1);
	assert_int_equal(decode(bytes.bytes, bytes.length, &error), -EINVAL);
	assert_string_equal(error.what, "the label is not a valid string");
	dmp_buffer_free(&bytes);
}

static void test_characters(void **state)
{
	static const struct {
		const char *bytes;
		u32 length;
	} cases[] = {
		{ "", 0 },
		{ "\x1f", 0 },
		{ " ", 1 },
		{ "~", 1 },
		{ "\x7f", 0 },
		{ "\x80", 0 },
		{ "\xbf", 0 },
		{ "\xc1\xbf", 0 },
		{ "\xc2\x80", 0 },
		{ "\xc2\x9f", 0 },
		{ "\xc2\xa0", 2 },
		{ "\xe2\x80\xa7", 3 },
		{ "\xe2\x80\xa8", 0 },
		{ "\xe2\x80\xae", 0 },
		{ "\xe2\x80\xaf", 3 },
		{ "\xe2\x81\xa5", 3 },
		{ "\xe2\x81\xa6", 0 },
		{ "\xe2\x81\xa9", 0 },
		{ "\xe2\x81\xaa", 3 },
		{ "\xe3\x80\xa8", 3 },
		{ "\xc2", 0 },
		{ "\xc2\x20", 0 },
		{ "\xdf\xbf", 2 },
		{ "\xe0\x9f\xbf", 0 },
		{ "\xe0\xa0\x80", 3 },
		{ "\xe2\x82\xac", 3 },
		{ "\xe2\x82", 0 },
		{ "\xe2\x82\x20", 0 },
		{ "\xed\x9f\xbf", 3 },
		{ "\xed\xa0\x80", 0 },
		{ "\xef\xbf\xbf", 3 },
		{ "\xf0\x8f\xbf\xbf", 0 },
		{ "\xf0\x90\x80\x80", 4 },
		{ "\xf0\x90\x80", 0 },
		{ "\xf4\x8f\xbf\xbf", 4 },
		{ "\xf4\x90\x80\x80", 0 },
		{ "\xf5\x80\x80\x80", 0 },
		{ "\xff", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(dmp_character_bytes((const u8 *)cases[i].bytes,
						     strlen(cases[i].bytes)),
				 cases[i].length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sample),
		cmocka_unit_test(test_corruptions),
		cmocka_unit_test(test_same_rule_twice),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_trailing_byte),
		cmocka_unit_test(test_string_limits),
		cmocka_unit_test(test_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
