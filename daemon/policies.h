/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policies.h - make the kernel's policies what the policy directory says */
#ifndef DEVMEM_POLICY_POLICIES_H
#define DEVMEM_POLICY_POLICIES_H

#include <stdbool.h>

#include "floors.h"
#include "netlink.h"

struct dmp_policies_result {
	unsigned int registered;
	unsigned int unchanged;
	unsigned int refused; /* not valid, not signed well, or by the kernel */
	unsigned int removed;
};

/*
 * dmp_policies_load() - register what is new in a directory
 * @floors: no policy is registered below these, and each that is raises its own;
 * what is in force raises them too
 * @certificates: directory of the signers' certificates; when there is none in
 * it, the kernel alone checks signatures
 * @remove: also remove each policy from the kernel that no file carries any
 * more; without it they are only told
 *
 * What becomes of each file that is not unchanged is said. A file that is not
 * good changes nothing.
 *
 * Return: 0, also when files were refused, or -errno when the directory (said)
 * or the kernel cannot be asked.
 */
int dmp_policies_load(struct dmp_nl *nl, struct dmp_floors *floors,
		      const char *directory, const char *certificates, bool remove,
		      struct dmp_policies_result *result);

#endif /* DEVMEM_POLICY_POLICIES_H */
