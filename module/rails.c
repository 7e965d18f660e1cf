// SPDX-License-Identifier: GPL-2.0-only
/*
 * rails.c - what no policy can open unless it says so by name
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/stop_machine.h>

#include "rails.h"

/*
 * The parts of the running kernel's image; they never move. What lies between
 * them (code and data of init) was given to the allocator, and is RAM like any.
 */
#define DMP_IMAGE_PARTS 8

static struct {
	u64 first, last; /* physical bytes, inclusive */
} dmp_image[DMP_IMAGE_PARTS];

static unsigned int dmp_image_parts;

/* "Kernel code", "Kernel rodata", "Kernel data", "Kernel bss", as in /proc/iomem. */
static int dmp_image_add(const struct resource *resource)
{
	if (!resource->name || strncmp(resource->name, "Kernel ", 7))
		return 0;
	if (dmp_image_parts == DMP_IMAGE_PARTS)
		return -E2BIG;
	dmp_image[dmp_image_parts].first = resource->start;
	dmp_image[dmp_image_parts].last = resource->end;
	dmp_image_parts++;
	return 0;
}

/*
 * The image is a child of a System RAM resource, where walk_iomem_res_desc()
 * does not look, and the lock of the tree is not exported: so nobody else runs.
 */
static int dmp_image_find(void *unused)
{
	const struct resource *ram, *part;
	int ret = 0;

	for (ram = iomem_resource.child; ram; ram = ram->sibling)
		for (part = ram->child; part && !ret; part = part->sibling)
			ret = dmp_image_add(part);
	return ret;
}

int dmp_rails_init(void)
{
	int ret = stop_machine(dmp_image_find, NULL, NULL);

	if (!ret && !dmp_image_parts)
		ret = -ENODATA;
	if (ret)
		pr_err("cannot find the running kernel's image among the memory resources: %pe\n",
		       ERR_PTR(ret));
	return ret;
}

/* dmp_rails_kernel_image() - do the bytes first..last touch the image? Any context. */
bool dmp_rails_kernel_image(u64 first, u64 last)
{
	/* Whole pages: a part may end inside one. */
	u64 mask = PAGE_SIZE - 1;
	unsigned int i;

	for (i = 0; i < dmp_image_parts; i++)
		if (first <= (dmp_image[i].last | mask) && last >= (dmp_image[i].first & ~mask))
			return true;
	return false;
}

/* dmp_rails_physical() - can the processor address byte last? Any context. */
bool dmp_rails_physical(u64 last)
{
	unsigned int bits = dmp_physical_bits();

	return bits >= 64 || !(last >> bits);
}

/* So many pages have a struct page, or none of them. */
#if defined(PAGES_PER_SUBSECTION) && !defined(CONFIG_HAVE_ARCH_PFN_VALID)
#define DMP_PAGES_ALIKE PAGES_PER_SUBSECTION
#else
#define DMP_PAGES_ALIKE 1ULL
#endif

/**
 * dmp_rails_bare() - is the page none of the kernel's memory?
 * @pfn: page frame number
 * @last_pfn: if so, up to where that is known to be so
 *
 * Such a page is reserved for good, as dmp_rails_reserved() says, and has no note
 * that it is (dmp_reserved_note()).
 *
 * Context: Any; also probe handlers.
 */
bool dmp_rails_bare(u64 pfn, u64 *last_pfn)
{
	if (pfn_valid(pfn))
		return false;
	*last_pfn = pfn | (DMP_PAGES_ALIKE - 1);
	return true;
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
	struct page *page = dmp_online_page(pfn);

	return page ? PageReserved(page) : !pfn_valid(pfn);
}
