// SPDX-License-Identifier: GPL-2.0-or-later
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "names.h"
#include "status.h"
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

#define HAS(name) has(event, DEVMEM_POLICY_EVENT_A_##name)

static int put_identity(json_t *object, const struct dmp_event *event,
			const char *boot_id)
{
	int bad = 0;

	bad |= dmp_json_number(object, "seq", event->sequence);
	bad |= dmp_json_hex64(object, "instance", event->instance);
	bad |= dmp_json_text(object, "boot_id", boot_id);
	if (HAS(TIME_NS))
		bad |= dmp_json_name(object, "time", dmp_time_text(event->time_ns));
	bad |= dmp_json_name(object, "kind", dmp_kind_name(event->kind));
	return bad;
}

static int put_result(json_t *object, int64_t result)
{
	int bad = json_object_set_new(object, "result", json_integer(result));

	if (result < 0 && result >= -4095)
		bad |= dmp_json_name(object, "error", dmp_errno_name((int)-result));
	return bad;
}

static int put_access(json_t *object, const struct dmp_event *event)
{
	int bad = 0;

	if (HAS(OPERATION))
		bad |= dmp_json_name(object, "operation",
				dmp_operation_name(event->operation));
	if (HAS(BASELINE))
		bad |= dmp_json_name(object, "baseline", dmp_baseline_name(event->baseline));
	if (HAS(REASON))
		bad |= dmp_json_name(object, "reason", dmp_reason_name(event->reason));
	if (HAS(FIRST))
		bad |= dmp_json_address(object, "first", event->first);
	if (HAS(LAST))
		bad |= dmp_json_address(object, "last", event->last);
	if (HAS(PAGES))
		bad |= dmp_json_number(object, "pages", event->pages);
	if (HAS(WOULD))
		bad |= dmp_json_name(object, "would", dmp_would_name(event->would));
	if (HAS(RESULT))
		bad |= put_result(object, event->result);
	if (HAS(TRANSFERRED))
		bad |= dmp_json_number(object, "transferred", event->transferred);
	if (HAS(PERMISSIVE))
		bad |= dmp_json_bool(object, "permissive", event->permissive);
	return bad;
}

/* Several calls in one record, or what has none. */
static int put_sum(json_t *object, const struct dmp_event *event)
{
	int bad = 0;

	if (HAS(LOST_KIND))
		bad |= dmp_json_name(object, "lost", dmp_kind_name(event->lost_kind));
	if (HAS(CALLS))
		bad |= dmp_json_number(object, "calls", event->calls);
	if (HAS(LAST_TIME_NS))
		bad |= dmp_json_name(object, "last_time", dmp_time_text(event->last_time_ns));
	return bad;
}

static int put_policy(json_t *object, const struct dmp_event *event)
{
	int bad = 0;

	if (HAS(POLICY_NAME))
		bad |= dmp_json_escaped(object, "policy", event->policy, strlen(event->policy));
	if (HAS(POLICY_SERIAL))
		bad |= dmp_json_number(object, "serial", event->serial);
	if (HAS(RULE_ID))
		bad |= dmp_json_hex32(object, "rule", event->rule);
	if (HAS(DIGEST))
		bad |= dmp_json_digest(object, "digest", event->digest);
	return bad;
}

static int put_subject(json_t *object, const struct dmp_event *event)
{
	int bad = 0;

	if (HAS(PID))
		bad |= dmp_json_number(object, "pid", event->pid);
	if (HAS(TID))
		bad |= dmp_json_number(object, "tid", event->tid);
	if (HAS(COMM))
		bad |= dmp_json_escaped(object, "comm", event->comm.bytes, event->comm.length);
	if (HAS(EXE))
		bad |= dmp_json_escaped(object, "exe", event->exe.bytes, event->exe.length);
	if (HAS(UID))
		bad |= dmp_json_number(object, "uid", event->uid);
	if (HAS(EUID))
		bad |= dmp_json_number(object, "euid", event->euid);
	if (HAS(GID))
		bad |= dmp_json_number(object, "gid", event->gid);
	if (HAS(EGID))
		bad |= dmp_json_number(object, "egid", event->egid);
	if (HAS(AUID) && event->auid != NOT_SET)
		bad |= dmp_json_number(object, "auid", event->auid);
	if (HAS(SESSION) && event->session != NOT_SET)
		bad |= dmp_json_number(object, "session", event->session);
	return bad;
}

static int put_counters(json_t *object, const struct dmp_event *event)
{
	int bad = 0;

	if (HAS(UNRECORDED_DENIALS))
		bad |= dmp_json_number(object, "unrecorded_denials",
				  event->unrecorded_denials);
	if (HAS(MISSES))
		bad |= dmp_json_number(object, "misses", event->misses);
	if (HAS(COUNTERS))
		bad |= json_object_set_new(object, "counters",
					   dmp_counters_json(&event->counters));
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
	bad |= put_sum(object, event);
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
	if (HAS(LOST_KIND))
		fprintf(out, " of %s", dmp_kind_name(event->lost_kind).text);
	if (HAS(OPERATION))
		fprintf(out, " %s", dmp_operation_name(event->operation).text);
	if (HAS(FIRST) && HAS(LAST))
		fprintf(out, " 0x%" PRIx64 "-0x%" PRIx64, event->first, event->last);
	if (HAS(PAGES))
		fprintf(out, " %" PRIu64 " %s", event->pages,
			event->pages == 1 ? "page" : "pages");
	if (HAS(CALLS))
		fprintf(out, " in %" PRIu64 " %s", event->calls,
			event->calls == 1 ? "call" : "calls");
	if (HAS(WOULD))
		fprintf(out, " would %s", dmp_would_name(event->would).text);
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
	if (HAS(PERMISSIVE))
		fprintf(out, " -> %s", event->permissive ? "permissive" : "enforcing");
	if (HAS(RESULT) && event->result < 0 && event->result >= -4095)
		fprintf(out, " -> %s", dmp_errno_name((int)-event->result).text);
	else if (HAS(RESULT))
		fprintf(out, " -> %" PRId64, event->result);
	if (HAS(TRANSFERRED))
		fprintf(out, " after %" PRIu64 " bytes", event->transferred);
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
