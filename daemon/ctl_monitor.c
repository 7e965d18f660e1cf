// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "explain.h"
#include "record.h"
#include "say.h"

/* In case that a ring of the doorbell was lost. */
#define POLL_MS 1000

struct monitor {
	struct dmp_nl *nl;
	struct dmp_nl *bell;
	bool json;
	bool all;
	uint64_t last; /* sequence shown last, or not to be shown */
	uint64_t left; /* records still to be shown */
	char boot_id[DMP_BOOT_ID_BYTES];
};

static void check_gap(const struct monitor *monitor, uint64_t sequence)
{
	if (sequence == monitor->last + 1 || (monitor->all && !monitor->last))
		return;
	dmp_say(LOG_WARNING,
		"records %" PRIu64 " to %" PRIu64 " are gone before they could be shown",
		monitor->last + 1, sequence - 1);
}

static int show(const struct dmp_event *event, void *arg)
{
	struct monitor *monitor = arg;
	char *line;

	if (event->sequence <= monitor->last || !monitor->left)
		return 0;
	check_gap(monitor, event->sequence);
	monitor->last = event->sequence;
	monitor->left--;
	line = monitor->json ? dmp_record_json(event, monitor->boot_id) :
			       dmp_record_text(event);
	if (!line)
		return -ENOMEM;
	puts(line);
	free(line);
	return fflush(stdout) ? -errno : 0;
}

static int wait_for_bell(const struct monitor *monitor)
{
	struct pollfd bell = { .fd = dmp_nl_fd(monitor->bell), .events = POLLIN };

	if (poll(&bell, 1, POLL_MS) < 0 && errno != EINTR)
		return -errno;
	return dmp_nl_doorbell(monitor->bell);
}

static int follow(struct monitor *monitor)
{
	int ret = 0;

	while (!ret) {
		ret = dmp_nl_events(monitor->nl, monitor->last + 1, show, monitor);
		if (!monitor->left)
			return DMP_EXIT_OK;
		if (!ret)
			ret = wait_for_bell(monitor);
	}
	return dmp_explain(monitor->nl, ret, "events cannot be read");
}

static int begin(struct monitor *monitor)
{
	struct dmp_status status;
	int ret;

	ret = dmp_boot_id(monitor->boot_id);
	if (ret) {
		dmp_say(LOG_ERR, "the boot id cannot be read: %s", strerror(-ret));
		return DMP_EXIT_FAILED;
	}
	ret = dmp_nl_status(monitor->nl, &status);
	if (ret)
		return dmp_explain(monitor->nl, ret, "the status cannot be read");
	ret = dmp_nl_subscribe(monitor->bell);
	if (ret)
		return dmp_explain(monitor->bell, ret, "cannot subscribe to events");
	if (!monitor->all)
		monitor->last = status.ring.newest;
	return follow(monitor);
}

/* Return: 0 or DMP_EXIT_USAGE. */
static int parse(int argc, char **argv, struct monitor *monitor)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "count", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	char *end;
	int option;

	optind = 0;
	while ((option = getopt_long(argc, argv, "an:", options, NULL)) != -1) {
		if (option == 'a') {
			monitor->all = true;
			continue;
		}
		if (option != 'n')
			return DMP_EXIT_USAGE;
		errno = 0;
		monitor->left = strtoull(optarg, &end, 10);
		if (errno || *end || !monitor->left || *optarg == '-') {
			dmp_say(LOG_ERR, "'%s' is not a number of records", optarg);
			return DMP_EXIT_USAGE;
		}
	}
	return optind == argc ? 0 : DMP_EXIT_USAGE;
}

int ctl_monitor(int argc, char **argv, bool json)
{
	struct monitor monitor = { .json = json, .left = UINT64_MAX };
	int ret;

	if (parse(argc, argv, &monitor))
		return ctl_usage(argv[0]);
	ret = dmp_open_or_explain(&monitor.nl);
	if (!ret)
		ret = dmp_open_or_explain(&monitor.bell);
	if (!ret)
		ret = begin(&monitor);
	dmp_nl_close(monitor.bell);
	dmp_nl_close(monitor.nl);
	return ret;
}
