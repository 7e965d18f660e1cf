# SPDX-License-Identifier: GPL-2.0-or-later
# After many mixed accesses by four processes on two processors, the pages in the
# log are the kernel's counters, exactly, and no probe missed a call.
ready
{
	echo "allow rw $(page 16)+64K"
	echo "allow r $(page 36)+16K"
	echo "deny rw $(page 20)+8K"
} | policy sums 1 >policy-file
load "$(cat policy-file)"
is "two processors" 2 "$(grep -c ^processor /proc/cpuinfo)"
stress 4 3000 "$(page 16)" 24 23 >stress-said
matches "12000 calls" "^worked [0-9]{3,} refused [0-9]{3,} other 0\$" "$(cat stress-said)"
settle
sum() { jq -s "map(select($1) | .pages) | add // 0" "$LOG"; }
is "granted pages in log and counter" "$(status .counters.granted_pages)" "$(sum '.kind == "grant"')"
is "denied pages in log and counter" "$(status .counters.denied_pages)" "$(sum '.kind == "denial" or .kind == "loss"')"
is "sequence numbers have no gap" true "$(jq -s 'map(.seq // empty) | . == [range(1; length + 1)]' "$LOG")"
is "no probe missed a call" 0 "$(status '[.probes[].missed] | add')"
is "no call went untracked" 0 "$(status '.counters.untracked + .counters.misses')"
is "calls that worked have grants" true "$(status '.counters.granted_pages > 1000')"
figure "$(cat stress-said); pages granted $(status .counters.granted_pages), denied $(status .counters.denied_pages), records $(records .seq)"
