# SPDX-License-Identifier: GPL-2.0-or-later
# machine: disk=512M memory=768 seconds=900
# A disk that is slow, hangs, is read-only, or fails, under load. Waiting for it is not
# taken for a dead auditor: grants go on while the ring has room, and then stop for that
# reason. What fails is written again; nothing that was acknowledged is missing.
. /tests/trouble.sh
LOG=/disk/audit.jsonl
STATE=/disk/serials.json
WATCHDOG_MS=3000

counted() { awk -v text="$1" 'index($0, text) { n++ } END { print n + 0 }' devmemd.err; }
more_said() { [ "$(counted "$1")" -gt "$2" ]; }
refused() { memtool read "$(page 20)" 4 | grep -q EPERM; }
granted() { ! refused; }
reasons() { jq -nrc '[inputs | select(.kind == "denial" or .kind == "loss") | .reason] | unique - ["no-rule"]' "$LOG"; }

# same_daemon TEXT: nobody has killed or replaced it, nor missed its signs of life
same_daemon() { is "$1: devmemd is the same, and gave signs of life" "1 0" "$(grep -c ' started ' supervised) $(grep -c ' silent ' supervised)"; }

# Proofs are good for 1.5 s.
put_between
start_module heartbeat_ms=500 grace_ms=2000 ring_slots=4096
start_supervised $WATCHDOG_MS
wait_for_daemon
load "$(allow load 1 16 16)"
held mapping $HELD_PAGE 2

# Each flush takes five seconds; the ring has room for what comes meanwhile.
begin_load 3 7 100000 20000
between "delay /dev/vda 0 0 /dev/vda 0 0 /dev/vda 0 5000"
sleep 25
figure "slow: ring newest, acknowledged, slots: $(ring)"
straight
sleep 2
same_daemon slow
lives mapping 0 1
end_load
figure "five seconds a flush: the longest outage $(longest_outage) ms; $(tail -n 1 outages-said)"
the_story "$LOG"
is "nothing was refused that is allowed" "0 []" "$(longest_outage) $(reasons)"
is "devmemd said that it is slow, and that this is over" "1 1" \
	"$(counted 'ms to write to the log') $(counted 'is written in time again')"

# The disk hangs for a minute, and goes on.
begin_load 3 11 10000 5000
dmsetup --noudevsync suspend --nolockfs --noflush between
hung=$(uptime_ms)
within 55 refused && figure "the ring of 4096 was full $(($(uptime_ms) - hung)) ms after the disk hung"
while [ $(($(uptime_ms) - hung)) -lt 60000 ]; do
	sleep 1
done
is "hung: the auditor is proven" true "$(status .auditor.proven)"
lives mapping 0 1
dmsetup --noudevsync resume between
within 10 granted && pass "when it goes on, so do grants" || fail "when it goes on, so do grants"
sleep 2
same_daemon hung
end_load
figure "hung for a minute: the longest outage $(longest_outage) ms; $(tail -n 1 outages-said)"
the_story "$LOG"
matches "the reason was the ring, if any" '^\[("ring-full")?\]$' "$(reasons)"
is "the service manager was told" "status Auditor, waiting for a disk" \
	"$(sed -n 's/^[0-9]* \(status .*waiting.*\)/\1/p' supervised | tail -n 1)"

# Read-only for a while
begin_load
before=$(counted "is being written again")
echo u >/proc/sysrq-trigger
within 10 more_said "cannot be written: Read-only file system" 0 && pass "read-only: devmemd says so" || fail "read-only: devmemd says so"
acknowledged=$(status .ring.acknowledged)
sleep 3
is "read-only: nothing is acknowledged" "$acknowledged" "$(status .ring.acknowledged)"
mount -o remount,rw /disk
within 5 more_said "log is being written again" "$before" && pass "writable: it goes on by itself" || fail "writable: it goes on by itself"
end_load
the_story "$LOG"
same_daemon "read-only"

# Errors: the journal of ext4 gives up, and only mounting anew helps.
begin_load
sleep 1
before=$(counted "log cannot be written")
between error
within 10 more_said "log cannot be written" "$before" && pass "errors: devmemd says so" || fail "errors: devmemd says so"
figure "errors: $(grep 'log cannot be written' devmemd.err | tail -n 1)"
sleep 3
straight
sleep 3
acknowledged=$(status .ring.acknowledged)
same_daemon errors
stop_supervised
figure "the longest time between two signs of life: $(longest_silence) ms, of $WATCHDOG_MS"
umount /disk
mount -t ext4 /dev/mapper/between /disk
# The last line may be under way, or half of one.
in_log=$(jq -nR 'reduce (inputs | fromjson? | .seq // empty) as $seq (0; $seq)' "$LOG")
figure "errors: acknowledged $acknowledged, in the log after mounting anew $in_log"
[ "$in_log" -ge "$acknowledged" ] && pass "all that was acknowledged is there" || fail "all that was acknowledged is there"
start_daemon
wait_for_daemon
end_load
the_story "$LOG"
stop_daemon
intact "$LOG"
let_go mapping

# A file system without a journal goes on after errors: a failed fdatasync tells once
# that pages were lost, so all of them are written again.
umount /disk
mke2fs /dev/mapper/between >/dev/null
mount -t ext4 -o errors=continue /dev/mapper/between /disk
unload_module
: >devmemd.err
ready
load "$(allow load 1 16 16)"
begin_load
turn=0
while [ $turn -lt 5 ]; do
	sleep 2
	between error
	within 5 more_said "log cannot be written: Input/output error" $turn || fail "EIO $turn: devmemd says so"
	sleep 1
	straight
	within 5 more_said "log is being written again" $turn || fail "EIO $turn: it goes on by itself"
	turn=$((turn + 1))
done
end_load
figure "writes failed with EIO $(counted 'Input/output error') times: the longest outage $(longest_outage) ms; $(tail -n 1 outages-said)"
the_story "$LOG"
stop_daemon
echo 3 >/proc/sys/vm/drop_caches
umount /disk
mount -t ext4 /dev/mapper/between /disk
intact "$LOG"
nothing_between
