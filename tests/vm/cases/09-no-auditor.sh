# SPDX-License-Identifier: GPL-2.0-or-later
# No auditor, no grant; when it goes, live mappings end after the grace period.
start_module grace_ms=2000
exits "a policy loads without an auditor" 0 load "$(allow alone 1 16 16)"
denied_read 16
denied_map 16
start_daemon
wait_for_daemon
granted_read 16
recorded "what was denied before is in the log, with the reason" \
	'.kind == "denial" and .reason == "no-auditor" and .policy == "alone"'
client_start
client_is "a mapping is granted" "mmap: ok" mmap "$(page 16)" $PAGE rw
stop_daemon KILL 2>/dev/null
denied_read 16
client_is "the mapping lives on for a while" 'peek: 80 "devmem-policy buffer page 16"' peek 0
start_daemon
wait_for_daemon
granted_read 16
sleep 3
client_is "a daemon that comes back in time saves it" 'peek: 80 "devmem-policy buffer page 16"' peek 0
stop_daemon TERM
denied_read 16
sleep 3
client_is "after the grace period it is gone" "peek: SIGBUS" peek 0
start_daemon
wait_for_daemon
recorded "the revocation is in the log" '.kind == "revoked" and .reason == "auditor-gone"'
