/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pulse.h - a thread that keeps on proving, and gives the signs of life
 *
 * The thread that does the work waits for disks, for minutes if one hangs. Meanwhile
 * the module must not take the auditor for dead, nor the service manager the service:
 * what stops then are grants, when the module's ring is full. This thread touches no
 * file but the device and /proc, and shares two things: the auditor, which has a lock,
 * and what is below.
 */
#ifndef DEVMEM_POLICY_PULSE_H
#define DEVMEM_POLICY_PULSE_H

#include "auditor.h"

struct dmp_pulse {
	struct dmp_auditor *auditor;
	int fd; /* readable when dmp_pulse_take() has something */
	pid_t watched; /* the thread that started this one */
	bool running;
	pthread_t thread;
	pthread_mutex_t lock; /* all that follows */
	pthread_cond_t wake;
	bool ending;
	struct dmp_fault fault; /* of the last heartbeat */
	uint64_t turned_ms; /* when the watched thread went round last; 0: not yet */
};

/*
 * dmp_pulse_start() - begin with heartbeats; the auditor has just proven
 *
 * Return: 0 or -errno.
 */
int dmp_pulse_start(struct dmp_pulse *pulse, struct dmp_auditor *auditor);

/* dmp_pulse_stop() - end the thread; also when it was not started */
void dmp_pulse_stop(struct dmp_pulse *pulse);

/*
 * dmp_pulse_turn() - the watched thread goes round, which it does every second
 *
 * If it does not, for as long as the service manager's watchdog waits, there are no
 * more signs of life. While it waits in the kernel, where it cannot even be killed, that
 * time has not begun.
 */
void dmp_pulse_turn(struct dmp_pulse *pulse);

/* dmp_pulse_take() - how the last heartbeat ended, after one that failed or did again */
void dmp_pulse_take(struct dmp_pulse *pulse, struct dmp_fault *fault);

/*
 * dmp_task_waits() - is a thread of this process waiting uninterruptibly (state D)?
 *
 * False as well when there is no such thread.
 */
bool dmp_task_waits(pid_t thread);

#endif /* DEVMEM_POLICY_PULSE_H */
