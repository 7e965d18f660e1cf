// SPDX-License-Identifier: GPL-2.0-or-later
#include "follow.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wait.h"

/* More files than that are not looked through. */
#define FILES_MAX 1024
/* Files that are being renamed may be missed: look again, so often, so much later. */
#define SEARCHES 3
#define SEARCH_MS 50
#define WATCHED (IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)

/* --- files ------------------------------------------------------------------ */

/* FILE is number 0; the higher the number, the older. */
struct files {
	const char *path;
	size_t count;
	unsigned int numbers[FILES_MAX]; /* oldest first */
};

/* Return: the number of FILE.number, or 0 when it is something else. */
static unsigned int number_of(const char *name, const char *base)
{
	size_t length = strlen(base);
	const char *digits;

	if (strncmp(name, base, length) || name[length] != '.')
		return 0;
	digits = name + length + 1;
	if (*digits < '1' || *digits > '9' || strlen(digits) > 9 ||
	    digits[strspn(digits, "0123456789")])
		return 0;
	return (unsigned int)strtoul(digits, NULL, 10);
}

static int by_age(const void *a, const void *b)
{
	const unsigned int *one = a, *two = b;

	return *one < *two ? 1 : -(*one > *two);
}

static int read_names(DIR *directory, struct files *files)
{
	char *copy = strdup(files->path);
	const char *base = copy ? basename(copy) : NULL;
	const struct dirent *entry;
	unsigned int number;

	while (base && files->count < FILES_MAX - 1 && (entry = readdir(directory))) {
		number = number_of(entry->d_name, base);
		if (number)
			files->numbers[files->count++] = number;
	}
	free(copy);
	return base ? 0 : -ENOMEM;
}

static char *directory_of(const char *path)
{
	char *copy = strdup(path);
	char *directory = copy ? strdup(dirname(copy)) : NULL;

	free(copy);
	return directory;
}

static int list_files(const char *path, struct files *files)
{
	char *name = directory_of(path);
	DIR *directory = name ? opendir(name) : NULL;
	int ret = name ? -errno : -ENOMEM;

	files->path = path;
	files->count = 0;
	if (directory) {
		ret = read_names(directory, files);
		closedir(directory);
	}
	free(name);
	qsort(files->numbers, files->count, sizeof(files->numbers[0]), by_age);
	files->numbers[files->count++] = 0;
	return ret;
}

/* Return: as dmp_cursor_open(). */
static int open_file(const struct files *files, size_t index, struct dmp_cursor *cursor)
{
	char *path = NULL;
	int ret;

	if (!files->numbers[index])
		return dmp_cursor_open(cursor, files->path);
	if (asprintf(&path, "%s.%u", files->path, files->numbers[index]) < 0)
		return -ENOMEM;
	ret = dmp_cursor_open(cursor, path);
	free(path);
	return ret;
}

/* Read on there, and let go of the file before. */
static void adopt(struct dmp_follow *follow, struct dmp_cursor *cursor)
{
	struct stat status = { 0 };

	dmp_cursor_close(&follow->cursor);
	follow->cursor = *cursor;
	fstat(cursor->fd, &status);
	follow->at.device = status.st_dev;
	follow->at.inode = status.st_ino;
	follow->at.offset = cursor->offset;
}

/* --- where lines are -------------------------------------------------------- */

/* Is the line there that the place is behind? */
static bool has_line(int fd, const struct dmp_place *place)
{
	size_t length = (size_t)place->bytes;
	uint8_t hash[DMP_SHA256_BYTES];
	char *bytes = malloc(length + 1);
	bool same = false;

	if (bytes && length && length <= place->offset &&
	    pread(fd, bytes, length, (off_t)(place->offset - length)) == (ssize_t)length) {
		/* A part of what is too long for a line has no end. */
		length -= bytes[length - 1] == '\n';
		same = !dmp_sha256(bytes, length, hash) &&
		       !memcmp(hash, place->hash, sizeof(hash));
	}
	free(bytes);
	return same;
}

static bool is_place(const struct dmp_cursor *cursor, const struct dmp_place *place)
{
	struct stat status;

	return !fstat(cursor->fd, &status) && status.st_dev == place->device &&
	       status.st_ino == place->inode && (uint64_t)status.st_size >= place->offset &&
	       has_line(cursor->fd, place);
}

/* Where a line is that was looked for. */
struct search {
	const struct dmp_place *place;
	struct dmp_line line;
	size_t best; /* index of the file of the record that is not beyond it */
	uint64_t best_offset;
	bool has_best;
};

static void note_record(struct search *search, size_t index, uint64_t end)
{
	char instance[DMP_INSTANCE_BYTES];
	uint64_t last;

	if (dmp_line_stand(&search->line, instance, &last) || !last ||
	    strcmp(instance, search->place->instance) || last > search->place->last)
		return;
	search->has_best = true;
	search->best = index;
	search->best_offset = end;
}

/* Is it that line, or the one that goes on behind it? With the cursor between them. */
static int search_line(struct search *search, struct dmp_cursor *cursor, size_t index)
{
	uint8_t hash[DMP_SHA256_BYTES];
	size_t length, bytes;
	const char *line, *why;
	bool found, parsed;
	int ret;

	ret = dmp_cursor_next(cursor, &line, &length, &bytes);
	if (ret <= 0)
		return ret ? ret : -ENODATA;
	ret = dmp_sha256(line, length, hash);
	if (ret)
		return ret;
	parsed = !dmp_line_scan(line, length, &search->line, &why);
	if (parsed && !memcmp(search->line.prev, search->place->hash, sizeof(hash)))
		return 1;
	found = !memcmp(hash, search->place->hash, sizeof(hash));
	if (parsed && !found)
		note_record(search, index, cursor->offset + bytes);
	dmp_cursor_skip(cursor, bytes);
	return found;
}

/* Return: 1 with the cursor behind the line, 0 when it is not there, or -errno. */
static int search_file(struct search *search, struct dmp_cursor *cursor, size_t index)
{
	int ret;

	do {
		ret = search_line(search, cursor, index);
	} while (!ret);
	return ret == -ENODATA ? 0 : ret;
}

/* The file may be gone since it was listed; then so is what was in it. */
static bool is_absent(int ret)
{
	return ret == -ENOENT || ret == -EINVAL;
}

/* Is it where it was, whatever the name of that file is now? */
static int find_same(const struct files *files, const struct dmp_place *place,
		     struct dmp_cursor *cursor)
{
	int ret;

	for (size_t i = files->count; i-- > 0;) {
		ret = open_file(files, i, cursor);
		if (ret && !is_absent(ret))
			return ret;
		if (ret)
			continue;
		if (is_place(cursor, place)) {
			dmp_cursor_go(cursor, place->offset);
			return 1;
		}
		dmp_cursor_close(cursor);
	}
	return 0;
}

/* Read everything. Return: as search_file(). */
static int find_anywhere(struct search *search, const struct files *files,
			 struct dmp_cursor *cursor)
{
	int ret;

	for (size_t i = 0; i < files->count; i++) {
		ret = open_file(files, i, cursor);
		if (!ret) {
			ret = search_file(search, cursor, i);
			if (ret > 0)
				return ret;
			dmp_cursor_close(cursor);
		}
		if (ret && !is_absent(ret))
			return ret;
	}
	return 0;
}

static int open_oldest(const struct files *files, struct dmp_cursor *cursor)
{
	int ret = -ENOENT;

	for (size_t i = 0; i < files->count && is_absent(ret); i++)
		ret = open_file(files, i, cursor);
	return ret;
}

static int open_best(const struct search *search, const struct files *files,
		     struct dmp_cursor *cursor, enum dmp_found *found)
{
	int ret;

	*found = search->has_best ? DMP_FOUND_RECORD : DMP_FOUND_NOTHING;
	if (!search->has_best)
		return open_oldest(files, cursor);
	ret = open_file(files, search->best, cursor);
	if (!ret)
		dmp_cursor_go(cursor, search->best_offset);
	return ret;
}

static int find(const struct files *files, const struct dmp_place *place,
		struct dmp_cursor *cursor, enum dmp_found *found)
{
	struct search *search;
	int ret;

	*found = DMP_FOUND_LINE;
	ret = find_same(files, place, cursor);
	if (ret)
		return ret < 0 ? ret : 0;
	search = calloc(1, sizeof(*search));
	if (!search)
		return -ENOMEM;
	search->place = place;
	ret = find_anywhere(search, files, cursor);
	if (!ret)
		ret = open_best(search, files, cursor, found);
	free(search);
	return ret < 0 ? ret : 0;
}

/* --- beginning -------------------------------------------------------------- */

void dmp_follow_open(struct dmp_follow *follow, const char *path)
{
	char *directory = directory_of(path);

	memset(follow, 0, sizeof(*follow));
	follow->path = path;
	follow->cursor.fd = -1;
	/* It only saves time: everything is looked at each second as well. */
	follow->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (directory && follow->watch >= 0)
		inotify_add_watch(follow->watch, directory, WATCHED);
	free(directory);
}

int dmp_follow_oldest(struct dmp_follow *follow)
{
	struct dmp_cursor cursor;
	struct files files;
	int ret;

	ret = list_files(follow->path, &files);
	if (!ret)
		ret = open_oldest(&files, &cursor);
	if (!ret)
		adopt(follow, &cursor);
	return ret;
}

/* Go over all lines of a file. */
static int pass_all(struct dmp_follow *follow)
{
	uint8_t hash[DMP_SHA256_BYTES];
	struct dmp_line parsed;
	size_t length, bytes;
	const char *line, *why;
	int ret;

	while ((ret = dmp_cursor_next(&follow->cursor, &line, &length, &bytes)) > 0) {
		ret = dmp_sha256(line, length, hash);
		if (ret)
			return ret;
		ret = dmp_line_scan(line, length, &parsed, &why);
		dmp_follow_pass(follow, ret ? NULL : &parsed, hash);
	}
	return ret;
}

int dmp_follow_newest(struct dmp_follow *follow)
{
	struct dmp_cursor cursor;
	struct files files;
	int ret;

	ret = list_files(follow->path, &files);
	if (ret)
		return ret;
	/* A file that was just begun says nothing about the line before. */
	for (size_t i = files.count; i-- > 0 && !follow->at.known;) {
		ret = open_file(&files, i, &cursor);
		if (is_absent(ret))
			continue;
		if (ret)
			return ret;
		adopt(follow, &cursor);
		ret = pass_all(follow);
		if (ret)
			return ret;
	}
	return follow->cursor.fd < 0 ? -ENOENT : 0;
}

/* Look through the files. */
static int find_place(struct dmp_follow *follow, const struct dmp_place *place,
		      enum dmp_found *found)
{
	struct dmp_cursor cursor;
	struct files files;
	int ret;

	ret = list_files(follow->path, &files);
	if (!ret && place->known)
		ret = find(&files, place, &cursor, found);
	else if (!ret)
		ret = open_oldest(&files, &cursor);
	follow->at = *place;
	follow->adrift = *found != DMP_FOUND_LINE;
	if (!ret)
		adopt(follow, &cursor);
	return ret;
}

int dmp_follow_resume(struct dmp_follow *follow, const struct dmp_place *place,
		      enum dmp_found *found)
{
	*found = DMP_FOUND_LINE;
	/* Its file may have no name any more. */
	if (!place->known || follow->cursor.fd < 0 || !is_place(&follow->cursor, place))
		return find_place(follow, place, found);
	dmp_cursor_go(&follow->cursor, place->offset);
	follow->at = *place;
	follow->adrift = false;
	return 0;
}

/* --- from file to file ------------------------------------------------------ */

/* Is it still the log, and does it still have what was read? */
static bool is_current(const struct dmp_follow *follow)
{
	struct stat named, open;

	return follow->cursor.fd >= 0 && !stat(follow->path, &named) &&
	       !fstat(follow->cursor.fd, &open) && named.st_dev == open.st_dev &&
	       named.st_ino == open.st_ino && (uint64_t)open.st_size >= follow->at.offset &&
	       (follow->adrift || dmp_follow_stands(follow));
}

/* The hash that the first line begins with. Return: 1, 0 when there is none, -errno. */
static int first_prev(struct dmp_cursor *cursor, uint8_t prev[DMP_SHA256_BYTES])
{
	size_t length, bytes, start = strlen(DMP_LINE_PREV);
	const char *line;
	int ret;

	ret = dmp_cursor_next(cursor, &line, &length, &bytes);
	if (ret <= 0)
		return ret;
	if (length < start + DMP_SHA256_DIGITS)
		return 0;
	return !dmp_sha256_parse(line + start, DMP_SHA256_DIGITS, prev);
}

/* Does it go on behind the last line? When there was none, anything does. */
static int continues(const struct dmp_follow *follow, struct dmp_cursor *cursor)
{
	uint8_t prev[DMP_SHA256_BYTES];
	int ret = first_prev(cursor, prev);

	if (ret <= 0 || !follow->at.known)
		return ret;
	return !memcmp(prev, follow->at.hash, sizeof(prev));
}

/* Return: 1 with the file that goes on, 0 when there is none, or -errno. */
static int find_successor(const struct dmp_follow *follow, struct dmp_cursor *cursor)
{
	struct files files;
	int ret;

	ret = list_files(follow->path, &files);
	if (ret)
		return ret;
	for (size_t i = files.count; i-- > 0;) {
		ret = open_file(&files, i, cursor);
		if (!ret) {
			ret = continues(follow, cursor);
			if (ret > 0)
				return ret;
			dmp_cursor_close(cursor);
		}
		if (ret && !is_absent(ret))
			return ret;
	}
	return 0;
}

/* Has another log been begun, which does not go on behind the last line? */
static int is_begun_anew(const struct dmp_follow *follow)
{
	uint8_t prev[DMP_SHA256_BYTES];
	struct dmp_cursor cursor;
	int ret;

	ret = dmp_cursor_open(&cursor, follow->path);
	if (ret)
		return is_absent(ret) ? 0 : ret;
	ret = first_prev(&cursor, prev);
	dmp_cursor_close(&cursor);
	return ret;
}

static bool is_same(const struct dmp_cursor *one, const struct dmp_cursor *two)
{
	struct stat first, second;

	return !fstat(one->fd, &first) && !fstat(two->fd, &second) &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/*
 * The file that came next is missing: take the one after it.
 *
 * Return: 1 with that, 0 when this one has no place among the files, or -errno.
 */
static int find_newer(const struct dmp_follow *follow, struct dmp_cursor *cursor)
{
	struct files files;
	bool passed = false;
	int ret;

	ret = list_files(follow->path, &files);
	for (size_t i = 0; !ret && i < files.count; i++) {
		ret = open_file(&files, i, cursor);
		if (!ret && passed)
			return 1;
		if (!ret) {
			passed = is_same(&follow->cursor, cursor);
			dmp_cursor_close(cursor);
		} else if (is_absent(ret)) {
			ret = 0;
		}
	}
	return ret;
}

/* Nothing goes on behind the last line. Return: 1 or -errno. */
static int skip_missing(struct dmp_follow *follow)
{
	struct dmp_place place = follow->at;
	struct dmp_cursor cursor;
	enum dmp_found found = DMP_FOUND_LINE;
	int ret;

	ret = find_newer(follow, &cursor);
	if (ret > 0) {
		adopt(follow, &cursor);
		follow->adrift = true;
		return 1;
	}
	if (!ret)
		ret = find_place(follow, &place, &found);
	return ret ? ret : 1;
}

/*
 * At the end of a file that is not the log any more.
 *
 * Return: 1 when there may be more now, 0 when not, or -errno.
 */
static int leave_file(struct dmp_follow *follow)
{
	struct dmp_cursor cursor;
	const char *line;
	size_t length, bytes;
	int ret;

	for (int i = 0; i < SEARCHES; i++) {
		ret = find_successor(follow, &cursor);
		if (ret > 0)
			adopt(follow, &cursor);
		if (ret)
			return ret;
		ret = is_begun_anew(follow);
		if (ret <= 0)
			return ret;
		/* What was appended to this one meanwhile comes first. */
		ret = dmp_cursor_next(&follow->cursor, &line, &length, &bytes);
		if (ret)
			return ret;
		dmp_wait(-1, -1, 0, SEARCH_MS);
	}
	return skip_missing(follow);
}

int dmp_follow_next(struct dmp_follow *follow, const char **line, size_t *length)
{
	size_t bytes;
	int ret;

	for (;;) {
		ret = dmp_cursor_next(&follow->cursor, line, length, &bytes);
		if (ret)
			return ret;
		if (is_current(follow))
			return 0;
		ret = leave_file(follow);
		if (ret <= 0)
			return ret;
	}
}

void dmp_follow_pass(struct dmp_follow *follow, const struct dmp_line *line,
		     const uint8_t hash[DMP_SHA256_BYTES])
{
	size_t length, bytes;
	const char *text;

	if (dmp_cursor_next(&follow->cursor, &text, &length, &bytes) <= 0)
		return;
	dmp_cursor_skip(&follow->cursor, bytes);
	dmp_place_pass(&follow->at, line, hash, bytes);
	follow->adrift = false;
}

bool dmp_follow_stands(const struct dmp_follow *follow)
{
	return !follow->at.known || is_place(&follow->cursor, &follow->at);
}

int dmp_follow_wait(struct dmp_follow *follow, int stop, int ms)
{
	char events[4096];
	int ret;

	ret = dmp_wait(stop, follow->watch, POLLIN, ms);
	if (ret > 0)
		while (read(follow->watch, events, sizeof(events)) > 0)
			;
	return ret;
}

void dmp_follow_close(struct dmp_follow *follow)
{
	if (follow->watch >= 0)
		close(follow->watch);
	follow->watch = -1;
	dmp_cursor_close(&follow->cursor);
}
