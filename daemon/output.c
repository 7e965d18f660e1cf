// SPDX-License-Identifier: GPL-2.0-or-later
#include "output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void dmp_output_put(struct dmp_output *output, const char *bytes, size_t length)
{
	if (output->full || length > output->room - output->length) {
		output->full = true;
		return;
	}
	memcpy(output->bytes + output->length, bytes, length);
	output->length += length;
}

void dmp_output_text(struct dmp_output *output, const char *text)
{
	dmp_output_put(output, text, strlen(text));
}

void dmp_output_print(struct dmp_output *output, const char *format, ...)
{
	char text[512];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(text))
		output->full = true;
	else
		dmp_output_put(output, text, (size_t)length);
}

void dmp_output_back(struct dmp_output *output, size_t length)
{
	output->length = length;
	output->full = false;
}
