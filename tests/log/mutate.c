// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mutate LOGS CHANGES SEED - logs, and CHANGES changed copies of each, with what
 * our verifier says about them, on standard output for compare.py
 *
 * A case is a line "NAME CLASS CLASS HEAD LENGTH...": the kind of change, the
 * classes with and without HEAD being known, and the lengths of the files; then
 * the files. A log that is incomplete because N instances of the module were cut
 * off, and for no other reason, is of class "cut-off-N". NAME is "none" for a log
 * that was not changed, or "cut-off-N" if it was made so; when it begins with
 * "forge-" the chain was made anew behind the change.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/names.h"
#include "daemon/verify.h"
#include "logs.h"

#define CUT_OFF "cut-off-%zu"

struct word {
	char text[32];
};

static struct word word_of(const struct dmp_verify *verify)
{
	struct word word;

	if (verify->class == DMP_LOG_INCOMPLETE && verify->lacks == DMP_LACK_CUT)
		snprintf(word.text, sizeof(word.text), CUT_OFF, (size_t)verify->cut_count);
	else
		snprintf(word.text, sizeof(word.text), "%s", dmp_log_class_name(verify->class));
	return word;
}

static struct word class_of(const struct log_files *files, const uint8_t *head)
{
	static struct dmp_verify verify;

	memset(&verify, 0, sizeof(verify));
	if (head) {
		verify.has_head = true;
		memcpy(verify.wanted_head, head, sizeof(verify.wanted_head));
	}
	dmp_verify_begin(&verify);
	for (size_t i = 0; i < files->count; i++)
		dmp_verify_bytes(&verify, "", files->files[i].bytes, files->files[i].length);
	dmp_verify_end(&verify);
	return word_of(&verify);
}

static void put_case(const char *name, const struct log_files *files,
		     const uint8_t head[DMP_SHA256_BYTES])
{
	char digits[DMP_SHA256_DIGITS + 1];

	dmp_hex(head, DMP_SHA256_BYTES, digits);
	printf("%s %s %s %s", name, class_of(files, head).text, class_of(files, NULL).text,
	       digits);
	for (size_t i = 0; i < files->count; i++)
		printf(" %zu", files->files[i].length);
	putchar('\n');
	for (size_t i = 0; i < files->count; i++)
		fwrite(files->files[i].bytes, 1, files->files[i].length, stdout);
	if (ferror(stdout))
		err(1, "standard output");
}

static void put_unchanged(const struct log_files *log)
{
	char name[32] = "none";

	if (log->cut_off)
		snprintf(name, sizeof(name), CUT_OFF, log->cut_off);
	put_case(name, log, log->head);
}

static int same(const struct log_files *one, const struct log_files *two)
{
	if (one->count != two->count)
		return 0;
	for (size_t i = 0; i < one->count; i++)
		if (one->files[i].length != two->files[i].length ||
		    memcmp(one->files[i].bytes, two->files[i].bytes, one->files[i].length))
			return 0;
	return 1;
}

/* Byte at of all files, or -1 behind them. */
static int byte_of(const struct log_files *files, size_t at)
{
	for (size_t i = 0; i < files->count; i++) {
		if (at < files->files[i].length)
			return (unsigned char)files->files[i].bytes[at];
		at -= files->files[i].length;
	}
	return -1;
}

/*
 * Is all of the log there, with more behind it? A chain that was made anew may go
 * on there: nobody can tell it from a log that has grown.
 */
static int extends(const struct log_files *log, const struct log_files *changed)
{
	size_t at = 0;

	while (byte_of(log, at) >= 0 && byte_of(log, at) == byte_of(changed, at))
		at++;
	return byte_of(log, at) < 0;
}

static int counts(const struct log_files *log, const struct log_files *changed, size_t way)
{
	if (same(log, changed))
		return 0;
	return strncmp(change_names[way], "forge-", 6) || !extends(log, changed);
}

static void change_once(struct random *random, const struct log_files *log,
			const struct log_files *other)
{
	struct log_files changed;
	size_t ways = 0, way;

	while (change_names[ways])
		ways++;
	do {
		copy_log(log, &changed);
		way = random_below(random, ways);
		change_log(random, way, &changed, other);
		if (counts(log, &changed, way))
			break;
		free_log(&changed);
	} while (1);
	put_case(change_names[way], &changed, log->head);
	free_log(&changed);
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || !*text)
		errx(2, "'%s' is not a number", text);
	return value;
}

int main(int argc, char **argv)
{
	char directory[] = "/tmp/devmem-policy-mutate-XXXXXX";
	struct log_files log, other;
	struct random random;
	unsigned long logs, each;

	if (argc != 4)
		errx(2, "usage: mutate LOGS CHANGES SEED");
	logs = number(argv[1]);
	each = number(argv[2]);
	random.state = number(argv[3]);
	if (!mkdtemp(directory))
		err(1, "%s", directory);
	make_log(&random, directory, &other);
	for (; logs; logs--) {
		make_log(&random, directory, &log);
		put_unchanged(&log);
		for (unsigned long i = 0; i < each; i++)
			change_once(&random, &log, &other);
		free_log(&other);
		other = log;
	}
	free_log(&other);
	rmdir(directory);
	return fflush(stdout) ? 1 : 0;
}
