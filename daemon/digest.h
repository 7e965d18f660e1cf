/* SPDX-License-Identifier: GPL-2.0-or-later */
/* digest.h - SHA-256, as the chain of the log has it */
#ifndef DEVMEM_POLICY_DIGEST_H
#define DEVMEM_POLICY_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DMP_SHA256_BYTES 32
#define DMP_SHA256_DIGITS 64

/* dmp_sha256() - of length bytes. Return: 0 or -ENOMEM */
int dmp_sha256(const void *bytes, size_t length, uint8_t digest[DMP_SHA256_BYTES]);

/* dmp_sha256_file() - of a part of a file. Return: 0 or -errno */
int dmp_sha256_file(int fd, off_t first, off_t end, uint8_t digest[DMP_SHA256_BYTES]);

/* dmp_sha256_parse() - from 64 lower-case hex digits. Return: 0 or -EINVAL */
int dmp_sha256_parse(const char *digits, size_t length, uint8_t digest[DMP_SHA256_BYTES]);

#endif /* DEVMEM_POLICY_DIGEST_H */
