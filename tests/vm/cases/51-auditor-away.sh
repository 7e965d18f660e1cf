# SPDX-License-Identifier: GPL-2.0-or-later
# What is mapped outlives the auditor by the grace period, and not the module.
# Long enough for what is done within it also where the machine is busy
GRACE=6000
ready grace_ms=$GRACE heartbeat_ms=500
load "$(allow held 1 16 16)"
held mapping 16 2
held copy 16 1 rw private
stop_daemon KILL 2>/dev/null
died=$(uptime_ms)
denied_map 16
lives mapping 0 1
lives copy 0
goes mapping 0 10
goes mapping 1
goes copy 0
after=$(($(gone_at mapping 0 4) - died))
figure "gone after the auditor died: $after ms, with a grace period of $GRACE ms"
is "after the grace period, and within a second of it" true \
	"$([ $after -ge $((GRACE - 200)) ] && [ $after -le $((GRACE + 1200)) ] && echo true)"
start_daemon
wait_for_daemon
recorded "the revocation is on record, with the reason" \
	".kind == \"revoked\" and .reason == \"auditor-gone\" and .policy == \"held\" and .first == \"$(page 16)\""
goes mapping 0

# A daemon that comes back in time saves it
let_go mapping
let_go copy
held mapping 16 2
held copy 17 1 rw private
stop_daemon TERM
usleep 500000
start_daemon
wait_for_daemon
sleep $((GRACE / 1000 + 1))
lives mapping 0 1
lives copy 0

# Unloading takes it
before=$(uptime_ms)
exits "the module can be unloaded" 0 unload_module
figure "unloading took $(($(uptime_ms) - before)) ms with two mappings"
goes mapping 0
goes mapping 1
goes copy 0
denied_map 16
let_go mapping
let_go copy
