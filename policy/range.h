/* SPDX-License-Identifier: GPL-2.0-or-later */
/* range.h - numbers and ranges in the text; inside the library only */
#ifndef DEVMEM_POLICY_RANGE_H
#define DEVMEM_POLICY_RANGE_H

#include "scan.h"

/*
 * Both report what they refuse, and return 0, -EINVAL or -ENOMEM.
 *
 * dmp_scan_range(): FIRST-LAST or FIRST+SIZE; first and last are inclusive and
 * made of whole pages of DMP_FORMAT_PAGE_BYTES.
 */
int dmp_scan_range(struct dmp_scanner *scanner, const struct dmp_token *token,
		   u64 *first, u64 *last);

/* dmp_scan_number() - a token that is one number */
int dmp_scan_number(struct dmp_scanner *scanner, const struct dmp_token *token,
		    u64 *number);

#endif /* DEVMEM_POLICY_RANGE_H */
