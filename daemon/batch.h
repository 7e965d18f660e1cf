/* SPDX-License-Identifier: GPL-2.0-or-later */
/* batch.h - lines on their way to the log, and the record that each one holds */
#ifndef DEVMEM_POLICY_BATCH_H
#define DEVMEM_POLICY_BATCH_H

#include <stddef.h>
#include <stdint.h>

struct dmp_batch_mark {
	uint64_t sequence;
	size_t end; /* offset behind its line */
};

/* Empty when all zero. */
struct dmp_batch {
	char *lines;
	size_t length;
	size_t room;
	struct dmp_batch_mark *marks;
	size_t count;
	size_t mark_room;
};

/* dmp_batch_add() - append a line, given without its end. Return: 0 or -ENOMEM */
int dmp_batch_add(struct dmp_batch *batch, uint64_t sequence, const char *line);

/*
 * dmp_batch_last() - the last record that is whole within the first length
 * bytes; 0: none
 */
uint64_t dmp_batch_last(const struct dmp_batch *batch, size_t length);

/* dmp_batch_clear() - forget the lines, keep the memory */
void dmp_batch_clear(struct dmp_batch *batch);
void dmp_batch_free(struct dmp_batch *batch);

#endif /* DEVMEM_POLICY_BATCH_H */
