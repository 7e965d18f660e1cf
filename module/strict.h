/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * strict.h - see strict.c
 */
#ifndef DMP_STRICT_H
#define DMP_STRICT_H

int dmp_strict_init(void);

#endif /* DMP_STRICT_H */
