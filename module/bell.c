// SPDX-License-Identifier: GPL-2.0-only
/*
 * bell.c - from a probe handler to process context
 *
 * A handler may not sleep, allocate or wake anybody. It rings: an irq_work
 * queues the errand, which settles the records, tells the listeners that there
 * are new ones, and lets go of what handlers had to hold on to. Unless it is urgent,
 * the errand is run after a jiffy, once for all who ring until then: running it at
 * once for each costs a call more than all that the module does in it.
 */
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/workqueue.h>

#include "active.h"
#include "bell.h"
#include "netlink.h"
#include "operation.h"
#include "pending.h"
#include "revoke.h"
#include "ring.h"

/* Mappings outlive a rule that ends, or a reservation, by no more than this. */
#define DMP_HOUSEKEEPING (HZ / 2)

static void dmp_housekeeping(struct work_struct *work);
static DECLARE_DELAYED_WORK(dmp_housekeeping_work, dmp_housekeeping);

/*
 * What has to be looked after while there is any of it: tasks that died in a
 * call, rules that end, mapped pages that lose their reservation.
 */
static void dmp_housekeeping(struct work_struct *work)
{
	bool more = dmp_operations_reap();

	more |= dmp_active_expire();
	more |= dmp_revoke_reservations();
	dmp_revoke_barrier();
	if (more)
		schedule_delayed_work(&dmp_housekeeping_work, DMP_HOUSEKEEPING);
}

/* Nothing is added up for longer than this. */
#define DMP_SUMMING HZ

static void dmp_sum_up(struct work_struct *work)
{
	dmp_ring_flush();
}

static DECLARE_DELAYED_WORK(dmp_sum_up_work, dmp_sum_up);

static void dmp_errand(struct work_struct *work)
{
	schedule_delayed_work(&dmp_housekeeping_work, DMP_HOUSEKEEPING);
	if (dmp_pending_number())
		schedule_delayed_work(&dmp_sum_up_work, DMP_SUMMING);
	dmp_ring_settle();
	dmp_netlink_notify();
	dmp_active_reap();
}

static DECLARE_DELAYED_WORK(dmp_errand_work, dmp_errand);
static bool dmp_bell_now;

static void dmp_bell_tolls(struct irq_work *work)
{
	if (xchg(&dmp_bell_now, false))
		mod_delayed_work(system_wq, &dmp_errand_work, 0);
	else
		schedule_delayed_work(&dmp_errand_work, 1);
}

static DEFINE_IRQ_WORK(dmp_bell, dmp_bell_tolls);

static bool dmp_bell_silent;

/**
 * dmp_bell_ring() - have the errand run soon
 * @now: as soon as can be
 *
 * Context: Any; also probe handlers. What the errand is for has been done.
 */
void dmp_bell_ring(bool now)
{
	/* The errand stops being pending before it looks for what there is to do. */
	smp_mb();
	if (READ_ONCE(dmp_bell_silent) || (!now && delayed_work_pending(&dmp_errand_work)))
		return;
	if (now)
		WRITE_ONCE(dmp_bell_now, true);
	irq_work_queue(&dmp_bell);
}

/**
 * dmp_bell_silence() - finish the errands; later rings do nothing
 *
 * Context: Process; no handler runs any more.
 */
void dmp_bell_silence(void)
{
	WRITE_ONCE(dmp_bell_silent, true);
	irq_work_sync(&dmp_bell);
	cancel_delayed_work_sync(&dmp_errand_work);
	cancel_delayed_work_sync(&dmp_sum_up_work);
	cancel_delayed_work_sync(&dmp_housekeeping_work);
}
