# SPDX-License-Identifier: GPL-2.0-or-later
# An allocation fails, one after the other: in the module's init, while a policy is
# registered and replaced, and at random under the daemon. Not while the module is
# unloaded: that a probe cannot be taken back, for lack of memory, is a WARN of the
# kernel's, which has no other way. Whatever comes of it is whole: the module is there or
# not, a policy in force or not; and when memory is back, all goes on.
[ -e /proc/self/fail-nth ] || skip "this kernel cannot let allocations fail on purpose"
use_test_variant
FAULTS=/sys/kernel/debug
for fault in failslab fail_page_alloc; do
	echo N >$FAULTS/$fault/ignore-gfp-wait
	echo 0 >$FAULTS/$fault/verbose
done
echo 0 >$FAULTS/fail_page_alloc/min-order

# What is said of them is no report: not on the console, and see the runner.
: >faults
dmesg -n 4
echo 0 >/proc/sys/kernel/panic_on_warn

insert "$MODULE" devmem_policy >said
matches "loading fails for lack of memory only, and cleanly" \
	'^loaded [1-9][0-9]* refused [1-9][0-9]* allocations' "$(tail -n 1 said)"
figure "$(tail -n 1 said)"
is "nothing is left" "" "$(grep -E 'devmem|read_mem|write_mem|mmap_mem' $FAULTS/kprobes/list; grep devmem_policy /proc/modules /proc/keys)"
denied_read 16

# Page 20 or page 21, but never both, and never neither.
ready heartbeat_ms=60000
load "$(allow whole 1 20 1)"
in_force() { memtool read "$(page 20)" 16 then read "$(page 21)" 16 | sed 's/^read: //; s/ .*//' | tr '\n' ' '; }
n=1 serial=2 refused=0 wrong=0
while true; do
	policy=$(allow whole $serial $((20 + serial % 2)) 1)
	FAIL_NTH=$n FAIL_NTH_SAID=$DIR/nth LD_PRELOAD=/lib/preload/fail-nth.so devmemctl load "$policy" >said 2>&1 ||
		refused=$((refused + 1))
	case "$(in_force)" in
	"16 EPERM " | "EPERM 16 ") ;;
	*) wrong=$((wrong + 1)) ;;
	esac
	[ "$(cat nth)" = failed ] || break
	n=$((n + 1 + n / 16)) serial=$((serial + 1))
done
is "one policy was in force at any time, and whole" 0 $wrong
is "some were refused" true "$([ $refused -gt 5 ] && echo true)"
figure "$n allocations in registering a policy; refused $refused times of $((serial - 1))"
load "$(allow whole $((serial + 2)) 20 1)"
granted_read 20
denied_read 21

# The daemon's own system calls
echo 1 >"/proc/$DAEMON/make-it-fail"
for fault in failslab fail_page_alloc; do
	echo Y >$FAULTS/$fault/task-filter
	echo -1 >$FAULTS/$fault/times
	echo 20 >$FAULTS/$fault/probability
done
round=0
while [ $round -lt 40 ]; do
	memtool read "$(page 20)" 16 then read "$(page 40)" 16 >>unused
	usleep 50000
	round=$((round + 1))
done
for fault in failslab fail_page_alloc; do
	echo 0 >$FAULTS/$fault/probability
	echo N >$FAULTS/$fault/task-filter
done
kill -0 "$DAEMON" 2>/dev/null || {
	wait "$DAEMON"
	start_daemon
}
wait_for_daemon
granted_read 20
denied_read 40
adds_up
