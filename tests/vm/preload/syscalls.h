/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls.h - what syscalls.so adds up */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include <stdint.h>

enum spent_on {
	SPENT_NETLINK, /* fetching and acknowledging */
	SPENT_FILE, /* writing and syncing */
	SPENT_WAITING,
	SPENT_KINDS
};

struct spent {
	uint64_t clock_ns; /* that each call has too much in ns; twice that in all */
	uint64_t calls[SPENT_KINDS];
	uint64_t ns[SPENT_KINDS];
};

#endif /* SYSCALLS_H */
