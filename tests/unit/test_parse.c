// SPDX-License-Identifier: GPL-2.0-or-later
/* test_parse.c - what the language accepts, how faults are shown, and limits */
#include "policy_fixture.h"
#include "scratch.h"

#include <grp.h>
#include <pwd.h>

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
		"allow w ring unreserved-ram log\tsummary because \"a\" label \"b\"\n"
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
	assert_int_equal(rule[2].flags, DEVMEM_POLICY_RULE_UNRESERVED_RAM |
						DEVMEM_POLICY_RULE_LOG_SUMMARY);
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

static void test_conditions(void **state)
{
	struct dmp_policy policy = parse(
		"policy a\nserial 1\n"
		"expires 2100-01-01T00:00:00Z # later\n"
		"mode permissive\n"
		"not-before\t1970-01-01T00:00:01Z\n"
		"auditor\texe \"/opt/my auditor\" # who keeps the record\n"
		"allow r 0x1000+4K until 2099-12-31T23:59:59Z label \"x\" exe /opt/\xc3\xa9/a\\b unreserved-ram gid 0xfffffffe because \"y\" uid root\n"
		"allow r 0x2000+4K exe \"/opt/my \\\"tool\\\" #1=\\\\\"\n"
		"deny rw 0x3000+4K gid 0 uid 4294967294#comment\n"
		"deny rw 0x4000+4K exe /a#comment\n");
	struct dmp_policy_rule *rule = policy.rules;

	(void)state;
	assert_true(policy.permissive);
	assert_int_equal(policy.not_before_s, 1);
	assert_int_equal(policy.expires_s, 4102444800);
	assert_string_equal(policy.auditor, "/opt/my auditor");
	assert_int_equal(rule[0].conditions,
			 DEVMEM_POLICY_CONDITION_UID |
				 DEVMEM_POLICY_CONDITION_GID |
				 DEVMEM_POLICY_CONDITION_EXE |
				 DEVMEM_POLICY_CONDITION_UNTIL);
	assert_int_equal(rule[0].uid, 0);
	assert_int_equal(rule[0].gid, 0xfffffffe);
	assert_int_equal(rule[0].until_s, 4102444799);
	assert_string_equal(rule[0].exe, "/opt/\xc3\xa9/a\\b");
	assert_string_equal(rule[0].label, "x");
	assert_int_equal(rule[0].flags, DEVMEM_POLICY_RULE_UNRESERVED_RAM);
	assert_int_equal(rule[1].conditions, DEVMEM_POLICY_CONDITION_EXE);
	assert_string_equal(rule[1].exe, "/opt/my \"tool\" #1=\\");
	assert_int_equal(rule[2].conditions,
			 DEVMEM_POLICY_CONDITION_UID |
				 DEVMEM_POLICY_CONDITION_GID);
	assert_int_equal(rule[2].uid, 4294967294);
	assert_string_equal(rule[3].exe, "/a");
	dmp_policy_free(&policy);
}

static void test_mode_and_times_of_none(void **state)
{
	struct dmp_policy policy =
		parse("policy a\nserial 1\nmode enforce\nallow r 0+4K\n");

	(void)state;
	assert_false(policy.permissive);
	assert_int_equal(policy.not_before_s, 0);
	assert_int_equal(policy.expires_s, 0);
	assert_int_equal(policy.rules[0].conditions, 0);
	assert_null(policy.rules[0].exe);
	dmp_policy_free(&policy);
}

/* Names mean what this machine says. */
static void test_names(void **state)
{
	struct passwd *user;
	struct group *group;
	struct dmp_policy policy;
	char text[256];

	(void)state;
	setpwent();
	setgrent();
	while ((user = getpwent()) && !user->pw_uid)
		;
	while ((group = getgrent()) && !group->gr_gid)
		;
	assert_non_null(user);
	assert_non_null(group);
	snprintf(text, sizeof(text),
		 "policy a\nserial 1\nallow r 0+4K uid %s gid %s\n",
		 user->pw_name, group->gr_name);
	policy = parse(text);
	assert_int_equal(policy.rules[0].uid, user->pw_uid);
	assert_int_equal(policy.rules[0].gid, group->gr_gid);
	dmp_policy_free(&policy);
	endpwent();
	endgrent();
}

static void test_times(void **state)
{
	/* As date(1) has it: date -u -d TIME +%s */
	static const struct {
		const char *text;
		u64 seconds;
	} cases[] = {
		{ "1970-01-01T00:00:01Z", 1 },
		{ "1970-12-31T23:59:59Z", 31535999 },
		{ "1972-02-29T00:00:00Z", 68169600 },
		{ "2000-02-29T12:34:56Z", 951827696 },
		{ "2000-03-01T00:00:00Z", 951868800 },
		{ "2024-12-31T23:59:59Z", 1735689599 },
		{ "2038-01-19T03:14:08Z", 2147483648 },
		{ "2100-02-28T23:59:59Z", 4107542399 },
		{ "2100-03-01T00:00:00Z", 4107542400 },
		{ "2106-02-07T06:28:16Z", 4294967296 },
		{ "2400-02-29T00:00:00Z", 13574563200 },
		{ "9999-12-31T23:59:59Z", DMP_MAX_TIME },
	};
	char text[128], time[DMP_TIME_SIZE];
	struct dmp_policy policy;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(text, sizeof(text),
			 "policy a\nserial 1\nallow r 0+4K until %s\n",
			 cases[i].text);
		policy = parse(text);
		assert_int_equal(policy.rules[0].until_s, cases[i].seconds);
		dmp_policy_free(&policy);
		dmp_time_print(cases[i].seconds, time);
		assert_string_equal(time, cases[i].text);
	}
	dmp_time_print(DMP_MAX_TIME + 1, time);
	assert_string_equal(time, "after the year 9999");
	dmp_time_print(UINT64_MAX, time);
	assert_string_equal(time, "after the year 9999");
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

static void test_warnings_about_times(void **state)
{
	(void)state;
	assert_complaints(
		"policy a\nserial 1\nexpires 2001-01-01T00:00:00Z\nallow r 0+4K\n",
		"t.policy:3:9: warning: this is in the past: the policy allows nothing\n"
		"    expires 2001-01-01T00:00:00Z\n"
		"            ^~~~~~~~~~~~~~~~~~~~\n");
	assert_complaints(
		"policy a\nserial 1\n"
		"allow r 0+4K until 2001-01-01T00:00:00Z\n"
		"deny r 0+4K until 2001-01-01T00:00:00Z\n",
		"t.policy:3:20: warning: this is in the past: the rule allows nothing\n"
		"    allow r 0+4K until 2001-01-01T00:00:00Z\n"
		"                       ^~~~~~~~~~~~~~~~~~~~\n"
		"t.policy:4:19: warning: this is in the past: the rule denies nothing\n"
		"    deny r 0+4K until 2001-01-01T00:00:00Z\n"
		"                      ^~~~~~~~~~~~~~~~~~~~\n");
	/* The policy's times do not bound what it denies. */
	assert_complaints(
		"policy a\nserial 1\n"
		"not-before 2101-01-01T00:00:00Z\n"
		"expires 2102-01-01T00:00:00Z\n"
		"allow r 0+4K until 2101-01-01T00:00:00Z\n"
		"allow r 0+4K until 2101-01-01T00:00:01Z\n"
		"allow r 0+4K until 2102-01-01T00:00:00Z\n"
		"allow r 0+4K until 2102-01-01T00:00:01Z\n"
		"deny r 4096+4K until 2101-01-01T00:00:00Z\n"
		"deny r 4096+4K until 2102-01-01T00:00:01Z\n",
		"t.policy:5:20: warning: the rule ends before the policy begins (line 3): it allows nothing\n"
		"    allow r 0+4K until 2101-01-01T00:00:00Z\n"
		"                       ^~~~~~~~~~~~~~~~~~~~\n"
		"t.policy:8:20: warning: the policy expires earlier (line 4), and the rule with it\n"
		"    allow r 0+4K until 2102-01-01T00:00:01Z\n"
		"                       ^~~~~~~~~~~~~~~~~~~~\n");
}

static void test_warnings_about_idle_rules(void **state)
{
	(void)state;
	assert_complaints(
		"policy a\nserial 1\n"
		"allow rw 0+4K\n"
		"allow r 0+4K uid 5\n",
		"t.policy:4:1: warning: the conditions are idle: line 3 allows the same to everybody\n"
		"    allow r 0+4K uid 5\n"
		"    ^~~~~\n");
	assert_complaints(
		"policy a\nserial 1\n"
		"allow rw 0+4K uid 5\n"
		"deny rw 0+4K\n",
		"t.policy:3:1: warning: the rule is idle: line 4 denies the same to everybody\n"
		"    allow rw 0+4K uid 5\n"
		"    ^~~~~\n");
	/* Less than the rule says, or not to everybody, or elsewhere. */
	assert_complaints(
		"policy a\nserial 1\n"
		"allow rw 0+4K uid 5 unreserved-ram\n"
		"allow rw 0+4K\n"
		"allow r 0+4K unreserved-ram\n"
		"allow rw 0+8K\n"
		"allow rw 4096+4K\n"
		"allow rw 0+4K uid 6 gid 7\n"
		"deny w 0+4K\n"
		"deny rw 0+4K uid 5\n",
		"t.policy:8:1: warning: the conditions are idle: line 4 allows the same to everybody\n"
		"    allow rw 0+4K uid 6 gid 7\n"
		"    ^~~~~\n");
}

static void test_warning_about_links(void **state)
{
	char text[512], expected[1024];

	(void)state;
	assert_int_equal(scratch_make(), 0);
	must_run(
		"mkdir real && : >real/tool && ln -s real link && ln -s tool real/alias");
	snprintf(text, sizeof(text),
		 "policy a\nserial 1\nallow r 0+4K exe %s/real/tool\n"
		 "allow r 4096+4K exe %s/missing\n"
		 "allow r 8192+4K exe %s/link/tool\n",
		 scratch, scratch, scratch);
	snprintf(
		expected, sizeof(expected),
		"t.policy:5:21: warning: on this machine the path goes through a symbolic link, which the kernel refuses\n"
		"    allow r 8192+4K exe %s/link/tool\n"
		"                        ^%.*s\n"
		"  hint: write the path that realpath(1) tells\n",
		scratch, (int)strlen(scratch) + 9,
		"~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~");
	assert_complaints(text, expected);
	snprintf(text, sizeof(text),
		 "policy a\nserial 1\nallow r 0+4K exe %s/real/alias\n",
		 scratch);
	assert_int_equal(scratch_remove(), 0);
	/* Gone: nothing is known about it any more. */
	assert_complaints(text, "");
}

/* Either of them: rules that overlap in one page, or follow each other. */
static char *conditional_rules(u32 count, bool overlap)
{
	char *text;
	size_t length;
	FILE *stream = open_memstream(&text, &length);
	u32 i;

	fputs("policy a\nserial 1\nallow r 0+1G\nallow w 0x1000+8K\n", stream);
	for (i = 0; i < count; i++)
		fprintf(stream, "%s r 0x%x000-0x%xfff gid %u\n",
			i % 3 ? "allow" : "deny", i, overlap ? 99 : i, i);
	fclose(stream);
	return text;
}

static void test_conditional_limit(void **state)
{
	struct dmp_policy policy;
	char *text;

	(void)state;
	text = conditional_rules(DMP_MAX_CONDITIONAL, true);
	assert_complaints(text, "");
	free(text);
	text = conditional_rules(5000, false);
	policy = parse(text);
	assert_int_equal(policy.rule_count, 5002);
	dmp_policy_free(&policy);
	free(text);
	text = conditional_rules(DMP_MAX_CONDITIONAL + 2, true);
	assert_complaints(
		text,
		"t.policy:37:1: error: more than 32 rules with conditions name the page at 0x20000\n"
		"    allow r 0x20000-0x63fff gid 32\n"
		"    ^~~~~\n"
		"  hint: write one rule for a group instead of one for each user\n");
	free(text);
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
	char exe[DMP_MAX_EXE_BYTES + 1];
	struct dmp_policy_rule rule = {
		.first = 0xfffffffffffff000,
		.last = UINT64_MAX,
		.action = DEVMEM_POLICY_ALLOW,
		.ops = DEVMEM_POLICY_OP_READ | DEVMEM_POLICY_OP_WRITE,
		.flags = DEVMEM_POLICY_RULE_UNRESERVED_RAM,
		.conditions = DEVMEM_POLICY_CONDITION_UID |
			      DEVMEM_POLICY_CONDITION_GID |
			      DEVMEM_POLICY_CONDITION_EXE |
			      DEVMEM_POLICY_CONDITION_UNTIL,
		.uid = 4294967294,
		.gid = 4294967294,
		.until_s = DMP_MAX_TIME,
		.exe = exe,
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
	memset(exe, '"', sizeof(exe) - 1);
	exe[0] = '/';
	exe[sizeof(exe) - 1] = '\0';
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
	"mode permissive\n"
	"not-before 2026-02-28T00:00:00Z\n"
	"expires 2027-12-31T23:59:59Z\n"
	"region ring = 0x3f000000+1M\n"
	"allow rw ring label \"capture \\\"ring\\\"\" because \"SEC-1182 \xc3\xa9\"\n"
	"deny r 0xfed40000-0xfed44fff\n"
	"allow r 4096+4K unreserved-ram label \"x\"\n"
	"allow r 4096+4K uid 0 gid 27 exe /usr/bin/tool until 2027-01-01T00:00:00Z\n"
	"deny w 4096+8K exe \"/opt/my tool\" uid root\n";

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
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_mode_and_times_of_none),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_excerpts),
		cmocka_unit_test(test_long_excerpt),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_warnings_about_times),
		cmocka_unit_test(test_warnings_about_idle_rules),
		cmocka_unit_test(test_warning_about_links),
		cmocka_unit_test(test_conditional_limit),
		cmocka_unit_test(test_more_errors_than_shown),
		cmocka_unit_test(test_rule_limit),
		cmocka_unit_test(test_region_limit),
		cmocka_unit_test(test_line_limit),
		cmocka_unit_test(test_longest_rule_fits),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
