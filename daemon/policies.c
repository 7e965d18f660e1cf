// SPDX-License-Identifier: GPL-2.0-or-later
#include "policies.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "candidate.h"
#include "names.h"
#include "registered.h"
#include "say.h"

/* What one load works with. */
struct load {
	struct dmp_nl *nl;
	struct dmp_floors *floors;
	struct dmp_trust *trust; /* NULL: the kernel alone checks */
	struct dmp_candidates candidates;
	struct dmp_registered registered;
	struct dmp_policies_result *result;
};

/* --- certificates ----------------------------------------------------------- */

static int is_certificate(const struct dirent *entry)
{
	const char *suffix = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && suffix &&
	       (!strcmp(suffix, ".pem") || !strcmp(suffix, ".der"));
}

static void add_certificate(struct dmp_trust *trust, const char *directory,
			    const char *name)
{
	struct dmp_message message;
	char *path;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		return;
	if (dmp_trust_add_file(trust, path, &message))
		dmp_say(LOG_ERR, "%s: %s", path, message.text);
	free(path);
}

/* Return: NULL when there is no certificate to check with. */
static struct dmp_trust *load_trust(const char *directory)
{
	struct dirent **entries;
	struct dmp_trust *trust;
	int count;

	count = scandir(directory, &entries, is_certificate, NULL);
	if (count < 0) {
		if (errno != ENOENT)
			dmp_say(LOG_WARNING, "%s: %s", directory, strerror(errno));
		return NULL;
	}
	trust = dmp_trust_new();
	for (int i = 0; i < count; i++) {
		if (trust)
			add_certificate(trust, directory, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (trust && dmp_trust_count(trust))
		return trust;
	dmp_trust_free(trust);
	return NULL;
}

/* --- files ------------------------------------------------------------------ */

static void say_refused(struct load *load, const struct dmp_candidate *candidate,
			const char *what)
{
	const struct dmp_policy_info *old = NULL;

	load->result->refused++;
	if (candidate->named)
		old = dmp_registered_find(&load->registered, candidate->header.name);
	if (old)
		dmp_say(LOG_ERR,
			"%s: not registered: %s; serial %" PRIu64
			" of policy %s stays in force",
			candidate->path, what, old->serial, old->name);
	else
		dmp_say(LOG_ERR, "%s: not registered: %s", candidate->path, what);
}

/* Return: whether the file is good enough to ask the kernel. */
static bool check(struct load *load, const struct dmp_candidate *candidate)
{
	const struct dmp_signed *parts = &candidate->parts;
	struct dmp_message message;

	if (!candidate->valid) {
		say_refused(load, candidate, candidate->problem.text);
		return false;
	}
	if (load->trust &&
	    dmp_verify(load->trust, parts->policy, parts->policy_bytes, parts->signature,
		       parts->signature_bytes, &message)) {
		say_refused(load, candidate, message.text);
		return false;
	}
	return true;
}

static bool in_force(const struct load *load, const struct dmp_candidate *candidate)
{
	const struct dmp_policy_info *policy =
		candidate->named ?
			dmp_registered_find(&load->registered, candidate->header.name) :
			NULL;

	return policy && dmp_candidate_is(candidate, policy);
}

/* --- serial floors ---------------------------------------------------------- */

static void floor_of(const struct dmp_candidate *candidate, struct dmp_floor *floor)
{
	memset(floor, 0, sizeof(*floor));
	memcpy(floor->name, candidate->header.name, sizeof(floor->name));
	floor->serial = candidate->header.serial;
	memcpy(floor->digest, candidate->digest, sizeof(floor->digest));
}

/* What the kernel has it accepted, whoever brought it. */
static void note_registered(struct load *load)
{
	struct dmp_floor floor;
	int ret;

	for (size_t i = 0; i < load->registered.count; i++) {
		const struct dmp_policy_info *policy = &load->registered.list[i];

		memcpy(floor.name, policy->name, sizeof(floor.name));
		floor.serial = policy->serial;
		memcpy(floor.digest, policy->digest, sizeof(floor.digest));
		ret = dmp_floors_note(load->floors, &floor);
		if (ret)
			dmp_say(LOG_ERR, "the serial of policy %s cannot be kept: %s",
				policy->name, strerror(-ret));
	}
}

/* Return: whether the policy is not below its floor. */
static bool above_floor(struct load *load, const struct dmp_candidate *candidate,
			const struct dmp_floor *floor)
{
	const struct dmp_floor *old = dmp_floors_find(load->floors, floor->name);
	char what[128];

	switch (dmp_floors_compare(load->floors, floor)) {
	case DMP_FLOOR_OLDER:
		snprintf(what, sizeof(what),
			 "its serial %" PRIu64 " is older than %" PRIu64
			 ", which was accepted before",
			 floor->serial, old->serial);
		break;
	case DMP_FLOOR_OTHER:
		snprintf(what, sizeof(what),
			 "another policy with its serial %" PRIu64 " was accepted before",
			 floor->serial);
		break;
	default:
		return true;
	}
	say_refused(load, candidate, what);
	return false;
}

/* The floor first: after a crash in between the same policy can still be loaded. */
static bool raise_floor(struct load *load, const struct dmp_candidate *candidate,
			const struct dmp_floor *floor, struct dmp_floor *before)
{
	char what[128];
	int ret;

	*before = *floor;
	if (!above_floor(load, candidate, floor))
		return false;
	if (dmp_floors_compare(load->floors, floor) == DMP_FLOOR_SAME)
		return true;
	ret = dmp_floors_set(load->floors, floor, before);
	if (!ret)
		return true;
	snprintf(what, sizeof(what), "its serial cannot be kept: %s", strerror(-ret));
	say_refused(load, candidate, what);
	return false;
}

static void put_floor_back(struct load *load, const struct dmp_floor *floor)
{
	int ret;

	/* Without an answer it may be in force, so that the floor has to stay. */
	if (!*dmp_nl_message(load->nl))
		return;
	ret = dmp_floors_set(load->floors, floor, NULL);
	if (ret)
		dmp_say(LOG_ERR, "the serial of policy %s cannot be put back: %s",
			floor->name, strerror(-ret));
}

/* --- registering ------------------------------------------------------------ */

static void register_candidate(struct load *load, struct dmp_candidate *candidate)
{
	const struct dmp_signed *parts = &candidate->parts;
	struct dmp_floor floor, before;
	char what[600];
	int ret;

	floor_of(candidate, &floor);
	if (!raise_floor(load, candidate, &floor, &before))
		return;
	ret = dmp_nl_register(load->nl, parts->policy, parts->policy_bytes,
			      parts->signature, parts->signature_bytes);
	if (ret) {
		snprintf(what, sizeof(what), "%s (%s)",
			 *dmp_nl_message(load->nl) ? dmp_nl_message(load->nl) :
						     strerror(-ret),
			 dmp_errno_name(-ret).text);
		say_refused(load, candidate, what);
		if (before.serial != floor.serial)
			put_floor_back(load, &before);
		return;
	}
	candidate->accepted = true;
	load->result->registered++;
	dmp_say(LOG_NOTICE,
		"%s: policy %s serial %" PRIu64 " is in force, %" PRIu32 " %s",
		candidate->path, candidate->header.name, candidate->header.serial,
		candidate->header.rule_count,
		candidate->header.rule_count == 1 ? "rule" : "rules");
}

/* Return: the file, looked at before, with a policy of the same name; or NULL. */
static const struct dmp_candidate *accepted_before(const struct load *load,
						   const struct dmp_candidate *candidate)
{
	const struct dmp_candidate *other;

	for (other = load->candidates.list; other < candidate; other++)
		if (candidate->named && other->accepted &&
		    !strcmp(other->header.name, candidate->header.name))
			return other;
	return NULL;
}

static void load_candidate(struct load *load, struct dmp_candidate *candidate)
{
	const struct dmp_candidate *other = accepted_before(load, candidate);

	if (other) {
		dmp_say(LOG_NOTICE, "%s: ignored: %s has policy %s too, and is not older",
			candidate->path, other->path, candidate->header.name);
	} else if (in_force(load, candidate)) {
		candidate->accepted = true;
		load->result->unchanged++;
	} else if (check(load, candidate)) {
		register_candidate(load, candidate);
	}
}

/* --- what no file carries --------------------------------------------------- */

static void remove_policy(struct load *load, const char *name)
{
	int ret = dmp_nl_remove(load->nl, name);

	if (ret) {
		dmp_say(LOG_ERR, "policy %s cannot be removed: %s (%s)", name,
			dmp_nl_message(load->nl), dmp_errno_name(-ret).text);
		return;
	}
	load->result->removed++;
	dmp_say(LOG_NOTICE, "policy %s was removed: no file carries it any more", name);
}

static void tend_orphans(struct load *load, bool remove)
{
	for (size_t i = 0; i < load->registered.count; i++) {
		const char *name = load->registered.list[i].name;

		if (dmp_candidates_carry(&load->candidates, name))
			continue;
		if (remove && load->candidates.all_named)
			remove_policy(load, name);
		else if (remove)
			dmp_say(LOG_WARNING,
				"policy %s stays in force: a file that cannot be read may be its own",
				name);
		else
			dmp_say(LOG_WARNING,
				"policy %s is in force, but no file carries it", name);
	}
}

int dmp_policies_load(struct dmp_nl *nl, struct dmp_floors *floors,
		      const char *directory, const char *certificates, bool remove,
		      struct dmp_policies_result *result)
{
	struct load load = { .nl = nl, .floors = floors, .result = result };
	int ret;

	memset(result, 0, sizeof(*result));
	ret = dmp_candidates_read(&load.candidates, directory);
	if (ret) {
		dmp_say(LOG_ERR, "policy directory %s: %s", directory, strerror(-ret));
		return ret;
	}
	ret = dmp_registered_read(&load.registered, nl);
	if (!ret) {
		note_registered(&load);
		load.trust = load_trust(certificates);
		for (size_t i = 0; i < load.candidates.count; i++)
			load_candidate(&load, &load.candidates.list[i]);
		tend_orphans(&load, remove);
	}
	dmp_trust_free(load.trust);
	dmp_registered_free(&load.registered);
	dmp_candidates_free(&load.candidates);
	return ret;
}
