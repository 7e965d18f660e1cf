/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * forward.h - forward a log to a sink
 *
 * The log is the only buffer: a line is done when the sink has settled behind it,
 * and when the sink fails everything from there on is sent again. So each line
 * arrives at least once, as far as the sink can tell what arrived.
 */
#ifndef DEVMEM_POLICY_FORWARD_H
#define DEVMEM_POLICY_FORWARD_H

#include "exit.h"
#include "sink.h"

#define DMP_FORWARD_RETRY_MS 1000
#define DMP_FORWARD_STATUS_MS 600000

struct dmp_forward_options {
	const char *log;
	const char *position; /* file; NULL: none */
	bool oldest; /* where there is no position yet, begin there */
	bool once; /* end when everything was forwarded, or the sink fails */
	bool verbose;
	int stop; /* readable when everything is to end; -1: never */
	unsigned int retry_ms; /* after the sink failed; then doubled, up to 30 times */
	unsigned int status_ms; /* between messages about how it goes */
};

/*
 * dmp_forward() - until it is to end
 *
 * Return: DMP_EXIT_OK; DMP_EXIT_INCOMPLETE when only once, and something was
 * missing; DMP_EXIT_NO_RIGHTS when the log may not be read; DMP_EXIT_FAILED. What
 * went wrong was said.
 */
enum dmp_exit dmp_forward(struct dmp_sink *sink,
			  const struct dmp_forward_options *options);

#endif /* DEVMEM_POLICY_FORWARD_H */
