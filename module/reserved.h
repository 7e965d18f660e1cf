/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reserved.h - pages that were granted to a mapping while they were reserved
 */
#ifndef DMP_RESERVED_H
#define DMP_RESERVED_H

#include <linux/bits.h>
#include <linux/types.h>

#define DMP_CHUNK_SHIFT 15
#define DMP_CHUNK_PAGES BIT(DMP_CHUNK_SHIFT)

/* dmp_reserved_same() - what was prepared for a page, is it for this one too? */
static inline bool dmp_reserved_same(u64 prepared_pfn, u64 pfn)
{
	return prepared_pfn >> DMP_CHUNK_SHIFT == pfn >> DMP_CHUNK_SHIFT;
}

int dmp_reserved_prepare(u64 first_pfn, u64 last_pfn);
bool dmp_reserved_note(u64 pfn);
bool dmp_reserved_check(void (*lost)(u64 first_pfn, u64 pages));
void dmp_reserved_forget(u64 first_pfn, u64 last_pfn);
void dmp_reserved_exit(void);

#endif /* DMP_RESERVED_H */
