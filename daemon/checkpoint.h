/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checkpoint.h - the lines that the log adds of its own: checkpoints, repairs
 *
 * devmem-policy-log(5) documents them.
 */
#ifndef DEVMEM_POLICY_CHECKPOINT_H
#define DEVMEM_POLICY_CHECKPOINT_H

#include "ledger.h"

/* What the module says about itself, at the time of a checkpoint. */
struct dmp_kernel {
	bool known; /* it was asked */
	uint64_t newest; /* sequence number */
	uint64_t acknowledged;
	uint64_t reserved; /* slots promised to calls under way */
	uint64_t granted_pages;
	uint64_t denied_pages;
	uint64_t permitted_pages;
	uint64_t unrecorded_denials;
	uint64_t unrecorded_events;
	uint64_t misses;
};

struct dmp_checkpoint {
	char cause[DMP_WORD_BYTES];
	struct dmp_ledger ledger;
	struct dmp_kernel kernel;
	bool settled; /* no call is under way: the sums must be the counters */
	bool linked; /* it is the first line of a file that continues another */
};

/* dmp_kernel_from() - what of a status goes into checkpoints */
void dmp_kernel_from(const struct dmp_status *status, struct dmp_kernel *kernel);

/* dmp_kernel_same() - has nothing that is recorded happened in between? */
bool dmp_kernel_same(const struct dmp_kernel *one, const struct dmp_kernel *two);

/*
 * dmp_checkpoint_json() - the line, without its end
 * @head: hash of the line before
 *
 * Return: the text, to be freed, or NULL when there is no memory.
 */
char *dmp_checkpoint_json(const struct dmp_checkpoint *checkpoint,
			  const uint8_t head[DMP_SHA256_BYTES]);

/* dmp_repaired_json() - bytes were cut off behind the last line; else likewise */
char *dmp_repaired_json(uint64_t dropped_bytes, const uint8_t dropped[DMP_SHA256_BYTES],
			const uint8_t head[DMP_SHA256_BYTES]);

/* dmp_checkpoint_parse() - Return: 0, or -EBADMSG, see *why */
int dmp_checkpoint_parse(const struct dmp_line *line, struct dmp_checkpoint *checkpoint,
			 const char **why);

/*
 * dmp_kernel_parse() - the counters that a record module-unloading has
 *
 * Return: 0, -ENOENT when it has none, or -EBADMSG.
 */
int dmp_kernel_parse(const struct dmp_line *line, struct dmp_kernel *kernel);

/* dmp_repaired_parse() - Return: 0, or -EBADMSG, see *why */
int dmp_repaired_parse(const struct dmp_line *line, const char **why);

#endif /* DEVMEM_POLICY_CHECKPOINT_H */
