// SPDX-License-Identifier: GPL-2.0-only
/*
 * transaction.c - a policy on its way in, piece by piece
 *
 * Belongs to the socket that began it. Collects bytes, nothing else: nothing is
 * believed of them but how many there will be, and that is bounded.
 */
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "active.h"
#include "message.h"
#include "transaction.h"

/* Each may hold DMP_MAX_POLICY_BYTES. */
#define DMP_TRANSACTIONS_MAX 4

struct dmp_transaction {
	struct list_head node;
	u32 portid;
	u32 received; /* bytes */
	struct dmp_header header; /* as announced; not verified yet */
	u8 *bytes; /* header.total_bytes of them, until a policy takes them over */
};

static DEFINE_MUTEX(dmp_transaction_lock);
static LIST_HEAD(dmp_transactions); /* under the lock */
static unsigned int dmp_transaction_count; /* under the lock */

static struct dmp_transaction *dmp_transaction_find(u32 portid)
{
	struct dmp_transaction *transaction;

	lockdep_assert_held(&dmp_transaction_lock);
	list_for_each_entry(transaction, &dmp_transactions, node)
		if (transaction->portid == portid)
			return transaction;
	return NULL;
}

static struct dmp_transaction *dmp_transaction_need(u32 portid, struct netlink_ext_ack *extack)
{
	struct dmp_transaction *transaction = dmp_transaction_find(portid);

	if (!transaction)
		dmp_say(extack, "no transaction is open on this socket; begin one first");
	return transaction;
}

static void dmp_transaction_free(struct dmp_transaction *transaction)
{
	kvfree(transaction->bytes);
	kfree(transaction);
}

static void dmp_transaction_unlink(struct dmp_transaction *transaction)
{
	lockdep_assert_held(&dmp_transaction_lock);
	list_del(&transaction->node);
	dmp_transaction_count--;
}

static struct dmp_transaction *dmp_transaction_make(u32 portid, const u8 *bytes,
						    const struct dmp_header *header)
{
	struct dmp_transaction *transaction = kzalloc(sizeof(*transaction), GFP_KERNEL);

	if (!transaction)
		return NULL;
	transaction->bytes = kvmalloc(header->total_bytes, GFP_KERNEL);
	if (!transaction->bytes) {
		kfree(transaction);
		return NULL;
	}
	transaction->portid = portid;
	transaction->header = *header;
	memcpy(transaction->bytes, bytes, DMP_HEADER_BYTES);
	transaction->received = DMP_HEADER_BYTES;
	return transaction;
}

static int dmp_transaction_start(u32 portid, const u8 *bytes, const struct dmp_header *header,
				 struct netlink_ext_ack *extack)
{
	struct dmp_transaction *transaction;

	lockdep_assert_held(&dmp_transaction_lock);
	if (dmp_transaction_find(portid)) {
		dmp_say(extack,
			"a transaction is open on this socket already; commit or abort it");
		return -EBUSY;
	}
	if (dmp_transaction_count == DMP_TRANSACTIONS_MAX) {
		dmp_say(extack, "%d transactions are open on other sockets; try again later",
			DMP_TRANSACTIONS_MAX);
		return -EBUSY;
	}
	transaction = dmp_transaction_make(portid, bytes, header);
	if (!transaction) {
		dmp_say(extack, "not enough memory for a policy of %u bytes", header->total_bytes);
		return -ENOMEM;
	}
	list_add(&transaction->node, &dmp_transactions);
	dmp_transaction_count++;
	return 0;
}

/**
 * dmp_transaction_begin() - announce a policy by its header
 * @portid: port id of the sender's socket
 * @bytes: the bytes
 * @length: how many bytes
 * @extack: gets a sentence on failure; may be NULL
 *
 * Context: Process; may sleep.
 * Return: 0 or an errno of the table in the UAPI header.
 */
int dmp_transaction_begin(u32 portid, const u8 *bytes, u32 length, struct netlink_ext_ack *extack)
{
	struct dmp_decode_error error;
	struct dmp_header header;
	int ret;

	ret = dmp_decode_header(bytes, length, &header, &error);
	if (ret) {
		dmp_say(extack, "malformed policy: %s", error.what);
		return ret;
	}
	mutex_lock(&dmp_transaction_lock);
	ret = dmp_transaction_start(portid, bytes, &header, extack);
	mutex_unlock(&dmp_transaction_lock);
	return ret;
}

static int dmp_transaction_append(struct dmp_transaction *transaction, const u8 *data, u32 bytes,
				  struct netlink_ext_ack *extack)
{
	u32 room = transaction->header.total_bytes - transaction->received;

	if (!bytes) {
		dmp_say(extack, "no bytes to add");
		return -EINVAL;
	}
	if (bytes > room) {
		dmp_say(extack, "%u bytes more than the %u that the header announced",
			bytes - room, transaction->header.total_bytes);
		return -E2BIG;
	}
	memcpy(transaction->bytes + transaction->received, data, bytes);
	transaction->received += bytes;
	return 0;
}

/* dmp_transaction_add() - the next bytes; process context */
int dmp_transaction_add(u32 portid, const u8 *data, u32 bytes, struct netlink_ext_ack *extack)
{
	struct dmp_transaction *transaction;
	int ret = -ENOENT;

	mutex_lock(&dmp_transaction_lock);
	transaction = dmp_transaction_need(portid, extack);
	if (transaction)
		ret = dmp_transaction_append(transaction, data, bytes, extack);
	mutex_unlock(&dmp_transaction_lock);
	return ret;
}

static int dmp_transaction_finish(struct dmp_transaction *transaction, const u8 *signature,
				  u32 bytes, struct netlink_ext_ack *extack)
{
	struct dmp_load load = {
		.bytes = transaction->bytes,
		.length = transaction->received,
		.header = transaction->header,
	};
	int ret;

	if (transaction->received != transaction->header.total_bytes) {
		dmp_say(extack, "the policy is truncated: %u of %u bytes arrived",
			transaction->received, transaction->header.total_bytes);
		return -EMSGSIZE;
	}
	ret = dmp_active_load(&load, signature, bytes, extack);
	transaction->bytes = load.bytes;
	return ret;
}

/**
 * dmp_transaction_commit() - put the policy in force, if its signature is good
 * @portid: port id of the sender's socket
 * @signature: detached PKCS#7/CMS, DER
 * @bytes: the bytes
 * @extack: gets a sentence on failure; may be NULL
 *
 * The transaction is over, however this ends.
 *
 * Context: Process; may sleep.
 */
int dmp_transaction_commit(u32 portid, const u8 *signature, u32 bytes,
			   struct netlink_ext_ack *extack)
{
	struct dmp_transaction *transaction;
	int ret;

	mutex_lock(&dmp_transaction_lock);
	transaction = dmp_transaction_need(portid, extack);
	if (transaction)
		dmp_transaction_unlink(transaction);
	mutex_unlock(&dmp_transaction_lock);
	if (!transaction)
		return -ENOENT;
	ret = dmp_transaction_finish(transaction, signature, bytes, extack);
	dmp_transaction_free(transaction);
	return ret;
}

/* dmp_transaction_drop() - the socket is closed, or has enough; process context */
void dmp_transaction_drop(u32 portid)
{
	struct dmp_transaction *transaction;

	mutex_lock(&dmp_transaction_lock);
	transaction = dmp_transaction_find(portid);
	if (transaction)
		dmp_transaction_unlink(transaction);
	mutex_unlock(&dmp_transaction_lock);
	if (transaction)
		dmp_transaction_free(transaction);
}

/* dmp_transaction_abort() - nothing happened; process context */
int dmp_transaction_abort(u32 portid, struct netlink_ext_ack *extack)
{
	bool there;

	mutex_lock(&dmp_transaction_lock);
	there = dmp_transaction_need(portid, extack);
	mutex_unlock(&dmp_transaction_lock);
	if (!there)
		return -ENOENT;
	dmp_transaction_drop(portid);
	return 0;
}

/* No command runs any more. */
void dmp_transactions_exit(void)
{
	struct dmp_transaction *transaction, *next;

	list_for_each_entry_safe(transaction, next, &dmp_transactions, node)
		dmp_transaction_free(transaction);
}
