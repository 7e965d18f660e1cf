// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The handshake against a kernel of this file's own, with a file in the place of
 * /dev/mem: what is proven, what is said, and what the service manager is told.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#include "daemon/auditor.h"
#include "daemon/notify.h"
#include "daemon/pulse.h"
#include "scratch.h"

static struct {
	struct dmp_challenge challenge;
	atomic_uint challenges; /* that were made */
	int attach_error;
	int challenge_error;
	int prove_error;
	const char *sentence;
	uint8_t proof[64];
	size_t proof_bytes;
} kernel;

const char *dmp_nl_message(const struct dmp_nl *nl)
{
	(void)nl;
	return kernel.sentence;
}

int dmp_nl_attach(struct dmp_nl *nl, struct dmp_challenge *challenge)
{
	(void)nl;
	*challenge = kernel.challenge;
	return kernel.attach_error;
}

int dmp_nl_challenge(struct dmp_nl *nl, struct dmp_challenge *challenge)
{
	(void)nl;
	*challenge = kernel.challenge;
	kernel.challenges++;
	return kernel.challenge_error;
}

int dmp_nl_prove(struct dmp_nl *nl, const void *proof, size_t bytes)
{
	(void)nl;
	assert_true(bytes <= sizeof(kernel.proof));
	memcpy(kernel.proof, proof, bytes);
	kernel.proof_bytes = bytes;
	return kernel.prove_error;
}

int dmp_nl_ack(struct dmp_nl *nl, uint64_t sequence)
{
	(void)nl;
	(void)sequence;
	return -ENOTCONN;
}

int dmp_nl_detach(struct dmp_nl *nl)
{
	(void)nl;
	return 0;
}

static struct dmp_auditor auditor;
static struct dmp_fault fault;
static char device[SCRATCH_PATH_SIZE];

static int setup(void **state)
{
	uint8_t memory[8192];

	(void)state;
	for (size_t i = 0; i < sizeof(memory); i++)
		memory[i] = (uint8_t)(i / 7);
	overwrite_scratch("mem", memory, sizeof(memory));
	strcpy(device, in_scratch("mem"));
	memset(&kernel, 0, sizeof(kernel));
	kernel.sentence = "";
	kernel.challenge.address = 4096;
	kernel.challenge.bytes = 32;
	kernel.challenge.heartbeat_ms = 700;
	return dmp_auditor_open(&auditor, device);
}

static int teardown(void **state)
{
	(void)state;
	dmp_auditor_close(&auditor);
	return 0;
}

static void test_the_page_is_handed_back(void **state)
{
	(void)state;
	assert_int_equal(dmp_auditor_attach(&auditor, NULL, &fault), 0);
	assert_true(auditor.proven);
	assert_int_equal(auditor.heartbeat_ms, 700);
	assert_int_equal(kernel.proof_bytes, 32);
	for (size_t i = 0; i < 32; i++)
		assert_int_equal(kernel.proof[i], (uint8_t)((4096 + i) / 7));
	kernel.challenge.address = 0;
	assert_int_equal(dmp_auditor_heartbeat(&auditor, &fault), 0);
	assert_int_equal(kernel.proof[7], 1);
}

static void test_no_probe_fires(void **state)
{
	(void)state;
	kernel.prove_error = -EIO;
	kernel.sentence = "kprobes are switched off";
	/* As a page that is refused: nothing can be read there. */
	kernel.challenge.address = 8192;
	assert_int_equal(dmp_auditor_attach(&auditor, NULL, &fault), 0);
	assert_false(auditor.proven);
	/* The kernel was asked all the same, for its sentence. */
	assert_int_equal(kernel.proof_bytes, 32);
	assert_non_null(strstr(auditor.complaint, "kprobes are switched off"));
	assert_non_null(strstr(auditor.complaint, "reading the page from"));

	kernel.prove_error = 0;
	kernel.challenge.address = 4096;
	assert_int_equal(dmp_auditor_heartbeat(&auditor, &fault), 0);
	assert_true(auditor.proven);
	assert_string_equal(auditor.complaint, "");

	kernel.prove_error = -EPROTO;
	kernel.sentence = "wrong bytes";
	assert_int_equal(dmp_auditor_heartbeat(&auditor, &fault), 0);
	assert_false(auditor.proven);
	assert_non_null(strstr(auditor.complaint, "wrong bytes"));
}

static void test_errors_that_are_no_proof(void **state)
{
	(void)state;
	kernel.attach_error = -EBUSY;
	kernel.sentence = "process 7 is auditor already";
	assert_int_equal(dmp_auditor_attach(&auditor, NULL, &fault), -EBUSY);
	assert_false(auditor.proven);
	assert_int_equal(fault.error, -EBUSY);
	assert_string_equal(fault.sentence, "process 7 is auditor already");
	kernel.attach_error = 0;
	assert_int_equal(dmp_auditor_attach(&auditor, NULL, &fault), 0);
	assert_true(auditor.proven);
	kernel.challenge_error = -ENOTCONN;
	assert_int_equal(dmp_auditor_heartbeat(&auditor, &fault), -ENOTCONN);
	assert_false(auditor.proven);
}

static void test_challenge_that_makes_no_sense(void **state)
{
	(void)state;
	kernel.challenge.bytes = 0;
	assert_int_equal(dmp_auditor_attach(&auditor, NULL, &fault), -EPROTO);
	kernel.challenge.bytes = 1 << 20;
	assert_int_equal(dmp_auditor_attach(&auditor, NULL, &fault), -EPROTO);
	assert_int_equal(kernel.proof_bytes, 0);
}

static void test_missing_device(void **state)
{
	struct dmp_auditor other;

	(void)state;
	assert_int_equal(dmp_auditor_open(&other, in_scratch("nothing")), -ENOENT);
}

static void test_switches(void **state)
{
	char ftrace[SCRATCH_PATH_SIZE], kprobes[SCRATCH_PATH_SIZE], text[300];

	(void)state;
	overwrite_scratch("ftrace", "1\n", 2);
	overwrite_scratch("kprobes", "1\n", 2);
	strcpy(ftrace, in_scratch("ftrace"));
	strcpy(kprobes, in_scratch("kprobes"));
	dmp_probe_switches(ftrace, kprobes, text, sizeof(text));
	assert_string_equal(text, "");
	overwrite_scratch("ftrace", "0\n", 2);
	dmp_probe_switches(ftrace, kprobes, text, sizeof(text));
	assert_non_null(strstr(text, ftrace));
	assert_non_null(strstr(text, "sysctl kernel.ftrace_enabled=1"));
	overwrite_scratch("kprobes", "0\n", 2);
	dmp_probe_switches(ftrace, kprobes, text, sizeof(text));
	assert_non_null(strstr(text, kprobes));
	dmp_probe_switches("/nonexistent", "/nonexistent", text, sizeof(text));
	assert_string_equal(text, "");
}

static void test_service_manager(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char text[600];
	ssize_t got;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_true(fd >= 0);
	strcpy(address.sun_path, in_scratch("notify"));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	unsetenv("NOTIFY_SOCKET");
	dmp_notify("READY=%d", 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	dmp_notify("READY=%d", 1);
	got = recv(fd, text, sizeof(text) - 1, 0);
	assert_true(got > 0);
	text[got] = '\0';
	assert_string_equal(text, "READY=1");
	dmp_notify_reloading();
	got = recv(fd, text, sizeof(text) - 1, 0);
	assert_true(got > 0);
	text[got] = '\0';
	assert_int_equal(strncmp(text, "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
	assert_true(atoll(text + 27) > 0);
	close(fd);
}

static void test_watchdog(void **state)
{
	char pid[16];

	(void)state;
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(dmp_notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(dmp_notify_watchdog_ms(), 30000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(dmp_notify_watchdog_ms(), 0);
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(dmp_notify_watchdog_ms(), 30000);
	setenv("WATCHDOG_USEC", "700", 1);
	assert_int_equal(dmp_notify_watchdog_ms(), 1);
	setenv("WATCHDOG_USEC", "no number", 1);
	assert_int_equal(dmp_notify_watchdog_ms(), 0);
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}

/* --- the thread ------------------------------------------------------------- */

static struct dmp_pulse pulse;
static int manager; /* the service manager's socket */

static int start_pulse(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (setup(state))
		return -1;
	kernel.challenge.heartbeat_ms = 50;
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	strcpy(address.sun_path, in_scratch("manager"));
	unlink(address.sun_path);
	if (bind(manager, (struct sockaddr *)&address, sizeof(address)))
		return -1;
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	setenv("WATCHDOG_USEC", "400000", 1);
	if (dmp_auditor_attach(&auditor, NULL, &fault))
		return -1;
	return dmp_pulse_start(&pulse, &auditor);
}

static int stop_pulse(void **state)
{
	dmp_pulse_stop(&pulse);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	close(manager);
	return teardown(state);
}

/* How many datagrams of this text have come, and none of them is left. */
static unsigned int told(const char *wanted)
{
	unsigned int count = 0;
	char text[600];
	ssize_t got;

	while ((got = recv(manager, text, sizeof(text) - 1, 0)) >= 0) {
		text[got] = '\0';
		count += !strcmp(text, wanted);
	}
	return count;
}

static bool has_news(int timeout_ms)
{
	struct pollfd poll_fd = { .fd = pulse.fd, .events = POLLIN };

	return poll(&poll_fd, 1, timeout_ms) == 1;
}

/* This thread sleeps, as one that waits for a disk: heartbeats and signs go on. */
static void test_heartbeats_go_on(void **state)
{
	unsigned int signs;

	(void)state;
	usleep(1000000);
	/* Fewer than 20, and than 9, on a machine that is busy. */
	assert_in_range(kernel.challenges, 5, 20);
	signs = told("WATCHDOG=1");
	assert_in_range(signs, 3, 11);
	assert_false(has_news(0));
}

static void test_failures_are_handed_over(void **state)
{
	struct dmp_fault news;

	(void)state;
	kernel.sentence = "attach first";
	kernel.challenge_error = -ENOTCONN;
	assert_true(has_news(5000));
	dmp_pulse_take(&pulse, &news);
	assert_int_equal(news.error, -ENOTCONN);
	assert_string_equal(news.sentence, "attach first");
	kernel.challenge_error = 0;
	/* That it works again is news, too, and then there is none any more. */
	while (has_news(1000))
		dmp_pulse_take(&pulse, &news);
	assert_int_equal(news.error, 0);
	assert_string_equal(news.sentence, "");
}

/* The watched thread went round and stopped, but does not wait for any disk. */
static void test_signs_end_when_nothing_turns(void **state)
{
	(void)state;
	dmp_pulse_turn(&pulse);
	usleep(1000000);
	assert_true(told("WATCHDOG=1") > 0);
	usleep(2500000);
	told("");
	usleep(500000);
	assert_int_equal(told("WATCHDOG=1"), 0);
	/* What the module sees is another matter: its ring may have room. */
	assert_true(kernel.challenges > 10);
	dmp_pulse_turn(&pulse);
	usleep(500000);
	assert_true(told("WATCHDOG=1") > 0);
}

/* This thread waits uninterruptibly, and has much to do afterwards. */
static void test_signs_go_on_after_waiting(void **state)
{
	(void)state;
	dmp_pulse_turn(&pulse);
	if (!vfork()) {
		usleep(3500000);
		_exit(0);
	}
	told("");
	usleep(1000000);
	assert_true(told("WATCHDOG=1") > 0);
	/* But not for ever */
	usleep(2500000);
	told("");
	usleep(500000);
	assert_int_equal(told("WATCHDOG=1"), 0);
}

static void test_condition_is_told_once(void **state)
{
	(void)state;
	usleep(400000);
	assert_int_equal(told("STATUS=Auditor, probes proven to work"), 1);
	kernel.prove_error = -EIO;
	usleep(600000);
	assert_int_equal(told("STATUS=Auditor, probes not proven to work"), 1);
	usleep(400000);
	assert_int_equal(told("STATUS=Auditor, probes not proven to work"), 0);
}

static void *wait_in_kernel(void *thread)
{
	*(_Atomic pid_t *)thread = gettid();
	/* Until the child is gone; the kernel lets nothing but SIGKILL disturb that. */
	if (!vfork()) {
		usleep(600000);
		_exit(0);
	}
	return NULL;
}

static void test_waiting(void **state)
{
	_Atomic pid_t thread = 0;
	pthread_t handle;

	(void)state;
	assert_false(dmp_task_waits(gettid()));
	assert_false(dmp_task_waits(1));
	assert_int_equal(pthread_create(&handle, NULL, wait_in_kernel, &thread), 0);
	usleep(300000);
	assert_true(dmp_task_waits(thread));
	assert_int_equal(pthread_join(handle, NULL), 0);
	assert_false(dmp_task_waits(thread));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_page_is_handed_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_probe_fires, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors_that_are_no_proof, setup, teardown),
		cmocka_unit_test_setup_teardown(test_challenge_that_makes_no_sense, setup,
						teardown),
		cmocka_unit_test(test_missing_device),
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_service_manager),
		cmocka_unit_test(test_watchdog),
		cmocka_unit_test_setup_teardown(test_heartbeats_go_on, start_pulse, stop_pulse),
		cmocka_unit_test_setup_teardown(test_failures_are_handed_over, start_pulse,
						stop_pulse),
		cmocka_unit_test_setup_teardown(test_signs_end_when_nothing_turns, start_pulse,
						stop_pulse),
		cmocka_unit_test_setup_teardown(test_signs_go_on_after_waiting, start_pulse,
						stop_pulse),
		cmocka_unit_test_setup_teardown(test_condition_is_told_once, start_pulse,
						stop_pulse),
		cmocka_unit_test(test_waiting),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
