# SPDX-License-Identifier: GPL-2.0-or-later
# The log proves itself: intact across daemons that were killed, files that were
# rotated, and two instances of the module; and it tells what was done to it.
verify() { devmemctl log verify "$@"; }
# All files, the oldest first
files() {
	local number=40
	while [ $number -gt 0 ]; do
		[ ! -e "$LOG.$number" ] || echo "$LOG.$number"
		number=$((number - 1))
	done
	echo "$LOG"
}
settled() { tail -n 1 "$LOG" | grep -q '"settled":true'; }

ready
load "$(allow chain 1 16 16)"
granted_read 16
denied_read 40
settle
within 15 settled && pass "once quiet, the sums are the counters" || fail "a checkpoint says that it is quiet"
exits "the log of a daemon that runs is intact" 0 verify "$LOG"
stop_daemon TERM
exits "as it is when it has ended" 0 verify "$LOG"
cp "$LOG" good

# Power cuts, and rotation by size, under load
start_daemon --log-max-bytes 64K --log-keep 40
wait_for_daemon
stress 4 0 "$(page 16)" 24 5 "$(longer 8000)" >stress-said 2>&1 &
stress=$!
round=0
while [ $round -lt 4 ]; do
	usleep 700000
	kill -KILL "$DAEMON"
	wait "$DAEMON" 2>/dev/null
	printf '{"prev":"torn' >>"$LOG"
	start_daemon --log-max-bytes 64K --log-keep 40
	wait_for_daemon
	round=$((round + 1))
done
kill -TERM $stress
wait $stress
settle
within 15 settled && pass "the sums are the counters again" || fail "quiet again"
all=$(files)
exits "intact over all files" 0 verify $all
said "with its repairs" "4 repairs"
cat $all >together
figure "$(files | wc -l) files, $(grep -c '"seq":' together) records, $(grep -c '"kind":"checkpoint"' together) checkpoints"
is "with several files" true "$([ "$(files | wc -l)" -gt 1 ] && echo true)"
is "no number is missing" true "$(jq -s 'map(.seq // empty) | . == [range(1; length + 1)]' together)"

# By hand, and deleted under it
mv "$LOG" renamed
kill -USR1 "$DAEMON"
within 5 grep -q '"cause":"continued"' "$LOG" && pass "SIGUSR1 begins a file" || fail "SIGUSR1 begins a file"
denied_read 41
settle
rm "$LOG"
denied_read 42
within 5 grep -q '"kind":"denial"' "$LOG" && pass "a deleted log is begun again" || fail "a deleted log is begun again"
stop_daemon TERM
all=$(files | sed '$d')
exits "and lacks what was in it" 9 verify $all renamed "$LOG"
said "by number" "missing: records [0-9]+ to [0-9]+ of "

# Another instance of the module, in the same file
unload_module || fail "the module is unloaded"
cp good "$LOG"
rm -f "$LOG".*
start_module
start_daemon
wait_for_daemon
denied_read 40
stop_daemon TERM
exits "the log goes on with another instance" 0 verify "$LOG"
said "and counts it" "instances of the module: 2"

head=$(devmemctl -j log verify "$LOG" | jq -r .head)
exits "the head that was told is in it" 0 verify --head "$head" "$LOG"
matches "as devmemd told it" "log head $head at record [0-9]+ of [0-9a-f]{16} .stop." "$(grep 'log head' devmemd.err)"
exits "but not in its beginning" 9 verify --head "$head" good
sed '5d' "$LOG" >changed
exits "a line that is deleted" 8 verify changed
said "is told" "changed:5: "
sed '/"kind":"grant"/s/"pages":1/"pages":2/' "$LOG" >changed
exits "a number that is changed" 8 verify changed
head -c 3000 "$LOG" >changed
exits "an end that is cut off" 9 verify changed

devmemctl log show --csv --verdict denial --range "$(page 40)" "$LOG" >said
is "show finds the denials of a page" 2 "$(grep -c ',denial,read,' said)"
devmemctl -j log summary --verdict denial --by range "$LOG" >said
is "and summary adds them up" 2 "$(jq --arg first "$(page 40)" '.[] | select(.range | startswith($first)) | .pages' said)"

# An instance of which nobody saw the end: devmemd is killed, and the module goes
start_daemon
wait_for_daemon
denied_read 40
settle
within 15 settled || fail "quiet"
kill -KILL "$DAEMON"
wait "$DAEMON" 2>/dev/null
last=$(jq -s 'map(.seq // empty) | last' "$LOG")
exits "while it is the last one, nothing speaks against it" 0 verify "$LOG"
unload_module || fail "the module is unloaded without an auditor"
start_module
start_daemon
wait_for_daemon
stop_daemon TERM
exits "an instance without its end" 9 verify "$LOG"
said "is told, with where it was cut off" "instance [0-9a-f]{16} was cut off behind record $last; "
is "and nothing else is wrong" '["cut-off"]' "$(devmemctl -j log verify "$LOG" | jq -c .lacks)"

# And two that are closed: by devmemd, and by the module
unload_module || fail "the module is unloaded behind devmemd"
rm -f "$LOG"
for round in 1 2 3; do
	start_module
	start_daemon
	wait_for_daemon
	[ $round != 1 ] || stop_daemon TERM
	[ $round = 3 ] || unload_module || fail "round $round: the module is unloaded"
	[ $round = 3 ] || wait "$DAEMON"
done
stop_daemon TERM
exits "with their ends, it is intact" 0 verify "$LOG"
is "and says how they ended" "3 1" "$(devmemctl -j log verify "$LOG" | jq -r '"\(.instances) \(.unattended)"')"
is "the one by its last record" 1 "$(records '.kind == "module-unloading"')"
