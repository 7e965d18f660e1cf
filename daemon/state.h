/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state.h - the state file at the start of devmemd, with what there is to say */
#ifndef DEVMEM_POLICY_STATE_H
#define DEVMEM_POLICY_STATE_H

#include "exit.h"
#include "floors.h"
#include "netlink.h"

/*
 * dmp_state_open() - read the serial floors
 *
 * Without them an older policy could be put back, so that an administrator has to
 * say that this may be.
 *
 * Return: DMP_EXIT_OK; or DMP_EXIT_STATE, after having said what is wrong and what
 * to do. The floors are to be freed in every case.
 */
enum dmp_exit dmp_state_open(struct dmp_floors *floors, const char *path);

/* dmp_state_new() - devmemd --new-state. Return: DMP_EXIT_OK or DMP_EXIT_FAILED */
enum dmp_exit dmp_state_new(const char *path);

/*
 * dmp_state_tell() - tell the kernel the floors, for policies that others load
 *
 * The serial of the floor itself stays acceptable: after a reboot it is what is
 * to be in force. What the kernel does not take is said, since this program holds
 * to its floors all the same.
 *
 * Return: 0, or what the module's absence says.
 */
int dmp_state_tell(const struct dmp_floors *floors, struct dmp_nl *nl);

#endif /* DEVMEM_POLICY_STATE_H */
