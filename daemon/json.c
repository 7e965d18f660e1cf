// SPDX-License-Identifier: GPL-2.0-or-later
#include "json.h"

#include <inttypes.h>
#include <linux/devmem_policy.h>
#include <stdio.h>

#include "text.h"

#define ESCAPED_MAX 256

int dmp_json_text(json_t *object, const char *key, const char *text)
{
	return json_object_set_new(object, key, json_string(text));
}

int dmp_json_name(json_t *object, const char *key, struct dmp_name name)
{
	return dmp_json_text(object, key, name.text);
}

int dmp_json_bool(json_t *object, const char *key, bool value)
{
	return json_object_set_new(object, key, json_boolean(value));
}

int dmp_json_number(json_t *object, const char *key, uint64_t number)
{
	char digits[24];

	if (number <= INT64_MAX)
		return json_object_set_new(object, key,
					   json_integer((json_int_t)number));
	snprintf(digits, sizeof(digits), "%" PRIu64, number);
	return dmp_json_text(object, key, digits);
}

int dmp_json_address(json_t *object, const char *key, uint64_t address)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "0x%" PRIx64, address);
	return dmp_json_text(object, key, digits);
}

int dmp_json_hex64(json_t *object, const char *key, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%016" PRIx64, value);
	return dmp_json_text(object, key, digits);
}

int dmp_json_hex32(json_t *object, const char *key, uint32_t value)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%08" PRIx32, value);
	return dmp_json_text(object, key, digits);
}

int dmp_json_digest(json_t *object, const char *key, const uint8_t *bytes)
{
	char digits[2 * DEVMEM_POLICY_DIGEST_BYTES + 1];

	dmp_hex(bytes, DEVMEM_POLICY_DIGEST_BYTES, digits);
	return dmp_json_text(object, key, digits);
}

int dmp_json_escaped(json_t *object, const char *key, const void *bytes, size_t length)
{
	char text[DMP_ESCAPED_BYTES(ESCAPED_MAX)];

	dmp_escape(bytes, length < ESCAPED_MAX ? length : ESCAPED_MAX, text);
	return dmp_json_text(object, key, text);
}
