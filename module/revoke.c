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
#include <linux/bitops.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "active.h"
#include "clock.h"
#include "reserved.h"
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
	record.fields |= DMP_RECORD_REASON | DMP_RECORD_RANGE;
	record.reason = reason;
	record.first_pfn = first_pfn;
	record.pages = pages;
	if (policy) {
		dmp_record_policy(&record, policy);
		record.fields |= DMP_RECORD_RULE;
		record.rule_id = dmp_policy_rule_id(policy, rule);
	}
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

/* From what to what: one sweep over the marks of a set. */
struct dmp_sweep {
	const struct dmp_active *old;
	const struct dmp_active *new; /* NULL: nothing is granted */
	struct dmp_clock clock;
	enum devmem_policy_reason reason;
	u32 old_policies; /* bit n: policy n of new has the deny rules of one of old */
};

/* A mark, and the candidate that it is about. */
struct dmp_mark {
	struct dmp_policy *policy;
	u32 segment; /* of its index */
	u32 rule;
	unsigned int op;
};

/* Marks are numbered in the order of segments: find the one by bisection. */
static void dmp_mark_find(struct dmp_policy *policy, unsigned long bit, struct dmp_mark *mark)
{
	const struct dmp_index *index = &policy->rules.index;
	u32 candidate = bit / DMP_OPS, low = 0, high = index->segment_count - 1, middle;

	while (low < high) {
		middle = high - (high - low) / 2;
		if (dmp_index_candidate(index, middle, 0) <= candidate)
			low = middle;
		else
			high = middle - 1;
	}
	mark->policy = policy;
	mark->segment = low;
	mark->rule = dmp_index_rule(index, low,
				    candidate - dmp_index_candidate(index, low, 0));
	mark->op = bit % DMP_OPS;
}

static const struct dmp_segment *dmp_mark_segment(const struct dmp_mark *mark)
{
	return &mark->policy->rules.index.segments[mark->segment];
}

static bool dmp_rule_unreserved(const struct dmp_policy *policy, u32 rule)
{
	return dmp_load16(dmp_rule_record(&policy->rules.view, rule) + DMP_RULE_FLAGS) &
	       DEVMEM_POLICY_RULE_UNRESERVED_RAM;
}

/* Is page pfn of a mark still granted? *last_pfn: up to where the answer is the same. */
static bool dmp_mark_kept(const struct dmp_sweep *sweep, const struct dmp_mark *mark, u64 pfn,
			  struct dmp_choice *by, u64 *last_pfn)
{
	struct dmp_holding holding = {
		.pfn = pfn,
		.op = mark->op,
		.unreserved = dmp_rule_unreserved(mark->policy, mark->rule),
		.old_policies = sweep->old_policies,
		.clock = sweep->clock,
	};
	bool kept;

	*last_pfn = dmp_mark_segment(mark)->last_pfn;
	if (!sweep->new)
		return false;
	dmp_subject_of_rule(&mark->policy->rules, mark->rule, &holding.subject);
	kept = dmp_ruling_keeps(&sweep->new->set, &holding, by, last_pfn);
	*last_pfn = min(*last_pfn, dmp_mark_segment(mark)->last_pfn);
	return kept;
}

static void dmp_mark_lose(const struct dmp_mark *mark, u64 first_pfn, u64 last_pfn)
{
	dmp_reserved_forget(first_pfn, last_pfn);
	dmp_marks_lose(&mark->policy->marks, mark->segment, first_pfn, last_pfn);
}

/*
 * Hand a mark on to the rules that keep it, and take up the pages that none does.
 * Return: whether they keep all of it.
 */
static bool dmp_mark_keep(const struct dmp_sweep *sweep, const struct dmp_mark *mark)
{
	const struct dmp_segment *segment = dmp_mark_segment(mark);
	struct dmp_choice by;
	bool all = true;
	u64 pfn, last;

	for (pfn = segment->first_pfn; pfn <= segment->last_pfn; pfn = last + 1) {
		if (dmp_mark_kept(sweep, mark, pfn, &by, &last)) {
			dmp_marks_copy(&sweep->new->policies[by.policy]->marks, by.segment,
				       by.candidate, mark->op, &mark->policy->marks,
				       mark->segment, pfn, last);
			continue;
		}
		dmp_mark_lose(mark, pfn, last);
		all = false;
	}
	return all;
}

/*
 * Find the marks that are lost. A mark is cleared first and set again by what
 * keeps it, since that may be the very same one.
 */
static bool dmp_sweep_find(const struct dmp_sweep *sweep, struct dmp_policy *policy)
{
	struct dmp_marks *marks = &policy->marks;
	struct dmp_mark mark;
	unsigned long bit;
	bool any = false;

	for_each_set_bit(bit, marks->rules, dmp_marks_rules(marks)) {
		dmp_mark_find(policy, bit, &mark);
		clear_bit(bit, marks->rules);
		if (dmp_mark_keep(sweep, &mark))
			continue;
		__set_bit(bit, marks->rules_lost);
		any = true;
		cond_resched();
	}
	return any;
}

/* What reading and writing lost is the same pages: the first of them takes all. */
static void dmp_mark_revoke(const struct dmp_sweep *sweep, const struct dmp_mark *mark)
{
	u64 first, last;

	while (dmp_marks_take_lost(&mark->policy->marks, mark->segment, &first, &last))
		dmp_revoke_range(mark->policy, mark->rule, first, last - first + 1,
				 sweep->reason);
}

static void dmp_sweep_revoke(const struct dmp_sweep *sweep, struct dmp_policy *policy)
{
	struct dmp_marks *marks = &policy->marks;
	struct dmp_mark mark;
	unsigned long bit;

	for_each_set_bit(bit, marks->rules_lost, dmp_marks_rules(marks)) {
		dmp_mark_find(policy, bit, &mark);
		__clear_bit(bit, marks->rules_lost);
		dmp_mark_revoke(sweep, &mark);
		cond_resched();
	}
}

static u32 dmp_sweep_old_policies(const struct dmp_active *old, const struct dmp_active *new)
{
	u32 found = 0, i, j;

	for (i = 0; i < new->set.count; i++)
		for (j = 0; j < old->set.count; j++)
			if (new->policies[i]->lineage == old->policies[j]->lineage)
				found |= 1u << i;
	return found;
}

/**
 * dmp_revoke_lost() - tear down what old granted to mappings and new does not
 * @old: the set that was in force
 * @new: the one that is, perhaps the same; NULL: nothing is granted
 * @reason: why
 *
 * What new still grants is marked there, so that it can be torn down later.
 *
 * A call that found its mark or note set, before it was cleared here, has not set
 * it again: so once more all that are under way have to become mappings before any
 * is torn down, or one could be left without.
 *
 * Context: Process; may sleep. No operation that pinned old can still be in the
 * part of mmap that dmp_revoke_barrier() waits for.
 */
void dmp_revoke_lost(const struct dmp_active *old, const struct dmp_active *new,
		     enum devmem_policy_reason reason)
{
	struct dmp_sweep sweep = {
		.old = old,
		.new = new,
		.clock = dmp_clock_read(),
		.reason = reason,
		.old_policies = new ? dmp_sweep_old_policies(old, new) : 0,
	};
	bool any = false;
	u32 i;

	for (i = 0; i < old->set.count; i++)
		any |= dmp_sweep_find(&sweep, old->policies[i]);
	if (!any)
		return;
	synchronize_rcu();
	dmp_revoke_barrier();
	for (i = 0; i < old->set.count; i++)
		dmp_sweep_revoke(&sweep, old->policies[i]);
}

/* The owner of these pages has given them back to the allocator. */
static void dmp_revoke_unreserved(u64 first_pfn, u64 pages)
{
	/* Their notes are gone already: whoever is mapping them now shall be found. */
	synchronize_rcu();
	dmp_revoke_barrier();
	dmp_revoke_range(NULL, DMP_NO_RULE, first_pfn, pages, DEVMEM_POLICY_REASON_NOT_RESERVED);
}

/**
 * dmp_revoke_reservations() - take back pages that are not reserved any more
 *
 * Context: Process; may sleep.
 * Return: whether any page has to be looked at again later.
 */
bool dmp_revoke_reservations(void)
{
	return dmp_reserved_check(dmp_revoke_unreserved);
}

u64 dmp_revoke_pages(void)
{
	return atomic64_read(&dmp_revoked_pages);
}
