/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program.h - the file of a program
 */
#ifndef DMP_PROGRAM_H
#define DMP_PROGRAM_H

#include <policy/ruling.h>

struct netlink_ext_ack;

int dmp_program_resolve(const char *path, struct dmp_program *program,
			struct netlink_ext_ack *extack);
void dmp_program_of_current(struct dmp_program *program);
bool dmp_program_same(const struct dmp_program *a, const struct dmp_program *b);
bool dmp_program_changed(const struct dmp_program *now, const struct dmp_program *before);

#endif /* DMP_PROGRAM_H */
