# SPDX-License-Identifier: GPL-2.0-or-later
# A policy names the program that may be auditor: nobody else becomes it, or stays it.
PLACE=/opt/dmp-auditor
rm -rf $PLACE
mkdir -p $PLACE
cp /bin/ask $PLACE/ask
ready
allowed() { echo "allow rw $(page "$1")+4K"; }
file=$({
	echo "auditor exe /bin/devmemd"
	allowed 16
} | policy named 1)
exits "a policy that names devmemd is accepted" 0 load "$file"
is "devmemd stays auditor" true "$(status .auditor.proven)"
is "the status tells the path" /bin/devmemd "$(status '.policies[0].auditor')"
granted_read 16
settle
before=$(records '.kind == "auditor-detached"')
is "nobody was detached" 0 "$before"

# Whoever else asks is refused.
# refused TEXT POLICY EXE SENTENCE COMMAND...
refused() {
	local text=$1 policy=$2 exe=$3 sentence=$4
	shift 4
	matches "$text: errno and sentence" "^EACCES: $sentence" "$("$@" 2>&1)"
	matches "$text: in the kernel's log" "process [0-9]+ \(.*\) refused as auditor: policy $policy names " \
		"$(kernel_log)"
	echo ".kind == \"auditor-refused\" and .policy == \"$policy\" and .exe == \"$exe\" and
		.reason == \"not-named\" and .uid == 0 and .serial == 1" >>expected
}
stop_daemon
named="policy named names /bin/devmemd as auditor, and this is another program"
refused "another program" named /bin/ask "$named" ask attach
refused "another program, elsewhere" named $PLACE/ask "$named" $PLACE/ask attach
refused "another program in its place, for itself" named /bin/devmemd "$named" \
	unshare -m --propagation private sh -c "mount --bind /bin/ask /bin/devmemd && exec /bin/devmemd attach"
denied_read 16
start_daemon
wait_for_daemon
settle
while read -r first && read -r second; do
	recorded "on record" "$first $second"
done <expected
is "three refusals" 3 "$(records '.kind == "auditor-refused"')"
granted_read 16

# The daemon is upgraded: the path leads to another file.
stop_daemon
cp /bin/devmemd /bin/devmemd.new
mv /bin/devmemd.new /bin/devmemd
start_daemon
wait_for_daemon
granted_read 16
recorded "the auditor's program has changed" \
	'.kind == "program-changed" and .policy == "named" and .result == 0 and (has("rule") | not)'
recorded "its policy was looked up again" '.kind == "policy-resolved" and .policy == "named"'
is "nobody was refused for that" 3 "$(records '.kind == "auditor-refused"')"

# A policy that names another comes into force.
gone_daemon() { ! kill -0 "$DAEMON" 2>/dev/null || grep -q "^State:.*Z" "/proc/$DAEMON/status"; }
file=$({
	echo "auditor exe $PLACE/ask"
	echo "mode permissive"
	allowed 20
} | policy other 1)
exits "a policy that names another program is accepted" 0 load "$file"
is "devmemd is not auditor any more" null "$(status .auditor)"
denied_read 16
matches "in the kernel's log" "auditor $DAEMON \(devmemd\) detached: policy other names $PLACE/ask" "$(kernel_log)"
within 20 gone_daemon || fail "devmemd ends by itself"
kill -KILL "$DAEMON" 2>/dev/null
wait "$DAEMON"
is "devmemd ends, for it is refused" 1 $?
refused "the one that the other policy does not name" named $PLACE/ask "$named" $PLACE/ask attach
exits "the other policy is removed" 0 devmemctl remove other
start_daemon
wait_for_daemon
granted_read 16
recorded "devmemd was detached, and why" \
	'.kind == "auditor-detached" and .policy == "other" and .reason == "not-named"'
recorded "and then refused" \
	'.kind == "auditor-refused" and .policy == "other" and .exe == "/bin/devmemd"'

# What COMMIT refuses
serial=1
# bad TEXT ERRNO SENTENCE PATH
bad() {
	serial=$((serial + 1))
	file=$(echo "auditor exe $4" | policy named $serial)
	exits "$1 is refused" 1 rawload "$file"
	said "$1: $2, and a sentence" "^$2: .*$3"
	recorded "$1: on record" ".kind == \"policy-refused\" and .serial == $serial and .error == \"$2\""
}
cp /bin/ask $PLACE/group
chmod 775 $PLACE/group
ln -s ask $PLACE/soft
bad "an auditor that is not there" ENOEXEC "$PLACE/nothing" $PLACE/nothing
bad "an auditor that its group may write" EACCES "$PLACE/group is writable by its group" $PLACE/group
bad "a symbolic link" EACCES "symbolic link" $PLACE/soft
granted_read 16

# The program is gone: nobody is auditor until it is there again.
file=$(echo "auditor exe $PLACE/ask" | policy third 1)
stop_daemon
exits "a policy comes into force while there is no auditor" 0 load "$file"
mv $PLACE/ask $PLACE/away
refused "a program that was moved away" named $PLACE/away "$named" $PLACE/away attach
exits "the policies are removed" 0 devmemctl remove named
refused "nor does a path without a program name it" third $PLACE/away \
	"policy third names $PLACE/ask as auditor" $PLACE/away attach
mv $PLACE/away $PLACE/ask
is "once it is there again, it may" ok "$($PLACE/ask attach)"
exits "the last one is removed" 0 devmemctl remove third
start_daemon
wait_for_daemon
adds_up
rm -rf $PLACE
