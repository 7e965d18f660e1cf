/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts.h - what can be known about a kernel without loading anything into it */
#ifndef DEVMEM_POLICY_FACTS_H
#define DEVMEM_POLICY_FACTS_H

#include <stdbool.h>
#include <stddef.h>

/* Functions that the module probes, or may probe. */
enum dmp_symbol {
	DMP_SYMBOL_PAGE, /* devmem_is_allowed */
	DMP_SYMBOL_RANGE, /* range_is_allowed, also under a name of the compiler's */
	DMP_SYMBOL_READ, /* read_mem */
	DMP_SYMBOL_WRITE, /* write_mem */
	DMP_SYMBOL_MMAP, /* mmap_mem */
	DMP_SYMBOL_MMAP_PREPARE, /* mmap_mem_prepare, from 7.0 */
	DMP_SYMBOL_COUNT
};

enum dmp_lockdown {
	DMP_LOCKDOWN_NONE, /* also where the kernel knows none */
	DMP_LOCKDOWN_INTEGRITY,
	DMP_LOCKDOWN_CONFIDENTIALITY
};

struct dmp_facts {
	char *config; /* the text; NULL: unknown */
	bool symbols_known;
	bool symbols[DMP_SYMBOL_COUNT];

	bool running; /* the rest is about the kernel that runs here */
	enum dmp_lockdown lockdown;
	bool signed_modules_only;
	bool device; /* there is a /dev/mem */
	bool relaxed; /* iomem=relaxed */
	bool loaded; /* the module is */
	unsigned long page_bytes;
	char silenced_by[160]; /* a switch that silences probes; "": none seen */
};

/*
 * dmp_facts_config() - read a configuration
 * @path: a file as /boot/config-RELEASE or /proc/config.gz
 *
 * Return: 0; -EFBIG; -EINVAL when it is no configuration; or -errno.
 */
int dmp_facts_config(struct dmp_facts *facts, const char *path);

/*
 * dmp_facts_symbols() - look for the functions in a list of symbols
 * @path: a file as /proc/kallsyms or System.map
 *
 * A list without any function of a kernel (Debian's System.map is a sentence)
 * makes nothing known. Return: 0 or -errno.
 */
int dmp_facts_symbols(struct dmp_facts *facts, const char *path);

/* dmp_facts_running() - the rest, from files below root ("" for this machine) */
void dmp_facts_running(struct dmp_facts *facts, const char *root);

void dmp_facts_free(struct dmp_facts *facts);

/*
 * dmp_facts_option() - an option of the configuration
 * @name: without CONFIG_
 *
 * Return: 'y', 'm' or 'n', or '?' when the configuration is unknown.
 */
char dmp_facts_option(const struct dmp_facts *facts, const char *name);

/* dmp_facts_symbol_name() - as in "read_mem" */
const char *dmp_facts_symbol_name(enum dmp_symbol symbol);

#endif /* DEVMEM_POLICY_FACTS_H */
