// SPDX-License-Identifier: GPL-2.0-or-later
#include "verify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Larger than any line. */
#define BUFFER_BYTES (1 << 20)

const char *dmp_log_class_name(enum dmp_log_class class)
{
	static const char *const names[] = { "intact", "tampered", "incomplete" };

	return names[class];
}

/* --- findings --------------------------------------------------------------- */

static void lack(struct dmp_verify *verify, enum dmp_log_lack what)
{
	verify->lacks |= what;
	if (verify->class == DMP_LOG_INTACT)
		verify->class = DMP_LOG_INCOMPLETE;
}

static int tampered(struct dmp_verify *verify, const char *why)
{
	verify->class = DMP_LOG_TAMPERED;
	verify->why = why;
	return -EBADMSG;
}

static void lack_records(struct dmp_verify *verify, const char *instance, uint64_t first,
			 uint64_t last, bool at_end)
{
	struct dmp_gap *gap = &verify->gaps[verify->gap_count];

	lack(verify, DMP_LACK_RECORDS);
	verify->missing += last - first + 1;
	verify->whole = false;
	if (verify->gap_count++ >= DMP_GAPS_MAX)
		return;
	memcpy(gap->instance, instance, sizeof(gap->instance));
	gap->first = first;
	gap->last = last;
	gap->at_end = at_end;
}

static void lack_end(struct dmp_verify *verify, const struct dmp_ledger *ledger)
{
	struct dmp_cut *cut = &verify->cuts[verify->cut_count];

	lack(verify, DMP_LACK_CUT);
	if (verify->cut_count++ >= DMP_CUTS_MAX)
		return;
	memcpy(cut->instance, ledger->instance, sizeof(cut->instance));
	cut->last = ledger->last;
}

/* --- instances of the module ------------------------------------------------ */

static bool is_past(const struct dmp_verify *verify, const char *instance)
{
	size_t count = verify->past_count;

	if (count > DMP_PAST_INSTANCES)
		count = DMP_PAST_INSTANCES;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(verify->past[i], instance))
			return true;
	return false;
}

/* What the kernel had numbered, but the log does not have. */
static void end_instance(struct dmp_verify *verify)
{
	struct dmp_ledger *ledger = &verify->ledger;

	if (!*ledger->instance)
		return;
	if (verify->past_kernel && verify->kernel_newest > ledger->last)
		lack_records(verify, ledger->instance, ledger->last + 1,
			     verify->kernel_newest, true);
	memcpy(verify->past[verify->past_count++ % DMP_PAST_INSTANCES], ledger->instance,
	       sizeof(ledger->instance));
}

/* What the kernel did not hand over before the power went, nobody knows. */
static void check_closed(struct dmp_verify *verify)
{
	if (!*verify->ledger.instance || verify->unloaded)
		return;
	if (verify->last_line == DMP_LAST_STOP)
		verify->unattended++;
	else
		lack_end(verify, &verify->ledger);
}

/* follows: there is no file missing in which the last one may have been closed. */
static int begin_instance(struct dmp_verify *verify, const char *instance,
			  const char *boot_id, bool follows)
{
	if (follows)
		check_closed(verify);
	end_instance(verify);
	if (is_past(verify, instance))
		return tampered(verify, "it is of an instance that came before the last one");
	dmp_ledger_begin(&verify->ledger, instance, boot_id);
	verify->instances++;
	verify->past_kernel = false;
	verify->whole = true;
	verify->unloaded = false;
	verify->floor = 0;
	return 0;
}

/* --- the kernel's counters --------------------------------------------------- */

/* Can the log have more than the kernel counted? */
static bool exceeds(const struct dmp_ledger *ledger, const struct dmp_kernel *kernel)
{
	return ledger->last > kernel->newest ||
	       ledger->granted_pages > kernel->granted_pages ||
	       ledger->denied_pages > kernel->denied_pages ||
	       ledger->lost_pages > kernel->unrecorded_denials ||
	       ledger->permitted_pages > kernel->permitted_pages;
}

/* Pages that the kernel counted and no record tells. */
static uint64_t pages_short(const struct dmp_ledger *ledger,
			    const struct dmp_kernel *kernel)
{
	uint64_t pages = kernel->granted_pages - ledger->granted_pages;
	uint64_t denied = ledger->denied_pages + kernel->unrecorded_denials;

	pages += kernel->denied_pages - denied;
	/* Those that found no room are only counted, as events. */
	if (!kernel->unrecorded_events)
		pages += kernel->permitted_pages - ledger->permitted_pages;
	return pages;
}

/* Pages that the kernel counted are missing, not only on their way. */
static void check_sums(struct dmp_verify *verify, const struct dmp_kernel *kernel)
{
	uint64_t pages = pages_short(&verify->ledger, kernel);

	if (!pages || !verify->whole)
		return;
	lack(verify, DMP_LACK_PAGES);
	if (pages > verify->missing_pages)
		verify->missing_pages = pages;
}

static int check_kernel(struct dmp_verify *verify, const struct dmp_kernel *kernel,
			bool settled)
{
	const struct dmp_ledger *ledger = &verify->ledger;

	if (!kernel->known)
		return 0;
	if (exceeds(ledger, kernel) ||
	    (settled &&
	     ledger->denied_pages + kernel->unrecorded_denials > kernel->denied_pages))
		return tampered(verify, "the lines before it tell more than the kernel counted");
	verify->past_kernel = true;
	verify->kernel_newest = kernel->newest;
	if (settled)
		check_sums(verify, kernel);
	return 0;
}

/* --- records ---------------------------------------------------------------- */

static int check_order(struct dmp_verify *verify, const struct dmp_entry *entry)
{
	uint64_t last = verify->ledger.last;

	if (last < verify->floor)
		last = verify->floor;
	if (entry->sequence <= last)
		return tampered(verify, "its sequence number is not above the one before");
	if (entry->sequence > last + 1)
		lack_records(verify, entry->instance, last + 1, entry->sequence - 1, false);
	if (entry->sequence == 1 && strcmp(entry->kind, "module-loaded"))
		return tampered(verify, "the first record of an instance is not module-loaded");
	return 0;
}

static int take_record(struct dmp_verify *verify, const struct dmp_line *line)
{
	struct dmp_kernel kernel = { 0 };
	struct dmp_entry entry;
	int ret = 0;

	if (dmp_entry_parse(line, &entry, &verify->why))
		return tampered(verify, verify->why);
	if (strcmp(entry.instance, verify->ledger.instance))
		ret = begin_instance(verify, entry.instance, entry.boot_id, true);
	if (ret)
		return ret;
	if (strcmp(entry.boot_id, verify->ledger.boot_id))
		return tampered(verify, "its boot id is not that of its instance");
	ret = check_order(verify, &entry);
	if (ret)
		return ret;
	if (dmp_ledger_add(&verify->ledger, &entry))
		return tampered(verify, "there are more pages than can be");
	verify->unloaded = !strcmp(entry.kind, "module-unloading");
	if (verify->unloaded && dmp_kernel_parse(line, &kernel) == -EBADMSG)
		return tampered(verify, "its counters are not as they are written here");
	if (check_kernel(verify, &kernel, true))
		return -EBADMSG;
	verify->records++;
	verify->last_line = DMP_LAST_OTHER;
	return 0;
}

/* --- checkpoints ------------------------------------------------------------ */

static int adopt_ledger(struct dmp_verify *verify, const struct dmp_ledger *said)
{
	struct dmp_ledger *ledger = &verify->ledger;

	/* Begun anew, knowing nothing of the records before. */
	if (!said->count && verify->floor < ledger->last)
		verify->floor = ledger->last;
	if (said->count && (said->last < ledger->last || said->last < verify->floor ||
			    said->count < ledger->count))
		return tampered(verify, "the file is older than the one before");
	if (said->last > ledger->last)
		lack_records(verify, said->instance, ledger->last + 1, said->last, false);
	verify->unloaded &= said->last == ledger->last;
	*ledger = *said;
	verify->whole = false;
	return 0;
}

/* A file begins that does not continue what was read: go on from what it says. */
static int take_link(struct dmp_verify *verify, const struct dmp_checkpoint *checkpoint)
{
	const struct dmp_ledger *said = &checkpoint->ledger;
	int ret = 0;

	lack(verify, verify->lines ? DMP_LACK_FILE : DMP_LACK_BEGINNING);
	if (strcmp(said->instance, verify->ledger.instance))
		ret = begin_instance(verify, said->instance, said->boot_id, false);
	if (ret)
		return ret;
	if (strcmp(said->boot_id, verify->ledger.boot_id))
		return tampered(verify, "its boot id is not that of its instance");
	return adopt_ledger(verify, said);
}

/* What the file before the first said is taken from its successor. */
static int take_beginning(struct dmp_verify *verify, const struct dmp_checkpoint *checkpoint)
{
	const struct dmp_ledger *said = &checkpoint->ledger;
	int ret = begin_instance(verify, said->instance, said->boot_id, true);

	verify->ledger = *said;
	verify->whole = said->count == said->last;
	return ret;
}

static int take_ledger(struct dmp_verify *verify, const struct dmp_checkpoint *checkpoint)
{
	const struct dmp_ledger *said = &checkpoint->ledger;
	int ret = 0;

	if (!verify->lines && verify->has_after)
		return take_beginning(verify, checkpoint);
	if (strcmp(said->instance, verify->ledger.instance))
		ret = begin_instance(verify, said->instance, said->boot_id, true);
	if (!ret && !dmp_ledger_equal(said, &verify->ledger))
		return tampered(verify, "the lines before it do not add up to what it says");
	return ret;
}

/* A checkpoint has to say so where, and only where, it begins a file again. */
static bool link_is_right(const struct dmp_verify *verify, const struct dmp_line *line,
			  const struct dmp_checkpoint *checkpoint)
{
	static const uint8_t zeros[DMP_SHA256_BYTES];

	if (!verify->at_file_start)
		return !checkpoint->linked;
	return checkpoint->linked == !!memcmp(line->prev, zeros, sizeof(zeros));
}

/* Where the module did not answer any more, devmemd cannot have seen its end. */
static enum dmp_last_line last_line_of(const struct dmp_checkpoint *checkpoint)
{
	if (!strcmp(checkpoint->cause, "rotated"))
		return DMP_LAST_ROTATED;
	if (!strcmp(checkpoint->cause, "stop") && checkpoint->kernel.known)
		return DMP_LAST_STOP;
	return DMP_LAST_CHECKPOINT;
}

static int take_checkpoint(struct dmp_verify *verify, const struct dmp_line *line,
			   bool follows)
{
	struct dmp_checkpoint checkpoint;
	int ret;

	if (dmp_checkpoint_parse(line, &checkpoint, &verify->why))
		return tampered(verify, verify->why);
	if (!link_is_right(verify, line, &checkpoint))
		return tampered(verify, "the checkpoint does not belong at this place of a file");
	if (follows)
		ret = take_ledger(verify, &checkpoint);
	else
		ret = take_link(verify, &checkpoint);
	if (!ret)
		ret = check_kernel(verify, &checkpoint.kernel, checkpoint.settled);
	if (ret)
		return ret;
	verify->checkpoints++;
	verify->last_line = last_line_of(&checkpoint);
	return 0;
}

/* --- lines ------------------------------------------------------------------ */

static int take_parsed(struct dmp_verify *verify, const struct dmp_line *line)
{
	bool checkpoint = dmp_line_is(line, "kind", "checkpoint");
	bool follows = !memcmp(line->prev, verify->head, sizeof(verify->head));

	if (verify->at_file_start && !checkpoint)
		return tampered(verify, "a file does not begin with a checkpoint");
	if (!follows && !verify->at_file_start)
		return tampered(verify,
				"it does not carry the hash of the line before: one was changed");
	if (checkpoint)
		return take_checkpoint(verify, line, follows);
	if (!dmp_line_is(line, "kind", "repaired"))
		return take_record(verify, line);
	if (dmp_repaired_parse(line, &verify->why))
		return tampered(verify, verify->why);
	verify->repairs++;
	verify->last_line = DMP_LAST_OTHER;
	return 0;
}

static void take_line(struct dmp_verify *verify, const char *bytes, size_t length)
{
	int ret = dmp_line_scan(bytes, length, &verify->parsed, &verify->why);

	verify->line++;
	if (ret)
		tampered(verify, verify->why);
	else
		ret = take_parsed(verify, &verify->parsed);
	if (!ret && dmp_sha256(bytes, length, verify->head))
		ret = tampered(verify, "its hash cannot be calculated");
	if (ret)
		return;
	verify->lines++;
	verify->at_file_start = false;
	if (verify->has_head && !memcmp(verify->head, verify->wanted_head, DMP_SHA256_BYTES))
		verify->head_seen = true;
}

/* --- files ------------------------------------------------------------------ */

void dmp_verify_begin(struct dmp_verify *verify)
{
	if (verify->has_after)
		memcpy(verify->head, verify->after, sizeof(verify->head));
}

static void begin_file(struct dmp_verify *verify, const char *name)
{
	if (verify->class == DMP_LOG_TAMPERED)
		return;
	verify->file = name;
	verify->line = 0;
	verify->at_file_start = true;
}

/* Return: bytes of the lines, which are all taken; the rest has no line end. */
static size_t take_lines(struct dmp_verify *verify, const char *bytes, size_t length)
{
	const char *line = bytes, *end;
	size_t left = length;

	while (verify->class != DMP_LOG_TAMPERED && left) {
		end = memchr(line, '\n', left);
		if (!end)
			break;
		take_line(verify, line, (size_t)(end - line));
		left -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	return length - left;
}

static void end_file(struct dmp_verify *verify, size_t unfinished)
{
	if (verify->class == DMP_LOG_TAMPERED || !unfinished)
		return;
	verify->line++;
	lack(verify, DMP_LACK_LINE_END);
}

void dmp_verify_bytes(struct dmp_verify *verify, const char *name, const char *bytes,
		      size_t length)
{
	begin_file(verify, name);
	end_file(verify, length - take_lines(verify, bytes, length));
}

static int read_lines(struct dmp_verify *verify, int fd, char *buffer, size_t *have)
{
	size_t taken;
	ssize_t got;

	while (verify->class != DMP_LOG_TAMPERED) {
		got = read(fd, buffer + *have, BUFFER_BYTES - *have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : 0;
		*have += (size_t)got;
		taken = take_lines(verify, buffer, *have);
		*have -= taken;
		memmove(buffer, buffer + taken, *have);
		/* Too long, if it has an end: a power cut leaves any number of zeros. */
		if (*have > DMP_LINE_BYTES_MAX)
			*have = DMP_LINE_BYTES_MAX + 1;
	}
	return 0;
}

int dmp_verify_file(struct dmp_verify *verify, const char *name, int fd)
{
	char *buffer = malloc(BUFFER_BYTES);
	size_t have = 0;
	int ret;

	if (!buffer)
		return -ENOMEM;
	begin_file(verify, name);
	ret = read_lines(verify, fd, buffer, &have);
	if (!ret)
		end_file(verify, have);
	free(buffer);
	return ret;
}

enum dmp_log_class dmp_verify_end(struct dmp_verify *verify)
{
	if (verify->class == DMP_LOG_TAMPERED)
		return verify->class;
	if (!verify->lines)
		lack(verify, DMP_LACK_EMPTY);
	else if (verify->last_line == DMP_LAST_OTHER)
		lack(verify, DMP_LACK_CHECKPOINT);
	else if (verify->last_line == DMP_LAST_ROTATED)
		lack(verify, DMP_LACK_NEXT_FILE);
	end_instance(verify);
	if (verify->has_head && !verify->head_seen)
		lack(verify, DMP_LACK_HEAD);
	return verify->class;
}
