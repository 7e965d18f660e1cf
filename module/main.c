// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - coming and going
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/moduleparam.h>

#include "active.h"
#include "anchors.h"
#include "auditor.h"
#include "bell.h"
#include "decision.h"
#include "floor.h"
#include "mode.h"
#include "netlink.h"
#include "operation.h"
#include "probe.h"
#include "rails.h"
#include "reserved.h"
#include "revoke.h"
#include "ring.h"
#include "slot.h"
#include "strict.h"
#include "transaction.h"
#include "tripwire.h"
#include "trust.h"

/* Whoever reads the ring sees where a sequence begins, and who began it. */
static int dmp_record_loaded(void)
{
	struct dmp_record record;

	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_MODULE_LOADED);
	dmp_ring_publish(&record, false);
	return 0;
}

/* Everything granted is taken back before a probe goes. */
static void dmp_withdraw(void)
{
	dmp_decisions_stop();
	dmp_active_withdraw_mappings(DEVMEM_POLICY_REASON_UNLOADING);
}

/*
 * Nothing is granted or counted from here on, so the last record can tell all; and
 * while there are commands still, the auditor can fetch it.
 */
static void dmp_record_unloading(void)
{
	struct dmp_counters counters;
	struct dmp_record record;

	dmp_withdraw();
	dmp_transactions_end();
	dmp_probes_disarm();
	dmp_operations_end();
	dmp_ring_flush();
	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_MODULE_UNLOADING);
	dmp_ring_publish(&record, false);
	dmp_counters_sum(&counters);
	pr_notice("unloading: %llu pages were granted, %llu denied, since it was loaded\n",
		  counters.granted_pages, counters.denied_pages);
	dmp_auditor_farewell();
}

/*
 * Each step may rely on those before it; leaving is the mirror image. What
 * handlers use is there before the probes; what user space sees comes last and
 * goes first.
 */
static const struct dmp_step {
	const char *name;
	int (*init)(void);
	void (*exit)(void);
} dmp_steps[] = {
	{ "strict /dev/mem", dmp_strict_init, NULL },
	{ "rails", dmp_rails_init, NULL },
	{ "trust", dmp_trust_init, dmp_trust_exit },
	{ "ring", dmp_ring_init, dmp_ring_exit },
	{ "floors", dmp_floors_init, dmp_floors_exit },
	{ "reservations", NULL, dmp_reserved_exit },
	{ "policies", dmp_active_init, dmp_active_exit },
	{ "auditor", dmp_auditor_init, dmp_auditor_exit },
	{ "slots", dmp_slots_init, dmp_slots_exit },
	{ "bell", NULL, dmp_bell_silence },
	{ "first record", dmp_record_loaded, NULL },
	{ "watch list", NULL, dmp_revoke_barrier },
	{ "tripwire", dmp_tripwire_init, dmp_tripwire_exit },
	{ "operations", NULL, dmp_operations_end },
	{ "probes", dmp_probes_init, dmp_probes_disarm },
	{ "grants", NULL, dmp_withdraw },
	{ "mode", dmp_mode_init, dmp_mode_exit },
	{ "transactions", NULL, dmp_transactions_exit },
	{ "netlink", dmp_netlink_init, dmp_netlink_exit },
	{ "last record", NULL, dmp_record_unloading },
};

#ifdef DMP_TEST
/* Test builds only: fail before step number fail_init, or after the last. */
static int fail_init = -1;
module_param(fail_init, int, 0444);
MODULE_PARM_DESC(fail_init, "Fail before this step of init (tests)");

static int dmp_inject(unsigned int step)
{
	return step == fail_init ? -ENOMEM : 0;
}
#else
static int dmp_inject(unsigned int step)
{
	return 0;
}
#endif

#if defined(DMP_TEST) && defined(CONFIG_FAULT_INJECTION)
/*
 * Test builds only: allocation number fail_nth of init fails. If there are fewer, so
 * many more it would have taken are left in fail_left.
 */
static unsigned int fail_nth, fail_left;
module_param(fail_nth, uint, 0444);
MODULE_PARM_DESC(fail_nth, "Fail this allocation of init, from 1 (tests)");
module_param(fail_left, uint, 0444);
MODULE_PARM_DESC(fail_left, "How many allocations init was short of that (tests)");

static void dmp_faults_begin(void)
{
	WRITE_ONCE(current->fail_nth, fail_nth);
}

static void dmp_faults_end(void)
{
	fail_left = READ_ONCE(current->fail_nth);
	WRITE_ONCE(current->fail_nth, 0);
}
#else
static void dmp_faults_begin(void)
{
}

static void dmp_faults_end(void)
{
}
#endif

static void dmp_undo(unsigned int steps)
{
	while (steps--)
		if (dmp_steps[steps].exit)
			dmp_steps[steps].exit();
}

static int __init dmp_init(void)
{
	unsigned int i;
	int ret = 0;

	dmp_faults_begin();
	for (i = 0; i < ARRAY_SIZE(dmp_steps); i++) {
		ret = dmp_inject(i);
		if (!ret && dmp_steps[i].init)
			ret = dmp_steps[i].init();
		if (ret)
			break;
	}
	if (!ret)
		ret = dmp_inject(i);
	dmp_faults_end();
	if (ret) {
		pr_err("not loaded: %s failed: %pe\n",
		       i < ARRAY_SIZE(dmp_steps) ? dmp_steps[i].name : "the last step",
		       ERR_PTR(ret));
		dmp_undo(i);
		return ret;
	}
	pr_info("version %s loaded; nothing is granted until an auditor is attached\n",
		DMP_MODULE_VERSION);
	return 0;
}

static void __exit dmp_exit(void)
{
	dmp_undo(ARRAY_SIZE(dmp_steps));
	pr_info("unloaded\n");
}

module_init(dmp_init);
module_exit(dmp_exit);

MODULE_DESCRIPTION("Open /dev/mem for exactly what a signed policy names");
MODULE_AUTHOR("The devmem-policy developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(DMP_MODULE_VERSION);
