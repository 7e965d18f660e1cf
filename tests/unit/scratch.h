/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scratch.h - a directory of temporary files, and commands that run in it */
#ifndef DEVMEM_POLICY_TESTS_SCRATCH_H
#define DEVMEM_POLICY_TESTS_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy_fixture.h"

/* Room for any path in it. */
#define SCRATCH_PATH_SIZE 256

static char scratch[64];

static inline int scratch_make(void)
{
	strcpy(scratch, "/tmp/devmem-policy-test-XXXXXX");
	return mkdtemp(scratch) ? 0 : -errno;
}

static inline int scratch_remove_one(const char *path,
				     const struct stat *status, int kind,
				     struct FTW *ftw)
{
	(void)status;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline int scratch_remove(void)
{
	return nftw(scratch, scratch_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The same as setup and teardown of a group. */
static inline int scratch_setup(void **state)
{
	(void)state;
	return scratch_make();
}

static inline int scratch_teardown(void **state)
{
	(void)state;
	return scratch_remove();
}

/* The path of a file there; each of the last eight stays valid. */
static inline const char *in_scratch(const char *name)
{
	static char paths[8][SCRATCH_PATH_SIZE];
	static unsigned int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", scratch, name);
	return path;
}

/* Run a shell command in the directory, quietly. Return: its exit status. */
static inline int run_in_scratch(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
static inline int run_in_scratch(const char *format, ...)
{
	char command[2048];
	va_list arguments;
	int length;

	length = snprintf(command, sizeof(command), "cd %s && { ", scratch);
	va_start(arguments, format);
	length += vsnprintf(command + length, sizeof(command) - (size_t)length,
			    format, arguments);
	va_end(arguments);
	snprintf(command + length, sizeof(command) - (size_t)length,
		 "; } >log 2>&1");
	return system(command);
}

static inline void must_run(const char *command)
{
	if (run_in_scratch("%s", command))
		fail_msg("failed: %s", command);
}

static inline void write_scratch(const char *name, const void *bytes,
				 size_t length)
{
	struct dmp_message message;

	if (dmp_file_write(in_scratch(name), bytes, length, &message))
		fail_msg("%s: %s", name, message.text);
}

static inline struct dmp_buffer read_scratch(const char *name)
{
	struct dmp_message message;
	struct dmp_buffer file;

	if (dmp_file_read(in_scratch(name), 1u << 26, &file, &message))
		fail_msg("%s: %s", name, message.text);
	return file;
}

/* Into the same file, if there is one, as an editor or a shell may do. */
static inline void overwrite_scratch(const char *name, const void *bytes, size_t length)
{
	int fd = open(in_scratch(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

/* The whole file as a text, to be freed. */
static inline char *scratch_text(const char *name)
{
	return (char *)read_scratch(name).bytes;
}

static inline void scratch_is(const char *name, const char *wanted)
{
	char *text = scratch_text(name);

	assert_string_equal(text, wanted);
	free(text);
}

#endif /* DEVMEM_POLICY_TESTS_SCRATCH_H */
