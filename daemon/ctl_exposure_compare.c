// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl_exposure.h"
#include "exit.h"
#include "json.h"
#include "say.h"

/* Where the runs go that differ */
struct told {
	json_t *runs; /* or NULL: they are printed */
	unsigned int page_shift;
};

static const char *answer_in(const struct dmp_span *span, enum dmp_way way)
{
	return span ? dmp_answer_name(span->answers[way]) : "not-swept";
}

static const char *name_of(const struct dmp_span *span)
{
	return *span->area->name ? span->area->name : "nothing known";
}

static void tell(void *context, const struct dmp_span *before, const struct dmp_span *after,
		 uint64_t first_pfn, uint64_t last_pfn, enum dmp_way way)
{
	struct told *told = context;
	uint64_t first = first_pfn << told->page_shift;
	uint64_t last = ((last_pfn + 1) << told->page_shift) - 1;
	json_t *object;

	if (!told->runs) {
		printf("%c 0x%09" PRIx64 "-0x%09" PRIx64 " %-9s %s -> %s, %s (%s)\n",
		       after->answers[way] == DMP_ANSWER_ALLOWED ? '+' : '-', first, last,
		       dmp_way_name(way), answer_in(before, way), answer_in(after, way),
		       dmp_ground_name(after->area->ground), name_of(after));
		return;
	}
	object = json_object();
	dmp_json_address(object, "first", first);
	dmp_json_address(object, "last", last);
	dmp_json_number(object, "pages", last_pfn - first_pfn + 1);
	dmp_json_text(object, "way", dmp_way_name(way));
	dmp_json_text(object, "before", answer_in(before, way));
	dmp_json_text(object, "after", answer_in(after, way));
	dmp_json_text(object, "ground", dmp_ground_name(after->area->ground));
	dmp_json_text(object, "name", after->area->name);
	json_array_append_new(told->runs, object);
}

static json_t *by_way(const uint64_t pages[DMP_WAYS])
{
	json_t *object = json_object();

	for (int way = 0; way < DMP_WAYS; way++)
		dmp_json_number(object, dmp_way_name((enum dmp_way)way), pages[way]);
	return object;
}

static void print_json(const struct dmp_difference *difference, json_t *runs)
{
	json_t *object = json_object();

	json_object_set_new(object, "more_open", by_way(difference->more));
	json_object_set_new(object, "less_open", by_way(difference->less));
	json_object_set_new(object, "not_asked_before", by_way(difference->new_open));
	json_object_set(object, "runs", runs);
	json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(object);
}

static void print_text(const struct dmp_difference *difference)
{
	for (int way = 0; way < DMP_WAYS; way++) {
		printf("%-9s %" PRIu64 " pages more open, %" PRIu64 " less",
		       dmp_way_name((enum dmp_way)way), difference->more[way],
		       difference->less[way]);
		if (difference->new_open[way])
			printf("; %" PRIu64 " of those more open were not asked for before",
			       difference->new_open[way]);
		putchar('\n');
	}
}

static int compare(const struct dmp_sweep *a, const struct dmp_sweep *b, bool json)
{
	struct told told = { .runs = json ? json_array() : NULL,
			     .page_shift = b->areas.page_shift };
	struct dmp_difference difference;
	uint64_t more = 0;

	dmp_exposure_compare(a, b, &difference, tell, &told);
	if (json)
		print_json(&difference, told.runs);
	else
		print_text(&difference);
	json_decref(told.runs);
	for (int way = 0; way < DMP_WAYS; way++)
		more += difference.more[way];
	return more ? DMP_EXIT_MORE_OPEN : DMP_EXIT_OK;
}

static int load(struct dmp_exposure *exposure, const char *path)
{
	int ret = dmp_exposure_load(exposure, path);

	if (ret == -ENOENT)
		dmp_say(LOG_ERR, "%s cannot be read: %s", path, strerror(ENOENT));
	return ret;
}

/* What was not asked for on either side is not known to be closed. */
static int check(const struct dmp_exposure *a, const struct dmp_exposure *b)
{
	if (a->sweep.areas.page_shift != b->sweep.areas.page_shift) {
		dmp_say(LOG_ERR, "the pages of the two differ in size");
		return DMP_EXIT_FAILED;
	}
	if (!a->sweep.complete || !b->sweep.complete) {
		dmp_say(LOG_ERR, "a sweep was interrupted; complete it with --resume");
		return DMP_EXIT_INCOMPLETE;
	}
	return DMP_EXIT_OK;
}

int ctl_exposure_compare(const char *before, const char *after, bool json)
{
	struct dmp_exposure a, b;
	int code;

	if (load(&a, before))
		return DMP_EXIT_FAILED;
	if (load(&b, after)) {
		dmp_exposure_free(&a);
		return DMP_EXIT_FAILED;
	}
	code = check(&a, &b);
	if (!code)
		code = compare(&a.sweep, &b.sweep, json);
	dmp_exposure_free(&a);
	dmp_exposure_free(&b);
	return code;
}
