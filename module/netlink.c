// SPDX-License-Identifier: GPL-2.0-only
/*
 * netlink.c - the generic netlink family
 *
 * The protocol is described in the UAPI header. GENL_ADMIN_PERM would ask for
 * CAP_NET_ADMIN only, and refuses without a sentence; so each command asks for
 * the capabilities itself, in the initial user namespace.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "active.h"
#include "answer.h"
#include "auditor.h"
#include "compat.h"
#include "floor.h"
#include "message.h"
#include "netlink.h"
#include "ring.h"
#include "transaction.h"

static struct genl_family dmp_family;
static DEFINE_MUTEX(dmp_family_lock);
static bool dmp_family_registered; /* under the lock */

static int dmp_may_read(struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (netlink_capable(skb, CAP_SYS_ADMIN))
		return 0;
	dmp_say(extack, "this needs CAP_SYS_ADMIN in the initial user namespace");
	return -EPERM;
}

static int dmp_may_change(struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (netlink_capable(skb, CAP_SYS_ADMIN) && netlink_capable(skb, CAP_SYS_RAWIO))
		return 0;
	dmp_say(extack,
		"this needs CAP_SYS_ADMIN and CAP_SYS_RAWIO in the initial user namespace");
	return -EPERM;
}

/* May it, and is the attribute there that it cannot do without? */
static int dmp_may_change_with(struct sk_buff *skb, struct genl_info *info, int type)
{
	int ret = dmp_may_change(skb, info->extack);

	if (ret || info->attrs[type])
		return ret;
	dmp_say(info->extack, "attribute %d is missing", type);
	return -EINVAL;
}

/*
 * Answers. A status needs about 200 bytes for each of the probes, counters and
 * the certificates.
 */
#define DMP_ANSWER_BYTES 16384

static struct sk_buff *dmp_reply_begin(struct genl_info *info, u8 command, void **header)
{
	struct sk_buff *reply = genlmsg_new(DMP_ANSWER_BYTES, GFP_KERNEL);

	if (!reply)
		return NULL;
	*header = genlmsg_put_reply(reply, info, &dmp_family, 0, command);
	if (*header)
		return reply;
	nlmsg_free(reply);
	return NULL;
}

static int dmp_reply_end(struct sk_buff *reply, void *header, struct genl_info *info, int ret)
{
	if (ret) {
		nlmsg_free(reply);
		return ret;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

static int dmp_do_status(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	void *header;
	int ret;

	ret = dmp_may_read(skb, info->extack);
	if (ret)
		return ret;
	reply = dmp_reply_begin(info, DEVMEM_POLICY_CMD_GET_STATUS, &header);
	if (!reply)
		return -ENOMEM;
	return dmp_reply_end(reply, header, info, dmp_answer_status(reply));
}

static int dmp_do_begin(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *header = info->attrs[DEVMEM_POLICY_A_HEADER];
	int ret = dmp_may_change_with(skb, info, DEVMEM_POLICY_A_HEADER);

	if (ret)
		return ret;
	return dmp_transaction_begin(info->snd_portid, nla_data(header), nla_len(header),
				     info->extack);
}

static int dmp_do_add(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *data = info->attrs[DEVMEM_POLICY_A_DATA];
	int ret = dmp_may_change_with(skb, info, DEVMEM_POLICY_A_DATA);

	if (ret)
		return ret;
	return dmp_transaction_add(info->snd_portid, nla_data(data), nla_len(data), info->extack);
}

static int dmp_do_commit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *signature = info->attrs[DEVMEM_POLICY_A_SIGNATURE];
	int ret = dmp_may_change(skb, info->extack);

	if (ret)
		return ret;
	/* No signature is a policy that is not signed, which has its own errno. */
	return dmp_transaction_commit(info->snd_portid, signature ? nla_data(signature) : NULL,
				      signature ? nla_len(signature) : 0, info->extack);
}

static int dmp_do_abort(struct sk_buff *skb, struct genl_info *info)
{
	int ret = dmp_may_change(skb, info->extack);

	return ret ? ret : dmp_transaction_abort(info->snd_portid, info->extack);
}

static int dmp_do_remove(struct sk_buff *skb, struct genl_info *info)
{
	int ret = dmp_may_change_with(skb, info, DEVMEM_POLICY_A_POLICY_NAME);

	if (ret)
		return ret;
	return dmp_active_remove(nla_data(info->attrs[DEVMEM_POLICY_A_POLICY_NAME]), info->extack);
}

static int dmp_do_resolve(struct sk_buff *skb, struct genl_info *info)
{
	int ret = dmp_may_change(skb, info->extack);

	return ret ? ret : dmp_active_resolve(info->extack);
}

static int dmp_do_raise_floor(struct sk_buff *skb, struct genl_info *info)
{
	int ret = dmp_may_change_with(skb, info, DEVMEM_POLICY_A_POLICY_NAME);

	if (!ret)
		ret = dmp_may_change_with(skb, info, DEVMEM_POLICY_A_SERIAL);
	if (ret)
		return ret;
	return dmp_floor_set(nla_data(info->attrs[DEVMEM_POLICY_A_POLICY_NAME]),
			     nla_get_u64(info->attrs[DEVMEM_POLICY_A_SERIAL]), info->extack);
}

static int dmp_revoke_named(struct genl_info *info)
{
	const struct nlattr *name = info->attrs[DEVMEM_POLICY_A_POLICY_NAME];
	const struct nlattr *rule = info->attrs[DEVMEM_POLICY_A_RULE_ID];
	u32 rule_id = rule ? nla_get_u32(rule) : 0;

	return dmp_active_revoke_rules(name ? nla_data(name) : NULL, rule ? &rule_id : NULL,
				       info->extack);
}

/* A range, or rules, or neither, which is everything. */
static int dmp_do_revoke(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *first = info->attrs[DEVMEM_POLICY_A_FIRST];
	const struct nlattr *last = info->attrs[DEVMEM_POLICY_A_LAST];
	bool named = info->attrs[DEVMEM_POLICY_A_POLICY_NAME] ||
		     info->attrs[DEVMEM_POLICY_A_RULE_ID];
	int ret = dmp_may_change(skb, info->extack);

	if (ret)
		return ret;
	if (!first != !last || (first && named)) {
		dmp_say(info->extack,
			"revoke a range (first and last), or a policy or rule, or everything");
		return -EINVAL;
	}
	if (named)
		return dmp_revoke_named(info);
	return dmp_active_revoke_range(first ? nla_get_u64(first) : 0,
				       last ? nla_get_u64(last) : U64_MAX, info->extack);
}

static int dmp_do_restore(struct sk_buff *skb, struct genl_info *info)
{
	int ret = dmp_may_change(skb, info->extack);

	return ret ? ret : dmp_active_restore();
}

static int dmp_do_attach(struct sk_buff *skb, struct genl_info *info)
{
	bool attach = info->genlhdr->cmd == DEVMEM_POLICY_CMD_ATTACH;
	struct dmp_challenge challenge;
	struct sk_buff *reply;
	void *header;
	int ret;

	ret = dmp_may_change(skb, info->extack);
	if (ret)
		return ret;
	reply = dmp_reply_begin(info, info->genlhdr->cmd, &header);
	if (!reply)
		return -ENOMEM;
	if (attach)
		ret = dmp_auditor_attach(info->snd_portid, &challenge, info->extack);
	else
		ret = dmp_auditor_challenge(info->snd_portid, &challenge, info->extack);
	if (!ret)
		ret = dmp_answer_challenge(reply, &challenge);
	return dmp_reply_end(reply, header, info, ret);
}

static int dmp_do_prove(struct sk_buff *skb, struct genl_info *info)
{
	int ret = dmp_may_change_with(skb, info, DEVMEM_POLICY_A_PROOF);

	if (ret)
		return ret;
	return dmp_auditor_prove(info->snd_portid, nla_data(info->attrs[DEVMEM_POLICY_A_PROOF]),
				 info->extack);
}

static int dmp_do_ack(struct sk_buff *skb, struct genl_info *info)
{
	int ret = dmp_may_change_with(skb, info, DEVMEM_POLICY_A_SEQUENCE);

	if (ret)
		return ret;
	return dmp_auditor_acknowledge(info->snd_portid,
				       nla_get_u64(info->attrs[DEVMEM_POLICY_A_SEQUENCE]),
				       info->extack);
}

static int dmp_do_detach(struct sk_buff *skb, struct genl_info *info)
{
	int ret = dmp_may_change(skb, info->extack);

	return ret ? ret : dmp_auditor_detach(info->snd_portid, info->extack);
}

/* Where the kernel starts no dumps any more: see the UAPI header. */
static int dmp_do_event(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *sequence = info->attrs[DEVMEM_POLICY_A_SEQUENCE];
	struct dmp_told_record told;
	struct sk_buff *reply;
	void *header;
	int ret;

	ret = dmp_may_read(skb, info->extack);
	if (ret)
		return ret;
	dmp_ring_settle();
	if (!sequence || !dmp_ring_tell(nla_get_u64(sequence), &told)) {
		dmp_say(info->extack, "there is no record of that number");
		return -ENOENT;
	}
	reply = dmp_reply_begin(info, DEVMEM_POLICY_CMD_GET_EVENT, &header);
	if (!reply)
		return -ENOMEM;
	return dmp_reply_end(reply, header, info, dmp_answer_event(reply, &told));
}

/* Dumps. State in cb->ctx, from start to done. */
struct dmp_dump {
	struct dmp_active *active; /* pinned: the dump is of one moment */
	const char *name; /* rules: of this policy only; in the request */
	u64 next; /* sequence of the next event; index of the next rule */
	u32 policy; /* index of the next policy */
};

static struct dmp_dump *dmp_dump_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct dmp_dump) > sizeof(cb->ctx));
	return (struct dmp_dump *)cb->ctx;
}

static int dmp_dump_active_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = dmp_dump_attrs(cb);
	struct dmp_dump *dump = dmp_dump_of(cb);
	int ret = dmp_may_read(cb->skb, cb->extack);

	if (ret)
		return ret;
	memset(dump, 0, sizeof(*dump));
	if (attrs && attrs[DEVMEM_POLICY_A_POLICY_NAME])
		dump->name = nla_data(attrs[DEVMEM_POLICY_A_POLICY_NAME]);
	dump->active = dmp_active_pin();
	return 0;
}

static int dmp_dump_active_done(struct netlink_callback *cb)
{
	struct dmp_dump *dump = dmp_dump_of(cb);

	if (dump->active)
		dmp_active_unpin(dump->active);
	return 0;
}

static void *dmp_dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 command)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &dmp_family,
			   NLM_F_MULTI, command);
}

/* Return: whether the message fitted. */
static bool dmp_dump_end(struct sk_buff *skb, void *header, int ret)
{
	if (ret)
		genlmsg_cancel(skb, header);
	else
		genlmsg_end(skb, header);
	return !ret;
}

static int dmp_dump_policies(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dmp_dump *dump = dmp_dump_of(cb);

	for (; dump->policy < dump->active->set.count; dump->policy++) {
		void *header = dmp_dump_put(skb, cb, DEVMEM_POLICY_CMD_GET_POLICY);

		if (!header)
			break;
		if (!dmp_dump_end(skb, header,
				  dmp_answer_policy(skb, dump->active->policies[dump->policy])))
			break;
	}
	return skb->len;
}

/* Return: whether all the rules of this policy are told. */
static bool dmp_dump_policy_rules(struct sk_buff *skb, struct netlink_callback *cb,
				  const struct dmp_policy *policy)
{
	const struct dmp_header *about = &policy->rules.view.header;
	struct dmp_dump *dump = dmp_dump_of(cb);

	if (dump->name && strcmp(dump->name, about->name))
		return true;
	for (; dump->next < about->rule_count; dump->next++) {
		void *header = dmp_dump_put(skb, cb, DEVMEM_POLICY_CMD_GET_RULE);

		if (!header)
			return false;
		if (!dmp_dump_end(skb, header, dmp_answer_rule(skb, policy, dump->next)))
			return false;
	}
	return true;
}

static int dmp_dump_rules(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dmp_dump *dump = dmp_dump_of(cb);

	while (dump->policy < dump->active->set.count &&
	       dmp_dump_policy_rules(skb, cb, dump->active->policies[dump->policy])) {
		dump->policy++;
		dump->next = 0;
	}
	return skb->len;
}

static int dmp_dump_events_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = dmp_dump_attrs(cb);
	struct dmp_dump *dump = dmp_dump_of(cb);
	int ret = dmp_may_read(cb->skb, cb->extack);
	u64 wanted = 0;

	if (ret)
		return ret;
	memset(dump, 0, sizeof(*dump));
	if (attrs && attrs[DEVMEM_POLICY_A_SEQUENCE])
		wanted = nla_get_u64(attrs[DEVMEM_POLICY_A_SEQUENCE]);
	dmp_ring_settle();
	dump->next = dmp_ring_oldest(wanted);
	return 0;
}

static int dmp_dump_events(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dmp_dump *dump = dmp_dump_of(cb);
	struct dmp_told_record told;

	for (; dmp_ring_tell(dump->next, &told); dump->next++) {
		void *header = dmp_dump_put(skb, cb, DEVMEM_POLICY_CMD_GET_EVENT);

		if (!header)
			break;
		if (!dmp_dump_end(skb, header, dmp_answer_event(skb, &told)))
			break;
	}
	return skb->len;
}

/*
 * Strict: an attribute that a command does not list is refused. A policy without
 * entries would switch that off, and dumps look the policy's name up in theirs.
 */
static const struct nla_policy dmp_takes_nothing[DEVMEM_POLICY_A_POLICY_NAME + 1] = {};

static const struct nla_policy dmp_takes_header[] = {
	[DEVMEM_POLICY_A_HEADER] = NLA_POLICY_EXACT_LEN(DMP_HEADER_BYTES),
};

static const struct nla_policy dmp_takes_data[] = {
	/* Not a range: its ends are signed 16-bit numbers. */
	[DEVMEM_POLICY_A_DATA] = { .type = NLA_BINARY, .len = DEVMEM_POLICY_DATA_MAX },
};

static const struct nla_policy dmp_takes_signature[] = {
	[DEVMEM_POLICY_A_SIGNATURE] = { .type = NLA_BINARY, .len = DEVMEM_POLICY_SIGNATURE_MAX },
};

static const struct nla_policy dmp_takes_proof[] = {
	[DEVMEM_POLICY_A_PROOF] = NLA_POLICY_EXACT_LEN(DEVMEM_POLICY_PROOF_BYTES),
};

static const struct nla_policy dmp_takes_sequence[] = {
	[DEVMEM_POLICY_A_SEQUENCE] = { .type = NLA_U64 },
};

static const struct nla_policy dmp_takes_name[] = {
	[DEVMEM_POLICY_A_POLICY_NAME] = { .type = NLA_NUL_STRING,
					  .len = DEVMEM_POLICY_NAME_SIZE - 1 },
};

static const struct nla_policy dmp_takes_floor[] = {
	[DEVMEM_POLICY_A_POLICY_NAME] = { .type = NLA_NUL_STRING,
					  .len = DEVMEM_POLICY_NAME_SIZE - 1 },
	[DEVMEM_POLICY_A_SERIAL] = { .type = NLA_U64 },
};

static const struct nla_policy dmp_takes_revoke[] = {
	[DEVMEM_POLICY_A_POLICY_NAME] = { .type = NLA_NUL_STRING,
					  .len = DEVMEM_POLICY_NAME_SIZE - 1 },
	[DEVMEM_POLICY_A_FIRST] = { .type = NLA_U64 },
	[DEVMEM_POLICY_A_LAST] = { .type = NLA_U64 },
	[DEVMEM_POLICY_A_RULE_ID] = { .type = NLA_U32 },
};

#define DMP_TAKES(what) .policy = dmp_takes_##what, .maxattr = ARRAY_SIZE(dmp_takes_##what) - 1

static const struct genl_ops dmp_ops[] = {
	{ .cmd = DEVMEM_POLICY_CMD_GET_STATUS, .doit = dmp_do_status, DMP_TAKES(nothing) },
	{ .cmd = DEVMEM_POLICY_CMD_GET_POLICY,
	  .start = dmp_dump_active_start,
	  .dumpit = dmp_dump_policies,
	  .done = dmp_dump_active_done,
	  DMP_TAKES(nothing) },
	{ .cmd = DEVMEM_POLICY_CMD_GET_RULE,
	  .start = dmp_dump_active_start,
	  .dumpit = dmp_dump_rules,
	  .done = dmp_dump_active_done,
	  DMP_TAKES(name) },
	{ .cmd = DEVMEM_POLICY_CMD_GET_EVENT,
	  .doit = dmp_do_event,
	  .start = dmp_dump_events_start,
	  .dumpit = dmp_dump_events,
	  DMP_TAKES(sequence) },
	{ .cmd = DEVMEM_POLICY_CMD_BEGIN, .doit = dmp_do_begin, DMP_TAKES(header) },
	{ .cmd = DEVMEM_POLICY_CMD_ADD, .doit = dmp_do_add, DMP_TAKES(data) },
	{ .cmd = DEVMEM_POLICY_CMD_COMMIT, .doit = dmp_do_commit, DMP_TAKES(signature) },
	{ .cmd = DEVMEM_POLICY_CMD_ABORT, .doit = dmp_do_abort, DMP_TAKES(nothing) },
	{ .cmd = DEVMEM_POLICY_CMD_REMOVE, .doit = dmp_do_remove, DMP_TAKES(name) },
	{ .cmd = DEVMEM_POLICY_CMD_ATTACH, .doit = dmp_do_attach, DMP_TAKES(nothing) },
	{ .cmd = DEVMEM_POLICY_CMD_CHALLENGE, .doit = dmp_do_attach, DMP_TAKES(nothing) },
	{ .cmd = DEVMEM_POLICY_CMD_PROVE, .doit = dmp_do_prove, DMP_TAKES(proof) },
	{ .cmd = DEVMEM_POLICY_CMD_ACK, .doit = dmp_do_ack, DMP_TAKES(sequence) },
	{ .cmd = DEVMEM_POLICY_CMD_DETACH, .doit = dmp_do_detach, DMP_TAKES(nothing) },
	{ .cmd = DEVMEM_POLICY_CMD_RESOLVE, .doit = dmp_do_resolve, DMP_TAKES(nothing) },
	{ .cmd = DEVMEM_POLICY_CMD_RAISE_FLOOR, .doit = dmp_do_raise_floor, DMP_TAKES(floor) },
	{ .cmd = DEVMEM_POLICY_CMD_REVOKE, .doit = dmp_do_revoke, DMP_TAKES(revoke) },
	{ .cmd = DEVMEM_POLICY_CMD_RESTORE, .doit = dmp_do_restore, DMP_TAKES(nothing) },
};

static const struct genl_multicast_group dmp_groups[] = {
	{ .name = DEVMEM_POLICY_GENL_GROUP_EVENTS, DMP_GROUP_FLAGS },
};

/*
 * Commands run side by side: signature verification must not keep the rest of
 * generic netlink waiting. Initial network namespace only (netnsok unset).
 */
static struct genl_family dmp_family = {
	.name = DEVMEM_POLICY_GENL_NAME,
	.version = DEVMEM_POLICY_GENL_VERSION,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = dmp_ops,
	.n_ops = ARRAY_SIZE(dmp_ops),
	.mcgrps = dmp_groups,
	.n_mcgrps = ARRAY_SIZE(dmp_groups),
};

static void dmp_netlink_multicast(void)
{
	struct dmp_ring_state ring;
	struct sk_buff *skb;
	void *header;

	lockdep_assert_held(&dmp_family_lock);
	if (!genl_has_listeners(&dmp_family, &init_net, 0))
		return;
	skb = genlmsg_new(nla_total_size_64bit(sizeof(u64)), GFP_KERNEL);
	if (!skb)
		return;
	dmp_ring_state(&ring);
	header = genlmsg_put(skb, 0, 0, &dmp_family, 0, DEVMEM_POLICY_CMD_EVENT_NOTIFY);
	if (!header || nla_put_u64_64bit(skb, DEVMEM_POLICY_A_SEQUENCE, ring.newest,
					 DEVMEM_POLICY_A_PAD)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast(&dmp_family, skb, 0, 0, GFP_KERNEL);
}

/**
 * dmp_netlink_notify() - ring the doorbell
 *
 * A listener who misses it (no memory, full socket) looks again by itself.
 *
 * Context: Process; may sleep.
 */
void dmp_netlink_notify(void)
{
	mutex_lock(&dmp_family_lock);
	if (dmp_family_registered)
		dmp_netlink_multicast();
	mutex_unlock(&dmp_family_lock);
}

/* A socket is closed: its transaction and its being auditor end with it. */
static int dmp_netlink_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct netlink_notify *notify = data;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC ||
	    !net_eq(notify->net, &init_net))
		return NOTIFY_DONE;
	dmp_transaction_drop(notify->portid);
	dmp_auditor_detach(notify->portid, NULL);
	return NOTIFY_DONE;
}

static struct notifier_block dmp_netlink_notifier = {
	.notifier_call = dmp_netlink_event,
};

int dmp_netlink_init(void)
{
	int ret;

	ret = netlink_register_notifier(&dmp_netlink_notifier);
	if (ret)
		return ret;
	ret = genl_register_family(&dmp_family);
	if (ret) {
		pr_err("cannot register the netlink family: %pe\n", ERR_PTR(ret));
		netlink_unregister_notifier(&dmp_netlink_notifier);
		return ret;
	}
	mutex_lock(&dmp_family_lock);
	dmp_family_registered = true;
	mutex_unlock(&dmp_family_lock);
	return 0;
}

void dmp_netlink_exit(void)
{
	mutex_lock(&dmp_family_lock);
	dmp_family_registered = false;
	mutex_unlock(&dmp_family_lock);
	genl_unregister_family(&dmp_family);
	netlink_unregister_notifier(&dmp_netlink_notifier);
}
