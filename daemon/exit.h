/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exit.h - exit codes of devmemd and devmemctl; the man pages promise them */
#ifndef DEVMEM_POLICY_EXIT_H
#define DEVMEM_POLICY_EXIT_H

enum dmp_exit {
	DMP_EXIT_OK = 0,
	DMP_EXIT_FAILED = 1, /* refused, or something else went wrong */
	DMP_EXIT_USAGE = 2,
	DMP_EXIT_NO_MODULE = 3,
	DMP_EXIT_NO_RIGHTS = 4,
	DMP_EXIT_POLICY = 5, /* the policy's text or file is not valid */
	DMP_EXIT_SIGNATURE = 6, /* the signature is not good */
	DMP_EXIT_STATE = 7, /* the serial floors cannot be had */
	DMP_EXIT_TAMPERED = 8, /* the log was changed */
	DMP_EXIT_INCOMPLETE = 9, /* something of the log, or of a sweep, is missing */
	DMP_EXIT_MORE_OPEN = 10, /* of two sweeps, the second */
};

#endif /* DEVMEM_POLICY_EXIT_H */
