/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mode.h - enforcing or permissive
 */
#ifndef DMP_MODE_H
#define DMP_MODE_H

#include <linux/types.h>

int dmp_mode_init(void);
void dmp_mode_exit(void);
bool dmp_mode_permissive(void);

#endif /* DMP_MODE_H */
