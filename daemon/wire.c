// SPDX-License-Identifier: GPL-2.0-or-later
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum field_type {
	FIELD_INTEGER, /* exactly as wide as the member */
	FIELD_FLAG,
	FIELD_TEXT, /* char[], cut off if need be, always terminated */
	FIELD_FIXED, /* uint8_t[], all of it or nothing */
	FIELD_BYTES, /* struct dmp_bytes */
};

/* Where the value of an attribute goes. */
struct field {
	uint16_t attribute;
	uint16_t type;
	size_t offset;
	size_t size;
};

#define FIELD(object, member, attribute, type)                            \
	{                                                                 \
		attribute, type, offsetof(struct object, member),         \
			sizeof(((struct object *)NULL)->member)           \
	}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define EVENT(member, name, type) \
	FIELD(dmp_event, member, DEVMEM_POLICY_EVENT_A_##name, FIELD_##type)
static const struct field event_fields[] = {
	EVENT(sequence, SEQUENCE, INTEGER),
	EVENT(time_ns, TIME_NS, INTEGER),
	EVENT(kind, KIND, INTEGER),
	EVENT(operation, OPERATION, INTEGER),
	EVENT(baseline, BASELINE, INTEGER),
	EVENT(reason, REASON, INTEGER),
	EVENT(first, FIRST, INTEGER),
	EVENT(last, LAST, INTEGER),
	EVENT(pages, PAGES, INTEGER),
	EVENT(result, RESULT, INTEGER),
	EVENT(policy, POLICY_NAME, TEXT),
	EVENT(serial, POLICY_SERIAL, INTEGER),
	EVENT(rule, RULE_ID, INTEGER),
	EVENT(digest, DIGEST, FIXED),
	EVENT(pid, PID, INTEGER),
	EVENT(tid, TID, INTEGER),
	EVENT(comm, COMM, BYTES),
	EVENT(exe, EXE, BYTES),
	EVENT(uid, UID, INTEGER),
	EVENT(euid, EUID, INTEGER),
	EVENT(gid, GID, INTEGER),
	EVENT(egid, EGID, INTEGER),
	EVENT(auid, AUID, INTEGER),
	EVENT(session, SESSION, INTEGER),
	EVENT(unrecorded_denials, UNRECORDED_DENIALS, INTEGER),
	EVENT(misses, MISSES, INTEGER),
	EVENT(would, WOULD, INTEGER),
	EVENT(transferred, TRANSFERRED, INTEGER),
	EVENT(permissive, PERMISSIVE, INTEGER),
	EVENT(calls, CALLS, INTEGER),
	EVENT(last_time_ns, LAST_TIME_NS, INTEGER),
	EVENT(lost_kind, LOST_KIND, INTEGER),
};

#define POLICY(member, name, type) \
	FIELD(dmp_policy_info, member, DEVMEM_POLICY_POLICY_A_##name, FIELD_##type)
static const struct field policy_fields[] = {
	POLICY(name, NAME, TEXT),
	POLICY(serial, SERIAL, INTEGER),
	POLICY(digest, DIGEST, FIXED),
	POLICY(rules, RULES, INTEGER),
	POLICY(default_deny, DEFAULT_DENY, FLAG),
	POLICY(loaded_ns, LOADED_NS, INTEGER),
	POLICY(permissive, PERMISSIVE, FLAG),
	POLICY(not_before_s, NOT_BEFORE_S, INTEGER),
	POLICY(expires_s, EXPIRES_S, INTEGER),
	POLICY(out_of_time, OUT_OF_TIME, FLAG),
	POLICY(auditor, AUDITOR, TEXT),
};

#define RULE(member, name, type) \
	FIELD(dmp_rule_info, member, DEVMEM_POLICY_RULE_A_##name, FIELD_##type)
static const struct field rule_fields[] = {
	RULE(policy, POLICY_NAME, TEXT),
	RULE(id, ID, INTEGER),
	RULE(action, ACTION, INTEGER),
	RULE(ops, OPS, INTEGER),
	RULE(flags, FLAGS, INTEGER),
	RULE(first, FIRST, INTEGER),
	RULE(last, LAST, INTEGER),
	RULE(label, LABEL, TEXT),
	RULE(because, BECAUSE, TEXT),
	RULE(uid, UID, INTEGER),
	RULE(gid, GID, INTEGER),
	RULE(exe, EXE, TEXT),
	RULE(until_s, UNTIL_S, INTEGER),
	RULE(unresolved, UNRESOLVED, FLAG),
	RULE(out_of_time, OUT_OF_TIME, FLAG),
	RULE(withdrawn, WITHDRAWN, FLAG),
};

#define CHALLENGE(member, name) \
	FIELD(dmp_challenge, member, DEVMEM_POLICY_A_##name, FIELD_INTEGER)
static const struct field challenge_fields[] = {
	CHALLENGE(address, CHALLENGE_ADDRESS),
	CHALLENGE(bytes, CHALLENGE_BYTES),
	CHALLENGE(heartbeat_ms, HEARTBEAT_MS),
	CHALLENGE(deadline_ms, DEADLINE_MS),
};

#define STATUS(member, name, type) \
	FIELD(dmp_status, member, DEVMEM_POLICY_A_##name, FIELD_##type)
static const struct field status_fields[] = {
	STATUS(module_version, MODULE_VERSION, TEXT),
	STATUS(instance, INSTANCE, INTEGER),
	STATUS(development_key, TAINTED_TRUST, FLAG),
	STATUS(default_deny, DEFAULT_DENY, FLAG),
	STATUS(permissive, PERMISSIVE, FLAG),
	STATUS(trust, TRUST, INTEGER),
};

#define ANCHOR(member, name, type) \
	FIELD(dmp_anchor, member, DEVMEM_POLICY_ANCHOR_A_##name, FIELD_##type)
static const struct field anchor_fields[] = {
	ANCHOR(description, DESCRIPTION, TEXT),
	ANCHOR(fingerprint, FINGERPRINT, FIXED),
};

#define PROBE(member, name, type) \
	FIELD(dmp_probe, member, DEVMEM_POLICY_PROBE_A_##name, FIELD_##type)
static const struct field probe_fields[] = {
	PROBE(symbol, SYMBOL, TEXT),
	PROBE(required, REQUIRED, FLAG),
	PROBE(state, STATE, INTEGER),
	PROBE(hits, HITS, INTEGER),
	PROBE(missed, MISSED, INTEGER),
};

#define AUDITOR(member, name, type) \
	FIELD(dmp_auditor_info, member, DEVMEM_POLICY_AUDITOR_A_##name, FIELD_##type)
static const struct field auditor_fields[] = {
	AUDITOR(pid, PID, INTEGER),
	AUDITOR(comm, COMM, TEXT),
	AUDITOR(proven, PROVEN, FLAG),
	AUDITOR(proof_age_ms, PROOF_AGE_MS, INTEGER),
};

#define RING(member, name) \
	FIELD(dmp_ring, member, DEVMEM_POLICY_RING_A_##name, FIELD_INTEGER)
static const struct field ring_fields[] = {
	RING(slots, SLOTS),
	RING(reserved, RESERVED),
	RING(newest, NEWEST),
	RING(acknowledged, ACKNOWLEDGED),
	RING(pending, PENDING),
};

#define COUNTER(member, name) \
	FIELD(dmp_counters, member, DEVMEM_POLICY_COUNTER_A_##name, FIELD_INTEGER)
static const struct field counter_fields[] = {
	COUNTER(granted_pages, GRANTED_PAGES),
	COUNTER(denied_pages, DENIED_PAGES),
	COUNTER(baseline_pages, BASELINE_PAGES),
	COUNTER(operations, OPERATIONS),
	COUNTER(untracked, UNTRACKED),
	COUNTER(misses, MISSES),
	COUNTER(unrecorded_denials, UNRECORDED_DENIALS),
	COUNTER(revoked_pages, REVOKED_PAGES),
	COUNTER(loads, LOADS),
	COUNTER(failed_loads, FAILED_LOADS),
	COUNTER(unrecorded_events, UNRECORDED_EVENTS),
	COUNTER(permitted_pages, PERMITTED_PAGES),
	COUNTER(lookups, LOOKUPS),
	COUNTER(touched, TOUCHED),
};

#define WITHDRAWN(member, name) \
	FIELD(dmp_withdrawn, member, DEVMEM_POLICY_WITHDRAWN_A_##name, FIELD_INTEGER)
static const struct field withdrawn_fields[] = {
	WITHDRAWN(first, FIRST),
	WITHDRAWN(last, LAST),
};

/* NLA_HDRLEN and its like as unsigned numbers. */
#define ATTRIBUTE_HEADER_BYTES sizeof(struct nlattr)
#define ATTRIBUTE_TYPE_MASK ((uint16_t)NLA_TYPE_MASK)

static size_t attribute_align(size_t length)
{
	return (length + NLA_ALIGNTO - 1) / NLA_ALIGNTO * NLA_ALIGNTO;
}

/* A walk over attributes; value and size are those of the current one. */
struct walk {
	const uint8_t *next;
	size_t left;
	uint16_t type;
	const uint8_t *value;
	size_t size;
};

static struct walk walk_begin(const void *attributes, size_t length)
{
	return (struct walk){ .next = attributes, .left = length };
}

static bool walk_next(struct walk *walk)
{
	struct nlattr attribute;
	size_t step;

	if (walk->left < ATTRIBUTE_HEADER_BYTES)
		return false;
	memcpy(&attribute, walk->next, sizeof(attribute));
	if (attribute.nla_len < ATTRIBUTE_HEADER_BYTES ||
	    attribute.nla_len > walk->left)
		return false;

	walk->type = attribute.nla_type & ATTRIBUTE_TYPE_MASK;
	walk->value = walk->next + ATTRIBUTE_HEADER_BYTES;
	walk->size = attribute.nla_len - ATTRIBUTE_HEADER_BYTES;
	step = attribute_align(attribute.nla_len);
	if (step > walk->left)
		step = walk->left;
	walk->next += step;
	walk->left -= step;
	return true;
}

static bool store_text(const struct walk *walk, char *text, size_t size)
{
	size_t length = strnlen((const char *)walk->value, walk->size);

	if (length >= size)
		length = size - 1;
	memcpy(text, walk->value, length);
	text[length] = '\0';
	return true;
}

static bool store_bytes(const struct walk *walk, struct dmp_bytes *bytes)
{
	bytes->length = walk->size;
	if (bytes->length > sizeof(bytes->bytes))
		bytes->length = sizeof(bytes->bytes);
	memcpy(bytes->bytes, walk->value, bytes->length);
	return true;
}

static bool store(const struct walk *walk, const struct field *field, void *object)
{
	void *member = (uint8_t *)object + field->offset;

	switch (field->type) {
	case FIELD_FLAG:
		*(bool *)member = true;
		return true;
	case FIELD_TEXT:
		return store_text(walk, member, field->size);
	case FIELD_BYTES:
		return store_bytes(walk, member);
	default:
		if (walk->size != field->size)
			return false;
		memcpy(member, walk->value, field->size);
		return true;
	}
}

static const struct field *find_field(const struct field *fields, size_t count,
				      uint16_t attribute)
{
	for (size_t i = 0; i < count; i++)
		if (fields[i].attribute == attribute)
			return &fields[i];
	return NULL;
}

/* Every object begins with its bit set of attributes. */
static void decode(struct walk walk, const struct field *fields, size_t count,
		   void *object)
{
	const struct field *field;
	uint64_t present = 0;

	while (walk_next(&walk)) {
		field = find_field(fields, count, walk.type);
		if (field && store(&walk, field, object))
			present |= UINT64_C(1) << walk.type;
	}
	memcpy(object, &present, sizeof(present));
}

#define DECODE(walk, fields, object) \
	decode(walk_begin((walk).value, (walk).size), fields, COUNT(fields), object)

static void decode_status_nest(const struct walk *walk, struct dmp_status *status)
{
	switch (walk->type) {
	case DEVMEM_POLICY_A_ANCHOR:
		if (status->anchor_count < DMP_MAX_ANCHORS)
			DECODE(*walk, anchor_fields,
			       &status->anchors[status->anchor_count++]);
		return;
	case DEVMEM_POLICY_A_PROBE:
		if (status->probe_count < DMP_MAX_PROBES)
			DECODE(*walk, probe_fields,
			       &status->probes[status->probe_count++]);
		return;
	case DEVMEM_POLICY_A_WITHDRAWN:
		if (status->withdrawn_count < DMP_MAX_WITHDRAWN)
			DECODE(*walk, withdrawn_fields,
			       &status->withdrawn[status->withdrawn_count++]);
		return;
	case DEVMEM_POLICY_A_AUDITOR:
		DECODE(*walk, auditor_fields, &status->auditor);
		break;
	case DEVMEM_POLICY_A_RING:
		DECODE(*walk, ring_fields, &status->ring);
		break;
	case DEVMEM_POLICY_A_COUNTERS:
		DECODE(*walk, counter_fields, &status->counters);
		break;
	default:
		return;
	}
	status->present |= UINT64_C(1) << walk->type;
}

void dmp_wire_status(const void *attributes, size_t length, struct dmp_status *status)
{
	struct walk walk = walk_begin(attributes, length);

	memset(status, 0, sizeof(*status));
	decode(walk, status_fields, COUNT(status_fields), status);
	while (walk_next(&walk))
		decode_status_nest(&walk, status);
}

void dmp_wire_challenge(const void *attributes, size_t length,
			struct dmp_challenge *challenge)
{
	memset(challenge, 0, sizeof(*challenge));
	decode(walk_begin(attributes, length), challenge_fields, COUNT(challenge_fields),
	       challenge);
}

static bool find_attribute(struct walk *walk, uint16_t attribute)
{
	while (walk_next(walk))
		if (walk->type == attribute)
			return true;
	return false;
}

static void decode_instance(const void *attributes, size_t length, uint64_t *instance)
{
	struct walk walk = walk_begin(attributes, length);

	if (find_attribute(&walk, DEVMEM_POLICY_A_INSTANCE) &&
	    walk.size == sizeof(*instance))
		memcpy(instance, walk.value, sizeof(*instance));
}

static void decode_event_counters(const struct walk *nest, struct dmp_event *event)
{
	struct walk walk = walk_begin(nest->value, nest->size);

	if (!find_attribute(&walk, DEVMEM_POLICY_EVENT_A_COUNTERS))
		return;
	DECODE(walk, counter_fields, &event->counters);
	event->present |= UINT64_C(1) << DEVMEM_POLICY_EVENT_A_COUNTERS;
}

int dmp_wire_event(const void *attributes, size_t length, struct dmp_event *event)
{
	struct walk walk = walk_begin(attributes, length);

	memset(event, 0, sizeof(*event));
	if (!find_attribute(&walk, DEVMEM_POLICY_A_EVENT))
		return -EPROTO;
	DECODE(walk, event_fields, event);
	decode_event_counters(&walk, event);
	decode_instance(attributes, length, &event->instance);
	return 0;
}

int dmp_wire_policy(const void *attributes, size_t length,
		    struct dmp_policy_info *policy)
{
	struct walk walk = walk_begin(attributes, length);

	memset(policy, 0, sizeof(*policy));
	if (!find_attribute(&walk, DEVMEM_POLICY_A_POLICY))
		return -EPROTO;
	DECODE(walk, policy_fields, policy);
	return 0;
}

int dmp_wire_rule(const void *attributes, size_t length, struct dmp_rule_info *rule)
{
	struct walk walk = walk_begin(attributes, length);

	memset(rule, 0, sizeof(*rule));
	if (!find_attribute(&walk, DEVMEM_POLICY_A_RULE))
		return -EPROTO;
	DECODE(walk, rule_fields, rule);
	return 0;
}

/*
 * Where the extended attributes begin, from the start of the payload: behind
 * the errno in NLMSG_DONE; in NLMSG_ERROR also behind the request it answers,
 * of which only the header is repeated when the message is "capped".
 */
static size_t extended_offset(const struct nlmsghdr *header, const uint8_t *payload)
{
	struct nlmsghdr request;

	if (header->nlmsg_type == NLMSG_DONE)
		return NLMSG_ALIGN(sizeof(int));
	if (header->nlmsg_flags & NLM_F_CAPPED)
		return NLMSG_ALIGN(sizeof(struct nlmsgerr));
	memcpy(&request, payload + sizeof(int), sizeof(request));
	return NLMSG_ALIGN(sizeof(int) + (size_t)request.nlmsg_len);
}

int dmp_wire_result(const struct nlmsghdr *header, char *message, size_t size)
{
	const uint8_t *payload = (const uint8_t *)header + NLMSG_HDRLEN;
	size_t least = header->nlmsg_type == NLMSG_DONE ? sizeof(int) :
							  sizeof(struct nlmsgerr);
	size_t length, offset;
	struct walk walk;
	int error;

	message[0] = '\0';
	if (header->nlmsg_len < NLMSG_HDRLEN + least)
		return -EPROTO;
	length = header->nlmsg_len - (size_t)NLMSG_HDRLEN;
	memcpy(&error, payload, sizeof(error));
	if (error > 0 || error < -4095)
		return -EPROTO;
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return error;

	offset = extended_offset(header, payload);
	if (offset > length)
		return error;
	walk = walk_begin(payload + offset, length - offset);
	if (find_attribute(&walk, NLMSGERR_ATTR_MSG))
		store_text(&walk, message, size);
	return error;
}
