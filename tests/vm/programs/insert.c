// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * insert MODULE.ko NAME - load a module, with one allocation of its init failing, and
 * unload it
 *
 * The first, then another each time, ever further apart (by 2 %), until one is beyond
 * all that init does. The module has the parameters fail_nth and fail_left.
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

/* Return: 0, or what it was refused for. */
static int insert(const char *path, unsigned long n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	char parameters[40];

	if (fd < 0) {
		perror(path);
		exit(2);
	}
	snprintf(parameters, sizeof(parameters), "fail_nth=%lu", n);
	if (syscall(SYS_finit_module, fd, parameters, 0))
		error = errno;
	close(fd);
	return error;
}

/* What a failed allocation may be called on its way out. */
static int is_memory(int error)
{
	return error == ENOMEM || error == ENOBUFS || error == ENFILE || error == EAGAIN;
}

/* Return: whether the module, which is loaded, had an allocation fail. */
static int was_short(const char *name)
{
	char path[128], text[24] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/fail_left", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 2) {
		perror(path);
		exit(2);
	}
	close(fd);
	return !atoi(text);
}

int main(int argc, char **argv)
{
	unsigned long loaded = 0, refused = 0, n;
	int error, more = 1;

	if (argc != 3)
		return 2;
	for (n = 1; more; n += 1 + n / 50) {
		error = insert(argv[1], n);
		if (error && !is_memory(error)) {
			printf("loading, allocation %lu: %s\n", n, strerrorname_np(error));
			return 1;
		}
		if (error) {
			refused++;
			continue;
		}
		loaded++;
		more = was_short(argv[2]);
		if (syscall(SYS_delete_module, argv[2], O_NONBLOCK)) {
			perror("unloading");
			return 1;
		}
	}
	printf("loaded %lu refused %lu allocations %lu\n", loaded, refused, n);
	return 0;
}
