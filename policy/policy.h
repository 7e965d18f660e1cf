/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.h - the policy library of the programs
 *
 *   text --dmp_parse--> struct dmp_policy --dmp_compile--> canonical bytes
 *   canonical bytes --dmp_show--> text        (and back: the same bytes)
 *   canonical bytes --dmp_sign--> signature   --dmp_signed_encode--> file.dmp
 *
 * Functions return 0 or -errno. Those that take a struct dmp_message write a
 * sentence there when they fail: no full stop, no file name, one line, and no
 * control characters. What a function hands out in a struct dmp_buffer is the
 * caller's, to be released with dmp_buffer_free().
 */
#ifndef DEVMEM_POLICY_POLICY_H
#define DEVMEM_POLICY_POLICY_H

#include <stdio.h>

#include "decode.h"

/* Limits of the text form; those of the binary form are in format.h. */
#define DMP_MAX_TEXT_BYTES (64u << 20)
#define DMP_MAX_LINE_BYTES 2048u
#define DMP_MAX_REGIONS 65536u
#define DMP_MAX_DIAGNOSTICS 20u

#define DMP_DIGEST_BYTES 32
#define DMP_MIN_RSA_BITS 3072

/* Largest signed file: wrapper, policy and signature. */
#define DMP_MAX_FILE_BYTES \
	(DMP_FILE_HEADER_BYTES + DMP_MAX_POLICY_BYTES + DMP_MAX_SIGNATURE_BYTES)

struct dmp_message {
	char text[512];
};

struct dmp_buffer {
	u8 *bytes;
	size_t length;
};

void dmp_buffer_free(struct dmp_buffer *buffer);

/* ---- files (file.c) ---- */

/*
 * dmp_file_read() - read a whole file, a pipe included
 *
 * The buffer is followed by a NUL byte that length does not count.
 *
 * Return: 0; -EFBIG when there are more than max_bytes; else what the system
 * call said.
 */
int dmp_file_read(const char *path, size_t max_bytes, struct dmp_buffer *buffer,
		  struct dmp_message *message);

/*
 * dmp_file_write() - replace a file as a whole
 *
 * Whoever reads path sees the old bytes or the new ones, also after a crash.
 * What exists and is no regular file (a pipe, /dev/null) is written to as it is.
 */
int dmp_file_write(const char *path, const void *bytes, size_t length,
		   struct dmp_message *message);

/* The parts of a signed file: views into the bytes that were decoded. */
struct dmp_signed {
	const u8 *policy;
	size_t policy_bytes;
	const u8 *signature;
	size_t signature_bytes;
};

/*
 * dmp_signed_decode() - take a signed file apart
 *
 * Neither the policy nor the signature is looked at.
 *
 * Return: 0; -EINVAL when malformed, truncated or too long; -ENODATA when the
 * place of the signature is empty.
 */
int dmp_signed_decode(const u8 *bytes, size_t length, struct dmp_signed *parts,
		      struct dmp_message *message);

/* dmp_signed_encode() - put a signed file together. Return: 0, -E2BIG, -ENOMEM */
int dmp_signed_encode(const struct dmp_signed *parts, struct dmp_buffer *file);

/* Does the file begin as a signed file does? */
bool dmp_is_signed(const u8 *bytes, size_t length);

/* ---- text to policy (parse.c, diagnostics.c) ---- */

struct dmp_policy_rule {
	u64 first; /* bytes, inclusive */
	u64 last; /* bytes, inclusive */
	u8 action;
	u8 ops;
	u16 flags;
	u32 conditions; /* DEVMEM_POLICY_CONDITION_*; the next four are 0 without */
	u32 uid;
	u32 gid;
	u64 until_s; /* seconds since the epoch */
	char *exe; /* NULL: none */
	char *label; /* NULL: none */
	char *because; /* NULL: none */
	u32 line; /* of the text; 0: not from a text */
};

/* Rules are in canonical order. */
struct dmp_policy {
	char name[DMP_MAX_NAME_BYTES + 1];
	u64 serial;
	bool default_deny;
	bool permissive;
	u64 not_before_s; /* 0: none */
	u64 expires_s; /* 0: never */
	char *auditor; /* path of a program; NULL: none */
	u32 rule_count;
	struct dmp_policy_rule *rules;
};

struct dmp_diagnostic {
	bool is_warning;
	u32 line; /* from 1 */
	u32 column; /* from 1, in characters */
	u32 width; /* characters to underline; 0: do not show the line */
	char *message;
	char *hint; /* NULL: none */
};

/* In the order of the text. */
struct dmp_diagnostics {
	u32 count;
	u32 error_count;
	bool more; /* there were more than fit */
	struct dmp_diagnostic list[2 * DMP_MAX_DIAGNOSTICS];
};

/*
 * dmp_parse() - read the text of a policy
 *
 * All errors are collected, up to DMP_MAX_DIAGNOSTICS, and as many warnings.
 *
 * Return: 0, with warnings possible; -EINVAL with at least one error; -ENOMEM.
 * *policy is to be freed in the first case only, *diagnostics in every case.
 */
int dmp_parse(const char *text, size_t length, struct dmp_policy *policy,
	      struct dmp_diagnostics *diagnostics);

void dmp_policy_free(struct dmp_policy *policy);

/*
 * dmp_diagnostics_print() - for people: file:line:column, the line, a caret
 * @text: what was parsed, for the lines that are shown
 */
void dmp_diagnostics_print(const struct dmp_diagnostics *diagnostics,
			   const char *path, const char *text, size_t length,
			   FILE *stream);

void dmp_diagnostics_free(struct dmp_diagnostics *diagnostics);

/* ---- policy to bytes and back (compile.c, show.c) ---- */

/*
 * dmp_compile() - make the canonical bytes
 *
 * The rules must be in canonical order and without duplicates, as dmp_parse()
 * leaves them.
 *
 * Return: 0; -E2BIG when the result would exceed DMP_MAX_POLICY_BYTES; -ENOMEM.
 */
int dmp_compile(const struct dmp_policy *policy, struct dmp_buffer *bytes,
		struct dmp_message *message);

/* dmp_policy_decode() - dmp_decode() with its refusal as a sentence */
int dmp_policy_decode(const u8 *bytes, size_t length, struct dmp_view *view,
		      struct dmp_message *message);

/*
 * dmp_policy_from_view() - the policy that a validated view describes
 *
 * Return: 0 or -ENOMEM. To be released with dmp_policy_free().
 */
int dmp_policy_from_view(const struct dmp_view *view,
			 struct dmp_policy *policy);

/*
 * dmp_check_canonical() - are these bytes what their own text compiles to?
 *
 * Stricter than dmp_decode(): rule ids, the order of strings and attributes, and
 * how many rules with conditions name a page. Only such bytes can be reviewed as
 * text, so only they are signed.
 *
 * Return: 0; -EINVAL; -E2BIG; what dmp_decode() said; -ENOMEM.
 */
int dmp_check_canonical(const u8 *bytes, size_t length,
			struct dmp_message *message);

/* dmp_show() - write the text of a validated view */
void dmp_show(const struct dmp_view *view, FILE *stream);

/* dmp_string_print() - write a text as the language quotes it */
void dmp_string_print(const char *string, FILE *stream);

/* A time as the language writes it: 2027-01-01T00:00:00Z */
#define DMP_TIME_SIZE 21
void dmp_time_print(u64 seconds, char text[DMP_TIME_SIZE]);

/* dmp_exe_print() - write the path of a program, in quotes if it needs them */
void dmp_exe_print(const char *path, FILE *stream);

/* dmp_ops_name() - "r", "w" or "rw"; dmp_action_name() - "allow" or "deny" */
const char *dmp_ops_name(unsigned int ops);
const char *dmp_action_name(unsigned int action);

/* ---- signatures (sign.c) ---- */

/* dmp_digest() - SHA-256. Return: 0, or -EIO when libcrypto cannot */
int dmp_digest(const u8 *bytes, size_t length, u8 digest[DMP_DIGEST_BYTES]);

/* The certificates whose keys may sign. */
struct dmp_trust;

struct dmp_trust *dmp_trust_new(void);
void dmp_trust_free(struct dmp_trust *trust);
u32 dmp_trust_count(const struct dmp_trust *trust);

/*
 * dmp_trust_add_file() - trust the certificates of a file, PEM (one or more) or
 * DER (one)
 *
 * Return: 0; -EBADMSG when there is no certificate or a malformed one;
 * -EKEYREJECTED when a key is not RSA of DMP_MIN_RSA_BITS or more; -ENOMEM; or
 * what reading the file said. Nothing is added unless 0 is returned.
 */
int dmp_trust_add_file(struct dmp_trust *trust, const char *path,
		       struct dmp_message *message);

/*
 * dmp_verify() - does a trusted certificate's key vouch for these bytes?
 *
 * Stricter than the module, which asks dmp_cms_check() and then the kernel's own
 * verify_pkcs7_signature(), in that signed attributes are refused, and the signer
 * must be a trusted certificate itself. As there, neither validity nor key usage
 * nor any authority is asked for.
 *
 * Return: 0, with the signer's subject in *message; -ENODATA: empty signature;
 * -EBADMSG: not a detached CMS signature without attributes; -ENOPKG: a digest,
 * algorithm or length of a key that is not accepted, of whichever signer;
 * -ENOKEY: no trusted certificate is the signer's; -EKEYREJECTED: the signature
 * does not belong to these bytes.
 */
int dmp_verify(const struct dmp_trust *trust, const u8 *policy,
	       size_t policy_bytes, const u8 *signature, size_t signature_bytes,
	       struct dmp_message *message);

/*
 * dmp_sign() - detached CMS signature, SHA-256, DER
 * @key_path: private key, PEM
 * @cert_path: its certificate, PEM or DER; it is not put into the signature
 *
 * The sentence names the file that it is about.
 *
 * Return: 0; -EBADMSG when a file is not what it should be; -EKEYREJECTED when
 * the key is not RSA of DMP_MIN_RSA_BITS or more, or not the certificate's;
 * -EIO when libcrypto fails; or what reading the files said.
 */
int dmp_sign(const u8 *policy, size_t policy_bytes, const char *key_path,
	     const char *cert_path, struct dmp_buffer *signature,
	     struct dmp_message *message);

#endif /* DEVMEM_POLICY_POLICY_H */
