/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * auditor.h - being the auditor, and proving again and again that the probes
 * work
 *
 * The proof is a handshake: the kernel names a page of its own, which only a
 * working probe shows to this process through /dev/mem.
 */
#ifndef DEVMEM_POLICY_AUDITOR_H
#define DEVMEM_POLICY_AUDITOR_H

#include <pthread.h>
#include <stdbool.h>

#include "netlink.h"

/* A request that failed: the -errno, and the kernel's sentence or "". */
struct dmp_fault {
	int error;
	char sentence[512];
};

struct dmp_auditor {
	pthread_mutex_t lock; /* all that follows, as soon as there are two threads */
	struct dmp_nl *nl; /* for this alone */
	const char *device;
	int fd; /* of the device */
	uint32_t heartbeat_ms; /* as the kernel asks */
	bool proven;
	char complaint[768]; /* what was said last; "" when all is well */
};

/*
 * dmp_auditor_open() - open the device
 *
 * Return: 0, or -errno after having said what is wrong; -EPERM and -EACCES mean
 * that rights are missing or that lockdown forbids it.
 */
int dmp_auditor_open(struct dmp_auditor *auditor, const char *device);
void dmp_auditor_close(struct dmp_auditor *auditor);

/*
 * dmp_auditor_attach() - become auditor on a handle, and prove
 * @fault: gets what went wrong; these two may be called by any thread
 * dmp_auditor_heartbeat() - prove again
 *
 * Whether the proof succeeded is in dmp_auditor_state(), and was said when it
 * changed; a failed one is worth another try later, so it is no error.
 *
 * Return: 0; -EBUSY: there is another auditor; -ENOTCONN: this handle is
 * not the auditor's any more; -EPERM, -ENOENT and others as in netlink.h.
 */
int dmp_auditor_attach(struct dmp_auditor *auditor, struct dmp_nl *nl,
		       struct dmp_fault *fault);
int dmp_auditor_heartbeat(struct dmp_auditor *auditor, struct dmp_fault *fault);

/*
 * dmp_auditor_acknowledge() - every record up to this one is durable
 *
 * Return: 0; -ERANGE when somebody else did so; -ENOTCONN; or -errno, and what
 * makes no sense without the kernel's sentence was said.
 */
int dmp_auditor_acknowledge(struct dmp_auditor *auditor, uint64_t sequence);

/* dmp_auditor_detach() - nothing more is granted */
void dmp_auditor_detach(struct dmp_auditor *auditor);

/*
 * dmp_auditor_state() - are the probes proven to work now?
 * @heartbeat_ms: gets how often the kernel asks for that; 0: not known yet
 */
bool dmp_auditor_state(struct dmp_auditor *auditor, uint32_t *heartbeat_ms);

#define DMP_FTRACE_SWITCH "/proc/sys/kernel/ftrace_enabled"
#define DMP_KPROBES_SWITCH "/sys/kernel/debug/kprobes/enabled"

/*
 * dmp_probe_switches() - which switch is known to silence the probes now?
 * @ftrace: path of the sysctl kernel.ftrace_enabled
 * @kprobes: path of debugfs kprobes/enabled
 * @text: gets a sentence that names the switch and how to mend it, or ""
 *
 * Files that cannot be read tell nothing.
 */
void dmp_probe_switches(const char *ftrace, const char *kprobes, char *text,
			size_t size);

#endif /* DEVMEM_POLICY_AUDITOR_H */
