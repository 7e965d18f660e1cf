// SPDX-License-Identifier: GPL-2.0-only
/*
 * decision.c - what is known about one page of one operation, and the verdict on it
 *
 * Collects what the verdict depends on; policy/verdict.c makes it. Runs in probe
 * handlers: nothing here sleeps, allocates or locks.
 */
#include "active.h"
#include "clock.h"
#include "decision.h"
#include "rails.h"
#include "reserved.h"

/* Set for good once the module is going: nothing more is granted. */
bool dmp_stopping;

/* dmp_decisions_stop() - grant nothing any more; handlers may still be running */
void dmp_decisions_stop(void)
{
	WRITE_ONCE(dmp_stopping, true);
}

/* Not a grant: nobody's rule, no record, once for each challenge. */
static void dmp_show_canary(const struct dmp_facts *facts, struct dmp_verdict *verdict)
{
	dmp_verdict_none(facts, verdict);
	verdict->outcome = DMP_OUTCOME_BASELINE;
	verdict->allowed = DEVMEM_POLICY_BASELINE_ALLOW;
}

/* The clock is read only where it can matter. */
static bool dmp_ruling_holds(const struct dmp_ruling *ruling, u64 pfn)
{
	return pfn >= ruling->first_pfn && pfn <= ruling->last_pfn &&
	       (ruling->until_s == U64_MAX || dmp_clock_read().latest_s < ruling->until_s);
}

/* The ruling is the same for a run of pages, and for a time: make it once for each. */
static void dmp_rule_on(struct dmp_operation *operation, u64 pfn, bool enforced,
			struct dmp_ruling *ruling)
{
	struct dmp_question question;

	if (operation->ruled_generation && dmp_ruling_holds(ruling, pfn))
		return;
	question.pfn = pfn;
	question.ops = operation->ops;
	question.enforced = enforced;
	question.subject = &operation->subject;
	question.clock = dmp_clock_read();
	/* What decided the last page does not decide this one. */
	operation->run.steady = false;
	operation->idle_generation = 0;
	dmp_ruling_make(&operation->active->set, &question, ruling);
	this_cpu_inc(dmp_counters.lookups);
	this_cpu_add(dmp_counters.touched, ruling->touched);
}

static bool dmp_is_permissive(const struct dmp_operation *operation)
{
	return operation->permissive || operation->active->set.any_permissive;
}

static noinline void dmp_operation_rule_anew(struct dmp_operation *operation, u64 pfn)
{
	dmp_rule_on(operation, pfn, true, &operation->ruling);
	if (dmp_is_permissive(operation))
		dmp_rule_on(operation, pfn, false, &operation->ruling_all);
	operation->ruled_generation = operation->active->generation;
}

static inline void dmp_operation_rule(struct dmp_operation *operation, u64 pfn)
{
	if (!dmp_is_ruled(operation, pfn) || dmp_is_permissive(operation))
		dmp_operation_rule_anew(operation, pfn);
}

/**
 * dmp_leaves() - does the kernel's verdict on a page stand, whatever it is?
 * @operation: the operation of current, which has begun
 * @pfn: page frame number
 *
 * If so, it does for all the pages around that the operation's ruling is about, and if
 * no condition had to be looked at, for whoever asks.
 *
 * Context: Probe handler.
 */
bool dmp_leaves(struct dmp_operation *operation, u64 pfn)
{
	const struct dmp_ruling *ruling = &operation->ruling;

	if (dmp_is_permissive(operation) || operation->active->set.default_deny ||
	    dmp_auditor_is_canary(pfn))
		return false;
	dmp_operation_rule(operation, pfn);
	if (ruling->kind != DMP_RULING_NONE || dmp_ruling_is_timed(ruling))
		return false;
	if (!ruling->conditions)
		operation->idle_generation = operation->active->generation;
	return true;
}

/* The rails are looked at only where it depends on them. */
static void dmp_make(const struct dmp_ruling *ruling, bool default_deny, struct dmp_facts *facts,
		     u64 pfn, struct dmp_verdict *verdict)
{
	if (dmp_verdict_wants(ruling, facts)) {
		facts->reserved = dmp_rails_reserved(pfn);
		facts->auditor = dmp_auditor_obstacle();
		facts->stopping = READ_ONCE(dmp_stopping);
	}
	dmp_verdict_make(ruling, default_deny, facts, verdict);
}

/* What would be, were everything enforced? */
static noinline void dmp_decide_all(struct dmp_operation *operation, u64 pfn)
{
	struct dmp_verdict all;

	dmp_make(&operation->ruling_all, operation->active->set.default_deny_all,
		 &operation->facts, pfn, &all);
	dmp_verdict_compare(&operation->verdict, &all);
}

/**
 * dmp_decide() - decide on one page
 * @operation: the operation of current; gets the facts and the verdict
 * @pfn: page frame number
 * @baseline: what devmem_is_allowed() would return
 *
 * Context: Probe handler.
 */
void dmp_decide(struct dmp_operation *operation, u64 pfn, int baseline)
{
	struct dmp_verdict *verdict = &operation->verdict;
	struct dmp_facts *facts = &operation->facts;

	facts->baseline = baseline;
	facts->mapping = dmp_is_mmap(operation);
	facts->executable = operation->call.executable;
	facts->watched = operation->watched;
	if (dmp_auditor_is_canary(pfn) && dmp_auditor_reads_canary(operation))
		return dmp_show_canary(facts, verdict);
	dmp_operation_rule(operation, pfn);
	if (operation->permissive)
		dmp_verdict_none(facts, verdict);
	else
		dmp_make(&operation->ruling, operation->active->set.default_deny, facts, pfn,
			 verdict);
	if (dmp_is_permissive(operation))
		dmp_decide_all(operation, pfn);
}

/**
 * dmp_passes_rails() - may one more page of a mapping be granted, as far as it goes?
 * @operation: the operation of current, whose ruling is that it is allowed
 * @pfn: page frame number
 *
 * Takes a note of the page where its reservation can be lost.
 *
 * Context: Probe handler.
 */
bool dmp_passes_rails(struct dmp_operation *operation, u64 pfn)
{
	if (operation->ruling.unreserved || dmp_rails_bare(pfn, &operation->bare_last_pfn))
		return true;
	return dmp_rails_reserved(pfn) && dmp_reserved_note(pfn);
}
