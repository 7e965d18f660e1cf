// SPDX-License-Identifier: GPL-2.0-or-later
/* keyword.c - the words of the language */
#include "keyword.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* Longer words are never taken for a misspelt one. */
#define MAX_COMPARED_BYTES 64u

static const struct {
	const char *word;
	enum dmp_keyword keyword;
} keywords[] = {
	{ "policy", DMP_WORD_POLICY },
	{ "serial", DMP_WORD_SERIAL },
	{ "default", DMP_WORD_DEFAULT },
	{ "region", DMP_WORD_REGION },
	{ "allow", DMP_WORD_ALLOW },
	{ "deny", DMP_WORD_DENY },
	{ "mode", DMP_WORD_MODE },
	{ "not-before", DMP_WORD_NOT_BEFORE },
	{ "expires", DMP_WORD_EXPIRES },
	{ "auditor", DMP_WORD_AUDITOR },
	{ "label", DMP_WORD_LABEL },
	{ "because", DMP_WORD_BECAUSE },
	{ "unreserved-ram", DMP_WORD_UNRESERVED_RAM },
	{ "log", DMP_WORD_LOG },
	{ "uid", DMP_WORD_UID },
	{ "gid", DMP_WORD_GID },
	{ "exe", DMP_WORD_EXE },
	{ "until", DMP_WORD_UNTIL },
};

enum dmp_keyword dmp_keyword_of(const struct dmp_scanner *scanner,
				const struct dmp_token *token)
{
	size_t i;

	for (i = 0; i < COUNT(keywords); i++)
		if (dmp_token_is(scanner, token, keywords[i].word))
			return keywords[i].keyword;
	return DMP_WORD_UNKNOWN;
}

bool dmp_keyword_is_statement(enum dmp_keyword keyword)
{
	return keyword >= DMP_WORD_POLICY && keyword <= DMP_WORD_DENY;
}

bool dmp_keyword_is_attribute(enum dmp_keyword keyword)
{
	return keyword >= DMP_WORD_UID && keyword <= DMP_WORD_LOG;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein's distance, with one row of the table at a time. */
static size_t distance(const char *a, size_t a_bytes, const char *b,
		       size_t b_bytes)
{
	size_t row[MAX_COMPARED_BYTES + 1], diagonal, above, i, j;

	for (j = 0; j <= b_bytes; j++)
		row[j] = j;
	for (i = 1; i <= a_bytes; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= b_bytes; j++) {
			above = row[j];
			row[j] = smallest(above + 1, row[j - 1] + 1,
					  diagonal + (lower(a[i - 1]) !=
						      b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_bytes];
}

bool dmp_is_near(const char *word, size_t length, const char *other)
{
	size_t other_length = strlen(other);
	size_t allowed = other_length < 5 ? 1 : 2;

	if (length > MAX_COMPARED_BYTES || other_length > MAX_COMPARED_BYTES)
		return false;
	return distance(word, length, other, other_length) <= allowed;
}

const char *dmp_keyword_nearest(const struct dmp_scanner *scanner,
				const struct dmp_token *token, bool statement)
{
	size_t i;

	if (token->kind != DMP_TOKEN_WORD)
		return NULL;
	for (i = 0; i < COUNT(keywords); i++)
		if (dmp_keyword_is_statement(keywords[i].keyword) ==
			    statement &&
		    dmp_is_near(dmp_token_text(scanner, token), token->length,
				keywords[i].word))
			return keywords[i].word;
	return NULL;
}
