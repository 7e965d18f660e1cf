// SPDX-License-Identifier: GPL-2.0-only
/*
 * floor.c - serials that are refused
 *
 * A policy that was replaced or taken back must not come again, however well it
 * is signed. What was accepted is remembered until the module is unloaded; who
 * wants more than that (devmemd after a reboot, an administrator through the
 * module parameter) sets a floor.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "floor.h"
#include "message.h"

#define DMP_FLOORS_MAX 1024

struct dmp_floor {
	struct list_head node;
	char name[DMP_MAX_NAME_BYTES + 1];
	u64 accepted; /* the newest serial accepted; 0: none */
	u64 set; /* the highest floor set; 0: none */
};

static char *dmp_floors_parameter;
module_param_named(floors, dmp_floors_parameter, charp, 0444);
MODULE_PARM_DESC(floors,
		 "NAME:SERIAL[,NAME:SERIAL]...: refuse serials of these policies up to and including SERIAL");

static DEFINE_MUTEX(dmp_floor_lock);
static LIST_HEAD(dmp_floors); /* under the lock */
static unsigned int dmp_floor_count; /* under the lock */

static struct dmp_floor *dmp_floor_find(const char *name)
{
	struct dmp_floor *floor;

	lockdep_assert_held(&dmp_floor_lock);
	list_for_each_entry(floor, &dmp_floors, node)
		if (!strcmp(floor->name, name))
			return floor;
	return NULL;
}

static int dmp_floor_get(const char *name, struct dmp_floor **got)
{
	struct dmp_floor *floor = dmp_floor_find(name);

	if (!floor) {
		if (dmp_floor_count == DMP_FLOORS_MAX)
			return -ENOSPC;
		floor = kzalloc(sizeof(*floor), GFP_KERNEL);
		if (!floor)
			return -ENOMEM;
		strscpy(floor->name, name, sizeof(floor->name));
		list_add_tail(&floor->node, &dmp_floors);
		dmp_floor_count++;
	}
	*got = floor;
	return 0;
}

static int dmp_floor_check_locked(const struct dmp_header *header, struct netlink_ext_ack *extack)
{
	const struct dmp_floor *floor = dmp_floor_find(header->name);

	if (!floor || header->serial > max(floor->accepted, floor->set))
		return 0;
	if (header->serial == floor->accepted) {
		dmp_say(extack,
			"serial %llu of policy %s was accepted before; sign it again with a higher one",
			header->serial, header->name);
		return -EALREADY;
	}
	if (floor->accepted >= floor->set)
		dmp_say(extack,
			"serial %llu of policy %s is older than %llu, which was accepted before",
			header->serial, header->name, floor->accepted);
	else
		dmp_say(extack,
			"serial %llu of policy %s is not above %llu, the floor that was set for it",
			header->serial, header->name, floor->set);
	return -ESTALE;
}

/**
 * dmp_floor_check() - may this serial of this policy be accepted?
 * @header: of the policy
 * @extack: gets a sentence on failure; may be NULL
 *
 * Context: Process; may sleep.
 * Return: 0; -EALREADY when it is the newest that was accepted; -ESTALE when it
 * is older than that, or not above the floor.
 */
int dmp_floor_check(const struct dmp_header *header, struct netlink_ext_ack *extack)
{
	int ret;

	mutex_lock(&dmp_floor_lock);
	ret = dmp_floor_check_locked(header, extack);
	mutex_unlock(&dmp_floor_lock);
	return ret;
}

/**
 * dmp_floor_prepare() - make sure that accepting a policy can be remembered
 * @name: the policy's name
 *
 * Context: Process; may sleep.
 * Return: 0; -ENOMEM; -ENOSPC when there are floors for too many names.
 */
int dmp_floor_prepare(const char *name)
{
	struct dmp_floor *floor;
	int ret;

	mutex_lock(&dmp_floor_lock);
	ret = dmp_floor_get(name, &floor);
	mutex_unlock(&dmp_floor_lock);
	return ret;
}

/**
 * dmp_floor_accepted() - remember that a policy was accepted
 * @name: its name, after dmp_floor_prepare()
 * @serial: its serial
 *
 * Context: Process; may sleep.
 */
void dmp_floor_accepted(const char *name, u64 serial)
{
	struct dmp_floor *floor;

	mutex_lock(&dmp_floor_lock);
	floor = dmp_floor_find(name);
	if (!WARN_ON_ONCE(!floor))
		floor->accepted = max(floor->accepted, serial);
	mutex_unlock(&dmp_floor_lock);
}

static int dmp_floor_raise(const char *name, u64 serial)
{
	struct dmp_floor *floor;
	int ret;

	mutex_lock(&dmp_floor_lock);
	ret = dmp_floor_get(name, &floor);
	if (!ret)
		floor->set = max(floor->set, serial);
	mutex_unlock(&dmp_floor_lock);
	return ret;
}

/**
 * dmp_floor_set() - refuse serials from now on
 * @name: of the policy; need not be registered, or valid
 * @serial: this one and all below it; what is higher already stays
 * @extack: gets a sentence on failure; may be NULL
 *
 * Context: Process; may sleep.
 * Return: 0; -EINVAL; -ENOSPC; -ENOMEM.
 */
int dmp_floor_set(const char *name, u64 serial, struct netlink_ext_ack *extack)
{
	int ret;

	if (!dmp_name_is_valid(name, strlen(name))) {
		dmp_say(extack, "that is no name of a policy");
		return -EINVAL;
	}
	if (!serial) {
		dmp_say(extack, "serials start at 1");
		return -EINVAL;
	}
	ret = dmp_floor_raise(name, serial);
	if (ret == -ENOSPC)
		dmp_say(extack, "there are floors for %d policies already", DMP_FLOORS_MAX);
	else if (ret)
		dmp_say(extack, "not enough memory for a floor");
	return ret;
}

static bool dmp_floor_exists(const char *name)
{
	bool exists;

	mutex_lock(&dmp_floor_lock);
	exists = dmp_floor_find(name);
	mutex_unlock(&dmp_floor_lock);
	return exists;
}

/* An entry of the parameter, which is taken apart. */
static int dmp_floor_parse(char *entry)
{
	char *serial_text = strchr(entry, ':');
	u64 serial;

	if (!serial_text)
		return -EINVAL;
	*serial_text++ = '\0';
	if (!dmp_name_is_valid(entry, strlen(entry)) || kstrtou64(serial_text, 10, &serial) ||
	    !serial)
		return -EINVAL;
	/* A mistake, and nobody knows which is meant. */
	if (dmp_floor_exists(entry))
		return -EEXIST;
	return dmp_floor_raise(entry, serial);
}

static const char *dmp_floor_mistake(int error)
{
	switch (error) {
	case -EINVAL:
		return "is not NAME:SERIAL";
	case -EEXIST:
		return "is the second of that name";
	case -ENOSPC:
		return "is one too many";
	default:
		return "cannot be remembered";
	}
}

static int dmp_floors_parse(char *floors)
{
	const char *original = dmp_floors_parameter;
	char *entry;
	int ret;

	while ((entry = strsep(&floors, ",")) != NULL) {
		int bytes = strlen(entry);

		ret = dmp_floor_parse(entry);
		if (ret) {
			pr_err("floors: \"%.*s\" %s\n", bytes, original, dmp_floor_mistake(ret));
			return ret == -ENOMEM ? ret : -EINVAL;
		}
		original += bytes + 1;
	}
	return 0;
}

int dmp_floors_init(void)
{
	char *floors;
	int ret;

	if (!dmp_floors_parameter || !*dmp_floors_parameter)
		return 0;
	floors = kstrdup(dmp_floors_parameter, GFP_KERNEL);
	if (!floors)
		return -ENOMEM;
	ret = dmp_floors_parse(floors);
	kfree(floors);
	if (ret)
		dmp_floors_exit();
	return ret;
}

void dmp_floors_exit(void)
{
	struct dmp_floor *floor, *next;

	list_for_each_entry_safe(floor, next, &dmp_floors, node)
		kfree(floor);
	INIT_LIST_HEAD(&dmp_floors);
	dmp_floor_count = 0;
}
