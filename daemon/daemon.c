// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "explain.h"
#include "notify.h"
#include "policies.h"
#include "say.h"
#include "state.h"
#include "wait.h"

/* A predecessor that was killed may take a moment to be gone altogether. */
#define PATIENCE_TRIES 30
#define PATIENCE_US 100000

/* Writing to the log is slow when it takes longer, and well again below the other. */
#define SLOW_MS 5000
#define QUICK_MS 1000

/* --- faults ----------------------------------------------------------------- */

/* Is the module the one that was attached to? */
static bool module_gone(const struct dmp_fault *fault)
{
	return fault->error == -ESTALE || (fault->error == -ENOENT && !*fault->sentence);
}

/* Decide whether to go on after a request; what passes is said once. */
static enum dmp_exit judge_fault(struct dmp_daemon *daemon, const struct dmp_fault *fault,
				 const char *doing)
{
	if (module_gone(fault)) {
		dmp_say(LOG_ERR, "the module was unloaded");
		return DMP_EXIT_NO_MODULE;
	}
	if (fault->error == -EPERM)
		return dmp_explain_fault(fault, doing);
	if (fault->error && fault->error != daemon->fault)
		dmp_explain_fault(fault, doing);
	daemon->fault = fault->error;
	return DMP_EXIT_OK;
}

/* The same after a request on this thread's handle */
static enum dmp_exit judge(struct dmp_daemon *daemon, int error, const char *doing)
{
	struct dmp_fault fault = { .error = error };

	if (error)
		snprintf(fault.sentence, sizeof(fault.sentence), "%s",
			 dmp_nl_message(daemon->nl));
	return judge_fault(daemon, &fault, doing);
}

static enum dmp_exit reattach(struct dmp_daemon *daemon)
{
	struct dmp_fault fault;
	int ret;

	dmp_say(LOG_WARNING, "this is not the auditor any more: attaching again");
	ret = dmp_auditor_attach(&daemon->auditor, daemon->auditor_nl, &fault);
	/* Somebody else is, or a policy names another program. */
	if (ret == -EBUSY || ret == -EACCES)
		return dmp_explain_fault(&fault, "cannot attach as auditor");
	return judge_fault(daemon, &fault, "cannot attach as auditor");
}

/* --- records ---------------------------------------------------------------- */

static void say_floors_result(struct dmp_daemon *daemon, int result)
{
	if (result && !daemon->floors_blocked)
		dmp_say(LOG_ERR,
			"the state file %s cannot be written (%s): a reboot forgets what was accepted",
			daemon->options.state, strerror(-result));
	if (!result && daemon->floors_blocked)
		dmp_say(LOG_NOTICE, "the state file is being written again");
	daemon->floors_blocked = result;
}

/* A policy that somebody else registered has its floor as well. */
static void note_loaded(struct dmp_daemon *daemon, const char *name, uint64_t serial,
			const uint8_t *digest)
{
	struct dmp_floor floor = { .serial = serial };

	snprintf(floor.name, sizeof(floor.name), "%s", name);
	memcpy(floor.digest, digest, sizeof(floor.digest));
	say_floors_result(daemon, dmp_floors_note(&daemon->floors, &floor));
}

static int note_policy(const struct dmp_policy_info *policy, void *arg)
{
	note_loaded(arg, policy->name, policy->serial, policy->digest);
	return 0;
}

static void say_no_program(const struct dmp_event *event)
{
	const char *why = strerror((int)-event->result);

	if (dmp_has(event->present, DEVMEM_POLICY_EVENT_A_RULE_ID))
		dmp_say(LOG_WARNING,
			"rule %08" PRIx32 " of policy %s: its program cannot be used: %s",
			event->rule, event->policy, why);
	else
		dmp_say(LOG_WARNING,
			"policy %s: the auditor that it names cannot be used: %s",
			event->policy, why);
}

static void watch_record(const struct dmp_event *event, void *arg)
{
	struct dmp_daemon *daemon = arg;

	if (event->kind == DEVMEM_POLICY_EVENT_POLICY_LOADED)
		note_loaded(daemon, event->policy, event->serial, event->digest);
	/* With the ring full only their number is on record. */
	if (event->kind == DEVMEM_POLICY_EVENT_LOSS) {
		daemon->loads_lost = true;
		daemon->rules_changed = true;
	}
	if (event->kind == DEVMEM_POLICY_EVENT_POLICY_LOADED ||
	    event->kind == DEVMEM_POLICY_EVENT_POLICY_REMOVED)
		daemon->rules_changed = true;
	if (event->kind == DEVMEM_POLICY_EVENT_PROGRAM_CHANGED && event->result < 0)
		say_no_program(event);
}

/* What was interrupted is dumped once more, a second later. */
static enum dmp_exit note_policies(struct dmp_daemon *daemon)
{
	int ret;

	if (!daemon->loads_lost)
		return DMP_EXIT_OK;
	ret = dmp_nl_policies(daemon->nl, note_policy, daemon);
	daemon->loads_lost = ret;
	return ret == -EINTR ? DMP_EXIT_OK :
			       judge(daemon, ret, "the policies in force cannot be read");
}

/* Behind the records that say so, since the kernel knows no older rules then. */
static enum dmp_exit update_programs(struct dmp_daemon *daemon)
{
	int ret;

	if (!daemon->rules_changed)
		return DMP_EXIT_OK;
	ret = dmp_programs_update(&daemon->programs, daemon->nl);
	daemon->rules_changed = ret;
	return judge(daemon, ret, "the programs of the rules cannot be looked up");
}

static void judge_time(struct dmp_daemon *daemon, uint64_t ms)
{
	if (ms >= SLOW_MS && !daemon->log_slow)
		dmp_say(LOG_WARNING,
			"it took %" PRIu64
			" ms to write to the log: records wait in the kernel, and when its ring is full nothing is granted",
			ms);
	if (ms < QUICK_MS && daemon->log_slow)
		dmp_say(LOG_NOTICE, "the log is written in time again");
	daemon->log_slow = ms >= (daemon->log_slow ? QUICK_MS : SLOW_MS);
}

static enum dmp_exit drain(struct dmp_daemon *daemon)
{
	uint64_t began_ms = dmp_now_ms();
	int ret = dmp_drain_run(&daemon->drain);
	enum dmp_exit code;

	judge_time(daemon, dmp_now_ms() - began_ms);
	daemon->log_blocked = ret == -EAGAIN;
	if (ret == -ENOTCONN)
		return reattach(daemon);
	if (ret && ret != -EAGAIN)
		return judge(daemon, ret, "records cannot be fetched");
	code = note_policies(daemon);
	return code ? code : update_programs(daemon);
}

/* --- start ------------------------------------------------------------------ */

/* An exit code, or DMP_EXIT_OK when the module is there and rights suffice. */
static enum dmp_exit open_module(struct dmp_daemon *daemon)
{
	struct dmp_status status;
	enum dmp_exit code;
	int ret;

	code = dmp_open_or_explain(&daemon->nl);
	if (!code)
		code = dmp_open_or_explain(&daemon->auditor_nl);
	if (code)
		return code;
	ret = dmp_nl_status(daemon->nl, &status);
	if (ret)
		return dmp_explain(daemon->nl, ret, "the status cannot be read");
	if (status.development_key)
		dmp_say(LOG_WARNING,
			"the module trusts a development key: whoever has it can sign policies");
	return DMP_EXIT_OK;
}

static enum dmp_exit open_programs(struct dmp_daemon *daemon)
{
	int ret = dmp_programs_open(&daemon->programs);

	if (!ret)
		return DMP_EXIT_OK;
	dmp_say(LOG_ERR, "files cannot be watched: %s", strerror(-ret));
	return DMP_EXIT_FAILED;
}

/* Also once more when nobody else is auditor and writes it. */
static enum dmp_exit open_state(struct dmp_daemon *daemon)
{
	dmp_floors_free(&daemon->floors);
	return dmp_state_open(&daemon->floors, daemon->options.state);
}

static enum dmp_exit tell_floors(struct dmp_daemon *daemon)
{
	return judge(daemon, dmp_state_tell(&daemon->floors, daemon->nl),
		     "the kernel does not take the serial floors");
}

static enum dmp_exit open_device(struct dmp_daemon *daemon)
{
	int ret = dmp_auditor_open(&daemon->auditor, daemon->options.device);

	if (!ret)
		return DMP_EXIT_OK;
	return ret == -EPERM || ret == -EACCES ? DMP_EXIT_NO_RIGHTS : DMP_EXIT_FAILED;
}

static enum dmp_exit open_log(struct dmp_daemon *daemon)
{
	const char *path = daemon->options.log;
	int ret = dmp_log_open(path, &daemon->log);

	switch (-ret) {
	case 0:
		dmp_log_limit(daemon->log, daemon->options.log_max_bytes,
			      daemon->options.log_keep);
		return DMP_EXIT_OK;
	case ENOENT:
		dmp_say(LOG_ERR, "cannot create the log %s: its directory does not exist",
			path);
		break;
	case EINVAL:
		dmp_say(LOG_ERR, "the log %s is not a regular file", path);
		break;
	case ELOOP:
		dmp_say(LOG_ERR, "the log %s is a symbolic link, which is not followed",
			path);
		break;
	default:
		dmp_say(LOG_ERR, "cannot open the log %s: %s", path, strerror(-ret));
	}
	return DMP_EXIT_FAILED;
}

static enum dmp_exit attach(struct dmp_daemon *daemon)
{
	struct dmp_fault fault;
	int ret;

	for (int i = 0; i < PATIENCE_TRIES; i++) {
		ret = dmp_auditor_attach(&daemon->auditor, daemon->auditor_nl, &fault);
		if (ret != -EBUSY)
			break;
		usleep(PATIENCE_US);
	}
	if (!ret)
		return DMP_EXIT_OK;
	return dmp_explain_fault(&fault, "cannot attach as auditor");
}

/* From here on proving waits for no disk. */
static enum dmp_exit start_pulse(struct dmp_daemon *daemon)
{
	int ret = dmp_pulse_start(&daemon->pulse, &daemon->auditor);

	if (!ret)
		return DMP_EXIT_OK;
	dmp_say(LOG_ERR, "the thread that proves cannot be started: %s", strerror(-ret));
	return DMP_EXIT_FAILED;
}

static enum dmp_exit take_over(struct dmp_daemon *daemon)
{
	int ret;

	for (int i = 0; i < PATIENCE_TRIES; i++) {
		ret = dmp_drain_begin(&daemon->drain, daemon->nl, &daemon->auditor,
				      daemon->log);
		if (ret != -EBUSY)
			break;
		usleep(PATIENCE_US);
	}
	daemon->drain.watcher = watch_record;
	daemon->drain.watcher_arg = daemon;
	if (ret == -EBUSY)
		dmp_say(LOG_ERR, "the log %s is in use by another process",
			daemon->options.log);
	return ret ? DMP_EXIT_FAILED : DMP_EXIT_OK;
}

/* On a handle of its own, so that rings do not come between answers. */
static enum dmp_exit subscribe(struct dmp_daemon *daemon)
{
	enum dmp_exit code = dmp_open_or_explain(&daemon->bell);
	int ret;

	if (code)
		return code;
	ret = dmp_nl_subscribe(daemon->bell);
	if (ret)
		return dmp_explain(daemon->bell, ret, "cannot subscribe to events");
	return DMP_EXIT_OK;
}

static int load_policies(struct dmp_daemon *daemon, bool reload)
{
	const struct dmp_options *options = &daemon->options;
	struct dmp_policies_result result;
	int ret;

	ret = dmp_policies_load(daemon->nl, &daemon->floors, options->policy_dir,
				options->cert_dir, reload, &result);
	if (ret)
		return ret;
	dmp_say(LOG_INFO, "policies: %u registered, %u unchanged, %u refused, %u removed",
		result.registered, result.unchanged, result.refused, result.removed);
	return 0;
}

enum dmp_exit dmp_daemon_start(struct dmp_daemon *daemon,
			       const struct dmp_options *options)
{
	static enum dmp_exit (*const steps[])(struct dmp_daemon *) = {
		open_module, open_state, open_programs, open_device, open_log, attach,
		start_pulse, take_over, open_state, tell_floors, subscribe, drain,
	};
	enum dmp_exit code;

	memset(daemon, 0, sizeof(*daemon));
	daemon->options = *options;
	daemon->auditor.fd = -1;
	daemon->programs.fd = -1;
	/* The kernel may have policies already. */
	daemon->loads_lost = true;
	daemon->rules_changed = true;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		code = steps[i](daemon);
		if (code)
			return code;
	}
	if (load_policies(daemon, false))
		return DMP_EXIT_FAILED;
	dmp_notify("READY=1");
	return drain(daemon);
}

void dmp_daemon_stop(struct dmp_daemon *daemon)
{
	/* The log is there and ours once draining began. */
	if (daemon->drain.log) {
		dmp_notify("STOPPING=1");
		dmp_drain_stop(&daemon->drain);
		dmp_auditor_detach(&daemon->auditor);
	}
	dmp_pulse_stop(&daemon->pulse);
	dmp_drain_end(&daemon->drain);
	dmp_programs_close(&daemon->programs);
	dmp_floors_free(&daemon->floors);
	dmp_auditor_close(&daemon->auditor);
	dmp_log_close(daemon->log);
	dmp_nl_close(daemon->bell);
	dmp_nl_close(daemon->auditor_nl);
	dmp_nl_close(daemon->nl);
}

/* --- events ----------------------------------------------------------------- */

enum dmp_exit dmp_daemon_bell(struct dmp_daemon *daemon)
{
	dmp_nl_doorbell(daemon->bell);
	return daemon->log_blocked ? DMP_EXIT_OK : drain(daemon);
}

enum dmp_exit dmp_daemon_tick(struct dmp_daemon *daemon)
{
	dmp_pulse_turn(&daemon->pulse);
	if (daemon->floors.unsaved)
		say_floors_result(daemon, dmp_floors_save(&daemon->floors));
	return drain(daemon);
}

enum dmp_exit dmp_daemon_files(struct dmp_daemon *daemon)
{
	dmp_programs_read(&daemon->programs, dmp_now_ms());
	return DMP_EXIT_OK;
}

int dmp_daemon_wait_ms(const struct dmp_daemon *daemon)
{
	return dmp_programs_wait_ms(&daemon->programs, dmp_now_ms());
}

enum dmp_exit dmp_daemon_due(struct dmp_daemon *daemon)
{
	int ret = dmp_programs_resolve(&daemon->programs, daemon->nl, dmp_now_ms());
	enum dmp_exit code = judge(daemon, ret, "programs cannot be looked up again");

	return code ? code : drain(daemon);
}

enum dmp_exit dmp_daemon_pulse(struct dmp_daemon *daemon)
{
	struct dmp_fault fault;

	dmp_pulse_take(&daemon->pulse, &fault);
	/* It may be the auditor again by now: only this thread attaches. */
	if (fault.error == -ENOTCONN &&
	    dmp_auditor_heartbeat(&daemon->auditor, &fault) == -ENOTCONN)
		return reattach(daemon);
	return judge_fault(daemon, &fault, "the probes cannot be proven to work");
}

enum dmp_exit dmp_daemon_reload(struct dmp_daemon *daemon)
{
	dmp_notify_reloading();
	/* What went wrong was said; the policies in force stay as they are. */
	load_policies(daemon, true);
	dmp_notify("READY=1");
	/* What cannot be watched is looked up at least now. */
	return dmp_daemon_due(daemon);
}

enum dmp_exit dmp_daemon_reopen(struct dmp_daemon *daemon)
{
	int ret = dmp_drain_reopen(&daemon->drain);

	if (ret)
		dmp_say(LOG_ERR, "cannot reopen the log %s: %s; the old file stays in use",
			daemon->options.log, strerror(-ret));
	else
		dmp_say(LOG_INFO, "the log %s was reopened", daemon->options.log);
	return drain(daemon);
}
