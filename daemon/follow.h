/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * follow.h - the lines of a log as they are written, over its files
 *
 * The files are FILE and, the newest first, FILE.1, FILE.2 and so on. A file is
 * left at its end when there is another one that goes on behind its last line, by
 * the hash, whatever its name. So nothing is lost when files are renamed or removed
 * meanwhile, as long as the one that is being read was opened in time.
 */
#ifndef DEVMEM_POLICY_FOLLOW_H
#define DEVMEM_POLICY_FOLLOW_H

#include "cursor.h"
#include "place.h"

struct dmp_follow {
	const char *path;
	int watch; /* inotify; -1: none */
	struct dmp_cursor cursor;
	struct dmp_place at; /* behind the last line that was passed */
	/*
	 * The line before here is not that of @at: it is nowhere any more, and this
	 * is the best place to go on.
	 */
	bool adrift;
};

/* How a place was found again. */
enum dmp_found {
	DMP_FOUND_LINE, /* that very line */
	DMP_FOUND_RECORD, /* a line of the same instance, not beyond it */
	DMP_FOUND_NOTHING, /* the beginning of the oldest file */
};

/* dmp_follow_open() - @path stays in use; dmp_follow_close() in any case */
void dmp_follow_open(struct dmp_follow *follow, const char *path);

/*
 * dmp_follow_oldest() - begin with the oldest file
 *
 * These return 0, or -errno: -ENOENT when there is no file yet, which may come.
 */
int dmp_follow_oldest(struct dmp_follow *follow);

/* dmp_follow_newest() - begin behind the last line there is */
int dmp_follow_newest(struct dmp_follow *follow);

/* dmp_follow_resume() - go on behind a line; @found says how well that went */
int dmp_follow_resume(struct dmp_follow *follow, const struct dmp_place *place,
		      enum dmp_found *found);

/*
 * dmp_follow_next() - the next line, without its end; it stays the next one
 *
 * Return: 1; 0 when there is none yet; or -errno.
 */
int dmp_follow_next(struct dmp_follow *follow, const char **line, size_t *length);

/*
 * dmp_follow_pass() - go over that line
 * @line: taken apart; NULL when it cannot be
 */
void dmp_follow_pass(struct dmp_follow *follow, const struct dmp_line *line,
		     const uint8_t hash[DMP_SHA256_BYTES]);

/* dmp_follow_stands() - is the line that was passed last still where it was? */
bool dmp_follow_stands(const struct dmp_follow *follow);

/* dmp_follow_wait() - until something may have happened. Return: as dmp_wait() */
int dmp_follow_wait(struct dmp_follow *follow, int stop, int ms);

void dmp_follow_close(struct dmp_follow *follow);

#endif /* DEVMEM_POLICY_FOLLOW_H */
