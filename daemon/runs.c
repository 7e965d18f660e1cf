// SPDX-License-Identifier: GPL-2.0-or-later
#include "runs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const answer_names[DMP_ANSWERS] = {
	[DMP_ANSWER_PENDING] = "pending",
	[DMP_ANSWER_NOT_ASKED] = "not-asked",
	[DMP_ANSWER_REFUSED] = "refused",
	[DMP_ANSWER_ZERO_FILLED] = "zero-filled",
	[DMP_ANSWER_ALLOWED] = "allowed",
};

const char *dmp_answer_name(enum dmp_answer answer)
{
	return answer_names[answer];
}

static int put(struct dmp_runs *runs, const struct dmp_run *run)
{
	struct dmp_run *list;

	/* Room is doubled, so that it is seldom made. */
	if (!(runs->count & (runs->count - 1))) {
		list = reallocarray(runs->list, runs->count ? 2 * runs->count : 1, sizeof(*list));
		if (!list)
			return -ENOMEM;
		runs->list = list;
	}
	runs->list[runs->count++] = *run;
	return 0;
}

int dmp_runs_append(struct dmp_runs *runs, const struct dmp_run *run)
{
	struct dmp_run *last = runs->count ? &runs->list[runs->count - 1] : NULL;

	if (run->first_pfn > run->last_pfn || (last && run->first_pfn <= last->last_pfn))
		return -EBADMSG;
	if (!last || last->last_pfn + 1 != run->first_pfn || last->answer != run->answer ||
	    last->error != run->error)
		return put(runs, run);
	last->last_pfn = run->last_pfn;
	return 0;
}

const struct dmp_run *dmp_runs_at(const struct dmp_runs *runs, uint64_t pfn, size_t *hint)
{
	while (*hint && *hint <= runs->count && runs->list[*hint - 1].last_pfn >= pfn)
		(*hint)--;
	while (*hint < runs->count && runs->list[*hint].last_pfn < pfn)
		(*hint)++;
	if (*hint < runs->count && runs->list[*hint].first_pfn <= pfn)
		return &runs->list[*hint];
	return NULL;
}

void dmp_runs_free(struct dmp_runs *runs)
{
	free(runs->list);
	memset(runs, 0, sizeof(*runs));
}
