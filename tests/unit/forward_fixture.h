/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forward_fixture.h - a log that grows, is renamed, cut off and removed meanwhile */
#ifndef DEVMEM_POLICY_TESTS_FORWARD_FIXTURE_H
#define DEVMEM_POLICY_TESTS_FORWARD_FIXTURE_H

#include "daemon/log.h"
#include "log_fixture.h"

static struct dmp_log *audit_log;
static char audit_path[SCRATCH_PATH_SIZE];
static uint64_t written; /* records */

static inline void open_log(void)
{
	struct dmp_log_tail tail;

	assert_int_equal(dmp_log_open(audit_path, &audit_log), 0);
	assert_int_equal(dmp_log_recover(audit_log, 0xabc, BOOT_ID, &tail), 0);
	dmp_log_limit(audit_log, 0, 9);
}

static inline void close_log(void)
{
	dmp_log_close(audit_log);
	audit_log = NULL;
}

/* In an empty directory of its own, with a log that is empty. */
static inline int log_setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	snprintf(audit_path, sizeof(audit_path), "%s/audit", scratch);
	written = 0;
	open_log();
	return 0;
}

static inline int log_teardown(void **state)
{
	close_log();
	return scratch_teardown(state);
}

static inline void append(unsigned int count)
{
	char *records = calloc(count, 256);
	size_t length = 0, kept;

	assert_non_null(records);
	for (; count; count--) {
		written++;
		length += (size_t)sprintf(
			records + length,
			"{\"seq\":%u,\"instance\":\"0000000000000abc\",\"boot_id\":\"" BOOT_ID
			"\",\"kind\":\"%s\",\"pages\":1}\n",
			(unsigned int)written, written == 1 ? "module-loaded" : "denial");
	}
	assert_int_equal(dmp_log_append(audit_log, records, length, NULL, &kept), 0);
	assert_int_equal(kept, length);
	free(records);
}

static inline void rotate(void)
{
	assert_int_equal(dmp_log_rotate(audit_log, NULL), 0);
}

#endif /* DEVMEM_POLICY_TESTS_FORWARD_FIXTURE_H */
