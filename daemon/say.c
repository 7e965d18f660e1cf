// SPDX-License-Identifier: GPL-2.0-or-later
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

static bool journal_reads(void)
{
	return getenv("JOURNAL_STREAM") && !isatty(STDERR_FILENO);
}

void dmp_say(int priority, const char *format, ...)
{
	char sentence[1024];
	char text[DMP_ESCAPED_BYTES(sizeof(sentence))];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	dmp_escape((const uint8_t *)sentence, strlen(sentence), text);
	if (journal_reads())
		fprintf(stderr, "<%d>%s\n", priority, text);
	else
		fprintf(stderr, "%s: %s\n", program_invocation_short_name, text);
}
