// SPDX-License-Identifier: GPL-2.0-or-later
/* How a sweep is kept, and taken up again */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "exposure.h"
#include "json.h"

#define FORMAT 1
#define ERRNO_MAX 134

/* --- to JSON ------------------------------------------------------------------ */

static const char *errno_name(int error)
{
	const char *name = strerrorname_np(error);

	return name ? name : "?";
}

static json_t *attempts_json(const struct dmp_attempts *attempts)
{
	json_t *object = json_object(), *errors = json_object();

	dmp_json_number(object, "allowed", attempts->allowed);
	dmp_json_number(object, "refused", attempts->refused);
	for (size_t i = 0; i < DMP_ERRORS_MAX && attempts->by_error[i].calls; i++)
		dmp_json_number(errors, errno_name(attempts->by_error[i].error),
				attempts->by_error[i].calls);
	json_object_set_new(object, "by_errno", errors);
	return object;
}

static json_t *count_json(const struct dmp_exposure_count *count)
{
	json_t *object = json_object();

	dmp_json_number(object, "pages", count->pages);
	for (int way = 0; way < DMP_WAYS; way++)
		dmp_json_number(object, dmp_way_name((enum dmp_way)way), count->open[way]);
	dmp_json_number(object, "zero_filled", count->zero_filled);
	return object;
}

static void put_counts(json_t *object, const struct dmp_sweep *sweep)
{
	json_t *open = json_object(), *refused = json_object();
	struct dmp_exposure_counts counts;

	dmp_exposure_count(sweep, &counts);
	for (int i = 0; i < DMP_GROUNDS; i++)
		if (counts.by_ground[i].pages)
			json_object_set_new(open, dmp_ground_name((enum dmp_ground)i),
					    count_json(&counts.by_ground[i]));
	json_object_set_new(open, "all", count_json(&counts.all));
	for (int way = 0; way < DMP_WAYS; way++)
		dmp_json_number(refused, dmp_way_name((enum dmp_way)way), counts.refused[way]);
	json_object_set_new(object, "open_pages", open);
	json_object_set_new(object, "refused_pages", refused);
}

static void put_answer(json_t *object, enum dmp_way way, enum dmp_answer answer, int error)
{
	char key[32];

	dmp_json_text(object, dmp_way_name(way), dmp_answer_name(answer));
	snprintf(key, sizeof(key), "%s-errno", dmp_way_name(way));
	if (error)
		dmp_json_text(object, key, errno_name(error));
}

static json_t *span_json(const struct dmp_span *span, unsigned int page_shift)
{
	json_t *object = json_object();

	dmp_json_address(object, "first", span->first_pfn << page_shift);
	dmp_json_address(object, "last", ((span->last_pfn + 1) << page_shift) - 1);
	dmp_json_text(object, "ground", dmp_ground_name(span->area->ground));
	dmp_json_text(object, "name", span->area->name);
	dmp_json_bool(object, "ram", span->area->ram);
	for (int way = 0; way < DMP_WAYS; way++)
		put_answer(object, (enum dmp_way)way, span->answers[way], span->errors[way]);
	return object;
}

static json_t *spans_json(const struct dmp_sweep *sweep)
{
	struct dmp_span_cursor cursor = { .area = 0 };
	json_t *array = json_array();
	struct dmp_span span;

	while (dmp_span_next(sweep, &cursor, &span))
		json_array_append_new(array, span_json(&span, sweep->areas.page_shift));
	return array;
}

static void put_machine(json_t *object, const struct dmp_exposure *exposure)
{
	dmp_json_text(object, "release", exposure->release);
	dmp_json_text(object, "machine", exposure->machine);
	dmp_json_text(object, "command_line", exposure->command_line);
	dmp_json_text(object, "boot_id", exposure->boot_id);
	dmp_json_text(object, "time", exposure->time);
	json_object_set_new(object, "seconds", json_real(exposure->seconds));
}

json_t *dmp_exposure_json(const struct dmp_exposure *exposure)
{
	const struct dmp_sweep *sweep = &exposure->sweep;
	json_t *object = json_object(), *attempts = json_object(), *zeros = json_object();

	dmp_json_number(object, "format", FORMAT);
	put_machine(object, exposure);
	dmp_json_number(object, "page_bytes", UINT64_C(1) << sweep->areas.page_shift);
	dmp_json_bool(object, "complete", sweep->complete);
	dmp_json_number(object, "sampled_pages", sweep->areas.sample_pages);
	for (int way = 0; way < DMP_WAYS; way++)
		json_object_set_new(attempts, dmp_way_name((enum dmp_way)way),
				    attempts_json(&sweep->ways[way].attempts));
	json_object_set_new(object, "attempts", attempts);
	dmp_json_number(zeros, "proven", sweep->zeros_proven);
	dmp_json_number(zeros, "inferred", sweep->zeros_inferred);
	json_object_set_new(object, "zeros", zeros);
	put_counts(object, sweep);
	if (!object || json_object_set_new(object, "spans", spans_json(sweep))) {
		json_decref(object);
		return NULL;
	}
	return object;
}

/* --- from JSON ---------------------------------------------------------------- */

static int error_of(const char *name)
{
	for (int error = 1; error < ERRNO_MAX; error++)
		if (strerrorname_np(error) && !strcmp(strerrorname_np(error), name))
			return error;
	return 0;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static uint64_t number_of(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static int address_of(const json_t *object, const char *key, uint64_t *address)
{
	const char *text = text_of(object, key);
	char *end;

	if (strncmp(text, "0x", 2))
		return -EBADMSG;
	errno = 0;
	*address = strtoull(text, &end, 16);
	return errno || *end || end == text + 2 ? -EBADMSG : 0;
}

static int answer_of(const json_t *object, enum dmp_way way, struct dmp_run *run)
{
	const char *text = text_of(object, dmp_way_name(way));
	char key[32];
	int i;

	for (i = 0; i < DMP_ANSWERS && strcmp(text, dmp_answer_name((enum dmp_answer)i)); i++)
		;
	if (i == DMP_ANSWERS)
		return -EBADMSG;
	run->answer = (enum dmp_answer)i;
	snprintf(key, sizeof(key), "%s-errno", dmp_way_name(way));
	run->error = error_of(text_of(object, key));
	return 0;
}

static int parse_area(const json_t *object, unsigned int page_shift, struct dmp_area *area)
{
	uint64_t first, last;

	if (address_of(object, "first", &first) || address_of(object, "last", &last) ||
	    first > last || !dmp_ground_of(text_of(object, "ground"), &area->ground))
		return -EBADMSG;
	area->first_pfn = first >> page_shift;
	area->last_pfn = last >> page_shift;
	area->ram = json_is_true(json_object_get(object, "ram"));
	snprintf(area->name, sizeof(area->name), "%s", text_of(object, "name"));
	return 0;
}

static int parse_span(struct dmp_sweep *sweep, const json_t *object)
{
	struct dmp_area area = { .first_pfn = 0 };
	struct dmp_run run;
	int ret;

	ret = parse_area(object, sweep->areas.page_shift, &area);
	if (!ret)
		ret = dmp_areas_append(&sweep->areas, &area);
	run.first_pfn = area.first_pfn;
	run.last_pfn = area.last_pfn;
	for (int way = 0; !ret && way < DMP_WAYS; way++) {
		ret = answer_of(object, (enum dmp_way)way, &run);
		if (!ret && run.answer != DMP_ANSWER_PENDING)
			ret = dmp_runs_append(&sweep->ways[way].runs, &run);
	}
	return ret;
}

static void parse_attempts(struct dmp_attempts *attempts, json_t *object)
{
	const char *name;
	json_t *calls;
	size_t i = 0;

	attempts->allowed = number_of(object, "allowed");
	attempts->refused = number_of(object, "refused");
	json_object_foreach(json_object_get(object, "by_errno"), name, calls) {
		if (i == DMP_ERRORS_MAX)
			break;
		attempts->by_error[i].error = error_of(name);
		attempts->by_error[i++].calls = (uint64_t)json_integer_value(calls);
	}
}

static void parse_machine(struct dmp_exposure *exposure, const json_t *object)
{
	snprintf(exposure->release, sizeof(exposure->release), "%s", text_of(object, "release"));
	snprintf(exposure->machine, sizeof(exposure->machine), "%s", text_of(object, "machine"));
	snprintf(exposure->command_line, sizeof(exposure->command_line), "%s",
		 text_of(object, "command_line"));
	snprintf(exposure->boot_id, sizeof(exposure->boot_id), "%s", text_of(object, "boot_id"));
	snprintf(exposure->time, sizeof(exposure->time), "%s", text_of(object, "time"));
	exposure->seconds = json_number_value(json_object_get(object, "seconds"));
}

static int parse_sweep(struct dmp_sweep *sweep, const json_t *object)
{
	const json_t *spans = json_object_get(object, "spans");
	const json_t *attempts = json_object_get(object, "attempts");
	const json_t *zeros = json_object_get(object, "zeros");
	int ret = 0;

	for (int way = 0; way < DMP_WAYS; way++)
		parse_attempts(&sweep->ways[way].attempts,
			       json_object_get(attempts, dmp_way_name((enum dmp_way)way)));
	sweep->zeros_proven = number_of(zeros, "proven");
	sweep->zeros_inferred = number_of(zeros, "inferred");
	sweep->complete = json_is_true(json_object_get(object, "complete"));
	for (size_t i = 0; !ret && i < json_array_size(spans); i++)
		ret = parse_span(sweep, json_array_get(spans, i));
	return ret;
}

int dmp_exposure_parse(struct dmp_exposure *exposure, const json_t *object, const char **why)
{
	uint64_t page_bytes = number_of(object, "page_bytes");
	int ret;

	memset(exposure, 0, sizeof(*exposure));
	*why = "it is no output of devmemctl -j exposure";
	if (!json_is_array(json_object_get(object, "spans")))
		return -EBADMSG;
	*why = "a newer devmemctl wrote it";
	if (number_of(object, "format") > FORMAT)
		return -EOPNOTSUPP;
	*why = "its pages have no size";
	if (!page_bytes || page_bytes & (page_bytes - 1))
		return -EBADMSG;
	exposure->sweep.areas.page_shift = (unsigned int)__builtin_ctzll(page_bytes);
	parse_machine(exposure, object);
	*why = "its pages are not in order, or something of them is missing";
	ret = parse_sweep(&exposure->sweep, object);
	if (ret)
		dmp_exposure_free(exposure);
	return ret;
}
