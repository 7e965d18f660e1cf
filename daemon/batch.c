// SPDX-License-Identifier: GPL-2.0-or-later
#include "batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4096

static int reserve_lines(struct dmp_batch *batch, size_t length)
{
	size_t room = batch->room ? batch->room : FIRST_ROOM;
	char *lines;

	while (room - batch->length < length)
		room *= 2;
	if (room == batch->room)
		return 0;
	lines = realloc(batch->lines, room);
	if (!lines)
		return -ENOMEM;
	batch->lines = lines;
	batch->room = room;
	return 0;
}

static int reserve_mark(struct dmp_batch *batch)
{
	size_t room = batch->mark_room ? 2 * batch->mark_room : 64;
	struct dmp_batch_mark *marks;

	if (batch->count < batch->mark_room)
		return 0;
	marks = reallocarray(batch->marks, room, sizeof(*marks));
	if (!marks)
		return -ENOMEM;
	batch->marks = marks;
	batch->mark_room = room;
	return 0;
}

int dmp_batch_add(struct dmp_batch *batch, uint64_t sequence, const char *line)
{
	size_t length = strlen(line);
	int ret;

	ret = reserve_lines(batch, length + 1);
	if (!ret)
		ret = reserve_mark(batch);
	if (ret)
		return ret;
	memcpy(batch->lines + batch->length, line, length);
	batch->length += length;
	batch->lines[batch->length++] = '\n';
	batch->marks[batch->count++] = (struct dmp_batch_mark){
		.sequence = sequence,
		.end = batch->length,
	};
	return 0;
}

void dmp_batch_clear(struct dmp_batch *batch)
{
	batch->length = 0;
	batch->count = 0;
}

uint64_t dmp_batch_last(const struct dmp_batch *batch, size_t length)
{
	for (size_t i = batch->count; i; i--)
		if (batch->marks[i - 1].end <= length)
			return batch->marks[i - 1].sequence;
	return 0;
}

void dmp_batch_free(struct dmp_batch *batch)
{
	free(batch->lines);
	free(batch->marks);
	memset(batch, 0, sizeof(*batch));
}
