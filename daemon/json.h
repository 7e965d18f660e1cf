/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.h - what several files put into JSON objects
 *
 * The functions return 0, or -1 when there is no memory, as jansson does.
 */
#ifndef DEVMEM_POLICY_JSON_H
#define DEVMEM_POLICY_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "names.h"

/* The text must be UTF-8. */
int dmp_json_text(json_t *object, const char *key, const char *text);
int dmp_json_name(json_t *object, const char *key, struct dmp_name name);
int dmp_json_bool(json_t *object, const char *key, bool value);

/* Integers of JSON are signed here; what is larger becomes a text of digits. */
int dmp_json_number(json_t *object, const char *key, uint64_t number);

/* As in "0x3f000000" */
int dmp_json_address(json_t *object, const char *key, uint64_t address);

/* Sixteen, or eight, hex digits */
int dmp_json_hex64(json_t *object, const char *key, uint64_t value);
int dmp_json_hex32(json_t *object, const char *key, uint32_t value);

/* Two hex digits a byte, up to 32 bytes */
int dmp_json_digest(json_t *object, const char *key, const uint8_t *bytes);

/* Arbitrary bytes, escaped as dmp_escape() does; up to 256 */
int dmp_json_escaped(json_t *object, const char *key, const void *bytes, size_t length);

#endif /* DEVMEM_POLICY_JSON_H */
