# SPDX-License-Identifier: GPL-2.0-or-later
# machine: counted memory=1024 disk=256M seconds=900 append=memmap=256M$0x20000000 append=nokaslr append=norandmaps
# The same uses as in "access", on a small kernel: where nothing asks what is allowed
# (STRICT_DEVMEM=n), and beside it on one that asks, alone, with a bare kretprobe and
# with the module and one rule. tests/bench/run boots both; on another there is nothing
# to compare.
. /tests/bench-lib.sh

case $(uname -r) in
*-own-open)
	ram open
	claimed open
	pass "all was measured"
	exit
	;;
*-devmem-policy) ;;
*) skip "this is not one of the kernels to be compared" ;;
esac
ram stock refused
claimed stock refused
insmod /modules/dmp_bare.ko || die "dmp_bare loads"
ram bare
claimed bare
rmmod dmp_bare
with_rules 1 rules-1 ""
pass "all was measured"
