/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * revoke.h - taking granted mappings back while they are in use
 */
#ifndef DMP_REVOKE_H
#define DMP_REVOKE_H

#include "compat.h"

struct dmp_active;

bool dmp_revoke_watch(const struct dmp_area *area);
void dmp_revoke_barrier(void);
void dmp_revoke_lost(const struct dmp_active *old, const struct dmp_active *new,
		     enum devmem_policy_reason reason);
bool dmp_revoke_reservations(void);
u64 dmp_revoke_pages(void);

#endif /* DMP_REVOKE_H */
