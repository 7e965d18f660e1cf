// SPDX-License-Identifier: GPL-2.0-or-later
#include "chain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

#define FIRST_ROOM 8192
#define PREFIX_BYTES \
	(sizeof(DMP_LINE_PREV) - 1 + DMP_SHA256_DIGITS + sizeof(DMP_LINE_PREV_TAIL) - 1)

bool dmp_chain_at_beginning(const struct dmp_chain *chain)
{
	static const uint8_t zeros[DMP_SHA256_BYTES];

	return !memcmp(chain->head, zeros, sizeof(zeros));
}

/* --- lines that are there --------------------------------------------------- */

/* Return: whether the log added it of its own. */
static bool take_in(struct dmp_chain *chain, const struct dmp_line *line)
{
	struct dmp_checkpoint checkpoint;
	struct dmp_entry entry;
	const char *why;

	if (dmp_line_is(line, "kind", "repaired"))
		return true;
	if (dmp_line_is(line, "kind", "checkpoint")) {
		if (!dmp_checkpoint_parse(line, &checkpoint, &why))
			chain->ledger = checkpoint.ledger;
		chain->since = 0;
		return true;
	}
	chain->since++;
	/* A sum that overflows is not ours to mend: verifying will find it. */
	if (!dmp_entry_parse(line, &entry, &why))
		dmp_ledger_add(&chain->ledger, &entry);
	return false;
}

int dmp_chain_follow(struct dmp_chain *chain, const char *bytes, size_t length)
{
	struct dmp_line line;
	const char *why;
	bool own = false;

	if (!dmp_line_scan(bytes, length, &line, &why))
		own = take_in(chain, &line);
	return dmp_sha256(bytes, length, chain->head) ? -ENOMEM : own;
}

/* --- lines to be added ------------------------------------------------------ */

static int make_room(struct dmp_lines *lines, size_t length)
{
	size_t room = lines->room ? lines->room : FIRST_ROOM;
	char *bytes;

	while (room - lines->length < length)
		room *= 2;
	if (room == lines->room)
		return 0;
	bytes = realloc(lines->bytes, room);
	if (!bytes)
		return -ENOMEM;
	lines->bytes = bytes;
	lines->room = room;
	return 0;
}

static void put(struct dmp_lines *lines, const char *bytes, size_t length)
{
	memcpy(lines->bytes + lines->length, bytes, length);
	lines->length += length;
}

int dmp_chain_record(struct dmp_chain *chain, struct dmp_lines *lines,
		     const char *record, size_t length)
{
	char digits[DMP_SHA256_DIGITS + 1];
	size_t start = lines->length;

	if (make_room(lines, PREFIX_BYTES + length))
		return -ENOMEM;
	dmp_hex(chain->head, DMP_SHA256_BYTES, digits);
	put(lines, DMP_LINE_PREV, sizeof(DMP_LINE_PREV) - 1);
	put(lines, digits, DMP_SHA256_DIGITS);
	put(lines, DMP_LINE_PREV_TAIL, sizeof(DMP_LINE_PREV_TAIL) - 1);
	/* The record's opening brace stands before "prev" already. */
	put(lines, record + 1, length - 1);
	if (dmp_chain_follow(chain, lines->bytes + start, lines->length - start) < 0)
		return -ENOMEM;
	put(lines, "\n", 1);
	return 0;
}

/* A line of the log's own; frees it. */
static int add_own(struct dmp_chain *chain, struct dmp_lines *lines, char *text)
{
	size_t length = text ? strlen(text) : 0;
	int ret = -ENOMEM;

	if (text && !make_room(lines, length + 1) &&
	    dmp_chain_follow(chain, text, length) >= 0) {
		put(lines, text, length);
		put(lines, "\n", 1);
		ret = 0;
	}
	free(text);
	return ret;
}

int dmp_chain_checkpoint(struct dmp_chain *chain, struct dmp_lines *lines,
			 struct dmp_checkpoint *checkpoint)
{
	checkpoint->ledger = chain->ledger;
	return add_own(chain, lines, dmp_checkpoint_json(checkpoint, chain->head));
}

int dmp_chain_repaired(struct dmp_chain *chain, struct dmp_lines *lines,
		       uint64_t dropped_bytes, const uint8_t dropped[DMP_SHA256_BYTES])
{
	return add_own(chain, lines, dmp_repaired_json(dropped_bytes, dropped, chain->head));
}

void dmp_lines_free(struct dmp_lines *lines)
{
	free(lines->bytes);
	memset(lines, 0, sizeof(*lines));
}
