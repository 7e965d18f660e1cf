// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ctl_log.h"
#include "forward.h"
#include "say.h"

#define LOG_PATH "/var/log/devmem-policy/audit.jsonl"

struct request {
	const char *target;
	struct dmp_sink_options sink;
	struct dmp_forward_options forward;
	char hostname[256];
};

/* --- options ---------------------------------------------------------------- */

enum {
	OPTION_TO = 256,
	OPTION_POSITION,
	OPTION_FROM_START,
	OPTION_ONCE,
	OPTION_FACILITY,
	OPTION_SD_ID,
	OPTION_LIMIT,
};

static const struct option options[] = {
	{ "to", required_argument, NULL, OPTION_TO },
	{ "position", required_argument, NULL, OPTION_POSITION },
	{ "from-start", no_argument, NULL, OPTION_FROM_START },
	{ "once", no_argument, NULL, OPTION_ONCE },
	{ "facility", required_argument, NULL, OPTION_FACILITY },
	{ "sd-id", required_argument, NULL, OPTION_SD_ID },
	{ "limit", required_argument, NULL, OPTION_LIMIT },
	{ "verbose", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

static int set_facility(struct request *request, const char *text)
{
	int facility = dmp_syslog_facility(text);

	if (facility < 0) {
		dmp_say(LOG_ERR, "'%s' is no facility of syslog", text);
		return facility;
	}
	request->sink.syslog.facility = (unsigned int)facility;
	return 0;
}

static int set_sd_id(struct request *request, const char *text)
{
	if (!dmp_syslog_is_sd_id(text)) {
		dmp_say(LOG_ERR, "'%s' is not NAME@NUMBER of at most 32 characters", text);
		return -EINVAL;
	}
	request->sink.syslog.sd_id = text;
	return 0;
}

static int set_limit(struct request *request, const char *text)
{
	char *end;
	unsigned long limit = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || limit < DMP_SYSLOG_BYTES_MIN) {
		dmp_say(LOG_ERR, "'%s' is not a number of bytes, %d or more", text,
			DMP_SYSLOG_BYTES_MIN);
		return -EINVAL;
	}
	request->sink.limit = limit;
	return 0;
}

static int set_option(struct request *request, int option)
{
	switch (option) {
	case OPTION_TO:
		request->target = optarg;
		return 0;
	case OPTION_POSITION:
		request->forward.position = optarg;
		return 0;
	case OPTION_FROM_START:
		request->forward.oldest = true;
		return 0;
	case OPTION_ONCE:
		request->forward.once = true;
		return 0;
	case OPTION_FACILITY:
		return set_facility(request, optarg);
	case OPTION_SD_ID:
		return set_sd_id(request, optarg);
	case OPTION_LIMIT:
		return set_limit(request, optarg);
	case 'v':
		request->forward.verbose = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static int parse(int argc, char **argv, struct request *request)
{
	int option, ret = 0;

	optind = 0;
	while (!ret && (option = getopt_long(argc, argv, "v", options, NULL)) != -1)
		ret = set_option(request, option);
	if (ret || argc - optind > 1)
		return -1;
	if (optind < argc)
		request->forward.log = argv[optind];
	if (!request->target)
		dmp_say(LOG_ERR, "--to is missing");
	return request->target ? 0 : -1;
}

/* --- all of it -------------------------------------------------------------- */

/* Return: what is readable when the program is to end, or -errno. */
static int watch_signals(void)
{
	sigset_t signals;
	int fd;

	/* A reader that goes away is an error of write(2) like others. */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		return -errno;
	fd = signalfd(-1, &signals, SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int forward(struct request *request)
{
	struct dmp_sink *sink;
	enum dmp_exit code;
	int ret;

	ret = dmp_sink_open(request->target, &request->sink, &sink);
	if (ret == -EINVAL) {
		dmp_say(LOG_ERR,
			"'%s' is none of syslog[:PATH], syslog:unix:PATH, syslog:tcp:HOST:PORT, syslog:udp:HOST:PORT, journal[:PATH] and stdout",
			request->target);
		return -1;
	}
	if (ret) {
		dmp_say(LOG_ERR, "%s: %s", request->target, strerror(-ret));
		return DMP_EXIT_FAILED;
	}
	code = dmp_forward(sink, &request->forward);
	dmp_sink_close(sink);
	return code;
}

int ctl_log_forward(int argc, char **argv, bool json)
{
	struct request request = {
		.sink.syslog = { .facility = DMP_SYSLOG_FACILITY, .sd_id = DMP_SYSLOG_SD_ID },
		.forward = {
			.log = LOG_PATH,
			.retry_ms = DMP_FORWARD_RETRY_MS,
			.status_ms = DMP_FORWARD_STATUS_MS,
		},
	};
	int stop, ret;

	/* What goes where the target says has its form already. */
	(void)json;
	if (parse(argc, argv, &request))
		return -1;
	if (gethostname(request.hostname, sizeof(request.hostname) - 1))
		*request.hostname = '\0';
	request.sink.syslog.hostname = request.hostname;
	stop = watch_signals();
	if (stop < 0) {
		dmp_say(LOG_ERR, "signals cannot be watched: %s", strerror(-stop));
		return DMP_EXIT_FAILED;
	}
	request.sink.stop = stop;
	request.forward.stop = stop;
	ret = forward(&request);
	close(stop);
	return ret;
}
