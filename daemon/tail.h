/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tail.h - where the log of a file stands, from its end */
#ifndef DEVMEM_POLICY_TAIL_H
#define DEVMEM_POLICY_TAIL_H

#include <sys/types.h>

#include "chain.h"

struct dmp_tail {
	struct dmp_chain chain; /* behind the last whole line */
	off_t end; /* of the last whole line */
	off_t torn_bytes; /* what follows: a line that was not finished */
	uint8_t torn[DMP_SHA256_BYTES];
};

/*
 * dmp_tail_read() - find the end of a log
 *
 * Reads back to a checkpoint only, so it takes the same time for any file.
 *
 * Return: 0 or -errno.
 */
int dmp_tail_read(int fd, struct dmp_tail *tail);

#endif /* DEVMEM_POLICY_TAIL_H */
