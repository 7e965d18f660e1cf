/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decision.h - what is known about one page of one operation, and the verdict on it
 */
#ifndef DMP_DECISION_H
#define DMP_DECISION_H

#include "auditor.h"
#include "operation.h"

void dmp_decide(struct dmp_operation *operation, u64 pfn, int baseline);
bool dmp_leaves(struct dmp_operation *operation, u64 pfn);
bool dmp_passes_rails(struct dmp_operation *operation, u64 pfn);
void dmp_decisions_stop(void);

/* Is the operation's ruling about this page, whatever time it is? */
static inline bool dmp_is_ruled(const struct dmp_operation *operation, u64 pfn)
{
	const struct dmp_ruling *ruling = &operation->ruling;

	return operation->ruled_generation && pfn >= ruling->first_pfn &&
	       pfn <= ruling->last_pfn && ruling->until_s == U64_MAX;
}

extern bool dmp_stopping; /* read by dmp_still_grants() */

/**
 * dmp_still_grants() - is what was granted to a mapping granted for the next page too?
 * @operation: the operation of current, whose ruling holds for the page
 * @pfn: page frame number, behind the one that was granted last
 *
 * Looks at what can be another with each page or at any time.
 *
 * Context: Probe handler.
 * Return: false if not, or if dmp_decide() has to say why.
 */
static inline bool dmp_still_grants(struct dmp_operation *operation, u64 pfn)
{
	return !READ_ONCE(dmp_stopping) &&
	       dmp_auditor_obstacle() == DEVMEM_POLICY_REASON_UNSPEC &&
	       (pfn <= operation->bare_last_pfn || dmp_passes_rails(operation, pfn));
}

#endif /* DMP_DECISION_H */
