// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * index.c - from a page frame number to the rules that name it
 *
 * For one kind of rule and one operation, the first rule in canonical order that
 * names a page decides about it. Since rules are sorted by where they start,
 * that is the first one that has not ended before the page. So for each pair of
 * kind and operation, one walk over the rules goes along with the pages, and the
 * index is the merger of the walks, made in one pass and without any other
 * memory. The kinds, the stronger first: deny; allow unreserved-ram, which allows
 * all that allow does; allow.
 */
#include "index.h"

#include <linux/devmem_policy.h>

#define DMP_KINDS 3
#define DMP_WALKS (DMP_KINDS * DMP_OPS)

/* The rules of one kind and operation; the one at hand, and how to go on. */
struct walk {
	u8 action;
	u8 op;
	u16 flags; /* that a rule must have */
	u32 next_rule;
	u32 rule; /* at hand; DMP_NO_RULE: all have ended */
	u64 first_pfn; /* of the rule at hand */
	u64 last_pfn;
};

struct builder {
	const struct dmp_view *view;
	unsigned int page_shift;
	struct walk walks[DMP_WALKS]; /* by kind, and then by operation */
	struct dmp_segment *segments;
	u32 count;
};

u32 dmp_index_bound(u32 rule_count)
{
	return rule_count ? 2 * rule_count - 1 : 0;
}

static const u8 *rule_record(const struct dmp_view *view, u32 rule)
{
	return view->rules + (size_t)rule * DMP_RULE_BYTES;
}

static int find_misaligned(const struct dmp_view *view, unsigned int page_shift,
			   u32 *misaligned)
{
	u64 mask = ((u64)1 << page_shift) - 1;
	const u8 *record;
	u32 i;

	for (i = 0; i < view->header.rule_count; i++) {
		record = rule_record(view, i);
		if ((dmp_load64(record + DMP_RULE_FIRST) & mask) ||
		    (dmp_load64(record + DMP_RULE_LAST) & mask) != mask) {
			*misaligned = i;
			return -ERANGE;
		}
	}
	return 0;
}

/* Make rule the one at hand; false when it is none of this walk's. */
static bool take(struct walk *walk, const struct builder *builder, u32 rule)
{
	const u8 *record = rule_record(builder->view, rule);

	if (record[DMP_RULE_ACTION] != walk->action ||
	    !(record[DMP_RULE_OPS] & walk->op) ||
	    (dmp_load16(record + DMP_RULE_FLAGS) & walk->flags) != walk->flags)
		return false;
	walk->rule = rule;
	walk->first_pfn = dmp_load64(record + DMP_RULE_FIRST) >>
			  builder->page_shift;
	walk->last_pfn = dmp_load64(record + DMP_RULE_LAST) >>
			 builder->page_shift;
	return true;
}

static void advance(struct walk *walk, const struct builder *builder)
{
	while (walk->next_rule < builder->view->header.rule_count)
		if (take(walk, builder, walk->next_rule++))
			return;
	walk->rule = DMP_NO_RULE;
}

static void start_walks(struct builder *builder)
{
	static const struct {
		u8 action;
		u16 flags;
	} kinds[DMP_KINDS] = {
		{ DEVMEM_POLICY_DENY, 0 },
		{ DEVMEM_POLICY_ALLOW, DEVMEM_POLICY_RULE_UNRESERVED_RAM },
		{ DEVMEM_POLICY_ALLOW, 0 },
	};
	static const u8 ops[DMP_OPS] = { DEVMEM_POLICY_OP_READ,
					 DEVMEM_POLICY_OP_WRITE };
	struct walk *walk;
	u32 i;

	for (i = 0; i < DMP_WALKS; i++) {
		walk = &builder->walks[i];
		walk->action = kinds[i / DMP_OPS].action;
		walk->flags = kinds[i / DMP_OPS].flags;
		walk->op = ops[i % DMP_OPS];
		advance(walk, builder);
	}
}

static bool covers(const struct walk *walk, u64 pfn)
{
	return walk->rule != DMP_NO_RULE && walk->first_pfn <= pfn &&
	       pfn <= walk->last_pfn;
}

/* The first page at or after pfn that a rule names; false when there is none. */
static bool next_start(struct builder *builder, u64 pfn, u64 *start)
{
	struct walk *walk;
	bool found = false;
	u64 candidate;
	u32 i;

	*start = ~(u64)0;
	for (i = 0; i < DMP_WALKS; i++) {
		walk = &builder->walks[i];
		while (walk->rule != DMP_NO_RULE && walk->last_pfn < pfn)
			advance(walk, builder);
		if (walk->rule == DMP_NO_RULE)
			continue;
		candidate = walk->first_pfn > pfn ? walk->first_pfn : pfn;
		if (candidate < *start)
			*start = candidate;
		found = true;
	}
	return found;
}

/* The last page for which all walks have the rule that they have for start. */
static u64 common_end(const struct builder *builder, u64 start)
{
	const struct walk *walk;
	u64 end = ~(u64)0, candidate;
	u32 i;

	for (i = 0; i < DMP_WALKS; i++) {
		walk = &builder->walks[i];
		if (walk->rule == DMP_NO_RULE)
			continue;
		candidate = covers(walk, start) ? walk->last_pfn :
						  walk->first_pfn - 1;
		if (candidate < end)
			end = candidate;
	}
	return end;
}

static u32 deciding_rule(const struct builder *builder, u32 op, u64 pfn)
{
	u32 i;

	for (i = op; i < DMP_WALKS; i += DMP_OPS)
		if (covers(&builder->walks[i], pfn))
			return builder->walks[i].rule;
	return DMP_NO_RULE;
}

static void append(struct builder *builder, u64 first_pfn, u64 last_pfn)
{
	struct dmp_segment *segment = &builder->segments[builder->count];
	struct dmp_segment *before = builder->count ? segment - 1 : NULL;
	u32 read = deciding_rule(builder, 0, first_pfn);
	u32 write = deciding_rule(builder, 1, first_pfn);

	/* They touch, for a rule that names both names what is between them. */
	if (before && before->rule[0] == read && before->rule[1] == write) {
		before->last_pfn = last_pfn;
		return;
	}
	segment->first_pfn = first_pfn;
	segment->last_pfn = last_pfn;
	segment->rule[0] = read;
	segment->rule[1] = write;
	builder->count++;
}

s64 dmp_index_build(const struct dmp_view *view, unsigned int page_shift,
		    struct dmp_segment *segments, u32 *misaligned)
{
	struct builder builder = {
		.view = view,
		.page_shift = page_shift,
		.segments = segments,
	};
	u64 start, end, pfn = 0;
	int ret;

	ret = find_misaligned(view, page_shift, misaligned);
	if (ret)
		return ret;
	start_walks(&builder);
	while (next_start(&builder, pfn, &start)) {
		end = common_end(&builder, start);
		append(&builder, start, end);
		if (end == ~(u64)0)
			break;
		pfn = end + 1;
	}
	return builder.count;
}

const struct dmp_segment *dmp_index_find(const struct dmp_index *index, u64 pfn,
					 u64 *first_pfn, u64 *last_pfn)
{
	const struct dmp_segment *segments = index->segments, *segment;
	u32 low = 0, high = index->segment_count, middle;

	/* Afterwards low is the number of segments that start at or before pfn. */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (segments[middle].first_pfn <= pfn)
			low = middle + 1;
		else
			high = middle;
	}
	segment = low ? &segments[low - 1] : NULL;
	if (segment && pfn <= segment->last_pfn) {
		*first_pfn = segment->first_pfn;
		*last_pfn = segment->last_pfn;
		return segment;
	}
	*first_pfn = segment ? segment->last_pfn + 1 : 0;
	*last_pfn = low < index->segment_count ? segments[low].first_pfn - 1 :
						 ~(u64)0;
	return NULL;
}
