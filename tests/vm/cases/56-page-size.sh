# SPDX-License-Identifier: GPL-2.0-or-later
# A rule covers whole pages of this machine, or its policy is refused with the reason.
# The format's pages have 4 KiB, those of a machine may have more.
ready
figure "pages of $((PAGE / 1024)) KiB"
half=$((PAGE / 2))

# What is not aligned to the format's pages no compiler makes, and no kernel takes.
{
	echo "policy odd"
	echo "serial 1"
	echo "allow rw $(page 16)+2K"
} >odd.policy
exits "half a page of 4 KiB does not compile" 5 devmemctl policy compile odd.policy -o odd.bin
said "with a sentence" "whole pages of 4 KiB"
sed -i 's/+2K/+64K/' odd.policy
exits "16 of them do" 0 devmemctl policy compile odd.policy -o odd.bin
# spoil OFFSET VALUE: the second byte of the rule's first address, or of its last
spoil() { printf '%b' "$(printf '\\0%03o' "$2")" | dd of=odd.bin bs=1 seek="$1" conv=notrunc 2>/dev/null; }
sealed() { seal odd.bin /keys/key.pem /keys/cert.pem odd.dmp || fail "odd.bin is signed"; }
spoil 161 8
sealed
exits "nor behind a good signature" 1 rawload odd.dmp
said "with errno and sentence" "^EINVAL: .*does not start at a multiple of 4 KiB"
spoil 161 $(($(page 16) >> 8 & 255))
spoil 169 7
sealed
exits "nor with such an end" 1 rawload odd.dmp
said "with errno and sentence" "^EINVAL: .*does not end with a whole page of 4 KiB"

# unaligned NAME FIRST-BYTE LAST-BYTE, counted from page 16
unaligned() {
	printf 'allow rw 0x%x-0x%x\n' $(($(page 16) + $2)) $(($(page 16) + $3)) | policy "$1" 1 >policy-file
	exits "$1: a policy that is aligned for 4 KiB only is refused" 1 load "$(cat policy-file)"
	said "$1: with the reason" "is not aligned to this kernel's pages of $PAGE bytes.*ERANGE"
	recorded "$1: that is on record" \
		".kind == \"policy-refused\" and .policy == \"$1\" and .serial == 1 and .error == \"ERANGE\""
}
if [ $PAGE -gt 4096 ]; then
	unaligned short 0 4095
	unaligned first $half $((PAGE - 1))
	unaligned middle 4096 $((2 * PAGE - 4097))
	unaligned across $half $((PAGE + half - 1))
	unaligned last 0 $((PAGE + 4095))
	is "none of them is in force" 0 "$(status '.policies | length')"
else
	without "pages larger than 4 KiB"
fi
denied_read 16
denied_map 16

# Whole pages, with a page denied in the middle and closed ones beside
{
	echo "allow rw $(page 16)+$((4 * PAGE))"
	echo "deny rw $(page 18)+$PAGE"
} | policy whole 1 >policy-file
exits "a policy that is aligned loads" 0 load "$(cat policy-file)"
for number in 16 17 19; do
	granted_read $number
	granted_write $number
	granted_map $number
done
for number in 15 18 20; do
	denied_read $number
	denied_write $number
	denied_map $number r
done
mem "two pages in one read" "read: $((2 * PAGE)) \"devmem-policy buffer page 16\"" read "$(page 16)" $((2 * PAGE))
mem "two pages in one mapping" "mmap: ok; peek: 80 \"devmem-policy buffer page 17\"" \
	mmap "$(page 16)" $((2 * PAGE)) rw then peek $PAGE
sees "the second half of a page" "read: $half \"\.+\"" read "$(address "$(page 19) + half")" $half
mem "its last byte" 'read: 1 "."' read "$(address "$(page 20) - 1")" 1
mem "one byte more is denied" "read: EPERM" read "$(address "$(page 20) - 1")" 2
mem "the byte before the first is denied" "read: EPERM" read "$(address "$(page 16) - 1")" 1
mem "a mapping over the end is denied" "mmap: EPERM" mmap "$(page 19)" $((2 * PAGE)) r
recorded "a read of one page is one" \
	".kind == \"grant\" and .operation == \"read\" and .first == \"$(page 17)\" and .last == \"$(address "$(page 18) - 1")\" and .pages == 1 and .policy == \"whole\""
recorded "one of two is two" \
	".kind == \"grant\" and .operation == \"read\" and .first == \"$(page 16)\" and .last == \"$(address "$(page 18) - 1")\" and .pages == 2"
recorded "a mapping of two is two" \
	".kind == \"grant\" and .operation == \"mmap-write\" and .first == \"$(page 16)\" and .last == \"$(address "$(page 18) - 1")\" and .pages == 2"
recorded "the denied page is denied by its rule" \
	".kind == \"denial\" and .first == \"$(page 18)\" and .last == \"$(address "$(page 19) - 1")\" and .pages == 1 and .policy == \"whole\" and .reason == \"deny-rule\""
recorded "the page after has no rule" \
	".kind == \"denial\" and .first == \"$(page 20)\" and .pages == 1 and .reason == \"no-rule\""

# Revocation is by whole pages too.
as part client_start
as part client_is "a page is mapped" "mmap: ok" mmap "$(page 19)" $PAGE rw
exits "half a page cannot be revoked" 1 ask revoke "first=$(page 19)" "last=$(address "$(page 19) + half - 1")"
said "with a sentence" "^EINVAL: .*whole pages of $PAGE bytes"
as part client_is "it stays mapped" 'peek: 80 "devmem-policy buffer page 19"' peek 0
exits "a whole one can" 0 devmemctl revoke "$(page 19)+$PAGE"
as part client_is "it is gone" "peek: SIGBUS" peek 0
denied_read 19
granted_read 17
adds_up
