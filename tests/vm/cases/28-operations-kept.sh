# SPDX-License-Identifier: GPL-2.0-or-later
# What a rule allows stays what it allows, whatever is done to a mapping later:
# what is granted for reading never becomes writable, and nothing executable.
# The descriptor is open for reading and writing (O_RDWR) unless it says otherwise.
ready
load "$({
	echo "allow r $(page 16)+16K"
	echo "allow rw $(page 32)+16K"
	echo "allow w $(page 48)+16K"
	echo "allow rw $DMP_CLAIM+4K"
} | policy kept 1)"

LINE16='80 "devmem-policy buffer page 16"'
LINE32='80 "devmem-policy buffer page 32"'

# Read-only
for rights in w rw x rx rwx; do
	mem "a read-only grant: mprotect to $rights" "mmap: ok; mprotect: EACCES; maps: r--s." \
		mmap "$(page 16)" $PAGE r then mprotect $rights then maps
	mem "mapped without any right: mprotect to $rights" "mmap: ok; mprotect: EACCES; maps: ---s." \
		mmap "$(page 16)" $PAGE n then mprotect $rights then maps
done
mem "a right that was granted can be taken later" "mmap: ok; mprotect: ok; peek: $LINE16" \
	mmap "$(page 16)" $PAGE n then mprotect r then peek 0
mem "writing to it" "mmap: ok; poke: SIGSEGV" mmap "$(page 16)" $PAGE r then poke 0 text
mem "moved by mremap" "mmap: ok; mremap: ok; mprotect: EACCES; peek: $LINE16" \
	mmap "$(page 16)" $PAGE r then mremap then mprotect rw then peek 0
mem "grown by mremap" "mmap: ok; grow: EFAULT" mmap "$(page 16)" $PAGE r then grow $((2 * PAGE))
mem "remap_file_pages to another page of the rule" \
	'mmap: ok; remap: ok; mprotect: EACCES; peek: 80 "devmem-policy buffer page 17"' \
	mmap "$(page 16)" $PAGE r then remap "$(page 17)" then mprotect rw then peek 0
mem "remap_file_pages to a page that is not granted" "mmap: ok; remap: EPERM; peek: SIGSEGV; maps:." \
	mmap "$(page 16)" $PAGE r then remap "$(page 60)" then peek 0 then maps
recorded "which is a mapping like any other" \
	".kind == \"denial\" and .operation == \"mmap-read\" and .reason == \"no-rule\" and .first == \"$(page 60)\" and .error == \"EPERM\""
mem "remap_file_pages of a writable mapping to a page for reading" "mmap: ok; remap: EPERM" \
	mmap "$(page 32)" $PAGE rw then remap "$(page 16)"
mem "inherited by fork" "mmap: ok; fork: ok; mprotect: EACCES; poke: SIGSEGV; peek: $LINE16" \
	mmap "$(page 16)" $PAGE r then fork then mprotect rw then poke 0 text then peek 0
mem "written through /proc/self/mem" "mmap: ok; procwrite: EIO" \
	mmap "$(page 16)" $PAGE r then procwrite self 600 text
mem "the same after fork" "mmap: ok; fork: ok; procwrite: EIO" \
	mmap "$(page 16)" $PAGE r then fork then procwrite self 600 text
mem "opened for reading only" "open: ok; mmap: ok; mprotect: EACCES; mmap: EACCES" \
	open ro then mmap "$(page 16)" $PAGE r then mprotect rw then mmap "$(page 32)" $PAGE rw
is "the page is as it was" . "$(kernel_sees $((16 * PAGE + 600)) 1)"

# Private: a copy on write counts as reading, and changes nothing
mem "a private mapping of a page for reading" \
	'mmap: ok; poke: ok; peek: 80 "changedpolicy buffer page 17"; maps: rw-p.' \
	mmap "$(page 17)" $PAGE rw private then poke 0 changed then peek 0 then maps
mem "made writable later" "mmap: ok; mprotect: ok; poke: ok" \
	mmap "$(page 17)" $PAGE r private then mprotect rw then poke 0 changed
mem "but not executable" "mmap: ok; mprotect: EACCES" mmap "$(page 17)" $PAGE rw private then mprotect rx
mem "written through /proc/self/mem before it is a copy" "mmap: ok; procwrite: EIO" \
	mmap "$(page 17)" $PAGE r private then procwrite self 0 changed
is "the page does not change" devmem-policy "$(kernel_sees $((17 * PAGE)) 13)"
mem "a private mapping needs the right to read" "mmap: EPERM" mmap "$(page 48)" $PAGE rw private
recorded "it is a mapping for reading" \
	".kind == \"denial\" and .operation == \"mmap-read\" and .reason == \"operation\" and .first == \"$(page 48)\" and .policy == \"kept\" and .rule"

# PROT_WRITE alone, and MAP_FIXED over something else
mem "PROT_WRITE alone where rw is allowed" "mmap: ok; poke: ok; mprotect: ok; peek: 80 \"marked-policy buffer page 33\"" \
	mmap "$(page 33)" $PAGE w then poke 0 marked then mprotect rw then peek 0
mem "where only r is" "mmap: EPERM" mmap "$(page 18)" $PAGE w
recorded "with the reason" \
	".kind == \"denial\" and .operation == \"mmap-write\" and .reason == \"operation\" and .first == \"$(page 18)\" and .error == \"EPERM\" and .policy == \"kept\""
mem "where only w is: whoever may write a page can read it" "mmap: EPERM" mmap "$(page 49)" $PAGE w
recorded "with the reason" \
	".kind == \"denial\" and .operation == \"mmap-write\" and .reason == \"operation\" and .first == \"$(page 49)\""
mem "MAP_FIXED, rw" "mmap: ok; peek: $LINE32" mmap "$(page 32)" $PAGE rw fixed then peek 0
mem "MAP_FIXED, rw, of a page for reading" "mmap: EPERM; maps:." \
	mmap "$(page 19)" $PAGE rw fixed then maps
recorded "with the reason" \
	".kind == \"denial\" and .operation == \"mmap-write\" and .reason == \"operation\" and .first == \"$(page 19)\""
mem "MAP_FIXED, r" "mmap: ok; peek: $LINE16; mprotect: EACCES" \
	mmap "$(page 16)" $PAGE r fixed then peek 0 then mprotect rw

# All ways to read and write
for way in read seekread preadv; do
	mem "$way of a page for reading" "$way: $(text_of 16)" $way "$(page 16)" $PAGE
	mem "$way of a page for writing" "$way: EPERM" $way "$(page 48)" $PAGE
	mem "$way, synchronous, of a page for reading" "open: ok; $way: $(text_of 16)" open sync then $way "$(page 16)" $PAGE
	mem "$way, synchronous, of a page for writing" "open: ok; $way: EPERM" open sync then $way "$(page 48)" $PAGE
done
mem "two vectors are two calls, of which one is granted" "preadv: $(text_of 19)" \
	preadv "$(page 19)" $((2 * PAGE))
recorded "the first vector's page" \
	".kind == \"grant\" and .operation == \"read\" and .first == \"$(page 19)\" and .pages == 1 and .result == $PAGE"
recorded "the second's" \
	".kind == \"denial\" and .operation == \"read\" and .first == \"$(page 20)\" and .reason == \"no-rule\" and .error == \"EPERM\""
mem "a synchronous write" "open: ok; write: 4; write: EPERM" \
	open sync then write "$(address "$(page 48) + 700")" sync then write "$(address "$(page 16) + 700")" sync
is "reaches the page" sync "$(kernel_sees $((48 * PAGE + 700)) 4)"
is "or does not" .... "$(kernel_sees $((16 * PAGE + 700)) 4)"
mem "a descriptor for writing only" "open: ok; write: 4; read: EBADF; mmap: EACCES" \
	open wo then write "$(address "$(page 32) + 700")" only then read "$(page 32)" 4 then mmap "$(page 32)" $PAGE rw
mem "a synchronous mapping" "open: ok; mmap: ok; mprotect: EACCES; mmap: EPERM; mmap: ok; poke: ok" \
	open sync then mmap "$(page 16)" $PAGE r then mprotect rw then mmap "$(page 16)" $PAGE rw \
	then mmap "$(page 34)" $PAGE rw then poke 0 text

# Execution
for number in 16 32; do
	mem "page $number: moved, remapped or inherited it cannot be executed either" \
		"mmap: ok; mprotect: EACCES; mremap: ok; mprotect: EACCES; remap: ok; mprotect: EACCES; fork: ok; mprotect: EACCES" \
		mmap "$(page $number)" $PAGE r then mprotect rx then mremap then mprotect rx \
		then remap "$(page $number)" then mprotect rx then fork then mprotect rx
done
mem "nor what is writable" \
	"mmap: ok; mremap: ok; mprotect: EACCES; remap: ok; mprotect: EACCES; fork: ok; mprotect: EACCES; maps: rw-s." \
	mmap "$(page 32)" $PAGE rw then mremap then mprotect rwx then remap "$(page 33)" then mprotect rwx \
	then fork then mprotect rwx then maps
mem "READ_IMPLIES_EXEC" "read-implies-exec: ok; mmap: EPERM; mmap: EPERM" \
	read-implies-exec then mmap "$(page 16)" $PAGE r then mmap "$(page 32)" $PAGE rw
recorded "is refused for what it implies" \
	".kind == \"denial\" and .operation == \"mmap-read\" and .reason == \"executable\" and .first == \"$(page 16)\" and .error == \"EPERM\" and .policy == \"kept\" and .rule"
mem "and later implies nothing" "mmap: ok; read-implies-exec: ok; mprotect: ok; maps: r--s." \
	mmap "$(page 32)" $PAGE rw then read-implies-exec then mprotect r then maps

# A mapping of which one page is granted and one the kernel's own is granted as a whole
mem "free memory may be executed" "mmap: ok; mprotect: ok" mmap "$DMP_CLAIM" $((2 * PAGE)) rw then mprotect rwx
echo 1 >$HELPER/claim
mem "not beside a granted page" "mmap: ok; mprotect: EACCES; poke: ok; poke: ok" \
	mmap "$DMP_CLAIM" $((2 * PAGE)) rw then mprotect rwx then poke 0 text then poke $PAGE text
mem "nor made so" "mmap: EPERM" mmap "$DMP_CLAIM" $((2 * PAGE)) rwx
is "nothing missed" 0 "$(status '.counters.misses')"
