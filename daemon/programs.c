// SPDX-License-Identifier: GPL-2.0-or-later
#include "programs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

/* A list that keeps changing while it is read is not worth more patience. */
#define TRIES 10

#define SELF_EVENTS (IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)
#define FILE_EVENTS (SELF_EVENTS | IN_CLOSE_WRITE)
#define DIRECTORY_EVENTS \
	(SELF_EVENTS | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR)

int dmp_programs_open(struct dmp_programs *programs)
{
	memset(programs, 0, sizeof(*programs));
	programs->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	return programs->fd < 0 ? -errno : 0;
}

static void free_list(struct dmp_program *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i].path);
	free(list);
}

static void free_watches(struct dmp_programs_watch *watches, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(watches[i].name);
	free(watches);
}

void dmp_programs_close(struct dmp_programs *programs)
{
	if (programs->fd >= 0)
		close(programs->fd);
	free_list(programs->list, programs->count);
	free_watches(programs->watches, programs->watch_count);
	memset(programs, 0, sizeof(*programs));
	programs->fd = -1;
}

/* --- the programs of the rules ---------------------------------------------- */

struct paths {
	struct dmp_program *list;
	size_t count;
	size_t room;
};

static int take_rule(const struct dmp_rule_info *rule, void *arg)
{
	struct paths *paths = arg;
	size_t room = paths->room ? 2 * paths->room : 16;
	struct dmp_program *list;
	char *path;

	if (!dmp_has(rule->present, DEVMEM_POLICY_RULE_A_EXE))
		return 0;
	/* Neighbours often name the same one. */
	if (paths->count && !strcmp(paths->list[paths->count - 1].path, rule->exe))
		return 0;
	if (paths->count == paths->room) {
		list = reallocarray(paths->list, room, sizeof(*list));
		if (!list)
			return -ENOMEM;
		paths->list = list;
		paths->room = room;
	}
	path = strdup(rule->exe);
	if (!path)
		return -ENOMEM;
	paths->list[paths->count++] = (struct dmp_program){ .path = path };
	return 0;
}

static int by_path(const void *left, const void *right)
{
	const struct dmp_program *l = left, *r = right;

	return strcmp(l->path, r->path);
}

static void sort_out(struct paths *paths)
{
	size_t kept = 0;

	if (paths->count)
		qsort(paths->list, paths->count, sizeof(*paths->list), by_path);
	for (size_t i = 0; i < paths->count; i++) {
		if (kept && !by_path(&paths->list[kept - 1], &paths->list[i]))
			free(paths->list[i].path);
		else
			paths->list[kept++] = paths->list[i];
	}
	paths->count = kept;
}

static int read_paths(struct dmp_nl *nl, struct paths *paths)
{
	int ret = -EINTR;

	memset(paths, 0, sizeof(*paths));
	for (int i = 0; i < TRIES && ret == -EINTR; i++) {
		free_list(paths->list, paths->count);
		memset(paths, 0, sizeof(*paths));
		ret = dmp_nl_rules(nl, NULL, take_rule, paths);
	}
	if (ret) {
		free_list(paths->list, paths->count);
		return ret;
	}
	sort_out(paths);
	return 0;
}

/* --- what the paths lead to ------------------------------------------------- */

static void look_at(struct dmp_program *program)
{
	struct stat status;

	program->known = true;
	program->there = !lstat(program->path, &status);
	if (!program->there)
		return;
	program->device = status.st_dev;
	program->inode = status.st_ino;
	program->mode = status.st_mode;
	program->uid = status.st_uid;
	program->gid = status.st_gid;
	program->changed = status.st_ctim;
}

static const char *difference(const struct dmp_program *old, const struct dmp_program *new)
{
	if (!old->there && !new->there)
		return NULL;
	if (!new->there)
		return "is gone";
	if (!old->there)
		return "is there again";
	if (old->device != new->device || old->inode != new->inode)
		return "was replaced";
	/* A number that was free may be taken by the next file. */
	if (old->changed.tv_sec != new->changed.tv_sec ||
	    old->changed.tv_nsec != new->changed.tv_nsec || old->mode != new->mode ||
	    old->uid != new->uid || old->gid != new->gid)
		return "was changed";
	return NULL;
}

/* Return: how many have changed. */
static size_t look_at_all(struct dmp_programs *programs)
{
	struct dmp_program old;
	const char *what;
	size_t changed = 0;

	for (size_t i = 0; i < programs->count; i++) {
		old = programs->list[i];
		look_at(&programs->list[i]);
		what = difference(&old, &programs->list[i]);
		if (!what)
			continue;
		changed++;
		dmp_say(LOG_NOTICE, "the program %s %s", old.path, what);
	}
	return changed;
}

/* --- watching --------------------------------------------------------------- */

static int add_watch(struct dmp_programs *programs, int id, const char *name, size_t length)
{
	struct dmp_programs_watch *watches;
	char *copy;

	watches = reallocarray(programs->watches, programs->watch_count + 1,
			       sizeof(*watches));
	if (!watches)
		return -ENOMEM;
	programs->watches = watches;
	copy = strndup(name, length);
	if (!copy)
		return -ENOMEM;
	watches[programs->watch_count++] =
		(struct dmp_programs_watch){ .id = id, .name = copy };
	return 0;
}

/* Watch path for a name in it. Return: 0; 1 when there is no such path; -errno. */
static int watch(struct dmp_programs *programs, const char *path, uint32_t events,
		 const char *name, size_t length)
{
	int id = inotify_add_watch(programs->fd, path,
				   events | IN_DONT_FOLLOW | IN_MASK_ADD);

	if (id >= 0)
		return add_watch(programs, id, name, length);
	/* What comes there will be seen in the directory above it. */
	return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 1 : -errno;
}

/* From the root on, so that nothing is missed while this goes on. */
static int watch_path(struct dmp_programs *programs, const char *path)
{
	char directory[DEVMEM_POLICY_EXE_SIZE + 1] = "/";
	const char *name = path + 1, *slash;
	int ret;

	for (;;) {
		slash = strchrnul(name, '/');
		ret = watch(programs, directory, DIRECTORY_EVENTS, name,
			    (size_t)(slash - name));
		if (ret || !*slash)
			break;
		snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
		name = slash + 1;
	}
	return ret ? ret : watch(programs, path, FILE_EVENTS, "", 0);
}

static int by_id(const void *left, const void *right)
{
	const struct dmp_programs_watch *l = left, *r = right;

	return (l->id > r->id) - (l->id < r->id);
}

static int by_id_and_name(const void *left, const void *right)
{
	const struct dmp_programs_watch *l = left, *r = right;
	int order = by_id(left, right);

	return order ? order : strcmp(l->name, r->name);
}

/* Programs share the directories above them. */
static void sort_watches(struct dmp_programs *programs)
{
	struct dmp_programs_watch *watches = programs->watches;
	size_t kept = 0;

	if (watches)
		qsort(watches, programs->watch_count, sizeof(*watches), by_id_and_name);
	for (size_t i = 0; i < programs->watch_count; i++) {
		if (kept && !by_id_and_name(&watches[kept - 1], &watches[i]))
			free(watches[i].name);
		else
			watches[kept++] = watches[i];
	}
	programs->watch_count = kept;
}

static bool is_watched(const struct dmp_programs *programs, int id)
{
	const struct dmp_programs_watch key = { .id = id };

	return programs->watch_count && bsearch(&key, programs->watches, programs->watch_count,
						sizeof(key), by_id);
}

static void say_blind(struct dmp_programs *programs, const char *path, int error)
{
	if (error && !programs->blind)
		dmp_say(LOG_WARNING,
			"the program %s cannot be watched: %s; after it was replaced, reload devmemd",
			path, strerror(-error));
	programs->blind = error;
}

/* Those that are watched already stay so without a gap. */
static void watch_all(struct dmp_programs *programs)
{
	struct dmp_programs_watch *old = programs->watches;
	size_t old_count = programs->watch_count;
	const char *path = NULL;
	int ret, error = 0;

	programs->watches = NULL;
	programs->watch_count = 0;
	for (size_t i = 0; i < programs->count; i++) {
		ret = watch_path(programs, programs->list[i].path);
		if (ret >= 0 || error)
			continue;
		error = ret;
		path = programs->list[i].path;
	}
	sort_watches(programs);
	for (size_t i = 0; i < old_count; i++)
		if (!is_watched(programs, old[i].id))
			inotify_rm_watch(programs->fd, old[i].id);
	free_watches(old, old_count);
	say_blind(programs, path, error);
}

/* --- changes ---------------------------------------------------------------- */

static void changed(struct dmp_programs *programs, uint64_t now_ms)
{
	uint64_t latest;

	if (!programs->pending)
		programs->since_ms = now_ms;
	programs->pending = true;
	programs->due_ms = now_ms + DMP_PROGRAMS_QUIET_MS;
	latest = programs->since_ms + DMP_PROGRAMS_PATIENCE_MS;
	if (programs->due_ms > latest)
		programs->due_ms = latest;
}

static bool matters(const struct dmp_programs *programs, const struct inotify_event *event)
{
	const struct dmp_programs_watch key = {
		.id = event->wd,
		.name = (char *)event->name,
	};

	if (event->mask & IN_Q_OVERFLOW) {
		dmp_say(LOG_WARNING, "changes of files were lost: looking at all programs");
		return true;
	}
	/* Without a name it is about the file or directory itself. */
	if (!event->len)
		return is_watched(programs, event->wd);
	return programs->watch_count && bsearch(&key, programs->watches, programs->watch_count,
						sizeof(key), by_id_and_name);
}

static void take_events(struct dmp_programs *programs, const uint8_t *bytes, size_t length,
			uint64_t now_ms)
{
	const struct inotify_event *event;

	for (size_t at = 0; at < length; at += sizeof(*event) + event->len) {
		event = (const void *)(bytes + at);
		if (matters(programs, event))
			changed(programs, now_ms);
	}
}

void dmp_programs_read(struct dmp_programs *programs, uint64_t now_ms)
{
	_Alignas(8) uint8_t bytes[4096];
	ssize_t length;

	while ((length = read(programs->fd, bytes, sizeof(bytes))) > 0)
		take_events(programs, bytes, (size_t)length, now_ms);
}

int dmp_programs_wait_ms(const struct dmp_programs *programs, uint64_t now_ms)
{
	if (!programs->pending)
		return -1;
	return programs->due_ms > now_ms ? (int)(programs->due_ms - now_ms) : 0;
}

/* --- the kernel ------------------------------------------------------------- */

/* What was known of those that stay is kept, so that their changes are told. */
static bool adopt(struct dmp_programs *programs, struct paths *paths)
{
	struct dmp_program *old;
	bool any_new = false;

	for (size_t i = 0; i < paths->count; i++) {
		struct dmp_program *new = &paths->list[i];
		char *path = new->path;

		old = programs->count ? bsearch(new, programs->list, programs->count,
						sizeof(*new), by_path) : NULL;
		if (old)
			*new = *old;
		else
			any_new = true;
		new->path = path;
	}
	free_list(programs->list, programs->count);
	programs->list = paths->list;
	programs->count = paths->count;
	return any_new;
}

int dmp_programs_update(struct dmp_programs *programs, struct dmp_nl *nl)
{
	struct paths paths;
	bool any_new;
	int ret;

	ret = read_paths(nl, &paths);
	if (ret)
		return ret;
	any_new = adopt(programs, &paths);
	watch_all(programs);
	for (size_t i = 0; i < programs->count; i++)
		if (!programs->list[i].known)
			look_at(&programs->list[i]);
	return any_new ? dmp_nl_resolve(nl) : 0;
}

int dmp_programs_resolve(struct dmp_programs *programs, struct dmp_nl *nl, uint64_t now_ms)
{
	bool pending = programs->pending;
	int ret;

	programs->pending = false;
	if (!programs->count)
		return 0;
	watch_all(programs);
	if (!look_at_all(programs) && pending)
		dmp_say(LOG_INFO, "something on the way to a program has changed");
	ret = dmp_nl_resolve(nl);
	if (ret) {
		programs->pending = true;
		programs->since_ms = now_ms;
		programs->due_ms = now_ms + DMP_PROGRAMS_PATIENCE_MS;
	}
	return ret;
}
