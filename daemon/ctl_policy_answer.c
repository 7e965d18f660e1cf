// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl_policy_answer.c - devmemctl policy: what all its answers are made of */
#include <inttypes.h>

#include "ctl_policy_parts.h"
#include "exit.h"
#include "names.h"
#include "say.h"

int dmp_ctl_put_json(json_t *object)
{
	if (!object || json_dumpf(object, stdout, JSON_INDENT(2)) < 0) {
		json_decref(object);
		dmp_say(LOG_ERR, "cannot write JSON");
		return DMP_EXIT_FAILED;
	}
	putchar('\n');
	json_decref(object);
	return DMP_EXIT_OK;
}

/* The one way to fail: a sentence for people, the same sentence in JSON. */
int dmp_ctl_fail(const struct dmp_ctl_options *options, int code,
		 const char *path, const char *sentence)
{
	dmp_say(LOG_ERR, "%s: %s", path, sentence);
	if (options->json)
		dmp_ctl_put_json(json_pack("{s:b, s:s, s:s*}", "ok", 0,
					   "message", sentence, "file", path));
	return code;
}

void dmp_ctl_digest(const u8 *bytes, size_t length,
		    char text[2 * DMP_DIGEST_BYTES + 1])
{
	u8 digest[DMP_DIGEST_BYTES];

	*text = '\0';
	if (!dmp_digest(bytes, length, digest))
		dmp_hex(digest, sizeof(digest), text);
}

json_t *dmp_ctl_time(u64 seconds)
{
	char text[DMP_TIME_SIZE];

	if (!seconds)
		return json_null();
	dmp_time_print(seconds, text);
	return json_string(text);
}

json_t *dmp_ctl_serial(u64 serial)
{
	if (serial <= INT64_MAX)
		return json_integer((json_int_t)serial);
	return json_sprintf("%" PRIu64, serial);
}
