// SPDX-License-Identifier: GPL-2.0-or-later
#include "checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "names.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SELF ",\"self\":\""
/* The rest of the line from there: hash, quote, brace */
#define SELF_BYTES (sizeof(SELF) - 1 + DMP_SHA256_DIGITS + 2)

/* Numbers by their names, for writing and for reading. */
struct member {
	const char *name;
	size_t offset;
};

#define LEDGER(name, member) { name, offsetof(struct dmp_ledger, member) }
static const struct member ledger_members[] = {
	LEDGER("count", count),
	LEDGER("first_seq", first),
	LEDGER("last_seq", last),
	LEDGER("granted_pages", granted_pages),
	LEDGER("denied_pages", denied_pages),
	LEDGER("lost_pages", lost_pages),
	LEDGER("permitted_pages", permitted_pages),
};

#define KERNEL(member) { "kernel_" #member, offsetof(struct dmp_kernel, member) }
static const struct member kernel_members[] = {
	KERNEL(newest),
	KERNEL(acknowledged),
	KERNEL(reserved),
	KERNEL(granted_pages),
	KERNEL(denied_pages),
	KERNEL(permitted_pages),
	KERNEL(unrecorded_denials),
	KERNEL(unrecorded_events),
	KERNEL(misses),
};

#define FINAL(member) { "counters." #member, offsetof(struct dmp_kernel, member) }
static const struct member final_members[] = {
	FINAL(granted_pages),
	FINAL(denied_pages),
	FINAL(permitted_pages),
	FINAL(unrecorded_denials),
	FINAL(unrecorded_events),
	FINAL(misses),
};

void dmp_kernel_from(const struct dmp_status *status, struct dmp_kernel *kernel)
{
	*kernel = (struct dmp_kernel){
		.known = true,
		.newest = status->ring.newest,
		.acknowledged = status->ring.acknowledged,
		.reserved = status->ring.reserved,
		.granted_pages = status->counters.granted_pages,
		.denied_pages = status->counters.denied_pages,
		.permitted_pages = status->counters.permitted_pages,
		.unrecorded_denials = status->counters.unrecorded_denials,
		.unrecorded_events = status->counters.unrecorded_events,
		.misses = status->counters.misses,
	};
}

bool dmp_kernel_same(const struct dmp_kernel *one, const struct dmp_kernel *two)
{
	return one->known && two->known && one->newest == two->newest &&
	       one->reserved == two->reserved &&
	       one->granted_pages == two->granted_pages &&
	       one->denied_pages == two->denied_pages &&
	       one->permitted_pages == two->permitted_pages &&
	       one->unrecorded_denials == two->unrecorded_denials &&
	       one->unrecorded_events == two->unrecorded_events &&
	       one->misses == two->misses;
}

/* --- writing ---------------------------------------------------------------- */

static void print_members(FILE *out, const struct member *members, size_t count,
			  const void *from)
{
	uint64_t value;

	for (size_t i = 0; i < count; i++) {
		memcpy(&value, (const char *)from + members[i].offset, sizeof(value));
		/* Never above: the kernel would have to count for centuries. */
		if (value > INT64_MAX)
			value = INT64_MAX;
		fprintf(out, ",\"%s\":%" PRIu64, members[i].name, value);
	}
}

static void print_begin(FILE *out, const uint8_t head[DMP_SHA256_BYTES], const char *kind)
{
	char digits[DMP_SHA256_DIGITS + 1];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	dmp_hex(head, DMP_SHA256_BYTES, digits);
	fprintf(out, DMP_LINE_PREV "%s" DMP_LINE_PREV_TAIL "\"kind\":\"%s\",\"time\":\"%s\"",
		digits, kind,
		dmp_time_text((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec).text);
}

static void print_checkpoint(FILE *out, const struct dmp_checkpoint *checkpoint,
			     const uint8_t head[DMP_SHA256_BYTES])
{
	char digits[DMP_SHA256_DIGITS + 1];

	print_begin(out, head, "checkpoint");
	fprintf(out, ",\"cause\":\"%s\",\"instance\":\"%s\",\"boot_id\":\"%s\"",
		checkpoint->cause, checkpoint->ledger.instance, checkpoint->ledger.boot_id);
	print_members(out, ledger_members, COUNT(ledger_members), &checkpoint->ledger);
	if (checkpoint->kernel.known)
		print_members(out, kernel_members, COUNT(kernel_members),
			      &checkpoint->kernel);
	fprintf(out, ",\"settled\":%s", checkpoint->settled ? "true" : "false");
	if (!checkpoint->linked)
		return;
	dmp_hex(head, DMP_SHA256_BYTES, digits);
	fprintf(out, ",\"continues\":\"%s\"", digits);
}

/* Add the hash of what there is, and end the object. */
static char *with_self(char *text)
{
	char digits[DMP_SHA256_DIGITS + 1], *whole = NULL;
	uint8_t self[DMP_SHA256_BYTES];

	if (text && !dmp_sha256(text, strlen(text), self)) {
		dmp_hex(self, DMP_SHA256_BYTES, digits);
		if (asprintf(&whole, "%s" SELF "%s\"}", text, digits) < 0)
			whole = NULL;
	}
	free(text);
	return whole;
}

char *dmp_checkpoint_json(const struct dmp_checkpoint *checkpoint,
			  const uint8_t head[DMP_SHA256_BYTES])
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_checkpoint(out, checkpoint, head);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return with_self(text);
}

char *dmp_repaired_json(uint64_t dropped_bytes, const uint8_t dropped[DMP_SHA256_BYTES],
			const uint8_t head[DMP_SHA256_BYTES])
{
	char digits[DMP_SHA256_DIGITS + 1], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_begin(out, head, "repaired");
	dmp_hex(dropped, DMP_SHA256_BYTES, digits);
	fprintf(out, ",\"dropped_bytes\":%" PRIu64 ",\"dropped_sha256\":\"%s\"}",
		dropped_bytes, digits);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/* --- reading ---------------------------------------------------------------- */

static int read_members(const struct dmp_line *line, const struct member *members,
			size_t count, void *to)
{
	uint64_t value;

	for (size_t i = 0; i < count; i++) {
		if (dmp_line_count(line, members[i].name, &value))
			return -EBADMSG;
		memcpy((char *)to + members[i].offset, &value, sizeof(value));
	}
	return 0;
}

static bool self_is_right(const struct dmp_line *line)
{
	const struct dmp_field *field = &line->fields[line->count - 1];
	uint8_t wanted[DMP_SHA256_BYTES], self[DMP_SHA256_BYTES];

	if (field->group || field->key_length != 4 || memcmp(field->key, "self", 4) ||
	    field->kind != DMP_FIELD_TEXT ||
	    dmp_sha256_parse(field->text, field->text_length, wanted))
		return false;
	return !dmp_sha256(line->bytes, line->length - SELF_BYTES, self) &&
	       !memcmp(self, wanted, sizeof(self));
}

static bool is_cause(const char *cause)
{
	static const char *const causes[] = {
		"start", "stop", "rotated", "continued", "records", "time", "idle",
	};

	for (size_t i = 0; i < COUNT(causes); i++)
		if (!strcmp(cause, causes[i]))
			return true;
	return false;
}

static bool ledger_makes_sense(const struct dmp_ledger *ledger)
{
	if (!ledger->count)
		return !ledger->first && !ledger->last && !ledger->granted_pages &&
		       !ledger->denied_pages && !ledger->lost_pages &&
		       !ledger->permitted_pages;
	return ledger->first && ledger->last >= ledger->first &&
	       ledger->count <= ledger->last - ledger->first + 1;
}

/* What the kernel says; all of it or nothing. */
static int read_kernel(const struct dmp_line *line, struct dmp_kernel *kernel)
{
	for (size_t i = 0; i < COUNT(kernel_members); i++)
		kernel->known |= !!dmp_line_find(line, kernel_members[i].name);
	if (!kernel->known)
		return 0;
	return read_members(line, kernel_members, COUNT(kernel_members), kernel);
}

/* "continues" repeats "prev". */
static int read_link(const struct dmp_line *line, struct dmp_checkpoint *checkpoint)
{
	const struct dmp_field *field = dmp_line_find(line, "continues");
	uint8_t hash[DMP_SHA256_BYTES];

	checkpoint->linked = field;
	if (!field)
		return 0;
	if (field->kind != DMP_FIELD_TEXT ||
	    dmp_sha256_parse(field->text, field->text_length, hash) ||
	    memcmp(hash, line->prev, sizeof(hash)))
		return -EBADMSG;
	return 0;
}

int dmp_checkpoint_parse(const struct dmp_line *line, struct dmp_checkpoint *checkpoint,
			 const char **why)
{
	const struct dmp_field *settled = dmp_line_find(line, "settled");
	struct dmp_ledger *ledger = &checkpoint->ledger;

	memset(checkpoint, 0, sizeof(*checkpoint));
	*why = "the hash of the checkpoint itself is wrong";
	if (!self_is_right(line))
		return -EBADMSG;
	*why = "the checkpoint is not as it is written here";
	if (dmp_line_word(line, "cause", DMP_WORD_SET, 0, checkpoint->cause,
			  sizeof(checkpoint->cause)) ||
	    !is_cause(checkpoint->cause) || dmp_line_find(line, "seq") ||
	    dmp_ledger_identity(line, ledger->instance, ledger->boot_id) ||
	    read_members(line, ledger_members, COUNT(ledger_members), ledger) ||
	    read_kernel(line, &checkpoint->kernel) || read_link(line, checkpoint) ||
	    !settled || settled->kind != DMP_FIELD_BOOL)
		return -EBADMSG;
	*why = "the numbers of the checkpoint contradict each other";
	if (!ledger_makes_sense(ledger))
		return -EBADMSG;
	checkpoint->settled = settled->number;
	*why = NULL;
	return 0;
}

int dmp_kernel_parse(const struct dmp_line *line, struct dmp_kernel *kernel)
{
	memset(kernel, 0, sizeof(*kernel));
	if (!dmp_line_find(line, "counters"))
		return -ENOENT;
	kernel->known = true;
	if (dmp_line_count(line, "seq", &kernel->newest))
		return -EBADMSG;
	return read_members(line, final_members, COUNT(final_members), kernel);
}

int dmp_repaired_parse(const struct dmp_line *line, const char **why)
{
	const struct dmp_field *field = dmp_line_find(line, "dropped_sha256");
	uint8_t hash[DMP_SHA256_BYTES];
	uint64_t bytes;

	*why = "the repair is not as it is written here";
	if (dmp_line_count(line, "dropped_bytes", &bytes) || !bytes ||
	    dmp_line_find(line, "seq") || !field || field->kind != DMP_FIELD_TEXT ||
	    dmp_sha256_parse(field->text, field->text_length, hash))
		return -EBADMSG;
	*why = NULL;
	return 0;
}
