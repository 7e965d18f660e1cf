// SPDX-License-Identifier: GPL-2.0-only
/*
 * operation.c - one read, write or mmap of /dev/mem, from entry to return
 *
 * Only pages that are asked for inside an operation are decided: the kernel
 * also calls devmem_is_allowed() when a driver claims a region, and must then
 * get its own answer, or it would leave a mapping under the driver.
 *
 * The pages of a call that found no slot are decided one by one, each with an
 * operation of its own.
 */
#include <linux/cred.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/timekeeping.h>
#include <linux/uidgid.h>

#include "active.h"
#include "decision.h"
#include "mode.h"
#include "operation.h"
#include "probe.h"
#include "program.h"
#include "revoke.h"
#include "ring.h"
#include "run.h"
#include "slot.h"

DEFINE_PER_CPU(struct dmp_counters, dmp_counters);

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

/* A handler asks about nobody else than current. */
static enum dmp_match dmp_in_group(const struct dmp_subject *subject, u32 gid)
{
	return in_egroup_p(make_kgid(&init_user_ns, gid)) ? DMP_MATCH_YES : DMP_MATCH_NO;
}

/* Return: whether it may be another than before. */
static noinline bool dmp_operation_program(struct dmp_subject *subject)
{
	struct dmp_program before = subject->program;

	dmp_program_of_current(&subject->program);
	return !dmp_program_same(&subject->program, &before);
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

	if (uid != subject->uid)
		changed |= DEVMEM_POLICY_CONDITION_UID;
	subject->known = DEVMEM_POLICY_CONDITION_UID | DEVMEM_POLICY_CONDITION_GID |
			 DEVMEM_POLICY_CONDITION_EXE;
	subject->uid = uid;
	subject->in_group = dmp_in_group;
	if (operation->active->wants_program && !dmp_operation_program(subject))
		changed &= ~DEVMEM_POLICY_CONDITION_EXE;
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

/* Now something has to be decided. What was ruled in the slot before may still stand. */
static void dmp_operation_begin(struct dmp_operation *operation)
{
	dmp_run_reset(&operation->run);
	operation->bare_last_pfn = 0;
	operation->decided = 0;
	operation->granted = 0;
	operation->denied = 0;
	operation->missed = dmp_probe_missed();
	operation->time_ns = ktime_get_real_ns();
	operation->active = dmp_active_pin_here();
	operation->permissive = dmp_mode_permissive();
	/* Time has gone on. */
	dmp_operation_recall(operation, dmp_call_ops(&operation->call),
			     dmp_operation_subject(operation) | DEVMEM_POLICY_CONDITION_UNTIL);
}

/*
 * No grant without a slot for its record, and none to a mapping that could not
 * be taken back when its page loses the reservation.
 */
static void dmp_secure_grant(struct dmp_operation *operation, u64 pfn)
{
	struct dmp_verdict *verdict = &operation->verdict;

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
	struct dmp_verdict *verdict = &operation->verdict;
	struct dmp_run *run = &operation->run;
	bool again;

	/* Under the ruling that they were granted under; there may be another next. */
	dmp_run_add_up(operation);
	again = dmp_asked_again(operation, pfn);
	dmp_decide(operation, pfn, baseline);
	/* What the kernel allowed when it asked first was no grant, and is none now. */
	if (again && verdict->outcome == DMP_OUTCOME_GRANT &&
	    !dmp_active_is_mapped(operation, pfn))
		dmp_verdict_withdraw(verdict, DEVMEM_POLICY_REASON_BUSY);
	if (again && verdict->outcome != DMP_OUTCOME_DENIAL)
		return verdict->allowed;
	if (verdict->outcome == DMP_OUTCOME_GRANT)
		dmp_secure_grant(operation, pfn);
	if (!dmp_run_continues(run, pfn, verdict)) {
		dmp_run_end(operation, NULL);
		dmp_run_begin(run, pfn, verdict);
	}
	run->summed = run->summed && operation->ruling.summary;
	run->steady = dmp_run_is_steady(operation);
	run->pages++;
	return verdict->allowed;
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

/* The verdict where no policy has anything to say. */
static void dmp_operation_kernels(struct dmp_operation *operation, int baseline)
{
	operation->facts.baseline = baseline;
	dmp_verdict_none(&operation->facts, &operation->verdict);
}

/* Begin with a page of which nobody will see what the kernel says, or go on. */
static noinline bool dmp_operation_leaves_anew(struct dmp_operation *operation, u64 pfn)
{
	struct dmp_run *run = &operation->run;

	/* Under the ruling that they were granted under; there may be another next. */
	dmp_run_add_up(operation);
	/* Where another page was seen since, this one is as well: it is the last one then. */
	if (!dmp_leaves(operation, pfn) || dmp_asked_again(operation, pfn))
		return false;
	dmp_operation_kernels(operation, DMP_BASELINE_UNSEEN);
	if (!dmp_run_continues(run, pfn, &operation->verdict)) {
		dmp_run_end(operation, NULL);
		dmp_run_begin(run, pfn, &operation->verdict);
	}
	run->pages++;
	operation->left_pfn = pfn;
	return true;
}

/**
 * dmp_operation_leaves() - is a page the kernel's business alone?
 * @operation: the operation of current
 * @pfn: page frame number, of which dmp_idle_leaves() does not say so
 *
 * That is so where no rule names it and the default is the kernel's verdict. The page
 * counts as asked for then, and what the kernel answers need not be looked at: when
 * the call returns that something was refused, it was the page that was asked for last.
 *
 * Context: Probe handler.
 * Return: 1 if so, else 0, which is what an entry handler returns.
 */
int dmp_operation_leaves(struct dmp_operation *operation, u64 pfn)
{
	struct dmp_run *run = &operation->run;

	/* There is another ruling when it is not steady any more. */
	if (run->steady && pfn <= operation->ruling.last_pfn)
		return 0;
	if (!operation->active)
		dmp_operation_begin(operation);
	if (!dmp_is_ruled(operation, pfn))
		return dmp_operation_leaves_anew(operation, pfn);
	if (operation->ruling.kind != DMP_RULING_NONE)
		return 0;
	if (!run->left || pfn < run->first_pfn || pfn > run->first_pfn + run->pages)
		return dmp_operation_leaves_anew(operation, pfn);
	if (pfn == run->first_pfn + run->pages)
		run->pages++;
	operation->left_pfn = pfn;
	return 1;
}

/*
 * The kernel refuses the page that was asked for last. If that was left to it, the
 * denial is its own, whatever policies may say by now.
 *
 * Return: false when it cannot be told which page that was: since the operation began
 * some were missed, perhaps this one.
 */
static bool dmp_operation_refused(struct dmp_operation *operation)
{
	struct dmp_run *run = &operation->run;

	if (!run->left)
		return true;
	if (dmp_probe_missed() != operation->missed)
		return false;
	/* Or else it was asked for again, and counted when it was not refused yet. */
	if (run->pages > run->counted && operation->left_pfn == run->first_pfn + run->pages - 1)
		run->pages--;
	dmp_operation_kernels(operation, DEVMEM_POLICY_BASELINE_DENY);
	dmp_run_end(operation, NULL);
	dmp_run_begin(run, operation->left_pfn, &operation->verdict);
	run->pages = 1;
	return true;
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
 * where a policy refuses what the kernel allows, and fails closed otherwise. So has
 * one that was left to the kernel.
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
	if (operation->decided < pages && dmp_restricts(operation))
		return 0;
	return operation->decided < pages || operation->run.left ? allowed : 1;
}

static void dmp_record_miss(struct dmp_operation *operation, s64 result)
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

/* The call returns, and not all of its pages were left to the kernel with nothing begun. */
static noinline s64 dmp_operation_finish(struct dmp_operation *operation, s64 result)
{
	bool mapping = dmp_is_mmap(operation), missing = false;

	/* -EINVAL is what x86 from 7.0 says of a page that is refused when it asks again. */
	if (result == -EPERM || (mapping && result == -EINVAL))
		missing = !dmp_operation_refused(operation);
	dmp_run_add_up(operation);
	if (mapping && result == -EINVAL && operation->denied)
		result = -EPERM;
	missing = missing || dmp_pages_missing(operation, result);
	if (missing && mapping && dmp_restricts(operation))
		result = -EPERM;
	if (mapping && !result && operation->granted)
		dmp_area_restrict(operation);
	dmp_run_end(operation, &result);
	if (missing)
		dmp_record_miss(operation, result);
	dmp_active_unpin(operation->active);
	operation->active = NULL;
	return result;
}

/* Nothing had begun: if that was too little, let it be as if it had. */
static void dmp_operation_catch_up(struct dmp_operation *operation)
{
	dmp_operation_begin(operation);
	if (!operation->idled)
		return;
	dmp_operation_kernels(operation, DMP_BASELINE_UNSEEN);
	dmp_run_begin(&operation->run, operation->call.first_pfn, &operation->verdict);
	operation->run.pages = 1;
	operation->left_pfn = operation->call.first_pfn;
}

/**
 * dmp_operation_close() - the call returns, and dmp_idle_close() does not do for it
 * @operation: the operation of current
 * @result: what it returns: bytes, 0 or -errno
 *
 * Context: Probe handler.
 * Return: what it is to return.
 */
s64 dmp_operation_close(struct dmp_operation *operation, s64 result)
{
	if (!operation->active)
		dmp_operation_catch_up(operation);
	result = dmp_operation_finish(operation, result);
	dmp_slot_release(operation);
	return result;
}

/* An operation of current that is open already has lost its return. */
static noinline void dmp_operation_lost(struct dmp_operation *operation)
{
	if (!operation->active)
		dmp_operation_catch_up(operation);
	dmp_record_miss(operation, -EINTR);
	dmp_operation_close(operation, -EINTR);
}

/* The home slot is taken, perhaps by current itself. */
static noinline struct dmp_operation *dmp_operation_open_elsewhere(enum dmp_slot_kind kind)
{
	struct dmp_operation *operation = dmp_slot_current();

	if (operation)
		dmp_operation_lost(operation);
	return dmp_slot_claim(kind);
}

/*
 * An operation of current that is open already is closed as one that failed, with what
 * it granted on record, and counted as a miss.
 */
static __always_inline struct dmp_operation *dmp_operation_new(enum dmp_slot_kind kind)
{
	struct dmp_operation *operation;

	this_cpu_inc(dmp_counters.operations);
	if (!dmp_slot_take_home(kind, &operation))
		return dmp_operation_open_elsewhere(kind);
	dmp_slot_keep();
	return operation;
}

static __always_inline void dmp_operation_describe(struct dmp_operation *operation,
						   enum devmem_policy_operation kind, u64 first,
						   u64 pages)
{
	operation->watched = true;
	operation->idled = false;
	operation->call.operation = kind;
	operation->call.first_pfn = first >> PAGE_SHIFT;
	operation->call.offset = offset_in_page(first);
	operation->call.pages = pages;
}

/* dmp_operation_open_transfer(), which see, for whatever there is. */
static noinline int dmp_operation_open_any(struct dmp_operation **opened,
					   enum devmem_policy_operation kind, u64 first, u64 bytes)
{
	struct dmp_operation *operation = dmp_operation_new(DMP_SLOTS_TRANSFER);
	u64 pages = 0;

	*opened = operation;
	if (!operation)
		return -EBUSY;
	if (bytes)
		pages = ((first + bytes - 1) >> PAGE_SHIFT) - (first >> PAGE_SHIFT) + 1;
	dmp_operation_describe(operation, kind, first, pages);
	if (pages != 1)
		dmp_operation_begin(operation);
	return 0;
}

/**
 * dmp_operation_open_transfer() - current enters read or write of /dev/mem
 * @opened: where to put the operation
 * @kind: which
 * @first: physical address
 * @bytes: that are asked for
 *
 * A call of one page begins when it has been seen that there is something to decide:
 * there is but one moment to decide in.
 *
 * Context: Probe handler.
 * Return: 0, or -EBUSY when no slot is free: its pages are then decided one by one.
 */
int dmp_operation_open_transfer(struct dmp_operation **opened, enum devmem_policy_operation kind,
				u64 first, u64 bytes)
{
	struct dmp_operation *operation;

	/* Most often it is one page, and the slot is there: that much is done here. */
	if (bytes - 1 >= PAGE_SIZE - offset_in_page(first) ||
	    !dmp_slot_take_home(DMP_SLOTS_TRANSFER, &operation))
		return dmp_operation_open_any(opened, kind, first, bytes);
	this_cpu_inc(dmp_counters.operations);
	dmp_operation_describe(operation, kind, first, 1);
	*opened = operation;
	dmp_slot_keep();
	return 0;
}

/**
 * dmp_operation_open_mmap() - current enters mmap of /dev/mem
 * @call: what the probe knows of the call
 *
 * Context: Probe handler.
 * Return: the operation, or NULL when no slot is free: its pages are then decided one
 * by one.
 */
struct dmp_operation *dmp_operation_open_mmap(const struct dmp_call *call)
{
	struct dmp_operation *operation = dmp_operation_new(DMP_SLOTS_MMAP);

	if (!operation)
		return NULL;
	operation->call = *call;
	operation->idled = false;
	dmp_operation_begin(operation);
	operation->watched = dmp_revoke_watch(call->area);
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
	struct dmp_operation operation = {
		.task = current,
		.call = { .operation = kind, .first_pfn = pfn, .pages = 1 },
	};
	int allowed;

	this_cpu_inc(dmp_counters.untracked);
	dmp_operation_begin(&operation);
	operation.watched = !dmp_is_mmap(&operation);
	allowed = dmp_operation_page(&operation, pfn, baseline);
	dmp_run_end(&operation, NULL);
	dmp_active_unpin(operation.active);
	return allowed;
}

/* Nobody will close it. */
static void dmp_operation_bury(struct dmp_operation *operation)
{
	if (!operation->active)
		return;
	dmp_run_end(operation, NULL);
	dmp_active_unpin(operation->active);
	operation->active = NULL;
}

/**
 * dmp_operations_reap() - close the operations whose tasks died in the call
 *
 * Context: Process.
 * Return: whether any operation is open.
 */
bool dmp_operations_reap(void)
{
	return dmp_slots_bury(false, dmp_operation_bury);
}

/**
 * dmp_operations_end() - close all operations: nobody will
 *
 * Context: Process; no handler runs any more, so calls under way return without us.
 */
void dmp_operations_end(void)
{
	dmp_slots_bury(true, dmp_operation_bury);
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
