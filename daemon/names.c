// SPDX-License-Identifier: GPL-2.0-or-later
#include "names.h"

#include <linux/devmem_policy.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAY_S 86400

static const char *const kinds[] = {
	[DEVMEM_POLICY_EVENT_GRANT] = "grant",
	[DEVMEM_POLICY_EVENT_DENIAL] = "denial",
	[DEVMEM_POLICY_EVENT_LOSS] = "loss",
	[DEVMEM_POLICY_EVENT_MISS] = "miss",
	[DEVMEM_POLICY_EVENT_MODULE_LOADED] = "module-loaded",
	[DEVMEM_POLICY_EVENT_POLICY_LOADED] = "policy-loaded",
	[DEVMEM_POLICY_EVENT_POLICY_REFUSED] = "policy-refused",
	[DEVMEM_POLICY_EVENT_POLICY_REMOVED] = "policy-removed",
	[DEVMEM_POLICY_EVENT_AUDITOR_ATTACHED] = "auditor-attached",
	[DEVMEM_POLICY_EVENT_AUDITOR_DETACHED] = "auditor-detached",
	[DEVMEM_POLICY_EVENT_REVOKED] = "revoked",
	[DEVMEM_POLICY_EVENT_PERMITTED] = "permitted",
	[DEVMEM_POLICY_EVENT_MODE_CHANGED] = "mode-changed",
	[DEVMEM_POLICY_EVENT_EXPIRED] = "expired",
	[DEVMEM_POLICY_EVENT_PROGRAM_CHANGED] = "program-changed",
	[DEVMEM_POLICY_EVENT_POLICY_RESOLVED] = "policy-resolved",
	[DEVMEM_POLICY_EVENT_WITHDRAWN] = "withdrawn",
	[DEVMEM_POLICY_EVENT_RESTORED] = "restored",
	[DEVMEM_POLICY_EVENT_PROBES_SILENT] = "probes-silent",
	[DEVMEM_POLICY_EVENT_AUDITOR_REFUSED] = "auditor-refused",
	[DEVMEM_POLICY_EVENT_MODULE_UNLOADING] = "module-unloading",
};

_Static_assert(COUNT(kinds) == __DEVMEM_POLICY_EVENT_MAX, "a kind has no name");

static const char *const operations[] = {
	[DEVMEM_POLICY_OPERATION_READ] = "read",
	[DEVMEM_POLICY_OPERATION_WRITE] = "write",
	[DEVMEM_POLICY_OPERATION_MMAP_READ] = "mmap-read",
	[DEVMEM_POLICY_OPERATION_MMAP_WRITE] = "mmap-write",
};

static const char *const baselines[] = {
	[DEVMEM_POLICY_BASELINE_DENY] = "deny",
	[DEVMEM_POLICY_BASELINE_ALLOW] = "allow",
	[DEVMEM_POLICY_BASELINE_MASK] = "mask",
};

static const char *const reasons[] = {
	[DEVMEM_POLICY_REASON_UNSPEC] = "unspecified",
	[DEVMEM_POLICY_REASON_ALLOW_RULE] = "allow-rule",
	[DEVMEM_POLICY_REASON_DENY_RULE] = "deny-rule",
	[DEVMEM_POLICY_REASON_NO_RULE] = "no-rule",
	[DEVMEM_POLICY_REASON_OPERATION] = "operation",
	[DEVMEM_POLICY_REASON_DEFAULT_DENY] = "default-deny",
	[DEVMEM_POLICY_REASON_NO_AUDITOR] = "no-auditor",
	[DEVMEM_POLICY_REASON_UNPROVEN] = "unproven",
	[DEVMEM_POLICY_REASON_RING_FULL] = "ring-full",
	[DEVMEM_POLICY_REASON_NOT_RESERVED] = "not-reserved",
	[DEVMEM_POLICY_REASON_EXECUTABLE] = "executable",
	[DEVMEM_POLICY_REASON_BUSY] = "busy",
	[DEVMEM_POLICY_REASON_UNLOADING] = "unloading",
	[DEVMEM_POLICY_REASON_REPLACED] = "replaced",
	[DEVMEM_POLICY_REASON_REMOVED] = "removed",
	[DEVMEM_POLICY_REASON_AUDITOR_GONE] = "auditor-gone",
	[DEVMEM_POLICY_REASON_UNTRACKED] = "untracked",
	[DEVMEM_POLICY_REASON_SUBJECT] = "subject",
	[DEVMEM_POLICY_REASON_NOT_YET] = "not-yet",
	[DEVMEM_POLICY_REASON_EXPIRED] = "expired",
	[DEVMEM_POLICY_REASON_WITHDRAWN] = "withdrawn",
	[DEVMEM_POLICY_REASON_PROGRAM] = "program",
	[DEVMEM_POLICY_REASON_PERMISSIVE] = "permissive",
	[DEVMEM_POLICY_REASON_NOT_NAMED] = "not-named",
};

_Static_assert(COUNT(reasons) == __DEVMEM_POLICY_REASON_MAX, "a reason has no name");

static const char *const woulds[] = {
	[DEVMEM_POLICY_WOULD_PERMIT] = "permit",
	[DEVMEM_POLICY_WOULD_REFUSE] = "refuse",
};

static const char *const trusts[] = {
	[DEVMEM_POLICY_TRUST_EMBEDDED] = "embedded",
	[DEVMEM_POLICY_TRUST_KERNEL] = "kernel",
	[DEVMEM_POLICY_TRUST_BOTH] = "both",
};

static const char *const probe_states[] = {
	[DEVMEM_POLICY_PROBE_ABSENT] = "absent",
	[DEVMEM_POLICY_PROBE_ARMED] = "armed",
};

/* A record has many of them: not through printf. */
static struct dmp_name name_from(const char *text)
{
	struct dmp_name name = { 0 };

	memccpy(name.text, text, '\0', sizeof(name.text) - 1);
	return name;
}

static struct dmp_name name_of(const char *what, const char *const *names, size_t count,
			       uint32_t number)
{
	struct dmp_name name;

	if (number < count && names[number])
		return name_from(names[number]);
	snprintf(name.text, sizeof(name.text), "%s-%u", what, number);
	return name;
}

struct dmp_name dmp_kind_name(uint32_t kind)
{
	return name_of("kind", kinds, COUNT(kinds), kind);
}

struct dmp_name dmp_operation_name(uint32_t operation)
{
	return name_of("operation", operations, COUNT(operations), operation);
}

struct dmp_name dmp_baseline_name(uint32_t baseline)
{
	return name_of("baseline", baselines, COUNT(baselines), baseline);
}

struct dmp_name dmp_reason_name(uint32_t reason)
{
	return name_of("reason", reasons, COUNT(reasons), reason);
}

struct dmp_name dmp_would_name(uint32_t would)
{
	return name_of("would", woulds, COUNT(woulds), would);
}

struct dmp_name dmp_trust_name(uint32_t trust)
{
	return name_of("trust", trusts, COUNT(trusts), trust);
}

struct dmp_name dmp_probe_state_name(uint32_t state)
{
	return name_of("state", probe_states, COUNT(probe_states), state);
}

struct dmp_name dmp_errno_name(int error)
{
	const char *text = strerrorname_np(error);
	struct dmp_name name;

	if (text)
		return name_from(text);
	snprintf(name.text, sizeof(name.text), "errno-%d", error);
	return name;
}

void dmp_hex(const uint8_t *bytes, unsigned int count, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned int i = 0; i < count; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * count] = '\0';
}

/* "2026-11-21T": the C library is asked once a day only. */
static const char *date_of(uint64_t day)
{
	static _Thread_local uint64_t known = UINT64_MAX;
	static _Thread_local char text[sizeof("2026-11-21T")];
	time_t seconds = (time_t)(day * DAY_S);
	struct tm parts;

	if (day == known)
		return text;
	/* 2^64 ns end in the year 2554: four digits, and gmtime cannot fail. */
	gmtime_r(&seconds, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT", &parts);
	known = day;
	return text;
}

static char *put_digits(char *to, uint64_t number, unsigned int count, char behind)
{
	for (unsigned int i = count; i; i--) {
		to[i - 1] = (char)('0' + number % 10);
		number /= 10;
	}
	to[count] = behind;
	return to + count + 1;
}

struct dmp_name dmp_time_text(uint64_t time_ns)
{
	uint64_t seconds = time_ns / 1000000000, rest = seconds % DAY_S;
	struct dmp_name name = { 0 };
	char *to = stpcpy(name.text, date_of(seconds / DAY_S));

	to = put_digits(to, rest / 3600, 2, ':');
	to = put_digits(to, rest / 60 % 60, 2, ':');
	to = put_digits(to, rest % 60, 2, '.');
	put_digits(to, time_ns % 1000000000, 9, 'Z');
	return name;
}
