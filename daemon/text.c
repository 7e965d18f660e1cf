// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.h"

#include <stdbool.h>
#include <string.h>

static size_t sequence_length(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	if (lead >= 0xf0 && lead <= 0xf4)
		return 4;
	return 0;
}

/*
 * What the second byte may be, beyond being a continuation: no longer form than
 * needed, no surrogates, nothing above U+10FFFF, no C1 control characters.
 * See Table 3-7 of the Unicode standard.
 */
static bool second_fits(uint8_t lead, uint8_t second)
{
	switch (lead) {
	case 0xc2:
		return second >= 0xa0;
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second <= 0x9f;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second <= 0x8f;
	default:
		return true;
	}
}

size_t dmp_printable(const uint8_t *bytes, size_t count)
{
	size_t length = sequence_length(bytes[0]);

	if (!length || length > count)
		return 0;
	if (length == 1)
		return bytes[0] >= 0x20 && bytes[0] != 0x7f && bytes[0] != '\\';
	for (size_t i = 1; i < length; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return second_fits(bytes[0], bytes[1]) ? length : 0;
}

void dmp_escape(const uint8_t *bytes, size_t count, char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t length;

	while (count) {
		length = dmp_printable(bytes, count);
		if (length) {
			memcpy(text, bytes, length);
			text += length;
		} else {
			length = 1;
			*text++ = '\\';
			*text++ = 'x';
			*text++ = digits[bytes[0] >> 4];
			*text++ = digits[bytes[0] & 15];
		}
		bytes += length;
		count -= length;
	}
	*text = '\0';
}
