/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy_fixture.h - what the tests of the policy library share */
#ifndef DEVMEM_POLICY_TESTS_POLICY_FIXTURE_H
#define DEVMEM_POLICY_TESTS_POLICY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/devmem_policy.h>

#include "policy/policy.h"

/* xorshift64*, so that a seed means the same on every machine. */
struct random {
	u64 state;
};

static inline u64 random_next(struct random *random)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return random->state * 2685821657736338717ull;
}

static inline u32 random_below(struct random *random, u32 limit)
{
	return (u32)((random_next(random) >> 32) % limit);
}

/* Where the corpus is; the tests run from the top directory. */
static inline const char *test_directory(void)
{
	const char *directory = getenv("DMP_TEST_DIR");

	return directory ? directory : "tests/unit";
}

/* Compile a text that must be good. */
static inline struct dmp_buffer compile_text(const char *text)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_message message;
	struct dmp_policy policy;
	struct dmp_buffer bytes;

	if (dmp_parse(text, strlen(text), &policy, &diagnostics)) {
		dmp_diagnostics_print(&diagnostics, "test", text, strlen(text),
				      stderr);
		fail_msg("the text is not valid");
	}
	dmp_diagnostics_free(&diagnostics);
	assert_int_equal(dmp_compile(&policy, &bytes, &message), 0);
	dmp_policy_free(&policy);
	return bytes;
}

/* The text of bytes that must be good; to be freed. */
static inline char *show_view(const struct dmp_view *view)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	dmp_show(view, stream);
	assert_int_equal(fclose(stream), 0);
	return text;
}

static inline char *show_bytes(const struct dmp_buffer *bytes)
{
	struct dmp_message message;
	struct dmp_view view;

	if (dmp_policy_decode(bytes->bytes, bytes->length, &view, &message))
		fail_msg("cannot decode: %s", message.text);
	return show_view(&view);
}

#endif /* DEVMEM_POLICY_TESTS_POLICY_FIXTURE_H */
