# SPDX-License-Identifier: GPL-2.0-or-later
# Who asks is who makes the call: the effective uid, the effective gid and the
# supplementary groups of that moment. Who opened the descriptor does not matter,
# and what was mapped stays mapped.
ready
load "$({
	echo "allow rw $(page 16)+4K uid 1000"
	echo "allow rw $(page 17)+4K gid 2000"
	echo "allow rw $(page 18)+4K uid 1000 gid 2000"
	echo "allow rw $(page 19)+4K uid root"
	echo "allow r $(page 20)+4K uid 1000"
	echo "allow rw $(page 20)+4K uid 1001"
} | policy subjects 1)"
read_of() { echo "read: $(text_of "$1")"; }
# refused TEXT PAGE FILTER: a denial of the page because of its subject
refused() {
	recorded "$1" ".kind == \"denial\" and .first == \"$(page "$2")\" and .reason == \"subject\" and
		.error == \"EPERM\" and .policy == \"subjects\" and .rule and $3"
}
# granted TEXT PAGE FILTER
granted() {
	recorded "$1" ".kind == \"grant\" and .first == \"$(page "$2")\" and .reason == \"allow-rule\" and
		.policy == \"subjects\" and .rule and $3"
}

# uid
denied_read 16
refused "root is not uid 1000" 16 '.operation == "read" and .euid == 0'
denied_write 16
refused "nor for writing" 16 '.operation == "write" and .euid == 0'
denied_map 16
refused "nor for mapping" 16 '.operation == "mmap-write" and .euid == 0'
mem "effective uid 1000" "uid: ok; $(read_of 16); write: 4; mmap: ok" \
	uid 1000 then read "$(page 16)" $PAGE then write "$(address "$(page 16) + 512")" text then mmap "$(page 16)" $PAGE rw
granted "by that uid" 16 '.operation == "read" and .euid == 1000 and .uid == 0'
granted "also for writing" 16 '.operation == "write" and .euid == 1000'
granted "and mapping" 16 '.operation == "mmap-write" and .euid == 1000'
mem "the real uid does not count" "uid: ok; read: EPERM" uid 0 1000 then read "$(page 16)" $PAGE
refused "which the record shows" 16 '.euid == 0 and .uid == 1000'
mem "another uid" "uid: ok; read: EPERM" uid 1001 then read "$(page 16)" $PAGE
refused "by its number" 16 '.euid == 1001'
mem "a name is resolved when compiling" "$(read_of 19); uid: ok; read: EPERM" \
	read "$(page 19)" $PAGE then uid 1000 then read "$(page 19)" $PAGE
mem "what one may read, another may write" "uid: ok; $(read_of 20); mmap: EPERM; uid: ok; uid: ok; mmap: ok" \
	uid 1000 then read "$(page 20)" $PAGE then mmap "$(page 20)" $PAGE rw \
	then uid 0 then uid 1001 then mmap "$(page 20)" $PAGE rw

# gid
denied_read 17
refused "root is not in group 2000" 17 '.egid == 0'
mem "effective gid 2000" "gid: ok; $(read_of 17)" gid 2000 then read "$(page 17)" $PAGE
granted "on record" 17 '.egid == 2000 and .gid == 0'
mem "the real gid does not count" "gid: ok; read: EPERM" gid 0 2000 then read "$(page 17)" $PAGE
refused "which the record shows" 17 '.egid == 0 and .gid == 2000'
mem "a supplementary group" "groups: ok; $(read_of 17)" groups 2000 then read "$(page 17)" $PAGE
mem "one among several" "groups: ok; $(read_of 17)" groups 7,1999,2000,2001,65534 then read "$(page 17)" $PAGE
mem "none of several" "groups: ok; read: EPERM" groups 7,1999,2001,65534 then read "$(page 17)" $PAGE
mem "none any more" "groups: ok; $(read_of 17); groups: ok; read: EPERM" \
	groups 2000 then read "$(page 17)" $PAGE then groups none then read "$(page 17)" $PAGE

# Both: all conditions must hold
mem "uid alone" "uid: ok; read: EPERM" uid 1000 then read "$(page 18)" $PAGE
refused "on record" 18 '.euid == 1000'
mem "group alone" "groups: ok; read: EPERM" groups 2000 then read "$(page 18)" $PAGE
mem "both" "groups: ok; uid: ok; $(read_of 18)" groups 2000 then uid 1000 then read "$(page 18)" $PAGE
mem "both, the other way" "gid: ok; uid: ok; $(read_of 18)" gid 2000 then uid 1000 then read "$(page 18)" $PAGE

# The subject is that of the call, not of the descriptor, nor of the process
mem "there and back" "uid: ok; $(read_of 16); uid: ok; read: EPERM; uid: ok; $(read_of 16)" \
	uid 1000 then read "$(page 16)" $PAGE then uid 0 then read "$(page 16)" $PAGE \
	then uid 1000 then read "$(page 16)" $PAGE
mem "a thread with another uid" "$(read_of 16); read: EPERM" \
	thread 1000 read "$(page 16)" $PAGE then read "$(page 16)" $PAGE
granted "a record says which thread" 16 '.euid == 1000 and .tid != .pid'
refused "and that it was not the process" 16 '.euid == 0 and .tid == .pid'
mem "a thread without the uid" "uid: ok; read: EPERM; $(read_of 16)" \
	uid 1000 then thread 0 read "$(page 16)" $PAGE then read "$(page 16)" $PAGE
mem "a descriptor that was sent to another process" "$(read_of 16); read: EPERM" \
	pass 1000 read "$(page 16)" $PAGE then read "$(page 16)" $PAGE
granted "which asks as itself" 16 '.euid == 1000 and .uid == 1000'
mem "also from one who may to one who may not" "uid: ok; $(read_of 16); uid: ok; read: EPERM" \
	uid 1000 then read "$(page 16)" $PAGE then uid 0 then pass 1001 read "$(page 16)" $PAGE
refused "as itself" 16 '.euid == 1001 and .uid == 1001'
mem "a descriptor that somebody else opened" "open: ok; read: EPERM; uid: ok; $(read_of 16)" \
	use 5 then read "$(page 16)" $PAGE then uid 1000 then read "$(page 16)" $PAGE 5<>/dev/mem

# Ids are those of the initial user namespace
mem "who is called 1000 in a namespace of their own" "userns: ok; read: EPERM" \
	userns 1000 then read "$(page 16)" $PAGE
refused "is not" 16 '.euid == 0'
mem "who is called root there" "uid: ok; userns: ok; $(read_of 16); read: EPERM" \
	uid 1000 then userns 0 then read "$(page 16)" $PAGE then read "$(page 19)" $PAGE

# A mapping is decided when it is made, and again when it is remapped
client_start
client_is "uid 1000" "uid: ok" uid 1000
client_is "maps a page" "mmap: ok" mmap "$(page 16)" $PAGE r
client_is "becomes root" "uid: ok" uid 0
client_is "and has the mapping" 'peek: 80 "devmem-policy buffer page 16"' peek 0
client_is "also moved" "mremap: ok" mremap
client_is "which can be used" 'peek: 80 "devmem-policy buffer page 16"' peek 0
client_is "but not remapped" "remap: EPERM" remap "$(page 16)"
refused "that is a new decision" 16 '.operation == "mmap-read" and .euid == 0'
is "each grant names its rule" 0 "$(records '.kind == "grant" and (.rule == null or .policy != "subjects")')"
