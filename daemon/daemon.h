/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daemon.h - what devmemd holds, from start to end */
#ifndef DEVMEM_POLICY_DAEMON_H
#define DEVMEM_POLICY_DAEMON_H

#include "auditor.h"
#include "drain.h"
#include "exit.h"
#include "floors.h"
#include "programs.h"
#include "pulse.h"

struct dmp_options {
	const char *policy_dir;
	const char *cert_dir;
	const char *log;
	uint64_t log_max_bytes; /* 0: no limit */
	unsigned int log_keep;
	const char *device;
	const char *state;
	bool new_state;
};

struct dmp_daemon {
	struct dmp_options options;
	struct dmp_nl *nl; /* for requests of this thread */
	struct dmp_nl *auditor_nl;
	struct dmp_nl *bell;
	struct dmp_log *log;
	struct dmp_auditor auditor;
	struct dmp_pulse pulse; /* the other thread */
	struct dmp_drain drain;
	struct dmp_floors floors;
	struct dmp_programs programs;
	bool loads_lost; /* not all were on record: ask for what is in force */
	bool rules_changed; /* the programs that they name are to be asked for */
	bool floors_blocked; /* they cannot be written, which was said */
	bool log_slow; /* it took very long, which was said */
	bool log_blocked; /* it failed: left alone until the next tick */
	int fault; /* the -errno that was told last */
};

/*
 * dmp_daemon_start() - become auditor, take over the log, register the policies
 * dmp_daemon_stop() - log what there is and detach; also after a failed start
 *
 * Return: DMP_EXIT_OK, or why it cannot go on, which was said.
 */
enum dmp_exit dmp_daemon_start(struct dmp_daemon *daemon,
			       const struct dmp_options *options);
void dmp_daemon_stop(struct dmp_daemon *daemon);

/*
 * What the event loop calls. Each returns DMP_EXIT_OK to go on, or the exit
 * code when that is impossible, which was said.
 */
enum dmp_exit dmp_daemon_bell(struct dmp_daemon *daemon); /* it rang */
enum dmp_exit dmp_daemon_tick(struct dmp_daemon *daemon); /* every second */
enum dmp_exit dmp_daemon_pulse(struct dmp_daemon *daemon); /* pulse.fd has news */
enum dmp_exit dmp_daemon_files(struct dmp_daemon *daemon); /* programs.fd has news */
enum dmp_exit dmp_daemon_due(struct dmp_daemon *daemon); /* dmp_daemon_wait_ms() is 0 */
enum dmp_exit dmp_daemon_reload(struct dmp_daemon *daemon); /* SIGHUP */
enum dmp_exit dmp_daemon_reopen(struct dmp_daemon *daemon); /* SIGUSR1 */

/* dmp_daemon_wait_ms() - how long to wait for events before it is due; -1: ever */
int dmp_daemon_wait_ms(const struct dmp_daemon *daemon);

#endif /* DEVMEM_POLICY_DAEMON_H */
