# SPDX-License-Identifier: GPL-2.0-or-later
# Policies are replaced while four processes are at it: nobody sees half of one.
ready
load "$(allow busy 1 16 16)"
stress 4 0 "$(page 16)" 16 7 "$(longer 3000)" >stress-said 2>&1 &
stress=$!
serial=2
while [ $serial -le 25 ]; do
	load "$(allow busy $serial $((16 + serial % 2 * 4)) 16)" || die "serial $serial loads"
	serial=$((serial + 1))
done
kill -TERM $stress
wait $stress
matches "every call was granted or refused" "^worked [1-9][0-9]* refused [1-9][0-9]* other 0\$" "$(cat stress-said)"
settle
is "24 replacements and the first are in the log" 25 "$(records '.kind == "policy-loaded"')"
is "nothing missed" 0 "$(status '.counters.misses + .counters.untracked')"

# devmemd's own way: a directory, SIGHUP, and a bad file that changes nothing
cp "$(allow daily 1 60 1)" "$POLICIES/daily.dmp"
kill -HUP "$DAEMON"
within 5 memtool read "$(page 60)" 4096
granted_read 60
echo rubbish >"$POLICIES/daily.dmp"
kill -HUP "$DAEMON"
sleep 1
granted_read 60
matches "devmemd says which file is bad" "daily.dmp" "$(cat devmemd.err)"
cp "$(allow daily 2 61 1)" "$POLICIES/daily.dmp"
kill -HUP "$DAEMON"
within 5 memtool read "$(page 61)" 4096
granted_read 61
denied_read 60
