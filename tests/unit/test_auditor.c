// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The handshake against a kernel of this file's own, with a file in the place of
 * /dev/mem: what is proven, what is said, and what the service manager is told.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#include "daemon/auditor.h"
#include "daemon/notify.h"
#include "scratch.h"

static struct {
	struct dmp_challenge challenge;
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

static struct dmp_auditor auditor;
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
	assert_int_equal(dmp_auditor_attach(&auditor, NULL), 0);
	assert_true(auditor.proven);
	assert_int_equal(auditor.heartbeat_ms, 700);
	assert_int_equal(kernel.proof_bytes, 32);
	for (size_t i = 0; i < 32; i++)
		assert_int_equal(kernel.proof[i], (uint8_t)((4096 + i) / 7));
	kernel.challenge.address = 0;
	assert_int_equal(dmp_auditor_heartbeat(&auditor), 0);
	assert_int_equal(kernel.proof[7], 1);
}

static void test_no_probe_fires(void **state)
{
	(void)state;
	kernel.prove_error = -EIO;
	kernel.sentence = "kprobes are switched off";
	/* As a page that is refused: nothing can be read there. */
	kernel.challenge.address = 8192;
	assert_int_equal(dmp_auditor_attach(&auditor, NULL), 0);
	assert_false(auditor.proven);
	/* The kernel was asked all the same, for its sentence. */
	assert_int_equal(kernel.proof_bytes, 32);
	assert_non_null(strstr(auditor.complaint, "kprobes are switched off"));
	assert_non_null(strstr(auditor.complaint, "reading the page from"));

	kernel.prove_error = 0;
	kernel.challenge.address = 4096;
	assert_int_equal(dmp_auditor_heartbeat(&auditor), 0);
	assert_true(auditor.proven);
	assert_string_equal(auditor.complaint, "");

	kernel.prove_error = -EPROTO;
	kernel.sentence = "wrong bytes";
	assert_int_equal(dmp_auditor_heartbeat(&auditor), 0);
	assert_false(auditor.proven);
	assert_non_null(strstr(auditor.complaint, "wrong bytes"));
}

static void test_errors_that_are_no_proof(void **state)
{
	(void)state;
	kernel.attach_error = -EBUSY;
	assert_int_equal(dmp_auditor_attach(&auditor, NULL), -EBUSY);
	assert_false(auditor.proven);
	kernel.attach_error = 0;
	assert_int_equal(dmp_auditor_attach(&auditor, NULL), 0);
	assert_true(auditor.proven);
	kernel.challenge_error = -ENOTCONN;
	assert_int_equal(dmp_auditor_heartbeat(&auditor), -ENOTCONN);
	assert_false(auditor.proven);
}

static void test_challenge_that_makes_no_sense(void **state)
{
	(void)state;
	kernel.challenge.bytes = 0;
	assert_int_equal(dmp_auditor_attach(&auditor, NULL), -EPROTO);
	kernel.challenge.bytes = 1 << 20;
	assert_int_equal(dmp_auditor_attach(&auditor, NULL), -EPROTO);
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
	assert_false(dmp_notify_watchdog());
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_true(dmp_notify_watchdog());
	setenv("WATCHDOG_PID", "1", 1);
	assert_false(dmp_notify_watchdog());
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_true(dmp_notify_watchdog());
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
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
