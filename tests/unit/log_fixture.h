/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log_fixture.h - what a log has, without what the log adds of its own */
#ifndef DEVMEM_POLICY_TESTS_LOG_FIXTURE_H
#define DEVMEM_POLICY_TESTS_LOG_FIXTURE_H

#include "daemon/line.h"
#include "daemon/verify.h"
#include "scratch.h"

#define BOOT_ID "11111111-2222-3333-4444-555555555555"
/* A record as it is given to the log */
#define RECORD_KIND(seq, instance, kind, more)                                 \
	"{\"seq\":" #seq ",\"instance\":\"" instance "\",\"boot_id\":\"" BOOT_ID \
	"\",\"kind\":\"" kind "\"" more "}\n"
#define RECORD(seq) RECORD_KIND(seq, "0000000000000abc", "denial", ",\"pages\":1")

/* The lines that are records, without "prev"; to be freed. */
static inline char *records_of(const char *name)
{
	char *text = scratch_text(name), *records = calloc(1, strlen(text) + 1);
	const char *line, *end;

	assert_non_null(records);
	for (line = text; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		assert_memory_equal(line, DMP_LINE_PREV, strlen(DMP_LINE_PREV));
		line += strlen(DMP_LINE_PREV) + DMP_SHA256_DIGITS + strlen(DMP_LINE_PREV_TAIL);
		if (strncmp(line, "\"kind\":\"checkpoint\"", 19) &&
		    strncmp(line, "\"kind\":\"repaired\"", 17)) {
			strcat(records, "{");
			strncat(records, line, (size_t)(end + 1 - line));
		}
	}
	free(text);
	return records;
}

static inline void records_are(const char *name, const char *wanted)
{
	char *records = records_of(name);

	assert_string_equal(records, wanted);
	free(records);
}

/* Verify files there, NULL behind the last; the result stays valid. */
static inline struct dmp_verify *verify_files(const char *const *names)
{
	static struct dmp_verify verify;
	int fd;

	memset(&verify, 0, sizeof(verify));
	dmp_verify_begin(&verify);
	for (; *names; names++) {
		fd = open(in_scratch(*names), O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(dmp_verify_file(&verify, *names, fd), 0);
		close(fd);
	}
	dmp_verify_end(&verify);
	return &verify;
}

#define VERIFY(...) verify_files((const char *const[]){ __VA_ARGS__, NULL })

#endif /* DEVMEM_POLICY_TESTS_LOG_FIXTURE_H */
