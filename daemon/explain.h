/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain.h - why the kernel refused, in a sentence, and with which exit code */
#ifndef DEVMEM_POLICY_EXPLAIN_H
#define DEVMEM_POLICY_EXPLAIN_H

#include "auditor.h"
#include "exit.h"

/*
 * dmp_explain() - say what went wrong
 * @nl: the handle that was asked, NULL when it could not be opened
 * @error: -errno
 * @doing: as in "the status cannot be read"
 *
 * Return: the exit code that fits.
 */
enum dmp_exit dmp_explain(const struct dmp_nl *nl, int error, const char *doing);

/* dmp_explain_fault() - the same of a request to the auditor's handle */
enum dmp_exit dmp_explain_fault(const struct dmp_fault *fault, const char *doing);

/* dmp_open_or_explain() - dmp_nl_open() with its failure said */
enum dmp_exit dmp_open_or_explain(struct dmp_nl **nl);

/* dmp_load_exit() - the exit code for a policy that was refused with this errno */
enum dmp_exit dmp_load_exit(int error);

#endif /* DEVMEM_POLICY_EXPLAIN_H */
