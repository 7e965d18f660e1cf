// SPDX-License-Identifier: GPL-2.0-only
/*
 * mode.c - enforcing or permissive
 *
 * Permissively nothing is overridden, and the records say what would have been.
 * The auditor's canary is still shown: it is nobody's memory, and without the
 * proof the records would be worth nothing.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>

#include "active.h"
#include "mode.h"
#include "ring.h"

static DEFINE_MUTEX(dmp_mode_lock);
static bool dmp_mode_live; /* under the lock: the rest of the module is there */
bool dmp_permissive; /* written under the lock */

static void dmp_mode_record(void)
{
	struct dmp_record record;

	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_MODE_CHANGED);
	record.fields |= DMP_RECORD_PERMISSIVE;
	record.permissive = dmp_permissive;
	dmp_ring_publish(&record, false);
}

/* What was granted is not granted any more. */
static void dmp_mode_switch(bool value)
{
	lockdep_assert_held(&dmp_mode_lock);
	WRITE_ONCE(dmp_permissive, value);
	if (!dmp_mode_live)
		return;
	dmp_mode_record();
	pr_warn("now %s\n", value ? "PERMISSIVE: nothing is enforced" : "enforcing");
	if (value)
		dmp_active_withdraw_mappings(DEVMEM_POLICY_REASON_PERMISSIVE);
}

static int dmp_mode_set(const char *text, const struct kernel_param *param)
{
	bool value;
	int ret;

	if (!capable(CAP_SYS_ADMIN) || !capable(CAP_SYS_RAWIO))
		return -EPERM;
	ret = text ? kstrtobool(text, &value) : 0;
	if (ret)
		return ret;
	/* The name alone, as bool parameters have it, switches on. */
	if (!text)
		value = true;
	mutex_lock(&dmp_mode_lock);
	if (value != dmp_permissive)
		dmp_mode_switch(value);
	mutex_unlock(&dmp_mode_lock);
	return 0;
}

static const struct kernel_param_ops dmp_mode_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = dmp_mode_set,
	.get = param_get_bool,
};

module_param_cb(permissive, &dmp_mode_ops, &dmp_permissive, 0644);
MODULE_PARM_DESC(permissive, "Enforce nothing, and record what would have been (default no)");

int dmp_mode_init(void)
{
	mutex_lock(&dmp_mode_lock);
	dmp_mode_live = true;
	if (dmp_permissive) {
		dmp_mode_record();
		pr_warn("PERMISSIVE: nothing is enforced\n");
	}
	mutex_unlock(&dmp_mode_lock);
	return 0;
}

/* The parameter may be written until the module is gone. */
void dmp_mode_exit(void)
{
	mutex_lock(&dmp_mode_lock);
	dmp_mode_live = false;
	mutex_unlock(&dmp_mode_lock);
}
