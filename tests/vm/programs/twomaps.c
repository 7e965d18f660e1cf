// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * twomaps ADDRESS BYTES - map a range of /dev/mem twice and check, page by page,
 * that both mappings are the physical pages ADDRESS..., that a write through one
 * shows in the other, the other way round, and in the kernel, and the kernel's in
 * both. Range and page tables as the kernel sees them are the files "memory" and
 * "frame" of the module dmp_buffer.
 *
 * /proc/self/pagemap is asked too. It shows no page for a mapping without struct
 * pages (mm/pagewalk.c skips VM_PFNMAP); if some kernel does, it must be the page.
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
#define KERNEL_MEMORY "/sys/kernel/debug/dmp_buffer/memory"
#define KERNEL_FRAME "/sys/kernel/debug/dmp_buffer/frame"
/* Past the text that the kernel wrote, so that the text stays. */
#define MARK_OFFSET 256

static size_t page_bytes;
static int pagemap_fd, kernel_fd;

/* 0 when pagemap shows none; -errno */
static int64_t pagemap_frame(const char *where)
{
	uint64_t entry;
	off_t offset = (off_t)((uintptr_t)where / page_bytes * sizeof(entry));

	if (pread(pagemap_fd, &entry, sizeof(entry), offset) != sizeof(entry))
		return -EIO;
	return entry & PAGEMAP_PRESENT ? (int64_t)(entry & PAGEMAP_PFN) : 0;
}

/* The file answers once after each open. -errno */
static int64_t table_frame(const char *where)
{
	int fd = open(KERNEL_FRAME, O_RDWR | O_CLOEXEC);
	char text[32] = "";
	int64_t frame = -EIO;

	if (fd < 0)
		return -errno;
	if (dprintf(fd, "%lu", (unsigned long)where) > 0 &&
	    read(fd, text, sizeof(text) - 1) > 0)
		frame = strtoll(text, NULL, 10);
	close(fd);
	return frame;
}

static int check_frame(const char *where, int64_t wanted)
{
	int64_t shown = pagemap_frame(where), real = table_frame(where);

	if (real == wanted && (shown == wanted || shown == 0))
		return 0;
	printf("page frame %#llx, in pagemap %#llx, wanted %#llx\n", (unsigned long long)real,
	       (unsigned long long)shown, (unsigned long long)wanted);
	return -1;
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
static int check_page(char *one, char *two, size_t offset, int64_t pfn)
{
	char mark[32];
	int bad;

	/* Touch both first: only then are they in the page table for sure. */
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
	kernel_fd = open(KERNEL_MEMORY, O_RDWR | O_CLOEXEC);
	one = map(address, bytes);
	two = map(address, bytes);
	if (pagemap_fd < 0 || kernel_fd < 0 || !one || !two || one == two) {
		perror("twomaps");
		return 1;
	}
	for (offset = 0; offset < bytes; offset += page_bytes) {
		if (check_page(one, two, offset, (int64_t)((address + offset) / page_bytes)))
			bad++;
	}
	printf("%zu pages, %zu wrong\n", bytes / page_bytes, bad);
	return bad ? 1 : 0;
}
