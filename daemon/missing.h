/* SPDX-License-Identifier: GPL-2.0-or-later */
/* missing.h - what is missing between two lines of a log */
#ifndef DEVMEM_POLICY_MISSING_H
#define DEVMEM_POLICY_MISSING_H

#include "place.h"

struct dmp_missing {
	bool broken; /* the line does not go on behind the place */
	const char *why; /* for people; NULL: nothing is wrong */
	char instance[DMP_INSTANCE_BYTES]; /* of the records that are missing */
	uint64_t first; /* their numbers, inclusive; 0: none are known to be */
	uint64_t last;
};

/* dmp_missing_find() - between a place and the line that was found behind it */
void dmp_missing_find(const struct dmp_place *place, const struct dmp_line *line,
		      struct dmp_missing *missing);

#endif /* DEVMEM_POLICY_MISSING_H */
