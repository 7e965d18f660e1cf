// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_bad_policies.c - each NAME.policy of bad-policies/ gives exactly the
 * errors of NAME.expect: "line:column: message", and "  hint: ..." below it
 */
#include "policy_fixture.h"

#include <dirent.h>

#define MIN_FILES 180

static char *errors_of(const struct dmp_buffer *text)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_policy policy;
	char *errors;
	size_t length;
	FILE *stream;
	u32 i;

	if (dmp_parse((char *)text->bytes, text->length, &policy,
		      &diagnostics) != -EINVAL)
		return strdup("(the policy is accepted)\n");
	stream = open_memstream(&errors, &length);
	for (i = 0; i < diagnostics.count; i++) {
		fprintf(stream, "%u:%u: %s\n", diagnostics.list[i].line,
			diagnostics.list[i].column,
			diagnostics.list[i].message);
		if (diagnostics.list[i].hint)
			fprintf(stream, "  hint: %s\n",
				diagnostics.list[i].hint);
	}
	fclose(stream);
	dmp_diagnostics_free(&diagnostics);
	return errors;
}

static void read_or_fail(const char *directory, const char *name,
			 const char *suffix, struct dmp_buffer *file)
{
	struct dmp_message message;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s%s", directory, name, suffix);
	if (dmp_file_read(path, DMP_MAX_TEXT_BYTES, file, &message))
		fail_msg("%s: %s", path, message.text);
}

/* Return: 1 when the errors are not the expected ones. */
static int check_file(const char *directory, const char *name)
{
	struct dmp_buffer text, expected;
	char *errors;
	int bad;

	read_or_fail(directory, name, ".policy", &text);
	read_or_fail(directory, name, ".expect", &expected);
	errors = errors_of(&text);
	bad = !expected.length || strcmp(errors, (char *)expected.bytes);
	if (bad)
		print_error("%s: expected\n%sgot\n%s", name,
			    (char *)expected.bytes, errors);
	free(errors);
	dmp_buffer_free(&text);
	dmp_buffer_free(&expected);
	return bad;
}

/* The name without the suffix, or NULL for other files. */
static char *stem(const char *name, const char *suffix)
{
	size_t length = strlen(name), tail = strlen(suffix);

	if (length <= tail || strcmp(name + length - tail, suffix))
		return NULL;
	return strndup(name, length - tail);
}

static void test_corpus(void **state)
{
	struct dirent *entry;
	char directory[512];
	int files = 0, expectations = 0, bad = 0;
	char *name;
	DIR *stream;

	(void)state;
	snprintf(directory, sizeof(directory), "%s/bad-policies",
		 test_directory());
	stream = opendir(directory);
	assert_non_null(stream);
	while ((entry = readdir(stream))) {
		name = stem(entry->d_name, ".expect");
		expectations += !!name;
		free(name);
		name = stem(entry->d_name, ".policy");
		if (!name)
			continue;
		files++;
		bad += check_file(directory, name);
		free(name);
	}
	closedir(stream);
	assert_int_equal(bad, 0);
	assert_int_equal(files, expectations);
	assert_in_range(files, MIN_FILES, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
