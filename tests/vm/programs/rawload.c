// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rawload FILE.dmp [HOW] - register a policy by netlink, without devmemctl's and
 * devmemd's own checks, spoilt in one way:
 *
 *   plain        as it is
 *   unsigned     COMMIT with an empty signature
 *   garbage      COMMIT with bytes that are no signature
 *   tampered     one bit of a rule changed; still a valid policy
 *   truncated    COMMIT before all bytes were sent
 *   extra        more bytes than announced
 *   uncommitted  everything but COMMIT, then the socket is closed
 *   commit-only  COMMIT without BEGIN
 *
 * Prints "ok", or the errno's name and the kernel's sentence.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/netlink.h"
#include "policy/policy.h"

static int send_policy(struct dmp_nl *nl, const u8 *policy, size_t bytes)
{
	int ret = dmp_nl_begin(nl, policy, DMP_HEADER_BYTES);

	if (ret)
		return ret;
	return dmp_nl_add(nl, policy + DMP_HEADER_BYTES, bytes - DMP_HEADER_BYTES);
}

/* The first rule's last page is one further. */
static void tamper(u8 *policy)
{
	policy[DMP_HEADER_BYTES + DMP_RULE_LAST + 1] ^= 0x10;
}

static int spoilt(struct dmp_nl *nl, const struct dmp_signed *file, const char *how)
{
	static const u8 garbage[64] = { 0x30, 0x3e, 0xff };
	int ret;

	if (!strcmp(how, "commit-only"))
		return dmp_nl_commit(nl, file->signature, file->signature_bytes);
	ret = send_policy(nl, file->policy, file->policy_bytes -
			  (strcmp(how, "truncated") ? 0 : 8));
	if (ret || !strcmp(how, "uncommitted"))
		return ret;
	if (!strcmp(how, "extra"))
		return dmp_nl_add(nl, garbage, sizeof(garbage));
	if (!strcmp(how, "unsigned"))
		return dmp_nl_commit(nl, "", 0);
	if (!strcmp(how, "garbage"))
		return dmp_nl_commit(nl, garbage, sizeof(garbage));
	return dmp_nl_commit(nl, file->signature, file->signature_bytes);
}

static int run(const char *path, const char *how)
{
	struct dmp_message message;
	struct dmp_buffer bytes;
	struct dmp_signed file;
	struct dmp_nl *nl;
	int ret;

	if (dmp_file_read(path, DMP_MAX_FILE_BYTES, &bytes, &message) ||
	    dmp_signed_decode(bytes.bytes, bytes.length, &file, &message)) {
		printf("%s: %s\n", path, message.text);
		return 2;
	}
	if (!strcmp(how, "tampered"))
		tamper(bytes.bytes + (file.policy - bytes.bytes));
	ret = dmp_nl_open(&nl);
	if (ret) {
		printf("open: %s\n", strerrorname_np(-ret));
		return 2;
	}
	ret = spoilt(nl, &file, how);
	if (ret)
		printf("%s: %s\n", strerrorname_np(-ret), dmp_nl_message(nl));
	else
		puts("ok");
	dmp_nl_close(nl);
	dmp_buffer_free(&bytes);
	return ret ? 1 : 0;
}

int main(int argc, char **argv)
{
	if (argc < 2 || argc > 3)
		return 2;
	return run(argv[1], argc > 2 ? argv[2] : "plain");
}
