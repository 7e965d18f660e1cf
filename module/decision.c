// SPDX-License-Identifier: GPL-2.0-only
/*
 * decision.c - grant, deny or leave alone: one page of one operation
 *
 * In this order: a deny rule; an allow rule, if every rail is passed, an
 * auditor is there and proven, and a slot in the ring is free; else the
 * default. Runs in probe handlers: nothing here sleeps, allocates or locks.
 */
#include "auditor.h"
#include "decision.h"
#include "policy.h"
#include "rails.h"

/* Set for good once the module is going: nothing more is granted. */
static bool dmp_stopping;

/* dmp_decisions_stop() - grant nothing any more; handlers may still be running */
void dmp_decisions_stop(void)
{
	WRITE_ONCE(dmp_stopping, true);
}

/*
 * Masked pages (x86, RAM under 1 MiB) read as zeros and swallow writes, which
 * is a refusal; a mapping of them shows what is there, which is not.
 */
static bool dmp_kernel_refuses(const struct dmp_operation *operation, int baseline)
{
	return baseline == DEVMEM_POLICY_BASELINE_DENY ||
	       (baseline == DEVMEM_POLICY_BASELINE_MASK && !dmp_is_mmap(operation));
}

static void dmp_leave(struct dmp_decision *decision, int baseline,
		      enum devmem_policy_reason reason)
{
	decision->outcome = baseline == DEVMEM_POLICY_BASELINE_DENY ? DMP_OUTCOME_DENIAL :
								      DMP_OUTCOME_BASELINE;
	decision->verdict = baseline;
	decision->reason = reason;
}

static void dmp_deny(struct dmp_decision *decision, enum devmem_policy_reason reason)
{
	decision->outcome = DMP_OUTCOME_DENIAL;
	decision->verdict = DEVMEM_POLICY_BASELINE_DENY;
	decision->reason = reason;
}

static void dmp_grant(struct dmp_decision *decision)
{
	decision->outcome = DMP_OUTCOME_GRANT;
	decision->verdict = DEVMEM_POLICY_BASELINE_ALLOW;
	decision->reason = DEVMEM_POLICY_REASON_ALLOW_RULE;
}

/* Not a grant: nobody's rule, no record, once for each challenge. */
static void dmp_show_canary(struct dmp_decision *decision)
{
	decision->outcome = DMP_OUTCOME_BASELINE;
	decision->verdict = DEVMEM_POLICY_BASELINE_ALLOW;
	decision->policy = DMP_NO_RULE;
	decision->rule = DMP_NO_RULE;
}

/**
 * dmp_decision_withdraw() - a grant cannot be: the kernel's own verdict stands
 * @decision: the decision
 * @reason: why
 *
 * Context: Probe handler.
 */
void dmp_decision_withdraw(struct dmp_decision *decision, enum devmem_policy_reason reason)
{
	dmp_leave(decision, decision->baseline, reason);
}

/* Why a page that a rule allows is not granted; UNSPEC if it is. */
static enum devmem_policy_reason dmp_obstacle(const struct dmp_operation *operation, u64 pfn)
{
	if (READ_ONCE(dmp_stopping))
		return DEVMEM_POLICY_REASON_UNLOADING;
	if (operation->call.executable)
		return DEVMEM_POLICY_REASON_EXECUTABLE;
	if (!operation->may_grant)
		return DEVMEM_POLICY_REASON_BUSY;
	if (!operation->ruling.unreserved && !dmp_rails_reserved(pfn))
		return DEVMEM_POLICY_REASON_NOT_RESERVED;
	return dmp_auditor_obstacle();
}

/* The ruling is the same for a run of pages: make it once for each. */
static const struct dmp_ruling *dmp_rule_on(struct dmp_operation *operation, u64 pfn)
{
	struct dmp_ruling *ruling = &operation->ruling;

	if (!operation->ruled || pfn < ruling->first_pfn || pfn > ruling->last_pfn)
		dmp_ruling_make(dmp_active_rules(operation->active), pfn, operation->ops, ruling);
	operation->ruled = true;
	return ruling;
}

static void dmp_decide_allowed(struct dmp_operation *operation, u64 pfn,
			       struct dmp_decision *decision)
{
	enum devmem_policy_reason obstacle;

	if (!dmp_kernel_refuses(operation, decision->baseline))
		return dmp_leave(decision, decision->baseline, DEVMEM_POLICY_REASON_UNSPEC);
	obstacle = dmp_obstacle(operation, pfn);
	if (obstacle)
		return dmp_decision_withdraw(decision, obstacle);
	return dmp_grant(decision);
}

static void dmp_decide_unnamed(const struct dmp_operation *operation,
			       struct dmp_decision *decision, enum devmem_policy_reason reason)
{
	if (!dmp_active_rules(operation->active)->default_deny)
		return dmp_leave(decision, decision->baseline, reason);
	if (reason == DEVMEM_POLICY_REASON_NO_RULE)
		reason = DEVMEM_POLICY_REASON_DEFAULT_DENY;
	return dmp_deny(decision, reason);
}

/**
 * dmp_decide() - decide on one page
 * @operation: the operation of current
 * @pfn: page frame number
 * @baseline: what devmem_is_allowed() would return
 * @decision: the decision
 *
 * Context: Probe handler.
 */
void dmp_decide(struct dmp_operation *operation, u64 pfn, int baseline,
		struct dmp_decision *decision)
{
	const struct dmp_ruling *ruling;

	decision->baseline = baseline;
	if (dmp_auditor_reads_canary(operation, pfn))
		return dmp_show_canary(decision);
	ruling = dmp_rule_on(operation, pfn);
	decision->policy = ruling->kind == DMP_RULING_NONE ? DMP_NO_RULE : ruling->policy;
	decision->rule = ruling->kind == DMP_RULING_NONE ? DMP_NO_RULE : ruling->rule;
	switch (ruling->kind) {
	case DMP_RULING_DENY:
		return dmp_deny(decision, DEVMEM_POLICY_REASON_DENY_RULE);
	case DMP_RULING_ALLOW:
		return dmp_decide_allowed(operation, pfn, decision);
	case DMP_RULING_OPERATION:
		return dmp_decide_unnamed(operation, decision, DEVMEM_POLICY_REASON_OPERATION);
	case DMP_RULING_NONE:
		break;
	}
	dmp_decide_unnamed(operation, decision, DEVMEM_POLICY_REASON_NO_RULE);
}
