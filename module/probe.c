// SPDX-License-Identifier: GPL-2.0-only
/*
 * probe.c - the kretprobes
 *
 * Thin: they turn registers into arguments and the other way round. They run
 * with preemption off, on 5.10 under a raw lock with interrupts off, on arm64
 * in a debug exception. Instance data is not zeroed. Return values are int, or
 * ssize_t, in a 64-bit register.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>

#include "compat.h"
#include "idle.h"
#include "operation.h"
#include "probe.h"
#include "slot.h"

#define DMP_PAGE_PROBES_MAX 1024 /* callers may be preempted */
#define DMP_CALL_PROBES_MAX 1024 /* calls may be parked in a page fault */
#define DMP_PROBE_NAMES 8
#define DMP_CALLERS 4
/* More than drivers/char/mem.o has code on any kernel. */
#define DMP_MEM_OBJECT_BYTES 65536

struct dmp_probe {
	struct kretprobe kretprobe;
	const char *names[DMP_PROBE_NAMES]; /* the first that exists is taken */
	bool required;
	bool in_mem_object; /* static in drivers/char/mem.c */
	u8 calls; /* enum devmem_policy_operation: what asks for pages in it */
	bool registered;
};

/*
 * In this order: whoever sees a page must find the operation, so calls are
 * armed after the pages they ask for, and disarmed before.
 */
enum dmp_probe_number {
	DMP_PROBE_PAGE,
	DMP_PROBE_LONE_PAGE,
	DMP_PROBE_RANGE,
	DMP_PROBE_READ,
	DMP_PROBE_WRITE,
	DMP_PROBE_MMAP,
	DMP_PROBES,
};

static DEFINE_PER_CPU(u64 [DMP_PROBES], dmp_probe_hits);

/* Data of an instance; what an entry handler leaves for the return handler. */
struct dmp_probe_page {
	struct dmp_operation *operation;
	u64 pfn;
};

struct dmp_probe_range {
	struct dmp_operation *operation;
	u64 pages;
};

struct dmp_probe_call {
	struct dmp_operation *operation;
};

/* The code of the ways into /dev/mem: whoever asks for a page returns there. */
static struct dmp_caller {
	unsigned long first, last; /* inclusive */
	enum devmem_policy_operation operation;
} dmp_callers[DMP_CALLERS];

static unsigned int dmp_caller_count;

#ifdef DMP_TEST
/* Test builds only: let so many pages go by, as a probe does that misses. */
static int skip_pages, skip_after;
module_param(skip_pages, int, 0644);
MODULE_PARM_DESC(skip_pages, "Miss the next pages (tests)");
module_param(skip_after, int, 0644);
MODULE_PARM_DESC(skip_after, "But see so many before (tests)");
static u64 dmp_skipped;

static bool dmp_probe_skips(void)
{
	if (READ_ONCE(skip_pages) <= 0)
		return false;
	if (READ_ONCE(skip_after) > 0) {
		WRITE_ONCE(skip_after, skip_after - 1);
		return false;
	}
	WRITE_ONCE(skip_pages, skip_pages - 1);
	WRITE_ONCE(dmp_skipped, dmp_skipped + 1);
	return true;
}
#else
static const u64 dmp_skipped;

static bool dmp_probe_skips(void)
{
	return false;
}
#endif
NOKPROBE_SYMBOL(dmp_probe_skips);

/* The page's operation is not at hand. */
static noinline int dmp_page_entry_search(struct dmp_probe_page *page)
{
	page->operation = dmp_slot_find();
	return page->operation && dmp_operation_leaves(page->operation, page->pfn);
}
NOKPROBE_SYMBOL(dmp_page_entry_search);

/*
 * int devmem_is_allowed(unsigned long pfn). Where nothing could be said of the answer
 * the return is not hooked, which is more than a third of what a probe costs.
 */
static int dmp_page_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct dmp_probe_page *page = (void *)ri->data;
	struct dmp_operation *operation;

	this_cpu_inc(dmp_probe_hits[DMP_PROBE_PAGE]);
	if (dmp_probe_skips())
		return 1;
	page->pfn = regs_get_kernel_argument(regs, 0);
	operation = dmp_slot_at_hand();
	if (!operation)
		return dmp_page_entry_search(page);
	if (dmp_idle_leaves(operation, page->pfn))
		return 1;
	page->operation = operation;
	return dmp_operation_leaves(operation, page->pfn);
}
NOKPROBE_SYMBOL(dmp_page_entry);

/* Which way into /dev/mem asks, by where it goes on; 0 if it is none. */
static enum devmem_policy_operation dmp_probe_caller(unsigned long address)
{
	unsigned int i;

	for (i = 0; i < dmp_caller_count; i++)
		if (address >= dmp_callers[i].first && address <= dmp_callers[i].last)
			return dmp_callers[i].operation;
	return 0;
}
NOKPROBE_SYMBOL(dmp_probe_caller);

static int dmp_page_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct dmp_probe_page *page = (void *)ri->data;
	int baseline = (int)regs_return_value(regs);
	enum devmem_policy_operation caller;
	int verdict = baseline;

	if (page->operation) {
		verdict = dmp_operation_page(page->operation, page->pfn, baseline);
	} else {
		caller = dmp_probe_caller(dmp_return_address(ri));
		if (caller)
			verdict = dmp_operation_lone_page(caller, page->pfn, baseline);
	}
	if (verdict != baseline)
		regs_set_return_value(regs, verdict);
	return 0;
}
NOKPROBE_SYMBOL(dmp_page_return);

/*
 * int page_is_allowed(unsigned long pfn). Where it is a function, it is what asks
 * devmem_is_allowed() for reads and writes, and only it is called by the one or the
 * other. That matters to pages without an operation, which are told by who asks.
 */
static int dmp_lone_page_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct dmp_probe_page *page = (void *)ri->data;

	this_cpu_inc(dmp_probe_hits[DMP_PROBE_LONE_PAGE]);
	page->operation = dmp_slot_current();
	page->pfn = regs_get_kernel_argument(regs, 0);
	return !!page->operation;
}
NOKPROBE_SYMBOL(dmp_lone_page_entry);

/*
 * int range_is_allowed(unsigned long pfn, unsigned long size). Calls of mmap alone ask it;
 * a transfer that current has open has lost its return, and knows nothing of a range.
 */
static int dmp_range_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct dmp_probe_range *range = (void *)ri->data;

	this_cpu_inc(dmp_probe_hits[DMP_PROBE_RANGE]);
	range->operation = dmp_slot_current();
	range->pages = PAGE_ALIGN(regs_get_kernel_argument(regs, 1)) >> PAGE_SHIFT;
	return !range->operation || !dmp_is_mmap(range->operation);
}
NOKPROBE_SYMBOL(dmp_range_entry);

static int dmp_range_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct dmp_probe_range *range = (void *)ri->data;
	int allowed = (int)regs_return_value(regs);
	int verdict = dmp_operation_range(range->operation, range->pages, allowed);

	if (verdict != allowed)
		regs_set_return_value(regs, verdict);
	return 0;
}
NOKPROBE_SYMBOL(dmp_range_return);

/* ssize_t read_mem(struct file *, char __user *, size_t count, loff_t *ppos); write_mem alike */
static int dmp_transfer_entry(struct kretprobe_instance *ri, struct pt_regs *regs,
			      enum devmem_policy_operation operation)
{
	struct dmp_probe_call *data = (void *)ri->data;

	return dmp_operation_open_transfer(&data->operation, operation,
					   *(loff_t *)regs_get_kernel_argument(regs, 3),
					   regs_get_kernel_argument(regs, 2));
}
NOKPROBE_SYMBOL(dmp_transfer_entry);

static int dmp_read_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	this_cpu_inc(dmp_probe_hits[DMP_PROBE_READ]);
	return dmp_transfer_entry(ri, regs, DEVMEM_POLICY_OPERATION_READ);
}
NOKPROBE_SYMBOL(dmp_read_entry);

static int dmp_write_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	this_cpu_inc(dmp_probe_hits[DMP_PROBE_WRITE]);
	return dmp_transfer_entry(ri, regs, DEVMEM_POLICY_OPERATION_WRITE);
}
NOKPROBE_SYMBOL(dmp_write_entry);

static int dmp_transfer_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct dmp_probe_call *data = (void *)ri->data;
	s64 result = (long)regs_return_value(regs);

	if (!dmp_idle_close(data->operation, result))
		dmp_operation_close(data->operation, result);
	return 0;
}
NOKPROBE_SYMBOL(dmp_transfer_return);

/* int mmap_mem(struct file *, struct vm_area_struct *), or mmap_mem_prepare(desc) */
static int dmp_mmap_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct dmp_area *area = (void *)regs_get_kernel_argument(regs, DMP_MMAP_ARGUMENT);
	struct dmp_probe_call *data = (void *)ri->data;
	unsigned long flags = dmp_area_flags(area);
	bool writable = (flags & VM_SHARED) && (flags & VM_WRITE);
	struct dmp_call call = {
		.operation = writable ? DEVMEM_POLICY_OPERATION_MMAP_WRITE :
					DEVMEM_POLICY_OPERATION_MMAP_READ,
		.first_pfn = dmp_area_pgoff(area),
		.pages = dmp_area_bytes(area) >> PAGE_SHIFT,
		.executable = flags & VM_EXEC,
		.area = area,
	};

	this_cpu_inc(dmp_probe_hits[DMP_PROBE_MMAP]);
	data->operation = dmp_operation_open_mmap(&call);
	return !data->operation;
}
NOKPROBE_SYMBOL(dmp_mmap_entry);

static int dmp_mmap_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct dmp_probe_call *data = (void *)ri->data;
	int result = (int)regs_return_value(regs);
	int verdict = dmp_operation_close(data->operation, result);

	if (verdict != result)
		regs_set_return_value(regs, verdict);
	return 0;
}
NOKPROBE_SYMBOL(dmp_mmap_return);

#define DMP_PROBE(entry, leave, type, active)           \
	{                                               \
		.handler = leave,                       \
		.entry_handler = entry,                 \
		.data_size = sizeof(struct type),       \
		.maxactive = active,                    \
	}

static struct dmp_probe dmp_probes[DMP_PROBES] = {
	[DMP_PROBE_PAGE] = {
		.kretprobe = DMP_PROBE(dmp_page_entry, dmp_page_return, dmp_probe_page,
				       DMP_PAGE_PROBES_MAX),
		.names = { "devmem_is_allowed" },
		.required = true,
	},
	[DMP_PROBE_LONE_PAGE] = {
		.kretprobe = DMP_PROBE(dmp_lone_page_entry, dmp_page_return, dmp_probe_page,
				       DMP_PAGE_PROBES_MAX),
		.names = { "page_is_allowed", "page_is_allowed.isra.0",
			   "page_is_allowed.constprop.0", "page_is_allowed.part.0" },
	},
	[DMP_PROBE_RANGE] = {
		.kretprobe = DMP_PROBE(dmp_range_entry, dmp_range_return, dmp_probe_range,
				       DMP_PAGE_PROBES_MAX),
		.calls = DEVMEM_POLICY_OPERATION_MMAP_READ,
		.names = { "range_is_allowed", "range_is_allowed.isra.0",
			   "range_is_allowed.constprop.0", "range_is_allowed.part.0",
			   "range_is_allowed.constprop.0.isra.0",
			   "range_is_allowed.isra.0.constprop.0" },
	},
	[DMP_PROBE_READ] = {
		.kretprobe = DMP_PROBE(dmp_read_entry, dmp_transfer_return, dmp_probe_call,
				       DMP_CALL_PROBES_MAX),
		.calls = DEVMEM_POLICY_OPERATION_READ,
		.names = { "read_mem" },
		.required = true,
		.in_mem_object = true,
	},
	[DMP_PROBE_WRITE] = {
		.kretprobe = DMP_PROBE(dmp_write_entry, dmp_transfer_return, dmp_probe_call,
				       DMP_CALL_PROBES_MAX),
		.calls = DEVMEM_POLICY_OPERATION_WRITE,
		.names = { "write_mem" },
		.required = true,
		.in_mem_object = true,
	},
	[DMP_PROBE_MMAP] = {
		.kretprobe = DMP_PROBE(dmp_mmap_entry, dmp_mmap_return, dmp_probe_call,
				       DMP_CALL_PROBES_MAX),
		.calls = DEVMEM_POLICY_OPERATION_MMAP_READ,
		.names = { DMP_MMAP_SYMBOL },
		.required = true,
		.in_mem_object = true,
	},
};

/*
 * The struct keeps what the failed attempt left: symbol_name excludes addr. Not
 * armed yet: it has to be the right function first.
 */
static int dmp_probe_try(struct kretprobe *kretprobe, const char *symbol)
{
	kretprobe->kp.symbol_name = symbol;
	kretprobe->kp.addr = NULL;
	kretprobe->kp.flags = KPROBE_FLAG_DISABLED;
	return register_kretprobe(kretprobe);
}

static int dmp_probe_register(struct dmp_probe *probe)
{
	int ret = -ENOENT;
	unsigned int i;

	for (i = 0; ret == -ENOENT && i < DMP_PROBE_NAMES && probe->names[i]; i++)
		ret = dmp_probe_try(&probe->kretprobe, probe->names[i]);
	probe->registered = !ret;
	if (ret == -ENOENT && !probe->required)
		return 0;
	if (ret)
		pr_err("cannot probe %s: %pe\n", probe->names[0], ERR_PTR(ret));
	return ret;
}

/*
 * A name is looked up in the whole kernel, and other drivers may have a static
 * function called read_mem, whose arguments mean something else. The three of
 * /dev/mem are in one object, so they are neighbours.
 */
static int dmp_probes_check_object(void)
{
	unsigned long address, lowest = ULONG_MAX, highest = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dmp_probes); i++) {
		if (!dmp_probes[i].in_mem_object)
			continue;
		address = (unsigned long)dmp_probes[i].kretprobe.kp.addr;
		lowest = min(lowest, address);
		highest = max(highest, address);
	}
	if (highest - lowest < DMP_MEM_OBJECT_BYTES)
		return 0;
	pr_err("read_mem, write_mem and %s are far apart: another function has one of these names\n",
	       DMP_MMAP_SYMBOL);
	return -EXDEV;
}

/*
 * Where a function is: sprint_symbol() writes name+offset/size, which are not to
 * be had in another way.
 */
static int dmp_caller_add(const struct dmp_probe *probe)
{
	unsigned long address = (unsigned long)probe->kretprobe.kp.addr, offset, size;
	char text[KSYM_SYMBOL_LEN];
	const char *plus;

	sprint_symbol(text, address);
	plus = strrchr(text, '+');
	if (!plus || sscanf(plus, "+%lx/%lx", &offset, &size) != 2 || offset >= size) {
		pr_err("cannot tell how long %s is\n", probe->names[0]);
		return -ENODATA;
	}
	dmp_callers[dmp_caller_count].first = address - offset;
	dmp_callers[dmp_caller_count].last = address - offset + size - 1;
	dmp_callers[dmp_caller_count].operation = probe->calls;
	dmp_caller_count++;
	return 0;
}

static int dmp_callers_find(void)
{
	unsigned int i;
	int ret = 0;

	dmp_caller_count = 0;
	for (i = 0; i < ARRAY_SIZE(dmp_probes) && !ret; i++)
		if (dmp_probes[i].calls && dmp_probes[i].registered)
			ret = dmp_caller_add(&dmp_probes[i]);
	return ret;
}

static int dmp_probe_arm(struct dmp_probe *probe)
{
	int ret = probe->registered ? enable_kretprobe(&probe->kretprobe) : 0;

	if (ret)
		pr_err("cannot arm the probe of %s: %pe\n", probe->names[0], ERR_PTR(ret));
	return ret;
}

/**
 * dmp_probes_disarm() - from now on no handler runs
 *
 * Calls under way return without us. May be done twice.
 *
 * Context: Process; may sleep.
 */
void dmp_probes_disarm(void)
{
	unsigned int i = ARRAY_SIZE(dmp_probes);

	while (i--) {
		if (dmp_probes[i].registered)
			unregister_kretprobe(&dmp_probes[i].kretprobe);
		dmp_probes[i].registered = false;
	}
}

int dmp_probes_init(void)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(dmp_probes) && !ret; i++)
		ret = dmp_probe_register(&dmp_probes[i]);
	if (!ret)
		ret = dmp_probes_check_object();
	if (!ret)
		ret = dmp_callers_find();
	for (i = 0; i < ARRAY_SIZE(dmp_probes) && !ret; i++)
		ret = dmp_probe_arm(&dmp_probes[i]);
	if (ret)
		dmp_probes_disarm();
	return ret;
}

/**
 * dmp_probe_missed() - how many pages were missed so far, of anybody's calls
 *
 * Not those for which the probe was switched off.
 *
 * Context: Any; also probe handlers.
 */
u64 dmp_probe_missed(void)
{
	const struct kretprobe *page = &dmp_probes[DMP_PROBE_PAGE].kretprobe;

	return READ_ONCE(page->nmissed) + READ_ONCE(page->kp.nmissed) + READ_ONCE(dmp_skipped);
}

static u64 dmp_probe_hits_sum(enum dmp_probe_number number)
{
	u64 hits = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		hits += READ_ONCE(per_cpu(dmp_probe_hits, cpu)[number]);
	return hits;
}

/**
 * dmp_probe_state() - probe number index, for the status
 * @index: its number, from 0
 * @state: where to put it
 *
 * Context: Process.
 * Return: false after the last.
 */
bool dmp_probe_state(u32 index, struct dmp_probe_state *state)
{
	const struct dmp_probe *probe;

	if (index >= ARRAY_SIZE(dmp_probes))
		return false;
	probe = &dmp_probes[index];
	state->armed = probe->registered;
	state->symbol = probe->registered ? probe->kretprobe.kp.symbol_name : probe->names[0];
	state->required = probe->required;
	state->hits = dmp_probe_hits_sum(index);
	state->missed = probe->kretprobe.nmissed + probe->kretprobe.kp.nmissed;
	return true;
}
