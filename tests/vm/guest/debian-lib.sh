# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# debian-lib.sh: for cases whose machine has a Debian; sourced by them. All is where
# make install and the manual have it, and systemd runs the daemon.
LOG=/var/log/devmem-policy/audit.jsonl
STATE=/var/lib/devmem-policy/serials.json
POLICIES=/etc/devmem-policy/policies

# As an administrator would before the first start
prepare_service() {
	mkdir -p $POLICIES /etc/devmem-policy/certs
	cp /keys/cert.pem /etc/devmem-policy/certs/
	[ -e $STATE ] || devmemd --new-state 2>>"$DIR/devmemd.err" || die "a state file is made"
}

start_service() {
	prepare_service
	systemctl start devmemd || die "devmemd.service starts"
	wait_for_daemon
}

# property NAME [UNIT]: of the unit, as systemd has it
property() { systemctl show --value --property "$1" "${2:-devmemd}"; }

main_pid() { property MainPID; }

# journal [UNIT]: what it said since the machine came up
journal() { journalctl --no-pager --quiet --boot --output cat --unit "${1:-devmemd}"; }

# within SECONDS COMMAND...: as in lib.sh, but by the clock: commands can be slow here
within() {
	local end=$(($(uptime_ms) + $1 * 1000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(uptime_ms)" -lt $end ] || return 1
		usleep 100000
	done
}
