/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wait.h - wait for a file descriptor, but not longer than the program is to run */
#ifndef DEVMEM_POLICY_WAIT_H
#define DEVMEM_POLICY_WAIT_H

#include <stdint.h>

/*
 * dmp_wait() - until fd has one of the events of poll(2)
 * @stop: readable when everything is to end; -1: never
 * @fd: -1: only wait
 * @ms: at most so long
 *
 * Return: 1; 0 when the time is over; -ECANCELED when everything is to end; or
 * -errno.
 */
int dmp_wait(int stop, int fd, short events, int ms);

/* dmp_now_ms() - of CLOCK_MONOTONIC */
uint64_t dmp_now_ms(void);

#endif /* DEVMEM_POLICY_WAIT_H */
