/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * position.h - how far a log was forwarded, in a file
 *
 * Two lines: which format it is, and what there is to know, as a line of a log is
 * written. The file is replaced as a whole.
 */
#ifndef DEVMEM_POLICY_POSITION_H
#define DEVMEM_POLICY_POSITION_H

#include "place.h"

struct dmp_position {
	struct dmp_place place;
	/* Counted since the file was made. */
	uint64_t forwarded; /* lines, those included that were sent again */
	uint64_t connections; /* attempts to connect after the first */
	uint64_t truncated; /* messages */
	uint64_t lost; /* records that were missing */
	uint64_t breaks; /* of the chain */
};

/*
 * dmp_position_read() - all of it is zero when this fails
 *
 * Return: 0; -ENOENT; -EBADMSG when it is damaged; -EINVAL when it is another kind
 * of file; or -errno.
 */
int dmp_position_read(const char *path, struct dmp_position *position);

/* dmp_position_write() - replace it, and wait until it is on the disk */
int dmp_position_write(const char *path, const struct dmp_position *position);

#endif /* DEVMEM_POLICY_POSITION_H */
