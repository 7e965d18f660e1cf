// SPDX-License-Identifier: GPL-2.0-only
/*
 * auditor.c - the one process that keeps the record, and its proof
 *
 * Armed probes can be switched off without an error (kernel.ftrace_enabled,
 * debugfs kprobes/enabled). So the auditor has to show, again and again, that
 * they fire: it reads a canary page through /dev/mem, which STRICT_DEVMEM
 * refuses, and which the probes show to it alone, once for each challenge.
 *
 * The lock is taken inside that of the policies in force, never the other way round.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/algapi.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "active.h"
#include "auditor.h"
#include "message.h"
#include "operation.h"
#include "policy.h"
#include "program.h"
#include "ring.h"
#include "tripwire.h"

#define DMP_HEARTBEAT_MS_MIN 100
#define DMP_HEARTBEAT_MS_MAX 60000
#define DMP_DEADLINE_HEARTBEATS 3
/* A disk that is slower than that is in trouble. */
#define DMP_FAREWELL_MS 2000
#define DMP_FAREWELL_STEP_MS 10

static unsigned int heartbeat_ms = 5000;
module_param(heartbeat_ms, uint, 0444);
MODULE_PARM_DESC(heartbeat_ms,
		 "How often the auditor proves that the probes work (default 5000); a proof is good for three times as long");

static unsigned int grace_ms = 10000;
module_param(grace_ms, uint, 0444);
MODULE_PARM_DESC(grace_ms,
		 "How long granted mappings outlive the auditor, or its last good proof (default 10000)");

static void dmp_auditor_gone(struct work_struct *work);

u64 dmp_canary_pfn;
struct dmp_proof dmp_proof;

static struct {
	struct mutex lock; /* all of this and the proof, but for what handlers read */
	u64 proven_at; /* jiffies */
	u64 mappings_until; /* jiffies; what was granted is taken back then */
	u32 portid;
	pid_t pid;
	char comm[DEVMEM_POLICY_COMM_SIZE];
	struct dmp_program program; /* that it executed when it attached */
	struct page *canary;
	bool challenged; /* a proof is awaited */
	bool silent; /* that the probes do not fire is on record */
	int armed_tgid; /* who may read the canary, once; 0: nobody */
	struct dmp_tripwire_state before; /* at the challenge */
	struct delayed_work gone;
} dmp_auditor = {
	.lock = __MUTEX_INITIALIZER(dmp_auditor.lock),
};

/**
 * dmp_auditor_reads_canary() - is this the read that a challenge asked for?
 * @operation: the operation of current, which asks for the canary
 *
 * Context: Probe handler. True once for each challenge.
 */
bool dmp_auditor_reads_canary(const struct dmp_operation *operation)
{
	int tgid = current->tgid;

	return operation->call.operation == DEVMEM_POLICY_OPERATION_READ &&
	       operation->call.pages == 1 && READ_ONCE(dmp_auditor.armed_tgid) == tgid &&
	       cmpxchg(&dmp_auditor.armed_tgid, tgid, 0) == tgid;
}

/*
 * Granted mappings live on until the grace period is over: after an auditor went, or
 * after the proof of one that is silent became too old.
 */
static void dmp_auditor_spare_mappings(u64 until)
{
	u64 now = get_jiffies_64();

	lockdep_assert_held(&dmp_auditor.lock);
	dmp_auditor.mappings_until = until;
	mod_delayed_work(system_wq, &dmp_auditor.gone, time_after64(until, now) ? until - now : 0);
}

/* policy: that does not name it; NULL otherwise. */
static void dmp_auditor_record(enum devmem_policy_event_kind kind, const struct dmp_policy *policy)
{
	struct dmp_record record;

	dmp_record_by(&record, current, kind);
	if (policy) {
		dmp_record_policy(&record, policy);
		record.fields |= DMP_RECORD_REASON;
		record.reason = DEVMEM_POLICY_REASON_NOT_NAMED;
	}
	dmp_ring_publish(&record, false);
}

static void dmp_auditor_make_challenge(struct dmp_challenge *challenge)
{
	lockdep_assert_held(&dmp_auditor.lock);
	get_random_bytes(page_address(dmp_auditor.canary), DEVMEM_POLICY_PROOF_BYTES);
	dmp_tripwire_state(&dmp_auditor.before);
	dmp_auditor.challenged = true;
	WRITE_ONCE(dmp_auditor.armed_tgid, current->tgid);
	challenge->address = dmp_canary_pfn << PAGE_SHIFT;
	challenge->bytes = DEVMEM_POLICY_PROOF_BYTES;
	challenge->heartbeat_ms = heartbeat_ms;
	challenge->deadline_ms = heartbeat_ms * DMP_DEADLINE_HEARTBEATS;
}

static bool dmp_auditor_is(u32 portid, struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&dmp_auditor.lock);
	if (dmp_proof.attached && dmp_auditor.portid == portid)
		return true;
	dmp_say(extack, "this socket is not the auditor's; attach first");
	return false;
}

/* The first policy in force that names another program; NULL: none. */
static const struct dmp_policy *dmp_auditor_objector(const struct dmp_active *active,
						     const struct dmp_program *program)
{
	u32 i;

	for (i = 0; i < active->set.count; i++)
		if (!dmp_policy_suits(active->policies[i], program))
			return active->policies[i];
	return NULL;
}

static int dmp_auditor_refuse(const struct dmp_policy *policy, struct netlink_ext_ack *extack)
{
	const char *name = dmp_policy_header(policy)->name;

	dmp_auditor_record(DEVMEM_POLICY_EVENT_AUDITOR_REFUSED, policy);
	pr_warn("process %d (%s) refused as auditor: policy %s names %s\n", task_tgid_nr(current),
		current->comm, name, dmp_policy_auditor(policy));
	dmp_say(extack, "policy %s names %s as auditor, and this is another program", name,
		dmp_policy_auditor(policy));
	return -EACCES;
}

static void dmp_auditor_welcome(u32 portid, const struct dmp_program *program)
{
	lockdep_assert_held(&dmp_auditor.lock);
	dmp_auditor.portid = portid;
	dmp_auditor.pid = task_tgid_nr(current);
	dmp_auditor.program = *program;
	strscpy(dmp_auditor.comm, current->comm, sizeof(dmp_auditor.comm));
	WRITE_ONCE(dmp_proof.proven_until, 0);
	WRITE_ONCE(dmp_proof.attached, true);
	dmp_auditor_record(DEVMEM_POLICY_EVENT_AUDITOR_ATTACHED, NULL);
	pr_notice("process %d (%s) attached as auditor\n", dmp_auditor.pid, dmp_auditor.comm);
}

/* finally: a refusal is the last word, to be recorded and told. */
static int dmp_auditor_try(u32 portid, bool finally, struct netlink_ext_ack *extack)
{
	const struct dmp_policy *objector;
	struct dmp_program program;
	struct dmp_active *active;
	int ret = 0;

	lockdep_assert_held(&dmp_auditor.lock);
	if (dmp_proof.attached) {
		dmp_say(extack, "process %d (%s) is auditor already", dmp_auditor.pid,
			dmp_auditor.comm);
		return -EBUSY;
	}
	dmp_program_of_current(&program);
	active = dmp_active_pin();
	objector = dmp_auditor_objector(active, &program);
	if (!objector)
		dmp_auditor_welcome(portid, &program);
	else
		ret = finally ? dmp_auditor_refuse(objector, extack) : -EACCES;
	dmp_active_unpin(active);
	return ret;
}

static int dmp_auditor_attach_once(u32 portid, bool finally, struct dmp_challenge *challenge,
				   struct netlink_ext_ack *extack)
{
	int ret;

	mutex_lock(&dmp_auditor.lock);
	ret = dmp_auditor_try(portid, finally, extack);
	if (!ret)
		dmp_auditor_make_challenge(challenge);
	mutex_unlock(&dmp_auditor.lock);
	return ret;
}

/**
 * dmp_auditor_attach() - the socket's owner becomes auditor, unproven
 * @portid: port id of the sender's socket
 * @challenge: where to put it
 * @extack: gets a sentence on failure; may be NULL
 *
 * Before the program is refused, the policies look up again what they name: it may
 * have been upgraded.
 *
 * Context: Process; may sleep.
 * Return: 0; -EBUSY when there is an auditor already; -EACCES when a policy names
 * another program.
 */
int dmp_auditor_attach(u32 portid, struct dmp_challenge *challenge,
		       struct netlink_ext_ack *extack)
{
	int ret = dmp_auditor_attach_once(portid, false, challenge, extack);

	if (ret != -EACCES)
		return ret;
	/* Whatever comes of it, the second refusal stands. */
	dmp_active_resolve(NULL);
	return dmp_auditor_attach_once(portid, true, challenge, extack);
}

/**
 * dmp_auditor_challenge() - the next challenge
 * @portid: port id of the sender's socket
 * @challenge: where to put it
 * @extack: gets a sentence on failure; may be NULL
 *
 * Context: Process.
 * Return: 0, or -ENOTCONN when the socket is not the auditor's.
 */
int dmp_auditor_challenge(u32 portid, struct dmp_challenge *challenge,
			  struct netlink_ext_ack *extack)
{
	int ret = 0;

	mutex_lock(&dmp_auditor.lock);
	if (dmp_auditor_is(portid, extack))
		dmp_auditor_make_challenge(challenge);
	else
		ret = -ENOTCONN;
	mutex_unlock(&dmp_auditor.lock);
	return ret;
}

/* Once, until a proof is good again. */
static void dmp_auditor_record_silence(void)
{
	struct dmp_record record;

	lockdep_assert_held(&dmp_auditor.lock);
	if (dmp_auditor.silent)
		return;
	dmp_auditor.silent = true;
	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_PROBES_SILENT);
	record.fields |= DMP_RECORD_RESULT;
	record.result = -EIO;
	dmp_ring_publish(&record, false);
	pr_err("the probes do not fire: nothing is granted, and nothing refused beyond the kernel\n");
}

/* The tripwire sees /dev/mem opened even while somebody keeps the probes from firing. */
static void dmp_auditor_say_silent(struct netlink_ext_ack *extack)
{
	struct dmp_tripwire_state now;

	dmp_tripwire_state(&now);
	if (now.armed && now.opened > dmp_auditor.before.opened)
		dmp_say(extack,
			"/dev/mem was opened, and no probe saw a read of the canary: if it was read, kprobes are switched off, write 1 to debugfs kprobes/enabled");
	else
		dmp_say(extack,
			"no probe saw the read of the canary: is kernel.ftrace_enabled or debugfs kprobes/enabled 0, or was /dev/mem not read?");
}

static int dmp_auditor_check(const u8 *proof, struct netlink_ext_ack *extack)
{
	if (!dmp_auditor.challenged) {
		dmp_say(extack, "no challenge is open; ask for one first");
		return -ENODATA;
	}
	dmp_auditor.challenged = false;
	/* Still armed: nobody read it. */
	if (xchg(&dmp_auditor.armed_tgid, 0)) {
		dmp_auditor_say_silent(extack);
		dmp_auditor_record_silence();
		return -EIO;
	}
	if (crypto_memneq(proof, page_address(dmp_auditor.canary), DEVMEM_POLICY_PROOF_BYTES)) {
		dmp_say(extack, "these are not the bytes of the canary");
		return -EPROTO;
	}
	return 0;
}

/**
 * dmp_auditor_prove() - the auditor shows what it read
 * @portid: port id of the sender's socket
 * @proof: DEVMEM_POLICY_PROOF_BYTES bytes
 * @extack: gets a sentence on failure; may be NULL
 *
 * Context: Process.
 * Return: 0; -ENOTCONN, -ENODATA, -EIO, -EPROTO as the UAPI header says.
 */
int dmp_auditor_prove(u32 portid, const u8 *proof, struct netlink_ext_ack *extack)
{
	int ret = -ENOTCONN;

	mutex_lock(&dmp_auditor.lock);
	if (dmp_auditor_is(portid, extack))
		ret = dmp_auditor_check(proof, extack);
	if (!ret) {
		dmp_auditor.silent = false;
		dmp_auditor.proven_at = get_jiffies_64();
		WRITE_ONCE(dmp_proof.proven_until,
			   dmp_auditor.proven_at +
				   msecs_to_jiffies(heartbeat_ms * DMP_DEADLINE_HEARTBEATS));
		/* It has to be too old by then, also without any grace. */
		dmp_auditor_spare_mappings(dmp_proof.proven_until + 1 +
					   msecs_to_jiffies(grace_ms));
	}
	mutex_unlock(&dmp_auditor.lock);
	return ret;
}

/**
 * dmp_auditor_acknowledge() - the auditor has made records durable
 * @portid: port id of the sender's socket
 * @sequence: sequence number of a record
 * @extack: gets a sentence on failure; may be NULL
 *
 * Context: Process.
 * Return: 0, -ENOTCONN, -ERANGE.
 */
int dmp_auditor_acknowledge(u32 portid, u64 sequence, struct netlink_ext_ack *extack)
{
	int ret = -ENOTCONN;

	mutex_lock(&dmp_auditor.lock);
	if (dmp_auditor_is(portid, extack))
		ret = dmp_ring_acknowledge(sequence);
	mutex_unlock(&dmp_auditor.lock);
	if (ret == -ERANGE)
		dmp_say(extack,
			"record %llu does not exist yet, or a later one was acknowledged",
			sequence);
	return ret;
}

/* policy: that does not name it; NULL otherwise. */
static void dmp_auditor_dismiss(const struct dmp_policy *policy)
{
	lockdep_assert_held(&dmp_auditor.lock);
	WRITE_ONCE(dmp_proof.attached, false);
	WRITE_ONCE(dmp_auditor.armed_tgid, 0);
	dmp_auditor.challenged = false;
	dmp_ring_flush();
	dmp_auditor_record(DEVMEM_POLICY_EVENT_AUDITOR_DETACHED, policy);
	/* Coming and going without a proof is no reason to wait longer. */
	dmp_auditor_spare_mappings(min(dmp_auditor.mappings_until,
				       get_jiffies_64() + msecs_to_jiffies(grace_ms)));
}

/**
 * dmp_auditor_detach() - no auditor any more: nothing more is granted
 * @portid: port id of the sender's socket
 * @extack: NULL when the socket was closed
 *
 * Context: Process.
 * Return: 0, or -ENOTCONN when the socket is not the auditor's.
 */
int dmp_auditor_detach(u32 portid, struct netlink_ext_ack *extack)
{
	int ret = -ENOTCONN;

	mutex_lock(&dmp_auditor.lock);
	if (dmp_auditor_is(portid, extack)) {
		dmp_auditor_dismiss(NULL);
		pr_notice("auditor %d (%s) detached: nothing is granted any more\n",
			  dmp_auditor.pid, dmp_auditor.comm);
		ret = 0;
	}
	mutex_unlock(&dmp_auditor.lock);
	return ret;
}

/* dmp_auditor_lock() - nobody becomes auditor, or ceases to be; process context */
void dmp_auditor_lock(void)
{
	mutex_lock(&dmp_auditor.lock);
}

void dmp_auditor_unlock(void)
{
	mutex_unlock(&dmp_auditor.lock);
}

/**
 * dmp_auditor_expect() - policy comes into force: detach an auditor that it does not name
 * @policy: the policy
 *
 * Context: Process; between dmp_auditor_lock() and dmp_auditor_unlock().
 */
void dmp_auditor_expect(const struct dmp_policy *policy)
{
	lockdep_assert_held(&dmp_auditor.lock);
	if (!dmp_proof.attached || dmp_policy_suits(policy, &dmp_auditor.program))
		return;
	dmp_auditor_dismiss(policy);
	pr_warn("auditor %d (%s) detached: policy %s names %s; nothing is granted any more\n",
		dmp_auditor.pid, dmp_auditor.comm, dmp_policy_header(policy)->name,
		dmp_policy_auditor(policy));
}

/*
 * The grace period is over. Not under the lock, which is the inner one: an auditor
 * that proves at this very moment finds the new mappings gone with the old.
 */
static void dmp_auditor_gone(struct work_struct *work)
{
	enum devmem_policy_reason obstacle = dmp_auditor_obstacle();

	if (obstacle == DEVMEM_POLICY_REASON_NO_AUDITOR)
		obstacle = DEVMEM_POLICY_REASON_AUDITOR_GONE;
	if (obstacle != DEVMEM_POLICY_REASON_UNSPEC)
		dmp_active_withdraw_mappings(obstacle);
}

static bool dmp_auditor_has_all(void)
{
	struct dmp_ring_state ring;

	dmp_ring_state(&ring);
	return ring.acknowledged == ring.newest;
}

/**
 * dmp_auditor_farewell() - wait a moment until the auditor has all the records
 *
 * Context: Process; may sleep.
 */
void dmp_auditor_farewell(void)
{
	u64 deadline = get_jiffies_64() + msecs_to_jiffies(DMP_FAREWELL_MS);

	while (READ_ONCE(dmp_proof.attached) && !dmp_auditor_has_all() &&
	       time_before64(get_jiffies_64(), deadline))
		msleep(DMP_FAREWELL_STEP_MS);
}

/* dmp_auditor_state() - for the status; process context */
void dmp_auditor_state(struct dmp_auditor_state *state)
{
	u64 now = get_jiffies_64();

	mutex_lock(&dmp_auditor.lock);
	state->attached = dmp_proof.attached;
	state->proven = dmp_auditor_obstacle() == DEVMEM_POLICY_REASON_UNSPEC;
	state->ever_proven = dmp_proof.proven_until;
	state->pid = dmp_auditor.pid;
	state->proof_age_ms = jiffies64_to_msecs(now - dmp_auditor.proven_at);
	memcpy(state->comm, dmp_auditor.comm, sizeof(state->comm));
	mutex_unlock(&dmp_auditor.lock);
}

int dmp_auditor_init(void)
{
	if (heartbeat_ms < DMP_HEARTBEAT_MS_MIN || heartbeat_ms > DMP_HEARTBEAT_MS_MAX) {
		pr_err("heartbeat_ms=%u: must be from %d to %d\n", heartbeat_ms,
		       DMP_HEARTBEAT_MS_MIN, DMP_HEARTBEAT_MS_MAX);
		return -EINVAL;
	}
	dmp_auditor.canary = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!dmp_auditor.canary)
		return -ENOMEM;
	dmp_canary_pfn = page_to_pfn(dmp_auditor.canary);
	INIT_DELAYED_WORK(&dmp_auditor.gone, dmp_auditor_gone);
	return 0;
}

/* No handler and no command runs any more. */
void dmp_auditor_exit(void)
{
	cancel_delayed_work_sync(&dmp_auditor.gone);
	__free_page(dmp_auditor.canary);
}
