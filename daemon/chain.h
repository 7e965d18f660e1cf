/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chain.h - lines on their way into the log, each tied to the one before */
#ifndef DEVMEM_POLICY_CHAIN_H
#define DEVMEM_POLICY_CHAIN_H

#include "checkpoint.h"

/* Where a log stands. All zero: at its beginning. */
struct dmp_chain {
	uint8_t head[DMP_SHA256_BYTES]; /* hash of the last line */
	struct dmp_ledger ledger;
	uint64_t since; /* lines of records since the last checkpoint */
};

/* Lines with their ends. Empty when all zero. */
struct dmp_lines {
	char *bytes;
	size_t length;
	size_t room;
};

/* dmp_chain_at_beginning() - is there no line yet? */
bool dmp_chain_at_beginning(const struct dmp_chain *chain);

/*
 * dmp_chain_follow() - go on behind a line that is in the log already
 * @bytes: without the line end
 *
 * A line that is none of a log counts for nothing, but is linked to.
 *
 * Return: 1 when the log added it of its own, 0 when not, or -ENOMEM.
 */
int dmp_chain_follow(struct dmp_chain *chain, const char *bytes, size_t length);

/*
 * dmp_chain_record() - add a record
 * @record: the JSON object, without a line end
 *
 * These return 0 or -ENOMEM.
 */
int dmp_chain_record(struct dmp_chain *chain, struct dmp_lines *lines,
		     const char *record, size_t length);

/* dmp_chain_checkpoint() - add a checkpoint; its ledger is the chain's */
int dmp_chain_checkpoint(struct dmp_chain *chain, struct dmp_lines *lines,
			 struct dmp_checkpoint *checkpoint);

int dmp_chain_repaired(struct dmp_chain *chain, struct dmp_lines *lines,
		       uint64_t dropped_bytes, const uint8_t dropped[DMP_SHA256_BYTES]);

void dmp_lines_free(struct dmp_lines *lines);

#endif /* DEVMEM_POLICY_CHAIN_H */
