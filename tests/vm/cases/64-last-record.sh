# SPDX-License-Identifier: GPL-2.0-or-later
# The module's last record has its final counters, and the auditor gets it.
sums='map(select(.kind == "grant") | .pages) | add // 0'
denials='map(select(.kind == "denial" or .lost == "denial") | .pages) | add // 0'
last='map(select(.kind == "module-unloading")) | .[-1]'

round=0
while [ $round -lt 3 ]; do
	round=$((round + 1))
	rm -f "$LOG"*
	ready
	load "$({
		echo "allow rw $(page 16)+16K log summary"
		echo "allow rw $(page 24)+16K"
	} | policy leaving $round)" >/dev/null || die "the policy loads"
	memtool read "$(page 16)" 4 then read "$(page 17)" 4 then read "$(page 24)" 4 then read "$(page 40)" 4 >lines
	held inside 25 1
	before=$(uptime_ms)
	exits "the module is unloaded" 0 rmmod devmem_policy
	is "without delay" true "$([ $(($(uptime_ms) - before)) -lt 1900 ] && echo true)"
	goes inside 0
	let_go inside
	within 5 grep -q module-unloading "$LOG" && pass "the auditor has the last record" ||
		fail "the auditor has the last record"
	is "its counters are the sums: granted" "$(jq -s "$sums" "$LOG")" "$(jq -s "$last | .counters.granted_pages" "$LOG")"
	is "its counters are the sums: denied" "$(jq -s "$denials" "$LOG")" "$(jq -s "$last | .counters.denied_pages" "$LOG")"
	is "four pages were granted" 4 "$(jq -s "$last | .counters.granted_pages" "$LOG")"
	is "whoever unloaded it is told" /bin/busybox "$(jq -rs "$last | .exe" "$LOG")"
	is "the mapping was taken back before" true \
		"$(jq -s "($last | .seq) as \$unloading | map(select(.kind == \"revoked\" and .reason == \"unloading\" and .seq < \$unloading)) | length > 0" "$LOG")"
	is "no number is missing" true \
		"$(jq -s '([.[] | select(.seq and .kind != "checkpoint") | .seq]) | . == [range(1; length + 1)]' "$LOG")"
	matches "in the kernel's log" "unloading: 4 pages were granted, " "$(kernel_log)"
	kill -KILL "$DAEMON"
	wait "$DAEMON" 2>/dev/null
done

# An auditor that does not answer is not waited for long.
ready
kill -STOP "$DAEMON"
before=$(uptime_ms)
exits "with a hanging auditor the module is unloaded, too" 0 rmmod devmem_policy
is "after two seconds" true "$([ $(($(uptime_ms) - before)) -lt 6000 ] && echo true)"
matches "what is lost is said" "[1-9][0-9]* records were not acknowledged by an auditor" "$(kernel_log)"
kill -KILL "$DAEMON"

# Without one, at once
start_module
before=$(uptime_ms)
exits "without an auditor" 0 rmmod devmem_policy
is "at once" true "$([ $(($(uptime_ms) - before)) -lt 1500 ] && echo true)"

# One record by its number
start_module
is "a record by its number" ok "$(ask get-one-event sequence=1)"
matches "there is no such record" "^ENOENT: there is no record of that number" "$(ask get-one-event sequence=99)"
matches "there is no record 0" "^ENOENT: ..." "$(ask get-one-event sequence=0)"
matches "nor one without a number" "^ENOENT: ..." "$(ask get-one-event)"
matches "it needs a right" "^EPERM: ..." "$(drop nobody ask get-one-event sequence=1)"
