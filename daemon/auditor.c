// SPDX-License-Identifier: GPL-2.0-or-later
#include "auditor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

#define LOCKDOWN_STATE "/sys/kernel/security/lockdown"

/* What the module offers at most; more would be another protocol. */
#define PROOF_BYTES_MAX 4096

/* Return: the first byte of a file, or -1. */
static int first_byte(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char byte;
	ssize_t got;

	if (fd < 0)
		return -1;
	got = read(fd, &byte, 1);
	close(fd);
	return got == 1 ? byte : -1;
}

void dmp_probe_switches(const char *ftrace, const char *kprobes, char *text, size_t size)
{
	text[0] = '\0';
	if (first_byte(kprobes) == '0')
		snprintf(text, size, "%s is 0: write 1 to it", kprobes);
	else if (first_byte(ftrace) == '0')
		snprintf(text, size, "%s is 0: sysctl kernel.ftrace_enabled=1", ftrace);
}

/* --- the device ------------------------------------------------------------- */

/* "none [integrity] confidentiality": the brackets mark what is in force. */
static bool locked_down(void)
{
	char text[128];
	int fd = open(LOCKDOWN_STATE, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return false;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	return !strstr(text, "[none]");
}

static const char *open_hint(int error)
{
	if (error != EPERM && error != EACCES)
		return "";
	if (locked_down())
		return "; the kernel is locked down, which closes it to everybody";
	return "; it takes CAP_SYS_RAWIO and the right to read the device file";
}

int dmp_auditor_open(struct dmp_auditor *auditor, const char *device)
{
	memset(auditor, 0, sizeof(*auditor));
	pthread_mutex_init(&auditor->lock, NULL);
	auditor->device = device;
	auditor->fd = open(device, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (auditor->fd < 0) {
		int error = errno;

		dmp_say(LOG_ERR, "cannot open %s: %s%s", device, strerror(error),
			open_hint(error));
		return -error;
	}
	return 0;
}

void dmp_auditor_close(struct dmp_auditor *auditor)
{
	if (auditor->fd >= 0)
		close(auditor->fd);
	auditor->fd = -1;
}

/* --- the handshake ---------------------------------------------------------- */

static void complain(struct dmp_auditor *auditor, const char *sentence)
{
	auditor->proven = false;
	if (!strcmp(auditor->complaint, sentence))
		return;
	snprintf(auditor->complaint, sizeof(auditor->complaint), "%s", sentence);
	dmp_say(LOG_ERR, "the probes are not proven to work, nothing is granted: %s",
		sentence);
}

static void append(char *text, size_t size, const char *part)
{
	size_t length = strlen(text);

	if (*part)
		snprintf(text + length, size - length, "%s%s", length ? "; " : "", part);
}

/* Say why: the switch if one is to be seen, the read, the kernel's own words. */
static void complain_unproven(struct dmp_auditor *auditor, int read_error)
{
	char sentence[sizeof(auditor->complaint)];
	char failure[256];

	dmp_probe_switches(DMP_FTRACE_SWITCH, DMP_KPROBES_SWITCH, sentence, sizeof(sentence));
	if (read_error) {
		snprintf(failure, sizeof(failure), "reading the page from %s failed: %s",
			 auditor->device, strerror(read_error));
		append(sentence, sizeof(sentence), failure);
	}
	append(sentence, sizeof(sentence), dmp_nl_message(auditor->nl));
	complain(auditor, sentence);
}

/* Return: 0 or the errno of the read. */
static int read_page(const struct dmp_auditor *auditor,
		     const struct dmp_challenge *challenge, void *bytes)
{
	ssize_t got = pread(auditor->fd, bytes, challenge->bytes,
			    (off_t)challenge->address);

	if (got < 0)
		return errno;
	return (size_t)got == challenge->bytes ? 0 : EIO;
}

/*
 * What was not read is sent all the same: the kernel knows best why no probe
 * fired, and says it in its answer.
 */
static int prove(struct dmp_auditor *auditor, const struct dmp_challenge *challenge)
{
	uint8_t bytes[PROOF_BYTES_MAX] = { 0 };
	int read_error, ret;

	if (!challenge->bytes || challenge->bytes > sizeof(bytes))
		return -EPROTO;
	if (challenge->heartbeat_ms)
		auditor->heartbeat_ms = challenge->heartbeat_ms;

	read_error = read_page(auditor, challenge, bytes);
	ret = dmp_nl_prove(auditor->nl, bytes, challenge->bytes);
	if (ret == -EIO || ret == -EPROTO) {
		complain_unproven(auditor, read_error);
		return 0;
	}
	if (ret)
		return ret;
	if (*auditor->complaint)
		dmp_say(LOG_NOTICE, "the probes are proven to work again");
	auditor->complaint[0] = '\0';
	auditor->proven = true;
	return 0;
}

/* --- with the lock ---------------------------------------------------------- */

/* What the handle says about it is overwritten by the next request. */
static int note_fault(const struct dmp_auditor *auditor, int error, struct dmp_fault *fault)
{
	fault->error = error;
	snprintf(fault->sentence, sizeof(fault->sentence), "%s",
		 error ? dmp_nl_message(auditor->nl) : "");
	return error;
}

int dmp_auditor_attach(struct dmp_auditor *auditor, struct dmp_nl *nl,
		       struct dmp_fault *fault)
{
	struct dmp_challenge challenge;
	int ret;

	pthread_mutex_lock(&auditor->lock);
	auditor->nl = nl;
	auditor->proven = false;
	ret = dmp_nl_attach(nl, &challenge);
	if (!ret)
		ret = prove(auditor, &challenge);
	note_fault(auditor, ret, fault);
	pthread_mutex_unlock(&auditor->lock);
	return ret;
}

int dmp_auditor_heartbeat(struct dmp_auditor *auditor, struct dmp_fault *fault)
{
	struct dmp_challenge challenge;
	int ret;

	pthread_mutex_lock(&auditor->lock);
	ret = dmp_nl_challenge(auditor->nl, &challenge);
	if (!ret)
		ret = prove(auditor, &challenge);
	if (ret)
		auditor->proven = false;
	note_fault(auditor, ret, fault);
	pthread_mutex_unlock(&auditor->lock);
	return ret;
}

int dmp_auditor_acknowledge(struct dmp_auditor *auditor, uint64_t sequence)
{
	int ret;

	pthread_mutex_lock(&auditor->lock);
	ret = dmp_nl_ack(auditor->nl, sequence);
	if (ret && ret != -ERANGE && ret != -ENOTCONN && ret != -ENOENT)
		dmp_say(LOG_ERR, "record %" PRIu64 " cannot be acknowledged: %s",
			sequence, dmp_nl_message(auditor->nl));
	pthread_mutex_unlock(&auditor->lock);
	return ret;
}

void dmp_auditor_detach(struct dmp_auditor *auditor)
{
	pthread_mutex_lock(&auditor->lock);
	dmp_nl_detach(auditor->nl);
	auditor->proven = false;
	pthread_mutex_unlock(&auditor->lock);
}

bool dmp_auditor_state(struct dmp_auditor *auditor, uint32_t *heartbeat_ms)
{
	bool proven;

	pthread_mutex_lock(&auditor->lock);
	proven = auditor->proven;
	*heartbeat_ms = auditor->heartbeat_ms;
	pthread_mutex_unlock(&auditor->lock);
	return proven;
}
