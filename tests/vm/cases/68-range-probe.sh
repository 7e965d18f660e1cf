# SPDX-License-Identifier: GPL-2.0-or-later
# Where range_is_allowed is a function, which no compiler makes of it unasked, it is
# probed as well. It is asked once for each mmap, and then decides: what its pages do
# not add up to is refused before the kernel maps anything.
grep -q ' range_is_allowed\(\.[a-z0-9.]*\)\?$' /proc/kallsyms ||
	skip "range_is_allowed is inlined, as on all stock kernels"
use_test_variant
SKIP=/sys/module/devmem_policy/parameters/skip_pages
TRACING=/sys/kernel/tracing
[ -e $TRACING/trace ] || mount -t tracefs none $TRACING || die "tracefs"
echo remap_pfn_range >$TRACING/set_ftrace_filter
echo function >$TRACING/current_tracer
# Whether the kernel began to map, since the last time
mapped() {
	grep -q 'memtool.*remap_pfn_range' $TRACING/trace && echo yes || echo no
	echo >$TRACING/trace
}
hits() { status '.probes[] | select(.symbol | startswith("range_is_allowed")) | .hits'; }
# a_call TEXT MAPS WANTED COMMAND...: an mmap, which asks it once
a_call() {
	local text=$1 maps=$2 before
	shift 2
	before=$(hits)
	mapped >unused
	mem "$text" "$@"
	is "$text: it was asked once" $((before + 1)) "$(hits)"
	is "$text: the kernel began to map" "$maps" "$(mapped)"
}
# The heartbeat's own read must not be what is missed.
ready heartbeat_ms=60000
is "it is armed" armed "$(status '.probes[] | select(.symbol | startswith("range_is_allowed")) | .state')"
load "$({
	echo "default deny"
	echo "allow rw $(page 16)+64K"
	echo "allow rw $DMP_CLAIM+4K"
} | policy ranged 1)"
a_call "16 pages that a rule grants" yes "mmap: ok" mmap "$(page 16)" 0x10000 rw
recorded "are one record" ".kind == \"grant\" and .first == \"$(page 16)\" and .pages == 16 and .policy == \"ranged\""
is "and no more" 1 "$(records '.kind == "grant"')"
a_call "a page that the kernel refuses" no "mmap: EPERM" mmap "$(page 60)" $PAGE r
recorded "is one record" ".kind == \"denial\" and .first == \"$(page 60)\" and .pages == 1 and .error == \"EPERM\""
a_call "one that the kernel allows and no rule" no "mmap: EPERM" mmap "$(address "$DMP_CLAIM + $PAGE")" $PAGE r
recorded "is one record" ".kind == \"denial\" and .first == \"$(address "$DMP_CLAIM + $PAGE")\" and .reason == \"default-deny\""
is "and these are all" 2 "$(records '.kind == "denial"')"

# Each page allowed by the kernel, but one of them not seen: its verdict alone differs.
echo 1 >$SKIP
a_call "a page that is missed" no "mmap: EPERM" mmap "$DMP_CLAIM" $PAGE r
is "the probe missed it" 0 "$(cat $SKIP)"
recorded "is one record" ".kind == \"miss\" and .first == \"$DMP_CLAIM\" and .error == \"EPERM\""
a_call "and when it is not" yes "mmap: ok" mmap "$DMP_CLAIM" $PAGE r
before=$(hits)
granted_read 16
granted_write 16
is "a transfer does not ask it" "$before" "$(hits)"
echo nop >$TRACING/current_tracer
echo >$TRACING/set_ftrace_filter
