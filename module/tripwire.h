/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tripwire.h - notice that probes were switched off
 */
#ifndef DMP_TRIPWIRE_H
#define DMP_TRIPWIRE_H

#include <linux/types.h>

struct dmp_tripwire_state {
	bool armed;
	u64 opened; /* how often /dev/mem was */
};

int dmp_tripwire_init(void);
void dmp_tripwire_exit(void);
void dmp_tripwire_state(struct dmp_tripwire_state *state);

#endif /* DMP_TRIPWIRE_H */
