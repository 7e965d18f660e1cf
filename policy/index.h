/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.h - from a page frame number to the rules that name it
 *
 * Compiled unchanged into the module and the programs. The index is an array of
 * disjoint segments in ascending order, searched by bisection. It is immutable
 * once built; lookups take no lock and work in any context.
 *
 * Rules with conditions (who, until when), and those that were withdrawn, are
 * judged when somebody asks; so a segment lists all of them, at most
 * DMP_MAX_CONDITIONAL. Of the others only the one that decides is kept.
 */
#ifndef DEVMEM_POLICY_INDEX_H
#define DEVMEM_POLICY_INDEX_H

#include "decode.h"

/* Operations as array subscripts: read, write. */
#define DMP_OPS 2

/*
 * Pages first_pfn..last_pfn (inclusive), all named by the same rules. For each
 * operation the index of the rule without conditions that decides, or
 * DMP_NO_RULE: a deny rule if any names the pages and the operation, else an
 * allow rule, one that says unreserved-ram before one that does not; among equals
 * the one that is first in the policy's canonical order.
 */
struct dmp_segment {
	u64 first_pfn;
	u64 last_pfn;
	u32 rule[DMP_OPS];
};

/*
 * Rules with conditions are listed apart, and not at all where there are none, which
 * keeps what most policies need small.
 */
struct dmp_index {
	u32 segment_count;
	u32 conditional_count; /* of all segments */
	const struct dmp_segment *segments;
	const u32 *conditional; /* rules, in canonical order for each segment */
	const u32 *conditional_at; /* where those of each segment begin, and the last end;
				    * NULL: no segment has any
				    */
};

/* dmp_index_conditional() - so many rules with conditions come before those of a segment */
static inline u32 dmp_index_conditional(const struct dmp_index *index, u32 segment)
{
	return index->conditional_at ? index->conditional_at[segment] : 0;
}

/*
 * The candidates of a segment are numbered: its deciding rules for reading and
 * writing, then its conditional ones. Over the whole index, these numbers are
 * dense from 0 to dmp_index_candidates() - 1.
 */
static inline u32 dmp_index_candidates(const struct dmp_index *index)
{
	return DMP_OPS * index->segment_count + index->conditional_count;
}

static inline u32 dmp_index_candidate(const struct dmp_index *index, u32 segment, u32 n)
{
	return DMP_OPS * segment + dmp_index_conditional(index, segment) + n;
}

/* dmp_index_candidates_of() - how many a segment has */
static inline u32 dmp_index_candidates_of(const struct dmp_index *index, u32 segment)
{
	return DMP_OPS + dmp_index_conditional(index, segment + 1) -
	       dmp_index_conditional(index, segment);
}

/* dmp_index_rule() - the rule that is candidate n of a segment, or DMP_NO_RULE */
static inline u32 dmp_index_rule(const struct dmp_index *index, u32 segment, u32 n)
{
	return n < DMP_OPS ? index->segments[segment].rule[n] :
			     index->conditional[dmp_index_conditional(index, segment) + n -
						DMP_OPS];
}

/* Is bit number rule of a set of rules set? NULL is the empty set. */
static inline bool dmp_rule_in(const u8 *set, u32 rule)
{
	return set && set[rule / 8] & 1u << rule % 8;
}

struct dmp_index_build {
	/* Given */
	const struct dmp_view *view; /* validated */
	const u8 *withdrawn; /* set of rules; may be NULL */
	unsigned int page_shift; /* log2 of the page size in bytes */
	struct dmp_segment *segments; /* NULL: count only */
	u32 *conditional; /* likewise, or there are none */
	u32 *conditional_at; /* likewise; one more than segments */

	/* Made */
	u32 segment_count;
	u32 conditional_count;
	u32 rule; /* that an error is about */
};

/*
 * dmp_index_build() - make the index of a policy
 *
 * To be called twice: first to learn how much room it takes. Adjacent segments
 * with the same rules are merged. O(rules * DMP_MAX_CONDITIONAL).
 *
 * Return: 0; -ERANGE when a rule is not aligned to pages; -E2BIG when a rule is
 * one too many with conditions on some page. (Of withdrawn rules, which permit
 * nothing, those that find no room are left out instead.)
 */
int dmp_index_build(struct dmp_index_build *build);

/*
 * dmp_index_find() - the segment that holds pfn
 * @touched: is increased by the number of segments looked at
 *
 * O(log segments). When no segment holds pfn, NULL is returned; *first_pfn and
 * *last_pfn are set in either case to the run of pages, inclusive, around pfn
 * for which the answer is the same (the gap's ends; 0 and ~0 at the outside).
 */
const struct dmp_segment *dmp_index_find(const struct dmp_index *index, u64 pfn,
					 u64 *first_pfn, u64 *last_pfn, u32 *touched);

#endif /* DEVMEM_POLICY_INDEX_H */
