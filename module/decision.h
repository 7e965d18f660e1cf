/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decision.h - what is known about one page of one operation, and the verdict on it
 */
#ifndef DMP_DECISION_H
#define DMP_DECISION_H

#include "operation.h"

void dmp_decide(struct dmp_operation *operation, u64 pfn, int baseline,
		struct dmp_verdict *verdict);
bool dmp_still_grants(struct dmp_operation *operation, u64 pfn);
void dmp_decisions_stop(void);

#endif /* DMP_DECISION_H */
