# SPDX-License-Identifier: GPL-2.0-or-later
# The first MiB keeps the kernel's meaning: RAM reads as zeros, writes are
# swallowed, and a mapping shows what is there.
pc || skip "a low megabyte, masked, is of the PC"
see() {
	dd if=/dev/mem bs=$PAGE count=159 2>/dev/null | sha256sum
	dd if=/dev/mem bs=$PAGE skip=240 count=16 2>/dev/null | sha256sum
	memtool write 0x3000 text then read 0x3000 16 then mmap 0x3000 $PAGE r then peek 0
	memtool mmap 0xf0000 0x10000 r then peek 0xffe0
}
before=$(see)
matches "RAM reads as zeros" 'read: 16 "\?{16}"' "$before"
ready
is "the same with the module" "$before" "$(see)"
load "$(allow low 1 16 16)"
is "the same with a policy for something else" "$before" "$(see)"
is "nothing of this was granted or denied" "0 0" "$(status '"\(.counters.granted_pages) \(.counters.denied_pages)"')"
is "but it was seen" true "$(status '.counters.baseline_pages > 100')"
printf 'allow rw 0x3000+4K\n' | policy opened 1 >policy-file
load "$(cat policy-file)"
mem "a rule opens a page of it" "write: 4; read: 4 \"text\"" write 0x3000 text then read 0x3000 4
