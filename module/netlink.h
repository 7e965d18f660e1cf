/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * netlink.h - the generic netlink family
 */
#ifndef DMP_NETLINK_H
#define DMP_NETLINK_H

int dmp_netlink_init(void);
void dmp_netlink_exit(void);
void dmp_netlink_notify(void);

#endif /* DMP_NETLINK_H */
