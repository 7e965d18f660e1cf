// SPDX-License-Identifier: GPL-2.0-or-later
#include "status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "names.h"
#include "policy/policy.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Counters in the order in which they are shown. */
static const struct counter {
	const char *name;
	const char *words;
	size_t offset;
	unsigned int attribute;
} counters[] = {
#define COUNTER(member, name, words)                             \
	{                                                        \
		#member, words, offsetof(struct dmp_counters, member), \
			DEVMEM_POLICY_COUNTER_A_##name           \
	}
	COUNTER(granted_pages, GRANTED_PAGES, "pages granted"),
	COUNTER(denied_pages, DENIED_PAGES, "pages denied"),
	COUNTER(baseline_pages, BASELINE_PAGES, "pages left to the kernel's verdict"),
	COUNTER(permitted_pages, PERMITTED_PAGES, "pages left to it permissively"),
	COUNTER(operations, OPERATIONS, "calls seen"),
	COUNTER(untracked, UNTRACKED, "calls that found no slot"),
	COUNTER(misses, MISSES, "calls whose pages do not add up"),
	COUNTER(unrecorded_denials, UNRECORDED_DENIALS, "pages denied without a record"),
	COUNTER(unrecorded_events, UNRECORDED_EVENTS, "other events without a record"),
	COUNTER(revoked_pages, REVOKED_PAGES, "pages withdrawn from mappings"),
	COUNTER(loads, LOADS, "policies accepted"),
	COUNTER(failed_loads, FAILED_LOADS, "policies refused"),
	COUNTER(lookups, LOOKUPS, "rulings made"),
	COUNTER(touched, TOUCHED, "entries looked at for them"),
};

static uint64_t counter_value(const struct dmp_counters *from,
			      const struct counter *counter)
{
	uint64_t value;

	memcpy(&value, (const uint8_t *)from + counter->offset, sizeof(value));
	return value;
}

/* Does the auditor vouch now for what default deny promises? */
static bool default_deny_proven(const struct dmp_status *status)
{
	return status->default_deny && dmp_has(status->present, DEVMEM_POLICY_A_AUDITOR) &&
	       status->auditor.proven;
}

/* --- JSON ------------------------------------------------------------------- */

static json_t *anchor_json(const struct dmp_anchor *anchor)
{
	json_t *object = json_object();

	dmp_json_escaped(object, "description", anchor->description,
			 strlen(anchor->description));
	if (dmp_has(anchor->present, DEVMEM_POLICY_ANCHOR_A_FINGERPRINT))
		dmp_json_digest(object, "fingerprint", anchor->fingerprint);
	return object;
}

static json_t *probe_json(const struct dmp_probe *probe)
{
	json_t *object = json_object();

	dmp_json_escaped(object, "symbol", probe->symbol, strlen(probe->symbol));
	dmp_json_bool(object, "required", probe->required);
	dmp_json_name(object, "state", dmp_probe_state_name(probe->state));
	dmp_json_number(object, "hits", probe->hits);
	dmp_json_number(object, "missed", probe->missed);
	return object;
}

static json_t *withdrawn_json(const struct dmp_withdrawn *withdrawn)
{
	json_t *object = json_object();

	dmp_json_address(object, "first", withdrawn->first);
	dmp_json_address(object, "last", withdrawn->last);
	return object;
}

static void put_time(json_t *object, const char *key, bool is_set, uint64_t seconds)
{
	char text[DMP_TIME_SIZE];

	if (!is_set) {
		json_object_set_new(object, key, json_null());
		return;
	}
	dmp_time_print(seconds, text);
	dmp_json_text(object, key, text);
}

static json_t *policy_json(const struct dmp_policy_info *policy)
{
	json_t *object = json_object();

	dmp_json_escaped(object, "name", policy->name, strlen(policy->name));
	dmp_json_number(object, "serial", policy->serial);
	dmp_json_number(object, "rules", policy->rules);
	dmp_json_bool(object, "default_deny", policy->default_deny);
	dmp_json_text(object, "mode", policy->permissive ? "permissive" : "enforce");
	put_time(object, "not_before",
		 dmp_has(policy->present, DEVMEM_POLICY_POLICY_A_NOT_BEFORE_S),
		 policy->not_before_s);
	put_time(object, "expires", dmp_has(policy->present, DEVMEM_POLICY_POLICY_A_EXPIRES_S),
		 policy->expires_s);
	dmp_json_bool(object, "out_of_time", policy->out_of_time);
	if (*policy->auditor)
		dmp_json_escaped(object, "auditor", policy->auditor,
				 strlen(policy->auditor));
	else
		json_object_set_new(object, "auditor", json_null());
	dmp_json_name(object, "loaded", dmp_time_text(policy->loaded_ns));
	dmp_json_digest(object, "digest", policy->digest);
	return object;
}

static json_t *auditor_json(const struct dmp_status *status)
{
	const struct dmp_auditor_info *auditor = &status->auditor;
	json_t *object;

	if (!dmp_has(status->present, DEVMEM_POLICY_A_AUDITOR))
		return json_null();
	object = json_object();
	dmp_json_number(object, "pid", auditor->pid);
	dmp_json_escaped(object, "comm", auditor->comm, strlen(auditor->comm));
	dmp_json_bool(object, "proven", auditor->proven);
	if (dmp_has(auditor->present, DEVMEM_POLICY_AUDITOR_A_PROOF_AGE_MS))
		dmp_json_number(object, "proof_age_ms", auditor->proof_age_ms);
	return object;
}

static json_t *ring_json(const struct dmp_ring *ring)
{
	json_t *object = json_object();

	dmp_json_number(object, "slots", ring->slots);
	dmp_json_number(object, "reserved", ring->reserved);
	dmp_json_number(object, "newest", ring->newest);
	dmp_json_number(object, "acknowledged", ring->acknowledged);
	dmp_json_number(object, "pending", ring->pending);
	return object;
}

json_t *dmp_counters_json(const struct dmp_counters *from)
{
	json_t *object = json_object();

	for (size_t i = 0; i < COUNT(counters); i++)
		if (dmp_has(from->present, counters[i].attribute))
			dmp_json_number(object, counters[i].name,
					counter_value(from, &counters[i]));
	return object;
}

/* An array, or NULL when there is no memory for one of its elements. */
#define ARRAY_JSON(make, list, count)                                       \
	({                                                                  \
		json_t *array_ = json_array();                              \
		for (size_t i_ = 0; i_ < (count); i_++)                     \
			if (json_array_append_new(array_, make(&(list)[i_]))) { \
				json_decref(array_);                        \
				array_ = NULL;                              \
				break;                                      \
			}                                                   \
		array_;                                                     \
	})

/* json_object_set_new() fails for NULL, so a missing part is not overlooked. */
static int put_parts(json_t *object, const struct dmp_status *status,
		     const struct dmp_registered *policies)
{
	int bad = 0;

	bad |= json_object_set_new(object, "auditor", auditor_json(status));
	bad |= json_object_set_new(
		object, "policies",
		ARRAY_JSON(policy_json, policies->list, policies->count));
	bad |= json_object_set_new(
		object, "anchors",
		ARRAY_JSON(anchor_json, status->anchors, status->anchor_count));
	bad |= json_object_set_new(
		object, "probes",
		ARRAY_JSON(probe_json, status->probes, status->probe_count));
	bad |= json_object_set_new(
		object, "withdrawn",
		ARRAY_JSON(withdrawn_json, status->withdrawn, status->withdrawn_count));
	bad |= json_object_set_new(object, "ring", ring_json(&status->ring));
	bad |= json_object_set_new(object, "counters", dmp_counters_json(&status->counters));
	return bad;
}

char *dmp_status_json(const struct dmp_status *status,
		      const struct dmp_registered *policies, const char *silenced_by)
{
	json_t *object = json_object();
	char *text = NULL;
	int bad;

	bad = dmp_json_escaped(object, "version", status->module_version,
			       strlen(status->module_version));
	bad |= dmp_json_hex64(object, "instance", status->instance);
	bad |= dmp_json_text(object, "mode", status->permissive ? "permissive" : "enforcing");
	bad |= dmp_json_name(object, "trust", dmp_trust_name(status->trust));
	bad |= dmp_json_bool(object, "development_key", status->development_key);
	bad |= dmp_json_bool(object, "default_deny", status->default_deny);
	bad |= dmp_json_bool(object, "default_deny_proven", default_deny_proven(status));
	bad |= json_object_set_new(object, "silenced_by",
				   *silenced_by ? json_string(silenced_by) : json_null());
	bad |= put_parts(object, status, policies);
	if (!bad)
		text = json_dumps(object, JSON_INDENT(2));
	json_decref(object);
	return text;
}

/* --- text ------------------------------------------------------------------- */

static void print_auditor(const struct dmp_status *status, const char *silenced_by,
			  FILE *out)
{
	const struct dmp_auditor_info *auditor = &status->auditor;
	char comm[DMP_ESCAPED_BYTES(sizeof(auditor->comm))];

	if (!dmp_has(status->present, DEVMEM_POLICY_A_AUDITOR)) {
		fprintf(out, "auditor: none, so nothing is granted\n");
		return;
	}
	dmp_escape((const uint8_t *)auditor->comm, strlen(auditor->comm), comm);
	fprintf(out, "auditor: %s[%" PRIu32 "]", comm, auditor->pid);
	if (auditor->proven)
		fprintf(out, ", probes proven to work %" PRIu32 " ms ago\n",
			auditor->proof_age_ms);
	else
		fprintf(out, ", probes NOT proven to work, so nothing is granted%s%s\n",
			*silenced_by ? ": " : "", silenced_by);
}

static void print_time(const char *key, uint64_t seconds, FILE *out)
{
	char text[DMP_TIME_SIZE];

	dmp_time_print(seconds, text);
	fprintf(out, "    %s %s\n", key, text);
}

static void print_policy_limits(const struct dmp_policy_info *policy, FILE *out)
{
	if (policy->permissive)
		fprintf(out, "    PERMISSIVE: nothing of it is enforced\n");
	if (dmp_has(policy->present, DEVMEM_POLICY_POLICY_A_NOT_BEFORE_S))
		print_time("not-before", policy->not_before_s, out);
	if (dmp_has(policy->present, DEVMEM_POLICY_POLICY_A_EXPIRES_S))
		print_time("expires", policy->expires_s, out);
	if (*policy->auditor) {
		fputs("    auditor exe ", out);
		dmp_exe_print(policy->auditor, out);
		fputc('\n', out);
	}
	if (policy->out_of_time)
		fprintf(out, "    OUT OF TIME: it allows nothing now\n");
}

static void print_policies(const struct dmp_registered *policies, FILE *out)
{
	char digest[2 * DEVMEM_POLICY_DIGEST_BYTES + 1];

	fprintf(out, "policies: %zu\n", policies->count);
	for (size_t i = 0; i < policies->count; i++) {
		const struct dmp_policy_info *policy = &policies->list[i];

		dmp_hex(policy->digest, DEVMEM_POLICY_DIGEST_BYTES, digest);
		fprintf(out,
			"  %s serial %" PRIu64 ", %" PRIu32
			" %s, default %s, since %s\n    sha256 %s\n",
			policy->name, policy->serial, policy->rules,
			policy->rules == 1 ? "rule" : "rules",
			policy->default_deny ? "deny" : "kernel",
			dmp_time_text(policy->loaded_ns).text, digest);
		print_policy_limits(policy, out);
	}
}

static void print_withdrawn(const struct dmp_status *status, FILE *out)
{
	if (status->withdrawn_count)
		fprintf(out, "revoked until 'devmemctl restore':\n");
	for (size_t i = 0; i < status->withdrawn_count; i++)
		fprintf(out, "  0x%" PRIx64 "-0x%" PRIx64 "\n", status->withdrawn[i].first,
			status->withdrawn[i].last);
}

static void print_probes(const struct dmp_status *status, FILE *out)
{
	fprintf(out, "probes:\n");
	for (size_t i = 0; i < status->probe_count; i++) {
		const struct dmp_probe *probe = &status->probes[i];

		fprintf(out, "  %-24s %-7s %s", probe->symbol,
			dmp_probe_state_name(probe->state).text,
			probe->required ? "required" : "optional");
		if (probe->state == DEVMEM_POLICY_PROBE_ARMED)
			fprintf(out, ", hits %" PRIu64 ", missed %" PRIu64, probe->hits,
				probe->missed);
		fputc('\n', out);
	}
}

static void print_anchors(const struct dmp_status *status, FILE *out)
{
	char text[DMP_ESCAPED_BYTES(sizeof(status->anchors[0].description))];
	char digest[2 * DEVMEM_POLICY_DIGEST_BYTES + 1];

	fprintf(out, "trust: %s\ntrusted certificates:\n",
		dmp_trust_name(status->trust).text);
	for (size_t i = 0; i < status->anchor_count; i++) {
		const struct dmp_anchor *anchor = &status->anchors[i];

		dmp_escape((const uint8_t *)anchor->description,
			   strlen(anchor->description), text);
		dmp_hex(anchor->fingerprint, DEVMEM_POLICY_DIGEST_BYTES, digest);
		fprintf(out, "  %s\n    sha256 %s\n", text, digest);
	}
}

static void print_counters(const struct dmp_counters *from, FILE *out)
{
	fprintf(out, "counters:\n");
	for (size_t i = 0; i < COUNT(counters); i++)
		if (dmp_has(from->present, counters[i].attribute))
			fprintf(out, "  %-36s %" PRIu64 "\n", counters[i].words,
				counter_value(from, &counters[i]));
}

static void print_warnings(const struct dmp_status *status, FILE *out)
{
	if (status->permissive)
		fprintf(out,
			"WARNING: PERMISSIVE: no policy is enforced; records say what would be\n");
	if (status->development_key)
		fprintf(out,
			"WARNING: the module trusts a development key; whoever has it can sign policies\n");
	if (status->default_deny)
		fprintf(out,
			"default deny, %s: all of /dev/mem is refused but what rules allow\n",
			default_deny_proven(status) ? "proven" : "NOT proven");
}

void dmp_status_print(const struct dmp_status *status,
		      const struct dmp_registered *policies, const char *silenced_by,
		      FILE *out)
{
	const struct dmp_ring *ring = &status->ring;

	fprintf(out, "devmem_policy %s, instance %016" PRIx64 "\n",
		status->module_version, status->instance);
	print_warnings(status, out);
	print_auditor(status, silenced_by, out);
	print_policies(policies, out);
	print_withdrawn(status, out);
	print_probes(status, out);
	print_anchors(status, out);
	fprintf(out,
		"ring: %" PRIu32 " slots, %" PRIu32 " reserved, %" PRIu32
		" sums under way, newest record %" PRIu64 ", acknowledged %" PRIu64 "\n",
		ring->slots, ring->reserved, ring->pending, ring->newest,
		ring->acknowledged);
	print_counters(&status->counters, out);
}
