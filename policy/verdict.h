/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict.h - grant, deny or leave alone: one page of one operation
 *
 * Compiled unchanged into the module and the programs. Pure: this is the whole
 * decision, once it is known what the kernel and the policies say.
 */
#ifndef DEVMEM_POLICY_VERDICT_H
#define DEVMEM_POLICY_VERDICT_H

#include <linux/devmem_policy.h>

#include "ruling.h"

enum dmp_outcome {
	DMP_OUTCOME_BASELINE, /* the kernel's own verdict stands */
	DMP_OUTCOME_GRANT,
	DMP_OUTCOME_DENIAL,
	DMP_OUTCOME_PERMITTED, /* it stands only because something is permissive */
};

/* What is known when the question is put. */
struct dmp_facts {
	u8 baseline; /* enum devmem_policy_baseline */
	bool mapping; /* mmap, not read or write */
	bool executable; /* PROT_EXEC was asked for */
	bool watched; /* were it granted, it could be revoked */
	bool reserved; /* no RAM, or RAM that the allocator does not own */
	bool stopping; /* the module is going */
	u8 auditor; /* enum devmem_policy_reason: UNSPEC, NO_AUDITOR, UNPROVEN */
};

struct dmp_verdict {
	enum dmp_outcome outcome;
	int allowed; /* what devmem_is_allowed() is to return */
	u8 baseline; /* enum devmem_policy_baseline */
	u8 reason; /* enum devmem_policy_reason */
	u8 would; /* enum devmem_policy_would; 0 where all is enforced */
	bool default_deny; /* what is not granted is refused */
	u32 policy; /* index into the set, or DMP_NO_RULE */
	u32 rule; /* index into the policy's rules, or DMP_NO_RULE */
};

/*
 * Masked pages (x86, RAM under 1 MiB) read as zeros and swallow writes, which
 * is a refusal; a mapping of them shows what is there, which is not.
 */
static inline bool dmp_kernel_refuses(const struct dmp_facts *facts)
{
	return facts->baseline == DEVMEM_POLICY_BASELINE_DENY ||
	       (facts->baseline == DEVMEM_POLICY_BASELINE_MASK && !facts->mapping);
}

/*
 * dmp_verdict_wants() - does it depend on the rails (reserved, auditor)?
 *
 * Those facts need not be known otherwise.
 */
static inline bool dmp_verdict_wants(const struct dmp_ruling *ruling,
				     const struct dmp_facts *facts)
{
	return ruling->kind == DMP_RULING_ALLOW && dmp_kernel_refuses(facts);
}

/*
 * dmp_verdict_make() - the verdict, were the ruling enforced
 * @default_deny: does a policy that counts say so?
 */
void dmp_verdict_make(const struct dmp_ruling *ruling, bool default_deny,
		      const struct dmp_facts *facts, struct dmp_verdict *verdict);

/* dmp_verdict_none() - the verdict where nothing is enforced: the kernel's own */
void dmp_verdict_none(const struct dmp_facts *facts, struct dmp_verdict *verdict);

/*
 * dmp_verdict_compare() - say in *verdict, which is enforced, what would be
 * @all: the verdict, were everything enforced
 */
void dmp_verdict_compare(struct dmp_verdict *verdict, const struct dmp_verdict *all);

/*
 * dmp_verdict_withdraw() - a grant cannot be after all: the default decides
 * @reason: why
 */
void dmp_verdict_withdraw(struct dmp_verdict *verdict, enum devmem_policy_reason reason);

#endif /* DEVMEM_POLICY_VERDICT_H */
