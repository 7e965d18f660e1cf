// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl_policy_sign.c - devmemctl policy sign and verify */
#include <inttypes.h>

#include "ctl_policy_parts.h"
#include "exit.h"
#include "names.h"
#include "say.h"

static int put_verified(const struct dmp_ctl_options *options,
			const struct dmp_ctl_policy *loaded, const char *signer)
{
	const struct dmp_header *header = &loaded->view.header;
	char digest[2 * DMP_DIGEST_BYTES + 1];

	dmp_ctl_digest(loaded->parts.policy, loaded->parts.policy_bytes,
		       digest);
	if (options->json)
		return dmp_ctl_put_json(json_pack(
			"{s:s, s:b, s:s, s:o, s:s, s:s}", "file",
			options->input, "ok", 1, "policy", header->name,
			"serial", dmp_ctl_serial(header->serial), "digest",
			digest, "signer", signer));
	printf("%s: policy %s, serial %" PRIu64 ": good signature of %s\n",
	       options->input, header->name, header->serial, signer);
	return DMP_EXIT_OK;
}

static int refuse_signature(const struct dmp_ctl_options *options,
			    const char *path, int error, const char *sentence)
{
	dmp_say(LOG_ERR, "%s: %s", path, sentence);
	if (options->json)
		dmp_ctl_put_json(json_pack(
			"{s:s, s:b, s:s, s:s}", "file", path, "ok", 0, "error",
			dmp_errno_name(-error).text, "message", sentence));
	return DMP_EXIT_SIGNATURE;
}

static int verify_loaded(const struct dmp_ctl_options *options,
			 const struct dmp_ctl_policy *loaded)
{
	struct dmp_message message;
	struct dmp_trust *trust;
	int ret;

	if (!loaded->is_signed)
		return refuse_signature(
			options, options->input, -ENODATA,
			"this is a policy without a signature; sign it with: devmemctl policy sign");
	ret = dmp_ctl_load_certificates(options, &trust);
	if (ret)
		return ret;
	ret = dmp_verify(trust, loaded->parts.policy,
			 loaded->parts.policy_bytes, loaded->parts.signature,
			 loaded->parts.signature_bytes, &message);
	dmp_trust_free(trust);
	if (ret)
		return refuse_signature(options, options->input, ret,
					message.text);
	return put_verified(options, loaded, message.text);
}

int dmp_ctl_verify(const struct dmp_ctl_options *options)
{
	struct dmp_ctl_policy loaded;
	int ret;

	if (!options->cert_count) {
		dmp_say(LOG_ERR,
			"policy verify: --cert is missing: whose signature shall it be?");
		return DMP_EXIT_USAGE;
	}
	ret = dmp_ctl_load(options, &loaded);
	if (ret)
		return ret;
	ret = verify_loaded(options, &loaded);
	dmp_buffer_free(&loaded.file);
	return ret;
}

/*
 * Without a certificate only the kind of signature can be judged: then "no
 * trusted certificate" is the best answer there is.
 */
static int check_attached(const struct dmp_ctl_options *options,
			  const struct dmp_ctl_policy *loaded,
			  const struct dmp_buffer *signature)
{
	struct dmp_message message;
	struct dmp_trust *trust;
	int ret;

	ret = dmp_ctl_load_certificates(options, &trust);
	if (ret)
		return ret;
	ret = dmp_verify(trust, loaded->parts.policy,
			 loaded->parts.policy_bytes, signature->bytes,
			 signature->length, &message);
	dmp_trust_free(trust);
	if (!ret || (ret == -ENOKEY && !options->cert_count))
		return DMP_EXIT_OK;
	return refuse_signature(options, options->attach, ret, message.text);
}

static int get_signature(const struct dmp_ctl_options *options,
			 const struct dmp_ctl_policy *loaded,
			 struct dmp_buffer *signature)
{
	struct dmp_message message;
	int ret;

	if (!options->attach) {
		if (!dmp_sign(loaded->parts.policy, loaded->parts.policy_bytes,
			      options->key, options->certs[0], signature,
			      &message))
			return DMP_EXIT_OK;
		return dmp_ctl_fail(options, DMP_EXIT_FAILED, options->input,
				    message.text);
	}
	if (dmp_file_read(options->attach, DMP_MAX_SIGNATURE_BYTES, signature,
			  &message))
		return dmp_ctl_fail(options, DMP_EXIT_FAILED, options->attach,
				    message.text);
	ret = check_attached(options, loaded, signature);
	if (ret)
		dmp_buffer_free(signature);
	return ret;
}

static int write_signed(const struct dmp_ctl_options *options,
			const struct dmp_ctl_policy *loaded,
			const struct dmp_buffer *signature)
{
	const struct dmp_header *header = &loaded->view.header;
	struct dmp_signed parts = loaded->parts;
	struct dmp_message message;
	struct dmp_buffer file;
	int ret;

	parts.signature = signature->bytes;
	parts.signature_bytes = signature->length;
	ret = dmp_signed_encode(&parts, &file);
	if (ret)
		return dmp_ctl_fail(options, DMP_EXIT_FAILED, options->output,
				    strerror(-ret));
	ret = dmp_file_write(options->output, file.bytes, file.length,
			     &message);
	dmp_buffer_free(&file);
	if (ret)
		return dmp_ctl_fail(options, DMP_EXIT_FAILED, options->output,
				    message.text);
	if (options->json)
		return dmp_ctl_put_json(
			json_pack("{s:s, s:b, s:s, s:s, s:o}", "file",
				  options->input, "ok", 1, "output",
				  options->output, "policy", header->name,
				  "serial", dmp_ctl_serial(header->serial)));
	printf("%s: policy %s, serial %" PRIu64 ", signed\n", options->output,
	       header->name, header->serial);
	return DMP_EXIT_OK;
}

static int sign_loaded(const struct dmp_ctl_options *options,
		       const struct dmp_ctl_policy *loaded)
{
	struct dmp_buffer signature;
	struct dmp_message message;
	int ret;

	ret = dmp_check_canonical(loaded->parts.policy,
				  loaded->parts.policy_bytes, &message);
	if (ret)
		return dmp_ctl_fail(options, DMP_EXIT_POLICY, options->input,
				    message.text);
	ret = get_signature(options, loaded, &signature);
	if (ret)
		return ret;
	ret = write_signed(options, loaded, &signature);
	dmp_buffer_free(&signature);
	return ret;
}

static const char *sign_usage_error(const struct dmp_ctl_options *options)
{
	if (!options->output)
		return "-o is missing: where shall the signed file go?";
	if (options->attach)
		return options->key ? "--key and --attach exclude each other" :
				      NULL;
	if (!options->key)
		return "either --key and --cert, or --attach is needed";
	if (options->cert_count != 1)
		return "--key needs one --cert, the key's certificate";
	return NULL;
}

int dmp_ctl_sign(const struct dmp_ctl_options *options)
{
	const char *mistake = sign_usage_error(options);
	struct dmp_ctl_policy loaded;
	int ret;

	if (mistake) {
		dmp_say(LOG_ERR, "policy sign: %s", mistake);
		return DMP_EXIT_USAGE;
	}
	ret = dmp_ctl_load(options, &loaded);
	if (ret)
		return ret;
	ret = sign_loaded(options, &loaded);
	dmp_buffer_free(&loaded.file);
	return ret;
}
