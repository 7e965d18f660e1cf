# SPDX-License-Identifier: GPL-2.0-or-later
# r allows no way to write, w no way to read, and nothing becomes executable.
ready
load "$(allow reader 1 16 4 r)"
load "$(allow writer 1 32 4 w)"
load "$(allow both 1 48 4 rw)"
granted_read 16
denied_write 16
granted_map 16 r
denied_map 16 rw
granted_write 32
denied_read 32
denied_map 32 r
denied_map 32 rw
mem "a read-only mapping stays read-only" "mmap: ok; mprotect: EACCES; peek: 80 \"devmem-policy buffer page 16\"" \
	mmap "$(page 16)" $PAGE r then mprotect rw then peek 0
mem "a read-only mapping cannot become executable" "mmap: ok; mprotect: EACCES" \
	mmap "$(page 16)" $PAGE r then mprotect rx
mem "nor can a writable one" "mmap: ok; mprotect: EACCES" \
	mmap "$(page 48)" $PAGE rw then mprotect rx
mem "nor be made so" "mmap: EPERM" mmap "$(page 48)" $PAGE rx
mem "an r mapping of an rw rule stays r" "mmap: ok; mprotect: EACCES" \
	mmap "$(page 48)" $PAGE r then mprotect rw
mem "a private mapping may be written" \
	'mmap: ok; poke: ok; peek: 80 "changedpolicy buffer page 17"' \
	mmap "$(page 17)" $PAGE rw private then poke 0 changed then peek 0
is "but the page does not change" devmem-policy "$(kernel_sees $((17 * PAGE)) 13)"
mem "a read-only descriptor will do to read" "open: ok; mmap: ok" open ro then mmap "$(page 16)" $PAGE r
recorded "why a write is refused" ".kind == \"denial\" and .operation == \"write\" and .reason == \"operation\" and .policy == \"reader\""
recorded "why an executable mapping is refused" '.kind == "denial" and .reason == "executable"'
