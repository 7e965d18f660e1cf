// SPDX-License-Identifier: GPL-2.0-or-later
/* file.c - read and replace files; the wrapper of signed policies */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "store.h"

#define FIRST_READ_BYTES 65536u

void dmp_buffer_free(struct dmp_buffer *buffer)
{
	free(buffer->bytes);
	buffer->bytes = NULL;
	buffer->length = 0;
}

/* Room for twice as much, but never for more than one byte over the limit. */
static int grow(struct dmp_buffer *buffer, size_t *room, size_t max_bytes)
{
	size_t wanted = *room ? 2 * *room : FIRST_READ_BYTES;
	u8 *bytes;

	if (wanted > max_bytes + 1)
		wanted = max_bytes + 1;
	bytes = realloc(buffer->bytes, wanted + 1);
	if (!bytes)
		return -ENOMEM;
	buffer->bytes = bytes;
	*room = wanted;
	return 0;
}

static int read_all(int fd, size_t max_bytes, struct dmp_buffer *buffer)
{
	size_t room = 0;
	ssize_t got;
	int ret;

	for (;;) {
		if (buffer->length > max_bytes)
			return -EFBIG;
		if (buffer->length == room) {
			ret = grow(buffer, &room, max_bytes);
			if (ret)
				return ret;
		}
		got = read(fd, buffer->bytes + buffer->length,
			   room - buffer->length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		buffer->length += (size_t)got;
	}
	buffer->bytes[buffer->length] = '\0';
	return 0;
}

int dmp_file_read(const char *path, size_t max_bytes, struct dmp_buffer *buffer,
		  struct dmp_message *message)
{
	int fd, ret;

	buffer->bytes = NULL;
	buffer->length = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return dmp_refuse(message, -errno, "cannot open the file: %s",
				  strerror(errno));
	ret = read_all(fd, max_bytes, buffer);
	close(fd);
	if (!ret)
		return 0;
	dmp_buffer_free(buffer);
	if (ret == -EFBIG)
		return dmp_refuse(message, ret,
				  "the file is larger than %zu bytes",
				  max_bytes);
	return dmp_refuse(message, ret, "cannot read the file: %s",
			  strerror(-ret));
}

static int write_all(int fd, const u8 *bytes, size_t length)
{
	ssize_t done;

	while (length) {
		done = write(fd, bytes, length);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		bytes += done;
		length -= (size_t)done;
	}
	return 0;
}

static int write_and_close(int fd, const void *bytes, size_t length, bool sync)
{
	int ret = write_all(fd, bytes, length);

	if (!ret && sync && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

/* So that the new name, too, outlives a crash. */
static int sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory;
	int fd, ret = 0;

	if (!slash)
		directory = strdup(".");
	else
		directory = strndup(path,
				    slash == path ? 1 : (size_t)(slash - path));
	if (!directory)
		return -ENOMEM;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(directory);
	if (fd < 0)
		return -errno;
	if (fsync(fd))
		ret = -errno;
	close(fd);
	return ret;
}

static int replace_file(const char *path, const void *bytes, size_t length)
{
	char *temporary;
	int fd, ret;

	if (asprintf(&temporary, "%s.%ld.tmp", path, (long)getpid()) < 0)
		return -ENOMEM;
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		ret = -errno;
		goto free_name;
	}
	ret = write_and_close(fd, bytes, length, true);
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (ret)
		unlink(temporary);
	else
		ret = sync_directory(path);
free_name:
	free(temporary);
	return ret;
}

/* Renaming over a device node such as /dev/null would be a disaster. */
static bool is_special(const char *path)
{
	struct stat status;

	return !stat(path, &status) && !S_ISREG(status.st_mode);
}

int dmp_file_write(const char *path, const void *bytes, size_t length,
		   struct dmp_message *message)
{
	int fd, ret;

	if (is_special(path)) {
		fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		ret = fd < 0 ? -errno :
			       write_and_close(fd, bytes, length, false);
	} else {
		ret = replace_file(path, bytes, length);
	}
	if (ret)
		return dmp_refuse(message, ret, "cannot write the file: %s",
				  strerror(-ret));
	return 0;
}

bool dmp_is_signed(const u8 *bytes, size_t length)
{
	return length >= DMP_FILE_MAGIC_BYTES &&
	       !memcmp(bytes, DMP_FILE_MAGIC, DMP_FILE_MAGIC_BYTES);
}

static int check_sizes(const struct dmp_signed *parts, size_t length,
		       struct dmp_message *message)
{
	size_t total = DMP_FILE_HEADER_BYTES + parts->policy_bytes +
		       parts->signature_bytes;

	if (parts->policy_bytes > DMP_MAX_POLICY_BYTES)
		return dmp_refuse(
			message, -EINVAL,
			"the policy in the file is larger than 16 MiB");
	if (parts->signature_bytes > DMP_MAX_SIGNATURE_BYTES)
		return dmp_refuse(
			message, -EINVAL,
			"the signature in the file is larger than 16 KiB");
	if (length < total)
		return dmp_refuse(
			message, -EINVAL,
			"the file is truncated: %zu of %zu bytes are there",
			length, total);
	if (length > total)
		return dmp_refuse(
			message, -EINVAL,
			"%zu bytes follow the end of the signed policy",
			length - total);
	if (!parts->signature_bytes)
		return dmp_refuse(message, -ENODATA,
				  "the file has no signature");
	return 0;
}

int dmp_signed_decode(const u8 *bytes, size_t length, struct dmp_signed *parts,
		      struct dmp_message *message)
{
	if (length < DMP_FILE_HEADER_BYTES || !dmp_is_signed(bytes, length))
		return dmp_refuse(message, -EINVAL,
				  "this is not a signed policy file");
	parts->policy_bytes = dmp_load32(bytes + DMP_FILE_POLICY_BYTES);
	parts->signature_bytes = dmp_load32(bytes + DMP_FILE_SIGNATURE_BYTES);
	parts->policy = bytes + DMP_FILE_HEADER_BYTES;
	parts->signature = parts->policy + parts->policy_bytes;
	return check_sizes(parts, length, message);
}

int dmp_signed_encode(const struct dmp_signed *parts, struct dmp_buffer *file)
{
	u8 *at;

	if (parts->policy_bytes > DMP_MAX_POLICY_BYTES ||
	    parts->signature_bytes > DMP_MAX_SIGNATURE_BYTES)
		return -E2BIG;
	file->length = DMP_FILE_HEADER_BYTES + parts->policy_bytes +
		       parts->signature_bytes;
	file->bytes = malloc(file->length);
	if (!file->bytes)
		return -ENOMEM;
	at = file->bytes;
	memcpy(at, DMP_FILE_MAGIC, DMP_FILE_MAGIC_BYTES);
	dmp_store32(at + DMP_FILE_POLICY_BYTES, (u32)parts->policy_bytes);
	dmp_store32(at + DMP_FILE_SIGNATURE_BYTES, (u32)parts->signature_bytes);
	at += DMP_FILE_HEADER_BYTES;
	memcpy(at, parts->policy, parts->policy_bytes);
	memcpy(at + parts->policy_bytes, parts->signature,
	       parts->signature_bytes);
	return 0;
}
