/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mode.h - enforcing or permissive
 */
#ifndef DMP_MODE_H
#define DMP_MODE_H

#include <linux/compiler.h>
#include <linux/types.h>

int dmp_mode_init(void);
void dmp_mode_exit(void);

extern bool dmp_permissive; /* read by dmp_mode_permissive() */

/* dmp_mode_permissive() - any context, also handlers */
static inline bool dmp_mode_permissive(void)
{
	return READ_ONCE(dmp_permissive);
}

#endif /* DMP_MODE_H */
