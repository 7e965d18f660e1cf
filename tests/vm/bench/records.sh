# SPDX-License-Identifier: GPL-2.0-or-later
# machine: counted disk=1G seconds=900
# What a record costs, in instructions: the machine has one processor, whose clock
# goes by one nanosecond with each of them.
#
# A read that is refused costs something anyway: "alone" is what the kernel needs for it
# without the module. With the module there are probes and the decision besides; what
# a record adds to that is seen where it finds no slot, and its denial is only counted.
# Errands are what the kernel's workers do for a record, which is to resolve the path of
# the program and to ring for devmemd. All is measured twice, and must come to the same
# within one percent.
LOG=/disk/audit.jsonl
STATE=/disk/serials.json
SYSCALLS=/tmp/syscalls
HIGH=$(page 40)
export SYSCALLS

# agree NAME ONE OTHER: within one percent
agree() {
	awk -v one="$2" -v other="$3" 'BEGIN { exit !(one > 0 && one - other <= one / 100 && other - one <= one / 100) }' &&
		pass "$1: $2 and $3" || fail "$1: $2 and $3 differ by more than one percent"
}

# reads NAME CALLS PAGES: twice; leaves in $NAME the call's and in $NAME_errands the workers'
reads() {
	local call errands again
	cost reads "$2" "$HIGH" "$3" >first && cost reads "$2" "$HIGH" "$3" >second || die "$1: reads are refused"
	read -r call errands <first
	read -r again _ <second
	agree "$1" "$call" "$again"
	eval "$1=$call $1_errands=$errands"
}

# drain GROUP ROUNDS: twice, that many records at once
drain() {
	local user netlink file waiting calls
	cost drain "$DAEMON" "$1" "$2" "$HIGH" 64 $SYSCALLS >first &&
		cost drain "$DAEMON" "$1" "$2" "$HIGH" 64 $SYSCALLS >second || die "devmemd fetches $1 records"
	read -r user netlink file waiting calls <first
	agree "devmemd, $1 at once" $((user + netlink + file + waiting)) \
		"$(awk '{ print $1 + $2 + $3 + $4 }' second)"
	figure "{\"drain\":$1,\"user\":$user,\"netlink\":$netlink,\"file\":$file,\"waiting\":$waiting,\"calls\":$calls}"
}

# Nobody is auditor, so that nobody else runs. Half of the ring is 8192 records, and
# three quarters are as many as denials may take.
reads alone 4000 64
start_module ring_slots=16384 heartbeat_ms=60000
load "$(allow cost 1 16 16)"
reads recorded 3500 64
cost reads 2000 "$HIGH" 64
reads summed 4000 1
cost reads 9000 "$HIGH" 64
is "denials have no room any more" true "$(status '.counters.unrecorded_denials > 0')"
reads counted 4000 64
figure "{\"records\":\"denials\",\"alone\":$alone,\"counted\":$counted,\"recorded\":$recorded,\"summed\":$summed,\"errands\":$recorded_errands}"

export LD_PRELOAD=/lib/preload/syscalls.so
start_daemon
unset LD_PRELOAD
wait_for_daemon
within 60 drained
drain 1 1000
drain 10 100
drain 1000 5
