/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * item.h - what is forwarded: a line of the log, or what the forwarder has to say
 *
 * The latter is a line as well, of a kind "forward-…", which is in no log.
 */
#ifndef DEVMEM_POLICY_ITEM_H
#define DEVMEM_POLICY_ITEM_H

#include "line.h"
#include "output.h"

struct dmp_item {
	const struct dmp_line *line;
	const char *hash; /* of the line, 64 hex digits; NULL: the forwarder's own */
};

/* Room for the name of any field, with the NUL: GROUP.NAME */
#define DMP_FIELD_NAME_BYTES (2 * DMP_LINE_KEY_MAX + 2)

/*
 * dmp_item_severity() - LOG_ERR to LOG_INFO, by the kind
 *
 * devmemctl(8) has the table.
 */
int dmp_item_severity(const struct dmp_item *item);

/* dmp_item_message_id() - the MESSAGE_ID of the journal, 32 hex digits, by the kind */
const char *dmp_item_message_id(const struct dmp_item *item);

/* dmp_item_sentence() - put a sentence for people, as "devmemctl monitor" has it */
void dmp_item_sentence(const struct dmp_item *item, struct dmp_output *output);

/* dmp_item_name() - the name of a field, as "pages" or "counters.misses" */
void dmp_item_name(const struct dmp_item *item, const struct dmp_field *field,
		   char name[DMP_FIELD_NAME_BYTES]);

/*
 * dmp_item_value() - put what a field says, without the quotes and escapes of JSON
 * @special: characters that get a backslash in front
 */
void dmp_item_value(const struct dmp_field *field, const char *special,
		    struct dmp_output *output);

#endif /* DEVMEM_POLICY_ITEM_H */
