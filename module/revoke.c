// SPDX-License-Identifier: GPL-2.0-only
/*
 * revoke.c - taking granted mappings back while they are in use
 *
 * All mappings of /dev/mem share one address_space, in which the page offset is
 * the page frame number, so unmap_mapping_range() finds them in every process;
 * /dev/mem has no fault handler, and the next touch gets SIGBUS. From 6.1 the
 * mappings of PCI sysfs resource files are in there too and go with them.
 *
 * A mapping that is being made is not in the address_space yet. mmap(2) holds
 * the mm's lock for writing until it is, so the mm of every mmap under way is
 * on the watch list, and taking its lock for reading waits for it.
 */
#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>

#include "policy.h"
#include "revoke.h"
#include "ring.h"

#define DMP_WATCH_BITS 8
#define DMP_WATCHED BIT(DMP_WATCH_BITS)
#define DMP_WATCH_REACH 32

static struct mm_struct *dmp_watched[DMP_WATCHED]; /* each with a reference */
static DEFINE_MUTEX(dmp_barrier_lock);
static struct address_space *dmp_mapping; /* of /dev/mem, once it was mapped */
static atomic64_t dmp_revoked_pages;

static bool dmp_watch_at(struct mm_struct **slot, struct mm_struct *mm)
{
	if (READ_ONCE(*slot) == mm)
		return true;
	if (READ_ONCE(*slot) || cmpxchg(slot, NULL, mm))
		return false;
	mmgrab(mm);
	return true;
}

/**
 * dmp_revoke_watch() - current is in mmap of /dev/mem
 * @area: what is being mapped
 *
 * Must come before anything is granted. The reference to the mm is taken after
 * it is on the list, which is safe since current runs on it.
 *
 * Context: Probe handler; current holds its mmap_lock for writing.
 * Return: false when the list is full: nothing must be granted.
 */
bool dmp_revoke_watch(const struct dmp_area *area)
{
	struct mm_struct *mm = current->mm;
	unsigned int n;

	if (!mm)
		return false;
	/* The same for every file, and as permanent as the kernel. */
	WRITE_ONCE(dmp_mapping, dmp_area_file(area)->f_mapping);
	for (n = 0; n < DMP_WATCH_REACH; n++) {
		u32 slot = (hash_ptr(mm, DMP_WATCH_BITS) + n) & (DMP_WATCHED - 1);

		if (dmp_watch_at(&dmp_watched[slot], mm))
			return true;
	}
	return false;
}

/**
 * dmp_revoke_barrier() - wait for the mmap calls under way on the watch list
 *
 * An mm is taken off before its lock is taken: an mmap that begins afterwards
 * puts it on again.
 *
 * Context: Process; takes mmap_lock of other processes.
 */
void dmp_revoke_barrier(void)
{
	unsigned int i;

	mutex_lock(&dmp_barrier_lock);
	for (i = 0; i < DMP_WATCHED; i++) {
		struct mm_struct *mm = xchg(&dmp_watched[i], NULL);

		if (!mm)
			continue;
		mmap_read_lock(mm);
		mmap_read_unlock(mm);
		mmdrop(mm);
	}
	mutex_unlock(&dmp_barrier_lock);
}

static void dmp_revoke_record(const struct dmp_policy *policy, u32 rule, u64 first_pfn, u64 pages,
			      enum devmem_policy_reason reason)
{
	struct dmp_record record;

	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_REVOKED);
	dmp_record_policy(&record, policy);
	record.fields |= DMP_RECORD_REASON | DMP_RECORD_RANGE | DMP_RECORD_RULE;
	record.reason = reason;
	record.first_pfn = first_pfn;
	record.pages = pages;
	record.rule_id = dmp_policy_rule_id(policy, rule);
	dmp_ring_publish(&record, false);
}

static void dmp_revoke_range(const struct dmp_policy *policy, u32 rule, u64 first_pfn, u64 pages,
			     enum devmem_policy_reason reason)
{
	/* Private copies hold what was read: they go too. */
	unmap_mapping_range(dmp_mapping, (loff_t)(first_pfn << PAGE_SHIFT),
			    (loff_t)(pages << PAGE_SHIFT), 1);
	atomic64_add(pages, &dmp_revoked_pages);
	dmp_revoke_record(policy, rule, first_pfn, pages, reason);
}

/* What of a segment that granted mappings is not granted any more. */
static void dmp_revoke_segment(const struct dmp_policy *policy, const struct dmp_segment *segment,
			       const struct dmp_active *new, unsigned int write,
			       enum devmem_policy_reason reason)
{
	unsigned int ops = DEVMEM_POLICY_OP_READ | (write ? DEVMEM_POLICY_OP_WRITE : 0);
	u32 rule = segment->rule[write];
	struct dmp_ruling ruling;
	u64 pfn, last;

	for (pfn = segment->first_pfn; pfn <= segment->last_pfn; pfn = last + 1) {
		ruling.kind = DMP_RULING_NONE;
		last = segment->last_pfn;
		if (new) {
			dmp_ruling_make(&new->set, pfn, ops, &ruling);
			last = min(last, ruling.last_pfn);
		}
		if (ruling.kind == DMP_RULING_ALLOW)
			set_bit(2UL * ruling.segment + write,
				new->policies[ruling.policy]->mapped);
		else
			dmp_revoke_range(policy, rule, pfn, last - pfn + 1, reason);
	}
}

static void dmp_revoke_policy(const struct dmp_policy *policy, const struct dmp_active *new,
			      enum devmem_policy_reason reason)
{
	const struct dmp_index *index = &policy->rules.index;
	unsigned long bits = 2UL * index->segment_count;
	unsigned long bit;

	for_each_set_bit(bit, policy->mapped, bits) {
		if (!new)
			clear_bit(bit, policy->mapped);
		dmp_revoke_segment(policy, &index->segments[bit / 2], new, bit & 1, reason);
	}
}

/**
 * dmp_revoke_lost() - tear down what old granted to mappings and new does not
 * @old: the set that was in force
 * @new: NULL: nothing is granted
 * @reason: why
 *
 * What new still grants is marked there, so that it can be torn down later.
 *
 * Context: Process; may sleep. No operation that pinned old can still be in the
 * part of mmap that dmp_revoke_barrier() waits for.
 */
void dmp_revoke_lost(const struct dmp_active *old, const struct dmp_active *new,
		     enum devmem_policy_reason reason)
{
	u32 i;

	for (i = 0; i < old->set.count; i++)
		dmp_revoke_policy(old->policies[i], new, reason);
}

u64 dmp_revoke_pages(void)
{
	return atomic64_read(&dmp_revoked_pages);
}
