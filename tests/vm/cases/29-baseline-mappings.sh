# SPDX-License-Identifier: GPL-2.0-or-later
# Mappings that the kernel allows are left exactly as they are: tools that map the
# low megabyte rwx, to execute the BIOS, go on working, before, under and after a
# policy.
pc || skip "BIOS and low megabyte are of the PC"
FREE=0xe0000000
LOW_BYTES=0x100000

# All that may be done to a mapping, and what there is in the end
try() {
	memtool mmap "$1" "$2" rwx then mprotect rx then mprotect rwx then mprotect r \
		then mprotect rwx then mremap then maps
	memtool mmap "$1" "$2" r then mprotect rwx then maps
	memtool mmap "$1" "$2" rw private then mprotect rx then maps
	memtool read-implies-exec then mmap "$1" "$2" r then maps
}

see() {
	try 0 $LOW_BYTES
	try 0xf0000 0x10000
	try $FREE $PAGE
	try "$DMP_CLAIM" $PAGE
	memtool mmap 0xf0000 0x10000 rwx then peek 0xffb0
	memtool mmap "$DMP_CLAIM" $PAGE rwx then poke 0 text then peek 0
}

# map_all NAME: a process that holds what it mapped, rwx
map_all() {
	as "$1-low" client_start
	as "$1-low" client_is "$1: low megabyte" "mmap: ok" mmap 0 $LOW_BYTES rwx
	as "$1-mmio" client_start
	as "$1-mmio" client_is "$1: MMIO" "mmap: ok" mmap $FREE $PAGE rwx
	as "$1-free" client_start
	as "$1-free" client_is "$1: free memory" "mmap: ok" mmap "$DMP_CLAIM" $PAGE rwx
}

# still TEXT NAME OFFSET: everything that could be done to it still can
still() {
	as "$2" client_is "$1: $2 can be made r" "mprotect: ok" mprotect r
	as "$2" client_is "$1: $2 can be made rwx again" "mprotect: ok" mprotect rwx
	as "$2" client_is "$1: $2 can be moved" "mremap: ok" mremap
	as "$2" client_is "$1: $2 is rwx" "maps: rwxs." maps
	matches "$1: $2 can be used" '^peek: 80 ' "$(as "$2" client peek "$3")"
}

all_still() {
	local name
	for name in $2; do
		still "$1" "$name-low" 0xfffb0
		still "$1" "$name-mmio" 0
		still "$1" "$name-free" 0
	done
}

before=$(see)
is "a stock kernel refuses nothing of it" 0 "$(echo "$before" | grep -cE 'EPERM|EACCES|SIG')"
is "and rwx is what they are" 16 "$(echo "$before" | grep -c '^maps: r[-w]x[sp]\.$')"
map_all early
ready
is "the same with the module" "$before" "$(see)"
map_all module
load "$(allow other 1 16 16)"
is "the same with a policy for other pages" "$before" "$(see)"
map_all policy
all_still "under the policy" "early module policy"

# A rule for pages that the kernel allows anyway takes nothing from them either,
# and there is nothing to revoke when it goes.
load "$(printf 'allow r %s+4K\nallow r %s+4K\nallow r 0xf0000+64K\n' $FREE "$DMP_CLAIM" | policy same 1)"
is "the same with a rule for them" "$before" "$(see)"
map_all rule
is "nothing of this was granted" "0 0" \
	"$(status '"\(.counters.granted_pages) \(.counters.denied_pages)"')"
client_start
client_is "a grant of other pages" "mmap: ok" mmap "$(page 16)" $PAGE rw
exits "the policies go" 0 devmemctl remove same
exits "both of them" 0 devmemctl remove other
client_is "which ends the grant" "peek: SIGBUS" peek 0
all_still "after the policies" "early policy rule"
recorded "the grant's end is in the log" '.kind == "revoked"'
is "and of no other page" 0 "$(records ".kind == \"revoked\" and .first != \"$(page 16)\"")"
exits "the module goes" 0 unload_module
all_still "after the module" "early rule"
is "the same as before" "$before" "$(see)"
