/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daemon_directory.h - a directory of a test's own, and files in it */
#ifndef DMP_TEST_DAEMON_DIRECTORY_H
#define DMP_TEST_DAEMON_DIRECTORY_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[40];
static char path[200];

/* Group setup and teardown */
static inline int directory_make(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/dmp-test-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static inline int directory_remove(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf -- '%s'", directory);
	return system(command);
}

/* Return: path, which is good until the next call. */
static inline const char *file_path(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static inline void file_write(const char *name, const void *bytes, size_t length)
{
	int fd = open(file_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

/* Return: the whole file as a text, to be freed. */
static inline char *file_read(const char *name)
{
	struct stat status;
	char *text;
	int fd = open(file_path(name), O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	text = malloc((size_t)status.st_size + 1);
	assert_non_null(text);
	assert_int_equal(read(fd, text, (size_t)status.st_size), status.st_size);
	text[status.st_size] = '\0';
	close(fd);
	return text;
}

static inline void file_is(const char *name, const char *wanted)
{
	char *text = file_read(name);

	assert_string_equal(text, wanted);
	free(text);
}

#endif /* DMP_TEST_DAEMON_DIRECTORY_H */
