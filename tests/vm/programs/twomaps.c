// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * twomaps ADDRESS BYTES - map a range of /dev/mem twice and check, page by page,
 * that both mappings are the physical pages ADDRESS..., by /proc/self/pagemap,
 * that a write through one shows in the other, the other way round, and in the
 * kernel, whose view of the range is the file /sys/kernel/debug/dmp_buffer/memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGEMAP_PRESENT (1ull << 63)
#define PAGEMAP_PFN ((1ull << 55) - 1)
#define KERNEL_VIEW "/sys/kernel/debug/dmp_buffer/memory"
/* Past the text that the kernel wrote, so that the text stays. */
#define MARK_OFFSET 256

static size_t page_bytes;
static int pagemap_fd, kernel_fd;

static int physical_page(const char *where, uint64_t *pfn)
{
	uint64_t entry;
	off_t offset = (off_t)((uintptr_t)where / page_bytes * sizeof(entry));

	if (pread(pagemap_fd, &entry, sizeof(entry), offset) != sizeof(entry))
		return -EIO;
	if (!(entry & PAGEMAP_PRESENT))
		return -ENXIO;
	*pfn = entry & PAGEMAP_PFN;
	return 0;
}

static int check_frame(const char *where, uint64_t wanted)
{
	uint64_t pfn;

	if (physical_page(where, &pfn)) {
		puts("no page in pagemap");
		return -1;
	}
	if (pfn != wanted) {
		printf("page frame %#llx, wanted %#llx\n", (unsigned long long)pfn,
		       (unsigned long long)wanted);
		return -1;
	}
	return 0;
}

static int check_seen(const char *what, const char *seen, const char *mark)
{
	if (!strncmp(seen, mark, strlen(mark)))
		return 0;
	printf("%s: saw \"%.20s\", wanted \"%s\"\n", what, seen, mark);
	return -1;
}

static int check_kernel(size_t offset, const char *mark)
{
	char seen[32] = "";

	if (pread(kernel_fd, seen, strlen(mark), (off_t)offset) < 0)
		return -1;
	return check_seen("in the kernel", seen, mark);
}

/* Offsets are from the start of the range. */
static int check_page(char *one, char *two, size_t offset, uint64_t pfn)
{
	char mark[32];
	int bad;

	/* Touch both first: pagemap tells only what is mapped. */
	bad = *(volatile char *)(one + offset) != *(volatile char *)(two + offset);
	bad |= check_frame(one + offset, pfn);
	bad |= check_frame(two + offset, pfn);

	offset += MARK_OFFSET;
	snprintf(mark, sizeof(mark), "through one, %zx;", offset);
	memcpy(one + offset, mark, strlen(mark));
	bad |= check_seen("in the other", two + offset, mark);
	bad |= check_kernel(offset, mark);

	snprintf(mark, sizeof(mark), "through two, %zx;", offset);
	memcpy(two + offset, mark, strlen(mark));
	bad |= check_seen("in the first", one + offset, mark);
	bad |= check_kernel(offset, mark);

	snprintf(mark, sizeof(mark), "by the kernel, %zx;", offset);
	if (pwrite(kernel_fd, mark, strlen(mark), (off_t)offset) < 0)
		bad = 1;
	bad |= check_seen("kernel's in one", one + offset, mark);
	bad |= check_seen("kernel's in two", two + offset, mark);
	return bad;
}

static char *map(uint64_t address, size_t bytes)
{
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	char *mapping;

	if (fd < 0)
		return NULL;
	mapping = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		       (off_t)address);
	close(fd);
	return mapping == MAP_FAILED ? NULL : mapping;
}

int main(int argc, char **argv)
{
	size_t bytes, offset, bad = 0;
	uint64_t address;
	char *one, *two;

	if (argc != 3)
		return 2;
	address = strtoull(argv[1], NULL, 0);
	bytes = strtoull(argv[2], NULL, 0);
	page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	kernel_fd = open(KERNEL_VIEW, O_RDWR | O_CLOEXEC);
	one = map(address, bytes);
	two = map(address, bytes);
	if (pagemap_fd < 0 || kernel_fd < 0 || !one || !two || one == two) {
		perror("twomaps");
		return 1;
	}
	for (offset = 0; offset < bytes; offset += page_bytes) {
		if (check_page(one, two, offset, (address + offset) / page_bytes))
			bad++;
	}
	printf("%zu pages, %zu wrong\n", bytes / page_bytes, bad);
	return bad ? 1 : 0;
}
