# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# bench-lib.sh: for cases that measure uses of /dev/mem; sourced by them. "ram" is a
# reserved buffer; "claimed" is a range that a driver has claimed; the kernel refuses
# both. "free" is the same range when nobody has, which the kernel permits. The machine
# needs counted memory=1024 disk=256M append=memmap=256M$0x20000000, and for figures
# that compare, append=nokaslr append=norandmaps.
#
# devmemd is stopped meanwhile, since what it does is measured elsewhere (records).
WINDOW=0x20000000
WINDOW_BYTES=$((256 << 20))
HIGH=0x100000000
LOG=/disk/audit.jsonl
STATE=/disk/serials.json
echo $WINDOW >/sys/module/dmp_buffer/parameters/claim_address
echo $WINDOW_BYTES >/sys/module/dmp_buffer/parameters/claim_bytes
claim() { echo "$1" >$HELPER/claim || die "claiming $1"; }

# measure WITH RANGE OPERATION BYTES CALLS [refused|paired]
measure() {
	local address=$WINDOW count refused=false
	[ "$2" != ram ] || address=$(page 8)
	[ "${6:-}" != refused ] || refused=true
	count=$(bench "$3" "$address" "$4" "$5" ${6:-}) || die "$1: $3 of $4 bytes, $2 ${6:-}"
	case $count in
	*\ *) count="${count% *},\"without\":${count#* }" ;;
	esac
	figure "{\"with\":\"$1\",\"range\":\"$2\",\"operation\":\"$3\",\"bytes\":$4,\"refused\":$refused,\"instructions\":$count}"
}

transfers() {
	measure "$1" "$2" read 64 200 ${3:-}
	measure "$1" "$2" read 4096 200 ${3:-}
	measure "$1" "$2" write 64 200 ${3:-}
	measure "$1" "$2" write 4096 200 ${3:-}
}

mappings() {
	measure "$1" "$2" map 4096 200 ${3:-}
	[ "${3:-}" != refused ] || return 0
	measure "$1" "$2" map $((4 << 20)) 21
	measure "$1" "$2" map $WINDOW_BYTES 3
}

# WITH: what has nothing to do with /dev/mem
other() { measure "$1" free other 4096 1000; }

# What the kernel refuses; WITH says what else there is
ram() { transfers "$1" ram ${2:-}; }
claimed() {
	claim 1
	mappings "$1" claimed ${2:-}
	claim 0
}

untouched() { mappings "$1" free paired; transfers "$1" free paired; }

# rules COUNT CONDITION SERIAL RANGE: put a policy in force with so many rules, one of
# which allows what is used; the others are for memory that is not there
rules() {
	awk -v count="$1" -v condition="$2" -v serial="$3" -v range="$4" -v high=$((HIGH / PAGE)) 'BEGIN {
		printf "policy bench\nserial %d\nallow rw %s %s\n", serial, range, condition
		for (i = 1; i < count; i++)
			printf "allow rw 0x%x000+4K %s\n", high + 2 * i, condition
	}' >bench.policy
	devmemctl policy compile bench.policy -o bench.bin >/dev/null &&
		devmemctl policy sign bench.bin --key /keys/key.pem --cert /keys/cert.pem -o bench.dmp >/dev/null &&
		load bench.dmp >/dev/null || die "a policy of $1 rules is loaded"
}

# quiet COMMAND...: while devmemd is stopped; it catches up afterwards
quiet() {
	within 60 drained || die "devmemd catches up"
	kill -STOP "$DAEMON"
	"$@"
	kill -CONT "$DAEMON"
	within 60 drained || die "devmemd catches up"
}

begin() {
	rm -f $LOG $STATE
	start_module ring_slots=16384 heartbeat_ms=60000
	start_daemon
	wait_for_daemon
}

end() {
	stop_daemon
	unload_module || die "unloading"
}

# with_rules COUNT NAME CONDITION
with_rules() {
	begin
	rules "$1" "$3" 1 "$(page 0)+512K"
	quiet ram "$2"
	quiet other "$2"
	rules "$1" "$3" 2 "$WINDOW+256M"
	quiet claimed "$2"
	end
}
