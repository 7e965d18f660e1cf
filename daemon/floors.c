// SPDX-License-Identifier: GPL-2.0-or-later
#include "floors.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "durable.h"
#include "json.h"
#include "policy/policy.h"

#define FORMAT 1
/* Many times what all the names that a kernel remembers take. */
#define STATE_BYTES_MAX (64u << 20)

/* --- the list --------------------------------------------------------------- */

/* Return: where the name is, or belongs. */
static size_t position(const struct dmp_floors *floors, const char *name)
{
	size_t i;

	for (i = 0; i < floors->count; i++)
		if (strcmp(floors->list[i].name, name) >= 0)
			break;
	return i;
}

const struct dmp_floor *dmp_floors_find(const struct dmp_floors *floors, const char *name)
{
	size_t i = position(floors, name);

	if (i < floors->count && !strcmp(floors->list[i].name, name))
		return &floors->list[i];
	return NULL;
}

/* What there was goes to *before, which may be the floor to set it back to. */
static void remember(const struct dmp_floors *floors, const char *name,
		     struct dmp_floor *before)
{
	const struct dmp_floor *found = dmp_floors_find(floors, name);

	memset(before, 0, sizeof(*before));
	if (found)
		*before = *found;
	else
		snprintf(before->name, sizeof(before->name), "%s", name);
}

static void take_out(struct dmp_floors *floors, size_t i)
{
	floors->count--;
	memmove(&floors->list[i], &floors->list[i + 1],
		(floors->count - i) * sizeof(*floors->list));
}

static int insert(struct dmp_floors *floors, size_t i, const struct dmp_floor *floor)
{
	struct dmp_floor *list;

	/* Else the file could not be read again. */
	if (!dmp_name_is_valid(floor->name, strnlen(floor->name, sizeof(floor->name))))
		return -EINVAL;
	list = reallocarray(floors->list, floors->count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	floors->list = list;
	memmove(&list[i + 1], &list[i], (floors->count - i) * sizeof(*list));
	list[i] = *floor;
	floors->count++;
	return 0;
}

static int change(struct dmp_floors *floors, const struct dmp_floor *floor)
{
	size_t i = position(floors, floor->name);
	bool found = dmp_floors_find(floors, floor->name);

	if (floor->serial && !found)
		return insert(floors, i, floor);
	if (floor->serial)
		floors->list[i] = *floor;
	else if (found)
		take_out(floors, i);
	return 0;
}

enum dmp_floor_answer dmp_floors_compare(const struct dmp_floors *floors,
					 const struct dmp_floor *policy)
{
	const struct dmp_floor *floor = dmp_floors_find(floors, policy->name);

	if (!floor || policy->serial > floor->serial)
		return DMP_FLOOR_NEWER;
	if (policy->serial < floor->serial)
		return DMP_FLOOR_OLDER;
	return memcmp(policy->digest, floor->digest, sizeof(floor->digest)) ?
		       DMP_FLOOR_OTHER : DMP_FLOOR_SAME;
}

/* --- as JSON ---------------------------------------------------------------- */

static json_t *floor_json(const struct dmp_floor *floor)
{
	json_t *object = json_object();
	int bad;

	bad = dmp_json_number(object, "serial", floor->serial);
	bad |= dmp_json_digest(object, "digest", floor->digest);
	if (!bad)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *policies_json(const struct dmp_floors *floors)
{
	json_t *object = json_object();
	int bad = object ? 0 : -1;

	/* NULL is no value to jansson, so that a failure shows. */
	for (size_t i = 0; !bad && i < floors->count; i++)
		bad = json_object_set_new(object, floors->list[i].name,
					  floor_json(&floors->list[i]));
	if (!bad)
		return object;
	json_decref(object);
	return NULL;
}

static int put_checksum(json_t *state, const json_t *policies)
{
	char *text = json_dumps(policies, JSON_COMPACT | JSON_SORT_KEYS);
	uint8_t digest[DMP_DIGEST_BYTES];
	int ret;

	if (!text)
		return -ENOMEM;
	ret = dmp_digest((const uint8_t *)text, strlen(text), digest);
	free(text);
	if (ret)
		return ret;
	return dmp_json_digest(state, "checksum", digest) ? -ENOMEM : 0;
}

/* Return: the object as a line, to be freed, or NULL. */
static char *line_of(const json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
	char *line;

	if (!text || asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}

/* The whole file as a text, to be freed. */
static int encode(const struct dmp_floors *floors, char **text)
{
	json_t *policies = policies_json(floors);
	json_t *state = json_object();
	int ret;

	*text = NULL;
	ret = policies && state ? put_checksum(state, policies) : -ENOMEM;
	if (!ret && (dmp_json_number(state, "format", FORMAT) ||
		     json_object_set(state, "policies", policies)))
		ret = -ENOMEM;
	if (!ret) {
		*text = line_of(state);
		ret = *text ? 0 : -ENOMEM;
	}
	json_decref(state);
	json_decref(policies);
	return ret;
}

/* Digits that are no number, and other nonsense, show when it is compared. */
static uint64_t serial_of(const json_t *number)
{
	if (json_is_integer(number))
		return (uint64_t)json_integer_value(number);
	return json_is_string(number) ? strtoull(json_string_value(number), NULL, 10) : 0;
}

static int nibble(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = digit ? strchr(digits, digit) : NULL;

	return found ? (int)(found - digits) : -1;
}

static int digest_of(const json_t *string, uint8_t *digest)
{
	const char *text = json_string_value(string);

	if (!text || strlen(text) != 2 * DEVMEM_POLICY_DIGEST_BYTES)
		return -EBADMSG;
	for (size_t i = 0; i < DEVMEM_POLICY_DIGEST_BYTES; i++) {
		int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EBADMSG;
		digest[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static int decode_floor(struct dmp_floors *floors, const char *name, const json_t *object)
{
	struct dmp_floor floor = { .serial = serial_of(json_object_get(object, "serial")) };
	int ret;

	if (!floor.serial || !dmp_name_is_valid(name, strlen(name)))
		return -EBADMSG;
	snprintf(floor.name, sizeof(floor.name), "%s", name);
	ret = digest_of(json_object_get(object, "digest"), floor.digest);
	return ret ? ret : change(floors, &floor);
}

static int decode_object(struct dmp_floors *floors, json_t *state)
{
	const json_t *format = json_object_get(state, "format");
	json_t *policies = json_object_get(state, "policies"), *value;
	const char *name;
	int ret = 0;

	if (json_is_integer(format) && json_integer_value(format) > FORMAT)
		return -EOPNOTSUPP;
	if (!json_is_object(policies))
		return -EBADMSG;
	json_object_foreach(policies, name, value) {
		ret = decode_floor(floors, name, value);
		if (ret)
			break;
	}
	return ret;
}

/* One meaning has one encoding: what it was read from must come out again. */
static int check_encoding(const struct dmp_floors *floors, const struct dmp_buffer *file)
{
	char *text;
	int ret = encode(floors, &text);

	if (ret)
		return ret;
	if (file->length != strlen(text) || memcmp(file->bytes, text, file->length))
		ret = -EBADMSG;
	free(text);
	return ret;
}

static int decode(struct dmp_floors *floors, const struct dmp_buffer *file)
{
	json_t *state = json_loadb((const char *)file->bytes, file->length,
				   JSON_REJECT_DUPLICATES, NULL);
	int ret;

	if (!state)
		return -EBADMSG;
	ret = decode_object(floors, state);
	json_decref(state);
	return ret ? ret : check_encoding(floors, file);
}

/* --- the file --------------------------------------------------------------- */

static int check_regular(const char *path)
{
	struct stat status;

	if (lstat(path, &status))
		return -errno;
	return S_ISREG(status.st_mode) ? 0 : -EINVAL;
}

int dmp_floors_read(struct dmp_floors *floors, const char *path)
{
	struct dmp_message message;
	struct dmp_buffer file;
	int ret;

	memset(floors, 0, sizeof(*floors));
	floors->path = strdup(path);
	if (!floors->path)
		return -ENOMEM;
	ret = check_regular(path);
	if (ret)
		return ret;
	ret = dmp_file_read(path, STATE_BYTES_MAX, &file, &message);
	if (ret)
		return ret == -EFBIG ? -EBADMSG : ret;
	ret = decode(floors, &file);
	dmp_buffer_free(&file);
	return ret;
}

void dmp_floors_free(struct dmp_floors *floors)
{
	free(floors->path);
	free(floors->list);
	memset(floors, 0, sizeof(*floors));
}

int dmp_floors_save(struct dmp_floors *floors)
{
	char *text;
	int ret = encode(floors, &text);

	if (!ret)
		ret = dmp_replace_file(floors->path, text);
	free(text);
	floors->unsaved = ret;
	return ret;
}

int dmp_floors_set(struct dmp_floors *floors, const struct dmp_floor *floor,
		   struct dmp_floor *before)
{
	struct dmp_floor old;
	int ret;

	remember(floors, floor->name, &old);
	ret = change(floors, floor);
	if (ret)
		return ret;
	ret = dmp_floors_save(floors);
	if (ret)
		/* There is room: it is what was there, or nothing. */
		change(floors, &old);
	else if (before)
		*before = old;
	return ret;
}

int dmp_floors_note(struct dmp_floors *floors, const struct dmp_floor *policy)
{
	int ret;

	if (dmp_floors_compare(floors, policy) != DMP_FLOOR_NEWER)
		return floors->unsaved ? dmp_floors_save(floors) : 0;
	ret = change(floors, policy);
	return ret ? ret : dmp_floors_save(floors);
}

/* --- a new beginning -------------------------------------------------------- */

static int set_aside(const char *path, char **aside)
{
	struct tm parts;
	time_t now = time(NULL);
	char when[32];

	gmtime_r(&now, &parts);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &parts);
	if (asprintf(aside, "%s.corrupt-%s", path, when) < 0) {
		*aside = NULL;
		return -ENOMEM;
	}
	/* Never over another one. */
	if (!renameat2(AT_FDCWD, path, AT_FDCWD, *aside, RENAME_NOREPLACE))
		return 0;
	free(*aside);
	*aside = NULL;
	return -errno;
}

int dmp_floors_create(const char *path, char **aside)
{
	struct dmp_floors floors;
	int ret;

	*aside = NULL;
	ret = dmp_floors_read(&floors, path);
	switch (-ret) {
	case 0:
		ret = -EEXIST;
		break;
	case ENOENT:
		ret = dmp_floors_save(&floors);
		break;
	case ENOMEM:
	case EINVAL:
		break;
	default:
		ret = set_aside(path, aside);
		dmp_floors_free(&floors);
		if (!ret)
			ret = dmp_floors_read(&floors, path);
		if (ret == -ENOENT)
			ret = dmp_floors_save(&floors);
	}
	dmp_floors_free(&floors);
	return ret;
}
