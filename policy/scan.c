// SPDX-License-Identifier: GPL-2.0-or-later
/* scan.c - one line of a policy's text, word by word */
#include "scan.h"

#include <stdlib.h>

/* Bytes of a token that a message repeats. */
#define QUOTED_BYTES 40u

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool ends_word(char c)
{
	return is_blank(c) || c == '#' || c == '"' || c == '=';
}

const char *dmp_token_text(const struct dmp_scanner *scanner,
			   const struct dmp_token *token)
{
	return scanner->line + token->start;
}

bool dmp_token_is(const struct dmp_scanner *scanner,
		  const struct dmp_token *token, const char *word)
{
	return token->kind == DMP_TOKEN_WORD && token->length == strlen(word) &&
	       !memcmp(dmp_token_text(scanner, token), word, token->length);
}

const char *dmp_token_quote(const struct dmp_scanner *scanner,
			    const struct dmp_token *token,
			    char quote[DMP_QUOTE_SIZE])
{
	const char *text = dmp_token_text(scanner, token);
	size_t bytes = token->length;
	char *tab;

	if (bytes > QUOTED_BYTES)
		/* Not in the middle of a character. */
		for (bytes = QUOTED_BYTES; (text[bytes] & 0xc0) == 0x80;)
			bytes--;
	snprintf(quote, DMP_QUOTE_SIZE, "'%.*s%s'", (int)bytes, text,
		 bytes < token->length ? "..." : "");
	while ((tab = strchr(quote, '\t')))
		*tab = ' ';
	return quote;
}

void dmp_scan_span(const struct dmp_scanner *scanner,
		   const struct dmp_token *token, struct dmp_span *span)
{
	span->line = scanner->number;
	span->column = 1 + dmp_count_characters(scanner->line, token->start);
	span->width = dmp_count_characters(dmp_token_text(scanner, token),
					   token->length);
	if (!span->width)
		span->width = 1;
}

int dmp_scan_refuse(struct dmp_scanner *scanner, const struct dmp_token *token,
		    const char *hint, const char *format, ...)
{
	struct dmp_span span;
	va_list arguments;
	int ret;

	dmp_scan_span(scanner, token, &span);
	va_start(arguments, format);
	ret = dmp_diagnose_list(scanner->diagnostics, false, &span, hint,
				format, arguments);
	va_end(arguments);
	return ret;
}

static int refuse_byte(struct dmp_scanner *scanner, size_t at)
{
	struct dmp_token token = { DMP_TOKEN_WORD, at, 1 };
	u8 byte = (u8)scanner->line[at];

	if (!byte)
		return dmp_scan_refuse(scanner, &token, NULL,
				       "the text holds a NUL byte");
	if (byte < 0x20 || byte == 0x7f)
		return dmp_scan_refuse(
			scanner, &token, NULL,
			"the text holds the control character 0x%02x", byte);
	if (byte == 0xc2 && at + 1 < scanner->length &&
	    ((u8)scanner->line[at + 1] & 0xe0) == 0x80)
		return dmp_scan_refuse(
			scanner, &token, NULL,
			"the text holds the control character U+%04X",
			(u8)scanner->line[at + 1]);
	if (byte == 0xe2 && at + 2 < scanner->length &&
	    ((u8)scanner->line[at + 1] & 0xfe) == 0x80 &&
	    ((u8)scanner->line[at + 2] & 0xc0) == 0x80)
		return dmp_scan_refuse(
			scanner, &token,
			"delete it: it would show something else than what is signed",
			"the text holds U+%04X, which breaks lines or turns the direction of text",
			0x2000 | ((u8)scanner->line[at + 1] & 0x3f) << 6 |
				((u8)scanner->line[at + 2] & 0x3f));
	return dmp_scan_refuse(scanner, &token,
			       "save the file as UTF-8, or write plain ASCII",
			       "the text is not valid UTF-8 (byte 0x%02x)",
			       byte);
}

static int check_bytes(struct dmp_scanner *scanner)
{
	size_t at = 0;
	u32 step;

	while (at < scanner->length) {
		step = scanner->line[at] == '\t' ?
			       1 :
			       dmp_character_bytes((const u8 *)scanner->line +
							   at,
						   scanner->length - at);
		if (!step)
			return refuse_byte(scanner, at);
		at += step;
	}
	return 0;
}

static int check_length(struct dmp_scanner *scanner)
{
	struct dmp_token rest = { DMP_TOKEN_WORD, DMP_MAX_LINE_BYTES, 1 };

	if (scanner->length <= DMP_MAX_LINE_BYTES)
		return 0;
	return dmp_scan_refuse(scanner, &rest, NULL,
			       "the line has %zu bytes, %u are the most",
			       scanner->length, DMP_MAX_LINE_BYTES);
}

/* The rest of the line is then read as if the carriage return was not there. */
static int strip_carriage_return(struct dmp_scanner *scanner)
{
	struct dmp_token end;

	if (!scanner->length || scanner->line[scanner->length - 1] != '\r')
		return 0;
	scanner->length--;
	if (scanner->told_line_ends)
		return 0;
	scanner->told_line_ends = true;
	end = (struct dmp_token){ DMP_TOKEN_END, scanner->length, 0 };
	return dmp_scan_refuse(
		scanner, &end,
		"convert the file, for example with: sed -i 's/\\r$//' FILE",
		"the line ends with a carriage return; lines end with a newline alone");
}

/* What follows the mark is read as if it was not there. */
static int skip_byte_order_mark(struct dmp_scanner *scanner)
{
	struct dmp_token mark = { DMP_TOKEN_WORD, 0, 3 };

	if (scanner->number != 1 || scanner->length < 3 ||
	    memcmp(scanner->line, "\xef\xbb\xbf", 3))
		return 0;
	scanner->at = 3;
	return dmp_scan_refuse(
		scanner, &mark,
		"save the file as UTF-8 without a byte order mark",
		"the text starts with a byte order mark");
}

int dmp_scan_start(struct dmp_scanner *scanner, const char *line, size_t length)
{
	int ret;

	scanner->line = line;
	scanner->length = length;
	scanner->at = 0;
	scanner->number++;
	if (strip_carriage_return(scanner) == -ENOMEM ||
	    skip_byte_order_mark(scanner) == -ENOMEM)
		return -ENOMEM;
	ret = check_length(scanner);
	return ret ? ret : check_bytes(scanner);
}

static int scan_string(struct dmp_scanner *scanner, struct dmp_token *token)
{
	size_t at = token->start + 1;

	for (; at < scanner->length; at++) {
		if (scanner->line[at] == '"') {
			token->kind = DMP_TOKEN_STRING;
			token->length = at + 1 - token->start;
			scanner->at = at + 1;
			return 0;
		}
		if (scanner->line[at] == '\\')
			at++;
	}
	token->length = scanner->length - token->start;
	return dmp_scan_refuse(
		scanner, token,
		"inside a text, write \\\" for a quote and \\\\ for a backslash",
		"the text has no closing quote");
}

int dmp_scan(struct dmp_scanner *scanner, struct dmp_token *token)
{
	size_t at = scanner->at;

	while (at < scanner->length && is_blank(scanner->line[at]))
		at++;
	scanner->at = at;
	*token = (struct dmp_token){ DMP_TOKEN_END, at, 0 };
	if (at == scanner->length || scanner->line[at] == '#')
		return 0;
	if (scanner->line[at] == '"')
		return scan_string(scanner, token);
	if (scanner->line[at] == '=') {
		token->kind = DMP_TOKEN_EQUALS;
		at++;
	} else {
		token->kind = DMP_TOKEN_WORD;
		while (at < scanner->length && !ends_word(scanner->line[at]))
			at++;
	}
	token->length = at - token->start;
	scanner->at = at;
	return 0;
}

int dmp_scan_word(struct dmp_scanner *scanner, struct dmp_token *token,
		  const char *what, const char *hint)
{
	int ret = dmp_scan(scanner, token);

	if (ret || token->kind == DMP_TOKEN_WORD)
		return ret;
	if (token->kind == DMP_TOKEN_STRING)
		return dmp_scan_refuse(scanner, token, hint,
				       "%s is written without quotes", what);
	return dmp_scan_refuse(scanner, token, hint, "%s is missing", what);
}

int dmp_scan_end(struct dmp_scanner *scanner)
{
	char quote[DMP_QUOTE_SIZE];
	struct dmp_token token;
	int ret = dmp_scan(scanner, &token);

	if (ret || token.kind == DMP_TOKEN_END)
		return ret;
	return dmp_scan_refuse(scanner, &token,
			       "one statement a line; a comment starts with #",
			       "unexpected %s after the end of the statement",
			       dmp_token_quote(scanner, &token, quote));
}

/* The character behind a backslash, or a tab: what a string may not have. */
static int refuse_in_string(struct dmp_scanner *scanner, size_t at, bool escape)
{
	struct dmp_token where = { DMP_TOKEN_WORD, at, 1 };

	if (!escape)
		return dmp_scan_refuse(scanner, &where, "write a blank instead",
				       "a text cannot hold a tab");
	where.length += dmp_character_bytes((const u8 *)scanner->line + at + 1,
					    scanner->length - at - 1);
	return dmp_scan_refuse(
		scanner, &where,
		"write \\\" for a quote and \\\\ for a backslash",
		"unknown escape in a text");
}

int dmp_scan_string(struct dmp_scanner *scanner, const struct dmp_token *token,
		    char **text)
{
	size_t at = token->start + 1, end = token->start + token->length - 1;
	char *to = malloc(token->length);
	bool escape;
	int ret = 0;

	if (!to)
		return -ENOMEM;
	for (*text = to; !ret && at < end; at++) {
		escape = scanner->line[at] == '\\';
		if (escape)
			at++;
		if (scanner->line[at] == '\t' ||
		    (escape && !strchr("\"\\", scanner->line[at])))
			ret = refuse_in_string(scanner, at - escape, escape);
		*to++ = scanner->line[at];
	}
	*to = '\0';
	if (ret) {
		free(*text);
		*text = NULL;
	}
	return ret;
}
