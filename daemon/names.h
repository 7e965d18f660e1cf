/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names.h - the protocol's numbers as words, the same in the log, in JSON and
 * on the terminal
 *
 * A number that this program does not know (the module is newer) is written
 * with its kind in front: "reason-42".
 */
#ifndef DEVMEM_POLICY_NAMES_H
#define DEVMEM_POLICY_NAMES_H

#include <stdint.h>

/* Room for any name. */
struct dmp_name {
	char text[32];
};

struct dmp_name dmp_kind_name(uint32_t kind);
struct dmp_name dmp_operation_name(uint32_t operation);
struct dmp_name dmp_baseline_name(uint32_t baseline);
struct dmp_name dmp_reason_name(uint32_t reason);
struct dmp_name dmp_would_name(uint32_t would);
struct dmp_name dmp_trust_name(uint32_t trust);
struct dmp_name dmp_probe_state_name(uint32_t state);

/* dmp_errno_name() - "EPERM" for EPERM (positive), "errno-999" when unknown */
struct dmp_name dmp_errno_name(int error);

/* dmp_hex() - lower-case hex digits and a NUL: room for 2 * count + 1 */
void dmp_hex(const uint8_t *bytes, unsigned int count, char *text);

/*
 * dmp_time_text() - RFC 3339 in UTC with nanoseconds
 *
 * As in "2026-11-21T12:34:56.000000789Z".
 */
struct dmp_name dmp_time_text(uint64_t time_ns);

#endif /* DEVMEM_POLICY_NAMES_H */
