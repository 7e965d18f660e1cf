/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter.h - which lines of a log are wanted */
#ifndef DEVMEM_POLICY_FILTER_H
#define DEVMEM_POLICY_FILTER_H

#include <getopt.h>

#include "line.h"

enum {
	DMP_FILTER_SINCE = 1024,
	DMP_FILTER_UNTIL,
	DMP_FILTER_KIND,
	DMP_FILTER_VERDICT,
	DMP_FILTER_RULE,
	DMP_FILTER_POLICY,
	DMP_FILTER_PROGRAM,
	DMP_FILTER_RANGE,
};

/* With the one that ends them */
#define DMP_FILTER_OPTIONS 9

/* All zero: every record. Texts belong to the caller. */
struct dmp_filter {
	const char *since; /* the beginning of a time, as the log has it */
	const char *until;
	const char *kind;
	const char *verdict;
	const char *rule;
	const char *policy;
	const char *program;
	bool has_range;
	uint64_t first;
	uint64_t last;
};

/* dmp_filter_options - for getopt_long(3), to be copied behind others */
extern const struct option dmp_filter_options[DMP_FILTER_OPTIONS];

/*
 * dmp_filter_set() - an option, with its argument
 *
 * Return: 0; -EINVAL when the argument makes no sense, which was said; -ENOENT
 * when it is no option of a filter.
 */
int dmp_filter_set(struct dmp_filter *filter, int option, const char *argument);

/*
 * dmp_filter_matches() - is the line wanted?
 *
 * Lines that the log adds of its own are only wanted by their kind.
 */
bool dmp_filter_matches(const struct dmp_filter *filter, const struct dmp_line *line);

/* dmp_line_program() - the path of the program, or the name of the thread, or NULL */
const struct dmp_field *dmp_line_program(const struct dmp_line *line);

#endif /* DEVMEM_POLICY_FILTER_H */
