/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory.h - room for what may be large
 */
#ifndef DMP_MEMORY_H
#define DMP_MEMORY_H

#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/**
 * dmp_zalloc() - memory that is all zero, for kvfree()
 * @count: of elements
 * @bytes: of each
 *
 * In whole pages where it is more than one: kvmalloc() tries for a power of two, which
 * would make a policy of 2 MiB and a few bytes one of 4.
 *
 * Context: Process; may sleep.
 * Return: NULL when there is none, or when that is too much for a size_t.
 */
static inline void *dmp_zalloc(size_t count, size_t bytes)
{
	size_t size = array_size(count, bytes);

	return size > PAGE_SIZE ? vzalloc(size) : kzalloc(size, GFP_KERNEL);
}

#endif /* DMP_MEMORY_H */
