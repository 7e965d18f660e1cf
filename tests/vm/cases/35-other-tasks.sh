# SPDX-License-Identifier: GPL-2.0-or-later
# A call can be made by another task than the one that wants it. The subject is then:
#   io_uring, by a worker, also that of a polling thread: the credentials that the request has,
#     which are those of who submitted it, of the identity that it names, or of who
#     set up the ring for polling; and the program of the process
#   a forked child, or a thread: its own
# and a mapping is whose it is when it is made, whoever looks through it.
PLACE=/opt/dmp
rm -rf $PLACE
mkdir -p $PLACE
cp /bin/memtool $PLACE/tool
ready
load "$({
	echo "allow rw $(page 16)+4K uid 1000"
	echo "allow rw $(page 17)+4K uid 0"
	echo "allow rw $(page 18)+4K exe $PLACE/tool"
	echo "allow rw $(page 19)+4K gid 2000"
} | policy tasks 1)"
ring_read() { echo "uring-read: $(text_of "$1")"; }
refused() {
	recorded "$1" ".kind == \"denial\" and .first == \"$(page "$2")\" and .reason == \"subject\" and
		.error == \"EPERM\" and .policy == \"tasks\" and .rule and $3"
}
granted() {
	recorded "$1" ".kind == \"grant\" and .first == \"$(page "$2")\" and .policy == \"tasks\" and .rule and $3"
}
WORKER='(.comm | startswith("iou-wrk")) and .tid != .pid'

# Workers
mem "root submits" "uring: ok; uring-read: EPERM; $(ring_read 17); uring-write: 4" \
	uring then uring-read "$(page 16)" $PAGE then uring-read "$(page 17)" $PAGE \
	then uring-write "$(address "$(page 17) + 512")" ring
refused "and is refused what is not root's" 16 "$WORKER and .euid == 0"
granted "and granted what is" 17 "$WORKER and .euid == 0 and .operation == \"read\""
granted "also for writing" 17 "$WORKER and .euid == 0 and .operation == \"write\""
is "which is done" ring "$(kernel_sees $((17 * PAGE + 512)) 4)"
mem "the worker of who became uid 1000" "uring: ok; $(ring_read 17); uid: ok; $(ring_read 16); uring-read: EPERM" \
	uring then uring-read "$(page 17)" $PAGE then uid 1000 then uring-read "$(page 16)" $PAGE \
	then uring-read "$(page 17)" $PAGE
granted "works for uid 1000" 16 "$WORKER and .euid == 1000"
refused "and no more for root" 17 "$WORKER and .euid == 1000"
mem "groups as well" "groups: ok; $(ring_read 19); groups: ok; uring-read: EPERM" \
	groups 2000 then uring-read "$(page 19)" $PAGE then groups none then uring-read "$(page 19)" $PAGE
mem "an identity that was registered as uid 1000" \
	"uring: ok; uid: ok; uring-identity: ok; uid: ok; $(ring_read 16); uring-read: EPERM; read: EPERM; read: $(text_of 17)" \
	uring then uid 1000 then uring-identity then uid 0 then uring-read "$(page 16)" $PAGE \
	then uring-read "$(page 17)" $PAGE then read "$(page 16)" $PAGE then read "$(page 17)" $PAGE
mem "a polling thread works for who set it up" "uid: ok; uring: ok; uid: ok; $(ring_read 16); uring-read: EPERM" \
	uid 1000 then uring poll then uid 0 then uring-read "$(page 16)" $PAGE then uring-read "$(page 17)" $PAGE
granted "as that uid" 16 "$WORKER and .euid == 1000"
refused "and nobody else" 17 "$WORKER and .euid == 1000"
mem "its program is that of the process" "uring-read: EPERM" uring-read "$(page 18)" $PAGE
refused "on record" 18 "$WORKER and .exe == \"/bin/memtool\""
with $PLACE/tool mem "which may be the right one" "$(ring_read 18)" uring-read "$(page 18)" $PAGE
granted "on record" 18 "$WORKER and .exe == \"$PLACE/tool\""
with $PLACE/tool mem "also polling" "uring: ok; $(ring_read 18)" uring poll then uring-read "$(page 18)" $PAGE
granted "on record" 18 "$WORKER and .exe == \"$PLACE/tool\""

# Children and threads
mem "a child is who it is now" "uid: ok; fork: ok; read: $(text_of 16); uid: ok; read: EPERM" \
	uid 1000 then fork then read "$(page 16)" $PAGE then uid 0 then read "$(page 16)" $PAGE
mem "a child has what was mapped before" \
	'uid: ok; mmap: ok; fork: ok; uid: ok; peek: 80 "devmem-policy buffer page 16"; mmap: EPERM' \
	uid 1000 then mmap "$(page 16)" $PAGE r then fork then uid 0 then peek 0 then mmap "$(page 16)" $PAGE r
mem "a thread maps for itself, and all have it" \
	'mmap: ok; peek: 80 "devmem-policy buffer page 16"; mmap: EPERM' \
	thread 1000 mmap "$(page 16)" $PAGE r then peek 0 then mmap "$(page 16)" $PAGE r
granted "on record" 16 '.operation == "mmap-read" and .euid == 1000 and .uid == 0 and .tid != .pid'

# Through /proc/PID/mem somebody else looks, with what the process has (see 31)
client_start
client_is "uid 1000" "uid: ok" uid 1000
client_is "maps its page" "mmap: ok" mmap "$(page 16)" $PAGE r
place=$(client where | sed 's/.*: //')
settle
before=$(records .seq)
if pc; then
	mem "root looks through it" 'procread: 80 "devmem-policy buffer page 16"' procread "$(client_pid)" "$place"
else
	without "a debugger: this kernel warns when a debugger reads RAM that is mapped so, and reads nothing"
fi
settle
is "that is no call of /dev/mem, so nobody is asked" "$before" "$(records .seq)"
mem "what root calls itself is" "read: EPERM" read "$(page 16)" $PAGE
refused "on record" 16 '.euid == 0 and .tid == .pid'
rm -rf $PLACE
