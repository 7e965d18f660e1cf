// SPDX-License-Identifier: GPL-2.0-only
/*
 * operation.c - one read, write or mmap of /dev/mem, from entry to return
 *
 * Only pages that are asked for inside an operation are decided: the kernel
 * also calls devmem_is_allowed() when a driver claims a region, and must then
 * get its own answer, or it would leave a mapping under the driver.
 *
 * Operations live in a fixed table, hashed by task, since handlers cannot
 * allocate. A slot is claimed by compare-and-exchange and found by comparing
 * with current: a task looks only for itself, so nothing needs a lock. The
 * reference to the task keeps its address from being used again, also when
 * the task dies in the call (an oops) and never closes the operation.
 *
 * Tasks can be parked in a call for as long as they like (in a page fault that
 * somebody in user space answers), so slots and probes can run out on purpose.
 * The pages of a call that found none are decided one by one, each with an
 * operation of its own.
 */
#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/timekeeping.h>
#include <linux/uidgid.h>
#include <linux/vmalloc.h>

#include "active.h"
#include "decision.h"
#include "mode.h"
#include "operation.h"
#include "program.h"
#include "reserved.h"
#include "revoke.h"
#include "ring.h"
#include "trace.h"

/* What is no enum devmem_policy_baseline: the kernel's verdict is not known. */
#define DMP_BASELINE_UNSEEN 255

#define DMP_OPERATION_BITS 10
#define DMP_OPERATIONS BIT(DMP_OPERATION_BITS) /* of each of the two kinds */
#define DMP_OPERATION_REACH 64 /* slots that a task may be looked for from its hash on */

/* Calls of mmap cannot be parked: they have slots of their own, to find one free. */
enum dmp_slots { DMP_SLOTS_TRANSFER, DMP_SLOTS_MMAP, DMP_SLOTS };

static struct dmp_operation *dmp_operations; /* DMP_SLOTS * DMP_OPERATIONS */

/* The one that was found last on this processor: whose it is has to be looked at. */
static DEFINE_PER_CPU(struct dmp_operation *, dmp_operation_last);

/*
 * By hash: so many slots of a kind were ever needed for tasks that have it, as a rule
 * one. Never less again: who is looked for may be in the last of them.
 */
static atomic_t dmp_operation_needed[DMP_OPERATIONS];

static DEFINE_MUTEX(dmp_burial_lock); /* a slot is given back once */
DEFINE_PER_CPU(struct dmp_counters, dmp_counters);

static unsigned int dmp_operation_hash(void)
{
	return hash_ptr(current, DMP_OPERATION_BITS);
}

static struct dmp_operation *dmp_operation_slot(enum dmp_slots slots, unsigned int slot)
{
	return &dmp_operations[slots * DMP_OPERATIONS + (slot & (DMP_OPERATIONS - 1))];
}

static noinline struct dmp_operation *dmp_operation_find(void)
{
	unsigned int hash = dmp_operation_hash(), n;
	unsigned int needed = atomic_read(&dmp_operation_needed[hash]);
	struct dmp_operation *operation;

	for (n = 0; n < needed; n++) {
		operation = dmp_operation_slot(DMP_SLOTS_MMAP, hash + n);
		if (READ_ONCE(operation->task) == current)
			return operation;
		operation = dmp_operation_slot(DMP_SLOTS_TRANSFER, hash + n);
		if (READ_ONCE(operation->task) == current)
			return operation;
	}
	return NULL;
}

/**
 * dmp_operation_current() - the operation that current is in
 *
 * Context: Probe handler, so nobody else runs on this processor.
 * Return: NULL when there is none.
 */
struct dmp_operation *dmp_operation_current(void)
{
	struct dmp_operation *operation = this_cpu_read(dmp_operation_last);

	if (operation && READ_ONCE(operation->task) == current)
		return operation;
	operation = dmp_operation_find();
	if (operation)
		this_cpu_write(dmp_operation_last, operation);
	return operation;
}

/* Nobody but current looks for current, so it is in time when this is after the claim. */
static void dmp_operation_need(unsigned int hash, int slots)
{
	int needed = atomic_read(&dmp_operation_needed[hash]);

	while (needed < slots &&
	       !atomic_try_cmpxchg(&dmp_operation_needed[hash], &needed, slots))
		;
}

static struct dmp_operation *dmp_operation_claim(enum dmp_slots slots)
{
	unsigned int hash = dmp_operation_hash(), n;

	for (n = 0; n < DMP_OPERATION_REACH; n++) {
		struct dmp_operation *operation = dmp_operation_slot(slots, hash + n);

		if (READ_ONCE(operation->task) || cmpxchg(&operation->task, NULL, current))
			continue;
		dmp_operation_need(hash, n + 1);
		get_task_struct(current);
		return operation;
	}
	return NULL;
}

static u8 dmp_call_ops(const struct dmp_call *call)
{
	switch (call->operation) {
	case DEVMEM_POLICY_OPERATION_WRITE:
		return DEVMEM_POLICY_OP_WRITE;
	case DEVMEM_POLICY_OPERATION_MMAP_WRITE:
		/* No processor maps for writing alone. */
		return DEVMEM_POLICY_OP_READ | DEVMEM_POLICY_OP_WRITE;
	default:
		return DEVMEM_POLICY_OP_READ;
	}
}

static enum devmem_policy_event_kind dmp_run_kind(enum dmp_outcome outcome)
{
	switch (outcome) {
	case DMP_OUTCOME_GRANT:
		return DEVMEM_POLICY_EVENT_GRANT;
	case DMP_OUTCOME_PERMITTED:
		return DEVMEM_POLICY_EVENT_PERMITTED;
	default:
		return DEVMEM_POLICY_EVENT_DENIAL;
	}
}

static void dmp_run_rule(const struct dmp_operation *operation, struct dmp_record *record)
{
	const struct dmp_verdict *verdict = &operation->run.verdict;
	const struct dmp_policy *policy;

	if (verdict->policy == DMP_NO_RULE)
		return;
	policy = operation->active->policies[verdict->policy];
	dmp_record_policy(record, policy);
	if (verdict->rule == DMP_NO_RULE)
		return;
	record->fields |= DMP_RECORD_RULE;
	record->rule_id = dmp_policy_rule_id(policy, verdict->rule);
}

static void dmp_run_record(const struct dmp_operation *operation, struct dmp_record *record)
{
	const struct dmp_run *run = &operation->run;

	dmp_record_at(record, operation->task, dmp_run_kind(run->verdict.outcome),
		      operation->time_ns);
	record->fields |= DMP_RECORD_ACCESS | DMP_RECORD_BASELINE | DMP_RECORD_REASON |
			  DMP_RECORD_RANGE;
	record->operation = operation->call.operation;
	record->baseline = run->verdict.baseline;
	record->reason = run->verdict.reason;
	record->first_pfn = run->first_pfn;
	record->last_pfn = run->first_pfn + run->pages - 1;
	record->pages = run->pages;
	if (run->verdict.would) {
		record->fields |= DMP_RECORD_WOULD;
		record->would = run->verdict.would;
	}
	dmp_run_rule(operation, record);
}

/*
 * Bytes that a read or write which failed had moved. The kernel asks for one
 * page, moves it, and asks for the next: all but the last page were moved.
 */
static u64 dmp_transferred(const struct dmp_operation *operation)
{
	const struct dmp_call *call = &operation->call;

	if (!operation->decided || operation->last_pfn <= call->first_pfn)
		return 0;
	return ((operation->last_pfn - call->first_pfn) << PAGE_SHIFT) - call->offset;
}

static void dmp_run_trace(const struct dmp_operation *operation)
{
	const struct dmp_verdict *verdict = &operation->run.verdict;
	const struct dmp_policy *policy = NULL;
	u32 rule = 0;

	if (!trace_devmem_policy_decision_enabled())
		return;
	if (verdict->policy != DMP_NO_RULE)
		policy = operation->active->policies[verdict->policy];
	if (policy && verdict->rule != DMP_NO_RULE)
		rule = dmp_policy_rule_id(policy, verdict->rule);
	trace_devmem_policy_decision(operation->call.operation, operation->run.first_pfn,
				     operation->run.pages, verdict,
				     policy ? dmp_policy_header(policy)->name : "", rule);
}

/*
 * Make the record of a run of pages. One that ends before the call does, or whose
 * call never returns, has no result.
 */
static void dmp_run_publish(const struct dmp_operation *operation, const s64 *result)
{
	const struct dmp_run *run = &operation->run;
	struct dmp_record record;

	dmp_run_record(operation, &record);
	if (result) {
		record.fields |= DMP_RECORD_RESULT;
		record.result = *result;
	}
	if (result && *result < 0 && !dmp_is_mmap(operation)) {
		record.fields |= DMP_RECORD_TRANSFERRED;
		record.transferred = dmp_transferred(operation);
	}
	/* What became of a call that failed is told of each. */
	record.summed = run->summed && result && *result >= 0;
	dmp_ring_publish(&record, run->verdict.outcome == DMP_OUTCOME_GRANT);
}

/* Add the run's pages to what the operation counts, but for those that were. */
static void dmp_run_add_up(struct dmp_operation *operation)
{
	struct dmp_run *run = &operation->run;
	u64 pages = run->pages - run->counted;

	if (!pages)
		return;
	operation->decided += pages;
	operation->last_pfn = run->first_pfn + run->pages - 1;
	if (run->verdict.outcome == DMP_OUTCOME_DENIAL)
		operation->denied += pages;
	if (run->verdict.outcome == DMP_OUTCOME_GRANT) {
		operation->granted += pages;
		if (dmp_is_mmap(operation))
			dmp_active_mapped(operation, run->first_pfn + run->counted,
					  operation->last_pfn);
	}
	run->counted = run->pages;
}

static void dmp_run_count(const struct dmp_run *run)
{
	switch (run->verdict.outcome) {
	case DMP_OUTCOME_PERMITTED:
		this_cpu_add(dmp_counters.permitted_pages, run->pages);
		fallthrough;
	case DMP_OUTCOME_BASELINE:
		this_cpu_add(dmp_counters.baseline_pages, run->pages);
		break;
	case DMP_OUTCOME_GRANT:
		this_cpu_add(dmp_counters.granted_pages, run->pages);
		break;
	case DMP_OUTCOME_DENIAL:
		this_cpu_add(dmp_counters.denied_pages, run->pages);
		break;
	}
}

/* End the run of pages that is under way. */
static void dmp_run_end(struct dmp_operation *operation, const s64 *result)
{
	struct dmp_run *run = &operation->run;

	if (!run->pages)
		return;
	dmp_run_add_up(operation);
	dmp_run_count(run);
	dmp_run_trace(operation);
	/* Where the kernel's own verdict stood, there is nothing to tell. */
	if (run->verdict.outcome != DMP_OUTCOME_BASELINE)
		dmp_run_publish(operation, result);
	run->pages = 0;
	run->counted = 0;
	run->steady = false;
	run->left = false;
}

/* Does each rule that grants the page at hand say log summary? */
static bool dmp_grant_is_summed(const struct dmp_operation *operation)
{
	unsigned int op;

	for (op = 0; op < DMP_OPS; op++) {
		const struct dmp_choice *choice = &operation->ruling.choice[op];

		if (operation->ops & BIT(op) &&
		    !(dmp_policy_choice_flags(operation->active->policies[choice->policy], choice) &
		      DEVMEM_POLICY_RULE_LOG_SUMMARY))
			return false;
	}
	return true;
}

static bool dmp_run_continues(const struct dmp_run *run, u64 pfn,
			      const struct dmp_verdict *verdict)
{
	return run->pages && pfn == run->first_pfn + run->pages &&
	       run->verdict.outcome == verdict->outcome &&
	       run->verdict.baseline == verdict->baseline &&
	       run->verdict.reason == verdict->reason && run->verdict.would == verdict->would &&
	       run->verdict.policy == verdict->policy && run->verdict.rule == verdict->rule;
}

static void dmp_run_begin(struct dmp_operation *operation, u64 pfn,
			  const struct dmp_verdict *verdict)
{
	operation->run.verdict = *verdict;
	operation->run.first_pfn = pfn;
	operation->run.summed = verdict->outcome == DMP_OUTCOME_GRANT;
	operation->run.left = verdict->baseline == DMP_BASELINE_UNSEEN;
}

/*
 * No grant without a slot for its record, and none to a mapping that could not
 * be taken back when its page loses the reservation.
 */
static void dmp_secure_grant(struct dmp_operation *operation, u64 pfn,
			     struct dmp_verdict *verdict)
{
	if (dmp_is_mmap(operation) && !dmp_passes_rails(operation, pfn))
		return dmp_verdict_withdraw(verdict, DEVMEM_POLICY_REASON_BUSY);
	if (dmp_run_continues(&operation->run, pfn, verdict))
		return;
	dmp_run_end(operation, NULL);
	if (!dmp_ring_reserve())
		dmp_verdict_withdraw(verdict, DEVMEM_POLICY_REASON_RING_FULL);
}

/*
 * Mappings ask for page after page, and most often what decided the last one decides
 * the next. Not where a clock has to be read, or where permissive policies are heard.
 */
static bool dmp_run_is_steady(const struct dmp_operation *operation)
{
	return dmp_is_mmap(operation) && operation->run.verdict.outcome != DMP_OUTCOME_DENIAL &&
	       !operation->run.verdict.would && operation->ruling.until_s == U64_MAX;
}

/* Is there nothing to decide about the page, being the next of its run? */
static bool dmp_run_goes_on(struct dmp_operation *operation, u64 pfn, int baseline)
{
	const struct dmp_run *run = &operation->run;

	return run->steady && pfn == run->first_pfn + run->pages &&
	       pfn <= operation->ruling.last_pfn && baseline == run->verdict.baseline &&
	       (run->verdict.outcome != DMP_OUTCOME_GRANT || dmp_still_grants(operation, pfn));
}

/*
 * x86 from 7.0 asks a second time for each page of a mapping, after it asked for all
 * of them in order. What lies behind the last page that was counted is new; so none
 * counts twice, and a page that was missed is not made up for by another.
 */
static bool dmp_asked_again(const struct dmp_operation *operation, u64 pfn)
{
	return dmp_is_mmap(operation) && operation->decided && pfn <= operation->last_pfn;
}

/* A page about which there is something to decide. */
static noinline int dmp_operation_decide(struct dmp_operation *operation, u64 pfn, int baseline)
{
	struct dmp_verdict verdict;
	bool again;

	/* Under the ruling that they were granted under; there may be another next. */
	dmp_run_add_up(operation);
	again = dmp_asked_again(operation, pfn);
	dmp_decide(operation, pfn, baseline, &verdict);
	if (again && verdict.outcome != DMP_OUTCOME_DENIAL)
		return verdict.allowed;
	if (verdict.outcome == DMP_OUTCOME_GRANT)
		dmp_secure_grant(operation, pfn, &verdict);
	if (!dmp_run_continues(&operation->run, pfn, &verdict)) {
		dmp_run_end(operation, NULL);
		dmp_run_begin(operation, pfn, &verdict);
	}
	if (verdict.outcome == DMP_OUTCOME_GRANT)
		operation->run.summed = operation->run.summed && dmp_grant_is_summed(operation);
	operation->run.steady = dmp_run_is_steady(operation);
	operation->run.pages++;
	return verdict.allowed;
}

/**
 * dmp_operation_page() - the verdict on one page
 * @operation: the operation of current
 * @pfn: page frame number
 * @baseline: what devmem_is_allowed() would return
 *
 * What was granted is granted again when it is asked for again, and counted once.
 *
 * Context: Probe handler.
 * Return: what it is to return.
 */
int dmp_operation_page(struct dmp_operation *operation, u64 pfn, int baseline)
{
	if (!dmp_run_goes_on(operation, pfn, baseline))
		return dmp_operation_decide(operation, pfn, baseline);
	operation->run.pages++;
	return operation->run.verdict.allowed;
}

/* Begin with a page of which nobody will see what the kernel says, or go on. */
static noinline bool dmp_operation_leaves_anew(struct dmp_operation *operation, u64 pfn)
{
	const struct dmp_facts facts = { .baseline = DMP_BASELINE_UNSEEN };
	struct dmp_verdict verdict;

	/* Under the ruling that they were granted under; there may be another next. */
	dmp_run_add_up(operation);
	if (!dmp_leaves(operation, pfn))
		return false;
	/* Where another page was seen since, this one is as well: it is the last one then. */
	if (dmp_asked_again(operation, pfn))
		return false;
	operation->left_pfn = pfn;
	dmp_verdict_none(&facts, &verdict);
	if (!dmp_run_continues(&operation->run, pfn, &verdict)) {
		dmp_run_end(operation, NULL);
		dmp_run_begin(operation, pfn, &verdict);
	}
	operation->run.pages++;
	return true;
}

/**
 * dmp_operation_leaves() - is a page the kernel's business alone?
 * @operation: the operation of current
 * @pfn: page frame number
 *
 * That is so where no rule names it and the default is the kernel's verdict. The page
 * counts as asked for then, and what the kernel answers need not be looked at: when
 * the call returns that something was refused, it was the page that was asked for last.
 *
 * Context: Probe handler.
 */
bool dmp_operation_leaves(struct dmp_operation *operation, u64 pfn)
{
	struct dmp_run *run = &operation->run;

	if (run->steady && pfn <= operation->ruling.last_pfn)
		return false;
	if (!run->left || pfn < run->first_pfn || pfn > run->first_pfn + run->pages ||
	    pfn > operation->ruling.last_pfn)
		return dmp_operation_leaves_anew(operation, pfn);
	if (pfn == run->first_pfn + run->pages)
		run->pages++;
	operation->left_pfn = pfn;
	return true;
}

/* The kernel refuses the page that was asked for last. If it was left alone, see it now. */
static void dmp_operation_refused(struct dmp_operation *operation)
{
	struct dmp_run *run = &operation->run;

	if (!run->left)
		return;
	/* Or else it was asked for again, and counted when it was not refused yet. */
	if (run->pages > run->counted && operation->left_pfn == run->first_pfn + run->pages - 1)
		run->pages--;
	dmp_operation_decide(operation, operation->left_pfn, DEVMEM_POLICY_BASELINE_DENY);
}

/* May a missed page have been let pass that it should not? */
static bool dmp_restricts(const struct dmp_operation *operation)
{
	return operation->active->restricts && !operation->permissive;
}

/* Were fewer pages decided than the kernel let pass? */
static bool dmp_pages_missing(const struct dmp_operation *operation, s64 result)
{
	const struct dmp_call *call = &operation->call;

	if (result == -EPERM)
		return !operation->denied ||
		       operation->decided <= operation->last_pfn - call->first_pfn;
	if (dmp_is_mmap(operation))
		return !result && operation->decided < call->pages;
	if (result <= 0)
		return false;
	return operation->decided < (call->offset + (u64)result + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/**
 * dmp_operation_range() - make range_is_allowed() agree with its pages
 * @operation: the operation of current
 * @pages: pages that it was asked for
 * @allowed: what it would return
 *
 * A page whose probe was missed has the kernel's own verdict. That is too much
 * where a policy refuses what the kernel allows, and fails closed otherwise.
 *
 * Context: Probe handler.
 */
int dmp_operation_range(struct dmp_operation *operation, u64 pages, int allowed)
{
	if (!allowed)
		dmp_operation_refused(operation);
	dmp_run_add_up(operation);
	if (operation->denied)
		return 0;
	if (operation->decided < pages)
		return dmp_restricts(operation) ? 0 : allowed;
	return 1;
}

static void dmp_record_miss(const struct dmp_operation *operation, s64 result)
{
	struct dmp_record record;

	dmp_ring_miss();
	dmp_record_at(&record, operation->task, DEVMEM_POLICY_EVENT_MISS, operation->time_ns);
	record.fields |= DMP_RECORD_ACCESS | DMP_RECORD_RANGE | DMP_RECORD_RESULT;
	record.operation = operation->call.operation;
	record.first_pfn = operation->call.first_pfn;
	record.pages = operation->call.pages;
	record.result = result;
	dmp_ring_publish(&record, false);
}

/* A granted mapping stays what it was granted as, also after mprotect(2). */
static void dmp_area_restrict(struct dmp_operation *operation)
{
	struct dmp_area *area = operation->call.area;
	unsigned long flags = dmp_area_flags(area);

	dmp_area_drop_mayexec(area);
	if ((flags & VM_SHARED) && !(flags & VM_WRITE))
		dmp_area_drop_maywrite(area);
}

/**
 * dmp_operation_close() - the call returns
 * @operation: the operation of current
 * @result: what it returns: bytes, 0 or -errno
 *
 * Context: Probe handler.
 * Return: what it is to return.
 */
s64 dmp_operation_close(struct dmp_operation *operation, s64 result)
{
	bool missing;

	/* -EINVAL is what x86 from 7.0 says when it asks for a page of a mapping again. */
	if (result == -EPERM || (dmp_is_mmap(operation) && result == -EINVAL))
		dmp_operation_refused(operation);
	dmp_run_add_up(operation);
	/* What x86 from 7.0 says of a page that is refused when it asks again */
	if (dmp_is_mmap(operation) && result == -EINVAL && operation->denied)
		result = -EPERM;
	missing = dmp_pages_missing(operation, result);
	if (missing && dmp_is_mmap(operation) && dmp_restricts(operation))
		result = -EPERM;
	if (dmp_is_mmap(operation) && !result && operation->granted)
		dmp_area_restrict(operation);
	dmp_run_end(operation, &result);
	if (missing)
		dmp_record_miss(operation, result);
	dmp_active_unpin(operation->active);
	operation->active = NULL;
	/* Whoever claims the slot next finds nothing of us in it. */
	smp_store_release(&operation->task, NULL);
	put_task_struct(current);
	return result;
}

/* A handler asks about nobody else than current. */
static enum dmp_match dmp_in_group(const struct dmp_subject *subject, u32 gid)
{
	return in_egroup_p(make_kgid(&init_user_ns, gid)) ? DMP_MATCH_YES : DMP_MATCH_NO;
}

/*
 * current may act with somebody else's credentials (io_uring): they count.
 *
 * Return: DEVMEM_POLICY_CONDITION_*: what may not be as it was with the subject that
 * had the slot before.
 */
static u32 dmp_operation_subject(struct dmp_operation *operation)
{
	u32 uid = __kuid_val(current_euid()); /* in the initial user namespace */
	u32 changed = DEVMEM_POLICY_CONDITION_GID | DEVMEM_POLICY_CONDITION_EXE;
	struct dmp_subject *subject = &operation->subject;
	struct dmp_program program;

	if (uid != subject->uid)
		changed |= DEVMEM_POLICY_CONDITION_UID;
	subject->known = DEVMEM_POLICY_CONDITION_UID | DEVMEM_POLICY_CONDITION_GID |
			 DEVMEM_POLICY_CONDITION_EXE;
	subject->uid = uid;
	subject->in_group = dmp_in_group;
	if (!operation->active->wants_program)
		return changed;
	dmp_program_of_current(&program);
	if (dmp_program_same(&program, &subject->program))
		changed &= ~DEVMEM_POLICY_CONDITION_EXE;
	subject->program = program;
	return changed;
}

/*
 * A task has its operations in the same slot, most often, and asks for the same pages
 * again. What was ruled there last, for whomever, is good for as long as it rests on
 * nothing that may be another now.
 */
static void dmp_operation_recall(struct dmp_operation *operation, u8 ops, u32 changed)
{
	if (operation->ruled_generation != operation->active->generation ||
	    operation->ops != ops || operation->permissive ||
	    operation->active->set.any_permissive || operation->ruling.conditions & changed)
		operation->ruled_generation = 0;
	operation->ops = ops;
}

/* What begins an operation, with or without a slot. */
static void dmp_operation_begin(struct dmp_operation *operation, const struct dmp_call *call)
{
	operation->call = *call;
	operation->time_ns = ktime_get_real_ns();
	operation->active = dmp_active_pin_here();
	operation->permissive = dmp_mode_permissive();
	operation->run.pages = 0;
	operation->run.counted = 0;
	operation->run.steady = false;
	operation->run.left = false;
	operation->bare_last_pfn = 0;
	operation->decided = 0;
	operation->granted = 0;
	operation->denied = 0;
	/* Time has gone on. */
	dmp_operation_recall(operation, dmp_call_ops(call),
			     dmp_operation_subject(operation) | DEVMEM_POLICY_CONDITION_UNTIL);
}

/**
 * dmp_operation_open() - current enters read, write or mmap of /dev/mem
 * @call: what the probe knows of the call
 *
 * An operation of current that is open already has lost its return. It is closed
 * as one that failed, with what it granted on record, and counted as a miss.
 *
 * Context: Probe handler.
 * Return: the operation, or NULL when no slot is free: its pages are then decided
 * one by one.
 */
struct dmp_operation *dmp_operation_open(const struct dmp_call *call)
{
	struct dmp_operation *operation = dmp_operation_current();

	this_cpu_inc(dmp_counters.operations);
	if (operation) {
		dmp_record_miss(operation, -EINTR);
		dmp_operation_close(operation, -EINTR);
	}
	operation = dmp_operation_claim(call->area ? DMP_SLOTS_MMAP : DMP_SLOTS_TRANSFER);
	if (!operation)
		return NULL;
	dmp_operation_begin(operation, call);
	operation->watched = !call->area || dmp_revoke_watch(call->area);
	return operation;
}

/**
 * dmp_operation_lone_page() - the verdict on a page of a call that has no slot
 * @kind: of the call
 * @pfn: page frame number
 * @baseline: what devmem_is_allowed() would return
 *
 * The page is an operation by itself. It is not known what is mapped, or with
 * which rights, so to an mmap nothing is granted.
 *
 * Context: Probe handler.
 * Return: what it is to return.
 */
int dmp_operation_lone_page(enum devmem_policy_operation kind, u64 pfn, int baseline)
{
	const struct dmp_call call = { .operation = kind, .first_pfn = pfn, .pages = 1 };
	struct dmp_operation operation = { .task = current };
	int allowed;

	this_cpu_inc(dmp_counters.untracked);
	dmp_operation_begin(&operation, &call);
	operation.watched = !dmp_is_mmap(&operation);
	allowed = dmp_operation_page(&operation, pfn, baseline);
	dmp_run_end(&operation, NULL);
	dmp_active_unpin(operation.active);
	return allowed;
}

/* Its task died in the call; nobody else looks at the slot any more. */
static void dmp_operation_bury(struct dmp_operation *operation)
{
	struct task_struct *task = operation->task;

	dmp_run_end(operation, NULL);
	dmp_active_unpin(operation->active);
	operation->active = NULL;
	/* As in dmp_operation_close(). */
	smp_store_release(&operation->task, NULL);
	put_task_struct(task);
}

/**
 * dmp_operations_reap() - close the operations whose tasks died in the call
 *
 * Context: Process.
 * Return: whether any operation is open.
 */
bool dmp_operations_reap(void)
{
	bool open = false;
	unsigned int i;

	mutex_lock(&dmp_burial_lock);
	for (i = 0; i < DMP_SLOTS * DMP_OPERATIONS; i++) {
		struct task_struct *task;

		/* A task that ends is freed after a grace period. */
		rcu_read_lock();
		task = READ_ONCE(dmp_operations[i].task);
		if (task)
			open = true;
		if (task && !READ_ONCE(task->exit_state))
			task = NULL;
		rcu_read_unlock();
		if (task)
			dmp_operation_bury(&dmp_operations[i]);
	}
	mutex_unlock(&dmp_burial_lock);
	return open;
}

/**
 * dmp_operations_end() - close all operations: nobody will
 *
 * Context: Process; no handler runs any more, so calls under way return without us.
 */
void dmp_operations_end(void)
{
	unsigned int i;

	mutex_lock(&dmp_burial_lock);
	for (i = 0; i < DMP_SLOTS * DMP_OPERATIONS; i++)
		if (dmp_operations[i].task)
			dmp_operation_bury(&dmp_operations[i]);
	mutex_unlock(&dmp_burial_lock);
}

/* dmp_counters_sum() - add up over the CPUs; any context */
void dmp_counters_sum(struct dmp_counters *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct dmp_counters *counters = per_cpu_ptr(&dmp_counters, cpu);

		sum->operations += READ_ONCE(counters->operations);
		sum->untracked += READ_ONCE(counters->untracked);
		sum->granted_pages += READ_ONCE(counters->granted_pages);
		sum->denied_pages += READ_ONCE(counters->denied_pages);
		sum->baseline_pages += READ_ONCE(counters->baseline_pages);
		sum->permitted_pages += READ_ONCE(counters->permitted_pages);
		sum->lookups += READ_ONCE(counters->lookups);
		sum->touched += READ_ONCE(counters->touched);
	}
}

int dmp_operations_init(void)
{
	dmp_operations = vzalloc(array_size(DMP_SLOTS * DMP_OPERATIONS, sizeof(*dmp_operations)));
	return dmp_operations ? 0 : -ENOMEM;
}

/* No handler runs any more. */
void dmp_operations_exit(void)
{
	dmp_operations_end();
	vfree(dmp_operations);
}
