// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl_policy.c - devmemctl policy: check, compile, sign, verify, show */
#include "ctl_policy.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

#include <jansson.h>
#include <linux/devmem_policy.h>

#include "exit.h"
#include "names.h"
#include "policy/policy.h"
#include "say.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_CERTIFICATE_FILES 64u

struct options {
	bool json;
	const char *input;
	const char *output;
	const char *key;
	const char *attach;
	const char *certs[MAX_CERTIFICATE_FILES];
	u32 cert_count;
};

struct subcommand {
	const char *name;
	int (*run)(const struct options *options);
	const char *line;
	const char *usage;
	const char *letters; /* of the options that it takes */
};

/* A policy as bytes, from whatever kind of file; owns file. */
struct loaded {
	struct dmp_buffer file;
	bool is_signed;
	struct dmp_signed parts; /* without a signature unless is_signed */
	struct dmp_view view;
};

static int put_json(json_t *object)
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
static int fail(const struct options *options, int code, const char *path,
		const char *sentence)
{
	dmp_say(LOG_ERR, "%s: %s", path, sentence);
	if (options->json)
		put_json(json_pack("{s:b, s:s, s:s*}", "ok", 0, "message",
				   sentence, "file", path));
	return code;
}

static void digest_text(const u8 *bytes, size_t length,
			char text[2 * DMP_DIGEST_BYTES + 1])
{
	u8 digest[DMP_DIGEST_BYTES];

	*text = '\0';
	if (!dmp_digest(bytes, length, digest))
		dmp_hex(digest, sizeof(digest), text);
}

static const char *plural(u32 count)
{
	return count == 1 ? "" : "s";
}

/* ---- text ---- */

static json_t *diagnostics_json(const struct dmp_diagnostics *diagnostics,
				bool warnings)
{
	const struct dmp_diagnostic *diagnostic = diagnostics->list;
	json_t *list = json_array();
	u32 i;

	for (i = 0; i < diagnostics->count; i++, diagnostic++)
		if (diagnostic->is_warning == warnings)
			json_array_append_new(list,
				json_pack("{s:I, s:I, s:s, s:s*}",
					  "line", (json_int_t)diagnostic->line,
					  "column", (json_int_t)diagnostic->column,
					  "message", diagnostic->message,
					  "hint", diagnostic->hint));
	return list;
}

static int put_text_json(const struct options *options,
			 const struct dmp_diagnostics *diagnostics,
			 const struct dmp_policy *policy,
			 const struct dmp_buffer *bytes)
{
	char digest[2 * DMP_DIGEST_BYTES + 1];
	json_t *object = json_pack("{s:s, s:b, s:b, s:o, s:o}",
				   "file", options->input,
				   "ok", policy != NULL,
				   "more", diagnostics->more,
				   "errors", diagnostics_json(diagnostics, false),
				   "warnings", diagnostics_json(diagnostics, true));

	if (object && policy) {
		digest_text(bytes->bytes, bytes->length, digest);
		json_object_update_new(object, json_pack(
			"{s:s, s:I, s:s, s:I, s:I, s:s, s:s*}",
			"policy", policy->name,
			"serial", (json_int_t)policy->serial,
			"default", policy->default_deny ? "deny" : "kernel",
			"rules", (json_int_t)policy->rule_count,
			"bytes", (json_int_t)bytes->length,
			"digest", digest, "output", options->output));
	}
	return put_json(object);
}

static int put_text(const struct options *options,
		    const struct dmp_policy *policy,
		    const struct dmp_buffer *bytes)
{
	char digest[2 * DMP_DIGEST_BYTES + 1];

	digest_text(bytes->bytes, bytes->length, digest);
	printf("%s: policy %s, serial %" PRIu64 ", %" PRIu32
	       " rule%s, default %s: valid\n",
	       options->input, policy->name, policy->serial, policy->rule_count,
	       plural(policy->rule_count),
	       policy->default_deny ? "deny" : "kernel");
	if (options->output)
		printf("%s: %zu bytes, SHA-256 %s\n", options->output,
		       bytes->length, digest);
	return DMP_EXIT_OK;
}

static int finish_text(const struct options *options,
		       const struct dmp_diagnostics *diagnostics,
		       const struct dmp_policy *policy)
{
	struct dmp_message message;
	struct dmp_buffer bytes;
	int ret;

	ret = dmp_compile(policy, &bytes, &message);
	if (ret)
		return fail(options, ret == -E2BIG ? DMP_EXIT_POLICY :
						     DMP_EXIT_FAILED,
			    options->input, message.text);
	if (options->output && dmp_file_write(options->output, bytes.bytes,
					      bytes.length, &message))
		ret = fail(options, DMP_EXIT_FAILED, options->output,
			   message.text);
	else if (options->json)
		ret = put_text_json(options, diagnostics, policy, &bytes);
	else
		ret = put_text(options, policy, &bytes);
	dmp_buffer_free(&bytes);
	return ret;
}

/* check and compile: the latter has an output. */
static int run_text(const struct options *options)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_message message;
	struct dmp_policy policy;
	struct dmp_buffer text;
	int ret;

	if (dmp_file_read(options->input, DMP_MAX_TEXT_BYTES, &text, &message))
		return fail(options, DMP_EXIT_FAILED, options->input,
			    message.text);
	ret = dmp_parse((char *)text.bytes, text.length, &policy, &diagnostics);
	if (ret == -ENOMEM) {
		ret = fail(options, DMP_EXIT_FAILED, options->input,
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

static int run_compile(const struct options *options)
{
	if (options->output)
		return run_text(options);
	dmp_say(LOG_ERR, "policy compile: -o is missing: where shall the result go?");
	return DMP_EXIT_USAGE;
}

/* ---- binary and signed files ---- */

static int split_file(struct loaded *loaded, struct dmp_message *message)
{
	loaded->is_signed = dmp_is_signed(loaded->file.bytes,
					  loaded->file.length);
	if (loaded->is_signed)
		return dmp_signed_decode(loaded->file.bytes, loaded->file.length,
					 &loaded->parts, message);
	loaded->parts = (struct dmp_signed){ loaded->file.bytes,
					     loaded->file.length, NULL, 0 };
	return 0;
}

/* Return: an exit code. *loaded is to be released after success only. */
static int load(const struct options *options, struct loaded *loaded)
{
	struct dmp_message message;
	int ret;

	if (dmp_file_read(options->input, DMP_MAX_FILE_BYTES, &loaded->file,
			  &message))
		return fail(options, DMP_EXIT_FAILED, options->input,
			    message.text);
	ret = split_file(loaded, &message);
	if (!ret)
		ret = dmp_policy_decode(loaded->parts.policy,
					loaded->parts.policy_bytes,
					&loaded->view, &message);
	if (!ret)
		return DMP_EXIT_OK;
	dmp_buffer_free(&loaded->file);
	return fail(options, ret == -ENODATA ? DMP_EXIT_SIGNATURE :
					       DMP_EXIT_POLICY,
		    options->input, message.text);
}

static int load_certificates(const struct options *options,
			     struct dmp_trust **trust)
{
	struct dmp_message message;
	u32 i;

	*trust = dmp_trust_new();
	if (!*trust)
		return fail(options, DMP_EXIT_FAILED, options->input,
			    "out of memory");
	for (i = 0; i < options->cert_count; i++) {
		if (!dmp_trust_add_file(*trust, options->certs[i], &message))
			continue;
		dmp_trust_free(*trust);
		return fail(options, DMP_EXIT_FAILED, options->certs[i],
			    message.text);
	}
	return DMP_EXIT_OK;
}

static int put_verified(const struct options *options,
			const struct loaded *loaded, const char *signer)
{
	const struct dmp_header *header = &loaded->view.header;
	char digest[2 * DMP_DIGEST_BYTES + 1];

	digest_text(loaded->parts.policy, loaded->parts.policy_bytes, digest);
	if (options->json)
		return put_json(json_pack("{s:s, s:b, s:s, s:I, s:s, s:s}",
					  "file", options->input, "ok", 1,
					  "policy", header->name,
					  "serial", (json_int_t)header->serial,
					  "digest", digest, "signer", signer));
	printf("%s: policy %s, serial %" PRIu64 ": good signature of %s\n",
	       options->input, header->name, header->serial, signer);
	return DMP_EXIT_OK;
}

static int refuse_signature(const struct options *options, const char *path,
			    int error, const char *sentence)
{
	dmp_say(LOG_ERR, "%s: %s", path, sentence);
	if (options->json)
		put_json(json_pack("{s:s, s:b, s:s, s:s}", "file", path,
				   "ok", 0, "error",
				   dmp_errno_name(-error).text, "message",
				   sentence));
	return DMP_EXIT_SIGNATURE;
}

static int verify_loaded(const struct options *options,
			 const struct loaded *loaded)
{
	struct dmp_message message;
	struct dmp_trust *trust;
	int ret;

	if (!loaded->is_signed)
		return refuse_signature(options, options->input, -ENODATA,
					"this is a policy without a signature; sign it with: devmemctl policy sign");
	ret = load_certificates(options, &trust);
	if (ret)
		return ret;
	ret = dmp_verify(trust, loaded->parts.policy, loaded->parts.policy_bytes,
			 loaded->parts.signature, loaded->parts.signature_bytes,
			 &message);
	dmp_trust_free(trust);
	if (ret)
		return refuse_signature(options, options->input, ret,
					message.text);
	return put_verified(options, loaded, message.text);
}

static int run_verify(const struct options *options)
{
	struct loaded loaded;
	int ret;

	if (!options->cert_count) {
		dmp_say(LOG_ERR, "policy verify: --cert is missing: whose signature shall it be?");
		return DMP_EXIT_USAGE;
	}
	ret = load(options, &loaded);
	if (ret)
		return ret;
	ret = verify_loaded(options, &loaded);
	dmp_buffer_free(&loaded.file);
	return ret;
}

/* ---- sign ---- */

/*
 * Without a certificate only the kind of signature can be judged: then "no
 * trusted certificate" is the best answer there is.
 */
static int check_attached(const struct options *options,
			  const struct loaded *loaded,
			  const struct dmp_buffer *signature)
{
	struct dmp_message message;
	struct dmp_trust *trust;
	int ret;

	ret = load_certificates(options, &trust);
	if (ret)
		return ret;
	ret = dmp_verify(trust, loaded->parts.policy, loaded->parts.policy_bytes,
			 signature->bytes, signature->length, &message);
	dmp_trust_free(trust);
	if (!ret || (ret == -ENOKEY && !options->cert_count))
		return DMP_EXIT_OK;
	return refuse_signature(options, options->attach, ret, message.text);
}

static int get_signature(const struct options *options,
			 const struct loaded *loaded,
			 struct dmp_buffer *signature)
{
	struct dmp_message message;
	int ret;

	if (!options->attach) {
		if (!dmp_sign(loaded->parts.policy, loaded->parts.policy_bytes,
			      options->key, options->certs[0], signature,
			      &message))
			return DMP_EXIT_OK;
		return fail(options, DMP_EXIT_FAILED, options->input,
			    message.text);
	}
	if (dmp_file_read(options->attach, DMP_MAX_SIGNATURE_BYTES, signature,
			  &message))
		return fail(options, DMP_EXIT_FAILED, options->attach,
			    message.text);
	ret = check_attached(options, loaded, signature);
	if (ret)
		dmp_buffer_free(signature);
	return ret;
}

static int write_signed(const struct options *options,
			const struct loaded *loaded,
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
		return fail(options, DMP_EXIT_FAILED, options->output,
			    strerror(-ret));
	ret = dmp_file_write(options->output, file.bytes, file.length, &message);
	dmp_buffer_free(&file);
	if (ret)
		return fail(options, DMP_EXIT_FAILED, options->output,
			    message.text);
	if (options->json)
		return put_json(json_pack("{s:s, s:b, s:s, s:s, s:I}",
					  "file", options->input, "ok", 1,
					  "output", options->output,
					  "policy", header->name,
					  "serial", (json_int_t)header->serial));
	printf("%s: policy %s, serial %" PRIu64 ", signed\n", options->output,
	       header->name, header->serial);
	return DMP_EXIT_OK;
}

static int sign_loaded(const struct options *options,
		       const struct loaded *loaded)
{
	struct dmp_buffer signature;
	struct dmp_message message;
	int ret;

	ret = dmp_check_canonical(loaded->parts.policy,
				  loaded->parts.policy_bytes, &message);
	if (ret)
		return fail(options, DMP_EXIT_POLICY, options->input,
			    message.text);
	ret = get_signature(options, loaded, &signature);
	if (ret)
		return ret;
	ret = write_signed(options, loaded, &signature);
	dmp_buffer_free(&signature);
	return ret;
}

static const char *sign_usage_error(const struct options *options)
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

static int run_sign(const struct options *options)
{
	const char *mistake = sign_usage_error(options);
	struct loaded loaded;
	int ret;

	if (mistake) {
		dmp_say(LOG_ERR, "policy sign: %s", mistake);
		return DMP_EXIT_USAGE;
	}
	ret = load(options, &loaded);
	if (ret)
		return ret;
	ret = sign_loaded(options, &loaded);
	dmp_buffer_free(&loaded.file);
	return ret;
}

/* ---- show ---- */

static json_t *address_json(u64 address)
{
	return json_sprintf("0x%" PRIx64, address);
}

static json_t *rule_json(const struct dmp_rule *rule)
{
	return json_pack("{s:o, s:s, s:s, s:o, s:o, s:b, s:s*, s:s*}",
			 "rule", json_sprintf("%08" PRIx32, rule->id),
			 "action", dmp_action_name(rule->action),
			 "ops", dmp_ops_name(rule->ops),
			 "first", address_json(rule->first),
			 "last", address_json(rule->last),
			 "unreserved_ram",
			 rule->flags & DEVMEM_POLICY_RULE_UNRESERVED_RAM,
			 "label", *rule->label ? rule->label : NULL,
			 "because", *rule->because ? rule->because : NULL);
}

static int show_json(const struct options *options, const struct loaded *loaded)
{
	const struct dmp_header *header = &loaded->view.header;
	char digest[2 * DMP_DIGEST_BYTES + 1];
	json_t *rules = json_array();
	struct dmp_rule rule;
	u32 i;

	digest_text(loaded->parts.policy, loaded->parts.policy_bytes, digest);
	for (i = 0; i < header->rule_count; i++) {
		dmp_view_rule(&loaded->view, i, &rule);
		json_array_append_new(rules, rule_json(&rule));
	}
	return put_json(json_pack("{s:s, s:b, s:s, s:I, s:s, s:s, s:o}",
				  "file", options->input,
				  "signed", loaded->is_signed,
				  "policy", header->name,
				  "serial", (json_int_t)header->serial,
				  "default",
				  header->flags & DMP_FLAG_DEFAULT_DENY ?
					  "deny" : "kernel",
				  "digest", digest, "rules", rules));
}

static int show_text(const struct loaded *loaded)
{
	char digest[2 * DMP_DIGEST_BYTES + 1];

	digest_text(loaded->parts.policy, loaded->parts.policy_bytes, digest);
	printf("# SHA-256 %s\n", digest);
	printf("# %s\n", loaded->is_signed ?
		       "signed; whether the signature is good, verify tells" :
		       "not signed");
	dmp_show(&loaded->view, stdout);
	return DMP_EXIT_OK;
}

static int run_show(const struct options *options)
{
	struct dmp_message message;
	struct loaded loaded;
	int ret;

	ret = load(options, &loaded);
	if (ret)
		return ret;
	ret = options->json ? show_json(options, &loaded) : show_text(&loaded);
	if (!ret && dmp_check_canonical(loaded.parts.policy,
					loaded.parts.policy_bytes, &message)) {
		dmp_say(LOG_ERR, "%s: %s", options->input, message.text);
		ret = DMP_EXIT_POLICY;
	}
	dmp_buffer_free(&loaded.file);
	return ret;
}

/* ---- command line ---- */

static const struct subcommand subcommands[] = {
	{ "check", run_text, "read the text of a policy and say what is wrong",
	  "check TEXT", "" },
	{ "compile", run_compile, "make the canonical binary of a text",
	  "compile TEXT -o BIN", "o" },
	{ "sign", run_sign, "sign a binary, or attach a signature made elsewhere",
	  "sign BIN --key KEY.pem --cert CERT.pem -o FILE.dmp\n"
	  "       devmemctl policy sign BIN --attach SIG.der [--cert CERT.pem] -o FILE.dmp",
	  "okca" },
	{ "verify", run_verify, "tell whether a signed file's signature is good",
	  "verify FILE.dmp --cert CERT.pem [--cert ...]", "c" },
	{ "show", run_show, "print a binary or signed file as text",
	  "show FILE.dmp|BIN", "" },
};

static void print_help(FILE *stream)
{
	size_t i;

	fputs("usage: devmemctl [-j] policy SUBCOMMAND ...\n\n", stream);
	for (i = 0; i < COUNT(subcommands); i++)
		fprintf(stream, "  %-8s %s\n", subcommands[i].name,
			subcommands[i].line);
	fputs("\n\"devmemctl policy SUBCOMMAND --help\" tells more; so does devmemctl(8).\n",
	      stream);
}

static void print_usage(const struct subcommand *subcommand, FILE *stream)
{
	fprintf(stream, "usage: devmemctl policy %s\n\n%s\n", subcommand->usage,
		subcommand->line);
}

static int take_option(struct options *options, int letter, const char *value)
{
	switch (letter) {
	case 'o':
		options->output = value;
		return 0;
	case 'k':
		options->key = value;
		return 0;
	case 'a':
		options->attach = value;
		return 0;
	case 'c':
		if (options->cert_count == MAX_CERTIFICATE_FILES)
			return -E2BIG;
		options->certs[options->cert_count++] = value;
		return 0;
	default:
		return -EINVAL;
	}
}

/* Return: 0 to go on, 1 when help was printed, -errno for a wrong usage. */
static int read_options(const struct subcommand *subcommand, int argc,
			char **argv, struct options *options)
{
	static const struct option long_options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "key", required_argument, NULL, 'k' },
		{ "cert", required_argument, NULL, 'c' },
		{ "attach", required_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int letter;

	/* 0 makes getopt start afresh: main() has used it before. */
	optind = 0;
	while ((letter = getopt_long(argc, argv, "o:k:c:a:jh", long_options,
				     NULL)) != -1) {
		if (letter == 'h') {
			print_usage(subcommand, stdout);
			return 1;
		}
		if (letter == 'j')
			options->json = true;
		else if (letter == '?')
			return -EINVAL;
		else if (!strchr(subcommand->letters, letter) ||
			 take_option(options, letter, optarg)) {
			dmp_say(LOG_ERR, "policy %s does not take this option (-%c), or not so often",
				subcommand->name, letter);
			return -EINVAL;
		}
	}
	return 0;
}

static int run(const struct subcommand *subcommand, int argc, char **argv,
	       bool json)
{
	struct options options = { .json = json };
	int ret = read_options(subcommand, argc, argv, &options);

	if (ret > 0)
		return DMP_EXIT_OK;
	if (!ret && optind + 1 != argc) {
		dmp_say(LOG_ERR, "policy %s needs one file to read",
			subcommand->name);
		ret = -EINVAL;
	}
	if (ret) {
		print_usage(subcommand, stderr);
		return DMP_EXIT_USAGE;
	}
	options.input = argv[optind];
	return subcommand->run(&options);
}

int ctl_policy(int argc, char **argv, bool json)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	size_t i;

	if (!name) {
		print_help(stderr);
		return DMP_EXIT_USAGE;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
		print_help(stdout);
		return DMP_EXIT_OK;
	}
	for (i = 0; i < COUNT(subcommands); i++)
		if (!strcmp(name, subcommands[i].name))
			return run(&subcommands[i], argc - 1, argv + 1, json);
	dmp_say(LOG_ERR, "policy %s: there is no such subcommand", name);
	print_help(stderr);
	return DMP_EXIT_USAGE;
}
