// SPDX-License-Identifier: GPL-2.0-only
/*
 * rails.c - what no policy can open unless it says so by name
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ioport.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/stop_machine.h>

#include "rails.h"

/* Physical bytes of the running kernel's image, inclusive; it never moves. */
static u64 dmp_image_first = U64_MAX;
static u64 dmp_image_last;

/* "Kernel code", "Kernel rodata", "Kernel data", "Kernel bss", as in /proc/iomem. */
static void dmp_image_add(const struct resource *resource)
{
	if (!resource->name || strncmp(resource->name, "Kernel ", 7))
		return;
	dmp_image_first = min_t(u64, dmp_image_first, resource->start);
	dmp_image_last = max_t(u64, dmp_image_last, resource->end);
}

/*
 * The image is a child of a System RAM resource, where walk_iomem_res_desc()
 * does not look, and the lock of the tree is not exported: so nobody else runs.
 */
static int dmp_image_find(void *unused)
{
	const struct resource *ram, *part;

	for (ram = iomem_resource.child; ram; ram = ram->sibling)
		for (part = ram->child; part; part = part->sibling)
			dmp_image_add(part);
	return 0;
}

int dmp_rails_init(void)
{
	int ret = stop_machine(dmp_image_find, NULL, NULL);

	if (ret)
		return ret;
	if (dmp_image_first > dmp_image_last) {
		pr_err("cannot find the running kernel's image among the memory resources\n");
		return -ENODATA;
	}
	return 0;
}

/* dmp_rails_kernel_image() - do the bytes first..last touch the image? Any context. */
bool dmp_rails_kernel_image(u64 first, u64 last)
{
	return first <= dmp_image_last && last >= dmp_image_first;
}

/* dmp_rails_physical() - can the processor address byte last? Any context. */
bool dmp_rails_physical(u64 last)
{
	unsigned int bits = dmp_physical_bits();

	return bits >= 64 || !(last >> bits);
}

/**
 * dmp_rails_reserved() - no RAM, or RAM that the allocator does not own
 * @pfn: page frame number
 *
 * Valid frames that are not online (device memory, hot-unplugged RAM) are
 * nothing that a rule without unreserved-ram can mean.
 *
 * Context: Any; also probe handlers.
 */
bool dmp_rails_reserved(u64 pfn)
{
	struct page *page;

	if (!pfn_valid(pfn))
		return true;
	page = dmp_online_page(pfn);
	return page && PageReserved(page);
}
