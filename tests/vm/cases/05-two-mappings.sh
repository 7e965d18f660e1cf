# SPDX-License-Identifier: GPL-2.0-or-later
# Two mappings of the buffer are the granted physical pages, and coherent.
ready
load "$(allow twice 1 0 $BUFFER_PAGES)"
exits "both mappings are the physical pages" 0 twomaps "$BUFFER" $((BUFFER_PAGES * PAGE))
said "on every page" "^$BUFFER_PAGES pages, 0 wrong"
mem "a synchronous descriptor maps the same page" "open: ok; mmap: ok; peek: 80 \"devmem-policy buffer page 3\"" \
	open sync then mmap "$(page 3)" $PAGE rw then peek 0
