/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trust.h - who may sign policies
 */
#ifndef DMP_TRUST_H
#define DMP_TRUST_H

#include <linux/devmem_policy.h>
#include <linux/netlink.h>

/* anchors.S: DER certificates, one after the other */
extern const u8 dmp_anchors_begin[], dmp_anchors_end[];

struct dmp_anchor {
	char description[128];
	u8 fingerprint[DEVMEM_POLICY_DIGEST_BYTES];
};

int dmp_trust_init(void);
void dmp_trust_exit(void);
int dmp_trust_verify(const u8 *bytes, u32 length, const u8 *signature, u32 signature_bytes,
		     struct netlink_ext_ack *extack);
int dmp_trust_digest(const u8 *bytes, u32 length, u8 *digest);
enum devmem_policy_trust dmp_trust_mode(void);
bool dmp_trust_development(void);
const struct dmp_anchor *dmp_trust_anchor(u32 index);

#endif /* DMP_TRUST_H */
