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
#include "scratch.h"

#define POLICIES_MAX 8

static struct {
	struct dmp_policy_info policies[POLICIES_MAX];
	size_t count;
	unsigned int registrations;
	unsigned int interruptions; /* dumps that will not be consistent */
	const char *refuse; /* the name that is refused */
	bool silent; /* it refuses without an answer */
} kernel;

static struct dmp_floors floors;

const char *dmp_nl_message(const struct dmp_nl *nl)
{
	(void)nl;
	return kernel.silent ? "" : "a sentence";
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

/* What is in memory is in the file. */
static void check_state_file(void)
{
	struct dmp_floors file;

	assert_int_equal(dmp_floors_read(&file, in_scratch("state/serials.json")), 0);
	assert_int_equal(file.count, floors.count);
	for (size_t i = 0; i < file.count; i++)
		assert_memory_equal(&file.list[i], &floors.list[i], sizeof(file.list[i]));
	dmp_floors_free(&file);
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
	/* The floor is there before the policy. */
	assert_int_equal(dmp_floors_find(&floors, view.header.name)->serial, view.header.serial);
	check_state_file();
	if (kernel.refuse && !strcmp(kernel.refuse, view.header.name))
		return kernel.silent ? -ETIMEDOUT : -EKEYREJECTED;
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
	overwrite_scratch(file, whole.bytes, whole.length);
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
	char *aside;

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	dmp_floors_free(&floors);
	snprintf(command, sizeof(command), "rm -rf -- '%s'/*", scratch);
	if (system(command) || mkdir(in_scratch("state"), 0700) ||
	    dmp_floors_create(in_scratch("state/serials.json"), &aside))
		return -1;
	return dmp_floors_read(&floors, in_scratch("state/serials.json"));
}

/* The module is loaded anew: the floors are all that is left. */
static void reboot(void)
{
	memset(&kernel, 0, sizeof(kernel));
	dmp_floors_free(&floors);
	assert_int_equal(dmp_floors_read(&floors, in_scratch("state/serials.json")), 0);
}

static uint64_t floor_of(const char *name)
{
	const struct dmp_floor *floor = dmp_floors_find(&floors, name);

	check_state_file();
	return floor ? floor->serial : 0;
}

static int teardown(void **state)
{
	dmp_floors_free(&floors);
	return scratch_teardown(state);
}

static void load(bool remove, unsigned int registered, unsigned int unchanged,
		 unsigned int refused, unsigned int removed)
{
	struct dmp_policies_result result;

	assert_int_equal(dmp_policies_load(NULL, &floors, scratch, in_scratch("certs"), remove,
					   &result),
			 0);
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
	overwrite_scratch("readme.txt", "x", 1);
	overwrite_scratch(".hidden.dmp", "x", 1);
	overwrite_scratch(".dmp", "x", 1);
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
	/* Not even asked: the floor says so. */
	assert_int_equal(kernel.registrations, 1);
}

static void test_bad_file_changes_nothing(void **state)
{
	(void)state;
	write_policy("a.dmp", POLICY("one", 1));
	write_policy("b.dmp", POLICY("two", 1));
	load(false, 2, 0, 0, 0);
	/* Whose policy it was cannot be told, so nothing is removed at all. */
	overwrite_scratch("a.dmp", "rubbish", 7);
	unlink(in_scratch("b.dmp"));
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
	unlink(in_scratch("a.dmp"));
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
	overwrite_scratch("bad.dmp", "rubbish", 7);
	assert_int_equal(truncate(in_scratch("new.dmp"), 200), 0);
	load(false, 1, 0, 2, 0);
	assert_int_equal(in_kernel("one")->serial, 2);
}

/* With a certificate at hand the signature is checked before the kernel is asked. */
static void test_certificates_are_used(void **state)
{
	char command[400];

	(void)state;
	write_policy("a.dmp", POLICY("one", 1));
	assert_int_equal(mkdir(in_scratch("certs"), 0700), 0);
	load(false, 1, 0, 0, 0);
	write_policy("a.dmp", POLICY("one", 2));
	snprintf(command, sizeof(command),
		 "openssl req -x509 -newkey rsa:3072 -nodes -subj /CN=test -keyout /dev/null -out '%s/certs/c.pem' 2>/dev/null",
		 scratch);
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
	assert_int_equal(dmp_policies_load(NULL, &floors, in_scratch("nothing"), "/nonexistent",
					   true, &result),
			 -ENOENT);
}

/* After a reboot: what was accepted last, or newer. */
static void test_floors_outlive_the_kernel(void **state)
{
	(void)state;
	write_policy("a.dmp", POLICY("one", 5));
	load(false, 1, 0, 0, 0);
	assert_int_equal(floor_of("one"), 5);
	reboot();
	write_policy("a.dmp", POLICY("one", 4));
	load(false, 0, 0, 1, 0);
	write_policy("a.dmp", POLICY("one", 5) "allow r 0x3000-0x3fff\n");
	load(false, 0, 0, 1, 0);
	assert_int_equal(kernel.registrations, 0);
	write_policy("a.dmp", POLICY("one", 5));
	load(false, 1, 0, 0, 0);
	reboot();
	write_policy("a.dmp", POLICY("one", 6));
	load(false, 1, 0, 0, 0);
	assert_int_equal(floor_of("one"), 6);
	assert_int_equal(floor_of("two"), 0);
}

/* What the kernel refuses leaves no floor behind, so that an older file can load. */
static void test_refused_policy_has_no_floor(void **state)
{
	(void)state;
	write_policy("a.dmp", POLICY("one", 5));
	kernel.refuse = "one";
	load(false, 0, 0, 1, 0);
	assert_int_equal(kernel.registrations, 1);
	assert_int_equal(floor_of("one"), 0);
	kernel.refuse = NULL;
	load(false, 1, 0, 0, 0);
	write_policy("a.dmp", POLICY("one", 9));
	kernel.refuse = "one";
	load(false, 0, 0, 1, 0);
	assert_int_equal(floor_of("one"), 5);
	/* The same again, where there is nothing to put back. */
	reboot();
	kernel.refuse = "one";
	write_policy("a.dmp", POLICY("one", 5));
	load(false, 0, 0, 1, 0);
	assert_int_equal(floor_of("one"), 5);
}

/* Nobody knows whether it is in force: the floor has to stay. */
static void test_no_answer_leaves_the_floor(void **state)
{
	(void)state;
	write_policy("a.dmp", POLICY("one", 5));
	kernel.refuse = "one";
	kernel.silent = true;
	load(false, 0, 0, 1, 0);
	assert_int_equal(floor_of("one"), 5);
	reboot();
	load(false, 1, 0, 0, 0);
}

/* Loaded by somebody else, before there was a daemon */
static void test_policies_in_force_raise_floors(void **state)
{
	(void)state;
	kernel.count = 1;
	strcpy(kernel.policies[0].name, "one");
	kernel.policies[0].serial = 7;
	memset(kernel.policies[0].digest, 0x5a, sizeof(kernel.policies[0].digest));
	load(false, 0, 0, 0, 0);
	assert_int_equal(floor_of("one"), 7);
	reboot();
	write_policy("a.dmp", POLICY("one", 6));
	load(false, 0, 0, 1, 0);
}

/* Where the floor cannot be kept, nothing is registered. */
static void test_unwritable_state(void **state)
{
	char command[SCRATCH_PATH_SIZE + 20];

	(void)state;
	write_policy("a.dmp", POLICY("one", 5));
	snprintf(command, sizeof(command), "rm -r '%s'", in_scratch("state"));
	assert_int_equal(system(command), 0);
	load(false, 0, 0, 1, 0);
	assert_int_equal(kernel.registrations, 0);
	assert_null(dmp_floors_find(&floors, "one"));
}

static void test_what_cannot_be_a_policy(void **state)
{
	struct dmp_candidate candidate;

	(void)state;
	assert_int_equal(mkfifo(in_scratch("pipe.dmp"), 0600), 0);
	assert_int_equal(dmp_candidate_read(&candidate, in_scratch("pipe.dmp")), 0);
	assert_false(candidate.valid);
	assert_int_equal(candidate.error, -EINVAL);
	dmp_candidate_free(&candidate);
	assert_int_equal(dmp_candidate_read(&candidate, in_scratch("nothing.dmp")), 0);
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
		cmocka_unit_test_setup(test_floors_outlive_the_kernel, setup),
		cmocka_unit_test_setup(test_refused_policy_has_no_floor, setup),
		cmocka_unit_test_setup(test_no_answer_leaves_the_floor, setup),
		cmocka_unit_test_setup(test_policies_in_force_raise_floors, setup),
		cmocka_unit_test_setup(test_unwritable_state, setup),
		cmocka_unit_test_setup(test_what_cannot_be_a_policy, setup),
	};

	return cmocka_run_group_tests(tests, scratch_setup, teardown);
}
