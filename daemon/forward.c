// SPDX-License-Identifier: GPL-2.0-or-later
#include "forward.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "follow.h"
#include "names.h"
#include "report.h"
#include "say.h"
#include "wait.h"

/* A line of so many is remembered, until it has arrived; so many such lines. */
#define MARK_LINES 64
#define MARKS_MAX 64
/* How long to go on before looking after everything else. */
#define ROUND_MS 1000
#define SAVE_MS 1000
#define LOOK_MS 1000
#define RETRY_FACTOR_MAX 30

struct mark {
	uint64_t sent; /* as dmp_sink_sent() */
	struct dmp_position position;
};

struct forward {
	const struct dmp_forward_options *options;
	struct dmp_sink *sink;
	struct dmp_follow follow;
	struct dmp_position now; /* its place is that of follow */
	struct dmp_position settled;
	uint64_t truncated_before; /* by other runs */
	struct mark marks[MARKS_MAX]; /* behind the settled place */
	size_t mark_count;
	unsigned int unmarked; /* lines sent behind the last mark */
	uint64_t saved_ms;
	uint64_t status_ms; /* of the last status */
	bool unsaved;
	bool save_failed; /* and it was said */
	const char *status; /* cause of one that is due, or NULL */
	bool down; /* the sink failed, and it was said */
	bool gaps; /* something was missing, in this run */
	bool log_failed; /* not the sink */
	unsigned int retry_ms;
	struct dmp_line line;
};

/* --- position --------------------------------------------------------------- */

static void save(struct forward *forward)
{
	struct dmp_position position = forward->now;
	int ret;

	if (!forward->options->position || !forward->unsaved)
		return;
	position.place = forward->settled.place;
	position.lost = forward->settled.lost;
	position.breaks = forward->settled.breaks;
	forward->saved_ms = dmp_now_ms();
	ret = dmp_position_write(forward->options->position, &position);
	forward->unsaved = ret;
	if (ret && !forward->save_failed)
		dmp_say(LOG_WARNING,
			"%s cannot be written: %s; after a crash lines are sent again",
			forward->options->position, strerror(-ret));
	forward->save_failed = ret;
}

static void settle_at(struct forward *forward, const struct dmp_position *position)
{
	forward->settled = *position;
	forward->unsaved = true;
	if (!forward->down)
		return;
	dmp_say(LOG_NOTICE, "%s works again", dmp_sink_name(forward->sink));
	forward->down = false;
	forward->retry_ms = forward->options->retry_ms;
}

/* How far has what was sent arrived? */
static void look_at_marks(struct forward *forward)
{
	uint64_t arrived = dmp_sink_arrived(forward->sink);
	size_t count = 0;

	while (count < forward->mark_count && forward->marks[count].sent <= arrived)
		count++;
	if (!count)
		return;
	settle_at(forward, &forward->marks[count - 1].position);
	forward->mark_count -= count;
	memmove(forward->marks, forward->marks + count,
		forward->mark_count * sizeof(forward->marks[0]));
}

static void add_mark(struct forward *forward)
{
	struct mark *mark = &forward->marks[forward->mark_count++];

	forward->now.place = forward->follow.at;
	mark->sent = dmp_sink_sent(forward->sink);
	mark->position = forward->now;
	forward->unmarked = 0;
	look_at_marks(forward);
}

/* Wait until everything that was sent has arrived, or the sink cannot tell. */
static int settle(struct forward *forward)
{
	int ret = dmp_sink_settle(forward->sink);

	if (ret)
		return ret;
	forward->now.place = forward->follow.at;
	if ((forward->mark_count || forward->unmarked || forward->down) &&
	    dmp_sink_is_connected(forward->sink))
		settle_at(forward, &forward->now);
	forward->mark_count = 0;
	forward->unmarked = 0;
	return 0;
}

/* Go on behind a line; what is missing there will be found by the next one. */
static int go_to(struct forward *forward, const struct dmp_place *place)
{
	enum dmp_found found;
	int ret = dmp_follow_resume(&forward->follow, place, &found);

	/* There may be no file just now. */
	if (ret == -ENOENT)
		ret = 0;
	forward->log_failed = ret;
	if (!ret && found == DMP_FOUND_NOTHING)
		dmp_say(LOG_WARNING,
			"%s: the line that was forwarded last is not there any more; going on with the oldest",
			forward->options->log);
	return ret;
}

/* --- its own messages ------------------------------------------------------- */

static int send_report(struct forward *forward, const struct dmp_report *report)
{
	const struct dmp_item item = { .line = &report->line };

	if (!dmp_sink_takes_own(forward->sink))
		return 0;
	return dmp_sink_send(forward->sink, &item);
}

static void say_status(const struct forward *forward)
{
	const struct dmp_position *now = &forward->now;

	dmp_say(LOG_INFO,
		"%s: %" PRIu64 " lines forwarded, %" PRIu64
		" connection attempts repeated, %" PRIu64 " messages cut, %" PRIu64
		" records lost, %" PRIu64 " breaks",
		dmp_sink_name(forward->sink), now->forwarded, now->connections,
		now->truncated, now->lost, now->breaks);
}

static int send_status(struct forward *forward, const char *cause)
{
	struct dmp_report report;
	int ret;

	forward->now.place = forward->follow.at;
	ret = dmp_report_status(&report, cause, &forward->now);
	if (!ret)
		ret = send_report(forward, &report);
	dmp_report_free(&report);
	return ret;
}

static int send_due_status(struct forward *forward)
{
	uint64_t now = dmp_now_ms();
	int ret;

	if (!forward->status && now >= forward->status_ms + forward->options->status_ms)
		forward->status = "time";
	if (!forward->status)
		return 0;
	ret = send_status(forward, forward->status);
	if (ret)
		return ret;
	if (forward->options->verbose)
		say_status(forward);
	forward->status = NULL;
	forward->status_ms = now;
	return 0;
}

static void say_gap(const struct forward *forward, const struct dmp_missing *missing)
{
	if (missing->first)
		dmp_say(LOG_WARNING,
			"%s: %s: records %" PRIu64 " to %" PRIu64 " of %s have not been seen",
			forward->options->log, missing->why, missing->first, missing->last,
			missing->instance);
	else
		dmp_say(LOG_WARNING, "%s: %s", forward->options->log, missing->why);
}

static int send_gap(struct forward *forward, const struct dmp_missing *missing)
{
	struct dmp_report report;
	int ret;

	say_gap(forward, missing);
	ret = dmp_report_gap(&report, &forward->follow.at, missing, forward->line.prev);
	if (!ret)
		ret = send_report(forward, &report);
	dmp_report_free(&report);
	return ret;
}

static int send_rubbish(struct forward *forward, const char *why,
			const uint8_t hash[DMP_SHA256_BYTES])
{
	struct dmp_report report;
	int ret;

	dmp_say(LOG_WARNING, "%s: not a line of a log: %s", forward->options->log, why);
	ret = dmp_report_rubbish(&report, &forward->follow.at, why, hash,
				 forward->line.length);
	if (!ret)
		ret = send_report(forward, &report);
	dmp_report_free(&report);
	return ret;
}

/* --- lines ------------------------------------------------------------------ */

static int send_line(struct forward *forward, const uint8_t hash[DMP_SHA256_BYTES])
{
	char digits[DMP_SHA256_DIGITS + 1];
	const struct dmp_item item = { .line = &forward->line, .hash = digits };

	dmp_hex(hash, DMP_SHA256_BYTES, digits);
	return dmp_sink_send(forward->sink, &item);
}

static void pass(struct forward *forward, const struct dmp_line *line,
		 const uint8_t hash[DMP_SHA256_BYTES])
{
	dmp_follow_pass(&forward->follow, line, hash);
	forward->now.truncated =
		forward->truncated_before + dmp_sink_truncated(forward->sink);
	forward->now.forwarded++;
	forward->unmarked++;
}

/* What is no line goes to nobody who expects one, but its hash does. */
static int forward_rubbish(struct forward *forward, const char *why,
			   const uint8_t hash[DMP_SHA256_BYTES])
{
	int ret = send_rubbish(forward, why, hash);

	if (!ret && !dmp_sink_takes_own(forward->sink))
		ret = send_line(forward, hash);
	if (ret)
		return ret;
	pass(forward, NULL, hash);
	forward->now.breaks++;
	forward->gaps = true;
	return 0;
}

static int forward_parsed(struct forward *forward, const struct dmp_missing *missing,
			  const uint8_t hash[DMP_SHA256_BYTES])
{
	int ret = missing->why ? send_gap(forward, missing) : 0;

	if (!ret)
		ret = send_line(forward, hash);
	if (ret)
		return ret;
	pass(forward, &forward->line, hash);
	forward->gaps |= !!missing->why;
	forward->now.breaks += missing->broken;
	if (missing->first)
		forward->now.lost += missing->last - missing->first + 1;
	return 0;
}

/* Did somebody change the file under the reader's hands? */
static bool is_displaced(const struct forward *forward)
{
	return !forward->follow.adrift && !dmp_follow_stands(&forward->follow);
}

static int forward_line(struct forward *forward, const char *text, size_t length)
{
	struct dmp_place place = forward->follow.at;
	uint8_t hash[DMP_SHA256_BYTES];
	struct dmp_missing missing = { 0 };
	const char *why;
	int rubbish, ret;

	ret = dmp_sha256(text, length, hash);
	if (ret)
		return ret;
	rubbish = dmp_line_scan(text, length, &forward->line, &why);
	if (!rubbish)
		dmp_missing_find(&place, &forward->line, &missing);
	if ((rubbish || missing.broken) && is_displaced(forward))
		return go_to(forward, &place);
	if (rubbish)
		return forward_rubbish(forward, why, hash);
	return forward_parsed(forward, &missing, hash);
}

/* --- the sink --------------------------------------------------------------- */

/* Wait, and go back to what has certainly arrived. Return: 0 or -errno. */
static int lose_sink(struct forward *forward, int error)
{
	const struct dmp_forward_options *options = forward->options;
	bool last = options->once || !dmp_sink_can_return(forward->sink);
	int ret;

	look_at_marks(forward);
	forward->mark_count = 0;
	forward->unmarked = 0;
	if (!forward->down)
		dmp_say(last ? LOG_ERR : LOG_WARNING, "%s: %s%s",
			dmp_sink_name(forward->sink), strerror(-error),
			last ? "" : "; trying again, and the log keeps what there is");
	forward->down = true;
	if (last)
		return error;
	save(forward);
	ret = dmp_wait(options->stop, -1, 0, (int)forward->retry_ms);
	if (ret < 0)
		return ret;
	forward->retry_ms *= 2;
	if (forward->retry_ms > options->retry_ms * RETRY_FACTOR_MAX)
		forward->retry_ms = options->retry_ms * RETRY_FACTOR_MAX;
	forward->now.connections++;
	forward->unsaved = true;
	forward->now.lost = forward->settled.lost;
	forward->now.breaks = forward->settled.breaks;
	return go_to(forward, &forward->settled.place);
}

/* --- all of it -------------------------------------------------------------- */

/*
 * Send what there is, for a while.
 *
 * Return: 1 when there may be more; 0 when not; or -errno.
 */
static int send_some(struct forward *forward)
{
	uint64_t end = dmp_now_ms() + ROUND_MS;
	const char *text;
	size_t length;
	int ret;

	ret = send_due_status(forward);
	if (ret)
		return ret;
	while (forward->mark_count < MARKS_MAX && dmp_now_ms() < end) {
		ret = dmp_follow_next(&forward->follow, &text, &length);
		forward->log_failed = ret < 0;
		if (ret <= 0)
			return ret;
		ret = forward_line(forward, text, length);
		if (ret)
			return ret;
		if (forward->unmarked >= MARK_LINES)
			add_mark(forward);
	}
	return 1;
}

static int send_and_settle(struct forward *forward)
{
	int more, ret = 0;

	more = send_some(forward);
	if (more < 0)
		return more;
	/* While there is more only when too much would have to be sent again. */
	if (!more || forward->mark_count == MARKS_MAX)
		ret = settle(forward);
	if (ret)
		return ret;
	if (dmp_now_ms() >= forward->saved_ms + SAVE_MS)
		save(forward);
	return more;
}

/* Return: 0 when everything was sent that was to be, or -errno. */
static int run(struct forward *forward)
{
	const struct dmp_forward_options *options = forward->options;
	int ret = 1;

	for (;;) {
		/* Without waiting, when there is more. */
		ret = ret > 0 ? dmp_wait(options->stop, -1, 0, 0) :
				dmp_follow_wait(&forward->follow, options->stop, LOOK_MS);
		if (ret < 0)
			return ret;
		ret = send_and_settle(forward);
		if (ret < 0 && (ret == -ECANCELED || forward->log_failed))
			return ret;
		if (ret < 0) {
			ret = lose_sink(forward, ret);
			if (ret)
				return ret;
			ret = 1;
		}
		if (!ret && options->once)
			return 0;
	}
}

/* What was sent last should not have to be sent again; but nobody waits for long. */
static void end(struct forward *forward)
{
	int ret = -ECANCELED;

	for (int i = 0; i < 20 && ret == -ECANCELED; i++) {
		if (i)
			dmp_wait(-1, -1, 0, 10);
		ret = settle(forward);
	}
	if (!ret && dmp_sink_is_connected(forward->sink))
		send_status(forward, "stop");
	forward->unsaved = true;
	save(forward);
	say_status(forward);
}

static int begin_anywhere(struct forward *forward)
{
	const struct dmp_forward_options *options = forward->options;

	if (options->oldest || options->once)
		return dmp_follow_oldest(&forward->follow);
	return dmp_follow_newest(&forward->follow);
}

/* Return: 0 or -errno. */
static int begin(struct forward *forward)
{
	const char *path = forward->options->position;
	int ret = path ? dmp_position_read(path, &forward->now) : -ENOENT;

	if (!ret) {
		forward->truncated_before = forward->now.truncated;
		return go_to(forward, &forward->now.place);
	}
	if (ret == -EBADMSG) {
		dmp_say(LOG_WARNING, "%s is damaged; everything is forwarded again", path);
		return dmp_follow_oldest(&forward->follow);
	}
	if (ret != -ENOENT) {
		dmp_say(LOG_ERR, "%s: %s", path,
			ret == -EINVAL ? "not a position of this program" : strerror(-ret));
		return ret;
	}
	ret = begin_anywhere(forward);
	forward->log_failed = ret;
	return ret;
}

static enum dmp_exit explain(const struct forward *forward, int error)
{
	if (!error || error == -ECANCELED)
		return forward->options->once && forward->gaps ? DMP_EXIT_INCOMPLETE : DMP_EXIT_OK;
	if (!forward->log_failed)
		return DMP_EXIT_FAILED;
	dmp_say(LOG_ERR, "%s: %s", forward->options->log, strerror(-error));
	return error == -EACCES || error == -EPERM ? DMP_EXIT_NO_RIGHTS : DMP_EXIT_FAILED;
}

enum dmp_exit dmp_forward(struct dmp_sink *sink, const struct dmp_forward_options *options)
{
	struct forward *forward = calloc(1, sizeof(*forward));
	enum dmp_exit code;
	int ret;

	if (!forward) {
		dmp_say(LOG_ERR, "there is no memory");
		return DMP_EXIT_FAILED;
	}
	forward->options = options;
	forward->sink = sink;
	forward->retry_ms = options->retry_ms;
	forward->status = "start";
	dmp_follow_open(&forward->follow, options->log);
	ret = begin(forward);
	if (ret == -ENOENT && forward->log_failed && !options->once)
		ret = 0;
	if (!ret) {
		forward->now.place = forward->follow.at;
		forward->settled = forward->now;
		ret = run(forward);
		end(forward);
	}
	code = explain(forward, ret);
	dmp_follow_close(&forward->follow);
	free(forward);
	return code;
}
