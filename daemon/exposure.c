// SPDX-License-Identifier: GPL-2.0-or-later
#include "exposure.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "policy/policy.h"
#include "text.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))

/* --- spans ------------------------------------------------------------------- */

/* What a way has for the page, up to *last_pfn at most */
static void answer_at(const struct dmp_swept *swept, uint64_t pfn, size_t *hint,
		      uint64_t *last_pfn, enum dmp_answer *answer, int *error)
{
	const struct dmp_run *run = dmp_runs_at(&swept->runs, pfn, hint);

	*answer = DMP_ANSWER_PENDING;
	*error = 0;
	if (run) {
		*last_pfn = MIN(*last_pfn, run->last_pfn);
		*answer = run->answer;
		*error = run->error;
	} else if (*hint < swept->runs.count) {
		*last_pfn = MIN(*last_pfn, swept->runs.list[*hint].first_pfn - 1);
	}
}

bool dmp_span_next(const struct dmp_sweep *sweep, struct dmp_span_cursor *cursor,
		   struct dmp_span *span)
{
	while (cursor->area < sweep->areas.count &&
	       sweep->areas.list[cursor->area].last_pfn < cursor->next_pfn)
		cursor->area++;
	if (cursor->area == sweep->areas.count)
		return false;
	span->area = &sweep->areas.list[cursor->area];
	span->first_pfn = cursor->next_pfn < span->area->first_pfn ? span->area->first_pfn
								   : cursor->next_pfn;
	span->last_pfn = span->area->last_pfn;
	for (int way = 0; way < DMP_WAYS; way++)
		answer_at(&sweep->ways[way], span->first_pfn, &cursor->hints[way],
			  &span->last_pfn, &span->answers[way], &span->errors[way]);
	cursor->next_pfn = span->last_pfn + 1;
	return true;
}

/* --- counts ------------------------------------------------------------------ */

static void add(struct dmp_exposure_count *count, const struct dmp_span *span, uint64_t pages)
{
	count->pages += pages;
	if (span->answers[DMP_WAY_READ] == DMP_ANSWER_ZERO_FILLED)
		count->zero_filled += pages;
	for (int way = 0; way < DMP_WAYS; way++)
		if (span->answers[way] == DMP_ANSWER_ALLOWED)
			count->open[way] += pages;
}

void dmp_exposure_count(const struct dmp_sweep *sweep, struct dmp_exposure_counts *counts)
{
	struct dmp_span_cursor cursor = { .area = 0 };
	struct dmp_span span;

	memset(counts, 0, sizeof(*counts));
	while (dmp_span_next(sweep, &cursor, &span)) {
		uint64_t pages = span.last_pfn - span.first_pfn + 1;

		add(&counts->all, &span, pages);
		add(&counts->by_ground[span.area->ground], &span, pages);
		for (int way = 0; way < DMP_WAYS; way++)
			if (span.answers[way] == DMP_ANSWER_REFUSED)
				counts->refused[way] += pages;
	}
}

/* --- the machine ------------------------------------------------------------- */

/* The first line of a file, made safe to print, or "" */
static void read_line(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	char line[1024] = "", escaped[DMP_ESCAPED_BYTES(sizeof(line))];

	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		fclose(file);
	}
	line[strcspn(line, "\n")] = '\0';
	dmp_escape((const uint8_t *)line, strlen(line), escaped);
	snprintf(text, size, "%.*s", (int)size - 1, escaped);
}

void dmp_exposure_machine(struct dmp_exposure *exposure)
{
	struct utsname name;

	uname(&name);
	snprintf(exposure->release, sizeof(exposure->release), "%s", name.release);
	snprintf(exposure->machine, sizeof(exposure->machine), "%s", name.machine);
	read_line("/proc/cmdline", exposure->command_line, sizeof(exposure->command_line));
	read_line("/proc/sys/kernel/random/boot_id", exposure->boot_id,
		  sizeof(exposure->boot_id));
	dmp_time_print((uint64_t)time(NULL), exposure->time);
}

void dmp_exposure_free(struct dmp_exposure *exposure)
{
	dmp_sweep_free(&exposure->sweep);
}

/* --- the difference of two ---------------------------------------------------- */

static bool is_open(const struct dmp_span *span, enum dmp_way way)
{
	return span->answers[way] == DMP_ANSWER_ALLOWED;
}

static bool was_asked(const struct dmp_span *span, enum dmp_way way)
{
	return span && span->answers[way] > DMP_ANSWER_NOT_ASKED;
}

/* Two walks side by side */
struct pair {
	const struct dmp_sweep *a;
	struct dmp_span_cursor cursor;
	struct dmp_span before;
	bool has_before;
};

/* What the first has for a page, up to *last_pfn at most; NULL: it has none. */
static const struct dmp_span *before_at(struct pair *pair, uint64_t pfn, uint64_t *last_pfn)
{
	while (pair->has_before && pair->before.last_pfn < pfn)
		pair->has_before = dmp_span_next(pair->a, &pair->cursor, &pair->before);
	if (!pair->has_before)
		return NULL;
	if (pair->before.first_pfn > pfn) {
		*last_pfn = MIN(*last_pfn, pair->before.first_pfn - 1);
		return NULL;
	}
	*last_pfn = MIN(*last_pfn, pair->before.last_pfn);
	return &pair->before;
}

/* Return: whether the pages differ in this way. */
static bool differ(struct dmp_difference *difference, const struct dmp_span *before,
		   const struct dmp_span *after, uint64_t pages, enum dmp_way way)
{
	bool was_open = before && is_open(before, way);

	if (was_open == is_open(after, way) || !was_asked(after, way))
		return false;
	if (was_open) {
		difference->less[way] += pages;
		return true;
	}
	difference->more[way] += pages;
	if (!was_asked(before, way))
		difference->new_open[way] += pages;
	return true;
}

void dmp_exposure_compare(const struct dmp_sweep *a, const struct dmp_sweep *b,
			  struct dmp_difference *difference,
			  void (*tell)(void *context, const struct dmp_span *before,
				       const struct dmp_span *after, uint64_t first_pfn,
				       uint64_t last_pfn, enum dmp_way way),
			  void *context)
{
	struct pair pair = { .a = a };
	struct dmp_span_cursor cursor = { .area = 0 };
	struct dmp_span after;

	memset(difference, 0, sizeof(*difference));
	pair.has_before = dmp_span_next(a, &pair.cursor, &pair.before);
	while (dmp_span_next(b, &cursor, &after)) {
		uint64_t last_pfn = after.last_pfn;
		const struct dmp_span *before = before_at(&pair, after.first_pfn, &last_pfn);

		/* The rest comes again. */
		cursor.next_pfn = last_pfn + 1;
		for (int way = 0; way < DMP_WAYS; way++)
			if (differ(difference, before, &after, last_pfn - after.first_pfn + 1,
				   (enum dmp_way)way))
				tell(context, before, &after, after.first_pfn, last_pfn,
				     (enum dmp_way)way);
	}
}
