/* SPDX-License-Identifier: GPL-2.0-or-later */
/* say.h - sentences on standard error */
#ifndef DEVMEM_POLICY_SAY_H
#define DEVMEM_POLICY_SAY_H

#include <syslog.h>

/*
 * dmp_say() - one line on standard error
 * @priority: LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO
 *
 * "<N>sentence" for the journal when it reads standard error, otherwise
 * "program: sentence". What is not printable is escaped, since sentences quote
 * file names and what the kernel says about processes.
 */
void dmp_say(int priority, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* DEVMEM_POLICY_SAY_H */
