// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_cms.c - which messages are strong, and that none of them can do harm
 *
 * Messages are made with the openssl program when the test starts.
 */
#include "policy_fixture.h"
#include "scratch.h"

#include "policy/cms.h"

#define SIGN "openssl cms -sign -in policy -outform DER -out sig "
#define PLAIN SIGN "-binary -noattr -nosmimecap -md sha256 "
#define RESIGN "openssl cms -resign -in one -inform DER -outform DER -out sig "
#define SMIME "-in policy -outform DER -out sig -binary -noattr -md sha256 "
#define GOOD "-signer good.pem -inkey good.key "
#define OTHER "-signer other.pem -inkey other.key "
#define WEAK "-signer weak.pem -inkey weak.key "

#define NOT_DER "the signature is not a CMS message in DER form"
#define NOT_SIGNED "the signature is a CMS message, but not of signed data"
#define EMBEDDED "the signature has content embedded; it must be detached"
#define NO_SIGNER "the signature names no signer"
#define BAD_DIGEST \
	"the signature's digest is none of SHA-256, SHA-384 and SHA-512"
#define WEAK_DIGEST "the signature names a digest that is weaker than SHA-256"
#define NOT_RSA "the signature is not one of RSA with PKCS#1 v1.5 padding"
#define WEAK_CERTIFICATE \
	"a certificate in the signature has a key that is not RSA of 3072 bits or more"
#define SHORT_KEY "the signature's key has less than 3072 bits"

static int make_certificate(const char *name, const char *key,
			    const char *digest)
{
	return run_in_scratch(
		"openssl req -x509 -newkey %s -nodes %s -subj /CN=%s -days 30 -keyout %s.key -out %s.pem",
		key, digest, name, name, name);
}

static int setup(void **state)
{
	(void)state;
	if (scratch_make() || make_certificate("good", "rsa:3072", "-sha256") ||
	    make_certificate("other", "rsa:4096", "-sha512") ||
	    make_certificate("weak", "rsa:2048", "-sha256") ||
	    make_certificate("sha1", "rsa:3072", "-sha1") ||
	    make_certificate("sha224", "rsa:3072", "-sha224") ||
	    make_certificate("md5", "rsa:3072", "-md5") ||
	    make_certificate("curve", "ec -pkeyopt ec_paramgen_curve:P-256",
			     "-sha256"))
		return -1;
	write_scratch("policy", "policy", 6);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return scratch_remove();
}

static void expect(const char *command, int ret, const char *text)
{
	const char *what = "strong";
	struct dmp_buffer message;

	must_run(command);
	message = read_scratch("sig");
	assert_int_equal(dmp_cms_check(message.bytes, message.length, &what),
			 ret);
	assert_string_equal(what, text);
	dmp_buffer_free(&message);
}

static void test_strong(void **state)
{
	(void)state;
	expect(PLAIN GOOD, 0, "strong");
	expect(PLAIN GOOD "-nocerts", 0, "strong");
	expect(PLAIN GOOD "-keyid", 0, "strong");
	expect(PLAIN OTHER, 0, "strong");
	expect(SIGN "-binary -noattr -md sha384 " GOOD, 0, "strong");
	expect(SIGN "-binary -noattr -md sha512 " GOOD, 0, "strong");
	expect("openssl smime -sign " SMIME GOOD, 0, "strong");
}

static void test_more_in_it(void **state)
{
	(void)state;
	/* Signed attributes; several signers, by name and by key. */
	expect(SIGN "-binary -md sha256 " GOOD, 0, "strong");
	expect(SIGN "-binary -md sha256 -nosmimecap -nocerts " GOOD, 0,
	       "strong");
	expect(PLAIN GOOD OTHER, 0, "strong");
	expect(PLAIN GOOD OTHER "-keyid -nocerts", 0, "strong");
	expect(PLAIN GOOD "-certfile other.pem", 0, "strong");
}

static void test_digests(void **state)
{
	(void)state;
	expect(SIGN "-binary -noattr -md md5 " GOOD, -ENOPKG, WEAK_DIGEST);
	expect(SIGN "-binary -noattr -md sha1 " GOOD, -ENOPKG, WEAK_DIGEST);
	expect(SIGN "-binary -noattr -md sha224 " GOOD, -ENOPKG, WEAK_DIGEST);
	expect(SIGN "-binary -noattr -md sha3-256 " GOOD, -ENOPKG, BAD_DIGEST);
	expect(SIGN "-binary -md sha1 " GOOD, -ENOPKG, WEAK_DIGEST);
	/* One of two is enough to be refused. */
	expect(PLAIN GOOD " && cp sig one && " SIGN
			  "-binary -noattr -md sha1 " OTHER,
	       -ENOPKG, WEAK_DIGEST);
	expect(RESIGN "-noattr -md sha1 " OTHER, -ENOPKG, WEAK_DIGEST);
}

/* Whatever it is signed with, a weak certificate that comes along is refused. */
static void test_certificates(void **state)
{
	(void)state;
	expect(PLAIN GOOD "-certfile sha1.pem", -ENOPKG, WEAK_DIGEST);
	expect(PLAIN GOOD "-certfile sha224.pem", -ENOPKG, WEAK_DIGEST);
	expect(PLAIN GOOD "-certfile md5.pem", -ENOPKG, WEAK_DIGEST);
	expect(PLAIN GOOD "-certfile weak.pem", -ENOPKG, WEAK_CERTIFICATE);
	expect(PLAIN GOOD "-certfile curve.pem", -ENOPKG, WEAK_CERTIFICATE);
	expect(PLAIN "-signer sha1.pem -inkey sha1.key", -ENOPKG, WEAK_DIGEST);
	expect(PLAIN "-signer sha1.pem -inkey sha1.key -nocerts", 0, "strong");
}

static void test_algorithms(void **state)
{
	(void)state;
	expect(PLAIN GOOD "-keyopt rsa_padding_mode:pss", -ENOPKG, NOT_RSA);
	expect(PLAIN "-signer curve.pem -inkey curve.key", -ENOPKG, NOT_RSA);
	expect(PLAIN WEAK, -ENOPKG, SHORT_KEY);
	expect(PLAIN GOOD WEAK, -ENOPKG, SHORT_KEY);
	expect(PLAIN WEAK GOOD, -ENOPKG, SHORT_KEY);
}

static void test_other_messages(void **state)
{
	(void)state;
	expect(PLAIN GOOD "-nodetach", -EBADMSG, EMBEDDED);
	/* Of indefinite length: BER, but not DER. */
	expect(PLAIN GOOD "-stream -nodetach", -EBADMSG, NOT_DER);
	expect(PLAIN GOOD "-outform PEM", -EBADMSG, NOT_DER);
	expect("openssl cms -data_create -in policy -out sig -outform DER",
	       -EBADMSG, NOT_SIGNED);
	expect("openssl cms -digest_create -in policy -out sig -outform DER",
	       -EBADMSG, NOT_SIGNED);
	expect("openssl crl2pkcs7 -nocrl -certfile good.pem -outform DER -out sig",
	       -EBADMSG, NO_SIGNER);
	expect(PLAIN GOOD "-econtent_type 1.2.840.113549.1.9.16.1.4", -EBADMSG,
	       NOT_SIGNED);
	expect("openssl x509 -in good.pem -outform DER -out sig", -EBADMSG,
	       NOT_DER);
	expect(": >sig", -EBADMSG, NOT_DER);
	expect(PLAIN GOOD "&& printf x >>sig", -EBADMSG, NOT_DER);
}

/* Every element that reaches to the message's end and begins before a limit. */
static void lengthen(u8 *message, size_t length, u32 more, size_t limit)
{
	size_t at, inner;

	for (at = 0; at < limit; at++) {
		inner = (size_t)message[at + 2] << 8 | message[at + 3];
		if (message[at + 1] != 0x82 || at + 4 + inner != length)
			continue;
		message[at + 2] = (u8)((inner + more) >> 8);
		message[at + 3] = (u8)(inner + more);
	}
}

/* The message with bytes behind the signature, inside of the last signer. */
static int check_longer(const struct dmp_buffer *message, const char *tail,
			u32 bytes, const char **what)
{
	u8 *longer = malloc(message->length + bytes);
	int ret;

	memcpy(longer, message->bytes, message->length);
	/* The signature of 384 bytes has a head of 4. */
	lengthen(longer, message->length, bytes, message->length - 388);
	memcpy(longer + message->length, tail, bytes);
	ret = dmp_cms_check(longer, message->length + bytes, what);
	free(longer);
	return ret;
}

static void test_unsigned_attributes(void **state)
{
	struct dmp_buffer message;
	const char *what;

	(void)state;
	must_run(PLAIN GOOD "-nocerts");
	message = read_scratch("sig");
	assert_int_equal(check_longer(&message, "\xa1\x02\x30\x00", 4, &what),
			 0);
	assert_int_equal(check_longer(&message, "\xa0\x02\x30\x00", 4, &what),
			 -EBADMSG);
	assert_string_equal(what, NOT_DER);
	assert_int_equal(check_longer(&message, "\xa1\x03\x30\x00", 4, &what),
			 -EBADMSG);
	assert_int_equal(check_longer(&message, "\xa1\x00\xa1\x00", 4, &what),
			 -EBADMSG);
	dmp_buffer_free(&message);
}

/* The message with another encoding of its version, which is at byte 23. */
static int check_version(const struct dmp_buffer *message, const char *version,
			 u32 bytes)
{
	u8 *changed = malloc(message->length + bytes);
	const char *what;
	int ret;

	assert_memory_equal(message->bytes + 23, "\x02\x01\x01", 3);
	memcpy(changed, message->bytes, 23);
	lengthen(changed, message->length, bytes - 3, 20);
	memcpy(changed + 23, version, bytes);
	memcpy(changed + 23 + bytes, message->bytes + 26, message->length - 26);
	ret = dmp_cms_check(changed, message->length + bytes - 3, &what);
	free(changed);
	return ret;
}

static void test_minimal_lengths(void **state)
{
	struct dmp_buffer message;

	(void)state;
	must_run(PLAIN GOOD "-nocerts");
	message = read_scratch("sig");
	assert_int_equal(check_version(&message, "\x02\x01\x01", 3), 0);
	assert_int_equal(check_version(&message, "\x02\x01\x03", 3), 0);
	assert_int_equal(check_version(&message, "\x02\x01\x02", 3), -EBADMSG);
	assert_int_equal(check_version(&message, "\x02\x02\x00\x01", 4),
			 -EBADMSG);
	assert_int_equal(check_version(&message, "\x02\x81\x01\x01", 4),
			 -EBADMSG);
	assert_int_equal(check_version(&message, "\x02\x82\x00\x01\x01", 5),
			 -EBADMSG);
	dmp_buffer_free(&message);
}

/* A short key's signature, with zero bytes in front: the number is the same. */
static int check_padded(const struct dmp_buffer *message, size_t signature,
			u32 zeros, const char **what)
{
	u8 *padded = calloc(1, message->length + zeros);
	size_t head = message->length - signature;
	int ret;

	memcpy(padded, message->bytes, head);
	lengthen(padded, message->length, zeros, head);
	memcpy(padded + head + zeros, message->bytes + head, signature);
	ret = dmp_cms_check(padded, message->length + zeros, what);
	free(padded);
	return ret;
}

static void test_padded_signature(void **state)
{
	struct dmp_buffer message;
	const char *what;

	(void)state;
	must_run(PLAIN WEAK "-nocerts");
	message = read_scratch("sig");
	assert_int_equal(check_padded(&message, 256, 128, &what), -ENOPKG);
	assert_string_equal(what, SHORT_KEY);
	dmp_buffer_free(&message);
	/* That it is not refused for its form. */
	must_run(PLAIN GOOD "-nocerts");
	message = read_scratch("sig");
	assert_int_equal(check_padded(&message, 384, 2, &what), 0);
	assert_int_equal(check_padded(&message, 384, 8, &what), -ENOPKG);
	assert_string_equal(what, SHORT_KEY);
	dmp_buffer_free(&message);
}

/* Of that size, so that ASan sees a step beyond the end. */
static int check_copy(const u8 *bytes, size_t length)
{
	const char *what = NULL;
	u8 *copy = malloc(length ? length : 1);
	int ret;

	memcpy(copy, bytes, length);
	ret = dmp_cms_check(copy, length, &what);
	free(copy);
	if (ret)
		assert_non_null(what);
	assert_true(!ret || ret == -EBADMSG || ret == -ENOPKG);
	return ret;
}

static void check_truncations(const struct dmp_buffer *message)
{
	size_t length;

	for (length = 0; length < message->length; length++)
		assert_int_equal(check_copy(message->bytes, length), -EBADMSG);
}

/* Change every byte. Return: how many of these messages are strong. */
static u32 check_changes(struct dmp_buffer *message, u32 step)
{
	u32 strong = 0, mask;
	size_t at;

	for (at = 0; at < message->length; at++)
		for (mask = 1; mask < 256; mask += step) {
			message->bytes[at] ^= (u8)mask;
			strong += !check_copy(message->bytes, message->length);
			message->bytes[at] ^= (u8)mask;
		}
	return strong;
}

static void test_damaged(void **state)
{
	struct dmp_buffer message;

	(void)state;
	must_run(PLAIN GOOD "-nocerts");
	message = read_scratch("sig");
	check_truncations(&message);
	/* All that may change: the signer's name and number, the signature. */
	assert_in_range(check_changes(&message, 1), 384 * 255,
			(message.length - 90) * 255);
	dmp_buffer_free(&message);
	must_run(SIGN "-binary -md sha256 " GOOD OTHER "-keyid");
	message = read_scratch("sig");
	check_truncations(&message);
	check_changes(&message, 85);
	dmp_buffer_free(&message);
}

/* What no openssl makes: headers that are longer than they must be, and others. */
static void test_lengths(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} cases[] = {
		{ "\x30", 1 },
		{ "\x30\x00", 2 },
		{ "\x30\x80\x00\x00", 4 },
		{ "\x30\x81\x01\x00", 4 },
		{ "\x30\x82\x00\x01\x00", 5 },
		{ "\x30\x83\x00\x00\x01\x00", 6 },
		{ "\x30\x84\xff\xff\xff\xff", 6 },
		{ "\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10 },
		{ "\x30\xff", 2 },
		{ "\x30\x82\xff", 3 },
		{ "\x30\x82\xff\xff", 4 },
		{ "\x30\x7f", 2 },
		{ "\x1f\x30\x00", 3 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(check_copy((const u8 *)cases[i].bytes,
					    cases[i].length),
				 -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strong),
		cmocka_unit_test(test_more_in_it),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_algorithms),
		cmocka_unit_test(test_other_messages),
		cmocka_unit_test(test_unsigned_attributes),
		cmocka_unit_test(test_minimal_lengths),
		cmocka_unit_test(test_padded_signature),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
