// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl_policy_text.c - devmemctl policy check and compile */
#include <inttypes.h>

#include "ctl_policy_parts.h"
#include "exit.h"
#include "say.h"

static const char *plural(u32 count)
{
	return count == 1 ? "" : "s";
}

static json_t *diagnostics_json(const struct dmp_diagnostics *diagnostics,
				bool warnings)
{
	const struct dmp_diagnostic *diagnostic = diagnostics->list;
	json_t *list = json_array();
	u32 i;

	for (i = 0; i < diagnostics->count; i++, diagnostic++)
		if (diagnostic->is_warning == warnings)
			json_array_append_new(
				list, json_pack("{s:I, s:I, s:s, s:s*}", "line",
						(json_int_t)diagnostic->line,
						"column",
						(json_int_t)diagnostic->column,
						"message", diagnostic->message,
						"hint", diagnostic->hint));
	return list;
}

static int put_text_json(const struct dmp_ctl_options *options,
			 const struct dmp_diagnostics *diagnostics,
			 const struct dmp_policy *policy,
			 const struct dmp_buffer *bytes)
{
	char digest[2 * DMP_DIGEST_BYTES + 1];
	json_t *object =
		json_pack("{s:s, s:b, s:b, s:o, s:o}", "file", options->input,
			  "ok", !!policy, "more", diagnostics->more, "errors",
			  diagnostics_json(diagnostics, false), "warnings",
			  diagnostics_json(diagnostics, true));

	if (object && policy) {
		dmp_ctl_digest(bytes->bytes, bytes->length, digest);
		json_object_update_new(
			object,
			json_pack(
				"{s:s, s:o, s:s, s:s, s:o, s:o, s:s?, s:I, s:I, s:s, s:s*}",
				"policy", policy->name, "serial",
				dmp_ctl_serial(policy->serial), "default",
				policy->default_deny ? "deny" : "kernel",
				"mode",
				policy->permissive ? "permissive" : "enforce",
				"not_before",
				dmp_ctl_time(policy->not_before_s), "expires",
				dmp_ctl_time(policy->expires_s), "auditor",
				policy->auditor, "rules",
				(json_int_t)policy->rule_count, "bytes",
				(json_int_t)bytes->length, "digest", digest,
				"output", options->output));
	}
	return dmp_ctl_put_json(object);
}

static void print_bound(const char *what, u64 seconds)
{
	char text[DMP_TIME_SIZE];

	if (!seconds)
		return;
	dmp_time_print(seconds, text);
	printf(", %s %s", what, text);
}

static int put_text(const struct dmp_ctl_options *options,
		    const struct dmp_policy *policy,
		    const struct dmp_buffer *bytes)
{
	char digest[2 * DMP_DIGEST_BYTES + 1];

	dmp_ctl_digest(bytes->bytes, bytes->length, digest);
	printf("%s: policy %s, serial %" PRIu64 ", %" PRIu32
	       " rule%s, default %s%s",
	       options->input, policy->name, policy->serial, policy->rule_count,
	       plural(policy->rule_count),
	       policy->default_deny ? "deny" : "kernel",
	       policy->permissive ? ", mode permissive" : "");
	print_bound("not before", policy->not_before_s);
	print_bound("expires", policy->expires_s);
	if (policy->auditor) {
		fputs(", auditor exe ", stdout);
		dmp_exe_print(policy->auditor, stdout);
	}
	puts(": valid");
	if (options->output)
		printf("%s: %zu bytes, SHA-256 %s\n", options->output,
		       bytes->length, digest);
	return DMP_EXIT_OK;
}

static int finish_text(const struct dmp_ctl_options *options,
		       const struct dmp_diagnostics *diagnostics,
		       const struct dmp_policy *policy)
{
	struct dmp_message message;
	struct dmp_buffer bytes;
	int ret;

	ret = dmp_compile(policy, &bytes, &message);
	if (ret)
		return dmp_ctl_fail(options,
				    ret == -E2BIG ? DMP_EXIT_POLICY :
						    DMP_EXIT_FAILED,
				    options->input, message.text);
	if (options->output && dmp_file_write(options->output, bytes.bytes,
					      bytes.length, &message))
		ret = dmp_ctl_fail(options, DMP_EXIT_FAILED, options->output,
				   message.text);
	else if (options->json)
		ret = put_text_json(options, diagnostics, policy, &bytes);
	else
		ret = put_text(options, policy, &bytes);
	dmp_buffer_free(&bytes);
	return ret;
}

/* check and compile: the latter has an output. */
int dmp_ctl_check(const struct dmp_ctl_options *options)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_message message;
	struct dmp_policy policy;
	struct dmp_buffer text;
	int ret;

	if (dmp_file_read(options->input, DMP_MAX_TEXT_BYTES, &text, &message))
		return dmp_ctl_fail(options, DMP_EXIT_FAILED, options->input,
				    message.text);
	ret = dmp_parse((char *)text.bytes, text.length, &policy, &diagnostics);
	if (ret == -ENOMEM) {
		ret = dmp_ctl_fail(options, DMP_EXIT_FAILED, options->input,
				   "out of memory");
		goto free_text;
	}
	dmp_diagnostics_print(&diagnostics, options->input, (char *)text.bytes,
			      text.length, stderr);
	if (ret) {
		ret = DMP_EXIT_POLICY;
		if (options->json)
			put_text_json(options, &diagnostics, NULL, NULL);
	} else {
		ret = finish_text(options, &diagnostics, &policy);
		dmp_policy_free(&policy);
	}
free_text:
	dmp_diagnostics_free(&diagnostics);
	dmp_buffer_free(&text);
	return ret;
}

int dmp_ctl_compile(const struct dmp_ctl_options *options)
{
	if (options->output)
		return dmp_ctl_check(options);
	dmp_say(LOG_ERR,
		"policy compile: -o is missing: where shall the result go?");
	return DMP_EXIT_USAGE;
}
