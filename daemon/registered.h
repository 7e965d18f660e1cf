/* SPDX-License-Identifier: GPL-2.0-or-later */
/* registered.h - the policies that the kernel has, as one consistent list */
#ifndef DEVMEM_POLICY_REGISTERED_H
#define DEVMEM_POLICY_REGISTERED_H

#include "netlink.h"

struct dmp_registered {
	struct dmp_policy_info *list;
	size_t count;
	size_t room;
};

/* dmp_registered_read() - ask the kernel. Return: 0 or -errno */
int dmp_registered_read(struct dmp_registered *registered, struct dmp_nl *nl);
void dmp_registered_free(struct dmp_registered *registered);

/* dmp_registered_find() - by name; NULL when there is none */
const struct dmp_policy_info *dmp_registered_find(const struct dmp_registered *registered,
						  const char *name);

#endif /* DEVMEM_POLICY_REGISTERED_H */
