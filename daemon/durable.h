/* SPDX-License-Identifier: GPL-2.0-or-later */
/* durable.h - files that outlive a crash */
#ifndef DEVMEM_POLICY_DURABLE_H
#define DEVMEM_POLICY_DURABLE_H

/*
 * dmp_sync_directory() - make the name of a file durable
 * @path: of the file
 *
 * Return: 0, also on a file system that has nothing to do for it, or -errno.
 */
int dmp_sync_directory(const char *path);

#endif /* DEVMEM_POLICY_DURABLE_H */
