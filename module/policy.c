// SPDX-License-Identifier: GPL-2.0-only
/*
 * policy.c - registered policies and the set that is in force
 *
 * The set is immutable behind one RCU pointer and is replaced whole. An
 * operation pins the set it begins with; the last pin may be dropped by a probe
 * handler, which cannot free, so dead sets go to the reaper.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "bell.h"
#include "message.h"
#include "operation.h"
#include "policy.h"
#include "rails.h"
#include "revoke.h"
#include "ring.h"
#include "trust.h"

/* The newest serial accepted for a name, until the module is unloaded. */
struct dmp_floor {
	struct list_head node;
	char name[DEVMEM_POLICY_NAME_SIZE];
	u64 serial;
};

static DEFINE_MUTEX(dmp_policy_lock);
static struct dmp_active __rcu *dmp_active; /* never NULL; written under the lock */
static LIST_HEAD(dmp_floors); /* under the lock */
static u64 dmp_loads, dmp_failed_loads; /* under the lock */
static LLIST_HEAD(dmp_dead);

static struct dmp_active *dmp_active_locked(void)
{
	return rcu_dereference_protected(dmp_active, lockdep_is_held(&dmp_policy_lock));
}

/**
 * dmp_active_pin() - the set in force, for as long as an operation lasts
 *
 * Context: Any; also probe handlers. Pair with dmp_active_unpin().
 */
struct dmp_active *dmp_active_pin(void)
{
	struct dmp_active *active;

	rcu_read_lock();
	active = rcu_dereference(dmp_active);
	/* Whoever replaces it keeps a reference for a grace period. */
	refcount_inc(&active->users);
	rcu_read_unlock();
	return active;
}

/* dmp_active_unpin() - the operation is over; any context, also handlers */
void dmp_active_unpin(struct dmp_active *active)
{
	if (!refcount_dec_and_test(&active->users))
		return;
	llist_add(&active->dead, &dmp_dead);
	dmp_bell_ring();
}

static void dmp_policy_free(struct dmp_policy *policy)
{
	kvfree(policy->rules.index.segments);
	kvfree(policy->mapped);
	kvfree(policy->bytes);
	kfree(policy);
}

static void dmp_policy_put(struct dmp_policy *policy)
{
	if (refcount_dec_and_test(&policy->users))
		dmp_policy_free(policy);
}

static void dmp_active_free(struct dmp_active *active)
{
	u32 i;

	for (i = 0; i < active->set.count; i++)
		dmp_policy_put(active->policies[i]);
	kfree(active);
}

/* dmp_policy_reap() - free the sets whose last pin is gone; process context */
void dmp_policy_reap(void)
{
	struct dmp_active *active, *next;

	llist_for_each_entry_safe(active, next, llist_del_all(&dmp_dead), dead)
		dmp_active_free(active);
}

/* dmp_policy_rule_id() - the id of rule number rule; any context */
u32 dmp_policy_rule_id(const struct dmp_policy *policy, u32 rule)
{
	return dmp_load32(policy->rules.view.rules + (size_t)rule * DMP_RULE_BYTES + DMP_RULE_ID);
}

/**
 * dmp_policy_mapped() - the rule under operation's ruling granted a mapping
 * @operation: the operation of current
 *
 * Only what was really granted is torn down later.
 *
 * Context: Probe handler.
 */
void dmp_policy_mapped(const struct dmp_operation *operation)
{
	const struct dmp_ruling *ruling = &operation->ruling;
	struct dmp_policy *policy = operation->active->policies[ruling->policy];
	unsigned long bit = 2UL * ruling->segment;

	if (operation->call.operation == DEVMEM_POLICY_OPERATION_MMAP_WRITE)
		bit++;
	if (!test_bit(bit, policy->mapped))
		set_bit(bit, policy->mapped);
}

static int dmp_policy_check_rule(struct dmp_policy *policy, u32 index,
				 struct netlink_ext_ack *extack)
{
	struct dmp_rule rule;

	dmp_view_rule(&policy->rules.view, index, &rule);
	if (rule.action == DEVMEM_POLICY_DENY)
		policy->has_deny = true;
	if (!dmp_rails_physical(rule.last)) {
		dmp_say(extack,
			"rule %08x (0x%llx-0x%llx) ends beyond the %u-bit physical address space",
			rule.id, rule.first, rule.last, dmp_physical_bits());
		return -ERANGE;
	}
	if (rule.action == DEVMEM_POLICY_ALLOW && dmp_rails_kernel_image(rule.first, rule.last)) {
		dmp_say(extack,
			"rule %08x (0x%llx-0x%llx) covers the running kernel's image, which is never granted",
			rule.id, rule.first, rule.last);
		return -EACCES;
	}
	return 0;
}

static int dmp_policy_check_rules(struct dmp_policy *policy, struct netlink_ext_ack *extack)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < policy->rules.view.header.rule_count && !ret; i++) {
		ret = dmp_policy_check_rule(policy, i, extack);
		cond_resched();
	}
	return ret;
}

static int dmp_policy_decode(struct dmp_policy *policy, u32 length, struct netlink_ext_ack *extack)
{
	struct dmp_decode_error error;
	int ret;

	ret = dmp_decode(policy->bytes, length, &policy->rules.view, &error);
	if (!ret)
		return 0;
	if (error.rule == DMP_NO_RULE)
		dmp_say(extack, "malformed policy: %s", error.what);
	else
		dmp_say(extack, "malformed policy: rule number %u: %s", error.rule + 1, error.what);
	return ret;
}

static int dmp_policy_misaligned(const struct dmp_policy *policy, u32 index,
				 struct netlink_ext_ack *extack)
{
	struct dmp_rule rule;

	dmp_view_rule(&policy->rules.view, index, &rule);
	dmp_say(extack,
		"rule %08x (0x%llx-0x%llx) is not aligned to this kernel's pages of %lu bytes",
		rule.id, rule.first, rule.last, PAGE_SIZE);
	return -ERANGE;
}

/* Build the index in a scratch array of the worst case, keep what it needs. */
static int dmp_policy_index(struct dmp_policy *policy, struct netlink_ext_ack *extack)
{
	u32 bound = dmp_index_bound(policy->rules.view.header.rule_count);
	struct dmp_segment *scratch, *segments = NULL;
	u32 misaligned;
	s64 count;

	scratch = kvcalloc(bound + 1, sizeof(*scratch), GFP_KERNEL);
	if (!scratch)
		return -ENOMEM;
	count = dmp_index_build(&policy->rules.view, PAGE_SHIFT, scratch, &misaligned);
	if (count >= 0)
		segments = kvmalloc_array(count + 1, sizeof(*segments), GFP_KERNEL);
	if (segments) {
		memcpy(segments, scratch, count * sizeof(*segments));
		policy->rules.index.segments = segments;
		policy->rules.index.segment_count = count;
		policy->mapped = kvcalloc(BITS_TO_LONGS(2 * count + 1), sizeof(long), GFP_KERNEL);
	}
	kvfree(scratch);
	if (count < 0)
		return dmp_policy_misaligned(policy, misaligned, extack);
	return policy->mapped ? 0 : -ENOMEM;
}

static int dmp_policy_fill(struct dmp_policy *policy, const struct dmp_load *load,
			   const u8 *signature, u32 signature_bytes,
			   struct netlink_ext_ack *extack)
{
	int ret;

	/* Over the very bytes that are decoded and enforced from here on. */
	ret = dmp_trust_verify(policy->bytes, load->length, signature, signature_bytes, extack);
	if (!ret)
		ret = dmp_policy_decode(policy, load->length, extack);
	if (!ret)
		ret = dmp_policy_check_rules(policy, extack);
	if (!ret)
		ret = dmp_policy_index(policy, extack);
	return ret;
}

/* On success the policy owns load->bytes, whatever becomes of it later. */
static int dmp_policy_make(struct dmp_load *load, const u8 *signature, u32 signature_bytes,
			   const u8 *digest, struct dmp_policy **made,
			   struct netlink_ext_ack *extack)
{
	struct dmp_policy *policy;
	int ret;

	policy = kzalloc(sizeof(*policy), GFP_KERNEL);
	if (!policy)
		return -ENOMEM;
	refcount_set(&policy->users, 1);
	policy->bytes = load->bytes;
	policy->loaded_ns = ktime_get_real_ns();
	memcpy(policy->digest, digest, sizeof(policy->digest));
	ret = dmp_policy_fill(policy, load, signature, signature_bytes, extack);
	if (ret) {
		policy->bytes = NULL;
		dmp_policy_free(policy);
		return ret;
	}
	load->bytes = NULL;
	*made = policy;
	return 0;
}

static struct dmp_floor *dmp_floor_find(const char *name)
{
	struct dmp_floor *floor;

	lockdep_assert_held(&dmp_policy_lock);
	list_for_each_entry(floor, &dmp_floors, node)
		if (!strcmp(floor->name, name))
			return floor;
	return NULL;
}

static int dmp_floor_check(const struct dmp_header *header, struct netlink_ext_ack *extack)
{
	const struct dmp_floor *floor = dmp_floor_find(header->name);

	if (!floor || header->serial > floor->serial)
		return 0;
	if (header->serial == floor->serial) {
		dmp_say(extack,
			"serial %llu of policy %s was accepted before; sign it again with a higher one",
			header->serial, header->name);
		return -EALREADY;
	}
	dmp_say(extack,
		"serial %llu of policy %s is older than %llu, which was accepted before",
		header->serial, header->name, floor->serial);
	return -ESTALE;
}

/* Make sure that there is a floor, so that raising it later cannot fail. */
static struct dmp_floor *dmp_floor_get(const char *name)
{
	struct dmp_floor *floor = dmp_floor_find(name);

	if (floor)
		return floor;
	floor = kzalloc(sizeof(*floor), GFP_KERNEL);
	if (!floor)
		return NULL;
	memcpy(floor->name, name, sizeof(floor->name));
	list_add_tail(&floor->node, &dmp_floors);
	return floor;
}

static struct dmp_active *dmp_active_alloc(void)
{
	struct dmp_active *active = kzalloc(sizeof(*active), GFP_KERNEL);

	if (active)
		refcount_set(&active->users, 1);
	return active;
}

static void dmp_active_add(struct dmp_active *active, struct dmp_policy *policy)
{
	u32 slot = active->set.count++;

	refcount_inc(&policy->users);
	active->policies[slot] = policy;
	active->set.rules[slot] = &policy->rules;
	if (policy->rules.view.header.flags & DMP_FLAG_DEFAULT_DENY)
		active->set.default_deny = true;
	if (policy->has_deny)
		active->restricts = true;
	active->restricts |= active->set.default_deny;
}

/* A set like the one in force, without the policy called name. */
static struct dmp_active *dmp_active_without(const char *name)
{
	const struct dmp_active *old = dmp_active_locked();
	struct dmp_active *new = dmp_active_alloc();
	u32 i;

	for (i = 0; new && i < old->set.count; i++)
		if (strcmp(old->set.rules[i]->view.header.name, name))
			dmp_active_add(new, old->policies[i]);
	return new;
}

/*
 * Put a set in force, and take from live mappings what it does not grant. Once
 * synchronize_rcu() returns, every operation that pinned the old set has its mm
 * on the watch list; the barrier waits until their mappings can be found.
 */
static void dmp_active_replace(struct dmp_active *new, enum devmem_policy_reason reason)
{
	struct dmp_active *old = dmp_active_locked();

	rcu_assign_pointer(dmp_active, new);
	synchronize_rcu();
	dmp_revoke_barrier();
	dmp_revoke_lost(old, new, reason);
	dmp_active_unpin(old);
}

static void dmp_record_change(enum devmem_policy_event_kind kind, const struct dmp_policy *policy)
{
	struct dmp_record record;

	dmp_record_by(&record, current, kind);
	dmp_record_policy(&record, policy);
	record.fields |= DMP_RECORD_DIGEST;
	memcpy(record.digest, policy->digest, sizeof(record.digest));
	dmp_ring_publish(&record, false);
}

static void dmp_record_refusal(const struct dmp_load *load, const u8 *digest, int error)
{
	struct dmp_record record;

	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_POLICY_REFUSED);
	record.fields |= DMP_RECORD_POLICY | DMP_RECORD_DIGEST | DMP_RECORD_RESULT;
	memcpy(record.policy, load->header.name, sizeof(record.policy));
	record.serial = load->header.serial;
	memcpy(record.digest, digest, sizeof(record.digest));
	record.result = error;
	dmp_ring_publish(&record, false);
}

static int dmp_policy_install(struct dmp_policy *policy, struct netlink_ext_ack *extack)
{
	const struct dmp_header *header = &policy->rules.view.header;
	struct dmp_active *new;
	struct dmp_floor *floor;
	int ret;

	ret = dmp_floor_check(header, extack);
	if (ret)
		return ret;
	floor = dmp_floor_get(header->name);
	new = dmp_active_without(header->name);
	if (!floor || !new) {
		ret = -ENOMEM;
	} else if (new->set.count == DMP_MAX_POLICIES) {
		dmp_say(extack, "%d policies are registered already", DMP_MAX_POLICIES);
		ret = -ENOSPC;
	}
	if (ret) {
		if (new)
			dmp_active_free(new);
		return ret;
	}
	dmp_active_add(new, policy);
	floor->serial = header->serial;
	dmp_record_change(DEVMEM_POLICY_EVENT_POLICY_LOADED, policy);
	dmp_active_replace(new, DEVMEM_POLICY_REASON_REPLACED);
	pr_info("policy %s, serial %llu: %u rules in force\n", header->name, header->serial,
		header->rule_count);
	return 0;
}

/**
 * dmp_policy_load() - verify a policy and put it in force
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
int dmp_policy_load(struct dmp_load *load, const u8 *signature, u32 signature_bytes,
		    struct netlink_ext_ack *extack)
{
	u8 digest[DEVMEM_POLICY_DIGEST_BYTES];
	struct dmp_policy *policy = NULL;
	int ret;

	ret = dmp_trust_digest(load->bytes, load->length, digest);
	if (ret)
		return ret;
	ret = dmp_policy_make(load, signature, signature_bytes, digest, &policy, extack);
	mutex_lock(&dmp_policy_lock);
	if (!ret)
		ret = dmp_policy_install(policy, extack);
	if (ret)
		dmp_record_refusal(load, digest, ret);
	*(ret ? &dmp_failed_loads : &dmp_loads) += 1;
	mutex_unlock(&dmp_policy_lock);
	if (policy)
		dmp_policy_put(policy);
	if (ret == -ENOMEM)
		dmp_say(extack, "not enough memory for a policy of %u bytes", load->length);
	return ret;
}

static struct dmp_policy *dmp_policy_named(const char *name)
{
	const struct dmp_active *active = dmp_active_locked();
	u32 i;

	for (i = 0; i < active->set.count; i++)
		if (!strcmp(active->set.rules[i]->view.header.name, name))
			return active->policies[i];
	return NULL;
}

static int dmp_policy_remove_locked(const char *name, struct netlink_ext_ack *extack)
{
	struct dmp_policy *policy = dmp_policy_named(name);
	struct dmp_active *new;

	lockdep_assert_held(&dmp_policy_lock);
	if (!policy) {
		dmp_say(extack, "no policy of that name is registered");
		return -ENOENT;
	}
	new = dmp_active_without(name);
	if (!new)
		return -ENOMEM;
	dmp_record_change(DEVMEM_POLICY_EVENT_POLICY_REMOVED, policy);
	dmp_active_replace(new, DEVMEM_POLICY_REASON_REMOVED);
	pr_info("policy %s removed\n", name);
	return 0;
}

/**
 * dmp_policy_remove() - take a policy out of force; its serial is remembered
 * @name: the policy's name
 * @extack: gets a sentence on failure; may be NULL
 *
 * Context: Process; may sleep.
 * Return: 0, -ENOENT, -ENOMEM.
 */
int dmp_policy_remove(const char *name, struct netlink_ext_ack *extack)
{
	int ret;

	mutex_lock(&dmp_policy_lock);
	ret = dmp_policy_remove_locked(name, extack);
	mutex_unlock(&dmp_policy_lock);
	return ret;
}

/**
 * dmp_policy_withdraw_mappings() - tear down all granted mappings
 * @reason: why
 *
 * The policies stay. The caller has made sure that nothing is granted now.
 *
 * Context: Process; may sleep.
 */
void dmp_policy_withdraw_mappings(enum devmem_policy_reason reason)
{
	mutex_lock(&dmp_policy_lock);
	synchronize_rcu();
	dmp_revoke_barrier();
	dmp_revoke_lost(dmp_active_locked(), NULL, reason);
	mutex_unlock(&dmp_policy_lock);
}

/* dmp_policy_counts() - loads accepted and refused so far; process context */
void dmp_policy_counts(u64 *loads, u64 *failed)
{
	mutex_lock(&dmp_policy_lock);
	*loads = dmp_loads;
	*failed = dmp_failed_loads;
	mutex_unlock(&dmp_policy_lock);
}

int dmp_policy_init(void)
{
	struct dmp_active *active = dmp_active_alloc();

	if (!active)
		return -ENOMEM;
	RCU_INIT_POINTER(dmp_active, active);
	return 0;
}

/* No handler and no command runs any more. */
void dmp_policy_exit(void)
{
	struct dmp_floor *floor, *next;

	dmp_policy_reap();
	dmp_active_free(rcu_dereference_protected(dmp_active, true));
	list_for_each_entry_safe(floor, next, &dmp_floors, node)
		kfree(floor);
}
