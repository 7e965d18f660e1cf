# SPDX-License-Identifier: GPL-2.0-or-later
# What no policy can open, and what it must ask for by name.
ready
echo 17 >$HELPER/unreserve
load "$(allow rails 1 16 4)"
granted_read 16
denied_read 17
denied_map 17
recorded "RAM that is not reserved is refused, with the reason" '.kind == "denial" and .reason == "not-reserved"'
load "$(allow rails 2 16 4 rw unreserved-ram)"
granted_read 17
load "$(allow rails 3 16 4)"
denied_read 17
echo 17 >$HELPER/reserve
granted_read 17
exits "the kernel's image is refused at load" 1 load "$(echo "allow r $(kernel_text)+4K" | policy image 1)"
said "as such" "image|kernel"
exits "also with a range around it" 1 load "$(echo "allow r $(address "$(kernel_text) & ~0xfffff")+64M" | policy around 1)"
mem "so it stays closed" "read: EPERM" read "$(kernel_text)" $PAGE
exits "beyond the processor's addresses" 1 load "$(echo "allow r 0x8000000000000+4K" | policy far 1)"
said "as such" "address|width|beyond|physical"
load "$({ echo "deny rw $(page 18)+4K"; echo "allow rw $(page 16)+16K"; } | policy denies 1)"
denied_read 18
recorded "deny beats allow, whichever policy" '.kind == "denial" and .reason == "deny-rule" and .policy == "denies"'
devmemctl remove denies
granted_read 18
