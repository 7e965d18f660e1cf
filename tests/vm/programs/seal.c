// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * seal BINARY KEY CERT FILE.dmp - sign bytes without looking at them
 *
 * What devmemctl would refuse to sign is how the kernel's own checks are reached
 * behind a signature that is good.
 */
#include <stdio.h>

#include "policy/policy.h"

static int seal(const struct dmp_buffer *binary, char **argv, struct dmp_message *message)
{
	struct dmp_buffer signature, file;
	struct dmp_signed parts = { .policy = binary->bytes, .policy_bytes = binary->length };
	int ret;

	ret = dmp_sign(binary->bytes, binary->length, argv[2], argv[3], &signature, message);
	if (ret)
		return ret;
	parts.signature = signature.bytes;
	parts.signature_bytes = signature.length;
	ret = dmp_signed_encode(&parts, &file);
	dmp_buffer_free(&signature);
	if (ret)
		return ret;
	ret = dmp_file_write(argv[4], file.bytes, file.length, message);
	dmp_buffer_free(&file);
	return ret;
}

int main(int argc, char **argv)
{
	struct dmp_message message = { "" };
	struct dmp_buffer binary;
	int ret;

	if (argc != 5)
		return 2;
	ret = dmp_file_read(argv[1], DMP_MAX_POLICY_BYTES, &binary, &message);
	if (!ret) {
		ret = seal(&binary, argv, &message);
		dmp_buffer_free(&binary);
	}
	if (ret)
		printf("seal: %s\n", message.text);
	return ret ? 1 : 0;
}
