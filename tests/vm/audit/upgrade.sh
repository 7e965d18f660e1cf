# SPDX-License-Identifier: GPL-2.0-or-later
# machine: disk=512M memory=768 seconds=500
# devmemd is replaced by another binary 20 times under load: by turns the old one ends
# first, or the new one is started first and waits. No mapping dies, no record is lost.
. /tests/trouble.sh
LOG=/disk/audit.jsonl
STATE=/disk/serials.json
TIMES=20

# A binary that is another file each time, as a package brings it
install_version() {
	cp /bin/devmemd /disk/devmemd.new
	printf 'version %d' "$1" >>/disk/devmemd.new
	mv /disk/devmemd.new /disk/devmemd
}

start_version() {
	/disk/devmemd --policy-dir "$POLICIES" --log "$LOG" --cert-dir "$DIR/certs" \
		--state "$STATE" 2>>"$DIR/devmemd.err" &
	DAEMON=$!
}

is_auditor() { [ "$(status .auditor.pid)" = "$DAEMON" ] && proven; }

devmemd --new-state --state "$STATE"
start_module
install_version 0
start_version
wait_for_daemon
load "$(allow load 1 16 16)"
held mapping $HELD_PAGE 2
begin_load
sleep 2
turn=0 refused=0
while [ $turn -lt $TIMES ]; do
	turn=$((turn + 1))
	old=$DAEMON
	install_version $turn
	if [ $((turn % 2)) = 0 ]; then
		start_version
		usleep 200000
		kill -TERM "$old"
		wait "$old" || refused=$((refused + 1))
	else
		kill -TERM "$old"
		wait "$old" || refused=$((refused + 1))
		start_version
	fi
	within 10 is_auditor || die "turn $turn: the new one is auditor"
done
pass "each time the new one became auditor"
is "each time the old one ended in order" 0 $refused
lives mapping 0 1
end_load
figure "$TIMES upgrades: the longest outage $(longest_outage) ms; $(tail -n 1 outages-said)"
is "none lasted as long as the grace period" true "$([ "$(longest_outage)" -lt 10000 ] && echo true)"
lives mapping 0 1
let_go mapping
the_story "$LOG"
is "each attached and detached once" "$((TIMES + 1)) $TIMES" \
	"$(records '.kind == "auditor-attached"') $(records '.kind == "auditor-detached"')"
stop_daemon
intact "$LOG"
