// SPDX-License-Identifier: GPL-2.0-only
/*
 * answer.c - what the netlink family tells, attribute by attribute
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <net/netlink.h>

#include "active.h"
#include "anchors.h"
#include "answer.h"
#include "clock.h"
#include "mode.h"
#include "operation.h"
#include "probe.h"
#include "refusal.h"
#include "revoke.h"
#include "trust.h"

/* dmp_answer_instance() - random, and the same until the module is unloaded */
u64 dmp_answer_instance(void)
{
	static u64 instance;

	while (!READ_ONCE(instance)) {
		u64 value;

		get_random_bytes(&value, sizeof(value));
		cmpxchg64(&instance, 0, value);
	}
	return instance;
}

static int dmp_put_flag(struct sk_buff *skb, int type, bool value)
{
	return value ? nla_put_flag(skb, type) : 0;
}

static int dmp_put_anchor(struct sk_buff *skb, const struct dmp_anchor *anchor)
{
	struct nlattr *nest = nla_nest_start(skb, DEVMEM_POLICY_A_ANCHOR);

	if (!nest ||
	    nla_put_string(skb, DEVMEM_POLICY_ANCHOR_A_DESCRIPTION, anchor->description) ||
	    nla_put(skb, DEVMEM_POLICY_ANCHOR_A_FINGERPRINT, sizeof(anchor->fingerprint),
		    anchor->fingerprint))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dmp_put_probe(struct sk_buff *skb, const struct dmp_probe_state *probe)
{
	struct nlattr *nest = nla_nest_start(skb, DEVMEM_POLICY_A_PROBE);

	if (!nest || nla_put_string(skb, DEVMEM_POLICY_PROBE_A_SYMBOL, probe->symbol) ||
	    dmp_put_flag(skb, DEVMEM_POLICY_PROBE_A_REQUIRED, probe->required) ||
	    nla_put_u32(skb, DEVMEM_POLICY_PROBE_A_STATE,
			probe->armed ? DEVMEM_POLICY_PROBE_ARMED : DEVMEM_POLICY_PROBE_ABSENT) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_PROBE_A_HITS, probe->hits,
			      DEVMEM_POLICY_PROBE_A_PAD) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_PROBE_A_MISSED, probe->missed,
			      DEVMEM_POLICY_PROBE_A_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dmp_put_auditor(struct sk_buff *skb)
{
	struct dmp_auditor_state auditor;
	struct nlattr *nest;

	dmp_auditor_state(&auditor);
	if (!auditor.attached)
		return 0;
	nest = nla_nest_start(skb, DEVMEM_POLICY_A_AUDITOR);
	if (!nest || nla_put_u32(skb, DEVMEM_POLICY_AUDITOR_A_PID, auditor.pid) ||
	    nla_put_string(skb, DEVMEM_POLICY_AUDITOR_A_COMM, auditor.comm) ||
	    dmp_put_flag(skb, DEVMEM_POLICY_AUDITOR_A_PROVEN, auditor.proven))
		return -EMSGSIZE;
	if (auditor.ever_proven &&
	    nla_put_u32(skb, DEVMEM_POLICY_AUDITOR_A_PROOF_AGE_MS, auditor.proof_age_ms))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dmp_put_ring(struct sk_buff *skb, const struct dmp_ring_state *ring)
{
	struct nlattr *nest = nla_nest_start(skb, DEVMEM_POLICY_A_RING);

	if (!nest || nla_put_u32(skb, DEVMEM_POLICY_RING_A_SLOTS, ring->slots) ||
	    nla_put_u32(skb, DEVMEM_POLICY_RING_A_RESERVED, ring->reserved) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_RING_A_NEWEST, ring->newest,
			      DEVMEM_POLICY_RING_A_PAD) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_RING_A_ACKNOWLEDGED, ring->acknowledged,
			      DEVMEM_POLICY_RING_A_PAD) ||
	    nla_put_u32(skb, DEVMEM_POLICY_RING_A_PENDING, ring->pending))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dmp_put_counters(struct sk_buff *skb, int nest_type, const struct dmp_ring_state *ring)
{
	struct dmp_counters counters;
	u64 values[DEVMEM_POLICY_COUNTER_A_MAX + 1] = { 0 };
	struct nlattr *nest;
	int type;

	dmp_counters_sum(&counters);
	values[DEVMEM_POLICY_COUNTER_A_GRANTED_PAGES] = counters.granted_pages;
	values[DEVMEM_POLICY_COUNTER_A_DENIED_PAGES] = counters.denied_pages;
	values[DEVMEM_POLICY_COUNTER_A_BASELINE_PAGES] = counters.baseline_pages;
	values[DEVMEM_POLICY_COUNTER_A_OPERATIONS] = counters.operations;
	values[DEVMEM_POLICY_COUNTER_A_UNTRACKED] = counters.untracked;
	values[DEVMEM_POLICY_COUNTER_A_PERMITTED_PAGES] = counters.permitted_pages;
	values[DEVMEM_POLICY_COUNTER_A_LOOKUPS] = counters.lookups;
	values[DEVMEM_POLICY_COUNTER_A_TOUCHED] = counters.touched;
	values[DEVMEM_POLICY_COUNTER_A_MISSES] = dmp_ring_misses();
	values[DEVMEM_POLICY_COUNTER_A_UNRECORDED_DENIALS] = ring->unrecorded_denials;
	values[DEVMEM_POLICY_COUNTER_A_UNRECORDED_EVENTS] = ring->unrecorded_events;
	values[DEVMEM_POLICY_COUNTER_A_REVOKED_PAGES] = dmp_revoke_pages();
	values[DEVMEM_POLICY_COUNTER_A_LOADS] = dmp_active_loads();
	values[DEVMEM_POLICY_COUNTER_A_FAILED_LOADS] = dmp_refusals();
	nest = nla_nest_start(skb, nest_type);
	if (!nest)
		return -EMSGSIZE;
	for (type = DEVMEM_POLICY_COUNTER_A_PAD + 1; type <= DEVMEM_POLICY_COUNTER_A_MAX; type++)
		if (nla_put_u64_64bit(skb, type, values[type], DEVMEM_POLICY_COUNTER_A_PAD))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dmp_put_anchors(struct sk_buff *skb)
{
	const struct dmp_anchor *anchor;
	int ret = 0;
	u32 i;

	for (i = 0; !ret && (anchor = dmp_trust_anchor(i)); i++)
		ret = dmp_put_anchor(skb, anchor);
	return ret;
}

static int dmp_put_probes(struct sk_buff *skb)
{
	struct dmp_probe_state probe;
	int ret = 0;
	u32 i;

	for (i = 0; !ret && dmp_probe_state(i, &probe); i++)
		ret = dmp_put_probe(skb, &probe);
	return ret;
}

static int dmp_put_withdrawn(struct sk_buff *skb, const struct dmp_pages *pages)
{
	struct nlattr *nest = nla_nest_start(skb, DEVMEM_POLICY_A_WITHDRAWN);
	u64 first = pages->first_pfn << PAGE_SHIFT;
	u64 last = (pages->last_pfn << PAGE_SHIFT) + PAGE_SIZE - 1;

	if (!nest ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_WITHDRAWN_A_FIRST, first,
			      DEVMEM_POLICY_WITHDRAWN_A_PAD) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_WITHDRAWN_A_LAST, last,
			      DEVMEM_POLICY_WITHDRAWN_A_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* What the policies in force are together. */
static int dmp_put_active(struct sk_buff *skb)
{
	struct dmp_active *active = dmp_active_pin();
	int ret;
	u32 i;

	ret = dmp_put_flag(skb, DEVMEM_POLICY_A_DEFAULT_DENY, active->set.default_deny);
	for (i = 0; !ret && i < active->set.withdrawn_count; i++)
		ret = dmp_put_withdrawn(skb, &active->set.withdrawn[i]);
	dmp_active_unpin(active);
	return ret;
}

int dmp_answer_status(struct sk_buff *skb)
{
	struct dmp_ring_state ring;

	dmp_ring_state(&ring);
	if (nla_put_string(skb, DEVMEM_POLICY_A_MODULE_VERSION, DMP_MODULE_VERSION) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_A_INSTANCE, dmp_answer_instance(),
			      DEVMEM_POLICY_A_PAD) ||
	    dmp_put_flag(skb, DEVMEM_POLICY_A_TAINTED_TRUST, dmp_trust_development()) ||
	    nla_put_u32(skb, DEVMEM_POLICY_A_TRUST, dmp_trust_mode()) ||
	    dmp_put_flag(skb, DEVMEM_POLICY_A_PERMISSIVE, dmp_mode_permissive()) ||
	    dmp_put_active(skb) || dmp_put_anchors(skb) || dmp_put_probes(skb) ||
	    dmp_put_auditor(skb) || dmp_put_ring(skb, &ring) ||
	    dmp_put_counters(skb, DEVMEM_POLICY_A_COUNTERS, &ring))
		return -EMSGSIZE;
	return 0;
}

int dmp_answer_challenge(struct sk_buff *skb, const struct dmp_challenge *challenge)
{
	if (nla_put_u64_64bit(skb, DEVMEM_POLICY_A_CHALLENGE_ADDRESS, challenge->address,
			      DEVMEM_POLICY_A_PAD) ||
	    nla_put_u32(skb, DEVMEM_POLICY_A_CHALLENGE_BYTES, challenge->bytes) ||
	    nla_put_u32(skb, DEVMEM_POLICY_A_HEARTBEAT_MS, challenge->heartbeat_ms) ||
	    nla_put_u32(skb, DEVMEM_POLICY_A_DEADLINE_MS, challenge->deadline_ms))
		return -EMSGSIZE;
	return 0;
}

static int dmp_put_time(struct sk_buff *skb, int type, u64 seconds, int pad)
{
	return seconds ? nla_put_u64_64bit(skb, type, seconds, pad) : 0;
}

static int dmp_put_times(struct sk_buff *skb, const struct dmp_header *header)
{
	struct dmp_clock clock = dmp_clock_read();
	bool out = clock.now_s < header->not_before_s ||
		   (header->expires_s && clock.latest_s >= header->expires_s);

	if (dmp_put_time(skb, DEVMEM_POLICY_POLICY_A_NOT_BEFORE_S, header->not_before_s,
			 DEVMEM_POLICY_POLICY_A_PAD) ||
	    dmp_put_time(skb, DEVMEM_POLICY_POLICY_A_EXPIRES_S, header->expires_s,
			 DEVMEM_POLICY_POLICY_A_PAD))
		return -EMSGSIZE;
	return dmp_put_flag(skb, DEVMEM_POLICY_POLICY_A_OUT_OF_TIME, out);
}

static int dmp_put_text(struct sk_buff *skb, int type, const char *text)
{
	return *text ? nla_put_string(skb, type, text) : 0;
}

int dmp_answer_policy(struct sk_buff *skb, struct dmp_policy *policy)
{
	const struct dmp_header *header = dmp_policy_header(policy);
	struct nlattr *nest = nla_nest_start(skb, DEVMEM_POLICY_A_POLICY);
	u8 digest[DEVMEM_POLICY_DIGEST_BYTES];
	int ret = dmp_policy_digest(policy, digest);

	if (ret)
		return ret;
	if (!nest || nla_put_string(skb, DEVMEM_POLICY_POLICY_A_NAME, header->name) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_POLICY_A_SERIAL, header->serial,
			      DEVMEM_POLICY_POLICY_A_PAD) ||
	    nla_put(skb, DEVMEM_POLICY_POLICY_A_DIGEST, sizeof(digest), digest) ||
	    nla_put_u32(skb, DEVMEM_POLICY_POLICY_A_RULES, header->rule_count) ||
	    dmp_put_flag(skb, DEVMEM_POLICY_POLICY_A_DEFAULT_DENY,
			 header->flags & DMP_FLAG_DEFAULT_DENY) ||
	    dmp_put_flag(skb, DEVMEM_POLICY_POLICY_A_PERMISSIVE,
			 header->flags & DMP_FLAG_PERMISSIVE) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_POLICY_A_LOADED_NS, policy->loaded_ns,
			      DEVMEM_POLICY_POLICY_A_PAD) ||
	    dmp_put_times(skb, header) ||
	    dmp_put_text(skb, DEVMEM_POLICY_POLICY_A_AUDITOR, dmp_policy_auditor(policy)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dmp_put_conditions(struct sk_buff *skb, const struct dmp_rule *rule)
{
	if (rule->conditions & DEVMEM_POLICY_CONDITION_UID &&
	    nla_put_u32(skb, DEVMEM_POLICY_RULE_A_UID, rule->uid))
		return -EMSGSIZE;
	if (rule->conditions & DEVMEM_POLICY_CONDITION_GID &&
	    nla_put_u32(skb, DEVMEM_POLICY_RULE_A_GID, rule->gid))
		return -EMSGSIZE;
	if (dmp_put_text(skb, DEVMEM_POLICY_RULE_A_EXE, rule->exe))
		return -EMSGSIZE;
	return dmp_put_time(skb, DEVMEM_POLICY_RULE_A_UNTIL_S, rule->until_s,
			    DEVMEM_POLICY_RULE_A_PAD);
}

/* What keeps a rule from counting now. */
static int dmp_put_rule_state(struct sk_buff *skb, const struct dmp_policy *policy, u32 index,
			      const struct dmp_rule *rule)
{
	bool unresolved = rule->conditions & DEVMEM_POLICY_CONDITION_EXE &&
			  !policy->programs[rule->attributes - 1].resolved;
	bool ended = rule->until_s && dmp_clock_read().latest_s >= rule->until_s;

	if (dmp_put_flag(skb, DEVMEM_POLICY_RULE_A_UNRESOLVED, unresolved) ||
	    dmp_put_flag(skb, DEVMEM_POLICY_RULE_A_OUT_OF_TIME, ended))
		return -EMSGSIZE;
	return dmp_put_flag(skb, DEVMEM_POLICY_RULE_A_WITHDRAWN,
			    dmp_rule_in(policy->withdrawn, index));
}

int dmp_answer_rule(struct sk_buff *skb, const struct dmp_policy *policy, u32 index)
{
	struct nlattr *nest = nla_nest_start(skb, DEVMEM_POLICY_A_RULE);
	struct dmp_rule rule;

	dmp_view_rule(&policy->rules.view, index, &rule);
	if (!nest ||
	    nla_put_string(skb, DEVMEM_POLICY_RULE_A_POLICY_NAME,
			   dmp_policy_header(policy)->name) ||
	    nla_put_u32(skb, DEVMEM_POLICY_RULE_A_ID, rule.id) ||
	    nla_put_u32(skb, DEVMEM_POLICY_RULE_A_ACTION, rule.action) ||
	    nla_put_u32(skb, DEVMEM_POLICY_RULE_A_OPS, rule.ops) ||
	    nla_put_u32(skb, DEVMEM_POLICY_RULE_A_FLAGS, rule.flags) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_RULE_A_FIRST, rule.first,
			      DEVMEM_POLICY_RULE_A_PAD) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_RULE_A_LAST, rule.last,
			      DEVMEM_POLICY_RULE_A_PAD) ||
	    dmp_put_text(skb, DEVMEM_POLICY_RULE_A_LABEL, rule.label) ||
	    dmp_put_text(skb, DEVMEM_POLICY_RULE_A_BECAUSE, rule.because) ||
	    dmp_put_conditions(skb, &rule) || dmp_put_rule_state(skb, policy, index, &rule))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dmp_put_mode(struct sk_buff *skb, const struct dmp_record *record)
{
	if (record->fields & DMP_RECORD_WOULD &&
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_WOULD, record->would))
		return -EMSGSIZE;
	if (record->fields & DMP_RECORD_PERMISSIVE &&
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_PERMISSIVE, record->permissive))
		return -EMSGSIZE;
	return 0;
}

static int dmp_put_access(struct sk_buff *skb, const struct dmp_record *record)
{
	if (record->fields & DMP_RECORD_ACCESS &&
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_OPERATION, record->operation))
		return -EMSGSIZE;
	if (record->fields & DMP_RECORD_BASELINE &&
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_BASELINE, record->baseline))
		return -EMSGSIZE;
	if (record->fields & DMP_RECORD_REASON &&
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_REASON, record->reason))
		return -EMSGSIZE;
	if (record->fields & DMP_RECORD_RESULT &&
	    nla_put_s64(skb, DEVMEM_POLICY_EVENT_A_RESULT, record->result,
			DEVMEM_POLICY_EVENT_A_PAD))
		return -EMSGSIZE;
	if (record->fields & DMP_RECORD_TRANSFERRED &&
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_EVENT_A_TRANSFERRED, record->transferred,
			      DEVMEM_POLICY_EVENT_A_PAD))
		return -EMSGSIZE;
	return dmp_put_mode(skb, record);
}

static int dmp_put_range(struct sk_buff *skb, const struct dmp_record *record)
{
	u64 first = record->first_pfn << PAGE_SHIFT;
	u64 last = first + (dmp_record_span(record) << PAGE_SHIFT) - 1;

	if (record->fields & DMP_RECORD_RANGE && record->pages &&
	    (nla_put_u64_64bit(skb, DEVMEM_POLICY_EVENT_A_FIRST, first,
			       DEVMEM_POLICY_EVENT_A_PAD) ||
	     nla_put_u64_64bit(skb, DEVMEM_POLICY_EVENT_A_LAST, last, DEVMEM_POLICY_EVENT_A_PAD)))
		return -EMSGSIZE;
	if (record->fields & (DMP_RECORD_RANGE | DMP_RECORD_PAGES) &&
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_EVENT_A_PAGES, record->pages,
			      DEVMEM_POLICY_EVENT_A_PAD))
		return -EMSGSIZE;
	return 0;
}

static int dmp_put_sum(struct sk_buff *skb, const struct dmp_record *record)
{
	if (record->fields & DMP_RECORD_LOST &&
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_LOST_KIND, record->lost_kind))
		return -EMSGSIZE;
	if (record->fields & DMP_RECORD_CALLS &&
	    (nla_put_u64_64bit(skb, DEVMEM_POLICY_EVENT_A_CALLS, record->calls,
			       DEVMEM_POLICY_EVENT_A_PAD) ||
	     nla_put_u64_64bit(skb, DEVMEM_POLICY_EVENT_A_LAST_TIME_NS, record->last_time_ns,
			       DEVMEM_POLICY_EVENT_A_PAD)))
		return -EMSGSIZE;
	return 0;
}

static int dmp_put_rule_named(struct sk_buff *skb, const struct dmp_record *record)
{
	if (record->fields & DMP_RECORD_POLICY &&
	    nla_put_string(skb, DEVMEM_POLICY_EVENT_A_POLICY_NAME, record->policy))
		return -EMSGSIZE;
	/* A policy that was refused for having none has none. */
	if (record->serial &&
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_EVENT_A_POLICY_SERIAL, record->serial,
			      DEVMEM_POLICY_EVENT_A_PAD))
		return -EMSGSIZE;
	if (record->fields & DMP_RECORD_RULE &&
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_RULE_ID, record->rule_id))
		return -EMSGSIZE;
	if (record->fields & DMP_RECORD_DIGEST &&
	    nla_put(skb, DEVMEM_POLICY_EVENT_A_DIGEST, sizeof(record->digest), record->digest))
		return -EMSGSIZE;
	return 0;
}

static int dmp_put_who(struct sk_buff *skb, const struct dmp_told_record *told)
{
	const struct dmp_who *who = &told->record.who;

	if (!(told->record.fields & DMP_RECORD_SUBJECT))
		return 0;
	if (nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_PID, who->pid) ||
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_TID, who->tid) ||
	    nla_put(skb, DEVMEM_POLICY_EVENT_A_COMM,
		    strnlen(who->comm, sizeof(who->comm)), who->comm) ||
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_UID, who->uid) ||
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_EUID, who->euid) ||
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_GID, who->gid) ||
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_EGID, who->egid) ||
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_AUID, who->auid) ||
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_SESSION, who->session))
		return -EMSGSIZE;
	if (told->exe_bytes &&
	    nla_put(skb, DEVMEM_POLICY_EVENT_A_EXE, told->exe_bytes, told->exe))
		return -EMSGSIZE;
	return 0;
}

/* Nothing counts any more, so these are the ones of the record's time, and the last. */
static int dmp_put_final(struct sk_buff *skb, const struct dmp_record *record)
{
	struct dmp_ring_state ring;

	if (record->kind != DEVMEM_POLICY_EVENT_MODULE_UNLOADING)
		return 0;
	dmp_ring_state(&ring);
	return dmp_put_counters(skb, DEVMEM_POLICY_EVENT_A_COUNTERS, &ring);
}

int dmp_answer_event(struct sk_buff *skb, const struct dmp_told_record *told)
{
	struct nlattr *nest = nla_nest_start(skb, DEVMEM_POLICY_A_EVENT);
	const struct dmp_record *record = &told->record;

	if (!nest ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_EVENT_A_SEQUENCE, record->sequence,
			      DEVMEM_POLICY_EVENT_A_PAD) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_EVENT_A_TIME_NS, record->time_ns,
			      DEVMEM_POLICY_EVENT_A_PAD) ||
	    nla_put_u32(skb, DEVMEM_POLICY_EVENT_A_KIND, record->kind) ||
	    dmp_put_access(skb, record) || dmp_put_range(skb, record) ||
	    dmp_put_sum(skb, record) || dmp_put_rule_named(skb, record) || dmp_put_who(skb, told) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_EVENT_A_UNRECORDED_DENIALS,
			      record->unrecorded_denials, DEVMEM_POLICY_EVENT_A_PAD) ||
	    nla_put_u64_64bit(skb, DEVMEM_POLICY_EVENT_A_MISSES, record->misses,
			      DEVMEM_POLICY_EVENT_A_PAD) ||
	    dmp_put_final(skb, record))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return nla_put_u64_64bit(skb, DEVMEM_POLICY_A_INSTANCE, dmp_answer_instance(),
				 DEVMEM_POLICY_A_PAD);
}
