// SPDX-License-Identifier: GPL-2.0-or-later
/* range.c - numbers and ranges in the text */
#include "range.h"

#include <inttypes.h>

#define PAGE_MASK ((u64)DMP_FORMAT_PAGE_BYTES - 1)
#define RANGE_HINT \
	"a range is one word: FIRST-LAST (both included) or FIRST+SIZE"

/* A token that is eaten from the left. */
struct reader {
	struct dmp_scanner *scanner;
	const struct dmp_token *token;
	const char *text;
	size_t at;
};

static char peek(const struct reader *reader, size_t ahead)
{
	size_t at = reader->at + ahead;

	return at < reader->token->length ? reader->text[at] : '\0';
}

static void reader_init(struct reader *reader, struct dmp_scanner *scanner,
			const struct dmp_token *token)
{
	reader->scanner = scanner;
	reader->token = token;
	reader->text = dmp_token_text(scanner, token);
	reader->at = 0;
}

/* A token for the character at hand, so that the caret points at it. */
static struct dmp_token here(const struct reader *reader)
{
	size_t left = reader->token->length - reader->at;
	u32 bytes = dmp_character_bytes((const u8 *)reader->text + reader->at,
					left);

	return (struct dmp_token){ DMP_TOKEN_WORD,
				   reader->token->start + reader->at, bytes };
}

static int digit_value(char c, unsigned int base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (base == 16 && c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (base == 16 && c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int read_digits(struct reader *reader, unsigned int base, size_t start,
		       u64 *number)
{
	u64 value = 0;
	bool overflow = false;
	int digit;

	for (; (digit = digit_value(peek(reader, 0), base)) >= 0;
	     reader->at++) {
		overflow |= value > (~(u64)0 - (u64)digit) / base;
		value = value * base + (u64)digit;
	}
	*number = value;
	if (overflow) {
		struct dmp_token whole = { DMP_TOKEN_WORD,
					   reader->token->start + start,
					   reader->at - start };

		return dmp_scan_refuse(reader->scanner, &whole, NULL,
				       "the number does not fit in 64 bits");
	}
	return 0;
}

static int read_number(struct reader *reader, u64 *number)
{
	struct dmp_token where = here(reader);
	size_t start = reader->at;

	if (peek(reader, 0) == '0' && peek(reader, 1) == 'X')
		return dmp_scan_refuse(
			reader->scanner, &where, "write 0x",
			"a hexadecimal number starts with a small 0x");
	if (peek(reader, 0) == '0' && peek(reader, 1) == 'x') {
		reader->at += 2;
		where = here(reader);
		if (digit_value(peek(reader, 0), 16) < 0)
			return dmp_scan_refuse(
				reader->scanner, &where, NULL,
				"a hexadecimal digit is missing after 0x");
		return read_digits(reader, 16, start, number);
	}
	if (digit_value(peek(reader, 0), 10) < 0)
		return dmp_scan_refuse(
			reader->scanner, &where,
			"numbers are decimal, or hexadecimal with 0x",
			"a number is expected here");
	if (peek(reader, 0) == '0' && digit_value(peek(reader, 1), 10) >= 0)
		return dmp_scan_refuse(
			reader->scanner, &where,
			"leave the zero out, or write 0x for a hexadecimal number",
			"a decimal number does not start with 0");
	return read_digits(reader, 10, start, number);
}

static bool is_hexadecimal_word(const struct reader *reader)
{
	return digit_value(peek(reader, 0), 16) >= 10 &&
	       !(reader->at > 1 && reader->text[1] == 'x');
}

static int refuse_character(struct reader *reader, const char *hint)
{
	struct dmp_token where = here(reader);
	char quote[DMP_QUOTE_SIZE];

	if (is_hexadecimal_word(reader))
		hint = "write 0x in front of a hexadecimal number";
	return dmp_scan_refuse(reader->scanner, &where, hint, "unexpected %s",
			       dmp_token_quote(reader->scanner, &where, quote));
}

int dmp_scan_number(struct dmp_scanner *scanner, const struct dmp_token *token,
		    u64 *number)
{
	struct reader reader;
	int ret;

	reader_init(&reader, scanner, token);
	ret = read_number(&reader, number);
	if (ret)
		return ret;
	if (reader.at < token->length)
		return refuse_character(
			&reader, "a number is decimal, or hexadecimal with 0x");
	return 0;
}

/* 0 for what is no suffix. */
static unsigned int suffix_shift(char suffix)
{
	switch (suffix) {
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	default:
		return 0;
	}
}

static int read_size(struct reader *reader, u64 *size)
{
	struct dmp_token where;
	unsigned int shift;
	int ret;

	ret = read_number(reader, size);
	if (ret)
		return ret;
	where = here(reader);
	if (strchr("kmgTtP", peek(reader, 0)) && peek(reader, 0))
		return dmp_scan_refuse(reader->scanner, &where,
				       "K is 1024 bytes, M 1024 K, G 1024 M",
				       "the suffix of a size is K, M or G");
	shift = suffix_shift(peek(reader, 0));
	if (!shift)
		return 0;
	if (*size > ~(u64)0 >> shift)
		return dmp_scan_refuse(reader->scanner, reader->token, NULL,
				       "the size does not fit in 64 bits");
	*size <<= shift;
	reader->at++;
	return 0;
}

static int read_last_by_size(struct reader *reader, u64 first, u64 *last)
{
	u64 size;
	int ret;

	ret = read_size(reader, &size);
	if (ret)
		return ret;
	if (!size)
		return dmp_scan_refuse(reader->scanner, reader->token,
				       "one page is 4K",
				       "the size of the range is 0");
	if (size - 1 > ~(u64)0 - first)
		return dmp_scan_refuse(
			reader->scanner, reader->token, NULL,
			"the range goes beyond the last 64-bit address");
	*last = first + (size - 1);
	return 0;
}

/* Has the range been written with blanks in it? */
static bool goes_on(const struct dmp_scanner *scanner)
{
	size_t at = scanner->at;

	while (at < scanner->length &&
	       (scanner->line[at] == ' ' || scanner->line[at] == '\t'))
		at++;
	return at < scanner->length &&
	       (scanner->line[at] == '-' || scanner->line[at] == '+');
}

static int refuse_single(struct reader *reader, u64 first)
{
	char hint[128];

	if (peek(reader, 0) == '\0') {
		snprintf(hint, sizeof(hint),
			 "for the one page there, write 0x%" PRIx64 "+4K",
			 first & ~PAGE_MASK);
		return dmp_scan_refuse(
			reader->scanner, reader->token,
			goes_on(reader->scanner) ?
				"write the range without blanks" :
				hint,
			"the range has no end: it is one word, FIRST-LAST or FIRST+SIZE");
	}
	if (suffix_shift(peek(reader, 0)))
		return refuse_character(reader,
					"only a size has a suffix: FIRST+SIZE");
	return refuse_character(reader, RANGE_HINT);
}

static int read_range(struct reader *reader, u64 *first, u64 *last)
{
	int ret = read_number(reader, first);

	if (ret)
		return ret;
	switch (peek(reader, 0)) {
	case '-':
		reader->at++;
		ret = read_number(reader, last);
		break;
	case '+':
		reader->at++;
		ret = read_last_by_size(reader, *first, last);
		break;
	default:
		return refuse_single(reader, *first);
	}
	if (!ret && reader->at < reader->token->length)
		ret = refuse_character(reader, RANGE_HINT);
	return ret;
}

/*
 * Who writes the first byte after the range as its last one means one page less
 * than the pages that the range touches.
 */
static int refuse_alignment(struct dmp_scanner *scanner,
			    const struct dmp_token *token, u64 first, u64 last)
{
	char hint[160];

	if (!(first & PAGE_MASK) && !(last & PAGE_MASK) && first < last)
		snprintf(hint, sizeof(hint),
			 "the last byte is included: write 0x%" PRIx64
			 "-0x%" PRIx64,
			 first, last - 1);
	else
		snprintf(hint, sizeof(hint),
			 "the pages that it touches are 0x%" PRIx64
			 "-0x%" PRIx64,
			 first & ~PAGE_MASK, last | PAGE_MASK);
	return dmp_scan_refuse(scanner, token, hint,
			       "the range is not made of whole pages of 4 KiB");
}

int dmp_scan_range(struct dmp_scanner *scanner, const struct dmp_token *token,
		   u64 *first, u64 *last)
{
	struct reader reader;
	char hint[128];
	int ret;

	reader_init(&reader, scanner, token);
	ret = read_range(&reader, first, last);
	if (ret)
		return ret;
	if (*first > *last) {
		snprintf(hint, sizeof(hint),
			 "if 0x%" PRIx64 " is a size, write 0x%" PRIx64
			 "+0x%" PRIx64,
			 *last, *first, *last);
		return dmp_scan_refuse(scanner, token, hint,
				       "the range ends before it starts");
	}
	if ((*first & PAGE_MASK) || (*last & PAGE_MASK) != PAGE_MASK)
		return refuse_alignment(scanner, token, *first, *last);
	return 0;
}
