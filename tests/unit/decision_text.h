/* SPDX-License-Identifier: GPL-2.0-or-later */
/* decision_text.h - write the model's policies in the policy language */
#ifndef DEVMEM_POLICY_TESTS_DECISION_TEXT_H
#define DEVMEM_POLICY_TESTS_DECISION_TEXT_H

#include <stdio.h>

#include "decision_model.h"

/* Where the files that are programs are. */
#define DECISION_PROGRAMS "/programs"

/*
 * decision_print() - the text of a policy
 *
 * Each rule's label is its number in the model, for the rules of the binary are
 * in an order of their own. Pages are of 4 KiB.
 */
void decision_print(const struct model_policy *policy, const char *name, unsigned int serial,
		    FILE *stream);

/* decision_exe() - the path of a program by its number; MODEL_LOST_FILE has one too */
const char *decision_exe(int exe);

/* decision_exe_number() - and back */
int decision_exe_number(const char *path);

#endif /* DEVMEM_POLICY_TESTS_DECISION_TEXT_H */
