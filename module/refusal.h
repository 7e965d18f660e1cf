/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * refusal.h - policies that were not accepted
 */
#ifndef DMP_REFUSAL_H
#define DMP_REFUSAL_H

#include <policy/decode.h>

void dmp_refuse_policy(const struct dmp_header *header, const u8 *digest, int error);
u64 dmp_refusals(void);

#endif /* DMP_REFUSAL_H */
