/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.h - from a page frame number to the rules that name it
 *
 * Compiled unchanged into the module and the programs. The index is an array of
 * disjoint segments in ascending order, searched by bisection. It is immutable
 * once built; lookups take no lock and work in any context.
 */
#ifndef DEVMEM_POLICY_INDEX_H
#define DEVMEM_POLICY_INDEX_H

#include "decode.h"

/* Operations as array subscripts: read, write. */
#define DMP_OPS 2

/*
 * Pages first_pfn..last_pfn (inclusive), all named by the same rules. For each
 * operation the index of the rule that decides, or DMP_NO_RULE: a deny rule if
 * any names the pages and the operation, else an allow rule, one that says
 * unreserved-ram before one that does not; among equals the one that is first in
 * the policy's canonical order.
 */
struct dmp_segment {
	u64 first_pfn;
	u64 last_pfn;
	u32 rule[DMP_OPS];
};

struct dmp_index {
	u32 segment_count;
	const struct dmp_segment *segments;
};

/*
 * dmp_index_bound() - the most segments that rule_count rules can make
 *
 * Every segment begins where some rule begins or just after one ends, and the
 * last such boundary begins none: 2 * rule_count - 1, and 0 for none.
 */
u32 dmp_index_bound(u32 rule_count);

/*
 * dmp_index_build() - fill segments[] from a validated view
 * @page_shift: log2 of the page size in bytes; all rules must be aligned to it
 * @segments: room for dmp_index_bound() segments
 *
 * Adjacent segments with the same rules are merged. O(rules).
 *
 * Return: the number of segments, or -ERANGE with *misaligned set to the index
 * of a rule that is not aligned.
 */
s64 dmp_index_build(const struct dmp_view *view, unsigned int page_shift,
		    struct dmp_segment *segments, u32 *misaligned);

/*
 * dmp_index_find() - the segment that holds pfn
 *
 * O(log segments). When no segment holds pfn, NULL is returned; *first_pfn and
 * *last_pfn are set in either case to the run of pages, inclusive, around pfn
 * for which the answer is the same (the gap's ends; 0 and ~0 at the outside).
 */
const struct dmp_segment *dmp_index_find(const struct dmp_index *index, u64 pfn,
					 u64 *first_pfn, u64 *last_pfn);

#endif /* DEVMEM_POLICY_INDEX_H */
