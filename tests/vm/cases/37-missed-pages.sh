# SPDX-License-Identifier: GPL-2.0-or-later
# A page probe that does not fire leaves the kernel's own verdict. A call in which that
# happened is found out when it returns, since its pages do not add up: where a policy
# refuses what the kernel allows, an mmap then gets EPERM and maps nothing; a read or
# write is on record. The test variant of the module lets probes miss on purpose.
pc || skip "it reads outside RAM, and BIOS, as only the PC can"
use_test_variant
FREE=$DMP_CLAIM
NEXT=$(address "$DMP_CLAIM + $PAGE")
LAST=$(address "$DMP_CLAIM + 2 * $PAGE")
BIOS=0xf0000
SKIP=/sys/module/devmem_policy/parameters/skip_pages
AFTER=/sys/module/devmem_policy/parameters/skip_after
# The heartbeat's own read must not be what is missed.
ready heartbeat_ms=60000
mem "the kernel allows it" "mmap: ok; mmap: ok" mmap "$FREE" $PAGE rw then mmap $BIOS 0x10000 rx

# x86 from 7.0 asks for a page of a mapping twice, and both are to be missed.
TIMES=1
grep -q ' mmap_mem_prepare$' /proc/kallsyms && TIMES=2

# missing PAGES COMMAND...: with the probe missing the first pages that it is hit for
missing() {
	echo "$1" >$SKIP
	shift
	"$@"
	is "the probe missed as many" 0 "$(cat $SKIP)"
}
# missed TEXT OPERATION ADDRESS PAGES FILTER
missed() {
	recorded "$1" ".kind == \"miss\" and .operation == \"$2\" and .first == \"$3\" and .pages == $4 and
		.comm == \"memtool\" and $5"
}
misses() { status .counters.misses; }

is "nothing is missed by itself" 0 "$(misses)"
load "$({
	echo "default deny"
	echo "allow rw $FREE+8K"
	echo "allow rw $(page 16)+8K"
} | policy closed 1)"
missing $TIMES mem "a mapping of a page that the kernel allows" "mmap: EPERM; maps:." mmap "$LAST" $PAGE r then maps
missed "is refused afterwards, and on record" mmap-read "$LAST" 1 '.error == "EPERM"'
missing $((2 * TIMES)) mem "of two pages" "mmap: EPERM; maps:." mmap "$LAST" $((2 * PAGE)) rw then maps
missed "on record" mmap-write "$LAST" 2 '.error == "EPERM"'
missing $((16 * TIMES)) mem "of the BIOS" "mmap: EPERM; maps:." mmap $BIOS 0x10000 rx then maps
missed "on record" mmap-read $BIOS 16 '.error == "EPERM"'
missing $((256 * TIMES)) mem "of the low megabyte" "mmap: EPERM; maps:." mmap 0 0x100000 rwx then maps
missed "on record" mmap-write 0x0 256 '.error == "EPERM"'
missing 1 mem "even where a rule allows it" "mmap: EPERM; maps:." mmap "$FREE" $((2 * PAGE)) rw then maps
missed "since nobody knows for which page" mmap-write "$FREE" 2 '.error == "EPERM"'
mem "without a miss it is there" "mmap: ok; maps: rw-s." mmap "$FREE" $((2 * PAGE)) rw then maps
missing $TIMES mem "MAP_FIXED leaves nothing either" "mmap: EPERM; maps:." mmap "$LAST" $PAGE rw fixed then maps
missing 1 mem "a mapping that a rule grants" "mmap: EPERM; maps:." mmap "$(page 16)" $((2 * PAGE)) rw then maps
missed "is the kernel's to refuse" mmap-write "$(page 16)" 2 '.error == "EPERM"'

missing 1 sees "a read has moved the page" 'read: 64 ".*"' read "$LAST" 64
missed "which is on record" read "$LAST" 1 '.result == 64'
missing 1 mem "a write as well" "write: 4" write "$LAST" text
missed "which is on record" write "$LAST" 1 '.result == 4'
missing 1 sees "the first page of two, of which the second is refused" 'partial: EPERM; arrived: 4096 ".*"' \
	partial "$LAST" $((2 * PAGE))
missed "which is on record" read "$LAST" 2 '.error == "EPERM"'
missing 1 mem "a page that the kernel refuses stays refused" "read: EPERM; mmap: EPERM" \
	read "$(page 16)" $PAGE then mmap "$(page 60)" $PAGE r
missed "and is on record as missed, not denied" read "$(page 16)" 1 '.error == "EPERM"'

# Deny rules refuse what the kernel allows, too
load "$(echo "deny rw $FREE+4K" | policy denies 1)"
devmemctl remove closed
missing $TIMES mem "a mapping of a denied page" "mmap: EPERM; maps:." mmap "$FREE" $PAGE r then maps
missed "on record" mmap-read "$FREE" 1 '.error == "EPERM"'
mem "as without a miss" "mmap: EPERM" mmap "$FREE" $PAGE r

# Where nothing is refused beyond the kernel, a miss refuses nothing, and grants nothing
load "$(allow denies 2 16 2)"
missing $TIMES mem "the kernel's verdict stands" "mmap: ok; maps: r--s." mmap "$FREE" $PAGE r then maps
missed "on record" mmap-read "$FREE" 1 '.result == 0'
missing 1 mem "a page that a rule would grant is not" "read: EPERM" read "$(page 16)" $PAGE
missing 1 mem "nor mapped" "mmap: EPERM; maps:." mmap "$(page 16)" $((2 * PAGE)) r then maps
# The page that is missed, RAM, lies behind one that was left to the kernel, unseen.
EDGE=0xff000
for operation in read mmap-read; do
	echo 1 >$AFTER
	case $operation in
	read) missing 1 sees "a read of two pages, of which the second is refused" \
		'partial: EPERM; arrived: 4096 ".*"' partial $EDGE $((2 * PAGE)) ;;
	*) missing 1 mem "a mapping of them" "mmap: EPERM; maps:." mmap $EDGE $((2 * PAGE)) r then maps ;;
	esac
	missed "the first is not said to be what was denied" $operation $EDGE 2 '.error == "EPERM"'
done
is "nor anything" 0 "$(records ".kind == \"denial\" and .first == \"$EDGE\" and .policy == null")"
granted_read 16
granted_map 16
settle
is "each miss is a record" "$(misses)" "$(records '.kind == "miss"')"
is "and the sums are right" "$(status '"\(.counters.granted_pages) \(.counters.denied_pages)"')" \
	"$(jq -rs 'def sum(f): map(select(f) | .pages) | add // 0;
		"\(sum(.kind == "grant")) \(sum(.kind == "denial"))"' "$LOG")"
