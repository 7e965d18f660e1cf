/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * marks.h - what of a policy was granted to mappings
 */
#ifndef DMP_MARKS_H
#define DMP_MARKS_H

#include <policy/ruling.h>

/*
 * Two kinds of bits, set by handlers and taken back by a sweep: for each candidate
 * of the index and operation, that it granted something; and for the pages of each
 * segment, that they were granted. A segment of many pages has one bit for each
 * run of 2^shift of them.
 */
struct dmp_marks {
	const struct dmp_index *index;
	u32 segment_bits_max;
	unsigned long *rules; /* DMP_OPS bits a candidate */
	unsigned long *rules_lost; /* likewise, while it is being taken back */
	unsigned long *pages;
	unsigned long *pages_lost; /* likewise */
	u32 *at; /* where the bits of each segment begin in pages */
};

int dmp_marks_init(struct dmp_marks *marks, const struct dmp_index *index);
void dmp_marks_free(struct dmp_marks *marks);

void dmp_marks_set(struct dmp_marks *marks, u32 segment, u32 candidate, unsigned int op,
		   u64 first_pfn, u64 last_pfn);
bool dmp_marks_has(const struct dmp_marks *marks, u32 segment, u64 pfn);
void dmp_marks_copy(struct dmp_marks *to, u32 to_segment, u32 candidate, unsigned int op,
		    const struct dmp_marks *from, u32 from_segment, u64 first_pfn, u64 last_pfn);
void dmp_marks_lose(struct dmp_marks *marks, u32 segment, u64 first_pfn, u64 last_pfn);
bool dmp_marks_take_lost(struct dmp_marks *marks, u32 segment, u64 *first_pfn, u64 *last_pfn);

static inline unsigned long dmp_marks_rules(const struct dmp_marks *marks)
{
	return DMP_OPS * (unsigned long)dmp_index_candidates(marks->index);
}

#endif /* DMP_MARKS_H */
