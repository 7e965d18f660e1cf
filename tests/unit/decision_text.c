// SPDX-License-Identifier: GPL-2.0-or-later
/* decision_text.c - write the model's policies in the policy language */
#include "decision_text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void print_time(FILE *stream, const char *keyword, long seconds)
{
	time_t time = seconds;
	struct tm tm;
	char text[32];

	if (seconds == MODEL_NEVER)
		return;
	gmtime_r(&time, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fprintf(stream, "%s %s", keyword, text);
}

const char *decision_exe(int exe)
{
	static char path[64];

	if (exe == MODEL_LOST_FILE)
		return DECISION_PROGRAMS "/lost";
	snprintf(path, sizeof(path), DECISION_PROGRAMS "/%d", exe);
	return path;
}

int decision_exe_number(const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return strcmp(name, "lost") ? atoi(name) : MODEL_LOST_FILE;
}

static void print_rule(FILE *stream, const struct model_rule *rule, unsigned int number)
{
	fprintf(stream, "%s %s%s 0x%lx-0x%lx label \"%u\"", rule->deny ? "deny" : "allow",
		rule->read ? "r" : "", rule->write ? "w" : "", rule->pages.first_page << 12,
		rule->pages.last_page << 12 | 0xfff, number);
	if (rule->unreserved)
		fputs(" unreserved-ram", stream);
	if (rule->uid != MODEL_ANYBODY)
		fprintf(stream, " uid %u", rule->uid);
	if (rule->gid != MODEL_ANYBODY)
		fprintf(stream, " gid %u", rule->gid);
	if (rule->exe != MODEL_ANY_FILE)
		fprintf(stream, " exe %s", decision_exe(rule->exe));
	print_time(stream, " until", rule->until);
	fputc('\n', stream);
}

void decision_print(const struct model_policy *policy, const char *name, unsigned int serial,
		    FILE *stream)
{
	unsigned int i;

	fprintf(stream, "policy %s\nserial %u\n", name, serial);
	fprintf(stream, "default %s\n", policy->default_deny ? "deny" : "kernel");
	fprintf(stream, "mode %s\n", policy->permissive ? "permissive" : "enforce");
	print_time(stream, "not-before", policy->not_before);
	print_time(stream, "\nexpires", policy->expires);
	fputc('\n', stream);
	for (i = 0; i < policy->count; i++)
		print_rule(stream, &policy->rules[i], i);
}
