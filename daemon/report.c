// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "names.h"

static FILE *begin(struct dmp_report *report, const char *kind, size_t *size)
{
	static const uint8_t zeros[DMP_SHA256_BYTES];
	char digits[DMP_SHA256_DIGITS + 1];
	struct timespec now;
	FILE *out;

	report->text = NULL;
	out = open_memstream(&report->text, size);
	if (!out)
		return NULL;
	clock_gettime(CLOCK_REALTIME, &now);
	dmp_hex(zeros, DMP_SHA256_BYTES, digits);
	fprintf(out, DMP_LINE_PREV "%s" DMP_LINE_PREV_TAIL "\"kind\":\"%s\",\"time\":\"%s\"",
		digits, kind,
		dmp_time_text((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec).text);
	return out;
}

static int end(struct dmp_report *report, FILE *out)
{
	const char *why;

	fputc('}', out);
	if (fclose(out))
		return -ENOMEM;
	return dmp_line_scan(report->text, strlen(report->text), &report->line, &why);
}

static void put_number(FILE *out, const char *name, uint64_t number)
{
	fprintf(out, ",\"%s\":%" PRIu64, name, number);
}

static void put_text(FILE *out, const char *name, const char *text)
{
	fprintf(out, ",\"%s\":\"%s\"", name, text);
}

static void put_hash(FILE *out, const char *name, const uint8_t hash[DMP_SHA256_BYTES])
{
	char digits[DMP_SHA256_DIGITS + 1];

	dmp_hex(hash, DMP_SHA256_BYTES, digits);
	put_text(out, name, digits);
}

static void put_place(FILE *out, const struct dmp_place *place)
{
	if (*place->instance) {
		put_text(out, "last_instance", place->instance);
		put_number(out, "last_seq", place->last);
	}
	if (place->known)
		put_hash(out, "last_hash", place->hash);
}

int dmp_report_status(struct dmp_report *report, const char *cause,
		      const struct dmp_position *position)
{
	size_t size;
	FILE *out = begin(report, "forward-status", &size);

	if (!out)
		return -ENOMEM;
	put_text(out, "cause", cause);
	put_number(out, "forwarded", position->forwarded);
	put_number(out, "connections", position->connections);
	put_number(out, "truncated", position->truncated);
	put_number(out, "lost", position->lost);
	put_number(out, "breaks", position->breaks);
	put_place(out, &position->place);
	return end(report, out);
}

int dmp_report_gap(struct dmp_report *report, const struct dmp_place *place,
		   const struct dmp_missing *missing,
		   const uint8_t found[DMP_SHA256_BYTES])
{
	size_t size;
	FILE *out = begin(report, "forward-gap", &size);

	if (!out)
		return -ENOMEM;
	put_text(out, "cause", missing->broken ? "chain" : "records");
	put_text(out, "why", missing->why);
	if (missing->first) {
		put_text(out, "instance", missing->instance);
		put_number(out, "missing", missing->last - missing->first + 1);
		put_number(out, "missing_first", missing->first);
		put_number(out, "missing_last", missing->last);
	}
	put_hash(out, "found", found);
	put_place(out, place);
	return end(report, out);
}

int dmp_report_rubbish(struct dmp_report *report, const struct dmp_place *place,
		       const char *why, const uint8_t hash[DMP_SHA256_BYTES],
		       size_t bytes)
{
	size_t size;
	FILE *out = begin(report, "forward-gap", &size);

	if (!out)
		return -ENOMEM;
	put_text(out, "cause", "line");
	fprintf(out, ",\"why\":\"not a line of a log: %s\"", why);
	put_number(out, "line_bytes", bytes);
	put_hash(out, "line_hash", hash);
	put_place(out, place);
	return end(report, out);
}

void dmp_report_free(struct dmp_report *report)
{
	free(report->text);
	report->text = NULL;
}
