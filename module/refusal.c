// SPDX-License-Identifier: GPL-2.0-only
/*
 * refusal.c - policies that were not accepted
 *
 * However far a registration came: who tries policies out is seen to try.
 */
#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "refusal.h"
#include "ring.h"

static atomic64_t dmp_refused;

/**
 * dmp_refuse_policy() - count a registration that failed, and put it on record
 * @header: what is known of the policy; name "" and serial 0 when they are not
 * @digest: SHA-256 of its bytes; NULL when not all of them were there
 * @error: why, a negative errno
 *
 * Once for each. current is who did it, or whose socket was closed.
 *
 * Context: Process.
 */
void dmp_refuse_policy(const struct dmp_header *header, const u8 *digest, int error)
{
	struct dmp_record record;

	dmp_record_by(&record, current, DEVMEM_POLICY_EVENT_POLICY_REFUSED);
	record.fields |= DMP_RECORD_RESULT;
	record.result = error;
	if (*header->name) {
		record.fields |= DMP_RECORD_POLICY;
		memcpy(record.policy, header->name, sizeof(header->name));
		record.serial = header->serial;
	}
	if (digest) {
		record.fields |= DMP_RECORD_DIGEST;
		memcpy(record.digest, digest, sizeof(record.digest));
	}
	atomic64_inc(&dmp_refused);
	dmp_ring_publish(&record, false);
}

/* dmp_refusals() - how many so far; any context */
u64 dmp_refusals(void)
{
	return atomic64_read(&dmp_refused);
}
