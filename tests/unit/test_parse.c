// SPDX-License-Identifier: GPL-2.0-or-later
/* test_parse.c - what the language accepts, how faults are shown, and limits */
#include "policy_fixture.h"

#define MUTATIONS 20000

static struct dmp_policy parse(const char *text)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_policy policy;

	if (dmp_parse(text, strlen(text), &policy, &diagnostics)) {
		dmp_diagnostics_print(&diagnostics, "test", text, strlen(text),
				      stderr);
		fail_msg("the text is not valid");
	}
	dmp_diagnostics_free(&diagnostics);
	return policy;
}

/* What the whole of check prints for a text. */
static char *complaints(const char *text, size_t length)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_policy policy;
	char *printed;
	size_t bytes;
	FILE *stream = open_memstream(&printed, &bytes);

	if (!dmp_parse(text, length, &policy, &diagnostics))
		dmp_policy_free(&policy);
	dmp_diagnostics_print(&diagnostics, "t.policy", text, length, stream);
	fclose(stream);
	dmp_diagnostics_free(&diagnostics);
	return printed;
}

static void assert_complaints(const char *text, const char *expected)
{
	char *printed = complaints(text, strlen(text));

	assert_string_equal(printed, expected);
	free(printed);
}

static void test_whole_language(void **state)
{
	struct dmp_policy policy = parse(
		"# a comment\n"
		"\n"
		"allow rw ring label \"the \\\"ring\\\" \\\\ # no comment\"#one\n"
		"  deny\tr 8192+4K   because \"tr\xc3\xa8s\"  # two\n"
		"policy fpga-capture_2.0\n"
		"allow w ring unreserved-ram because \"a\" label \"b\"\n"
		"region ring = 0x3f000000+1M\n"
		"allow r 0xABCDE000-0xabcdefff\n"
		"allow r 0+1G\n"
		"serial 0x10\n"
		"default deny#three");
	struct dmp_policy_rule *rule = policy.rules;

	(void)state;
	assert_string_equal(policy.name, "fpga-capture_2.0");
	assert_int_equal(policy.serial, 16);
	assert_true(policy.default_deny);
	assert_int_equal(policy.rule_count, 5);
	assert_int_equal(rule[0].first, 0);
	assert_int_equal(rule[0].last, (1u << 30) - 1);
	assert_null(rule[0].label);
	assert_int_equal(rule[1].action, DEVMEM_POLICY_DENY);
	assert_int_equal(rule[1].ops, DEVMEM_POLICY_OP_READ);
	assert_int_equal(rule[1].first, 8192);
	assert_int_equal(rule[1].last, 12287);
	assert_string_equal(rule[1].because, "tr\xc3\xa8s");
	assert_int_equal(rule[2].ops, DEVMEM_POLICY_OP_WRITE);
	assert_int_equal(rule[2].flags, DEVMEM_POLICY_RULE_UNRESERVED_RAM);
	assert_string_equal(rule[2].label, "b");
	assert_int_equal(rule[2].line, 6);
	assert_int_equal(rule[3].ops,
			 DEVMEM_POLICY_OP_READ | DEVMEM_POLICY_OP_WRITE);
	assert_int_equal(rule[3].first, 0x3f000000);
	assert_int_equal(rule[3].last, 0x3f0fffff);
	assert_string_equal(rule[3].label, "the \"ring\" \\ # no comment");
	assert_int_equal(rule[4].first, 0xabcde000);
	dmp_policy_free(&policy);
}

static void test_sizes(void **state)
{
	static const struct {
		const char *range;
		u64 last;
	} cases[] = {
		{ "0+4096", 4095 },
		{ "0+0x5000", 0x4fff },
		{ "0+4K", 4095 },
		{ "0+0x10K", 0x3fff },
		{ "0+3M", (3u << 20) - 1 },
		{ "0+16G", (16ull << 30) - 1 },
		{ "0+17179869183G", 17179869183ull * (1ull << 30) - 1 },
		{ "0-18446744073709551615", UINT64_MAX },
		{ "0xfffffffffffff000+4K", UINT64_MAX },
	};
	struct dmp_policy policy;
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(text, sizeof(text), "policy a\nserial 1\nallow r %s\n",
			 cases[i].range);
		policy = parse(text);
		assert_true(policy.rules[0].last == cases[i].last);
		dmp_policy_free(&policy);
	}
}

static void test_excerpts(void **state)
{
	(void)state;
	assert_complaints(
		"policy a\nserial 1\n"
		"\tallow rw 0x3f000000-0x3f100000 label \"x\"\n",
		"t.policy:3:11: error: the range is not made of whole pages of 4 KiB\n"
		"     allow rw 0x3f000000-0x3f100000 label \"x\"\n"
		"              ^~~~~~~~~~~~~~~~~~~~~\n"
		"  hint: the last byte is included: write 0x3f000000-0x3f0fffff\n");
	/* Nothing that steers a terminal gets there. */
	assert_complaints(
		"policy a\nserial 1\n# \x1b[31m\x9b\n",
		"t.policy:3:3: error: the text holds the control character 0x1b\n"
		"    # ?[31m?\n"
		"      ^\n");
	/* Without a newline at the end. */
	assert_complaints("policy a\nserial",
			  "t.policy:2:7: error: the serial is missing\n"
			  "    serial\n"
			  "          ^\n"
			  "  hint: write: serial NUMBER\n");
}

/* What is marked ends where what is shown ends. */
static void test_long_excerpt(void **state)
{
	char x[151], marks[102], text[256], expected[512];

	(void)state;
	memset(x, 'x', 150);
	x[150] = '\0';
	memset(marks, '~', 101);
	marks[0] = '^';
	marks[101] = '\0';
	snprintf(text, sizeof(text),
		 "policy a\nserial 1\nallow r 0+4K label \"%s\n", x);
	snprintf(
		expected, sizeof(expected),
		"t.policy:3:20: error: the text has no closing quote\n"
		"    allow r 0+4K label \"%.100s\n"
		"    %19s%s\n"
		"  hint: inside a text, write \\\" for a quote and \\\\ for a backslash\n",
		x, "", marks);
	assert_complaints(text, expected);
}

static void test_warnings(void **state)
{
	(void)state;
	assert_complaints(
		"policy a\nserial 1\nregion x = 0+4K\nregion y = 0+8K\n"
		"allow r y\n",
		"t.policy:3:8: warning: no rule uses the region 'x'\n"
		"    region x = 0+4K\n"
		"           ^\n");
	assert_complaints(
		"policy a\nserial 1\n",
		"t.policy:1:1: warning: the policy changes nothing: it has no rule and leaves the default to the kernel\n");
	assert_complaints("policy a\nserial 1\ndefault deny\n", "");
}

static void test_more_errors_than_shown(void **state)
{
	char text[30 * 3 + 1] = "";
	const char *end;
	char *printed;
	u32 errors = 0, i;

	(void)state;
	for (i = 0; i < 30; i++)
		strcat(text, "x\n");
	printed = complaints(text, strlen(text));
	for (end = printed; (end = strstr(end, ": error: ")); end++)
		errors++;
	assert_int_equal(errors, DMP_MAX_DIAGNOSTICS);
	assert_non_null(strstr(
		printed,
		"t.policy: there is more; the first 20 errors and warnings are shown\n"));
	free(printed);
}

static char *many_lines(const char *format, u32 count)
{
	char *text;
	size_t length;
	FILE *stream = open_memstream(&text, &length);
	u32 i;

	fputs("policy a\nserial 1\n", stream);
	for (i = 0; i < count; i++)
		fprintf(stream, format, i);
	fclose(stream);
	return text;
}

static void test_rule_limit(void **state)
{
	static const char format[] = "allow r 0x%x000+4K\n";
	struct dmp_policy policy;
	char *text;

	(void)state;
	text = many_lines(format, DMP_MAX_RULES);
	policy = parse(text);
	assert_int_equal(policy.rule_count, DMP_MAX_RULES);
	dmp_policy_free(&policy);
	free(text);
	/* Said once, although two are too many. */
	text = many_lines(format, DMP_MAX_RULES + 2);
	assert_complaints(
		text,
		"t.policy:65539:1: error: the policy has more than 65536 rules\n"
		"    allow r 0x10000000+4K\n"
		"    ^~~~~\n"
		"  hint: join neighbouring ranges, or split the policy\n");
	free(text);
}

static void test_region_limit(void **state)
{
	char *text = many_lines("region r%u = 0+4K\n", DMP_MAX_REGIONS + 2);

	(void)state;
	assert_complaints(
		text,
		"t.policy:65539:1: error: the policy has more than 65536 regions\n"
		"    region r65536 = 0+4K\n"
		"    ^~~~~~\n"
		"  hint: join neighbouring ranges, or split the policy\n");
	free(text);
}

static void test_line_limit(void **state)
{
	char text[DMP_MAX_LINE_BYTES + 64];
	size_t start;

	(void)state;
	strcpy(text, "policy a\nserial 1\ndefault deny\n#");
	start = strlen(text) - 1;
	memset(text + start, '#', DMP_MAX_LINE_BYTES);
	strcpy(text + start + DMP_MAX_LINE_BYTES, "\n");
	assert_complaints(text, "");
}

/* The longest texts, all of it escaped, still fit on a line. */
static void test_longest_rule_fits(void **state)
{
	char label[DMP_MAX_LABEL_BYTES + 1], because[DMP_MAX_BECAUSE_BYTES + 1];
	struct dmp_policy_rule rule = {
		.first = 0xfffffffffffff000,
		.last = UINT64_MAX,
		.action = DEVMEM_POLICY_ALLOW,
		.ops = DEVMEM_POLICY_OP_READ | DEVMEM_POLICY_OP_WRITE,
		.flags = DEVMEM_POLICY_RULE_UNRESERVED_RAM,
		.label = label,
		.because = because,
	};
	struct dmp_policy policy = {
		.name = "a", .serial = 1, .rule_count = 1, .rules = &rule
	};
	struct dmp_buffer bytes, again;
	struct dmp_message message;
	char *text;

	(void)state;
	memset(label, '"', sizeof(label) - 1);
	memset(because, '\\', sizeof(because) - 1);
	label[sizeof(label) - 1] = '\0';
	because[sizeof(because) - 1] = '\0';
	assert_int_equal(dmp_compile(&policy, &bytes, &message), 0);
	text = show_bytes(&bytes);
	again = compile_text(text);
	assert_int_equal(bytes.length, again.length);
	assert_memory_equal(bytes.bytes, again.bytes, bytes.length);
	free(text);
	dmp_buffer_free(&bytes);
	dmp_buffer_free(&again);
}

static const char seed_text[] =
	"# comment\n"
	"policy fpga-capture\n"
	"serial 7\n"
	"default deny\n"
	"region ring = 0x3f000000+1M\n"
	"allow rw ring label \"capture \\\"ring\\\"\" because \"SEC-1182 \xc3\xa9\"\n"
	"deny r 0xfed40000-0xfed44fff\n"
	"allow r 4096+4K unreserved-ram label \"x\"\n";

static size_t mutate(struct random *random, char *text, size_t length)
{
	static const char bytes[] = "\"\\#=+-0xKMG \t\n\r\xc3\xff";
	u32 changes = 1 + random_below(random, 4);
	size_t at;

	while (changes-- && length > 1) {
		at = random_below(random, (u32)length);
		switch (random_below(random, 4)) {
		case 0:
			text[at] = (char)random_next(random);
			break;
		case 1:
			text[at] =
				bytes[random_below(random, sizeof(bytes) - 1)];
			break;
		case 2:
			memmove(text + at, text + at + 1, length - at - 1);
			length--;
			break;
		default:
			length = at + 1;
		}
	}
	return length;
}

/*
 * Whatever the text: no crash (sanitizers see more than this test does), an
 * error is always explained, and what is accepted compiles and survives a
 * round trip.
 */
static void check_mutation(const char *text, size_t length, u32 *accepted)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_buffer bytes, again;
	struct dmp_message message;
	struct dmp_policy policy;
	char *shown;

	if (dmp_parse(text, length, &policy, &diagnostics)) {
		assert_in_range(diagnostics.error_count, 1,
				DMP_MAX_DIAGNOSTICS);
		dmp_diagnostics_free(&diagnostics);
		shown = complaints(text, length);
		assert_non_null(strstr(shown, ": error: "));
		free(shown);
		return;
	}
	assert_int_equal(diagnostics.error_count, 0);
	dmp_diagnostics_free(&diagnostics);
	assert_int_equal(dmp_compile(&policy, &bytes, &message), 0);
	dmp_policy_free(&policy);
	shown = show_bytes(&bytes);
	again = compile_text(shown);
	assert_int_equal(bytes.length, again.length);
	assert_memory_equal(bytes.bytes, again.bytes, bytes.length);
	free(shown);
	dmp_buffer_free(&bytes);
	dmp_buffer_free(&again);
	++*accepted;
}

static void test_mutations(void **state)
{
	struct random random = { 0x66757a7a };
	u32 round, accepted = 0;
	size_t length;
	char scrap[sizeof(seed_text)], *text;

	(void)state;
	for (round = 0; round < MUTATIONS; round++) {
		memcpy(scrap, seed_text, sizeof(seed_text));
		length = mutate(&random, scrap, sizeof(seed_text) - 1);
		/* Of that size, so that ASan sees a step beyond the end. */
		text = malloc(length);
		memcpy(text, scrap, length);
		check_mutation(text, length, &accepted);
		free(text);
	}
	assert_in_range(accepted, MUTATIONS / 50, MUTATIONS * 9 / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_language),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_excerpts),
		cmocka_unit_test(test_long_excerpt),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_more_errors_than_shown),
		cmocka_unit_test(test_rule_limit),
		cmocka_unit_test(test_region_limit),
		cmocka_unit_test(test_line_limit),
		cmocka_unit_test(test_longest_rule_fits),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
