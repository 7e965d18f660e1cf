// SPDX-License-Identifier: GPL-2.0-only
/*
 * transaction.c - a policy on its way in, piece by piece
 *
 * Belongs to the socket that began it. Collects bytes, nothing else: nothing is
 * believed of them but how many there will be, and that is bounded.
 *
 * Each that was begun comes to one end: a policy, or the record of its refusal.
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "active.h"
#include "memory.h"
#include "message.h"
#include "refusal.h"
#include "transaction.h"
#include "trust.h"

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
static bool dmp_transactions_ended; /* under the lock */

static struct dmp_transaction *dmp_transaction_find(u32 portid)
{
	struct dmp_transaction *transaction;

	lockdep_assert_held(&dmp_transaction_lock);
	list_for_each_entry(transaction, &dmp_transactions, node)
		if (transaction->portid == portid)
			return transaction;
	return NULL;
}

static int dmp_transaction_missing(struct netlink_ext_ack *extack)
{
	dmp_say(extack, "no transaction is open on this socket; begin one first");
	return -ENOENT;
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

/* From here on it is the caller's; NULL: the socket has none. */
static struct dmp_transaction *dmp_transaction_take(u32 portid)
{
	struct dmp_transaction *transaction;

	mutex_lock(&dmp_transaction_lock);
	transaction = dmp_transaction_find(portid);
	if (transaction)
		dmp_transaction_unlink(transaction);
	mutex_unlock(&dmp_transaction_lock);
	return transaction;
}

/* All that was announced is there, so it can be said which policy it was. */
static bool dmp_transaction_digest(const struct dmp_transaction *transaction, u8 *digest)
{
	return transaction->received == transaction->header.total_bytes &&
	       !dmp_trust_digest(transaction->bytes, transaction->received, digest);
}

/* It is not linked any more, and gone afterwards. */
static void dmp_transaction_refuse(struct dmp_transaction *transaction, int error)
{
	u8 digest[DEVMEM_POLICY_DIGEST_BYTES];
	bool whole = dmp_transaction_digest(transaction, digest);

	dmp_refuse_policy(&transaction->header, whole ? digest : NULL, error);
	dmp_transaction_free(transaction);
}

static struct dmp_transaction *dmp_transaction_make(u32 portid, const u8 *bytes,
						    const struct dmp_header *header)
{
	struct dmp_transaction *transaction = kzalloc(sizeof(*transaction), GFP_KERNEL);

	if (!transaction)
		return NULL;
	transaction->bytes = dmp_zalloc(header->total_bytes, 1);
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

/* May this socket begin one? */
static int dmp_transaction_admit(u32 portid, struct netlink_ext_ack *extack)
{
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
	return 0;
}

static int dmp_transaction_start(u32 portid, const u8 *bytes, u32 length,
				 struct dmp_header *header, struct netlink_ext_ack *extack)
{
	struct dmp_transaction *transaction;
	struct dmp_decode_error error;
	int ret;

	lockdep_assert_held(&dmp_transaction_lock);
	ret = dmp_decode_header(bytes, length, header, &error);
	if (ret) {
		dmp_say(extack, "malformed policy: %s", error.what);
		return ret;
	}
	ret = dmp_transaction_admit(portid, extack);
	if (ret)
		return ret;
	transaction = dmp_transaction_make(portid, bytes, header);
	if (!transaction) {
		dmp_say(extack, "not enough memory for a policy of %u bytes", header->total_bytes);
		return -ENOMEM;
	}
	list_add(&transaction->node, &dmp_transactions);
	dmp_transaction_count++;
	return 0;
}

/* Nothing is to be recorded behind the module's last record. */
static int dmp_transaction_begin_locked(u32 portid, const u8 *bytes, u32 length,
					struct netlink_ext_ack *extack)
{
	struct dmp_header header;
	int ret;

	if (dmp_transactions_ended) {
		dmp_say(extack, "the module is being unloaded");
		return -ESHUTDOWN;
	}
	ret = dmp_transaction_start(portid, bytes, length, &header, extack);
	if (ret)
		dmp_refuse_policy(&header, NULL, ret);
	return ret;
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
	int ret;

	mutex_lock(&dmp_transaction_lock);
	ret = dmp_transaction_begin_locked(portid, bytes, length, extack);
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

/**
 * dmp_transaction_add() - the next bytes
 * @portid: port id of the sender's socket
 * @data: the bytes
 * @bytes: how many
 * @extack: gets a sentence on failure; may be NULL
 *
 * The transaction is over when they are refused.
 *
 * Context: Process; may sleep.
 * Return: 0 or an errno of the table in the UAPI header.
 */
int dmp_transaction_add(u32 portid, const u8 *data, u32 bytes, struct netlink_ext_ack *extack)
{
	struct dmp_transaction *transaction;
	int ret = 0;

	mutex_lock(&dmp_transaction_lock);
	transaction = dmp_transaction_find(portid);
	if (transaction)
		ret = dmp_transaction_append(transaction, data, bytes, extack);
	if (ret)
		dmp_transaction_unlink(transaction);
	mutex_unlock(&dmp_transaction_lock);
	if (!transaction)
		return dmp_transaction_missing(extack);
	if (ret)
		dmp_transaction_refuse(transaction, ret);
	return ret;
}

static int dmp_transaction_load(struct dmp_transaction *transaction, const u8 *signature,
				u32 bytes, struct netlink_ext_ack *extack)
{
	struct dmp_load load = {
		.bytes = transaction->bytes,
		.length = transaction->received,
		.header = transaction->header,
	};
	int ret = dmp_active_load(&load, signature, bytes, extack);

	transaction->bytes = load.bytes;
	dmp_transaction_free(transaction);
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
	struct dmp_transaction *transaction = dmp_transaction_take(portid);

	if (!transaction)
		return dmp_transaction_missing(extack);
	if (transaction->received == transaction->header.total_bytes)
		return dmp_transaction_load(transaction, signature, bytes, extack);
	dmp_say(extack, "the policy is truncated: %u of %u bytes arrived", transaction->received,
		transaction->header.total_bytes);
	dmp_transaction_refuse(transaction, -EMSGSIZE);
	return -EMSGSIZE;
}

/* dmp_transaction_drop() - the socket is closed; process context */
void dmp_transaction_drop(u32 portid)
{
	struct dmp_transaction *transaction = dmp_transaction_take(portid);

	if (transaction)
		dmp_transaction_refuse(transaction, -ECANCELED);
}

/* dmp_transaction_abort() - whoever began it has enough; process context */
int dmp_transaction_abort(u32 portid, struct netlink_ext_ack *extack)
{
	struct dmp_transaction *transaction = dmp_transaction_take(portid);

	if (!transaction)
		return dmp_transaction_missing(extack);
	dmp_transaction_refuse(transaction, -ECANCELED);
	return 0;
}

static struct dmp_transaction *dmp_transaction_take_any(void)
{
	struct dmp_transaction *transaction;

	mutex_lock(&dmp_transaction_lock);
	dmp_transactions_ended = true;
	transaction = list_first_entry_or_null(&dmp_transactions, struct dmp_transaction, node);
	if (transaction)
		dmp_transaction_unlink(transaction);
	mutex_unlock(&dmp_transaction_lock);
	return transaction;
}

/* dmp_transactions_end() - none is open any more, or will be; process context */
void dmp_transactions_end(void)
{
	struct dmp_transaction *transaction;

	while ((transaction = dmp_transaction_take_any()))
		dmp_transaction_refuse(transaction, -ECANCELED);
}

/* No command runs any more. */
void dmp_transactions_exit(void)
{
	struct dmp_transaction *transaction, *next;

	list_for_each_entry_safe(transaction, next, &dmp_transactions, node)
		dmp_transaction_free(transaction);
}
