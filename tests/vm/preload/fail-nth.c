// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fail-nth.so - one allocation fails in the kernel's part of what a program sends
 *
 * For LD_PRELOAD: allocation number FAIL_NTH of all that sendmsg(2) does. When the
 * program ends, the file FAIL_NTH_SAID says "failed", or "beyond" when there were not
 * as many. The kernel has to have fault injection.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail_nth = -1;
static unsigned long left;

static void arm(unsigned long n)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%lu", n);

	if (pwrite(fail_nth, text, (size_t)length, 0) != length)
		abort();
}

static void disarm(void)
{
	char text[24] = "";

	if (pread(fail_nth, text, sizeof(text) - 1, 0) < 0)
		abort();
	left = strtoul(text, NULL, 10);
	arm(0);
}

__attribute__((constructor)) static void begin(void)
{
	const char *n = getenv("FAIL_NTH");

	left = n ? strtoul(n, NULL, 10) : 0;
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (!left || fail_nth < 0)
		abort();
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("FAIL_NTH_SAID");
	FILE *said = path ? fopen(path, "we") : NULL;

	if (!said)
		return;
	fputs(left ? "beyond\n" : "failed\n", said);
	fclose(said);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	ssize_t ret;

	if (left)
		arm(left);
	ret = syscall(SYS_sendmsg, fd, message, flags);
	if (left)
		disarm();
	return ret;
}
