# SPDX-License-Identifier: GPL-2.0-or-later
# machine: disk=256M memory=768 seconds=500
# The disk is full for 30 seconds while four processes use /dev/mem: when the ring is
# full nothing is granted, and that is the reason; what is denied is counted. With room
# again all goes on by itself, and the log tells all of it. Then the same while the log
# is rotated.
. /tests/trouble.sh
LOG=/disk/audit.jsonl
STATE=/disk/serials.json
FULL_SECONDS=30

fill() {
	fallocate -l "$(df -k /disk | awk 'END { print $4 - 8 }')K" /disk/filler
	dd if=/dev/zero of=/disk/filler-rest bs=4k 2>/dev/null
	dd if=/dev/zero of=/disk/filler-end bs=1 count=4096 2>/dev/null
	is "the disk is full" 0 "$(df -k /disk | awk 'END { print $4 }')"
}

floor() { jq -r ".policies[\"$1\"].serial // 0" "$STATE"; }
floor_is() { [ "$(floor "$1")" = "$2" ]; }
refused() { memtool read "$(page 20)" 4 | grep -q EPERM; }
granted() { ! refused; }
counters() { status '.counters | "\(.granted_pages) granted, \(.denied_pages) denied"'; }

start_module ring_slots=512
start_daemon
wait_for_daemon
cp "$(allow load 1 16 16)" "$POLICIES/load.dmp"
kill -HUP "$DAEMON"
within 5 memtool read "$(page 20)" 4
begin_load
sleep 5
figure "before: $(counters) pages"
fill
full=$(uptime_ms)
within 30 refused && pass "in the end nothing is granted" || fail "in the end nothing is granted"
figure "the ring of 512 was full after $(($(uptime_ms) - full)) ms"
load "$(allow byhand 7 60 1)"
cp byhand-7.dmp "$POLICIES/byhand.dmp"
cp "$(allow indirectory 9 61 1)" "$POLICIES/indirectory.dmp"
kill -HUP "$DAEMON"
acknowledged=$(status .ring.acknowledged)
figure "full: $(counters) pages, ring newest, acknowledged, slots: $(ring)"
while [ $(($(uptime_ms) - full)) -lt $((FULL_SECONDS * 1000)) ]; do
	sleep 1
done
is "nothing was acknowledged in the meantime" "$acknowledged" "$(status .ring.acknowledged)"
is "a policy from the directory has no floor on the disk, and is not in force" "0 EPERM" \
	"$(floor indirectory) $(memtool read "$(page 61)" 4 | sed 's/.* //')"
figure "before there is room: $(counters) pages"
rm /disk/filler*
freed=$(uptime_ms)
within 10 granted && pass "with room all goes on by itself" || fail "with room all goes on by itself"
figure "granted again after $(($(uptime_ms) - freed)) ms"
within 5 floor_is byhand 7 && pass "the floor of what was loaded by hand is on the disk" ||
	fail "the floor of what was loaded by hand is on the disk: $(cat $STATE)"
kill -HUP "$DAEMON"
within 5 floor_is indirectory 9 && pass "what is in the directory comes in force" || fail "what is in the directory comes in force"
sleep 2
figure "after: $(counters) pages"
end_load
figure "the longest outage: $(longest_outage) ms; $(tail -n 1 outages-said)"
the_story "$LOG"
figure "of the denials $(status .counters.unrecorded_denials) pages are told as sums, $(records '.kind == "loss"') records of losses"
is "devmemd said what was wrong, once" 1 "$(grep -c 'cannot be written: No space left' devmemd.err)"
is "of the state file, too" 1 "$(grep -c 'state file .* cannot be written (No space left' devmemd.err)"
is "and that it is over" "1 1" "$(grep -c 'log is being written again' devmemd.err) $(grep -c 'state file is being written again' devmemd.err)"
recorded "the log says that the ring was full" '.kind == "loss" and .lost == "denial" and .reason == "ring-full" and .pages > 0'
judge
stop_daemon
intact "$LOG"

# While it is rotated every second or so
files() { find /disk -name 'audit.jsonl*' | sort -t . -k 3,3nr; }
start_daemon --log-max-bytes 64K --log-keep 900
wait_for_daemon
begin_load
sleep 4
fill
sleep 12
rm /disk/filler*
sleep 5
end_load
settle
sleep 2
# shellcheck disable=SC2046 # words
the_story $(files)
stop_daemon
is "none is left half made" "" "$(find /disk -name '*.new')"
# shellcheck disable=SC2046 # words
intact $(files)
figure "in $(files | wc -l) files"
