/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - the audit log: chained JSON Lines, appended to and made durable
 *
 * The file always ends in a whole line: what was written of one that did not
 * fit is taken back. It belongs to one process at a time (flock).
 * devmem-policy-log(5) says what is in it.
 */
#ifndef DEVMEM_POLICY_LOG_H
#define DEVMEM_POLICY_LOG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "checkpoint.h"

/* Checkpoints under load: at the latest after so many records, or so long. */
#define DMP_CHECKPOINT_RECORDS 1000
#define DMP_CHECKPOINT_MS 1000

struct dmp_log;

/*
 * dmp_log_open() - open or create a regular file; it is not changed yet
 *
 * Return: 0; -ENOMEM; -EINVAL when it is something else than a regular file;
 * or what open(2) said: -ENOENT when there is no such directory, -ELOOP when
 * the file is a symbolic link.
 */
int dmp_log_open(const char *path, struct dmp_log **log);

/*
 * dmp_log_limit() - when dmp_log_is_full(), and how many files to keep
 * @max_bytes: 0: never
 * @keep: full files, FILE.1 (the newest) to FILE.keep; at least 1
 */
void dmp_log_limit(struct dmp_log *log, uint64_t max_bytes, unsigned int keep);

/* What dmp_log_recover() found. */
struct dmp_log_tail {
	uint64_t last; /* sequence of the last record of this instance; 0: none */
	off_t torn_bytes; /* of an unfinished last line, here or at the end of FILE.1 */
};

/*
 * dmp_log_recover() - take possession, and find out where to go on
 *
 * What is appended next takes the place of an unfinished line, and begins with a
 * checkpoint "start", and a line "repaired" then. A file without a line goes on where
 * FILE.1 ends.
 *
 * Return: 0; -EBUSY when another process has the log; or -errno.
 */
int dmp_log_recover(struct dmp_log *log, uint64_t instance, const char *boot_id,
		    struct dmp_log_tail *tail);

/* dmp_log_is_due() - is it time for a checkpoint, with so many records more? */
bool dmp_log_is_due(const struct dmp_log *log, uint64_t records);

/* dmp_log_is_open() - are there records behind the last checkpoint? */
bool dmp_log_is_open(const struct dmp_log *log);

/*
 * dmp_log_append() - append records and wait until they are on the disk, in a file
 * that has a name
 * @records: lines of JSON objects; the log ties them to its chain
 * @kernel: what the module said after it had given these records, for the
 *	checkpoints that are due; or NULL, and there will be none
 * @kept: bytes of records, from the first, that are on the disk; they end with
 *	a line
 *
 * Return: 0 with all of them kept, or -errno with fewer (maybe none) kept; -ESTALE
 * when the file was deleted, cut or appended to meanwhile.
 */
int dmp_log_append(struct dmp_log *log, const char *records, size_t length,
		   const struct dmp_kernel *kernel, size_t *kept);

/*
 * dmp_log_checkpoint() - append a checkpoint and wait until it is on the disk
 * @settled: no call is under way
 */
int dmp_log_checkpoint(struct dmp_log *log, const char *cause,
		       const struct dmp_kernel *kernel, bool settled);

/* dmp_log_head() - the hash of the last line, 64 hex digits */
struct dmp_log_head {
	char digits[DMP_SHA256_DIGITS + 1];
	uint64_t last; /* sequence of the last record before it */
};

struct dmp_log_head dmp_log_head(const struct dmp_log *log);

/* dmp_log_is_deleted() - has the file no name any more? */
bool dmp_log_is_deleted(const struct dmp_log *log);

/* dmp_log_is_replaced() - is there another file of its name? */
bool dmp_log_is_replaced(const struct dmp_log *log);

/*
 * dmp_log_was_changed() - has somebody else cut the file, or written to it?
 * @from, @to: get its sizes before and after, in bytes
 *
 * Found out when something is appended. Return: true once.
 */
bool dmp_log_was_changed(struct dmp_log *log, uint64_t *from, uint64_t *to);

/*
 * dmp_log_reopen() - begin a new file where the old one was renamed
 * @kernel: for the checkpoints at the end of the old file and at the beginning
 *	of the new one
 *
 * Return: 0, also when the file has its name still; or -errno, in which case the
 * old file stays in use.
 */
int dmp_log_reopen(struct dmp_log *log, const struct dmp_kernel *kernel);

/* dmp_log_is_full() - has the file reached its limit? */
bool dmp_log_is_full(const struct dmp_log *log);

/*
 * dmp_log_rotate() - rename the files, oldest first, and begin a new one
 *
 * That one is there before anything is renamed, as FILE.new, so that nothing changes
 * when there is no room for it. Else as dmp_log_reopen().
 */
int dmp_log_rotate(struct dmp_log *log, const struct dmp_kernel *kernel);

void dmp_log_close(struct dmp_log *log);

#endif /* DEVMEM_POLICY_LOG_H */
