// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * index.c - from a page frame number to the rules that name it
 *
 * For one kind of rule and one operation, the first rule in canonical order that
 * names a page decides about it. Since rules are sorted by where they start,
 * that is the first one that has not ended before the page. So for each pair of
 * kind and operation, one walk over the rules goes along with the pages. The
 * kinds, the stronger first: deny; allow unreserved-ram, which allows all that
 * allow does; allow.
 *
 * Of rules with conditions none decides for good, so another walk carries the
 * list of all that name the page at hand. The index is the merger of the walks,
 * made in one pass and without any other memory.
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
	u32 rule; /* at hand */
	u64 first_pfn; /* of the rule at hand */
	u64 last_pfn;
};

/* The conditional rules that name the page at hand, and how to go on. */
struct carrier {
	u32 next_rule; /* conditional; rule_count: none is left */
	u32 count;
	u32 rule[DMP_MAX_CONDITIONAL];
	u64 last_pfn[DMP_MAX_CONDITIONAL];
};

struct builder {
	struct dmp_index_build *build;
	struct walk walks[DMP_WALKS]; /* the stronger kind first; without those at their end */
	u32 walking; /* how many there are */
	struct carrier carrier;
	struct dmp_segment last; /* segment; valid once there is one */
	u32 last_count; /* of conditional rules that it has, the last of all */
	u32 last_list[DMP_MAX_CONDITIONAL];
};

static const u8 *record_of(const struct builder *builder, u32 rule)
{
	return dmp_rule_record(builder->build->view, rule);
}

static u32 rule_count(const struct builder *builder)
{
	return builder->build->view->header.rule_count;
}

static u64 first_pfn_of(const struct builder *builder, u32 rule)
{
	return dmp_load64(record_of(builder, rule) + DMP_RULE_FIRST) >> builder->build->page_shift;
}

static u64 last_pfn_of(const struct builder *builder, u32 rule)
{
	return dmp_load64(record_of(builder, rule) + DMP_RULE_LAST) >> builder->build->page_shift;
}

static bool is_withdrawn(const struct builder *builder, u32 rule)
{
	return dmp_rule_in(builder->build->withdrawn, rule);
}

/* Is it judged when somebody asks? */
static bool is_conditional(const struct builder *builder, u32 rule)
{
	return is_withdrawn(builder, rule) ||
	       dmp_rule_conditions(builder->build->view, record_of(builder, rule));
}

static int check_alignment(struct dmp_index_build *build)
{
	u64 mask = ((u64)1 << build->page_shift) - 1;
	const u8 *record;
	u32 i;

	for (i = 0; i < build->view->header.rule_count; i++) {
		record = dmp_rule_record(build->view, i);
		if ((dmp_load64(record + DMP_RULE_FIRST) & mask) ||
		    (dmp_load64(record + DMP_RULE_LAST) & mask) != mask) {
			build->rule = i;
			return -ERANGE;
		}
	}
	return 0;
}

/* Make rule the one at hand; false when it is none of this walk's. */
static bool take(struct walk *walk, const struct builder *builder, u32 rule)
{
	const u8 *record = record_of(builder, rule);

	if (record[DMP_RULE_ACTION] != walk->action || !(record[DMP_RULE_OPS] & walk->op) ||
	    (dmp_load16(record + DMP_RULE_FLAGS) & walk->flags) != walk->flags ||
	    is_conditional(builder, rule))
		return false;
	walk->rule = rule;
	walk->first_pfn = first_pfn_of(builder, rule);
	walk->last_pfn = last_pfn_of(builder, rule);
	return true;
}

/* Return: false when there is no further rule. */
static bool advance(struct walk *walk, const struct builder *builder)
{
	while (walk->next_rule < rule_count(builder))
		if (take(walk, builder, walk->next_rule++))
			return true;
	return false;
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
	static const u8 ops[DMP_OPS] = { DEVMEM_POLICY_OP_READ, DEVMEM_POLICY_OP_WRITE };
	struct walk *walk;
	u32 i;

	for (i = 0; i < DMP_WALKS; i++) {
		walk = &builder->walks[builder->walking];
		walk->next_rule = 0;
		walk->action = kinds[i / DMP_OPS].action;
		walk->flags = kinds[i / DMP_OPS].flags;
		walk->op = ops[i % DMP_OPS];
		if (advance(walk, builder))
			builder->walking++;
	}
}

static void end_walk(struct builder *builder, u32 at)
{
	builder->walking--;
	for (; at < builder->walking; at++)
		builder->walks[at] = builder->walks[at + 1];
}

/* Have each walk at its first rule that ends at or after pfn. */
static void move_walks(struct builder *builder, u64 pfn)
{
	u32 i = 0;

	while (i < builder->walking) {
		struct walk *walk = &builder->walks[i];

		if (walk->last_pfn >= pfn)
			i++;
		else if (!advance(walk, builder))
			end_walk(builder, i);
	}
}

static void carrier_skip(struct builder *builder)
{
	struct carrier *carrier = &builder->carrier;

	while (carrier->next_rule < rule_count(builder) &&
	       !is_conditional(builder, carrier->next_rule))
		carrier->next_rule++;
}

static void carrier_remove(struct carrier *carrier, u32 at)
{
	carrier->count--;
	for (; at < carrier->count; at++) {
		carrier->rule[at] = carrier->rule[at + 1];
		carrier->last_pfn[at] = carrier->last_pfn[at + 1];
	}
}

/* Room for one more, at the cost of a rule that permits nothing anyway. */
static bool carrier_has_room(struct builder *builder)
{
	struct carrier *carrier = &builder->carrier;
	u32 i;

	if (carrier->count < DMP_MAX_CONDITIONAL)
		return true;
	for (i = 0; i < carrier->count; i++) {
		if (!is_withdrawn(builder, carrier->rule[i]))
			continue;
		carrier_remove(carrier, i);
		return true;
	}
	return false;
}

static int carrier_add(struct builder *builder, u32 rule)
{
	struct carrier *carrier = &builder->carrier;

	if (!carrier_has_room(builder)) {
		if (is_withdrawn(builder, rule))
			return 0;
		builder->build->rule = rule;
		return -E2BIG;
	}
	carrier->rule[carrier->count] = rule;
	carrier->last_pfn[carrier->count] = last_pfn_of(builder, rule);
	carrier->count++;
	return 0;
}

/* Drop the rules that end before pfn, take up those that start up to it. */
static int carrier_move(struct builder *builder, u64 pfn)
{
	struct carrier *carrier = &builder->carrier;
	u32 i = 0, rule;
	int ret = 0;

	while (i < carrier->count) {
		if (carrier->last_pfn[i] < pfn)
			carrier_remove(carrier, i);
		else
			i++;
	}
	while (!ret && carrier->next_rule < rule_count(builder) &&
	       first_pfn_of(builder, carrier->next_rule) <= pfn) {
		rule = carrier->next_rule++;
		if (last_pfn_of(builder, rule) >= pfn)
			ret = carrier_add(builder, rule);
		carrier_skip(builder);
	}
	return ret;
}

static bool covers(const struct walk *walk, u64 pfn)
{
	return walk->first_pfn <= pfn && pfn <= walk->last_pfn;
}

/*
 * The first page at or after pfn that a rule names; false when there is none. No
 * conditional rule that the carrier has not taken up starts before pfn.
 */
static bool next_start(struct builder *builder, u64 pfn, u64 *start)
{
	const struct carrier *carrier = &builder->carrier;
	bool found = builder->walking;
	u64 candidate;
	u32 i;

	*start = ~(u64)0;
	for (i = 0; i < builder->walking; i++) {
		candidate = builder->walks[i].first_pfn;
		if (candidate < *start)
			*start = candidate > pfn ? candidate : pfn;
	}
	for (i = 0; i < carrier->count; i++)
		if (carrier->last_pfn[i] >= pfn)
			*start = pfn;
	if (carrier->next_rule == rule_count(builder))
		return found || *start == pfn;
	candidate = first_pfn_of(builder, carrier->next_rule);
	if (candidate < *start)
		*start = candidate > pfn ? candidate : pfn;
	return true;
}

/* The last page that the same conditional rules name as start. */
static u64 carrier_end(const struct builder *builder)
{
	const struct carrier *carrier = &builder->carrier;
	u64 end = ~(u64)0;
	u32 i;

	for (i = 0; i < carrier->count; i++)
		if (carrier->last_pfn[i] < end)
			end = carrier->last_pfn[i];
	if (carrier->next_rule < rule_count(builder) &&
	    first_pfn_of(builder, carrier->next_rule) - 1 < end)
		end = first_pfn_of(builder, carrier->next_rule) - 1;
	return end;
}

/* The last page for which all walks have the rule that they have for start. */
static u64 common_end(const struct builder *builder, u64 start)
{
	u64 end = carrier_end(builder), candidate;
	const struct walk *walk;
	u32 i;

	for (i = 0; i < builder->walking; i++) {
		walk = &builder->walks[i];
		candidate = covers(walk, start) ? walk->last_pfn : walk->first_pfn - 1;
		if (candidate < end)
			end = candidate;
	}
	return end;
}

static u32 deciding_rule(const struct builder *builder, u8 op, u64 pfn)
{
	u32 i;

	for (i = 0; i < builder->walking; i++)
		if (builder->walks[i].op == op && covers(&builder->walks[i], pfn))
			return builder->walks[i].rule;
	return DMP_NO_RULE;
}

static bool same_rules(const struct builder *builder, const struct dmp_segment *segment)
{
	const struct dmp_segment *last = &builder->last;

	return builder->build->segment_count && last->rule[0] == segment->rule[0] &&
	       last->rule[1] == segment->rule[1] &&
	       builder->last_count == builder->carrier.count &&
	       !memcmp(builder->last_list, builder->carrier.rule,
		       builder->last_count * sizeof(u32));
}

static void store(struct builder *builder)
{
	struct dmp_index_build *build = builder->build;
	u32 first = build->conditional_count - builder->last_count, i;

	if (!build->segments)
		return;
	build->segments[build->segment_count - 1] = builder->last;
	for (i = 0; i < builder->last_count; i++)
		build->conditional[first + i] = builder->last_list[i];
	if (!build->conditional_at)
		return;
	build->conditional_at[build->segment_count - 1] = first;
	build->conditional_at[build->segment_count] = build->conditional_count;
}

static void append(struct builder *builder, u64 first_pfn, u64 last_pfn)
{
	const struct carrier *carrier = &builder->carrier;
	struct dmp_index_build *build = builder->build;
	struct dmp_segment segment = {
		.first_pfn = first_pfn,
		.last_pfn = last_pfn,
		.rule = { deciding_rule(builder, DEVMEM_POLICY_OP_READ, first_pfn),
			  deciding_rule(builder, DEVMEM_POLICY_OP_WRITE, first_pfn) },
	};

	/* They touch, for a rule that names both names what is between them. */
	if (same_rules(builder, &segment)) {
		builder->last.last_pfn = last_pfn;
	} else {
		builder->last = segment;
		builder->last_count = carrier->count;
		memcpy(builder->last_list, carrier->rule, carrier->count * sizeof(u32));
		build->conditional_count += carrier->count;
		build->segment_count++;
	}
	store(builder);
}

/* Move on to the next segment at or after *pfn. Return: whether there is one. */
static bool next_segment(struct builder *builder, u64 *pfn, int *ret)
{
	u64 start, end;

	*ret = carrier_move(builder, *pfn);
	move_walks(builder, *pfn);
	if (*ret || !next_start(builder, *pfn, &start))
		return false;
	*ret = carrier_move(builder, start);
	if (*ret)
		return false;
	end = common_end(builder, start);
	append(builder, start, end);
	*pfn = end + 1;
	return end != ~(u64)0;
}

int dmp_index_build(struct dmp_index_build *build)
{
	struct builder builder = { .build = build };
	u64 pfn = 0;
	int ret;

	build->segment_count = 0;
	build->conditional_count = 0;
	ret = check_alignment(build);
	if (ret)
		return ret;
	start_walks(&builder);
	carrier_skip(&builder);
	while (next_segment(&builder, &pfn, &ret))
		;
	return ret;
}

const struct dmp_segment *dmp_index_find(const struct dmp_index *index, u64 pfn,
					 u64 *first_pfn, u64 *last_pfn, u32 *touched)
{
	const struct dmp_segment *segments = index->segments, *segment;
	u32 low = 0, high = index->segment_count, middle;

	/* Afterwards low is the number of segments that start at or before pfn. */
	while (low < high) {
		++*touched;
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
