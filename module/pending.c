// SPDX-License-Identifier: GPL-2.0-only
/*
 * pending.c - records of several calls, while they are being added up
 *
 * A fixed table, hashed by task, since handlers cannot allocate. Only calls that
 * agree in all that a record says, but for their number, their pages and their
 * times, become one; so whatever it says is true of each of them. The ring lends
 * its lock, and sets a slot aside for each entry.
 */
#include <linux/hash.h>
#include <linux/vmalloc.h>

#include "pending.h"

#define DMP_PENDING_BITS 8
#define DMP_PENDINGS BIT(DMP_PENDING_BITS)
#define DMP_PENDING_REACH 16 /* entries that a record may be away from its hash */

static struct dmp_pending *dmp_pendings;
static unsigned int dmp_pending_count;

static struct dmp_pending *dmp_pending_at(const struct dmp_record *record, unsigned int n)
{
	u32 home = hash_32(record->who.tid, DMP_PENDING_BITS);

	return &dmp_pendings[(home + n) & (DMP_PENDINGS - 1)];
}

static bool dmp_same_rule(const struct dmp_record *a, const struct dmp_record *b)
{
	return !((a->fields ^ b->fields) & DMP_RECORD_POLICY) && a->rule_id == b->rule_id &&
	       a->serial == b->serial &&
	       (!(a->fields & DMP_RECORD_POLICY) ||
		!memcmp(a->policy, b->policy, sizeof(a->policy)));
}

/* Denials must be of the same pages; the grants of a rule may be of any. */
static bool dmp_same_call(const struct dmp_record *a, const struct dmp_record *b)
{
	if (a->kind == DEVMEM_POLICY_EVENT_GRANT)
		return !((a->fields ^ b->fields) & ~DMP_RECORD_RESULT);
	return a->fields == b->fields && a->first_pfn == b->first_pfn &&
	       a->last_pfn == b->last_pfn && a->result == b->result &&
	       a->transferred == b->transferred;
}

static bool dmp_pending_is(const struct dmp_pending *pending, const struct dmp_record *record,
			   const struct file *exe)
{
	const struct dmp_record *sum = &pending->record;

	return sum->calls && sum->kind == record->kind && sum->operation == record->operation &&
	       sum->baseline == record->baseline && sum->reason == record->reason &&
	       sum->would == record->would && pending->exe == exe &&
	       !memcmp(&sum->who, &record->who, sizeof(sum->who)) &&
	       dmp_same_rule(sum, record) && dmp_same_call(sum, record);
}

static void dmp_pending_add(struct dmp_record *sum, const struct dmp_record *record)
{
	sum->calls += record->calls;
	sum->pages += record->pages;
	sum->time_ns = min(sum->time_ns, record->time_ns);
	sum->last_time_ns = max(sum->last_time_ns, record->last_time_ns);
	sum->first_pfn = min(sum->first_pfn, record->first_pfn);
	sum->last_pfn = max(sum->last_pfn, record->last_pfn);
	/* Grants alone can differ in it. */
	if (sum->result != record->result)
		sum->fields &= ~DMP_RECORD_RESULT;
	sum->fields &= record->fields | ~DMP_RECORD_RESULT;
}

/**
 * dmp_pending_join() - add a call to others that were alike
 * @record: of the call
 * @exe: the file that the task executes, or NULL
 *
 * Return: false when there are none.
 */
bool dmp_pending_join(const struct dmp_record *record, const struct file *exe)
{
	unsigned int n;

	for (n = 0; n < DMP_PENDING_REACH; n++) {
		struct dmp_pending *pending = dmp_pending_at(record, n);

		if (!dmp_pending_is(pending, record, exe))
			continue;
		dmp_pending_add(&pending->record, record);
		return true;
	}
	return false;
}

/**
 * dmp_pending_open() - begin with a call to add up
 * @record: of the call
 * @exe: the file that the task executes, or NULL; its reference is taken over
 *
 * Return: false when there is no room.
 */
bool dmp_pending_open(const struct dmp_record *record, struct file *exe)
{
	unsigned int n;

	for (n = 0; n < DMP_PENDING_REACH; n++) {
		struct dmp_pending *pending = dmp_pending_at(record, n);

		if (pending->record.calls)
			continue;
		pending->record = *record;
		pending->exe = exe;
		dmp_pending_count++;
		return true;
	}
	return false;
}

/**
 * dmp_pending_take() - one record that is complete now, out of the table
 * @next: where to go on; 0 to begin with
 * @taken: where to put it, with the reference to exe
 *
 * Return: false when there is none from next on.
 */
bool dmp_pending_take(unsigned int *next, struct dmp_pending *taken)
{
	while (*next < DMP_PENDINGS) {
		struct dmp_pending *pending = &dmp_pendings[(*next)++];

		if (!pending->record.calls)
			continue;
		*taken = *pending;
		pending->record.calls = 0;
		dmp_pending_count--;
		return true;
	}
	return false;
}

/* dmp_pending_number() - how many there are; without the lock, a guess */
u32 dmp_pending_number(void)
{
	return READ_ONCE(dmp_pending_count);
}

int dmp_pending_init(void)
{
	dmp_pendings = vzalloc(array_size(DMP_PENDINGS, sizeof(*dmp_pendings)));
	return dmp_pendings ? 0 : -ENOMEM;
}

/* Nothing is pending any more. */
void dmp_pending_exit(void)
{
	vfree(dmp_pendings);
}
