# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel copies page by page, so a read or write that comes to a refused page
# has moved what was before it, and still returns EPERM: the record says how much.
ready
load "$({
	echo "allow rw $(page 16)+8K"
	echo "allow r $(page 24)+4K"
	echo "deny rw $(address "$DMP_CLAIM + $PAGE")+4K"
} | policy parts 1)"

# refused TEXT OPERATION ADDRESS-OF-THE-PAGE BYTES MORE: one such denial
refused() {
	recorded "$1: the record says so" \
		".kind == \"denial\" and .operation == \"$2\" and .first == \"$3\" and .pages == 1 and
		 .error == \"EPERM\" and .transferred == $4 and $5"
}

mem "two pages of three" 'partial: EPERM; arrived: 8192 "devmem-policy buffer page 16"' \
	partial "$(page 16)" $((3 * PAGE))
refused "two pages of three" read "$(page 18)" 8192 '.reason == "no-rule"'
recorded "the two are granted, on record" \
	".kind == \"grant\" and .operation == \"read\" and .first == \"$(page 16)\" and .pages == 2"
matches "from within a page" '^partial: EPERM; arrived: 7692 ' \
	"$(memtool partial "$(address "$(page 16) + 500")" $((2 * PAGE)))"
refused "from within a page" read "$(page 18)" 7692 '.reason == "no-rule"'
matches "one byte of the refused page" '^partial: EPERM; arrived: 1 ' \
	"$(memtool partial "$(address "$(page 18) - 1")" 2)"
refused "one byte of the refused page" read "$(page 18)" 1 '.reason == "no-rule"'
mem "nothing before it" 'partial: EPERM; arrived: 0 ""' partial "$(page 20)" $((2 * PAGE))
refused "nothing before it" read "$(page 20)" 0 '.reason == "no-rule"'
mem "all of it" 'partial: ok; arrived: 8192 "devmem-policy buffer page 16"' partial "$(page 16)" $((2 * PAGE))
settle
is "only a refusal says how much" 0 "$(records '.kind == "grant" and has("transferred")')"

# What the kernel allows by itself counts too
if pc; then
	matches "up to a deny rule" '^partial: EPERM; arrived: 3996 ' \
		"$(memtool partial "$(address "$DMP_CLAIM + 100")" $((2 * PAGE)))"
	refused "up to a deny rule" read "$(address "$DMP_CLAIM + $PAGE")" 3996 \
		'.reason == "deny-rule" and .policy == "parts" and .rule'
else
	without "reads outside RAM: this kernel answers them before it asks"
fi

mem "writing over the end" "write: EPERM" write "$(address "$(page 17) + 1000")" end- $((2 * PAGE))
refused "writing over the end" write "$(page 18)" 3096 '.reason == "no-rule"'
is "what is before it is written" end-end-end- "$(kernel_sees $((17 * PAGE + 1000)) 12)"
is "to its last byte" end-end- "$(kernel_sees $((18 * PAGE - 8)) 8)"
is "and nothing of what is behind" devmem-policy "$(kernel_sees $((18 * PAGE)) 13)"
mem "writing to a page for reading" "write: EPERM" write "$(address "$(page 24) + 8")" no
refused "writing to a page for reading" write "$(page 24)" 0 '.reason == "operation" and .policy == "parts"'

# What is asked for in parts is recorded in parts
mem "two vectors" "preadv: 8192 \"devmem-policy buffer page 16\"" preadv "$(page 16)" $((4 * PAGE))
refused "two vectors" read "$(page 18)" 0 '.reason == "no-rule"'
mem "by io_uring" "uring-read: EPERM" uring-read "$(address "$(page 17) + 96")" $((2 * PAGE))
refused "by io_uring" read "$(page 18)" 4000 '.reason == "no-rule" and (.comm | startswith("iou-"))'
mem "a mapping is made whole or not at all" "mmap: EPERM" mmap "$(page 16)" $((3 * PAGE)) r
settle
is "so it has no such number" 0 "$(records '(.operation | . == "mmap-read" or . == "mmap-write") and has("transferred")')"
is "the sums are right" "$(status '"\(.counters.granted_pages) \(.counters.denied_pages)"')" \
	"$(jq -rs 'def sum(f): map(select(f) | .pages) | add // 0;
		"\(sum(.kind == "grant")) \(sum(.kind == "denial"))"' "$LOG")"
