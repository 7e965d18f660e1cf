# SPDX-License-Identifier: GPL-2.0-or-later
# "default deny" refuses also what the kernel allows, as long as it is in force.
mem "the kernel allows this range" "mmap: ok" mmap "$DMP_CLAIM" $PAGE r
if pc; then
	matches "also for reading" "^read: $PAGE " "$(memtool read "$DMP_CLAIM" $PAGE)"
else
	without "reads outside RAM: this kernel answers them before it asks"
fi
before=$(dd if=/dev/mem bs=$PAGE count=16 2>/dev/null | sha256sum)
ready
file=$({ echo "default deny"; echo "allow r $(page 16)+4K"; } | policy closed 1)
load "$file"
granted_read 16
denied_read 17
if pc; then
	mem "what the kernel allows is denied" "read: EPERM" read "$DMP_CLAIM" $PAGE
	mem "masked low memory is denied" "read: EPERM" read 0x2000 $PAGE
fi
mem "what the kernel allows is not mapped" "mmap: EPERM" mmap "$DMP_CLAIM" $PAGE r
recorded "with the reason" '.kind == "denial" and .reason == "default-deny" and .baseline == "allow"'
is "status says so" true "$(status .default_deny)"
exits "remove" 0 devmemctl remove closed
is "afterwards it is as the kernel has it" "$before" \
	"$(dd if=/dev/mem bs=$PAGE count=16 2>/dev/null | sha256sum)"
