/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl_policy_parts.h - what the files of devmemctl policy share */
#ifndef DEVMEM_POLICY_CTL_POLICY_PARTS_H
#define DEVMEM_POLICY_CTL_POLICY_PARTS_H

#include <jansson.h>

#include "policy/policy.h"

#define DMP_CTL_MAX_CERTIFICATE_FILES 64u

struct dmp_ctl_options {
	bool json;
	const char *input;
	const char *output;
	const char *key;
	const char *attach;
	const char *certs[DMP_CTL_MAX_CERTIFICATE_FILES];
	u32 cert_count;
};

/* A policy as bytes, from whatever kind of file; owns file. */
struct dmp_ctl_policy {
	struct dmp_buffer file;
	bool is_signed;
	struct dmp_signed parts; /* without a signature unless is_signed */
	struct dmp_view view;
};

/* The subcommands. Return: the exit code. */
int dmp_ctl_check(const struct dmp_ctl_options *options);
int dmp_ctl_compile(const struct dmp_ctl_options *options);
int dmp_ctl_sign(const struct dmp_ctl_options *options);
int dmp_ctl_verify(const struct dmp_ctl_options *options);
int dmp_ctl_show(const struct dmp_ctl_options *options);

/*
 * dmp_ctl_load() - read a policy from a binary or signed file
 * dmp_ctl_load_certificates() - read those that the options name
 *
 * Return: an exit code, after having told what is wrong. What was read is to be
 * released after success only.
 */
int dmp_ctl_load(const struct dmp_ctl_options *options,
		 struct dmp_ctl_policy *loaded);
int dmp_ctl_load_certificates(const struct dmp_ctl_options *options,
			      struct dmp_trust **trust);

/* dmp_ctl_put_json() - print and release an object. Return: the exit code */
int dmp_ctl_put_json(json_t *object);

/*
 * dmp_ctl_fail() - say why it failed, in JSON too if that is asked for
 *
 * Return: code.
 */
int dmp_ctl_fail(const struct dmp_ctl_options *options, int code,
		 const char *path, const char *sentence);

/* dmp_ctl_digest() - SHA-256 in hex digits */
void dmp_ctl_digest(const u8 *bytes, size_t length,
		    char text[2 * DMP_DIGEST_BYTES + 1]);

/* dmp_ctl_time() - a time as text; 0: null */
json_t *dmp_ctl_time(u64 seconds);

/* dmp_ctl_serial() - a number, or text if JSON numbers cannot hold it */
json_t *dmp_ctl_serial(u64 serial);

#endif /* DEVMEM_POLICY_CTL_POLICY_PARTS_H */
