/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scan.h - one line of a policy's text, word by word; inside the library only */
#ifndef DEVMEM_POLICY_SCAN_H
#define DEVMEM_POLICY_SCAN_H

#include "diagnostics.h"

enum dmp_token_kind {
	DMP_TOKEN_END, /* of the line, or a comment */
	DMP_TOKEN_WORD,
	DMP_TOKEN_STRING, /* with its quotes */
	DMP_TOKEN_EQUALS,
};

/* Bytes of the line from start (from 0). */
struct dmp_token {
	enum dmp_token_kind kind;
	size_t start;
	size_t length;
};

struct dmp_scanner {
	struct dmp_diagnostics *diagnostics;
	const char *line; /* without the line's end; not NUL-terminated */
	size_t length;
	size_t at; /* where the next token is looked for */
	u32 number; /* of the line */
	bool told_line_ends; /* CRLF is reported once a file */
};

/* Long enough for what dmp_token_quote() writes. */
#define DMP_QUOTE_SIZE 64

/*
 * All of these report what they refuse, and return 0, -EINVAL or -ENOMEM.
 */

/* dmp_scan_start() - check a new line's bytes, and strip a carriage return */
int dmp_scan_start(struct dmp_scanner *scanner, const char *line,
		   size_t length);

int dmp_scan(struct dmp_scanner *scanner, struct dmp_token *token);

/*
 * dmp_scan_word() - the next token, which must be a word
 * @what: what it is, for the message when it is not there
 */
int dmp_scan_word(struct dmp_scanner *scanner, struct dmp_token *token,
		  const char *what, const char *hint);

/* dmp_scan_end() - refuse whatever else is on the line */
int dmp_scan_end(struct dmp_scanner *scanner);

/* dmp_scan_string() - the text of a string token, to be freed */
int dmp_scan_string(struct dmp_scanner *scanner, const struct dmp_token *token,
		    char **text);

/* dmp_scan_refuse() - report an error about a token. Return: -EINVAL, -ENOMEM */
int dmp_scan_refuse(struct dmp_scanner *scanner, const struct dmp_token *token,
		    const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

void dmp_scan_span(const struct dmp_scanner *scanner,
		   const struct dmp_token *token, struct dmp_span *span);

const char *dmp_token_text(const struct dmp_scanner *scanner,
			   const struct dmp_token *token);

bool dmp_token_is(const struct dmp_scanner *scanner,
		  const struct dmp_token *token, const char *word);

/* dmp_token_quote() - the token in single quotes, shortened. Return: quote */
const char *dmp_token_quote(const struct dmp_scanner *scanner,
			    const struct dmp_token *token,
			    char quote[DMP_QUOTE_SIZE]);

#endif /* DEVMEM_POLICY_SCAN_H */
