// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rawload FILE.dmp [HOW] - register a policy by netlink, without devmemctl's and
 * devmemd's own checks, spoilt in one way:
 *
 *   plain        as it is
 *   timed        as it is; says how many nanoseconds all before COMMIT took
 *   unsigned     COMMIT with an empty signature
 *   garbage      COMMIT with bytes that are no signature
 *   tampered     one bit of a rule changed; still a valid policy
 *   truncated    COMMIT before all bytes were sent
 *   extra        more bytes than announced
 *   uncommitted  everything but COMMIT, then the socket is closed
 *   half         likewise, and some bytes are missing
 *   aborted      everything but COMMIT, then ABORT
 *   waiting      everything but COMMIT; says "ok", and waits until it is killed
 *   twice        BEGIN a second time
 *   malformed    BEGIN with a header that is none
 *   unknown      BEGIN with a header that needs an unknown feature
 *   nameless     BEGIN with a header without a name
 *   large        BEGIN with a header that announces too many rules
 *   commit-only  COMMIT without BEGIN
 *
 * Prints "ok", or the errno's name and the kernel's sentence.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/netlink.h"
#include "policy/policy.h"

/* BEGIN with a header that is spoilt. */
static int begin_spoilt(struct dmp_nl *nl, const u8 *policy, const char *how)
{
	u8 header[DMP_HEADER_BYTES];

	memcpy(header, policy, sizeof(header));
	if (!strcmp(how, "malformed"))
		header[DMP_HEADER_MAGIC] ^= 1;
	else if (!strcmp(how, "unknown"))
		header[DMP_HEADER_FEATURES + 7] = 0x80;
	else if (!strcmp(how, "nameless"))
		header[DMP_HEADER_NAME] = 0;
	else if (!strcmp(how, "large"))
		memset(header + DMP_HEADER_RULE_COUNT, 0xff, 4);
	else
		return 0;
	return dmp_nl_begin(nl, header, sizeof(header));
}

static int send_policy(struct dmp_nl *nl, const u8 *policy, size_t bytes)
{
	int ret = dmp_nl_begin(nl, policy, DMP_HEADER_BYTES);

	if (ret)
		return ret;
	return dmp_nl_add(nl, policy + DMP_HEADER_BYTES, bytes - DMP_HEADER_BYTES);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int timed(struct dmp_nl *nl, const struct dmp_signed *file)
{
	uint64_t begin = now_ns(), sent;
	int ret = send_policy(nl, file->policy, file->policy_bytes);

	sent = now_ns();
	if (!ret)
		ret = dmp_nl_commit(nl, file->signature, file->signature_bytes);
	if (!ret)
		printf("%" PRIu64 "\n", sent - begin);
	return ret;
}

/* The first rule's last page is one further. */
static void tamper(u8 *policy)
{
	policy[DMP_HEADER_BYTES + DMP_RULE_LAST + 1] ^= 0x10;
}

static void wait_for_death(void)
{
	puts("ok");
	fflush(stdout);
	while (1)
		pause();
}

/* All of it is there, or nearly. */
static int unfinished(struct dmp_nl *nl, const struct dmp_signed *file, const char *how)
{
	if (!strcmp(how, "waiting"))
		wait_for_death();
	if (!strcmp(how, "aborted"))
		return dmp_nl_abort(nl);
	if (!strcmp(how, "twice"))
		return dmp_nl_begin(nl, file->policy, DMP_HEADER_BYTES);
	return 0;
}

static bool is_one_of(const char *how, const char *const *hows)
{
	for (; *hows; hows++)
		if (!strcmp(how, *hows))
			return true;
	return false;
}

static int spoilt(struct dmp_nl *nl, const struct dmp_signed *file, const char *how)
{
	static const char *const begins[] = { "malformed", "unknown", "nameless", "large", NULL };
	static const char *const uncommitted[] = { "uncommitted", "half", "waiting", "aborted",
						   "twice", NULL };
	static const u8 garbage[64] = { 0x30, 0x3e, 0xff };
	bool less = !strcmp(how, "truncated") || !strcmp(how, "half");
	int ret;

	if (!strcmp(how, "timed"))
		return timed(nl, file);
	if (is_one_of(how, begins))
		return begin_spoilt(nl, file->policy, how);
	if (!strcmp(how, "commit-only"))
		return dmp_nl_commit(nl, file->signature, file->signature_bytes);
	ret = send_policy(nl, file->policy, file->policy_bytes - (less ? 8 : 0));
	if (ret)
		return ret;
	if (is_one_of(how, uncommitted))
		return unfinished(nl, file, how);
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
	else if (strcmp(how, "timed"))
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
