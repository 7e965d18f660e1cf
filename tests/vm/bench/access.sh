# SPDX-License-Identifier: GPL-2.0-or-later
# machine: counted memory=1024 disk=256M seconds=1500 append=memmap=256M$0x20000000 append=nokaslr append=norandmaps
# What reads, writes and mappings cost, in instructions: with the kernel alone, with a
# bare kretprobe that says 1 to everything, and with the module under policies of
# several sizes.
. /tests/bench-lib.sh

other stock
ram stock refused
claimed stock refused
untouched stock
insmod /modules/dmp_bare.ko || die "dmp_bare loads"
other bare
ram bare
claimed bare
untouched bare
rmmod dmp_bare
begin
load "$(allow other 1 0 1)" >/dev/null || die "loading"
quiet ram denied refused
quiet claimed denied refused
quiet untouched untouched
end
for count in 1 64 4096 65536; do
	with_rules $count rules-$count ""
	with_rules $count rules-$count-uid "uid 0"
done
pass "all was measured"
