// SPDX-License-Identifier: GPL-2.0-or-later
/* attribute.c - what may follow the range of a rule */
#include "attribute.h"

#include <linux/devmem_policy.h>

#include "date.h"
#include "keyword.h"
#include "subject.h"

static int refuse_twice(struct dmp_scanner *scanner,
			const struct dmp_token *keyword, const char *hint)
{
	char quote[DMP_QUOTE_SIZE];

	return dmp_scan_refuse(scanner, keyword, hint, "%s is there twice",
			       dmp_token_quote(scanner, keyword, quote));
}

/* label and because: a text in quotes, neither empty nor too long. */
static int parse_text(struct dmp_scanner *scanner,
		      const struct dmp_token *keyword, size_t max_bytes,
		      char **text)
{
	char quote[DMP_QUOTE_SIZE];
	struct dmp_token token;
	int ret;

	if (*text)
		return refuse_twice(scanner, keyword, NULL);
	ret = dmp_scan(scanner, &token);
	if (ret)
		return ret;
	dmp_token_quote(scanner, keyword, quote);
	if (token.kind != DMP_TOKEN_STRING)
		return dmp_scan_refuse(scanner, &token,
				       "put the text in double quotes",
				       "%s needs a text in double quotes",
				       quote);
	ret = dmp_scan_string(scanner, &token, text);
	if (ret)
		return ret;
	if (!**text)
		return dmp_scan_refuse(scanner, &token, NULL,
				       "the text of %s is empty; leave %s out",
				       quote, quote);
	if (strlen(*text) > max_bytes)
		return dmp_scan_refuse(
			scanner, &token, NULL,
			"the text of %s has %zu bytes, %zu are the most", quote,
			strlen(*text), max_bytes);
	return 0;
}

static int parse_unreserved_ram(struct dmp_scanner *scanner,
				const struct dmp_token *keyword,
				struct dmp_policy_rule *rule)
{
	if (rule->flags & DEVMEM_POLICY_RULE_UNRESERVED_RAM)
		return refuse_twice(scanner, keyword, NULL);
	if (rule->action != DEVMEM_POLICY_ALLOW)
		return dmp_scan_refuse(
			scanner, keyword,
			"a deny rule covers all memory of its range as it is",
			"'unreserved-ram' belongs to allow rules only");
	rule->flags |= DEVMEM_POLICY_RULE_UNRESERVED_RAM;
	return 0;
}

/* The word after log leaves room for other ways to keep the record. */
static int parse_log(struct dmp_scanner *scanner,
		     const struct dmp_token *keyword,
		     struct dmp_policy_rule *rule)
{
	static const char hint[] =
		"'log summary' makes one record a second, without it there is one for each call";
	char quote[DMP_QUOTE_SIZE];
	struct dmp_token token;
	int ret;

	if (rule->flags & DEVMEM_POLICY_RULE_LOG_SUMMARY)
		return refuse_twice(scanner, keyword, NULL);
	if (rule->action != DEVMEM_POLICY_ALLOW)
		return dmp_scan_refuse(
			scanner, keyword,
			"denials are summed by themselves when there are too many",
			"'log' belongs to allow rules only");
	ret = dmp_scan_word(scanner, &token, "the word 'summary'", hint);
	if (ret)
		return ret;
	if (!dmp_token_is(scanner, &token, "summary"))
		return dmp_scan_refuse(scanner, &token, hint,
				       "unknown way to log %s",
				       dmp_token_quote(scanner, &token, quote));
	rule->flags |= DEVMEM_POLICY_RULE_LOG_SUMMARY;
	return 0;
}

/* All conditions of a rule must hold, so none of them can be there twice. */
static int add_condition(struct dmp_scanner *scanner,
			 const struct dmp_token *keyword,
			 struct dmp_policy_rule *rule, u32 condition)
{
	if (rule->conditions & condition)
		return refuse_twice(
			scanner, keyword,
			"write a rule for each: all conditions of a rule must hold");
	rule->conditions |= condition;
	return 0;
}

static int parse_uid(struct dmp_scanner *scanner,
		     const struct dmp_token *keyword,
		     struct dmp_policy_rule *rule)
{
	int ret = add_condition(scanner, keyword, rule,
				DEVMEM_POLICY_CONDITION_UID);

	return ret ? ret : dmp_scan_user(scanner, &rule->uid);
}

static int parse_gid(struct dmp_scanner *scanner,
		     const struct dmp_token *keyword,
		     struct dmp_policy_rule *rule)
{
	int ret = add_condition(scanner, keyword, rule,
				DEVMEM_POLICY_CONDITION_GID);

	return ret ? ret : dmp_scan_group(scanner, &rule->gid);
}

static int parse_exe(struct dmp_scanner *scanner,
		     const struct dmp_token *keyword,
		     struct dmp_draft_rule *draft)
{
	struct dmp_token token;
	int ret;

	ret = add_condition(scanner, keyword, &draft->rule,
			    DEVMEM_POLICY_CONDITION_EXE);
	if (!ret)
		ret = dmp_scan_exe(scanner, &token, &draft->rule.exe);
	if (!ret)
		dmp_scan_span(scanner, &token, &draft->exe_span);
	return ret;
}

static int parse_until(struct dmp_scanner *scanner,
		       const struct dmp_token *keyword,
		       struct dmp_draft_rule *draft)
{
	struct dmp_token token;
	int ret;

	ret = add_condition(scanner, keyword, &draft->rule,
			    DEVMEM_POLICY_CONDITION_UNTIL);
	if (!ret)
		ret = dmp_scan_time(scanner, "the rule's end", &token,
				    &draft->rule.until_s);
	if (!ret)
		dmp_scan_span(scanner, &token, &draft->until_span);
	return ret;
}

static int refuse_statement(struct dmp_scanner *scanner,
			    const struct dmp_token *token,
			    enum dmp_keyword keyword)
{
	char quote[DMP_QUOTE_SIZE];

	return dmp_scan_refuse(
		scanner, token,
		keyword == DMP_WORD_EXPIRES ?
			"put it on a line of its own; a rule's own end is: until TIME" :
			"put it on a line of its own",
		"%s starts another statement",
		dmp_token_quote(scanner, token, quote));
}

/* Does the token follow an exe that a blank, it seems, has cut in two? */
static bool is_rest_of_path(const struct dmp_scanner *scanner,
			    const struct dmp_token *token,
			    const struct dmp_draft_rule *draft)
{
	struct dmp_span span;
	u32 end = draft->exe_span.column + draft->exe_span.width;

	dmp_scan_span(scanner, token, &span);
	return draft->rule.exe && span.column - end <= 1;
}

static const char *hint_for(const struct dmp_scanner *scanner,
			    const struct dmp_token *token,
			    const struct dmp_draft_rule *draft, char hint[80])
{
	const char *near = dmp_keyword_nearest(scanner, token, false);

	if (token->kind == DMP_TOKEN_STRING)
		return "write label or because in front of it";
	if (near)
		snprintf(hint, 80, "did you mean '%s'?", near);
	else if (is_rest_of_path(scanner, token, draft))
		return "a path with blanks, '=' or '#' in it stands in double quotes";
	else
		return "attributes are uid, gid, exe, until, label, because, unreserved-ram, log";
	return hint;
}

static int refuse_attribute(struct dmp_scanner *scanner,
			    const struct dmp_token *token,
			    const struct dmp_draft_rule *draft)
{
	enum dmp_keyword keyword = dmp_keyword_of(scanner, token);
	char quote[DMP_QUOTE_SIZE], buffer[80];
	const char *hint = hint_for(scanner, token, draft, buffer);

	if (dmp_keyword_is_statement(keyword))
		return refuse_statement(scanner, token, keyword);
	if (token->kind == DMP_TOKEN_STRING)
		return dmp_scan_refuse(scanner, token, hint,
				       "a text without a keyword");
	return dmp_scan_refuse(scanner, token, hint, "unknown attribute %s",
			       dmp_token_quote(scanner, token, quote));
}

int dmp_parse_attribute(struct dmp_scanner *scanner,
			const struct dmp_token *token,
			struct dmp_draft_rule *draft)
{
	struct dmp_policy_rule *rule = &draft->rule;

	switch (dmp_keyword_of(scanner, token)) {
	case DMP_WORD_LABEL:
		return parse_text(scanner, token, DMP_MAX_LABEL_BYTES,
				  &rule->label);
	case DMP_WORD_BECAUSE:
		return parse_text(scanner, token, DMP_MAX_BECAUSE_BYTES,
				  &rule->because);
	case DMP_WORD_UNRESERVED_RAM:
		return parse_unreserved_ram(scanner, token, rule);
	case DMP_WORD_LOG:
		return parse_log(scanner, token, rule);
	case DMP_WORD_UID:
		return parse_uid(scanner, token, rule);
	case DMP_WORD_GID:
		return parse_gid(scanner, token, rule);
	case DMP_WORD_EXE:
		return parse_exe(scanner, token, draft);
	case DMP_WORD_UNTIL:
		return parse_until(scanner, token, draft);
	default:
		return refuse_attribute(scanner, token, draft);
	}
}
