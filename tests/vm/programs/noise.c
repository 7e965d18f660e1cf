// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * noise FILE PAUSE - write a byte and have it flushed, each PAUSE microseconds
 *
 * What others do to the disk that a log is on: the file system's journal is written
 * at any time, also between a write and the flush that belongs to it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd;

	if (argc != 3)
		return 2;
	fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return 1;
	while (write(fd, "\n", 1) == 1 && !fsync(fd))
		usleep((useconds_t)strtoul(argv[2], NULL, 10));
	return 1;
}
