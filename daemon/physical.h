/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * physical.h - ask /dev/mem for pages
 *
 * Nothing is written to, and no mapping is touched but that of RAM below 1 MiB whose
 * reading gave zeros.
 */
#ifndef DEVMEM_POLICY_PHYSICAL_H
#define DEVMEM_POLICY_PHYSICAL_H

#include "sweep.h"

struct dmp_physical {
	int fd; /* for reading and writing */
	unsigned int page_shift;
	uint64_t low_pages; /* whose reading may give zeros: all bytes of them are read */
};

/*
 * dmp_physical_open() - open /dev/mem
 *
 * Return: 0 or -errno; -EPERM: CAP_SYS_RAWIO is missing, or lockdown is in force.
 */
int dmp_physical_open(struct dmp_physical *physical);
void dmp_physical_close(struct dmp_physical *physical);

/* dmp_physical_limit() - one behind the last page that the processor addresses */
uint64_t dmp_physical_limit(unsigned int page_shift);

/* As struct dmp_asker has them; the context is a struct dmp_physical. */
int dmp_physical_ask(void *context, enum dmp_way way, uint64_t first_pfn, uint64_t pages);
int dmp_physical_shows(void *context, uint64_t pfn);

#endif /* DEVMEM_POLICY_PHYSICAL_H */
