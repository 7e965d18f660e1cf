/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared.h - the few names that files compiled into both the module and the
 * programs need: fixed-width types, bool, NULL, errno values, memcmp & co, and
 * little-endian loads from unaligned bytes.
 */
#ifndef DEVMEM_POLICY_SHARED_H
#define DEVMEM_POLICY_SHARED_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
#endif

static inline u16 dmp_load16(const u8 *bytes)
{
	return (u16)(bytes[0] | bytes[1] << 8);
}

static inline u32 dmp_load32(const u8 *bytes)
{
	return dmp_load16(bytes) | (u32)dmp_load16(bytes + 2) << 16;
}

static inline u64 dmp_load64(const u8 *bytes)
{
	return dmp_load32(bytes) | (u64)dmp_load32(bytes + 4) << 32;
}

#endif /* DEVMEM_POLICY_SHARED_H */
