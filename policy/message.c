// SPDX-License-Identifier: GPL-2.0-or-later
/* message.c - sentences for people */
#include "message.h"

#include <stdarg.h>

/* Names and subjects come from files: nothing may steer a terminal. */
static void replace_controls(char *text)
{
	u8 *at = (u8 *)text;
	u32 step;

	while (*at) {
		step = dmp_character_bytes(at, strlen((char *)at));
		if (!step)
			*at = '?';
		at += step ? step : 1;
	}
}

int dmp_refuse(struct dmp_message *message, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message->text, sizeof(message->text), format, arguments);
	va_end(arguments);
	replace_controls(message->text);
	return code;
}
