// SPDX-License-Identifier: GPL-2.0-or-later
#include "drain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "wait.h"

/* The head of the log is told this often while there are records. */
#define TELL_MS 60000
/*
 * How long nothing may change until no call is under way: far longer than from
 * counting a page to its record.
 */
#define SETTLED_MS 3000

/* --- checkpoints ------------------------------------------------------------ */

/*
 * The module's counters, behind the records that were fetched: the log can
 * never have more than they say. Return: kernel, or NULL when it does not answer.
 */
static const struct dmp_kernel *ask_kernel(struct dmp_drain *drain,
					   struct dmp_kernel *kernel)
{
	struct dmp_status status;

	if (dmp_nl_status(drain->nl, &status) || status.instance != drain->instance)
		return NULL;
	dmp_kernel_from(&status, kernel);
	return kernel;
}

/* A witness elsewhere (the journal, a log host) that the log was that long. */
static void tell_head(struct dmp_drain *drain, const char *when)
{
	struct dmp_log_head head = dmp_log_head(drain->log);

	drain->told_ms = dmp_now_ms();
	dmp_say(LOG_NOTICE, "log head %s at record %" PRIu64 " of %016" PRIx64 " (%s)",
		head.digits, head.last, drain->instance, when);
}

static int checkpoint(struct dmp_drain *drain, const char *cause)
{
	struct dmp_kernel kernel;
	int ret;

	ret = dmp_log_checkpoint(drain->log, cause, ask_kernel(drain, &kernel), false);
	if (!ret)
		tell_head(drain, cause);
	return ret;
}

/* Nothing changes any more: say so once, when it has lasted long enough. */
static void check_quiet(struct dmp_drain *drain, const struct dmp_kernel *kernel)
{
	if (!kernel || kernel->reserved || kernel->newest != drain->logged ||
	    !dmp_kernel_same(kernel, &drain->kernel)) {
		memset(&drain->kernel, 0, sizeof(drain->kernel));
		if (kernel)
			drain->kernel = *kernel;
		drain->quiet_ms = dmp_now_ms();
		return;
	}
	if (dmp_now_ms() - drain->quiet_ms < SETTLED_MS)
		return;
	if (!dmp_log_checkpoint(drain->log, "idle", kernel, true)) {
		drain->settled = true;
		tell_head(drain, "idle");
	}
}

/* Behind a drain: the checkpoints that no record brings about. */
static void keep_up(struct dmp_drain *drain)
{
	struct dmp_kernel kernel;

	if (drain->settled)
		return;
	if (!dmp_log_is_due(drain->log, 0)) {
		if (!dmp_log_is_open(drain->log))
			check_quiet(drain, ask_kernel(drain, &kernel));
		return;
	}
	dmp_log_checkpoint(drain->log, "time", ask_kernel(drain, &kernel), false);
	if (dmp_now_ms() - drain->told_ms >= TELL_MS)
		tell_head(drain, "time");
}

/* --- taking over ------------------------------------------------------------ */

static int acknowledge(struct dmp_drain *drain, uint64_t sequence)
{
	int ret = dmp_auditor_acknowledge(drain->auditor, sequence);

	/* Somebody else did: as good, since the record is in this log as well. */
	if (!ret || ret == -ERANGE)
		drain->acknowledged = sequence;
	return ret == -ERANGE ? 0 : ret;
}

/* Set where to go on: behind what the log has, unless that cannot be true. */
static int adopt_tail(struct dmp_drain *drain, const struct dmp_log_tail *tail,
		      const struct dmp_ring *ring)
{
	drain->acknowledged = ring->acknowledged;
	drain->logged = tail->last;
	if (tail->torn_bytes)
		dmp_say(LOG_WARNING,
			"removed an unfinished line of %jd bytes from the end of the log",
			(intmax_t)tail->torn_bytes);
	if (tail->last > ring->newest) {
		dmp_say(LOG_WARNING,
			"the log ends with record %" PRIu64
			", but there are only %" PRIu64
			": going on with what is not acknowledged",
			tail->last, ring->newest);
		drain->logged = 0;
	}
	if (drain->logged <= drain->acknowledged)
		return 0;
	return acknowledge(drain, drain->logged);
}

static int take_over(struct dmp_drain *drain)
{
	struct dmp_log_tail tail;
	struct dmp_status status;
	int ret;

	ret = dmp_boot_id(drain->boot_id);
	if (ret) {
		dmp_say(LOG_ERR, "the boot id cannot be read: %s", strerror(-ret));
		return ret;
	}
	ret = dmp_nl_status(drain->nl, &status);
	if (ret) {
		dmp_say(LOG_ERR, "the module does not tell its status: %s",
			strerror(-ret));
		return ret;
	}
	drain->instance = status.instance;
	ret = dmp_log_recover(drain->log, drain->instance, drain->boot_id, &tail);
	if (ret && ret != -EBUSY)
		dmp_say(LOG_ERR, "the log cannot be read: %s", strerror(-ret));
	if (ret)
		return ret;
	return adopt_tail(drain, &tail, &status.ring);
}

int dmp_drain_begin(struct dmp_drain *drain, struct dmp_nl *nl,
		    struct dmp_auditor *auditor, struct dmp_log *log)
{
	int ret;

	memset(drain, 0, sizeof(*drain));
	drain->nl = nl;
	drain->auditor = auditor;
	drain->log = log;
	ret = take_over(drain);
	/* It may be another's: nothing is to be written to it. */
	if (ret)
		drain->log = NULL;
	else if (checkpoint(drain, "start"))
		dmp_say(LOG_WARNING, "the log has no room for a checkpoint yet");
	return ret;
}

void dmp_drain_end(struct dmp_drain *drain)
{
	dmp_batch_free(&drain->batch);
}

/* --- draining --------------------------------------------------------------- */

/* A new log begins behind what others have acknowledged. */
static uint64_t last_seen(const struct dmp_drain *drain)
{
	uint64_t last = dmp_batch_last(&drain->batch, drain->batch.length);

	if (last)
		return last;
	return drain->logged ? drain->logged : drain->acknowledged;
}

/*
 * A gap means that another auditor acknowledged records which this log does not
 * have: the kernel reuses no slot before somebody did.
 */
static void check_gap(const struct dmp_drain *drain, uint64_t sequence)
{
	uint64_t next = last_seen(drain) + 1;

	if (sequence == next)
		return;
	dmp_say(LOG_WARNING,
		"records %" PRIu64 " to %" PRIu64
		" are not in this log: another auditor acknowledged them",
		next, sequence - 1);
}

static int take_event(const struct dmp_event *event, void *arg)
{
	struct dmp_drain *drain = arg;
	char *line;
	int ret;

	if (event->instance != drain->instance)
		return -ESTALE;
	if (event->sequence <= last_seen(drain))
		return 0;
	check_gap(drain, event->sequence);
	if (drain->watcher)
		drain->watcher(event, drain->watcher_arg);
	line = dmp_record_json(event, drain->boot_id);
	if (!line)
		return -ENOMEM;
	ret = dmp_batch_add(&drain->batch, event->sequence, line);
	free(line);
	return ret;
}

static void say_append_result(struct dmp_drain *drain, int result)
{
	if (result && result != drain->complained)
		dmp_say(LOG_ERR,
			"the log cannot be written: %s; records stay in the kernel, and when its ring is full nothing more is granted",
			strerror(-result));
	if (!result && drain->complained)
		dmp_say(LOG_NOTICE, "the log is being written again");
	drain->complained = result;
}

/* --- files ------------------------------------------------------------------ */

int dmp_drain_reopen(struct dmp_drain *drain)
{
	struct dmp_kernel kernel;
	int ret;

	ret = dmp_log_reopen(drain->log, ask_kernel(drain, &kernel));
	if (!ret)
		tell_head(drain, "reopened");
	return ret;
}

/* Nothing is acknowledged into a file without a name, or that readers do not see. */
static void check_place(struct dmp_drain *drain)
{
	bool deleted = dmp_log_is_deleted(drain->log);
	const char *what = deleted ? "deleted" : "replaced";
	int ret;

	if (!deleted && !dmp_log_is_replaced(drain->log))
		return;
	/* What it was, before it is gone. */
	if (!drain->place_complained)
		tell_head(drain, what);
	ret = dmp_drain_reopen(drain);
	if (!ret)
		dmp_say(LOG_WARNING, "the log was %s: begun again behind record %" PRIu64, what,
			drain->logged);
	else if (ret != drain->place_complained)
		dmp_say(LOG_ERR, "the log was %s, and cannot be begun again: %s", what,
			strerror(-ret));
	drain->place_complained = ret;
}

static void check_full(struct dmp_drain *drain)
{
	struct dmp_kernel kernel;
	int ret;

	if (!dmp_log_is_full(drain->log))
		return;
	ret = dmp_log_rotate(drain->log, ask_kernel(drain, &kernel));
	if (!ret)
		tell_head(drain, "rotated");
	else if (ret != drain->rotation_complained)
		dmp_say(LOG_ERR, "the log is full, and cannot be rotated: %s; it goes on growing",
			strerror(-ret));
	drain->rotation_complained = ret;
}

/* --- running ---------------------------------------------------------------- */

static void say_changed(struct dmp_drain *drain)
{
	uint64_t from, to;

	if (dmp_log_was_changed(drain->log, &from, &to))
		dmp_say(LOG_WARNING,
			"somebody changed the log: it had %" PRIu64 " bytes, and then %" PRIu64
			"; going on behind record %" PRIu64,
			from, to, drain->logged);
}

/* Return: 0, or -EAGAIN when not all of the batch is in the log. */
static int append_batch(struct dmp_drain *drain)
{
	const struct dmp_kernel *known = NULL;
	struct dmp_kernel kernel;
	uint64_t last;
	size_t kept;
	int ret;

	if (!drain->batch.length)
		return 0;
	drain->settled = false;
	if (dmp_log_is_due(drain->log, drain->batch.count))
		known = ask_kernel(drain, &kernel);
	ret = dmp_log_append(drain->log, drain->batch.lines, drain->batch.length, known,
			     &kept);
	/* Just now, and nothing of it counts: once more, where it belongs. */
	if (ret == -ESTALE) {
		check_place(drain);
		ret = dmp_log_append(drain->log, drain->batch.lines, drain->batch.length,
				     known, &kept);
	}
	say_changed(drain);
	last = dmp_batch_last(&drain->batch, kept);
	if (last)
		drain->logged = last;
	say_append_result(drain, ret);
	return ret ? -EAGAIN : 0;
}

int dmp_drain_run(struct dmp_drain *drain)
{
	uint64_t first = drain->logged ? drain->logged + 1 : 0;
	int append, ret, acked = 0;

	dmp_batch_clear(&drain->batch);
	ret = dmp_nl_events(drain->nl, first, take_event, drain);
	check_place(drain);
	/* What came before an error is good, and is better in the log. */
	append = append_batch(drain);
	if (drain->logged > drain->acknowledged)
		acked = acknowledge(drain, drain->logged);
	if (ret || acked)
		return ret ? ret : acked;
	if (!append) {
		keep_up(drain);
		check_full(drain);
	}
	return append;
}

void dmp_drain_stop(struct dmp_drain *drain)
{
	dmp_drain_run(drain);
	checkpoint(drain, "stop");
}
