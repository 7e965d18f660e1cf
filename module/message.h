/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * message.h - the sentence that comes with an errno
 */
#ifndef DMP_MESSAGE_H
#define DMP_MESSAGE_H

#include <linux/compiler_attributes.h>
#include <linux/netlink.h>

__printf(2, 3) void dmp_say(struct netlink_ext_ack *extack, const char *format, ...);

#endif /* DMP_MESSAGE_H */
