# SPDX-License-Identifier: GPL-2.0-or-later
# Each decision is a trace event, and each record is in the kernel's audit log where
# that is wanted.
ready
load "$({
	echo "allow rw $(page 16)+8K"
	echo "deny rw $(page 17)+4K"
} | policy traced 1)" || die "the policy loads"
load "$({
	echo "mode permissive"
	echo "allow rw $(page 60)+4K"
} | policy trial 1)" || die "the policy loads"
TRACING=/sys/kernel/tracing
[ -e $TRACING/trace ] || mount -t tracefs none $TRACING || die "tracefs"
EVENT=$TRACING/events/devmem_policy/devmem_policy_decision
[ -d $EVENT ] && pass "there is a trace event" || die "there is a trace event"
rule() { devmemctl -j rules traced | jq -r ".[] | select(.action == \"$1\") | .rule"; }
pfn() { printf '0x%x' $((BUFFER / PAGE + $1)); }
# decided: the events so far
decided() { sed -n 's/.*devmem_policy_decision: //p' $TRACING/trace; }
# traced TEXT LINE
traced() { is "$1" 1 "$(decided | grep -cxF "$2")"; }

granted_read 16
is "nothing is traced while it is off" 0 "$(decided | wc -l)"
echo >$TRACING/trace
echo 1 >$EVENT/enable
granted_read 16
granted_map 16
denied_write 17
denied_read 40
mem "two pages that are not alike" "read: EPERM" read "$(page 16)" $((2 * PAGE))
denied_read 60
! pc || sees "a page that the kernel masks" "read: 16.*" read 0x0 16
echo 0 >$EVENT/enable
decided | sed 's/^/# traced: /'
is "a grant of a read, twice" 2 \
	"$(decided | grep -cxF "grant of read: first_pfn=$(pfn 16) pages=1 reason=allow-rule policy=traced rule=$(rule allow)")"
traced "a grant of a mapping" \
	"grant of mmap-write: first_pfn=$(pfn 16) pages=1 reason=allow-rule policy=traced rule=$(rule allow)"
traced "a denial by a rule" "denial of write: first_pfn=$(pfn 17) pages=1 reason=deny-rule policy=traced rule=$(rule deny)"
traced "a denial by the kernel" "denial of read: first_pfn=$(pfn 40) pages=1 reason=no-rule policy= rule=00000000"
traced "the second of two pages" "denial of read: first_pfn=$(pfn 17) pages=1 reason=deny-rule policy=traced rule=$(rule deny)"
pc || without "a page that is read and that no rule names: here the kernel lets none be read"
! pc || traced "a page that is left to the kernel" "baseline of read: first_pfn=0x0 pages=1 reason=no-rule policy= rule=00000000"
traced "one that only a permissive policy would grant" \
	"denial of read: first_pfn=$(pfn 60) pages=1 reason=allow-rule policy=trial rule=$(devmemctl -j rules trial | jq -r '.[].rule')"
is "nothing more is traced" "$(decided | wc -l)" "$(granted_read 16 >/dev/null 2>&1; decided | wc -l)"
echo 1 >$EVENT/enable
granted_read 16
adds_up
is "without the mirror, nothing is in the audit log" 0 "$(kernel_log | grep -c type=1316)"

# Unloaded while it is traced
exits "the module is unloaded while it is traced" 0 unload_module
[ -d $EVENT ] && fail "the event is gone" || pass "the event is gone"
kill -KILL "$DAEMON"
wait "$DAEMON"

# The mirror. The kernel prints what no auditd takes, ten lines in five seconds.
rm -f "$LOG"*
cp /bin/memtool "$DIR/my tool"
usleep 6000000
ready audit_mirror=1
load "$(echo "allow r $(page 16)+4K" | policy mirrored 1)" || die "the policy loads"
granted_read 16
with "$DIR/my tool" denied_read 40
settle
mirrored() { kernel_log | sed -n 's/.*type=1316 audit([^)]*): //p'; }
within 5 sh -c 'dmesg | grep -q "type=1316.*kind=denial"'
mirrored | sed 's/^/# mirrored: /'
matches "a grant in the audit log" "^module=devmem_policy instance=[0-9a-f]{16} seq=[0-9]+ kind=grant operation=read baseline=deny reason=allow-rule first=$(page 16) last=$(address "$(page 17) - 1") pages=1 result=$PAGE policy=\"mirrored\" serial=1 rule=[0-9a-f]{8} pid=[0-9]+ tid=[0-9]+ auid=4294967295 ses=4294967295 uid=0 euid=0 gid=0 egid=0 comm=\"memtool\" exe=\"/bin/memtool\"\$" "$(mirrored)"
matches "a denial, with a name that could be misread" \
	"kind=denial operation=read .* comm=6D7920746F6F6C exe=$(printf %s "$DIR/my tool" | od -An -tx1 | tr -d ' \n' | tr a-f A-F)\$" "$(mirrored)"
matches "what the policy is" "kind=policy-loaded policy=\"mirrored\" serial=1 digest=[0-9a-f]{64} " "$(mirrored)"
is "each is the record of that number" true "$(mirrored | sed -n 's/.*seq=\([0-9]*\) kind=\([a-z-]*\).*/\1 \2/p' |
	while read -r seq kind; do records ".seq == $seq and .kind == \"$kind\""; done | sort -u | grep -cx 1 | sed 's/^1$/true/')"
