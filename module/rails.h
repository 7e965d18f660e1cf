/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rails.h - what no policy can open unless it says so by name
 */
#ifndef DMP_RAILS_H
#define DMP_RAILS_H

#include <linux/types.h>

#include "compat.h"

int dmp_rails_init(void);
bool dmp_rails_kernel_image(u64 first, u64 last);
bool dmp_rails_physical(u64 last);
bool dmp_rails_reserved(u64 pfn);
bool dmp_rails_bare(u64 pfn, u64 *last_pfn);

#endif /* DMP_RAILS_H */
