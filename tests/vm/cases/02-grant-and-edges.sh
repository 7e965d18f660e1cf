# SPDX-License-Identifier: GPL-2.0-or-later
# Pages 16 to 31 are granted; not one page more, not one byte more.
ready
allow edges 1 16 16 >policy-file
exits "the policy loads" 0 load "$(cat policy-file)"
for number in 16 17 30 31; do
	granted_read $number
	granted_map $number
done
granted_write 16
granted_write 31
is "the kernel sees what was written" mark "$(kernel_sees $((16 * PAGE + 512)) 4)"
for number in 0 15 32 127; do
	denied_read $number
	denied_write $number
	denied_map $number
	denied_map $number r
done
mem "all of it in one read" "read: $((16 * PAGE)) \"devmem-policy buffer page 16\"" read "$(page 16)" $((16 * PAGE))
mem "the last byte" 'read: 1 "."' read "$(address "$(page 32) - 1")" 1
mem "one byte more is denied" "read: EPERM" read "$(address "$(page 32) - 1")" 2
mem "the byte before is denied" "read: EPERM" read "$(address "$(page 16) - 1")" 1
mem "a write over the end is denied" "write: EPERM" write "$(address "$(page 32) - 2")" four
recorded "a granted read is in the log" \
	".kind == \"grant\" and .operation == \"read\" and .first == \"$(page 16)\" and .pages == 1 and .policy == \"edges\""
recorded "the read of all pages is one record" \
	".kind == \"grant\" and .operation == \"read\" and .pages == 16 and .last == \"$(address "$(page 32) - 1")\""
recorded "a granted mapping is in the log" '.kind == "grant" and .operation == "mmap-write"'
recorded "the page before is in the log" ".kind == \"denial\" and .first == \"$(page 15)\""
recorded "the page after is in the log" ".kind == \"denial\" and .first == \"$(page 32)\""
