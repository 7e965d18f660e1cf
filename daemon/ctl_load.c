// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "candidate.h"
#include "ctl.h"
#include "explain.h"
#include "json.h"
#include "names.h"
#include "say.h"

/* What was done, in one line or one object. */
static void report(bool json, const char *verb, const char *name, uint64_t serial)
{
	json_t *object;

	if (!json) {
		if (serial)
			printf("policy %s serial %" PRIu64 " %s\n", name, serial, verb);
		else
			printf("policy %s %s\n", name, verb);
		return;
	}
	object = json_object();
	dmp_json_text(object, "policy", name);
	if (serial)
		dmp_json_number(object, "serial", serial);
	dmp_json_text(object, "result", verb);
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

static int register_candidate(struct dmp_nl *nl, const struct dmp_candidate *candidate,
			      bool json)
{
	const struct dmp_signed *parts = &candidate->parts;
	int ret;

	ret = dmp_nl_register(nl, parts->policy, parts->policy_bytes, parts->signature,
			      parts->signature_bytes);
	if (ret) {
		int code = (int)dmp_explain(nl, ret, candidate->path);

		return code == DMP_EXIT_FAILED ? (int)dmp_load_exit(ret) : code;
	}
	report(json, "is in force", candidate->header.name, candidate->header.serial);
	return DMP_EXIT_OK;
}

static int load(const struct dmp_candidate *candidate, bool json)
{
	struct dmp_nl *nl;
	int ret;

	if (!candidate->valid) {
		dmp_say(LOG_ERR, "%s: %s", candidate->path, candidate->problem.text);
		return (int)dmp_load_exit(candidate->error);
	}
	ret = (int)dmp_open_or_explain(&nl);
	if (!ret)
		ret = register_candidate(nl, candidate, json);
	dmp_nl_close(nl);
	return ret;
}

int ctl_load(int argc, char **argv, bool json)
{
	struct dmp_candidate candidate;
	int ret;

	if (argc != 2)
		return ctl_usage(argv[0]);
	ret = dmp_candidate_read(&candidate, argv[1]);
	if (ret) {
		dmp_say(LOG_ERR, "out of memory");
		return DMP_EXIT_FAILED;
	}
	ret = load(&candidate, json);
	dmp_candidate_free(&candidate);
	return ret;
}

int ctl_remove(int argc, char **argv, bool json)
{
	struct dmp_nl *nl;
	int ret;

	if (argc != 2)
		return ctl_usage(argv[0]);
	ret = dmp_open_or_explain(&nl);
	if (!ret) {
		ret = dmp_nl_remove(nl, argv[1]);
		if (ret)
			ret = dmp_explain(nl, ret, "the policy cannot be removed");
		else
			report(json, "was removed", argv[1], 0);
	}
	dmp_nl_close(nl);
	return ret;
}
