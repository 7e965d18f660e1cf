/* SPDX-License-Identifier: GPL-2.0-or-later */
/* candidate.h - a signed policy file that may be registered */
#ifndef DEVMEM_POLICY_CANDIDATE_H
#define DEVMEM_POLICY_CANDIDATE_H

#include "netlink.h"
#include "policy/policy.h"

struct dmp_candidate {
	char *path;
	struct dmp_buffer file;
	struct dmp_signed parts; /* views into file */
	bool named; /* header is valid: name and serial are known */
	bool valid; /* all of it is well-formed */
	bool accepted; /* for the caller: it is in force */
	struct dmp_header header;
	uint8_t digest[DMP_DIGEST_BYTES];
	int error; /* -errno: why it is not valid; unreadable files too */
	struct dmp_message problem; /* the same in words */
};

/*
 * dmp_candidate_read() - read and check a file; the signature is not looked at
 *
 * Return: 0, also when the file is not valid; -ENOMEM.
 */
int dmp_candidate_read(struct dmp_candidate *candidate, const char *path);
void dmp_candidate_free(struct dmp_candidate *candidate);

/* Is it exactly the policy that the kernel has? */
bool dmp_candidate_is(const struct dmp_candidate *candidate,
		      const struct dmp_policy_info *policy);

/*
 * The files of a directory whose names end in .dmp: the highest serial first, so
 * that of several files with the same policy the newest good one wins; equal
 * serials in the order of the file names.
 */
struct dmp_candidates {
	struct dmp_candidate *list;
	size_t count;
	bool all_named; /* the name of every policy in the directory is known */
};

/* dmp_candidates_read() - read a directory. Return: 0, or -errno if that fails */
int dmp_candidates_read(struct dmp_candidates *candidates, const char *directory);
void dmp_candidates_free(struct dmp_candidates *candidates);

/* Does any file, valid or not, carry a policy of this name? */
bool dmp_candidates_carry(const struct dmp_candidates *candidates, const char *name);

#endif /* DEVMEM_POLICY_CANDIDATE_H */
