/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decision.h - grant, deny or leave alone: one page of one operation
 */
#ifndef DMP_DECISION_H
#define DMP_DECISION_H

#include "operation.h"

void dmp_decide(struct dmp_operation *operation, u64 pfn, int baseline,
		struct dmp_decision *decision);
void dmp_decision_withdraw(struct dmp_decision *decision, enum devmem_policy_reason reason);
void dmp_decisions_stop(void);

#endif /* DMP_DECISION_H */
