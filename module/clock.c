// SPDX-License-Identifier: GPL-2.0-only
/*
 * clock.c - what time it is, for policies that end
 *
 * Policies end by the calendar, and whoever is root can set the clock. The
 * latest time that was ever seen is kept, so that what has ended stays ended.
 */
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>

#include "clock.h"

static atomic64_t dmp_latest_s;

/* dmp_clock_read() - now, and the latest time so far; any context, also handlers */
struct dmp_clock dmp_clock_read(void)
{
	s64 now_s = max_t(s64, ktime_get_real_seconds(), 0);
	s64 latest_s = atomic64_read(&dmp_latest_s);

	while (now_s > latest_s && !atomic64_try_cmpxchg(&dmp_latest_s, &latest_s, now_s))
		;
	return (struct dmp_clock){ .now_s = now_s, .latest_s = max(now_s, latest_s) };
}
