/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink.h - the generic netlink family "devmem_policy" as functions
 *
 * <linux/devmem_policy.h> is the protocol document; netlink.c is the only file
 * that knows how it travels. All functions that return int return 0 or -errno;
 * errnos of the protocol are passed on as they are, and dmp_nl_message() has
 * the kernel's sentence for the last one. Others: -ENOENT from dmp_nl_open()
 * when the module is not loaded (later, from any request, when it has been
 * unloaded), -ETIMEDOUT when the kernel does not answer, -EPROTO when its
 * answer makes no sense.
 *
 * One handle is one socket: transactions and the auditor belong to it.
 */
#ifndef DEVMEM_POLICY_NETLINK_H
#define DEVMEM_POLICY_NETLINK_H

#include "wire.h"

struct dmp_nl;

int dmp_nl_open(struct dmp_nl **nl);
void dmp_nl_close(struct dmp_nl *nl);

/* dmp_nl_message() - the kernel's sentence on the last request, or "" */
const char *dmp_nl_message(const struct dmp_nl *nl);

int dmp_nl_status(struct dmp_nl *nl, struct dmp_status *status);

/*
 * The three dumps call fn for each object. When fn returns non-zero it is not
 * called again, and that value is returned. -EINTR: what was dumped changed in
 * the meantime, so that the objects do not belong together; begin again.
 */
typedef int dmp_nl_policy_fn(const struct dmp_policy_info *policy, void *arg);
typedef int dmp_nl_rule_fn(const struct dmp_rule_info *rule, void *arg);
typedef int dmp_nl_event_fn(const struct dmp_event *event, void *arg);

int dmp_nl_policies(struct dmp_nl *nl, dmp_nl_policy_fn *fn, void *arg);
/* @name: of one policy, NULL for all */
int dmp_nl_rules(struct dmp_nl *nl, const char *name, dmp_nl_rule_fn *fn, void *arg);
/* @first: sequence number to begin with, 0 for the oldest not acknowledged */
int dmp_nl_events(struct dmp_nl *nl, uint64_t first, dmp_nl_event_fn *fn, void *arg);

/*
 * dmp_nl_register() - put a signed policy in force
 *
 * BEGIN, as many ADD as it takes, COMMIT; ABORT when one of them fails, in
 * which case errno and sentence are those of the one that failed. The single
 * steps exist for tests, and check nothing.
 */
int dmp_nl_register(struct dmp_nl *nl, const void *policy, size_t policy_bytes,
		    const void *signature, size_t signature_bytes);
int dmp_nl_begin(struct dmp_nl *nl, const void *header, size_t bytes);
int dmp_nl_add(struct dmp_nl *nl, const void *data, size_t bytes); /* in messages */
int dmp_nl_commit(struct dmp_nl *nl, const void *signature, size_t bytes);
int dmp_nl_abort(struct dmp_nl *nl);

int dmp_nl_remove(struct dmp_nl *nl, const char *name);
int dmp_nl_resolve(struct dmp_nl *nl);
int dmp_nl_raise_floor(struct dmp_nl *nl, const char *name, uint64_t serial);

/* What is to be taken back; all of it when nothing is set. */
struct dmp_revocation {
	bool has_range;
	uint64_t first; /* physical bytes */
	uint64_t last; /* inclusive */
	bool has_rule;
	uint32_t rule; /* of every policy, unless there is a name */
	const char *policy; /* NULL: none */
};

int dmp_nl_revoke(struct dmp_nl *nl, const struct dmp_revocation *revocation);
int dmp_nl_restore(struct dmp_nl *nl);

int dmp_nl_attach(struct dmp_nl *nl, struct dmp_challenge *challenge);
int dmp_nl_challenge(struct dmp_nl *nl, struct dmp_challenge *challenge);
int dmp_nl_prove(struct dmp_nl *nl, const void *proof, size_t bytes);
int dmp_nl_ack(struct dmp_nl *nl, uint64_t sequence);
int dmp_nl_detach(struct dmp_nl *nl);

/*
 * The doorbell: it rings when there are new records, and when the module is
 * unloaded. A subscribed handle must not be used for requests: poll(2)
 * dmp_nl_fd() for input, then empty it with dmp_nl_doorbell().
 *
 * dmp_nl_doorbell() never blocks. Return: 0 also when rings were lost, since
 * one is as good as many.
 */
int dmp_nl_subscribe(struct dmp_nl *nl);
int dmp_nl_fd(const struct dmp_nl *nl);
int dmp_nl_doorbell(struct dmp_nl *nl);

/* A request before it is sent; for netlink.c, and for tests of the encoding. */
struct dmp_request {
	uint8_t command; /* DEVMEM_POLICY_CMD_* */
	bool dump;
	uint16_t binary_attribute; /* 0: none */
	const void *binary;
	size_t binary_bytes;
	bool has_sequence;
	uint64_t sequence;
	const char *policy_name; /* NULL: none */
	bool has_serial;
	uint64_t serial;
	bool has_range;
	uint64_t first;
	uint64_t last;
	bool has_rule;
	uint32_t rule;
};

/*
 * dmp_nl_encode() - the bytes of a request, as they would be sent
 *
 * Return: their number, -EMSGSIZE when size is too small, or another -errno.
 */
int dmp_nl_encode(const struct dmp_request *request, uint16_t family, uint32_t sequence,
		  void *bytes, size_t size);

/*
 * dmp_nl_add_request() - the ADD that carries the bytes from offset on
 *
 * Return: the number of bytes that it carries; 0 at the end.
 */
size_t dmp_nl_add_request(struct dmp_request *request, const void *policy,
			  size_t policy_bytes, size_t offset);

#endif /* DEVMEM_POLICY_NETLINK_H */
