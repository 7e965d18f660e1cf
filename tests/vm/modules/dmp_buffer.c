// SPDX-License-Identifier: GPL-2.0-only
/*
 * dmp_buffer - reserved memory for the tests to grant
 *
 * Allocates reserved pages and writes a known text into each: a guard, the
 * buffer, and another guard. What /dev/mem must never show without a grant is
 * told from what it may show by the text.
 *
 * Files in debugfs, directory dmp_buffer:
 *
 *   address, size   of the buffer, physical, bytes (hexadecimal)
 *   memory          the buffer as the kernel sees it; read and write it
 *   unreserve       write a page's number in the buffer: no longer PageReserved
 *   reserve         write a page's number in the buffer: PageReserved again
 *   frame           write an address in the writer's own memory; then read the
 *                   number of the page frame that its page table names. (/proc's
 *                   pagemap does not look into mappings such as /dev/mem's.)
 *   claim           1: request_mem_region() of claim_bytes (a page) at claim_address,
 *                   both parameters, as the driver of that memory would; 0: release it
 *   slow            write a number of microseconds, up to 1000: so much longer the
 *                   kernel takes over each page that somebody asks for; 0: not at all
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "compat.h"

#define ALLOCATION_ORDER 8
#define ALLOCATION_PAGES BIT(ALLOCATION_ORDER)
#define GUARD_PAGES 64ul
#define BUFFER_PAGES (ALLOCATION_PAGES - 2 * GUARD_PAGES)
#define BUFFER_BYTES ((size_t)BUFFER_PAGES << PAGE_SHIFT)

static unsigned long claim_address;
module_param(claim_address, ulong, 0644);
MODULE_PARM_DESC(claim_address, "Physical address of the memory to claim");

static unsigned long claim_bytes = PAGE_SIZE;
module_param(claim_bytes, ulong, 0644);
MODULE_PARM_DESC(claim_bytes, "How much is claimed (a page)");

static struct page *allocation;
static struct dentry *directory;
static struct resource *claimed;
static u64 frame;

static struct page *buffer_page(u64 number)
{
	return allocation + GUARD_PAGES + number;
}

static void *buffer_memory(void)
{
	return page_address(buffer_page(0));
}

static int address_get(void *data, u64 *value)
{
	*value = page_to_phys(buffer_page(0));
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(address_file, address_get, NULL, "0x%llx\n");

static int size_get(void *data, u64 *value)
{
	*value = BUFFER_BYTES;
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(size_file, size_get, NULL, "0x%llx\n");

static int unreserve_set(void *data, u64 number)
{
	if (number >= BUFFER_PAGES)
		return -ERANGE;
	ClearPageReserved(buffer_page(number));
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(unreserve_file, NULL, unreserve_set, "%llu\n");

static int reserve_set(void *data, u64 number)
{
	if (number >= BUFFER_PAGES)
		return -ERANGE;
	SetPageReserved(buffer_page(number));
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(reserve_file, NULL, reserve_set, "%llu\n");

static int frame_get(void *data, u64 *value)
{
	*value = frame;
	return 0;
}

static int frame_set(void *data, u64 address)
{
	struct vm_area_struct *area;
	unsigned long pfn;
	int ret = -EFAULT;

	mmap_read_lock(current->mm);
	area = find_vma(current->mm, address);
	if (area && area->vm_start <= address)
		ret = dmp_page_frame(area, address, &pfn);
	mmap_read_unlock(current->mm);
	if (!ret)
		frame = pfn;
	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(frame_file, frame_get, frame_set, "%llu\n");

static int claim_get(void *data, u64 *value)
{
	*value = claimed ? 1 : 0;
	return 0;
}

static void claim_release(void)
{
	if (claimed)
		release_mem_region(claimed->start, resource_size(claimed));
	claimed = NULL;
}

static int claim_set(void *data, u64 value)
{
	if (!value) {
		claim_release();
		return 0;
	}
	if (claimed || !claim_address)
		return -EINVAL;
	claimed = request_mem_region(claim_address, claim_bytes, "dmp_buffer");
	return claimed ? 0 : -EBUSY;
}
DEFINE_DEBUGFS_ATTRIBUTE(claim_file, claim_get, claim_set, "%llu\n");

static u64 slow;
static bool probed;

static int slow_handler(struct kprobe *probe, struct pt_regs *regs)
{
	udelay(slow);
	return 0;
}

static struct kprobe slow_probe = {
	.symbol_name = "devmem_is_allowed",
	.pre_handler = slow_handler,
};

static int slow_set(void *data, u64 value)
{
	int ret;

	if (value > 1000)
		return -ERANGE;
	slow = value;
	if (probed)
		return 0;
	ret = register_kprobe(&slow_probe);
	probed = !ret;
	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(slow_file, NULL, slow_set, "%llu\n");

static ssize_t memory_read(struct file *file, char __user *to, size_t count,
			   loff_t *position)
{
	return simple_read_from_buffer(to, count, position, buffer_memory(),
				       BUFFER_BYTES);
}

static ssize_t memory_write(struct file *file, const char __user *from,
			    size_t count, loff_t *position)
{
	return simple_write_to_buffer(buffer_memory(), BUFFER_BYTES, position,
				      from, count);
}

static const struct file_operations memory_file = {
	.owner = THIS_MODULE,
	.read = memory_read,
	.write = memory_write,
	.llseek = default_llseek,
};

static void fill_page(unsigned long number)
{
	char *text = page_address(allocation + number);
	bool guard = number < GUARD_PAGES || number >= GUARD_PAGES + BUFFER_PAGES;

	memset(text, '.', PAGE_SIZE);
	if (guard)
		snprintf(text, PAGE_SIZE, "devmem-policy guard page %lu\n", number);
	else
		snprintf(text, PAGE_SIZE, "devmem-policy buffer page %lu\n",
			 number - GUARD_PAGES);
}

static void make_files(void)
{
	directory = debugfs_create_dir("dmp_buffer", NULL);
	debugfs_create_file("address", 0400, directory, NULL, &address_file);
	debugfs_create_file("size", 0400, directory, NULL, &size_file);
	debugfs_create_file("memory", 0600, directory, NULL, &memory_file);
	debugfs_create_file("unreserve", 0200, directory, NULL, &unreserve_file);
	debugfs_create_file("reserve", 0200, directory, NULL, &reserve_file);
	debugfs_create_file("frame", 0600, directory, NULL, &frame_file);
	debugfs_create_file("claim", 0600, directory, NULL, &claim_file);
	debugfs_create_file("slow", 0200, directory, NULL, &slow_file);
}

static int __init dmp_buffer_init(void)
{
	unsigned long number;

	allocation = alloc_pages(GFP_KERNEL, ALLOCATION_ORDER);
	if (!allocation)
		return -ENOMEM;
	split_page(allocation, ALLOCATION_ORDER);
	for (number = 0; number < ALLOCATION_PAGES; number++) {
		SetPageReserved(allocation + number);
		fill_page(number);
	}
	make_files();
	return 0;
}

static void __exit dmp_buffer_exit(void)
{
	unsigned long number;

	debugfs_remove(directory);
	if (probed)
		unregister_kprobe(&slow_probe);
	claim_release();
	for (number = 0; number < ALLOCATION_PAGES; number++) {
		ClearPageReserved(allocation + number);
		__free_page(allocation + number);
	}
}

module_init(dmp_buffer_init);
module_exit(dmp_buffer_exit);
MODULE_DESCRIPTION("Reserved memory for the tests of devmem-policy");
MODULE_LICENSE("GPL");
