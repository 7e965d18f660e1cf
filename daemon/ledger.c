// SPDX-License-Identifier: GPL-2.0-or-later
#include "ledger.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int dmp_ledger_identity(const struct dmp_line *line, char instance[DMP_INSTANCE_BYTES],
			char boot_id[DMP_BOOT_ID_BYTES])
{
	if (dmp_line_word(line, "instance", "0123456789abcdef", DMP_INSTANCE_BYTES - 1,
			  instance, DMP_INSTANCE_BYTES) ||
	    dmp_line_word(line, "boot_id", "0123456789abcdef-", DMP_BOOT_ID_BYTES - 1,
			  boot_id, DMP_BOOT_ID_BYTES))
		return -EBADMSG;
	return 0;
}

int dmp_entry_parse(const struct dmp_line *line, struct dmp_entry *entry,
		    const char **why)
{
	memset(entry, 0, sizeof(*entry));
	*why = "it has no kind";
	if (dmp_line_word(line, "kind", DMP_WORD_SET, 0, entry->kind, sizeof(entry->kind)))
		return -EBADMSG;
	*why = "it has no sequence number";
	if (dmp_line_count(line, "seq", &entry->sequence) || !entry->sequence)
		return -EBADMSG;
	*why = "it does not say of which instance and boot it is";
	if (dmp_ledger_identity(line, entry->instance, entry->boot_id))
		return -EBADMSG;
	*why = "its pages are no number";
	if (dmp_line_count(line, "pages", &entry->pages) == -EBADMSG)
		return -EBADMSG;
	*why = "it does not say of what there is a loss";
	if (dmp_line_word(line, "lost", DMP_WORD_SET, 0, entry->lost,
			  sizeof(entry->lost)) == -EBADMSG)
		return -EBADMSG;
	*why = NULL;
	return 0;
}

void dmp_ledger_begin(struct dmp_ledger *ledger, const char *instance,
		      const char *boot_id)
{
	memset(ledger, 0, sizeof(*ledger));
	snprintf(ledger->instance, sizeof(ledger->instance), "%s", instance);
	snprintf(ledger->boot_id, sizeof(ledger->boot_id), "%s", boot_id);
}

static uint64_t *sum_of_loss(struct dmp_ledger *ledger, const char *lost)
{
	if (!*lost || !strcmp(lost, "denial"))
		return &ledger->lost_pages;
	return strcmp(lost, "permitted") ? NULL : &ledger->permitted_pages;
}

/* The sum that a record counts for, or NULL. */
static uint64_t *sum_of(struct dmp_ledger *ledger, const struct dmp_entry *entry)
{
	if (!strcmp(entry->kind, "grant"))
		return &ledger->granted_pages;
	if (!strcmp(entry->kind, "denial"))
		return &ledger->denied_pages;
	if (!strcmp(entry->kind, "loss"))
		return sum_of_loss(ledger, entry->lost);
	if (!strcmp(entry->kind, "permitted"))
		return &ledger->permitted_pages;
	return NULL;
}

int dmp_ledger_add(struct dmp_ledger *ledger, const struct dmp_entry *entry)
{
	uint64_t *sum;

	if (strcmp(ledger->instance, entry->instance))
		dmp_ledger_begin(ledger, entry->instance, entry->boot_id);
	if (!ledger->count)
		ledger->first = entry->sequence;
	ledger->count++;
	ledger->last = entry->sequence;
	sum = sum_of(ledger, entry);
	if (!sum)
		return 0;
	if (entry->pages > INT64_MAX - *sum)
		return -EBADMSG;
	*sum += entry->pages;
	return 0;
}

bool dmp_ledger_equal(const struct dmp_ledger *one, const struct dmp_ledger *two)
{
	return !strcmp(one->instance, two->instance) && !strcmp(one->boot_id, two->boot_id) &&
	       one->count == two->count && one->first == two->first &&
	       one->last == two->last && one->granted_pages == two->granted_pages &&
	       one->denied_pages == two->denied_pages &&
	       one->lost_pages == two->lost_pages &&
	       one->permitted_pages == two->permitted_pages;
}
