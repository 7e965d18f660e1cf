// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * supervise WATCHDOG_MS COMMAND... - a service manager of one service, in small
 *
 * Runs the command with a notification socket and a watchdog, as sd_notify(3) says.
 * When no WATCHDOG=1 comes for so long, once it was ready, it gets SIGABRT; when it
 * ends it is started again. Prints a line for each event, with the time since boot in
 * milliseconds in front, and goes on until SIGTERM, which it passes on first:
 *
 *   started PID, ready, status TEXT, silent MILLISECONDS, ended STATUS|SIGNAL
 *   longest MILLISECONDS      at the end: between two signs of life, none missed
 */
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 20
#define RESTART_US 100000

static volatile sig_atomic_t stopped;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

struct service {
	char **command;
	int socket;
	pid_t pid;
	long long watchdog_ms;
	long long sign_ms; /* the last one; 0: not ready yet */
	long long longest_ms;
	bool aborted;
};

static int open_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int length = snprintf(address.sun_path, sizeof(address.sun_path), "@supervise-%d",
			      getpid());

	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	address.sun_path[0] = '\0';
	if (fd < 0 || bind(fd, (struct sockaddr *)&address,
			   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length)))
		return -1;
	return fd;
}

static void start(struct service *service)
{
	char number[32];

	service->sign_ms = 0;
	service->aborted = false;
	service->pid = fork();
	if (!service->pid) {
		snprintf(number, sizeof(number), "%lld", service->watchdog_ms * 1000);
		setenv("WATCHDOG_USEC", number, 1);
		snprintf(number, sizeof(number), "%d", getpid());
		setenv("WATCHDOG_PID", number, 1);
		execvp(service->command[0], service->command);
		_exit(127);
	}
	printf("%lld started %d\n", now_ms(), service->pid);
}

static void take_sign(struct service *service)
{
	long long now = now_ms();

	if (service->sign_ms && now - service->sign_ms > service->longest_ms)
		service->longest_ms = now - service->sign_ms;
	if (service->sign_ms)
		service->sign_ms = now;
}

static void take_line(struct service *service, const char *line)
{
	if (!strncmp(line, "STATUS=", 7))
		printf("%lld status %s\n", now_ms(), line + 7);
	if (!strcmp(line, "READY=1")) {
		service->sign_ms = now_ms();
		printf("%lld ready\n", service->sign_ms);
	}
	if (!strcmp(line, "WATCHDOG=1"))
		take_sign(service);
}

static void take_datagram(struct service *service)
{
	char text[1024], *line, *rest = text;
	ssize_t got = recv(service->socket, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (got < 0)
		return;
	text[got] = '\0';
	while ((line = strsep(&rest, "\n")))
		take_line(service, line);
}

static void watch(struct service *service)
{
	long long silent = now_ms() - service->sign_ms;

	if (!service->sign_ms || service->aborted || silent <= service->watchdog_ms)
		return;
	printf("%lld silent %lld\n", now_ms(), silent);
	service->aborted = true;
	/* A process that is stopped has to go on in order to die. */
	kill(service->pid, SIGABRT);
	kill(service->pid, SIGCONT);
}

/* Return: whether it has ended. */
static bool reap(const struct service *service)
{
	int status;

	if (waitpid(service->pid, &status, WNOHANG) != service->pid)
		return false;
	if (WIFSIGNALED(status))
		printf("%lld ended SIG%s\n", now_ms(), sigabbrev_np(WTERMSIG(status)));
	else
		printf("%lld ended %d\n", now_ms(), WEXITSTATUS(status));
	return true;
}

static void run(struct service *service)
{
	struct pollfd poll_fd = { .fd = service->socket, .events = POLLIN };
	bool told = false;

	start(service);
	for (;;) {
		if (poll(&poll_fd, 1, POLL_MS) == 1)
			take_datagram(service);
		if (stopped && !told) {
			kill(service->pid, SIGTERM);
			told = true;
		}
		watch(service);
		if (!reap(service))
			continue;
		if (stopped)
			break;
		usleep(RESTART_US);
		start(service);
	}
	printf("%lld longest %lld\n", now_ms(), service->longest_ms);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_stop };
	struct service service = { .command = argv + 2 };

	if (argc < 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	service.watchdog_ms = atoll(argv[1]);
	service.socket = open_socket();
	if (service.socket < 0 || service.watchdog_ms <= 0)
		return 2;
	sigaction(SIGTERM, &action, NULL);
	run(&service);
	return 0;
}
