// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl_log.h"

#include <stdio.h>
#include <string.h>

#include "exit.h"
#include "say.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct subcommand {
	const char *name;
	int (*run)(int argc, char **argv, bool json);
	const char *usage;
} subcommands[] = {
	{ "verify", ctl_log_verify, "[--after HASH] [--head HASH] FILE..." },
	{ "show", ctl_log_show,
	  "[--csv] [FILTER]... FILE...\n"
	  "FILTER: --since TIME, --until TIME, --kind KIND,\n"
	  "        --verdict grant|denial|permitted, --rule RULE-ID, --policy POLICY,\n"
	  "        --program PATH|NAME, --range RANGE" },
	{ "summary", ctl_log_summary,
	  "[--by program,range,rule] [FILTER]... FILE..." },
	{ "forward", ctl_log_forward,
	  "--to TARGET [--position FILE] [--from-start] [--once]\n"
	  "        [--facility NAME] [--sd-id NAME@NUMBER] [--limit BYTES] [-v] [FILE]\n"
	  "TARGET: syslog[:PATH], syslog:unix:PATH, syslog:tcp:HOST:PORT,\n"
	  "        syslog:udp:HOST:PORT, journal[:PATH], stdout" },
};

static int usage(void)
{
	fprintf(stderr, "Usage, with the oldest file first:\n");
	for (size_t i = 0; i < COUNT(subcommands); i++)
		fprintf(stderr, "devmemctl [-j] log %s %s\n", subcommands[i].name,
			subcommands[i].usage);
	return DMP_EXIT_USAGE;
}

int ctl_log(int argc, char **argv, bool json)
{
	int ret;

	for (size_t i = 0; argc > 1 && i < COUNT(subcommands); i++) {
		if (strcmp(argv[1], subcommands[i].name))
			continue;
		ret = subcommands[i].run(argc - 1, argv + 1, json);
		return ret < 0 ? usage() : ret;
	}
	if (argc > 1)
		dmp_say(LOG_ERR, "log %s: there is no such subcommand", argv[1]);
	return usage();
}
