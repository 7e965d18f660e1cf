/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drain.h - records from the kernel's ring to the log, acknowledged once they
 * are durable
 */
#ifndef DEVMEM_POLICY_DRAIN_H
#define DEVMEM_POLICY_DRAIN_H

#include "auditor.h"
#include "batch.h"
#include "log.h"
#include "record.h"

struct dmp_drain {
	struct dmp_nl *nl;
	struct dmp_auditor *auditor; /* acknowledges */
	struct dmp_log *log;
	uint64_t instance;
	char boot_id[DMP_BOOT_ID_BYTES];
	uint64_t logged; /* sequence of the last record in the log; 0: unknown */
	uint64_t acknowledged; /* what the kernel knows to be durable */
	int complained; /* the -errno of the log that was told already, */
	int place_complained; /* that of beginning it again, */
	int rotation_complained; /* and that of rotating it */
	struct dmp_kernel kernel; /* at the last checkpoint */
	uint64_t quiet_ms; /* since when it has said that; 0: not known */
	bool settled; /* and the log has a checkpoint that says so */
	uint64_t told_ms; /* when the head of the log was told last */
	struct dmp_batch batch;
	/* Called for each record before it is logged, maybe more than once. */
	void (*watcher)(const struct dmp_event *event, void *arg);
	void *watcher_arg;
};

/*
 * dmp_drain_begin() - take over log and ring where the last daemon left them
 *
 * @nl: for requests that anybody may make
 * @auditor: attached
 *
 * Records that are in the log already are acknowledged, not written again. The log
 * gets a checkpoint, if there is room.
 *
 * Return: 0; -EBUSY when another process has the log; another -errno, after
 * having said what is wrong.
 */
int dmp_drain_begin(struct dmp_drain *drain, struct dmp_nl *nl,
		    struct dmp_auditor *auditor, struct dmp_log *log);

/*
 * dmp_drain_run() - log and acknowledge all records that there are
 *
 * Writes the checkpoints that are due, and changes files when one is full. To be
 * called every second, or more often.
 *
 * Return: 0; -EAGAIN when the log cannot be written now (said once); -ENOTCONN
 * when this is not the auditor any more; -ESTALE when the records are
 * of another instance of the module; or what netlink.h says.
 */
int dmp_drain_run(struct dmp_drain *drain);

/* dmp_drain_stop() - the same for the last time: the log ends in a checkpoint */
void dmp_drain_stop(struct dmp_drain *drain);

/* dmp_drain_reopen() - dmp_log_reopen(), with the module's counters */
int dmp_drain_reopen(struct dmp_drain *drain);

void dmp_drain_end(struct dmp_drain *drain);

#endif /* DEVMEM_POLICY_DRAIN_H */
