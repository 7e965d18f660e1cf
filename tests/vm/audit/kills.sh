# SPDX-License-Identifier: GPL-2.0-or-later
# machine: disk=2G memory=768 seconds=1500
# devmemd is killed 500 times, whenever it happens, while four processes use
# /dev/mem: when it starts, proves, drains, writes, acknowledges. The log has every
# record once, adds up to what the kernel counted, and is intact.
LOG=/disk/audit.jsonl
STATE=/disk/serials.json
ROUNDS=500

# The time that a round lasts, in microseconds: up to 0.9 s
moment() { echo $(($(od -An -N4 -tu4 /dev/urandom) % 900000)); }

ready
load "$(allow kills 1 16 16)"
stress 4 0 "$(page 16)" 16 7 20000 >stress-said 2>&1 &
stress=$!
killed=0
while [ $killed -lt $ROUNDS ]; do
	usleep "$(moment)"
	kill -KILL "$DAEMON" || die "devmemd was there to be killed: round $killed"
	wait "$DAEMON" 2>/dev/null
	start_daemon
	killed=$((killed + 1))
done
wait_for_daemon
kill -TERM $stress
wait $stress
is "nothing but grants and refusals happened" 0 $?
settle
stop_daemon
exits "the log is intact" 0 devmemctl -j log verify "$LOG"
figure "$(jq -r '"killed '$killed' times: \(.records) records, \(.checkpoints) checkpoints"' said)"
attached=$(records '.kind == "auditor-attached"')
figure "of these times devmemd was auditor already: $attached; $(records '.kind == "repaired"') unfinished lines mended"
figure "granted pages $(sum '.kind == "grant"'), denied pages $(sum '.kind == "denial"'); $(cat stress-said)"
is "every record is there once" true \
	"$(jq -n 'reduce (inputs | .seq // empty) as $seq ({good: true, next: 1};
		{good: (.good and $seq == .next), next: ($seq + 1)}) | .good' "$LOG")"
[ "$attached" -gt $((ROUNDS / 4)) ] && pass "many of them were auditor" || fail "only $attached were auditor"
[ "$(records '.kind == "grant"')" -gt "$ROUNDS" ] && pass "there were grants" || fail "there were grants"
start_daemon
wait_for_daemon
adds_up
