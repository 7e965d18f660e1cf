/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what the forwarder says of its own, as lines
 *
 * They are written as lines of the log are, so that every sink takes them alike;
 * their "prev" means nothing.
 */
#ifndef DEVMEM_POLICY_REPORT_H
#define DEVMEM_POLICY_REPORT_H

#include "missing.h"
#include "position.h"

struct dmp_report {
	char *text;
	struct dmp_line line; /* of it */
};

/*
 * dmp_report_status() - how it goes
 * @cause: "start", "time" or "stop"
 *
 * These return 0 or -ENOMEM; dmp_report_free() in any case.
 */
int dmp_report_status(struct dmp_report *report, const char *cause,
		      const struct dmp_position *position);

/*
 * dmp_report_gap() - something is missing behind a place
 * @found: hash that the line which was found goes on behind
 */
int dmp_report_gap(struct dmp_report *report, const struct dmp_place *place,
		   const struct dmp_missing *missing,
		   const uint8_t found[DMP_SHA256_BYTES]);

/*
 * dmp_report_rubbish() - behind a place there is what is no line of a log
 * @hash, @bytes: of it
 */
int dmp_report_rubbish(struct dmp_report *report, const struct dmp_place *place,
		       const char *why, const uint8_t hash[DMP_SHA256_BYTES],
		       size_t bytes);

void dmp_report_free(struct dmp_report *report);

#endif /* DEVMEM_POLICY_REPORT_H */
