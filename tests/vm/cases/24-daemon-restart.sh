# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon dies in the middle of it, and the log has every record once.
ready
load "$(allow restart 1 16 16)"
stress 4 0 "$(page 16)" 16 5 "$(longer 5000)" >stress-said 2>&1 &
stress=$!
round=0
while [ $round -lt 5 ]; do
	usleep 300000
	kill -KILL "$DAEMON"
	wait "$DAEMON" 2>/dev/null
	start_daemon
	wait_for_daemon
	round=$((round + 1))
done
kill -TERM $stress
wait $stress
settle
is "every record is there once" true "$(jq -s 'map(.seq // empty) | . == [range(1; length + 1)]' "$LOG")"
is "each attachment is" 6 "$(records '.kind == "auditor-attached"')"

# Rotation: the new file goes on where the old one ended
mv "$LOG" "$LOG.1"
kill -USR1 "$DAEMON"
denied_read 60
settle
within 5 grep -q continued "$LOG"
is "SIGUSR1 reopens the log" true "$(cat "$LOG.1" "$LOG" | jq -s 'map(.seq // empty) | . == [range(1; length + 1)]')"
stop_daemon TERM
is "SIGTERM ends it cleanly" 0 $?
exits "the log is intact, across both files" 0 devmemctl log verify "$LOG.1" "$LOG"
is "no auditor is left" null "$(status '.auditor')"
