/* SPDX-License-Identifier: GPL-2.0-or-later */
/* place.h - a place in the log: behind which line something stands */
#ifndef DEVMEM_POLICY_PLACE_H
#define DEVMEM_POLICY_PLACE_H

#include "ledger.h"

/* All zero: nowhere yet. */
struct dmp_place {
	uint64_t device; /* of the file, and its inode */
	uint64_t inode;
	uint64_t offset; /* of the byte behind the line's end */
	uint64_t bytes; /* of the line, with its end */
	bool known; /* there was a line; what follows is about it */
	uint8_t hash[DMP_SHA256_BYTES]; /* of the line */
	char instance[DMP_INSTANCE_BYTES]; /* of the last line that says so; or "" */
	uint64_t last; /* sequence of the last record of that instance, so far */
};

/*
 * dmp_line_stand() - of which instance is a line, and up to which record?
 *
 * That is its own number, in a checkpoint the last one before it.
 *
 * Return: 0; -ENOENT when the line does not say.
 */
int dmp_line_stand(const struct dmp_line *line, char instance[DMP_INSTANCE_BYTES],
		   uint64_t *last);

/* dmp_place_pass() - go behind a line; NULL: it cannot be taken apart */
void dmp_place_pass(struct dmp_place *place, const struct dmp_line *line,
		    const uint8_t hash[DMP_SHA256_BYTES], uint64_t bytes);

#endif /* DEVMEM_POLICY_PLACE_H */
