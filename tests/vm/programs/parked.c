// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parked read|write ADDRESS [THREADS] - be in many calls of /dev/mem at once
 *
 * Each thread (1500) reads or writes 64 bytes at ADDRESS, a physical address, with
 * a buffer that userfaultfd(2) leaves without a page, so that the call stops half
 * way. Prints "parked N" when N threads are in a call and the others have returned.
 * Goes on when standard input has a character, or ends: prints how many calls
 * worked, were refused with EPERM, and failed otherwise.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS 1500ul
#define MAX_THREADS 16384ul
#define STACK_BYTES 65536
#define CALL_BYTES 64
#define PAGE 4096ul
#define POLL_MS 50

static int mem_fd, fault_fd;
static bool writing;
static off_t address;
static char *buffers; /* a page for each thread */
static atomic_ulong worked, refused, other;

static void *call(void *buffer)
{
	ssize_t ret;

	if (writing)
		ret = pwrite(mem_fd, buffer, CALL_BYTES, address);
	else
		ret = pread(mem_fd, buffer, CALL_BYTES, address);
	if (ret == CALL_BYTES)
		worked++;
	else if (ret < 0 && errno == EPERM)
		refused++;
	else
		other++;
	return NULL;
}

static unsigned long returned(void)
{
	return worked + refused + other;
}

static int watch_faults(unsigned long threads)
{
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };

	buffers = mmap(NULL, threads * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffers == MAP_FAILED)
		return -errno;
	fault_fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (fault_fd < 0 || ioctl(fault_fd, UFFDIO_API, &api))
		return -errno;
	range.range.start = (uintptr_t)buffers;
	range.range.len = threads * PAGE;
	return ioctl(fault_fd, UFFDIO_REGISTER, &range) ? -errno : 0;
}

static int start_threads(pthread_t *ids, unsigned long threads)
{
	pthread_attr_t attributes;
	unsigned long i;
	int ret = 0;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	for (i = 0; i < threads && !ret; i++)
		ret = pthread_create(&ids[i], &attributes, call, buffers + i * PAGE);
	pthread_attr_destroy(&attributes);
	return -ret;
}

/* Each thread has a page of its own, so each faults once. */
static unsigned long wait_for_faults(unsigned long threads)
{
	struct pollfd wait = { .fd = fault_fd, .events = POLLIN };
	unsigned long parked = 0;
	struct uffd_msg fault;

	while (parked + returned() < threads) {
		poll(&wait, 1, POLL_MS);
		while (read(fault_fd, &fault, sizeof(fault)) == sizeof(fault))
			parked++;
	}
	return parked;
}

static int release(unsigned long threads)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)buffers, .len = threads * PAGE },
	};

	return ioctl(fault_fd, UFFDIO_ZEROPAGE, &zero) ? -errno : 0;
}

static int park(unsigned long threads)
{
	pthread_t *ids = calloc(threads, sizeof(*ids));
	unsigned long i;
	int ret;

	if (!ids)
		return -ENOMEM;
	ret = watch_faults(threads);
	if (!ret)
		ret = start_threads(ids, threads);
	if (ret)
		return ret;
	printf("parked %lu\n", wait_for_faults(threads));
	getchar();
	ret = release(threads);
	for (i = 0; i < threads && !ret; i++)
		pthread_join(ids[i], NULL);
	printf("worked %lu refused %lu other %lu\n", worked, refused, other);
	free(ids);
	return ret;
}

int main(int argc, char **argv)
{
	unsigned long threads = argc > 3 ? strtoul(argv[3], NULL, 0) : THREADS;
	int ret;

	if (argc < 3 || !threads || threads > MAX_THREADS)
		return 2;
	writing = !strcmp(argv[1], "write");
	address = (off_t)strtoull(argv[2], NULL, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	mem_fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	if (mem_fd < 0) {
		perror("parked: /dev/mem");
		return 1;
	}
	ret = park(threads);
	if (ret)
		fprintf(stderr, "parked: %s\n", strerror(-ret));
	return ret || other ? 1 : 0;
}
