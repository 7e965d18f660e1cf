# SPDX-License-Identifier: GPL-2.0-or-later
# A mapping is granted whole or not at all.
ready
load "$(allow across 1 16 4)"
load "$(allow beside 1 20 4)"
mem "from before" "mmap: EPERM" mmap "$(page 15)" $((2 * PAGE)) r
mem "from inside to outside" "mmap: EPERM" mmap "$(page 23)" $((2 * PAGE)) r
mem "around" "mmap: EPERM" mmap "$(page 15)" $((10 * PAGE)) rw
mem "one rule into the next" "mmap: ok; peek: 80 \"devmem-policy buffer page 20\"" \
	mmap "$(page 16)" $((8 * PAGE)) rw then peek $((4 * PAGE))
mem "nothing of a refused mapping is there" "mmap: EPERM; peek: what?" \
	mmap "$(page 23)" $((2 * PAGE)) rw then peek 0
recorded "the refusal names the page outside" \
	".kind == \"denial\" and .operation == \"mmap-read\" and .first == \"$(page 24)\" and .pages == 1"
is "pages of refused mappings do not count as mapped" 0 "$(records '.kind == "miss"')"
