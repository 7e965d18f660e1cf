/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pending.h - records of several calls, while they are being added up
 */
#ifndef DMP_PENDING_H
#define DMP_PENDING_H

#include "ring.h"

/* What the ring keeps of a record that has no number yet. */
struct dmp_pending {
	struct dmp_record record; /* calls 0: free */
	struct file *exe; /* with a reference; may be NULL */
};

int dmp_pending_init(void);
void dmp_pending_exit(void);

/* Under the lock of the ring, but for the last; any context. */
bool dmp_pending_join(const struct dmp_record *record, const struct file *exe);
bool dmp_pending_open(const struct dmp_record *record, struct file *exe);
bool dmp_pending_take(unsigned int *next, struct dmp_pending *taken);
u32 dmp_pending_number(void);

#endif /* DMP_PENDING_H */
