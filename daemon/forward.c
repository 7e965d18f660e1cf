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

/* Lines that may have to be sent again when a connection breaks. */
#define UNSETTLED_MAX 4096
#define SETTLE_MS 1000
#define SAVE_MS 1000
#define LOOK_MS 1000
#define RETRY_FACTOR_MAX 30

struct forward {
	const struct dmp_forward_options *options;
	struct dmp_sink *sink;
	struct dmp_follow follow;
	struct dmp_position now; /* its place is that of follow */
	struct dmp_position settled;
	uint64_t truncated_before; /* by other runs */
	unsigned int unsettled; /* lines sent behind the settled place */
	uint64_t settled_ms;
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

/* Everything that was sent has arrived, or the sink cannot tell. */
static int settle(struct forward *forward)
{
	int ret = dmp_sink_settle(forward->sink);

	if (ret)
		return ret;
	forward->settled_ms = dmp_now_ms();
	if (forward->unsettled)
		forward->unsaved = true;
	forward->unsettled = 0;
	forward->now.place = forward->follow.at;
	forward->settled = forward->now;
	if (dmp_now_ms() >= forward->saved_ms + SAVE_MS)
		save(forward);
	if (!forward->down || !dmp_sink_is_connected(forward->sink))
		return 0;
	dmp_say(LOG_NOTICE, "%s works again", dmp_sink_name(forward->sink));
	forward->down = false;
	forward->retry_ms = forward->options->retry_ms;
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
	forward->unsettled++;
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
	forward->unsettled = 0;
	return go_to(forward, &forward->settled.place);
}

/* --- all of it -------------------------------------------------------------- */

/*
 * Send what there is, up to the next time to settle.
 *
 * Return: 1 when there may be more; 0 when not; or -errno.
 */
static int send_some(struct forward *forward)
{
	uint64_t end = dmp_now_ms() + SETTLE_MS;
	const char *text;
	size_t length;
	int ret;

	ret = send_due_status(forward);
	if (ret)
		return ret;
	while (forward->unsettled < UNSETTLED_MAX && dmp_now_ms() < end) {
		ret = dmp_follow_next(&forward->follow, &text, &length);
		forward->log_failed = ret < 0;
		if (ret <= 0)
			return ret;
		ret = forward_line(forward, text, length);
		if (ret)
			return ret;
	}
	return 1;
}

static int send_and_settle(struct forward *forward)
{
	int more, ret;

	more = send_some(forward);
	if (more < 0)
		return more;
	ret = settle(forward);
	return ret ? ret : more;
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
