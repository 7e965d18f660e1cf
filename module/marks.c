// SPDX-License-Identifier: GPL-2.0-only
/*
 * marks.c - what of a policy was granted to mappings
 *
 * Only that is torn down when the grant ends: what the kernel itself allowed in
 * the same range is nobody's grant. The pages of a segment up to 16 MiB are marked
 * one by one; larger ones, and those of a policy with very many segments, in runs.
 */
#include <linux/bitops.h>
#include <linux/log2.h>
#include "marks.h"
#include "memory.h"

#define DMP_SEGMENT_BITS_MAX 4096u
#define DMP_SEGMENT_BITS_MIN 64u
#define DMP_PAGE_BITS_MAX 1048576u /* of a policy, about */

static const struct dmp_segment *dmp_marks_segment(const struct dmp_marks *marks, u32 segment)
{
	return &marks->index->segments[segment];
}

/* log2 of the pages that a bit of the segment stands for */
static unsigned int dmp_marks_shift(const struct dmp_marks *marks, u32 segment)
{
	const struct dmp_segment *pages = dmp_marks_segment(marks, segment);
	u64 last = pages->last_pfn - pages->first_pfn;

	return last < marks->segment_bits_max ? 0 : ilog2(last) + 1 -
						    ilog2(marks->segment_bits_max);
}

static unsigned long dmp_marks_bit(const struct dmp_marks *marks, u32 segment, u64 pfn)
{
	u64 page = pfn - dmp_marks_segment(marks, segment)->first_pfn;

	return marks->at[segment] + (page >> dmp_marks_shift(marks, segment));
}

/* The pages that a bit stands for. */
static void dmp_marks_run(const struct dmp_marks *marks, u32 segment, unsigned long bit,
			  u64 *first_pfn, u64 *last_pfn)
{
	const struct dmp_segment *pages = dmp_marks_segment(marks, segment);
	unsigned int shift = dmp_marks_shift(marks, segment);

	*first_pfn = pages->first_pfn + ((u64)(bit - marks->at[segment]) << shift);
	*last_pfn = min(*first_pfn + (1ULL << shift) - 1, pages->last_pfn);
}

static unsigned long *dmp_bits_alloc(unsigned long bits)
{
	return dmp_zalloc(BITS_TO_LONGS(bits + 1), sizeof(long));
}

/* Return: how many bits all segments have. */
static unsigned long dmp_marks_lay_out(struct dmp_marks *marks)
{
	unsigned long bits = 0;
	u32 i;

	for (i = 0; i < marks->index->segment_count; i++) {
		marks->at[i] = bits;
		bits = dmp_marks_bit(marks, i, dmp_marks_segment(marks, i)->last_pfn) + 1;
	}
	marks->at[i] = bits;
	return bits;
}

/**
 * dmp_marks_init() - make room for the marks of a policy
 * @marks: all zero; to be freed with dmp_marks_free() also after a failure
 * @index: of the policy; must stay as it is
 *
 * Context: Process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int dmp_marks_init(struct dmp_marks *marks, const struct dmp_index *index)
{
	unsigned long bits;

	marks->index = index;
	marks->segment_bits_max =
		rounddown_pow_of_two(clamp(DMP_PAGE_BITS_MAX / max(index->segment_count, 1u),
					   DMP_SEGMENT_BITS_MIN, DMP_SEGMENT_BITS_MAX));
	marks->at = dmp_zalloc(index->segment_count + 1, sizeof(*marks->at));
	if (!marks->at)
		return -ENOMEM;
	bits = dmp_marks_lay_out(marks);
	marks->rules = dmp_bits_alloc(dmp_marks_rules(marks));
	marks->rules_lost = dmp_bits_alloc(dmp_marks_rules(marks));
	marks->pages = dmp_bits_alloc(bits);
	marks->pages_lost = dmp_bits_alloc(bits);
	if (!marks->rules || !marks->rules_lost || !marks->pages || !marks->pages_lost)
		return -ENOMEM;
	return 0;
}

/* dmp_marks_free() - give the room back; process context */
void dmp_marks_free(struct dmp_marks *marks)
{
	kvfree(marks->at);
	kvfree(marks->rules);
	kvfree(marks->rules_lost);
	kvfree(marks->pages);
	kvfree(marks->pages_lost);
}

/* Most often it is set already, and the cache line is left alone. */
static void dmp_bit_set(unsigned long *bits, unsigned long bit)
{
	if (!test_bit(bit, bits))
		set_bit(bit, bits);
}

static unsigned long dmp_marks_rule_bit(const struct dmp_marks *marks, u32 segment, u32 candidate,
					unsigned int op)
{
	return DMP_OPS * (unsigned long)dmp_index_candidate(marks->index, segment, candidate) + op;
}

/**
 * dmp_marks_set() - a candidate grants pages to a mapping
 * @marks: of the policy
 * @segment: of its index
 * @candidate: of the segment
 * @op: 0: to be read, 1: to be written
 * @first_pfn: page frame number, in the segment
 * @last_pfn: likewise, inclusive
 *
 * Context: Any; also probe handlers.
 */
void dmp_marks_set(struct dmp_marks *marks, u32 segment, u32 candidate, unsigned int op,
		   u64 first_pfn, u64 last_pfn)
{
	unsigned long bit = dmp_marks_bit(marks, segment, first_pfn);
	unsigned long last = bit;

	if (last_pfn != first_pfn)
		last = dmp_marks_bit(marks, segment, last_pfn);
	for (; bit <= last; bit++)
		dmp_bit_set(marks->pages, bit);
	dmp_bit_set(marks->rules, dmp_marks_rule_bit(marks, segment, candidate, op));
}

/* dmp_marks_has() - is a page of the segment, or one close to it, marked? Any context. */
bool dmp_marks_has(const struct dmp_marks *marks, u32 segment, u64 pfn)
{
	return test_bit(dmp_marks_bit(marks, segment, pfn), marks->pages);
}

/**
 * dmp_marks_copy() - what was granted is now granted by another candidate
 * @to: marks of its policy
 * @to_segment: its segment
 * @candidate: of that segment
 * @op: 0: to be read, 1: to be written
 * @from: marks of the policy that granted it
 * @from_segment: its segment
 * @first_pfn: of the pages that this is about; in both segments
 * @last_pfn: inclusive
 *
 * Context: Process.
 */
void dmp_marks_copy(struct dmp_marks *to, u32 to_segment, u32 candidate, unsigned int op,
		    const struct dmp_marks *from, u32 from_segment, u64 first_pfn, u64 last_pfn)
{
	unsigned long bit = dmp_marks_bit(from, from_segment, first_pfn);
	unsigned long last = dmp_marks_bit(from, from_segment, last_pfn);
	u64 first, end;

	for_each_set_bit_from(bit, from->pages, last + 1) {
		dmp_marks_run(from, from_segment, bit, &first, &end);
		first = max(first, first_pfn);
		end = min(end, last_pfn);
		for (; first <= end; first += 1ULL << dmp_marks_shift(to, to_segment))
			dmp_bit_set(to->pages, dmp_marks_bit(to, to_segment, first));
		dmp_bit_set(to->pages, dmp_marks_bit(to, to_segment, end));
	}
	dmp_bit_set(to->rules, dmp_marks_rule_bit(to, to_segment, candidate, op));
}

/**
 * dmp_marks_lose() - these pages are not granted any more
 * @marks: of the policy
 * @segment: of its index
 * @first_pfn: in the segment
 * @last_pfn: inclusive
 *
 * Clears what was set, and remembers it for dmp_marks_take_lost(). Where a bit
 * stands for other pages as well it stays.
 *
 * Context: Process; sweeps exclude each other.
 */
void dmp_marks_lose(struct dmp_marks *marks, u32 segment, u64 first_pfn, u64 last_pfn)
{
	unsigned long bit = dmp_marks_bit(marks, segment, first_pfn);
	unsigned long last = dmp_marks_bit(marks, segment, last_pfn);
	u64 first, end;

	for_each_set_bit_from(bit, marks->pages, last + 1) {
		__set_bit(bit, marks->pages_lost);
		dmp_marks_run(marks, segment, bit, &first, &end);
		if (first >= first_pfn && end <= last_pfn)
			clear_bit(bit, marks->pages);
	}
}

/**
 * dmp_marks_take_lost() - the next run of pages of a segment that were lost
 * @marks: of the policy
 * @segment: of its index
 * @first_pfn: the first of the run
 * @last_pfn: the last of the run
 *
 * Context: Process; sweeps exclude each other.
 * Return: false when there is none.
 */
bool dmp_marks_take_lost(struct dmp_marks *marks, u32 segment, u64 *first_pfn, u64 *last_pfn)
{
	unsigned long end = marks->at[segment + 1], bit;
	u64 unused;

	bit = find_next_bit(marks->pages_lost, end, marks->at[segment]);
	if (bit >= end)
		return false;
	dmp_marks_run(marks, segment, bit, first_pfn, last_pfn);
	for (; bit < end && test_bit(bit, marks->pages_lost); bit++) {
		__clear_bit(bit, marks->pages_lost);
		dmp_marks_run(marks, segment, bit, &unused, last_pfn);
	}
	return true;
}
