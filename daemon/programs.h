/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * programs.h - notice when a program that a rule names (exe) is replaced
 *
 * The kernel compares device and inode, so that a replaced file stops matching
 * until it is looked up again (RESOLVE). A replacement is a rename, and can be one
 * of any directory on the path: so each of these is watched for the name that
 * matters in it, and the file itself.
 *
 * Times are milliseconds of any clock that only goes forward.
 */
#ifndef DEVMEM_POLICY_PROGRAMS_H
#define DEVMEM_POLICY_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "netlink.h"

/* Quiet for so long, as a package manager renames several times; but not for ever. */
#define DMP_PROGRAMS_QUIET_MS 200
#define DMP_PROGRAMS_PATIENCE_MS 2000

/* What a path led to when it was looked at last. */
struct dmp_program {
	char *path;
	bool known; /* looked at; the rest means nothing before */
	bool there;
	dev_t device;
	ino_t inode;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	struct timespec changed;
};

/* A name that matters in a watched directory; "": the watched file itself. */
struct dmp_programs_watch {
	int id;
	char *name;
};

struct dmp_programs {
	int fd; /* to be polled for input */
	struct dmp_program *list; /* in the order of the paths */
	size_t count;
	struct dmp_programs_watch *watches; /* in the order of id and name */
	size_t watch_count;
	bool blind; /* not all can be watched, which was said */
	bool pending; /* something has changed, */
	uint64_t since_ms; /* for the first time, */
	uint64_t due_ms; /* and it is to be dealt with then */
};

/* dmp_programs_open() - watch nothing yet. Return: 0 or -errno */
int dmp_programs_open(struct dmp_programs *programs);
void dmp_programs_close(struct dmp_programs *programs);

/*
 * dmp_programs_update() - watch those that the rules in force name
 *
 * What was replaced before it was watched for the first time is looked up again.
 *
 * Return: 0 or what the kernel said.
 */
int dmp_programs_update(struct dmp_programs *programs, struct dmp_nl *nl);

/* dmp_programs_read() - take what is to be read from fd */
void dmp_programs_read(struct dmp_programs *programs, uint64_t now_ms);

/* dmp_programs_wait_ms() - how long until there is something to do; -1: nothing */
int dmp_programs_wait_ms(const struct dmp_programs *programs, uint64_t now_ms);

/*
 * dmp_programs_resolve() - watch anew, say what has changed, and tell the kernel
 *
 * Return: 0 or what the kernel said; then it is to be tried again later.
 */
int dmp_programs_resolve(struct dmp_programs *programs, struct dmp_nl *nl, uint64_t now_ms);

#endif /* DEVMEM_POLICY_PROGRAMS_H */
