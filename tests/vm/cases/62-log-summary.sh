# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2046 # "often" prints words
# What a rule with log summary grants to a task is one record a second, exact in
# pages, calls and times; without it, one record a call.
ready
load "$({
	echo "allow rw $(page 16)+8K log summary"
	echo "allow r $(page 20)+4K"
	echo "allow r $(page 24)+4K log summary"
	echo "allow w $(page 24)+4K"
} | policy sums 1)" || die "the policy loads"
is "rules tell it" 2 "$(devmemctl -j rules | jq '[.. | objects | select(.log_summary? == true)] | length')"
settle

page_is() { echo ".kind == \"grant\" and .first == \"$(page "$1")\""; }

# One task, one rule
started=$(jq -n now)
memtool $(often 200 read "$(page 16)" 4) >lines
is "200 reads are granted" 200 "$(grep -c 'read: 4' lines)"
adds_up
few=$(records "$(page_is 16)")
is "they are few records ($few)" true "$([ "$few" -ge 1 ] && [ "$few" -le 5 ] && echo true)"
is "with all the pages" 200 "$(sum "$(page_is 16)")"
is "and all the calls" 200 "$(sum "$(page_is 16)" '.calls // 1')"
recorded "between two times, with what each call returned" \
	"$(page_is 16) and .calls > 1 and .last_time > .time and .result == 4 and .rule and
		.last == \"$(address "$(page 17) - 1")\" and .operation == \"read\" and .exe == \"/bin/memtool\""
is "which are those of the calls" true "$(jq -s --argjson started "$started" "map(select($(page_is 16))) |
	map(.time, (.last_time // .time) | sub(\"\\\\.[0-9]+\"; \"\") | fromdate) |
	all(. >= \$started - 2 and . <= now + 1)" "$LOG")"

# Any page of the rule; what differs is not said
memtool read "$(page 16)" 4 then read "$(page 17)" 8 then read "$(page 16)" $((2 * PAGE)) >lines
adds_up
is "four pages in three calls" 4 "$(sum '.kind == "grant" and .pid == '"$(jq -s 'map(select(.kind == "grant"))[-1].pid' "$LOG")")"
recorded "from the first to the last page" \
	".kind == \"grant\" and .calls == 3 and .pages == 4 and .first == \"$(page 16)\" and
		.last == \"$(address "$(page 18) - 1")\" and (has(\"result\") | not)"

# Not for other rules, nor where one of two is another
memtool $(often 20 read "$(page 20)" 4) >lines
adds_up
is "a rule without it: each call" 20 "$(records "$(page_is 20) and (has(\"calls\") | not)")"
memtool $(often 5 mmap "$(page 24)" $PAGE rw then munmap) >lines
adds_up
is "where one of two rules is without it: each call" 5 \
	"$(records "$(page_is 24) and .operation == \"mmap-write\" and (has(\"calls\") | not)")"
memtool $(often 50 read "$(page 24)" 4) >lines
adds_up
is "where the other is enough: few" true \
	"$([ "$(records "$(page_is 24) and .operation == \"read\"")" -le 5 ] && echo true)"

# A call that fails in the end is told by itself
memtool $(often 3 read "$(page 17)" $((2 * PAGE))) >lines
is "a call that goes beyond is refused" 3 "$(grep -c 'read: EPERM' lines)"
adds_up
is "each by itself" 3 "$(records "$(page_is 17) and .pages == 1 and (has(\"calls\") | not)")"

# Tasks are not mixed up, nor what a task was then
memtool $(often 10 read "$(page 16)" 4) then fork then $(often 10 read "$(page 16)" 4) >lines
adds_up
is "two tasks: two sums" 2 "$(jq -s "map(select($(page_is 16)))[-2:] | map(.tid) | unique | length" "$LOG")"
memtool $(often 10 read "$(page 16)" 4) then uid 1000 then $(often 10 read "$(page 16)" 4) >lines
adds_up
recorded "as root" "$(page_is 16) and .euid == 0 and .calls == 10"
recorded "and as somebody else" "$(page_is 16) and .euid == 1000 and .calls == 10"

# Nothing is added up beyond the auditor
memtool $(often 10 read "$(page 16)" 4) >lines
stop_daemon
denied_read 16
start_daemon
wait_for_daemon
adds_up
is "sums come before the auditor's end" true \
	"$(jq -s '(map(select(.kind == "auditor-detached"))[-1].seq) as $detached |
		map(select(.kind == "grant"))[-1].seq < $detached' "$LOG")"

# Two seconds of polling: a record a second, or one more
busy() {
	local end=$(($(uptime_ms) + 2000))
	client_start
	while [ "$(uptime_ms)" -lt $end ]; do
		client read "$(page 16)" 4 >/dev/null
	done
}
settle
before=$(records "$(page_is 16)")
busy
adds_up
after=$(records "$(page_is 16)")
is "two seconds of polling make 2 or 3 records ($((after - before)))" true \
	"$([ $((after - before)) -ge 2 ] && [ $((after - before)) -le 4 ] && echo true)"
figure "polling: $(jq -s "map(select($(page_is 16)))[$before:] | map(.calls // 1) | tostring" "$LOG") calls in a record"
