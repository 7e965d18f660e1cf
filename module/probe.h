/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * probe.h - the kretprobes
 */
#ifndef DMP_PROBE_H
#define DMP_PROBE_H

#include <linux/types.h>

struct dmp_probe_state {
	const char *symbol;
	bool required, armed;
	u64 hits, missed;
};

int dmp_probes_init(void);
void dmp_probes_disarm(void);
u64 dmp_probe_missed(void);
bool dmp_probe_state(u32 index, struct dmp_probe_state *state);

#endif /* DMP_PROBE_H */
