// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_log.h"
#include "exit.h"
#include "json.h"
#include "reader.h"
#include "say.h"

/* Beyond them, what is new is added up in one group: memory has its limit. */
#define GROUPS_MAX 65536
#define SLOTS (2 * GROUPS_MAX)
#define PART_BYTES 512

enum part {
	PART_VERDICT,
	PART_PROGRAM,
	PART_RANGE,
	PART_RULE,
	PARTS,
};

static const char *const part_names[PARTS] = { "verdict", "program", "range", "rule" };

struct group {
	char *block; /* of the parts */
	const char *parts[PARTS];
	uint64_t pages;
	uint64_t calls;
	uint64_t records;
};

struct summary {
	struct dmp_filter filter;
	bool by[PARTS];
	size_t count;
	struct group *groups;
	uint32_t *slots; /* number of a group, from 1; 0: free */
	struct group others;
};

/* --- groups ----------------------------------------------------------------- */

static size_t hash_of(char parts[PARTS][PART_BYTES])
{
	uint64_t hash = 0;

	for (size_t i = 0; i < PARTS; i++)
		for (const char *at = parts[i];; at++) {
			hash = (hash + (uint8_t)*at) * UINT64_C(6364136223846793005);
			if (!*at)
				break;
		}
	return (size_t)(hash >> 32) % SLOTS;
}

static bool is_group(const struct group *group, char parts[PARTS][PART_BYTES])
{
	for (size_t i = 0; i < PARTS; i++)
		if (strcmp(group->parts[i], parts[i]))
			return false;
	return true;
}

static int fill_group(struct group *group, char parts[PARTS][PART_BYTES])
{
	size_t lengths = 0;
	char *at;

	for (size_t i = 0; i < PARTS; i++)
		lengths += strlen(parts[i]) + 1;
	at = malloc(lengths);
	if (!at)
		return -ENOMEM;
	group->block = at;
	for (size_t i = 0; i < PARTS; i++) {
		group->parts[i] = at;
		at = stpcpy(at, parts[i]) + 1;
	}
	return 0;
}

/* Return: the group, a new one, or the one for all that do not fit; NULL: no memory. */
static struct group *group_of(struct summary *summary, char parts[PARTS][PART_BYTES])
{
	size_t slot = hash_of(parts);
	struct group *group;

	for (; summary->slots[slot]; slot = (slot + 1) % SLOTS) {
		group = &summary->groups[summary->slots[slot] - 1];
		if (is_group(group, parts))
			return group;
	}
	if (summary->count == GROUPS_MAX)
		return &summary->others;
	group = &summary->groups[summary->count];
	if (fill_group(group, parts))
		return NULL;
	summary->count++;
	summary->slots[slot] = (uint32_t)summary->count;
	return group;
}

/* --- lines ------------------------------------------------------------------ */

static void text_part(const struct dmp_field *field, char part[PART_BYTES])
{
	if (field && field->kind == DMP_FIELD_TEXT)
		dmp_field_plain(field, part, PART_BYTES);
	else
		strcpy(part, "-");
}

static void range_part(const struct dmp_line *line, char part[PART_BYTES])
{
	char first[PART_BYTES / 3], last[PART_BYTES / 3];
	const struct dmp_field *from = dmp_line_find(line, "first");
	const struct dmp_field *to = dmp_line_find(line, "last");

	strcpy(part, "-");
	if (!from || !to || from->kind != DMP_FIELD_TEXT || to->kind != DMP_FIELD_TEXT)
		return;
	dmp_field_plain(from, first, sizeof(first));
	dmp_field_plain(to, last, sizeof(last));
	snprintf(part, PART_BYTES, "%s-%s", first, last);
}

/* The rule and its policy, or why there is none. */
static void rule_part(const struct dmp_line *line, char part[PART_BYTES])
{
	char policy[PART_BYTES / 3], rule[PART_BYTES / 3];

	text_part(dmp_line_find(line, "reason"), part);
	if (!dmp_line_find(line, "rule"))
		return;
	dmp_field_plain(dmp_line_find(line, "rule"), rule, sizeof(rule));
	snprintf(policy, sizeof(policy), "-");
	if (dmp_line_find(line, "policy"))
		dmp_field_plain(dmp_line_find(line, "policy"), policy, sizeof(policy));
	snprintf(part + strlen(part), PART_BYTES - strlen(part), " %s:%s", policy, rule);
}

static const char *verdict_of(const struct dmp_line *line)
{
	static const char *const verdicts[] = { "grant", "denial", "permitted" };

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (dmp_line_is(line, "kind", verdicts[i]))
			return verdicts[i];
	if (!dmp_line_is(line, "kind", "loss"))
		return NULL;
	if (!dmp_line_find(line, "lost") || dmp_line_is(line, "lost", "denial"))
		return "denial";
	return dmp_line_is(line, "lost", "permitted") ? "permitted" : NULL;
}

static int add_line(const struct dmp_line *line, void *arg)
{
	const char *verdict = verdict_of(line);
	char parts[PARTS][PART_BYTES] = { "", "", "", "" };
	struct summary *summary = arg;
	struct group *group;
	uint64_t pages, calls;

	if (!verdict)
		return 0;
	strcpy(parts[PART_VERDICT], verdict);
	if (summary->by[PART_PROGRAM])
		text_part(dmp_line_program(line), parts[PART_PROGRAM]);
	if (summary->by[PART_RANGE])
		range_part(line, parts[PART_RANGE]);
	if (summary->by[PART_RULE])
		rule_part(line, parts[PART_RULE]);
	group = group_of(summary, parts);
	if (!group)
		return -ENOMEM;
	dmp_line_count(line, "pages", &pages);
	if (dmp_line_count(line, "calls", &calls))
		calls = 1;
	group->pages += pages;
	group->calls += calls;
	group->records++;
	return 0;
}

/* --- output ----------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const struct group *one = a, *two = b;
	int order = strcmp(one->parts[PART_VERDICT], two->parts[PART_VERDICT]);

	if (order)
		return order;
	if (one->pages != two->pages)
		return one->pages < two->pages ? 1 : -1;
	for (size_t i = PART_PROGRAM; !order && i < PARTS; i++)
		order = strcmp(one->parts[i], two->parts[i]);
	return order;
}

static void print_group(const struct summary *summary, const struct group *group)
{
	printf("%-9s %10" PRIu64 " %10" PRIu64 " %9" PRIu64, group->parts[PART_VERDICT],
	       group->pages, group->calls, group->records);
	for (size_t i = PART_PROGRAM; i < PARTS; i++)
		if (summary->by[i])
			printf(" %-30s", group->parts[i]);
	putchar('\n');
}

static void print_table(const struct summary *summary)
{
	struct group rest = summary->others;

	printf("%-9s %10s %10s %9s", "verdict", "pages", "calls", "records");
	for (size_t i = PART_PROGRAM; i < PARTS; i++)
		if (summary->by[i])
			printf(" %-30s", part_names[i]);
	putchar('\n');
	for (size_t i = 0; i < summary->count; i++)
		print_group(summary, &summary->groups[i]);
	rest.parts[PART_VERDICT] = "(others)";
	for (size_t i = PART_PROGRAM; i < PARTS; i++)
		rest.parts[i] = "";
	if (rest.records)
		print_group(summary, &rest);
}

static json_t *group_json(const struct summary *summary, const struct group *group)
{
	json_t *object = json_object();

	for (size_t i = 0; i < PARTS; i++)
		if (group->parts[i] && (!i || summary->by[i]))
			dmp_json_text(object, part_names[i], group->parts[i]);
	dmp_json_number(object, "pages", group->pages);
	dmp_json_number(object, "calls", group->calls);
	dmp_json_number(object, "records", group->records);
	return object;
}

static int print_json(const struct summary *summary)
{
	json_t *array = json_array();
	int ret = 0;

	for (size_t i = 0; !ret && i < summary->count; i++)
		ret = json_array_append_new(array, group_json(summary, &summary->groups[i]));
	if (!ret && summary->others.records)
		ret = json_array_append_new(array, group_json(summary, &summary->others));
	if (!ret)
		ret = json_dumpf(array, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(array);
	return ret;
}

/* --- all of it -------------------------------------------------------------- */

static int set_by(struct summary *summary, const char *list)
{
	size_t length, i;

	memset(summary->by, 0, sizeof(summary->by));
	for (; *list; list += length + (list[length] == ',')) {
		length = strcspn(list, ",");
		for (i = PART_PROGRAM; i < PARTS; i++)
			if (strlen(part_names[i]) == length &&
			    !memcmp(list, part_names[i], length))
				break;
		if (i == PARTS) {
			dmp_say(LOG_ERR, "'%.*s' is none of program, range and rule",
				(int)length, list);
			return -EINVAL;
		}
		summary->by[i] = true;
	}
	return 0;
}

static int parse(int argc, char **argv, struct summary *summary)
{
	struct option options[1 + DMP_FILTER_OPTIONS] = {
		{ "by", required_argument, NULL, 'b' },
	};
	int option, ret = set_by(summary, "program,range,rule");

	memcpy(options + 1, dmp_filter_options, sizeof(dmp_filter_options));
	optind = 0;
	while (!ret && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'b')
			ret = set_by(summary, optarg);
		else
			ret = dmp_filter_set(&summary->filter, option, optarg);
	}
	return ret || optind == argc ? -1 : 0;
}

static void free_summary(struct summary *summary)
{
	for (size_t i = 0; i < summary->count; i++)
		free(summary->groups[i].block);
	free(summary->groups);
	free(summary->slots);
}

int ctl_log_summary(int argc, char **argv, bool json)
{
	struct summary summary = { .count = 0 };
	int ret, bad = 0;

	if (parse(argc, argv, &summary))
		return -1;
	summary.groups = calloc(GROUPS_MAX, sizeof(*summary.groups));
	summary.slots = calloc(SLOTS, sizeof(*summary.slots));
	ret = -ENOMEM;
	if (summary.groups && summary.slots)
		ret = dmp_reader_run(argv + optind, &summary.filter, add_line, &summary);
	if (ret == -ENOMEM) {
		dmp_say(LOG_ERR, "out of memory");
	} else {
		qsort(summary.groups, summary.count, sizeof(*summary.groups), compare);
		if (json)
			bad = print_json(&summary);
		else
			print_table(&summary);
	}
	free_summary(&summary);
	return ret || bad ? DMP_EXIT_FAILED : DMP_EXIT_OK;
}
