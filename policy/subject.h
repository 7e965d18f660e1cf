/* SPDX-License-Identifier: GPL-2.0-or-later */
/* subject.h - users, groups and programs in the text; inside the library only */
#ifndef DEVMEM_POLICY_SUBJECT_H
#define DEVMEM_POLICY_SUBJECT_H

#include "scan.h"

/*
 * All take the next token, report what they refuse, and return 0, -EINVAL or
 * -ENOMEM.
 *
 * dmp_scan_user() and dmp_scan_group(): a number, or a name that this machine
 * knows
 */
int dmp_scan_user(struct dmp_scanner *scanner, u32 *uid);
int dmp_scan_group(struct dmp_scanner *scanner, u32 *gid);

/*
 * dmp_scan_exe() - the path of a program, in quotes if it needs them
 * @token: is set to the path's token
 * @path: to be freed, unless it is NULL, also after a failure
 */
int dmp_scan_exe(struct dmp_scanner *scanner, struct dmp_token *token,
		 char **path);

#endif /* DEVMEM_POLICY_SUBJECT_H */
