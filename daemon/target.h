/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target.h - what "devmemctl revoke" is to take back, from its arguments */
#ifndef DEVMEM_POLICY_TARGET_H
#define DEVMEM_POLICY_TARGET_H

#include "netlink.h"

struct dmp_target {
	struct dmp_revocation revocation; /* policy may point to name */
	bool all;
	bool ambiguous; /* as well the name of a policy as the id of a rule */
	char name[DEVMEM_POLICY_NAME_SIZE];
};

/*
 * dmp_target_parse() - read the arguments; devmemctl(8) documents them
 * @argc, @argv: the subcommand's name and what follows it
 *
 * Return: 0; -EINVAL when they name nothing or contradict each other; -EBADMSG
 * when one is malformed, which was said.
 */
int dmp_target_parse(int argc, char **argv, struct dmp_target *target);

#endif /* DEVMEM_POLICY_TARGET_H */
