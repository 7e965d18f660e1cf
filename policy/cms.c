// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cms.c - what the kernel's verifier does not ask of a signature
 *
 * The kernel verifies weak digests and short keys too, and does not tell which
 * they were. So the message is read here before the kernel reads it, by a stricter
 * grammar: that of RFC 5652, sections 3 and 5, in DER (X.690). What passes is
 * understood by the kernel in the same way.
 */
#include "cms.h"

/*
 * Leading zero bytes of a signature. A key that is shorter could have its
 * signatures filled up with them; a good one has as many once in 2^40 times.
 */
#define MAX_ZERO_BYTES 4

#define TAG_INTEGER 0x02
#define TAG_BITS 0x03
#define TAG_OCTETS 0x04
#define TAG_NULL 0x05
#define TAG_OBJECT 0x06
#define TAG_SEQUENCE 0x30
#define TAG_SET 0x31
#define TAG_KEY_ID 0x80 /* [0] IMPLICIT OCTET STRING */
#define TAG_CONTEXT_0 0xa0
#define TAG_CONTEXT_1 0xa1

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Bytes that are eaten from the left. */
struct cursor {
	const u8 *at;
	const u8 *end;
};

/* An object identifier, DER. */
struct object {
	u8 bytes;
	u8 der[11];
};

/* RFC 5652, sections 4 and 5.1 */
static const struct object signed_data = {
	11, { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 }
};

static const struct object plain_data = {
	11, { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 }
};

/* SHA-256, SHA-384, SHA-512: RFC 5754, section 2 */
static const struct object good_digests[] = {
	{ 11, { 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 } },
	{ 11, { 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02 } },
	{ 11, { 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03 } },
};

/* rsaEncryption, and with each of these digests: RFC 8017, appendix C */
static const struct object good_signatures[] = {
	{ 11, { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 } },
	{ 11, { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b } },
	{ 11, { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c } },
	{ 11, { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d } },
};

static const struct object weak_digests[] = {
	/* MD2, MD4, MD5: RFC 8017, appendix C; RFC 2313, section 11 */
	{ 10, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x02 } },
	{ 10, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x04 } },
	{ 10, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05 } },
	/* RSA with MD2, MD4, MD5, SHA-1, SHA-224: the same places */
	{ 11, { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x02 } },
	{ 11, { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x03 } },
	{ 11, { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04 } },
	{ 11, { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05 } },
	{ 11, { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0e } },
	/* RSA with MD5, SHA-1, RSA with SHA-1: the OIW's numbers */
	{ 7, { 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x03 } },
	{ 7, { 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a } },
	{ 7, { 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1d } },
	/* SHA-224: RFC 5754, section 2.1 */
	{ 11, { 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04 } },
	/* DSA with SHA-1: RFC 3279, section 2.2.2 */
	{ 9, { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03 } },
	/* ECDSA with SHA-1 and SHA-224: RFC 5758, section 3.2 */
	{ 9, { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01 } },
	{ 10, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x01 } },
};

static int refuse(const char **what, int code, const char *sentence)
{
	*what = sentence;
	return code;
}

static int refuse_form(const char **what)
{
	return refuse(what, -EBADMSG, "the signature is not a CMS message in DER form");
}

static size_t left_of(const struct cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

/*
 * The length in at[1] and the one or two bytes behind it; *head_bytes are tag and
 * length together. More than 65535 is more than any message has (X.690, 8.1.3 and
 * 10.1: definite, and with as few bytes as it takes).
 */
static bool read_length(const struct cursor *cursor, size_t *head_bytes, size_t *length)
{
	const u8 *at = cursor->at;
	size_t left = left_of(cursor);

	if (left < 2)
		return false;
	*head_bytes = at[1] < 0x80 ? 2 : 2 + (at[1] & 0x7fu);
	if (*head_bytes > left)
		return false;
	switch (at[1]) {
	case 0x81:
		*length = at[2];
		return *length >= 0x80;
	case 0x82:
		*length = (size_t)at[2] << 8 | at[3];
		return *length >= 0x100;
	default:
		*length = at[1];
		return at[1] < 0x80;
	}
}

/* Eat an element with that tag; its content can be eaten in turn. */
static bool take(struct cursor *cursor, u8 tag, struct cursor *content)
{
	size_t head_bytes, length;

	if (!left_of(cursor) || *cursor->at != tag ||
	    !read_length(cursor, &head_bytes, &length) ||
	    length > left_of(cursor) - head_bytes)
		return false;
	content->at = cursor->at + head_bytes;
	content->end = content->at + length;
	cursor->at = content->end;
	return true;
}

static bool is_next(const struct cursor *cursor, u8 tag)
{
	return left_of(cursor) && *cursor->at == tag;
}

/* Eat an element that need not be there, and do not look into it. */
static bool pass(struct cursor *cursor, u8 tag)
{
	struct cursor content;

	return !is_next(cursor, tag) || take(cursor, tag, &content);
}

static bool begins_with(const struct cursor *cursor, const struct object *object)
{
	return left_of(cursor) >= object->bytes &&
	       !memcmp(cursor->at, object->der, object->bytes);
}

static bool take_object(struct cursor *cursor, const struct object *object)
{
	if (!begins_with(cursor, object))
		return false;
	cursor->at += object->bytes;
	return true;
}

/* The kernel knows versions 1 and 3 of both, and they are one byte long. */
static bool take_version(struct cursor *cursor)
{
	struct cursor version;

	return take(cursor, TAG_INTEGER, &version) && left_of(&version) == 1 &&
	       (*version.at == 1 || *version.at == 3);
}

/*
 * AlgorithmIdentifier of one of several, without parameters or with NULL, as all
 * of these have it. -ENOPKG: it is another one.
 */
static int take_algorithm(struct cursor *cursor, const struct object *objects, size_t count)
{
	struct cursor algorithm, content;
	bool known = false;
	size_t i;

	if (!take(cursor, TAG_SEQUENCE, &algorithm))
		return -EBADMSG;
	for (i = 0; !known && i < count; i++)
		known = take_object(&algorithm, &objects[i]);
	if (!known)
		return is_next(&algorithm, TAG_OBJECT) ? -ENOPKG : -EBADMSG;
	if (!left_of(&algorithm))
		return 0;
	if (!take(&algorithm, TAG_NULL, &content) || left_of(&content) || left_of(&algorithm))
		return -EBADMSG;
	return 0;
}

static int take_digest(struct cursor *cursor, const char **what)
{
	int ret = take_algorithm(cursor, good_digests, COUNT(good_digests));

	if (ret == -ENOPKG)
		return refuse(what, ret,
			      "the signature's digest is none of SHA-256, SHA-384 and SHA-512");
	return ret ? refuse_form(what) : 0;
}

static int take_signature(struct cursor *cursor, const char **what)
{
	int ret = take_algorithm(cursor, good_signatures, COUNT(good_signatures));
	struct cursor signature;
	size_t zeros = 0;

	if (ret == -ENOPKG)
		return refuse(what, ret,
			      "the signature is not one of RSA with PKCS#1 v1.5 padding");
	if (ret || !take(cursor, TAG_OCTETS, &signature))
		return refuse_form(what);
	while (zeros < left_of(&signature) && !signature.at[zeros])
		zeros++;
	if (left_of(&signature) < DMP_MIN_SIGNATURE_BYTES || zeros > MAX_ZERO_BYTES)
		return refuse(what, -ENOPKG, "the signature's key has less than 3072 bits");
	return 0;
}

/* SignerInfo: RFC 5652, section 5.3 */
static int take_signer(struct cursor *cursor, const char **what)
{
	struct cursor signer, id;
	int ret;

	if (!take(cursor, TAG_SEQUENCE, &signer) || !take_version(&signer) ||
	    !(take(&signer, TAG_SEQUENCE, &id) || take(&signer, TAG_KEY_ID, &id)))
		return refuse_form(what);
	ret = take_digest(&signer, what);
	if (ret)
		return ret;
	/* Signed attributes before it, unsigned ones behind. */
	if (!pass(&signer, TAG_CONTEXT_0))
		return refuse_form(what);
	ret = take_signature(&signer, what);
	if (ret)
		return ret;
	return pass(&signer, TAG_CONTEXT_1) && !left_of(&signer) ? 0 : refuse_form(what);
}

/* EncapsulatedContentInfo: embedded, it would be a second truth. */
static int take_content(struct cursor *cursor, const char **what)
{
	struct cursor content;

	if (!take(cursor, TAG_SEQUENCE, &content))
		return refuse_form(what);
	if (!take_object(&content, &plain_data))
		return refuse(what, -EBADMSG,
			      "the signature is a CMS message, but not of signed data");
	if (left_of(&content))
		return refuse(what, -EBADMSG,
			      "the signature has content embedded; it must be detached");
	return 0;
}

/* Up to where the key is; what comes behind it is the kernel's to judge. */
static bool take_key(struct cursor *cursor, struct cursor *key)
{
	struct cursor certificate, content;

	if (!take(cursor, TAG_SEQUENCE, &certificate) ||
	    !take(&certificate, TAG_SEQUENCE, &content) || !pass(&content, TAG_CONTEXT_0) ||
	    !take(&content, TAG_INTEGER, key))
		return false;
	/* The digest, who vouches, validity, whose it is */
	return take(&content, TAG_SEQUENCE, key) && take(&content, TAG_SEQUENCE, key) &&
	       take(&content, TAG_SEQUENCE, key) && take(&content, TAG_SEQUENCE, key) &&
	       take(&content, TAG_SEQUENCE, key);
}

/*
 * RSAPublicKey in a BIT STRING: no unused bits, a modulus without a zero byte that
 * its sign does not need, as long as a signature is.
 */
static bool is_strong_key(struct cursor bits)
{
	struct cursor key, modulus;

	if (!left_of(&bits) || *bits.at++)
		return false;
	return take(&bits, TAG_SEQUENCE, &key) && take(&key, TAG_INTEGER, &modulus) &&
	       left_of(&modulus) > DMP_MIN_SIGNATURE_BYTES && !modulus.at[0] &&
	       modulus.at[1] & 0x80;
}

/*
 * A certificate in the message may stand between the signer and one that is
 * trusted, so its key has to be as good (RFC 5280, section 4.1; RFC 8017, A.1.1).
 */
static int take_certificate(struct cursor *cursor, const char **what)
{
	struct cursor key, bits;
	int ret;

	if (!take_key(cursor, &key))
		return refuse_form(what);
	ret = take_algorithm(&key, good_signatures, 1);
	if (ret == -EBADMSG || (!ret && !take(&key, TAG_BITS, &bits)))
		return refuse_form(what);
	if (ret || !is_strong_key(bits))
		return refuse(what, -ENOPKG,
			      "a certificate in the signature has a key that is not RSA of 3072 bits or more");
	return 0;
}

/* SignedData: RFC 5652, section 5.1 */
static int check_signed_data(struct cursor *data, const char **what)
{
	struct cursor digests, signers, certificates = { NULL, NULL };
	int ret = 0;

	if (!take_version(data) || !take(data, TAG_SET, &digests))
		return refuse_form(what);
	while (!ret && left_of(&digests))
		ret = take_digest(&digests, what);
	if (!ret)
		ret = take_content(data, what);
	if (ret)
		return ret;
	if (is_next(data, TAG_CONTEXT_0) && !take(data, TAG_CONTEXT_0, &certificates))
		return refuse_form(what);
	/* Revocation lists */
	if (!pass(data, TAG_CONTEXT_1) ||
	    !take(data, TAG_SET, &signers) || left_of(data))
		return refuse_form(what);
	if (!left_of(&signers))
		return refuse(what, -EBADMSG, "the signature names no signer");
	while (!ret && left_of(&signers))
		ret = take_signer(&signers, what);
	while (!ret && left_of(&certificates))
		ret = take_certificate(&certificates, what);
	return ret;
}

/* ContentInfo: RFC 5652, section 3 */
static int check_message(struct cursor message, const char **what)
{
	struct cursor info, explicit, data;

	if (!take(&message, TAG_SEQUENCE, &info) || left_of(&message))
		return refuse_form(what);
	if (!take_object(&info, &signed_data))
		return is_next(&info, TAG_OBJECT) ?
			       refuse(what, -EBADMSG,
				      "the signature is a CMS message, but not of signed data") :
			       refuse_form(what);
	if (!take(&info, TAG_CONTEXT_0, &explicit) || left_of(&info) ||
	    !take(&explicit, TAG_SEQUENCE, &data) || left_of(&explicit))
		return refuse_form(what);
	return check_signed_data(&data, what);
}

/* Wherever in the message that is: a good signature never has a reason to. */
static bool names_weak_digest(struct cursor message)
{
	size_t i;

	for (; left_of(&message); message.at++)
		for (i = 0; *message.at == TAG_OBJECT && i < COUNT(weak_digests); i++)
			if (begins_with(&message, &weak_digests[i]))
				return true;
	return false;
}

int dmp_cms_check(const u8 *message, size_t length, const char **what)
{
	struct cursor cursor = { message, message + length };
	int ret = check_message(cursor, what);

	if (ret != -EBADMSG && names_weak_digest(cursor))
		return refuse(what, -ENOPKG,
			      "the signature names a digest that is weaker than SHA-256");
	return ret;
}
