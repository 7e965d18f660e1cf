# SPDX-License-Identifier: GPL-2.0-or-later
# machine: disk=512M memory=768 seconds=300
# The clock is set back by a day and forward by two, under load: records keep their
# order, the chain holds, and times are what the clock said.
. /tests/trouble.sh
LOG=/disk/audit.jsonl
STATE=/disk/serials.json
NOON=1900000000
DAY=86400

# How many records have a time from $1 to $2, both as the log writes them
between_times() {
	jq -n --arg from "$1" --arg to "$2" \
		'reduce (inputs | select(.seq and .time >= $from and .time < $to)) as $r (0; . + 1)' "$LOG"
}

# What log show counts of a day
shown() { devmemctl -j log show --since "$1" --until "$1" "$LOG" | jq -n 'reduce (inputs | if type == "array" then .[] else . end | select(.seq)) as $r (0; . + 1)'; }
day() { date -u -d "@$1" +%Y-%m-%d; }

set_clock $NOON
ready
load "$({
	echo "allow rw $(page 16)+64K"
	echo "allow r $(page 60)+4K log summary"
} | policy load 1)"
begin_load
outages "$(page 60)" 20000 >summed &
summed=$!
sleep 4
set_clock $((NOON - DAY))
sleep 4
set_clock $((NOON + DAY))
sleep 4
set_clock $NOON
sleep 3
kill -TERM $summed
wait $summed
end_load
is "no grant was refused meanwhile" 0 "$(longest_outage)"
the_story "$LOG"
stop_daemon
intact "$LOG"
total=0
for offset in -$DAY 0 $DAY; do
	today=$(day $((NOON + offset)))
	wanted=$(between_times "$today" "$(day $((NOON + offset + DAY)))")
	is "$today: --since and --until find all of it" "$wanted" "$(shown "$today")"
	[ "$wanted" -gt 50 ] && pass "$today: there was something" || fail "$today: there was something: $wanted"
	total=$((total + wanted))
done
is "and no record has another time" "$(records .seq)" $total
figure "$total records on three days"
is "the order is that of the calls, not of the clock" true \
	"$(jq -n 'reduce (inputs | select(.seq)) as $r ({back: 0, last: ""};
		.back += (if $r.time[:10] < .last[:10] then 1 else 0 end) | .last = $r.time) | .back >= 2' "$LOG")"
is "what was added up has the time of its first call, and of its last, by the clock of each" true \
	"$(jq -n 'reduce (inputs | select(.calls and .kind == "grant")) as $r ({n: 0, good: true};
		.n += 1 | .good = (.good and ($r.last_time | length > 0))) | .good and .n > 5' "$LOG")"
