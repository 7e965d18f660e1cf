// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * seek [FIRST LAST] - look for the secret of dmp_secret in all that read(2) gives
 *
 * Reads System RAM page by page, or what of it is in a range of physical addresses,
 * and prints
 *
 *   found ADDRESS TEXT             the heading and what follows it, if that is a secret
 *   pages READ refused REFUSED     at the end
 *
 * What it looks for is written upside down here, so as not to find itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 4096u
#define DIGITS 64u

/* "devmem-policy secret ", each byte with all its bits inverted */
static const unsigned char heading[] = {
	0x9b, 0x9a, 0x89, 0x92, 0x9a, 0x92, 0xd2, 0x8f, 0x90, 0x93, 0x96,
	0x9c, 0x86, 0xdf, 0x8c, 0x9a, 0x9c, 0x8d, 0x9a, 0x8b, 0xdf,
};

struct search {
	int fd;
	uint64_t first;
	uint64_t last;
	unsigned long read;
	unsigned long refused;
};

static bool is_digit(unsigned char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
}

static bool is_secret(const unsigned char *at)
{
	for (size_t i = 0; i < sizeof(heading); i++)
		if (at[i] + heading[i] != 0xff)
			return false;
	for (size_t i = 0; i < DIGITS; i++)
		if (!is_digit(at[sizeof(heading) + i]))
			return false;
	return true;
}

static void look_at(const unsigned char *page, uint64_t address)
{
	const size_t length = sizeof(heading) + DIGITS;

	for (size_t i = 0; i + length <= PAGE; i++)
		if (is_secret(page + i))
			printf("found 0x%" PRIx64 " %.*s\n", address + i, (int)length,
			       (const char *)page + i);
}

static void search_range(struct search *search, uint64_t first, uint64_t last)
{
	static unsigned char page[PAGE];

	for (uint64_t at = first & ~(uint64_t)(PAGE - 1); at + PAGE - 1 <= last; at += PAGE) {
		if (at + PAGE <= search->first || at > search->last)
			continue;
		if (pread(search->fd, page, PAGE, (off_t)at) != PAGE) {
			search->refused++;
			continue;
		}
		search->read++;
		look_at(page, at);
		memset(page, 0, sizeof(page));
	}
}

static int search_all(struct search *search)
{
	FILE *file = fopen("/proc/iomem", "re");
	uint64_t first, last;
	char line[256];

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		if (line[0] != ' ' && strstr(line, " : System RAM") &&
		    sscanf(line, "%" SCNx64 "-%" SCNx64, &first, &last) == 2)
			search_range(search, first, last);
	fclose(file);
	return 0;
}

int main(int argc, char **argv)
{
	struct search search = { .last = UINT64_MAX };

	if (argc != 1 && argc != 3)
		return 2;
	if (argc == 3) {
		search.first = strtoull(argv[1], NULL, 0);
		search.last = strtoull(argv[2], NULL, 0);
	}
	search.fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	if (search.fd < 0 || search_all(&search)) {
		perror("seek");
		return 1;
	}
	printf("pages %lu refused %lu\n", search.read, search.refused);
	return 0;
}
