// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "ctl.h"
#include "explain.h"
#include "json.h"
#include "registered.h"
#include "say.h"
#include "target.h"

static void put_json(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

static void report_json(const struct dmp_target *target)
{
	const struct dmp_revocation *what = &target->revocation;
	json_t *object = json_object();

	dmp_json_text(object, "result", "revoked");
	dmp_json_bool(object, "all", target->all);
	if (what->has_range) {
		dmp_json_address(object, "first", what->first);
		dmp_json_address(object, "last", what->last);
	}
	if (what->policy)
		dmp_json_text(object, "policy", what->policy);
	if (what->has_rule)
		dmp_json_hex32(object, "rule", what->rule);
	put_json(object);
}

static void report_text(const struct dmp_target *target)
{
	const struct dmp_revocation *what = &target->revocation;

	if (what->has_range)
		printf("the range 0x%" PRIx64 "-0x%" PRIx64, what->first, what->last);
	else if (what->has_rule && what->policy)
		printf("rule %08" PRIx32 " of policy %s", what->rule, what->policy);
	else if (what->has_rule)
		printf("rule %08" PRIx32, what->rule);
	else if (what->policy)
		printf("policy %s", what->policy);
	else
		printf("everything that is granted");
	printf(" is revoked until 'devmemctl restore'%s\n",
	       what->has_rule || what->policy ? " or a newer policy" : "");
}

/* Is what looks like a rule's id the name of a policy in force? */
static int check_ambiguous(struct dmp_nl *nl, const struct dmp_target *target)
{
	struct dmp_registered policies;
	int ret = dmp_registered_read(&policies, nl);
	bool found = !ret && dmp_registered_find(&policies, target->name);

	dmp_registered_free(&policies);
	if (ret)
		return dmp_explain(nl, ret, "the policies cannot be read");
	if (!found)
		return DMP_EXIT_OK;
	dmp_say(LOG_ERR,
		"%s is the name of a policy and may be the id of a rule: say --policy %s or --rule %s",
		target->name, target->name, target->name);
	return DMP_EXIT_USAGE;
}

static int revoke(struct dmp_nl *nl, const struct dmp_target *target, bool json)
{
	int ret = target->ambiguous ? check_ambiguous(nl, target) : 0;

	if (ret)
		return ret;
	ret = dmp_nl_revoke(nl, &target->revocation);
	if (ret)
		return dmp_explain(nl, ret, "it cannot be revoked");
	if (json)
		report_json(target);
	else
		report_text(target);
	return DMP_EXIT_OK;
}

int ctl_revoke(int argc, char **argv, bool json)
{
	struct dmp_target target;
	struct dmp_nl *nl;
	int ret;

	ret = dmp_target_parse(argc, argv, &target);
	if (ret)
		return ret == -EBADMSG ? (int)DMP_EXIT_USAGE : ctl_usage(argv[0]);
	ret = (int)dmp_open_or_explain(&nl);
	if (!ret)
		ret = revoke(nl, &target, json);
	dmp_nl_close(nl);
	return ret;
}

int ctl_restore(int argc, char **argv, bool json)
{
	struct dmp_nl *nl;
	json_t *object;
	int ret;

	if (argc != 1)
		return ctl_usage(argv[0]);
	ret = (int)dmp_open_or_explain(&nl);
	if (!ret) {
		ret = dmp_nl_restore(nl);
		if (ret)
			ret = dmp_explain(nl, ret, "revocations cannot be ended");
	}
	dmp_nl_close(nl);
	if (ret)
		return ret;
	if (json) {
		object = json_object();
		dmp_json_text(object, "result", "restored");
		put_json(object);
	} else {
		puts("nothing is revoked any more; mappings that are gone stay gone");
	}
	return DMP_EXIT_OK;
}
