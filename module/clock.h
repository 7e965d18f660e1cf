/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock.h - what time it is, for policies that end
 */
#ifndef DMP_CLOCK_H
#define DMP_CLOCK_H

#include <policy/ruling.h>

struct dmp_clock dmp_clock_read(void);

#endif /* DMP_CLOCK_H */
