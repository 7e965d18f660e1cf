# SPDX-License-Identifier: GPL-2.0-or-later
# debugfs kprobes/enabled=0 silences probes without an error: no proof, no grant.
KPROBES=/sys/kernel/debug/kprobes/enabled
ready heartbeat_ms=500
load "$(allow switch 1 16 16)"
granted_read 16
echo 0 >$KPROBES
denied_read 16
lapsed() { [ "$(status .auditor.proven)" != true ]; }
within 5 lapsed && pass "the proof lapses" || fail "the proof lapses"
matches "devmemd names the switch" "kprobes/enabled" "$(cat devmemd.err)"
matches "so does the status" "kprobes/enabled|probe" "$(devmemctl status)"
stop_daemon TERM
start_daemon
sleep 2
is "a new daemon cannot attach either" false "$(proven && echo true || echo false)"
echo 1 >$KPROBES
wait_for_daemon
granted_read 16
recorded "the grant is in the log" '.kind == "grant"'
recorded "that the probes were silent is in the log" '.kind == "probes-silent" and .error == "EIO"'
is "once, until they fired again" 1 "$(records '.kind == "probes-silent"')"
