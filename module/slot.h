/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * slot.h - where operations are: one slot for each task that is in a call
 */
#ifndef DMP_SLOT_H
#define DMP_SLOT_H

#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "operation.h"

/* Calls of mmap cannot be parked: they have slots of their own, to find one free. */
enum dmp_slot_kind { DMP_SLOTS_TRANSFER, DMP_SLOTS_MMAP, DMP_SLOT_KINDS };

int dmp_slots_init(void);
void dmp_slots_exit(void);

struct dmp_operation *dmp_slot_claim_home(enum dmp_slot_kind kind);
struct dmp_operation *dmp_slot_claim(enum dmp_slot_kind kind);
struct dmp_operation *dmp_slot_find(void);
bool dmp_slots_bury(bool living, void (*bury)(struct dmp_operation *operation));

/* The one that was found last on this processor: whose it is has to be looked at. */
DECLARE_PER_CPU(struct dmp_operation *, dmp_slot_last);

/**
 * dmp_slot_current() - the operation that current is in
 *
 * Context: Probe handler, so nobody else runs on this processor.
 * Return: NULL when there is none.
 */
static inline struct dmp_operation *dmp_slot_current(void)
{
	struct dmp_operation *operation = this_cpu_read(dmp_slot_last);

	if (operation && READ_ONCE(operation->task) == current)
		return operation;
	return dmp_slot_find();
}

/**
 * dmp_slot_release() - the call is over
 * @operation: the slot
 *
 * Context: Probe handler, or on behalf of a task that died in the call.
 */
static inline void dmp_slot_release(struct dmp_operation *operation)
{
	struct task_struct *task = operation->task;

	/* Whoever claims the slot next finds nothing of us in it. */
	smp_store_release(&operation->task, NULL);
	put_task_struct(task);
}

#endif /* DMP_SLOT_H */
