// SPDX-License-Identifier: GPL-2.0-only
/*
 * tripwire.c - notice that probes were switched off
 *
 * A permanent ftrace callback on the three ways into /dev/mem. While it is
 * there, writing 0 to kernel.ftrace_enabled fails (-EBUSY, up to 7.2; later
 * kernels ignore it), and it goes on counting when debugfs kprobes/enabled
 * has silenced the probes. It is on the calls, not on devmem_is_allowed(), so
 * that pages cost nothing more; and arm64 cannot trace that one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/percpu.h>

#include "compat.h"
#include "tripwire.h"

#ifdef CONFIG_DYNAMIC_FTRACE

static DEFINE_PER_CPU(u64, dmp_tripwire_calls);
static bool dmp_tripwire_armed;

static void notrace dmp_tripwire_call(unsigned long ip, unsigned long parent_ip,
				      struct ftrace_ops *ops, struct dmp_ftrace_regs *regs)
{
	this_cpu_inc(dmp_tripwire_calls);
}

static struct ftrace_ops dmp_tripwire_ops = {
	.func = dmp_tripwire_call,
	.flags = FTRACE_OPS_FL_PERMANENT,
};

static int dmp_tripwire_filter(void)
{
	static char *const symbols[] = { "read_mem", "write_mem", DMP_MMAP_SYMBOL };
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(symbols) && !ret; i++)
		ret = ftrace_set_filter(&dmp_tripwire_ops, symbols[i], strlen(symbols[i]), !i);
	return ret;
}

/*
 * A kernel that cannot trace these functions does not run its probes through
 * ftrace either, and has no such switch.
 */
int dmp_tripwire_init(void)
{
	int ret = dmp_tripwire_filter();

	if (ret) {
		pr_info("no tripwire on %s: %pe\n", DMP_MMAP_SYMBOL, ERR_PTR(ret));
		return 0;
	}
	ret = register_ftrace_function(&dmp_tripwire_ops);
	if (ret == -EBUSY)
		pr_err("kernel.ftrace_enabled is 0, which silences probes: set it to 1 and load again\n");
	else if (ret)
		pr_err("cannot trace %s: %pe\n", DMP_MMAP_SYMBOL, ERR_PTR(ret));
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

/* dmp_tripwire_state() - calls seen so far; any context */
void dmp_tripwire_state(struct dmp_tripwire_state *state)
{
	int cpu;

	state->armed = dmp_tripwire_armed;
	state->calls = 0;
	for_each_possible_cpu(cpu)
		state->calls += READ_ONCE(*per_cpu_ptr(&dmp_tripwire_calls, cpu));
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
	state->calls = 0;
}

#endif
