# SPDX-License-Identifier: GPL-2.0-or-later
# A rule with exe is for one file, the one that its path names for the kernel when
# the policy is registered: not for its copies, not for what a private mount
# namespace puts in its place, and only if nobody but root can change it.
PLACE=/opt/dmp
rm -rf $PLACE
mkdir -p $PLACE
cp /bin/memtool $PLACE/tool
cp /bin/memtool $PLACE/copy
ln $PLACE/tool $PLACE/hard
ln -s tool $PLACE/soft
printf '%s\n' "#!/bin/busybox sh" "exec /bin/busybox dd if=/dev/mem bs=4096 skip=\$1 count=1" >$PLACE/script
chmod 755 $PLACE/script
ready
load "$({
	echo "allow rw $(page 16)+4K exe $PLACE/tool"
	echo "allow rw $(page 17)+4K exe $PLACE/script"
	echo "allow rw $(page 18)+4K exe /bin/busybox"
	echo "allow rw $(page 19)+4K exe $PLACE/tool uid 1000"
} | policy programs 1)" || die "the policy loads"

refused() {
	recorded "$1" ".kind == \"denial\" and .first == \"$(page "$2")\" and .reason == \"subject\" and
		.error == \"EPERM\" and .policy == \"programs\" and .rule and $3"
}

with $PLACE/tool granted_read 16
with $PLACE/tool granted_write 16
with $PLACE/tool granted_map 16
recorded "the grant names the program" \
	".kind == \"grant\" and .first == \"$(page 16)\" and .exe == \"$PLACE/tool\" and .rule"
denied_read 16
refused "another program is refused" 16 '.exe == "/bin/memtool" and .operation == "read"'
denied_write 16
refused "for writing" 16 '.exe == "/bin/memtool" and .operation == "write"'
denied_map 16
refused "and mapping" 16 '.exe == "/bin/memtool" and .operation == "mmap-write"'
with $PLACE/copy denied_read 16
refused "a copy is another program" 16 ".exe == \"$PLACE/copy\""
with $PLACE/hard granted_read 16
with $PLACE/soft granted_read 16
recorded "a hard link is the same file" \
	".kind == \"grant\" and .first == \"$(page 16)\" and .exe == \"$PLACE/hard\""
with $PLACE/tool mem "a child that it forks is, too" "fork: ok; read: $(text_of 16)" \
	fork then read "$(page 16)" $PAGE
with $PLACE/tool mem "whoever opened the descriptor" "open: ok; read: $(text_of 16)" \
	use 5 then read "$(page 16)" $PAGE 5<>/dev/mem
with $PLACE/tool mem "exe and uid: both must hold" "read: EPERM; uid: ok; read: $(text_of 19)" \
	read "$(page 19)" $PAGE then uid 1000 then read "$(page 19)" $PAGE
mem "uid alone is not enough" "uid: ok; read: EPERM" uid 1000 then read "$(page 19)" $PAGE

# What is executed is what counts, whatever is run by it
script_reads() { $PLACE/script $(($(page "$1") / PAGE)) 2>/dev/null | head -n 1; }
is "a rule for a script is for nobody" "" "$(script_reads 17)"
refused "since its interpreter is executed" 17 '.exe == "/bin/busybox"'
is "a rule for the interpreter is for all scripts" "devmem-policy buffer page 18" "$(script_reads 18)"
loader=$(ls /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1 2>/dev/null)
is "the loader runs the program" "read: EPERM" "$($loader $PLACE/tool read "$(page 16)" $PAGE)"
refused "and is what is executed" 16 '(.exe | test("/ld-"))'

# A private mount namespace
namespace() { unshare -m --propagation private sh -c "mount --bind $1 $2 && $3"; }
is "another file in the program's place" "read: EPERM" \
	"$(namespace $PLACE/copy $PLACE/tool "exec $PLACE/tool read $(page 16) $PAGE")"
refused "does not pass for it" 16 ".exe == \"$PLACE/tool\""
is "the program in another place" "read: $(text_of 16)" \
	"$(namespace $PLACE/tool $PLACE/copy "exec $PLACE/copy read $(page 16) $PAGE")"
file=$(echo "allow rw $(page 24)+4K exe $PLACE/tool" | policy faked 1)
exits "registering from such a namespace" 0 namespace $PLACE/copy $PLACE/tool "devmemctl load $file"
with $PLACE/copy denied_read 24
with $PLACE/tool granted_read 24

# What COMMIT refuses. The policy that is in force stays.
serial=1
# bad TEXT ERRNO SENTENCE PATH
bad() {
	serial=$((serial + 1))
	file=$(echo "allow rw $(page 32)+4K exe $4" | policy programs $serial)
	exits "$1 is refused" 1 rawload "$file"
	said "$1: $2, and a sentence" "^$2: .*$3"
	recorded "$1: on record" ".kind == \"policy-refused\" and .policy == \"programs\" and
		.serial == $serial and .error == \"$2\""
}
mkdir $PLACE/directory $PLACE/open $PLACE/others
cp /bin/memtool $PLACE/open/tool
cp /bin/memtool $PLACE/others/tool
cp /bin/memtool /tmp/tool
ln -s $PLACE $PLACE/way
for name in data group world owned; do
	cp /bin/memtool $PLACE/$name
done
chmod 644 $PLACE/data
chmod 775 $PLACE/group
chmod 757 $PLACE/world
chown 1000 $PLACE/owned
chmod 775 $PLACE/open
chown 1000 $PLACE/others
mkfifo $PLACE/pipe
bad "a program that is not there" ENOEXEC "$PLACE/nothing" $PLACE/nothing
bad "a program in a directory that is not there" ENOEXEC "$PLACE/no/tool" $PLACE/no/tool
bad "a program below a file" ENOEXEC "$PLACE/tool/tool" $PLACE/tool/tool
bad "a directory" ENOEXEC "$PLACE/directory is not a regular file" $PLACE/directory
bad "a pipe" ENOEXEC "$PLACE/pipe is not a regular file" $PLACE/pipe
bad "a file that is not executable" ENOEXEC "$PLACE/data is not executable" $PLACE/data
bad "a program that its group may write" EACCES "$PLACE/group is writable by its group" $PLACE/group
bad "a program that others may write" EACCES "$PLACE/world is writable by others" $PLACE/world
bad "a program that root does not own" EACCES "$PLACE/owned belongs to uid 1000" $PLACE/owned
bad "a program in a directory that a group may write" EACCES "$PLACE/open is writable by its group" $PLACE/open/tool
bad "a program in somebody's directory" EACCES "$PLACE/others belongs to uid 1000" $PLACE/others/tool
bad "a program in a directory that others may write, sticky or not" EACCES "/tmp is writable by others" /tmp/tool
bad "a symbolic link" EACCES "symbolic link" $PLACE/soft
bad "a path with a symbolic link" EACCES "symbolic link" $PLACE/way/tool
mount -t tmpfs -o noexec none $PLACE/directory
cp /bin/memtool $PLACE/directory/tool
bad "a program where nothing is executed" ENOEXEC "noexec" $PLACE/directory/tool
umount $PLACE/directory
is "none of them left a rule" 0 "$(devmemctl -j rules | jq "[.. | objects | select(.first? == \"$(page 32)\")] | length")"
with $PLACE/tool granted_read 16
denied_read 16
serial=$((serial + 1))
exits "devmemctl says the same" 1 load "$(echo "deny rw $(page 32)+4K exe $PLACE/nothing" | policy programs $serial)"
said "in a sentence" "$PLACE/nothing"
rm -rf $PLACE /tmp/tool
