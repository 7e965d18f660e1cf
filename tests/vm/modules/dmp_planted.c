// SPDX-License-Identifier: GPL-2.0-only
/*
 * dmp_planted - a defect for each checker to find
 *
 * The parameter defect names one; it is there once the module is loaded, and gone
 * with the machine. Nothing but tests/vm/planted loads this.
 *
 *   use-after-free   KASAN
 *   inversion        lockdep: two locks, taken in both orders
 *   sleep            a mutex under a spinlock
 *   rcu              a protected pointer is read outside of a read side
 *   leak             kmemleak: memory that nothing points to
 *   object           DEBUG_OBJECTS: a timer that runs is freed
 *   shift            UBSAN
 *   race             KCSAN: two threads count in one variable
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>

static char *defect = "";
module_param(defect, charp, 0444);
MODULE_PARM_DESC(defect, "What is wrong");

static unsigned long number; /* what defects are done with */
static DEFINE_SPINLOCK(first_lock);
static DEFINE_SPINLOCK(second_lock);
static DEFINE_MUTEX(mutex);
static int __rcu *protected;

static int use_after_free(void)
{
	unsigned long *memory = kzalloc(64, GFP_KERNEL);
	unsigned long *hidden = memory;

	if (!memory)
		return -ENOMEM;
	/* The compiler would see it too. */
	OPTIMIZER_HIDE_VAR(hidden);
	kfree(memory);
	number += READ_ONCE(*hidden);
	return 0;
}

static int inversion(void)
{
	spin_lock(&first_lock);
	spin_lock(&second_lock);
	spin_unlock(&second_lock);
	spin_unlock(&first_lock);
	spin_lock(&second_lock);
	spin_lock(&first_lock);
	spin_unlock(&first_lock);
	spin_unlock(&second_lock);
	return 0;
}

static int sleep(void)
{
	spin_lock(&first_lock);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	spin_unlock(&first_lock);
	return 0;
}

static int rcu(void)
{
	return rcu_dereference(protected) ? -EINVAL : 0;
}

static int leak(void)
{
	unsigned long *memory = kzalloc(256, GFP_KERNEL);

	if (!memory)
		return -ENOMEM;
	number += READ_ONCE(*memory);
	return 0;
}

static void ring(struct timer_list *timer)
{
}

static int object(void)
{
	struct timer_list *timer = kzalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return -ENOMEM;
	timer_setup(timer, ring, 0);
	mod_timer(timer, jiffies + 100 * HZ);
	kfree(timer);
	return 0;
}

static int shift(void)
{
	unsigned int bits = 33;

	OPTIMIZER_HIDE_VAR(bits);
	number += 1u << bits;
	return 0;
}

static int count(void *done)
{
	unsigned long i;

	for (i = 0; i < 2000000; i++) {
		number++;
		barrier();
	}
	complete(done);
	return 0;
}

static int race(void)
{
	struct completion done[2];
	unsigned int i, started;

	for (started = 0; started < ARRAY_SIZE(done); started++) {
		init_completion(&done[started]);
		if (IS_ERR(kthread_run(count, &done[started], "dmp_planted/%u", started)))
			break;
	}
	for (i = 0; i < started; i++)
		wait_for_completion(&done[i]);
	return started == ARRAY_SIZE(done) ? 0 : -ENOMEM;
}

static const struct {
	const char *name;
	int (*plant)(void);
} defects[] = {
	{ "use-after-free", use_after_free },
	{ "inversion", inversion },
	{ "sleep", sleep },
	{ "rcu", rcu },
	{ "leak", leak },
	{ "object", object },
	{ "shift", shift },
	{ "race", race },
};

static int __init dmp_planted_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(defects); i++)
		if (!strcmp(defects[i].name, defect))
			return defects[i].plant();
	return -EINVAL;
}

static void __exit dmp_planted_exit(void)
{
}

module_init(dmp_planted_init);
module_exit(dmp_planted_exit);
MODULE_DESCRIPTION("Defects for the checkers of the kernel to find");
MODULE_LICENSE("GPL");
