/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * operation.h - one read, write or mmap of /dev/mem, from entry to return
 */
#ifndef DMP_OPERATION_H
#define DMP_OPERATION_H

#include <linux/devmem_policy.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include <policy/verdict.h>

#include "compat.h"

struct dmp_active;

/* Successive pages of which the same was decided. */
struct dmp_run {
	struct dmp_verdict verdict;
	u64 first_pfn;
	u64 pages; /* 0: no run */
	u64 counted; /* so many of them in what the operation counts */
	bool summed; /* the rules that grant it say log summary */
	bool steady; /* what decided the last page decides the next one alike */
	bool left; /* the kernel's own verdicts on them stand, and were not looked at */
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
	bool watched; /* the mapping can be revoked, were it granted */
	bool idled; /* its only page was left to the kernel before anything had begun */
	bool permissive; /* as the module was when the call began */
	u8 ops; /* DEVMEM_POLICY_OP_* that the call needs */
	u64 missed; /* dmp_probe_missed() when it began */
	u64 time_ns;
	struct dmp_active *active; /* pinned: all pages see the same policies; NULL: not begun */
	struct dmp_subject subject; /* the task, with the credentials of the call */
	u64 ruled_generation; /* of the policies whose rulings these are; 0: there are none */
	u64 idle_generation; /* of those under which the ruled pages are left to the kernel */
	struct dmp_ruling ruling; /* of the pages around the last one, enforced */
	struct dmp_ruling ruling_all; /* likewise, were everything enforced */
	struct dmp_facts facts; /* about the page at hand, and the verdict on it: they are here */
	struct dmp_verdict verdict; /* since a handler's stack is cleared for what it has */
	struct dmp_run run;
	u64 bare_last_pfn; /* up to here, from the last page on, there are no struct pages */
	u64 decided; /* pages, first pass */
	u64 last_pfn; /* the last of them */
	u64 left_pfn; /* the last page that was left to the kernel */
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
	u64 permitted_pages;
	u64 lookups;
	u64 touched;
};

DECLARE_PER_CPU(struct dmp_counters, dmp_counters);

static inline bool dmp_is_mmap(const struct dmp_operation *operation)
{
	return operation->call.operation >= DEVMEM_POLICY_OPERATION_MMAP_READ;
}

bool dmp_operations_reap(void);
void dmp_operations_end(void);

int dmp_operation_open_transfer(struct dmp_operation **opened, enum devmem_policy_operation kind,
				u64 first, u64 bytes);
struct dmp_operation *dmp_operation_open_mmap(const struct dmp_call *call);
int dmp_operation_leaves(struct dmp_operation *operation, u64 pfn);
int dmp_operation_page(struct dmp_operation *operation, u64 pfn, int baseline);
int dmp_operation_lone_page(enum devmem_policy_operation kind, u64 pfn, int baseline);
int dmp_operation_range(struct dmp_operation *operation, u64 pages, int allowed);
s64 dmp_operation_close(struct dmp_operation *operation, s64 result);

void dmp_counters_sum(struct dmp_counters *sum);

#endif /* DMP_OPERATION_H */
