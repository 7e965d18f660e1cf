// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * no-sync.c - fsync(2) and fdatasync(2) say that they worked, and do nothing
 *
 * With it tests/vm/audit/power must fail.
 */
#include <unistd.h>

int fsync(int fd)
{
	(void)fd;
	return 0;
}

int fdatasync(int fd)
{
	(void)fd;
	return 0;
}
