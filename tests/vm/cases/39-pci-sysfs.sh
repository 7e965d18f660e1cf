# SPDX-License-Identifier: GPL-2.0-or-later
# From 5.12 the mappings of PCI sysfs resource files share an address space with those
# of /dev/mem: revoking a range of MMIO takes both. Only a range that a rule really
# granted to a mapping is revoked, so it happens to nothing else.
for device in /sys/bus/pci/devices/*; do
	[ "$(cat "$device/vendor" "$device/device" | tr '\n' ' ')" = "0x1af4 0x1110 " ] && break
done
BAR=$(awk 'NR == 3 { print $1 }' "$device/resource")
at() { address "$BAR + $1 * $PAGE"; }
echo 1 >"$device/enable"
# A driver claims the second page of its memory
at 1 >/sys/module/dmp_buffer/parameters/claim_address
echo 1 >$HELPER/claim || die "a driver claims a page of $BAR"

ready
as pci client_start
as pci client_is "the resource file" "open: ok" open "$device/resource2"
as pci client_is "is mapped" "mmap: ok" mmap 0 $((8 * PAGE)) rw
for number in 0 1 2 3; do
	as pci client_is "page $number is written" "poke: ok" poke $((number * PAGE)) "register-page-$number"
done
mem "the kernel refuses the claimed page to /dev/mem" "mmap: EPERM" mmap "$(at 1)" $PAGE rw
load "$(echo "allow rw $(at 1)+8K" | policy window 1)"
map_page() {
	as "mem$1" client_start
	as "mem$1" client_is "/dev/mem, page $1" "open: ok" open sync
	as "mem$1" client_is "/dev/mem, page $1, is mapped" "mmap: ok" mmap "$(at "$1")" $PAGE rw
	matches "it is the same memory" "register-page-$1" "$(as "mem$1" client peek 0)"
}
map_page 1
map_page 2
map_page 3
recorded "the claimed page is a grant" \
	".kind == \"grant\" and .operation == \"mmap-write\" and .first == \"$(at 1)\" and .pages == 1 and .baseline == \"deny\""
settle
is "the others are the kernel's, also the one that the rule names" 1 "$(records '.kind == "grant"')"

exits "the policy is removed" 0 devmemctl remove window
recorded "the page is revoked" ".kind == \"revoked\" and .first == \"$(at 1)\" and .pages == 1 and .reason == \"removed\""
as mem1 client_is "its mapping of /dev/mem is gone" "peek: SIGBUS" peek 0
if older_kernel 5 12; then
	matches "that of the resource file is not: this kernel keeps them apart" "register-page-1" \
		"$(as pci client peek $PAGE)"
else
	as pci client_is "so is that of the resource file, which no rule granted" "peek: SIGBUS" peek $PAGE
fi
for number in 0 2 3; do
	matches "page $number of the resource file is there" "register-page-$number" \
		"$(as pci client peek $((number * PAGE)))"
done
for number in 2 3; do
	matches "so is /dev/mem's" "register-page-$number" "$(as "mem$number" client peek 0)"
done
is "no other page was revoked" 0 "$(records ".kind == \"revoked\" and (.first != \"$(at 1)\" or .pages != 1)")"
mem "the resource file can be mapped again: these probes do not see it" \
	'open: ok; mmap: ok; poke: ok' open "$device/resource2" then mmap 0 $((2 * PAGE)) rw then poke $PAGE text
mem "/dev/mem cannot" "mmap: EPERM" mmap "$(at 1)" $PAGE rw
