// SPDX-License-Identifier: GPL-2.0-or-later
/* test_ctl_policy.c - devmemctl policy: exit codes, files and what is printed */
#include "policy_fixture.h"
#include "scratch.h"

#include <fcntl.h>
#include <jansson.h>
#include <sys/wait.h>

#include "daemon/ctl_policy.h"
#include "daemon/exit.h"

#define MAX_WORDS 16
#define CERTIFICATE \
	"openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days 30 "
#define SIGN \
	"openssl cms -sign -binary -noattr -nosmimecap -md sha256 -outform DER "

/* Standard output and error of the last command. */
static struct dmp_buffer output, errors;

static void redirect(const char *name, int to)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || dup2(fd, to) < 0)
		_exit(99);
}

/* The words of a command line, split at blanks; run there. */
static void child(char *command)
{
	char *words[MAX_WORDS + 1] = { NULL }, *rest = command;
	int count = 0;

	if (chdir(scratch))
		_exit(99);
	redirect("stdout", STDOUT_FILENO);
	redirect("stderr", STDERR_FILENO);
	while (count < MAX_WORDS && (words[count] = strtok_r(rest, " ", &rest)))
		count++;
	count = ctl_policy(count, words, false);
	fflush(stdout);
	_exit(count);
}

static int run(const char *command)
{
	char *copy = strdup(command);
	int status;
	pid_t pid;

	dmp_buffer_free(&output);
	dmp_buffer_free(&errors);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		child(copy);
	free(copy);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	output = read_scratch("stdout");
	errors = read_scratch("stderr");
	return WEXITSTATUS(status);
}

static void assert_output(const char *text)
{
	if (!strstr((char *)output.bytes, text))
		fail_msg("'%s' is not in output '%s', errors '%s'", text,
			 (char *)output.bytes, (char *)errors.bytes);
}

static void assert_errors(const char *text)
{
	if (!strstr((char *)errors.bytes, text))
		fail_msg("'%s' is not in errors '%s'", text,
			 (char *)errors.bytes);
}

static const char good_text[] =
	"policy p\nserial 3\nallow r 0x1000+4K label \"x\"\n";
static const char bad_text[] = "policy p\nserial 0\nallow r 0x1000+4K\n";

static int setup(void **state)
{
	(void)state;
	if (scratch_make())
		return -1;
	write_scratch("good.policy", good_text, sizeof(good_text) - 1);
	write_scratch("bad.policy", bad_text, sizeof(bad_text) - 1);
	must_run(CERTIFICATE "-subj /CN=a -keyout a.key -out a.pem");
	must_run(CERTIFICATE "-subj /CN=b -keyout b.key -out b.pem");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dmp_buffer_free(&output);
	dmp_buffer_free(&errors);
	return scratch_remove();
}

static void test_check(void **state)
{
	(void)state;
	assert_int_equal(run("policy check good.policy"), DMP_EXIT_OK);
	assert_string_equal(
		(char *)output.bytes,
		"good.policy: policy p, serial 3, 1 rule, default kernel: valid\n");
	assert_int_equal(errors.length, 0);
	assert_int_equal(run("policy check bad.policy"), DMP_EXIT_POLICY);
	assert_int_equal(output.length, 0);
	assert_string_equal(
		(char *)errors.bytes,
		"bad.policy:2:8: error: the serial cannot be 0\n"
		"    serial 0\n"
		"           ^\n"
		"  hint: count from 1, and up by 1 with every change of the policy\n");
	assert_int_equal(run("policy check missing.policy"), DMP_EXIT_FAILED);
	assert_errors("missing.policy: cannot open the file: No such file");
}

static void test_compile_and_show(void **state)
{
	(void)state;
	assert_int_equal(run("policy compile good.policy -o good.bin"),
			 DMP_EXIT_OK);
	assert_output("good.bin: 195 bytes, SHA-256 ");
	assert_int_equal(run("policy show good.bin"), DMP_EXIT_OK);
	assert_output("# not signed\npolicy p\nserial 3\ndefault kernel\n"
		      "allow r  0x1000-0x1fff label \"x\" # rule ");
	write_scratch("shown.policy", output.bytes, output.length);
	assert_int_equal(run("policy compile shown.policy -o shown.bin"),
			 DMP_EXIT_OK);
	must_run("cmp good.bin shown.bin");
	assert_int_equal(run("policy compile bad.policy -o bad.bin"),
			 DMP_EXIT_POLICY);
	must_run("test ! -e bad.bin");
	assert_int_equal(run("policy compile good.policy -o no/where"),
			 DMP_EXIT_FAILED);
	assert_int_equal(run("policy show good.policy"), DMP_EXIT_POLICY);
	assert_errors(
		"good.policy: this is neither a signed policy nor a binary one");
}

static void test_sign_and_verify(void **state)
{
	(void)state;
	assert_int_equal(run("policy compile good.policy -o s.bin"),
			 DMP_EXIT_OK);
	assert_int_equal(
		run("policy sign s.bin --key a.key --cert a.pem -o s.dmp"),
		DMP_EXIT_OK);
	assert_string_equal((char *)output.bytes,
			    "s.dmp: policy p, serial 3, signed\n");
	assert_int_equal(run("policy verify s.dmp --cert a.pem"), DMP_EXIT_OK);
	assert_string_equal(
		(char *)output.bytes,
		"s.dmp: policy p, serial 3: good signature of CN = a\n");
	assert_int_equal(run("policy verify s.dmp --cert b.pem --cert a.pem"),
			 DMP_EXIT_OK);
	assert_int_equal(run("policy verify s.dmp --cert b.pem"),
			 DMP_EXIT_SIGNATURE);
	assert_errors("s.dmp: no trusted certificate belongs to the signer");
	assert_int_equal(run("policy verify s.bin --cert a.pem"),
			 DMP_EXIT_SIGNATURE);
	assert_errors("without a signature");
	assert_int_equal(run("policy verify s.dmp --cert a.key"),
			 DMP_EXIT_FAILED);
	assert_int_equal(run("policy show s.dmp"), DMP_EXIT_OK);
	assert_output("# signed;");
}

static void test_damaged_files(void **state)
{
	struct dmp_buffer file;

	(void)state;
	assert_int_equal(run("policy compile good.policy -o d.bin"),
			 DMP_EXIT_OK);
	assert_int_equal(run("policy sign d.bin -k a.key -c a.pem -o d.dmp"),
			 DMP_EXIT_OK);
	file = read_scratch("d.dmp");
	/* The serial: still a valid policy, but not the one that was signed. */
	file.bytes[DMP_FILE_HEADER_BYTES + DMP_HEADER_SERIAL]++;
	write_scratch("tampered.dmp", file.bytes, file.length);
	file.bytes[DMP_FILE_HEADER_BYTES + DMP_HEADER_SERIAL]--;
	file.bytes[DMP_FILE_HEADER_BYTES]++;
	write_scratch("broken.dmp", file.bytes, file.length);
	write_scratch("short.dmp", file.bytes, file.length - 1);
	dmp_buffer_free(&file);
	assert_int_equal(run("policy verify tampered.dmp --cert a.pem"),
			 DMP_EXIT_SIGNATURE);
	assert_errors("does not belong to this policy");
	assert_int_equal(run("policy verify broken.dmp --cert a.pem"),
			 DMP_EXIT_POLICY);
	assert_int_equal(run("policy verify short.dmp --cert a.pem"),
			 DMP_EXIT_POLICY);
	assert_errors("short.dmp: the file is truncated");
	assert_int_equal(run("policy show short.dmp"), DMP_EXIT_POLICY);
}

/* Valid for the decoder, but not what its own text compiles to. */
static void test_not_canonical(void **state)
{
	struct dmp_buffer file;

	(void)state;
	assert_int_equal(run("policy compile good.policy -o n.bin"),
			 DMP_EXIT_OK);
	file = read_scratch("n.bin");
	file.bytes[DMP_HEADER_BYTES + DMP_RULE_ID] ^= 1;
	write_scratch("n.bin", file.bytes, file.length);
	dmp_buffer_free(&file);
	assert_int_equal(run("policy sign n.bin -k a.key -c a.pem -o n.dmp"),
			 DMP_EXIT_POLICY);
	assert_errors("n.bin: the policy is valid but not canonical");
	must_run("test ! -e n.dmp");
	assert_int_equal(run("policy show n.bin"), DMP_EXIT_POLICY);
	assert_output("policy p");
	assert_errors("n.bin: the policy is valid but not canonical");
}

static void test_attach(void **state)
{
	(void)state;
	assert_int_equal(run("policy compile good.policy -o t.bin"),
			 DMP_EXIT_OK);
	must_run(SIGN "-in t.bin -signer a.pem -inkey a.key -out t.der");
	assert_int_equal(run("policy sign t.bin --attach t.der -o t.dmp"),
			 DMP_EXIT_OK);
	assert_int_equal(run("policy verify t.dmp --cert a.pem"), DMP_EXIT_OK);
	assert_int_equal(
		run("policy sign t.bin --attach t.der --cert a.pem -o t2.dmp"),
		DMP_EXIT_OK);
	must_run("cmp t.dmp t2.dmp");
	assert_int_equal(
		run("policy sign t.bin --attach t.der --cert b.pem -o t3.dmp"),
		DMP_EXIT_SIGNATURE);
	assert_int_equal(run("policy sign t.bin --attach a.pem -o t3.dmp"),
			 DMP_EXIT_SIGNATURE);
	assert_errors("a.pem: the signature is not a CMS message in DER form");
	assert_int_equal(
		run("policy sign good.policy --attach t.der -o t3.dmp"),
		DMP_EXIT_POLICY);
	must_run("test ! -e t3.dmp");
}

static void test_usage(void **state)
{
	static const char *const wrong[] = {
		"policy",
		"policy frobnicate",
		"policy check",
		"policy check good.policy bad.policy",
		"policy check good.policy -o x",
		"policy check --frobnicate good.policy",
		"policy compile good.policy",
		"policy compile good.policy -o",
		"policy verify s.dmp",
		"policy sign s.bin -o x",
		"policy sign s.bin --key a.key -o x",
		"policy sign s.bin --key a.key --cert a.pem",
		"policy sign s.bin --key a.key --cert a.pem --attach t.der -o x",
		"policy sign s.bin --key a.key --cert a.pem --cert b.pem -o x",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		if (run(wrong[i]) != DMP_EXIT_USAGE)
			fail_msg("not a wrong usage: %s", wrong[i]);
		assert_int_equal(output.length, 0);
		assert_int_not_equal(errors.length, 0);
	}
	must_run("test ! -e x");
	assert_int_equal(run("policy --help"), DMP_EXIT_OK);
	assert_output("Usage: devmemctl [-j] policy SUBCOMMAND");
	assert_int_equal(run("policy sign --help"), DMP_EXIT_OK);
	assert_output("--attach SIG.der");
	assert_int_equal(run("policy --version"), DMP_EXIT_OK);
	assert_output("devmemctl ");
}

static json_t *parse_output(void)
{
	json_t *object =
		json_loadb((char *)output.bytes, output.length, 0, NULL);

	if (!object)
		fail_msg("not JSON: %s", (char *)output.bytes);
	return object;
}

static const char *text_at(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "(no text)";
}

static void test_json_of_check(void **state)
{
	json_t *object, *error;

	(void)state;
	assert_int_equal(run("policy -j check bad.policy"), DMP_EXIT_POLICY);
	object = parse_output();
	assert_true(json_is_false(json_object_get(object, "ok")));
	error = json_array_get(json_object_get(object, "errors"), 0);
	assert_int_equal(json_integer_value(json_object_get(error, "line")), 2);
	assert_int_equal(json_integer_value(json_object_get(error, "column")),
			 8);
	assert_string_equal(text_at(error, "message"),
			    "the serial cannot be 0");
	assert_string_not_equal(text_at(error, "hint"), "(no text)");
	json_decref(object);
	assert_int_equal(run("policy check good.policy --json"), DMP_EXIT_OK);
	object = parse_output();
	assert_true(json_is_true(json_object_get(object, "ok")));
	assert_string_equal(text_at(object, "policy"), "p");
	json_decref(object);
	assert_int_equal(run("policy -j check missing.policy"),
			 DMP_EXIT_FAILED);
	object = parse_output();
	assert_string_equal(text_at(object, "file"), "missing.policy");
	json_decref(object);
}

static void test_json_of_show_and_verify(void **state)
{
	json_t *object, *rule;

	(void)state;
	assert_int_equal(run("policy compile good.policy -o j.bin"),
			 DMP_EXIT_OK);
	assert_int_equal(run("policy -j sign j.bin -k a.key -c a.pem -o j.dmp"),
			 DMP_EXIT_OK);
	json_decref(parse_output());
	assert_int_equal(run("policy -j show j.dmp"), DMP_EXIT_OK);
	object = parse_output();
	rule = json_array_get(json_object_get(object, "rules"), 0);
	assert_string_equal(text_at(rule, "first"), "0x1000");
	assert_string_equal(text_at(rule, "last"), "0x1fff");
	assert_string_equal(text_at(rule, "ops"), "r");
	assert_int_equal(strlen(text_at(rule, "rule")), 8);
	json_decref(object);
	assert_int_equal(run("policy -j verify j.dmp -c a.pem"), DMP_EXIT_OK);
	object = parse_output();
	assert_string_equal(text_at(object, "signer"), "CN = a");
	assert_int_equal(strlen(text_at(object, "digest")), 64);
	json_decref(object);
	assert_int_equal(run("policy -j verify j.dmp -c b.pem"),
			 DMP_EXIT_SIGNATURE);
	object = parse_output();
	assert_string_equal(text_at(object, "error"), "ENOKEY");
	json_decref(object);
}

/* All that a policy and its rules may have, in each kind of answer. */
static void test_conditions(void **state)
{
	static const char text[] =
		"policy c\nserial 1\nmode permissive\n"
		"not-before 2090-01-01T00:00:00Z\nexpires 2099-01-01T00:00:00Z\n"
		"allow r 0x1000+4K uid root gid 5 exe \"/opt/a b\" until 2098-01-01T00:00:00Z\n"
		"allow r 0x2000+4K\n";
	json_t *object, *rule;

	(void)state;
	write_scratch("c.policy", text, sizeof(text) - 1);
	assert_int_equal(run("policy compile c.policy -o c.bin"), DMP_EXIT_OK);
	assert_output(
		"c.policy: policy c, serial 1, 2 rules, default kernel, mode permissive, not before 2090-01-01T00:00:00Z, expires 2099-01-01T00:00:00Z: valid\n");
	assert_int_equal(errors.length, 0);
	assert_int_equal(run("policy show c.bin"), DMP_EXIT_OK);
	assert_output(
		" uid 0 gid 5 exe \"/opt/a b\" until 2098-01-01T00:00:00Z # rule ");
	assert_int_equal(run("policy -j check c.policy"), DMP_EXIT_OK);
	object = parse_output();
	assert_string_equal(text_at(object, "mode"), "permissive");
	assert_string_equal(text_at(object, "not_before"),
			    "2090-01-01T00:00:00Z");
	assert_string_equal(text_at(object, "expires"), "2099-01-01T00:00:00Z");
	json_decref(object);
	assert_int_equal(run("policy -j show c.bin"), DMP_EXIT_OK);
	object = parse_output();
	assert_string_equal(text_at(object, "mode"), "permissive");
	assert_string_equal(text_at(object, "not_before"),
			    "2090-01-01T00:00:00Z");
	assert_string_equal(text_at(object, "expires"), "2099-01-01T00:00:00Z");
	rule = json_array_get(json_object_get(object, "rules"), 0);
	assert_int_equal(json_integer_value(json_object_get(rule, "uid")), 0);
	assert_true(json_is_integer(json_object_get(rule, "uid")));
	assert_int_equal(json_integer_value(json_object_get(rule, "gid")), 5);
	assert_string_equal(text_at(rule, "exe"), "/opt/a b");
	assert_string_equal(text_at(rule, "until"), "2098-01-01T00:00:00Z");
	rule = json_array_get(json_object_get(object, "rules"), 1);
	assert_null(json_object_get(rule, "uid"));
	assert_null(json_object_get(rule, "gid"));
	assert_null(json_object_get(rule, "exe"));
	assert_null(json_object_get(rule, "until"));
	json_decref(object);
}

static void test_json_of_none(void **state)
{
	json_t *object;

	(void)state;
	assert_int_equal(run("policy -j check good.policy"), DMP_EXIT_OK);
	object = parse_output();
	assert_string_equal(text_at(object, "mode"), "enforce");
	assert_true(json_is_null(json_object_get(object, "not_before")));
	assert_true(json_is_null(json_object_get(object, "expires")));
	json_decref(object);
}

/* Valid for the decoder; but its text is not, and no kernel would take it. */
static void test_too_many_conditions(void **state)
{
	struct dmp_policy_rule rules[DMP_MAX_CONDITIONAL + 1] = { 0 };
	struct dmp_policy policy = { .name = "many",
				     .serial = 1,
				     .rule_count = DMP_MAX_CONDITIONAL + 1,
				     .rules = rules };
	struct dmp_message message;
	struct dmp_buffer bytes;
	u32 i;

	(void)state;
	for (i = 0; i < policy.rule_count; i++) {
		rules[i].last = 0xfff;
		rules[i].action = DEVMEM_POLICY_ALLOW;
		rules[i].ops = DEVMEM_POLICY_OP_READ;
		rules[i].conditions = DEVMEM_POLICY_CONDITION_UID;
		rules[i].uid = i;
	}
	assert_int_equal(dmp_compile(&policy, &bytes, &message), 0);
	write_scratch("many.bin", bytes.bytes, bytes.length);
	dmp_buffer_free(&bytes);
	assert_int_equal(
		run("policy sign many.bin --key a.key --cert a.pem -o many.dmp"),
		DMP_EXIT_POLICY);
	assert_errors("many.bin: rule 33 (id ");
	assert_errors(
		"more than 32 rules with conditions name one of its pages");
	must_run("test ! -e many.dmp");
}

static void test_largest_serial(void **state)
{
	static const char text[] =
		"policy p\nserial 18446744073709551615\ndefault deny\n";
	json_t *object;

	(void)state;
	write_scratch("serial.policy", text, sizeof(text) - 1);
	assert_int_equal(run("policy -j check serial.policy"), DMP_EXIT_OK);
	object = parse_output();
	assert_string_equal(text_at(object, "serial"), "18446744073709551615");
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_compile_and_show),
		cmocka_unit_test(test_sign_and_verify),
		cmocka_unit_test(test_damaged_files),
		cmocka_unit_test(test_not_canonical),
		cmocka_unit_test(test_attach),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_json_of_check),
		cmocka_unit_test(test_json_of_show_and_verify),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_json_of_none),
		cmocka_unit_test(test_too_many_conditions),
		cmocka_unit_test(test_largest_serial),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
