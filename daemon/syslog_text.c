// SPDX-License-Identifier: GPL-2.0-or-later
#include "syslog_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* Of a SD-ID and of a name of a parameter: RFC 5424, section 6 */
#define SD_NAME_MAX 32
#define HOSTNAME_MAX 255
/* Room for ' cut="NN"]' */
#define CLOSING_BYTES 10
/* "2026-11-21T12:34:56.000000789Z" */
#define TIME_DIGITS 30

/* --- parameters ------------------------------------------------------------- */

int dmp_syslog_facility(const char *text)
{
	static const char *const names[] = {
		"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news",
		"uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
		"local0", "local1", "local2", "local3", "local4", "local5", "local6",
		"local7",
	};
	char *end;
	long number;

	for (size_t i = 0; i < COUNT(names); i++)
		if (!strcmp(text, names[i]))
			return (int)i;
	number = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || number >= (long)COUNT(names))
		return -EINVAL;
	return (int)number;
}

/* Printable ASCII, no space */
static bool is_visible(char character)
{
	return character > ' ' && character < 0x7f;
}

bool dmp_syslog_is_sd_id(const char *text)
{
	const char *at = strchr(text, '@');
	size_t length = strlen(text);

	if (!at || at == text || !at[1] || length > SD_NAME_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_visible(text[i]) || strchr("=]\"", text[i]))
			return false;
	/* Private enterprise numbers may have sub-identifiers. */
	return strspn(at + 1, "0123456789.") == strlen(at + 1);
}

/* --- header ----------------------------------------------------------------- */

/* The time of a line as it is written, or NULL. */
static const char *time_of(const struct dmp_item *item)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddddddddZ";
	const struct dmp_field *field = dmp_line_find(item->line, "time");
	bool digit;

	if (!field || field->kind != DMP_FIELD_TEXT || field->text_length != TIME_DIGITS)
		return NULL;
	for (size_t i = 0; i < TIME_DIGITS; i++) {
		digit = field->text[i] >= '0' && field->text[i] <= '9';
		if (shape[i] == 'd' ? !digit : field->text[i] != shape[i])
			return NULL;
	}
	return field->text;
}

/* Six digits of a second are all that RFC 5424 allows. */
static void put_time(const struct dmp_item *item, struct dmp_output *output)
{
	const char *text = time_of(item);

	if (text)
		dmp_output_print(output, " %.26sZ", text);
	else
		dmp_output_text(output, " -");
}

static void put_hostname(const struct dmp_syslog *syslog, struct dmp_output *output)
{
	size_t length = strlen(syslog->hostname);
	bool visible = length && length <= HOSTNAME_MAX;

	for (size_t i = 0; i < length; i++)
		visible &= is_visible(syslog->hostname[i]);
	dmp_output_text(output, " ");
	dmp_output_text(output, visible ? syslog->hostname : "-");
}

static void put_priority(const struct dmp_syslog *syslog, const struct dmp_item *item,
			 struct dmp_output *output)
{
	dmp_output_print(output, "<%u>",
			 syslog->facility * 8 + (unsigned int)dmp_item_severity(item));
}

static void put_header(const struct dmp_syslog *syslog, const struct dmp_item *item,
		       struct dmp_output *output)
{
	char kind[DMP_WORD_BYTES];

	put_priority(syslog, item, output);
	dmp_output_text(output, "1");
	put_time(item, output);
	put_hostname(syslog, output);
	if (dmp_line_word(item->line, "kind", DMP_WORD_SET, 0, kind, sizeof(kind)))
		strcpy(kind, "-");
	dmp_output_print(output, " " DMP_SYSLOG_APP " - %s ", kind);
}

/* --- structured data -------------------------------------------------------- */

static void put_field(const struct dmp_item *item, const struct dmp_field *field,
		      struct dmp_output *output)
{
	char name[DMP_FIELD_NAME_BYTES];

	dmp_item_name(item, field, name);
	dmp_output_print(output, " %.*s=\"", SD_NAME_MAX, name);
	dmp_item_value(field, "\"\\]", output);
	dmp_output_text(output, "\"");
}

/* "prev" is no field of a line that was taken apart. */
static void put_prev(const struct dmp_item *item, struct dmp_output *output)
{
	dmp_output_print(output, " prev=\"%.*s\"", DMP_SHA256_DIGITS,
			 item->line->bytes + strlen(DMP_LINE_PREV));
}

/* As many as there is room for. Return: how many there is none for. */
static unsigned int put_fields(const struct dmp_item *item, struct dmp_output *output)
{
	const struct dmp_line *line = item->line;
	unsigned int cut = 0;
	size_t before;

	for (size_t i = 0; i <= line->count; i++) {
		before = output->length;
		if (i < line->count && line->fields[i].kind == DMP_FIELD_GROUP)
			continue;
		if (i < line->count)
			put_field(item, &line->fields[i], output);
		else if (item->hash)
			put_prev(item, output);
		if (!output->full)
			continue;
		dmp_output_back(output, before);
		/* Nothing behind it either: so it is always the last ones. */
		output->full = true;
		cut++;
	}
	output->full = false;
	return cut;
}

/* Return: whether fields were left out. */
static bool put_data(const struct dmp_syslog *syslog, const struct dmp_item *item,
		     struct dmp_output *output)
{
	unsigned int cut;

	dmp_output_text(output, "[");
	dmp_output_text(output, syslog->sd_id);
	output->room -= CLOSING_BYTES;
	/* First, since it tells lines apart whatever is cut. */
	if (item->hash)
		dmp_output_print(output, " hash=\"%s\"", item->hash);
	cut = put_fields(item, output);
	output->room += CLOSING_BYTES;
	if (cut)
		dmp_output_print(output, " cut=\"%u\"", cut);
	dmp_output_text(output, "]");
	return cut;
}

/* --- messages --------------------------------------------------------------- */

bool dmp_syslog_5424(const struct dmp_syslog *syslog, const struct dmp_item *item,
		     struct dmp_output *output)
{
	bool cut;
	size_t before;

	put_header(syslog, item, output);
	cut = put_data(syslog, item, output);
	before = output->length;
	/* The mark says that it is UTF-8: RFC 5424, section 6.4. */
	dmp_output_text(output, " \xef\xbb\xbf");
	dmp_item_sentence(item, output);
	if (!output->full)
		return cut;
	dmp_output_back(output, before);
	return true;
}

/* In the time of this place, as syslog(3) does. */
static void put_local_time(const struct dmp_item *item, struct dmp_output *output)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	const char *text = time_of(item);
	time_t seconds = time(NULL);
	struct tm parts = { 0 };

	if (text && strptime(text, "%Y-%m-%dT%H:%M:%S", &parts))
		seconds = timegm(&parts);
	localtime_r(&seconds, &parts);
	dmp_output_print(output, "%s %2d %02d:%02d:%02d ", months[parts.tm_mon],
			 parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

bool dmp_syslog_local(const struct dmp_syslog *syslog, const struct dmp_item *item,
		      struct dmp_output *output)
{
	bool cut = false;
	size_t before;

	put_priority(syslog, item, output);
	put_local_time(item, output);
	dmp_output_text(output, DMP_SYSLOG_APP ": ");
	before = output->length;
	dmp_item_sentence(item, output);
	dmp_output_text(output, " ");
	/* The data must not be cut for a sentence. */
	if (output->full || output->room - output->length < DMP_SYSLOG_BYTES_MIN) {
		dmp_output_back(output, before);
		cut = true;
	}
	return put_data(syslog, item, output) || cut;
}
