// SPDX-License-Identifier: GPL-2.0-or-later
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "durable.h"
#include "names.h"
#include "tail.h"
#include "wait.h"

/* After a rotation that failed */
#define ROTATION_RETRY_MS 10000

struct dmp_log {
	int fd;
	char *path;
	off_t repair; /* to be cut here before anything is appended; -1: no */
	struct dmp_chain chain;
	const char *opening; /* cause of a checkpoint that has to be next, or NULL */
	off_t torn_bytes; /* removed, to be told next */
	uint8_t torn[DMP_SHA256_BYTES];
	uint64_t checkpoint_ms; /* when the last one was written */
	uint64_t size; /* of the file, when it was last written */
	uint64_t max_bytes;
	unsigned int keep;
	uint64_t rotation_ms; /* not before */
	bool renamed; /* names are not on the disk yet */
	bool changed; /* by somebody else, from a size to another */
	uint64_t changed_from;
	uint64_t changed_to;
};

/* --- opening ---------------------------------------------------------------- */

static int check_regular(int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		return -errno;
	return S_ISREG(status.st_mode) ? 0 : -EINVAL;
}

/* Return: a file descriptor or -errno. */
static int open_file(const char *path, int flags)
{
	/* O_NONBLOCK: somebody may have put a pipe there. */
	int fd = open(path,
		      O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
			      O_CLOEXEC | O_NOCTTY | flags,
		      0600);
	int ret;

	if (fd < 0)
		return -errno;
	ret = check_regular(fd);
	/* A new file is durable when its name is. */
	if (!ret)
		ret = dmp_sync_directory(path);
	if (ret) {
		close(fd);
		return ret;
	}
	return fd;
}

int dmp_log_open(const char *path, struct dmp_log **log)
{
	struct dmp_log *new = calloc(1, sizeof(*new));

	*log = NULL;
	if (!new)
		return -ENOMEM;
	new->repair = -1;
	new->path = strdup(path);
	new->fd = new->path ? open_file(path, 0) : -ENOMEM;
	if (new->fd < 0) {
		int ret = new->fd;

		dmp_log_close(new);
		return ret;
	}
	*log = new;
	return 0;
}

void dmp_log_limit(struct dmp_log *log, uint64_t max_bytes, unsigned int keep)
{
	log->max_bytes = max_bytes;
	log->keep = keep ? keep : 1;
}

void dmp_log_close(struct dmp_log *log)
{
	if (!log)
		return;
	if (log->fd >= 0)
		close(log->fd);
	free(log->path);
	free(log);
}

/* --- the end of an existing file -------------------------------------------- */

static int take_possession(int fd)
{
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return 0;
	return errno == EWOULDBLOCK ? -EBUSY : -errno;
}

/* The name of the file that was the log n rotations ago; to be freed. */
static char *numbered(const struct dmp_log *log, unsigned int number)
{
	char *path;

	return asprintf(&path, "%s.%u", log->path, number) < 0 ? NULL : path;
}

static void note_torn(struct dmp_log *log, const struct dmp_tail *tail)
{
	log->torn_bytes = tail->torn_bytes;
	memcpy(log->torn, tail->torn, sizeof(log->torn));
}

/*
 * Where the power went while a new file was begun, the one before it may have the
 * unfinished line. The mark is in the new one.
 */
static void mend_predecessor(struct dmp_log *log, int fd, const struct dmp_tail *tail)
{
	if (take_possession(fd) || ftruncate(fd, tail->end) || fsync(fd))
		return;
	note_torn(log, tail);
}

/* Return: a file descriptor, which can be written to if possible, or -1. */
static int open_predecessor(const struct dmp_log *log)
{
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
	char *path = numbered(log, 1);
	int fd = -1;

	if (path)
		fd = open(path, O_RDWR | flags);
	if (path && fd < 0)
		fd = open(path, O_RDONLY | flags);
	free(path);
	return fd;
}

/* An empty file goes on where the one before it ended, if there is one. */
static void follow_predecessor(struct dmp_log *log)
{
	int fd = open_predecessor(log);
	struct dmp_tail tail;

	if (fd < 0)
		return;
	if (!check_regular(fd) && !dmp_tail_read(fd, &tail)) {
		log->chain = tail.chain;
		/* It is never so in both files, and one mark is enough. */
		if (tail.torn_bytes && !log->torn_bytes)
			mend_predecessor(log, fd, &tail);
	}
	close(fd);
}

/*
 * What was torn is cut off right before something else is written there, so that
 * no power cut comes between it and its mark.
 */
static void go_on_behind(struct dmp_log *log, const struct dmp_tail *tail)
{
	log->size = (uint64_t)tail->end;
	if (!tail->torn_bytes)
		return;
	log->repair = tail->end;
	note_torn(log, tail);
}

int dmp_log_recover(struct dmp_log *log, uint64_t instance, const char *boot_id,
		    struct dmp_log_tail *found)
{
	struct dmp_ledger *ledger = &log->chain.ledger;
	char digits[DMP_INSTANCE_BYTES];
	struct dmp_tail tail;
	int ret;

	memset(found, 0, sizeof(*found));
	ret = take_possession(log->fd);
	if (!ret)
		ret = dmp_tail_read(log->fd, &tail);
	if (ret)
		return ret;
	go_on_behind(log, &tail);
	log->chain = tail.chain;
	if (!tail.end)
		follow_predecessor(log);
	log->opening = "start";
	found->torn_bytes = log->torn_bytes;
	snprintf(digits, sizeof(digits), "%016" PRIx64, instance);
	if (strcmp(ledger->instance, digits) || strcmp(ledger->boot_id, boot_id))
		dmp_ledger_begin(ledger, digits, boot_id);
	found->last = ledger->last;
	return 0;
}

/* --- writing ---------------------------------------------------------------- */

/* Until it has worked nothing may be appended, or two lines would be one. */
static int cut(struct dmp_log *log, off_t end)
{
	struct stat status;

	log->repair = end;
	if (fstat(log->fd, &status))
		return -errno;
	/* Somebody may have emptied the file; never fill it up with zeros. */
	if (status.st_size > end && ftruncate(log->fd, end))
		return -errno;
	log->repair = -1;
	return 0;
}

/*
 * With O_APPEND each write goes to what is the end at that moment.
 *
 * Return: 0, -ESTALE when that was not where the lines belong, or -errno.
 */
static int write_all(int fd, const struct dmp_lines *lines, off_t start, size_t *written)
{
	ssize_t got;

	*written = 0;
	while (*written < lines->length) {
		got = write(fd, lines->bytes + *written, lines->length - *written);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -ENOSPC;
		*written += (size_t)got;
		if (lseek(fd, 0, SEEK_CUR) != start + (off_t)*written)
			return -ESTALE;
	}
	return 0;
}

static size_t whole_lines(const char *lines, size_t length)
{
	const char *end = memrchr(lines, '\n', length);

	return end ? (size_t)(end - lines) + 1 : 0;
}

/* Return: 0 when all up to end is on the disk, and will be found there. */
static int make_durable(struct dmp_log *log, off_t end)
{
	struct statvfs system;
	struct stat status;
	int ret;

	if (fdatasync(log->fd) || fstatvfs(log->fd, &system))
		return -errno;
	/* ext4 takes writes from who has the file open, but then syncs nothing. */
	if (system.f_flag & ST_RDONLY)
		return -EROFS;
	ret = log->renamed ? dmp_sync_directory(log->path) : 0;
	if (ret)
		return ret;
	log->renamed = false;
	if (fstat(log->fd, &status))
		return -errno;
	return status.st_nlink && status.st_size >= end ? 0 : -ESTALE;
}

/* Are these the last bytes of a file of that size? */
static bool ends_with(int fd, off_t size, const char *bytes, size_t length)
{
	char *end = malloc(length);
	bool same = end && size >= (off_t)length &&
		    pread(fd, end, length, size - (off_t)length) == (ssize_t)length &&
		    !memcmp(end, bytes, length);

	free(end);
	return same;
}

/*
 * Remove what was appended at start. If somebody cut the file right before that, or
 * appended to it, it is not there, but it is the end still.
 */
static void take_back(struct dmp_log *log, const char *lines, size_t length, off_t start)
{
	struct stat status;

	if (!fstat(log->fd, &status) && ends_with(log->fd, status.st_size, lines, length))
		cut(log, status.st_size - (off_t)length);
	else
		cut(log, start);
}

/* At offset start, which is the end. As dmp_log_append(). */
static int write_lines(struct dmp_log *log, const struct dmp_lines *lines, off_t start,
		       size_t *kept)
{
	size_t written;
	int ret, durable;

	ret = write_all(log->fd, lines, start, &written);
	if (ret == -ESTALE) {
		take_back(log, lines->bytes, written, start);
		written = 0;
	}
	*kept = whole_lines(lines->bytes, written);
	if (*kept < written)
		cut(log, start + (off_t)*kept);
	/* After a failed sync nobody knows what is on the disk: all over again. */
	durable = *kept ? make_durable(log, start + (off_t)*kept) : 0;
	if (durable) {
		ret = durable;
		take_back(log, lines->bytes, *kept, start);
		*kept = 0;
	}
	log->size = (uint64_t)start + *kept;
	return ret;
}

/* --- one write -------------------------------------------------------------- */

/* Lines that are going to be written together. */
struct write {
	struct dmp_log *log;
	const struct dmp_kernel *kernel; /* NULL: unknown */
	struct dmp_chain chain; /* behind the lines */
	struct dmp_lines lines;
	size_t opening_length; /* of the lines, those that come first */
	size_t records; /* among the lines */
	off_t start; /* offset in the file */
	bool checkpointed;
};

static int add_checkpoint(struct write *write, const char *cause, bool settled)
{
	struct dmp_checkpoint checkpoint = {
		.settled = settled,
		.linked = !write->start && !write->lines.length &&
			  !dmp_chain_at_beginning(&write->chain),
	};

	if (write->kernel)
		checkpoint.kernel = *write->kernel;
	snprintf(checkpoint.cause, sizeof(checkpoint.cause), "%s", cause);
	write->checkpointed = true;
	return dmp_chain_checkpoint(&write->chain, &write->lines, &checkpoint);
}

/* Every file begins with a checkpoint, also when somebody has emptied it. */
static int add_opening(struct write *write)
{
	struct dmp_log *log = write->log;
	const char *cause = log->opening;
	int ret = 0;

	if (!cause && !write->start)
		cause = "continued";
	if (cause)
		ret = add_checkpoint(write, cause, false);
	if (!ret && log->torn_bytes)
		ret = dmp_chain_repaired(&write->chain, &write->lines,
					 (uint64_t)log->torn_bytes, log->torn);
	write->opening_length = write->lines.length;
	return ret;
}

/* Lines of somebody else, or half of one of ours: no record may become part of it. */
static int take_stock(struct dmp_log *log, uint64_t size)
{
	struct dmp_tail tail;
	int ret;

	if (size == log->size)
		return 0;
	ret = dmp_tail_read(log->fd, &tail);
	if (ret)
		return ret;
	log->changed = true;
	log->changed_from = log->size;
	log->changed_to = size;
	if (!log->opening)
		log->opening = "continued";
	go_on_behind(log, &tail);
	return log->repair < 0 ? 0 : cut(log, log->repair);
}

static int begin_write(struct write *write)
{
	struct dmp_log *log = write->log;
	struct stat status;
	int ret = 0;

	if (log->repair >= 0)
		ret = cut(log, log->repair);
	if (!ret && fstat(log->fd, &status))
		ret = -errno;
	if (!ret)
		ret = take_stock(log, (uint64_t)status.st_size);
	if (ret)
		return ret;
	write->start = (off_t)log->size;
	write->chain = log->chain;
	return add_opening(write);
}

/* Set the chain to what is in the file. Return: records in it, or -ENOMEM. */
static ssize_t settle_chain(struct write *write, size_t kept)
{
	struct dmp_log *log = write->log;
	const char *line = write->lines.bytes, *end;
	ssize_t records = 0;
	int own;

	/* All of it, which is usual: that was worked out before. */
	if (kept == write->lines.length) {
		log->chain = write->chain;
		return (ssize_t)write->records;
	}
	for (size_t left = kept; left; left -= (size_t)(end + 1 - line), line = end + 1) {
		end = memchr(line, '\n', left);
		own = dmp_chain_follow(&log->chain, line, (size_t)(end - line));
		if (own < 0)
			return own;
		records += !own;
	}
	return records;
}

/* Return: as write_lines(); *records of the lines are in the file now. */
static int end_write(struct write *write, size_t *records)
{
	struct dmp_log *log = write->log;
	ssize_t count;
	size_t kept;
	int ret;

	ret = write_lines(log, &write->lines, write->start, &kept);
	count = settle_chain(write, kept);
	*records = count < 0 ? 0 : (size_t)count;
	if (kept && kept >= write->opening_length) {
		log->opening = NULL;
		log->torn_bytes = 0;
	}
	if (!ret && write->checkpointed)
		log->checkpoint_ms = dmp_now_ms();
	return count < 0 ? (int)count : ret;
}

/* --- appending -------------------------------------------------------------- */

bool dmp_log_is_open(const struct dmp_log *log)
{
	return log->chain.since || log->opening;
}

bool dmp_log_is_due(const struct dmp_log *log, uint64_t records)
{
	uint64_t since = log->chain.since + records;

	if (log->opening || since >= DMP_CHECKPOINT_RECORDS)
		return true;
	return since && dmp_now_ms() - log->checkpoint_ms >= DMP_CHECKPOINT_MS;
}

static int add_records(struct write *write, const char *records, size_t length)
{
	const char *end;
	int ret = 0;

	for (; !ret && length; length -= (size_t)(end + 1 - records), records = end + 1) {
		end = memchr(records, '\n', length);
		ret = dmp_chain_record(&write->chain, &write->lines, records,
				       (size_t)(end - records));
		write->records += !ret;
		if (!ret && write->kernel && write->chain.since >= DMP_CHECKPOINT_RECORDS)
			ret = add_checkpoint(write, "records", false);
	}
	return ret;
}

/* The first count lines. Return: their bytes. */
static size_t bytes_of(const char *lines, size_t length, size_t count)
{
	const char *at = lines;

	for (; count; count--)
		at = (const char *)memchr(at, '\n', length - (size_t)(at - lines)) + 1;
	return (size_t)(at - lines);
}

int dmp_log_append(struct dmp_log *log, const char *records, size_t length,
		   const struct dmp_kernel *kernel, size_t *kept)
{
	struct write write = { .log = log, .kernel = kernel };
	size_t count;
	int ret;

	*kept = 0;
	ret = begin_write(&write);
	if (!ret)
		ret = add_records(&write, records, length);
	if (!ret && kernel && write.chain.since && !write.checkpointed &&
	    dmp_now_ms() - log->checkpoint_ms >= DMP_CHECKPOINT_MS)
		ret = add_checkpoint(&write, "time", false);
	if (!ret) {
		ret = end_write(&write, &count);
		*kept = ret ? bytes_of(records, length, count) : length;
	}
	dmp_lines_free(&write.lines);
	return ret;
}

int dmp_log_checkpoint(struct dmp_log *log, const char *cause,
		       const struct dmp_kernel *kernel, bool settled)
{
	struct write write = { .log = log, .kernel = kernel };
	size_t count;
	int ret;

	ret = begin_write(&write);
	/* The one that is owed may be the one that is wanted. */
	if (!ret && !(write.checkpointed && (!log->opening || !strcmp(cause, log->opening))))
		ret = add_checkpoint(&write, cause, settled);
	if (!ret)
		ret = end_write(&write, &count);
	dmp_lines_free(&write.lines);
	return ret;
}

struct dmp_log_head dmp_log_head(const struct dmp_log *log)
{
	struct dmp_log_head head = { .last = log->chain.ledger.last };

	dmp_hex(log->chain.head, DMP_SHA256_BYTES, head.digits);
	return head;
}

/* --- rotation --------------------------------------------------------------- */

bool dmp_log_is_deleted(const struct dmp_log *log)
{
	struct stat status;

	return !fstat(log->fd, &status) && !status.st_nlink;
}

static bool has_its_name(const struct dmp_log *log)
{
	struct stat named, open;

	return !stat(log->path, &named) && !fstat(log->fd, &open) &&
	       named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

bool dmp_log_is_replaced(const struct dmp_log *log)
{
	struct stat named;

	return !stat(log->path, &named) && !has_its_name(log);
}

bool dmp_log_was_changed(struct dmp_log *log, uint64_t *from, uint64_t *to)
{
	bool changed = log->changed;

	*from = log->changed_from;
	*to = log->changed_to;
	log->changed = false;
	return changed;
}

/*
 * Go on in fd, which ends like that. The old file ends with a checkpoint, if it can
 * be written.
 */
static void switch_to(struct dmp_log *log, int fd, const struct dmp_tail *tail,
		      const struct dmp_kernel *kernel)
{
	dmp_log_checkpoint(log, "rotated", kernel, false);
	close(log->fd);
	log->fd = fd;
	log->repair = -1;
	log->opening = "continued";
	go_on_behind(log, tail);
	dmp_log_checkpoint(log, "continued", kernel, false);
}

int dmp_log_reopen(struct dmp_log *log, const struct dmp_kernel *kernel)
{
	struct dmp_tail tail;
	int ret, fd;

	if (has_its_name(log))
		return 0;
	fd = open_file(log->path, 0);
	if (fd < 0)
		return fd;
	ret = take_possession(fd);
	if (!ret)
		ret = dmp_tail_read(fd, &tail);
	if (ret) {
		close(fd);
		return ret;
	}
	switch_to(log, fd, &tail, kernel);
	return 0;
}

bool dmp_log_is_full(const struct dmp_log *log)
{
	return log->max_bytes && log->size >= log->max_bytes && dmp_now_ms() >= log->rotation_ms;
}

/* FILE.number - 1, or FILE itself, becomes FILE.number. */
static int rename_to(const struct dmp_log *log, unsigned int number)
{
	char *to = numbered(log, number);
	char *from = number > 1 ? numbered(log, number - 1) : strdup(log->path);
	int ret = 0;

	if (!to || !from)
		ret = -ENOMEM;
	else if (rename(from, to) && (errno != ENOENT || number == 1))
		ret = -errno;
	free(to);
	free(from);
	return ret;
}

static int rename_all(const struct dmp_log *log, const char *new)
{
	int ret = 0;

	for (unsigned int number = log->keep; !ret && number; number--)
		ret = rename_to(log, number);
	if (!ret && rename(new, log->path))
		ret = -errno;
	return ret;
}

/* fd: of an empty file that is called new, and closed when it is not used. */
static int rotate_to(struct dmp_log *log, int fd, const char *new,
		     const struct dmp_kernel *kernel)
{
	const struct dmp_tail tail = { 0 };
	int ret = take_possession(fd);

	if (!ret)
		ret = rename_all(log, new);
	if (ret) {
		unlink(new);
		close(fd);
		return ret;
	}
	log->renamed = true;
	switch_to(log, fd, &tail, kernel);
	return 0;
}

static int rotate(struct dmp_log *log, const struct dmp_kernel *kernel)
{
	char *new;
	int ret, fd;

	/* Renaming a file that is not this log would lose somebody else's. */
	if (!has_its_name(log))
		return -ESTALE;
	if (asprintf(&new, "%s.new", log->path) < 0)
		return -ENOMEM;
	/* One that is left of a crash has nothing that was acknowledged. */
	fd = open_file(new, O_TRUNC);
	ret = fd < 0 ? fd : rotate_to(log, fd, new, kernel);
	free(new);
	return ret;
}

int dmp_log_rotate(struct dmp_log *log, const struct dmp_kernel *kernel)
{
	int ret = rotate(log, kernel);

	if (ret)
		log->rotation_ms = dmp_now_ms() + ROTATION_RETRY_MS;
	return ret;
}
