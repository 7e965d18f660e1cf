/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl_exposure.h - devmemctl exposure: its parts */
#ifndef DEVMEM_POLICY_CTL_EXPOSURE_H
#define DEVMEM_POLICY_CTL_EXPOSURE_H

#include <stdbool.h>

#include "exposure.h"

/*
 * dmp_exposure_load() - from a file that devmemctl wrote
 *
 * Return: 0, or -errno, which was said; but not -ENOENT.
 */
int dmp_exposure_load(struct dmp_exposure *exposure, const char *path);

/* dmp_exposure_save() - replace the file as a whole. Return: 0, or -errno, which was said */
int dmp_exposure_save(const struct dmp_exposure *exposure, const char *path);

/* dmp_exposure_print() - for people */
void dmp_exposure_print(const struct dmp_exposure *exposure);

/* ctl_exposure_compare() - Return: an exit code of exit.h */
int ctl_exposure_compare(const char *before, const char *after, bool json);

#endif /* DEVMEM_POLICY_CTL_EXPOSURE_H */
