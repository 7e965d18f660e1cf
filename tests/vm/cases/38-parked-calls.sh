# SPDX-License-Identifier: GPL-2.0-or-later
# 1,500 threads stop half way through read(2), and 300 through write(2), in buffers
# whose pages never come (userfaultfd): more calls than there are slots and probes.
# Meanwhile everybody else is decided and recorded as ever, and what default deny
# refuses stays refused.
READERS=1500 WRITERS=300
ready
load "$({
	echo "allow rw $(page 16)+16K"
	echo "allow rw $DMP_CLAIM+4K"
	echo "default deny"
} | policy parked 1)"

# park NAME HOW PAGE THREADS: from now on; let_on NAME: not any more
park() {
	mkfifo "$1.in"
	parked "$2" "$3" "$4" 0<>"$1.in" >"$1.out" &
	echo $! >"$1.pid"
	within 60 grep -q parked "$1.out"
	is "$1: all $4 threads are in the call" "parked $4" "$(cat "$1.out")"
}

go_on() {
	echo >"$1.in"
	wait "$(cat "$1.pid")"
	is "$1: all calls come to their end" "worked $2 refused 0 other 0" "$(tail -n 1 "$1.out")"
}

# Nothing is different for anybody else.
refused="read write mmap-read"
if ! pc; then
	refused=mmap-read
	without "reads and writes outside RAM: this kernel answers them before it asks"
fi
decided() {
	granted_read 17
	granted_write 17
	granted_map 17
	denied_read 60
	denied_write 60
	denied_map 60
	mem "a page that the kernel allows is open where a rule says so" "mmap: ok" \
		mmap "$DMP_CLAIM" $PAGE r
	if pc; then
		mem "the next is refused for reading" "read: EPERM" read "$(address "$DMP_CLAIM + $PAGE")" 64
		mem "for writing" "write: EPERM" write "$(address "$DMP_CLAIM + $PAGE")" text
		mem "so is the low megabyte" "mmap: EPERM; read: EPERM" mmap 0xf0000 0x10000 r then read 0x2000 $PAGE
	fi
	mem "the next is not mapped" "mmap: EPERM" mmap "$(address "$DMP_CLAIM + $PAGE")" $PAGE r
	settle
	for how in $refused; do
		is "$1: the refused $how is on record" 1 \
			"$(records ".seq > $since and .kind == \"denial\" and .operation == \"$how\" and
				.reason == \"default-deny\" and .first == \"$(address "$DMP_CLAIM + $PAGE")\"")"
	done
	is "$1: so are the grants" 3 \
		"$(records ".seq > $since and .kind == \"grant\" and .first == \"$(page 17)\" and .policy == \"parked\"")"
	since=$(status .ring.newest)
}
since=0

decided "before"
park readers read "$(page 16)" $READERS
decided "while they read"
! pc || park allowed read "$DMP_CLAIM" 64
park writers write "$(page 18)" $WRITERS
decided "while they write as well"
go_on writers $WRITERS
! pc || go_on allowed 64
go_on readers $READERS
decided "afterwards"

settle
sum() { jq -s "map(select($1) | .pages) | add // 0" "$LOG"; }
is "each reader's page was granted, on record" $READERS \
	"$(sum ".kind == \"grant\" and .first == \"$(page 16)\" and .operation == \"read\" and .comm == \"parked\"")"
is "each writer's too" $WRITERS \
	"$(sum ".kind == \"grant\" and .first == \"$(page 18)\" and .operation == \"write\" and .comm == \"parked\"")"
is "granted pages in log and counter" "$(status .counters.granted_pages)" "$(sum '.kind == "grant"')"
is "denied pages in log and counter" "$(status .counters.denied_pages)" \
	"$(sum '.kind == "denial" or .kind == "loss"')"
is "no record is promised any more" 0 "$(status .ring.reserved)"
is "no page was missed" "0 0" \
	"$(status '"\(.counters.misses) \(.probes[] | select(.symbol == "devmem_is_allowed") | .missed)"')"
figure "$((READERS + WRITERS)) calls that a rule grants at once; untracked $(status .counters.untracked)"

# Calls that are still under way when the module goes return without it.
park last read "$(page 16)" 200
exits "the module goes meanwhile" 0 unload_module
go_on last 200
denied_read 16
