/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decision_table.h - the inputs of the decision, and all their combinations
 *
 * Each input has ordinary values and special ones. The table is the product of
 * all ordinary values, and, for each special value, the product of it with the
 * ordinary values of the other inputs.
 */
#ifndef DEVMEM_POLICY_TESTS_DECISION_TABLE_H
#define DEVMEM_POLICY_TESTS_DECISION_TABLE_H

#include <stdio.h>

#include "decision_model.h"

/* Those that the policies depend on come first, for they change least. */
enum table_input {
	TABLE_RULES, /* which rules there are */
	TABLE_WHOSE, /* which of them have the conditions */
	TABLE_SUBJECT, /* the conditions, and who asks */
	TABLE_TIME,
	TABLE_PERMISSIVE,
	TABLE_DEFAULT,
	TABLE_WITHDRAWN,
	TABLE_POLICY_INPUTS = TABLE_WITHDRAWN + 1,
	TABLE_BASELINE = TABLE_POLICY_INPUTS,
	TABLE_OPERATION,
	TABLE_AUDITOR,
	TABLE_RESERVED,
	TABLE_RAILS,
	TABLE_INPUTS,
};

struct table_row {
	unsigned int value[TABLE_INPUTS];
};

/* What a row's words stand for. */
struct table_place {
	unsigned long page; /* with three pages more on either side */
	long now;
	unsigned int uid, other_uid;
	unsigned int gid, other_gid, third_gid;
};

struct table_scene {
	struct model_world world;
	struct model_access access;
};

/* table_size() - the number of rows */
unsigned long table_size(void);

/*
 * table_first(), table_next() - the rows in order, the last input first
 *
 * Return: of table_next(), the first input that changed; TABLE_INPUTS: that was
 * the last row.
 */
void table_first(struct table_row *row);
enum table_input table_next(struct table_row *row);

/* table_values() - how many values an input has */
unsigned int table_values(enum table_input input);

void table_scene(const struct table_row *row, const struct table_place *place,
		 struct table_scene *scene);

/*
 * table_is_real() - can a running kernel be brought there?
 *
 * Not to the very second, nor with the clock set back, nor to races.
 */
bool table_is_real(const struct table_row *row);

/* table_print() - one line for a person */
void table_print(const struct table_row *row, FILE *stream);

#endif /* DEVMEM_POLICY_TESTS_DECISION_TABLE_H */
