/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * operation.h - one read, write or mmap of /dev/mem, from entry to return
 */
#ifndef DMP_OPERATION_H
#define DMP_OPERATION_H

#include <linux/devmem_policy.h>
#include <linux/sched.h>

#include <policy/ruling.h>

#include "compat.h"

struct dmp_active;

enum dmp_outcome {
	DMP_OUTCOME_BASELINE, /* the kernel's own verdict stands */
	DMP_OUTCOME_GRANT,
	DMP_OUTCOME_DENIAL,
};

/* What was decided for one page. */
struct dmp_decision {
	enum dmp_outcome outcome;
	int verdict; /* what devmem_is_allowed() is to return */
	u8 baseline; /* enum devmem_policy_baseline */
	u8 reason; /* enum devmem_policy_reason */
	u32 policy; /* index into the active set, or DMP_NO_RULE */
	u32 rule; /* index into the policy's rules, or DMP_NO_RULE */
};

/* Successive pages of which the same was decided: one record. */
struct dmp_run {
	struct dmp_decision decision;
	u64 first_pfn;
	u64 pages; /* 0: no run */
};

/* What the probe knows when the call begins. */
struct dmp_call {
	enum devmem_policy_operation operation;
	u64 first_pfn;
	u64 pages; /* that the call names; 0 for an empty one */
	u32 offset; /* of the first byte in its page */
	bool executable; /* PROT_EXEC was asked for */
	struct dmp_area *area; /* mmap: good until the call returns */
};

/*
 * Belongs to the task that is in the call; nobody else touches it until it is
 * closed, but for the reaper, once the task is dead.
 */
struct dmp_operation {
	struct task_struct *task; /* NULL: free; holds a reference */
	struct dmp_call call;
	u64 time_ns;
	struct dmp_active *active; /* pinned: all pages see the same policies */
	bool may_grant; /* the mapping can be revoked, were it granted */
	u8 ops; /* DEVMEM_POLICY_OP_* that the call needs */
	struct dmp_ruling ruling; /* of the pages around the last one */
	bool ruled;
	struct dmp_run run;
	u64 decided; /* pages, first pass */
	u64 granted;
	u64 denied;
};

/* Per CPU; what a handler counts. */
struct dmp_counters {
	u64 operations;
	u64 untracked;
	u64 granted_pages;
	u64 denied_pages;
	u64 baseline_pages;
};

static inline bool dmp_is_mmap(const struct dmp_operation *operation)
{
	return operation->call.operation >= DEVMEM_POLICY_OPERATION_MMAP_READ;
}

int dmp_operations_init(void);
void dmp_operations_exit(void);
bool dmp_operations_reap(void);

struct dmp_operation *dmp_operation_open(const struct dmp_call *call);
struct dmp_operation *dmp_operation_current(void);
int dmp_operation_page(struct dmp_operation *operation, u64 pfn, int baseline);
int dmp_operation_range(struct dmp_operation *operation, u64 pages, int allowed);
s64 dmp_operation_close(struct dmp_operation *operation, s64 result);

void dmp_counters_sum(struct dmp_counters *sum);

#endif /* DMP_OPERATION_H */
