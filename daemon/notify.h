/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify.h - tell the service manager how it goes
 *
 * The protocol of sd_notify(3) is a datagram to $NOTIFY_SOCKET, and stable; that
 * page recommends to speak it directly. libsystemd would bring compression and
 * cipher libraries into a process that has CAP_SYS_ADMIN.
 */
#ifndef DEVMEM_POLICY_NOTIFY_H
#define DEVMEM_POLICY_NOTIFY_H

#include <stdint.h>

/* dmp_notify() - send a state as in "READY=1\nSTATUS=…"; nothing when not asked to */
void dmp_notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* dmp_notify_reloading() - with the time that it is told to carry */
void dmp_notify_reloading(void);

/*
 * dmp_notify_watchdog_ms() - how long the service manager waits for a sign of life
 *
 * Return: milliseconds, at least 1; 0: it wants none.
 */
uint64_t dmp_notify_watchdog_ms(void);

#endif /* DEVMEM_POLICY_NOTIFY_H */
