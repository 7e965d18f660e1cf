// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rounds ADDRESS ROUNDS KEY CERT SERIAL - map, revoke, touch, again and again
 *
 * Four processes map pages of the 97 at ADDRESS, granted by the policy "rounds", which
 * this program signs, with serials from SERIAL on. A fifth takes them back, in turn by
 * range, by policy, altogether, and by a newer policy without them, and restores them.
 *
 * In a held round each maps two of its own and keeps on touching them until that fails.
 * It must not fail before the revocation was asked for, and must fail from the time of
 * its record on, and from the answer to it on. In a race each maps the rest of them, so
 * many that it takes a while, and meanwhile the revocation comes; whether they were
 * mapped or not, afterwards none may be there.
 *
 * There are ROUNDS held rounds of all four processes together, and a third as many races.
 * Prints how many there were and what was wrong. Exits 0 when nothing was.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/netlink.h"
#include "policy/policy.h"

#define PAGE 4096ul
#define WORKERS 4
#define WORKER_PAGES 2ul
#define HELD_PAGES (WORKERS * WORKER_PAGES)
#define RACE_PAGES 88ul
#define ALL_PAGES (HELD_PAGES + RACE_PAGES)
#define TURNS 10 /* of one set of processes */
#define PATIENCE_NS 10000000000ll
#define MAX_COMPLAINTS 20

enum how { BY_RANGE, BY_POLICY, BY_ALL, BY_REPLACEMENT, HOWS };

static const char *const how_names[] = { "range", "policy", "all", "replacement" };

/* What all processes see. */
struct shared {
	pthread_barrier_t barrier;
	bool race; /* for the round */
	long long asked_ns; /* the revocation; by the clock of records */
	long long answered_ns;
	long long recorded_ns[WORKERS]; /* the last page of each; 0: no record */
	atomic_ulong rounds;
	atomic_ulong races;
	atomic_ulong touches; /* that worked */
	atomic_ulong faults;
	atomic_ulong raced_mappings; /* granted in races */
	atomic_ulong wrong;
};

struct controller {
	struct dmp_nl *nl;
	const char *key;
	const char *cert;
	uint64_t address;
	uint64_t serial; /* of the next policy */
	uint64_t next_event;
};

struct worker {
	unsigned int number;
	int fd;
	off_t address; /* of all the pages */
	int flags; /* of its mappings */
	long long last_good_ns; /* when the last touch that worked began */
};

static struct shared *shared;
static sigjmp_buf fault;

static void on_fault(int signal_number)
{
	siglongjmp(fault, signal_number);
}

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static void meet(void)
{
	pthread_barrier_wait(&shared->barrier);
}

__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
	va_list arguments;

	if (atomic_fetch_add(&shared->wrong, 1) >= MAX_COMPLAINTS)
		return;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
}

/* --- the four that map ------------------------------------------------------ */

/* Return: whether both pages could be read and written. */
static bool touch(struct worker *worker, volatile char *mapping)
{
	long long begin = now_ns();
	unsigned long page;

	if (sigsetjmp(fault, 0)) {
		shared->faults++;
		return false;
	}
	for (page = 0; page < WORKER_PAGES; page++)
		mapping[page * PAGE + PAGE - 1] = mapping[page * PAGE + PAGE - 1];
	worker->last_good_ns = begin;
	shared->touches++;
	return true;
}

static bool can_touch(volatile char *byte, bool write)
{
	char value;

	if (sigsetjmp(fault, 0))
		return false;
	value = *byte;
	if (write)
		*byte = value;
	return true;
}

/* Return: whether the first or the last page could be read or written. */
static bool touch_ends(char *mapping, unsigned long pages)
{
	char *last = mapping + (pages - 1) * PAGE;

	return can_touch(mapping, false) || can_touch(last, false) || can_touch(last, true);
}

static void *map(const struct worker *worker, unsigned long first, unsigned long pages)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, worker->flags, worker->fd,
		    worker->address + (off_t)(first * PAGE));
}

static void touch_until_gone(struct worker *worker, char *mapping)
{
	long long failed_ns, end = now_ns() + PATIENCE_NS;

	while (touch(worker, mapping) && now_ns() < end)
		usleep(200);
	failed_ns = now_ns();
	meet();
	if (failed_ns >= end)
		complain("worker %u: still mapped after the patience of seconds\n", worker->number);
	else if (failed_ns < shared->asked_ns)
		complain("worker %u: gone %lld us before it was revoked\n", worker->number,
			 (shared->asked_ns - failed_ns) / 1000);
	if (worker->last_good_ns > shared->answered_ns)
		complain("worker %u: touched %lld us after the answer\n", worker->number,
			 (worker->last_good_ns - shared->answered_ns) / 1000);
	if (!shared->recorded_ns[worker->number])
		complain("worker %u: no record of its revocation\n", worker->number);
	else if (worker->last_good_ns > shared->recorded_ns[worker->number])
		complain("worker %u: touched %lld us after the record\n", worker->number,
			 (worker->last_good_ns - shared->recorded_ns[worker->number]) / 1000);
}

static void held_round(struct worker *worker)
{
	char *mapping = map(worker, worker->number * WORKER_PAGES, WORKER_PAGES);

	if (mapping == MAP_FAILED || !touch(worker, mapping)) {
		complain("worker %u: not granted: %s\n", worker->number, strerror(errno));
		meet();
		meet();
		return;
	}
	meet();
	touch_until_gone(worker, mapping);
	if (touch_ends(mapping, WORKER_PAGES))
		complain("worker %u: there again after it was gone\n", worker->number);
	munmap(mapping, WORKER_PAGES * PAGE);
	shared->rounds++;
}

static void race_round(struct worker *worker)
{
	char *mapping;

	meet();
	mapping = map(worker, HELD_PAGES, RACE_PAGES);
	meet();
	if (map(worker, HELD_PAGES, 1) != MAP_FAILED)
		complain("worker %u: mapped after the revocation\n", worker->number);
	shared->races++;
	if (mapping == MAP_FAILED)
		return;
	shared->raced_mappings++;
	if (touch_ends(mapping, RACE_PAGES))
		complain("worker %u: a mapping survived\n", worker->number);
	munmap(mapping, RACE_PAGES * PAGE);
}

/* Each round: mapped; revoked, and on record; everybody is through with it. */
static void work(unsigned int number, uint64_t address)
{
	struct worker worker = { .number = number };
	int turn;

	worker.fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	worker.address = (off_t)address;
	/* One of them has copies, which are to go as well. */
	worker.flags = number == WORKERS - 1 ? MAP_PRIVATE : MAP_SHARED;
	for (turn = 0; turn < TURNS; turn++) {
		meet();
		if (shared->race)
			race_round(&worker);
		else
			held_round(&worker);
		meet();
	}
}

/* --- the one that revokes --------------------------------------------------- */

static void print_rule(FILE *text, uint64_t address, unsigned long first, unsigned long pages)
{
	fprintf(text, "allow rw 0x%llx+%luK\n", (unsigned long long)(address + first * PAGE),
		pages * PAGE / 1024);
}

/* The text of the next policy. A rule for each of the four, one for races, one for nobody. */
static void print_policy(FILE *text, const struct controller *controller, bool with)
{
	unsigned long i;

	fprintf(text, "policy rounds\nserial %llu\n", (unsigned long long)controller->serial);
	print_rule(text, controller->address, ALL_PAGES, 1);
	for (i = 0; i < WORKERS && with; i++)
		print_rule(text, controller->address, i * WORKER_PAGES, WORKER_PAGES);
	if (with)
		print_rule(text, controller->address, HELD_PAGES, RACE_PAGES);
}

static int compile(const struct controller *controller, bool with, struct dmp_buffer *bytes,
		   struct dmp_message *message)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_policy policy;
	char text[1024];
	FILE *stream;
	long length;
	int ret;

	stream = fmemopen(text, sizeof(text), "w");
	if (!stream)
		return -errno;
	print_policy(stream, controller, with);
	length = ftell(stream);
	fclose(stream);
	ret = dmp_parse(text, (size_t)length, &policy, &diagnostics);
	dmp_diagnostics_free(&diagnostics);
	if (ret)
		return ret;
	ret = dmp_compile(&policy, bytes, message);
	dmp_policy_free(&policy);
	return ret;
}

/* Put the next serial in force, with the pages of the four or without. */
static int replace(struct controller *controller, bool with)
{
	struct dmp_message message = { "" };
	struct dmp_buffer bytes, signature;
	int ret;

	ret = compile(controller, with, &bytes, &message);
	if (ret)
		return ret;
	controller->serial++;
	ret = dmp_sign(bytes.bytes, bytes.length, controller->key, controller->cert, &signature,
		       &message);
	if (!ret) {
		shared->asked_ns = now_ns();
		ret = dmp_nl_register(controller->nl, bytes.bytes, bytes.length, signature.bytes,
				      signature.length);
		shared->answered_ns = now_ns();
		dmp_buffer_free(&signature);
	}
	dmp_buffer_free(&bytes);
	return ret;
}

static int take_back(struct controller *controller, enum how how)
{
	struct dmp_revocation revocation = {
		.has_range = how == BY_RANGE,
		.first = controller->address,
		.last = controller->address + ALL_PAGES * PAGE - 1,
		.policy = how == BY_POLICY ? "rounds" : NULL,
	};
	int ret;

	if (how == BY_REPLACEMENT)
		return replace(controller, false);
	shared->asked_ns = now_ns();
	ret = dmp_nl_revoke(controller->nl, &revocation);
	shared->answered_ns = now_ns();
	return ret;
}

static int give_again(struct controller *controller, enum how how)
{
	return how == BY_REPLACEMENT ? replace(controller, true) : dmp_nl_restore(controller->nl);
}

/* When the last page of each of the four was first on record as revoked. */
static int note_event(const struct dmp_event *event, void *argument)
{
	struct controller *controller = argument;
	unsigned int i;

	controller->next_event = event->sequence + 1;
	if (event->kind != DEVMEM_POLICY_EVENT_REVOKED)
		return 0;
	for (i = 0; i < WORKERS; i++) {
		uint64_t last = controller->address + (i + 1) * WORKER_PAGES * PAGE - 1;

		if (event->first <= last && last <= event->last && !shared->recorded_ns[i])
			shared->recorded_ns[i] = (long long)event->time_ns;
	}
	return 0;
}

/* What the records say of the time before does not count. */
static int read_events(struct controller *controller)
{
	memset(shared->recorded_ns, 0, sizeof(shared->recorded_ns));
	return dmp_nl_events(controller->nl, controller->next_event, note_event, controller);
}

static void say_failure(const struct controller *controller, const char *what, enum how how,
			int error)
{
	if (error)
		complain("%s (%s): %s: %s\n", what, how_names[how], strerrorname_np(-error),
			 dmp_nl_message(controller->nl));
}

static void control_round(struct controller *controller, bool race, enum how how)
{
	shared->race = race;
	meet();
	say_failure(controller, "records", how, read_events(controller));
	meet();
	usleep((useconds_t)(random() % (race ? 12000 : 2000)));
	say_failure(controller, "revoke", how, take_back(controller, how));
	say_failure(controller, "records", how, read_events(controller));
	meet();
	meet();
	say_failure(controller, "restore", how, give_again(controller, how));
}

/* Replacements are signed, which takes time; they are one round in eight. */
static enum how how_of(unsigned long round)
{
	static const enum how hows[] = {
		BY_RANGE, BY_POLICY, BY_RANGE, BY_ALL,
		BY_RANGE, BY_POLICY, BY_RANGE, BY_REPLACEMENT,
	};

	return hows[round % 8];
}

/* One set of processes. Return: 0, or -errno. */
static int run_set(struct controller *controller, unsigned long set)
{
	unsigned int i;
	int turn;

	fflush(stdout);
	for (i = 0; i < WORKERS; i++) {
		pid_t child = fork();

		if (child < 0)
			return -errno;
		if (!child) {
			work(i, controller->address);
			fflush(stdout);
			_exit(0);
		}
	}
	/* Every third set races. */
	for (turn = 0; turn < TURNS; turn++)
		control_round(controller, set % 3 == 2, how_of(set * TURNS + (unsigned long)turn));
	while (wait(NULL) > 0)
		;
	return 0;
}

static int share(void)
{
	pthread_barrierattr_t attributes;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return -errno;
	pthread_barrierattr_init(&attributes);
	pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	return -pthread_barrier_init(&shared->barrier, &attributes, WORKERS + 1);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	struct controller controller = { .next_event = 1 };
	unsigned long set, rounds;
	int ret;

	if (argc != 6)
		return 2;
	controller.address = strtoull(argv[1], NULL, 0);
	rounds = strtoul(argv[2], NULL, 0);
	controller.key = argv[3];
	controller.cert = argv[4];
	controller.serial = strtoull(argv[5], NULL, 0);
	sigaction(SIGBUS, &action, NULL);
	ret = share();
	if (!ret)
		ret = dmp_nl_open(&controller.nl);
	if (!ret)
		ret = replace(&controller, true);
	for (set = 0; !ret && shared->rounds < rounds; set++)
		ret = run_set(&controller, set);
	if (ret) {
		printf("%s: %s\n", strerrorname_np(-ret),
		       controller.nl ? dmp_nl_message(controller.nl) : "");
		return 1;
	}
	dmp_nl_close(controller.nl);
	printf("rounds %lu races %lu touches %lu faults %lu raced-mappings %lu wrong %lu\n",
	       shared->rounds, shared->races, shared->touches, shared->faults,
	       shared->raced_mappings, shared->wrong);
	return shared->wrong ? 1 : 0;
}
