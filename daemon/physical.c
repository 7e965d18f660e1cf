// SPDX-License-Identifier: GPL-2.0-or-later
#include "physical.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOW_BYTES (1u << 20)
#define PAGE_BYTES_MAX 65536
/* Where the processor does not say: as many as all of today's have */
#define ADDRESS_BITS 40

int dmp_physical_open(struct dmp_physical *physical)
{
	long page_bytes = sysconf(_SC_PAGESIZE);

	if (page_bytes > PAGE_BYTES_MAX)
		return -EOPNOTSUPP;
	physical->page_shift = (unsigned int)__builtin_ctzl((unsigned long)page_bytes);
	physical->low_pages = LOW_BYTES >> physical->page_shift;
	physical->fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	return physical->fd < 0 ? -errno : 0;
}

void dmp_physical_close(struct dmp_physical *physical)
{
	close(physical->fd);
}

/* "address sizes	: 40 bits physical, 48 bits virtual" */
uint64_t dmp_physical_limit(unsigned int page_shift)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	unsigned int bits = ADDRESS_BITS, seen;
	char line[4096];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "address sizes : %u bits", &seen) == 1 && seen > page_shift &&
		    seen < 64)
			bits = seen;
	if (file)
		fclose(file);
	return UINT64_C(1) << (bits - page_shift);
}

static off_t offset_of(const struct dmp_physical *physical, uint64_t pfn)
{
	return (off_t)(pfn << physical->page_shift);
}

static bool has_more_than_zeros(const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return true;
	return false;
}

static int read_page(const struct dmp_physical *physical, uint64_t pfn)
{
	bool low = pfn < physical->low_pages;
	unsigned char bytes[PAGE_BYTES_MAX];
	size_t wanted = low ? (size_t)1 << physical->page_shift : 1;
	ssize_t got;

	got = pread(physical->fd, bytes, wanted, offset_of(physical, pfn));
	if (got < 0)
		return -errno;
	if (!got)
		return -EFAULT;
	return low && !has_more_than_zeros(bytes, (size_t)got);
}

static void *map(const struct dmp_physical *physical, int protection, uint64_t first_pfn,
		 uint64_t pages)
{
	return mmap(NULL, (size_t)(pages << physical->page_shift), protection, MAP_SHARED,
		    physical->fd, offset_of(physical, first_pfn));
}

int dmp_physical_ask(void *context, enum dmp_way way, uint64_t first_pfn, uint64_t pages)
{
	const struct dmp_physical *physical = context;
	void *memory;

	if (way == DMP_WAY_READ)
		return read_page(physical, first_pfn);
	memory = map(physical, way == DMP_WAY_MAP ? PROT_READ : PROT_READ | PROT_WRITE, first_pfn,
		     pages);
	if (memory == MAP_FAILED)
		return -errno;
	munmap(memory, (size_t)(pages << physical->page_shift));
	return 0;
}

int dmp_physical_shows(void *context, uint64_t pfn)
{
	const struct dmp_physical *physical = context;
	size_t page_bytes = (size_t)1 << physical->page_shift;
	void *memory = map(physical, PROT_READ, pfn, 1);
	int more;

	if (memory == MAP_FAILED)
		return -errno;
	more = has_more_than_zeros(memory, page_bytes);
	munmap(memory, page_bytes);
	return more;
}
