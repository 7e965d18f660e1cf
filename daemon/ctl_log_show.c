// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl_log.h"
#include "exit.h"
#include "reader.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define VALUE_BYTES 2048

enum format {
	FORMAT_TABLE,
	FORMAT_CSV,
	FORMAT_JSON,
};

struct show {
	struct dmp_filter filter;
	enum format format;
};

static const struct column {
	const char *name; /* of the field */
	int width; /* in the table; 0: not there */
} columns[] = {
	{ "time", 20 },	  { "seq", 7 },	      { "instance", 0 }, { "kind", 16 },
	{ "operation", 10 }, { "first", 12 }, { "last", 12 },	{ "pages", 7 },
	{ "calls", 6 },	  { "reason", 13 },   { "rule", 8 },	{ "policy", 12 },
	{ "serial", 0 },  { "pid", 7 },	      { "comm", 15 },	{ "exe", 0 },
	{ "uid", 5 },	  { "auid", 0 },      { "result", 0 },	{ "error", 0 },
};

/* What a field says, as text; "" when it is not there. */
static const char *value_of(const struct dmp_line *line, const char *name,
			    char value[VALUE_BYTES])
{
	const struct dmp_field *field = dmp_line_find(line, name);

	*value = '\0';
	if (!field || field->kind == DMP_FIELD_GROUP)
		return value;
	if (field->kind == DMP_FIELD_TEXT)
		dmp_field_plain(field, value, VALUE_BYTES);
	else if (field->kind == DMP_FIELD_NUMBER)
		snprintf(value, VALUE_BYTES, "%" PRId64, field->number);
	else
		strcpy(value, field->number ? "true" : "false");
	return value;
}

/* --- table ------------------------------------------------------------------ */

static void print_cell(const struct column *column, const char *value)
{
	static const char *const rights[] = { "seq", "pages", "calls", "pid", "uid" };
	int width = -column->width;

	for (size_t i = 0; i < COUNT(rights); i++)
		if (!strcmp(column->name, rights[i]))
			width = column->width;
	printf("%*s ", width, *value ? value : "-");
}

static void print_title(void)
{
	for (size_t i = 0; i < COUNT(columns); i++)
		if (columns[i].width)
			print_cell(&columns[i], columns[i].name);
	puts("outcome");
}

static void print_row(const struct dmp_line *line)
{
	char value[VALUE_BYTES];

	for (size_t i = 0; i < COUNT(columns); i++) {
		if (!columns[i].width)
			continue;
		value_of(line, columns[i].name, value);
		/* Whole seconds: the rest is in JSON and CSV. */
		if (!strcmp(columns[i].name, "time") && strlen(value) > 19)
			strcpy(value + 19, "Z");
		print_cell(&columns[i], value);
	}
	if (!*value_of(line, "error", value))
		value_of(line, "result", value);
	puts(*value ? value : "-");
}

/* --- CSV (RFC 4180, with plain newlines) -------------------------------------- */

/* A spreadsheet would take it for a formula. */
static bool is_formula(const char *value)
{
	return *value && strchr("=+-@", *value);
}

static void print_quoted(const char *value)
{
	printf("\"%s", is_formula(value) ? "'" : "");
	for (; *value; value++) {
		if (*value == '"')
			putchar('"');
		putchar(*value);
	}
	putchar('"');
}

static void print_value(const struct dmp_line *line, const char *name)
{
	const struct dmp_field *field = dmp_line_find(line, name);
	char value[VALUE_BYTES];

	value_of(line, name, value);
	if (field && field->kind == DMP_FIELD_TEXT &&
	    (is_formula(value) || strpbrk(value, "\",")))
		print_quoted(value);
	else
		fputs(value, stdout);
}

static void print_csv_title(void)
{
	for (size_t i = 0; i < COUNT(columns); i++)
		printf("%s%s", i ? "," : "", columns[i].name);
	putchar('\n');
}

static void print_csv_row(const struct dmp_line *line)
{
	for (size_t i = 0; i < COUNT(columns); i++) {
		if (i)
			putchar(',');
		print_value(line, columns[i].name);
	}
	putchar('\n');
}

/* --- all of it -------------------------------------------------------------- */

static int show_line(const struct dmp_line *line, void *arg)
{
	const struct show *show = arg;

	if (show->format == FORMAT_TABLE)
		print_row(line);
	else if (show->format == FORMAT_CSV)
		print_csv_row(line);
	else
		printf("%.*s\n", (int)line->length, line->bytes);
	/* Nobody reads it any more. */
	return ferror(stdout) ? -EPIPE : 0;
}

static int parse(int argc, char **argv, struct show *show)
{
	struct option options[1 + DMP_FILTER_OPTIONS] = {
		{ "csv", no_argument, NULL, 'c' },
	};
	int option, ret = 0;

	memcpy(options + 1, dmp_filter_options, sizeof(dmp_filter_options));
	optind = 0;
	while (!ret && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'c')
			show->format = FORMAT_CSV;
		else
			ret = dmp_filter_set(&show->filter, option, optarg);
	}
	return ret || optind == argc ? -1 : 0;
}

int ctl_log_show(int argc, char **argv, bool json)
{
	struct show show = { .format = json ? FORMAT_JSON : FORMAT_TABLE };
	int ret;

	if (parse(argc, argv, &show) || (json && show.format == FORMAT_CSV))
		return -1;
	if (show.format == FORMAT_TABLE)
		print_title();
	if (show.format == FORMAT_CSV)
		print_csv_title();
	ret = dmp_reader_run(argv + optind, &show.filter, show_line, &show);
	return ret ? DMP_EXIT_FAILED : DMP_EXIT_OK;
}
