// SPDX-License-Identifier: GPL-2.0-or-later
/* Attributes made by hand, as the kernel lays them out, and what comes of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/wire.h"

/* What is being built; nests are closed by setting their length afterwards. */
struct message {
	_Alignas(8) uint8_t bytes[4096];
	size_t length;
};

static void put(struct message *message, unsigned int type, const void *value, size_t size)
{
	struct nlattr attribute = {
		.nla_len = (uint16_t)(sizeof(attribute) + size),
		.nla_type = (uint16_t)type,
	};

	memcpy(message->bytes + message->length, &attribute, sizeof(attribute));
	memcpy(message->bytes + message->length + sizeof(attribute), value, size);
	message->length += (sizeof(attribute) + size + 3) / 4 * 4;
	assert_true(message->length <= sizeof(message->bytes));
}

static void put32(struct message *message, unsigned int type, uint32_t value)
{
	put(message, type, &value, sizeof(value));
}

static void put64(struct message *message, unsigned int type, uint64_t value)
{
	put(message, type, &value, sizeof(value));
}

static void put_text(struct message *message, unsigned int type, const char *text)
{
	put(message, type, text, strlen(text) + 1);
}

static void put_nest(struct message *message, unsigned int type, const struct message *nest)
{
	put(message, type | NLA_F_NESTED, nest->bytes, nest->length);
}

static void test_event_has_every_field(void **state)
{
	struct message nest = { 0 }, counters = { 0 }, message = { 0 };
	uint8_t digest[DEVMEM_POLICY_DIGEST_BYTES];
	struct dmp_event event;

	(void)state;
	for (size_t i = 0; i < sizeof(digest); i++)
		digest[i] = (uint8_t)i;
	put64(&nest, DEVMEM_POLICY_EVENT_A_SEQUENCE, 42);
	put(&nest, DEVMEM_POLICY_EVENT_A_PAD, "", 0);
	put64(&nest, DEVMEM_POLICY_EVENT_A_TIME_NS, 1000000001);
	put32(&nest, DEVMEM_POLICY_EVENT_A_KIND, DEVMEM_POLICY_EVENT_GRANT);
	put32(&nest, DEVMEM_POLICY_EVENT_A_OPERATION, DEVMEM_POLICY_OPERATION_WRITE);
	put32(&nest, DEVMEM_POLICY_EVENT_A_BASELINE, DEVMEM_POLICY_BASELINE_MASK);
	put32(&nest, DEVMEM_POLICY_EVENT_A_REASON, DEVMEM_POLICY_REASON_ALLOW_RULE);
	put64(&nest, DEVMEM_POLICY_EVENT_A_FIRST, 0x3f000000);
	put64(&nest, DEVMEM_POLICY_EVENT_A_LAST, 0x3f000fff);
	put64(&nest, DEVMEM_POLICY_EVENT_A_PAGES, 1);
	put64(&nest, DEVMEM_POLICY_EVENT_A_RESULT, (uint64_t)-13);
	put_text(&nest, DEVMEM_POLICY_EVENT_A_POLICY_NAME, "fpga");
	put64(&nest, DEVMEM_POLICY_EVENT_A_POLICY_SERIAL, UINT64_MAX);
	put32(&nest, DEVMEM_POLICY_EVENT_A_RULE_ID, 0x5c0e91ab);
	put(&nest, DEVMEM_POLICY_EVENT_A_DIGEST, digest, sizeof(digest));
	put32(&nest, DEVMEM_POLICY_EVENT_A_PID, 10);
	put32(&nest, DEVMEM_POLICY_EVENT_A_TID, 11);
	put(&nest, DEVMEM_POLICY_EVENT_A_COMM, "dd", 2);
	put(&nest, DEVMEM_POLICY_EVENT_A_EXE, "/bin/dd", 7);
	put32(&nest, DEVMEM_POLICY_EVENT_A_UID, 1);
	put32(&nest, DEVMEM_POLICY_EVENT_A_EUID, 2);
	put32(&nest, DEVMEM_POLICY_EVENT_A_GID, 3);
	put32(&nest, DEVMEM_POLICY_EVENT_A_EGID, 4);
	put32(&nest, DEVMEM_POLICY_EVENT_A_AUID, 5);
	put32(&nest, DEVMEM_POLICY_EVENT_A_SESSION, 6);
	put64(&nest, DEVMEM_POLICY_EVENT_A_UNRECORDED_DENIALS, 7);
	put64(&nest, DEVMEM_POLICY_EVENT_A_MISSES, 8);
	put32(&nest, DEVMEM_POLICY_EVENT_A_WOULD, DEVMEM_POLICY_WOULD_REFUSE);
	put64(&nest, DEVMEM_POLICY_EVENT_A_TRANSFERRED, 4096);
	put32(&nest, DEVMEM_POLICY_EVENT_A_PERMISSIVE, 1);
	put64(&nest, DEVMEM_POLICY_EVENT_A_CALLS, 17);
	put64(&nest, DEVMEM_POLICY_EVENT_A_LAST_TIME_NS, 1000000002);
	put32(&nest, DEVMEM_POLICY_EVENT_A_LOST_KIND, DEVMEM_POLICY_EVENT_MISS);
	put64(&counters, DEVMEM_POLICY_COUNTER_A_GRANTED_PAGES, 18);
	put64(&counters, DEVMEM_POLICY_COUNTER_A_TOUCHED, 19);
	put_nest(&nest, DEVMEM_POLICY_EVENT_A_COUNTERS, &counters);
	put_nest(&message, DEVMEM_POLICY_A_EVENT, &nest);
	put64(&message, DEVMEM_POLICY_A_INSTANCE, 0x1122334455667788);

	assert_int_equal(dmp_wire_event(message.bytes, message.length, &event), 0);
	/* Every attribute but UNSPEC and PAD */
	assert_int_equal(event.present, (UINT64_C(1) << (DEVMEM_POLICY_EVENT_A_MAX + 1)) - 4);
	assert_int_equal(event.instance, 0x1122334455667788);
	assert_int_equal(event.sequence, 42);
	assert_int_equal(event.time_ns, 1000000001);
	assert_int_equal(event.kind, DEVMEM_POLICY_EVENT_GRANT);
	assert_int_equal(event.operation, DEVMEM_POLICY_OPERATION_WRITE);
	assert_int_equal(event.baseline, DEVMEM_POLICY_BASELINE_MASK);
	assert_int_equal(event.reason, DEVMEM_POLICY_REASON_ALLOW_RULE);
	assert_int_equal(event.first, 0x3f000000);
	assert_int_equal(event.last, 0x3f000fff);
	assert_int_equal(event.pages, 1);
	assert_int_equal(event.result, -13);
	assert_string_equal(event.policy, "fpga");
	assert_true(event.serial == UINT64_MAX);
	assert_int_equal(event.rule, 0x5c0e91ab);
	assert_memory_equal(event.digest, digest, sizeof(digest));
	assert_int_equal(event.pid, 10);
	assert_int_equal(event.tid, 11);
	assert_int_equal(event.comm.length, 2);
	assert_memory_equal(event.comm.bytes, "dd", 2);
	assert_int_equal(event.exe.length, 7);
	assert_memory_equal(event.exe.bytes, "/bin/dd", 7);
	assert_int_equal(event.uid, 1);
	assert_int_equal(event.euid, 2);
	assert_int_equal(event.gid, 3);
	assert_int_equal(event.egid, 4);
	assert_int_equal(event.auid, 5);
	assert_int_equal(event.session, 6);
	assert_int_equal(event.unrecorded_denials, 7);
	assert_int_equal(event.misses, 8);
	assert_int_equal(event.would, DEVMEM_POLICY_WOULD_REFUSE);
	assert_int_equal(event.transferred, 4096);
	assert_int_equal(event.permissive, 1);
	assert_int_equal(event.calls, 17);
	assert_int_equal(event.last_time_ns, 1000000002);
	assert_int_equal(event.lost_kind, DEVMEM_POLICY_EVENT_MISS);
	assert_int_equal(event.counters.granted_pages, 18);
	assert_int_equal(event.counters.touched, 19);
	assert_int_equal(event.counters.present,
			 UINT64_C(1) << DEVMEM_POLICY_COUNTER_A_GRANTED_PAGES |
				 UINT64_C(1) << DEVMEM_POLICY_COUNTER_A_TOUCHED);
}

/* A newer or older module: more attributes, fewer, wider, narrower. */
static void test_what_does_not_fit_is_not_present(void **state)
{
	struct message nest = { 0 }, message = { 0 };
	struct dmp_event event;

	(void)state;
	put64(&nest, 63, 1);
	put64(&nest, 1000, 1);
	put32(&nest, DEVMEM_POLICY_EVENT_A_SEQUENCE, 7);
	put64(&nest, DEVMEM_POLICY_EVENT_A_KIND, 1);
	put(&nest, DEVMEM_POLICY_EVENT_A_DIGEST, "short", 5);
	put(&nest, DEVMEM_POLICY_EVENT_A_COMM, "", 0);
	put64(&message, 50, 1);
	put_nest(&message, DEVMEM_POLICY_A_EVENT, &nest);
	assert_int_equal(dmp_wire_event(message.bytes, message.length, &event), 0);
	assert_int_equal(event.present, UINT64_C(1) << DEVMEM_POLICY_EVENT_A_COMM);
	assert_int_equal(event.sequence, 0);
	assert_int_equal(event.kind, 0);
	assert_int_equal(event.instance, 0);
	assert_int_equal(event.comm.length, 0);
}

static void test_long_values_are_cut_off(void **state)
{
	struct message nest = { 0 }, message = { 0 };
	char text[600];
	struct dmp_event event;

	(void)state;
	memset(text, 'x', sizeof(text));
	put(&nest, DEVMEM_POLICY_EVENT_A_POLICY_NAME, text, sizeof(text));
	put(&nest, DEVMEM_POLICY_EVENT_A_EXE, text, sizeof(text));
	put_nest(&message, DEVMEM_POLICY_A_EVENT, &nest);
	assert_int_equal(dmp_wire_event(message.bytes, message.length, &event), 0);
	assert_int_equal(strlen(event.policy), DEVMEM_POLICY_NAME_SIZE - 1);
	assert_int_equal(event.exe.length, DEVMEM_POLICY_EXE_SIZE);
}

static void test_message_without_its_nest(void **state)
{
	struct message message = { 0 };
	struct dmp_policy_info policy;
	struct dmp_rule_info rule;
	struct dmp_event event;

	(void)state;
	put64(&message, DEVMEM_POLICY_A_INSTANCE, 1);
	assert_int_equal(dmp_wire_event(message.bytes, message.length, &event), -EPROTO);
	assert_int_equal(dmp_wire_policy(message.bytes, message.length, &policy), -EPROTO);
	assert_int_equal(dmp_wire_rule(message.bytes, message.length, &rule), -EPROTO);
	assert_int_equal(dmp_wire_event(message.bytes, 0, &event), -EPROTO);
}

/*
 * Every truncation, and every length in the attributes' headers, with the bytes
 * in memory of exactly that size: for the sanitizers to see a read beyond.
 */
static void test_broken_lengths_are_survived(void **state)
{
	struct message nest = { 0 }, message = { 0 };
	struct dmp_event event;
	uint8_t *copy;

	(void)state;
	put64(&nest, DEVMEM_POLICY_EVENT_A_SEQUENCE, 42);
	put_text(&nest, DEVMEM_POLICY_EVENT_A_POLICY_NAME, "name");
	put_nest(&message, DEVMEM_POLICY_A_EVENT, &nest);
	for (size_t length = 0; length <= message.length; length++) {
		copy = malloc(length + 1);
		assert_non_null(copy);
		memcpy(copy, message.bytes, length);
		dmp_wire_event(copy, length, &event);
		assert_true(length == message.length || event.present == 0);
		free(copy);
	}
	for (unsigned int bad = 0; bad < 256; bad++) {
		message.bytes[4] = (uint8_t)bad;
		message.bytes[5] = 0;
		dmp_wire_event(message.bytes, message.length, &event);
		assert_true(bad == 12 || !dmp_has(event.present, DEVMEM_POLICY_EVENT_A_SEQUENCE));
	}
}

static void test_policy_and_rule(void **state)
{
	struct message policy_nest = { 0 }, rule_nest = { 0 }, message = { 0 };
	struct dmp_policy_info policy;
	struct dmp_rule_info rule;

	(void)state;
	put_text(&policy_nest, DEVMEM_POLICY_POLICY_A_NAME, "p");
	put64(&policy_nest, DEVMEM_POLICY_POLICY_A_SERIAL, 9);
	put32(&policy_nest, DEVMEM_POLICY_POLICY_A_RULES, 3);
	put(&policy_nest, DEVMEM_POLICY_POLICY_A_DEFAULT_DENY, "", 0);
	put64(&policy_nest, DEVMEM_POLICY_POLICY_A_LOADED_NS, 5);
	put(&policy_nest, DEVMEM_POLICY_POLICY_A_PERMISSIVE, "", 0);
	put64(&policy_nest, DEVMEM_POLICY_POLICY_A_NOT_BEFORE_S, 6);
	put64(&policy_nest, DEVMEM_POLICY_POLICY_A_EXPIRES_S, 7);
	put(&policy_nest, DEVMEM_POLICY_POLICY_A_OUT_OF_TIME, "", 0);
	put_text(&policy_nest, DEVMEM_POLICY_POLICY_A_AUDITOR, "/usr/sbin/devmemd");
	put_nest(&message, DEVMEM_POLICY_A_POLICY, &policy_nest);
	put_text(&rule_nest, DEVMEM_POLICY_RULE_A_POLICY_NAME, "p");
	put32(&rule_nest, DEVMEM_POLICY_RULE_A_ID, 0xabcdef01);
	put32(&rule_nest, DEVMEM_POLICY_RULE_A_ACTION, DEVMEM_POLICY_DENY);
	put32(&rule_nest, DEVMEM_POLICY_RULE_A_OPS, 3);
	put32(&rule_nest, DEVMEM_POLICY_RULE_A_FLAGS, 1);
	put64(&rule_nest, DEVMEM_POLICY_RULE_A_FIRST, 0x1000);
	put64(&rule_nest, DEVMEM_POLICY_RULE_A_LAST, UINT64_MAX);
	put_text(&rule_nest, DEVMEM_POLICY_RULE_A_LABEL, "l");
	put_text(&rule_nest, DEVMEM_POLICY_RULE_A_BECAUSE, "b");
	put32(&rule_nest, DEVMEM_POLICY_RULE_A_UID, 0);
	put32(&rule_nest, DEVMEM_POLICY_RULE_A_GID, 44);
	put_text(&rule_nest, DEVMEM_POLICY_RULE_A_EXE, "/usr/bin/x");
	put64(&rule_nest, DEVMEM_POLICY_RULE_A_UNTIL_S, 12);
	put(&rule_nest, DEVMEM_POLICY_RULE_A_UNRESOLVED, "", 0);
	put(&rule_nest, DEVMEM_POLICY_RULE_A_OUT_OF_TIME, "", 0);
	put(&rule_nest, DEVMEM_POLICY_RULE_A_WITHDRAWN, "", 0);
	put_nest(&message, DEVMEM_POLICY_A_RULE, &rule_nest);

	assert_int_equal(dmp_wire_policy(message.bytes, message.length, &policy), 0);
	assert_string_equal(policy.name, "p");
	assert_int_equal(policy.serial, 9);
	assert_int_equal(policy.rules, 3);
	assert_true(policy.default_deny);
	assert_int_equal(policy.loaded_ns, 5);
	assert_true(policy.permissive);
	assert_int_equal(policy.not_before_s, 6);
	assert_int_equal(policy.expires_s, 7);
	assert_true(policy.out_of_time);
	assert_string_equal(policy.auditor, "/usr/sbin/devmemd");
	assert_false(dmp_has(policy.present, DEVMEM_POLICY_POLICY_A_DIGEST));
	assert_int_equal(dmp_wire_rule(message.bytes, message.length, &rule), 0);
	assert_string_equal(rule.policy, "p");
	assert_int_equal(rule.id, 0xabcdef01);
	assert_int_equal(rule.action, DEVMEM_POLICY_DENY);
	assert_int_equal(rule.ops, 3);
	assert_int_equal(rule.flags, 1);
	assert_int_equal(rule.first, 0x1000);
	assert_true(rule.last == UINT64_MAX);
	assert_string_equal(rule.label, "l");
	assert_string_equal(rule.because, "b");
	assert_true(dmp_has(rule.present, DEVMEM_POLICY_RULE_A_UID));
	assert_int_equal(rule.uid, 0);
	assert_int_equal(rule.gid, 44);
	assert_string_equal(rule.exe, "/usr/bin/x");
	assert_int_equal(rule.until_s, 12);
	assert_true(rule.unresolved);
	assert_true(rule.out_of_time);
	assert_true(rule.withdrawn);
}

static void put_status_nests(struct message *message)
{
	struct message anchor = { 0 }, probe = { 0 }, auditor = { 0 };
	struct message ring = { 0 }, counters = { 0 }, withdrawn = { 0 };

	put_text(&anchor, DEVMEM_POLICY_ANCHOR_A_DESCRIPTION, "key one");
	put_nest(message, DEVMEM_POLICY_A_ANCHOR, &anchor);
	put_nest(message, DEVMEM_POLICY_A_ANCHOR, &anchor);
	put_text(&probe, DEVMEM_POLICY_PROBE_A_SYMBOL, "read_mem");
	put(&probe, DEVMEM_POLICY_PROBE_A_REQUIRED, "", 0);
	put32(&probe, DEVMEM_POLICY_PROBE_A_STATE, DEVMEM_POLICY_PROBE_ARMED);
	put64(&probe, DEVMEM_POLICY_PROBE_A_HITS, 3);
	put64(&probe, DEVMEM_POLICY_PROBE_A_MISSED, 1);
	put_nest(message, DEVMEM_POLICY_A_PROBE, &probe);
	put32(&auditor, DEVMEM_POLICY_AUDITOR_A_PID, 77);
	put_text(&auditor, DEVMEM_POLICY_AUDITOR_A_COMM, "devmemd");
	put_nest(message, DEVMEM_POLICY_A_AUDITOR, &auditor);
	put64(&ring, DEVMEM_POLICY_RING_A_NEWEST, 5);
	put32(&ring, DEVMEM_POLICY_RING_A_PENDING, 3);
	put_nest(message, DEVMEM_POLICY_A_RING, &ring);
	put64(&counters, DEVMEM_POLICY_COUNTER_A_GRANTED_PAGES, 1);
	put64(&counters, DEVMEM_POLICY_COUNTER_A_UNRECORDED_EVENTS, 2);
	put64(&counters, DEVMEM_POLICY_COUNTER_A_PERMITTED_PAGES, 3);
	put64(&counters, DEVMEM_POLICY_COUNTER_A_LOOKUPS, 4);
	put64(&counters, DEVMEM_POLICY_COUNTER_A_TOUCHED, 5);
	put_nest(message, DEVMEM_POLICY_A_COUNTERS, &counters);
	put64(&withdrawn, DEVMEM_POLICY_WITHDRAWN_A_FIRST, 0x1000);
	put64(&withdrawn, DEVMEM_POLICY_WITHDRAWN_A_LAST, 0x1fff);
	put_nest(message, DEVMEM_POLICY_A_WITHDRAWN, &withdrawn);
}

static void test_status(void **state)
{
	struct message message = { 0 };
	struct dmp_status status;

	(void)state;
	put_text(&message, DEVMEM_POLICY_A_MODULE_VERSION, "0.1.0");
	put64(&message, DEVMEM_POLICY_A_INSTANCE, 99);
	put(&message, DEVMEM_POLICY_A_TAINTED_TRUST, "", 0);
	put(&message, DEVMEM_POLICY_A_PERMISSIVE, "", 0);
	put32(&message, DEVMEM_POLICY_A_TRUST, DEVMEM_POLICY_TRUST_BOTH);
	put_status_nests(&message);
	dmp_wire_status(message.bytes, message.length, &status);
	assert_string_equal(status.module_version, "0.1.0");
	assert_int_equal(status.instance, 99);
	assert_true(status.development_key);
	assert_false(status.default_deny);
	assert_int_equal(status.anchor_count, 2);
	assert_string_equal(status.anchors[1].description, "key one");
	assert_int_equal(status.probe_count, 1);
	assert_string_equal(status.probes[0].symbol, "read_mem");
	assert_true(status.probes[0].required);
	assert_int_equal(status.probes[0].hits, 3);
	assert_int_equal(status.probes[0].missed, 1);
	assert_true(dmp_has(status.present, DEVMEM_POLICY_A_AUDITOR));
	assert_int_equal(status.auditor.pid, 77);
	assert_false(status.auditor.proven);
	assert_int_equal(status.ring.newest, 5);
	assert_int_equal(status.ring.pending, 3);
	assert_int_equal(status.counters.granted_pages, 1);
	assert_int_equal(status.counters.unrecorded_events, 2);
	assert_int_equal(status.counters.permitted_pages, 3);
	assert_int_equal(status.counters.lookups, 4);
	assert_int_equal(status.counters.touched, 5);
	assert_true(status.permissive);
	assert_int_equal(status.trust, DEVMEM_POLICY_TRUST_BOTH);
	assert_int_equal(status.withdrawn_count, 1);
	assert_int_equal(status.withdrawn[0].first, 0x1000);
	assert_int_equal(status.withdrawn[0].last, 0x1fff);
	assert_false(dmp_has(status.counters.present, DEVMEM_POLICY_COUNTER_A_LOADS));
}

static void test_status_holds_only_so_many(void **state)
{
	struct message message = { 0 }, nest = { 0 };
	struct dmp_status status;

	(void)state;
	for (unsigned int i = 0; i < DMP_MAX_ANCHORS + 5; i++)
		put_nest(&message, DEVMEM_POLICY_A_ANCHOR, &nest);
	for (unsigned int i = 0; i < DMP_MAX_PROBES + 5; i++)
		put_nest(&message, DEVMEM_POLICY_A_PROBE, &nest);
	for (unsigned int i = 0; i < DMP_MAX_WITHDRAWN + 5; i++)
		put_nest(&message, DEVMEM_POLICY_A_WITHDRAWN, &nest);
	dmp_wire_status(message.bytes, message.length, &status);
	assert_int_equal(status.anchor_count, DMP_MAX_ANCHORS);
	assert_int_equal(status.probe_count, DMP_MAX_PROBES);
	assert_int_equal(status.withdrawn_count, DMP_MAX_WITHDRAWN);
	assert_false(dmp_has(status.present, DEVMEM_POLICY_A_AUDITOR));
}

/* --- results ---------------------------------------------------------------- */

/* An NLMSG_ERROR for a request of echoed bytes, with a sentence. */
static struct nlmsghdr *make_error(struct message *message, int error, unsigned int flags,
				   size_t echoed, const char *sentence)
{
	struct nlmsghdr header = { .nlmsg_type = NLMSG_ERROR, .nlmsg_flags = (uint16_t)flags };
	struct nlmsgerr answer = { .error = error };

	memset(message, 0, sizeof(*message));
	answer.msg.nlmsg_len = (uint32_t)(sizeof(answer.msg) + echoed);
	message->length = sizeof(header);
	memcpy(message->bytes + message->length, &answer, sizeof(answer));
	message->length += sizeof(answer);
	if (!(flags & NLM_F_CAPPED))
		message->length += (echoed + 3) / 4 * 4;
	if (sentence) {
		put32(message, NLMSGERR_ATTR_OFFS, 20);
		put_text(message, NLMSGERR_ATTR_MSG, sentence);
	}
	header.nlmsg_len = (uint32_t)message->length;
	memcpy(message->bytes, &header, sizeof(header));
	return (struct nlmsghdr *)message->bytes;
}

static void test_result_with_sentence(void **state)
{
	struct message message;
	char text[64];

	(void)state;
	assert_int_equal(dmp_wire_result(make_error(&message, -EKEYREJECTED,
						    NLM_F_ACK_TLVS | NLM_F_CAPPED, 100,
						    "tampered"),
					 text, sizeof(text)),
			 -EKEYREJECTED);
	assert_string_equal(text, "tampered");
	/* Not capped: the whole request stands before the sentence. */
	assert_int_equal(dmp_wire_result(make_error(&message, -EINVAL, NLM_F_ACK_TLVS, 99,
						    "bad rule"),
					 text, sizeof(text)),
			 -EINVAL);
	assert_string_equal(text, "bad rule");
	/* Without the flag what follows is no attribute. */
	assert_int_equal(dmp_wire_result(make_error(&message, -EPERM, NLM_F_CAPPED, 0, "x"),
					 text, sizeof(text)),
			 -EPERM);
	assert_string_equal(text, "");
	assert_int_equal(dmp_wire_result(make_error(&message, 0, NLM_F_CAPPED, 0, NULL), text,
					 sizeof(text)),
			 0);
	assert_string_equal(text, "");
}

static void test_result_of_a_dump(void **state)
{
	struct message message = { 0 };
	struct nlmsghdr header = { .nlmsg_type = NLMSG_DONE, .nlmsg_flags = NLM_F_ACK_TLVS };
	int error = -ENOENT;
	char text[64];

	(void)state;
	memcpy(message.bytes + sizeof(header), &error, sizeof(error));
	message.length = sizeof(header) + sizeof(error);
	put_text(&message, NLMSGERR_ATTR_MSG, "no such policy");
	header.nlmsg_len = (uint32_t)message.length;
	memcpy(message.bytes, &header, sizeof(header));
	assert_int_equal(dmp_wire_result((struct nlmsghdr *)message.bytes, text, sizeof(text)),
			 -ENOENT);
	assert_string_equal(text, "no such policy");
}

static void test_result_that_makes_no_sense(void **state)
{
	struct message message;
	struct nlmsghdr *header;
	struct nlmsgerr answer;
	char text[8];

	(void)state;
	assert_int_equal(dmp_wire_result(make_error(&message, 5, 0, 0, NULL), text, sizeof(text)),
			 -EPROTO);
	assert_int_equal(dmp_wire_result(make_error(&message, -5000, 0, 0, NULL), text,
					 sizeof(text)),
			 -EPROTO);
	header = make_error(&message, -EPERM, 0, 0, NULL);
	header->nlmsg_len = NLMSG_HDRLEN + 3;
	assert_int_equal(dmp_wire_result(header, text, sizeof(text)), -EPROTO);
	/* An echoed request that claims to be longer than the message. */
	header = make_error(&message, -EPERM, NLM_F_ACK_TLVS, 0, "x");
	memcpy(&answer, message.bytes + NLMSG_HDRLEN, sizeof(answer));
	answer.msg.nlmsg_len = UINT32_MAX;
	memcpy(message.bytes + NLMSG_HDRLEN, &answer, sizeof(answer));
	assert_int_equal(dmp_wire_result(header, text, sizeof(text)), -EPERM);
	assert_string_equal(text, "");
	/* A long sentence is cut off. */
	dmp_wire_result(make_error(&message, -EPERM, NLM_F_ACK_TLVS | NLM_F_CAPPED, 0,
				   "0123456789"),
			text, sizeof(text));
	assert_string_equal(text, "0123456");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_event_has_every_field),
		cmocka_unit_test(test_what_does_not_fit_is_not_present),
		cmocka_unit_test(test_long_values_are_cut_off),
		cmocka_unit_test(test_message_without_its_nest),
		cmocka_unit_test(test_broken_lengths_are_survived),
		cmocka_unit_test(test_policy_and_rule),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_status_holds_only_so_many),
		cmocka_unit_test(test_result_with_sentence),
		cmocka_unit_test(test_result_of_a_dump),
		cmocka_unit_test(test_result_that_makes_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
