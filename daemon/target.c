// SPDX-License-Identifier: GPL-2.0-or-later
#include "target.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "policy/range.h"
#include "say.h"

#define RULE_ID_DIGITS 8

/* --- the parts -------------------------------------------------------------- */

static bool is_rule_id(const char *text)
{
	return strlen(text) == RULE_ID_DIGITS &&
	       strspn(text, "0123456789abcdefABCDEF") == RULE_ID_DIGITS;
}

/* A name may begin with digits as well, but not be made like this. */
static bool is_range(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (!strncmp(text, "0x", 2) || strchr(text, '+'))
		return true;
	if (!digits || text[digits] != '-' || !text[digits + 1])
		return false;
	return strspn(text + digits + 1, "0123456789") == strlen(text + digits + 1);
}

static int scan_range(const char *text, struct dmp_diagnostics *diagnostics,
		      struct dmp_revocation *revocation)
{
	struct dmp_scanner scanner = { .diagnostics = diagnostics };
	struct dmp_token token = { .kind = DMP_TOKEN_WORD, .length = strlen(text) };
	int ret;

	ret = dmp_scan_start(&scanner, text, strlen(text));
	if (!ret)
		ret = dmp_scan_range(&scanner, &token, &revocation->first,
				     &revocation->last);
	return ret;
}

static int set_range(struct dmp_target *target, const char *text)
{
	struct dmp_diagnostics diagnostics = { 0 };
	const struct dmp_diagnostic *first = diagnostics.list;
	int ret;

	if (target->revocation.has_range)
		return -EINVAL;
	ret = scan_range(text, &diagnostics, &target->revocation);
	if (ret && diagnostics.count)
		dmp_say(LOG_ERR, "'%s': %s%s%s", text, first->message,
			first->hint ? "; " : "", first->hint ? first->hint : "");
	else if (ret)
		dmp_say(LOG_ERR, "out of memory");
	dmp_diagnostics_free(&diagnostics);
	target->revocation.has_range = !ret;
	return ret ? -EBADMSG : 0;
}

static int set_rule(struct dmp_target *target, const char *text)
{
	if (target->revocation.has_rule)
		return -EINVAL;
	if (!is_rule_id(text)) {
		dmp_say(LOG_ERR, "'%s' is not the id of a rule: that has %d hex digits",
			text, RULE_ID_DIGITS);
		return -EBADMSG;
	}
	target->revocation.has_rule = true;
	target->revocation.rule = (uint32_t)strtoul(text, NULL, 16);
	return 0;
}

static int set_policy(struct dmp_target *target, const char *text, size_t length)
{
	if (target->revocation.policy)
		return -EINVAL;
	if (!dmp_name_is_valid(text, length)) {
		dmp_say(LOG_ERR, "'%.*s' is not the name of a policy", (int)length, text);
		return -EBADMSG;
	}
	memcpy(target->name, text, length);
	target->revocation.policy = target->name;
	return 0;
}

/* An argument without an option: what it looks like decides. */
static int set_bare(struct dmp_target *target, const char *text)
{
	const char *colon = strchr(text, ':');
	int ret;

	if (is_range(text))
		return set_range(target, text);
	if (colon) {
		ret = set_policy(target, text, (size_t)(colon - text));
		return ret ? ret : set_rule(target, colon + 1);
	}
	if (!is_rule_id(text))
		return set_policy(target, text, strlen(text));
	target->ambiguous = dmp_name_is_valid(text, RULE_ID_DIGITS);
	strcpy(target->name, text);
	return set_rule(target, text);
}

/* --- all of it -------------------------------------------------------------- */

static int set_option(struct dmp_target *target, int option)
{
	switch (option) {
	case 'a':
		target->all = true;
		return 0;
	case 'r':
		return set_range(target, optarg);
	case 'i':
		return set_rule(target, optarg);
	case 'p':
		return set_policy(target, optarg, strlen(optarg));
	default:
		return -EINVAL;
	}
}

static int parse_options(int argc, char **argv, struct dmp_target *target)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "range", required_argument, NULL, 'r' },
		{ "rule", required_argument, NULL, 'i' },
		{ "policy", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	int option, ret = 0;

	optind = 0;
	while (!ret && (option = getopt_long(argc, argv, "", options, NULL)) != -1)
		ret = set_option(target, option);
	return ret;
}

/* Exactly one of: everything, a range, a rule or a policy or both of these. */
static bool is_one_thing(const struct dmp_target *target)
{
	const struct dmp_revocation *what = &target->revocation;

	return target->all + what->has_range + (what->has_rule || what->policy) == 1;
}

int dmp_target_parse(int argc, char **argv, struct dmp_target *target)
{
	bool options;
	int ret;

	memset(target, 0, sizeof(*target));
	ret = parse_options(argc, argv, target);
	if (ret)
		return ret;
	options = target->all || target->revocation.has_range ||
		  target->revocation.has_rule || target->revocation.policy;
	if (optind < argc && (options || optind + 1 < argc))
		return -EINVAL;
	if (optind < argc)
		return set_bare(target, argv[optind]);
	return is_one_thing(target) ? 0 : -EINVAL;
}
