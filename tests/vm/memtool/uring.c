// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uring.c - reading and writing by io_uring, always in another task's context
 *
 * One request at a time on one ring, by the bare system calls.
 */
#include "command.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES 1
#define IDLE_MS 100

static struct {
	int fd;
	struct io_uring_params setup;
	char *queues; /* both; the kernel says where what is */
	struct io_uring_sqe *request;
	int identity; /* 0: none */
} ring = { .fd = -1 };

static uint32_t *ring_word(uint32_t offset)
{
	return (uint32_t *)(void *)(ring.queues + offset);
}

static size_t queue_bytes(void)
{
	size_t submission = ring.setup.sq_off.array + ENTRIES * sizeof(uint32_t);
	size_t completion = ring.setup.cq_off.cqes +
			    ring.setup.cq_entries * sizeof(struct io_uring_cqe);

	return submission > completion ? submission : completion;
}

static void *ring_map(size_t bytes, off_t what)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			    ring.fd, what);

	return memory == MAP_FAILED ? NULL : memory;
}

/* Whoever sets it up is who a polling kernel thread works for. */
static int ring_open(uint32_t flags)
{
	memset(&ring.setup, 0, sizeof(ring.setup));
	ring.setup.flags = flags;
	ring.setup.sq_thread_idle = IDLE_MS;
	ring.fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &ring.setup);
	if (ring.fd < 0)
		return failed("uring");
	ring.queues = ring_map(queue_bytes(), IORING_OFF_SQ_RING);
	ring.request = ring_map(ENTRIES * sizeof(*ring.request), IORING_OFF_SQES);
	if (!ring.queues || !ring.request || !(ring.setup.features & IORING_FEAT_SINGLE_MMAP))
		return failed("uring");
	return 0;
}

static int do_uring(int count, char **words)
{
	int ret;

	if (ring.fd >= 0)
		return usage_error("uring");
	ret = ring_open(count > 1 && !strcmp(words[1], "poll") ? IORING_SETUP_SQPOLL : 0);
	if (!ret)
		puts("uring: ok");
	return ret;
}

/* Keeps the credentials that this task has now. */
static int do_uring_identity(int count, char **words)
{
	(void)count;
	(void)words;
	ring.identity = (int)syscall(SYS_io_uring_register, ring.fd,
				     IORING_REGISTER_PERSONALITY, NULL, 0);
	if (ring.identity < 0)
		return failed("uring-identity");
	puts("uring-identity: ok");
	return 0;
}

/* Return: what the request returned */
static int ring_run(const struct io_uring_sqe *request)
{
	uint32_t *tail = ring_word(ring.setup.sq_off.tail);
	uint32_t *head = ring_word(ring.setup.cq_off.head);
	struct io_uring_cqe *done = (void *)(ring.queues + ring.setup.cq_off.cqes);
	uint32_t flags = IORING_ENTER_GETEVENTS;

	if (ring.setup.flags & IORING_SETUP_SQPOLL)
		flags |= IORING_ENTER_SQ_WAKEUP;
	*ring.request = *request;
	*ring_word(ring.setup.sq_off.array) = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring.fd, 1, 1, flags, NULL, 0) < 0)
		return -errno;
	if (__atomic_load_n(ring_word(ring.setup.cq_off.tail), __ATOMIC_ACQUIRE) == *head)
		return -ETIME;
	done += *head & *ring_word(ring.setup.cq_off.ring_mask);
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return done->res;
}

/* IOSQE_ASYNC: by a worker, also where it would not have to wait. */
static int transfer(uint8_t operation, char *buffer, size_t bytes, unsigned long address)
{
	struct io_uring_sqe request = {
		.opcode = operation,
		.flags = ring.setup.flags & IORING_SETUP_SQPOLL ? 0 : IOSQE_ASYNC,
		.fd = mem_fd,
		.off = address,
		.addr = (uintptr_t)buffer,
		.len = (uint32_t)bytes,
		.personality = (uint16_t)ring.identity,
	};

	if (ring.fd < 0 && ring_open(0))
		return -EIO;
	return ring_run(&request);
}

static int do_uring_read(int count, char **words)
{
	size_t bytes = count == 3 ? number(words[2]) : 0;
	char *buffer;
	int got;

	if (count != 3 || bytes > MEMTOOL_BYTES)
		return usage_error("uring-read");
	buffer = calloc(1, bytes + 1);
	if (!buffer)
		return failed("calloc");
	got = transfer(IORING_OP_READ, buffer, bytes, number(words[1]));
	errno = -got;
	if (got < 0)
		failed("uring-read");
	else
		print_line("uring-read", got, buffer);
	free(buffer);
	return got < 0 ? got : 0;
}

static int do_uring_write(int count, char **words)
{
	int put;

	if (count != 3)
		return usage_error("uring-write");
	put = transfer(IORING_OP_WRITE, words[2], strlen(words[2]), number(words[1]));
	errno = -put;
	if (put < 0)
		return failed("uring-write");
	printf("uring-write: %d\n", put);
	return 0;
}

const struct command uring_commands[] = {
	{ "uring", do_uring },		 { "uring-identity", do_uring_identity },
	{ "uring-read", do_uring_read }, { "uring-write", do_uring_write },
	{ NULL, NULL },
};
