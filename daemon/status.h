/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status.h - the module's status for people and for machines */
#ifndef DEVMEM_POLICY_STATUS_H
#define DEVMEM_POLICY_STATUS_H

#include <jansson.h>
#include <stdio.h>

#include "netlink.h"
#include "registered.h"

/*
 * dmp_status_json() - one JSON object; devmemctl(8) documents it
 * @silenced_by: what dmp_probe_switches() says, "" for nothing
 *
 * Return: the text, to be freed, or NULL when there is no memory.
 */
char *dmp_status_json(const struct dmp_status *status,
		      const struct dmp_registered *policies, const char *silenced_by);

/* dmp_counters_json() - an object of those that are present */
json_t *dmp_counters_json(const struct dmp_counters *from);

/* dmp_status_print() - the same for people */
void dmp_status_print(const struct dmp_status *status,
		      const struct dmp_registered *policies, const char *silenced_by,
		      FILE *out);

#endif /* DEVMEM_POLICY_STATUS_H */
