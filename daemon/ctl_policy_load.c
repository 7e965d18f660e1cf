// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl_policy_load.c - devmemctl policy: read policies and certificates */
#include "ctl_policy_parts.h"
#include "exit.h"

static bool is_binary(const struct dmp_buffer *file)
{
	return file->length >= DMP_MAGIC_BYTES &&
	       !memcmp(file->bytes, DMP_MAGIC, DMP_MAGIC_BYTES);
}

static int split_file(struct dmp_ctl_policy *loaded,
		      struct dmp_message *message)
{
	struct dmp_buffer *file = &loaded->file;

	loaded->is_signed = dmp_is_signed(file->bytes, file->length);
	if (loaded->is_signed)
		return dmp_signed_decode(file->bytes, file->length,
					 &loaded->parts, message);
	loaded->parts =
		(struct dmp_signed){ file->bytes, file->length, NULL, 0 };
	if (is_binary(file))
		return 0;
	snprintf(
		message->text, sizeof(message->text),
		"this is neither a signed policy nor a binary one; a text is compiled first");
	return -EINVAL;
}

/* Return: an exit code. *loaded is to be released after success only. */
int dmp_ctl_load(const struct dmp_ctl_options *options,
		 struct dmp_ctl_policy *loaded)
{
	struct dmp_message message;
	int ret;

	if (dmp_file_read(options->input, DMP_MAX_FILE_BYTES, &loaded->file,
			  &message))
		return dmp_ctl_fail(options, DMP_EXIT_FAILED, options->input,
				    message.text);
	ret = split_file(loaded, &message);
	if (!ret)
		ret = dmp_policy_decode(loaded->parts.policy,
					loaded->parts.policy_bytes,
					&loaded->view, &message);
	if (!ret)
		return DMP_EXIT_OK;
	dmp_buffer_free(&loaded->file);
	return dmp_ctl_fail(
		options, ret == -ENODATA ? DMP_EXIT_SIGNATURE : DMP_EXIT_POLICY,
		options->input, message.text);
}

int dmp_ctl_load_certificates(const struct dmp_ctl_options *options,
			      struct dmp_trust **trust)
{
	struct dmp_message message;
	u32 i;

	*trust = dmp_trust_new();
	if (!*trust)
		return dmp_ctl_fail(options, DMP_EXIT_FAILED, options->input,
				    "out of memory");
	for (i = 0; i < options->cert_count; i++) {
		if (!dmp_trust_add_file(*trust, options->certs[i], &message))
			continue;
		dmp_trust_free(*trust);
		return dmp_ctl_fail(options, DMP_EXIT_FAILED, options->certs[i],
				    message.text);
	}
	return DMP_EXIT_OK;
}
