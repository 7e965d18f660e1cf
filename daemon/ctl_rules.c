// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl.h"
#include "explain.h"
#include "registered.h"
#include "rule.h"
#include "say.h"

/* A list that keeps changing while it is read is not worth more patience. */
#define TRIES 10

struct rules {
	struct dmp_rule_info *list;
	size_t count;
	size_t room;
};

static int add(const struct dmp_rule_info *rule, void *arg)
{
	struct rules *rules = arg;
	size_t room = rules->room ? 2 * rules->room : 64;
	struct dmp_rule_info *list;

	if (rules->count == rules->room) {
		list = reallocarray(rules->list, room, sizeof(*list));
		if (!list)
			return -ENOMEM;
		rules->list = list;
		rules->room = room;
	}
	rules->list[rules->count++] = *rule;
	return 0;
}

static int read_rules(struct dmp_nl *nl, const char *name, struct rules *rules)
{
	int ret = -EINTR;

	for (int i = 0; i < TRIES && ret == -EINTR; i++) {
		rules->count = 0;
		ret = dmp_nl_rules(nl, name, add, rules);
	}
	return ret;
}

static int print_json(const struct rules *rules)
{
	json_t *array = json_array();
	int bad = 0;

	for (size_t i = 0; i < rules->count; i++)
		bad |= json_array_append_new(array, dmp_rule_json(&rules->list[i]));
	if (!bad)
		bad = json_dumpf(array, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(array);
	if (bad)
		dmp_say(LOG_ERR, "out of memory");
	return bad ? DMP_EXIT_FAILED : DMP_EXIT_OK;
}

/* A policy without rules is none that does not exist. */
static int check_name(struct dmp_nl *nl, const char *name)
{
	struct dmp_registered policies;
	int ret = dmp_registered_read(&policies, nl);
	bool found = !ret && dmp_registered_find(&policies, name);

	dmp_registered_free(&policies);
	if (ret)
		return dmp_explain(nl, ret, "the policies cannot be read");
	if (found)
		return DMP_EXIT_OK;
	dmp_say(LOG_ERR, "no policy %s is in force", name);
	return DMP_EXIT_FAILED;
}

static int show(struct dmp_nl *nl, const char *name, bool json)
{
	struct rules rules = { 0 };
	int ret;

	ret = read_rules(nl, name, &rules);
	if (ret)
		ret = dmp_explain(nl, ret, "the rules cannot be read");
	else if (name && !rules.count)
		ret = check_name(nl, name);
	if (!ret && json)
		ret = print_json(&rules);
	for (size_t i = 0; !ret && !json && i < rules.count; i++)
		dmp_rule_print(&rules.list[i], stdout);
	free(rules.list);
	return ret;
}

int ctl_rules(int argc, char **argv, bool json)
{
	struct dmp_nl *nl;
	int ret;

	if (argc > 2)
		return ctl_usage(argv[0]);
	ret = dmp_open_or_explain(&nl);
	if (!ret)
		ret = show(nl, argc == 2 ? argv[1] : NULL, json);
	dmp_nl_close(nl);
	return ret;
}
