/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify.h - is a log whole, and as it was written?
 *
 * devmem-policy-log(5) says what makes it so. Files are given oldest first and
 * read once; memory does not grow with them.
 */
#ifndef DEVMEM_POLICY_VERIFY_H
#define DEVMEM_POLICY_VERIFY_H

#include "checkpoint.h"

enum dmp_log_class {
	DMP_LOG_INTACT,
	DMP_LOG_TAMPERED,
	DMP_LOG_INCOMPLETE,
};

/* Why a log is incomplete: bits. */
enum dmp_log_lack {
	DMP_LACK_EMPTY = 1, /* there is no line */
	DMP_LACK_BEGINNING = 2, /* it continues a file that was not given */
	DMP_LACK_FILE = 4, /* so does one in the middle */
	DMP_LACK_LINE_END = 8, /* a file ends in the middle of a line */
	DMP_LACK_CHECKPOINT = 16, /* its last line is not a checkpoint */
	DMP_LACK_NEXT_FILE = 32, /* its last line says that another file follows */
	DMP_LACK_HEAD = 64, /* the line that must be there is not */
	DMP_LACK_RECORDS = 128, /* sequence numbers are missing */
	DMP_LACK_PAGES = 256, /* the kernel counted more pages than there are */
	DMP_LACK_CUT = 512, /* an instance ended, and its last records are not known */
};

/* Records that are missing. */
struct dmp_gap {
	char instance[DMP_INSTANCE_BYTES];
	uint64_t first;
	uint64_t last;
	bool at_end; /* the kernel had counted so many when it was asked last */
};

/* An instance that another one follows, and of which nobody saw the end. */
struct dmp_cut {
	char instance[DMP_INSTANCE_BYTES];
	uint64_t last; /* sequence number; 0: there is no record of it */
};

/* More of them are only counted. */
#define DMP_GAPS_MAX 64
#define DMP_CUTS_MAX 64
/* That came before, so that one that comes again is noticed */
#define DMP_PAST_INSTANCES 32

/* What the next line, or the end, comes behind. */
enum dmp_last_line {
	DMP_LAST_OTHER,
	DMP_LAST_CHECKPOINT,
	DMP_LAST_ROTATED, /* a checkpoint that says that another file follows */
	DMP_LAST_STOP, /* one that says that devmemd ended, while the module was there */
};

struct dmp_verify {
	/* What is known from elsewhere; set before anything else. */
	bool has_after;
	uint8_t after[DMP_SHA256_BYTES]; /* hash of the line before the first */
	bool has_head;
	uint8_t wanted_head[DMP_SHA256_BYTES]; /* hash of a line that must be there */

	/* What was found. */
	enum dmp_log_class class;
	unsigned int lacks; /* DMP_LACK_* */
	const char *file; /* TAMPERED: where, */
	uint64_t line; /* from 1, */
	const char *why; /* and what for people */
	uint64_t lines;
	uint64_t records;
	uint64_t checkpoints;
	uint64_t repairs;
	uint64_t instances;
	uint64_t missing; /* records */
	uint64_t missing_pages; /* that the kernel counted, at most */
	uint64_t gap_count;
	struct dmp_gap gaps[DMP_GAPS_MAX];
	uint64_t cut_count;
	struct dmp_cut cuts[DMP_CUTS_MAX];
	uint64_t unattended; /* instances that devmemd had left in order when they ended */
	uint8_t head[DMP_SHA256_BYTES]; /* hash of the last line */
	uint64_t kernel_newest; /* that the last checkpoint of an instance says */
	struct dmp_ledger ledger; /* of the last instance */

	/* On the way. */
	bool at_file_start;
	enum dmp_last_line last_line;
	bool head_seen;
	bool past_kernel; /* kernel_newest is of this instance */
	uint64_t floor; /* sequence number, before a file that was begun anew */
	bool whole; /* the ledger has all records of this instance */
	bool unloaded; /* the last of them is module-unloading */
	size_t past_count;
	char past[DMP_PAST_INSTANCES][DMP_INSTANCE_BYTES];
	struct dmp_line parsed;
};

/* All of it zero, but for what is known from elsewhere. */
void dmp_verify_begin(struct dmp_verify *verify);

/*
 * dmp_verify_bytes() - the next file, in memory
 * @name: must stay valid
 */
void dmp_verify_bytes(struct dmp_verify *verify, const char *name, const char *bytes,
		      size_t length);

/* dmp_verify_file() - the next file, from a descriptor. Return: 0 or -errno */
int dmp_verify_file(struct dmp_verify *verify, const char *name, int fd);

/* dmp_verify_end() - behind the last file. Return: verify->class */
enum dmp_log_class dmp_verify_end(struct dmp_verify *verify);

/* dmp_log_class_name() - "intact", "tampered", "incomplete" */
const char *dmp_log_class_name(enum dmp_log_class class);

#endif /* DEVMEM_POLICY_VERIFY_H */
