// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * insert MODULE.ko NAME - load a module, with one allocation failing, and unload it
 *
 * The first, then another each time, ever further apart (by 2 %), until one is beyond
 * all that loading does. The kernel has to have fault injection (fail-nth).
 *
 * Prints how often it was loaded, and refused. Stops at what must not be: an error that
 * is none of memory's, or a module that stays.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail_nth; /* the file of this task */

/* The next system call's allocation number n fails, and those of later ones. */
static void arm(unsigned long n)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%lu", n);

	if (pwrite(fail_nth, text, (size_t)length, 0) != length) {
		perror("fail-nth");
		exit(2);
	}
}

/* Return: whether one has failed since arm(); none will any more. */
static int disarm(void)
{
	char text[24] = "";

	if (pread(fail_nth, text, sizeof(text) - 1, 0) < 0) {
		perror("fail-nth");
		exit(2);
	}
	arm(0);
	return !atoi(text);
}

static int insert(const char *path, unsigned long n, int *failed)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;

	if (fd < 0) {
		perror(path);
		exit(2);
	}
	arm(n);
	if (syscall(SYS_finit_module, fd, "", 0))
		error = errno;
	*failed = disarm();
	close(fd);
	return error;
}

/* What a failed allocation may be called on its way out. */
static int is_memory(int error)
{
	return error == ENOMEM || error == ENOBUFS || error == ENFILE || error == EAGAIN;
}

int main(int argc, char **argv)
{
	unsigned long loaded = 0, refused = 0, n;
	int failed = 1, error;

	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (argc != 3 || fail_nth < 0)
		return 2;
	for (n = 1; failed; n += 1 + n / 50) {
		error = insert(argv[1], n, &failed);
		if (error && (!failed || !is_memory(error))) {
			printf("loading, allocation %lu: %s\n", n, strerrorname_np(error));
			return 1;
		}
		if (error) {
			refused++;
			continue;
		}
		loaded++;
		if (syscall(SYS_delete_module, argv[2], O_NONBLOCK)) {
			perror("unloading");
			return 1;
		}
	}
	printf("loaded %lu refused %lu allocations %lu\n", loaded, refused, n);
	return 0;
}
