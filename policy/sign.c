// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sign.c - detached CMS signatures (RFC 5652) over canonical policies
 *
 * A signature without signed attributes is PKCS#1 v1.5 directly over the digest
 * of the content, so once the signer is identified, verifying is one call of
 * EVP_DigestVerify() with the trusted certificate's key. Nothing in the message
 * but the signer's identity, the algorithms' names and the signature is used;
 * certificates that it may carry are ignored.
 */
#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "cms.h"
#include "message.h"

#define MAX_CERTIFICATE_BYTES (1u << 20)

struct dmp_trust {
	STACK_OF(X509) * certificates;
};

int dmp_digest(const u8 *bytes, size_t length, u8 digest[DMP_DIGEST_BYTES])
{
	return EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL) ==
			       1 ?
		       0 :
		       -EIO;
}

/* The last and most precise reason that libcrypto gave; clears the others. */
static const char *crypto_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return reason ? reason : "no reason given";
}

static void subject_of(X509 *certificate, char *text, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int got = 0;

	if (bio && X509_NAME_print_ex(bio, X509_get_subject_name(certificate),
				      0, XN_FLAG_ONELINE) >= 0)
		got = BIO_read(bio, text, (int)size - 1);
	text[got > 0 ? got : 0] = '\0';
	BIO_free(bio);
}

/* ---- trusted certificates ---- */

struct dmp_trust *dmp_trust_new(void)
{
	struct dmp_trust *trust = OPENSSL_zalloc(sizeof(*trust));

	if (!trust)
		return NULL;
	trust->certificates = sk_X509_new_null();
	if (!trust->certificates) {
		OPENSSL_free(trust);
		return NULL;
	}
	return trust;
}

void dmp_trust_free(struct dmp_trust *trust)
{
	if (!trust)
		return;
	sk_X509_pop_free(trust->certificates, X509_free);
	OPENSSL_free(trust);
}

u32 dmp_trust_count(const struct dmp_trust *trust)
{
	return (u32)sk_X509_num(trust->certificates);
}

static int check_key(EVP_PKEY *key, const char *what,
		     struct dmp_message *message)
{
	if (!key || !EVP_PKEY_is_a(key, "RSA"))
		return dmp_refuse(
			message, -EKEYREJECTED,
			"the %s is not an RSA key of at least %d bits", what,
			DMP_MIN_RSA_BITS);
	if (EVP_PKEY_get_bits(key) < DMP_MIN_RSA_BITS)
		return dmp_refuse(
			message, -EKEYREJECTED,
			"the %s has %d bits; RSA with at least %d is needed",
			what, EVP_PKEY_get_bits(key), DMP_MIN_RSA_BITS);
	return 0;
}

static int add_certificate(STACK_OF(X509) * stack, X509 *certificate,
			   struct dmp_message *message)
{
	int ret = check_key(X509_get0_pubkey(certificate), "certificate's key",
			    message);

	if (!ret && !sk_X509_push(stack, certificate))
		ret = dmp_refuse(message, -ENOMEM, "out of memory");
	if (ret)
		X509_free(certificate);
	return ret;
}

static bool is_pem(const struct dmp_buffer *file)
{
	return memmem(file->bytes, file->length, "-----BEGIN ", 11);
}

static int read_der(STACK_OF(X509) * stack, const struct dmp_buffer *file,
		    struct dmp_message *message)
{
	const u8 *at = file->bytes;
	X509 *certificate = d2i_X509(NULL, &at, (long)file->length);

	if (certificate && at == file->bytes + file->length)
		return add_certificate(stack, certificate, message);
	X509_free(certificate);
	return dmp_refuse(
		message, -EBADMSG,
		"this is not an X.509 certificate, neither PEM nor DER");
}

/* Reading ends at "no start line", which is the only good ending. */
static int read_pem(STACK_OF(X509) * stack, const struct dmp_buffer *file,
		    struct dmp_message *message)
{
	BIO *bio = BIO_new_mem_buf(file->bytes, (int)file->length);
	X509 *certificate;
	int ret = 0;

	if (!bio)
		return dmp_refuse(message, -ENOMEM, "out of memory");
	ERR_clear_error();
	while (!ret && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		ret = add_certificate(stack, certificate, message);
	BIO_free(bio);
	if (ret)
		return ret;
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return dmp_refuse(message, -EBADMSG,
				  "a certificate in the file is malformed: %s",
				  crypto_reason());
	ERR_clear_error();
	if (!sk_X509_num(stack))
		return dmp_refuse(message, -EBADMSG,
				  "the file holds no certificate");
	return 0;
}

static int read_certificates(const char *path, STACK_OF(X509) * stack,
			     struct dmp_message *message)
{
	struct dmp_buffer file;
	int ret;

	ret = dmp_file_read(path, MAX_CERTIFICATE_BYTES, &file, message);
	if (ret)
		return ret;
	ret = is_pem(&file) ? read_pem(stack, &file, message) :
			      read_der(stack, &file, message);
	ERR_clear_error();
	dmp_buffer_free(&file);
	return ret;
}

int dmp_trust_add_file(struct dmp_trust *trust, const char *path,
		       struct dmp_message *message)
{
	STACK_OF(X509) *added = sk_X509_new_null();
	int count, i, ret;

	if (!added)
		return dmp_refuse(message, -ENOMEM, "out of memory");
	ret = read_certificates(path, added, message);
	count = sk_X509_num(added);
	if (!ret && !sk_X509_reserve(trust->certificates, count))
		ret = dmp_refuse(message, -ENOMEM, "out of memory");
	/* Room is reserved: no push can fail and leave half of them added. */
	for (i = 0; !ret && i < count; i++)
		sk_X509_push(trust->certificates, sk_X509_value(added, i));
	if (ret)
		sk_X509_pop_free(added, X509_free);
	else
		sk_X509_free(added);
	return ret;
}

/* ---- verifying ---- */

static CMS_ContentInfo *parse_cms(const u8 *signature, size_t length)
{
	const u8 *at = signature;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)length);

	if (cms && at != signature + length) {
		CMS_ContentInfo_free(cms);
		cms = NULL;
	}
	ERR_clear_error();
	return cms;
}

/* Embedded content would be a second truth beside the policy's bytes. */
static int check_shape(CMS_ContentInfo *cms, struct dmp_message *message)
{
	STACK_OF(CMS_SignerInfo) * signers;

	if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed ||
	    OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data)
		return dmp_refuse(
			message, -EBADMSG,
			"the signature is a CMS message, but not of signed data");
	if (CMS_is_detached(cms) != 1)
		return dmp_refuse(
			message, -EBADMSG,
			"the signature has content embedded; it must be detached");
	signers = CMS_get0_SignerInfos(cms);
	if (!signers || !sk_CMS_SignerInfo_num(signers))
		return dmp_refuse(message, -EBADMSG,
				  "the signature names no signer");
	return 0;
}

static const EVP_MD *accepted_digest(const X509_ALGOR *algorithm)
{
	int nid = OBJ_obj2nid(algorithm->algorithm);

	if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512)
		return NULL;
	return EVP_get_digestbynid(nid);
}

static bool is_accepted_signature(const X509_ALGOR *algorithm)
{
	switch (OBJ_obj2nid(algorithm->algorithm)) {
	case NID_rsaEncryption:
	case NID_sha256WithRSAEncryption:
	case NID_sha384WithRSAEncryption:
	case NID_sha512WithRSAEncryption:
		return true;
	default:
		return false;
	}
}

static void algorithm_name(const X509_ALGOR *algorithm, char *name, int size)
{
	OBJ_obj2txt(name, size, algorithm->algorithm, 0);
}

static int check_algorithms(CMS_SignerInfo *signer, const EVP_MD **digest,
			    struct dmp_message *message)
{
	X509_ALGOR *digest_algorithm, *signature_algorithm;
	char name[80];

	CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest_algorithm,
				 &signature_algorithm);
	*digest = accepted_digest(digest_algorithm);
	if (!*digest) {
		algorithm_name(digest_algorithm, name, sizeof(name));
		return dmp_refuse(
			message, -ENOPKG,
			"the signature uses the digest %s; SHA-256 or better is needed",
			name);
	}
	if (!is_accepted_signature(signature_algorithm)) {
		algorithm_name(signature_algorithm, name, sizeof(name));
		return dmp_refuse(
			message, -ENOPKG,
			"the signature uses %s; RSA with PKCS#1 v1.5 padding is needed",
			name);
	}
	if (CMS_signed_get_attr_count(signer) > 0)
		return dmp_refuse(
			message, -EBADMSG,
			"the signature has signed attributes; sign with -noattr");
	return 0;
}

static int refuse_unknown_signer(CMS_SignerInfo *signer,
				 struct dmp_message *message)
{
	ASN1_OCTET_STRING *key_id = NULL;
	ASN1_INTEGER *serial = NULL;
	X509_NAME *issuer = NULL;
	char name[256] = "";
	char *number;

	if (CMS_SignerInfo_get0_signer_id(signer, &key_id, &issuer, &serial) !=
		    1 ||
	    !issuer)
		return dmp_refuse(
			message, -ENOKEY,
			"no trusted certificate belongs to the signer");
	X509_NAME_oneline(issuer, name, sizeof(name));
	number = i2s_ASN1_INTEGER(NULL, serial);
	dmp_refuse(
		message, -ENOKEY,
		"no trusted certificate belongs to the signer (issuer %s, serial %s)",
		name, number ? number : "?");
	OPENSSL_free(number);
	return -ENOKEY;
}

static X509 *find_signer(const struct dmp_trust *trust, CMS_SignerInfo *signer)
{
	X509 *certificate;
	int i;

	for (i = 0; i < sk_X509_num(trust->certificates); i++) {
		certificate = sk_X509_value(trust->certificates, i);
		if (!CMS_SignerInfo_cert_cmp(signer, certificate))
			return certificate;
	}
	return NULL;
}

static int check_bytes(CMS_SignerInfo *signer, X509 *certificate,
		       const EVP_MD *digest, const u8 *policy, size_t length)
{
	ASN1_OCTET_STRING *signature = CMS_SignerInfo_get0_signature(signer);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int ret = -EKEYREJECTED;

	if (!context)
		return -ENOMEM;
	if (EVP_DigestVerifyInit(context, NULL, digest, NULL,
				 X509_get0_pubkey(certificate)) == 1 &&
	    EVP_DigestVerify(context, ASN1_STRING_get0_data(signature),
			     (size_t)ASN1_STRING_length(signature), policy,
			     length) == 1)
		ret = 0;
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return ret;
}

/*
 * Of every signer, as the module asks it of every one; by name first, since
 * dmp_cms_check() knows no names.
 */
static int check_strength(CMS_ContentInfo *cms, const u8 *signature,
			  size_t signature_bytes, struct dmp_message *message)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
	const EVP_MD *digest;
	const char *what;
	int i, ret = 0;

	for (i = 0; !ret && i < sk_CMS_SignerInfo_num(signers); i++)
		ret = check_algorithms(sk_CMS_SignerInfo_value(signers, i),
				       &digest, message);
	if (ret)
		return ret;
	ret = dmp_cms_check(signature, signature_bytes, &what);
	return ret ? dmp_refuse(message, ret, "%s", what) : 0;
}

static int verify_signer(const struct dmp_trust *trust, CMS_SignerInfo *signer,
			 const u8 *policy, size_t length,
			 struct dmp_message *message)
{
	const EVP_MD *digest;
	X509 *certificate;
	char subject[256];
	int ret;

	ret = check_algorithms(signer, &digest, message);
	if (ret)
		return ret;
	certificate = find_signer(trust, signer);
	if (!certificate)
		return refuse_unknown_signer(signer, message);
	subject_of(certificate, subject, sizeof(subject));
	ret = check_bytes(signer, certificate, digest, policy, length);
	if (ret)
		return dmp_refuse(
			message, ret,
			"the signature of %s does not belong to this policy: one of them was changed",
			subject);
	return dmp_refuse(message, 0, "%s", subject);
}

/*
 * With several signers one good signature is enough. Without any, the answer is
 * about the first signer whose certificate is trusted, else about the first.
 */
static int verify_signers(const struct dmp_trust *trust, CMS_ContentInfo *cms,
			  const u8 *policy, size_t length,
			  struct dmp_message *message)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
	struct dmp_message candidate;
	int i, ret, answer = 0;

	for (i = 0; i < sk_CMS_SignerInfo_num(signers); i++) {
		ret = verify_signer(trust, sk_CMS_SignerInfo_value(signers, i),
				    policy, length, &candidate);
		if (ret && answer && (answer != -ENOKEY || ret == -ENOKEY))
			continue;
		*message = candidate;
		answer = ret;
		if (!ret)
			break;
	}
	return answer;
}

int dmp_verify(const struct dmp_trust *trust, const u8 *policy,
	       size_t policy_bytes, const u8 *signature, size_t signature_bytes,
	       struct dmp_message *message)
{
	CMS_ContentInfo *cms;
	int ret;

	if (!signature_bytes)
		return dmp_refuse(message, -ENODATA, "there is no signature");
	if (signature_bytes > DMP_MAX_SIGNATURE_BYTES)
		return dmp_refuse(message, -EBADMSG,
				  "the signature is larger than 16 KiB");
	cms = parse_cms(signature, signature_bytes);
	if (!cms)
		return dmp_refuse(
			message, -EBADMSG,
			"the signature is not a CMS message in DER form");
	ret = check_shape(cms, message);
	if (!ret)
		ret = check_strength(cms, signature, signature_bytes, message);
	if (!ret)
		ret = verify_signers(trust, cms, policy, policy_bytes, message);
	CMS_ContentInfo_free(cms);
	return ret;
}

/* ---- signing ---- */

static int read_key(const char *path, EVP_PKEY **key,
		    struct dmp_message *message)
{
	struct dmp_buffer file;
	BIO *bio;
	int ret;

	ret = dmp_file_read(path, MAX_CERTIFICATE_BYTES, &file, message);
	if (ret)
		return ret;
	bio = BIO_new_mem_buf(file.bytes, (int)file.length);
	/* Asks for the pass phrase on the terminal when there is one. */
	*key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	OPENSSL_cleanse(file.bytes, file.length);
	dmp_buffer_free(&file);
	if (!*key)
		return dmp_refuse(message, -EBADMSG,
				  "the private key cannot be read: %s",
				  crypto_reason());
	ret = check_key(*key, "private key", message);
	if (ret) {
		EVP_PKEY_free(*key);
		*key = NULL;
	}
	return ret;
}

/* The first certificate of the file, as openssl itself takes it. */
static int read_certificate(const char *path, X509 **certificate,
			    struct dmp_message *message)
{
	STACK_OF(X509) *stack = sk_X509_new_null();
	int ret;

	if (!stack)
		return dmp_refuse(message, -ENOMEM, "out of memory");
	ret = read_certificates(path, stack, message);
	if (!ret)
		*certificate = sk_X509_shift(stack);
	sk_X509_pop_free(stack, X509_free);
	return ret;
}

static CMS_ContentInfo *make_cms(EVP_PKEY *key, X509 *certificate,
				 const u8 *policy, size_t length)
{
	unsigned int flags = CMS_BINARY | CMS_DETACHED | CMS_NOATTR |
			     CMS_NOSMIMECAP | CMS_NOCERTS;
	BIO *content = BIO_new_mem_buf(policy, (int)length);
	CMS_ContentInfo *cms;

	cms = CMS_sign(NULL, NULL, NULL, content, flags | CMS_PARTIAL);
	if (cms && content &&
	    CMS_add1_signer(cms, certificate, key, EVP_sha256(), flags) &&
	    CMS_final(cms, content, NULL, flags)) {
		BIO_free(content);
		return cms;
	}
	CMS_ContentInfo_free(cms);
	BIO_free(content);
	return NULL;
}

/* Copied, so that the buffer is malloc's like all others. */
static int encode_cms(CMS_ContentInfo *cms, struct dmp_buffer *signature)
{
	u8 *der = NULL;
	int length = i2d_CMS_ContentInfo(cms, &der);

	if (length <= 0)
		return -EIO;
	signature->bytes = malloc((size_t)length);
	if (signature->bytes) {
		memcpy(signature->bytes, der, (size_t)length);
		signature->length = (size_t)length;
	}
	OPENSSL_free(der);
	return signature->bytes ? 0 : -ENOMEM;
}

static int sign_with(EVP_PKEY *key, X509 *certificate, const u8 *policy,
		     size_t policy_bytes, struct dmp_buffer *signature,
		     struct dmp_message *message)
{
	CMS_ContentInfo *cms;
	int ret;

	if (X509_check_private_key(certificate, key) != 1) {
		ERR_clear_error();
		return dmp_refuse(message, -EKEYREJECTED,
				  "the private key is not the certificate's");
	}
	cms = make_cms(key, certificate, policy, policy_bytes);
	ret = cms ? encode_cms(cms, signature) : -EIO;
	CMS_ContentInfo_free(cms);
	if (ret)
		return dmp_refuse(message, ret, "cannot sign: %s",
				  crypto_reason());
	return 0;
}

/* Two files are read here, so the sentence has to say which one it is about. */
static int name_file(struct dmp_message *message, int code, const char *path)
{
	struct dmp_message reason = *message;

	return dmp_refuse(message, code, "%s: %s", path, reason.text);
}

int dmp_sign(const u8 *policy, size_t policy_bytes, const char *key_path,
	     const char *cert_path, struct dmp_buffer *signature,
	     struct dmp_message *message)
{
	X509 *certificate = NULL;
	EVP_PKEY *key = NULL;
	int ret;

	signature->bytes = NULL;
	signature->length = 0;
	ret = read_key(key_path, &key, message);
	if (ret)
		return name_file(message, ret, key_path);
	ret = read_certificate(cert_path, &certificate, message);
	if (ret)
		name_file(message, ret, cert_path);
	else
		ret = sign_with(key, certificate, policy, policy_bytes,
				signature, message);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return ret;
}
