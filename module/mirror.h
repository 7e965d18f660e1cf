/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mirror.h - records in the kernel's own audit log
 */
#ifndef DMP_MIRROR_H
#define DMP_MIRROR_H

#include "ring.h"

void dmp_mirror(const struct dmp_told_record *told);

#endif /* DMP_MIRROR_H */
