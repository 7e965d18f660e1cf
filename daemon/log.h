/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - the audit log: JSON Lines, appended to and made durable
 *
 * The file always ends in a whole line: what was written of one that did not
 * fit is taken back. It belongs to one process at a time (flock).
 */
#ifndef DEVMEM_POLICY_LOG_H
#define DEVMEM_POLICY_LOG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct dmp_log;

/*
 * dmp_log_open() - open or create a regular file; it is not changed yet
 *
 * Return: 0; -ENOMEM; -EINVAL when it is something else than a regular file;
 * or what open(2) said: -ENOENT when there is no such directory, -ELOOP when
 * the file is a symbolic link.
 */
int dmp_log_open(const char *path, struct dmp_log **log);

/* What dmp_log_recover() found. */
struct dmp_log_tail {
	uint64_t last; /* sequence of the last record of this instance; 0: none */
	off_t torn_bytes; /* of an unfinished last line, which was removed */
};

/*
 * dmp_log_recover() - take possession, and find out where to go on
 *
 * Return: 0; -EBUSY when another process has the log; or -errno.
 */
int dmp_log_recover(struct dmp_log *log, uint64_t instance, const char *boot_id,
		    struct dmp_log_tail *tail);

/*
 * dmp_log_append() - append whole lines and wait until they are on the disk
 * @kept: bytes of lines, from the first, that are; they end with a line
 *
 * Return: 0 with all of them kept, or -errno with fewer (maybe none) kept.
 */
int dmp_log_append(struct dmp_log *log, const char *lines, size_t length, size_t *kept);

/*
 * dmp_log_reopen() - begin a new file where the old one was renamed
 *
 * Return: 0, or -errno, in which case the old file stays in use.
 */
int dmp_log_reopen(struct dmp_log *log);

void dmp_log_close(struct dmp_log *log);

#endif /* DEVMEM_POLICY_LOG_H */
