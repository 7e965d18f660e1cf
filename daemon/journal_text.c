// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal_text.h"

#include <string.h>

#include "syslog_text.h"

#define PREFIX "DEVMEM_POLICY_"
/* journald drops fields with longer names. */
#define NAME_MAX_LENGTH 64

/* No value has a line end in it, so that none needs the binary form. */
static void put_field(const struct dmp_item *item, const struct dmp_field *field,
		      struct dmp_output *output)
{
	char name[DMP_FIELD_NAME_BYTES];

	dmp_item_name(item, field, name);
	name[NAME_MAX_LENGTH - strlen(PREFIX)] = '\0';
	for (char *at = name; *at; at++) {
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
		else if (*at == '.')
			*at = '_';
	}
	dmp_output_print(output, PREFIX "%s=", name);
	dmp_item_value(field, "", output);
	dmp_output_text(output, "\n");
}

static void put_sentence(const struct dmp_item *item, struct dmp_output *output)
{
	dmp_output_text(output, "MESSAGE=");
	dmp_item_sentence(item, output);
	dmp_output_text(output, "\n");
}

static void put_head(unsigned int facility, const struct dmp_item *item,
		     struct dmp_output *output)
{
	dmp_output_print(output,
			 "PRIORITY=%d\nSYSLOG_FACILITY=%u\nSYSLOG_IDENTIFIER=" DMP_SYSLOG_APP
			 "\nMESSAGE_ID=%s\n",
			 dmp_item_severity(item), facility, dmp_item_message_id(item));
	if (item->hash)
		dmp_output_print(output, PREFIX "HASH=%s\n" PREFIX "PREV=%.*s\n", item->hash,
				 DMP_SHA256_DIGITS, item->line->bytes + strlen(DMP_LINE_PREV));
}

/* Return: whether what was put since it was that long had to be left out. */
static bool leave_out(struct dmp_output *output, size_t before)
{
	if (!output->full)
		return false;
	dmp_output_back(output, before);
	return true;
}

bool dmp_journal_text(unsigned int facility, const struct dmp_item *item,
		      struct dmp_output *output)
{
	const struct dmp_line *line = item->line;
	size_t before;
	bool cut;

	put_head(facility, item, output);
	before = output->length;
	put_sentence(item, output);
	cut = leave_out(output, before);
	for (size_t i = 0; i < line->count; i++) {
		if (line->fields[i].kind == DMP_FIELD_GROUP)
			continue;
		before = output->length;
		put_field(item, &line->fields[i], output);
		cut |= leave_out(output, before);
	}
	return cut;
}
