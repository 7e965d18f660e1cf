/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ledger.h - what the records of one instance of the module add up to, in a log
 *
 * devmemd keeps it to write checkpoints, devmemctl to check them.
 */
#ifndef DEVMEM_POLICY_LEDGER_H
#define DEVMEM_POLICY_LEDGER_H

#include "line.h"
#include "record.h"

#define DMP_INSTANCE_BYTES 17
/* Of any word in the log, with the NUL: a kind, a cause. */
#define DMP_WORD_BYTES 33
#define DMP_WORD_SET "abcdefghijklmnopqrstuvwxyz0123456789-"

struct dmp_ledger {
	char instance[DMP_INSTANCE_BYTES]; /* "": none yet */
	char boot_id[DMP_BOOT_ID_BYTES];
	uint64_t count; /* records */
	uint64_t first; /* sequence numbers; 0: none */
	uint64_t last;
	uint64_t granted_pages;
	uint64_t denied_pages; /* in records of their own */
	uint64_t lost_pages; /* denied, in records of loss */
	uint64_t permitted_pages;
};

/* What a record says, as far as it has to add up. */
struct dmp_entry {
	char kind[DMP_WORD_BYTES];
	char instance[DMP_INSTANCE_BYTES];
	char boot_id[DMP_BOOT_ID_BYTES];
	char lost[DMP_WORD_BYTES]; /* what a loss is of; "": denials */
	uint64_t sequence;
	uint64_t pages;
};

/*
 * dmp_ledger_identity() - instance and boot id of a line
 *
 * Return: 0, or -EBADMSG when one of them is missing or malformed.
 */
int dmp_ledger_identity(const struct dmp_line *line, char instance[DMP_INSTANCE_BYTES],
			char boot_id[DMP_BOOT_ID_BYTES]);

/* dmp_entry_parse() - Return: 0, or -EBADMSG when the line is no record, see *why */
int dmp_entry_parse(const struct dmp_line *line, struct dmp_entry *entry,
		    const char **why);

/* dmp_ledger_begin() - a ledger without records */
void dmp_ledger_begin(struct dmp_ledger *ledger, const char *instance,
		      const char *boot_id);

/*
 * dmp_ledger_add() - count a record; one of another instance begins anew
 *
 * Return: 0; -EBADMSG when a sum would be larger than the log can say.
 */
int dmp_ledger_add(struct dmp_ledger *ledger, const struct dmp_entry *entry);

/* dmp_ledger_equal() - do both say the same? */
bool dmp_ledger_equal(const struct dmp_ledger *one, const struct dmp_ledger *two);

#endif /* DEVMEM_POLICY_LEDGER_H */
