// SPDX-License-Identifier: GPL-2.0-only
/*
 * trust.c - who may sign policies
 *
 * The certificates come with the module and are put on a keyring of its own,
 * which nobody can add to: not even root can make the module trust a key. Whoever
 * loads the module may have it trust the kernel's keyrings instead, or as well.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/hash.h>
#include <crypto/public_key.h>
#include <keys/asymmetric-subtype.h>
#include <keys/asymmetric-type.h>
#include <linux/cred.h>
#include <linux/key.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/verification.h>
#include <policy/cms.h>

#include "anchors.h"
#include "message.h"
#include "trust.h"

#define DMP_ANCHORS_MAX 16

static const char *const dmp_trust_names[] = {
	[DEVMEM_POLICY_TRUST_EMBEDDED] = "embedded",
	[DEVMEM_POLICY_TRUST_KERNEL] = "kernel",
	[DEVMEM_POLICY_TRUST_BOTH] = "both",
};

static char *dmp_trust_parameter = "embedded";
module_param_named(trust, dmp_trust_parameter, charp, 0444);
MODULE_PARM_DESC(trust,
		 "Certificates that may sign policies: embedded (default), kernel (its builtin and secondary keyrings), both");

static enum devmem_policy_trust dmp_trust; /* set at init */
static struct crypto_shash *dmp_hash; /* SHA-256 */
static struct key *dmp_keyring; /* NULL when only the kernel's are trusted */
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
	return crypto_shash_tfm_digest(dmp_hash, bytes, length, digest);
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

/*
 * RSAPublicKey begins with the modulus (RFC 8017, A.1.1), a positive number: with
 * 3072 bits it has 384 bytes and, since the highest bit is set, a zero byte before.
 */
static bool dmp_key_is_strong(const struct public_key *key)
{
	const u8 *der = key->key;
	u32 bytes;

	if (strcmp(key->pkey_algo, "rsa") || key->keylen < 10)
		return false;
	if (der[0] != 0x30 || der[1] != 0x82 || der[4] != 0x02 || der[5] != 0x82)
		return false;
	bytes = der[6] << 8 | der[7];
	if (bytes > DMP_MIN_SIGNATURE_BYTES + 1)
		return true;
	return bytes == DMP_MIN_SIGNATURE_BYTES + 1 && !der[8] && der[9] & 0x80;
}

static int dmp_trust_check(const struct key *key)
{
	if (dmp_key_is_strong(key->payload.data[asym_crypto]))
		return 0;
	pr_err("embedded certificate number %u (%s): its key is not RSA of 3072 bits or more\n",
	       dmp_anchor_count + 1, key->description);
	return -EKEYREJECTED;
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
	ret = dmp_trust_check(key_ref_to_ptr(key));
	key_ref_put(key);
	if (!ret)
		dmp_anchor_count++;
	return ret;
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

/* By whom it is not signed with the embedded certificates, it may be with others. */
static int dmp_trust_ask(const u8 *bytes, u32 length, const u8 *signature, u32 signature_bytes)
{
	int ret = -ENOKEY;

	if (dmp_trust != DEVMEM_POLICY_TRUST_KERNEL)
		ret = verify_pkcs7_signature(bytes, length, signature, signature_bytes, dmp_keyring,
					     VERIFYING_UNSPECIFIED_SIGNATURE, NULL, NULL);
	if (ret == -ENOKEY && dmp_trust != DEVMEM_POLICY_TRUST_EMBEDDED)
		ret = verify_pkcs7_signature(bytes, length, signature, signature_bytes,
					     VERIFY_USE_SECONDARY_KEYRING,
					     VERIFYING_UNSPECIFIED_SIGNATURE, NULL, NULL);
	return ret;
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
 * Return: 0; -ENODATA without a signature; -EBADMSG or -ENOPKG when dmp_cms_check()
 * refuses it; else what verify_pkcs7_signature() says: -EBADMSG, -ENOKEY,
 * -EKEYREJECTED, -ENOPKG.
 */
int dmp_trust_verify(const u8 *bytes, u32 length, const u8 *signature, u32 signature_bytes,
		     struct netlink_ext_ack *extack)
{
	const char *what;
	int ret;

	if (WARN_ON_ONCE(!bytes || !length))
		return -EINVAL;
	if (!signature_bytes) {
		dmp_say(extack, "the policy is not signed");
		return -ENODATA;
	}
	ret = dmp_cms_check(signature, signature_bytes, &what);
	if (ret) {
		dmp_say(extack, "%s", what);
		return ret;
	}
	ret = dmp_trust_ask(bytes, length, signature, signature_bytes);
	if (ret)
		dmp_say(extack, "%s", dmp_trust_sentence(ret));
	return ret;
}

/* dmp_trust_mode() - whose signatures are accepted? Any context. */
enum devmem_policy_trust dmp_trust_mode(void)
{
	return dmp_trust;
}

/* dmp_trust_development() - is a key trusted that was made for development? */
bool dmp_trust_development(void)
{
	return DMP_DEVELOPMENT_KEY && dmp_trust != DEVMEM_POLICY_TRUST_KERNEL;
}

/* dmp_trust_anchor() - trusted certificate number index, NULL after the last */
const struct dmp_anchor *dmp_trust_anchor(u32 index)
{
	return index < dmp_anchor_count ? &dmp_anchors[index] : NULL;
}

static int dmp_trust_choose(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dmp_trust_names); i++)
		if (!strcmp(dmp_trust_parameter, dmp_trust_names[i])) {
			dmp_trust = i;
			return 0;
		}
	pr_err("trust: \"%s\" is none of embedded, kernel and both\n", dmp_trust_parameter);
	return -EINVAL;
}

static void dmp_trust_forget(void)
{
	/* Somebody may hold the keyring still; revoked, it never calls us. */
	key_revoke(dmp_keyring);
	key_put(dmp_keyring);
}

static int dmp_trust_embedded(void)
{
	int ret;

	dmp_keyring = dmp_keyring_make();
	if (IS_ERR(dmp_keyring)) {
		pr_err("cannot make a keyring: %pe\n", dmp_keyring);
		return PTR_ERR(dmp_keyring);
	}
	ret = dmp_trust_fill();
	if (ret) {
		dmp_trust_forget();
		return ret;
	}
	if (dmp_trust_development())
		pr_warn("trusting a DEVELOPMENT key: build with POLICY_CERTS=... for real use\n");
	return 0;
}

/* Once, so that a digest needs no memory when it is asked for. */
static int dmp_trust_hash(void)
{
	dmp_hash = crypto_alloc_shash("sha256", 0, 0);
	if (!IS_ERR(dmp_hash))
		return 0;
	pr_err("this kernel has no SHA-256: %pe\n", dmp_hash);
	return PTR_ERR(dmp_hash);
}

int dmp_trust_init(void)
{
	int ret = dmp_trust_choose();

	if (!ret)
		ret = dmp_trust_hash();
	if (ret || dmp_trust == DEVMEM_POLICY_TRUST_KERNEL)
		return ret;
	ret = dmp_trust_embedded();
	if (ret)
		crypto_free_shash(dmp_hash);
	return ret;
}

void dmp_trust_exit(void)
{
	if (dmp_keyring)
		dmp_trust_forget();
	crypto_free_shash(dmp_hash);
}
