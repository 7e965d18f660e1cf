/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * active.h - the policies that are in force
 */
#ifndef DMP_ACTIVE_H
#define DMP_ACTIVE_H

#include <linux/llist.h>

#include "policy.h"

struct dmp_operation;

/*
 * The policies in force; immutable, replaced whole. Flags that start with
 * "wants" save a decision what no policy asks for.
 */
struct dmp_active {
	struct dmp_rule_set set;
	refcount_t users; /* 1 for being in force, and each operation's pin */
	u64 generation; /* of no other set, from 1 */
	bool restricts; /* may refuse what the kernel allows */
	bool wants_program;
	u64 next_end_s; /* when the next rule ends, ~0: none; under the lock */
	struct llist_node dead; /* on the reaper's list */
	struct dmp_policy *policies[DMP_MAX_POLICIES];
};

int dmp_active_init(void);
void dmp_active_exit(void);
void dmp_active_reap(void);

int dmp_active_load(struct dmp_load *load, const u8 *signature, u32 signature_bytes,
		    struct netlink_ext_ack *extack);
int dmp_active_remove(const char *name, struct netlink_ext_ack *extack);
int dmp_active_resolve(struct netlink_ext_ack *extack);
void dmp_active_withdraw_mappings(enum devmem_policy_reason reason);
bool dmp_active_expire(void);

int dmp_active_revoke_range(u64 first, u64 last, struct netlink_ext_ack *extack);
int dmp_active_revoke_rules(const char *name, const u32 *rule_id,
			    struct netlink_ext_ack *extack);
int dmp_active_restore(void);

struct dmp_active *dmp_active_pin(void);
struct dmp_active *dmp_active_pin_here(void);
void dmp_active_bury(struct dmp_active *active);
void dmp_active_mapped(const struct dmp_operation *operation, u64 first_pfn, u64 last_pfn);
bool dmp_active_is_mapped(const struct dmp_operation *operation, u64 pfn);
u64 dmp_active_loads(void);

extern u64 dmp_generation; /* read by dmp_active_generation() */

/* dmp_active_generation() - of the set in force; any context, also handlers */
static inline u64 dmp_active_generation(void)
{
	return READ_ONCE(dmp_generation);
}

/* dmp_active_unpin() - the operation is over; any context, also handlers */
static inline void dmp_active_unpin(struct dmp_active *active)
{
	if (refcount_dec_and_test(&active->users))
		dmp_active_bury(active);
}

#endif /* DMP_ACTIVE_H */
