// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c - successive pages of which the same was decided: one record
 */
#include <linux/percpu.h>

#include "ring.h"
#include "run.h"
#include "trace.h"

static enum devmem_policy_event_kind dmp_run_kind(enum dmp_outcome outcome)
{
	switch (outcome) {
	case DMP_OUTCOME_GRANT:
		return DEVMEM_POLICY_EVENT_GRANT;
	case DMP_OUTCOME_PERMITTED:
		return DEVMEM_POLICY_EVENT_PERMITTED;
	default:
		return DEVMEM_POLICY_EVENT_DENIAL;
	}
}

static void dmp_run_rule(const struct dmp_operation *operation, struct dmp_record *record)
{
	const struct dmp_verdict *verdict = &operation->run.verdict;
	const struct dmp_policy *policy;

	if (verdict->policy == DMP_NO_RULE)
		return;
	policy = operation->active->policies[verdict->policy];
	dmp_record_policy(record, policy);
	if (verdict->rule == DMP_NO_RULE)
		return;
	record->fields |= DMP_RECORD_RULE;
	record->rule_id = dmp_policy_rule_id(policy, verdict->rule);
}

static void dmp_run_record(const struct dmp_operation *operation, struct dmp_record *record)
{
	const struct dmp_run *run = &operation->run;

	dmp_record_at(record, operation->task, dmp_run_kind(run->verdict.outcome),
		      operation->time_ns);
	record->fields |= DMP_RECORD_ACCESS | DMP_RECORD_BASELINE | DMP_RECORD_REASON |
			  DMP_RECORD_RANGE;
	record->operation = operation->call.operation;
	record->baseline = run->verdict.baseline;
	record->reason = run->verdict.reason;
	record->first_pfn = run->first_pfn;
	record->last_pfn = run->first_pfn + run->pages - 1;
	record->pages = run->pages;
	if (run->verdict.would) {
		record->fields |= DMP_RECORD_WOULD;
		record->would = run->verdict.would;
	}
	dmp_run_rule(operation, record);
}

/*
 * Bytes that a read or write which failed had moved. The kernel asks for one
 * page, moves it, and asks for the next: all but the last page were moved.
 */
static u64 dmp_transferred(const struct dmp_operation *operation)
{
	const struct dmp_call *call = &operation->call;

	if (!operation->decided || operation->last_pfn <= call->first_pfn)
		return 0;
	return ((operation->last_pfn - call->first_pfn) << PAGE_SHIFT) - call->offset;
}

static void dmp_run_trace(const struct dmp_operation *operation)
{
	const struct dmp_verdict *verdict = &operation->run.verdict;
	const struct dmp_policy *policy = NULL;
	u32 rule = 0;

	if (!trace_devmem_policy_decision_enabled())
		return;
	if (verdict->policy != DMP_NO_RULE)
		policy = operation->active->policies[verdict->policy];
	if (policy && verdict->rule != DMP_NO_RULE)
		rule = dmp_policy_rule_id(policy, verdict->rule);
	trace_devmem_policy_decision(operation->call.operation, operation->run.first_pfn,
				     operation->run.pages, verdict,
				     policy ? dmp_policy_header(policy)->name : "", rule);
}

/*
 * Make the record of a run of pages. One that ends before the call does, or whose
 * call never returns, has no result.
 */
static void dmp_run_publish(const struct dmp_operation *operation, const s64 *result)
{
	const struct dmp_run *run = &operation->run;
	struct dmp_record *record;
	unsigned long flags;

	record = dmp_ring_begin(dmp_run_kind(run->verdict.outcome),
				run->verdict.outcome == DMP_OUTCOME_GRANT, &flags);
	dmp_run_record(operation, record);
	if (result) {
		record->fields |= DMP_RECORD_RESULT;
		record->result = *result;
	}
	if (result && *result < 0 && !dmp_is_mmap(operation)) {
		record->fields |= DMP_RECORD_TRANSFERRED;
		record->transferred = dmp_transferred(operation);
	}
	/* What became of a call that failed is told of each. */
	record->summed = run->summed && result && *result >= 0;
	dmp_ring_end(record, flags);
}

static void dmp_run_count(const struct dmp_run *run)
{
	switch (run->verdict.outcome) {
	case DMP_OUTCOME_PERMITTED:
		this_cpu_add(dmp_counters.permitted_pages, run->pages);
		fallthrough;
	case DMP_OUTCOME_BASELINE:
		this_cpu_add(dmp_counters.baseline_pages, run->pages);
		break;
	case DMP_OUTCOME_GRANT:
		this_cpu_add(dmp_counters.granted_pages, run->pages);
		break;
	case DMP_OUTCOME_DENIAL:
		this_cpu_add(dmp_counters.denied_pages, run->pages);
		break;
	}
}

/* dmp_run_finish() - the slow half of dmp_run_end(), which see */
void dmp_run_finish(struct dmp_operation *operation, const s64 *result)
{
	struct dmp_run *run = &operation->run;

	dmp_run_add_up(operation);
	dmp_run_count(run);
	dmp_run_trace(operation);
	/* Where the kernel's own verdict stood, there is nothing to tell. */
	if (run->verdict.outcome != DMP_OUTCOME_BASELINE)
		dmp_run_publish(operation, result);
	dmp_run_reset(run);
}
