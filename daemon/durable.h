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

/*
 * dmp_replace_file() - after a crash the file is the old one or the new one, whole
 * @path: only its owner may read it; a crash may leave PATH.new beside it
 * @text: what shall be in it
 *
 * Return: 0 when it is on the disk, or -errno.
 */
int dmp_replace_file(const char *path, const char *text);

#endif /* DEVMEM_POLICY_DURABLE_H */
