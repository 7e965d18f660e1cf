# SPDX-License-Identifier: GPL-2.0-or-later
# machine: disk=1G memory=768 seconds=400
# devmemd is stopped under load: grants end when its proof is too old, mappings when
# the grace period is over too; it goes on by itself and nothing is lost. A service
# manager with a watchdog kills it and starts another.
. /tests/trouble.sh
LOG=/disk/audit.jsonl
STATE=/disk/serials.json

# Proofs are good for 1.5 s, mappings for 2 s longer.
ready heartbeat_ms=500 grace_ms=2000 ring_slots=65536
load "$(allow load 1 16 16)"
held mapping $HELD_PAGE 2
begin_load
sleep 2
lives mapping 0 1
stopped=$(uptime_ms)
kill -STOP "$DAEMON"
sees "what it has proven is good for a while" "read: $PAGE .*" read "$(page 20)" $PAGE
goes mapping 0 6
goes mapping 1
gone=$(($(gone_at mapping 0 4) - stopped))
figure "stopped: the mapping is gone after $gone ms; its proof was good for 1500 ms, the grace period is 2000 ms"
is "not before that is over, and within a second of it" true \
	"$([ $gone -ge 2900 ] && [ $gone -le 4500 ] && echo true)"
denied_read 20
denied_map 20
is "status says what is wrong" false "$(status .auditor.proven)"
resumed=$(uptime_ms)
kill -CONT "$DAEMON"
within 5 memtool read "$(page 20)" $PAGE && pass "when it goes on, so do grants" || fail "when it goes on, so do grants"
figure "grants again after $(($(uptime_ms) - resumed)) ms"
let_go mapping
held mapping $HELD_PAGE 2
sleep 4
lives mapping 0 1
end_load
figure "the longest outage: $(longest_outage) ms; $(tail -n 1 outages-said)"
the_story "$LOG"
recorded "the denials say why" '.kind == "denial" and .reason == "unproven"'
recorded "the mapping's end too" ".kind == \"revoked\" and .reason == \"unproven\" and .policy == \"load\""
judge

# An auditor that comes and goes, and proves nothing, does not keep mappings alive.
stop_daemon
left=$(uptime_ms)
come=0
while [ $come -lt 8 ]; do
	ask attach >/dev/null
	usleep 500000
	come=$((come + 1))
done
goes mapping 0 1
figure "with auditors that prove nothing: gone after $(($(gone_at mapping 0 4) - left)) ms"
is "within a second of the grace period" true "$([ $(($(gone_at mapping 0 4) - left)) -le 3200 ] && echo true)"
let_go mapping

# A service manager with a watchdog of two seconds
start_supervised 2000
wait_for_daemon
begin_load
sleep 4
is "with signs of life nobody is killed" 1 "$(grep -c ' started ' supervised)"
hang=0
while [ $hang -lt 3 ]; do
	first=$(supervised)
	before=$(grep -c ' ready$' supervised)
	kill -STOP "$first"
	ready_again() { [ "$(grep -c ' ready$' supervised)" -gt "$before" ]; }
	within 10 ready_again && pass "hung: another one is ready" || fail "hung: another one is ready"
	is "hung: it was killed for its silence" "ended SIGABRT" "$(sed -n 's/^[0-9]* \(ended .*\)/\1/p' supervised | tail -n 1)"
	sleep 1
	hang=$((hang + 1))
done
end_load
figure "killed by the watchdog $hang times: the longest outage $(longest_outage) ms"
is "none was longer than the watchdog and a start take" true "$([ "$(longest_outage)" -lt 5000 ] && echo true)"
is "none was killed without a reason" 3 "$(grep -c ' silent ' supervised)"
settle
stop_supervised
is "the last one ends in order" "ended 0" "$(sed -n 's/^[0-9]* \(ended .*\)/\1/p' supervised | tail -n 1)"
start_daemon
wait_for_daemon
the_story "$LOG"
stop_daemon
intact "$LOG"
figure "the longest time between two signs of life: $(longest_silence) ms"
