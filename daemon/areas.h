/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * areas.h - the physical address space, as /proc/iomem knows it
 *
 * In pages: a page that several resources share belongs to the one that is least
 * like memory, so that none counts as RAM which is not RAM from end to end.
 */
#ifndef DEVMEM_POLICY_AREAS_H
#define DEVMEM_POLICY_AREAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What is there. Names in JSON: dmp_ground_name() */
enum dmp_ground {
	DMP_GROUND_KERNEL_TEXT,
	DMP_GROUND_KERNEL_RODATA,
	DMP_GROUND_KERNEL_DATA,
	DMP_GROUND_KERNEL_BSS,
	DMP_GROUND_RAM,
	DMP_GROUND_CRASH, /* RAM set aside for a crash kernel */
	DMP_GROUND_LOW_RAM, /* below 1 MiB */
	DMP_GROUND_LOW, /* below 1 MiB, and no RAM: video memory, ROMs */
	DMP_GROUND_FIRMWARE, /* ACPI's tables, in memory */
	DMP_GROUND_RESERVED, /* by the firmware, which does not say for what */
	DMP_GROUND_PCI,
	DMP_GROUND_DEVICE, /* any other */
	DMP_GROUND_UNKNOWN, /* nothing is known there: samples */
	DMP_GROUNDS
};

#define DMP_AREA_NAME_SIZE 64

struct dmp_area {
	uint64_t first_pfn;
	uint64_t last_pfn; /* inclusive */
	enum dmp_ground ground;
	bool ram; /* reading it has no side effects */
	char name[DMP_AREA_NAME_SIZE]; /* of the resource, safe to print; "" is none */
};

/* In order, and apart from each other */
struct dmp_areas {
	struct dmp_area *list;
	size_t count;
	unsigned int page_shift;
	uint64_t known_pages; /* that are no samples */
	uint64_t sample_pages;
	uint64_t ram_pages; /* of the known ones */
};

/*
 * dmp_areas_read() - take in a text as of /proc/iomem
 * @limit_pfn: one behind the last page that the processor can address; samples are
 * taken up to there
 *
 * Return: 0; -EPERM: it hides all addresses, as it does from those without
 * CAP_SYS_ADMIN; -EBADMSG: a line cannot be understood; or -ENOMEM.
 */
int dmp_areas_read(struct dmp_areas *areas, FILE *text, unsigned int page_shift,
		   uint64_t limit_pfn);

/*
 * dmp_areas_append() - one more, behind those that there are
 *
 * What only continues the last one becomes part of it.
 *
 * Return: 0, -EBADMSG when it does not lie behind them, or -ENOMEM.
 */
int dmp_areas_append(struct dmp_areas *areas, const struct dmp_area *area);

void dmp_areas_free(struct dmp_areas *areas);

/* dmp_areas_same() - the same pages, of the same kinds */
bool dmp_areas_same(const struct dmp_areas *a, const struct dmp_areas *b);

/* dmp_ground_name() - as in "kernel-text" */
const char *dmp_ground_name(enum dmp_ground ground);

/* dmp_ground_of() - the reverse. Return: false: none is called that */
bool dmp_ground_of(const char *name, enum dmp_ground *ground);

#endif /* DEVMEM_POLICY_AREAS_H */
