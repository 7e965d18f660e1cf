// SPDX-License-Identifier: GPL-2.0-only
/*
 * trust.c - who may sign policies
 *
 * The certificates come with the module and are put on a keyring of its own,
 * which nobody can add to: not even root can make the module trust a key.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/hash.h>
#include <keys/asymmetric-type.h>
#include <linux/cred.h>
#include <linux/key.h>
#include <linux/slab.h>
#include <linux/verification.h>

#include "anchors.h"
#include "message.h"
#include "trust.h"

#define DMP_ANCHORS_MAX 16

static struct key *dmp_keyring;
static struct dmp_anchor dmp_anchors[DMP_ANCHORS_MAX];
static u32 dmp_anchor_count;

/* The keyring is filled with KEY_ALLOC_BYPASS_RESTRICTION, and never again. */
static int dmp_keyring_refuse(struct key *keyring, const struct key_type *type,
			      const union key_payload *payload, struct key *restriction)
{
	return -EPERM;
}

/**
 * dmp_trust_digest() - SHA-256
 * @bytes: the bytes
 * @length: how many bytes
 * @digest: DEVMEM_POLICY_DIGEST_BYTES bytes
 *
 * Context: Process; may sleep.
 */
int dmp_trust_digest(const u8 *bytes, u32 length, u8 *digest)
{
	struct crypto_shash *hash = crypto_alloc_shash("sha256", 0, 0);
	int ret;

	if (IS_ERR(hash))
		return PTR_ERR(hash);
	ret = crypto_shash_tfm_digest(hash, bytes, length, digest);
	crypto_free_shash(hash);
	return ret;
}

/*
 * Bytes of the DER element that bytes begin with, header included; 0 if it is
 * not a SEQUENCE of at most 64 KiB that fits (X.690, 8.1.3).
 */
static size_t dmp_certificate_bytes(const u8 *bytes, size_t left)
{
	size_t length;

	if (left < 4 || bytes[0] != 0x30 || bytes[1] != 0x82)
		return 0;
	length = 4 + (bytes[2] << 8 | bytes[3]);
	return length <= left ? length : 0;
}

static int dmp_trust_add(const u8 *der, size_t bytes)
{
	struct dmp_anchor *anchor = &dmp_anchors[dmp_anchor_count];
	key_ref_t key;
	int ret;

	ret = dmp_trust_digest(der, bytes, anchor->fingerprint);
	if (ret)
		return ret;
	key = key_create_or_update(make_key_ref(dmp_keyring, 1), "asymmetric", NULL, der, bytes,
				   KEY_POS_SEARCH | KEY_POS_VIEW | KEY_POS_READ | KEY_USR_VIEW |
					   KEY_USR_READ,
				   KEY_ALLOC_NOT_IN_QUOTA | KEY_ALLOC_BUILT_IN |
					   KEY_ALLOC_BYPASS_RESTRICTION);
	if (IS_ERR(key)) {
		pr_err("cannot trust embedded certificate number %u: %pe\n", dmp_anchor_count + 1,
		       key);
		return PTR_ERR(key);
	}
	strscpy(anchor->description, key_ref_to_ptr(key)->description,
		sizeof(anchor->description));
	key_ref_put(key);
	dmp_anchor_count++;
	return 0;
}

static int dmp_trust_fill(void)
{
	const u8 *der = dmp_anchors_begin;
	int ret = 0;

	while (der < dmp_anchors_end && !ret) {
		size_t bytes = dmp_certificate_bytes(der, dmp_anchors_end - der);

		if (!bytes || dmp_anchor_count == DMP_ANCHORS_MAX) {
			pr_err("the embedded certificates are malformed, or more than %d\n",
			       DMP_ANCHORS_MAX);
			return -EBADMSG;
		}
		ret = dmp_trust_add(der, bytes);
		der += bytes;
	}
	return ret;
}

static struct key *dmp_keyring_make(void)
{
	struct key_restriction *restriction;
	struct key *keyring;

	restriction = kzalloc(sizeof(*restriction), GFP_KERNEL);
	if (!restriction)
		return ERR_PTR(-ENOMEM);
	restriction->check = dmp_keyring_refuse;
	keyring = keyring_alloc(".devmem_policy", GLOBAL_ROOT_UID, GLOBAL_ROOT_GID, current_cred(),
				KEY_POS_SEARCH | KEY_POS_WRITE | KEY_POS_VIEW | KEY_POS_READ |
					KEY_USR_VIEW | KEY_USR_READ,
				KEY_ALLOC_NOT_IN_QUOTA | KEY_ALLOC_SET_KEEP, restriction, NULL);
	if (IS_ERR(keyring))
		kfree(restriction);
	return keyring;
}

static const char *dmp_trust_sentence(int error)
{
	switch (error) {
	case -ENOKEY:
		return "no trusted certificate belongs to the signer of this policy";
	case -EKEYREJECTED:
		return "the signature is not over these bytes: they were changed after signing";
	case -EBADMSG:
		return "the signature is not a detached PKCS#7/CMS message in DER";
	case -ENOPKG:
		return "the signature uses an algorithm that this kernel does not have";
	default:
		return "the signature could not be verified";
	}
}

/*
 * DER of the object identifiers of MD4, MD5 (RFC 8018, B.1), SHA-1 (RFC 8017,
 * B.1) and SHA-224 (RFC 5754): digests that no signature of a policy may use.
 */
static const struct {
	u8 bytes;
	u8 der[11];
} dmp_weak_digests[] = {
	{ 10, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x04 } },
	{ 10, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05 } },
	{ 7, { 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a } },
	{ 11, { 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04 } },
};

/*
 * The kernel verifies weak digests too, and does not tell which one it was. So
 * a message that so much as names one is refused, wherever in it that is: a
 * signature that is good never has a reason to.
 */
static bool dmp_names_weak_digest(const u8 *signature, u32 signature_bytes)
{
	unsigned int i;
	u32 at;

	for (i = 0; i < ARRAY_SIZE(dmp_weak_digests); i++)
		for (at = 0; at + dmp_weak_digests[i].bytes <= signature_bytes; at++)
			if (!memcmp(signature + at, dmp_weak_digests[i].der,
				    dmp_weak_digests[i].bytes))
				return true;
	return false;
}

/**
 * dmp_trust_verify() - is this a signature over these bytes by a trusted key?
 * @bytes: never NULL: that would verify what the message itself carries
 * @length: how many bytes
 * @signature: detached PKCS#7/CMS, DER
 * @signature_bytes: its length; 0: there is none
 * @extack: gets a sentence on failure; may be NULL
 *
 * Context: Process; may sleep.
 * Return: 0; -ENODATA without a signature; -ENOPKG for a weak digest; else what
 * verify_pkcs7_signature() says: -EBADMSG, -ENOKEY, -EKEYREJECTED, -ENOPKG.
 */
int dmp_trust_verify(const u8 *bytes, u32 length, const u8 *signature, u32 signature_bytes,
		     struct netlink_ext_ack *extack)
{
	int ret;

	if (WARN_ON_ONCE(!bytes || !length))
		return -EINVAL;
	if (!signature_bytes) {
		dmp_say(extack, "the policy is not signed");
		return -ENODATA;
	}
	if (dmp_names_weak_digest(signature, signature_bytes)) {
		dmp_say(extack, "the signature uses a digest that is weaker than SHA-256");
		return -ENOPKG;
	}
	ret = verify_pkcs7_signature(bytes, length, signature, signature_bytes, dmp_keyring,
				     VERIFYING_UNSPECIFIED_SIGNATURE, NULL, NULL);
	if (ret)
		dmp_say(extack, "%s", dmp_trust_sentence(ret));
	return ret;
}

/* dmp_trust_development() - is a key trusted that was made for development? */
bool dmp_trust_development(void)
{
	return DMP_DEVELOPMENT_KEY;
}

/* dmp_trust_anchor() - trusted certificate number index, NULL after the last */
const struct dmp_anchor *dmp_trust_anchor(u32 index)
{
	return index < dmp_anchor_count ? &dmp_anchors[index] : NULL;
}

int dmp_trust_init(void)
{
	int ret;

	dmp_keyring = dmp_keyring_make();
	if (IS_ERR(dmp_keyring)) {
		pr_err("cannot make a keyring: %pe\n", dmp_keyring);
		return PTR_ERR(dmp_keyring);
	}
	ret = dmp_trust_fill();
	if (ret) {
		dmp_trust_exit();
		return ret;
	}
	if (dmp_trust_development())
		pr_warn("trusting a DEVELOPMENT key: build with POLICY_CERTS=... for real use\n");
	return 0;
}

void dmp_trust_exit(void)
{
	/* Somebody may hold the keyring still; revoked, it never calls us. */
	key_revoke(dmp_keyring);
	key_put(dmp_keyring);
}
