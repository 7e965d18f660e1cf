// SPDX-License-Identifier: GPL-2.0-only
/*
 * mirror.c - records in the kernel's own audit log
 *
 * For those who look with ausearch(8). It is a copy: the kernel may drop it (audit
 * is off, its backlog is full, there is no memory), and nobody waits or counts.
 */
#include <linux/audit.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>

#include "answer.h"
#include "mirror.h"
#include "words.h"

static bool audit_mirror;
module_param(audit_mirror, bool, 0444);
MODULE_PARM_DESC(audit_mirror, "Copy each record to the kernel's audit log (default no)");

/* Lists of these end without a word. */
struct dmp_word {
	unsigned int number;
	const char *word;
};

static const struct dmp_word dmp_kinds[] = {
	{ DEVMEM_POLICY_EVENT_GRANT, "grant" },
	{ DEVMEM_POLICY_EVENT_DENIAL, "denial" },
	{ DEVMEM_POLICY_EVENT_LOSS, "loss" },
	{ DEVMEM_POLICY_EVENT_MISS, "miss" },
	{ DEVMEM_POLICY_EVENT_MODULE_LOADED, "module-loaded" },
	{ DEVMEM_POLICY_EVENT_POLICY_LOADED, "policy-loaded" },
	{ DEVMEM_POLICY_EVENT_POLICY_REFUSED, "policy-refused" },
	{ DEVMEM_POLICY_EVENT_POLICY_REMOVED, "policy-removed" },
	{ DEVMEM_POLICY_EVENT_AUDITOR_ATTACHED, "auditor-attached" },
	{ DEVMEM_POLICY_EVENT_AUDITOR_DETACHED, "auditor-detached" },
	{ DEVMEM_POLICY_EVENT_REVOKED, "revoked" },
	{ DEVMEM_POLICY_EVENT_PERMITTED, "permitted" },
	{ DEVMEM_POLICY_EVENT_MODE_CHANGED, "mode-changed" },
	{ DEVMEM_POLICY_EVENT_EXPIRED, "expired" },
	{ DEVMEM_POLICY_EVENT_PROGRAM_CHANGED, "program-changed" },
	{ DEVMEM_POLICY_EVENT_POLICY_RESOLVED, "policy-resolved" },
	{ DEVMEM_POLICY_EVENT_WITHDRAWN, "withdrawn" },
	{ DEVMEM_POLICY_EVENT_RESTORED, "restored" },
	{ DEVMEM_POLICY_EVENT_PROBES_SILENT, "probes-silent" },
	{ DEVMEM_POLICY_EVENT_AUDITOR_REFUSED, "auditor-refused" },
	{ DEVMEM_POLICY_EVENT_MODULE_UNLOADING, "module-unloading" },
	{}
};

/* Kinds count from 1, and the list's end counts as one. */
static_assert(ARRAY_SIZE(dmp_kinds) == __DEVMEM_POLICY_EVENT_MAX, "a kind has no word");

static const struct dmp_word dmp_baselines[] = {
	{ DEVMEM_POLICY_BASELINE_DENY, "deny" },
	{ DEVMEM_POLICY_BASELINE_ALLOW, "allow" },
	{ DEVMEM_POLICY_BASELINE_MASK, "mask" },
	{}
};

static const struct dmp_word dmp_woulds[] = {
	{ DEVMEM_POLICY_WOULD_PERMIT, "permit" },
	{ DEVMEM_POLICY_WOULD_REFUSE, "refuse" },
	{}
};

static const struct dmp_word dmp_operations[] = { DMP_OPERATION_WORDS, {} };
static const struct dmp_word dmp_reasons[] = { DMP_REASON_WORDS, {} };

static const char *dmp_word_of(const struct dmp_word *words, unsigned int number)
{
	for (; words->word; words++)
		if (words->number == number)
			return words->word;
	return "?";
}

static bool dmp_is_misread(const char *text, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f || text[i] == '"')
			return true;
	return false;
}

/* As audit has it: in quotes, or as hex digits if that could be misread. */
static void dmp_mirror_text(struct audit_buffer *ab, const char *key, const char *text,
			    size_t bytes)
{
	size_t i;

	if (!dmp_is_misread(text, bytes)) {
		audit_log_format(ab, " %s=\"%.*s\"", key, (int)bytes, text);
		return;
	}
	audit_log_format(ab, " %s=", key);
	for (i = 0; i < bytes; i++)
		audit_log_format(ab, "%02X", (u8)text[i]);
}

static void dmp_mirror_range(struct audit_buffer *ab, const struct dmp_record *record)
{
	u64 first = record->first_pfn << PAGE_SHIFT;

	if (record->fields & DMP_RECORD_RANGE && record->pages)
		audit_log_format(ab, " first=0x%llx last=0x%llx", first,
				 first + (dmp_record_span(record) << PAGE_SHIFT) - 1);
	if (record->fields & (DMP_RECORD_RANGE | DMP_RECORD_PAGES))
		audit_log_format(ab, " pages=%llu", record->pages);
	if (record->fields & DMP_RECORD_LOST)
		audit_log_format(ab, " lost=%s", dmp_word_of(dmp_kinds, record->lost_kind));
	if (record->fields & DMP_RECORD_CALLS)
		audit_log_format(ab, " calls=%llu", record->calls);
}

static void dmp_mirror_access(struct audit_buffer *ab, const struct dmp_record *record)
{
	if (record->fields & DMP_RECORD_ACCESS)
		audit_log_format(ab, " operation=%s",
				 dmp_word_of(dmp_operations, record->operation));
	if (record->fields & DMP_RECORD_BASELINE)
		audit_log_format(ab, " baseline=%s", dmp_word_of(dmp_baselines, record->baseline));
	if (record->fields & DMP_RECORD_REASON)
		audit_log_format(ab, " reason=%s", dmp_word_of(dmp_reasons, record->reason));
	dmp_mirror_range(ab, record);
	if (record->fields & DMP_RECORD_WOULD)
		audit_log_format(ab, " would=%s", dmp_word_of(dmp_woulds, record->would));
	if (record->fields & DMP_RECORD_RESULT)
		audit_log_format(ab, " result=%lld", record->result);
	if (record->fields & DMP_RECORD_TRANSFERRED)
		audit_log_format(ab, " transferred=%llu", record->transferred);
	if (record->fields & DMP_RECORD_PERMISSIVE)
		audit_log_format(ab, " permissive=%d", record->permissive);
}

static void dmp_mirror_rule(struct audit_buffer *ab, const struct dmp_record *record)
{
	if (record->fields & DMP_RECORD_POLICY) {
		dmp_mirror_text(ab, "policy", record->policy,
				strnlen(record->policy, sizeof(record->policy)));
		if (record->serial)
			audit_log_format(ab, " serial=%llu", record->serial);
	}
	if (record->fields & DMP_RECORD_RULE)
		audit_log_format(ab, " rule=%08x", record->rule_id);
	if (record->fields & DMP_RECORD_DIGEST)
		audit_log_format(ab, " digest=%*phN", (int)sizeof(record->digest),
				 record->digest);
}

static void dmp_mirror_who(struct audit_buffer *ab, const struct dmp_told_record *told)
{
	const struct dmp_who *who = &told->record.who;

	if (!(told->record.fields & DMP_RECORD_SUBJECT))
		return;
	audit_log_format(ab, " pid=%u tid=%u auid=%u ses=%u uid=%u euid=%u gid=%u egid=%u",
			 who->pid, who->tid, who->auid, who->session, who->uid, who->euid,
			 who->gid, who->egid);
	dmp_mirror_text(ab, "comm", who->comm, strnlen(who->comm, sizeof(who->comm)));
	dmp_mirror_text(ab, "exe", told->exe, told->exe_bytes);
}

/**
 * dmp_mirror() - copy a record to the kernel's audit log, if that is wanted
 * @told: the record
 *
 * Context: Process; does not wait for auditd.
 */
void dmp_mirror(const struct dmp_told_record *told)
{
	const struct dmp_record *record = &told->record;
	struct audit_buffer *ab;

	if (!audit_mirror)
		return;
	/* With a mask that may sleep, audit waits until its backlog has room. */
	ab = audit_log_start(NULL, GFP_ATOMIC, AUDIT_KERNEL_OTHER);
	if (!ab)
		return;
	audit_log_format(ab, "module=devmem_policy instance=%016llx seq=%llu kind=%s",
			 dmp_answer_instance(), record->sequence,
			 dmp_word_of(dmp_kinds, record->kind));
	dmp_mirror_access(ab, record);
	dmp_mirror_rule(ab, record);
	dmp_mirror_who(ab, told);
	audit_log_end(ab);
}
