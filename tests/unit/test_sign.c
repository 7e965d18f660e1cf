// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_sign.c - which signatures are good, and what is said about others
 *
 * Keys and certificates are made with the openssl program when the test starts;
 * most signatures too, so that what people make by hand is what is tested.
 */
#include "policy_fixture.h"
#include "scratch.h"

/* What issue and man page tell people to use. */
#define SIGN "openssl cms -sign -in policy -outform DER -out sig "
#define KIND "-binary -noattr -nosmimecap -md sha256 "
#define PLAIN SIGN "-binary -noattr -nosmimecap -md sha256 "
#define GOOD "-signer good.pem -inkey good.key "
#define OTHER_CONTENT \
	"openssl cms -sign -in good.pem -outform DER -out sig " KIND
#define VERIFY \
	"openssl cms -verify -binary -inform DER -in own -certfile good.pem -nointern -noverify "

static struct dmp_buffer policy;
static struct dmp_trust *trust;

static int make_certificate(const char *name, const char *key,
			    const char *extra)
{
	return run_in_scratch(
		"openssl req -x509 -newkey %s -nodes -sha256 %s %s %s.key -out %s.pem",
		key, extra, "-days 30 -keyout", name, name);
}

static int setup(void **state)
{
	struct dmp_message message;

	(void)state;
	if (scratch_make() ||
	    make_certificate("good", "rsa:3072",
			     "-subj /CN=good -set_serial 7") ||
	    make_certificate("other", "rsa:3072", "-subj /CN=other") ||
	    /* The same issuer and serial as the good one, but another key. */
	    make_certificate("double", "rsa:3072",
			     "-subj /CN=good -set_serial 7") ||
	    make_certificate("weak", "rsa:2048", "-subj /CN=weak") ||
	    make_certificate("sha1", "rsa:3072", "-sha1 -subj /CN=sha1") ||
	    make_certificate("curve", "ec -pkeyopt ec_paramgen_curve:P-256",
			     "-subj /CN=curve"))
		return -1;
	policy = compile_text("policy signed\nserial 1\nallow r 0x1000+4K\n");
	write_scratch("policy", policy.bytes, policy.length);
	trust = dmp_trust_new();
	return dmp_trust_add_file(trust, in_scratch("good.pem"), &message);
}

static int teardown(void **state)
{
	(void)state;
	dmp_trust_free(trust);
	dmp_buffer_free(&policy);
	return scratch_remove();
}

/* Sign with a command, and expect an answer that holds a text. */
static void expect(const char *command, int ret, const char *text)
{
	struct dmp_message message;
	struct dmp_buffer signature;

	must_run(command);
	signature = read_scratch("sig");
	assert_int_equal(dmp_verify(trust, policy.bytes, policy.length,
				    signature.bytes, signature.length,
				    &message),
			 ret);
	if (!strstr(message.text, text))
		fail_msg("'%s' is not in '%s'", text, message.text);
	dmp_buffer_free(&signature);
}

static void test_plain_openssl(void **state)
{
	(void)state;
	expect(PLAIN GOOD, 0, "CN = good");
	expect(PLAIN GOOD "-nocerts", 0, "CN = good");
	expect(PLAIN GOOD "-keyid", 0, "CN = good");
	expect("openssl smime -sign -in policy -outform DER -out sig " KIND GOOD,
	       0, "CN = good");
	expect(SIGN "-binary -noattr -md sha384 " GOOD, 0, "CN = good");
	expect(SIGN "-binary -noattr -md sha512 " GOOD, 0, "CN = good");
}

static void test_two_signers(void **state)
{
	(void)state;
	expect(PLAIN GOOD "-signer other.pem -inkey other.key", 0, "CN = good");
	expect(PLAIN "-signer other.pem -inkey other.key " GOOD, 0,
	       "CN = good");
}

static void test_unknown_signer(void **state)
{
	(void)state;
	expect(PLAIN "-signer other.pem -inkey other.key", -ENOKEY,
	       "no trusted certificate belongs to the signer (issuer /CN=other");
	/* Named by key id, where there is no issuer to tell. */
	expect(PLAIN "-signer other.pem -inkey other.key -keyid", -ENOKEY,
	       "no trusted certificate belongs to the signer");
}

static void test_wrong_key(void **state)
{
	(void)state;
	expect(PLAIN "-signer double.pem -inkey double.key", -EKEYREJECTED,
	       "does not belong to this policy");
}

static void test_other_content(void **state)
{
	(void)state;
	expect(OTHER_CONTENT GOOD, -EKEYREJECTED,
	       "does not belong to this policy");
}

/*
 * The answer is about the trusted signer, wherever in the message it stands:
 * with either of the two trusted, one of the answers is not about the first.
 */
static void test_other_content_of_two(void **state)
{
	struct dmp_trust *second = dmp_trust_new(), *first = trust;
	struct dmp_message message;

	(void)state;
	expect(OTHER_CONTENT GOOD "-signer other.pem -inkey other.key",
	       -EKEYREJECTED, "the signature of CN = good does not belong");
	assert_int_equal(dmp_trust_add_file(second, in_scratch("other.pem"),
					    &message),
			 0);
	trust = second;
	expect(OTHER_CONTENT GOOD "-signer other.pem -inkey other.key",
	       -EKEYREJECTED, "the signature of CN = other does not belong");
	trust = first;
	dmp_trust_free(second);
}

static void test_embedded_content(void **state)
{
	(void)state;
	expect(PLAIN GOOD "-nodetach", -EBADMSG, "content embedded");
}

static void test_attributes(void **state)
{
	(void)state;
	expect(SIGN "-binary -md sha256 " GOOD, -EBADMSG, "sign with -noattr");
	expect(SIGN "-binary -md sha256 -nosmimecap " GOOD, -EBADMSG,
	       "sign with -noattr");
}

static void test_weak_digests(void **state)
{
	(void)state;
	expect(SIGN "-binary -noattr -md sha1 " GOOD, -ENOPKG,
	       "the signature uses the digest sha1; SHA-256 or better is needed");
	expect(SIGN "-binary -noattr -md md5 " GOOD, -ENOPKG, "digest md5");
	expect(SIGN "-binary -noattr -md sha224 " GOOD, -ENOPKG,
	       "digest sha224");
}

/* What the module would refuse is refused here, for the same reason. */
static void test_module_agrees(void **state)
{
	(void)state;
	expect(PLAIN "-signer weak.pem -inkey weak.key", -ENOPKG,
	       "the signature's key has less than 3072 bits");
	expect(PLAIN GOOD "-signer weak.pem -inkey weak.key", -ENOPKG,
	       "the signature's key has less than 3072 bits");
	expect(PLAIN GOOD "-certfile sha1.pem", -ENOPKG,
	       "the signature names a digest that is weaker than SHA-256");
	expect(PLAIN GOOD "-signer curve.pem -inkey curve.key", -ENOPKG,
	       "the signature uses ecdsa-with-SHA256");
}

static void test_other_algorithms(void **state)
{
	(void)state;
	expect(PLAIN GOOD "-keyopt rsa_padding_mode:pss", -ENOPKG,
	       "the signature uses rsassaPss");
	expect(PLAIN "-signer curve.pem -inkey curve.key", -ENOPKG,
	       "the signature uses ecdsa-with-SHA256");
}

static void test_no_signature_at_all(void **state)
{
	struct dmp_message message;

	(void)state;
	assert_int_equal(dmp_verify(trust, policy.bytes, policy.length, NULL, 0,
				    &message),
			 -ENODATA);
	expect("openssl cms -sign -in policy -outform PEM -out sig " KIND GOOD,
	       -EBADMSG, "not a CMS message in DER form");
	expect("openssl cms -data_create -in policy -out sig -outform DER",
	       -EBADMSG, "not of signed data");
	expect("cp policy sig", -EBADMSG, "not a CMS message in DER form");
	/* Only certificates, as in a .p7b file. */
	expect("openssl crl2pkcs7 -nocrl -certfile good.pem -outform DER -out sig",
	       -EBADMSG, "names no signer");
}

static void test_too_large_signature(void **state)
{
	static u8 large[DMP_MAX_SIGNATURE_BYTES + 1];
	struct dmp_message message;

	(void)state;
	assert_int_equal(dmp_verify(trust, policy.bytes, policy.length, large,
				    sizeof(large), &message),
			 -EBADMSG);
	assert_string_equal(message.text,
			    "the signature is larger than 16 KiB");
}

static void test_every_policy_byte_counts(void **state)
{
	struct dmp_buffer signature;
	struct dmp_message message;
	size_t i;

	(void)state;
	must_run(PLAIN GOOD);
	signature = read_scratch("sig");
	for (i = 0; i < policy.length; i++) {
		policy.bytes[i] ^= 1;
		assert_int_equal(dmp_verify(trust, policy.bytes, policy.length,
					    signature.bytes, signature.length,
					    &message),
				 -EKEYREJECTED);
		policy.bytes[i] ^= 1;
	}
	assert_int_equal(dmp_verify(trust, policy.bytes, policy.length - 1,
				    signature.bytes, signature.length,
				    &message),
			 -EKEYREJECTED);
	dmp_buffer_free(&signature);
}

/* No prefix is good, nor anything with bytes behind it, nor a changed value. */
static void test_damaged_signatures(void **state)
{
	struct dmp_buffer signature;
	struct dmp_message message;
	size_t length;
	u8 *copy;
	int ret;

	(void)state;
	must_run(PLAIN GOOD "-nocerts");
	signature = read_scratch("sig");
	copy = calloc(1, signature.length + 1);
	memcpy(copy, signature.bytes, signature.length);
	assert_int_equal(dmp_verify(trust, policy.bytes, policy.length, copy,
				    signature.length + 1, &message),
			 -EBADMSG);
	for (length = 1; length < signature.length; length++) {
		u8 *prefix = malloc(length);

		memcpy(prefix, signature.bytes, length);
		assert_int_equal(dmp_verify(trust, policy.bytes, policy.length,
					    prefix, length, &message),
				 -EBADMSG);
		free(prefix);
	}
	/* The last 384 bytes are the RSA signature. */
	for (length = 1; length <= 384; length++) {
		copy[signature.length - length] ^= 0x10;
		ret = dmp_verify(trust, policy.bytes, policy.length, copy,
				 signature.length, &message);
		assert_int_equal(ret, -EKEYREJECTED);
		copy[signature.length - length] ^= 0x10;
	}
	free(copy);
	dmp_buffer_free(&signature);
}

static int add(const char *name, struct dmp_message *message)
{
	struct dmp_trust *more = dmp_trust_new();
	int ret = dmp_trust_add_file(more, in_scratch(name), message);

	if (ret)
		assert_int_equal(dmp_trust_count(more), 0);
	else
		ret = (int)dmp_trust_count(more);
	dmp_trust_free(more);
	return ret;
}

static void test_trust_files(void **state)
{
	struct dmp_message message;

	(void)state;
	must_run("openssl x509 -in good.pem -outform DER -out good.der");
	must_run("cat good.pem other.pem >both.pem");
	must_run("cat good.pem weak.pem >mixed.pem");
	must_run(
		"head -n 5 good.pem >cut.pem && cat good.pem cut.pem >tail.pem");
	must_run("head -c 300 good.der >cut.der");
	must_run("{ cat good.der; echo; } >long.der");
	must_run(": >empty.pem");
	assert_int_equal(add("good.pem", &message), 1);
	assert_int_equal(add("good.der", &message), 1);
	assert_int_equal(add("both.pem", &message), 2);
	assert_int_equal(add("weak.pem", &message), -EKEYREJECTED);
	assert_string_equal(
		message.text,
		"the certificate's key has 2048 bits; RSA with at least 3072 is needed");
	assert_int_equal(add("mixed.pem", &message), -EKEYREJECTED);
	assert_int_equal(add("curve.pem", &message), -EKEYREJECTED);
	assert_string_equal(
		message.text,
		"the certificate's key is not an RSA key of at least 3072 bits");
	assert_int_equal(add("good.key", &message), -EBADMSG);
	assert_string_equal(message.text, "the file holds no certificate");
	assert_int_equal(add("cut.pem", &message), -EBADMSG);
	assert_int_equal(add("tail.pem", &message), -EBADMSG);
	assert_int_equal(add("cut.der", &message), -EBADMSG);
	assert_int_equal(add("long.der", &message), -EBADMSG);
	assert_int_equal(add("empty.pem", &message), -EBADMSG);
	assert_int_equal(add("policy", &message), -EBADMSG);
	assert_int_equal(add("missing.pem", &message), -ENOENT);
}

static int sign(const char *key, const char *certificate,
		struct dmp_buffer *signature, struct dmp_message *message)
{
	return dmp_sign(policy.bytes, policy.length, in_scratch(key),
			in_scratch(certificate), signature, message);
}

static void test_own_signature(void **state)
{
	struct dmp_buffer signature;
	struct dmp_message message;

	(void)state;
	assert_int_equal(sign("good.key", "good.pem", &signature, &message), 0);
	assert_int_equal(dmp_verify(trust, policy.bytes, policy.length,
				    signature.bytes, signature.length,
				    &message),
			 0);
	assert_string_equal(message.text, "CN = good");
	write_scratch("own", signature.bytes, signature.length);
	dmp_buffer_free(&signature);
	must_run(VERIFY "-content policy -out content && cmp content policy");
	must_run("! " VERIFY "-content good.pem -out content");
	/* As the kernel likes it best: no certificate, no attributes. */
	must_run("openssl cms -cmsout -print -inform DER -in own >text");
	must_run("grep -A1 'signedAttrs:' text | grep -q '<ABSENT>'");
	must_run("grep -A1 'certificates:' text | grep -q '<ABSENT>'");
	must_run("grep -q sha256 text");
}

static void test_refused_signing(void **state)
{
	struct dmp_buffer signature;
	struct dmp_message message;

	(void)state;
	assert_int_equal(sign("weak.key", "weak.pem", &signature, &message),
			 -EKEYREJECTED);
	assert_non_null(strstr(
		message.text,
		"weak.key: the private key has 2048 bits; RSA with at least 3072 is needed"));
	assert_int_equal(sign("curve.key", "curve.pem", &signature, &message),
			 -EKEYREJECTED);
	assert_int_equal(sign("good.key", "other.pem", &signature, &message),
			 -EKEYREJECTED);
	assert_string_equal(message.text,
			    "the private key is not the certificate's");
	assert_int_equal(sign("good.pem", "good.pem", &signature, &message),
			 -EBADMSG);
	assert_int_equal(sign("good.key", "good.key", &signature, &message),
			 -EBADMSG);
	assert_non_null(strstr(message.text, "good.key: "));
	assert_int_equal(sign("missing.key", "good.pem", &signature, &message),
			 -ENOENT);
	assert_null(signature.bytes);
}

static void test_digest(void **state)
{
	/* FIPS 180-2, appendix B.1 */
	static const u8 abc[DMP_DIGEST_BYTES] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
		0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
		0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
		0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	u8 digest[DMP_DIGEST_BYTES];

	(void)state;
	assert_int_equal(dmp_digest((const u8 *)"abc", 3, digest), 0);
	assert_memory_equal(digest, abc, sizeof(abc));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_openssl),
		cmocka_unit_test(test_two_signers),
		cmocka_unit_test(test_unknown_signer),
		cmocka_unit_test(test_wrong_key),
		cmocka_unit_test(test_other_content),
		cmocka_unit_test(test_other_content_of_two),
		cmocka_unit_test(test_embedded_content),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_weak_digests),
		cmocka_unit_test(test_module_agrees),
		cmocka_unit_test(test_other_algorithms),
		cmocka_unit_test(test_no_signature_at_all),
		cmocka_unit_test(test_too_large_signature),
		cmocka_unit_test(test_every_policy_byte_counts),
		cmocka_unit_test(test_damaged_signatures),
		cmocka_unit_test(test_trust_files),
		cmocka_unit_test(test_own_signature),
		cmocka_unit_test(test_refused_signing),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
