# SPDX-License-Identifier: GPL-2.0-or-later
# A thousand times: four processes map, a fifth takes it back, and every touch after
# that is a SIGBUS, none before; and no page of memory is lost on the way.
ROUNDS=1000
slab() { awk '$1 == "SUnreclaim:" { print $2 }' /proc/meminfo; }
# Address spaces, of processes that are and of those that somebody holds on to, more
# or less: the kernel counts what it keeps at hand among them.
spaces() {
	echo 1 >/sys/kernel/slab/mm_struct/shrink
	awk '$1 == "mm_struct" { print $2 }' /proc/slabinfo
}
ready
# So that mapping many pages takes longer than a revocation
echo 100 >$HELPER/slow
echo 1 >/sys/kernel/rcu_expedited
# A hundred rounds fill what is filled once.
rounds "$(page 16)" 100 /keys/key.pem /keys/cert.pem 1 >said || cat said
settle
devmemctl remove rounds
before=$(used) slab_before=$(slab) spaces_before=$(spaces)
START=$(uptime_ms)
rounds "$(page 16)" $ROUNDS /keys/key.pem /keys/cert.pem 10000 >said
sed 's/^/# rounds: /' said
figure "$(tail -n 1 said), in $(($(uptime_ms) - START)) ms"
matches "all was as it should be" "^rounds 1[0-9]{3} races [0-9]{3} touches [0-9]+ faults [0-9]+ raced-mappings [1-9][0-9]* wrong 0\$" \
	"$(cat said)"
settle
is "each round's revocation is on record" true "$([ "$(records '.kind == "revoked"')" -ge $ROUNDS ] && echo true)"
is "nothing was missed" 0 "$(status '.counters.misses + .counters.untracked + .counters.unrecorded_events')"
is "granted pages in log and counter" "$(status .counters.granted_pages)" \
	"$(jq -s 'map(select(.kind == "grant") | .pages) | add' "$LOG")"
devmemctl remove rounds
grown() { echo $(($(used) - before)); }
small() { [ "$(grown)" -lt 3072 ]; }
within 5 small || :
grown=$(grown) slab_grown=$(($(slab) - slab_before)) spaces_grown=$(($(spaces) - spaces_before))
figure "memory grew by $grown kB, unreclaimable slab by $slab_grown kB, address spaces by $spaces_grown"
# A page a round would be 4000 kB.
is "no page a round was lost: less than 3072 kB" true "$([ "$grown" -lt 3072 ] && echo true || echo "$grown kB")"
if quarantined; then
	without "the growth of slab: KASAN keeps what was freed for a while; kmemleak looks for the rest"
else
	is "nor a kilobyte of slab: less than 512 kB" true "$([ "$slab_grown" -lt 512 ] && echo true || echo "$slab_grown kB")"
fi
# There were at least 140 processes.
is "nor an address space a process: less than 70" true "$([ "$spaces_grown" -lt 70 ] && echo true || echo "$spaces_grown")"
