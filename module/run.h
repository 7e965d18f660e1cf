/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run.h - successive pages of which the same was decided: one record
 */
#ifndef DMP_RUN_H
#define DMP_RUN_H

#include <linux/devmem_policy.h>

#include "active.h"
#include "operation.h"

/* What is no enum devmem_policy_baseline: the kernel's verdict is not known. */
#define DMP_BASELINE_UNSEEN 255

void dmp_run_finish(struct dmp_operation *operation, const s64 *result);

/* What is between two calls of a task: no run. */
static inline void dmp_run_reset(struct dmp_run *run)
{
	run->pages = 0;
	run->counted = 0;
	run->steady = false;
	run->left = false;
}

/* Is the page, with this verdict on it, the next of the run? */
static inline bool dmp_run_continues(const struct dmp_run *run, u64 pfn,
				     const struct dmp_verdict *verdict)
{
	return run->pages && pfn == run->first_pfn + run->pages &&
	       run->verdict.outcome == verdict->outcome &&
	       run->verdict.baseline == verdict->baseline &&
	       run->verdict.reason == verdict->reason && run->verdict.would == verdict->would &&
	       run->verdict.policy == verdict->policy && run->verdict.rule == verdict->rule;
}

/* The last run has ended. */
static inline void dmp_run_begin(struct dmp_run *run, u64 pfn, const struct dmp_verdict *verdict)
{
	run->verdict = *verdict;
	run->first_pfn = pfn;
	run->summed = verdict->outcome == DMP_OUTCOME_GRANT;
	run->left = verdict->baseline == DMP_BASELINE_UNSEEN;
}

/**
 * dmp_run_add_up() - add the run's pages to what the operation counts, but for those
 * that were
 * @operation: the operation of current, or of a task that died in the call
 *
 * Under the ruling that they were granted under: to be called before there is another.
 *
 * Context: Probe handler, or on behalf of a task that died in the call.
 */
static inline void dmp_run_add_up(struct dmp_operation *operation)
{
	struct dmp_run *run = &operation->run;
	u64 pages = run->pages - run->counted;

	if (!pages)
		return;
	operation->decided += pages;
	operation->last_pfn = run->first_pfn + run->pages - 1;
	if (run->verdict.outcome == DMP_OUTCOME_DENIAL)
		operation->denied += pages;
	if (run->verdict.outcome == DMP_OUTCOME_GRANT) {
		operation->granted += pages;
		if (dmp_is_mmap(operation))
			dmp_active_mapped(operation, run->first_pfn + run->counted,
					  operation->last_pfn);
	}
	run->counted = run->pages;
}

/**
 * dmp_run_end() - end the run of pages that is under way, if there is one
 * @operation: the operation of current, or of a task that died in the call
 * @result: what the call returns; NULL: it goes on, or never returns
 *
 * Context: Probe handler, or on behalf of a task that died in the call.
 */
static inline void dmp_run_end(struct dmp_operation *operation, const s64 *result)
{
	if (operation->run.pages)
		dmp_run_finish(operation, result);
}

#endif /* DMP_RUN_H */
