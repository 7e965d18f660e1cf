/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h - the trace event of each decision
 *
 * devmem_policy:devmem_policy_decision is for perf, trace-cmd and bpftrace: one event
 * for a run of pages of one call of which the same was decided, also where the
 * kernel's own verdict stood. It is no evidence: whoever traces can lose events, and
 * nothing waits for them.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM devmem_policy

#if !defined(DMP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define DMP_TRACE_H

#include <linux/string.h>
#include <linux/tracepoint.h>

#include <policy/verdict.h>

#include "words.h"

TRACE_DEFINE_ENUM(DEVMEM_POLICY_OPERATION_READ);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_OPERATION_WRITE);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_OPERATION_MMAP_READ);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_OPERATION_MMAP_WRITE);

TRACE_DEFINE_ENUM(DMP_OUTCOME_BASELINE);
TRACE_DEFINE_ENUM(DMP_OUTCOME_GRANT);
TRACE_DEFINE_ENUM(DMP_OUTCOME_DENIAL);
TRACE_DEFINE_ENUM(DMP_OUTCOME_PERMITTED);

TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_UNSPEC);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_ALLOW_RULE);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_DENY_RULE);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_NO_RULE);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_OPERATION);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_DEFAULT_DENY);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_NO_AUDITOR);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_UNPROVEN);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_RING_FULL);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_NOT_RESERVED);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_EXECUTABLE);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_BUSY);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_UNLOADING);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_REPLACED);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_REMOVED);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_AUDITOR_GONE);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_UNTRACKED);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_SUBJECT);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_NOT_YET);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_EXPIRED);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_WITHDRAWN);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_PROGRAM);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_PERMISSIVE);
TRACE_DEFINE_ENUM(DEVMEM_POLICY_REASON_NOT_NAMED);

/* policy: "" and rule: 0 where there is none. */
TRACE_EVENT(devmem_policy_decision,
	TP_PROTO(u8 operation, u64 first_pfn, u64 pages, const struct dmp_verdict *decided,
		 const char *policy, u32 rule),
	TP_ARGS(operation, first_pfn, pages, decided, policy, rule),
	TP_STRUCT__entry(
		__field(u64, first_pfn)
		__field(u64, pages)
		__field(u32, rule)
		__field(u8, operation)
		__field(u8, verdict)
		__field(u8, reason)
		__array(char, policy, DEVMEM_POLICY_NAME_SIZE)
	),
	TP_fast_assign(
		__entry->first_pfn = first_pfn;
		__entry->pages = pages;
		__entry->rule = rule;
		__entry->operation = operation;
		__entry->verdict = decided->outcome;
		__entry->reason = decided->reason;
		strscpy(__entry->policy, policy, DEVMEM_POLICY_NAME_SIZE);
	),
	TP_printk("%s of %s: first_pfn=0x%llx pages=%llu reason=%s policy=%s rule=%08x",
		  __print_symbolic(__entry->verdict, DMP_OUTCOME_WORDS),
		  __print_symbolic(__entry->operation, DMP_OPERATION_WORDS),
		  __entry->first_pfn, __entry->pages,
		  __print_symbolic(__entry->reason, DMP_REASON_WORDS),
		  __entry->policy, __entry->rule)
);

#endif /* DMP_TRACE_H */

/* From the directory that Kbuild is in, which is on the include path. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH module
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
