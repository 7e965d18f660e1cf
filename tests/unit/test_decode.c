// SPDX-License-Identifier: GPL-2.0-or-later
/* test_decode.c - the decoder refuses what is not canonical, and nothing else */
#include "policy_fixture.h"

#include "policy/store.h"

/*
 * Two labels, one shared reason, both actions, all operations, a flag, all
 * conditions and both times.
 */
static const char sample_text[] =
	"policy decode-me\n"
	"serial 258\n"
	"default deny\n"
	"mode permissive\n"
	"not-before 2026-01-01T00:00:00Z\n"
	"expires 2030-01-01T00:00:00Z\n"
	"auditor exe /usr/sbin/devmemd\n"
	"allow r  0x1000+4K log summary label \"first\" because \"why not\"\n"
	"allow w  0x1000+8K unreserved-ram because \"SEC-1182\"\n"
	"allow w  0x1000+8K unreserved-ram uid 1000 gid 27 exe /usr/bin/tool until 2027-01-01T00:00:00Z because \"why not\"\n"
	"deny  rw 0x5000-0x8fff label \"second\" because \"why not\"\n"
	"deny  r  0x9000+4K gid 0\n"
	"allow rw 0xfffffffffffff000-0xffffffffffffffff\n";

#define MUTATIONS 50000
#define RULES 6
#define ATTRIBUTES 4
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
	assert_int_equal(view.header.flags,
			 DMP_FLAG_DEFAULT_DENY | DMP_FLAG_PERMISSIVE);
	assert_int_equal(view.header.features,
			 DMP_FEATURE_SUBJECTS | DMP_FEATURE_TIMES |
				 DMP_FEATURE_AUDITOR);
	assert_string_equal(dmp_view_auditor(&view), "/usr/sbin/devmemd");
	assert_int_equal(view.header.not_before_s, 1767225600);
	assert_int_equal(view.header.expires_s, 1893456000);
	assert_int_equal(view.header.rule_count, RULES);
	assert_int_equal(view.header.attribute_count, ATTRIBUTES);
	dmp_view_rule(&view, 0, &rule);
	assert_int_equal(rule.flags, DEVMEM_POLICY_RULE_LOG_SUMMARY);
	dmp_view_rule(&view, 1, &rule);
	assert_int_equal(rule.first, 0x1000);
	assert_int_equal(rule.last, 0x2fff);
	assert_int_equal(rule.action, DEVMEM_POLICY_ALLOW);
	assert_int_equal(rule.ops, DEVMEM_POLICY_OP_WRITE);
	assert_int_equal(rule.flags, DEVMEM_POLICY_RULE_UNRESERVED_RAM);
	assert_string_equal(rule.label, "");
	assert_string_equal(rule.because, "SEC-1182");
	assert_int_equal(rule.attributes, 2);
	assert_int_equal(rule.conditions, 0);
	assert_string_equal(rule.exe, "");
	dmp_view_rule(&view, 2, &rule);
	assert_int_equal(rule.attributes, 3);
	assert_int_equal(rule.conditions,
			 DEVMEM_POLICY_CONDITION_UID |
				 DEVMEM_POLICY_CONDITION_GID |
				 DEVMEM_POLICY_CONDITION_EXE |
				 DEVMEM_POLICY_CONDITION_UNTIL);
	assert_int_equal(rule.uid, 1000);
	assert_int_equal(rule.gid, 27);
	assert_int_equal(rule.until_s, 1798761600);
	assert_string_equal(rule.exe, "/usr/bin/tool");
	assert_string_equal(rule.because, "why not");
	dmp_view_rule(&view, 3, &rule);
	assert_int_equal(rule.action, DEVMEM_POLICY_DENY);
	assert_string_equal(rule.label, "second");
	assert_string_equal(rule.because, "why not");
	dmp_view_rule(&view, 4, &rule);
	assert_int_equal(rule.conditions, DEVMEM_POLICY_CONDITION_GID);
	assert_int_equal(rule.gid, 0);
	assert_string_equal(rule.because, "");
	dmp_view_rule(&view, 5, &rule);
	assert_true(rule.last == UINT64_MAX);
	assert_int_equal(rule.attributes, 0);
	assert_int_equal(rule.conditions, 0);
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
	{ DMP_HEADER_FLAGS, 4, 4, -EOPNOTSUPP, DMP_NO_RULE,
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
	{ DMP_HEADER_FEATURES, 8, 8, -EOPNOTSUPP, DMP_NO_RULE,
	  "the policy needs a feature that is not known here" },
	{ DMP_HEADER_FEATURES, 8, DMP_FEATURE_SUBJECTS, -EINVAL, DMP_NO_RULE,
	  "the header's features are not those that the policy uses" },
	{ DMP_HEADER_FEATURES, 8, DMP_FEATURE_TIMES, -EINVAL, DMP_NO_RULE,
	  "the header's features are not those that the policy uses" },
	{ DMP_HEADER_FEATURES, 8, 0, -EINVAL, DMP_NO_RULE,
	  "the header's features are not those that the policy uses" },
	{ DMP_HEADER_NOT_BEFORE, 8, DMP_MAX_TIME + 1, -EINVAL, DMP_NO_RULE,
	  "the policy begins or expires after the year 9999" },
	{ DMP_HEADER_EXPIRES, 8, DMP_MAX_TIME + 1, -EINVAL, DMP_NO_RULE,
	  "the policy begins or expires after the year 9999" },
	{ DMP_HEADER_EXPIRES, 8, 1767225600, -EINVAL, DMP_NO_RULE,
	  "the policy expires when it begins, or before" },
	{ DMP_HEADER_EXPIRES, 8, 1, -EINVAL, DMP_NO_RULE,
	  "the policy expires when it begins, or before" },
	{ DMP_HEADER_FEATURES, 8, 1ull << 63, -EOPNOTSUPP, DMP_NO_RULE,
	  "the policy needs a feature that is not known here" },
	{ DMP_HEADER_SERIAL, 8, 0, -EINVAL, DMP_NO_RULE, "the serial is 0" },
	{ DMP_HEADER_TOTAL_BYTES, 4, DMP_MAX_POLICY_BYTES + 1, -E2BIG,
	  DMP_NO_RULE, "the policy is larger than 16 MiB" },
	{ DMP_HEADER_TOTAL_BYTES, 4, 160, -EINVAL, DMP_NO_RULE,
	  "the sections do not fill the policy exactly" },
	{ DMP_HEADER_RULE_COUNT, 4, DMP_MAX_RULES + 1, -E2BIG, DMP_NO_RULE,
	  "the policy has more than 65536 rules" },
	{ DMP_HEADER_RULE_COUNT, 4, 5, -EINVAL, DMP_NO_RULE,
	  "the sections do not fill the policy exactly" },
	{ DMP_HEADER_ATTRIBUTE_COUNT, 4, 7, -EINVAL, DMP_NO_RULE,
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
	{ DMP_HEADER_AUDITOR, 4, 0, -EINVAL, DMP_NO_RULE,
	  "the header's features are not those that the policy uses" },
	{ DMP_HEADER_FEATURES, 8, DMP_FEATURE_SUBJECTS | DMP_FEATURE_TIMES,
	  -EINVAL, DMP_NO_RULE,
	  "the header's features are not those that the policy uses" },
	/* What is no string; a string, but no path; beyond the table. */
	{ DMP_HEADER_AUDITOR, 4, 2, -EINVAL, DMP_NO_RULE,
	  "the auditor of the header is not a valid path" },
	{ DMP_HEADER_AUDITOR, 4, 19, -EINVAL, DMP_NO_RULE,
	  "the auditor of the header is not a valid path" },
	{ DMP_HEADER_AUDITOR, 4, 0xffffffff, -EINVAL, DMP_NO_RULE,
	  "the auditor of the header is not a valid path" },
	{ DMP_HEADER_BYTES - 1, 1, 1, -EINVAL, DMP_NO_RULE,
	  "reserved bytes of the header are not zero" },
	{ RULE(3) + DMP_RULE_FIRST, 8, 0x9000, -EINVAL, 3,
	  "the range ends before it starts" },
	{ RULE(3) + DMP_RULE_FIRST, 8, 0x5800, -EINVAL, 3,
	  "the range does not start at a multiple of 4 KiB" },
	{ RULE(3) + DMP_RULE_LAST, 8, 0x9000, -EINVAL, 3,
	  "the range does not end with a whole page of 4 KiB" },
	{ RULE(3) + DMP_RULE_ID, 4, 0, -EINVAL, 3, "the rule's id is 0" },
	{ RULE(3) + DMP_RULE_ACTION, 1, 0, -EINVAL, 3,
	  "the action is neither allow nor deny" },
	{ RULE(3) + DMP_RULE_ACTION, 1, 3, -EINVAL, 3,
	  "the action is neither allow nor deny" },
	{ RULE(3) + DMP_RULE_OPS, 1, 0, -EINVAL, 3,
	  "the operations are none or unknown" },
	{ RULE(3) + DMP_RULE_OPS, 1, 7, -EINVAL, 3,
	  "the operations are none or unknown" },
	{ RULE(1) + DMP_RULE_FLAGS, 2, 4, -EOPNOTSUPP, 1,
	  "the rule has an unknown flag" },
	{ RULE(3) + DMP_RULE_FLAGS, 2, 1, -EINVAL, 3,
	  "a deny rule has flags of allow rules" },
	{ RULE(3) + DMP_RULE_FLAGS, 2, 2, -EINVAL, 3,
	  "a deny rule has flags of allow rules" },
	{ RULE(0) + DMP_RULE_LABEL, 4, 2, -EINVAL, 0,
	  "the label is not a valid string" },
	{ RULE(0) + DMP_RULE_LABEL, 4, 0xffffffff, -EINVAL, 0,
	  "the label is not a valid string" },
	{ RULE(5) + DMP_RULE_ATTRIBUTES, 4, ATTRIBUTES + 1, -EINVAL, 5,
	  "the rule names an attribute record that does not exist" },
	{ RULE(1) + DMP_RULE_FIRST, 8, 0, -EINVAL, 1,
	  "the rules are not in ascending order" },
	{ RULE(2) + DMP_RULE_ATTRIBUTES, 4, 2, -EINVAL, 2,
	  "the rules are not in ascending order" },
	{ ATTRIBUTE(1) + DMP_ATTRIBUTE_BECAUSE, 4, 0, -EINVAL, DMP_NO_RULE,
	  "an attribute record has neither a reason nor a condition" },
	{ ATTRIBUTE(3) + DMP_ATTRIBUTE_CONDITIONS, 4, 0, -EINVAL, DMP_NO_RULE,
	  "an attribute record has neither a reason nor a condition" },
	{ ATTRIBUTE(2) + DMP_ATTRIBUTE_CONDITIONS, 4, 31, -EOPNOTSUPP,
	  DMP_NO_RULE, "an attribute record has an unknown condition" },
	{ ATTRIBUTE(2) + DMP_ATTRIBUTE_CONDITIONS, 4, 14, -EINVAL, DMP_NO_RULE,
	  "the uid of an attribute record is not valid" },
	{ ATTRIBUTE(2) + DMP_ATTRIBUTE_UID, 4, 0xffffffff, -EINVAL, DMP_NO_RULE,
	  "the uid of an attribute record is not valid" },
	{ ATTRIBUTE(2) + DMP_ATTRIBUTE_CONDITIONS, 4, 13, -EINVAL, DMP_NO_RULE,
	  "the gid of an attribute record is not valid" },
	{ ATTRIBUTE(3) + DMP_ATTRIBUTE_GID, 4, 0xffffffff, -EINVAL, DMP_NO_RULE,
	  "the gid of an attribute record is not valid" },
	{ ATTRIBUTE(3) + DMP_ATTRIBUTE_UID, 4, 0xffffffff, -EINVAL, DMP_NO_RULE,
	  "the uid of an attribute record is not valid" },
	{ ATTRIBUTE(2) + DMP_ATTRIBUTE_CONDITIONS, 4, 11, -EINVAL, DMP_NO_RULE,
	  "the exe of an attribute record is not a valid path" },
	{ ATTRIBUTE(2) + DMP_ATTRIBUTE_EXE, 4, 0, -EINVAL, DMP_NO_RULE,
	  "the exe of an attribute record is not a valid path" },
	/* A string, but no path; what is no string; beyond the table. */
	{ ATTRIBUTE(2) + DMP_ATTRIBUTE_EXE, 4, 19, -EINVAL, DMP_NO_RULE,
	  "the exe of an attribute record is not a valid path" },
	{ ATTRIBUTE(2) + DMP_ATTRIBUTE_EXE, 4, 46, -EINVAL, DMP_NO_RULE,
	  "the exe of an attribute record is not a valid path" },
	{ ATTRIBUTE(2) + DMP_ATTRIBUTE_EXE, 4, 0xffffffff, -EINVAL, DMP_NO_RULE,
	  "the exe of an attribute record is not a valid path" },
	{ ATTRIBUTE(3) + DMP_ATTRIBUTE_EXE, 4, 42, -EINVAL, DMP_NO_RULE,
	  "the exe of an attribute record is not a valid path" },
	{ ATTRIBUTE(2) + DMP_ATTRIBUTE_CONDITIONS, 4, 7, -EINVAL, DMP_NO_RULE,
	  "the until of an attribute record is not a valid time" },
	{ ATTRIBUTE(2) + DMP_ATTRIBUTE_UNTIL, 8, 0, -EINVAL, DMP_NO_RULE,
	  "the until of an attribute record is not a valid time" },
	{ ATTRIBUTE(2) + DMP_ATTRIBUTE_UNTIL, 8, DMP_MAX_TIME + 1, -EINVAL,
	  DMP_NO_RULE, "the until of an attribute record is not a valid time" },
	{ ATTRIBUTE(3) + DMP_ATTRIBUTE_UNTIL, 8, 1, -EINVAL, DMP_NO_RULE,
	  "the until of an attribute record is not a valid time" },
	{ ATTRIBUTE(1) + DMP_ATTRIBUTE_BECAUSE, 4, 2, -EINVAL, DMP_NO_RULE,
	  "an attribute record names no valid string" },
	{ ATTRIBUTE(1) + DMP_ATTRIBUTE_RESERVED_A, 1, 1, -EINVAL, DMP_NO_RULE,
	  "reserved bytes of an attribute record are not zero" },
	{ ATTRIBUTE(1) + DMP_ATTRIBUTE_RESERVED_B, 1, 1, -EINVAL, DMP_NO_RULE,
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
	assert_int_equal(dmp_load32(bytes.bytes + ATTRIBUTE(0)), 25);
	assert_int_equal(
		dmp_load32(bytes.bytes + ATTRIBUTE(2) + DMP_ATTRIBUTE_EXE), 42);
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

/*
 * Rules that differ in conditions alone, each by another part of the key than the
 * one after it, in descending order.
 */
static const char reversed_text[] =
	"policy order\nserial 1\n"
	"allow r 0x1000+4K uid 1 until 2027-01-01T00:00:00Z exe /d\n"
	"allow r 0x1000+4K until 2027-01-01T00:00:01Z exe /c\n"
	"allow r 0x1000+4K until 2027-01-01T00:00:00Z exe /d\n"
	"allow r 0x1000+4K until 2027-01-01T00:00:01Z\n"
	"allow r 0x1000+4K until 2027-01-01T00:00:00Z\n"
	"allow r 0x1000+4K gid 9 exe /c\n"
	"allow r 0x1000+4K exe \"/\xc3\xa9\"\n"
	"allow r 0x1000+4K exe /b\n"
	"allow r 0x1000+4K exe /a/b\n"
	"allow r 0x1000+4K exe /a-b\n"
	"allow r 0x1000+4K exe /a\n"
	"allow r 0x1000+4K uid 6 gid 8\n"
	"allow r 0x1000+4K uid 5 gid 8\n"
	"allow r 0x1000+4K uid 5 gid 7\n"
	"allow r 0x1000+4K uid 6\n"
	"allow r 0x1000+4K uid 5\n"
	"allow r 0x1000+4K\n";

static void test_order_of_conditions(void **state)
{
	struct dmp_buffer bytes = compile_text(reversed_text);
	u32 count = dmp_load32(bytes.bytes + DMP_HEADER_RULE_COUNT), i;
	struct dmp_decode_error error;
	struct dmp_view view;
	u8 *record;

	(void)state;
	assert_int_equal(count, 17);
	assert_int_equal(dmp_decode(bytes.bytes, bytes.length, &view, &error),
			 0);
	for (i = 0; i < count; i++) {
		record = bytes.bytes + RULE(i) + DMP_RULE_ATTRIBUTES;
		/* The last of the text is the first, and has none. */
		assert_int_equal(dmp_load32(record), i);
	}
	for (i = 0; i + 1 < count; i++) {
		record = bytes.bytes + RULE(i) + DMP_RULE_ATTRIBUTES;
		dmp_store32(record, i + 1);
		dmp_store32(record + DMP_RULE_BYTES, i);
		assert_int_equal(decode(bytes.bytes, bytes.length, &error),
				 -EINVAL);
		assert_string_equal(error.what,
				    "the rules are not in ascending order");
		dmp_store32(record, i);
		dmp_store32(record + DMP_RULE_BYTES, i + 1);
	}
	dmp_buffer_free(&bytes);
}

static void test_features(void **state)
{
	static const struct {
		const char *line;
		u64 features;
	} cases[] = {
		{ "allow r 0+4K", 0 },
		{ "mode permissive", 0 },
		{ "allow r 0+4K because \"x\"", 0 },
		{ "allow r 0+4K uid 0", DMP_FEATURE_SUBJECTS },
		{ "allow r 0+4K gid 0", DMP_FEATURE_SUBJECTS },
		{ "allow r 0+4K exe /a", DMP_FEATURE_SUBJECTS },
		{ "allow r 0+4K until 2100-01-01T00:00:00Z",
		  DMP_FEATURE_TIMES },
		{ "expires 2100-01-01T00:00:00Z", DMP_FEATURE_TIMES },
		{ "auditor exe /a", DMP_FEATURE_AUDITOR },
		{ "allow r 0+4K log summary", 0 },
		{ "not-before 2100-01-01T00:00:00Z", DMP_FEATURE_TIMES },
	};
	struct dmp_decode_error error;
	struct dmp_buffer bytes;
	char text[128];
	size_t i;
	u64 wrong, right;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		right = cases[i].features;
		snprintf(text, sizeof(text), "policy a\nserial 1\n%s\n",
			 cases[i].line);
		bytes = compile_text(text);
		for (wrong = 0; wrong <= DMP_FEATURES_KNOWN; wrong++) {
			dmp_store64(bytes.bytes + DMP_HEADER_FEATURES, wrong);
			assert_int_equal(decode(bytes.bytes, bytes.length,
						&error),
					 wrong == right ? 0 : -EINVAL);
		}
		dmp_buffer_free(&bytes);
	}
}

static void test_paths(void **state)
{
	static const char *const good[] = { "/a",     "/usr/bin/flashrom",
					    "/...",   "/.a",
					    "/a..",   "/a/..b/.c/d.",
					    "/a b#=", "/-" };
	static const char *const bad[] = {
		"",	  "/",	   "a",	      "a/b", "//",   "//a",
		"/a/",	  "/a//b", "/.",      "/..", "/./a", "/../a",
		"/a/./b", "/a/..", "/a/../b", "/a/."
	};
	char path[DMP_MAX_EXE_BYTES + 2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(dmp_exe_is_valid(good[i], strlen(good[i])));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(dmp_exe_is_valid(bad[i], strlen(bad[i])));
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	assert_true(dmp_exe_is_valid(path, DMP_MAX_EXE_BYTES));
	assert_false(dmp_exe_is_valid(path, DMP_MAX_EXE_BYTES + 1));
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

static void scramble(struct random *random, u8 *bytes, size_t length)
{
	u32 changes = 1 + random_below(random, 3);
	size_t at;

	while (changes--) {
		at = random_below(random, (u32)length);
		switch (random_below(random, 3)) {
		case 0:
			bytes[at] ^= (u8)(1u << random_below(random, 8));
			break;
		case 1:
			bytes[at] = (u8)random_next(random);
			break;
		default:
			bytes[at] = bytes[random_below(random, (u32)length)];
		}
	}
}

/* What the decoder lets through is a policy: it compiles to canonical bytes. */
static void check_accepted(const struct dmp_view *view)
{
	struct dmp_message message;
	struct dmp_buffer again;
	struct dmp_policy policy;

	assert_int_equal(dmp_policy_from_view(view, &policy), 0);
	assert_int_equal(dmp_compile(&policy, &again, &message), 0);
	if (dmp_check_canonical(again.bytes, again.length, &message))
		fail_msg("%s", message.text);
	dmp_policy_free(&policy);
	dmp_buffer_free(&again);
}

static void test_mutations(void **state)
{
	struct dmp_buffer bytes = compile_text(sample_text);
	struct random random = { 0x6465636f6465 };
	u8 *copy = malloc(bytes.length);
	struct dmp_decode_error error;
	u32 round, accepted = 0;
	struct dmp_view view;

	(void)state;
	for (round = 0; round < MUTATIONS; round++) {
		memcpy(copy, bytes.bytes, bytes.length);
		scramble(&random, copy, bytes.length);
		if (dmp_decode(copy, bytes.length, &view, &error))
			continue;
		check_accepted(&view);
		accepted++;
	}
	assert_in_range(accepted, MUTATIONS / 50, MUTATIONS / 2);
	free(copy);
	dmp_buffer_free(&bytes);
}

/* A header that is refused says of which policy it is, if it can. */
static void test_refused_header(void **state)
{
	struct dmp_buffer bytes = compile_text(sample_text);
	struct dmp_decode_error error;
	struct dmp_header header;

	(void)state;
	bytes.bytes[DMP_HEADER_FEATURES + 7] = 0x80;
	assert_int_equal(dmp_decode_header(bytes.bytes, bytes.length, &header, &error),
			 -EOPNOTSUPP);
	assert_string_equal(header.name, "decode-me");
	assert_int_equal(header.serial, 258);
	bytes.bytes[DMP_HEADER_NAME] = '/';
	assert_int_equal(dmp_decode_header(bytes.bytes, bytes.length, &header, &error), -EINVAL);
	assert_string_equal(header.name, "");
	assert_int_equal(header.serial, 0);
	bytes.bytes[DMP_HEADER_NAME] = 'd';
	bytes.bytes[DMP_HEADER_MAGIC] ^= 1;
	assert_int_equal(dmp_decode_header(bytes.bytes, bytes.length, &header, &error), -EINVAL);
	assert_string_equal(header.name, "");
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

static void test_longest_path(void **state)
{
	char text[1024], path[DMP_MAX_EXE_BYTES + 1];
	struct dmp_decode_error error;
	struct dmp_buffer bytes;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	snprintf(
		text, sizeof(text),
		"policy a\nserial 1\nallow r 0x1000+4K exe %s\nallow r 0x2000+4K label \"yz\"\n",
		path);
	bytes = compile_text(text);
	assert_int_equal(decode(bytes.bytes, bytes.length, &error), 0);
	/* Join the path and the label: the path is too long then. */
	assert_int_equal(bytes.bytes[bytes.length - 4], 0);
	bytes.bytes[bytes.length - 4] = 'x';
	assert_int_equal(decode(bytes.bytes, bytes.length, &error), -EINVAL);
	assert_string_equal(
		error.what,
		"the exe of an attribute record is not a valid path");
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
		cmocka_unit_test(test_order_of_conditions),
		cmocka_unit_test(test_features),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_refused_header),
		cmocka_unit_test(test_trailing_byte),
		cmocka_unit_test(test_string_limits),
		cmocka_unit_test(test_longest_path),
		cmocka_unit_test(test_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
