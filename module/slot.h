/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * slot.h - where operations are: one slot for each task that is in a call
 */
#ifndef DMP_SLOT_H
#define DMP_SLOT_H

#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "operation.h"

#define DMP_SLOT_BITS 10
#define DMP_SLOTS BIT(DMP_SLOT_BITS) /* of each kind */

/* Calls of mmap cannot be parked: they have slots of their own, to find one free. */
enum dmp_slot_kind { DMP_SLOTS_TRANSFER, DMP_SLOTS_MMAP, DMP_SLOT_KINDS };

int dmp_slots_init(void);
void dmp_slots_exit(void);

struct dmp_operation *dmp_slot_claim(enum dmp_slot_kind kind);
struct dmp_operation *dmp_slot_find(void);
bool dmp_slots_bury(bool living, void (*bury)(struct dmp_operation *operation));

extern struct dmp_operation *dmp_slots; /* DMP_SLOTS * DMP_SLOT_KINDS */

/*
 * By hash: so many slots of a kind were ever needed for tasks that have it, as a rule
 * one. Never less again: who is looked for may be in the last of them.
 */
extern atomic_t dmp_slots_needed[DMP_SLOTS];

/* The one that was found last on this processor: whose it is has to be looked at. */
DECLARE_PER_CPU(struct dmp_operation *, dmp_slot_last);

/* The last one that was found, if it is current's; NULL says nothing yet. */
static inline struct dmp_operation *dmp_slot_at_hand(void)
{
	struct dmp_operation *operation = this_cpu_read(dmp_slot_last);

	return operation && READ_ONCE(operation->task) == current ? operation : NULL;
}

/**
 * dmp_slot_current() - the operation that current is in
 *
 * Context: Probe handler, so nobody else runs on this processor.
 * Return: NULL when there is none.
 */
static inline struct dmp_operation *dmp_slot_current(void)
{
	return dmp_slot_at_hand() ?: dmp_slot_find();
}

static inline unsigned int dmp_slot_hash(void)
{
	return hash_ptr(current, DMP_SLOT_BITS);
}

/* The slots of all kinds at one place; which may be behind the last. */
static inline struct dmp_operation *dmp_slots_at(unsigned int place)
{
	return &dmp_slots[(place & (DMP_SLOTS - 1)) * DMP_SLOT_KINDS];
}

/* Make it current's, unless it is somebody's. dmp_slot_keep() has to follow. */
static inline bool dmp_slot_take(struct dmp_operation *operation)
{
	if (cmpxchg(&operation->task, NULL, current))
		return false;
	this_cpu_write(dmp_slot_last, operation);
	return true;
}

/* The slot has been taken, and current may die in the call: but not in the handler. */
static inline void dmp_slot_keep(void)
{
	get_task_struct(current);
}

/**
 * dmp_slot_take_home() - take the slot that is current's by its hash
 * @kind: of the call
 * @slot: where to put it
 *
 * What the slot's last call has left in it is still there.
 *
 * Context: Probe handler, in which dmp_slot_keep() has to follow.
 * Return: false when it is taken, or when current may have another slot.
 */
static __always_inline bool dmp_slot_take_home(enum dmp_slot_kind kind,
					       struct dmp_operation **slot)
{
	unsigned int hash = dmp_slot_hash();
	struct dmp_operation *home = dmp_slots_at(hash);

	*slot = &home[kind];
	return atomic_read(&dmp_slots_needed[hash]) == 1 &&
	       READ_ONCE(home[DMP_SLOT_KINDS - 1 - kind].task) != current &&
	       dmp_slot_take(*slot);
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
