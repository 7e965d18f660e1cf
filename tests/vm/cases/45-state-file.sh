# SPDX-License-Identifier: GPL-2.0-or-later
# The serials that were accepted outlive the daemon and the module, in a file that no
# crash spoils, and without which the daemon does not start unless told to.
valid() { jq -e '.format == 1 and (.checksum | length == 64) and (.policies | type == "object")' "$STATE"; }
floor() { jq -r ".policies[\"$1\"].serial // 0" "$STATE"; }
in_force() { devmemctl status | sed -n "s/^  $1 serial \([0-9]*\),.*/\1/p"; }
daemon() { timeout 10 devmemd --policy-dir "$POLICIES" --log "$LOG" --cert-dir "$DIR/certs" --state "$STATE" "$@"; }

# None, and none that is good
start_module
exits "without a state file it does not start" 7 daemon
said "and says which" "state file $STATE"
said "what that means" "older polic"
said "and the way out" "devmemd --new-state --state $STATE"
is "it made none" false "$([ -e "$STATE" ] && echo true || echo false)"
exits "the way out" 0 devmemd --new-state --state "$STATE"
exits "makes a valid one" 0 valid
exits "which is no reason for another" 1 devmemd --new-state --state "$STATE"
is "and nobody else's to read" 600 "$(stat -c %a "$STATE")"
for wrong in empty text truncated changed format; do
	cp "$STATE" good
	case $wrong in
	empty) : >"$STATE" ;;
	text) echo "policy nonsense" >"$STATE" ;;
	truncated) head -c 20 good >"$STATE" ;;
	changed) sed -i 's/"policies":{}/"policies":{"x":{"serial":1}}/' "$STATE" ;;
	format) sed -i 's/"format":1/"format":2/' "$STATE" ;;
	esac
	is "$wrong: it is another file" 1 "$(cmp -s good "$STATE" || echo 1)"
	exits "$wrong: it does not start" 7 daemon
	said "$wrong: and says which" "state file $STATE"
	cp good "$STATE"
done
echo nonsense >"$STATE"
exits "the way out of a corrupt one" 0 devmemd --new-state --state "$STATE"
said "keeps it aside" "corrupt"
is "as it was" nonsense "$(cat "$STATE".corrupt-*)"

# Accepted serials are in it, from the directory or by hand
cp "$(allow daily 5 16 1)" "$POLICIES/daily.dmp"
older=$(allow daily 4 17 1)
start_daemon
wait_for_daemon
within 5 memtool read "$(page 16)" 4096
is "what the daemon registered" 5 "$(floor daily)"
load "$(allow byhand 7 20 1)"
kept() { [ "$(floor "$1")" = "$2" ]; }
within 5 kept byhand 7 && pass "what was loaded by hand" || fail "what was loaded by hand"
exits "it is valid" 0 valid

# As after a reboot: no module, no daemon, the same files
reboot() {
	stop_daemon "$@" 2>/dev/null
	unload_module
	rm -f "$LOG" devmemd.err
	start_module
	start_daemon
	wait_for_daemon
}
reboot
within 5 memtool read "$(page 16)" 4096
granted_read 16
is "the same policy is in force again" 5 "$(in_force daily)"
cp "$older" "$POLICIES/daily.dmp"
reboot KILL
denied_read 17
denied_read 16
matches "the older one is refused by devmemd, which says why" "daily.dmp: not registered: its serial 4 is older than 5" "$(cat devmemd.err)"
is "nothing of that name is in force" "" "$(in_force daily)"
exits "by the kernel too, which devmemd told" 1 rawload "$older"
said "with errno and sentence" "^ESTALE: .*4"
exits "also what was once loaded by hand, but older" 1 rawload "$(allow byhand 6 20 1)"
said "with errno and sentence" "^ESTALE: .*6"
exits "the same can be loaded by hand" 0 rawload byhand-7.dmp
cp "$(allow daily 6 19 1)" "$POLICIES/daily.dmp"
kill -HUP "$DAEMON"
within 5 memtool read "$(page 19)" 4096
is "a newer one is accepted" "6 6" "$(in_force daily) $(floor daily)"
is "and nothing was lowered" 7 "$(floor byhand)"

# Another policy with a serial that was accepted
echo "allow r $(page 30)+4K" | policy daily 6 >said
cp "$(cat said)" "$POLICIES/daily.dmp"
reboot
denied_read 30
matches "another policy of the same serial is refused" "daily.dmp: not registered: another policy with its serial 6" "$(cat devmemd.err)"

# Twenty policies, and all but the first registered by a daemon that is killed: two at once,
# and later each time, until after as long as the first took, but never a second.
stop_daemon
rm "$POLICIES/daily.dmp"
arrived() { [ "$(in_force serials)" = $serial ]; }
serial=1 early=0
cp /keys/serials/1.dmp "$POLICIES/serials.dmp"
before=$(uptime_ms)
start_daemon
within 10 arrived || fail "the first arrives"
usual=$(($(uptime_ms) - before))
[ $usual -lt 1000 ] || usual=1000
stop_daemon
while [ $serial -lt 20 ]; do
	serial=$((serial + 1))
	cp /keys/serials/$serial.dmp "$POLICIES/serials.dmp"
	# Thought of before: starting a program takes as long as what is waited for.
	delay=$((usual * 1000 * (serial - 2) / 18 + $(od -An -N4 -tu4 /dev/urandom) % 20000))
	start_daemon
	[ $serial -le 3 ] || usleep $delay
	stop_daemon KILL 2>/dev/null
	accepted=$(in_force serials)
	[ "$accepted" = $serial ] || early=$((early + 1))
	echo "{\"wanted\": $serial, \"accepted\": $accepted, \"state\": $(cat "$STATE")}" >>states
done
is "the state was always valid, and never below what was accepted" "19 of 19" "$(jq -c '
	select(.state.format == 1 and (.state.checksum | length == 64)) |
	select(.accepted <= .state.policies.serials.serial and .state.policies.serials.serial <= .wanted)
	' states | wc -l) of $(wc -l <states)"
figure "killed before the kernel had the policy in $early of 19 tries"
is "some of them were before, some after" true "$([ $early -gt 0 ] && [ $early -lt 19 ] && echo true)"
start_daemon
within 10 arrived && pass "the last one is accepted in the end" || fail "the last one is accepted in the end"
is "and is the floor" $serial "$(floor serials)"
exits "an older one is refused" 1 rawload /keys/serials/19.dmp
said "with errno and sentence" "^ESTALE: .*19"
