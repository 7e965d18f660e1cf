// SPDX-License-Identifier: GPL-2.0-or-later
/* diagnostics.c - collect and print what is wrong with a text */
#include "diagnostics.h"

#include <inttypes.h>
#include <stdlib.h>

/* Of a long line only what is around the fault is shown, in characters. */
#define SHOWN_CHARACTERS 120u
#define SHOWN_BEFORE 60u

static bool has_room(struct dmp_diagnostics *diagnostics, bool is_warning)
{
	u32 warnings = diagnostics->count - diagnostics->error_count;
	u32 same = is_warning ? warnings : diagnostics->error_count;

	if (same < DMP_MAX_DIAGNOSTICS)
		return true;
	diagnostics->more = true;
	return false;
}

static int fill(struct dmp_diagnostic *diagnostic, const char *hint,
		const char *format, va_list arguments)
{
	diagnostic->hint = NULL;
	if (hint) {
		diagnostic->hint = strdup(hint);
		if (!diagnostic->hint)
			return -ENOMEM;
	}
	if (vasprintf(&diagnostic->message, format, arguments) < 0) {
		free(diagnostic->hint);
		return -ENOMEM;
	}
	return 0;
}

int dmp_diagnose_list(struct dmp_diagnostics *diagnostics, bool is_warning,
		      const struct dmp_span *span, const char *hint,
		      const char *format, va_list arguments)
{
	struct dmp_diagnostic *diagnostic =
		&diagnostics->list[diagnostics->count];
	int verdict = is_warning ? 0 : -EINVAL;

	if (!has_room(diagnostics, is_warning))
		return verdict;
	if (fill(diagnostic, hint, format, arguments))
		return -ENOMEM;
	diagnostic->is_warning = is_warning;
	diagnostic->line = span->line;
	diagnostic->column = span->column;
	diagnostic->width = span->width;
	diagnostics->count++;
	diagnostics->error_count += !is_warning;
	return verdict;
}

int dmp_diagnose(struct dmp_diagnostics *diagnostics, bool is_warning,
		 const struct dmp_span *span, const char *hint,
		 const char *format, ...)
{
	va_list arguments;
	int ret;

	va_start(arguments, format);
	ret = dmp_diagnose_list(diagnostics, is_warning, span, hint, format,
				arguments);
	va_end(arguments);
	return ret;
}

/* The message settles ties, so that the order never depends on qsort(). */
static int compare(const void *left, const void *right)
{
	const struct dmp_diagnostic *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return strcmp(a->message, b->message);
}

void dmp_diagnostics_sort(struct dmp_diagnostics *diagnostics)
{
	qsort(diagnostics->list, diagnostics->count,
	      sizeof(diagnostics->list[0]), compare);
}

void dmp_diagnostics_free(struct dmp_diagnostics *diagnostics)
{
	u32 i;

	for (i = 0; i < diagnostics->count; i++) {
		free(diagnostics->list[i].message);
		free(diagnostics->list[i].hint);
	}
	memset(diagnostics, 0, sizeof(*diagnostics));
}

static size_t step_bytes(const char *bytes, size_t length)
{
	u32 step = dmp_character_bytes((const u8 *)bytes, length);

	return step ? step : 1;
}

u32 dmp_count_characters(const char *bytes, size_t length)
{
	size_t at = 0;
	u32 count = 0;

	while (at < length) {
		at += step_bytes(bytes + at, length - at);
		count++;
	}
	return count;
}

/* The line without its end; NULL when the text has no such line. */
static const char *find_line(const char *text, size_t length, u32 line,
			     size_t *line_bytes)
{
	const char *end = text + length, *stop;

	while (--line) {
		stop = memchr(text, '\n', (size_t)(end - text));
		if (!stop)
			return NULL;
		text = stop + 1;
	}
	stop = memchr(text, '\n', (size_t)(end - text));
	*line_bytes = (size_t)((stop ? stop : end) - text);
	return text;
}

/* Some of a line: from is the first, to the one behind the last, from 0 on. */
static void print_characters(const char *line, size_t length, u32 from, u32 to,
			     FILE *stream)
{
	u32 number = 0, bytes;
	size_t at = 0;

	for (; at < length && number < to; number++) {
		bytes = dmp_character_bytes((const u8 *)line + at, length - at);
		if (number < from)
			;
		else if (bytes)
			fwrite(line + at, 1, bytes, stream);
		else
			putc(line[at] == '\t' ? ' ' : '?', stream);
		at += bytes ? bytes : 1;
	}
}

static void print_caret(u32 before, u32 width, FILE *stream)
{
	fprintf(stream, "%*s^", (int)before, "");
	while (--width)
		putc('~', stream);
	putc('\n', stream);
}

static void print_excerpt(const struct dmp_diagnostic *diagnostic,
			  const char *line, size_t length, FILE *stream)
{
	u32 at = diagnostic->column - 1, width = diagnostic->width;
	u32 from = at > SHOWN_CHARACTERS - 1 ? at - SHOWN_BEFORE : 0;
	u32 to = from + SHOWN_CHARACTERS;

	if (width > to - at)
		width = to - at;
	fputs("    ", stream);
	print_characters(line, length, from, to, stream);
	fputs("\n    ", stream);
	print_caret(at - from, width, stream);
}

static void print_one(const struct dmp_diagnostic *diagnostic, const char *path,
		      const char *text, size_t length, FILE *stream)
{
	size_t line_bytes = 0;
	const char *line = NULL;

	fprintf(stream, "%s:%" PRIu32 ":%" PRIu32 ": %s: %s\n", path,
		diagnostic->line, diagnostic->column,
		diagnostic->is_warning ? "warning" : "error",
		diagnostic->message);
	if (diagnostic->width)
		line = find_line(text, length, diagnostic->line, &line_bytes);
	if (line)
		print_excerpt(diagnostic, line, line_bytes, stream);
	if (diagnostic->hint)
		fprintf(stream, "  hint: %s\n", diagnostic->hint);
}

void dmp_diagnostics_print(const struct dmp_diagnostics *diagnostics,
			   const char *path, const char *text, size_t length,
			   FILE *stream)
{
	u32 i;

	for (i = 0; i < diagnostics->count; i++)
		print_one(&diagnostics->list[i], path, text, length, stream);
	if (diagnostics->more)
		fprintf(stream,
			"%s: there is more; the first %u errors and warnings are shown\n",
			path, DMP_MAX_DIAGNOSTICS);
}
