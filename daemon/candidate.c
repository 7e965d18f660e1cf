// SPDX-License-Identifier: GPL-2.0-or-later
#include "candidate.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".dmp"

/* A pipe by that name would make the reader wait for ever. */
static int check_regular(const char *path, struct dmp_message *problem)
{
	struct stat status;

	if (stat(path, &status)) {
		snprintf(problem->text, sizeof(problem->text), "cannot be read: %s",
			 strerror(errno));
		return -errno;
	}
	if (!S_ISREG(status.st_mode)) {
		snprintf(problem->text, sizeof(problem->text), "is not a regular file");
		return -EINVAL;
	}
	return 0;
}

static int check(struct dmp_candidate *candidate)
{
	struct dmp_message *problem = &candidate->problem;
	struct dmp_signed *parts = &candidate->parts;
	struct dmp_decode_error error;
	struct dmp_view view;
	int ret;

	ret = check_regular(candidate->path, problem);
	if (!ret)
		ret = dmp_file_read(candidate->path, DMP_MAX_FILE_BYTES,
				    &candidate->file, problem);
	if (!ret)
		ret = dmp_signed_decode(candidate->file.bytes, candidate->file.length,
					parts, problem);
	if (ret)
		return ret;
	candidate->named = !dmp_decode_header(parts->policy, parts->policy_bytes,
					      &candidate->header, &error);
	if (!candidate->named)
		memset(&candidate->header, 0, sizeof(candidate->header));
	ret = dmp_policy_decode(parts->policy, parts->policy_bytes, &view, problem);
	if (ret)
		return ret;
	ret = dmp_digest(parts->policy, parts->policy_bytes, candidate->digest);
	if (ret)
		snprintf(problem->text, sizeof(problem->text),
			 "SHA-256 does not work here");
	return ret;
}

int dmp_candidate_read(struct dmp_candidate *candidate, const char *path)
{
	memset(candidate, 0, sizeof(*candidate));
	candidate->path = strdup(path);
	if (!candidate->path)
		return -ENOMEM;
	candidate->error = check(candidate);
	candidate->valid = !candidate->error;
	return 0;
}

void dmp_candidate_free(struct dmp_candidate *candidate)
{
	dmp_buffer_free(&candidate->file);
	free(candidate->path);
	memset(candidate, 0, sizeof(*candidate));
}

bool dmp_candidate_is(const struct dmp_candidate *candidate,
		      const struct dmp_policy_info *policy)
{
	return candidate->valid && !strcmp(candidate->header.name, policy->name) &&
	       candidate->header.serial == policy->serial &&
	       dmp_has(policy->present, DEVMEM_POLICY_POLICY_A_DIGEST) &&
	       !memcmp(candidate->digest, policy->digest, sizeof(policy->digest));
}

/* --- directories ------------------------------------------------------------ */

static int is_policy_file(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > strlen(SUFFIX) &&
	       !strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX);
}

static int newest_first(const void *left, const void *right)
{
	const struct dmp_candidate *l = left, *r = right;

	if (l->header.serial != r->header.serial)
		return l->header.serial > r->header.serial ? -1 : 1;
	return strcmp(l->path, r->path);
}

static int read_entry(struct dmp_candidates *candidates, const char *directory,
		      const char *name)
{
	struct dmp_candidate *candidate = &candidates->list[candidates->count];
	char *path;
	int ret;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		return -ENOMEM;
	ret = dmp_candidate_read(candidate, path);
	free(path);
	if (ret)
		return ret;
	candidates->count++;
	if (!candidate->named)
		candidates->all_named = false;
	return 0;
}

int dmp_candidates_read(struct dmp_candidates *candidates, const char *directory)
{
	struct dirent **entries;
	int count, ret = 0;

	*candidates = (struct dmp_candidates){ .all_named = true };
	count = scandir(directory, &entries, is_policy_file, NULL);
	if (count < 0)
		return -errno;
	candidates->list = calloc((size_t)count + 1, sizeof(*candidates->list));
	if (!candidates->list)
		ret = -ENOMEM;
	for (int i = 0; i < count; i++) {
		if (!ret)
			ret = read_entry(candidates, directory, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (ret)
		dmp_candidates_free(candidates);
	else
		qsort(candidates->list, candidates->count, sizeof(*candidates->list),
		      newest_first);
	return ret;
}

void dmp_candidates_free(struct dmp_candidates *candidates)
{
	for (size_t i = 0; i < candidates->count; i++)
		dmp_candidate_free(&candidates->list[i]);
	free(candidates->list);
	memset(candidates, 0, sizeof(*candidates));
}

bool dmp_candidates_carry(const struct dmp_candidates *candidates, const char *name)
{
	for (size_t i = 0; i < candidates->count; i++)
		if (candidates->list[i].named &&
		    !strcmp(candidates->list[i].header.name, name))
			return true;
	return false;
}
