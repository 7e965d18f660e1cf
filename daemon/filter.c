// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

/* What a text of the log may need, and the NUL */
#define TEXT_BYTES 2048

const struct option dmp_filter_options[DMP_FILTER_OPTIONS] = {
	{ "since", required_argument, NULL, DMP_FILTER_SINCE },
	{ "until", required_argument, NULL, DMP_FILTER_UNTIL },
	{ "kind", required_argument, NULL, DMP_FILTER_KIND },
	{ "verdict", required_argument, NULL, DMP_FILTER_VERDICT },
	{ "rule", required_argument, NULL, DMP_FILTER_RULE },
	{ "policy", required_argument, NULL, DMP_FILTER_POLICY },
	{ "program", required_argument, NULL, DMP_FILTER_PROGRAM },
	{ "range", required_argument, NULL, DMP_FILTER_RANGE },
	{ NULL, 0, NULL, 0 },
};

/* --- arguments -------------------------------------------------------------- */

/* The beginning of a time: a year at least, ending between two parts. */
static bool is_time(const char *text)
{
	static const char pattern[] = "dddd-dd-ddTdd:dd:dd.ddddddddd";
	size_t length = strlen(text);
	char end;

	if (length < 4 || length >= sizeof(pattern))
		return false;
	for (size_t i = 0; i < length; i++)
		if (pattern[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != pattern[i])
			return false;
	end = pattern[length];
	return length > 20 || end != 'd';
}

static int set_time(const char **time, char *argument)
{
	size_t length = strlen(argument);

	if (length > 10 && argument[length - 1] == 'Z')
		argument[length - 1] = '\0';
	*time = argument;
	if (is_time(argument))
		return 0;
	dmp_say(LOG_ERR, "'%s' is not a time: as in 2026-11-21 or 2026-11-21T12:30:00Z",
		argument);
	return -EINVAL;
}

static int set_word(const char **word, const char *argument, const char *const *words)
{
	*word = argument;
	for (; *words; words++)
		if (!strcmp(*words, argument))
			return 0;
	dmp_say(LOG_ERR, "'%s' is not a verdict: grant, denial or permitted", argument);
	return -EINVAL;
}

static int set_rule(const char **rule, const char *argument)
{
	*rule = argument;
	if (strlen(argument) == 8 && strspn(argument, "0123456789abcdef") == 8)
		return 0;
	dmp_say(LOG_ERR, "'%s' is not the id of a rule: that has 8 hex digits", argument);
	return -EINVAL;
}

/* A number, and K, M or G. Return: what follows, or NULL. */
static const char *scan_number(const char *text, uint64_t *number)
{
	const char *const units = "KMG", *unit;
	unsigned int shift;
	char *end;

	if (*text < '0' || *text > '9')
		return NULL;
	errno = 0;
	*number = strtoull(text, &end, 0);
	if (errno)
		return NULL;
	unit = *end ? strchr(units, *end) : NULL;
	if (!unit)
		return end;
	shift = 10 * (unsigned int)(unit - units + 1);
	if (*number > UINT64_MAX >> shift)
		return NULL;
	*number <<= shift;
	return end + 1;
}

/* FIRST-LAST, FIRST+SIZE, or one address */
static bool scan_range(const char *text, struct dmp_filter *filter)
{
	uint64_t second;
	char sign;

	text = scan_number(text, &filter->first);
	filter->last = filter->first;
	if (!text || !*text)
		return text;
	sign = *text;
	text = scan_number(text + 1, &second);
	if (!text || *text || (sign != '-' && sign != '+'))
		return false;
	filter->last = sign == '-' ? second : filter->first + (second - 1);
	return (sign == '-' || second) && filter->last >= filter->first;
}

static int set_range(struct dmp_filter *filter, const char *argument)
{
	filter->has_range = true;
	if (scan_range(argument, filter))
		return 0;
	dmp_say(LOG_ERR, "'%s' is not a range: as in 0x3f000000-0x3f000fff or 0x3f000000+4K",
		argument);
	return -EINVAL;
}

int dmp_filter_set(struct dmp_filter *filter, int option, const char *argument)
{
	static const char *const verdicts[] = { "grant", "denial", "permitted", NULL };

	switch (option) {
	case DMP_FILTER_SINCE:
		return set_time(&filter->since, (char *)argument);
	case DMP_FILTER_UNTIL:
		return set_time(&filter->until, (char *)argument);
	case DMP_FILTER_KIND:
		filter->kind = argument;
		return 0;
	case DMP_FILTER_VERDICT:
		return set_word(&filter->verdict, argument, verdicts);
	case DMP_FILTER_RULE:
		return set_rule(&filter->rule, argument);
	case DMP_FILTER_POLICY:
		filter->policy = argument;
		return 0;
	case DMP_FILTER_PROGRAM:
		filter->program = argument;
		return 0;
	case DMP_FILTER_RANGE:
		return set_range(filter, argument);
	default:
		return -ENOENT;
	}
}

/* --- lines ------------------------------------------------------------------ */

static bool is_within(const struct dmp_line *line, const struct dmp_filter *filter)
{
	const struct dmp_field *time = dmp_line_find(line, "time");

	if (!filter->since && !filter->until)
		return true;
	if (!time || time->kind != DMP_FIELD_TEXT || time->text_length < 29)
		return false;
	if (filter->since && strncmp(time->text, filter->since, strlen(filter->since)) < 0)
		return false;
	return !filter->until ||
	       strncmp(time->text, filter->until, strlen(filter->until)) <= 0;
}

/* Denials that found no room for a record of their own are denials, too. */
static bool has_verdict(const struct dmp_line *line, const char *verdict)
{
	if (dmp_line_is(line, "kind", verdict))
		return true;
	if (!dmp_line_is(line, "kind", "loss"))
		return false;
	if (dmp_line_is(line, "lost", verdict))
		return true;
	return !dmp_line_find(line, "lost") && !strcmp(verdict, "denial");
}

static bool text_is(const struct dmp_field *field, const char *text)
{
	char plain[TEXT_BYTES];

	if (!field || field->kind != DMP_FIELD_TEXT)
		return false;
	dmp_field_plain(field, plain, sizeof(plain));
	return !strcmp(plain, text);
}

/* A path is a path, anything else the last part of one, or a thread's name. */
static bool is_by(const struct dmp_line *line, const char *program)
{
	const struct dmp_field *exe = dmp_line_find(line, "exe");
	char path[TEXT_BYTES];
	const char *slash;

	if (strchr(program, '/') || !exe || exe->kind != DMP_FIELD_TEXT)
		return text_is(exe, program) || text_is(dmp_line_find(line, "comm"), program);
	dmp_field_plain(exe, path, sizeof(path));
	slash = strrchr(path, '/');
	return (slash && !strcmp(slash + 1, program)) ||
	       text_is(dmp_line_find(line, "comm"), program);
}

static bool address(const struct dmp_line *line, const char *key, uint64_t *value)
{
	char digits[19];

	if (dmp_line_word(line, key, "0123456789abcdefx", 0, digits, sizeof(digits)))
		return false;
	*value = strtoull(digits, NULL, 16);
	return true;
}

static bool overlaps(const struct dmp_line *line, const struct dmp_filter *filter)
{
	uint64_t first, last;

	return address(line, "first", &first) && address(line, "last", &last) &&
	       first <= filter->last && last >= filter->first;
}

const struct dmp_field *dmp_line_program(const struct dmp_line *line)
{
	const struct dmp_field *exe = dmp_line_find(line, "exe");

	return exe ? exe : dmp_line_find(line, "comm");
}

bool dmp_filter_matches(const struct dmp_filter *filter, const struct dmp_line *line)
{
	if (filter->kind ? !dmp_line_is(line, "kind", filter->kind) :
			   !dmp_line_find(line, "seq"))
		return false;
	return is_within(line, filter) &&
	       (!filter->verdict || has_verdict(line, filter->verdict)) &&
	       (!filter->rule || dmp_line_is(line, "rule", filter->rule)) &&
	       (!filter->policy || text_is(dmp_line_find(line, "policy"), filter->policy)) &&
	       (!filter->program || is_by(line, filter->program)) &&
	       (!filter->has_range || overlaps(line, filter));
}
