// SPDX-License-Identifier: GPL-2.0-only
/*
 * reserved.c - pages that were granted to a mapping while they were reserved
 *
 * The owner of such a page may free it while it is mapped, and nothing tells us:
 * it has to be looked at from time to time. Until then its next owner shares it,
 * and a page that is reserved again by then is not found out. There is a bit for
 * each page, in chunks that are made in process context, so that a handler only
 * sets bits. A chunk that was made stays until the module goes.
 */
#include <linux/bitops.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "rails.h"
#include "reserved.h"

/* Besides RAM, memory has struct pages for so many bytes or for none. */
#define DMP_CHUNK_STEP_BYTES (2UL << 20)

static DEFINE_XARRAY(dmp_chunks); /* bitmaps, by page frame number >> DMP_CHUNK_SHIFT */

static bool dmp_chunk_has_pages(unsigned long chunk)
{
	unsigned long pfn = chunk << DMP_CHUNK_SHIFT;
	unsigned long end = pfn + DMP_CHUNK_PAGES;

	for (; pfn < end; pfn += DMP_CHUNK_STEP_BYTES >> PAGE_SHIFT)
		if (pfn_valid(pfn))
			return true;
	return false;
}

static int dmp_chunk_make(unsigned long chunk)
{
	unsigned long *bits;
	int ret;

	bits = kcalloc(BITS_TO_LONGS(DMP_CHUNK_PAGES), sizeof(long), GFP_KERNEL);
	if (!bits)
		return -ENOMEM;
	ret = xa_insert(&dmp_chunks, chunk, bits, GFP_KERNEL);
	if (ret)
		kfree(bits);
	/* Somebody else was faster. */
	return ret == -EBUSY ? 0 : ret;
}

static bool dmp_chunk_is_wanted(unsigned long chunk, unsigned long flags)
{
	if (xa_load(&dmp_chunks, chunk))
		return false;
	return flags & IORESOURCE_SYSRAM || dmp_chunk_has_pages(chunk);
}

static int dmp_chunks_make(struct resource *memory, void *unused)
{
	unsigned long chunk = memory->start >> (PAGE_SHIFT + DMP_CHUNK_SHIFT);
	unsigned long last = memory->end >> (PAGE_SHIFT + DMP_CHUNK_SHIFT);
	int ret = 0;

	for (; chunk <= last && !ret; chunk++) {
		if (dmp_chunk_is_wanted(chunk, memory->flags))
			ret = dmp_chunk_make(chunk);
		cond_resched();
	}
	return ret;
}

/**
 * dmp_reserved_prepare() - make room for notes on the pages of a range
 * @first_pfn: page frame number
 * @last_pfn: inclusive
 *
 * For all that has a struct page now. Besides RAM that is memory which firmware
 * keeps, so everything that the resources call memory is looked at. Memory that
 * is plugged in later needs another call.
 *
 * Context: Process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int dmp_reserved_prepare(u64 first_pfn, u64 last_pfn)
{
	u64 mask = DMP_CHUNK_PAGES - 1;
	int ret;

	ret = walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_MEM,
				  (first_pfn & ~mask) << PAGE_SHIFT,
				  ((last_pfn | mask) << PAGE_SHIFT) | (PAGE_SIZE - 1), NULL,
				  dmp_chunks_make);
	/* What it says when there was nothing to see. */
	return ret == -EINVAL ? 0 : ret;
}

/**
 * dmp_reserved_note() - a page is about to be granted to a mapping
 * @pfn: page frame number; dmp_rails_reserved() was true for it
 *
 * Context: Any; also probe handlers.
 * Return: false if it cannot be watched, so must not be granted.
 */
bool dmp_reserved_note(u64 pfn)
{
	unsigned long *bits = xa_load(&dmp_chunks, pfn >> DMP_CHUNK_SHIFT);

	/* What has no struct page is not the allocator's. */
	if (!bits)
		return !pfn_valid(pfn);
	set_bit(pfn & (DMP_CHUNK_PAGES - 1), bits);
	return true;
}

static bool dmp_chunk_lost(const unsigned long *bits, u64 base_pfn, unsigned long bit)
{
	return bit < DMP_CHUNK_PAGES && test_bit(bit, bits) && !dmp_rails_reserved(base_pfn + bit);
}

/* Forget the run of lost pages that begins with this bit, and say how long it is. */
static unsigned long dmp_chunk_lose(unsigned long *bits, u64 base_pfn, unsigned long first)
{
	unsigned long bit;

	for (bit = first; dmp_chunk_lost(bits, base_pfn, bit); bit++)
		clear_bit(bit, bits);
	return bit - first;
}

static bool dmp_chunk_check(unsigned long *bits, u64 base_pfn,
			    void (*lost)(u64 first_pfn, u64 pages))
{
	unsigned long bit = 0, pages;
	bool noted = false;

	while ((bit = find_next_bit(bits, DMP_CHUNK_PAGES, bit)) < DMP_CHUNK_PAGES) {
		pages = dmp_chunk_lose(bits, base_pfn, bit);
		if (pages)
			lost(base_pfn + bit, pages);
		else
			noted = true;
		bit += pages ?: 1;
	}
	return noted;
}

/**
 * dmp_reserved_check() - find the pages that are not reserved any more
 * @lost: called for each run of them, after they were forgotten; may sleep
 *
 * Forgotten first: a page that is granted anew meanwhile is noted anew.
 *
 * Context: Process; may sleep.
 * Return: are there notes left?
 */
bool dmp_reserved_check(void (*lost)(u64 first_pfn, u64 pages))
{
	unsigned long chunk;
	unsigned long *bits;
	bool noted = false;

	xa_for_each(&dmp_chunks, chunk, bits) {
		noted |= dmp_chunk_check(bits, (u64)chunk << DMP_CHUNK_SHIFT, lost);
		cond_resched();
	}
	return noted;
}

/**
 * dmp_reserved_forget() - the mappings of a range are about to be torn down
 * @first_pfn: page frame number
 * @last_pfn: inclusive
 *
 * To be called before that: what is granted after it has a note again, even if
 * it is torn down with the rest.
 *
 * Context: Process; may sleep.
 */
void dmp_reserved_forget(u64 first_pfn, u64 last_pfn)
{
	unsigned long *bits, chunk, bit, last;

	xa_for_each_range(&dmp_chunks, chunk, bits, first_pfn >> DMP_CHUNK_SHIFT,
			  last_pfn >> DMP_CHUNK_SHIFT) {
		u64 base_pfn = (u64)chunk << DMP_CHUNK_SHIFT;

		bit = first_pfn > base_pfn ? first_pfn - base_pfn : 0;
		last = min_t(u64, last_pfn - base_pfn, DMP_CHUNK_PAGES - 1);
		/* One by one: handlers set other bits of the same word. */
		for_each_set_bit_from(bit, bits, last + 1)
			clear_bit(bit, bits);
		cond_resched();
	}
}

/* No handler runs any more. */
void dmp_reserved_exit(void)
{
	unsigned long *bits, chunk;

	xa_for_each(&dmp_chunks, chunk, bits)
		kfree(bits);
	xa_destroy(&dmp_chunks);
}
