/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cms.h - what the kernel's verifier does not ask of a signature
 *
 * Compiled unchanged into the module and the programs. Takes bytes and lengths,
 * trusts nothing, allocates nothing.
 */
#ifndef DEVMEM_POLICY_CMS_H
#define DEVMEM_POLICY_CMS_H

#include <devmem_policy/shared.h>

#define DMP_MIN_SIGNATURE_BYTES 384u /* of RSA with 3072 bits */

/*
 * dmp_cms_check() - is a detached CMS message made with strong algorithms?
 * @what: gets a sentence without full stop on failure
 *
 * RFC 5652, DER. Each signer must use RSA (PKCS#1 v1.5) of 3072 bits or more and
 * SHA-256, SHA-384 or SHA-512, and nothing in the message, certificates included,
 * may name a weaker digest. Says nothing about whether a signature is good.
 *
 * Return: 0; -EBADMSG when it is no such message, or nobody signed it; -ENOPKG
 * when an algorithm is too weak or not one of these.
 */
int dmp_cms_check(const u8 *message, size_t length, const char **what);

#endif /* DEVMEM_POLICY_CMS_H */
