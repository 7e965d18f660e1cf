# SPDX-License-Identifier: GPL-2.0-or-later
# Every step of init fails once while four processes are at it, and leaves nothing behind.
use_test_variant
functions=/sys/kernel/debug/tracing/enabled_functions
mount -t tracefs tracefs /sys/kernel/debug/tracing 2>/dev/null
leftovers() {
	grep -E 'devmem|read_mem|write_mem|mmap_mem' /sys/kernel/debug/kprobes/list $functions
	grep devmem_policy /proc/modules /proc/keys
	devmemctl status >/dev/null 2>&1
	[ $? = 3 ] || echo "devmemctl does not say that the module is not loaded"
}
stress 4 0 "$(page 16)" 16 3 "$(longer 2000)" >stress-said 2>&1 &
stress=$!
step=0
while ! load_module fail_init=$step 2>said; do
	matches "step $step fails as injected" "Cannot allocate memory|ENOMEM|memory" "$(cat said)"
	is "step $step leaves nothing behind" "" "$(leftovers)"
	denied_read 16
	step=$((step + 1))
	[ $step -lt 50 ] || die "init never succeeds"
done
is "all steps were reached" true "$([ $step -ge 8 ] && echo true)"
kill -TERM $stress
wait $stress
matches "every call was refused as ever" "^worked 0 refused [1-9][0-9]* other 0\$" "$(cat stress-said)"
figure "init has $step points of failure, all injected"
start_daemon
wait_for_daemon
load "$(allow alive 1 16 16)"
granted_read 16
