// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring.c - the audit ring: numbered records, kept until acknowledged
 *
 * Probe handlers publish; the auditor reads, makes durable and acknowledges;
 * only then is a slot used again. A record gets its sequence number when it is
 * published, under the lock, so numbers have no gaps. A call that may grant
 * reserves a slot first: a parked call then holds back one slot, not the drain.
 *
 * What is alike can be added up first (pending.c): grants, where their rule says so,
 * and denials while more than half of the ring is in use. Each sum has its slot
 * reserved; dmp_ring_flush() numbers it, within a second.
 *
 * What finds no slot is counted by kind, and told in a record as soon as there is
 * room. Grants always have a slot.
 *
 * Handlers cannot resolve the path of a program. They take a reference to its
 * file, and dmp_ring_settle() turns that into text soon after, in process
 * context, before anybody is shown the record. So it does with the digest of a policy,
 * for which nobody is to wait.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/audit.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/log2.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/path.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>

#include "bell.h"
#include "compat.h"
#include "mirror.h"
#include "pending.h"
#include "policy.h"
#include "ring.h"

/* Kept back for what is not a grant or a denial, so that an auditor who comes
 * back to a full ring is on record.
 */
#define DMP_RING_HEADROOM 4

/* Kept back for grants: whoever is refused again and again keeps nobody from what a
 * rule grants.
 */
#define DMP_RING_GRANTS (ring_slots / 4)

#define DMP_RING_SLOTS_MIN 8
#define DMP_RING_SLOTS_MAX 1048576

static unsigned int ring_slots = 4096;
module_param(ring_slots, uint, 0444);
MODULE_PARM_DESC(ring_slots, "Records that the audit ring holds, a power of two (default 4096)");

struct dmp_slot {
	struct dmp_told_record told;
	struct file *exe; /* until settled */
};

/* Records of one kind that found no slot and are not told yet. */
struct dmp_loss {
	u64 records; /* 0: none */
	u64 pages;
	u64 first_ns, last_ns;
};

static struct {
	atomic_t used; /* slots: not acknowledged, or set aside; taken without the lock */

	raw_spinlock_t lock; /* taken by probe handlers; all below but settled */
	struct dmp_slot *slots;
	u64 newest; /* sequence numbers; 0: none */
	u64 acknowledged;
	u64 unrecorded_denials; /* pages, since load */
	u64 unrecorded_events;
	struct dmp_loss losses[__DEVMEM_POLICY_EVENT_MAX];
	u64 misses;
	struct dmp_record spare; /* is made when no slot is free, to be counted or added up */

	struct mutex settling; /* the two below */
	u64 settled; /* records up to here are complete */
	char *path;
} dmp_ring = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(dmp_ring.lock),
	.settling = __MUTEX_INITIALIZER(dmp_ring.settling),
};

static struct dmp_slot *dmp_slot_of(u64 sequence)
{
	return &dmp_ring.slots[sequence & (ring_slots - 1)];
}

/* Take a slot, if more than so many are free. */
static bool dmp_ring_take(unsigned int headroom)
{
	int used = atomic_read(&dmp_ring.used);

	do {
		if (ring_slots - used <= headroom)
			return false;
	} while (!atomic_try_cmpxchg(&dmp_ring.used, &used, used + 1));
	return true;
}

static bool dmp_ring_is_half_full(void)
{
	return atomic_read(&dmp_ring.used) > ring_slots / 2;
}

/**
 * dmp_ring_reserve() - set a slot aside for a grant
 *
 * Context: Any; also probe handlers.
 * Return: false when there is none; the page must not be granted then.
 */
bool dmp_ring_reserve(void)
{
	return dmp_ring_take(DMP_RING_HEADROOM);
}

static struct file *dmp_current_exe(void)
{
	return current->mm ? dmp_exe_file(current->mm) : NULL;
}

/*
 * The path of a program in a mount namespace of its own may lead nowhere as soon as
 * that is gone, which can be with the process.
 */
static bool dmp_current_may_vanish(void)
{
	const struct nsproxy *spaces = current->nsproxy;

	return spaces && spaces->mnt_ns != init_task.nsproxy->mnt_ns;
}

static bool dmp_ring_take_for(enum devmem_policy_event_kind kind)
{
	switch (kind) {
	case DEVMEM_POLICY_EVENT_DENIAL:
	case DEVMEM_POLICY_EVENT_MISS:
	case DEVMEM_POLICY_EVENT_PERMITTED:
		return dmp_ring_take(DMP_RING_HEADROOM + DMP_RING_GRANTS);
	default:
		return dmp_ring_take(0);
	}
}

/* A kind whose pages add up to a counter. */
static bool dmp_kind_has_pages(u8 kind)
{
	return kind == DEVMEM_POLICY_EVENT_DENIAL || kind == DEVMEM_POLICY_EVENT_PERMITTED ||
	       kind == DEVMEM_POLICY_EVENT_REVOKED;
}

static void dmp_ring_count_lost(const struct dmp_record *record)
{
	struct dmp_loss *loss = &dmp_ring.losses[record->kind];

	lockdep_assert_held(&dmp_ring.lock);
	if (!loss->records++)
		loss->first_ns = record->time_ns;
	loss->last_ns = record->time_ns;
	if (dmp_kind_has_pages(record->kind))
		loss->pages += record->pages;
	if (record->kind == DEVMEM_POLICY_EVENT_DENIAL)
		dmp_ring.unrecorded_denials += record->pages;
	else
		dmp_ring.unrecorded_events++;
}

static struct dmp_slot *dmp_slot_next(void)
{
	return dmp_slot_of(dmp_ring.newest + 1);
}

/* What was made in the next slot becomes the newest record. */
static void dmp_ring_number(struct dmp_slot *slot, struct file *exe)
{
	lockdep_assert_held(&dmp_ring.lock);
	slot->told.record.sequence = ++dmp_ring.newest;
	slot->told.record.unrecorded_denials = dmp_ring.unrecorded_denials;
	slot->told.record.misses = dmp_ring.misses;
	slot->told.exe_bytes = 0;
	slot->exe = exe;
}

/* Is it to be added to others, if there are any? */
static bool dmp_ring_sums(const struct dmp_record *record)
{
	if (record->kind == DEVMEM_POLICY_EVENT_GRANT)
		return record->summed;
	return record->kind == DEVMEM_POLICY_EVENT_DENIAL && dmp_ring_is_half_full();
}

/* What became of a record. */
enum dmp_fate {
	DMP_FATE_STORED, /* these two take over the reference to exe */
	DMP_FATE_PENDING,
	DMP_FATE_JOINED,
	DMP_FATE_LOST,
};

static enum dmp_fate dmp_ring_put(struct dmp_record *record, struct file *exe)
{
	bool sums = dmp_ring_sums(record), spare = record == &dmp_ring.spare;

	if (sums && dmp_pending_join(record, exe)) {
		if (!spare)
			atomic_dec(&dmp_ring.used);
		return DMP_FATE_JOINED;
	}
	if (spare) {
		dmp_ring_count_lost(record);
		return DMP_FATE_LOST;
	}
	if (sums && dmp_pending_open(record, exe))
		return DMP_FATE_PENDING;
	dmp_ring_number(container_of(record, struct dmp_slot, told.record), exe);
	return DMP_FATE_STORED;
}

/**
 * dmp_ring_begin() - make a record, where it is going to be kept
 * @kind: of the record
 * @reserved: a slot was set aside with dmp_ring_reserve()
 * @flags: for dmp_ring_end()
 *
 * Context: Any; also probe handlers. Between the two, with the ring's lock held,
 * nothing else is to be done. current is the subject, if the record has one.
 * Return: where to put what happened; the ring fills in the members that are its own.
 */
struct dmp_record *dmp_ring_begin(enum devmem_policy_event_kind kind, bool reserved,
				  unsigned long *flags) __acquires(&dmp_ring.lock)
{
	raw_spin_lock_irqsave(&dmp_ring.lock, *flags);
	if (!reserved && !dmp_ring_take_for(kind))
		return &dmp_ring.spare;
	return &dmp_slot_next()->told.record;
}

/**
 * dmp_ring_end() - number the record and make it readable
 * @record: as dmp_ring_begin() returned it, complete
 * @flags: likewise
 *
 * It may be added to others first, and numbered with them. Without a reservation and
 * without room it is counted instead.
 *
 * Context: As dmp_ring_begin().
 * Return: false when it was counted only.
 */
bool dmp_ring_end(struct dmp_record *record, unsigned long flags) __releases(&dmp_ring.lock)
{
	/* What a task did that never returns is said by others. */
	bool own = record->fields & DMP_RECORD_SUBJECT &&
		   record->who.tid == task_pid_nr(current);
	struct file *exe = own ? dmp_current_exe() : NULL;
	enum dmp_fate fate = dmp_ring_put(record, exe);

	raw_spin_unlock_irqrestore(&dmp_ring.lock, flags);
	if (fate >= DMP_FATE_JOINED && exe)
		fput(exe);
	/* What was lost is told when the auditor acknowledges, who has work enough. */
	if (fate < DMP_FATE_JOINED)
		dmp_bell_ring(dmp_ring_is_half_full() || (exe && dmp_current_may_vanish()));
	return fate != DMP_FATE_LOST;
}

/* dmp_ring_publish() - the same with a record that is made already; any context */
bool dmp_ring_publish(const struct dmp_record *record, bool reserved)
{
	unsigned long flags;
	struct dmp_record *kept = dmp_ring_begin(record->kind, reserved, &flags);

	*kept = *record;
	return dmp_ring_end(kept, flags);
}

static void dmp_ring_store_pending(void)
{
	struct dmp_pending pending;
	struct dmp_slot *slot;
	unsigned int next = 0;
	bool more;

	do {
		raw_spin_lock_irq(&dmp_ring.lock);
		more = dmp_pending_take(&next, &pending);
		if (more) {
			if (pending.record.calls > 1)
				pending.record.fields |= DMP_RECORD_CALLS;
			slot = dmp_slot_next();
			slot->told.record = pending.record;
			dmp_ring_number(slot, pending.exe);
		}
		raw_spin_unlock_irq(&dmp_ring.lock);
	} while (more);
}

/**
 * dmp_ring_flush() - number what was added up so far
 *
 * Context: Process.
 */
void dmp_ring_flush(void)
{
	dmp_ring_store_pending();
	dmp_bell_ring(false);
}

/* dmp_ring_miss() - count a call whose pages do not add up; any context */
void dmp_ring_miss(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&dmp_ring.lock, flags);
	dmp_ring.misses++;
	raw_spin_unlock_irqrestore(&dmp_ring.lock, flags);
}

u64 dmp_ring_misses(void)
{
	return READ_ONCE(dmp_ring.misses);
}

/*
 * current may act with somebody else's credentials (io_uring): they count. The numbers
 * are those of the initial user namespace, in which ids are what the kernel has.
 */
static void dmp_who_is(struct dmp_who *who, struct task_struct *task)
{
	/* Of a task that is dead and referenced, nobody changes them any more. */
	const struct cred *cred = task == current ? current_cred() :
				  rcu_dereference_protected(task->real_cred, true);

	who->uid = __kuid_val(cred->uid);
	who->euid = __kuid_val(cred->euid);
	who->gid = __kgid_val(cred->gid);
	who->egid = __kgid_val(cred->egid);
	who->pid = task_tgid_nr(task);
	who->tid = task_pid_nr(task);
	who->auid = __kuid_val(audit_get_loginuid(task));
	who->session = audit_get_sessionid(task);
	who->started_ns = task->start_time;
	/* Whoever renames the task now keeps a zero at its end. */
	static_assert(sizeof(who->comm) == sizeof(task->comm));
	memcpy(who->comm, task->comm, sizeof(who->comm));
	who->comm[sizeof(who->comm) - 1] = '\0';
}

/**
 * dmp_record_at() - begin a record of something that task does
 * @record: the record
 * @task: current, or a task that is dead and referenced; the kernel's own
 *	threads are nobody's subject
 * @kind: what kind
 * @time_ns: when, since the epoch
 *
 * Context: Any; also probe handlers.
 */
void dmp_record_at(struct dmp_record *record, struct task_struct *task,
		   enum devmem_policy_event_kind kind, u64 time_ns)
{
	memset(record, 0, offsetof(struct dmp_record, policy));
	record->kind = kind;
	record->time_ns = time_ns;
	record->last_time_ns = time_ns;
	record->calls = 1;
	if (task->flags & PF_KTHREAD)
		return;
	record->fields = DMP_RECORD_SUBJECT;
	dmp_who_is(&record->who, task);
}

/* dmp_record_by() - the same of something that task does now */
void dmp_record_by(struct dmp_record *record, struct task_struct *task,
		   enum devmem_policy_event_kind kind)
{
	dmp_record_at(record, task, kind, ktime_get_real_ns());
}

/* dmp_record_policy() - say which policy a record is about; any context */
void dmp_record_policy(struct dmp_record *record, const struct dmp_policy *policy)
{
	const struct dmp_header *header = &policy->rules.view.header;

	record->fields |= DMP_RECORD_POLICY;
	memcpy(record->policy, header->name, sizeof(header->name));
	record->serial = header->serial;
}

/* Turn the reference that the handler took into text. */
static void dmp_slot_settle_exe(struct dmp_slot *slot)
{
	char *path;
	size_t bytes;

	path = d_path(&slot->exe->f_path, dmp_ring.path, PATH_MAX);
	if (!IS_ERR(path)) {
		bytes = strlen(path);
		if (bytes >= sizeof(slot->told.exe)) {
			path += bytes - (sizeof(slot->told.exe) - 1);
			bytes = sizeof(slot->told.exe) - 1;
		}
		memcpy(slot->told.exe, path, bytes);
		slot->told.exe_bytes = bytes;
	}
	fput(slot->exe);
	slot->exe = NULL;
}

static void dmp_record_settle_digest(struct dmp_record *record)
{
	if (dmp_policy_digest(record->digest_of, record->digest))
		record->fields &= ~DMP_RECORD_DIGEST;
	dmp_policy_put(record->digest_of);
	record->digest_of = NULL;
}

static void dmp_slot_settle(struct dmp_slot *slot)
{
	if (slot->exe)
		dmp_slot_settle_exe(slot);
	if (slot->told.record.digest_of)
		dmp_record_settle_digest(&slot->told.record);
}

/**
 * dmp_ring_settle() - have the paths and digests of all records published so far, and
 * mirror them where that is wanted
 *
 * A slot that is not settled is not acknowledged either, so nobody overwrites
 * it meanwhile.
 *
 * Context: Process; may sleep.
 */
void dmp_ring_settle(void)
{
	u64 newest;

	mutex_lock(&dmp_ring.settling);
	raw_spin_lock_irq(&dmp_ring.lock);
	newest = dmp_ring.newest;
	raw_spin_unlock_irq(&dmp_ring.lock);
	while (dmp_ring.settled < newest) {
		struct dmp_slot *slot = dmp_slot_of(dmp_ring.settled + 1);

		dmp_slot_settle(slot);
		dmp_mirror(&slot->told);
		/* The path is there before the record can be told. */
		smp_store_release(&dmp_ring.settled, dmp_ring.settled + 1);
	}
	mutex_unlock(&dmp_ring.settling);
}

/* Take what was lost of a kind, and a slot for the record of it, if there are any. */
static bool dmp_ring_take_loss(struct dmp_loss *loss, struct dmp_loss *taken)
{
	bool any;

	raw_spin_lock_irq(&dmp_ring.lock);
	any = loss->records && dmp_ring_take(DMP_RING_HEADROOM);
	if (any) {
		*taken = *loss;
		memset(loss, 0, sizeof(*loss));
	}
	raw_spin_unlock_irq(&dmp_ring.lock);
	return any;
}

static void dmp_ring_record_loss(u8 kind, const struct dmp_loss *loss)
{
	struct dmp_record record;

	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_LOSS);
	record.fields = DMP_RECORD_REASON | DMP_RECORD_CALLS | DMP_RECORD_LOST;
	record.reason = DEVMEM_POLICY_REASON_RING_FULL;
	record.lost_kind = kind;
	record.calls = loss->records;
	record.time_ns = loss->first_ns;
	record.last_time_ns = loss->last_ns;
	record.pages = loss->pages;
	if (dmp_kind_has_pages(kind))
		record.fields |= DMP_RECORD_PAGES;
	dmp_ring_publish(&record, true);
}

/* What was only counted becomes a record as soon as there is room. */
static void dmp_ring_tell_losses(void)
{
	struct dmp_loss loss;
	u8 kind;

	for (kind = 0; kind < __DEVMEM_POLICY_EVENT_MAX; kind++)
		if (dmp_ring_take_loss(&dmp_ring.losses[kind], &loss))
			dmp_ring_record_loss(kind, &loss);
}

/**
 * dmp_ring_acknowledge() - records up to and including sequence are durable
 * @sequence: sequence number of a record
 *
 * Context: Process.
 * Return: 0, or -ERANGE when there is no such record, when it has not been
 * readable yet, or when it was acknowledged before.
 */
int dmp_ring_acknowledge(u64 sequence)
{
	int ret = -ERANGE;

	raw_spin_lock_irq(&dmp_ring.lock);
	/* Pairs with dmp_ring_settle(): its slot is left alone from here on. */
	if (sequence >= dmp_ring.acknowledged && sequence <= smp_load_acquire(&dmp_ring.settled)) {
		atomic_sub(sequence - dmp_ring.acknowledged, &dmp_ring.used);
		dmp_ring.acknowledged = sequence;
		ret = 0;
	}
	raw_spin_unlock_irq(&dmp_ring.lock);
	if (!ret)
		dmp_ring_tell_losses();
	return ret;
}

/**
 * dmp_ring_oldest() - where a reader who wants record wanted has to begin
 * @wanted: sequence number, or 0
 *
 * 0 stands for the oldest that is not acknowledged. Later than wanted when the
 * slot is in use again.
 *
 * Context: Process.
 */
u64 dmp_ring_oldest(u64 wanted)
{
	u64 oldest;

	raw_spin_lock_irq(&dmp_ring.lock);
	/* What the next slot has of an acknowledged record may be written over already. */
	oldest = dmp_ring.newest < ring_slots ? 1 : min(dmp_ring.acknowledged + 1,
							dmp_ring.newest - ring_slots + 2);
	if (!wanted)
		wanted = dmp_ring.acknowledged + 1;
	raw_spin_unlock_irq(&dmp_ring.lock);
	return max(wanted, oldest);
}

/**
 * dmp_ring_tell() - copy a record out
 * @sequence: sequence number of a record
 * @told: where to put it
 *
 * Context: Process.
 * Return: false when there is no such record: not yet, or no more.
 */
bool dmp_ring_tell(u64 sequence, struct dmp_told_record *told)
{
	bool there;

	/* Pairs with dmp_ring_settle(): the path is complete. */
	if (!sequence || sequence > smp_load_acquire(&dmp_ring.settled))
		return false;
	raw_spin_lock_irq(&dmp_ring.lock);
	*told = dmp_slot_of(sequence)->told;
	there = told->record.sequence == sequence;
	raw_spin_unlock_irq(&dmp_ring.lock);
	return there;
}

/* dmp_ring_state() - a consistent picture for the status; process context */
void dmp_ring_state(struct dmp_ring_state *state)
{
	raw_spin_lock_irq(&dmp_ring.lock);
	state->slots = ring_slots;
	state->reserved = atomic_read(&dmp_ring.used) - (dmp_ring.newest - dmp_ring.acknowledged);
	state->pending = dmp_pending_number();
	state->newest = dmp_ring.newest;
	state->acknowledged = dmp_ring.acknowledged;
	state->unrecorded_denials = dmp_ring.unrecorded_denials;
	state->unrecorded_events = dmp_ring.unrecorded_events;
	raw_spin_unlock_irq(&dmp_ring.lock);
}

int dmp_ring_init(void)
{
	if (ring_slots < DMP_RING_SLOTS_MIN || ring_slots > DMP_RING_SLOTS_MAX ||
	    !is_power_of_2(ring_slots)) {
		pr_err("ring_slots=%u: must be a power of two from %d to %d\n", ring_slots,
		       DMP_RING_SLOTS_MIN, DMP_RING_SLOTS_MAX);
		return -EINVAL;
	}
	dmp_ring.path = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!dmp_ring.path)
		return -ENOMEM;
	dmp_ring.slots = vzalloc(array_size(ring_slots, sizeof(*dmp_ring.slots)));
	if (!dmp_ring.slots)
		goto free_path;
	if (dmp_pending_init())
		goto free_slots;
	return 0;

free_slots:
	vfree(dmp_ring.slots);
free_path:
	kfree(dmp_ring.path);
	return -ENOMEM;
}

void dmp_ring_exit(void)
{
	/* Nobody answers the bell any more. */
	dmp_ring_store_pending();
	dmp_ring_settle();
	if (dmp_ring.acknowledged < dmp_ring.newest)
		pr_notice("%llu records were not acknowledged by an auditor and go with the module\n",
			  dmp_ring.newest - dmp_ring.acknowledged);
	dmp_pending_exit();
	vfree(dmp_ring.slots);
	kfree(dmp_ring.path);
}
