// SPDX-License-Identifier: GPL-2.0-or-later
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "names.h"
#include "text.h"

/* What auid and session are when there was no login. */
#define NOT_SET UINT32_MAX

int dmp_boot_id(char boot_id[DMP_BOOT_ID_BYTES])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t length;
	int ret = 0;

	if (fd < 0)
		return -errno;
	length = read(fd, boot_id, DMP_BOOT_ID_BYTES - 1);
	if (length < 0)
		ret = -errno;
	else if (length < DMP_BOOT_ID_BYTES - 1)
		ret = -EIO;
	boot_id[DMP_BOOT_ID_BYTES - 1] = '\0';
	close(fd);
	return ret;
}

static bool has(const struct dmp_event *event, unsigned int attribute)
{
	return dmp_has(event->present, attribute);
}

/* --- JSON ------------------------------------------------------------------- */

static int put_text(json_t *object, const char *key, const char *text)
{
	return json_object_set_new(object, key, json_string(text));
}

static int put_name(json_t *object, const char *key, struct dmp_name name)
{
	return put_text(object, key, name.text);
}

/* JSON integers are signed here; what is larger becomes a text of digits. */
static int put_number(json_t *object, const char *key, uint64_t number)
{
	char digits[24];

	if (number <= INT64_MAX)
		return json_object_set_new(object, key,
					   json_integer((json_int_t)number));
	snprintf(digits, sizeof(digits), "%" PRIu64, number);
	return put_text(object, key, digits);
}

static int put_address(json_t *object, const char *key, uint64_t address)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "0x%" PRIx64, address);
	return put_text(object, key, digits);
}

static int put_bytes(json_t *object, const char *key, const struct dmp_bytes *bytes)
{
	char text[DMP_ESCAPED_BYTES(sizeof(bytes->bytes))];

	dmp_escape(bytes->bytes, bytes->length, text);
	return put_text(object, key, text);
}

static int put_name_text(json_t *object, const char *key, const char *name)
{
	char text[DMP_ESCAPED_BYTES(DEVMEM_POLICY_NAME_SIZE)];

	dmp_escape((const uint8_t *)name, strlen(name), text);
	return put_text(object, key, text);
}

#define HAS(name) has(event, DEVMEM_POLICY_EVENT_A_##name)

static int put_identity(json_t *object, const struct dmp_event *event,
			const char *boot_id)
{
	char instance[24];
	int bad = 0;

	snprintf(instance, sizeof(instance), "%016" PRIx64, event->instance);
	bad |= put_number(object, "seq", event->sequence);
	bad |= put_text(object, "instance", instance);
	bad |= put_text(object, "boot_id", boot_id);
	if (HAS(TIME_NS))
		bad |= put_name(object, "time", dmp_time_text(event->time_ns));
	bad |= put_name(object, "kind", dmp_kind_name(event->kind));
	return bad;
}

static int put_result(json_t *object, int64_t result)
{
	int bad = json_object_set_new(object, "result", json_integer(result));

	if (result < 0 && result >= -4095)
		bad |= put_name(object, "error", dmp_errno_name((int)-result));
	return bad;
}

static int put_access(json_t *object, const struct dmp_event *event)
{
	int bad = 0;

	if (HAS(OPERATION))
		bad |= put_name(object, "operation",
				dmp_operation_name(event->operation));
	if (HAS(BASELINE))
		bad |= put_name(object, "baseline", dmp_baseline_name(event->baseline));
	if (HAS(REASON))
		bad |= put_name(object, "reason", dmp_reason_name(event->reason));
	if (HAS(FIRST))
		bad |= put_address(object, "first", event->first);
	if (HAS(LAST))
		bad |= put_address(object, "last", event->last);
	if (HAS(PAGES))
		bad |= put_number(object, "pages", event->pages);
	if (HAS(RESULT))
		bad |= put_result(object, event->result);
	return bad;
}

static int put_policy(json_t *object, const struct dmp_event *event)
{
	char text[2 * DEVMEM_POLICY_DIGEST_BYTES + 1];
	int bad = 0;

	if (HAS(POLICY_NAME))
		bad |= put_name_text(object, "policy", event->policy);
	if (HAS(POLICY_SERIAL))
		bad |= put_number(object, "serial", event->serial);
	if (HAS(RULE_ID)) {
		snprintf(text, sizeof(text), "%08" PRIx32, event->rule);
		bad |= put_text(object, "rule", text);
	}
	if (HAS(DIGEST)) {
		dmp_hex(event->digest, DEVMEM_POLICY_DIGEST_BYTES, text);
		bad |= put_text(object, "digest", text);
	}
	return bad;
}

static int put_subject(json_t *object, const struct dmp_event *event)
{
	int bad = 0;

	if (HAS(PID))
		bad |= put_number(object, "pid", event->pid);
	if (HAS(TID))
		bad |= put_number(object, "tid", event->tid);
	if (HAS(COMM))
		bad |= put_bytes(object, "comm", &event->comm);
	if (HAS(EXE))
		bad |= put_bytes(object, "exe", &event->exe);
	if (HAS(UID))
		bad |= put_number(object, "uid", event->uid);
	if (HAS(EUID))
		bad |= put_number(object, "euid", event->euid);
	if (HAS(GID))
		bad |= put_number(object, "gid", event->gid);
	if (HAS(EGID))
		bad |= put_number(object, "egid", event->egid);
	if (HAS(AUID) && event->auid != NOT_SET)
		bad |= put_number(object, "auid", event->auid);
	if (HAS(SESSION) && event->session != NOT_SET)
		bad |= put_number(object, "session", event->session);
	return bad;
}

static int put_counters(json_t *object, const struct dmp_event *event)
{
	int bad = 0;

	if (HAS(UNRECORDED_DENIALS))
		bad |= put_number(object, "unrecorded_denials",
				  event->unrecorded_denials);
	if (HAS(MISSES))
		bad |= put_number(object, "misses", event->misses);
	return bad;
}

char *dmp_record_json(const struct dmp_event *event, const char *boot_id)
{
	json_t *object = json_object();
	char *line = NULL;
	int bad;

	if (!object)
		return NULL;
	bad = put_identity(object, event, boot_id);
	bad |= put_access(object, event);
	bad |= put_policy(object, event);
	bad |= put_subject(object, event);
	bad |= put_counters(object, event);
	if (!bad)
		line = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(object);
	return line;
}

static bool same_text(const json_t *object, const char *key, const char *text)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value && !strcmp(value, text);
}

static int parse_object(const json_t *object, uint64_t instance, const char *boot_id,
			uint64_t *sequence)
{
	const json_t *number = json_object_get(object, "seq");
	char text[24];

	if (!json_is_integer(number) || json_integer_value(number) <= 0 ||
	    !json_is_string(json_object_get(object, "instance")))
		return -EBADMSG;
	snprintf(text, sizeof(text), "%016" PRIx64, instance);
	if (!same_text(object, "instance", text) ||
	    !same_text(object, "boot_id", boot_id))
		return -ESTALE;
	*sequence = (uint64_t)json_integer_value(number);
	return 0;
}

int dmp_record_parse(const char *line, size_t length, uint64_t instance,
		     const char *boot_id, uint64_t *sequence)
{
	json_t *object = json_loadb(line, length, 0, NULL);
	int ret;

	if (!object)
		return -EBADMSG;
	ret = parse_object(object, instance, boot_id, sequence);
	json_decref(object);
	return ret;
}

/* --- text ------------------------------------------------------------------- */

static void print_pages(FILE *out, const struct dmp_event *event)
{
	if (HAS(OPERATION))
		fprintf(out, " %s", dmp_operation_name(event->operation).text);
	if (HAS(FIRST) && HAS(LAST))
		fprintf(out, " 0x%" PRIx64 "-0x%" PRIx64, event->first, event->last);
	if (HAS(PAGES))
		fprintf(out, " %" PRIu64 " %s", event->pages,
			event->pages == 1 ? "page" : "pages");
}

static void print_reason(FILE *out, const struct dmp_event *event)
{
	char name[DMP_ESCAPED_BYTES(DEVMEM_POLICY_NAME_SIZE)];

	if (HAS(REASON))
		fprintf(out, " %s", dmp_reason_name(event->reason).text);
	if (HAS(RULE_ID))
		fprintf(out, " %08" PRIx32, event->rule);
	if (HAS(POLICY_NAME)) {
		dmp_escape((const uint8_t *)event->policy, strlen(event->policy), name);
		fprintf(out, " policy %s", name);
	}
	if (HAS(POLICY_SERIAL))
		fprintf(out, " serial %" PRIu64, event->serial);
}

static void print_subject(FILE *out, const struct dmp_event *event)
{
	char comm[DMP_ESCAPED_BYTES(sizeof(event->comm.bytes))];

	if (HAS(COMM) || HAS(PID)) {
		dmp_escape(event->comm.bytes, event->comm.length, comm);
		fprintf(out, " by %s[%" PRIu32 "]", comm, event->pid);
	}
	if (HAS(UID))
		fprintf(out, " uid %" PRIu32, event->uid);
}

static void print_result(FILE *out, const struct dmp_event *event)
{
	if (!HAS(RESULT))
		return;
	if (event->result < 0 && event->result >= -4095)
		fprintf(out, " -> %s", dmp_errno_name((int)-event->result).text);
	else
		fprintf(out, " -> %" PRId64, event->result);
}

char *dmp_record_text(const struct dmp_event *event)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	if (!out)
		return NULL;
	if (HAS(TIME_NS))
		fprintf(out, "%s ", dmp_time_text(event->time_ns).text);
	fprintf(out, "#%" PRIu64 " %s", event->sequence,
		dmp_kind_name(event->kind).text);
	print_pages(out, event);
	print_reason(out, event);
	print_subject(out, event);
	print_result(out, event);
	if (fclose(out)) {
		free(line);
		return NULL;
	}
	return line;
}
