/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store.h - little-endian stores to unaligned bytes; the programs' side only */
#ifndef DEVMEM_POLICY_STORE_H
#define DEVMEM_POLICY_STORE_H

#include <devmem_policy/shared.h>

static inline void dmp_store16(u8 *bytes, u16 value)
{
	bytes[0] = (u8)(value & 0xff);
	bytes[1] = (u8)(value >> 8);
}

static inline void dmp_store32(u8 *bytes, u32 value)
{
	dmp_store16(bytes, (u16)(value & 0xffff));
	dmp_store16(bytes + 2, (u16)(value >> 16));
}

static inline void dmp_store64(u8 *bytes, u64 value)
{
	dmp_store32(bytes, (u32)(value & 0xffffffff));
	dmp_store32(bytes + 4, (u32)(value >> 32));
}

#endif /* DEVMEM_POLICY_STORE_H */
