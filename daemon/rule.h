/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rule.h - a rule in force for people and for machines */
#ifndef DEVMEM_POLICY_RULE_H
#define DEVMEM_POLICY_RULE_H

#include <jansson.h>
#include <stdio.h>

#include "wire.h"

/* dmp_rule_json() - one JSON object; devmemctl(8) documents it */
json_t *dmp_rule_json(const struct dmp_rule_info *rule);

/*
 * dmp_rule_print() - as the policy language writes it, in one line
 *
 * Behind the name of its policy and its id; what keeps it from counting now
 * follows as a comment.
 */
void dmp_rule_print(const struct dmp_rule_info *rule, FILE *out);

#endif /* DEVMEM_POLICY_RULE_H */
