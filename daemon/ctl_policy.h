/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl_policy.h - devmemctl policy: what needs no kernel */
#ifndef DEVMEM_POLICY_CTL_POLICY_H
#define DEVMEM_POLICY_CTL_POLICY_H

#include <stdbool.h>

/*
 * ctl_policy() - run "devmemctl policy ..."
 * @argv: "policy", the subcommand, its options and files
 * @json: answer in JSON
 *
 * Return: the exit code, see exit.h.
 */
int ctl_policy(int argc, char **argv, bool json);

#endif /* DEVMEM_POLICY_CTL_POLICY_H */
