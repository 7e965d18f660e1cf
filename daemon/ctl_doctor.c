// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "ctl.h"
#include "doctor.h"
#include "exit.h"
#include "json.h"
#include "say.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK_COLUMNS 76

/* Where things were found; "" is nowhere. */
struct sources {
	char config[512];
	char symbols[512];
};

/* --- looking ---------------------------------------------------------------- */

/* Where a running kernel's configuration may be; %s is its release. */
static const char *const config_places[] = {
	"/proc/config.gz",
	"/boot/config-%s",
	"/lib/modules/%s/config",
	"/lib/modules/%s/build/.config",
};

/* The format comes from the table above. */
static void fill(char *path, size_t size, const char *place, const char *release)
{
	const char *at = strstr(place, "%s");

	if (at)
		snprintf(path, size, "%.*s%s%s", (int)(at - place), place, release, at + 2);
	else
		snprintf(path, size, "%s", place);
}

static void look_around(struct dmp_facts *facts, struct sources *sources)
{
	struct utsname name;

	uname(&name);
	for (size_t i = 0; i < COUNT(config_places); i++) {
		fill(sources->config, sizeof(sources->config), config_places[i], name.release);
		if (!dmp_facts_config(facts, sources->config))
			break;
		sources->config[0] = '\0';
	}
	if (!dmp_facts_symbols(facts, "/proc/kallsyms") && facts->symbols_known)
		snprintf(sources->symbols, sizeof(sources->symbols), "/proc/kallsyms");
	dmp_facts_running(facts, "");
}

/* Return: 0, or -errno, which was said. */
static int look_at(struct dmp_facts *facts, const struct sources *sources)
{
	int ret = 0;

	if (sources->config[0])
		ret = dmp_facts_config(facts, sources->config);
	if (ret) {
		dmp_say(LOG_ERR, "%s cannot be read as a kernel's configuration: %s",
			sources->config,
			ret == -EINVAL ? "it has no options" : strerror(-ret));
		return ret;
	}
	if (sources->symbols[0])
		ret = dmp_facts_symbols(facts, sources->symbols);
	if (ret)
		dmp_say(LOG_ERR, "%s cannot be read: %s", sources->symbols, strerror(-ret));
	return ret;
}

/* --- telling ---------------------------------------------------------------- */

static int print_json(const struct dmp_diagnosis *diagnosis, const struct sources *sources)
{
	json_t *object = json_object(), *list = json_array(), *entry;

	dmp_json_text(object, "config", sources->config);
	dmp_json_text(object, "symbols", sources->symbols);
	dmp_json_text(object, "result", dmp_health_word(diagnosis->worst));
	for (size_t i = 0; i < diagnosis->count; i++) {
		entry = json_object();
		dmp_json_text(entry, "what", diagnosis->findings[i].what);
		dmp_json_text(entry, "result", dmp_health_word(diagnosis->findings[i].health));
		if (diagnosis->findings[i].text[0])
			dmp_json_text(entry, "text", diagnosis->findings[i].text);
		json_array_append_new(list, entry);
	}
	json_object_set_new(object, "findings", list);
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
	return 0;
}

/* What is well goes into a few lines together. */
static void print_ok(const struct dmp_diagnosis *diagnosis)
{
	size_t length, column = OK_COLUMNS;
	const char *first = "ok";

	for (size_t i = 0; i < diagnosis->count; i++) {
		if (diagnosis->findings[i].health != DMP_HEALTH_OK)
			continue;
		length = strlen(diagnosis->findings[i].what) + 1;
		if (column + length > OK_COLUMNS) {
			printf("%s%-8s", *first ? "" : "\n", first);
			first = "";
			column = 0;
		}
		printf(" %s", diagnosis->findings[i].what);
		column += length;
	}
	if (!*first)
		putchar('\n');
}

static void print_text(const struct dmp_diagnosis *diagnosis, const struct sources *sources)
{
	printf("configuration %s, symbols %s\n\n", sources->config[0] ? sources->config : "unknown",
	       sources->symbols[0] ? sources->symbols : "unknown");
	for (int health = DMP_HEALTH_MISSING; health > DMP_HEALTH_OK; health--)
		for (size_t i = 0; i < diagnosis->count; i++)
			if ((int)diagnosis->findings[i].health == health)
				printf("%-8s %s: %s\n", dmp_health_word((enum dmp_health)health),
				       diagnosis->findings[i].what, diagnosis->findings[i].text);
	print_ok(diagnosis);
	printf("\n%s\n", dmp_diagnosis_sentence(diagnosis));
}

static bool take_options(int argc, char **argv, struct sources *sources)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "symbols", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'c')
			snprintf(sources->config, sizeof(sources->config), "%s", optarg);
		else if (option == 's')
			snprintf(sources->symbols, sizeof(sources->symbols), "%s", optarg);
		else
			return false;
	}
	return optind == argc;
}

int ctl_doctor(int argc, char **argv, bool json)
{
	struct sources sources = { .config = "" };
	struct dmp_diagnosis diagnosis;
	struct dmp_facts facts = { .config = NULL };
	int ret = 0;

	if (!take_options(argc, argv, &sources))
		return ctl_usage(argv[0]);
	if (sources.config[0] || sources.symbols[0])
		ret = look_at(&facts, &sources);
	else
		look_around(&facts, &sources);
	if (!ret) {
		dmp_doctor_examine(&facts, &diagnosis);
		if (json)
			print_json(&diagnosis, &sources);
		else
			print_text(&diagnosis, &sources);
		ret = diagnosis.worst >= DMP_HEALTH_UNKNOWN;
	}
	dmp_facts_free(&facts);
	return ret ? DMP_EXIT_FAILED : DMP_EXIT_OK;
}
