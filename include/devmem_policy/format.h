/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format.h - the canonical binary policy and the signed file around it
 *
 * Everything is little endian, fixed width and without implicit padding.
 * Ranges are physical byte addresses, inclusive at both ends. Reserved bytes
 * are zero. What is not canonical is refused, so that one meaning has exactly
 * one encoding, and what was reviewed is what was signed.
 *
 * Policy, version 1:
 *
 *   header          DMP_HEADER_BYTES
 *   rules           rule_count records of rule_bytes
 *   attributes      attribute_count records of attribute_bytes
 *   strings         string_bytes; starts and ends with a NUL byte
 *
 * The sections follow each other without gaps and fill total_bytes exactly.
 * The header comes first and begins with magic, version and the policy's name,
 * so that no signature over anything else can pass for one over a policy.
 *
 * Rules are in strictly ascending order of (first, last, action, ops, flags,
 * conditions, uid, gid, until, exe), where what is not a condition of the rule
 * counts as 0 and exe is compared byte by byte.
 * Every string reference is the offset of the first byte of a string in the
 * string table, 0 being the empty string, which means "none". Strings are UTF-8
 * without control characters (C0, DEL, C1) and without those that break lines or
 * turn the direction of text (U+2028 to U+202E, U+2066 to U+2069), each stored
 * once, in the order of first reference (the header's auditor, then each rule's
 * label, its attributes' because and exe).
 * Attribute records are stored once, in the order of first reference.
 *
 * Times are seconds since the epoch (UTC), up to DMP_MAX_TIME. A policy's
 * not_before and expires, and a rule's until, count from and up to that second:
 * not_before <= now < expires. They bound what is allowed; nothing that is
 * denied becomes open because time passes, but by a deny rule's own until.
 *
 * A later version of the project may add meaning to reserved bytes; it then
 * defines a feature bit for it. A reader refuses a policy with a feature bit it
 * does not know, and refuses non-zero reserved bytes without their bit.
 */
#ifndef DEVMEM_POLICY_FORMAT_H
#define DEVMEM_POLICY_FORMAT_H

#define DMP_MAGIC "DMPOLICY" /* 8 bytes, without the NUL */
#define DMP_MAGIC_BYTES 8
#define DMP_FORMAT_VERSION 1

/* Limits. Sizes of texts are in bytes without the NUL. */
#define DMP_MAX_POLICY_BYTES (16u << 20)
#define DMP_MAX_RULES 65536u
#define DMP_MAX_NAME_BYTES 63u
#define DMP_MAX_LABEL_BYTES 127u
#define DMP_MAX_BECAUSE_BYTES 255u
#define DMP_MAX_EXE_BYTES 255u
#define DMP_MAX_SIGNATURE_BYTES 16384u
#define DMP_MAX_TIME 253402300799ull /* 9999-12-31T23:59:59Z */
/*
 * Rules with conditions that may name the same page, so that a decision looks at
 * few, however large the policy is. Others are not limited.
 */
#define DMP_MAX_CONDITIONAL 32u

/*
 * A name is 1 to 63 of a-z 0-9 . _ - and starts with a letter or a digit.
 *
 * Alignment of rules: 4 KiB is what the file format asks for (first is a
 * multiple, last is one less than a multiple); a kernel with larger pages asks
 * for more when the policy is registered.
 */
#define DMP_FORMAT_PAGE_BYTES 4096u

/* Header: offset of each field, in bytes. */
#define DMP_HEADER_MAGIC 0 /* u8[8] */
#define DMP_HEADER_VERSION 8 /* u16, DMP_FORMAT_VERSION */
#define DMP_HEADER_SIZE 10 /* u16, DMP_HEADER_BYTES */
#define DMP_HEADER_FLAGS 12 /* u32, DMP_FLAG_* */
#define DMP_HEADER_NAME 16 /* u8[64], filled up with NUL bytes */
#define DMP_HEADER_FEATURES 80 /* u64, DMP_FEATURE_* */
#define DMP_HEADER_SERIAL 88 /* u64, 1 or more */
#define DMP_HEADER_TOTAL_BYTES 96 /* u32, the whole policy */
#define DMP_HEADER_RULE_COUNT 100 /* u32 */
#define DMP_HEADER_ATTRIBUTE_COUNT 104 /* u32 */
#define DMP_HEADER_STRING_BYTES 108 /* u32, 1 or more */
#define DMP_HEADER_RULE_BYTES 112 /* u16, DMP_RULE_BYTES */
#define DMP_HEADER_ATTRIBUTE_BYTES 114 /* u16, DMP_ATTRIBUTE_BYTES */
#define DMP_HEADER_AUDITOR 116 /* u32, string: path of a program; 0: none */
#define DMP_HEADER_NOT_BEFORE 120 /* u64; 0: none */
#define DMP_HEADER_EXPIRES 128 /* u64, more than not_before; 0: never */
#define DMP_HEADER_RESERVED 136 /* zero, to the end */
#define DMP_HEADER_BYTES 160

#define DMP_FLAG_DEFAULT_DENY 1u
#define DMP_FLAG_PERMISSIVE 2u /* says what it would do, and does nothing */
#define DMP_FLAGS_KNOWN (DMP_FLAG_DEFAULT_DENY | DMP_FLAG_PERMISSIVE)

/* Set if, and only if, the policy uses it. */
#define DMP_FEATURE_SUBJECTS 1u /* uid, gid, exe of attribute records */
#define DMP_FEATURE_TIMES 2u /* until of attribute records, not_before, expires */
#define DMP_FEATURE_AUDITOR 4u /* auditor */
#define DMP_FEATURES_KNOWN (DMP_FEATURE_SUBJECTS | DMP_FEATURE_TIMES | DMP_FEATURE_AUDITOR)

/* Rule record. */
#define DMP_RULE_FIRST 0 /* u64 */
#define DMP_RULE_LAST 8 /* u64 */
#define DMP_RULE_ID 16 /* u32, not 0, unique in the policy */
#define DMP_RULE_ACTION 20 /* u8, enum devmem_policy_action */
#define DMP_RULE_OPS 21 /* u8, DEVMEM_POLICY_OP_*, at least one */
#define DMP_RULE_FLAGS 22 /* u16, DEVMEM_POLICY_RULE_*; allow rules only */
#define DMP_RULE_LABEL 24 /* u32, string */
#define DMP_RULE_ATTRIBUTES 28 /* u32, number of its attribute record, from 1; 0: none */
#define DMP_RULE_BYTES 32

/* Attribute record: what few rules have; a reason or a condition at least. */
#define DMP_ATTRIBUTE_BECAUSE 0 /* u32, string; 0: none */
#define DMP_ATTRIBUTE_CONDITIONS 4 /* u32, DEVMEM_POLICY_CONDITION_* */
#define DMP_ATTRIBUTE_UID 8 /* u32, never 4294967295; 0 without the condition */
#define DMP_ATTRIBUTE_GID 12 /* u32, likewise */
#define DMP_ATTRIBUTE_EXE 16 /* u32, string; 0 without the condition */
#define DMP_ATTRIBUTE_RESERVED_A 20 /* u32, zero */
#define DMP_ATTRIBUTE_UNTIL 24 /* u64, 1 or more; 0 without the condition */
#define DMP_ATTRIBUTE_RESERVED_B 32 /* zero, to the end */
#define DMP_ATTRIBUTE_BYTES 40

/*
 * exe and auditor are absolute paths: they start with '/' and do not end with one,
 * and no component of them is empty, "." or "..".
 */

/*
 * Signed file (.dmp): what devmemctl writes and devmemd loads.
 *
 *   magic           u8[8]  DMP_FILE_MAGIC
 *   policy_bytes    u32
 *   signature_bytes u32    1 or more
 *   policy          the canonical policy
 *   signature       detached PKCS#7/CMS over exactly those bytes, DER
 *
 * The file ends there. This wrapper is not signed and the kernel never sees it.
 */
#define DMP_FILE_MAGIC "DMPSIGN1"
#define DMP_FILE_MAGIC_BYTES 8
#define DMP_FILE_POLICY_BYTES 8 /* u32 */
#define DMP_FILE_SIGNATURE_BYTES 12 /* u32 */
#define DMP_FILE_HEADER_BYTES 16

#endif /* DEVMEM_POLICY_FORMAT_H */
