// SPDX-License-Identifier: GPL-2.0-or-later
#include "sweep.h"

#include <errno.h>
#include <string.h>

/* Pages of one mapping: its page tables take memory, too. */
#define PIECE_PAGES_MAX 65536
/* Calls between two looks at how far it is */
#define CALLS_BETWEEN 256

static const char *const way_names[DMP_WAYS] = {
	[DMP_WAY_READ] = "read",
	[DMP_WAY_MAP] = "map",
	[DMP_WAY_MAP_WRITE] = "map-write",
};

const char *dmp_way_name(enum dmp_way way)
{
	return way_names[way];
}

/* A way through the pages, under way */
struct walk {
	struct dmp_sweep *sweep;
	const struct dmp_asker *asker;
	const volatile sig_atomic_t *stop;
	enum dmp_way way;
	unsigned int calls;
	uint64_t done; /* pages, of all ways */
};

/* --- one call ---------------------------------------------------------------- */

static void count_error(struct dmp_attempts *attempts, int error)
{
	for (size_t i = 0; i < DMP_ERRORS_MAX; i++) {
		struct dmp_attempts_error *entry = &attempts->by_error[i];

		if (entry->calls && entry->error != error)
			continue;
		entry->error = error;
		entry->calls++;
		return;
	}
}

static void count(struct dmp_attempts *attempts, int got)
{
	if (got >= 0) {
		attempts->allowed++;
		return;
	}
	attempts->refused++;
	count_error(attempts, -got);
}

/* What says nothing about the page */
static bool is_trouble(int got)
{
	return got == -ENOMEM || got == -EMFILE || got == -ENFILE || got == -EBADF;
}

static int ask(struct walk *walk, uint64_t first_pfn, uint64_t pages)
{
	const struct dmp_asker *asker = walk->asker;
	int got = asker->ask(asker->context, walk->way, first_pfn, pages);

	if (!is_trouble(got))
		count(&walk->sweep->ways[walk->way].attempts, got);
	return got;
}

static void tell(struct walk *walk, uint64_t pages)
{
	const struct dmp_asker *asker = walk->asker;

	walk->done += pages;
	if (asker->progress && !(walk->calls++ % CALLS_BETWEEN))
		asker->progress(asker->context, walk->done, dmp_sweep_pages(&walk->sweep->areas));
}

/* --- one area ---------------------------------------------------------------- */

static int note(struct walk *walk, uint64_t first_pfn, uint64_t pages, enum dmp_answer answer,
		int error)
{
	const struct dmp_run run = {
		.first_pfn = first_pfn,
		.last_pfn = first_pfn + pages - 1,
		.answer = answer,
		.error = error,
	};

	return dmp_runs_append(&walk->sweep->ways[walk->way].runs, &run);
}

static int note_answer(struct walk *walk, uint64_t first_pfn, uint64_t pages, int got)
{
	if (got < 0)
		return note(walk, first_pfn, pages, DMP_ANSWER_REFUSED, -got);
	return note(walk, first_pfn, pages,
		    got ? DMP_ANSWER_ZERO_FILLED : DMP_ANSWER_ALLOWED, 0);
}

/* The next piece, after one that was answered with got */
static uint64_t next_piece(const struct walk *walk, uint64_t piece, int got)
{
	if (walk->way == DMP_WAY_READ)
		return 1;
	if (got < 0)
		return piece > 1 ? piece / 2 : 1;
	return piece < PIECE_PAGES_MAX ? piece * 2 : piece;
}

static int ask_area(struct walk *walk, uint64_t pfn, uint64_t last_pfn)
{
	uint64_t piece = 1, pages;
	int got, ret;

	while (pfn <= last_pfn && !*walk->stop) {
		pages = last_pfn - pfn < piece ? last_pfn - pfn + 1 : piece;
		got = ask(walk, pfn, pages);
		if (is_trouble(got))
			return got;
		piece = next_piece(walk, pages, got);
		if (got < 0 && pages > 1)
			continue;
		ret = note_answer(walk, pfn, pages, got);
		if (ret)
			return ret;
		pfn += pages;
		tell(walk, pages);
	}
	return 0;
}

static bool may_ask(enum dmp_way way, const struct dmp_area *area)
{
	return way != DMP_WAY_READ || area->ram;
}

static int walk_area(struct walk *walk, const struct dmp_area *area, uint64_t from_pfn)
{
	if (may_ask(walk->way, area))
		return ask_area(walk, from_pfn, area->last_pfn);
	return note(walk, from_pfn, area->last_pfn - from_pfn + 1, DMP_ANSWER_NOT_ASKED, 0);
}

/* One behind the last page that this way has an answer for */
static uint64_t behind(const struct walk *walk)
{
	const struct dmp_runs *runs = &walk->sweep->ways[walk->way].runs;

	return runs->count ? runs->list[runs->count - 1].last_pfn + 1 : 0;
}

static int walk_way(struct walk *walk)
{
	const struct dmp_areas *areas = &walk->sweep->areas;
	uint64_t from_pfn = behind(walk);
	int ret = 0;

	for (size_t i = 0; !ret && !*walk->stop && i < areas->count; i++) {
		const struct dmp_area *area = &areas->list[i];

		if (area->last_pfn < from_pfn) {
			walk->done += may_ask(walk->way, area) ?
				      area->last_pfn - area->first_pfn + 1 : 0;
			continue;
		}
		if (area->first_pfn > from_pfn)
			from_pfn = area->first_pfn;
		ret = walk_area(walk, area, from_pfn);
	}
	return ret;
}

/* --- pages of zeros ----------------------------------------------------------- */

/*
 * x86 answers a read of RAM below 1 MiB with zeros, which a page of zeros looks like
 * as well. Mappings show what is there: where that is something else, the zeros were
 * made up. Where it is not, or there is no mapping, the page is taken for what the
 * others down there are.
 */
static int prove_zeros(struct walk *walk, const struct dmp_run *run)
{
	const struct dmp_runs *mapped = &walk->sweep->ways[DMP_WAY_MAP].runs;
	const struct dmp_run *mapping;
	size_t hint = 0;
	int got;

	for (uint64_t pfn = run->first_pfn; pfn <= run->last_pfn; pfn++) {
		mapping = dmp_runs_at(mapped, pfn, &hint);
		got = 0;
		if (mapping && mapping->answer == DMP_ANSWER_ALLOWED) {
			got = walk->asker->shows(walk->asker->context, pfn);
			count(&walk->sweep->ways[DMP_WAY_MAP].attempts, got);
		}
		if (is_trouble(got))
			return got;
		if (got == 1)
			walk->sweep->zeros_proven++;
		else
			walk->sweep->zeros_inferred++;
	}
	return 0;
}

/* Did reading show anything below 1 MiB? */
static bool low_memory_is_read(const struct dmp_sweep *sweep)
{
	const struct dmp_runs *runs = &sweep->ways[DMP_WAY_READ].runs;
	const struct dmp_run *run;
	size_t hint = 0;

	for (size_t i = 0; i < sweep->areas.count; i++) {
		const struct dmp_area *area = &sweep->areas.list[i];

		if (area->ground != DMP_GROUND_LOW_RAM)
			continue;
		for (uint64_t pfn = area->first_pfn; pfn <= area->last_pfn; pfn++) {
			run = dmp_runs_at(runs, pfn, &hint);
			if (run && run->answer == DMP_ANSWER_ALLOWED)
				return true;
		}
	}
	return false;
}

/* Runs that become alike stay apart: who reads them does not mind. */
static int settle_zeros(struct walk *walk)
{
	struct dmp_sweep *sweep = walk->sweep;
	struct dmp_runs *runs = &sweep->ways[DMP_WAY_READ].runs;
	bool read;
	int ret = 0;

	sweep->zeros_proven = 0;
	sweep->zeros_inferred = 0;
	for (size_t i = 0; !ret && i < runs->count; i++)
		if (runs->list[i].answer == DMP_ANSWER_ZERO_FILLED)
			ret = prove_zeros(walk, &runs->list[i]);
	read = !sweep->zeros_proven && low_memory_is_read(sweep);
	for (size_t i = 0; !ret && read && i < runs->count; i++)
		if (runs->list[i].answer == DMP_ANSWER_ZERO_FILLED)
			runs->list[i].answer = DMP_ANSWER_ALLOWED;
	return ret;
}

/* --- all of it ---------------------------------------------------------------- */

uint64_t dmp_sweep_pages(const struct dmp_areas *areas)
{
	return areas->ram_pages + (DMP_WAYS - 1) * (areas->known_pages + areas->sample_pages);
}

int dmp_sweep_run(struct dmp_sweep *sweep, const struct dmp_asker *asker,
		  const volatile sig_atomic_t *stop)
{
	struct walk walk = { .sweep = sweep, .asker = asker, .stop = stop };
	int ret = 0;

	for (int way = 0; !ret && !*stop && way < DMP_WAYS; way++) {
		walk.way = (enum dmp_way)way;
		ret = walk_way(&walk);
	}
	if (ret || *stop)
		return ret;
	ret = settle_zeros(&walk);
	sweep->complete = !ret;
	return ret;
}

void dmp_sweep_free(struct dmp_sweep *sweep)
{
	for (int way = 0; way < DMP_WAYS; way++)
		dmp_runs_free(&sweep->ways[way].runs);
	dmp_areas_free(&sweep->areas);
}
