/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl.h - the subcommands of devmemctl that are about a module or a kernel
 *
 * @argc, @argv: the subcommand's name and what follows it, without options that
 * all subcommands share
 * @json: output is for a machine
 * Return: an exit code of exit.h.
 */
#ifndef DEVMEM_POLICY_CTL_H
#define DEVMEM_POLICY_CTL_H

#include <stdbool.h>

int ctl_status(int argc, char **argv, bool json);
int ctl_rules(int argc, char **argv, bool json);
int ctl_monitor(int argc, char **argv, bool json);
int ctl_load(int argc, char **argv, bool json);
int ctl_remove(int argc, char **argv, bool json);
int ctl_revoke(int argc, char **argv, bool json);
int ctl_restore(int argc, char **argv, bool json);
int ctl_doctor(int argc, char **argv, bool json);
int ctl_exposure(int argc, char **argv, bool json);

/* ctl_usage() - how to use the subcommand, on standard error. Return: DMP_EXIT_USAGE */
int ctl_usage(const char *name);

#endif /* DEVMEM_POLICY_CTL_H */
