// SPDX-License-Identifier: GPL-2.0-or-later
#include "missing.h"

#include <string.h>

/* Up to which record the place has those of an instance; an instance begins at 1. */
static uint64_t last_of(const struct dmp_place *place, const char *instance)
{
	return strcmp(place->instance, instance) ? 0 : place->last;
}

static void find_records(const struct dmp_place *place, const struct dmp_line *line,
			 struct dmp_missing *missing)
{
	bool record = dmp_line_find(line, "seq");
	uint64_t before, last;

	if (dmp_line_stand(line, missing->instance, &last))
		return;
	before = last_of(place, missing->instance);
	/* A checkpoint says which records are before it; a record is none of those. */
	if (last <= before + record)
		return;
	missing->first = before + 1;
	missing->last = last - record;
	missing->why = "records are missing from the log";
}

void dmp_missing_find(const struct dmp_place *place, const struct dmp_line *line,
		      struct dmp_missing *missing)
{
	memset(missing, 0, sizeof(*missing));
	/* Where it begins to look, nothing is known of what was before. */
	if (!place->known)
		return;
	find_records(place, line, missing);
	missing->broken = memcmp(place->hash, line->prev, sizeof(place->hash));
	if (!missing->broken)
		return;
	missing->why = missing->first ?
			       "records are missing, and the chain is broken" :
			       "the chain is broken: this line does not go on behind the last one";
}
