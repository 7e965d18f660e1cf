// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drop HOW COMMAND [ARGUMENT]... - run a command with fewer rights
 *
 *   nobody     uid and gid 65534, no capability
 *   userns     root of a new user namespace, with all its capabilities
 *   netns      a new network namespace
 *   rawio      root with only CAP_SYS_RAWIO
 *   netadmin   root with only CAP_NET_ADMIN
 *   sysadmin   root with only CAP_SYS_ADMIN
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done;

	if (fd < 0)
		return -errno;
	done = write(fd, text, strlen(text));
	close(fd);
	return done < 0 ? -EIO : 0;
}

static int enter_userns(void)
{
	if (unshare(CLONE_NEWUSER))
		return -errno;
	put("/proc/self/setgroups", "deny");
	put("/proc/self/gid_map", "0 0 1");
	return put("/proc/self/uid_map", "0 0 1");
}

static int become_nobody(void)
{
	if (setgroups(0, NULL) || setresgid(65534, 65534, 65534) ||
	    setresuid(65534, 65534, 65534))
		return -errno;
	return 0;
}

static int keep_capability(unsigned int capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };

	/* Without this, exec by uid 0 would bring all of them back. */
	if (prctl(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0))
		return -errno;
	data[capability / 32].permitted = 1u << capability % 32;
	data[capability / 32].effective = 1u << capability % 32;
	data[capability / 32].inheritable = 1u << capability % 32;
	if (syscall(SYS_capset, &header, data))
		return -errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))
		return -errno;
	return 0;
}

static int drop(const char *how)
{
	if (!strcmp(how, "nobody"))
		return become_nobody();
	if (!strcmp(how, "userns"))
		return enter_userns();
	if (!strcmp(how, "netns"))
		return unshare(CLONE_NEWNET) ? -errno : 0;
	if (!strcmp(how, "rawio"))
		return keep_capability(CAP_SYS_RAWIO);
	if (!strcmp(how, "netadmin"))
		return keep_capability(CAP_NET_ADMIN);
	if (!strcmp(how, "sysadmin"))
		return keep_capability(CAP_SYS_ADMIN);
	return -EINVAL;
}

int main(int argc, char **argv)
{
	int ret;

	if (argc < 3)
		return 125;
	ret = drop(argv[1]);
	if (ret) {
		fprintf(stderr, "drop: %s: %s\n", argv[1], strerror(-ret));
		return 125;
	}
	execvp(argv[2], argv + 2);
	perror("drop: exec");
	return 125;
}
