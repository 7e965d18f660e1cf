/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attribute.h - what may follow the range of a rule; inside the library only */
#ifndef DEVMEM_POLICY_ATTRIBUTE_H
#define DEVMEM_POLICY_ATTRIBUTE_H

#include "draft.h"
#include "scan.h"

/*
 * dmp_parse_attribute() - read the attribute that token begins
 *
 * Reports what it refuses, and returns 0, -EINVAL or -ENOMEM.
 */
int dmp_parse_attribute(struct dmp_scanner *scanner,
			const struct dmp_token *token,
			struct dmp_draft_rule *draft);

#endif /* DEVMEM_POLICY_ATTRIBUTE_H */
