// SPDX-License-Identifier: GPL-2.0-or-later
#include "drain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

/* --- taking over ------------------------------------------------------------ */

static int acknowledge(struct dmp_drain *drain, uint64_t sequence)
{
	int ret = dmp_nl_ack(drain->nl, sequence);

	if (ret && ret != -ENOTCONN && ret != -ENOENT)
		dmp_say(LOG_ERR, "record %" PRIu64 " cannot be acknowledged: %s",
			sequence, dmp_nl_message(drain->nl));
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

int dmp_drain_begin(struct dmp_drain *drain, struct dmp_nl *nl, struct dmp_log *log)
{
	struct dmp_log_tail tail;
	struct dmp_status status;
	int ret;

	memset(drain, 0, sizeof(*drain));
	drain->nl = nl;
	drain->log = log;
	ret = dmp_boot_id(drain->boot_id);
	if (ret) {
		dmp_say(LOG_ERR, "the boot id cannot be read: %s", strerror(-ret));
		return ret;
	}
	ret = dmp_nl_status(nl, &status);
	if (ret) {
		dmp_say(LOG_ERR, "the module does not tell its status: %s",
			strerror(-ret));
		return ret;
	}
	drain->instance = status.instance;
	ret = dmp_log_recover(log, drain->instance, drain->boot_id, &tail);
	if (ret && ret != -EBUSY)
		dmp_say(LOG_ERR, "the log cannot be read: %s", strerror(-ret));
	if (ret)
		return ret;
	return adopt_tail(drain, &tail, &status.ring);
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

/* Return: 0, or -EAGAIN when not all of the batch is in the log. */
static int append_batch(struct dmp_drain *drain)
{
	uint64_t last;
	size_t kept;
	int ret;

	if (!drain->batch.length)
		return 0;
	ret = dmp_log_append(drain->log, drain->batch.lines, drain->batch.length, &kept);
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
	/* What came before an error is good, and is better in the log. */
	append = append_batch(drain);
	if (drain->logged > drain->acknowledged)
		acked = acknowledge(drain, drain->logged);
	if (ret || acked)
		return ret ? ret : acked;
	return append;
}
