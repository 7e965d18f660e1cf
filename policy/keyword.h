/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keyword.h - the words of the language; inside the library only */
#ifndef DEVMEM_POLICY_KEYWORD_H
#define DEVMEM_POLICY_KEYWORD_H

#include "scan.h"

enum dmp_keyword {
	DMP_WORD_UNKNOWN,

	/* Statements */
	DMP_WORD_POLICY,
	DMP_WORD_SERIAL,
	DMP_WORD_DEFAULT,
	DMP_WORD_MODE,
	DMP_WORD_NOT_BEFORE,
	DMP_WORD_EXPIRES,
	DMP_WORD_AUDITOR,
	DMP_WORD_REGION,
	DMP_WORD_ALLOW,
	DMP_WORD_DENY,

	/* Attributes of rules */
	DMP_WORD_UID,
	DMP_WORD_GID,
	DMP_WORD_EXE,
	DMP_WORD_UNTIL,
	DMP_WORD_LABEL,
	DMP_WORD_BECAUSE,
	DMP_WORD_UNRESERVED_RAM,
	DMP_WORD_LOG,
};

enum dmp_keyword dmp_keyword_of(const struct dmp_scanner *scanner,
				const struct dmp_token *token);

bool dmp_keyword_is_statement(enum dmp_keyword keyword);
bool dmp_keyword_is_attribute(enum dmp_keyword keyword);

/*
 * dmp_keyword_nearest() - the statement (or attribute) that the token resembles
 *
 * Capitals are taken for small letters. Return: the word, or NULL.
 */
const char *dmp_keyword_nearest(const struct dmp_scanner *scanner,
				const struct dmp_token *token, bool statement);

/* dmp_is_near() - can word be a slip of the pen for other? */
bool dmp_is_near(const char *word, size_t length, const char *other);

#endif /* DEVMEM_POLICY_KEYWORD_H */
