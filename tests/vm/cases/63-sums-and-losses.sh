# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2046 # "often" prints words
# Denials that are alike are added up, but only while more than half of the ring is
# in use; what finds no slot at all is told by kind. The sums stay exact.
ready ring_slots=64 heartbeat_ms=60000
load "$(allow losses 1 16 16)"
settle

memtool $(often 20 read "$(page 40)" $PAGE) >lines
adds_up
is "below half: a record each" 20 "$(records '.kind == "denial" and (has("calls") | not)')"

# One task, and the auditor does not read
kill -STOP "$DAEMON"
memtool $(often 500 read "$(page 41)" $PAGE) >lines
is "500 reads are refused" 500 "$(grep -c 'read: EPERM' lines)"
mem "there is room still" "read: $(text_of 16)" read "$(page 16)" $PAGE
kill -CONT "$DAEMON"
adds_up
here=".kind == \"denial\" and .first == \"$(page 41)\""
is "no page is missing" 500 "$(sum "$here")"
is "no call is missing" 500 "$(sum "$here" '.calls // 1')"
is "nothing was lost" 0 "$(status '.counters.unrecorded_denials + .counters.unrecorded_events')"
is "up to half, a record each" true "$([ "$(records "$here and (has(\"calls\") | not)")" -ge 25 ] && echo true)"
recorded "beyond, one with the rest" \
	"$here and .calls > 400 and .pages == .calls and .last_time > .time and .error == \"EPERM\" and
		.reason == \"no-rule\" and .baseline == \"deny\" and .last == \"$(address "$(page 42) - 1")\""
recorded "a grant is not added up" ".kind == \"grant\" and .first == \"$(page 16)\" and (has(\"calls\") | not)"

# What differs is not added up.
kill -STOP "$DAEMON"
memtool $(often 35 read "$(page 42)" $PAGE) then read "$(page 42)" 4 then read "$(page 43)" $PAGE then \
	read "$(page 42)" $((2 * PAGE)) then write "$(page 42)" mark then mmap "$(page 42)" $PAGE r then \
	uid 1000 then read "$(page 42)" $PAGE >lines
kill -CONT "$DAEMON"
adds_up
is "another range" 1 "$(sum ".kind == \"denial\" and .first == \"$(page 43)\"")"
is "a write" 1 "$(sum ".kind == \"denial\" and .first == \"$(page 42)\" and .operation == \"write\"")"
is "a mapping" 1 "$(sum ".kind == \"denial\" and .first == \"$(page 42)\" and .operation == \"mmap-read\"")"
is "another user" 1 "$(sum ".kind == \"denial\" and .first == \"$(page 42)\" and .euid == 1000")"

# Too many tasks: there is no room for their denials, but for grants, until that is
# full as well.
kill -STOP "$DAEMON"
try=0
while [ $try -lt 80 ]; do
	memtool read "$(page 50)" $PAGE >/dev/null
	try=$((try + 1))
done
mem "a page is granted still" "read: $(text_of 16)" read "$(page 16)" $PAGE
memtool $(often 20 read "$(page 16)" 4) >lines
few=$(grep -c 'read: 4' lines)
is "and again, for a quarter of the ring ($few)" true "$([ "$few" -ge 10 ] && [ "$few" -lt 16 ] && echo true)"
mem "with the ring full, a page is not granted" "read: EPERM" read "$(page 16)" $PAGE
memtool $(often 50 read "$(page 51)" $PAGE) >/dev/null
file=$(allow losses 1 16 16)
try=0
while [ $try -lt 10 ]; do
	exits "a replayed policy is refused" 1 rawload "$file"
	try=$((try + 1))
done
kill -CONT "$DAEMON"
adds_up
recorded "the denials that were lost" \
	'.kind == "loss" and .lost == "denial" and .reason == "ring-full" and .pages > 0 and .calls > 0 and
		.last_time > .time and (has("pid") | not)'
recorded "the events that were lost" \
	'.kind == "loss" and .lost == "policy-refused" and .reason == "ring-full" and .calls > 0 and (has("pages") | not)'
is "refused policies: the counter and the log" "$(status .counters.failed_loads)" \
	"$(($(records '.kind == "policy-refused"') + $(sum '.lost == "policy-refused"' .calls)))"
is "sequence numbers have no gap" true \
	"$(jq -s 'map(select(.kind != "checkpoint") | .seq) | . == [range(1; length + 1)]' "$LOG")"
granted_read 16
adds_up
figure "lost: $(sum '.lost == "denial"') pages, $(status .counters.unrecorded_events) events"
