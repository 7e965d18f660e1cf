// SPDX-License-Identifier: GPL-2.0-or-later
/* devmemctl log: what it prints, and how it ends, for a log of a few lines. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/ctl_log.h"
#include "daemon/exit.h"
#include "daemon/log.h"
#include "log_fixture.h"

#define SUBJECT(pid, comm, exe) \
	",\"pid\":" #pid ",\"comm\":\"" comm "\",\"exe\":\"" exe "\",\"uid\":0"
#define PAGES(first, last, count) \
	",\"operation\":\"read\",\"first\":\"" first "\",\"last\":\"" last "\",\"pages\":" #count
#define TIME(hour) ",\"time\":\"2026-11-21T" #hour ":00:00.000000001Z\""
#define INSTANCE "0000000000000abc"

static const char records[] =
	RECORD_KIND(1, INSTANCE, "module-loaded", TIME(10))
	RECORD_KIND(2, INSTANCE, "grant", TIME(11) PAGES("0x1000", "0x2fff", 2)
		    ",\"reason\":\"allow-rule\",\"policy\":\"fpga\",\"rule\":\"00c0ffee\""
		    SUBJECT(7, "capture", "/usr/bin/capture"))
	RECORD_KIND(3, INSTANCE, "denial", TIME(12) PAGES("0x8000", "0x8fff", 1)
		    ",\"reason\":\"no-rule\",\"result\":-1,\"error\":\"EPERM\""
		    SUBJECT(8, "=a\\\",b", "/opt/tool"))
	RECORD_KIND(4, INSTANCE, "denial", TIME(13) PAGES("0x8000", "0x8fff", 40)
		    ",\"reason\":\"no-rule\",\"calls\":40" SUBJECT(8, "tool", "/opt/tool"))
	RECORD_KIND(5, INSTANCE, "loss", TIME(14) ",\"pages\":9,\"calls\":3,\"lost\":\"denial\"");

static char audit[SCRATCH_PATH_SIZE];

static int setup(void **state)
{
	struct dmp_log_tail tail;
	struct dmp_log *log;
	size_t kept;

	if (scratch_setup(state))
		return -1;
	strcpy(audit, in_scratch("audit"));
	assert_int_equal(dmp_log_open(audit, &log), 0);
	assert_int_equal(dmp_log_recover(log, 0xabc, BOOT_ID, &tail), 0);
	assert_int_equal(dmp_log_append(log, records, strlen(records), NULL, &kept), 0);
	assert_int_equal(dmp_log_checkpoint(log, "stop", NULL, false), 0);
	dmp_log_close(log);
	must_run("cat audit >changed && sed -i s/capture/captury/ changed");
	must_run("head -n 3 audit >cut; echo rubbish >rubbish");
	return 0;
}

/* Run it, with standard output in the file "out". NULL ends the arguments. */
static int run(bool json, const char *const *arguments)
{
	char *argv[16] = { "log" };
	int argc = 1, saved = dup(STDOUT_FILENO), fd, ret;

	for (; *arguments; arguments++)
		argv[argc++] = (char *)*arguments;
	fd = open(in_scratch("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0 && saved >= 0);
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	ret = ctl_log(argc, argv, json);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fd);
	return ret;
}

#define RUN(json, ...) run(json, (const char *const[]){ __VA_ARGS__, NULL })

/* Lines of the last output that hold text */
static unsigned int lines_with(const char *text)
{
	char *out = scratch_text("out"), *line, *rest = out;
	unsigned int count = 0;

	while ((line = strsep(&rest, "\n")))
		count += *line && strstr(line, text);
	free(out);
	return count;
}

static void has(const char *text)
{
	char *out;

	if (lines_with(text))
		return;
	out = scratch_text("out");
	fail_msg("no '%s' in: %s", text, out);
}

static void test_verify(void **state)
{
	(void)state;
	assert_int_equal(RUN(false, "verify", audit), DMP_EXIT_OK);
	has("intact");
	has("7 lines: 5 records, 2 checkpoints");
	assert_int_equal(RUN(false, "verify", in_scratch("changed")), DMP_EXIT_TAMPERED);
	has("changed:4: it does not carry the hash");
	assert_int_equal(RUN(true, "verify", in_scratch("changed")), DMP_EXIT_TAMPERED);
	has("{\"result\":\"tampered\",\"file\":");
	assert_int_equal(RUN(false, "verify", in_scratch("cut")), DMP_EXIT_INCOMPLETE);
	has("does not end in a checkpoint");
	assert_int_equal(RUN(true, "verify", in_scratch("cut")), DMP_EXIT_INCOMPLETE);
	has("{\"result\":\"incomplete\",\"lacks\":[\"checkpoint\"]");
	assert_int_equal(RUN(false, "verify", in_scratch("rubbish")), DMP_EXIT_TAMPERED);
	assert_int_equal(RUN(false, "verify", in_scratch("nowhere")), DMP_EXIT_FAILED);
	assert_int_equal(RUN(false, "verify", audit, audit),
			 DMP_EXIT_TAMPERED);
}

static void test_cut_off(void **state)
{
	static const char another[] =
		RECORD_KIND(1, "0000000000000def", "module-loaded", TIME(15));
	struct dmp_kernel kernel = { .known = true, .newest = 1, .denied_pages = 50 };
	struct dmp_log_tail tail;
	struct dmp_log *log;
	size_t kept;

	(void)state;
	must_run("cp audit cutoff");
	assert_int_equal(dmp_log_open(in_scratch("cutoff"), &log), 0);
	assert_int_equal(dmp_log_recover(log, 0xdef, BOOT_ID, &tail), 0);
	assert_int_equal(dmp_log_append(log, another, strlen(another), NULL, &kept), 0);
	assert_int_equal(dmp_log_checkpoint(log, "stop", &kernel, false), 0);
	assert_int_equal(RUN(false, "verify", in_scratch("cutoff")), DMP_EXIT_INCOMPLETE);
	has("incomplete");
	has("instance " INSTANCE " was cut off behind record 5; what the kernel recorded");
	assert_int_equal(RUN(true, "verify", in_scratch("cutoff")), DMP_EXIT_INCOMPLETE);
	has("\"lacks\":[\"cut-off\"],\"missing\":[],\"missing_records\":0");
	has("\"cut_off\":[{\"instance\":\"" INSTANCE "\",\"last_seq\":5}],\"cut_off_instances\":1");
	has("\"unattended\":0");
	/* The second one ended in order. */
	assert_int_equal(dmp_log_recover(log, 0xfed, BOOT_ID, &tail), 0);
	assert_int_equal(dmp_log_checkpoint(log, "start", NULL, false), 0);
	dmp_log_close(log);
	assert_int_equal(RUN(true, "verify", in_scratch("cutoff")), DMP_EXIT_INCOMPLETE);
	has("\"cut_off_instances\":1");
	has("\"unattended\":1");
	assert_int_equal(RUN(false, "verify", in_scratch("cutoff")), DMP_EXIT_INCOMPLETE);
	has("1 of them went on when devmemd had ended");
}

static void test_head(void **state)
{
	char *text, head[65], other[65];

	(void)state;
	RUN(true, "verify", audit);
	text = scratch_text("out");
	snprintf(head, sizeof(head), "%s", strstr(text, "\"head\":\"") + 8);
	free(text);
	snprintf(other, sizeof(other), "%s", head);
	other[0] = other[0] == '0' ? '1' : '0';
	assert_int_equal(RUN(false, "verify", "--head", head, audit), DMP_EXIT_OK);
	assert_int_equal(RUN(false, "verify", "--head", other, audit), DMP_EXIT_INCOMPLETE);
	assert_int_equal(RUN(false, "verify", "--after", other, audit), DMP_EXIT_INCOMPLETE);
	assert_int_equal(RUN(false, "verify", "--head", "x", audit), DMP_EXIT_USAGE);
}

static void test_show(void **state)
{
	(void)state;
	assert_int_equal(RUN(false, "show", audit), DMP_EXIT_OK);
	assert_int_equal(lines_with(""), 6);
	assert_int_equal(RUN(true, "show", audit), DMP_EXIT_OK);
	assert_int_equal(lines_with("{\"prev\":"), 5);
	assert_int_equal(RUN(true, "show", "--kind", "checkpoint", audit), DMP_EXIT_OK);
	assert_int_equal(lines_with("\"checkpoint\""), 2);
	assert_int_equal(RUN(false, "show", "--csv", "--verdict", "denial", audit), DMP_EXIT_OK);
	assert_int_equal(lines_with(""), 4);
	has("time,seq,instance,kind,operation,first,last,pages,");
	has("2026-11-21T12:00:00.000000001Z,3,0000000000000abc,denial,read,0x8000,0x8fff,1,");
	/* What a process chose is quoted, and no formula. */
	has(",8,\"'=a\"\",b\",/opt/tool,0,,-1,EPERM");
	assert_int_equal(RUN(false, "show", audit, in_scratch("rubbish")), DMP_EXIT_FAILED);
	assert_int_equal(lines_with(""), 6);
	assert_int_equal(RUN(false, "show", in_scratch("nowhere")), DMP_EXIT_FAILED);
}

/* How many records a filter leaves */
static void leaves(unsigned int count, const char *option, const char *argument)
{
	assert_int_equal(RUN(true, "show", option, argument, audit), DMP_EXIT_OK);
	if (lines_with("") != count)
		fail_msg("%s %s leaves %u", option, argument, lines_with(""));
}

static void test_filters(void **state)
{
	char time[] = "2026-11-21T12:00:00Z", short_time[] = "2026-11-21T12:00Z";

	(void)state;
	leaves(5, "--since", "2026");
	leaves(5, "--until", "2026-11-21");
	leaves(0, "--until", "2026-11-20");
	leaves(0, "--since", "2026-11-22");
	leaves(3, "--since", time);
	leaves(3, "--until", short_time);
	leaves(2, "--kind", "denial");
	leaves(3, "--verdict", "denial");
	leaves(1, "--verdict", "grant");
	leaves(0, "--verdict", "permitted");
	leaves(1, "--rule", "00c0ffee");
	leaves(0, "--rule", "00c0ffef");
	leaves(1, "--policy", "fpga");
	leaves(1, "--program", "capture");
	leaves(1, "--program", "/usr/bin/capture");
	leaves(0, "--program", "/bin/capture");
	leaves(2, "--program", "tool");
	leaves(1, "--range", "0x2fff");
	leaves(0, "--range", "0x3000");
	leaves(2, "--range", "0x3000-0x8000");
	leaves(3, "--range", "0+1M");
	leaves(0, "--range", "0x9000-0xffffffffffffffff");
}

static void test_usage(void **state)
{
	static const char *const wrong[][2] = {
		{ "--since", "yesterday" }, { "--since", "2026-1" }, { "--until", "" },
		{ "--verdict", "maybe" },   { "--rule", "C0FFEE" },  { "--range", "x" },
		{ "--range", "4096-0" },    { "--range", "0+0" },    { "--range", "1-" },
		{ "--range", "2+0xffffffffffffffff" },		     { "--colour", "red" },
	};
	char argument[32];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(argument, sizeof(argument), "%s", wrong[i][1]);
		if (RUN(false, "show", wrong[i][0], argument, audit) !=
		    DMP_EXIT_USAGE)
			fail_msg("%s %s is taken", wrong[i][0], wrong[i][1]);
	}
	assert_int_equal(RUN(false, "show"), DMP_EXIT_USAGE);
	assert_int_equal(RUN(false, "verify"), DMP_EXIT_USAGE);
	assert_int_equal(RUN(false, "summary"), DMP_EXIT_USAGE);
	assert_int_equal(RUN(false, "nothing", "file"), DMP_EXIT_USAGE);
	assert_int_equal(RUN(false, NULL), DMP_EXIT_USAGE);
	assert_int_equal(RUN(true, "show", "--csv", audit), DMP_EXIT_USAGE);
	assert_int_equal(RUN(false, "summary", "--by", "colour", audit),
			 DMP_EXIT_USAGE);
}

#define GROUP(verdict, program, pages, calls, records)                          \
	"{\"verdict\":\"" verdict "\",\"program\":\"" program "\",\"pages\":" #pages \
	",\"calls\":" #calls ",\"records\":" #records "}"

static void test_summary(void **state)
{
	(void)state;
	assert_int_equal(RUN(true, "summary", "--by", "program", audit), DMP_EXIT_OK);
	scratch_is("out", "[" GROUP("denial", "/opt/tool", 41, 41, 2) ","
		   GROUP("denial", "-", 9, 3, 1) ","
		   GROUP("grant", "/usr/bin/capture", 2, 1, 1) "]\n");
	assert_int_equal(RUN(true, "summary", "--verdict", "grant", audit), DMP_EXIT_OK);
	has("\"range\":\"0x1000-0x2fff\",\"rule\":\"allow-rule fpga:00c0ffee\",\"pages\":2");
	assert_int_equal(RUN(false, "summary", audit), DMP_EXIT_OK);
	assert_int_equal(lines_with(""), 4);
	has("/opt/tool                      0x8000-0x8fff                  no-rule");
	/* The same log twice has twice as much. */
	assert_int_equal(RUN(true, "summary", "--by", "rule", audit, audit), DMP_EXIT_OK);
	has("\"rule\":\"no-rule\",\"pages\":82,\"calls\":82,\"records\":4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_summary),
	};

	return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
