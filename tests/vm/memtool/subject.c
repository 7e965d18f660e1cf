// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * subject.c - on whose behalf the next command is run
 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_GROUPS 32
#define KEEP ((unsigned int)-1)

static int done(const char *what)
{
	printf("%s: ok\n", what);
	return 0;
}

/* The saved id stays 0, so that there is a way back. */
static int do_uid(int count, char **words)
{
	unsigned int real = count > 2 ? (unsigned int)number(words[2]) : KEEP;

	if (count < 2)
		return usage_error("uid");
	if (setresuid(real, (unsigned int)number(words[1]), KEEP))
		return failed("uid");
	return done("uid");
}

static int do_gid(int count, char **words)
{
	unsigned int real = count > 2 ? (unsigned int)number(words[2]) : KEEP;

	if (count < 2)
		return usage_error("gid");
	if (setresgid(real, (unsigned int)number(words[1]), KEEP))
		return failed("gid");
	return done("gid");
}

static int do_groups(int count, char **words)
{
	gid_t groups[MAX_GROUPS];
	size_t used = 0;
	char *group;

	if (count != 2)
		return usage_error("groups");
	if (strcmp(words[1], "none")) {
		for (group = strtok(words[1], ","); group && used < MAX_GROUPS;
		     group = strtok(NULL, ","))
			groups[used++] = (gid_t)number(group);
	}
	if (setgroups(used, groups))
		return failed("groups");
	return done("groups");
}

/* The effective uid gets another name, which means nothing outside. */
static int do_userns(int count, char **words)
{
	unsigned int outside = geteuid();
	int fd, ret;

	if (count != 2)
		return usage_error("userns");
	/* Changing the uid made /proc/self root's. */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) || unshare(CLONE_NEWUSER))
		return failed("userns");
	fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return failed("userns");
	ret = dprintf(fd, "%lu %u 1", number(words[1]), outside) < 0 ? failed("userns") : 0;
	close(fd);
	return ret ? ret : done("userns");
}

static int do_read_implies_exec(int count, char **words)
{
	(void)count;
	(void)words;
	if (personality(READ_IMPLIES_EXEC) < 0)
		return failed("read-implies-exec");
	return done("read-implies-exec");
}

struct job {
	int count;
	char **words;
	int ret;
};

/* The C library would change the ids of all threads. */
static void *in_thread(void *argument)
{
	struct job *job = argument;

	if (syscall(SYS_setresuid, KEEP, (unsigned int)number(job->words[1]), KEEP))
		job->ret = failed("thread");
	else
		job->ret = run_command(job->count - 2, job->words + 2);
	return NULL;
}

static int do_thread(int count, char **words)
{
	struct job job = { .count = count, .words = words };
	pthread_t thread;

	if (count < 3)
		return usage_error("thread");
	errno = pthread_create(&thread, NULL, in_thread, &job);
	if (errno)
		return failed("thread");
	pthread_join(thread, NULL);
	return job.ret;
}

static int do_fork(int count, char **words)
{
	int status;
	pid_t child;

	(void)count;
	(void)words;
	child = fork();
	if (child < 0)
		return failed("fork");
	if (child > 0) {
		waitpid(child, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	return done("fork");
}

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr header;
};

static int send_descriptor(int socket_fd, int fd)
{
	char byte = 0;
	struct iovec vector = { .iov_base = &byte, .iov_len = 1 };
	union control control = { 0 };
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(socket_fd, &message, 0) == 1 ? 0 : -errno;
}

static int receive_descriptor(int socket_fd)
{
	char byte;
	struct iovec vector = { .iov_base = &byte, .iov_len = 1 };
	union control control = { 0 };
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	int fd;

	if (recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC) != 1 ||
	    control.header.cmsg_type != SCM_RIGHTS)
		return -EIO;
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

/* Nothing of the parent's is left but what it sends. */
static int as_receiver(int socket_fd, int count, char **words)
{
	unsigned int uid = (unsigned int)number(words[1]);

	close(mem_fd);
	mem_fd = receive_descriptor(socket_fd);
	if (mem_fd < 0 || setgroups(0, NULL) || setresuid(uid, uid, uid))
		return failed("pass");
	return run_command(count - 2, words + 2);
}

static int do_pass(int count, char **words)
{
	int sockets[2], status;
	pid_t child;

	if (count < 3)
		return usage_error("pass");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		return failed("socketpair");
	child = fork();
	if (!child)
		_exit(as_receiver(sockets[1], count, words) ? 1 : 0);
	if (child < 0 || send_descriptor(sockets[0], mem_fd))
		failed("pass");
	close(sockets[0]);
	close(sockets[1]);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return -ECHILD;
	return status ? -EIO : 0;
}

static int do_sleep(int count, char **words)
{
	if (count != 2)
		return usage_error("sleep");
	usleep((useconds_t)(1000 * number(words[1])));
	return 0;
}

const struct command subject_commands[] = {
	{ "uid", do_uid },
	{ "gid", do_gid },
	{ "groups", do_groups },
	{ "userns", do_userns },
	{ "read-implies-exec", do_read_implies_exec },
	{ "thread", do_thread },
	{ "fork", do_fork },
	{ "pass", do_pass },
	{ "sleep", do_sleep },
	{ NULL, NULL },
};
