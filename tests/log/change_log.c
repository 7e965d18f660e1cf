// SPDX-License-Identifier: GPL-2.0-or-later
/* Ways to change a log: bytes, lines, files; and with the chain made anew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/names.h"
#include "logs.h"

#define LINES_MAX 1024

/* Whole lines with their ends, and a last one without, maybe. */
struct text_line {
	const char *bytes;
	size_t length;
	size_t file;
};

struct text {
	size_t count;
	struct text_line lines[LINES_MAX];
};

static void split(const struct log_files *files, struct text *text)
{
	const char *at, *end, *newline;

	text->count = 0;
	for (size_t i = 0; i < files->count; i++) {
		end = files->files[i].bytes + files->files[i].length;
		for (at = files->files[i].bytes; at < end && text->count < LINES_MAX;) {
			newline = memchr(at, '\n', (size_t)(end - at));
			text->lines[text->count++] = (struct text_line){
				.bytes = at,
				.length = (size_t)((newline ? newline + 1 : end) - at),
				.file = i,
			};
			at = newline ? newline + 1 : end;
		}
	}
}

static void append(struct file *file, const char *bytes, size_t length)
{
	file->bytes = must_have(realloc(file->bytes, file->length + length + 1));
	memcpy(file->bytes + file->length, bytes, length);
	file->length += length;
}

/* Put lines, which may point into files, in the place of what files have. */
static void join(struct log_files *files, const struct text *text)
{
	struct log_files old = *files;

	memset(files->files, 0, sizeof(files->files));
	for (size_t i = 0; i < files->count; i++)
		append(&files->files[i], "", 0);
	for (size_t i = 0; i < text->count; i++)
		append(&files->files[text->lines[i].file], text->lines[i].bytes,
		       text->lines[i].length);
	free_log(&old);
}

static struct file *any_file(struct random *random, struct log_files *files)
{
	return &files->files[random_below(random, files->count)];
}

/* --- bytes ------------------------------------------------------------------ */

static void replace(struct file *file, size_t at, size_t length, const char *with,
		    size_t with_length)
{
	struct file new = { 0 };

	append(&new, file->bytes, at);
	append(&new, with, with_length);
	append(&new, file->bytes + at + length, file->length - at - length);
	free(file->bytes);
	*file = new;
}

static void flip_bit(struct random *random, struct log_files *files,
		     const struct log_files *other)
{
	struct file *file = any_file(random, files);

	(void)other;
	file->bytes[random_below(random, file->length)] ^= (char)(1 << random_below(random, 8));
}

static void change_byte(struct random *random, struct log_files *files,
			const struct log_files *other)
{
	static const char likely[] = "0123456789abcdef\"{}:,\\\n truefals-.\r\t\xc3";
	struct file *file = any_file(random, files);

	(void)other;
	file->bytes[random_below(random, file->length)] =
		likely[random_below(random, sizeof(likely))];
}

static void delete_bytes(struct random *random, struct log_files *files,
			 const struct log_files *other)
{
	struct file *file = any_file(random, files);
	size_t at = random_below(random, file->length);
	size_t length = 1 + random_below(random, random_below(random, 2) ? 4 : 2000);

	(void)other;
	if (length > file->length - at)
		length = file->length - at;
	replace(file, at, length, "", 0);
}

static void insert_bytes(struct random *random, struct log_files *files,
			 const struct log_files *other)
{
	static const char *const pieces[] = {
		" ", "\n", "\r", "0", ",", "}", "{}", "\"", "\\u0041", ",\"seq\":1", "\xff", "-",
		"null", "1e3", ",\"x\":[]", "\xed\xa0\x80", ",\"prev\":0", "\t",
	};
	struct file *file = any_file(random, files);
	const char *piece = pieces[random_below(random, sizeof(pieces) / sizeof(pieces[0]))];

	(void)other;
	replace(file, random_below(random, file->length + 1), 0, piece, strlen(piece));
}

static void splice_bytes(struct random *random, struct log_files *files,
			 const struct log_files *other)
{
	const struct file *from = &other->files[random_below(random, other->count)];
	struct file *file = any_file(random, files);
	size_t at = random_below(random, file->length);
	size_t from_at = random_below(random, from->length);
	size_t length = 1 + random_below(random, 500);

	if (length > file->length - at)
		length = file->length - at;
	if (length > from->length - from_at)
		length = from->length - from_at;
	replace(file, at, length, from->bytes + from_at, length);
}

static void truncate_bytes(struct random *random, struct log_files *files,
			   const struct log_files *other)
{
	struct file *file = any_file(random, files);

	(void)other;
	/* Near the end half of the time, as a power cut does. */
	if (random_below(random, 2))
		file->length = random_below(random, file->length);
	else
		file->length -= 1 + random_below(random, file->length < 40 ? file->length : 40);
}

/* --- lines ------------------------------------------------------------------ */

static void delete_lines_of(struct text *text, size_t at, size_t count)
{
	if (count > text->count - at)
		count = text->count - at;
	memmove(&text->lines[at], &text->lines[at + count],
		(text->count - at - count) * sizeof(text->lines[0]));
	text->count -= count;
}

static void insert_line_at(struct text *text, size_t at, struct text_line line)
{
	if (text->count == LINES_MAX)
		return;
	memmove(&text->lines[at + 1], &text->lines[at],
		(text->count - at) * sizeof(text->lines[0]));
	line.file = at ? text->lines[at - 1].file : text->lines[1].file;
	text->lines[at] = line;
	text->count++;
}

static void delete_lines(struct random *random, struct log_files *files,
			 const struct log_files *other)
{
	static struct text text;

	(void)other;
	split(files, &text);
	delete_lines_of(&text, random_below(random, text.count), 1 + random_below(random, 4));
	join(files, &text);
}

static void swap_lines(struct random *random, struct log_files *files,
		       const struct log_files *other)
{
	static struct text text;
	struct text_line one, *a, *b;

	(void)other;
	split(files, &text);
	a = &text.lines[random_below(random, text.count)];
	b = &text.lines[random_below(random, text.count)];
	one = *a;
	a->bytes = b->bytes;
	a->length = b->length;
	b->bytes = one.bytes;
	b->length = one.length;
	join(files, &text);
}

static void move_line(struct random *random, struct log_files *files,
		      const struct log_files *other)
{
	static struct text text;
	struct text_line line;
	size_t from;

	(void)other;
	split(files, &text);
	from = random_below(random, text.count);
	line = text.lines[from];
	delete_lines_of(&text, from, 1);
	insert_line_at(&text, random_below(random, text.count + 1), line);
	join(files, &text);
}

static void repeat_line(struct random *random, struct log_files *files,
			const struct log_files *other)
{
	static struct text text;

	(void)other;
	split(files, &text);
	insert_line_at(&text, random_below(random, text.count + 1),
		       text.lines[random_below(random, text.count)]);
	join(files, &text);
}

static void splice_line(struct random *random, struct log_files *files,
			const struct log_files *other)
{
	static struct text text, from;
	struct text_line line;
	size_t at;

	split(files, &text);
	split(other, &from);
	line = from.lines[random_below(random, from.count)];
	at = random_below(random, text.count);
	if (random_below(random, 2)) {
		insert_line_at(&text, at, line);
	} else {
		text.lines[at].bytes = line.bytes;
		text.lines[at].length = line.length;
	}
	join(files, &text);
}

/* The end of all is missing, from some line on; empty files stay. */
static void truncate_lines(struct random *random, struct log_files *files,
			   const struct log_files *other)
{
	static struct text text;

	(void)other;
	split(files, &text);
	text.count = random_below(random, text.count);
	join(files, &text);
}

static void behead(struct random *random, struct log_files *files,
		   const struct log_files *other)
{
	static struct text text;

	(void)other;
	split(files, &text);
	delete_lines_of(&text, 0, 1 + random_below(random, text.count));
	join(files, &text);
}

/* --- files ------------------------------------------------------------------ */

static void delete_file(struct random *random, struct log_files *files,
			const struct log_files *other)
{
	size_t at = random_below(random, files->count);

	(void)other;
	free(files->files[at].bytes);
	files->count--;
	memmove(&files->files[at], &files->files[at + 1],
		(files->count - at) * sizeof(files->files[0]));
}

static void insert_file(struct log_files *files, size_t at, const struct file *file)
{
	struct file copy = { 0 };

	append(&copy, file->bytes, file->length);
	memmove(&files->files[at + 1], &files->files[at],
		(files->count - at) * sizeof(files->files[0]));
	files->files[at] = copy;
	files->count++;
}

static void swap_files(struct random *random, struct log_files *files,
		       const struct log_files *other)
{
	struct file *a = any_file(random, files), *b = any_file(random, files);
	struct file one = *a;

	(void)other;
	*a = *b;
	*b = one;
}

static void repeat_file(struct random *random, struct log_files *files,
			const struct log_files *other)
{
	(void)other;
	insert_file(files, random_below(random, files->count + 1), any_file(random, files));
}

static void splice_file(struct random *random, struct log_files *files,
			const struct log_files *other)
{
	size_t at = random_below(random, files->count);

	if (random_below(random, 2))
		delete_file(random, files, other);
	if (at > files->count)
		at = files->count;
	insert_file(files, at, &other->files[random_below(random, other->count)]);
}

/* --- with a chain made anew ------------------------------------------------- */

/* Write digest over the 64 digits behind the last name in the line, if it is there. */
static void overwrite(char *line, size_t length, const char *name,
		      const uint8_t digest[DMP_SHA256_BYTES])
{
	char digits[DMP_SHA256_DIGITS + 1];
	char *at = memmem(line, length, name, strlen(name));

	if (!at || (size_t)(line + length - at) < strlen(name) + DMP_SHA256_DIGITS)
		return;
	dmp_hex(digest, DMP_SHA256_BYTES, digits);
	memcpy(at + strlen(name), digits, DMP_SHA256_DIGITS);
}

/* As somebody does who knows how the chain is made, and changes all that follows. */
static void make_chain(struct log_files *files)
{
	uint8_t head[DMP_SHA256_BYTES] = { 0 }, self[DMP_SHA256_BYTES];
	static struct text text;
	char *line, *at;
	size_t length;

	split(files, &text);
	for (size_t i = 0; i < text.count; i++) {
		line = (char *)text.lines[i].bytes;
		length = text.lines[i].length;
		length -= line[length - 1] == '\n';
		overwrite(line, length, "{\"prev\":\"", head);
		overwrite(line, length, ",\"continues\":\"", head);
		at = memmem(line, length, ",\"self\":\"", 9);
		if (at && !dmp_sha256(line, (size_t)(at - line), self))
			overwrite(line, length, ",\"self\":\"", self);
		if (dmp_sha256(line, length, head))
			return;
	}
}

/* A digit of some number, or a letter of some word, is another one. */
static void forge_value(struct random *random, struct log_files *files,
			const struct log_files *other)
{
	struct file *file = any_file(random, files);
	size_t at;

	(void)other;
	do {
		at = random_below(random, file->length);
	} while (!strchr("0123456789", file->bytes[at]));
	file->bytes[at] = (char)('0' + random_below(random, 10));
	make_chain(files);
}

static void forge_bytes(struct random *random, struct log_files *files,
			const struct log_files *other)
{
	if (random_below(random, 2))
		insert_bytes(random, files, other);
	else
		change_byte(random, files, other);
	make_chain(files);
}

static void forge_lines(struct random *random, struct log_files *files,
			const struct log_files *other)
{
	static void (*const changes[])(struct random *, struct log_files *,
				       const struct log_files *) = {
		delete_lines, swap_lines, move_line, repeat_line, splice_line, truncate_lines,
		behead,
	};

	changes[random_below(random, sizeof(changes) / sizeof(changes[0]))](random, files, other);
	make_chain(files);
}

/* The instance of a line, or NULL for one that says none, as a repair does. */
static const char *instance_of(const struct text_line *line)
{
	static const char name[] = "\"instance\":\"";
	const char *at = memmem(line->bytes, line->length, name, sizeof(name) - 1);

	return at && (size_t)(line->bytes + line->length - at) > sizeof(name) + 16 ?
		       at + sizeof(name) - 1 : NULL;
}

/* The first line of the next instance behind a line, or how many lines there are. */
static size_t border_behind(const struct text *text, size_t at)
{
	const char *instance = NULL, *other;

	for (; at < text->count; at++) {
		other = instance_of(&text->lines[at]);
		if (instance && other && memcmp(instance, other, 16))
			break;
		if (other)
			instance = other;
	}
	return at;
}

/* The last lines of an instance that has ended, or of the last one. */
static void forge_end(struct random *random, struct log_files *files,
		      const struct log_files *other)
{
	static struct text text;
	size_t border, count;

	(void)other;
	split(files, &text);
	border = border_behind(&text, random_below(random, text.count));
	count = 1 + random_below(random, border < 12 ? border : 12);
	delete_lines_of(&text, border - count, count);
	join(files, &text);
	make_chain(files);
}

static void forge_files(struct random *random, struct log_files *files,
			const struct log_files *other)
{
	static void (*const changes[])(struct random *, struct log_files *,
				       const struct log_files *) = {
		delete_file, swap_files, repeat_file, splice_file,
	};

	changes[random_below(random, sizeof(changes) / sizeof(changes[0]))](random, files, other);
	make_chain(files);
}

/* --- all of them ------------------------------------------------------------ */

static void (*const changes[])(struct random *, struct log_files *,
			       const struct log_files *) = {
	flip_bit, change_byte, delete_bytes, insert_bytes, splice_bytes, truncate_bytes,
	delete_lines, swap_lines, move_line, repeat_line, splice_line, truncate_lines, behead,
	delete_file, swap_files, repeat_file, splice_file,
	forge_value, forge_bytes, forge_lines, forge_end, forge_files,
};

const char *const change_names[] = {
	"flip-bit", "change-byte", "delete-bytes", "insert-bytes", "splice-bytes",
	"truncate-bytes", "delete-lines", "swap-lines", "move-line", "repeat-line",
	"splice-line", "truncate-lines", "behead", "delete-file", "swap-files", "repeat-file",
	"splice-file", "forge-value", "forge-bytes", "forge-lines", "forge-end",
	"forge-files", NULL,
};

_Static_assert(sizeof(change_names) / sizeof(change_names[0]) ==
	       sizeof(changes) / sizeof(changes[0]) + 1, "a change has no name");

void change_log(struct random *random, size_t way, struct log_files *files,
		const struct log_files *other)
{
	changes[way](random, files, other);
}
