/* SPDX-License-Identifier: GPL-2.0-or-later */
/* advice.h - what is allowed, but hardly meant; inside the library only */
#ifndef DEVMEM_POLICY_ADVICE_H
#define DEVMEM_POLICY_ADVICE_H

#include "draft.h"

/*
 * dmp_advise() - warn about a resolved draft without errors
 *
 * Return: 0 or -ENOMEM.
 */
int dmp_advise(const struct dmp_draft *draft,
	       struct dmp_diagnostics *diagnostics);

#endif /* DEVMEM_POLICY_ADVICE_H */
