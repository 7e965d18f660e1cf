// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A policy directory against a kernel of this file's own, which takes what looks
 * newer than what it has: which files are registered, left alone, refused, and
 * what is removed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/candidate.h"
#include "daemon/policies.h"
#include "daemon_directory.h"

#define POLICIES_MAX 8

static struct {
	struct dmp_policy_info policies[POLICIES_MAX];
	size_t count;
	unsigned int registrations;
	unsigned int interruptions; /* dumps that will not be consistent */
	const char *refuse; /* the name that is refused */
} kernel;

const char *dmp_nl_message(const struct dmp_nl *nl)
{
	(void)nl;
	return "a sentence";
}

int dmp_nl_policies(struct dmp_nl *nl, dmp_nl_policy_fn *fn, void *arg)
{
	int ret = 0;

	(void)nl;
	for (size_t i = 0; !ret && i < kernel.count; i++)
		ret = fn(&kernel.policies[i], arg);
	if (!kernel.interruptions)
		return ret;
	kernel.interruptions--;
	return -EINTR;
}

static struct dmp_policy_info *in_kernel(const char *name)
{
	for (size_t i = 0; i < kernel.count; i++)
		if (!strcmp(kernel.policies[i].name, name))
			return &kernel.policies[i];
	return NULL;
}

int dmp_nl_register(struct dmp_nl *nl, const void *policy, size_t policy_bytes,
		    const void *signature, size_t signature_bytes)
{
	struct dmp_policy_info *info;
	struct dmp_decode_error error;
	struct dmp_view view;

	(void)nl;
	assert_int_equal(signature_bytes, 3);
	assert_memory_equal(signature, "sig", 3);
	kernel.registrations++;
	assert_int_equal(dmp_decode(policy, policy_bytes, &view, &error), 0);
	if (kernel.refuse && !strcmp(kernel.refuse, view.header.name))
		return -EKEYREJECTED;
	info = in_kernel(view.header.name);
	if (info && info->serial >= view.header.serial)
		return -ESTALE;
	if (!info)
		info = &kernel.policies[kernel.count++];
	assert_true(kernel.count <= POLICIES_MAX);
	strcpy(info->name, view.header.name);
	info->serial = view.header.serial;
	info->present = UINT64_C(1) << DEVMEM_POLICY_POLICY_A_DIGEST;
	return dmp_digest(policy, policy_bytes, info->digest);
}

int dmp_nl_remove(struct dmp_nl *nl, const char *name)
{
	struct dmp_policy_info *info = in_kernel(name);

	(void)nl;
	assert_non_null(info);
	*info = kernel.policies[--kernel.count];
	return 0;
}

/* A signed file with that policy; only this file's kernel likes its signature. */
static void write_policy(const char *file, const char *text)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_buffer bytes, whole;
	struct dmp_message message;
	struct dmp_signed parts;
	struct dmp_policy policy;

	assert_int_equal(dmp_parse(text, strlen(text), &policy, &diagnostics), 0);
	assert_int_equal(dmp_compile(&policy, &bytes, &message), 0);
	parts = (struct dmp_signed){
		.policy = bytes.bytes,
		.policy_bytes = bytes.length,
		.signature = (const u8 *)"sig",
		.signature_bytes = 3,
	};
	assert_int_equal(dmp_signed_encode(&parts, &whole), 0);
	file_write(file, whole.bytes, whole.length);
	dmp_buffer_free(&whole);
	dmp_buffer_free(&bytes);
	dmp_policy_free(&policy);
	dmp_diagnostics_free(&diagnostics);
}

#define POLICY(name, serial) \
	"policy " name "\nserial " #serial "\nallow r 0x1000-0x1fff\n"

static int setup(void **state)
{
	char command[100];

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	snprintf(command, sizeof(command), "rm -rf -- '%s'/*", directory);
	return system(command);
}

static void load(bool remove, unsigned int registered, unsigned int unchanged,
		 unsigned int refused, unsigned int removed)
{
	struct dmp_policies_result result;
	char certificates[sizeof(path)];

	strcpy(certificates, file_path("certs"));
	assert_int_equal(dmp_policies_load(NULL, directory, certificates, remove, &result), 0);
	assert_int_equal(result.registered, registered);
	assert_int_equal(result.unchanged, unchanged);
	assert_int_equal(result.refused, refused);
	assert_int_equal(result.removed, removed);
}

static void test_what_is_new_is_registered(void **state)
{
	(void)state;
	write_policy("a.dmp", POLICY("one", 1));
	write_policy("b.dmp", POLICY("two", 5));
	file_write("readme.txt", "x", 1);
	file_write(".hidden.dmp", "x", 1);
	file_write(".dmp", "x", 1);
	load(false, 2, 0, 0, 0);
	assert_int_equal(in_kernel("two")->serial, 5);
	load(true, 0, 2, 0, 0);
	assert_int_equal(kernel.registrations, 2);
	write_policy("a.dmp", POLICY("one", 2));
	load(true, 1, 1, 0, 0);
	assert_int_equal(in_kernel("one")->serial, 2);
}

/* The same name and serial with other bytes is not what is in force. */
static void test_digest_counts(void **state)
{
	(void)state;
	write_policy("a.dmp", POLICY("one", 1));
	load(false, 1, 0, 0, 0);
	write_policy("a.dmp", POLICY("one", 1) "allow r 0x3000-0x3fff\n");
	load(true, 0, 0, 1, 0);
	assert_int_equal(kernel.registrations, 2);
}

static void test_bad_file_changes_nothing(void **state)
{
	(void)state;
	write_policy("a.dmp", POLICY("one", 1));
	write_policy("b.dmp", POLICY("two", 1));
	load(false, 2, 0, 0, 0);
	/* Whose policy it was cannot be told, so nothing is removed at all. */
	file_write("a.dmp", "rubbish", 7);
	unlink(file_path("b.dmp"));
	load(true, 0, 0, 1, 0);
	assert_int_equal(kernel.count, 2);
	/* Refused, but its name can be read. */
	write_policy("a.dmp", POLICY("one", 2));
	kernel.refuse = "one";
	load(true, 0, 0, 1, 1);
	assert_int_equal(in_kernel("one")->serial, 1);
	assert_null(in_kernel("two"));
}

static void test_vanished_file(void **state)
{
	(void)state;
	write_policy("a.dmp", POLICY("one", 1));
	write_policy("b.dmp", POLICY("two", 1));
	load(false, 2, 0, 0, 0);
	unlink(file_path("a.dmp"));
	/* At the start they are only told: somebody else may have loaded them. */
	load(false, 0, 1, 0, 0);
	assert_int_equal(kernel.count, 2);
	load(true, 0, 1, 0, 1);
	assert_null(in_kernel("one"));
	assert_non_null(in_kernel("two"));
}

static void test_several_files_of_one_policy(void **state)
{
	(void)state;
	write_policy("new.dmp", POLICY("one", 3));
	write_policy("old.dmp", POLICY("one", 2));
	load(false, 1, 0, 0, 0);
	assert_int_equal(in_kernel("one")->serial, 3);
	load(true, 0, 1, 0, 0);
	assert_int_equal(kernel.registrations, 1);
	/* The newest one that is good. */
	setup(NULL);
	write_policy("new.dmp", POLICY("one", 3));
	write_policy("old.dmp", POLICY("one", 2));
	file_write("bad.dmp", "rubbish", 7);
	assert_int_equal(truncate(file_path("new.dmp"), 200), 0);
	load(false, 1, 0, 2, 0);
	assert_int_equal(in_kernel("one")->serial, 2);
}

/* With a certificate at hand the signature is checked before the kernel is asked. */
static void test_certificates_are_used(void **state)
{
	char command[400];

	(void)state;
	write_policy("a.dmp", POLICY("one", 1));
	assert_int_equal(mkdir(file_path("certs"), 0700), 0);
	load(false, 1, 0, 0, 0);
	write_policy("a.dmp", POLICY("one", 2));
	snprintf(command, sizeof(command),
		 "openssl req -x509 -newkey rsa:3072 -nodes -subj /CN=test -keyout /dev/null -out '%s/certs/c.pem' 2>/dev/null",
		 directory);
	assert_int_equal(system(command), 0);
	load(true, 0, 0, 1, 0);
	assert_int_equal(kernel.registrations, 1);
	assert_int_equal(in_kernel("one")->serial, 1);
}

static void test_interrupted_dumps_are_begun_again(void **state)
{
	(void)state;
	write_policy("a.dmp", POLICY("one", 1));
	load(false, 1, 0, 0, 0);
	kernel.interruptions = 3;
	load(true, 0, 1, 0, 0);
	assert_int_equal(kernel.interruptions, 0);
}

static void test_missing_directory(void **state)
{
	struct dmp_policies_result result;

	(void)state;
	assert_int_equal(dmp_policies_load(NULL, file_path("nothing"), "/nonexistent", true,
					   &result),
			 -ENOENT);
}

static void test_what_cannot_be_a_policy(void **state)
{
	struct dmp_candidate candidate;

	(void)state;
	assert_int_equal(mkfifo(file_path("pipe.dmp"), 0600), 0);
	assert_int_equal(dmp_candidate_read(&candidate, file_path("pipe.dmp")), 0);
	assert_false(candidate.valid);
	assert_int_equal(candidate.error, -EINVAL);
	dmp_candidate_free(&candidate);
	assert_int_equal(dmp_candidate_read(&candidate, file_path("nothing.dmp")), 0);
	assert_false(candidate.valid);
	assert_int_equal(candidate.error, -ENOENT);
	dmp_candidate_free(&candidate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_is_new_is_registered, setup),
		cmocka_unit_test_setup(test_digest_counts, setup),
		cmocka_unit_test_setup(test_bad_file_changes_nothing, setup),
		cmocka_unit_test_setup(test_vanished_file, setup),
		cmocka_unit_test_setup(test_several_files_of_one_policy, setup),
		cmocka_unit_test_setup(test_certificates_are_used, setup),
		cmocka_unit_test_setup(test_interrupted_dumps_are_begun_again, setup),
		cmocka_unit_test_setup(test_missing_directory, setup),
		cmocka_unit_test_setup(test_what_cannot_be_a_policy, setup),
	};

	return cmocka_run_group_tests(tests, directory_make, directory_remove);
}
