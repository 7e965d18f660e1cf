/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sweep.h - ask for every page, one way after the other
 *
 * A mapping is refused as a whole when any of its pages is, so what was mapped in one
 * piece is allowed page by page. Pieces become larger as long as they are allowed and
 * smaller when they are not, down to one page: that alone is called refused. A read is
 * of one page.
 *
 * The kernel ends a call at the first page that it refuses. So each refused attempt
 * is one refused page to whoever counts them there.
 */
#ifndef DEVMEM_POLICY_SWEEP_H
#define DEVMEM_POLICY_SWEEP_H

#include <signal.h>

#include "areas.h"
#include "runs.h"

enum dmp_way {
	DMP_WAY_READ, /* read(2), of RAM only */
	DMP_WAY_MAP, /* a mapping that can be read */
	DMP_WAY_MAP_WRITE, /* a shared one that can be written as well */
	DMP_WAYS
};

#define DMP_ERRORS_MAX 8 /* different errnos that are told apart */

/* The calls that were made */
struct dmp_attempts {
	uint64_t allowed;
	uint64_t refused; /* the sum of those by errno, and of others */
	struct dmp_attempts_error {
		int error;
		uint64_t calls;
	} by_error[DMP_ERRORS_MAX];
};

struct dmp_swept {
	struct dmp_runs runs;
	struct dmp_attempts attempts;
};

/* What stands between the sweep and /dev/mem */
struct dmp_asker {
	/*
	 * ask() - one call for pages
	 *
	 * Return: 0: it was allowed; 1: reading gave only zeros; or the -errno that it
	 * was refused with.
	 */
	int (*ask)(void *context, enum dmp_way way, uint64_t first_pfn, uint64_t pages);
	/*
	 * shows() - is there anything but zeros in a page, as its mapping has it?
	 *
	 * Return: 1, 0 or -errno.
	 */
	int (*shows)(void *context, uint64_t pfn);
	/* progress() - called often; may be NULL. @pages are of the sum of all ways. */
	void (*progress)(void *context, uint64_t pages, uint64_t of);
	void *context;
};

struct dmp_sweep {
	struct dmp_areas areas;
	struct dmp_swept ways[DMP_WAYS];
	/* Of the pages whose reading gave only zeros: those whose mapping showed
	 * something else, and those where that cannot be told, or is zeros too.
	 */
	uint64_t zeros_proven;
	uint64_t zeros_inferred;
	bool complete;
};

/*
 * dmp_sweep_run() - go on where it ended, up to the end or until *stop
 *
 * Return: 0, also when it was stopped; -ENOMEM, or another error that has nothing to
 * do with any page.
 */
int dmp_sweep_run(struct dmp_sweep *sweep, const struct dmp_asker *asker,
		  const volatile sig_atomic_t *stop);

/* dmp_sweep_pages() - what all the ways together have to ask for */
uint64_t dmp_sweep_pages(const struct dmp_areas *areas);

void dmp_sweep_free(struct dmp_sweep *sweep);

/* dmp_way_name() - as in "map-write" */
const char *dmp_way_name(enum dmp_way way);

#endif /* DEVMEM_POLICY_SWEEP_H */
