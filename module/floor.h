/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * floor.h - serials that are refused
 */
#ifndef DMP_FLOOR_H
#define DMP_FLOOR_H

#include <policy/decode.h>

struct netlink_ext_ack;

int dmp_floors_init(void);
void dmp_floors_exit(void);

int dmp_floor_check(const struct dmp_header *header, struct netlink_ext_ack *extack);
int dmp_floor_prepare(const char *name);
void dmp_floor_accepted(const char *name, u64 serial);
int dmp_floor_set(const char *name, u64 serial, struct netlink_ext_ack *extack);

#endif /* DMP_FLOOR_H */
