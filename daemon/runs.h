/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runs.h - what was answered to each page, in runs of pages with the same answer */
#ifndef DEVMEM_POLICY_RUNS_H
#define DEVMEM_POLICY_RUNS_H

#include <stddef.h>
#include <stdint.h>

/* From the least open to the most. Names in JSON: dmp_answer_name() */
enum dmp_answer {
	DMP_ANSWER_PENDING, /* not asked for yet */
	DMP_ANSWER_NOT_ASKED, /* reading it might have side effects */
	DMP_ANSWER_REFUSED,
	DMP_ANSWER_ZERO_FILLED, /* reading gives zeros, whatever is there */
	DMP_ANSWER_ALLOWED,
	DMP_ANSWERS
};

struct dmp_run {
	uint64_t first_pfn;
	uint64_t last_pfn; /* inclusive */
	enum dmp_answer answer;
	int error; /* the errno of what was refused, or 0 */
};

/* In order, and apart from each other */
struct dmp_runs {
	struct dmp_run *list;
	size_t count;
};

/*
 * dmp_runs_append() - pages behind those that there are
 *
 * Return: 0, -EBADMSG when they do not lie behind them, or -ENOMEM.
 */
int dmp_runs_append(struct dmp_runs *runs, const struct dmp_run *run);

/*
 * dmp_runs_at() - the run with a page
 * @hint: where to begin to look; it is moved on, so that asking for page after page
 * is cheap
 *
 * Return: NULL when it is in none; then *hint is the next one's.
 */
const struct dmp_run *dmp_runs_at(const struct dmp_runs *runs, uint64_t pfn, size_t *hint);

void dmp_runs_free(struct dmp_runs *runs);

/* dmp_answer_name() - as in "zero-filled" */
const char *dmp_answer_name(enum dmp_answer answer);

#endif /* DEVMEM_POLICY_RUNS_H */
