/* SPDX-License-Identifier: GPL-2.0-or-later */
/* many_rules.h - policies with as many rules as there may be */
#ifndef DEVMEM_POLICY_TESTS_MANY_RULES_H
#define DEVMEM_POLICY_TESTS_MANY_RULES_H

#include "ruling_fixture.h"

/* Each one overlaps the next. */
static inline void print_chain(FILE *stream)
{
	size_t i;

	for (i = 0; i < DMP_MAX_RULES; i++)
		fprintf(stream, "%s rw 0x%zx+12K\n", i % 3 ? "allow" : "deny", i << 13);
}

/* Pairs, one inside the other. */
static inline void print_pairs(FILE *stream)
{
	size_t i;

	for (i = 0; i < DMP_MAX_RULES / 2; i++)
		fprintf(stream, "allow rw 0x%zx+12K\ndeny r 0x%zx+4K\n", i << 14,
			(i << 14) + 0x1000);
}

/* Each one holds the next. */
static inline void print_nest(FILE *stream)
{
	size_t i;

	for (i = 0; i < DMP_MAX_RULES; i++)
		fprintf(stream, "%s 0x%zx-0x%zx\n", i % 2 ? "deny r" : "allow rw", i << 12,
			((2 * (size_t)DMP_MAX_RULES - i) << 12) - 1);
}

/* Groups of as many rules with conditions as may name a page. */
static inline void print_crowds(FILE *stream)
{
	size_t i;

	for (i = 0; i < DMP_MAX_RULES; i++)
		fprintf(stream, "allow rw 0x%zx+8K uid %zu\n", i / DMP_MAX_CONDITIONAL << 14,
			i % DMP_MAX_CONDITIONAL);
}

static inline struct built built_printed(void (*print)(FILE *))
{
	struct built built;
	size_t length;
	FILE *stream;
	char *text;

	stream = open_memstream(&text, &length);
	assert_non_null(stream);
	fputs("policy many\nserial 1\n", stream);
	print(stream);
	assert_int_equal(fclose(stream), 0);
	built = built_text(text);
	free(text);
	assert_int_equal(built.rules.view.header.rule_count, DMP_MAX_RULES);
	return built;
}

/* The number of halvings that leave nothing of n. */
static inline u32 halvings(u32 n)
{
	u32 count = 0;

	for (; n; n /= 2)
		count++;
	return count;
}

#endif /* DEVMEM_POLICY_TESTS_MANY_RULES_H */
