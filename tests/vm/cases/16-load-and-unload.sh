# SPDX-License-Identifier: GPL-2.0-or-later
# The module comes and goes, a hundred times, while four processes use /dev/mem.
stress 4 0 "$(page 16)" 16 11 "$(longer 4000)" >stress-said 2>&1 &
stress=$!
round=0
rounds=$(fewer 100)
while [ $round -lt "$rounds" ]; do
	load_module || die "round $round: loading"
	rmmod devmem_policy || die "round $round: unloading"
	round=$((round + 1))
done
pass "$rounds times"
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
# At the edge between what the kernel allows and what it refuses, with nothing granted,
# the same calls come to the same end as where there is no module.
edge() { stress 2 "$(fewer 100000)" 0xff000 1 7 2>&1; }
if pc; then
	alone=$(edge)
	edge >edge-said 2>&1 &
	edge=$!
	round=0
	while kill -0 $edge 2>/dev/null; do
		load_module || die "round $round: loading"
		rmmod devmem_policy || die "round $round: unloading"
		round=$((round + 1))
	done
	wait $edge
	matches "the kernel allows some of the edge, and refuses the rest" "^worked [1-9][0-9]* refused [1-9][0-9]* other 0\$" "$alone"
	is "and so it does when the module comes and goes" "$alone" "$(cat edge-said)"
	figure "the module came and went $round times meanwhile"
fi
denied_read 16
