# SPDX-License-Identifier: GPL-2.0-or-later
# not-before, expires and until bound what is allowed, to the second; nothing that
# is denied becomes open because time passes, but by a deny rule's own until.
START=2000000000
END=$((START + 1000))
ready
set_clock $((START - 1000))
load "$({
	echo "not-before $(utc $START)"
	echo "expires $(utc $END)"
	echo "allow rw $(page 16)+16K"
	echo "allow rw $(page 20)+4K until $(utc $((START + 500)))"
	echo "deny rw $(page 24)+4K"
	echo "deny rw $(page 26)+4K until $(utc $((START + 500)))"
} | policy bounded 1)"
load "$(allow forever 1 24 4)"
load "$({
	echo "default deny"
	echo "expires $(utc $((START - 500)))"
	echo "allow r $(page 40)+4K"
} | policy closed 1)"
bounded() { devmemctl -j status | jq -r '.policies[] | select(.name == "bounded") | .'"$1"; }

# Before
set_clock $((START - 10))
denied_read 16
denied_map 16
denied_read 20
denied_read 24
denied_read 26
granted_read 25
recorded "why it is refused: its time has not come" \
	".kind == \"denial\" and .reason == \"not-yet\" and .policy == \"bounded\" and .first == \"$(page 16)\" and .rule"
recorded "a deny rule holds before its policy's time" \
	".kind == \"denial\" and .reason == \"deny-rule\" and .policy == \"bounded\" and .first == \"$(page 24)\""
is "status says when it begins and ends" "$(utc $START) $(utc $END) true" \
	"$(bounded 'not_before + " " + .expires + " " + (.out_of_time | tostring)')"
denied_read 40
recorded "the other policy is over" '.kind == "denial" and .reason == "expired" and .policy == "closed"'
mem "but its default deny holds" "mmap: EPERM" mmap "$DMP_CLAIM" $PAGE r
recorded "and is the reason" '.kind == "denial" and .reason == "default-deny" and .baseline == "allow"'
is "status says default deny" true "$(status .default_deny)"
devmemctl remove closed
mem "removed, it does not" "mmap: ok" mmap "$DMP_CLAIM" $PAGE r

# Inside, from the first second
set_clock $START
granted_read 16
granted_map 16
granted_write 19
granted_read 20
denied_read 24
denied_read 26
is "status: it is in time" false "$(bounded out_of_time)"
# A rule's own end, which is not in it
set_clock $((START + 498))
granted_read 20
denied_read 26
set_clock $((START + 500))
denied_read 20
denied_map 20 r
granted_read 26
granted_read 16
recorded "why it is refused: the rule has expired" \
	".kind == \"denial\" and .reason == \"expired\" and .policy == \"bounded\" and .first == \"$(page 20)\" and .rule"
is "rules says so of both" 2 "$(devmemctl -j rules bounded | jq 'map(select(.out_of_time and .until)) | length')"
recorded "the rule's end is on record" \
	".kind == \"expired\" and .policy == \"bounded\" and .rule == \"$(devmemctl -j rules bounded | jq -r '.[] | select(.until and .action == "allow") | .rule')\""

# The policy's end, likewise
set_clock $((END - 2))
granted_read 16
set_clock $END
denied_read 16
denied_write 16
denied_map 16
recorded "why it is refused: the policy has expired" \
	".kind == \"denial\" and .reason == \"expired\" and .policy == \"bounded\" and .first == \"$(page 16)\""
denied_read 24
granted_read 25
is "status: it is out of time" true "$(bounded out_of_time)"
exits "status tells people" 0 devmemctl status
said "in capitals" "OUT OF TIME"
recorded "the policy's end is on record" '.kind == "expired" and .policy == "bounded" and (has("rule") | not)'
is "each end is on record once" 0 \
	"$(jq -s '[.[] | select(.kind == "expired") | "\(.policy) \(.rule)"] | length - (unique | length)' "$LOG")"
