// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl_policy.c - devmemctl policy: the command line */
#include "ctl_policy.h"

#include <getopt.h>

#include "ctl_policy_parts.h"
#include "exit.h"
#include "say.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct subcommand {
	const char *name;
	int (*run)(const struct dmp_ctl_options *options);
	const char *line;
	const char *usage;
	const char *letters; /* of the options that it takes */
};

static const struct subcommand subcommands[] = {
	{ "check", dmp_ctl_check,
	  "read the text of a policy and say what is wrong", "check TEXT", "" },
	{ "compile", dmp_ctl_compile, "make the canonical binary of a text",
	  "compile TEXT -o BIN", "o" },
	{ "sign", dmp_ctl_sign,
	  "sign a binary, or attach a signature made elsewhere",
	  "sign BIN --key KEY.pem --cert CERT.pem -o FILE.dmp\n"
	  "       devmemctl policy sign BIN --attach SIG.der [--cert CERT.pem] -o FILE.dmp",
	  "okca" },
	{ "verify", dmp_ctl_verify,
	  "tell whether a signed file's signature is good",
	  "verify FILE.dmp --cert CERT.pem [--cert ...]", "c" },
	{ "show", dmp_ctl_show, "print a binary or signed file as text",
	  "show FILE.dmp|BIN", "" },
};

static void print_help(FILE *stream)
{
	size_t i;

	fputs("Usage: devmemctl [-j] policy SUBCOMMAND ...\n\n", stream);
	for (i = 0; i < COUNT(subcommands); i++)
		fprintf(stream, "  %-8s %s\n", subcommands[i].name,
			subcommands[i].line);
	fputs("\n\"devmemctl policy SUBCOMMAND --help\" tells more; so does devmemctl(8).\n",
	      stream);
}

static void print_usage(const struct subcommand *subcommand, FILE *stream)
{
	fprintf(stream, "Usage: devmemctl policy %s\n\n%s\n", subcommand->usage,
		subcommand->line);
}

static int take_option(struct dmp_ctl_options *options, int letter,
		       const char *value)
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
		if (options->cert_count == DMP_CTL_MAX_CERTIFICATE_FILES)
			return -E2BIG;
		options->certs[options->cert_count++] = value;
		return 0;
	default:
		return -EINVAL;
	}
}

/* Return: 0 to go on, 1 when all is done, -errno for a wrong usage. */
static int handle_option(const struct subcommand *subcommand, int letter,
			 struct dmp_ctl_options *options)
{
	switch (letter) {
	case 'h':
		print_usage(subcommand, stdout);
		return 1;
	case 'V':
		puts("devmemctl " DMP_VERSION);
		return 1;
	case 'j':
		options->json = true;
		return 0;
	case '?':
		/* getopt has said it. */
		return -EINVAL;
	}
	if (strchr(subcommand->letters, letter) &&
	    !take_option(options, letter, optarg))
		return 0;
	dmp_say(LOG_ERR,
		"policy %s does not take this option (-%c), or not so often",
		subcommand->name, letter);
	return -EINVAL;
}

static int read_options(const struct subcommand *subcommand, int argc,
			char **argv, struct dmp_ctl_options *options)
{
	static const struct option long_options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "key", required_argument, NULL, 'k' },
		{ "cert", required_argument, NULL, 'c' },
		{ "attach", required_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int letter, ret = 0;

	/* 0 makes getopt start afresh. */
	optind = 0;
	while (!ret && (letter = getopt_long(argc, argv, "o:k:c:a:jhV",
					     long_options, NULL)) != -1)
		ret = handle_option(subcommand, letter, options);
	return ret;
}

static int run(const struct subcommand *subcommand, int argc, char **argv,
	       bool json)
{
	struct dmp_ctl_options options = { .json = json };
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

static bool is_option(const char *word, const char *letter, const char *name)
{
	return !strcmp(word, letter) || !strcmp(word, name);
}

static int dispatch(int argc, char **argv, bool json)
{
	size_t i;

	for (i = 0; i < COUNT(subcommands); i++)
		if (!strcmp(argv[0], subcommands[i].name))
			return run(&subcommands[i], argc, argv, json);
	dmp_say(LOG_ERR, "policy %s: there is no such subcommand", argv[0]);
	print_help(stderr);
	return DMP_EXIT_USAGE;
}

int ctl_policy(int argc, char **argv, bool json)
{
	/* In argv[0] is "policy". */
	for (argc--, argv++; argc && is_option(*argv, "-j", "--json"); argc--) {
		json = true;
		argv++;
	}
	if (!argc) {
		print_help(stderr);
		return DMP_EXIT_USAGE;
	}
	if (is_option(*argv, "-h", "--help")) {
		print_help(stdout);
		return DMP_EXIT_OK;
	}
	if (is_option(*argv, "-V", "--version")) {
		puts("devmemctl " DMP_VERSION);
		return DMP_EXIT_OK;
	}
	return dispatch(argc, argv, json);
}
