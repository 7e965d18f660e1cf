/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compat.h - what differs between kernels for the modules of the tests
 *
 * The only file here that looks at LINUX_VERSION_CODE, as module/compat.h there.
 */
#ifndef DMP_TEST_COMPAT_H
#define DMP_TEST_COMPAT_H

#include <linux/mm.h>
#include <linux/version.h>

/*
 * 6.12: follow_pfn() is gone; follow_pfnmap_start() walks a page table as well.
 * Caller holds mmap_read_lock(). Return: 0, or -EINVAL.
 */
static inline int dmp_page_frame(struct vm_area_struct *area, unsigned long address,
				 unsigned long *pfn)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	struct follow_pfnmap_args walk = { .vma = area, .address = address };
	int ret = follow_pfnmap_start(&walk);

	if (ret)
		return ret;
	*pfn = walk.pfn;
	follow_pfnmap_end(&walk);
	return 0;
#else
	return follow_pfn(area, address, pfn);
#endif
}

#endif /* DMP_TEST_COMPAT_H */
