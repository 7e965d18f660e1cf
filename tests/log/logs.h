/* SPDX-License-Identifier: GPL-2.0-or-later */
/* logs.h - logs as the daemon writes them, and what may be done to them */
#ifndef DEVMEM_POLICY_TESTS_LOGS_H
#define DEVMEM_POLICY_TESTS_LOGS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/line.h"

#define FILES_MAX 16

struct file {
	char *bytes;
	size_t length;
};

/* Files, oldest first. */
struct log_files {
	size_t count;
	struct file files[FILES_MAX];
	uint8_t head[DMP_SHA256_BYTES]; /* hash of the last line, when it was made */
	size_t cut_off; /* instances of which the end is not in it, when it was made */
};

/* The same numbers for the same seed, on every machine */
struct random {
	uint64_t state;
};

uint64_t random_next(struct random *random);
/* From 0 to limit - 1 */
size_t random_below(struct random *random, size_t limit);

/* Ends the program when it fails. */
void *must_have(void *memory);

/* make_log() - through the daemon's own functions, in an empty directory */
void make_log(struct random *random, const char *directory, struct log_files *files);

void copy_log(const struct log_files *from, struct log_files *to);
void free_log(struct log_files *files);

/* Names of the ways to change a log; NULL ends them. */
extern const char *const change_names[];

/*
 * change_log() - change a log in one of these ways
 * @other: another log, to take lines and files from
 *
 * It may come out the same.
 */
void change_log(struct random *random, size_t way, struct log_files *files,
		const struct log_files *other);

#endif /* DEVMEM_POLICY_TESTS_LOGS_H */
