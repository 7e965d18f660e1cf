/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - an event of the kernel as a line, for the log and for people
 *
 * devmem-policy-log(5) documents the fields; "devmemctl -j monitor" has the same,
 * without the chain.
 */
#ifndef DEVMEM_POLICY_RECORD_H
#define DEVMEM_POLICY_RECORD_H

#include "wire.h"

/* Of a boot id as the kernel writes it, with the NUL. */
#define DMP_BOOT_ID_BYTES 37

/*
 * dmp_boot_id() - /proc/sys/kernel/random/boot_id
 *
 * Return: 0, or -errno.
 */
int dmp_boot_id(char boot_id[DMP_BOOT_ID_BYTES]);

/*
 * dmp_record_json() - one JSON object, without a line end
 *
 * Return: the text, to be freed, or NULL when there is no memory.
 */
char *dmp_record_json(const struct dmp_event *event, const char *boot_id);

/* dmp_record_text() - one line for people, without a line end; else likewise */
char *dmp_record_text(const struct dmp_event *event);

#endif /* DEVMEM_POLICY_RECORD_H */
