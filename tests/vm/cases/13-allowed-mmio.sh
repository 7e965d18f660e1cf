# SPDX-License-Identifier: GPL-2.0-or-later
# MMIO that the kernel allows stays as it is; MMIO that it refuses can be granted.
pc || skip "the places of its devices are those of the PC"
FREE=0xe0000000
IOAPIC=0xfec00000
see() {
	memtool mmap $FREE $PAGE r then peek 0 then mprotect r
	memtool read $FREE 4
	memtool mmap "$DMP_CLAIM" $PAGE rw then poke 0 text then peek 0 then mprotect rx
	memtool mmap $IOAPIC $PAGE r
}
before=$(see)
matches "free MMIO can be mapped, claimed MMIO cannot" "^mmap: ok.*mmap: EPERM\$" "$(echo "$before" | tr '\n' ' ' | sed 's/ $//')"
ready
is "the same with the module" "$before" "$(see)"
load "$(printf 'allow r %s+4K label "IO APIC"\n' $IOAPIC | policy mmio 1)"
mem "claimed MMIO is granted by its rule" "mmap: ok; mprotect: EACCES" \
	mmap $IOAPIC $PAGE r then mprotect rw
recorded "and recorded" ".kind == \"grant\" and .first == \"$IOAPIC\" and .baseline == \"deny\""
is "what the kernel allowed is no grant" 0 "$(records ".kind == \"grant\" and .first == \"$FREE\"")"
