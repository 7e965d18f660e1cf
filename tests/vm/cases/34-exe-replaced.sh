# SPDX-License-Identifier: GPL-2.0-or-later
# A program that a rule names is replaced, as a package manager does it. The rule does
# not match the new file until it is looked up again: devmemd notices and has the kernel
# do so; both are on record. Who still runs the old file loses what it was granted.
PLACE=/opt/dmp
rm -rf $PLACE
mkdir -p $PLACE
cp /bin/memtool $PLACE/tool
replace() {
	cp /bin/memtool $PLACE/tool.new
	[ $# = 0 ] || "$@" $PLACE/tool.new
	mv $PLACE/tool.new $PLACE/tool
}
rules() { devmemctl -j rules programs | jq -r "[.. | objects | select(has(\"exe\"))] | $1"; }
resolved() { [ "$(grep -c '"kind":"policy-resolved"' "$LOG")" -ge "$1" ]; }
reads() { $PLACE/tool read "$(page 16)" $PAGE | grep -q "^read: $PAGE"; }

ready
cp "$({
	echo "allow rw $(page 16)+16K exe $PLACE/tool"
	echo "allow rw $(page 32)+4K"
} | policy programs 1)" "$POLICIES/programs.dmp"
kill -HUP "$DAEMON"
within 5 reads
with $PLACE/tool granted_read 16
with $PLACE/tool as old client_start
as old client_is "a program maps its page" "mmap: ok" mmap "$(page 16)" $PAGE rw
as bystander client_start
as bystander client_is "another one a page for everybody" "mmap: ok" mmap "$(page 32)" $PAGE rw

# While devmemd is stopped nobody looks the file up again.
kill -STOP "$DAEMON"
replace
with $PLACE/tool mem "the new file is not the one of the rule" "read: EPERM" read "$(page 16)" $PAGE
as old client_is "the old one still is" "read: $(text_of 16)" read "$(page 16)" $PAGE
as old client_is "and has its mapping" 'peek: 80 "devmem-policy buffer page 16"' peek 0
kill -CONT "$DAEMON"
within 10 resolved 1 && pass "devmemd notices" || fail "devmemd notices"
with $PLACE/tool granted_read 16
recorded "the refusal meanwhile is on record" ".kind == \"denial\" and .first == \"$(page 16)\" and
	.reason == \"subject\" and .exe == \"$PLACE/tool\" and .error == \"EPERM\" and .policy == \"programs\""
recorded "that the program changed, too" \
	'.kind == "program-changed" and .policy == "programs" and .rule and .result == 0'
recorded "and that the policy was looked at again" \
	'.kind == "policy-resolved" and .policy == "programs" and .serial == 1'
as old client_is "the old file is refused" "read: EPERM" read "$(page 16)" $PAGE
as old client_is "its mapping is gone" "peek: SIGBUS" peek 0
recorded "with the reason" ".kind == \"revoked\" and .first == \"$(page 16)\" and .reason == \"program\" and .policy == \"programs\""
as bystander client_is "the other one's is not" 'peek: 80 "devmem-policy buffer page 32"' peek 0
is "devmemd tells, too" 1 "$(grep -c "$PLACE/tool" devmemd.err)"

# Deleted: the rule is for nobody
with $PLACE/tool as last client_start
as last client_is "a program maps its page" "mmap: ok" mmap "$(page 16)" $PAGE r
mv $PLACE/tool $PLACE/elsewhere
within 10 resolved 2 && pass "devmemd notices that it is gone" || fail "devmemd notices that it is gone"
recorded "that is on record" \
	'.kind == "program-changed" and .policy == "programs" and .rule and .error == "ENOEXEC"'
is "the rule says that there is no such program" true "$(rules '.[0].unresolved')"
with $PLACE/elsewhere mem "the file is not what counts any more" "read: EPERM" read "$(page 16)" $PAGE
as last client_is "nor for its mapping" "peek: SIGBUS" peek 0
denied_read 16

# Back again, but not as it should be, and then as it should
replace chmod 775
within 5 grep -q "$PLACE/tool is there again" devmemd.err
with $PLACE/tool mem "a file that its group may write" "read: EPERM" read "$(page 16)" $PAGE
is "is no program" true "$(rules '.[0].unresolved')"
chmod 755 $PLACE/tool
within 10 reads
with $PLACE/tool granted_read 16
is "it is one without that" false "$(rules '.[0].unresolved')"
chown 1000 $PLACE
within 10 resolved 4
with $PLACE/tool mem "in a directory that is somebody's it is none" "read: EPERM" read "$(page 16)" $PAGE
recorded "with the reason" '.kind == "program-changed" and .error == "EACCES"'
chown 0 $PLACE
within 10 reads
with $PLACE/tool granted_read 16
mv $PLACE $PLACE.old
mkdir $PLACE
replace
within 10 reads
with $PLACE/tool granted_read 16
pass "also when a directory above it is replaced"

# By hand, and while devmemd was not there
stop_daemon TERM
replace
with $PLACE/tool mem "without a daemon nothing is granted" "read: EPERM" read "$(page 16)" $PAGE
start_daemon
wait_for_daemon
within 10 reads
with $PLACE/tool granted_read 16
as bystander client_is "through all of it the other mapping lives" \
	'peek: 80 "devmem-policy buffer page 32"' peek 0
rm -rf $PLACE $PLACE.old
