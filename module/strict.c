// SPDX-License-Identifier: GPL-2.0-only
/*
 * strict.c - does the running kernel refuse RAM to whoever maps /dev/mem?
 *
 * One without STRICT_DEVMEM never asks, so there would be nothing to decide. The
 * module does not build for it, but loads there when it was built for a kernel with
 * the same symbols. Whether that was so is not on record anywhere, so it is tried.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/mm.h>
#include <linux/mman.h>

#include "strict.h"

#define DMP_MEM_DEVICE MKDEV(MEM_MAJOR, 1)

/*
 * Return: what mmap(2) says to one who wants to read a page of RAM. This one is there
 * on every machine, above what x86 treats as a BIOS, and has nothing to tell.
 */
static int dmp_strict_map(struct file *file)
{
	unsigned long address = vm_mmap(file, 0, PAGE_SIZE, PROT_READ, MAP_SHARED,
					page_to_phys(ZERO_PAGE(0)));

	if (IS_ERR_VALUE(address))
		return (int)address;
	vm_munmap(address, PAGE_SIZE);
	return 0;
}

/*
 * Without STRICT_DEVMEM, x86 asks itself once more before it maps, and says EINVAL.
 * Anything else tells nothing; then no auditor can prove that probes fire, and nothing
 * is granted.
 */
int dmp_strict_init(void)
{
	struct file *file = filp_open("/dev/mem", O_RDONLY, 0);
	int ret = -ENODEV;

	if (IS_ERR(file))
		return 0;
	if (file_inode(file)->i_rdev == DMP_MEM_DEVICE)
		ret = dmp_strict_map(file);
	filp_close(file, NULL);
	if (ret && ret != -EINVAL)
		return 0;
	pr_err("CONFIG_STRICT_DEVMEM is off: the kernel never asks if a page of /dev/mem is allowed\n");
	return -EOPNOTSUPP;
}
