/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reserved.h - pages that were granted to a mapping while they were reserved
 */
#ifndef DMP_RESERVED_H
#define DMP_RESERVED_H

#include <linux/types.h>

int dmp_reserved_prepare(u64 first_pfn, u64 last_pfn);
bool dmp_reserved_note(u64 pfn);
bool dmp_reserved_check(void (*lost)(u64 first_pfn, u64 pages));
void dmp_reserved_forget(u64 first_pfn, u64 last_pfn);
void dmp_reserved_exit(void);

#endif /* DMP_RESERVED_H */
