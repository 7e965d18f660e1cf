/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exposure.h - what /dev/mem gives on a machine: a sweep, and the facts about it
 *
 * It is kept as JSON, which devmemctl(8) documents.
 */
#ifndef DEVMEM_POLICY_EXPOSURE_H
#define DEVMEM_POLICY_EXPOSURE_H

#include <jansson.h>

#include "sweep.h"

#define DMP_BOOT_ID_SIZE 40

struct dmp_exposure {
	char release[72]; /* of the kernel */
	char machine[72];
	char command_line[1024]; /* of the kernel, escaped */
	char boot_id[DMP_BOOT_ID_SIZE];
	char time[32]; /* when it began */
	double seconds; /* that it took, with those before it was resumed */
	struct dmp_sweep sweep;
};

/* A run of pages that is alike in all, as it is in the JSON */
struct dmp_span {
	const struct dmp_area *area;
	uint64_t first_pfn;
	uint64_t last_pfn;
	enum dmp_answer answers[DMP_WAYS];
	int errors[DMP_WAYS];
};

/* Where a walk over the spans is; zeroed, it is before the first. */
struct dmp_span_cursor {
	size_t area;
	uint64_t next_pfn;
	size_t hints[DMP_WAYS];
};

/* dmp_span_next() - Return: false: there is no further one. */
bool dmp_span_next(const struct dmp_sweep *sweep, struct dmp_span_cursor *cursor,
		   struct dmp_span *span);

/* Pages by what is there; zero-filled pages are not among those that are open. */
struct dmp_exposure_count {
	uint64_t pages;
	uint64_t open[DMP_WAYS];
	uint64_t zero_filled;
};

struct dmp_exposure_counts {
	struct dmp_exposure_count by_ground[DMP_GROUNDS];
	struct dmp_exposure_count all;
	uint64_t refused[DMP_WAYS];
};

void dmp_exposure_count(const struct dmp_sweep *sweep, struct dmp_exposure_counts *counts);

/* dmp_exposure_machine() - the facts about this machine, now */
void dmp_exposure_machine(struct dmp_exposure *exposure);

/* dmp_exposure_json() - Return: NULL: no memory */
json_t *dmp_exposure_json(const struct dmp_exposure *exposure);

/*
 * dmp_exposure_parse() - from JSON; what is missing in it is an error
 * @why: in English, when the error is -EBADMSG or -EOPNOTSUPP
 */
int dmp_exposure_parse(struct dmp_exposure *exposure, const json_t *object, const char **why);

void dmp_exposure_free(struct dmp_exposure *exposure);

/* Pages that are open in one of two, and to what extent in the other */
struct dmp_difference {
	uint64_t more[DMP_WAYS]; /* pages that are more open in the second */
	uint64_t less[DMP_WAYS];
	uint64_t new_open[DMP_WAYS]; /* of more: pages that the first did not ask for */
};

/*
 * dmp_exposure_compare() - page by page, by address
 * @tell: called for each run of pages that differ in a way; before is NULL where the
 * first has no such page
 */
void dmp_exposure_compare(const struct dmp_sweep *a, const struct dmp_sweep *b,
			  struct dmp_difference *difference,
			  void (*tell)(void *context, const struct dmp_span *before,
				       const struct dmp_span *after, uint64_t first_pfn,
				       uint64_t last_pfn, enum dmp_way way),
			  void *context);

#endif /* DEVMEM_POLICY_EXPOSURE_H */
