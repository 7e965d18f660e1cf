// SPDX-License-Identifier: GPL-2.0-only
/*
 * tripwire.c - notice that probes were switched off
 *
 * A permanent ftrace callback on open(2) of /dev/mem. While it is there, writing 0 to
 * kernel.ftrace_enabled fails (-EBUSY, up to 7.2; later kernels ignore it), and it goes
 * on counting when debugfs kprobes/enabled has silenced the probes. It is on no function
 * that has a probe: where ftrace calls two for one function it takes a slow way, of 200
 * instructions each time.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/percpu.h>

#include "compat.h"
#include "tripwire.h"

#ifdef CONFIG_DYNAMIC_FTRACE

static DEFINE_PER_CPU(u64, dmp_tripwire_opened);
static bool dmp_tripwire_armed;

static void notrace dmp_tripwire_open(unsigned long ip, unsigned long parent_ip,
				      struct ftrace_ops *ops, struct dmp_ftrace_regs *regs)
{
	this_cpu_inc(dmp_tripwire_opened);
}

static struct ftrace_ops dmp_tripwire_ops = {
	.func = dmp_tripwire_open,
	.flags = FTRACE_OPS_FL_PERMANENT,
};

#define DMP_TRIPWIRE_SYMBOL "open_port" /* which /dev/port shares */

/*
 * A kernel that cannot trace this function does not run its probes through
 * ftrace either, and has no such switch.
 */
int dmp_tripwire_init(void)
{
	char symbol[] = DMP_TRIPWIRE_SYMBOL;
	int ret = ftrace_set_filter(&dmp_tripwire_ops, symbol, strlen(symbol), 1);

	if (ret) {
		pr_info("no tripwire on %s: %pe\n", symbol, ERR_PTR(ret));
		return 0;
	}
	ret = register_ftrace_function(&dmp_tripwire_ops);
	if (ret == -EBUSY)
		pr_err("kernel.ftrace_enabled is 0, which silences probes: set it to 1 and load again\n");
	else if (ret)
		pr_err("cannot trace %s: %pe\n", symbol, ERR_PTR(ret));
	if (ret)
		dmp_ftrace_free_filter(&dmp_tripwire_ops);
	dmp_tripwire_armed = !ret;
	return ret;
}

void dmp_tripwire_exit(void)
{
	if (!dmp_tripwire_armed)
		return;
	unregister_ftrace_function(&dmp_tripwire_ops);
	dmp_ftrace_free_filter(&dmp_tripwire_ops);
}

/* dmp_tripwire_state() - how often it was opened; any context */
void dmp_tripwire_state(struct dmp_tripwire_state *state)
{
	int cpu;

	state->armed = dmp_tripwire_armed;
	state->opened = 0;
	for_each_possible_cpu(cpu)
		state->opened += READ_ONCE(*per_cpu_ptr(&dmp_tripwire_opened, cpu));
}

#else

int dmp_tripwire_init(void)
{
	return 0;
}

void dmp_tripwire_exit(void)
{
}

void dmp_tripwire_state(struct dmp_tripwire_state *state)
{
	state->armed = false;
	state->opened = 0;
}

#endif
