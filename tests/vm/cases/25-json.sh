# SPDX-License-Identifier: GPL-2.0-or-later
# What programs read parses as JSON and says the same as what people read.
ready
load "$(allow json 3 16 16 rw 'label "a \"quoted\" label"')"
devmemctl -j monitor >monitor.json &
monitor=$!
usleep 500000
granted_read 16
denied_read 15
within 5 grep -q '"kind":"denial"' monitor.json
kill $monitor
exits "status -j parses" 0 sh -c 'devmemctl -j status | jq -e .'
exits "rules -j parses" 0 sh -c 'devmemctl -j rules | jq -e .'
exits "monitor -j parses" 0 jq -e . monitor.json
matches "monitor shows the grant and the denial" "grant.*denial" "$(jq -r .kind monitor.json | tr '\n' ' ')"
is "the label comes through" 'a "quoted" label' "$(devmemctl -j rules | jq -r '[.. | .label? | strings] | first')"
exits "status" 0 devmemctl status
said "names the policy" "json"
said "warns of the development key" "development"
exits "rules" 0 devmemctl rules
said "shows the range" "$(page 16)"
exits "the log parses" 0 jq -e . "$LOG"
