// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * devmemd - the auditor of devmem-policy: keeps the record, registers policies
 *
 * Command line and event loop; daemon.c does the work.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "daemon.h"
#include "say.h"
#include "state.h"

#define TICK_MS 1000
#define LOG_KEEP_MAX 999
#define LOG_BYTES_MIN 4096
#define LOG_BYTES_MAX ((uint64_t)1 << 50)

static const char help[] =
	"Usage: devmemd [OPTION]...\n"
	"Register signed /dev/mem policies and keep the audit log.\n"
	"\n"
	"  --policy-dir DIR  signed policies, *.dmp (/etc/devmem-policy/policies)\n"
	"  --cert-dir DIR    signers' certificates, *.pem, *.der; without any the\n"
	"                    kernel alone checks signatures (/etc/devmem-policy/certs)\n"
	"  --log FILE        JSON Lines (/var/log/devmem-policy/audit.jsonl)\n"
	"  --log-max-bytes N rename it to FILE.1 when it is larger; K, M and G may follow\n"
	"  --log-keep N      files to keep then, FILE.1 to FILE.N (9)\n"
	"  --device FILE     what to prove the probes on (/dev/mem)\n"
	"  --state FILE      the newest serial accepted of each policy\n"
	"                    (/var/lib/devmem-policy/serials.json)\n"
	"  --new-state       create an empty state file, and end; a bad one is kept as\n"
	"                    FILE.corrupt-TIME\n"
	"  --help, --version\n"
	"\n"
	"Signals: HUP reads the policies again, USR1 reopens the log, TERM and INT\n"
	"end it. Exit codes: 1 failed, 2 usage, 3 module not loaded, 4 rights missing,\n"
	"7 no usable state file.\n";

enum {
	OPTION_POLICY_DIR = 256,
	OPTION_CERT_DIR,
	OPTION_LOG,
	OPTION_LOG_MAX_BYTES,
	OPTION_LOG_KEEP,
	OPTION_DEVICE,
	OPTION_STATE,
	OPTION_NEW_STATE,
};

static const struct option long_options[] = {
	{ "policy-dir", required_argument, NULL, OPTION_POLICY_DIR },
	{ "cert-dir", required_argument, NULL, OPTION_CERT_DIR },
	{ "log", required_argument, NULL, OPTION_LOG },
	{ "log-max-bytes", required_argument, NULL, OPTION_LOG_MAX_BYTES },
	{ "log-keep", required_argument, NULL, OPTION_LOG_KEEP },
	{ "device", required_argument, NULL, OPTION_DEVICE },
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "new-state", no_argument, NULL, OPTION_NEW_STATE },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void usage_error(void)
{
	fprintf(stderr, "Try 'devmemd --help'.\n");
	exit(DMP_EXIT_USAGE);
}

/* What K, M and G stand for, as powers of two; -1: no such unit. */
static int unit_shift(const char *unit)
{
	const char *const units = "KMG";
	const char *found = *unit && !unit[1] ? strchr(units, *unit) : NULL;

	if (!*unit)
		return 0;
	return found ? 10 * (int)(found - units + 1) : -1;
}

/* Ends the program if the text is no such number. */
static uint64_t parse_number(const char *text, uint64_t least, uint64_t most)
{
	unsigned long long number;
	char *end;
	int shift;

	errno = 0;
	number = strtoull(text, &end, 10);
	shift = unit_shift(end);
	if (!errno && *text >= '0' && *text <= '9' && shift >= 0 && number <= most >> shift &&
	    number << shift >= least)
		return number << shift;
	dmp_say(LOG_ERR, "'%s' is not a number from %ju to %ju", text, (uintmax_t)least,
		(uintmax_t)most);
	usage_error();
	return 0;
}

static void set_option(struct dmp_options *options, int option)
{
	switch (option) {
	case OPTION_POLICY_DIR:
		options->policy_dir = optarg;
		return;
	case OPTION_CERT_DIR:
		options->cert_dir = optarg;
		return;
	case OPTION_LOG:
		options->log = optarg;
		return;
	case OPTION_LOG_MAX_BYTES:
		options->log_max_bytes = parse_number(optarg, LOG_BYTES_MIN, LOG_BYTES_MAX);
		return;
	case OPTION_LOG_KEEP:
		options->log_keep = (unsigned int)parse_number(optarg, 1, LOG_KEEP_MAX);
		return;
	case OPTION_DEVICE:
		options->device = optarg;
		return;
	case OPTION_STATE:
		options->state = optarg;
		return;
	case OPTION_NEW_STATE:
		options->new_state = true;
		return;
	case 'h':
		fputs(help, stdout);
		exit(DMP_EXIT_OK);
	case 'V':
		puts("devmemd " DMP_VERSION);
		exit(DMP_EXIT_OK);
	default:
		usage_error();
	}
}

static void parse_options(int argc, char **argv, struct dmp_options *options)
{
	int option;

	while ((option = getopt_long(argc, argv, "hV", long_options, NULL)) != -1)
		set_option(options, option);
	if (optind == argc)
		return;
	dmp_say(LOG_ERR, "unexpected argument '%s'", argv[optind]);
	usage_error();
}

/* --- event loop ------------------------------------------------------------- */

struct loop {
	struct dmp_daemon daemon;
	int epoll;
	int signals;
	int tick;
	bool ending;
};

/* Before anything is started, so that no signal is lost. */
static int open_signals(void)
{
	sigset_t set;

	/* Errors of write(2) do instead. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int set_timer(int fd, unsigned int ms)
{
	const struct timespec time = {
		.tv_sec = ms / 1000,
		.tv_nsec = (long)(ms % 1000) * 1000000,
	};
	const struct itimerspec timer = { .it_interval = time, .it_value = time };

	return timerfd_settime(fd, 0, &timer, NULL);
}

static int watch(struct loop *loop, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event);
}

static int open_loop(struct loop *loop)
{
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->tick = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (loop->epoll < 0 || loop->tick < 0 || set_timer(loop->tick, TICK_MS))
		return -1;
	if (watch(loop, loop->signals) || watch(loop, loop->tick) ||
	    watch(loop, loop->daemon.pulse.fd) || watch(loop, dmp_nl_fd(loop->daemon.bell)) ||
	    watch(loop, loop->daemon.programs.fd))
		return -1;
	return 0;
}

static enum dmp_exit on_signal(struct loop *loop)
{
	struct signalfd_siginfo info;

	if (read(loop->signals, &info, sizeof(info)) != sizeof(info))
		return DMP_EXIT_OK;
	switch (info.ssi_signo) {
	case SIGHUP:
		return dmp_daemon_reload(&loop->daemon);
	case SIGUSR1:
		return dmp_daemon_reopen(&loop->daemon);
	default:
		loop->ending = true;
		return DMP_EXIT_OK;
	}
}

static void consume(int timer)
{
	uint64_t count;

	/* Nothing to read means that it did not expire after all. */
	if (read(timer, &count, sizeof(count)) < 0)
		return;
}

static enum dmp_exit dispatch(struct loop *loop, int fd)
{
	if (fd == loop->signals)
		return on_signal(loop);
	if (fd == dmp_nl_fd(loop->daemon.bell))
		return dmp_daemon_bell(&loop->daemon);
	if (fd == loop->daemon.programs.fd)
		return dmp_daemon_files(&loop->daemon);
	if (fd == loop->daemon.pulse.fd)
		return dmp_daemon_pulse(&loop->daemon);
	consume(fd);
	return dmp_daemon_tick(&loop->daemon);
}

static enum dmp_exit run_loop(struct loop *loop)
{
	enum dmp_exit code = DMP_EXIT_OK;
	struct epoll_event event;
	int count;

	while (!code && !loop->ending) {
		count = epoll_wait(loop->epoll, &event, 1, dmp_daemon_wait_ms(&loop->daemon));
		if (count < 0 && errno != EINTR) {
			dmp_say(LOG_ERR, "cannot wait for events: %s", strerror(errno));
			return DMP_EXIT_FAILED;
		}
		if (count == 1)
			code = dispatch(loop, event.data.fd);
		if (!code && !dmp_daemon_wait_ms(&loop->daemon))
			code = dmp_daemon_due(&loop->daemon);
	}
	return code;
}

int main(int argc, char **argv)
{
	struct dmp_options options = {
		.policy_dir = "/etc/devmem-policy/policies",
		.cert_dir = "/etc/devmem-policy/certs",
		.log = "/var/log/devmem-policy/audit.jsonl",
		.log_keep = 9,
		.device = "/dev/mem",
		.state = "/var/lib/devmem-policy/serials.json",
	};
	static struct loop loop;
	enum dmp_exit code;

	parse_options(argc, argv, &options);
	umask(077);
	/* Being root is not enough then to look into it: that takes CAP_SYS_PTRACE. */
	prctl(PR_SET_DUMPABLE, 0);
	if (options.new_state)
		return (int)dmp_state_new(options.state);
	loop.signals = open_signals();
	if (loop.signals < 0) {
		dmp_say(LOG_ERR, "cannot take signals: %s", strerror(errno));
		return DMP_EXIT_FAILED;
	}
	code = dmp_daemon_start(&loop.daemon, &options);
	if (!code && open_loop(&loop)) {
		dmp_say(LOG_ERR, "cannot set up the event loop: %s", strerror(errno));
		code = DMP_EXIT_FAILED;
	}
	if (!code)
		code = run_loop(&loop);
	dmp_daemon_stop(&loop.daemon);
	return (int)code;
}
