/* SPDX-License-Identifier: GPL-2.0-or-later */
/* date.h - times in the text; inside the library only */
#ifndef DEVMEM_POLICY_DATE_H
#define DEVMEM_POLICY_DATE_H

#include "scan.h"

/*
 * dmp_scan_time() - the next token, which must be a time: 2027-01-01T00:00:00Z
 * @what: what the time is, for the message when there is none
 * @token: is set to the time's token
 *
 * Reports what it refuses, and returns 0, -EINVAL or -ENOMEM.
 */
int dmp_scan_time(struct dmp_scanner *scanner, const char *what,
		  struct dmp_token *token, u64 *seconds);

#endif /* DEVMEM_POLICY_DATE_H */
