/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring.h - the audit ring: numbered records, kept until acknowledged
 */
#ifndef DMP_RING_H
#define DMP_RING_H

#include <linux/devmem_policy.h>
#include <linux/fs.h>
#include <linux/types.h>

struct dmp_policy;

/* Which members of a record mean something. */
#define DMP_RECORD_ACCESS BIT(0) /* operation */
#define DMP_RECORD_REASON BIT(1)
#define DMP_RECORD_RANGE BIT(2) /* first_pfn, pages */
#define DMP_RECORD_PAGES BIT(3) /* pages alone */
#define DMP_RECORD_RESULT BIT(4)
#define DMP_RECORD_POLICY BIT(5) /* policy, serial */
#define DMP_RECORD_RULE BIT(6)
#define DMP_RECORD_DIGEST BIT(7)
#define DMP_RECORD_SUBJECT BIT(8) /* who */
#define DMP_RECORD_BASELINE BIT(9)
#define DMP_RECORD_WOULD BIT(10)
#define DMP_RECORD_TRANSFERRED BIT(11)
#define DMP_RECORD_PERMISSIVE BIT(12)
#define DMP_RECORD_CALLS BIT(13) /* calls, last_time_ns */
#define DMP_RECORD_LOST BIT(14) /* lost_kind */

/* Who, as a record tells it. */
struct dmp_who {
	u32 pid, tid;
	u32 uid, euid, gid, egid;
	u32 auid, session;
	char comm[DEVMEM_POLICY_COMM_SIZE];
	u64 started_ns; /* not told: tells tasks apart that had the same number */
};

struct dmp_record {
	u64 sequence; /* set by the ring */
	u64 time_ns; /* start of the call, the first of several */
	u64 last_time_ns; /* of the last of several */
	u64 calls; /* 1 but for LOSS, and what was added up */
	u32 fields; /* DMP_RECORD_* */
	u8 kind; /* enum devmem_policy_event_kind */
	u8 operation; /* enum devmem_policy_operation */
	u8 baseline; /* enum devmem_policy_baseline */
	u8 reason; /* enum devmem_policy_reason */
	u8 would; /* enum devmem_policy_would */
	bool permissive;
	bool summed; /* GRANT: it may be added to others that are alike */
	u8 lost_kind; /* enum devmem_policy_event_kind */
	u32 rule_id;
	u64 first_pfn;
	u64 last_pfn; /* of several calls: fewer pages may lie between, or more */
	u64 pages;
	s64 result;
	u64 transferred; /* bytes */
	u64 serial;
	struct dmp_policy *digest_of; /* until settled: with a reference; fields has DIGEST */
	struct dmp_who who;
	u64 unrecorded_denials; /* set by the ring */
	u64 misses; /* set by the ring */

	/* Not even zero where fields does not name them */
	char policy[DEVMEM_POLICY_NAME_SIZE];
	u8 digest[DEVMEM_POLICY_DIGEST_BYTES];
};

/* A record as a reader gets it: with the path of the program. */
struct dmp_told_record {
	struct dmp_record record;
	u32 exe_bytes;
	char exe[DEVMEM_POLICY_EXE_SIZE];
};

struct dmp_ring_state {
	u32 slots, reserved, pending;
	u64 newest, acknowledged;
	u64 unrecorded_denials, unrecorded_events;
};

int dmp_ring_init(void);
void dmp_ring_exit(void);

bool dmp_ring_reserve(void);
struct dmp_record *dmp_ring_begin(enum devmem_policy_event_kind kind, bool reserved,
				  unsigned long *flags);
bool dmp_ring_end(struct dmp_record *record, unsigned long flags);
bool dmp_ring_publish(const struct dmp_record *record, bool reserved);
void dmp_ring_miss(void);
void dmp_ring_flush(void);

/* Pages from the first to the last; of several calls, not all may have been meant. */
static inline u64 dmp_record_span(const struct dmp_record *record)
{
	return record->fields & DMP_RECORD_CALLS ? record->last_pfn - record->first_pfn + 1 :
						   record->pages;
}

void dmp_record_policy(struct dmp_record *record, const struct dmp_policy *policy);
void dmp_record_at(struct dmp_record *record, struct task_struct *task,
		   enum devmem_policy_event_kind kind, u64 time_ns);
void dmp_record_by(struct dmp_record *record, struct task_struct *task,
		   enum devmem_policy_event_kind kind);

int dmp_ring_acknowledge(u64 sequence);
void dmp_ring_settle(void);
u64 dmp_ring_oldest(u64 wanted);
bool dmp_ring_tell(u64 sequence, struct dmp_told_record *told);
void dmp_ring_state(struct dmp_ring_state *state);
u64 dmp_ring_misses(void);

#endif /* DMP_RING_H */
