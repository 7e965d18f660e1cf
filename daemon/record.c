// SPDX-License-Identifier: GPL-2.0-or-later
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "names.h"
#include "object.h"
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

static void put_identity(struct dmp_object *object, const struct dmp_event *event,
			 const char *boot_id)
{
	dmp_object_number(object, "seq", event->sequence);
	dmp_object_hex(object, "instance", event->instance, 16);
	dmp_object_text(object, "boot_id", boot_id);
	if (HAS(TIME_NS))
		dmp_object_name(object, "time", dmp_time_text(event->time_ns));
	dmp_object_name(object, "kind", dmp_kind_name(event->kind));
}

static void put_result(struct dmp_object *object, int64_t result)
{
	dmp_object_signed(object, "result", result);
	if (result < 0 && result >= -4095)
		dmp_object_name(object, "error", dmp_errno_name((int)-result));
}

static void put_access(struct dmp_object *object, const struct dmp_event *event)
{
	if (HAS(OPERATION))
		dmp_object_name(object, "operation", dmp_operation_name(event->operation));
	if (HAS(BASELINE))
		dmp_object_name(object, "baseline", dmp_baseline_name(event->baseline));
	if (HAS(REASON))
		dmp_object_name(object, "reason", dmp_reason_name(event->reason));
	if (HAS(FIRST))
		dmp_object_address(object, "first", event->first);
	if (HAS(LAST))
		dmp_object_address(object, "last", event->last);
	if (HAS(PAGES))
		dmp_object_number(object, "pages", event->pages);
	if (HAS(WOULD))
		dmp_object_name(object, "would", dmp_would_name(event->would));
	if (HAS(RESULT))
		put_result(object, event->result);
	if (HAS(TRANSFERRED))
		dmp_object_number(object, "transferred", event->transferred);
	if (HAS(PERMISSIVE))
		dmp_object_bool(object, "permissive", event->permissive);
}

/* Several calls in one record, or what has none. */
static void put_sum(struct dmp_object *object, const struct dmp_event *event)
{
	if (HAS(LOST_KIND))
		dmp_object_name(object, "lost", dmp_kind_name(event->lost_kind));
	if (HAS(CALLS))
		dmp_object_number(object, "calls", event->calls);
	if (HAS(LAST_TIME_NS))
		dmp_object_name(object, "last_time", dmp_time_text(event->last_time_ns));
}

static void put_policy(struct dmp_object *object, const struct dmp_event *event)
{
	if (HAS(POLICY_NAME))
		dmp_object_escaped(object, "policy", event->policy, strlen(event->policy));
	if (HAS(POLICY_SERIAL))
		dmp_object_number(object, "serial", event->serial);
	if (HAS(RULE_ID))
		dmp_object_hex(object, "rule", event->rule, 8);
	if (HAS(DIGEST))
		dmp_object_digest(object, "digest", event->digest);
}

static void put_subject(struct dmp_object *object, const struct dmp_event *event)
{
	if (HAS(PID))
		dmp_object_number(object, "pid", event->pid);
	if (HAS(TID))
		dmp_object_number(object, "tid", event->tid);
	if (HAS(COMM))
		dmp_object_escaped(object, "comm", event->comm.bytes, event->comm.length);
	if (HAS(EXE))
		dmp_object_escaped(object, "exe", event->exe.bytes, event->exe.length);
	if (HAS(UID))
		dmp_object_number(object, "uid", event->uid);
	if (HAS(EUID))
		dmp_object_number(object, "euid", event->euid);
	if (HAS(GID))
		dmp_object_number(object, "gid", event->gid);
	if (HAS(EGID))
		dmp_object_number(object, "egid", event->egid);
	if (HAS(AUID) && event->auid != NOT_SET)
		dmp_object_number(object, "auid", event->auid);
	if (HAS(SESSION) && event->session != NOT_SET)
		dmp_object_number(object, "session", event->session);
}

/* Of the last record of an instance. */
static void put_final_counters(struct dmp_object *object, const struct dmp_counters *counters)
{
	json_t *tree = dmp_counters_json(counters);
	char *text = json_dumps(tree, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (text)
		dmp_object_value(object, "counters", text);
	else
		object->failed = true;
	free(text);
	json_decref(tree);
}

static void put_counters(struct dmp_object *object, const struct dmp_event *event)
{
	if (HAS(UNRECORDED_DENIALS))
		dmp_object_number(object, "unrecorded_denials", event->unrecorded_denials);
	if (HAS(MISSES))
		dmp_object_number(object, "misses", event->misses);
	if (HAS(COUNTERS))
		put_final_counters(object, &event->counters);
}

char *dmp_record_json(const struct dmp_event *event, const char *boot_id)
{
	struct dmp_object object;

	dmp_object_begin(&object);
	put_identity(&object, event, boot_id);
	put_access(&object, event);
	put_sum(&object, event);
	put_policy(&object, event);
	put_subject(&object, event);
	put_counters(&object, event);
	return dmp_object_end(&object);
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
