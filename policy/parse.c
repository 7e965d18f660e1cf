// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parse.c - the statements of the policy language, one a line
 *
 * A refused line is skipped and the next one read, so that one run reports all
 * that is wrong. Functions here return 0, -EINVAL after having reported an
 * error, or -ENOMEM, which alone ends the reading.
 */
#include <stdlib.h>

#include <linux/devmem_policy.h>

#include "attribute.h"
#include "date.h"
#include "draft.h"
#include "keyword.h"
#include "range.h"
#include "subject.h"

struct parser {
	struct dmp_scanner scanner;
	struct dmp_draft draft;
	bool told_limit; /* one error is enough for all that is too many */
};

static int scan_word(struct parser *parser, struct dmp_token *token,
		     const char *what, const char *hint)
{
	return dmp_scan_word(&parser->scanner, token, what, hint);
}

static int refuse_more(struct parser *parser, const struct dmp_token *keyword,
		       const char *what, u32 limit)
{
	if (parser->told_limit)
		return -EINVAL;
	parser->told_limit = true;
	return dmp_scan_refuse(&parser->scanner, keyword,
			       "join neighbouring ranges, or split the policy",
			       "the policy has more than %u %s", limit, what);
}

/* A statement that may be there once only; *line remembers where it was. */
static int check_once(struct parser *parser, const struct dmp_token *keyword,
		      u32 *line)
{
	char quote[DMP_QUOTE_SIZE];

	if (*line)
		return dmp_scan_refuse(
			&parser->scanner, keyword, "keep one of the two lines",
			"%s was already said on line %u",
			dmp_token_quote(&parser->scanner, keyword, quote),
			*line);
	*line = parser->scanner.number;
	return 0;
}

/* Where a name stops being one: at the byte, or NULL. */
static const char *find_bad_name_byte(const char *name, size_t length)
{
	/* A leading letter, so that only the byte behind it is judged. */
	char pair[2] = { 'a' };
	size_t i;

	for (i = 0; i < length; i++) {
		pair[1] = name[i];
		if (!dmp_name_is_valid(pair, 2))
			return name + i;
	}
	return NULL;
}

static int check_name(struct parser *parser, const struct dmp_token *token)
{
	const char *name = dmp_token_text(&parser->scanner, token);
	const char *bad = find_bad_name_byte(name, token->length);
	struct dmp_token where = *token;

	if (bad) {
		where.start += (size_t)(bad - name);
		where.length = dmp_character_bytes(
			(const u8 *)bad, token->length - (size_t)(bad - name));
		return dmp_scan_refuse(
			&parser->scanner, &where,
			"a name holds a-z, 0-9, '.', '_' and '-' only",
			"this character cannot be in a name");
	}
	if (token->length > DMP_MAX_NAME_BYTES)
		return dmp_scan_refuse(
			&parser->scanner, token, NULL,
			"the name has %zu characters, %u are the most",
			token->length, DMP_MAX_NAME_BYTES);
	if (!dmp_name_is_valid(name, token->length))
		return dmp_scan_refuse(
			&parser->scanner, token, NULL,
			"a name starts with a letter or a digit");
	return 0;
}

static int parse_policy(struct parser *parser, const struct dmp_token *keyword)
{
	struct dmp_token token;
	int ret;

	ret = check_once(parser, keyword, &parser->draft.policy_line);
	if (!ret)
		ret = scan_word(parser, &token, "the policy's name",
				"write: policy NAME");
	if (!ret)
		ret = check_name(parser, &token);
	if (!ret)
		ret = dmp_scan_end(&parser->scanner);
	if (!ret)
		memcpy(parser->draft.name,
		       dmp_token_text(&parser->scanner, &token), token.length);
	return ret;
}

static int parse_serial(struct parser *parser, const struct dmp_token *keyword)
{
	struct dmp_token token;
	int ret;

	ret = check_once(parser, keyword, &parser->draft.serial_line);
	if (!ret)
		ret = scan_word(parser, &token, "the serial",
				"write: serial NUMBER");
	if (!ret)
		ret = dmp_scan_number(&parser->scanner, &token,
				      &parser->draft.serial);
	if (!ret && !parser->draft.serial)
		ret = dmp_scan_refuse(
			&parser->scanner, &token,
			"count from 1, and up by 1 with every change of the policy",
			"the serial cannot be 0");
	return ret ? ret : dmp_scan_end(&parser->scanner);
}

static int parse_default(struct parser *parser, const struct dmp_token *keyword)
{
	static const char hint[] =
		"'default kernel' leaves other pages to the kernel, 'default deny' refuses them";
	char quote[DMP_QUOTE_SIZE];
	struct dmp_token token;
	int ret;

	ret = check_once(parser, keyword, &parser->draft.default_line);
	if (!ret)
		ret = scan_word(parser, &token, "the default", hint);
	if (ret)
		return ret;
	parser->draft.default_deny =
		dmp_token_is(&parser->scanner, &token, "deny");
	if (!parser->draft.default_deny &&
	    !dmp_token_is(&parser->scanner, &token, "kernel"))
		return dmp_scan_refuse(
			&parser->scanner, &token, hint, "unknown default %s",
			dmp_token_quote(&parser->scanner, &token, quote));
	return dmp_scan_end(&parser->scanner);
}

static int parse_mode(struct parser *parser, const struct dmp_token *keyword)
{
	static const char hint[] =
		"'mode enforce' is what happens without the line, 'mode permissive' only records";
	char quote[DMP_QUOTE_SIZE];
	struct dmp_token token;
	int ret;

	ret = check_once(parser, keyword, &parser->draft.mode_line);
	if (!ret)
		ret = scan_word(parser, &token, "the mode", hint);
	if (ret)
		return ret;
	parser->draft.permissive =
		dmp_token_is(&parser->scanner, &token, "permissive");
	if (!parser->draft.permissive &&
	    !dmp_token_is(&parser->scanner, &token, "enforce"))
		return dmp_scan_refuse(
			&parser->scanner, &token, hint, "unknown mode %s",
			dmp_token_quote(&parser->scanner, &token, quote));
	return dmp_scan_end(&parser->scanner);
}

static int parse_bound(struct parser *parser, const struct dmp_token *keyword,
		       const char *what, struct dmp_draft_time *time)
{
	struct dmp_token token;
	int ret;

	ret = check_once(parser, keyword, &time->span.line);
	if (!ret)
		ret = dmp_scan_time(&parser->scanner, what, &token,
				    &time->seconds);
	if (ret)
		return ret;
	dmp_scan_span(&parser->scanner, &token, &time->span);
	return dmp_scan_end(&parser->scanner);
}

/* The word exe leaves room for other ways to name an auditor. */
static int parse_auditor(struct parser *parser, const struct dmp_token *keyword)
{
	static const char hint[] = "write: auditor exe /the/whole/path";
	struct dmp_draft *draft = &parser->draft;
	char quote[DMP_QUOTE_SIZE];
	struct dmp_token token;
	int ret;

	ret = check_once(parser, keyword, &draft->auditor_line);
	if (!ret)
		ret = scan_word(parser, &token, "the word 'exe'", hint);
	if (!ret && !dmp_token_is(&parser->scanner, &token, "exe"))
		ret = dmp_scan_refuse(
			&parser->scanner, &token, hint,
			"an auditor is named by 'exe', not by %s",
			dmp_token_quote(&parser->scanner, &token, quote));
	if (!ret)
		ret = dmp_scan_exe(&parser->scanner, &token, &draft->auditor);
	if (ret)
		return ret;
	dmp_scan_span(&parser->scanner, &token, &draft->auditor_span);
	return dmp_scan_end(&parser->scanner);
}

/* Names of regions must not be taken for ranges or attributes. */
static int check_region_name(struct parser *parser,
			     const struct dmp_token *token)
{
	char quote[DMP_QUOTE_SIZE];
	char first = *dmp_token_text(&parser->scanner, token);
	int ret;

	if (dmp_keyword_of(&parser->scanner, token) != DMP_WORD_UNKNOWN)
		return dmp_scan_refuse(
			&parser->scanner, token, "choose another name",
			"%s is a keyword and cannot name a region",
			dmp_token_quote(&parser->scanner, token, quote));
	ret = check_name(parser, token);
	if (ret)
		return ret;
	if (first < 'a' || first > 'z')
		return dmp_scan_refuse(
			&parser->scanner, token, NULL,
			"the name of a region starts with a letter");
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int parse_region_range(struct parser *parser, struct dmp_region *region)
{
	static const char hint[] = "write: region NAME = RANGE";
	struct dmp_token token;
	int ret;

	ret = dmp_scan(&parser->scanner, &token);
	if (ret)
		return ret;
	if (token.kind != DMP_TOKEN_EQUALS)
		return dmp_scan_refuse(
			&parser->scanner, &token, hint,
			"'=' is missing after the region's name");
	ret = scan_word(parser, &token, "the region's range", hint);
	if (!ret && !is_digit(*dmp_token_text(&parser->scanner, &token)))
		ret = dmp_scan_refuse(
			&parser->scanner, &token,
			"write FIRST-LAST or FIRST+SIZE",
			"a region is given by numbers, not by another name");
	if (!ret)
		ret = dmp_scan_range(&parser->scanner, &token, &region->first,
				     &region->last);
	return ret ? ret : dmp_scan_end(&parser->scanner);
}

static int parse_region(struct parser *parser, const struct dmp_token *keyword)
{
	struct dmp_region region = { 0 };
	struct dmp_token token;
	int ret;

	ret = scan_word(parser, &token, "the region's name",
			"write: region NAME = RANGE");
	if (!ret)
		ret = check_region_name(parser, &token);
	if (ret)
		return ret;
	if (parser->draft.region_count == DMP_MAX_REGIONS)
		return refuse_more(parser, keyword, "regions", DMP_MAX_REGIONS);
	dmp_scan_span(&parser->scanner, &token, &region.span);
	region.name =
		strndup(dmp_token_text(&parser->scanner, &token), token.length);
	if (!region.name)
		return -ENOMEM;
	ret = parse_region_range(parser, &region);
	region.broken = ret;
	if (dmp_draft_add_region(&parser->draft, &region))
		return -ENOMEM;
	return ret;
}

static int refuse_operation(struct parser *parser,
			    const struct dmp_token *token, const char *hint)
{
	char quote[DMP_QUOTE_SIZE];

	if (is_digit(*dmp_token_text(&parser->scanner, token)))
		return dmp_scan_refuse(&parser->scanner, token, hint,
				       "the operation is missing");
	return dmp_scan_refuse(&parser->scanner, token, hint,
			       "unknown operation %s",
			       dmp_token_quote(&parser->scanner, token, quote));
}

static int parse_ops(struct parser *parser, struct dmp_policy_rule *rule)
{
	static const char hint[] =
		"after allow or deny comes r (read), w (write) or rw";
	static const char *const names[] = { "r", "w", "rw" };
	struct dmp_token token;
	int ret;
	u8 i;

	ret = scan_word(parser, &token, "the operation", hint);
	if (ret)
		return ret;
	for (i = 0; i < 3; i++) {
		if (!dmp_token_is(&parser->scanner, &token, names[i]))
			continue;
		rule->ops = (u8)(i + 1);
		return 0;
	}
	return refuse_operation(parser, &token, hint);
}

static int parse_target(struct parser *parser, struct dmp_draft_rule *draft)
{
	static const char hint[] =
		"after the operation comes FIRST-LAST, FIRST+SIZE or a region's name";
	struct dmp_token token;
	const char *text;
	int ret;

	ret = scan_word(parser, &token, "the range", hint);
	if (ret)
		return ret;
	text = dmp_token_text(&parser->scanner, &token);
	if (is_digit(*text))
		return dmp_scan_range(&parser->scanner, &token,
				      &draft->rule.first, &draft->rule.last);
	if (dmp_keyword_of(&parser->scanner, &token) != DMP_WORD_UNKNOWN)
		return dmp_scan_refuse(&parser->scanner, &token, hint,
				       "the range is missing");
	ret = check_region_name(parser, &token);
	if (ret)
		return ret;
	dmp_scan_span(&parser->scanner, &token, &draft->region_span);
	draft->region = strndup(text, token.length);
	return draft->region ? 0 : -ENOMEM;
}

static int parse_rule_body(struct parser *parser, struct dmp_draft_rule *draft)
{
	struct dmp_token token;
	int ret;

	ret = parse_ops(parser, &draft->rule);
	if (!ret)
		ret = parse_target(parser, draft);
	while (!ret) {
		ret = dmp_scan(&parser->scanner, &token);
		if (ret || token.kind == DMP_TOKEN_END)
			break;
		ret = dmp_parse_attribute(&parser->scanner, &token, draft);
	}
	return ret;
}

static int parse_rule(struct parser *parser, const struct dmp_token *keyword)
{
	struct dmp_draft_rule draft = { 0 };
	int ret;

	if (parser->draft.rule_count == DMP_MAX_RULES)
		return refuse_more(parser, keyword, "rules", DMP_MAX_RULES);
	draft.rule.line = parser->scanner.number;
	draft.rule.action = dmp_token_is(&parser->scanner, keyword, "allow") ?
				    DEVMEM_POLICY_ALLOW :
				    DEVMEM_POLICY_DENY;
	dmp_scan_span(&parser->scanner, keyword, &draft.span);
	ret = parse_rule_body(parser, &draft);
	if (ret) {
		dmp_draft_rule_free(&draft);
		return ret;
	}
	return dmp_draft_add_rule(&parser->draft, &draft);
}

static int refuse_statement(struct parser *parser,
			    const struct dmp_token *token)
{
	enum dmp_keyword keyword = dmp_keyword_of(&parser->scanner, token);
	char quote[DMP_QUOTE_SIZE], hint[112];
	const char *near;

	dmp_token_quote(&parser->scanner, token, quote);
	if (dmp_keyword_is_attribute(keyword))
		return dmp_scan_refuse(
			&parser->scanner, token,
			"put it behind the range of a rule, on the same line",
			"%s is part of a rule, not a statement", quote);
	near = dmp_keyword_nearest(&parser->scanner, token, true);
	if (near)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
	else
		snprintf(
			hint, sizeof(hint),
			"statements are policy, serial, default, mode, not-before, expires, auditor, region, allow and deny");
	return dmp_scan_refuse(&parser->scanner, token, hint,
			       "unknown statement %s", quote);
}

static int parse_statement(struct parser *parser, const struct dmp_token *token)
{
	switch (dmp_keyword_of(&parser->scanner, token)) {
	case DMP_WORD_POLICY:
		return parse_policy(parser, token);
	case DMP_WORD_SERIAL:
		return parse_serial(parser, token);
	case DMP_WORD_DEFAULT:
		return parse_default(parser, token);
	case DMP_WORD_MODE:
		return parse_mode(parser, token);
	case DMP_WORD_NOT_BEFORE:
		return parse_bound(parser, token, "the policy's beginning",
				   &parser->draft.not_before);
	case DMP_WORD_EXPIRES:
		return parse_bound(parser, token, "the policy's end",
				   &parser->draft.expires);
	case DMP_WORD_AUDITOR:
		return parse_auditor(parser, token);
	case DMP_WORD_REGION:
		return parse_region(parser, token);
	case DMP_WORD_ALLOW:
	case DMP_WORD_DENY:
		return parse_rule(parser, token);
	default:
		return refuse_statement(parser, token);
	}
}

static int parse_line(struct parser *parser, const char *line, size_t length)
{
	struct dmp_token token;
	int ret;

	ret = dmp_scan_start(&parser->scanner, line, length);
	if (!ret)
		ret = dmp_scan(&parser->scanner, &token);
	if (ret || token.kind == DMP_TOKEN_END)
		return ret;
	return parse_statement(parser, &token);
}

static int parse_lines(struct parser *parser, const char *text, size_t length)
{
	const char *end = text + length, *stop;

	while (text < end && !parser->scanner.diagnostics->more) {
		stop = memchr(text, '\n', (size_t)(end - text));
		if (!stop)
			stop = end;
		if (parse_line(parser, text, (size_t)(stop - text)) == -ENOMEM)
			return -ENOMEM;
		text = stop < end ? stop + 1 : end;
	}
	return 0;
}

int dmp_parse(const char *text, size_t length, struct dmp_policy *policy,
	      struct dmp_diagnostics *diagnostics)
{
	struct parser parser = { .scanner.diagnostics = diagnostics };
	int ret;

	memset(diagnostics, 0, sizeof(*diagnostics));
	ret = parse_lines(&parser, text, length);
	if (!ret && !diagnostics->more)
		ret = dmp_draft_resolve(&parser.draft, diagnostics);
	dmp_diagnostics_sort(diagnostics);
	if (!ret && diagnostics->error_count)
		ret = -EINVAL;
	if (!ret)
		ret = dmp_draft_finish(&parser.draft, policy);
	dmp_draft_free(&parser.draft);
	return ret;
}
