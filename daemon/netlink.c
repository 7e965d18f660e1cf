// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink.h"

#include <devmem_policy/format.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* The kernel makes no answer larger than 32 KiB. */
#define RECEIVE_BYTES 65536
/* Several of the kernel's largest answers */
#define SOCKET_BUFFER_BYTES (1 << 20)
/*
 * A few rings. They all say the same, to look: those that find no room would only have
 * to be read, one by one, by whoever comes late.
 */
#define DOORBELL_BUFFER_BYTES 2048
/* Longer than it takes to check the largest policy on the slowest machine. */
#define ANSWER_TIMEOUT_S 60
/* Room for headers and small attributes beside the binary one. */
#define REQUEST_BYTES 512

struct dmp_nl {
	struct nl_sock *socket;
	uint16_t family;
	uint32_t group;
	uint32_t sequence;
	bool dump_interrupted;
	char message[512];
	uint8_t buffer[RECEIVE_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* Called with the attributes of each message of an answer. */
typedef int answer_fn(const void *attributes, size_t length, void *arg);

/* libnl has its own error numbers, and few of them keep the errno. */
static int nle_to_errno(int error)
{
	switch (-error) {
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_MSGSIZE:
	case NLE_RANGE:
		return -EMSGSIZE;
	case NLE_AF_NOSUPPORT:
		return -EAFNOSUPPORT;
	default:
		return -EIO;
	}
}

/* --- requests --------------------------------------------------------------- */

static int put_attributes(struct nl_msg *msg, const struct dmp_request *request)
{
	int ret = 0;

	if (request->binary_attribute)
		ret = nla_put(msg, request->binary_attribute, (int)request->binary_bytes,
			      request->binary);
	if (!ret && request->has_sequence)
		ret = nla_put_u64(msg, DEVMEM_POLICY_A_SEQUENCE, request->sequence);
	if (!ret && request->policy_name)
		ret = nla_put_string(msg, DEVMEM_POLICY_A_POLICY_NAME,
				     request->policy_name);
	if (!ret && request->has_serial)
		ret = nla_put_u64(msg, DEVMEM_POLICY_A_SERIAL, request->serial);
	if (!ret && request->has_range)
		ret = nla_put_u64(msg, DEVMEM_POLICY_A_FIRST, request->first);
	if (!ret && request->has_range)
		ret = nla_put_u64(msg, DEVMEM_POLICY_A_LAST, request->last);
	if (!ret && request->has_rule)
		ret = nla_put_u32(msg, DEVMEM_POLICY_A_RULE_ID, request->rule);
	return ret ? nle_to_errno(ret) : 0;
}

static int make_message(const struct dmp_request *request, uint16_t family,
			uint32_t sequence, struct nl_msg **message)
{
	/* Acknowledged, so that every request ends in a result. */
	int flags = NLM_F_REQUEST | (request->dump ? NLM_F_DUMP : NLM_F_ACK);
	struct nl_msg *msg;
	int ret;

	/* The length of an attribute is a u16 and counts its header. */
	if (request->binary_bytes > UINT16_MAX - sizeof(struct nlattr))
		return -EMSGSIZE;
	msg = nlmsg_alloc_size(REQUEST_BYTES + request->binary_bytes);
	if (!msg)
		return -ENOMEM;
	if (!genlmsg_put(msg, 0, sequence, family, 0, flags, request->command,
			 DEVMEM_POLICY_GENL_VERSION))
		ret = -EMSGSIZE;
	else
		ret = put_attributes(msg, request);
	if (ret) {
		nlmsg_free(msg);
		return ret;
	}
	*message = msg;
	return 0;
}

int dmp_nl_encode(const struct dmp_request *request, uint16_t family, uint32_t sequence,
		  void *bytes, size_t size)
{
	struct nl_msg *msg;
	uint32_t length;
	int ret;

	ret = make_message(request, family, sequence, &msg);
	if (ret)
		return ret;
	length = nlmsg_hdr(msg)->nlmsg_len;
	if (length > size)
		ret = -EMSGSIZE;
	else
		memcpy(bytes, nlmsg_hdr(msg), length);
	nlmsg_free(msg);
	return ret ? ret : (int)length;
}

static int send_request(struct dmp_nl *nl, const struct dmp_request *request)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nl_msg *msg;
	ssize_t sent;
	int ret;

	ret = make_message(request, nl->family, ++nl->sequence, &msg);
	if (ret)
		return ret;
	do {
		sent = sendto(dmp_nl_fd(nl), nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len,
			      0, (const struct sockaddr *)&kernel, sizeof(kernel));
	} while (sent < 0 && errno == EINTR);
	ret = sent < 0 ? -errno : 0;
	nlmsg_free(msg);
	return ret;
}

/* --- answers ---------------------------------------------------------------- */

/* Return: the bytes of one datagram in nl->buffer, or -errno. */
static ssize_t receive(struct dmp_nl *nl, int flags)
{
	struct sockaddr_nl from = { 0 };
	socklen_t from_size = sizeof(from);
	ssize_t length;

	do {
		length = recvfrom(dmp_nl_fd(nl), nl->buffer, sizeof(nl->buffer),
				  flags | MSG_TRUNC, (struct sockaddr *)&from,
				  &from_size);
		/* Another process can send here; only the kernel is port 0. */
	} while ((length < 0 && errno == EINTR) || (length >= 0 && from.nl_pid));
	if (length >= 0)
		return (size_t)length > sizeof(nl->buffer) ? -EMSGSIZE : length;
	if (errno == EAGAIN && !(flags & MSG_DONTWAIT))
		return -ETIMEDOUT;
	return -errno;
}

/* What an answer has come to so far. */
struct answer {
	answer_fn *fn;
	void *arg;
	int fn_result; /* of fn, once it is not 0 */
	bool complete;
	int result; /* of the request, once complete */
};

static void take_message(struct dmp_nl *nl, struct nlmsghdr *header,
			 struct answer *answer)
{
	if (header->nlmsg_flags & NLM_F_DUMP_INTR)
		nl->dump_interrupted = true;

	switch (header->nlmsg_type) {
	case NLMSG_ERROR:
	case NLMSG_DONE:
		answer->complete = true;
		answer->result =
			dmp_wire_result(header, nl->message, sizeof(nl->message));
		return;
	case NLMSG_NOOP:
	case NLMSG_OVERRUN:
		return;
	default:
		if (!answer->fn || answer->fn_result ||
		    !nlmsg_valid_hdr(header, GENL_HDRLEN))
			return;
		answer->fn_result =
			answer->fn((uint8_t *)nlmsg_data(header) + GENL_HDRLEN,
				   (size_t)nlmsg_datalen(header) - GENL_HDRLEN,
				   answer->arg);
	}
}

static int receive_answer(struct dmp_nl *nl, struct answer *answer)
{
	struct nlmsghdr *header;
	ssize_t length;
	int left;

	while (!answer->complete) {
		length = receive(nl, 0);
		if (length < 0)
			return (int)length;
		left = (int)length;
		for (header = (struct nlmsghdr *)nl->buffer; nlmsg_ok(header, left);
		     header = nlmsg_next(header, &left))
			/* Others are late answers to a request given up. */
			if (header->nlmsg_seq == nl->sequence)
				take_message(nl, header, answer);
	}
	return 0;
}

/*
 * Send a request and take its whole answer. All of a dump is read, whatever fn
 * returns, because the next request would find it unfinished (EBUSY).
 */
static int exchange(struct dmp_nl *nl, const struct dmp_request *request, answer_fn *fn,
		    void *arg)
{
	struct answer answer = { .fn = fn, .arg = arg };
	int ret;

	nl->message[0] = '\0';
	nl->dump_interrupted = false;
	ret = send_request(nl, request);
	if (!ret)
		ret = receive_answer(nl, &answer);
	if (ret)
		return ret;
	return answer.result ? answer.result : answer.fn_result;
}

static int exchange_plain(struct dmp_nl *nl, uint8_t command)
{
	const struct dmp_request request = { .command = command };

	return exchange(nl, &request, NULL, NULL);
}

static int exchange_binary(struct dmp_nl *nl, uint8_t command, uint16_t attribute,
			   const void *bytes, size_t length)
{
	const struct dmp_request request = {
		.command = command,
		.binary_attribute = attribute,
		.binary = bytes,
		.binary_bytes = length,
	};

	return exchange(nl, &request, NULL, NULL);
}

/* --- sockets ---------------------------------------------------------------- */

static int set_option(struct dmp_nl *nl, int level, int option, const void *value,
		      socklen_t size)
{
	return setsockopt(dmp_nl_fd(nl), level, option, value, size) ? -errno : 0;
}

static int set_options(struct dmp_nl *nl)
{
	const struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_S };
	const int bytes = SOCKET_BUFFER_BYTES;
	const int on = 1;
	int ret;

	/* Without these two there are no sentences, and large echoes. */
	ret = set_option(nl, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	if (!ret)
		ret = set_option(nl, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	if (!ret)
		ret = set_option(nl, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	/* FORCE needs CAP_NET_ADMIN; without it what rmem_max allows must do. */
	if (!ret &&
	    set_option(nl, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		ret = set_option(nl, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	return ret;
}

static int resolve(struct dmp_nl *nl)
{
	int family, group;

	family = genl_ctrl_resolve(nl->socket, DEVMEM_POLICY_GENL_NAME);
	if (family < 0)
		return nle_to_errno(family);
	group = genl_ctrl_resolve_grp(nl->socket, DEVMEM_POLICY_GENL_NAME,
				      DEVMEM_POLICY_GENL_GROUP_EVENTS);
	if (group < 0)
		return nle_to_errno(group);
	nl->family = (uint16_t)family;
	nl->group = (uint32_t)group;
	nl->sequence = nl_socket_use_seq(nl->socket);
	return 0;
}

int dmp_nl_open(struct dmp_nl **nl)
{
	struct dmp_nl *new;
	int ret;

	*nl = NULL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->socket = nl_socket_alloc();
	if (!new->socket) {
		free(new);
		return -ENOMEM;
	}
	ret = genl_connect(new->socket);
	if (ret)
		ret = nle_to_errno(ret);
	else
		ret = resolve(new);
	if (!ret)
		ret = set_options(new);
	if (ret) {
		dmp_nl_close(new);
		return ret;
	}
	*nl = new;
	return 0;
}

void dmp_nl_close(struct dmp_nl *nl)
{
	if (!nl)
		return;
	nl_socket_free(nl->socket);
	free(nl);
}

const char *dmp_nl_message(const struct dmp_nl *nl)
{
	return nl->message;
}

int dmp_nl_fd(const struct dmp_nl *nl)
{
	return nl_socket_get_fd(nl->socket);
}

static int join(struct dmp_nl *nl, uint32_t group)
{
	return set_option(nl, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
}

int dmp_nl_subscribe(struct dmp_nl *nl)
{
	int families = genl_ctrl_resolve_grp(nl->socket, "nlctrl", "notify");
	const int bytes = DOORBELL_BUFFER_BYTES;
	int ret = set_option(nl, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));

	if (ret)
		return ret;
	/* Tells when the module is unloaded; who polls finds out without it too. */
	if (families > 0)
		join(nl, (uint32_t)families);
	return join(nl, nl->group);
}

int dmp_nl_doorbell(struct dmp_nl *nl)
{
	ssize_t length;

	do {
		length = receive(nl, MSG_DONTWAIT);
	} while (length >= 0 || length == -ENOBUFS || length == -EMSGSIZE);
	return length == -EAGAIN ? 0 : (int)length;
}

/* --- reading ---------------------------------------------------------------- */

/* A callback of a dump, and the argument that its user gave. */
struct dump {
	union {
		dmp_nl_policy_fn *policy;
		dmp_nl_rule_fn *rule;
		dmp_nl_event_fn *event;
	} fn;
	void *arg;
};

static int take_status(const void *attributes, size_t length, void *arg)
{
	dmp_wire_status(attributes, length, arg);
	return 0;
}

static int take_policy(const void *attributes, size_t length, void *arg)
{
	const struct dump *dump = arg;
	struct dmp_policy_info policy;
	int ret = dmp_wire_policy(attributes, length, &policy);

	return ret ? ret : dump->fn.policy(&policy, dump->arg);
}

static int take_rule(const void *attributes, size_t length, void *arg)
{
	const struct dump *dump = arg;
	struct dmp_rule_info rule;
	int ret = dmp_wire_rule(attributes, length, &rule);

	return ret ? ret : dump->fn.rule(&rule, dump->arg);
}

static int take_event(const void *attributes, size_t length, void *arg)
{
	const struct dump *dump = arg;
	struct dmp_event event;
	int ret = dmp_wire_event(attributes, length, &event);

	return ret ? ret : dump->fn.event(&event, dump->arg);
}

int dmp_nl_status(struct dmp_nl *nl, struct dmp_status *status)
{
	const struct dmp_request request = { .command = DEVMEM_POLICY_CMD_GET_STATUS };

	memset(status, 0, sizeof(*status));
	return exchange(nl, &request, take_status, status);
}

int dmp_nl_policies(struct dmp_nl *nl, dmp_nl_policy_fn *fn, void *arg)
{
	const struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_GET_POLICY,
		.dump = true,
	};
	struct dump dump = { .fn.policy = fn, .arg = arg };
	int ret = exchange(nl, &request, take_policy, &dump);

	return !ret && nl->dump_interrupted ? -EINTR : ret;
}

int dmp_nl_rules(struct dmp_nl *nl, const char *name, dmp_nl_rule_fn *fn, void *arg)
{
	const struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_GET_RULE,
		.dump = true,
		.policy_name = name,
	};
	struct dump dump = { .fn.rule = fn, .arg = arg };
	int ret = exchange(nl, &request, take_rule, &dump);

	return !ret && nl->dump_interrupted ? -EINTR : ret;
}

/* Remembers that there was a record. */
struct single {
	const struct dump *dump;
	bool taken;
};

static int take_single(const void *attributes, size_t length, void *arg)
{
	struct single *single = arg;

	single->taken = true;
	return take_event(attributes, length, (void *)single->dump);
}

/*
 * One by one, for the last records: while the module is being unloaded, the kernel
 * starts no dumps of it, but it answers other commands.
 */
static int events_singly(struct dmp_nl *nl, uint64_t first, const struct dump *dump)
{
	struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_GET_EVENT,
		.has_sequence = true,
		.sequence = first,
	};
	struct dmp_status status;
	struct single single;
	int ret = 0;

	if (!first)
		ret = dmp_nl_status(nl, &status);
	if (ret)
		return ret;
	if (!first)
		request.sequence = status.ring.acknowledged + 1;
	do {
		single = (struct single){ .dump = dump };
		ret = exchange(nl, &request, take_single, &single);
		request.sequence++;
	} while (!ret && single.taken);
	/* That of a family which is gone comes without a sentence. */
	return ret == -ENOENT && *nl->message ? 0 : ret;
}

/* Records never change, so that nothing in their dump can be inconsistent. */
int dmp_nl_events(struct dmp_nl *nl, uint64_t first, dmp_nl_event_fn *fn, void *arg)
{
	const struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_GET_EVENT,
		.dump = true,
		.has_sequence = true,
		.sequence = first,
	};
	struct dump dump = { .fn.event = fn, .arg = arg };
	int ret = exchange(nl, &request, take_event, &dump);

	return ret == -EPROTONOSUPPORT ? events_singly(nl, first, &dump) : ret;
}

/* --- registering ------------------------------------------------------------ */

int dmp_nl_begin(struct dmp_nl *nl, const void *header, size_t bytes)
{
	return exchange_binary(nl, DEVMEM_POLICY_CMD_BEGIN, DEVMEM_POLICY_A_HEADER,
			       header, bytes);
}

int dmp_nl_commit(struct dmp_nl *nl, const void *signature, size_t bytes)
{
	return exchange_binary(nl, DEVMEM_POLICY_CMD_COMMIT, DEVMEM_POLICY_A_SIGNATURE,
			       signature, bytes);
}

int dmp_nl_abort(struct dmp_nl *nl)
{
	return exchange_plain(nl, DEVMEM_POLICY_CMD_ABORT);
}

size_t dmp_nl_add_request(struct dmp_request *request, const void *policy,
			  size_t policy_bytes, size_t offset)
{
	size_t bytes = policy_bytes > offset ? policy_bytes - offset : 0;

	if (bytes > DEVMEM_POLICY_DATA_MAX)
		bytes = DEVMEM_POLICY_DATA_MAX;
	*request = (struct dmp_request){
		.command = DEVMEM_POLICY_CMD_ADD,
		.binary_attribute = DEVMEM_POLICY_A_DATA,
		.binary = (const uint8_t *)policy + offset,
		.binary_bytes = bytes,
	};
	return bytes;
}

int dmp_nl_add(struct dmp_nl *nl, const void *data, size_t bytes)
{
	struct dmp_request request;
	size_t offset, sent;
	int ret = 0;

	for (offset = 0; !ret && offset < bytes; offset += sent) {
		sent = dmp_nl_add_request(&request, data, bytes, offset);
		ret = exchange(nl, &request, NULL, NULL);
	}
	return ret;
}

int dmp_nl_register(struct dmp_nl *nl, const void *policy, size_t policy_bytes,
		    const void *signature, size_t signature_bytes)
{
	size_t header_bytes = policy_bytes;
	char message[sizeof(nl->message)];
	int ret;

	if (header_bytes > DMP_HEADER_BYTES)
		header_bytes = DMP_HEADER_BYTES;
	ret = dmp_nl_begin(nl, policy, header_bytes);
	if (ret)
		return ret;
	ret = dmp_nl_add(nl, (const uint8_t *)policy + header_bytes, policy_bytes - header_bytes);
	if (!ret)
		ret = dmp_nl_commit(nl, signature, signature_bytes);
	if (!ret)
		return 0;

	/* A refused COMMIT may have dropped the transaction: ENOENT is fine. */
	memcpy(message, nl->message, sizeof(message));
	dmp_nl_abort(nl);
	memcpy(nl->message, message, sizeof(message));
	return ret;
}

int dmp_nl_remove(struct dmp_nl *nl, const char *name)
{
	const struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_REMOVE,
		.policy_name = name,
	};

	return exchange(nl, &request, NULL, NULL);
}

int dmp_nl_resolve(struct dmp_nl *nl)
{
	return exchange_plain(nl, DEVMEM_POLICY_CMD_RESOLVE);
}

int dmp_nl_raise_floor(struct dmp_nl *nl, const char *name, uint64_t serial)
{
	const struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_RAISE_FLOOR,
		.policy_name = name,
		.has_serial = true,
		.serial = serial,
	};

	return exchange(nl, &request, NULL, NULL);
}

/* --- taking back ------------------------------------------------------------ */

int dmp_nl_revoke(struct dmp_nl *nl, const struct dmp_revocation *revocation)
{
	const struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_REVOKE,
		.policy_name = revocation->policy,
		.has_range = revocation->has_range,
		.first = revocation->first,
		.last = revocation->last,
		.has_rule = revocation->has_rule,
		.rule = revocation->rule,
	};

	return exchange(nl, &request, NULL, NULL);
}

int dmp_nl_restore(struct dmp_nl *nl)
{
	return exchange_plain(nl, DEVMEM_POLICY_CMD_RESTORE);
}

/* --- the auditor ------------------------------------------------------------ */

static int take_challenge(const void *attributes, size_t length, void *arg)
{
	struct dmp_challenge *challenge = arg;

	dmp_wire_challenge(attributes, length, challenge);
	return 0;
}

static int get_challenge(struct dmp_nl *nl, uint8_t command,
			 struct dmp_challenge *challenge)
{
	const struct dmp_request request = { .command = command };
	int ret;

	memset(challenge, 0, sizeof(*challenge));
	ret = exchange(nl, &request, take_challenge, challenge);
	if (ret)
		return ret;
	if (!dmp_has(challenge->present, DEVMEM_POLICY_A_CHALLENGE_ADDRESS) ||
	    !dmp_has(challenge->present, DEVMEM_POLICY_A_CHALLENGE_BYTES))
		return -EPROTO;
	return 0;
}

int dmp_nl_attach(struct dmp_nl *nl, struct dmp_challenge *challenge)
{
	return get_challenge(nl, DEVMEM_POLICY_CMD_ATTACH, challenge);
}

int dmp_nl_challenge(struct dmp_nl *nl, struct dmp_challenge *challenge)
{
	return get_challenge(nl, DEVMEM_POLICY_CMD_CHALLENGE, challenge);
}

int dmp_nl_prove(struct dmp_nl *nl, const void *proof, size_t bytes)
{
	return exchange_binary(nl, DEVMEM_POLICY_CMD_PROVE, DEVMEM_POLICY_A_PROOF, proof,
			       bytes);
}

int dmp_nl_ack(struct dmp_nl *nl, uint64_t sequence)
{
	const struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_ACK,
		.has_sequence = true,
		.sequence = sequence,
	};

	return exchange(nl, &request, NULL, NULL);
}

int dmp_nl_detach(struct dmp_nl *nl)
{
	return exchange_plain(nl, DEVMEM_POLICY_CMD_DETACH);
}
