// SPDX-License-Identifier: GPL-2.0-or-later
/* test_policy_file.c - reading, replacing and wrapping files */
#include "policy_fixture.h"
#include "scratch.h"

#include <fcntl.h>

#include "policy/store.h"

static int setup(void **state)
{
	(void)state;
	return scratch_make();
}

static int teardown(void **state)
{
	(void)state;
	return scratch_remove();
}

static struct dmp_buffer wrap(const char *policy, size_t policy_bytes,
			      const char *signature, size_t signature_bytes)
{
	struct dmp_signed parts = { (const u8 *)policy, policy_bytes,
				    (const u8 *)signature, signature_bytes };
	struct dmp_buffer file;

	assert_int_equal(dmp_signed_encode(&parts, &file), 0);
	return file;
}

static void test_wrapper(void **state)
{
	static const u8 expected[] = "DMPSIGN1\x06\0\0\0\x03\0\0\0policysig";
	struct dmp_buffer file = wrap("policy", 6, "sig", 3);
	struct dmp_message message;
	struct dmp_signed parts;

	(void)state;
	assert_int_equal(file.length, sizeof(expected) - 1);
	assert_memory_equal(file.bytes, expected, file.length);
	assert_true(dmp_is_signed(file.bytes, file.length));
	assert_int_equal(dmp_signed_decode(file.bytes, file.length, &parts,
					   &message),
			 0);
	assert_int_equal(parts.policy_bytes, 6);
	assert_memory_equal(parts.policy, "policy", 6);
	assert_int_equal(parts.signature_bytes, 3);
	assert_memory_equal(parts.signature, "sig", 3);
	dmp_buffer_free(&file);
}

static void refuse(const struct dmp_buffer *file, size_t length, int ret,
		   const char *text)
{
	struct dmp_message message;
	struct dmp_signed parts;
	u8 *copy = malloc(length ? length : 1);

	memcpy(copy, file->bytes,
	       length < file->length ? length : file->length);
	assert_int_equal(dmp_signed_decode(copy, length, &parts, &message),
			 ret);
	assert_string_equal(message.text, text);
	free(copy);
}

static void test_bad_wrappers(void **state)
{
	struct dmp_buffer file = wrap("policy", 6, "sig", 3);
	char text[80];
	size_t length;

	(void)state;
	for (length = 0; length < DMP_FILE_HEADER_BYTES; length++)
		refuse(&file, length, -EINVAL,
		       "this is not a signed policy file");
	for (; length < file.length; length++) {
		snprintf(text, sizeof(text),
			 "the file is truncated: %zu of 25 bytes are there",
			 length);
		refuse(&file, length, -EINVAL, text);
	}
	refuse(&file, file.length + 2, -EINVAL,
	       "2 bytes follow the end of the signed policy");
	dmp_store32(file.bytes + DMP_FILE_POLICY_BYTES,
		    DMP_MAX_POLICY_BYTES + 1);
	refuse(&file, file.length, -EINVAL,
	       "the policy in the file is larger than 16 MiB");
	dmp_store32(file.bytes + DMP_FILE_POLICY_BYTES, 6);
	dmp_store32(file.bytes + DMP_FILE_SIGNATURE_BYTES, 0xffffffff);
	refuse(&file, file.length, -EINVAL,
	       "the signature in the file is larger than 16 KiB");
	file.bytes[7] = '2';
	refuse(&file, file.length, -EINVAL, "this is not a signed policy file");
	dmp_buffer_free(&file);
}

static void test_unsigned_wrapper(void **state)
{
	struct dmp_buffer file = wrap("policy", 6, "", 0);

	(void)state;
	refuse(&file, file.length, -ENODATA, "the file has no signature");
	dmp_buffer_free(&file);
}

static void test_wrapper_limits(void **state)
{
	struct dmp_signed parts = { NULL, 0, NULL,
				    DMP_MAX_SIGNATURE_BYTES + 1 };
	struct dmp_buffer file;

	(void)state;
	assert_int_equal(dmp_signed_encode(&parts, &file), -E2BIG);
	parts.signature_bytes = 0;
	parts.policy_bytes = DMP_MAX_POLICY_BYTES + 1;
	assert_int_equal(dmp_signed_encode(&parts, &file), -E2BIG);
}

static void test_read_limit(void **state)
{
	struct dmp_message message;
	struct dmp_buffer file;
	static u8 bytes[200000];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	write_scratch("large", bytes, sizeof(bytes));
	assert_int_equal(dmp_file_read(in_scratch("large"), sizeof(bytes),
				       &file, &message),
			 0);
	assert_int_equal(file.length, sizeof(bytes));
	assert_memory_equal(file.bytes, bytes, sizeof(bytes));
	assert_int_equal(file.bytes[file.length], 0);
	dmp_buffer_free(&file);
	assert_int_equal(dmp_file_read(in_scratch("large"), sizeof(bytes) - 1,
				       &file, &message),
			 -EFBIG);
	assert_string_equal(message.text,
			    "the file is larger than 199999 bytes");
	assert_null(file.bytes);
}

static void test_read_failures(void **state)
{
	struct dmp_message message;
	struct dmp_buffer file;

	(void)state;
	assert_int_equal(dmp_file_read(in_scratch("missing"), 10, &file,
				       &message),
			 -ENOENT);
	assert_string_equal(message.text,
			    "cannot open the file: No such file or directory");
	assert_int_equal(dmp_file_read(scratch, 10, &file, &message), -EISDIR);
	assert_string_equal(message.text,
			    "cannot read the file: Is a directory");
}

static void test_empty_file(void **state)
{
	struct dmp_buffer file;

	(void)state;
	write_scratch("empty", "", 0);
	file = read_scratch("empty");
	assert_int_equal(file.length, 0);
	assert_non_null(file.bytes);
	dmp_buffer_free(&file);
}

/* Who has the old file open goes on reading the old bytes. */
static void test_replacing_is_atomic(void **state)
{
	struct stat status;
	char bytes[4] = "";
	mode_t mask = umask(027);
	int fd;

	(void)state;
	write_scratch("file", "old", 3);
	fd = open(in_scratch("file"), O_RDONLY);
	write_scratch("file", "new", 3);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 3);
	assert_memory_equal(bytes, "old", 3);
	close(fd);
	assert_int_equal(stat(in_scratch("file"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	umask(mask);
	must_run(
		"test \"$(cat file)\" = new && test \"$(ls -A | grep -c file)\" = 1");
}

static void test_write_failures_leave_nothing(void **state)
{
	struct dmp_message message;

	(void)state;
	assert_int_equal(dmp_file_write(in_scratch("no/file"), "x", 1,
					&message),
			 -ENOENT);
	assert_string_equal(message.text,
			    "cannot write the file: No such file or directory");
	must_run("mkdir full.d");
	assert_int_equal(dmp_file_write(in_scratch("full.d"), "x", 1, &message),
			 -EISDIR);
	assert_int_equal(dmp_file_write("/dev/full", "x", 1, &message),
			 -ENOSPC);
	must_run("test -z \"$(ls -A | grep tmp)\"");
}

static void test_device_stays_a_device(void **state)
{
	struct dmp_message message;
	struct stat status;

	(void)state;
	assert_int_equal(dmp_file_write("/dev/null", "x", 1, &message), 0);
	assert_int_equal(stat("/dev/null", &status), 0);
	assert_true(S_ISCHR(status.st_mode));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrapper),
		cmocka_unit_test(test_bad_wrappers),
		cmocka_unit_test(test_unsigned_wrapper),
		cmocka_unit_test(test_wrapper_limits),
		cmocka_unit_test(test_read_limit),
		cmocka_unit_test(test_read_failures),
		cmocka_unit_test(test_empty_file),
		cmocka_unit_test(test_replacing_is_atomic),
		cmocka_unit_test(test_write_failures_leave_nothing),
		cmocka_unit_test(test_device_stays_a_device),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
