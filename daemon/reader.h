/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reader.h - the lines of log files that pass a filter, one after the other */
#ifndef DEVMEM_POLICY_READER_H
#define DEVMEM_POLICY_READER_H

#include "filter.h"

/* Return: 0 to go on, or a value that ends it. */
typedef int dmp_reader_fn(const struct dmp_line *line, void *arg);

/*
 * dmp_reader_run() - read files
 * @files: their names; NULL behind the last
 *
 * What cannot be read, and lines that are none of a log, are told on standard
 * error.
 *
 * Return: 0; what fn returned; or -EIO when a file could not be read, or had
 * lines that are none of a log.
 */
int dmp_reader_run(char *const *files, const struct dmp_filter *filter, dmp_reader_fn *fn,
		   void *arg);

/* dmp_reader_open() - open a file, or say why not. Return: a descriptor or -1 */
int dmp_reader_open(const char *path);

#endif /* DEVMEM_POLICY_READER_H */
