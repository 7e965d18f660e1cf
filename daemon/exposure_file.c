// SPDX-License-Identifier: GPL-2.0-or-later
/* Sweeps as files, and as a table */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_exposure.h"
#include "durable.h"
#include "say.h"

int dmp_exposure_load(struct dmp_exposure *exposure, const char *path)
{
	json_error_t error;
	const char *why = error.text;
	FILE *file = fopen(path, "re");
	int ret = file ? 0 : -errno;
	json_t *object = NULL;

	if (file) {
		object = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
		fclose(file);
		ret = object ? dmp_exposure_parse(exposure, object, &why) : -EBADMSG;
		json_decref(object);
	}
	if (ret == -EBADMSG || ret == -EOPNOTSUPP)
		dmp_say(LOG_ERR, "%s cannot be read: %s", path, why);
	else if (ret && ret != -ENOENT)
		dmp_say(LOG_ERR, "%s cannot be read: %s", path, strerror(-ret));
	return ret;
}

/* One line of JSON; to be freed. NULL: no memory. */
static char *text_of(const struct dmp_exposure *exposure)
{
	json_t *object = dmp_exposure_json(exposure);
	char *json = object ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	char *text = NULL;

	if (json && asprintf(&text, "%s\n", json) < 0)
		text = NULL;
	free(json);
	json_decref(object);
	return text;
}

int dmp_exposure_save(const struct dmp_exposure *exposure, const char *path)
{
	char *text = text_of(exposure);
	int ret = text ? dmp_replace_file(path, text) : -ENOMEM;

	if (ret)
		dmp_say(LOG_ERR, "%s cannot be written: %s", path, strerror(-ret));
	free(text);
	return ret;
}

/* --- the table ----------------------------------------------------------------- */

static void print_row(const char *name, const struct dmp_exposure_count *count)
{
	if (!count->pages)
		return;
	printf("%-16s %12" PRIu64, name, count->pages);
	for (int way = 0; way < DMP_WAYS; way++)
		printf(" %12" PRIu64, count->open[way]);
	printf(" %12" PRIu64 "\n", count->zero_filled);
}

static void print_attempts(enum dmp_way way, const struct dmp_attempts *attempts)
{
	printf("%-16s %12" PRIu64 " calls allowed, %" PRIu64 " refused", dmp_way_name(way),
	       attempts->allowed, attempts->refused);
	for (size_t i = 0; i < DMP_ERRORS_MAX && attempts->by_error[i].calls; i++)
		printf(", %" PRIu64 " of them with %s", attempts->by_error[i].calls,
		       strerrorname_np(attempts->by_error[i].error));
	putchar('\n');
}

void dmp_exposure_print(const struct dmp_exposure *exposure)
{
	const struct dmp_sweep *sweep = &exposure->sweep;
	struct dmp_exposure_counts counts;

	dmp_exposure_count(sweep, &counts);
	printf("Linux %s, %s, %s, %.1f s%s\n\n", exposure->release, exposure->machine,
	       exposure->time, exposure->seconds, sweep->complete ? "" : ", not complete");
	printf("%-16s %12s %12s %12s %12s %12s\n", "", "pages", "readable", "mappable",
	       "writable", "zero-filled");
	for (int i = 0; i < DMP_GROUNDS; i++)
		print_row(dmp_ground_name((enum dmp_ground)i), &counts.by_ground[i]);
	print_row("all", &counts.all);
	putchar('\n');
	for (int way = 0; way < DMP_WAYS; way++)
		print_attempts((enum dmp_way)way, &sweep->ways[way].attempts);
	if (sweep->zeros_proven + sweep->zeros_inferred)
		printf("zeros            %12" PRIu64 " pages proven to be made up, %" PRIu64
		       " inferred\n", sweep->zeros_proven, sweep->zeros_inferred);
}
