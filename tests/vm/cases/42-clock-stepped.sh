# SPDX-License-Identifier: GPL-2.0-or-later
# Setting the clock back revives nothing; setting it forward ends at once.
START=2000000000
ready
set_clock $START
load "$({
	echo "allow rw $(page 16)+16K until $(utc $((START + 600)))"
	echo "allow rw $(page 24)+4K"
} | policy rule 1)"
load "$({
	echo "expires $(utc $((START + 600)))"
	echo "allow rw $(page 32)+16K"
} | policy whole 1)"
load "$({
	echo "not-before $(utc $((START + 300)))"
	echo "allow rw $(page 40)+4K"
} | policy later 1)"
held rule 16 2
held whole 32 2
held other 24 1
set_clock $((START + 400))
granted_read 40
lives rule 0 1
lives whole 0 1

# Forward, past the end
before=$(uptime_ms)
set_clock $((START + 600))
goes rule 1
goes whole 1
lives other 0
figure "gone after the clock was set past the end: rule $(($(gone_at rule 1 4) - before)) ms, policy $(($(gone_at whole 1 4) - before)) ms"
is "within a second" true \
	"$([ $(($(gone_at rule 1 4) - before)) -le 1000 ] && [ $(($(gone_at whole 1 4) - before)) -le 1000 ] && echo true)"
denied_read 16
denied_read 32

# Back again, by a little and by a lot
for step in 1 500 100000; do
	set_clock $((START + 600 - step))
	denied_read 16
	denied_write 16
	denied_map 16
	denied_map 16 r
	denied_read 32
	denied_map 32
	granted_read 24
done
mem "a beginning goes by the clock as it is" "read: EPERM" read "$(page 40)" $PAGE
recorded "with that reason" ".kind == \"denial\" and .reason == \"not-yet\" and .first == \"$(page 40)\""
goes rule 0
goes whole 0
lives other 0
recorded "the reason is the end, with the clock set back too" \
	".kind == \"denial\" and .reason == \"expired\" and .operation == \"mmap-read\" and .first == \"$(page 16)\" and .time < \"2033-05-18T03:33:20\""
is "status agrees: the policy is out of time" true \
	"$(status '.policies[] | select(.name == "whole") | .out_of_time')"
is "so do the rules" true "$(devmemctl -j rules rule | jq 'any(.[]; .until and .out_of_time)')"

# An end that nobody looked at is one all the same
set_clock $((START + 3000))
load "$(echo "allow rw $(page 56)+4K until $(utc $((START + 3002)))" | policy unseen 1)"
sleep 4
set_clock $((START + 3000))
denied_read 56
set_clock $((START + 600))

# A new policy that was over by the latest time that was seen is over
load "$(echo "allow rw $(page 48)+4K until $(utc $((START + 3001)))" | policy late 1)"
denied_read 48
load "$(echo "allow rw $(page 48)+4K until $(utc $((START + 9000)))" | policy late 2)"
granted_read 48
for name in rule whole other; do
	let_go $name
done
