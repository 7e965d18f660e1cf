// SPDX-License-Identifier: GPL-2.0-or-later
#include "pulse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "notify.h"
#include "wait.h"

/* Without a proof nothing is granted, so try more often than is asked for. */
#define RETRY_MS 2000
#define HEARTBEAT_MS_DEFAULT 5000
#define HEARTBEAT_MS_MIN 50
/* How often the service manager hears something, when it does not ask for more. */
#define SIGN_MS 1000
/* The watched thread goes round every second; not in time is something else. */
#define TURN_MS_MIN 2500
/* Waiting is worth mentioning after so long. */
#define WAITING_MS 5000

enum condition { UNKNOWN, PROVEN, UNPROVEN, WAITING };

/* What only the thread itself knows. */
struct round {
	uint64_t heartbeat_ms; /* the next is due then */
	uint64_t sign_ms; /* as is the next sign of life */
	uint64_t waited_ms; /* the watched thread was seen waiting last */
	enum condition told;
};

/* --- the watched thread ----------------------------------------------------- */

bool dmp_task_waits(pid_t thread)
{
	char path[64], text[512];
	const char *state;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", thread);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	/* Behind the program's name, which may have brackets itself: ") D". */
	state = strrchr(text, ')');
	return state && !strncmp(state, ") D", 3);
}

/* How long it has not gone round. */
static uint64_t stopped_ms(struct dmp_pulse *pulse)
{
	uint64_t turned;

	pthread_mutex_lock(&pulse->lock);
	turned = pulse->turned_ms;
	pthread_mutex_unlock(&pulse->lock);
	return turned ? dmp_now_ms() - turned : 0;
}

/* --- signs of life ---------------------------------------------------------- */

static uint64_t sign_interval_ms(void)
{
	uint64_t watchdog = dmp_notify_watchdog_ms();

	return watchdog && watchdog / 4 < SIGN_MS ? watchdog / 4 + 1 : SIGN_MS;
}

static void tell_condition(struct dmp_pulse *pulse, struct round *round, bool waiting)
{
	static const char *const words[] = {
		[PROVEN] = "Auditor, probes proven to work",
		[UNPROVEN] = "Auditor, probes not proven to work",
		[WAITING] = "Auditor, waiting for a disk",
	};
	enum condition condition = UNPROVEN;
	uint32_t heartbeat_ms;

	if (waiting)
		condition = WAITING;
	else if (dmp_auditor_state(pulse->auditor, &heartbeat_ms))
		condition = PROVEN;
	if (condition != round->told)
		dmp_notify("STATUS=%s", words[condition]);
	round->told = condition;
}

static void give_sign(struct dmp_pulse *pulse, struct round *round)
{
	uint64_t watchdog = dmp_notify_watchdog_ms(), stopped = stopped_ms(pulse);
	bool waits = dmp_task_waits(pulse->watched);

	tell_condition(pulse, round, waits && stopped >= WAITING_MS);
	if (waits)
		round->waited_ms = dmp_now_ms();
	/* What it waited for it has to work off, before it goes round again. */
	if (stopped > dmp_now_ms() - round->waited_ms)
		stopped = dmp_now_ms() - round->waited_ms;
	if (watchdog && stopped < (watchdog > TURN_MS_MIN ? watchdog : TURN_MS_MIN))
		dmp_notify("WATCHDOG=1");
}

/* --- heartbeats ------------------------------------------------------------- */

static uint64_t interval_ms(struct dmp_pulse *pulse)
{
	uint32_t ms;
	bool proven = dmp_auditor_state(pulse->auditor, &ms);

	if (!ms)
		ms = HEARTBEAT_MS_DEFAULT;
	if (ms < HEARTBEAT_MS_MIN)
		ms = HEARTBEAT_MS_MIN;
	return proven || ms < RETRY_MS ? ms : RETRY_MS;
}

/* What went wrong is for the watched thread to judge, and that it has passed. */
static void beat(struct dmp_pulse *pulse)
{
	struct dmp_fault fault;
	bool news;

	dmp_auditor_heartbeat(pulse->auditor, &fault);
	pthread_mutex_lock(&pulse->lock);
	news = fault.error || pulse->fault.error;
	pulse->fault = fault;
	pthread_mutex_unlock(&pulse->lock);
	if (news)
		eventfd_write(pulse->fd, 1);
}

/* --- the thread ------------------------------------------------------------- */

/* Return: whether to go on. */
static bool wait_until(struct dmp_pulse *pulse, uint64_t ms)
{
	const struct timespec time = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000) * 1000000,
	};
	bool ending;
	int ret = 0;

	pthread_mutex_lock(&pulse->lock);
	while (!pulse->ending && !ret)
		ret = pthread_cond_timedwait(&pulse->wake, &pulse->lock, &time);
	ending = pulse->ending;
	pthread_mutex_unlock(&pulse->lock);
	return !ending;
}

static void *run(void *arg)
{
	struct dmp_pulse *pulse = arg;
	struct round round = { .heartbeat_ms = dmp_now_ms() + interval_ms(pulse) };

	do {
		if (dmp_now_ms() >= round.heartbeat_ms) {
			beat(pulse);
			round.heartbeat_ms = dmp_now_ms() + interval_ms(pulse);
		}
		if (dmp_now_ms() >= round.sign_ms) {
			give_sign(pulse, &round);
			round.sign_ms = dmp_now_ms() + sign_interval_ms();
		}
	} while (wait_until(pulse, round.heartbeat_ms < round.sign_ms ? round.heartbeat_ms :
									 round.sign_ms));
	return NULL;
}

static void make_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

int dmp_pulse_start(struct dmp_pulse *pulse, struct dmp_auditor *auditor)
{
	int ret;

	memset(pulse, 0, sizeof(*pulse));
	pulse->auditor = auditor;
	pulse->watched = gettid();
	pulse->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pulse->fd < 0)
		return -errno;
	pthread_mutex_init(&pulse->lock, NULL);
	make_condition(&pulse->wake);
	ret = pthread_create(&pulse->thread, NULL, run, pulse);
	pulse->running = !ret;
	if (ret)
		close(pulse->fd);
	return -ret;
}

void dmp_pulse_stop(struct dmp_pulse *pulse)
{
	if (!pulse->running)
		return;
	pthread_mutex_lock(&pulse->lock);
	pulse->ending = true;
	pthread_cond_signal(&pulse->wake);
	pthread_mutex_unlock(&pulse->lock);
	pthread_join(pulse->thread, NULL);
	close(pulse->fd);
	pulse->running = false;
}

void dmp_pulse_turn(struct dmp_pulse *pulse)
{
	pthread_mutex_lock(&pulse->lock);
	pulse->turned_ms = dmp_now_ms();
	pthread_mutex_unlock(&pulse->lock);
}

void dmp_pulse_take(struct dmp_pulse *pulse, struct dmp_fault *fault)
{
	eventfd_t count;

	eventfd_read(pulse->fd, &count);
	pthread_mutex_lock(&pulse->lock);
	*fault = pulse->fault;
	pthread_mutex_unlock(&pulse->lock);
}
