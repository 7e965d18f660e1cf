/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decode.h - read a canonical policy from untrusted bytes
 *
 * Compiled unchanged into the module and the programs. Takes bytes and lengths,
 * allocates nothing. Works in any context; validation is O(bytes + rules).
 */
#ifndef DEVMEM_POLICY_DECODE_H
#define DEVMEM_POLICY_DECODE_H

#include <devmem_policy/format.h>
#include <devmem_policy/shared.h>

#define DMP_NO_RULE 0xffffffffu

/* Why bytes were refused: what is a sentence without full stop, never NULL. */
struct dmp_decode_error {
	const char *what;
	u32 rule; /* index of the rule it is about, or DMP_NO_RULE */
};

struct dmp_header {
	char name[DMP_MAX_NAME_BYTES + 1];
	u64 serial;
	u64 features;
	u64 not_before_s; /* 0: none */
	u64 expires_s; /* 0: never */
	u32 flags;
	u32 total_bytes;
	u32 rule_count;
	u32 attribute_count;
	u32 string_bytes;
	u32 auditor; /* string; 0: none */
};

/*
 * A validated policy: a view into the caller's bytes, which must stay as they
 * are for as long as the view is used.
 */
struct dmp_view {
	struct dmp_header header;
	const u8 *rules;
	const u8 *attributes;
	const char *strings;
};

/*
 * One rule; label, because and exe are "" when there is none. What is not a
 * condition of the rule is 0.
 */
struct dmp_rule {
	u64 first; /* bytes, inclusive */
	u64 last; /* bytes, inclusive */
	u32 id;
	u8 action;
	u8 ops;
	u16 flags;
	u32 conditions; /* DEVMEM_POLICY_CONDITION_* */
	u32 uid;
	u32 gid;
	u64 until_s;
	u32 attributes; /* number of its attribute record, from 1; 0: none */
	const char *label;
	const char *because;
	const char *exe;
};

/*
 * dmp_decode_header() - check and read the first DMP_HEADER_BYTES bytes
 *
 * When it fails, name and serial are set as far as they are known and valid,
 * otherwise "" and 0.
 *
 * Return: 0; -EINVAL when malformed or shorter than a header; -EOPNOTSUPP for
 * a version, flag or feature that is not known; -E2BIG when a limit is exceeded.
 */
int dmp_decode_header(const u8 *bytes, size_t length, struct dmp_header *header,
		      struct dmp_decode_error *error);

/*
 * dmp_decode() - check a whole policy and make a view of it
 *
 * Checks everything that format.h states but that ids are unique and strings
 * and attributes in the order of first reference, which only the compiler's
 * user depends on.
 *
 * Return: as dmp_decode_header(); -EINVAL also when length is not total_bytes.
 */
int dmp_decode(const u8 *bytes, size_t length, struct dmp_view *view,
	       struct dmp_decode_error *error);

/* dmp_view_rule() - read rule index (< header.rule_count) of a view */
void dmp_view_rule(const struct dmp_view *view, u32 index, struct dmp_rule *rule);

/* dmp_view_auditor() - the program that the policy names as auditor; "": none */
static inline const char *dmp_view_auditor(const struct dmp_view *view)
{
	return view->strings + view->header.auditor;
}

/* dmp_rule_record() - where rule index (< header.rule_count) of a view begins */
static inline const u8 *dmp_rule_record(const struct dmp_view *view, u32 index)
{
	return view->rules + (size_t)index * DMP_RULE_BYTES;
}

/* dmp_rule_attributes() - the attribute record of a rule record; NULL: none */
static inline const u8 *dmp_rule_attributes(const struct dmp_view *view, const u8 *rule)
{
	u32 number = dmp_load32(rule + DMP_RULE_ATTRIBUTES);

	return number ? view->attributes + (size_t)(number - 1) * DMP_ATTRIBUTE_BYTES : NULL;
}

/* dmp_rule_conditions() - DEVMEM_POLICY_CONDITION_* of a rule record */
static inline u32 dmp_rule_conditions(const struct dmp_view *view, const u8 *rule)
{
	const u8 *attributes = dmp_rule_attributes(view, rule);

	return attributes ? dmp_load32(attributes + DMP_ATTRIBUTE_CONDITIONS) : 0;
}

/* dmp_exe_is_valid() - may length bytes be the path of a program (see format.h)? */
bool dmp_exe_is_valid(const char *path, size_t length);

/*
 * dmp_character_bytes() - length of the UTF-8 character at the start of bytes
 *
 * Return: 1 to 4; 0 when there is none, when it is malformed (RFC 3629), and
 * for the control and direction characters that no string of a policy may hold.
 */
u32 dmp_character_bytes(const u8 *bytes, size_t length);

/* dmp_name_is_valid() - may length bytes be a policy's name (see format.h)? */
bool dmp_name_is_valid(const char *name, size_t length);

#endif /* DEVMEM_POLICY_DECODE_H */
