// SPDX-License-Identifier: GPL-2.0-only
/*
 * policy.c - one verified policy
 *
 * Made from the very bytes that were verified, and from then on immutable. Where
 * something about it has to change (a program was replaced, a rule withdrawn), it
 * is made again from a copy of its bytes.
 */
#include <linux/bitops.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "memory.h"
#include "message.h"
#include "policy.h"
#include "program.h"
#include "rails.h"
#include "reserved.h"
#include "trust.h"

static atomic64_t dmp_lineages;
static DEFINE_MUTEX(dmp_digest_lock); /* digest and digested, of all policies */

static void dmp_policy_free(struct dmp_policy *policy)
{
	kvfree(policy->rules.index.segments);
	kvfree(policy->rules.index.conditional);
	kvfree(policy->rules.index.conditional_at);
	kvfree(policy->programs);
	kvfree(policy->withdrawn);
	kvfree(policy->program_errors);
	dmp_marks_free(&policy->marks);
	kvfree(policy->bytes);
	kfree(policy);
}

/* dmp_policy_put() - one user less; process context */
void dmp_policy_put(struct dmp_policy *policy)
{
	if (refcount_dec_and_test(&policy->users))
		dmp_policy_free(policy);
}

/**
 * dmp_policy_digest() - SHA-256 of the policy's bytes
 * @policy: the policy
 * @digest: DEVMEM_POLICY_DIGEST_BYTES bytes
 *
 * Made when it is asked for first: whoever registers a policy waits for its signature
 * already, which takes as long.
 *
 * Context: Process; may sleep.
 * Return: 0, or what SHA-256 says.
 */
int dmp_policy_digest(struct dmp_policy *policy, u8 *digest)
{
	int ret = 0;

	mutex_lock(&dmp_digest_lock);
	if (!policy->digested)
		ret = dmp_trust_digest(policy->bytes, policy->length, policy->digest);
	if (!ret) {
		policy->digested = true;
		memcpy(digest, policy->digest, sizeof(policy->digest));
	}
	mutex_unlock(&dmp_digest_lock);
	return ret;
}

/* dmp_policy_rule_id() - the id of rule number rule; any context */
u32 dmp_policy_rule_id(const struct dmp_policy *policy, u32 rule)
{
	return dmp_load32(dmp_rule_record(&policy->rules.view, rule) + DMP_RULE_ID);
}

static const u8 *dmp_policy_attributes(const struct dmp_policy *policy, u32 rule)
{
	const struct dmp_view *view = &policy->rules.view;

	return dmp_rule_attributes(view, dmp_rule_record(view, rule));
}

/* dmp_policy_rule_end() - when rule number rule itself ends, seconds; 0: never */
u64 dmp_policy_rule_end(const struct dmp_policy *policy, u32 rule)
{
	const u8 *attributes = dmp_policy_attributes(policy, rule);

	return attributes ? dmp_load64(attributes + DMP_ATTRIBUTE_UNTIL) : 0;
}

static int dmp_policy_check_rule(struct dmp_policy *policy, u32 index, u64 *prepared_pfn,
				 struct netlink_ext_ack *extack)
{
	struct dmp_rule rule;

	dmp_view_rule(&policy->rules.view, index, &rule);
	policy->has_deny |= rule.action == DEVMEM_POLICY_DENY;
	policy->has_exe |= !!(rule.conditions & DEVMEM_POLICY_CONDITION_EXE);
	if (!dmp_rails_physical(rule.last)) {
		dmp_say(extack,
			"rule %08x (0x%llx-0x%llx) ends beyond the %u-bit physical address space",
			rule.id, rule.first, rule.last, dmp_physical_bits());
		return -ERANGE;
	}
	if (rule.action != DEVMEM_POLICY_ALLOW)
		return 0;
	if (dmp_rails_kernel_image(rule.first, rule.last)) {
		dmp_say(extack,
			"rule %08x (0x%llx-0x%llx) covers the running kernel's image, which is never granted",
			rule.id, rule.first, rule.last);
		return -EACCES;
	}
	/* In the order of rules, most need what the one before needed. */
	if (dmp_reserved_same(*prepared_pfn, rule.first >> PAGE_SHIFT) &&
	    dmp_reserved_same(*prepared_pfn, rule.last >> PAGE_SHIFT))
		return 0;
	*prepared_pfn = rule.last >> PAGE_SHIFT;
	return dmp_reserved_prepare(rule.first >> PAGE_SHIFT, rule.last >> PAGE_SHIFT);
}

static int dmp_policy_check_rules(struct dmp_policy *policy, struct netlink_ext_ack *extack)
{
	u64 prepared_pfn = U64_MAX; /* a page for whose surroundings notes can be taken */
	int ret = 0;
	u32 i;

	for (i = 0; i < dmp_policy_header(policy)->rule_count && !ret; i++) {
		ret = dmp_policy_check_rule(policy, i, &prepared_pfn, extack);
		cond_resched();
	}
	return ret;
}

static int dmp_policy_decode(struct dmp_policy *policy, struct netlink_ext_ack *extack)
{
	struct dmp_decode_error error;
	int ret;

	ret = dmp_decode(policy->bytes, policy->length, &policy->rules.view, &error);
	if (!ret)
		return 0;
	if (error.rule == DMP_NO_RULE)
		dmp_say(extack, "malformed policy: %s", error.what);
	else
		dmp_say(extack, "malformed policy: rule number %u: %s", error.rule + 1, error.what);
	return ret;
}

static const char *dmp_attribute_exe(const struct dmp_policy *policy, u32 attribute)
{
	const struct dmp_view *view = &policy->rules.view;
	const u8 *record = view->attributes + (size_t)attribute * DMP_ATTRIBUTE_BYTES;

	return view->strings + dmp_load32(record + DMP_ATTRIBUTE_EXE);
}

static int dmp_policy_alloc_programs(struct dmp_policy *policy)
{
	u32 count = dmp_policy_header(policy)->attribute_count;

	policy->programs = dmp_zalloc(count, sizeof(*policy->programs));
	policy->program_errors = dmp_zalloc(count, sizeof(*policy->program_errors));
	policy->rules.programs = policy->programs;
	return policy->programs && policy->program_errors ? 0 : -ENOMEM;
}

static int dmp_policy_resolve_auditor(struct dmp_policy *policy, struct netlink_ext_ack *extack)
{
	const char *path = dmp_policy_auditor(policy);

	return *path ? dmp_program_resolve(path, &policy->auditor, extack) : 0;
}

static int dmp_policy_resolve_rules(struct dmp_policy *policy, bool leniently,
				    struct netlink_ext_ack *extack)
{
	u32 count = dmp_policy_header(policy)->attribute_count, i;
	int ret;

	if (!policy->has_exe)
		return 0;
	ret = dmp_policy_alloc_programs(policy);
	for (i = 0; i < count && !ret; i++) {
		const char *path = dmp_attribute_exe(policy, i);

		if (*path)
			ret = dmp_program_resolve(path, &policy->programs[i], extack);
		policy->program_errors[i] = ret;
		if (leniently && ret != -ENOMEM)
			ret = 0;
		cond_resched();
	}
	return ret;
}

/* Look up the programs. Leniently, one that is not there is nobody's program. */
static int dmp_policy_resolve(struct dmp_policy *policy, bool leniently,
			      struct netlink_ext_ack *extack)
{
	int ret = dmp_policy_resolve_auditor(policy, extack);

	if (ret && (!leniently || ret == -ENOMEM))
		return ret;
	return dmp_policy_resolve_rules(policy, leniently, extack);
}

static int dmp_policy_copy_programs(struct dmp_policy *policy, const struct dmp_policy *old)
{
	size_t count = dmp_policy_header(policy)->attribute_count;
	int ret;

	policy->auditor = old->auditor;
	if (!policy->has_exe)
		return 0;
	ret = dmp_policy_alloc_programs(policy);
	if (ret)
		return ret;
	memcpy(policy->programs, old->programs, count * sizeof(*policy->programs));
	memcpy(policy->program_errors, old->program_errors,
	       count * sizeof(*policy->program_errors));
	return 0;
}

static int dmp_policy_not_indexed(const struct dmp_policy *policy, u32 index, int error,
				  struct netlink_ext_ack *extack)
{
	struct dmp_rule rule;

	dmp_view_rule(&policy->rules.view, index, &rule);
	if (error == -E2BIG)
		dmp_say(extack,
			"rule %08x (0x%llx-0x%llx) is one too many with conditions there: %u may name the same page",
			rule.id, rule.first, rule.last, DMP_MAX_CONDITIONAL);
	else
		dmp_say(extack,
			"rule %08x (0x%llx-0x%llx) is not aligned to this kernel's pages of %lu bytes",
			rule.id, rule.first, rule.last, PAGE_SIZE);
	return error;
}

static int dmp_policy_index_alloc(struct dmp_index *index, struct dmp_index_build *build)
{
	build->segments = dmp_zalloc(build->segment_count, sizeof(*build->segments));
	index->segments = build->segments;
	if (!build->segments)
		return -ENOMEM;
	if (!build->conditional_count)
		return 0;
	build->conditional = dmp_zalloc(build->conditional_count, sizeof(u32));
	build->conditional_at = dmp_zalloc(build->segment_count + 1, sizeof(u32));
	index->conditional = build->conditional;
	index->conditional_at = build->conditional_at;
	return build->conditional && build->conditional_at ? 0 : -ENOMEM;
}

/* Count first, then build with just the room that it takes. */
static int dmp_policy_index(struct dmp_policy *policy, struct netlink_ext_ack *extack)
{
	struct dmp_index_build build = {
		.view = &policy->rules.view,
		.withdrawn = policy->withdrawn,
		.page_shift = PAGE_SHIFT,
	};
	struct dmp_index *index = &policy->rules.index;
	int ret;

	ret = dmp_index_build(&build);
	if (ret)
		return dmp_policy_not_indexed(policy, build.rule, ret, extack);
	ret = dmp_policy_index_alloc(index, &build);
	if (!ret)
		ret = dmp_index_build(&build);
	if (ret)
		return ret;
	index->segment_count = build.segment_count;
	index->conditional_count = build.conditional_count;
	return dmp_marks_init(&policy->marks, index);
}

static struct dmp_policy *dmp_policy_alloc(const u8 *bytes, u32 length)
{
	struct dmp_policy *policy = kzalloc(sizeof(*policy), GFP_KERNEL);

	if (!policy)
		return NULL;
	refcount_set(&policy->users, 1);
	policy->bytes = bytes;
	policy->length = length;
	policy->loaded_ns = ktime_get_real_ns();
	policy->lineage = atomic64_inc_return(&dmp_lineages);
	return policy;
}

static int dmp_policy_fill(struct dmp_policy *policy, const u8 *signature, u32 signature_bytes,
			   struct netlink_ext_ack *extack)
{
	int ret;

	/* Over the very bytes that are decoded and enforced from here on. */
	ret = dmp_trust_verify(policy->bytes, policy->length, signature, signature_bytes, extack);
	if (!ret)
		ret = dmp_policy_decode(policy, extack);
	if (!ret)
		ret = dmp_policy_check_rules(policy, extack);
	if (!ret)
		ret = dmp_policy_resolve(policy, false, extack);
	if (!ret)
		ret = dmp_policy_index(policy, extack);
	return ret;
}

/**
 * dmp_policy_make() - verify a policy, and get it ready to be asked
 * @load: the whole policy; bytes is NULL afterwards if they were taken over
 * @signature: detached PKCS#7/CMS, DER
 * @signature_bytes: its length; 0: there is none
 * @made: the policy, with one reference
 * @extack: gets a sentence on failure; may be NULL
 *
 * On success the policy owns load->bytes, whatever becomes of it later.
 *
 * Context: Process; may sleep.
 * Return: 0 or an errno of the table in the UAPI header.
 */
int dmp_policy_make(struct dmp_load *load, const u8 *signature, u32 signature_bytes,
		    struct dmp_policy **made, struct netlink_ext_ack *extack)
{
	struct dmp_policy *policy = dmp_policy_alloc(load->bytes, load->length);
	int ret;

	if (!policy)
		return -ENOMEM;
	ret = dmp_policy_fill(policy, signature, signature_bytes, extack);
	if (ret) {
		policy->bytes = NULL;
		dmp_policy_free(policy);
		return ret;
	}
	load->bytes = NULL;
	*made = policy;
	return 0;
}

static int dmp_policy_refill(struct dmp_policy *policy, const struct dmp_policy *old,
			     const u8 *withdrawn, bool resolve)
{
	size_t set_bytes = BITS_TO_BYTES(dmp_policy_header(old)->rule_count);
	int ret;

	if (withdrawn) {
		policy->withdrawn = dmp_zalloc(set_bytes, 1);
		if (!policy->withdrawn)
			return -ENOMEM;
		memcpy(policy->withdrawn, withdrawn, set_bytes);
		policy->rules.withdrawn = policy->withdrawn;
	}
	ret = dmp_policy_decode(policy, NULL);
	if (!ret)
		ret = dmp_policy_check_rules(policy, NULL);
	if (!ret && resolve)
		ret = dmp_policy_resolve(policy, true, NULL);
	else if (!ret)
		ret = dmp_policy_copy_programs(policy, old);
	return ret ? ret : dmp_policy_index(policy, NULL);
}

/**
 * dmp_policy_remake() - the same policy, with something changed about it
 * @old: the policy
 * @withdrawn: set of rules that are withdrawn; NULL: none
 * @resolve: look up its programs again; one that is not there is nobody's
 * @made: the new one, with one reference, and without marks
 *
 * Context: Process; may sleep.
 * Return: 0 or -ENOMEM; nothing else can go wrong with what was verified.
 */
int dmp_policy_remake(const struct dmp_policy *old, const u8 *withdrawn, bool resolve,
		      struct dmp_policy **made)
{
	u8 *bytes = dmp_zalloc(old->length, 1);
	struct dmp_policy *policy;
	int ret;

	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, old->bytes, old->length);
	policy = dmp_policy_alloc(bytes, old->length);
	if (!policy) {
		kvfree(bytes);
		return -ENOMEM;
	}
	ret = dmp_policy_refill(policy, old, withdrawn, resolve);
	if (ret) {
		dmp_policy_free(policy);
		return ret;
	}
	if (!resolve)
		policy->lineage = old->lineage;
	*made = policy;
	return 0;
}

static bool dmp_policy_withdraws(const struct dmp_policy *policy, u32 rule, const u32 *rule_id)
{
	const u8 *record = dmp_rule_record(&policy->rules.view, rule);

	return record[DMP_RULE_ACTION] == DEVMEM_POLICY_ALLOW &&
	       (!rule_id || dmp_load32(record + DMP_RULE_ID) == *rule_id);
}

/**
 * dmp_policy_withdrawn_set() - what is withdrawn, and these allow rules besides
 * @policy: the policy
 * @rule_id: of this rule alone; NULL: all
 * @any: is there such a rule?
 *
 * Context: Process; may sleep.
 * Return: the set, to be freed with kvfree(), or NULL without memory.
 */
u8 *dmp_policy_withdrawn_set(const struct dmp_policy *policy, const u32 *rule_id, bool *any)
{
	u32 count = dmp_policy_header(policy)->rule_count, i;
	u8 *set = dmp_zalloc(BITS_TO_BYTES(count) + 1, 1);

	*any = false;
	if (set && policy->withdrawn)
		memcpy(set, policy->withdrawn, BITS_TO_BYTES(count));
	for (i = 0; set && i < count; i++) {
		if (!dmp_policy_withdraws(policy, i, rule_id))
			continue;
		set[i / 8] |= 1u << i % 8;
		*any = true;
	}
	return set;
}

/**
 * dmp_policy_program_changed() - is a rule's program another file than before?
 * @policy: the policy
 * @old: what it was made again from
 * @rule: number of the rule
 *
 * Context: Process.
 */
bool dmp_policy_program_changed(const struct dmp_policy *policy, const struct dmp_policy *old,
				u32 rule)
{
	const u8 *attributes = dmp_policy_attributes(policy, rule);
	const struct dmp_program *now, *before;
	size_t index;

	if (!policy->programs || !attributes || !dmp_load32(attributes + DMP_ATTRIBUTE_EXE))
		return false;
	index = (attributes - policy->rules.view.attributes) / DMP_ATTRIBUTE_BYTES;
	now = &policy->programs[index];
	before = &old->programs[index];
	return dmp_program_changed(now, before);
}

/* dmp_policy_auditor_changed() - likewise, of the auditor that it names; process context */
bool dmp_policy_auditor_changed(const struct dmp_policy *policy, const struct dmp_policy *old)
{
	return dmp_program_changed(&policy->auditor, &old->auditor);
}

/* dmp_policy_suits() - may this program be auditor, as far as policy goes? any context */
bool dmp_policy_suits(const struct dmp_policy *policy, const struct dmp_program *auditor)
{
	return !*dmp_policy_auditor(policy) || dmp_program_same(&policy->auditor, auditor);
}
