/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl_log.h - the subcommands of "devmemctl log"; as those in ctl.h */
#ifndef DEVMEM_POLICY_CTL_LOG_H
#define DEVMEM_POLICY_CTL_LOG_H

#include <stdbool.h>

int ctl_log(int argc, char **argv, bool json);

/* argv[0] is their own name. -1 stands for wrong usage. */
int ctl_log_verify(int argc, char **argv, bool json);
int ctl_log_show(int argc, char **argv, bool json);
int ctl_log_summary(int argc, char **argv, bool json);
int ctl_log_forward(int argc, char **argv, bool json);

#endif /* DEVMEM_POLICY_CTL_LOG_H */
