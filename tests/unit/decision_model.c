// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * decision_model.c - the decision once more, as plainly as it can be said
 *
 * From DESIGN.md, "Decision": a matching deny rule; else a matching allow rule,
 * if every rail is passed; else the default. What matches is in the protocol's
 * header, "Who a rule is for" and "Time".
 */
#include "decision_model.h"

/* Of one operation, in the order of the reasons that a record may have. */
struct opinion {
	enum model_nearness nearness;
	bool unreserved;
	unsigned long rules;
};

static bool in_range(const struct model_range *range, unsigned long page)
{
	return range->first_page <= page && page <= range->last_page;
}

static bool is_member(const struct model_subject *subject, unsigned int gid)
{
	unsigned int i;

	for (i = 0; i < subject->group_count; i++) {
		if (subject->groups[i] == gid)
			return true;
	}
	return subject->gid == gid;
}

bool model_rule_is_for(const struct model_rule *rule, const struct model_subject *subject)
{
	if (rule->uid != MODEL_ANYBODY && rule->uid != subject->uid)
		return false;
	if (rule->gid != MODEL_ANYBODY && !is_member(subject, rule->gid))
		return false;
	return rule->exe == MODEL_ANY_FILE || rule->exe == subject->exe;
}

static bool is_over(long end, long latest)
{
	return end != MODEL_NEVER && latest >= end;
}

/* A policy's own end bounds what it allows, not what it denies. */
bool model_has_ended(const struct model_policy *policy, const struct model_rule *rule,
		     long latest)
{
	return is_over(rule->until, latest) || (!rule->deny && is_over(policy->expires, latest));
}

static bool page_is_withdrawn(const struct model_world *world, unsigned long page)
{
	unsigned int i;

	for (i = 0; i < world->withdrawn_count; i++) {
		if (in_range(&world->withdrawn[i], page))
			return true;
	}
	return false;
}

/* A deny rule that is for somebody else, or has ended, says nothing. */
static enum model_nearness ask_deny(const struct model_world *world,
				    const struct model_policy *policy,
				    const struct model_rule *rule,
				    const struct model_access *access)
{
	if (!model_rule_is_for(rule, &access->subject) ||
	    model_has_ended(policy, rule, world->latest))
		return MODEL_ELSEWHERE;
	return MODEL_DENIES;
}

static enum model_nearness ask_allow(const struct model_world *world,
				     const struct model_policy *policy,
				     const struct model_rule *rule,
				     const struct model_access *access)
{
	if (!model_rule_is_for(rule, &access->subject))
		return MODEL_OTHER_SUBJECT;
	if (model_has_ended(policy, rule, world->latest))
		return MODEL_ENDED;
	if (world->now < policy->not_before)
		return MODEL_NOT_BEGUN;
	if (rule->withdrawn || page_is_withdrawn(world, access->page))
		return MODEL_WITHDRAWN;
	return MODEL_ALLOWS;
}

/* How near does a rule come to deciding about reading, or writing? */
static enum model_nearness ask(const struct model_world *world, const struct model_policy *policy,
			       const struct model_rule *rule, const struct model_access *access,
			       bool writing)
{
	if (!in_range(&rule->pages, access->page))
		return MODEL_ELSEWHERE;
	if (writing ? !rule->write : !rule->read)
		return MODEL_OTHER_OPERATION;
	return rule->deny ? ask_deny(world, policy, rule, access) :
			    ask_allow(world, policy, rule, access);
}

static void take(struct opinion *opinion, enum model_nearness nearness, bool unreserved,
		 unsigned long rule)
{
	bool without_rail = nearness == MODEL_ALLOWS && unreserved;

	if (nearness == MODEL_ELSEWHERE || nearness < opinion->nearness)
		return;
	if (nearness > opinion->nearness || without_rail > opinion->unreserved) {
		opinion->nearness = nearness;
		opinion->unreserved = without_rail;
		opinion->rules = 0;
	}
	if (without_rail == opinion->unreserved)
		opinion->rules |= rule;
}

static struct opinion ask_all(const struct model_world *world, const struct model_access *access,
			      bool enforced, bool writing)
{
	struct opinion opinion = { MODEL_ELSEWHERE, false, 0 };
	const struct model_policy *policy;
	unsigned int p, r;

	for (p = 0; p < world->count; p++) {
		policy = &world->policies[p];
		if (enforced && policy->permissive)
			continue;
		for (r = 0; r < policy->count; r++)
			take(&opinion, ask(world, policy, &policy->rules[r], access, writing),
			     policy->rules[r].unreserved, 1ul << (MODEL_MAX_RULES * p + r));
	}
	return opinion;
}

/*
 * A shared writable mapping reads and writes: one deny is enough, both must be
 * allowed, and else it fails for the one that is further from being allowed.
 */
static struct opinion both(const struct opinion *reading, const struct opinion *writing)
{
	struct opinion worse = *writing;

	if (reading->nearness == MODEL_DENIES && writing->nearness == MODEL_DENIES) {
		worse.rules |= reading->rules;
		return worse;
	}
	if (reading->nearness == MODEL_DENIES)
		return *reading;
	if (writing->nearness == MODEL_DENIES)
		return worse;
	if (reading->nearness < writing->nearness)
		return *reading;
	if (reading->nearness == MODEL_ALLOWS)
		worse.unreserved = reading->unreserved && writing->unreserved;
	else if (reading->nearness == writing->nearness)
		worse.rules |= reading->rules;
	return worse;
}

struct model_ruling model_rule_on(const struct model_world *world,
				  const struct model_access *access, bool enforced)
{
	struct opinion reading = ask_all(world, access, enforced, false);
	struct opinion writing = ask_all(world, access, enforced, true);
	struct opinion opinion;

	switch (access->operation) {
	case DEVMEM_POLICY_OPERATION_MMAP_WRITE:
		opinion = both(&reading, &writing);
		break;
	case DEVMEM_POLICY_OPERATION_WRITE:
		opinion = writing;
		break;
	default:
		opinion = reading;
		break;
	}
	return (struct model_ruling){ opinion.nearness, opinion.unreserved, opinion.rules };
}

static bool is_mapping(const struct model_access *access)
{
	return access->operation == DEVMEM_POLICY_OPERATION_MMAP_READ ||
	       access->operation == DEVMEM_POLICY_OPERATION_MMAP_WRITE;
}

/* Zeros are a refusal too. */
static bool kernel_gives_it(const struct model_access *access)
{
	return access->baseline == DEVMEM_POLICY_BASELINE_ALLOW ||
	       (access->baseline == DEVMEM_POLICY_BASELINE_MASK && is_mapping(access));
}

/* The first rail that holds it back. */
static enum devmem_policy_reason rail(const struct model_world *world,
				      const struct model_access *access, bool unreserved)
{
	if (world->stopping)
		return DEVMEM_POLICY_REASON_UNLOADING;
	if (access->executable)
		return DEVMEM_POLICY_REASON_EXECUTABLE;
	if (!access->revocable)
		return DEVMEM_POLICY_REASON_BUSY;
	if (!access->reserved && !unreserved)
		return DEVMEM_POLICY_REASON_NOT_RESERVED;
	return world->auditor;
}

static enum devmem_policy_reason reason_of(enum model_nearness nearness)
{
	switch (nearness) {
	case MODEL_OTHER_OPERATION:
		return DEVMEM_POLICY_REASON_OPERATION;
	case MODEL_OTHER_SUBJECT:
		return DEVMEM_POLICY_REASON_SUBJECT;
	case MODEL_ENDED:
		return DEVMEM_POLICY_REASON_EXPIRED;
	case MODEL_NOT_BEGUN:
		return DEVMEM_POLICY_REASON_NOT_YET;
	case MODEL_WITHDRAWN:
		return DEVMEM_POLICY_REASON_WITHDRAWN;
	default:
		return DEVMEM_POLICY_REASON_NO_RULE;
	}
}

/* Does a policy that counts say default deny? */
static bool default_is_deny(const struct model_world *world, bool enforced)
{
	unsigned int p;

	for (p = 0; p < world->count; p++) {
		if (world->policies[p].default_deny &&
		    !(enforced && world->policies[p].permissive))
			return true;
	}
	return false;
}

/* What the kernel alone does; a record only of what is refused. */
static struct model_answer kernels(const struct model_access *access,
				   enum devmem_policy_reason reason, unsigned long rules)
{
	struct model_answer answer = {
		.allowed = (int)access->baseline,
		.reason = reason,
		.rules = rules,
	};

	if (access->baseline == DEVMEM_POLICY_BASELINE_DENY)
		answer.kind = DEVMEM_POLICY_EVENT_DENIAL;
	return answer;
}

static struct model_answer refused(enum devmem_policy_reason reason, unsigned long rules)
{
	return (struct model_answer){ 0, DEVMEM_POLICY_EVENT_DENIAL, reason, 0, rules };
}

/* What a rule allows is granted if every rail is passed; otherwise the default decides. */
static struct model_answer allowed(const struct model_world *world,
				   const struct model_access *access,
				   const struct model_ruling *ruling, bool enforced)
{
	enum devmem_policy_reason reason;

	if (kernel_gives_it(access))
		return kernels(access, DEVMEM_POLICY_REASON_UNSPEC, ruling->rules);
	reason = rail(world, access, ruling->unreserved);
	if (reason != DEVMEM_POLICY_REASON_UNSPEC && default_is_deny(world, enforced))
		return refused(reason, ruling->rules);
	if (reason != DEVMEM_POLICY_REASON_UNSPEC)
		return kernels(access, reason, ruling->rules);
	return (struct model_answer){ 1, DEVMEM_POLICY_EVENT_GRANT,
				      DEVMEM_POLICY_REASON_ALLOW_RULE, 0, ruling->rules };
}

/* What is done if all that counts is enforced. */
static struct model_answer enforce(const struct model_world *world,
				   const struct model_access *access, bool enforced)
{
	struct model_ruling ruling = model_rule_on(world, access, enforced);
	enum devmem_policy_reason reason = reason_of(ruling.nearness);

	if (ruling.nearness == MODEL_DENIES)
		return refused(DEVMEM_POLICY_REASON_DENY_RULE, ruling.rules);
	if (ruling.nearness == MODEL_ALLOWS)
		return allowed(world, access, &ruling, enforced);
	if (!default_is_deny(world, enforced))
		return kernels(access, reason, ruling.rules);
	if (reason == DEVMEM_POLICY_REASON_NO_RULE)
		reason = DEVMEM_POLICY_REASON_DEFAULT_DENY;
	return refused(reason, ruling.rules);
}

static bool anything_is_permissive(const struct model_world *world)
{
	unsigned int p;

	for (p = 0; p < world->count; p++) {
		if (world->policies[p].permissive)
			return true;
	}
	return world->permissive;
}

/* Did a policy that is enforced make a difference? */
static bool is_done_by_a_policy(const struct model_answer *done, const struct model_access *access)
{
	return done->allowed != (int)access->baseline ||
	       done->reason == DEVMEM_POLICY_REASON_DENY_RULE ||
	       done->reason == DEVMEM_POLICY_REASON_DEFAULT_DENY;
}

/*
 * A record tells what happened and why. Where that is the kernel's own doing, why
 * is what enforcing everything would have brought.
 */
struct model_answer model_decide(const struct model_world *world,
				 const struct model_access *access)
{
	struct model_answer done = enforce(world, access, true);
	struct model_answer all = enforce(world, access, false);

	if (!anything_is_permissive(world))
		return done;
	if (world->permissive)
		done = kernels(access, DEVMEM_POLICY_REASON_NO_RULE, 0);
	if (!is_done_by_a_policy(&done, access)) {
		done.reason = all.reason;
		done.rules = all.rules;
		if (!done.kind && all.kind)
			done.kind = DEVMEM_POLICY_EVENT_PERMITTED;
	}
	if (done.kind)
		done.would = all.kind == DEVMEM_POLICY_EVENT_DENIAL ?
				     DEVMEM_POLICY_WOULD_REFUSE :
				     DEVMEM_POLICY_WOULD_PERMIT;
	return done;
}
