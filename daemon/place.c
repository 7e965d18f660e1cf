// SPDX-License-Identifier: GPL-2.0-or-later
#include "place.h"

#include <errno.h>
#include <string.h>

int dmp_line_stand(const struct dmp_line *line, char instance[DMP_INSTANCE_BYTES],
		   uint64_t *last)
{
	const char *number = "seq";

	if (dmp_line_is(line, "kind", "checkpoint"))
		number = "last_seq";
	if (dmp_line_word(line, "instance", "0123456789abcdef", DMP_INSTANCE_BYTES - 1,
			  instance, DMP_INSTANCE_BYTES) ||
	    dmp_line_count(line, number, last))
		return -ENOENT;
	return 0;
}

void dmp_place_pass(struct dmp_place *place, const struct dmp_line *line,
		    const uint8_t hash[DMP_SHA256_BYTES], uint64_t bytes)
{
	char instance[DMP_INSTANCE_BYTES];
	uint64_t last;

	place->offset += bytes;
	place->bytes = bytes;
	place->known = true;
	memcpy(place->hash, hash, DMP_SHA256_BYTES);
	if (!line || dmp_line_stand(line, instance, &last))
		return;
	/* Records are not taken back by a log that begins to count anew. */
	if (last > place->last || strcmp(place->instance, instance))
		place->last = last;
	memcpy(place->instance, instance, sizeof(instance));
}
