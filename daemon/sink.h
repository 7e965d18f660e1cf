/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink.h - where lines of the log are forwarded to
 *
 * Nothing waits longer than until the program is to end. A sink that fails is no
 * more connected; the next item connects it again.
 */
#ifndef DEVMEM_POLICY_SINK_H
#define DEVMEM_POLICY_SINK_H

#include <stdint.h>

#include "syslog_text.h"

struct dmp_sink;

struct dmp_sink_options {
	struct dmp_syslog syslog;
	size_t limit; /* bytes of a message; 0: as many as the target takes */
	int stop; /* readable when everything is to end; -1: never */
};

/*
 * dmp_sink_open() - by the words of devmemctl(8): "syslog", "syslog:tcp:HOST:PORT" ...
 * @target: stays in use, as what @options points to
 *
 * Nothing is connected yet.
 *
 * Return: 0; -EINVAL when there is no such target; -ENOMEM.
 */
int dmp_sink_open(const char *target, const struct dmp_sink_options *options,
		  struct dmp_sink **sink);

/*
 * dmp_sink_send() - hand an item over
 *
 * Return: 0; -ECANCELED; or -errno when it was not handed over, or not all of it.
 */
int dmp_sink_send(struct dmp_sink *sink, const struct dmp_item *item);

/*
 * dmp_sink_settle() - wait until the other side has received what was handed over
 *
 * That is its kernel, with TCP; no sink can tell more.
 *
 * Return: 0; -ECANCELED; or -errno when it may have received less.
 */
int dmp_sink_settle(struct dmp_sink *sink);

/*
 * dmp_sink_sent() - bytes that were handed over since it was connected
 *
 * As long as it is not connected again these are those of the last connection.
 */
uint64_t dmp_sink_sent(const struct dmp_sink *sink);

/* dmp_sink_arrived() - how many of them the other side has, as far as can be told */
uint64_t dmp_sink_arrived(const struct dmp_sink *sink);

bool dmp_sink_is_connected(const struct dmp_sink *sink);

/* dmp_sink_takes_own() - does it want what is no line of the log? */
bool dmp_sink_takes_own(const struct dmp_sink *sink);

/* dmp_sink_can_return() - is there a point in trying again after -EPIPE? */
bool dmp_sink_can_return(const struct dmp_sink *sink);

/* dmp_sink_truncated() - messages that were cut, since dmp_sink_open() */
uint64_t dmp_sink_truncated(const struct dmp_sink *sink);

const char *dmp_sink_name(const struct dmp_sink *sink);

void dmp_sink_close(struct dmp_sink *sink);

#endif /* DEVMEM_POLICY_SINK_H */
