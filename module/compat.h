/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compat.h - what differs between the kernels 5.10 to 7.3
 *
 * The only file that looks at LINUX_VERSION_CODE. A shim says what changed and
 * since when; features are tested before versions, since distributions backport.
 */
#ifndef DMP_COMPAT_H
#define DMP_COMPAT_H

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/version.h>
#include <net/genetlink.h>

#ifndef CONFIG_STRICT_DEVMEM
#error "CONFIG_STRICT_DEVMEM is off: the kernel never asks if a page of /dev/mem is allowed"
#endif
#ifndef CONFIG_KRETPROBES
#error "CONFIG_KRETPROBES is off: the module decides in kretprobes and cannot work without them"
#endif
#ifndef CONFIG_SYSTEM_DATA_VERIFICATION
#error "CONFIG_SYSTEM_DATA_VERIFICATION is off: this kernel cannot verify the signature of a policy"
#endif
#ifdef CONFIG_S390
#error "s390 answers devmem_is_allowed() inline: there is no function to probe"
#endif

/*
 * 5.11: the ftrace callback gets struct ftrace_regs instead of struct pt_regs.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
#define dmp_ftrace_regs ftrace_regs
#else
#define dmp_ftrace_regs pt_regs
#endif

/* 6.2: ftrace_free_filter() is exported; before, an empty filter takes its place. */
static inline void dmp_ftrace_free_filter(struct ftrace_ops *ops)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	ftrace_free_filter(ops);
#else
	ftrace_set_filter(ops, NULL, 0, 1);
#endif
}

/*
 * 5.18, and stable trees: where a probed function returns to is told by
 * get_kretprobe_retaddr(), since the rethook has it; before, by a member. To be
 * asked in the return handler: at the entry it is not known yet.
 */
static inline unsigned long dmp_return_address(struct kretprobe_instance *ri)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0)
	return get_kretprobe_retaddr(ri);
#else
	return (unsigned long)ri->ret_addr;
#endif
}

/*
 * 6.7: get_file_rcu() takes the place where the pointer is, and loops.
 * Any context; with preemption off nobody frees what is read here. Return: a
 * reference, or NULL.
 */
static inline struct file *dmp_exe_file(struct mm_struct *mm)
{
	struct file *file;

	rcu_read_lock_sched();
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	file = get_file_rcu(&mm->exe_file);
#else
	file = rcu_dereference_sched(mm->exe_file);
	if (file && !get_file_rcu(file))
		file = NULL;
#endif
	rcu_read_unlock_sched();
	return file;
}

/*
 * 7.3: kernel threads have an empty root of their own, and init's is behind
 * userspace_init_fs; before, they share one. Caller does path_put().
 */
static inline void dmp_init_root(struct path *root)
{
#ifdef scoped_with_init_fs
	get_fs_root(userspace_init_fs, root);
#else
	task_lock(&init_task);
	get_fs_root(init_task.fs, root);
	task_unlock(&init_task);
#endif
}

/* 6.12 declares it in linux/namei.h; older kernels export it, but hide that. */
int vfs_path_lookup(struct dentry *dentry, struct vfsmount *mnt, const char *name,
		    unsigned int flags, struct path *path);

/* 5.12: mounts may show other owners than files have; 5.17: is_idmapped_mnt() tells. */
static inline bool dmp_mount_is_idmapped(const struct vfsmount *mnt)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0)
	return is_idmapped_mnt(mnt);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(5, 12, 0)
	return mnt_user_ns(mnt) != &init_user_ns;
#else
	return false;
#endif
}

/*
 * 7.x (appeared in 6.16): /dev/mem is mapped through
 * mmap_prepare(struct vm_area_desc *), before there is a VMA.
 * 6.3: vm_flags is const in struct vm_area_struct; a VMA that is not linked
 * yet is written through __vm_flags.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define DMP_MMAP_SYMBOL "mmap_mem_prepare"
#define DMP_MMAP_ARGUMENT 0
#define dmp_area vm_area_desc

static inline unsigned long dmp_area_flags(const struct dmp_area *area)
{
	unsigned long flags = 0;

	flags |= vma_desc_test(area, VMA_SHARED_BIT) ? VM_SHARED : 0;
	flags |= vma_desc_test(area, VMA_WRITE_BIT) ? VM_WRITE : 0;
	flags |= vma_desc_test(area, VMA_EXEC_BIT) ? VM_EXEC : 0;
	return flags;
}

static inline void dmp_area_drop_mayexec(struct dmp_area *area)
{
	vma_desc_clear_flags(area, VMA_MAYEXEC_BIT);
}

static inline void dmp_area_drop_maywrite(struct dmp_area *area)
{
	vma_desc_clear_flags(area, VMA_MAYWRITE_BIT);
}

static inline unsigned long dmp_area_pgoff(const struct dmp_area *area)
{
	return area->pgoff;
}

static inline unsigned long dmp_area_bytes(const struct dmp_area *area)
{
	return area->end - area->start;
}

static inline struct file *dmp_area_file(const struct dmp_area *area)
{
	return area->file;
}
#else
#define DMP_MMAP_SYMBOL "mmap_mem"
#define DMP_MMAP_ARGUMENT 1
#define dmp_area vm_area_struct

static inline unsigned long dmp_area_flags(const struct dmp_area *area)
{
	return area->vm_flags;
}

static inline void dmp_area_drop(struct dmp_area *area, unsigned long flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	ACCESS_PRIVATE(area, __vm_flags) &= ~flags;
#else
	area->vm_flags &= ~flags;
#endif
}

static inline void dmp_area_drop_mayexec(struct dmp_area *area)
{
	dmp_area_drop(area, VM_MAYEXEC);
}

static inline void dmp_area_drop_maywrite(struct dmp_area *area)
{
	dmp_area_drop(area, VM_MAYWRITE);
}

static inline unsigned long dmp_area_pgoff(const struct dmp_area *area)
{
	return area->vm_pgoff;
}

static inline unsigned long dmp_area_bytes(const struct dmp_area *area)
{
	return area->vm_end - area->vm_start;
}

static inline struct file *dmp_area_file(const struct dmp_area *area)
{
	return area->vm_file;
}
#endif

/*
 * 6.1: pfn_to_online_page() is exported whenever memory can be hotplugged;
 * without hotplug, or before, every valid page frame is online.
 */
static inline struct page *dmp_online_page(unsigned long pfn)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)
	return pfn_to_online_page(pfn);
#else
	return pfn_valid(pfn) ? pfn_to_page(pfn) : NULL;
#endif
}

/* Bits of a physical address. */
static inline unsigned int dmp_physical_bits(void)
{
#if defined(CONFIG_X86)
	return boot_cpu_data.x86_phys_bits;
#elif defined(CONFIG_ARM64)
	return PHYS_MASK_SHIFT;
#else
	return 8 * sizeof(phys_addr_t);
#endif
}

/* 6.6: genl_info_dump() gives what genl_dumpit_info() gave, but for the operation. */
static inline struct nlattr **dmp_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

/*
 * 6.8, and stable trees: what a listener of a multicast group needs is a flag.
 * 5.10.204: it is a member. Where there is neither, the doorbell, which says
 * only a number, is open to every process of the initial network namespace.
 */
#ifdef GENL_MCAST_CAP_SYS_ADMIN
#define DMP_GROUP_FLAGS .flags = GENL_MCAST_CAP_SYS_ADMIN,
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(5, 10, 204) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define DMP_GROUP_FLAGS .cap_sys_admin = 1,
#else
#define DMP_GROUP_FLAGS
#endif

#endif /* DMP_COMPAT_H */
