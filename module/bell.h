/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bell.h - from a probe handler to process context
 */
#ifndef DMP_BELL_H
#define DMP_BELL_H

#include <linux/types.h>

void dmp_bell_ring(bool now);
void dmp_bell_silence(void);

#endif /* DMP_BELL_H */
