# SPDX-License-Identifier: GPL-2.0-or-later
# A full ring stops grants; denials that found no room are counted, not lost.
ready ring_slots=8 heartbeat_ms=60000
load "$(allow full 1 16 16)"
granted_read 16
settle
kill -STOP "$DAEMON"
try=0
while [ $try -lt 20 ]; do
	memtool read "$(page 40)" 4096 >/dev/null
	try=$((try + 1))
done
mem "they leave room for grants" "read: $(text_of 16)" read "$(page 16)" $PAGE
memtool read "$(page 16)" $PAGE then read "$(page 16)" $PAGE then read "$(page 16)" $PAGE >/dev/null
mem "with the ring full, a page is not granted" "read: EPERM" read "$(page 16)" $PAGE
mem "nor mapped" "mmap: EPERM" mmap "$(page 16)" $PAGE rw
is "denials without a record are counted" true "$(status '.counters.unrecorded_denials > 0')"
kill -CONT "$DAEMON"
settle
granted_read 16
settle
matches "a record tells how many" '^[1-9]' "$(records '.kind == "loss" and .pages > 0')"
is "no denial is missing from the log" "$(status .counters.denied_pages)" \
	"$(jq -s 'map(select(.kind == "denial" or .kind == "loss") | .pages) | add' "$LOG")"
