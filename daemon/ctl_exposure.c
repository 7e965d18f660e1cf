// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_exposure.h"
#include "exit.h"
#include "physical.h"
#include "say.h"
#include "wait.h"

#define BAR_COLUMNS 40
#define BAR_MS 100

struct options {
	const char *resume;
	const char *output;
	bool compare;
	bool yes;
	bool json;
};

/* What the callbacks of the sweep get */
struct sweeping {
	struct dmp_physical physical; /* first: the asker's context is this */
	bool bar;
	uint64_t last_bar_ms;
};

static volatile sig_atomic_t stopped;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

/* --- how far it is -------------------------------------------------------------- */

static void progress(void *context, uint64_t pages, uint64_t of)
{
	struct sweeping *sweeping = context;
	int filled = of ? (int)(pages * BAR_COLUMNS / of) : BAR_COLUMNS;
	uint64_t time = dmp_now_ms();

	if (!sweeping->bar || time < sweeping->last_bar_ms + BAR_MS)
		return;
	sweeping->last_bar_ms = time;
	fprintf(stderr, "\r[%.*s%*s] %3d %%", filled, "########################################",
		BAR_COLUMNS - filled, "", (int)(of ? pages * 100 / of : 100));
}

static void end_bar(const struct sweeping *sweeping)
{
	if (sweeping->bar)
		fprintf(stderr, "\r%*s\r", BAR_COLUMNS + 8, "");
}

/* --- before --------------------------------------------------------------------- */

static void announce(const struct dmp_areas *areas)
{
	fprintf(stderr, "This asks /dev/mem for each page that /proc/iomem knows (%" PRIu64,
		areas->known_pages);
	fprintf(stderr, " of %u KiB)\nand for %" PRIu64 " samples besides:\n",
		1u << (areas->page_shift - 10), areas->sample_pages);
	fprintf(stderr, "  read       one byte of each page of RAM, below 1 MiB all: %" PRIu64 "\n",
		areas->ram_pages);
	fputs("  map        each page, for reading; only RAM below 1 MiB is touched\n"
	      "  map-write  each page, for writing; nothing is touched\n"
	      "Nothing is written, and memory of devices is not read. Each refused call may\n",
	      stderr);
	fprintf(stderr, "leave a line in an audit log: up to %" PRIu64 " of them.\n",
		dmp_sweep_pages(areas));
}

static bool agreed(void)
{
	char answer[16] = "";

	fputs("Go on? [y/N] ", stderr);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

/* Return: an exit code; 0: go on */
static int ask_first(const struct dmp_areas *areas, const struct options *options)
{
	announce(areas);
	if (options->yes)
		return DMP_EXIT_OK;
	if (!isatty(STDIN_FILENO)) {
		dmp_say(LOG_ERR, "nothing was done; say --yes where nobody can be asked");
		return DMP_EXIT_USAGE;
	}
	if (agreed())
		return DMP_EXIT_OK;
	dmp_say(LOG_NOTICE, "nothing was done");
	return DMP_EXIT_FAILED;
}

/* Return: 0, or an exit code; the error was said. */
static int read_areas(struct dmp_areas *areas, unsigned int page_shift)
{
	FILE *file = fopen("/proc/iomem", "re");
	int ret = file ? 0 : -errno;

	if (file) {
		ret = dmp_areas_read(areas, file, page_shift, dmp_physical_limit(page_shift));
		fclose(file);
	}
	if (ret == -EPERM)
		dmp_say(LOG_ERR, "/proc/iomem hides its addresses: that takes CAP_SYS_ADMIN");
	else if (ret)
		dmp_say(LOG_ERR, "/proc/iomem cannot be used: %s", strerror(-ret));
	if (!ret)
		return DMP_EXIT_OK;
	return ret == -EPERM || ret == -EACCES ? DMP_EXIT_NO_RIGHTS : DMP_EXIT_FAILED;
}

static int open_memory(struct dmp_physical *physical)
{
	int ret = dmp_physical_open(physical);

	if (ret == -EPERM)
		dmp_say(LOG_ERR,
			"/dev/mem cannot be opened: that takes CAP_SYS_RAWIO, and no lockdown");
	else if (ret == -EACCES)
		dmp_say(LOG_ERR, "/dev/mem cannot be opened for reading and writing: be root");
	else if (ret)
		dmp_say(LOG_ERR, "/dev/mem cannot be opened: %s", strerror(-ret));
	if (!ret)
		return DMP_EXIT_OK;
	return ret == -EPERM || ret == -EACCES ? DMP_EXIT_NO_RIGHTS : DMP_EXIT_FAILED;
}

/* Is what was swept before still this machine, since the same boot? */
static int check_resumed(const struct dmp_exposure *old, const struct dmp_exposure *this,
			 const char *path)
{
	const char *why = NULL;

	if (old->sweep.complete)
		why = "it is complete already";
	else if (strcmp(old->boot_id, this->boot_id))
		why = "it is of another boot";
	else if (!dmp_areas_same(&old->sweep.areas, &this->sweep.areas))
		why = "/proc/iomem has changed since";
	if (!why)
		return DMP_EXIT_OK;
	dmp_say(LOG_ERR, "%s cannot be resumed: %s; begin anew with another file", path, why);
	return DMP_EXIT_FAILED;
}

/* Take the place of exposure, when there is something to go on with. */
static int take_up(struct dmp_exposure *exposure, const char *path)
{
	struct dmp_exposure old;
	int ret;

	ret = dmp_exposure_load(&old, path);
	if (ret == -ENOENT)
		return DMP_EXIT_OK;
	if (ret)
		return DMP_EXIT_FAILED;
	ret = check_resumed(&old, exposure, path);
	if (ret) {
		dmp_exposure_free(&old);
		return ret;
	}
	dmp_exposure_free(exposure);
	*exposure = old;
	return DMP_EXIT_OK;
}

/* --- the sweep ------------------------------------------------------------------- */

/* A second signal ends it at once. */
static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static int sweep(struct dmp_exposure *exposure, struct sweeping *sweeping)
{
	const struct dmp_asker asker = {
		.ask = dmp_physical_ask,
		.shows = dmp_physical_shows,
		.progress = progress,
		.context = sweeping,
	};
	uint64_t begin = dmp_now_ms();
	int ret;

	catch_signals();
	sweeping->bar = isatty(STDERR_FILENO);
	ret = dmp_sweep_run(&exposure->sweep, &asker, &stopped);
	exposure->seconds += (double)(dmp_now_ms() - begin) / 1000;
	end_bar(sweeping);
	if (!ret)
		return DMP_EXIT_OK;
	dmp_say(LOG_ERR, "the sweep ends before its time: %s", strerror(-ret));
	return DMP_EXIT_FAILED;
}

static int print_json(const struct dmp_exposure *exposure)
{
	json_t *object = dmp_exposure_json(exposure);

	if (!object) {
		dmp_say(LOG_ERR, "out of memory");
		return DMP_EXIT_FAILED;
	}
	json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(object);
	return DMP_EXIT_OK;
}

/* What there is, also when there is not all of it */
static int hand_over(const struct dmp_exposure *exposure, const struct options *options)
{
	const char *const paths[] = { options->resume, options->output };
	bool bad = false;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		bad |= paths[i] && dmp_exposure_save(exposure, paths[i]);
	if (!options->json)
		dmp_exposure_print(exposure);
	else if (print_json(exposure))
		bad = true;
	if (bad)
		return DMP_EXIT_FAILED;
	if (exposure->sweep.complete)
		return DMP_EXIT_OK;
	if (options->resume)
		dmp_say(LOG_WARNING, "interrupted; the same command goes on");
	else
		dmp_say(LOG_WARNING, "interrupted; with --resume FILE it could have gone on");
	return DMP_EXIT_INCOMPLETE;
}

static int run(struct dmp_exposure *exposure, struct sweeping *sweeping,
	       const struct options *options)
{
	int code;

	dmp_exposure_machine(exposure);
	code = read_areas(&exposure->sweep.areas, sweeping->physical.page_shift);
	if (!code && options->resume)
		code = take_up(exposure, options->resume);
	if (!code)
		code = ask_first(&exposure->sweep.areas, options);
	if (!code)
		code = sweep(exposure, sweeping);
	return code ? code : hand_over(exposure, options);
}

/* --- the command ------------------------------------------------------------------ */

static bool take_options(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {
		{ "yes", no_argument, NULL, 'y' },
		{ "resume", required_argument, NULL, 'r' },
		{ "output", required_argument, NULL, 'o' },
		{ "compare", no_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	optind = 0;
	while ((option = getopt_long(argc, argv, "yo:", names, NULL)) != -1) {
		if (option == 'y')
			options->yes = true;
		else if (option == 'r')
			options->resume = optarg;
		else if (option == 'o')
			options->output = optarg;
		else if (option == 'c')
			options->compare = true;
		else
			return false;
	}
	if (!options->compare)
		return optind == argc;
	return optind + 2 == argc && !options->yes && !options->resume && !options->output;
}

int ctl_exposure(int argc, char **argv, bool json)
{
	struct dmp_exposure exposure = { .seconds = 0 };
	struct options options = { .json = json };
	struct sweeping sweeping = { .bar = false };
	int code;

	if (!take_options(argc, argv, &options))
		return ctl_usage(argv[0]);
	if (options.compare)
		return ctl_exposure_compare(argv[optind], argv[optind + 1], json);
	code = open_memory(&sweeping.physical);
	if (code)
		return code;
	code = run(&exposure, &sweeping, &options);
	dmp_physical_close(&sweeping.physical);
	dmp_exposure_free(&exposure);
	return code;
}
