// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * index.c - from a page frame number to the rules that name it
 *
 * For one action and one operation, the first rule in canonical order that
 * names a page decides about it. Since rules are sorted by where they start,
 * what earlier rules have taken of a rule's pages is always its beginning: a
 * rule claims the pages from where the ones before it end. So each of the four
 * pairs of action and operation gives a stream of disjoint, ascending claims,
 * and the index is the merger of four streams, made without any other memory.
 */
#include "index.h"

#include <linux/devmem_policy.h>

#define DMP_STREAMS (2 * DMP_OPS)

/* The claims of one action and operation; the one at hand, and how to go on. */
struct stream {
	u8 action;
	u8 op;
	u32 next_rule;
	u32 rule; /* whose claim is at hand; DMP_NO_RULE: no more claims */
	u64 first_pfn;
	u64 last_pfn; /* also the end of everything claimed so far */
	bool started;
};

struct builder {
	const struct dmp_view *view;
	unsigned int page_shift;
	struct stream streams[DMP_STREAMS]; /* deny r, deny w, allow r, allow w */
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

/* Make the claim of rule the one at hand; false when it has none to make. */
static bool claim(struct stream *stream, const struct builder *builder, u32 rule)
{
	const u8 *record = rule_record(builder->view, rule);
	u64 first = dmp_load64(record + DMP_RULE_FIRST) >> builder->page_shift;
	u64 last = dmp_load64(record + DMP_RULE_LAST) >> builder->page_shift;

	if (record[DMP_RULE_ACTION] != stream->action ||
	    !(record[DMP_RULE_OPS] & stream->op))
		return false;
	if (stream->started && last <= stream->last_pfn)
		return false;
	/* last is larger than last_pfn here, so the sum cannot overflow. */
	if (stream->started && first <= stream->last_pfn)
		first = stream->last_pfn + 1;
	stream->started = true;
	stream->rule = rule;
	stream->first_pfn = first;
	stream->last_pfn = last;
	return true;
}

static void advance(struct stream *stream, const struct builder *builder)
{
	while (stream->next_rule < builder->view->header.rule_count)
		if (claim(stream, builder, stream->next_rule++))
			return;
	stream->rule = DMP_NO_RULE;
}

static void start_streams(struct builder *builder)
{
	static const u8 ops[DMP_OPS] = { DEVMEM_POLICY_OP_READ,
					 DEVMEM_POLICY_OP_WRITE };
	struct stream *stream;
	u32 i;

	for (i = 0; i < DMP_STREAMS; i++) {
		stream = &builder->streams[i];
		memset(stream, 0, sizeof(*stream));
		stream->action = i < DMP_OPS ? DEVMEM_POLICY_DENY :
					       DEVMEM_POLICY_ALLOW;
		stream->op = ops[i % DMP_OPS];
		advance(stream, builder);
	}
}

static bool covers(const struct stream *stream, u64 pfn)
{
	return stream->rule != DMP_NO_RULE && stream->first_pfn <= pfn &&
	       pfn <= stream->last_pfn;
}

/* The first claimed page at or after pfn; false when there is none. */
static bool next_start(struct builder *builder, u64 pfn, u64 *start)
{
	struct stream *stream;
	bool found = false;
	u64 candidate;
	u32 i;

	*start = ~(u64)0;
	for (i = 0; i < DMP_STREAMS; i++) {
		stream = &builder->streams[i];
		while (stream->rule != DMP_NO_RULE && stream->last_pfn < pfn)
			advance(stream, builder);
		if (stream->rule == DMP_NO_RULE)
			continue;
		candidate = stream->first_pfn > pfn ? stream->first_pfn : pfn;
		if (candidate < *start)
			*start = candidate;
		found = true;
	}
	return found;
}

/* The last page for which all streams say what they say for start. */
static u64 common_end(const struct builder *builder, u64 start)
{
	const struct stream *stream;
	u64 end = ~(u64)0, candidate;
	u32 i;

	for (i = 0; i < DMP_STREAMS; i++) {
		stream = &builder->streams[i];
		if (stream->rule == DMP_NO_RULE)
			continue;
		candidate = covers(stream, start) ? stream->last_pfn :
						    stream->first_pfn - 1;
		if (candidate < end)
			end = candidate;
	}
	return end;
}

static u32 deciding_rule(const struct builder *builder, u32 op, u64 pfn)
{
	const struct stream *deny = &builder->streams[op];
	const struct stream *allow = &builder->streams[DMP_OPS + op];

	if (covers(deny, pfn))
		return deny->rule;
	return covers(allow, pfn) ? allow->rule : DMP_NO_RULE;
}

static void append(struct builder *builder, u64 first_pfn, u64 last_pfn)
{
	struct dmp_segment *segment = &builder->segments[builder->count];
	struct dmp_segment *before = builder->count ? segment - 1 : NULL;
	u32 read = deciding_rule(builder, 0, first_pfn);
	u32 write = deciding_rule(builder, 1, first_pfn);

	if (before && before->last_pfn + 1 == first_pfn &&
	    before->rule[0] == read && before->rule[1] == write) {
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
	start_streams(&builder);
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
