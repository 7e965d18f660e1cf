# SPDX-License-Identifier: GPL-2.0-or-later
# The module comes and goes a hundred times while four processes use /dev/mem.
stress 4 0 "$(page 16)" 16 11 4000 >stress-said 2>&1 &
stress=$!
round=0
while [ $round -lt 100 ]; do
	load_module || die "round $round: loading"
	rmmod devmem_policy || die "round $round: unloading"
	round=$((round + 1))
done
pass "100 times"
# With an auditor and grants under way as well
round=0
while [ $round -lt 5 ]; do
	start_module
	rm -f "$LOG"
	start_daemon
	wait_for_daemon
	load "$(allow again 1 16 16)" >/dev/null || die "round $round: policy"
	within 5 memtool read "$(page 16)" 4096 || die "round $round: no grant"
	usleep 200000
	unload_module || die "round $round: unloading with grants"
	kill -KILL "$DAEMON"
	wait "$DAEMON" 2>/dev/null
	round=$((round + 1))
done
pass "5 times with grants under way"
kill -TERM $stress
wait $stress
matches "every call was granted or refused" "^worked [1-9][0-9]* refused [1-9][0-9]* other 0\$" "$(cat stress-said)"
denied_read 16
