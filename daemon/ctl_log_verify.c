// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl_log.h"
#include "exit.h"
#include "json.h"
#include "reader.h"
#include "say.h"
#include "verify.h"

static const struct {
	enum dmp_log_lack lack;
	const char *name;
	const char *sentence;
} lacks[] = {
	{ DMP_LACK_EMPTY, "empty", "there is no line" },
	{ DMP_LACK_BEGINNING, "beginning",
	  "it begins in the middle: the file that it continues was not given" },
	{ DMP_LACK_FILE, "file", "a file between two of those that were given is missing" },
	{ DMP_LACK_LINE_END, "line-end", "a file ends in the middle of a line" },
	{ DMP_LACK_CHECKPOINT, "checkpoint",
	  "it does not end in a checkpoint: cut off, or still being written" },
	{ DMP_LACK_NEXT_FILE, "next-file", "the file that continues it was not given" },
	{ DMP_LACK_HEAD, "head", "the line that --head names is not in it" },
	{ DMP_LACK_RECORDS, "records", "records are missing" },
	{ DMP_LACK_PAGES, "pages", "the kernel counted pages that no record tells" },
	{ DMP_LACK_CUT, "cut-off",
	  "the module came to an end that is not in it: a power cut, or devmemd was away" },
};

#define LACKS (sizeof(lacks) / sizeof(lacks[0]))

/* --- for people ------------------------------------------------------------- */

static void print_cuts(const struct dmp_verify *verify)
{
	size_t count = verify->cut_count < DMP_CUTS_MAX ? (size_t)verify->cut_count :
							  DMP_CUTS_MAX;

	for (size_t i = 0; i < count; i++)
		printf("  instance %s was cut off behind record %" PRIu64
		       "; what the kernel recorded after it is not known\n",
		       verify->cuts[i].instance, verify->cuts[i].last);
	if (verify->cut_count > count)
		printf("  and %" PRIu64 " more instances were cut off\n",
		       verify->cut_count - count);
}

static void print_gaps(const struct dmp_verify *verify)
{
	size_t count = verify->gap_count < DMP_GAPS_MAX ? (size_t)verify->gap_count :
							  DMP_GAPS_MAX;
	const struct dmp_gap *gap;

	for (size_t i = 0; i < count; i++) {
		gap = &verify->gaps[i];
		printf("  missing: records %" PRIu64 " to %" PRIu64 " of %s%s\n", gap->first,
		       gap->last, gap->instance,
		       gap->at_end ? ", which the kernel had counted last" : "");
	}
	if (verify->gap_count > count)
		printf("  and %" PRIu64 " more gaps\n", verify->gap_count - count);
	if (verify->missing)
		printf("  missing records: %" PRIu64 "\n", verify->missing);
	if (verify->missing_pages)
		printf("  missing pages: %" PRIu64 "\n", verify->missing_pages);
}

static void print_counts(const struct dmp_verify *verify)
{
	const struct dmp_ledger *ledger = &verify->ledger;
	char head[DMP_SHA256_DIGITS + 1];

	printf("  %" PRIu64 " lines: %" PRIu64 " records, %" PRIu64 " checkpoints, %" PRIu64
	       " repairs; instances of the module: %" PRIu64 "\n",
	       verify->lines, verify->records, verify->checkpoints, verify->repairs,
	       verify->instances);
	if (verify->unattended)
		printf("  %" PRIu64 " of them went on when devmemd had ended\n",
		       verify->unattended);
	if (*ledger->instance) {
		printf("  ends with record %" PRIu64 " of %s", ledger->last, ledger->instance);
		if (verify->past_kernel)
			printf("; the kernel had counted %" PRIu64, verify->kernel_newest);
		putchar('\n');
	}
	dmp_hex(verify->head, DMP_SHA256_BYTES, head);
	printf("  head %s\n", head);
}

static void print_text(const struct dmp_verify *verify)
{
	if (verify->class == DMP_LOG_TAMPERED) {
		printf("tampered\n  %s:%" PRIu64 ": %s\n", verify->file, verify->line,
		       verify->why);
		return;
	}
	puts(dmp_log_class_name(verify->class));
	for (size_t i = 0; i < LACKS; i++)
		if (verify->lacks & lacks[i].lack)
			printf("  %s\n", lacks[i].sentence);
	print_gaps(verify);
	print_cuts(verify);
	print_counts(verify);
}

/* --- for machines ----------------------------------------------------------- */

static json_t *gaps_json(const struct dmp_verify *verify)
{
	json_t *array = json_array(), *object;

	for (size_t i = 0; i < verify->gap_count && i < DMP_GAPS_MAX; i++) {
		object = json_object();
		dmp_json_text(object, "instance", verify->gaps[i].instance);
		dmp_json_number(object, "first", verify->gaps[i].first);
		dmp_json_number(object, "last", verify->gaps[i].last);
		dmp_json_bool(object, "at_end", verify->gaps[i].at_end);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *cuts_json(const struct dmp_verify *verify)
{
	json_t *array = json_array(), *object;

	for (size_t i = 0; i < verify->cut_count && i < DMP_CUTS_MAX; i++) {
		object = json_object();
		dmp_json_text(object, "instance", verify->cuts[i].instance);
		dmp_json_number(object, "last_seq", verify->cuts[i].last);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *lacks_json(const struct dmp_verify *verify)
{
	json_t *array = json_array();

	for (size_t i = 0; i < LACKS; i++)
		if (verify->lacks & lacks[i].lack)
			json_array_append_new(array, json_string(lacks[i].name));
	return array;
}

static void put_findings(json_t *object, const struct dmp_verify *verify)
{
	if (verify->class == DMP_LOG_TAMPERED) {
		dmp_json_escaped(object, "file", verify->file, strlen(verify->file));
		dmp_json_number(object, "line", verify->line);
		dmp_json_text(object, "why", verify->why);
	}
	json_object_set_new(object, "lacks", lacks_json(verify));
	json_object_set_new(object, "missing", gaps_json(verify));
	dmp_json_number(object, "missing_records", verify->missing);
	dmp_json_number(object, "missing_pages", verify->missing_pages);
	json_object_set_new(object, "cut_off", cuts_json(verify));
	dmp_json_number(object, "cut_off_instances", verify->cut_count);
}

static void put_counts(json_t *object, const struct dmp_verify *verify)
{
	dmp_json_number(object, "lines", verify->lines);
	dmp_json_number(object, "records", verify->records);
	dmp_json_number(object, "checkpoints", verify->checkpoints);
	dmp_json_number(object, "repairs", verify->repairs);
	dmp_json_number(object, "instances", verify->instances);
	dmp_json_number(object, "unattended", verify->unattended);
	dmp_json_text(object, "instance", verify->ledger.instance);
	dmp_json_number(object, "last_seq", verify->ledger.last);
	if (verify->past_kernel)
		dmp_json_number(object, "kernel_newest", verify->kernel_newest);
	dmp_json_digest(object, "head", verify->head);
}

static int print_json(const struct dmp_verify *verify)
{
	json_t *object = json_object();
	int ret;

	dmp_json_text(object, "result", dmp_log_class_name(verify->class));
	put_findings(object, verify);
	put_counts(object, verify);
	ret = json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(object);
	return ret;
}

/* --- all of it -------------------------------------------------------------- */

static int set_hash(const char *text, bool *has, uint8_t hash[DMP_SHA256_BYTES])
{
	*has = true;
	if (!dmp_sha256_parse(text, strlen(text), hash))
		return 0;
	dmp_say(LOG_ERR, "'%s' is not a hash: that has 64 hex digits, in lower case", text);
	return -1;
}

static int parse(int argc, char **argv, struct dmp_verify *verify)
{
	static const struct option options[] = {
		{ "after", required_argument, NULL, 'a' },
		{ "head", required_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option, ret = 0;

	optind = 0;
	while (!ret && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'a')
			ret = set_hash(optarg, &verify->has_after, verify->after);
		else if (option == 'h')
			ret = set_hash(optarg, &verify->has_head, verify->wanted_head);
		else
			ret = -1;
	}
	return ret || optind == argc ? -1 : 0;
}

static int read_files(char **files, struct dmp_verify *verify)
{
	int fd, ret;

	for (; *files; files++) {
		fd = dmp_reader_open(*files);
		if (fd < 0)
			return DMP_EXIT_FAILED;
		ret = dmp_verify_file(verify, *files, fd);
		close(fd);
		if (ret) {
			dmp_say(LOG_ERR, "%s: %s", *files, strerror(-ret));
			return DMP_EXIT_FAILED;
		}
	}
	return 0;
}

int ctl_log_verify(int argc, char **argv, bool json)
{
	static const int codes[] = {
		[DMP_LOG_INTACT] = DMP_EXIT_OK,
		[DMP_LOG_TAMPERED] = DMP_EXIT_TAMPERED,
		[DMP_LOG_INCOMPLETE] = DMP_EXIT_INCOMPLETE,
	};
	static struct dmp_verify verify;

	memset(&verify, 0, sizeof(verify));
	if (parse(argc, argv, &verify))
		return -1;
	dmp_verify_begin(&verify);
	if (read_files(argv + optind, &verify))
		return DMP_EXIT_FAILED;
	dmp_verify_end(&verify);
	if (!json)
		print_text(&verify);
	else if (print_json(&verify))
		return DMP_EXIT_FAILED;
	return codes[verify.class];
}
