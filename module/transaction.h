/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * transaction.h - a policy on its way in, piece by piece
 */
#ifndef DMP_TRANSACTION_H
#define DMP_TRANSACTION_H

#include <linux/netlink.h>
#include <linux/types.h>

int dmp_transaction_begin(u32 portid, const u8 *header, u32 bytes, struct netlink_ext_ack *extack);
int dmp_transaction_add(u32 portid, const u8 *data, u32 bytes, struct netlink_ext_ack *extack);
int dmp_transaction_commit(u32 portid, const u8 *signature, u32 bytes,
			   struct netlink_ext_ack *extack);
int dmp_transaction_abort(u32 portid, struct netlink_ext_ack *extack);
void dmp_transaction_drop(u32 portid);
void dmp_transactions_end(void);
void dmp_transactions_exit(void);

#endif /* DMP_TRANSACTION_H */
