// SPDX-License-Identifier: GPL-2.0-or-later
/* test_compile.c - text to bytes and back: one meaning has one encoding */
#include "policy_fixture.h"

#include <openssl/sha.h>

#include "policy/store.h"

#define ROUNDS 1500
#define MAX_RULES 40

static void swap_lines(char **lines, u32 a, u32 b)
{
	char *line = lines[a];

	lines[a] = lines[b];
	lines[b] = line;
}

/* A label or reason with everything that quoting has to deal with. */
static void put_text(struct random *random, const char *keyword, FILE *stream)
{
	static const char *const parts[] = { "ring",   "\\\"", "\\\\", " ",
					     "#",      "é",    "€",    "𝄞",
					     "region", "=",    "-",    "x" };
	u32 count = 1 + random_below(random, 9);

	if (random_below(random, 2))
		return;
	fprintf(stream, " %s \"", keyword);
	while (count--)
		fputs(parts[random_below(random, 12)], stream);
	fputs("\"", stream);
}

static u64 random_address(struct random *random)
{
	u64 page = random_next(random) >> 12;

	switch (random_below(random, 4)) {
	case 0:
		page >>= 40;
		break;
	case 1:
		page = ~(u64)0 >> 12;
		break;
	case 2:
		page &= 15;
		break;
	}
	return page << 12;
}

/* Few of each, so that rules often differ in one of them only. */
static void put_conditions(struct random *random, FILE *stream)
{
	static const char *const exes[] = { "/a", "/a/b", "\"/my tool\"",
					    "\"/=\\\"\\\\#\"" };
	static const char *const uids[] = { "root", "0", "1", "4294967294" };

	if (random_below(random, 3))
		return;
	if (random_below(random, 2))
		fprintf(stream, " exe %s", exes[random_below(random, 4)]);
	if (random_below(random, 2))
		fprintf(stream, "\tuid %s", uids[random_below(random, 4)]);
	if (random_below(random, 3) == 0)
		fprintf(stream, " until 20%02u-02-28T23:59:%02uZ",
			random_below(random, 100), random_below(random, 60));
	if (random_below(random, 3) == 0)
		fprintf(stream, " gid %u", random_below(random, 3));
}

static char *random_rule(struct random *random)
{
	static const char *const ops[] = { "r", "w", "rw" };
	bool allow = random_below(random, 3);
	u64 a = random_address(random), b = random_address(random);
	char *line;
	size_t length;
	FILE *stream = open_memstream(&line, &length);

	fprintf(stream, "%s %s 0x%llx-%llu", allow ? "allow" : "deny",
		ops[random_below(random, 3)],
		(unsigned long long)(a < b ? a : b),
		(unsigned long long)((a < b ? b : a) | 0xfff));
	put_text(random, "label", stream);
	put_conditions(random, stream);
	if (allow && random_below(random, 3) == 0)
		fputs(" unreserved-ram", stream);
	if (allow && random_below(random, 4) == 0)
		fputs(" log summary", stream);
	put_text(random, "because", stream);
	fputs(random_below(random, 2) ? "\n" : "\t# a comment\n", stream);
	fclose(stream);
	return line;
}

static char *join(char **lines, u32 count)
{
	size_t length;
	char *text;
	FILE *stream = open_memstream(&text, &length);
	u32 i;

	for (i = 0; i < count; i++)
		fputs(lines[i], stream);
	fclose(stream);
	return text;
}

static void shuffle(struct random *random, char **lines, u32 count)
{
	u32 i;

	for (i = 1; i < count; i++)
		swap_lines(lines, i, random_below(random, i + 1));
}

static bool is_valid(const char *text)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_policy policy;
	int ret = dmp_parse(text, strlen(text), &policy, &diagnostics);

	if (!ret)
		dmp_policy_free(&policy);
	else
		/* Only this can happen to a text that is made here. */
		assert_non_null(strstr(diagnostics.list[0].message,
				       "says the same as the one on line"));
	dmp_diagnostics_free(&diagnostics);
	return !ret;
}

static void assert_same_bytes(const struct dmp_buffer *a,
			      const struct dmp_buffer *b)
{
	assert_int_equal(a->length, b->length);
	assert_memory_equal(a->bytes, b->bytes, a->length);
}

/* compile(text) == compile(shuffled text) == compile(show(compile(text))) */
static void check_round_trip(struct random *random, char **lines, u32 count)
{
	struct dmp_buffer bytes, shuffled, again;
	struct dmp_message message;
	char *text = join(lines, count), *shown;

	bytes = compile_text(text);
	free(text);
	shuffle(random, lines, count);
	text = join(lines, count);
	shuffled = compile_text(text);
	free(text);
	assert_same_bytes(&bytes, &shuffled);
	shown = show_bytes(&bytes);
	again = compile_text(shown);
	assert_same_bytes(&bytes, &again);
	assert_int_equal(
		dmp_check_canonical(bytes.bytes, bytes.length, &message), 0);
	free(shown);
	dmp_buffer_free(&bytes);
	dmp_buffer_free(&shuffled);
	dmp_buffer_free(&again);
}

static void test_random_round_trips(void **state)
{
	struct random random = { 0x706f6c696379 };
	char *lines[MAX_RULES + 6], *text;
	u32 round, count, checked = 0, i;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		count = 0;
		lines[count++] = strdup("policy round.trip-1_a\n");
		assert_true(asprintf(&lines[count++], "serial %llu\n",
				     (unsigned long long)random_next(&random) |
					     1) > 0);
		lines[count++] = strdup(random_below(&random, 2) ?
						"default deny\n" :
						"default kernel # or not\n");
		lines[count++] = strdup(random_below(&random, 2) ?
						"mode permissive\n" :
						"mode enforce\n");
		lines[count++] =
			strdup(random_below(&random, 2) ?
				       "expires 2027-01-01T00:00:00Z\n" :
				       "#expires never\n");
		lines[count++] =
			strdup(random_below(&random, 2) ?
				       "not-before 1999-12-31T23:59:59Z\n" :
				       "\n");
		for (i = random_below(&random, MAX_RULES + 1); i; i--)
			lines[count++] = random_rule(&random);
		text = join(lines, count);
		if (is_valid(text)) {
			check_round_trip(&random, lines, count);
			checked++;
		}
		free(text);
		while (count)
			free(lines[--count]);
	}
	assert_in_range(checked, ROUNDS / 2, ROUNDS);
}

/* The bytes of the format, spelt out once by hand. */
static void test_exact_bytes(void **state)
{
	static const char strings[] = "\0ring\0because of it\0other";
	struct dmp_buffer bytes = compile_text(
		"serial 0x0102030405060708\n"
		"allow rw 0x2000+4K label \"other\" because \"because of it\"\n"
		"policy exact\n"
		"allow r 0x1000-0x1fff because \"because of it\" label \"ring\" unreserved-ram\n");
	const u8 *rule = bytes.bytes + DMP_HEADER_BYTES;
	const u8 *attribute = rule + 2 * DMP_RULE_BYTES;

	(void)state;
	assert_int_equal(bytes.length, DMP_HEADER_BYTES + 2 * DMP_RULE_BYTES +
					       DMP_ATTRIBUTE_BYTES +
					       sizeof(strings));
	assert_memory_equal(bytes.bytes, "DMPOLICY\x01\0\xa0\0\0\0\0\0exact\0",
			    22);
	assert_memory_equal(bytes.bytes + DMP_HEADER_SERIAL,
			    "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
	assert_memory_equal(rule, "\0\x10\0\0\0\0\0\0\xff\x1f\0\0\0\0\0\0", 16);
	/* action, ops, flags, label, attributes */
	assert_memory_equal(rule + 20, "\x01\x01\x01\0\x01\0\0\0\x01\0\0\0",
			    12);
	rule += DMP_RULE_BYTES;
	assert_memory_equal(rule + 20, "\x01\x03\0\0\x14\0\0\0\x01\0\0\0", 12);
	assert_int_equal(dmp_load32(attribute), 6);
	assert_memory_equal(attribute + DMP_ATTRIBUTE_BYTES, strings,
			    sizeof(strings));
	dmp_buffer_free(&bytes);
}

/* The same for what few policies have. */
static void test_exact_bytes_of_conditions(void **state)
{
	static const char strings[] = "\0/a\0why\0/usr/bin/a b";
	struct dmp_buffer bytes = compile_text(
		"policy exact\nserial 1\nmode permissive\n"
		"expires 2106-02-07T06:28:17Z\nnot-before 1970-01-01T00:00:02Z\n"
		"auditor exe /a\n"
		"allow r 0x1000+4K uid 258 gid 772 exe \"/usr/bin/a b\" until 2106-02-07T06:28:16Z because \"why\"\n"
		"allow r 0x2000+4K uid 258 gid 772 exe \"/usr/bin/a b\" until 2106-02-07T06:28:16Z because \"why\"\n"
		"allow r 0x3000+4K exe \"/usr/bin/a b\" log summary\n");
	const u8 *rule = bytes.bytes + DMP_HEADER_BYTES;
	const u8 *attribute = rule + 3 * DMP_RULE_BYTES;

	(void)state;
	assert_int_equal(bytes.length, DMP_HEADER_BYTES + 3 * DMP_RULE_BYTES +
					       2 * DMP_ATTRIBUTE_BYTES +
					       sizeof(strings));
	/* flags; features; not_before and expires */
	assert_memory_equal(bytes.bytes + 12, "\x02\0\0\0", 4);
	assert_memory_equal(bytes.bytes + 80, "\x07\0\0\0\0\0\0\0", 8);
	/* auditor */
	assert_memory_equal(bytes.bytes + 116, "\x01\0\0\0", 4);
	assert_memory_equal(bytes.bytes + 120,
			    "\x02\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0", 16);
	/* attributes, of each rule */
	assert_memory_equal(rule + 28, "\x01\0\0\0", 4);
	assert_memory_equal(rule + DMP_RULE_BYTES + 28, "\x01\0\0\0", 4);
	assert_memory_equal(rule + 2 * DMP_RULE_BYTES + 28, "\x02\0\0\0", 4);
	/* action, ops, flags */
	assert_memory_equal(rule + 2 * DMP_RULE_BYTES + 20, "\x01\x01\x02\0", 4);
	/* because, conditions, uid, gid, exe, reserved, until, reserved */
	assert_memory_equal(
		attribute,
		"\x04\0\0\0\x0f\0\0\0\x02\x01\0\0\x04\x03\0\0\x08\0\0\0\0\0\0\0"
		"\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0",
		DMP_ATTRIBUTE_BYTES);
	assert_memory_equal(
		attribute + DMP_ATTRIBUTE_BYTES,
		"\0\0\0\0\x04\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0"
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		DMP_ATTRIBUTE_BYTES);
	assert_memory_equal(attribute + 2 * DMP_ATTRIBUTE_BYTES, strings,
			    sizeof(strings));
	dmp_buffer_free(&bytes);
}

static void test_shown_conditions(void **state)
{
	struct dmp_buffer bytes = compile_text(
		"policy shown\nserial 1\nmode permissive\n"
		"not-before 2026-01-01T00:00:00Z\nexpires 2028-02-29T00:00:00Z\n"
		"auditor exe \"/a=\"\n"
		"allow rw 0x1000+4K log summary label \"x\" until 2027-01-01T00:00:00Z exe \"/usr/bin/a\" gid 5 uid root unreserved-ram\n"
		"deny r 0x2000+4K exe \"/opt/a b\"\n");
	char *text = show_bytes(&bytes), *hash;

	(void)state;
	/* Ids are tested elsewhere. */
	while ((hash = strchr(text, '#')))
		memmove(hash, hash + 15, strlen(hash + 15) + 1);
	assert_string_equal(
		text,
		"policy shown\nserial 1\ndefault kernel\nmode permissive\n"
		"not-before 2026-01-01T00:00:00Z\nexpires 2028-02-29T00:00:00Z\n"
		"auditor exe \"/a=\"\n"
		"allow rw 0x1000-0x1fff unreserved-ram log summary uid 0 gid 5 exe /usr/bin/a until 2027-01-01T00:00:00Z label \"x\" \n"
		"deny  r  0x2000-0x2fff exe \"/opt/a b\" \n");
	free(text);
	dmp_buffer_free(&bytes);
}

static u32 rule_id(const struct dmp_buffer *bytes, u32 index)
{
	return dmp_load32(bytes->bytes + DMP_HEADER_BYTES +
			  index * DMP_RULE_BYTES + DMP_RULE_ID);
}

/* What the man page says about ids, computed another way. */
static void test_id_is_the_digest_of_the_rule(void **state)
{
	static const u8 content[20] = { 0,
					0x10,
					0,
					0,
					0,
					0,
					0,
					0,
					0xff,
					0x1f,
					0,
					0,
					0,
					0,
					0,
					0,
					DEVMEM_POLICY_ALLOW,
					DEVMEM_POLICY_OP_READ,
					0,
					0 };
	struct dmp_buffer bytes =
		compile_text("policy id\nserial 1\nallow r 0x1000+4K\n");
	u8 digest[SHA256_DIGEST_LENGTH];

	(void)state;
	SHA256(content, sizeof(content), digest);
	assert_int_equal(rule_id(&bytes, 0),
			 (u32)digest[0] << 24 | (u32)digest[1] << 16 |
				 (u32)digest[2] << 8 | digest[3]);
	dmp_buffer_free(&bytes);
}

/* With conditions: action, ops and flags are followed by them. */
static void test_id_of_conditions(void **state)
{
	static const char content[] =
		"\0\x10\0\0\0\0\0\0\xff\x1f\0\0\0\0\0\0\x02\x02\0\0"
		"\x0f\0\0\0\x02\x01\0\0\x04\x03\0\0\0\0\0\0\x01\0\0\0/usr/bin/a";
	struct dmp_buffer bytes = compile_text(
		"policy id\nserial 1\n"
		"deny w 0x1000+4K exe /usr/bin/a until 2106-02-07T06:28:16Z gid 772 uid 258 label \"z\" because \"y\"\n");
	u8 digest[SHA256_DIGEST_LENGTH];

	(void)state;
	SHA256((const u8 *)content, sizeof(content) - 1, digest);
	assert_int_equal(rule_id(&bytes, 0),
			 (u32)digest[0] << 24 | (u32)digest[1] << 16 |
				 (u32)digest[2] << 8 | digest[3]);
	dmp_buffer_free(&bytes);
}

static void test_ids_are_stable(void **state)
{
	struct dmp_buffer plain =
		compile_text("policy id\nserial 1\nallow r 0x2000+4K\n");
	struct dmp_buffer other = compile_text(
		"policy other\nserial 9\ndefault deny\ndeny rw 0x1000+4K\n"
		"allow r 0x2000-0x2fff label \"x\" because \"y\"\n");
	struct dmp_buffer written =
		compile_text("policy id\nserial 1\nallow w 0x2000+4K\n");

	(void)state;
	assert_int_equal(rule_id(&plain, 0), rule_id(&other, 1));
	assert_int_not_equal(rule_id(&plain, 0), rule_id(&written, 0));
	dmp_buffer_free(&plain);
	dmp_buffer_free(&other);
	dmp_buffer_free(&written);
}

/* Searched for: the digests of both rules start with the same four bytes. */
static void test_colliding_ids(void **state)
{
	struct dmp_buffer both =
		compile_text("policy id\nserial 1\n"
			     "allow r 0x335b000+4K\nallow r 0x145ca000+4K\n");
	struct dmp_buffer second =
		compile_text("policy id\nserial 1\nallow r 0x145ca000+4K\n");

	(void)state;
	assert_int_equal(rule_id(&both, 0), rule_id(&second, 0));
	assert_int_equal(rule_id(&both, 1), rule_id(&second, 0) + 1);
	dmp_buffer_free(&both);
	dmp_buffer_free(&second);
}

static int compare_ids(const void *left, const void *right)
{
	u32 a = *(const u32 *)left, b = *(const u32 *)right;

	return (a > b) - (a < b);
}

/* Of these rules, three share the beginning of their digest with another. */
static void test_ids_are_unique(void **state)
{
	static u32 ids[DMP_MAX_RULES];
	struct dmp_buffer bytes;
	size_t length;
	FILE *stream;
	char *text;
	u32 i;

	(void)state;
	stream = open_memstream(&text, &length);
	fputs("policy many\nserial 1\n", stream);
	for (i = 0; i < DMP_MAX_RULES; i++)
		fprintf(stream, "allow w 0x%x+4K\n", i << 12);
	fclose(stream);
	bytes = compile_text(text);
	free(text);
	for (i = 0; i < DMP_MAX_RULES; i++)
		ids[i] = rule_id(&bytes, i);
	qsort(ids, DMP_MAX_RULES, sizeof(*ids), compare_ids);
	assert_int_not_equal(ids[0], 0);
	for (i = 1; i < DMP_MAX_RULES; i++)
		assert_int_not_equal(ids[i - 1], ids[i]);
	dmp_buffer_free(&bytes);
}

static void test_not_canonical(void **state)
{
	struct dmp_buffer bytes =
		compile_text("policy id\nserial 1\nallow r 0x1000+4K\n");
	struct dmp_message message;

	(void)state;
	/* The decoder cannot know that this id is wrong. */
	dmp_store32(bytes.bytes + DMP_HEADER_BYTES + DMP_RULE_ID, 7);
	assert_int_equal(dmp_check_canonical(bytes.bytes, bytes.length,
					     &message),
			 -EINVAL);
	assert_string_equal(
		message.text,
		"the policy is valid but not canonical: its text does not compile to the same bytes");
	dmp_buffer_free(&bytes);
}

static void test_decode_message_names_the_rule(void **state)
{
	struct dmp_buffer bytes = compile_text(
		"policy id\nserial 1\nallow r 0x1000+4K\nallow r 0x2000+4K\n");
	struct dmp_message message;
	struct dmp_view view;
	char expected[128];

	(void)state;
	snprintf(expected, sizeof(expected),
		 "rule 2 (id %08x): the operations are none or unknown",
		 rule_id(&bytes, 1));
	bytes.bytes[DMP_HEADER_BYTES + DMP_RULE_BYTES + DMP_RULE_OPS] = 0;
	assert_int_equal(dmp_policy_decode(bytes.bytes, bytes.length, &view,
					   &message),
			 -EINVAL);
	assert_string_equal(message.text, expected);
	dmp_buffer_free(&bytes);
}

static void test_too_large(void **state)
{
	struct dmp_policy policy = { .name = "large",
				     .serial = 1,
				     .rule_count = DMP_MAX_RULES };
	struct dmp_policy_rule *rule;
	struct dmp_message message;
	struct dmp_buffer bytes;
	u32 i;

	(void)state;
	policy.rules = calloc(DMP_MAX_RULES, sizeof(*policy.rules));
	for (i = 0; i < DMP_MAX_RULES; i++) {
		rule = &policy.rules[i];
		rule->first = (u64)i << 12;
		rule->last = rule->first | 0xfff;
		rule->action = DEVMEM_POLICY_ALLOW;
		rule->ops = DEVMEM_POLICY_OP_READ;
		assert_true(asprintf(&rule->because, "%0250u", i) > 0);
	}
	assert_int_equal(dmp_compile(&policy, &bytes, &message), -E2BIG);
	assert_string_equal(
		message.text,
		"the compiled policy would have 21168289 bytes, 16777216 are the most: shorten labels and reasons, or split the policy");
	assert_null(bytes.bytes);
	dmp_policy_free(&policy);
}

#define CROWD 180u

static int compare_policy_rules(const void *left, const void *right)
{
	const struct dmp_policy_rule *a = left, *b = right;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return a->uid < b->uid ? -1 : a->uid > b->uid;
}

/* Many ranges that overlap; most rules with a condition, each with another one. */
static void make_crowd(struct random *random, struct dmp_policy *policy)
{
	struct dmp_policy_rule *rule = policy->rules;
	u32 i;

	for (i = 0; i < policy->rule_count; i++, rule++) {
		memset(rule, 0, sizeof(*rule));
		rule->first = (u64)random_below(random, 220) << 12;
		rule->last = rule->first +
			     ((1 + (u64)random_below(random, 60)) << 12) - 1;
		rule->action = DEVMEM_POLICY_ALLOW;
		rule->ops = DEVMEM_POLICY_OP_READ;
		rule->conditions = DEVMEM_POLICY_CONDITION_UID;
		rule->uid = i;
	}
	qsort(policy->rules, policy->rule_count, sizeof(*rule),
	      compare_policy_rules);
}

/* The line of the only error there may be; 0: none. */
static u32 refused_line(const char *text)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_policy policy;
	u32 line = 0;

	if (!dmp_parse(text, strlen(text), &policy, &diagnostics)) {
		dmp_policy_free(&policy);
	} else {
		assert_int_equal(diagnostics.error_count, 1);
		assert_non_null(strstr(diagnostics.list[0].message,
				       "more than 32 rules with conditions"));
		line = diagnostics.list[0].line;
	}
	dmp_diagnostics_free(&diagnostics);
	return line;
}

/* The text's judge and the index agree on what is too many, and where. */
static bool check_crowd(const struct dmp_policy *policy)
{
	struct dmp_message message;
	struct dmp_buffer bytes;
	char *text, expected[16];
	u32 line;
	int ret;

	assert_int_equal(dmp_compile(policy, &bytes, &message), 0);
	text = show_bytes(&bytes);
	line = refused_line(text);
	ret = dmp_check_canonical(bytes.bytes, bytes.length, &message);
	assert_int_equal(ret, line ? -E2BIG : 0);
	if (line) {
		/* policy, serial and default are the three lines before it. */
		snprintf(expected, sizeof(expected), "rule %u (", line - 3);
		assert_memory_equal(message.text, expected, strlen(expected));
		assert_non_null(strstr(
			message.text,
			"more than 32 rules with conditions name one of its pages"));
	}
	free(text);
	dmp_buffer_free(&bytes);
	return line;
}

static void test_crowds(void **state)
{
	struct dmp_policy_rule rules[CROWD];
	struct dmp_policy policy = { .name = "crowd",
				     .serial = 1,
				     .rules = rules };
	struct random random = { 0x63726f7764 };
	u32 round, refused = 0;

	(void)state;
	for (round = 0; round < 300; round++) {
		policy.rule_count = CROWD - random_below(&random, 60);
		make_crowd(&random, &policy);
		refused += check_crowd(&policy);
	}
	assert_in_range(refused, 30, 270);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_round_trips),
		cmocka_unit_test(test_exact_bytes),
		cmocka_unit_test(test_exact_bytes_of_conditions),
		cmocka_unit_test(test_shown_conditions),
		cmocka_unit_test(test_id_of_conditions),
		cmocka_unit_test(test_id_is_the_digest_of_the_rule),
		cmocka_unit_test(test_ids_are_stable),
		cmocka_unit_test(test_colliding_ids),
		cmocka_unit_test(test_ids_are_unique),
		cmocka_unit_test(test_not_canonical),
		cmocka_unit_test(test_decode_message_names_the_rule),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_crowds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
