// SPDX-License-Identifier: GPL-2.0-only
/*
 * slot.c - where operations are: one slot for each task that is in a call
 *
 * A fixed table, hashed by task, since handlers cannot allocate. A slot is claimed by
 * compare-and-exchange and found by comparing with current: a task looks only for
 * itself, so nothing needs a lock. The reference to the task keeps its address from
 * being used again, also when the task dies in the call (an oops) and never releases
 * its slot.
 *
 * Tasks can be parked in a call for as long as they like (in a page fault that
 * somebody in user space answers), so slots can run out on purpose.
 */
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/vmalloc.h>

#include "slot.h"

#define DMP_SLOT_REACH 64 /* slots that a task may be looked for from its hash on */

struct dmp_operation *dmp_slots;
atomic_t dmp_slots_needed[DMP_SLOTS];

static DEFINE_MUTEX(dmp_burial_lock); /* a slot is given back once */
DEFINE_PER_CPU(struct dmp_operation *, dmp_slot_last);

/* dmp_slot_find() - the slow half of dmp_slot_current(), which see */
struct dmp_operation *dmp_slot_find(void)
{
	unsigned int hash = dmp_slot_hash(), n;
	unsigned int needed = atomic_read(&dmp_slots_needed[hash]);
	unsigned int kind;

	for (n = 0; n < needed; n++) {
		struct dmp_operation *slots = dmp_slots_at(hash + n);

		for (kind = 0; kind < DMP_SLOT_KINDS; kind++) {
			if (READ_ONCE(slots[kind].task) != current)
				continue;
			this_cpu_write(dmp_slot_last, &slots[kind]);
			return &slots[kind];
		}
	}
	return NULL;
}

/* Nobody but current looks for current, so it is in time when this is after the claim. */
static void dmp_slot_need(unsigned int hash, int slots)
{
	int needed = atomic_read(&dmp_slots_needed[hash]);

	while (needed < slots &&
	       !atomic_try_cmpxchg(&dmp_slots_needed[hash], &needed, slots))
		;
}

/**
 * dmp_slot_claim() - any slot for a call of current, which has none
 * @kind: of the call
 *
 * Context: Probe handler.
 * Return: the slot, with its task set; NULL when no slot is free.
 */
struct dmp_operation *dmp_slot_claim(enum dmp_slot_kind kind)
{
	unsigned int hash = dmp_slot_hash(), n;
	struct dmp_operation *operation;

	for (n = 0; n < DMP_SLOT_REACH; n++) {
		operation = &dmp_slots_at(hash + n)[kind];
		if (READ_ONCE(operation->task) || !dmp_slot_take(operation))
			continue;
		dmp_slot_keep();
		dmp_slot_need(hash, n + 1);
		return operation;
	}
	return NULL;
}

/* Is it the call of a task that is dead? *any: there is a call. */
static bool dmp_slot_is_dead(const struct dmp_operation *operation, bool *any)
{
	struct task_struct *task;
	bool dead;

	/* A task that ends is freed after a grace period. */
	rcu_read_lock();
	task = READ_ONCE(operation->task);
	*any |= !!task;
	/* Dead, and in the slot still, so it is there for good; what it did is seen after. */
	dead = task && smp_load_acquire(&task->exit_state) &&
	       READ_ONCE(operation->task) == task;
	rcu_read_unlock();
	return dead;
}

/**
 * dmp_slots_bury() - end the calls that never return
 * @living: also those of tasks that live: no handler runs any more
 * @bury: what is to be done for each, before its slot is released
 *
 * Context: Process.
 * Return: whether there was any call.
 */
bool dmp_slots_bury(bool living, void (*bury)(struct dmp_operation *operation))
{
	bool any = false, dead;
	unsigned int i;

	mutex_lock(&dmp_burial_lock);
	for (i = 0; i < DMP_SLOTS * DMP_SLOT_KINDS; i++) {
		dead = dmp_slot_is_dead(&dmp_slots[i], &any);
		if (!dead && !(living && dmp_slots[i].task))
			continue;
		bury(&dmp_slots[i]);
		dmp_slot_release(&dmp_slots[i]);
	}
	mutex_unlock(&dmp_burial_lock);
	return any;
}

int dmp_slots_init(void)
{
	dmp_slots = vzalloc(array_size(DMP_SLOTS * DMP_SLOT_KINDS, sizeof(*dmp_slots)));
	return dmp_slots ? 0 : -ENOMEM;
}

/* No handler runs any more, and no slot is claimed. */
void dmp_slots_exit(void)
{
	vfree(dmp_slots);
}
