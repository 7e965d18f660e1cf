// SPDX-License-Identifier: GPL-2.0-or-later
#include "digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <unistd.h>

int dmp_sha256(const void *bytes, size_t length, uint8_t digest[DMP_SHA256_BYTES])
{
	/* Made once a thread: that costs as much as hashing a line. */
	static _Thread_local EVP_MD_CTX *context;
	static _Thread_local EVP_MD *sha256;

	if (!context)
		context = EVP_MD_CTX_new();
	if (!sha256)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!context || !sha256 || !EVP_DigestInit_ex2(context, sha256, NULL) ||
	    !EVP_DigestUpdate(context, bytes, length) ||
	    !EVP_DigestFinal_ex(context, digest, NULL))
		return -ENOMEM;
	return 0;
}

static int hash_part(EVP_MD_CTX *context, int fd, off_t first, off_t end)
{
	char bytes[4096];
	ssize_t got;

	for (; first < end; first += got) {
		got = pread(fd, bytes, sizeof(bytes), first);
		if (got <= 0)
			return got ? -errno : -EIO;
		if (got > end - first)
			got = (ssize_t)(end - first);
		if (!EVP_DigestUpdate(context, bytes, (size_t)got))
			return -ENOMEM;
	}
	return 0;
}

int dmp_sha256_file(int fd, off_t first, off_t end, uint8_t digest[DMP_SHA256_BYTES])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int ret = -ENOMEM;

	if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL))
		ret = hash_part(context, fd, first, end);
	if (!ret && !EVP_DigestFinal_ex(context, digest, NULL))
		ret = -ENOMEM;
	EVP_MD_CTX_free(context);
	return ret;
}

static int value_of(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return -1;
}

int dmp_sha256_parse(const char *digits, size_t length, uint8_t digest[DMP_SHA256_BYTES])
{
	int high, low;

	if (length != DMP_SHA256_DIGITS)
		return -EINVAL;
	for (size_t i = 0; i < DMP_SHA256_BYTES; i++) {
		high = value_of(digits[2 * i]);
		low = value_of(digits[2 * i + 1]);
		if (high < 0 || low < 0)
			return -EINVAL;
		digest[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
