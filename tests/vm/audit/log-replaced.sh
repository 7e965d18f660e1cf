# SPDX-License-Identifier: GPL-2.0-or-later
# machine: disk=512M memory=768 seconds=400
# Under load the log is deleted, replaced, emptied, cut, written to, and loses its
# directory. What is lost is what was in the file; which records that are is told, on
# standard error and in the log, whose next record follows; verifying says so.
. /tests/trouble.sh
mkdir /disk/log
LOG=/disk/log/audit.jsonl
STATE=/disk/serials.json

# The log but for its last line, which may be under way
so_far() { head -n -1 "$LOG"; }

# The log from line $2 on: a checkpoint, and behind it the record that follows its last
goes_on() {
	so_far | tail -n "+$2" >since
	is "$1: it goes on with a checkpoint" '["continued",true]' \
		"$(jq -nc 'first(inputs | select(.kind == "checkpoint")) | [.cause, (.last_seq > 0)]' since)"
	is "$1: and behind it with the next record" 1 \
		"$(jq -n '[limit(12; inputs)] | (map(select(.kind == "checkpoint"))[0].last_seq) as $last |
			map(select(.seq))[0].seq - $last' since)"
	is "$1: and every one from there" true \
		"$(jq -n 'reduce (inputs | .seq // empty) as $seq ({good: true, next: 0};
			{good: (.good and (.next == 0 or $seq == .next)), next: ($seq + 1)}) | .good' since)"
}

# The log is being written: what its last checkpoint counted may be on its way.
verdict() {
	devmemctl -j log verify "$LOG" 2>&1 |
		jq -r '"\(.result) \([.missing[] | select(.at_end | not) | "\(.first)-\(.last)"] | join(","))"'
}

last_of() { jq -n 'first(inputs | select(.kind == "checkpoint")).last_seq' "$LOG"; }
said_so() { [ "$(grep -c "$1" devmemd.err)" -gt "$2" ]; }
new_file() { [ -s "$LOG" ]; }

ready
load "$(allow load 1 16 16)"
begin_load
sleep 3

rm "$LOG"
within 3 new_file && pass "deleted: it is begun again" || fail "deleted: it is begun again"
within 3 said_so "log was deleted: begun again behind record" 0 && pass "deleted: devmemd says so" || fail "deleted: devmemd says so"
sleep 2
goes_on deleted 1
is "deleted: verifying names what is missing" "incomplete 1-$(last_of)" "$(verdict)"

cp "$LOG" /disk/log/copy
sleep 1
lines=$(wc -l </disk/log/copy)
mv /disk/log/copy "$LOG"
within 3 said_so "begun again behind record" 1 && pass "replaced: devmemd says so" || fail "replaced: devmemd says so"
sleep 2
goes_on replaced $((lines + 1))
matches "replaced: it is not intact" "^(tampered|incomplete)" "$(verdict)"

: >"$LOG"
within 3 said_so "somebody changed the log" 0 && pass "emptied: devmemd says so" || fail "emptied: devmemd says so"
sleep 2
goes_on emptied 1
is "emptied: verifying names what is missing" "incomplete 1-$(last_of)" "$(verdict)"

# What was just written and not acknowledged would only be written again.
truncate -s $(($(stat -c %s "$LOG") / 2 + 5)) "$LOG"
within 3 said_so "somebody changed the log" 1 && pass "cut: devmemd says so" || fail "cut: devmemd says so"
sleep 1
matches "cut: it is not intact" "^tampered" "$(verdict)"
is "cut: every line is whole" 0 "$(so_far | jq -n 'try reduce inputs as $line (0; 0) catch 1')"

: >"$LOG"
sleep 1
printf 'a line that is none' >>"$LOG"
within 3 said_so "somebody changed the log" 3 && pass "written to: devmemd says so" || fail "written to: devmemd says so"
sleep 1
is "written to: what was not a line is gone, and marked" 1 "$(so_far | jq -n '[inputs | select(.kind == "repaired")] | length')"
matches "written to: no record is hurt" "^incomplete 1-[0-9]*\$" "$(verdict)"

# Without a directory nothing is acknowledged; with one again, nothing more is missing.
mv /disk/log /disk/away
rm -r /disk/away
within 3 said_so "deleted, and cannot be begun again: No such file" 0 && pass "no directory: devmemd says so" || fail "no directory: devmemd says so"
before=$(status .ring.acknowledged)
sleep 4
is "no directory: nothing is acknowledged" "$before" "$(status .ring.acknowledged)"
mkdir /disk/log
within 3 new_file && pass "a directory again: so is the log" || fail "a directory again: so is the log"
sleep 2
goes_on "no directory" 1
is "no directory: what is missing was acknowledged before" "incomplete 1-$before" "$(verdict)"
is "no directory: that was said once" 1 "$(grep -c 'cannot be begun again' devmemd.err)"
end_load
settle
is "the kernel's counters say how much is missing" true \
	"$(devmemctl -j log verify "$LOG" | jq '.missing_records > 0 and .missing_records == .missing[0].last')"
figure "the longest outage: $(longest_outage) ms; $(tail -n 1 outages-said)"
stop_daemon
is "it ends in order" 0 $?
