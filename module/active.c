// SPDX-License-Identifier: GPL-2.0-only
/*
 * active.c - the policies that are in force
 *
 * The set is immutable behind one RCU pointer and is replaced whole. An
 * operation pins the set it begins with; the last pin may be dropped by a probe
 * handler, which cannot free, so dead sets go to the reaper.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "active.h"
#include "auditor.h"
#include "bell.h"
#include "clock.h"
#include "floor.h"
#include "message.h"
#include "operation.h"
#include "refusal.h"
#include "revoke.h"
#include "ring.h"
#include "trust.h"

#define DMP_RESOLVE_TRIES 10

static DEFINE_MUTEX(dmp_active_lock);
static struct dmp_active __rcu *dmp_active; /* never NULL; written under the lock */
static u64 dmp_generations; /* under the lock */
u64 dmp_generation; /* of dmp_active; written before that */
static u64 dmp_loads; /* under the lock */
static u64 dmp_ends_told_s; /* ends up to here are on record; under the lock */
static LLIST_HEAD(dmp_dead);

static struct dmp_active *dmp_active_locked(void)
{
	return rcu_dereference_protected(dmp_active, lockdep_is_held(&dmp_active_lock));
}

/**
 * dmp_active_pin_here() - the set in force, for as long as an operation lasts
 *
 * Context: Probe handlers, which have preemption off: that is as good as
 * rcu_read_lock(). Pair with dmp_active_unpin().
 */
struct dmp_active *dmp_active_pin_here(void)
{
	struct dmp_active *active = rcu_dereference_sched(dmp_active);

	/* Whoever replaces it keeps a reference for a grace period. */
	refcount_inc(&active->users);
	return active;
}

/* dmp_active_pin() - the same in any context */
struct dmp_active *dmp_active_pin(void)
{
	struct dmp_active *active;

	rcu_read_lock_sched();
	active = dmp_active_pin_here();
	rcu_read_unlock_sched();
	return active;
}

/* dmp_active_bury() - the last pin of a set is gone; any context, also handlers */
void dmp_active_bury(struct dmp_active *active)
{
	llist_add(&active->dead, &dmp_dead);
	dmp_bell_ring(false);
}

static void dmp_active_free(struct dmp_active *active)
{
	u32 i;

	if (!active)
		return;
	for (i = 0; i < active->set.count; i++)
		dmp_policy_put(active->policies[i]);
	kfree(active);
}

/* dmp_active_reap() - free the sets whose last pin is gone; process context */
void dmp_active_reap(void)
{
	struct dmp_active *active, *next;

	llist_for_each_entry_safe(active, next, llist_del_all(&dmp_dead), dead)
		dmp_active_free(active);
}

/**
 * dmp_active_mapped() - the rules under operation's ruling granted a mapping
 * @operation: the operation of current
 * @first_pfn: page frame number; the ruling holds for it
 * @last_pfn: likewise, inclusive
 *
 * Only what was really granted is torn down later. Must come before the call returns:
 * whoever tears down waits for that (dmp_revoke_barrier()), and looks then.
 *
 * Context: Probe handler, or on behalf of a task that died in the call.
 */
void dmp_active_mapped(const struct dmp_operation *operation, u64 first_pfn, u64 last_pfn)
{
	unsigned int op;

	for (op = 0; op < DMP_OPS; op++) {
		const struct dmp_choice *choice = &operation->ruling.choice[op];

		if (operation->ops & BIT(op))
			dmp_marks_set(&operation->active->policies[choice->policy]->marks,
				      choice->segment, choice->candidate, op, first_pfn,
				      last_pfn);
	}
}

/**
 * dmp_active_is_mapped() - is a page marked as granted to a mapping?
 * @operation: the operation of current
 * @pfn: page frame number; the operation's ruling, which allows it, holds for it
 *
 * Context: Probe handler.
 */
bool dmp_active_is_mapped(const struct dmp_operation *operation, u64 pfn)
{
	/* To be read: all mappings are. */
	const struct dmp_choice *choice = &operation->ruling.choice[0];

	return dmp_marks_has(&operation->active->policies[choice->policy]->marks, choice->segment,
			     pfn);
}

/* A set that is being made: begin with a copy, change it, add it up. */
static struct dmp_active *dmp_active_alloc(void)
{
	struct dmp_active *active = kzalloc(sizeof(*active), GFP_KERNEL);

	if (!active)
		return NULL;
	refcount_set(&active->users, 1);
	active->generation = ++dmp_generations;
	return active;
}

static struct dmp_active *dmp_active_copy(const struct dmp_active *old)
{
	struct dmp_active *new = dmp_active_alloc();
	u32 i;

	if (!new)
		return NULL;
	memcpy(new->set.withdrawn, old->set.withdrawn, sizeof(new->set.withdrawn));
	new->set.withdrawn_count = old->set.withdrawn_count;
	new->set.count = old->set.count;
	for (i = 0; i < old->set.count; i++) {
		refcount_inc(&old->policies[i]->users);
		new->policies[i] = old->policies[i];
	}
	return new;
}

/* Takes over the caller's reference. */
static void dmp_active_change(struct dmp_active *new, u32 slot, struct dmp_policy *policy)
{
	if (slot == new->set.count)
		new->set.count++;
	else
		dmp_policy_put(new->policies[slot]);
	new->policies[slot] = policy;
}

static void dmp_active_drop(struct dmp_active *new, u32 slot)
{
	dmp_policy_put(new->policies[slot]);
	new->policies[slot] = new->policies[--new->set.count];
}

static void dmp_active_add_up(struct dmp_active *new, u64 latest_s)
{
	struct dmp_rule_set *set = &new->set;
	u32 i;

	new->next_end_s = U64_MAX;
	for (i = 0; i < set->count; i++) {
		const struct dmp_policy *policy = new->policies[i];
		bool default_deny = dmp_policy_header(policy)->flags & DMP_FLAG_DEFAULT_DENY;
		bool permissive = dmp_rules_permissive(&policy->rules);

		set->rules[i] = &policy->rules;
		set->any_permissive |= permissive;
		set->default_deny_all |= default_deny;
		set->default_deny |= default_deny && !permissive;
		new->restricts |= (default_deny || policy->has_deny) && !permissive;
		new->wants_program |= policy->has_exe;
		new->next_end_s = min(new->next_end_s,
				      dmp_rules_next_end(&policy->rules, latest_s));
	}
}

/*
 * Nobody can become auditor between the two, and under a policy that names another
 * program nothing is granted with this one.
 */
static void dmp_active_publish(struct dmp_active *new, const struct dmp_policy *newcomer)
{
	dmp_auditor_lock();
	if (newcomer)
		dmp_auditor_expect(newcomer);
	/* Who still finds the old one idles, and is waited for like the old set's users. */
	WRITE_ONCE(dmp_generation, new->generation);
	rcu_assign_pointer(dmp_active, new);
	dmp_auditor_unlock();
}

/*
 * Put a set in force, and take from live mappings what it does not grant. An
 * auditor that newcomer, a policy of the set or NULL, does not name is detached. Once
 * synchronize_rcu() returns, every operation that pinned the old set has its mm
 * on the watch list; the barrier waits until their mappings can be found.
 */
static void dmp_active_replace(struct dmp_active *new, const struct dmp_policy *newcomer,
			       enum devmem_policy_reason reason)
{
	struct dmp_active *old = dmp_active_locked();

	dmp_active_add_up(new, dmp_clock_read().latest_s);
	dmp_active_publish(new, newcomer);
	synchronize_rcu();
	dmp_revoke_barrier();
	dmp_revoke_lost(old, new, reason);
	dmp_active_unpin(old);
}

/* The slot of the policy of that name, or the next free one. */
static u32 dmp_active_slot(const struct dmp_active *active, const char *name)
{
	u32 i;

	for (i = 0; i < active->set.count; i++)
		if (!strcmp(dmp_policy_header(active->policies[i])->name, name))
			break;
	return i;
}

static void dmp_record_change(enum devmem_policy_event_kind kind, struct dmp_policy *policy)
{
	struct dmp_record record;

	dmp_record_by(&record, current, kind);
	dmp_record_policy(&record, policy);
	record.fields |= DMP_RECORD_DIGEST;
	record.digest_of = policy;
	refcount_inc(&policy->users);
	if (!dmp_ring_publish(&record, false))
		dmp_policy_put(policy);
}

static int dmp_active_install(struct dmp_policy *policy, struct netlink_ext_ack *extack)
{
	const struct dmp_header *header = dmp_policy_header(policy);
	const struct dmp_active *old = dmp_active_locked();
	u32 slot = dmp_active_slot(old, header->name);
	struct dmp_active *new;
	int ret;

	ret = dmp_floor_check(header, extack);
	if (!ret)
		ret = dmp_floor_prepare(header->name);
	if (ret == -ENOSPC)
		dmp_say(extack, "too many names of policies are remembered already");
	if (ret)
		return ret;
	if (slot == DMP_MAX_POLICIES) {
		dmp_say(extack, "%d policies are registered already", DMP_MAX_POLICIES);
		return -ENOSPC;
	}
	new = dmp_active_copy(old);
	if (!new)
		return -ENOMEM;
	refcount_inc(&policy->users);
	dmp_active_change(new, slot, policy);
	dmp_floor_accepted(header->name, header->serial);
	dmp_record_change(DEVMEM_POLICY_EVENT_POLICY_LOADED, policy);
	dmp_active_replace(new, policy, DEVMEM_POLICY_REASON_REPLACED);
	pr_info("policy %s, serial %llu: %u rules in force%s\n", header->name, header->serial,
		header->rule_count,
		dmp_rules_permissive(&policy->rules) ? ", PERMISSIVE" : "");
	return 0;
}

/* policy: that was made of it; NULL: none was. */
static void dmp_load_refuse(const struct dmp_load *load, struct dmp_policy *policy, int error)
{
	u8 digest[DEVMEM_POLICY_DIGEST_BYTES];
	int ret;

	if (policy)
		ret = dmp_policy_digest(policy, digest);
	else
		ret = dmp_trust_digest(load->bytes, load->length, digest);
	dmp_refuse_policy(&load->header, ret ? NULL : digest, error);
}

/**
 * dmp_active_load() - verify a policy and put it in force
 * @load: the whole policy; bytes is NULL afterwards if they were taken over
 * @signature: detached PKCS#7/CMS, DER
 * @signature_bytes: its length; 0: there is none
 * @extack: gets a sentence on failure; may be NULL
 *
 * Replaces the policy of the same name. Changes nothing when it fails, but for
 * the record that says so.
 *
 * Context: Process; may sleep.
 * Return: 0 or an errno of the table in the UAPI header.
 */
int dmp_active_load(struct dmp_load *load, const u8 *signature, u32 signature_bytes,
		    struct netlink_ext_ack *extack)
{
	struct dmp_policy *policy = NULL;
	int ret;

	ret = dmp_policy_make(load, signature, signature_bytes, &policy, extack);
	mutex_lock(&dmp_active_lock);
	if (!ret)
		ret = dmp_active_install(policy, extack);
	if (ret)
		dmp_load_refuse(load, policy, ret);
	else
		dmp_loads++;
	mutex_unlock(&dmp_active_lock);
	if (policy)
		dmp_policy_put(policy);
	if (ret == -ENOMEM)
		dmp_say(extack, "not enough memory for a policy of %u bytes", load->length);
	return ret;
}

static int dmp_active_remove_locked(const char *name, struct netlink_ext_ack *extack)
{
	const struct dmp_active *old = dmp_active_locked();
	u32 slot = dmp_active_slot(old, name);
	struct dmp_active *new;

	if (slot == old->set.count) {
		dmp_say(extack, "no policy of that name is registered");
		return -ENOENT;
	}
	new = dmp_active_copy(old);
	if (!new)
		return -ENOMEM;
	dmp_record_change(DEVMEM_POLICY_EVENT_POLICY_REMOVED, old->policies[slot]);
	dmp_active_drop(new, slot);
	dmp_active_replace(new, NULL, DEVMEM_POLICY_REASON_REMOVED);
	pr_info("policy %s removed\n", name);
	return 0;
}

/**
 * dmp_active_remove() - take a policy out of force; its serial is remembered
 * @name: the policy's name
 * @extack: gets a sentence on failure; may be NULL
 *
 * Context: Process; may sleep.
 * Return: 0, -ENOENT, -ENOMEM.
 */
int dmp_active_remove(const char *name, struct netlink_ext_ack *extack)
{
	int ret;

	mutex_lock(&dmp_active_lock);
	ret = dmp_active_remove_locked(name, extack);
	mutex_unlock(&dmp_active_lock);
	return ret;
}

/**
 * dmp_active_withdraw_mappings() - tear down all granted mappings
 * @reason: why
 *
 * The policies stay. The caller has made sure that nothing is granted now.
 *
 * Context: Process; may sleep.
 */
void dmp_active_withdraw_mappings(enum devmem_policy_reason reason)
{
	mutex_lock(&dmp_active_lock);
	synchronize_rcu();
	dmp_revoke_barrier();
	dmp_revoke_lost(dmp_active_locked(), NULL, reason);
	mutex_unlock(&dmp_active_lock);
}

/* Programs: a file was replaced. */

static void dmp_record_program(const struct dmp_policy *policy, u32 rule)
{
	const u8 *attributes = dmp_rule_attributes(&policy->rules.view,
						   dmp_rule_record(&policy->rules.view, rule));
	size_t index = (attributes - policy->rules.view.attributes) / DMP_ATTRIBUTE_BYTES;
	struct dmp_record record;

	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_PROGRAM_CHANGED);
	dmp_record_policy(&record, policy);
	record.fields |= DMP_RECORD_RULE | DMP_RECORD_RESULT;
	record.rule_id = dmp_policy_rule_id(policy, rule);
	record.result = policy->program_errors[index];
	dmp_ring_publish(&record, false);
}

static void dmp_record_auditor(const struct dmp_policy *policy)
{
	struct dmp_record record;

	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_PROGRAM_CHANGED);
	dmp_record_policy(&record, policy);
	record.fields |= DMP_RECORD_RESULT;
	record.result = policy->auditor.resolved ? 0 : -ENOEXEC;
	dmp_ring_publish(&record, false);
}

/* Return: whether any of them changed. */
static bool dmp_record_programs(const struct dmp_policy *policy, const struct dmp_policy *old)
{
	bool changed = dmp_policy_auditor_changed(policy, old);
	u32 i;

	if (changed)
		dmp_record_auditor(policy);
	for (i = 0; i < dmp_policy_header(policy)->rule_count; i++) {
		if (!dmp_policy_program_changed(policy, old, i))
			continue;
		dmp_record_program(policy, i);
		changed = true;
	}
	return changed;
}

/*
 * Policies whose programs were looked up again, by slot; NULL: as it was. A path
 * may lead to a file system that does not answer, so this is done without the
 * lock, on a set that is pinned, and tried again if the set is another by then.
 */
struct dmp_resolution {
	struct dmp_policy *policies[DMP_MAX_POLICIES];
};

static void dmp_resolution_free(struct dmp_resolution *resolution)
{
	u32 i;

	for (i = 0; i < DMP_MAX_POLICIES; i++)
		if (resolution->policies[i])
			dmp_policy_put(resolution->policies[i]);
}

static int dmp_resolution_make(struct dmp_resolution *resolution, const struct dmp_active *active)
{
	int ret = 0;
	u32 i;

	memset(resolution, 0, sizeof(*resolution));
	for (i = 0; i < active->set.count && !ret; i++) {
		const struct dmp_policy *old = active->policies[i];

		if (old->has_exe || *dmp_policy_auditor(old))
			ret = dmp_policy_remake(old, old->withdrawn, true,
						&resolution->policies[i]);
	}
	return ret;
}

static void dmp_resolution_apply(struct dmp_resolution *resolution, struct dmp_active *new)
{
	bool any = false;
	u32 i;

	for (i = 0; i < new->set.count; i++) {
		struct dmp_policy *policy = resolution->policies[i];

		if (!policy || !dmp_record_programs(policy, new->policies[i]))
			continue;
		dmp_record_change(DEVMEM_POLICY_EVENT_POLICY_RESOLVED, policy);
		resolution->policies[i] = NULL;
		dmp_active_change(new, i, policy);
		any = true;
	}
	if (any)
		dmp_active_replace(new, NULL, DEVMEM_POLICY_REASON_PROGRAM);
	else
		dmp_active_free(new);
}

/* Return: 0; -EAGAIN when the set has changed meanwhile; -ENOMEM. */
static int dmp_active_resolve_once(void)
{
	struct dmp_active *active = dmp_active_pin(), *new;
	struct dmp_resolution resolution;
	int ret = dmp_resolution_make(&resolution, active);

	mutex_lock(&dmp_active_lock);
	if (!ret && active != dmp_active_locked())
		ret = -EAGAIN;
	new = ret ? NULL : dmp_active_copy(active);
	if (new)
		dmp_resolution_apply(&resolution, new);
	else if (!ret)
		ret = -ENOMEM;
	mutex_unlock(&dmp_active_lock);
	dmp_resolution_free(&resolution);
	dmp_active_unpin(active);
	return ret;
}

/**
 * dmp_active_resolve() - look up the programs of all policies again
 * @extack: gets a sentence on failure; may be NULL
 *
 * Context: Process; may sleep.
 * Return: 0, -ENOMEM, -EAGAIN.
 */
int dmp_active_resolve(struct netlink_ext_ack *extack)
{
	int ret = -EAGAIN, tries;

	for (tries = 0; ret == -EAGAIN && tries < DMP_RESOLVE_TRIES; tries++)
		ret = dmp_active_resolve_once();
	if (ret == -EAGAIN)
		dmp_say(extack, "the policies keep changing meanwhile; try again");
	else if (ret)
		dmp_say(extack, "not enough memory to look up the programs of the policies");
	return ret;
}

/* Time: what has come to its end. */

static void dmp_record_end(const struct dmp_policy *policy, const u32 *rule)
{
	struct dmp_record record;

	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_EXPIRED);
	dmp_record_policy(&record, policy);
	if (rule) {
		record.fields |= DMP_RECORD_RULE;
		record.rule_id = dmp_policy_rule_id(policy, *rule);
	}
	dmp_ring_publish(&record, false);
}

static bool dmp_ends_now(u64 end_s, u64 latest_s)
{
	return end_s > dmp_ends_told_s && end_s <= latest_s;
}

static void dmp_record_ends(const struct dmp_policy *policy, u64 latest_s)
{
	u32 i;

	if (dmp_ends_now(dmp_policy_header(policy)->expires_s, latest_s))
		dmp_record_end(policy, NULL);
	for (i = 0; i < dmp_policy_header(policy)->rule_count; i++)
		if (dmp_ends_now(dmp_policy_rule_end(policy, i), latest_s))
			dmp_record_end(policy, &i);
}

/*
 * Decisions refuse by themselves what has ended. This is for what was mapped
 * before; mmap calls that were decided before have to become mappings first.
 */
static void dmp_active_end(struct dmp_active *active, u64 latest_s)
{
	u32 i;

	for (i = 0; i < active->set.count; i++)
		dmp_record_ends(active->policies[i], latest_s);
	dmp_ends_told_s = latest_s;
	synchronize_rcu();
	dmp_revoke_barrier();
	dmp_revoke_lost(active, active, DEVMEM_POLICY_REASON_EXPIRED);
	active->next_end_s = U64_MAX;
	for (i = 0; i < active->set.count; i++)
		active->next_end_s = min(active->next_end_s,
					 dmp_rules_next_end(&active->policies[i]->rules,
							    latest_s));
}

/**
 * dmp_active_expire() - take from mappings what has come to its end
 *
 * To be called often enough while it returns true: live mappings end as much
 * later as it is called.
 *
 * Context: Process; may sleep.
 * Return: whether something will end.
 */
bool dmp_active_expire(void)
{
	u64 latest_s = dmp_clock_read().latest_s;
	struct dmp_active *active;
	bool more;

	mutex_lock(&dmp_active_lock);
	active = dmp_active_locked();
	if (latest_s >= active->next_end_s)
		dmp_active_end(active, latest_s);
	more = active->next_end_s != U64_MAX;
	mutex_unlock(&dmp_active_lock);
	return more;
}

/* Withdrawing, until somebody restores. */

/* Join it with those that it touches. Return: false when there is no room. */
static bool dmp_withdraw_pages(struct dmp_rule_set *set, struct dmp_pages pages)
{
	struct dmp_pages *at = set->withdrawn;
	u32 i = 0;

	while (i < set->withdrawn_count) {
		/* A last page of ~0 has none after it. */
		bool before = at[i].last_pfn != U64_MAX && at[i].last_pfn + 1 < pages.first_pfn;
		bool after = pages.last_pfn != U64_MAX && pages.last_pfn + 1 < at[i].first_pfn;

		if (before || after) {
			i++;
			continue;
		}
		pages.first_pfn = min(pages.first_pfn, at[i].first_pfn);
		pages.last_pfn = max(pages.last_pfn, at[i].last_pfn);
		at[i] = at[--set->withdrawn_count];
		i = 0;
	}
	if (set->withdrawn_count == DMP_MAX_WITHDRAWN)
		return false;
	at[set->withdrawn_count++] = pages;
	return true;
}

static void dmp_record_withdrawn_pages(struct dmp_pages pages)
{
	struct dmp_record record;

	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_WITHDRAWN);
	if (pages.first_pfn || pages.last_pfn != U64_MAX >> PAGE_SHIFT) {
		record.fields |= DMP_RECORD_RANGE;
		record.first_pfn = pages.first_pfn;
		record.pages = pages.last_pfn - pages.first_pfn + 1;
	}
	dmp_ring_publish(&record, false);
}

static int dmp_revoke_range_locked(struct dmp_pages pages, struct netlink_ext_ack *extack)
{
	struct dmp_active *new = dmp_active_copy(dmp_active_locked());

	if (!new)
		return -ENOMEM;
	if (!dmp_withdraw_pages(&new->set, pages)) {
		dmp_active_free(new);
		dmp_say(extack, "%d ranges are revoked already; restore, or revoke everything",
			DMP_MAX_WITHDRAWN);
		return -ENOSPC;
	}
	dmp_record_withdrawn_pages(pages);
	dmp_active_replace(new, NULL, DEVMEM_POLICY_REASON_WITHDRAWN);
	return 0;
}

/**
 * dmp_active_revoke_range() - allow nobody these pages until dmp_active_restore()
 * @first: physical bytes, first of a page
 * @last: last of a page; with @first 0, ~0 is everything
 * @extack: gets a sentence on failure; may be NULL
 *
 * Context: Process; may sleep.
 * Return: 0, -EINVAL, -ENOSPC, -ENOMEM.
 */
int dmp_active_revoke_range(u64 first, u64 last, struct netlink_ext_ack *extack)
{
	int ret;

	if (first > last || offset_in_page(first) || !PAGE_ALIGNED(last + 1)) {
		dmp_say(extack, "0x%llx-0x%llx is not a range of whole pages of %lu bytes", first,
			last, PAGE_SIZE);
		return -EINVAL;
	}
	mutex_lock(&dmp_active_lock);
	ret = dmp_revoke_range_locked((struct dmp_pages){ first >> PAGE_SHIFT, last >> PAGE_SHIFT },
				      extack);
	mutex_unlock(&dmp_active_lock);
	return ret;
}

static void dmp_record_withdrawn_rules(const struct dmp_policy *policy, const u32 *rule_id)
{
	struct dmp_record record;

	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_WITHDRAWN);
	dmp_record_policy(&record, policy);
	if (rule_id) {
		record.fields |= DMP_RECORD_RULE;
		record.rule_id = *rule_id;
	}
	dmp_ring_publish(&record, false);
}

static int dmp_revoke_slot(struct dmp_active *new, u32 slot, const u32 *rule_id, bool *any)
{
	struct dmp_policy *policy = NULL;
	bool found;
	u8 *set;
	int ret;

	set = dmp_policy_withdrawn_set(new->policies[slot], rule_id, &found);
	if (!set)
		return -ENOMEM;
	ret = found ? dmp_policy_remake(new->policies[slot], set, false, &policy) : 0;
	kvfree(set);
	if (!policy)
		return ret;
	dmp_active_change(new, slot, policy);
	*any = true;
	return 0;
}

static int dmp_revoke_rules_of(struct dmp_active *new, const char *name, const u32 *rule_id,
			       struct netlink_ext_ack *extack)
{
	bool any = false;
	int ret = 0;
	u32 i;

	for (i = 0; i < new->set.count && !ret; i++)
		if (!name || !strcmp(dmp_policy_header(new->policies[i])->name, name))
			ret = dmp_revoke_slot(new, i, rule_id, &any);
	if (ret || any)
		return ret;
	if (rule_id)
		dmp_say(extack, "no rule %08x that allows something is registered", *rule_id);
	else
		dmp_say(extack, "no policy of that name is registered, or it allows nothing");
	return -ENOENT;
}

static int dmp_revoke_rules_locked(const char *name, const u32 *rule_id,
				   struct netlink_ext_ack *extack)
{
	const struct dmp_active *old = dmp_active_locked();
	struct dmp_active *new = dmp_active_copy(old);
	int ret;
	u32 i;

	if (!new)
		return -ENOMEM;
	ret = dmp_revoke_rules_of(new, name, rule_id, extack);
	if (ret) {
		dmp_active_free(new);
		return ret;
	}
	for (i = 0; i < new->set.count; i++)
		if (new->policies[i] != old->policies[i])
			dmp_record_withdrawn_rules(new->policies[i], rule_id);
	dmp_active_replace(new, NULL, DEVMEM_POLICY_REASON_WITHDRAWN);
	return 0;
}

/**
 * dmp_active_revoke_rules() - let rules allow nothing until dmp_active_restore()
 * @name: of this policy; NULL: of all
 * @rule_id: this rule; NULL: all rules
 * @extack: gets a sentence on failure; may be NULL
 *
 * Context: Process; may sleep.
 * Return: 0, -ENOENT, -ENOMEM.
 */
int dmp_active_revoke_rules(const char *name, const u32 *rule_id, struct netlink_ext_ack *extack)
{
	int ret;

	mutex_lock(&dmp_active_lock);
	ret = dmp_revoke_rules_locked(name, rule_id, extack);
	mutex_unlock(&dmp_active_lock);
	return ret;
}

static int dmp_restore_slots(struct dmp_active *new)
{
	struct dmp_policy *policy;
	int ret = 0;
	u32 i;

	new->set.withdrawn_count = 0;
	for (i = 0; i < new->set.count && !ret; i++) {
		if (!new->policies[i]->withdrawn)
			continue;
		ret = dmp_policy_remake(new->policies[i], NULL, false, &policy);
		if (!ret)
			dmp_active_change(new, i, policy);
	}
	return ret;
}

static int dmp_restore_locked(void)
{
	struct dmp_active *new = dmp_active_copy(dmp_active_locked());
	struct dmp_record record;
	int ret;

	if (!new)
		return -ENOMEM;
	ret = dmp_restore_slots(new);
	if (ret) {
		dmp_active_free(new);
		return ret;
	}
	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_RESTORED);
	dmp_ring_publish(&record, false);
	dmp_active_replace(new, NULL, DEVMEM_POLICY_REASON_REPLACED);
	return 0;
}

/**
 * dmp_active_restore() - nothing is withdrawn any more
 *
 * Context: Process; may sleep.
 * Return: 0, -ENOMEM.
 */
int dmp_active_restore(void)
{
	int ret;

	mutex_lock(&dmp_active_lock);
	ret = dmp_restore_locked();
	mutex_unlock(&dmp_active_lock);
	return ret;
}

/* dmp_active_loads() - how many were accepted so far; process context */
u64 dmp_active_loads(void)
{
	u64 loads;

	mutex_lock(&dmp_active_lock);
	loads = dmp_loads;
	mutex_unlock(&dmp_active_lock);
	return loads;
}

int dmp_active_init(void)
{
	struct dmp_active *active = dmp_active_alloc();

	if (!active)
		return -ENOMEM;
	dmp_ends_told_s = dmp_clock_read().latest_s;
	active->next_end_s = U64_MAX;
	dmp_generation = active->generation;
	RCU_INIT_POINTER(dmp_active, active);
	return 0;
}

/* No handler and no command runs any more. */
void dmp_active_exit(void)
{
	dmp_active_reap();
	dmp_active_free(rcu_dereference_protected(dmp_active, true));
}
