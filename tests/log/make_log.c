// SPDX-License-Identifier: GPL-2.0-or-later
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/record.h"
#include "logs.h"

#define BOOT_ID "%08x-0000-4000-8000-000000000000"
#define PRESENT(name) (UINT64_C(1) << DEVMEM_POLICY_EVENT_A_##name)

/* These logs need not outlive a crash. */
int fdatasync(int fd)
{
	return fd < 0;
}

int fsync(int fd)
{
	return fd < 0;
}

/* A linear congruential generator, of which the upper halves are good. */
static uint64_t random_half(struct random *random)
{
	random->state = random->state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return random->state >> 32;
}

uint64_t random_next(struct random *random)
{
	uint64_t high = random_half(random);

	return high << 32 | random_half(random);
}

size_t random_below(struct random *random, size_t limit)
{
	return (size_t)(random_next(random) % limit);
}

void *must_have(void *memory)
{
	if (!memory)
		errx(1, "out of memory");
	return memory;
}

/* --- a machine with the module and the daemon ------------------------------- */

struct machine {
	struct random *random;
	char path[256];
	char boot_id[DMP_BOOT_ID_BYTES];
	struct dmp_log *log;
	uint64_t instance;
	struct dmp_kernel kernel; /* what the module counts */
	unsigned int rotations;
	size_t cut_off; /* instances */
};

static void must(int result, const char *what)
{
	if (result)
		errx(1, "%s: %s", what, strerror(-result));
}

static void start_daemon(struct machine *machine)
{
	struct dmp_log_tail tail;

	must(dmp_log_open(machine->path, &machine->log), "dmp_log_open");
	dmp_log_limit(machine->log, 0, FILES_MAX);
	must(dmp_log_recover(machine->log, machine->instance, machine->boot_id, &tail),
	     "dmp_log_recover");
	must(dmp_log_checkpoint(machine->log, "start", &machine->kernel, false), "start");
}

static void stop_daemon(struct machine *machine)
{
	must(dmp_log_checkpoint(machine->log, "stop", &machine->kernel, false), "stop");
	dmp_log_close(machine->log);
}

/* As a power cut does: maybe with half a line at the end. */
static void kill_daemon(struct machine *machine)
{
	int fd;

	dmp_log_close(machine->log);
	if (random_below(machine->random, 2))
		return;
	fd = open(machine->path, O_WRONLY | O_APPEND);
	if (fd < 0 || write(fd, DMP_LINE_PREV, 1 + random_below(machine->random, 9)) < 0)
		err(1, "%s", machine->path);
	close(fd);
}

/* --- records ---------------------------------------------------------------- */

static void set_subject(struct machine *machine, struct dmp_event *event)
{
	static const char *const names[] = { "capture", "x\"y\\z", "\xc3\xa9t\xc3\xa9", "\x01\xff",
					     "flash rom" };
	const char *name = names[random_below(machine->random, 5)];

	event->present |= PRESENT(PID) | PRESENT(COMM) | PRESENT(EXE) | PRESENT(UID);
	event->pid = (uint32_t)random_below(machine->random, 30000);
	event->comm.length = strlen(name);
	memcpy(event->comm.bytes, name, event->comm.length);
	event->exe.length = (size_t)snprintf((char *)event->exe.bytes, sizeof(event->exe.bytes),
					     "/usr/bin/%s", name);
}

static void count_pages(struct machine *machine, struct dmp_event *event)
{
	struct dmp_kernel *kernel = &machine->kernel;

	event->present |= PRESENT(PAGES);
	event->pages = 1 + random_below(machine->random, 300);
	switch (event->kind) {
	case DEVMEM_POLICY_EVENT_GRANT:
		kernel->granted_pages += event->pages;
		return;
	case DEVMEM_POLICY_EVENT_PERMITTED:
		kernel->permitted_pages += event->pages;
		return;
	case DEVMEM_POLICY_EVENT_LOSS:
		event->present |= PRESENT(LOST_KIND) | PRESENT(CALLS);
		event->lost_kind = DEVMEM_POLICY_EVENT_DENIAL;
		event->calls = 2;
		kernel->unrecorded_denials += event->pages;
		kernel->denied_pages += event->pages;
		return;
	default:
		kernel->denied_pages += event->pages;
	}
}

static void set_access(struct machine *machine, struct dmp_event *event)
{
	event->present |= PRESENT(OPERATION) | PRESENT(REASON) | PRESENT(FIRST) |
			  PRESENT(LAST) | PRESENT(RESULT);
	event->operation = DEVMEM_POLICY_OPERATION_READ;
	event->reason = DEVMEM_POLICY_REASON_NO_RULE;
	event->first = random_next(machine->random) & UINT64_C(0xfffffff000);
	event->last = event->first + event->pages * 4096 - 1;
	event->result = event->kind == DEVMEM_POLICY_EVENT_DENIAL ? -1 : 4096;
}

static void set_counters(const struct dmp_kernel *kernel, struct dmp_event *event)
{
	struct dmp_counters *counters = &event->counters;

	event->present |= PRESENT(COUNTERS);
	counters->present = UINT64_MAX;
	counters->granted_pages = kernel->granted_pages;
	counters->denied_pages = kernel->denied_pages;
	counters->permitted_pages = kernel->permitted_pages;
	counters->unrecorded_denials = kernel->unrecorded_denials;
}

static char *make_record(struct machine *machine, uint32_t kind)
{
	struct dmp_event event = {
		.present = PRESENT(SEQUENCE) | PRESENT(TIME_NS) | PRESENT(KIND),
		.instance = machine->instance,
		.sequence = ++machine->kernel.newest,
		.time_ns = UINT64_C(1795000000000000000) +
			   random_below(machine->random, 1000000000),
		.kind = kind,
	};

	if (kind <= DEVMEM_POLICY_EVENT_LOSS || kind == DEVMEM_POLICY_EVENT_PERMITTED) {
		count_pages(machine, &event);
		set_access(machine, &event);
	}
	if (kind == DEVMEM_POLICY_EVENT_MODULE_UNLOADING)
		set_counters(&machine->kernel, &event);
	else if (kind != DEVMEM_POLICY_EVENT_LOSS)
		set_subject(machine, &event);
	return must_have(dmp_record_json(&event, machine->boot_id));
}

static void log_record(struct machine *machine, uint32_t kind)
{
	/* Most batches bring no checkpoint. */
	const struct dmp_kernel *kernel =
		random_below(machine->random, 4) ? NULL : &machine->kernel;
	char *record = make_record(machine, kind);
	size_t length = strlen(record), kept;

	record[length++] = '\n';
	must(dmp_log_append(machine->log, record, length, kernel, &kept), "dmp_log_append");
	free(record);
}

/* --- what happens ----------------------------------------------------------- */

static uint32_t any_kind(struct random *random)
{
	static const uint32_t kinds[] = {
		DEVMEM_POLICY_EVENT_GRANT, DEVMEM_POLICY_EVENT_GRANT,
		DEVMEM_POLICY_EVENT_DENIAL, DEVMEM_POLICY_EVENT_DENIAL,
		DEVMEM_POLICY_EVENT_LOSS, DEVMEM_POLICY_EVENT_PERMITTED,
		DEVMEM_POLICY_EVENT_POLICY_LOADED, DEVMEM_POLICY_EVENT_AUDITOR_ATTACHED,
	};

	return kinds[random_below(random, sizeof(kinds) / sizeof(kinds[0]))];
}

static void something_happens(struct machine *machine)
{
	switch (random_below(machine->random, 16)) {
	case 0:
		must(dmp_log_checkpoint(machine->log, "idle", &machine->kernel, true), "idle");
		return;
	case 1:
		stop_daemon(machine);
		start_daemon(machine);
		return;
	case 2:
		kill_daemon(machine);
		start_daemon(machine);
		return;
	case 3:
	case 4:
		if (machine->rotations >= 5)
			return;
		must(dmp_log_rotate(machine->log, &machine->kernel), "dmp_log_rotate");
		machine->rotations++;
		return;
	default:
		log_record(machine, any_kind(machine->random));
	}
}

/* Nothing is handed over any more: the power goes, or the daemon is away. */
static void cut_off(struct machine *machine)
{
	kill_daemon(machine);
	machine->cut_off++;
}

/* The last line of a log that is whole is a checkpoint. */
static void end(struct machine *machine, bool last)
{
	size_t way = random_below(machine->random, last ? 4 : 8);

	if (way < 3 || way == 4)
		log_record(machine, DEVMEM_POLICY_EVENT_MODULE_UNLOADING);
	if (way < 4)
		stop_daemon(machine);
	else if (way == 4)
		kill_daemon(machine);
	else
		cut_off(machine);
}

/* From loading the module to its end; the daemon starts and stops. */
static void live(struct machine *machine, bool last)
{
	size_t events = 4 + random_below(machine->random, 14);

	machine->instance = random_next(machine->random);
	memset(&machine->kernel, 0, sizeof(machine->kernel));
	machine->kernel.known = true;
	start_daemon(machine);
	if (!last && !random_below(machine->random, 8)) {
		cut_off(machine);
		return;
	}
	log_record(machine, DEVMEM_POLICY_EVENT_MODULE_LOADED);
	for (size_t i = 0; i < events; i++)
		something_happens(machine);
	end(machine, last);
}

static void take_file(const char *path, struct file *file)
{
	struct stat status;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &status))
		err(1, "%s", path);
	file->length = (size_t)status.st_size;
	file->bytes = must_have(malloc(file->length + 1));
	if (read(fd, file->bytes, file->length) != status.st_size)
		errx(1, "%s: cannot be read", path);
	close(fd);
	unlink(path);
}

void make_log(struct random *random, const char *directory, struct log_files *files)
{
	struct machine machine = { .random = random };
	size_t lives = 1 + random_below(random, 3);
	char path[sizeof(machine.path) + 16];
	const char *line_end, *line;

	memset(files, 0, sizeof(*files));
	snprintf(machine.path, sizeof(machine.path), "%s/log", directory);
	snprintf(machine.boot_id, sizeof(machine.boot_id), BOOT_ID,
		 (uint32_t)random_next(random));
	for (size_t i = 0; i < lives; i++)
		live(&machine, i + 1 == lives);
	files->cut_off = machine.cut_off;
	for (unsigned int i = machine.rotations; i; i--) {
		snprintf(path, sizeof(path), "%s.%u", machine.path, i);
		take_file(path, &files->files[files->count++]);
	}
	take_file(machine.path, &files->files[files->count++]);
	line_end = files->files[files->count - 1].bytes + files->files[files->count - 1].length - 1;
	line = line_end;
	while (line > files->files[files->count - 1].bytes && line[-1] != '\n')
		line--;
	must(dmp_sha256(line, (size_t)(line_end - line), files->head), "dmp_sha256");
}

void copy_log(const struct log_files *from, struct log_files *to)
{
	*to = *from;
	for (size_t i = 0; i < from->count; i++) {
		to->files[i].bytes = must_have(malloc(from->files[i].length + 1));
		memcpy(to->files[i].bytes, from->files[i].bytes, from->files[i].length);
	}
}

void free_log(struct log_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->files[i].bytes);
	files->count = 0;
}
