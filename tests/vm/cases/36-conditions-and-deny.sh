# SPDX-License-Identifier: GPL-2.0-or-later
# Deny rules and default deny, for some and not for others, beyond what the kernel
# refuses: a page of free memory, and the BIOS, are open without any policy.
pc || skip "it reads outside RAM, and BIOS, as only the PC can"
PLACE=/opt/dmp
rm -rf $PLACE
mkdir -p $PLACE
cp /bin/memtool $PLACE/tool
FREE=$DMP_CLAIM
NEXT=$(address "$DMP_CLAIM + $PAGE")
BIOS=0xf0000
READS='read: [0-9]+ "[^"]*"'
refused() {
	recorded "$1" ".kind == \"denial\" and .first == \"$2\" and .reason == \"$3\" and .error == \"EPERM\" and $4"
}

ready heartbeat_ms=500
sees "the kernel allows all of it" "$READS; $READS; mmap: ok; mmap: ok" \
	read "$FREE" 64 then read "$NEXT" 64 then mmap $BIOS $PAGE rx then mmap "$FREE" $((2 * PAGE)) rw

# Deny rules with conditions: for those alone whom they mean
load "$({
	echo "deny rw $FREE+4K uid 1000"
	echo "deny rw $NEXT+4K gid 2000"
	echo "deny w $BIOS+64K exe $PLACE/tool"
	echo "allow rw $(page 16)+16K"
	echo "deny rw $(page 17)+4K uid 1000"
	echo "deny rw $(page 18)+4K exe $PLACE/tool uid 1000"
	echo "deny w $(page 19)+4K gid 2000"
} | policy denies 1)"
sees "others keep what the kernel allows" "$READS; $READS; mmap: ok" \
	read "$FREE" 64 then read "$NEXT" 64 then mmap "$FREE" $((2 * PAGE)) rwx
sees "uid 1000 does not" "uid: ok; read: EPERM; mmap: EPERM; write: EPERM; $READS" \
	uid 1000 then read "$FREE" 64 then mmap "$FREE" $PAGE r then write "$FREE" text then read "$NEXT" 64
refused "on record" "$FREE" deny-rule \
	'.operation == "read" and .euid == 1000 and .policy == "denies" and .rule and .baseline == "allow"'
refused "the mapping, too" "$FREE" deny-rule '.operation == "mmap-read" and .euid == 1000'
refused "and the write" "$FREE" deny-rule '.operation == "write" and .euid == 1000'
sees "group 2000 is not for the next page" "gid: ok; $READS; read: EPERM" \
	gid 2000 then read "$FREE" 64 then read "$NEXT" 64
sees "supplementary groups count here, too" "groups: ok; read: EPERM" groups 5,2000 then read "$NEXT" 64
refused "on record" "$NEXT" deny-rule '.operation == "read" and .policy == "denies" and .rule'
sees "a mapping with one such page is refused" "groups: ok; mmap: EPERM; mmap: ok" \
	groups 2000 then mmap "$FREE" $((2 * PAGE)) r then mmap "$FREE" $PAGE r
with $PLACE/tool sees "one program may not write the BIOS" "mmap: EPERM; mmap: ok" \
	mmap $BIOS 0x10000 rw then mmap $BIOS 0x10000 r
refused "on record" $BIOS deny-rule ".operation == \"mmap-write\" and .exe == \"$PLACE/tool\" and .pages == 1"
sees "another one may" "mmap: ok" mmap $BIOS 0x10000 rw

# Deny beats allow, for those whom it means
granted_read 17
mem "deny beats allow" "uid: ok; read: $(text_of 16); read: EPERM; mmap: EPERM" \
	uid 1000 then read "$(page 16)" $PAGE then read "$(page 17)" $PAGE then mmap "$(page 16)" $((4 * PAGE)) r
refused "on record" "$(page 17)" deny-rule '.operation == "read" and .euid == 1000 and .baseline == "deny"'
mem "all conditions of a deny rule must hold" "uid: ok; read: $(text_of 18)" uid 1000 then read "$(page 18)" $PAGE
with $PLACE/tool mem "one of them" "read: $(text_of 18)" read "$(page 18)" $PAGE
with $PLACE/tool mem "or both" "uid: ok; read: EPERM" uid 1000 then read "$(page 18)" $PAGE
mem "a deny rule for writing leaves reading" "groups: ok; read: $(text_of 19); write: EPERM; mmap: ok; mmap: EPERM" \
	groups 2000 then read "$(page 19)" $PAGE then write "$(page 19)" text \
	then mmap "$(page 19)" $PAGE r then mmap "$(page 19)" $PAGE rw

# A policy that comes later denies to those who hold a mapping already. Of a mapping
# it is not known whose it is: it goes if the rule could mean its holder.
client_start
client_is "a mapping" "mmap: ok" mmap "$(page 16)" $PAGE r
as other client_start
as other client_is "another" "mmap: ok" mmap "$(page 19)" $PAGE r
load "$(echo "deny r $(page 16)+4K uid 1000" | policy later 1)"
client_is "a mapping that a new deny rule may mean is gone" "peek: SIGBUS" peek 0
as other client_is "others are not" 'peek: 80 "devmem-policy buffer page 19"' peek 0
client_is "whom it does not mean maps it again" "mmap: ok" mmap "$(page 16)" $PAGE r
devmemctl remove later
client_is "that it goes takes nothing" 'peek: 80 "devmem-policy buffer page 16"' peek 0
devmemctl remove denies
sees "without the policy the kernel decides" "uid: ok; $READS; mmap: ok" \
	uid 1000 then read "$FREE" 64 then mmap $BIOS 0x10000 rw

# Default deny, with exceptions for some
load "$({
	echo "default deny"
	echo "allow rw $FREE+4K uid 1000"
	echo "allow r $BIOS+64K gid 2000"
	echo "allow rw $(page 16)+4K exe $PLACE/tool"
} | policy closed 1)"
sees "default deny refuses what is for others, and what is for none" \
	"read: EPERM; read: EPERM; mmap: EPERM; write: EPERM" \
	read "$FREE" 64 then read "$NEXT" 64 then mmap $BIOS 0x10000 r then write "$FREE" text
refused "for others" "$FREE" subject '.baseline == "allow" and .policy == "closed" and .rule and .euid == 0'
refused "for none" "$NEXT" default-deny '.baseline == "allow" and .rule == null'
refused "also a mapping" $BIOS subject '.operation == "mmap-read" and .policy == "closed" and .rule'
sees "whom a rule means keeps what the kernel allows" "uid: ok; $READS; mmap: ok; read: EPERM" \
	uid 1000 then read "$FREE" 64 then mmap "$FREE" $PAGE rwx then read "$NEXT" 64
sees "a group" "groups: ok; mmap: ok; mmap: EPERM" \
	groups 2000 then mmap $BIOS 0x10000 rx then mmap $BIOS 0x10000 rw
refused "but not for writing" $BIOS operation '.operation == "mmap-write" and .policy == "closed"'
with $PLACE/tool granted_read 16
denied_read 16
settle
is "what the kernel allows is no grant" 0 "$(records ".kind == \"grant\" and .baseline == \"allow\"")"
load "$(echo "deny rw $FREE+4K uid 1000" | policy denies 2)"
sees "a deny rule beats the exception" "uid: ok; read: EPERM" uid 1000 then read "$FREE" 64
refused "on record" "$FREE" deny-rule '.policy == "denies" and .euid == 1000'
devmemctl remove closed
sees "without default deny others are free again" "$READS; $READS; uid: ok; read: EPERM" \
	read "$FREE" 64 then read "$NEXT" 64 then uid 1000 then read "$FREE" 64
is "nothing missed" 0 "$(status .counters.misses)"

# What remains: debugfs silences the probes, and with them what is refused beyond the
# kernel. Nothing is granted then, the heartbeat finds it, and the status says so.
KPROBES=/sys/kernel/debug/kprobes/enabled
lapsed() { [ "$(status .auditor.proven)" != true ]; }
load "$({
	echo "default deny"
	echo "allow rw $(page 16)+4K"
} | policy closed 2)"
mem "default deny again" "read: EPERM; read: $(text_of 16)" read "$NEXT" $PAGE then read "$(page 16)" $PAGE
echo 0 >$KPROBES
sees "with the probes switched off the kernel alone decides" "read: 64 .*; read: EPERM; mmap: ok; mmap: EPERM" \
	read "$NEXT" 64 then read "$(page 16)" $PAGE then mmap "$NEXT" $PAGE r then mmap "$(page 16)" $PAGE r
within 5 lapsed && pass "the proof lapses" || fail "the proof lapses"
matches "the status says why" "kprobes/enabled|not proven" "$(devmemctl status)"
echo 1 >$KPROBES
within 10 proven && pass "switched on again it is proven" || fail "switched on again it is proven"
mem "and as it was" "read: EPERM; read: $(text_of 16)" read "$NEXT" $PAGE then read "$(page 16)" $PAGE
rm -rf $PLACE
