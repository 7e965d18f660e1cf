# SPDX-License-Identifier: GPL-2.0-or-later
# What goes wrong around the daemon, and what it says: a second one, a full disk,
# a log that is none; and what vanishes from its directory.
mkdir small
mount -t tmpfs -o size=64k none small
LOG=small/audit.jsonl
cp "$(allow held 1 16 16)" "$POLICIES/held.dmp"
ready ring_slots=64
within 5 memtool read "$(page 16)" 4096

exits "a second daemon is refused" 1 devmemd --policy-dir "$POLICIES" --state "$STATE" --log other.jsonl
said "and told which process is the auditor" "process $DAEMON .devmemd. is auditor"
exits "a log without a directory" 1 devmemd --policy-dir "$POLICIES" --state "$STATE" --log nowhere/log
said "is told" "nowhere/log: its directory does not exist"
ln -s elsewhere link
exits "a log that is a symbolic link" 1 devmemd --policy-dir "$POLICIES" --state "$STATE" --log link
said "is told" "link is a symbolic link"

# No room: records stay in the kernel until its ring is full, then no grants.
dd if=/dev/zero of=small/filler bs=1k 2>/dev/null
tries=0
while [ $tries -lt 200 ] && memtool read "$(page 16)" 4096 | grep -q "4096"; do
	tries=$((tries + 1))
done
denied_read 16
matches "devmemd says that the disk is full, once" "^1\$" \
	"$(grep -c "cannot be written: No space left" devmemd.err)"
rm small/filler
within 10 drained && pass "with room again the log catches up" || fail "the log catches up"
granted_read 16
settle
is "no record is missing, torn or doubled" true \
	"$(jq -s 'map(.seq // empty) | . == [range(1; length + 1)]' "$LOG")"
is "all pages are accounted for" \
	"$(status '"\(.counters.granted_pages) \(.counters.denied_pages)"')" \
	"$(jq -rs 'def sum(f): map(select(f) | .pages) | add // 0;
		"\(sum(.kind == "grant")) \(sum(.kind == "denial" or .kind == "loss"))"' "$LOG")"

exits "monitor shows what the ring has" 0 devmemctl -j monitor --all --count 5
is "as JSON lines" 5 "$(jq -s length said)"
sed 's/^{"prev":"[0-9a-f]*",/{/' "$LOG" >unchained
is "the same as in the log, without its chain" 0 "$(grep -vxFc -f unchained said)"
exits "rules of an unknown policy" 1 devmemctl rules nosuch
said "is told" "no policy nosuch is in force"
exits "rules of a known one" 0 devmemctl rules held
said "has it in words" "^held [0-9a-f]{8}: allow rw $(page 16)-0x"

# A policy goes with its file, but not because of a file that cannot be read.
echo rubbish >"$POLICIES/bad.dmp"
rm "$POLICIES/held.dmp"
kill -HUP "$DAEMON"
within 5 grep -q "may be its own" devmemd.err && pass "doubt keeps a policy" || fail "doubt keeps a policy"
granted_read 16
rm "$POLICIES/bad.dmp"
kill -HUP "$DAEMON"
within 5 grep -q "held was removed" devmemd.err && pass "removed" || fail "removed"
denied_read 16
recorded "the removal is in the log" '.kind == "policy-removed" and .policy == "held"'
stop_daemon TERM
is "it ends with" 0 $?
judge
umount small
