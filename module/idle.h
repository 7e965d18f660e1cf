/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * idle.h - a read or write of one page that no policy has anything to say about
 *
 * Nothing begins then. It is what a machine does with /dev/mem that has always been
 * permitted, so it is kept short.
 */
#ifndef DMP_IDLE_H
#define DMP_IDLE_H

#include "active.h"
#include "auditor.h"
#include "mode.h"
#include "operation.h"
#include "slot.h"
#include "trace.h"

/**
 * dmp_idle_leaves() - is a page left to the kernel with nothing begun?
 * @operation: the operation of current
 * @pfn: page frame number
 *
 * That is so when whoever asked for it from this slot before, under the policies that
 * are in force still, was left to the kernel.
 *
 * Context: Probe handler.
 */
static __always_inline bool dmp_idle_leaves(struct dmp_operation *operation, u64 pfn)
{
	const struct dmp_ruling *ruling = &operation->ruling;

	if (operation->active || operation->idle_generation != dmp_active_generation() ||
	    pfn < ruling->first_pfn || pfn > ruling->last_pfn || dmp_auditor_is_canary(pfn) ||
	    dmp_mode_permissive() || trace_devmem_policy_decision_enabled())
		return false;
	operation->idled = true;
	return true;
}

/**
 * dmp_idle_close() - the call returns
 * @operation: the operation of current
 * @result: what it returns: bytes or -errno
 *
 * Context: Probe handler.
 * Return: false when it is for dmp_operation_close(): something had begun, or was to be
 * told.
 */
static __always_inline bool dmp_idle_close(struct dmp_operation *operation, s64 result)
{
	if (operation->active || !operation->idled || result == -EPERM)
		return false;
	this_cpu_inc(dmp_counters.baseline_pages);
	dmp_slot_release(operation);
	return true;
}

#endif /* DMP_IDLE_H */
