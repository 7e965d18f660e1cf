/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * syslog_text.h - an item as a syslog message
 *
 * RFC 5424 for log hosts; and what syslog(3) writes to /dev/log, which is all that
 * journald and, by default, rsyslog's imuxsock understand there.
 */
#ifndef DEVMEM_POLICY_SYSLOG_TEXT_H
#define DEVMEM_POLICY_SYSLOG_TEXT_H

#include "item.h"

/* The number that RFC 5612 sets aside for examples; IANA gives none to everybody. */
#define DMP_SYSLOG_SD_ID "devmem-policy@32473"
#define DMP_SYSLOG_APP "devmemd"
/* Security and audit: "log audit" of RFC 5424, section 6.2.1 */
#define DMP_SYSLOG_FACILITY 13
/* Every receiver takes messages of that size: RFC 5424, section 6.1. */
#define DMP_SYSLOG_BYTES_MIN 480

struct dmp_syslog {
	unsigned int facility; /* 0 to 23 */
	const char *sd_id;
	const char *hostname; /* "": unknown */
};

/* dmp_syslog_facility() - from a name or number. Return: it, or -EINVAL */
int dmp_syslog_facility(const char *text);

/* dmp_syslog_is_sd_id() - can it be an SD-ID: NAME@NUMBER, at most 32 characters? */
bool dmp_syslog_is_sd_id(const char *text);

/*
 * dmp_syslog_5424() - as RFC 5424 says
 * @output: empty; its room, at least DMP_SYSLOG_BYTES_MIN, is what the message is
 *	cut to: the sentence goes first, then whole fields, the last ones first, and
 *	a parameter "cut" says how many
 *
 * Return: whether something was cut.
 */
bool dmp_syslog_5424(const struct dmp_syslog *syslog, const struct dmp_item *item,
		     struct dmp_output *output);

/* dmp_syslog_local() - as syslog(3) writes it, fields behind the sentence; likewise */
bool dmp_syslog_local(const struct dmp_syslog *syslog, const struct dmp_item *item,
		      struct dmp_output *output);

#endif /* DEVMEM_POLICY_SYSLOG_TEXT_H */
