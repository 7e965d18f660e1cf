// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verdict.c - grant, deny or leave alone: one page of one operation
 *
 * In this order: a deny rule; an allow rule, if every rail is passed and an
 * auditor is there and proven; else the default.
 */
#include "verdict.h"

static void dmp_leave(struct dmp_verdict *verdict, enum devmem_policy_reason reason)
{
	verdict->outcome = verdict->baseline == DEVMEM_POLICY_BASELINE_DENY ?
				   DMP_OUTCOME_DENIAL :
				   DMP_OUTCOME_BASELINE;
	verdict->allowed = verdict->baseline;
	verdict->reason = reason;
}

static void dmp_deny(struct dmp_verdict *verdict, enum devmem_policy_reason reason)
{
	verdict->outcome = DMP_OUTCOME_DENIAL;
	verdict->allowed = DEVMEM_POLICY_BASELINE_DENY;
	verdict->reason = reason;
}

static void dmp_grant(struct dmp_verdict *verdict)
{
	verdict->outcome = DMP_OUTCOME_GRANT;
	verdict->allowed = DEVMEM_POLICY_BASELINE_ALLOW;
	verdict->reason = DEVMEM_POLICY_REASON_ALLOW_RULE;
}

/* Why a page that a rule allows is not granted; UNSPEC if it is. */
static enum devmem_policy_reason dmp_obstacle(const struct dmp_ruling *ruling,
					      const struct dmp_facts *facts)
{
	if (facts->stopping)
		return DEVMEM_POLICY_REASON_UNLOADING;
	if (facts->executable)
		return DEVMEM_POLICY_REASON_EXECUTABLE;
	if (!facts->watched)
		return DEVMEM_POLICY_REASON_BUSY;
	if (!ruling->unreserved && !facts->reserved)
		return DEVMEM_POLICY_REASON_NOT_RESERVED;
	return facts->auditor;
}

static enum devmem_policy_reason dmp_reason_of(enum dmp_ruling_kind kind)
{
	switch (kind) {
	case DMP_RULING_OPERATION:
		return DEVMEM_POLICY_REASON_OPERATION;
	case DMP_RULING_SUBJECT:
		return DEVMEM_POLICY_REASON_SUBJECT;
	case DMP_RULING_EXPIRED:
		return DEVMEM_POLICY_REASON_EXPIRED;
	case DMP_RULING_NOT_YET:
		return DEVMEM_POLICY_REASON_NOT_YET;
	case DMP_RULING_WITHDRAWN:
		return DEVMEM_POLICY_REASON_WITHDRAWN;
	default:
		return DEVMEM_POLICY_REASON_NO_RULE;
	}
}

/* Nobody granted it, for this reason. */
static void dmp_default(struct dmp_verdict *verdict, enum devmem_policy_reason reason)
{
	if (!verdict->default_deny)
		return dmp_leave(verdict, reason);
	if (reason == DEVMEM_POLICY_REASON_NO_RULE)
		reason = DEVMEM_POLICY_REASON_DEFAULT_DENY;
	return dmp_deny(verdict, reason);
}

static void dmp_allow(struct dmp_verdict *verdict, const struct dmp_ruling *ruling,
		      const struct dmp_facts *facts)
{
	enum devmem_policy_reason obstacle;

	if (!dmp_kernel_refuses(facts))
		return dmp_leave(verdict, DEVMEM_POLICY_REASON_UNSPEC);
	obstacle = dmp_obstacle(ruling, facts);
	if (obstacle)
		return dmp_default(verdict, obstacle);
	return dmp_grant(verdict);
}

static void dmp_verdict_begin(struct dmp_verdict *verdict, const struct dmp_facts *facts)
{
	memset(verdict, 0, sizeof(*verdict));
	verdict->baseline = facts->baseline;
	verdict->policy = DMP_NO_RULE;
	verdict->rule = DMP_NO_RULE;
}

void dmp_verdict_make(const struct dmp_ruling *ruling, bool default_deny,
		      const struct dmp_facts *facts, struct dmp_verdict *verdict)
{
	dmp_verdict_begin(verdict, facts);
	verdict->default_deny = default_deny;
	if (ruling->kind != DMP_RULING_NONE) {
		verdict->policy = ruling->policy;
		verdict->rule = ruling->rule;
	}
	if (ruling->kind == DMP_RULING_DENY)
		return dmp_deny(verdict, DEVMEM_POLICY_REASON_DENY_RULE);
	if (ruling->kind == DMP_RULING_ALLOW)
		return dmp_allow(verdict, ruling, facts);
	return dmp_default(verdict, dmp_reason_of(ruling->kind));
}

void dmp_verdict_none(const struct dmp_facts *facts, struct dmp_verdict *verdict)
{
	dmp_verdict_begin(verdict, facts);
	dmp_leave(verdict, DEVMEM_POLICY_REASON_NO_RULE);
}

/* Was it the kernel that refused, and no policy? */
static bool dmp_is_kernels_own(const struct dmp_verdict *verdict)
{
	return verdict->outcome == DMP_OUTCOME_BASELINE ||
	       (verdict->outcome == DMP_OUTCOME_DENIAL &&
		verdict->baseline == DEVMEM_POLICY_BASELINE_DENY &&
		verdict->reason != DEVMEM_POLICY_REASON_DENY_RULE &&
		verdict->reason != DEVMEM_POLICY_REASON_DEFAULT_DENY);
}

void dmp_verdict_compare(struct dmp_verdict *verdict, const struct dmp_verdict *all)
{
	verdict->would = all->outcome == DMP_OUTCOME_DENIAL ? DEVMEM_POLICY_WOULD_REFUSE :
							      DEVMEM_POLICY_WOULD_PERMIT;
	/* What a policy did is told with its own rule and reason. */
	if (!dmp_is_kernels_own(verdict))
		return;
	if (verdict->outcome == DMP_OUTCOME_BASELINE && all->outcome != DMP_OUTCOME_BASELINE)
		verdict->outcome = DMP_OUTCOME_PERMITTED;
	verdict->reason = all->reason;
	verdict->policy = all->policy;
	verdict->rule = all->rule;
}

void dmp_verdict_withdraw(struct dmp_verdict *verdict, enum devmem_policy_reason reason)
{
	dmp_default(verdict, reason);
}
