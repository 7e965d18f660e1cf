// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * devmemctl - the administrator's command of devmem-policy
 *
 * The table of subcommands; each is in a file of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "ctl_log.h"
#include "ctl_policy.h"
#include "exit.h"
#include "say.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define USAGE_COLUMNS 28

static const struct subcommand {
	const char *name;
	int (*run)(int argc, char **argv, bool json);
	const char *line;
	const char *usage;
} subcommands[] = {
	{ "status", ctl_status, "the module, its probes, policies, auditor and counters",
	  "status" },
	{ "rules", ctl_rules, "the rules that are in force", "rules [POLICY]" },
	{ "monitor", ctl_monitor, "records as they are made",
	  "monitor [--all] [--count N]" },
	{ "load", ctl_load, "put a signed policy in force", "load FILE.dmp" },
	{ "remove", ctl_remove, "take a policy out of force", "remove POLICY" },
	{ "revoke", ctl_revoke, "take back what is granted, also while it is in use",
	  "revoke RANGE | POLICY | POLICY:RULE-ID | RULE-ID | --all" },
	{ "restore", ctl_restore, "end all revocations", "restore" },
	{ "doctor", ctl_doctor, "whether a kernel can run the module, and what is lost where not",
	  "doctor [--config FILE] [--symbols FILE]" },
	{ "exposure", ctl_exposure, "which pages /dev/mem gives on this machine, page by page",
	  "exposure [--yes] [--resume FILE] [--output FILE] | exposure --compare BEFORE AFTER" },
	{ "log", ctl_log, "check, show, sum up and forward the audit log",
	  "log verify|show|summary|forward ..." },
	{ "policy", ctl_policy, "check, compile, sign, verify and show policies",
	  "policy SUBCOMMAND ..." },
};

static const struct subcommand *find(const char *name)
{
	for (size_t i = 0; i < COUNT(subcommands); i++)
		if (!strcmp(subcommands[i].name, name))
			return &subcommands[i];
	return NULL;
}

/* Its line begins at the same column for all, below a usage that is too long. */
static void print_subcommand(const struct subcommand *subcommand, FILE *out)
{
	const char *usage = subcommand->usage;

	if (strlen(usage) > USAGE_COLUMNS) {
		fprintf(out, "  %s\n", usage);
		usage = "";
	}
	fprintf(out, "  %-*s %s\n", USAGE_COLUMNS, usage, subcommand->line);
}

static void print_help(FILE *out)
{
	fputs("Usage: devmemctl [-j] SUBCOMMAND [ARGUMENT]...\n\n", out);
	for (size_t i = 0; i < COUNT(subcommands); i++)
		print_subcommand(&subcommands[i], out);
	fputs("\n"
	      "  -j, --json                   output for machines\n"
	      "  -h, --help, -V, --version\n"
	      "\n"
	      "Exit codes: 1 refused or failed, 2 usage, 3 module not loaded, 4 rights\n"
	      "missing, 5 policy not valid, 6 signature not good, 8 log tampered with,\n"
	      "9 log or sweep incomplete, 10 more is open.\n",
	      out);
}

int ctl_usage(const char *name)
{
	fprintf(stderr, "Usage: devmemctl [-j] %s\n", find(name)->usage);
	return DMP_EXIT_USAGE;
}

static bool is_option(const char *argument, const char *letter, const char *word)
{
	return !strcmp(argument, letter) || !strcmp(argument, word);
}

/* The options that all subcommands share, but "policy", which has its own. */
struct shared {
	bool json;
	bool help;
	bool version;
};

/* Take them out of the arguments, wherever they are. Return: those left. */
static int take_shared(int argc, char **argv, struct shared *shared)
{
	int kept = 0;

	for (int i = 0; i < argc; i++) {
		if (is_option(argv[i], "-j", "--json"))
			shared->json = true;
		else if (is_option(argv[i], "-h", "--help"))
			shared->help = true;
		else if (is_option(argv[i], "-V", "--version"))
			shared->version = true;
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	return kept;
}

static void print_version(void)
{
	puts("devmemctl " DMP_VERSION);
}

static int run(const struct subcommand *subcommand, int argc, char **argv, bool json)
{
	struct shared shared = { .json = json };
	int ret;

	if (subcommand->run != ctl_policy)
		argc = take_shared(argc, argv, &shared);
	if (shared.version) {
		print_version();
		return DMP_EXIT_OK;
	}
	if (shared.help) {
		printf("Usage: devmemctl [-j] %s\n\n%s\n", subcommand->usage,
		       subcommand->line);
		return DMP_EXIT_OK;
	}
	ret = subcommand->run(argc, argv, shared.json);
	if (fflush(stdout) || ferror(stdout)) {
		dmp_say(LOG_ERR, "the output could not be written");
		return ret ? ret : DMP_EXIT_FAILED;
	}
	return ret;
}

/*
 * Options before the subcommand.
 *
 * Return: where the subcommand is, or 0 with *code set when there is nothing
 * more to do.
 */
static int take_first_options(int argc, char **argv, bool *json, int *code)
{
	int i;

	*code = DMP_EXIT_OK;
	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (is_option(argv[i], "-j", "--json")) {
			*json = true;
			continue;
		}
		if (is_option(argv[i], "-h", "--help")) {
			print_help(stdout);
		} else if (is_option(argv[i], "-V", "--version")) {
			print_version();
		} else {
			dmp_say(LOG_ERR, "there is no option '%s'", argv[i]);
			*code = DMP_EXIT_USAGE;
		}
		return 0;
	}
	if (i < argc)
		return i;
	print_help(stderr);
	*code = DMP_EXIT_USAGE;
	return 0;
}

int main(int argc, char **argv)
{
	const struct subcommand *subcommand;
	bool json = false;
	int first, code;

	first = take_first_options(argc, argv, &json, &code);
	if (!first)
		return code;
	subcommand = find(argv[first]);
	if (!subcommand) {
		dmp_say(LOG_ERR, "there is no subcommand '%s'; see devmemctl --help",
			argv[first]);
		return DMP_EXIT_USAGE;
	}
	return run(subcommand, argc - first, argv + first, json);
}
