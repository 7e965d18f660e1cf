# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# trouble.sh: for cases in which something fails under load. Four processes use pages
# 16 to 31 and what is around them, a fifth reads page 20, which is granted, without
# end; the policy's name is load.

SUPERVISOR='' OUTAGES='' STRESS='' HELD_PAGE=24

begin_load() {
	stress "${1:-3}" 0 "$(page 16)" 16 "${2:-7}" "${3:-50000}" >"$DIR/stress-said" 2>&1 &
	STRESS=$!
	outages "$(page 20)" "${4:-10000}" >"$DIR/outages-said" 2>&1 &
	OUTAGES=$!
}

end_load() {
	kill -TERM $STRESS $OUTAGES
	wait $STRESS
	is "nothing but grants and refusals happened" 0 $?
	wait $OUTAGES
	matches "nor to the one that reads without end" '^granted [1-9][0-9]* refused [0-9]+ other 0$' \
		"$(tail -n 1 "$DIR/outages-said")"
}

# The longest time for which what is allowed was refused, in milliseconds
longest_outage() { awk '$1 == "out" && $3 > most { most = $3 } END { print most + 0 }' "$DIR/outages-said"; }

# outage_from MS: those that began then or later, the longest: "FROM MILLISECONDS"
outage_from() {
	awk -v from="$1" '$1 == "out" && $2 + $3 >= from && $3 > most { most = $3; text = $2 " " $3 }
		END { print text }' "$DIR/outages-said"
}

ring() { status '"\(.ring.newest) \(.ring.acknowledged) \(.ring.slots)"'; }

# tally FILE...: one line, "once PAGES-GRANTED PAGES-DENIED DENIED-LOST EVENTS-LOST",
# of all records of one instance; "gap" when one is missing or there twice
tally() {
	cat "$@" | jq -nr 'reduce (inputs | select(.seq)) as $r ({next: 1, good: true, g: 0, d: 0, l: 0, e: 0};
		.good = (.good and $r.seq == .next) | .next = $r.seq + 1 |
		if $r.kind == "grant" then .g += $r.pages
		elif $r.kind == "denial" then .d += $r.pages
		elif $r.kind == "loss" and $r.lost == "denial" then .d += $r.pages | .l += $r.pages
		elif $r.kind == "loss" then .e += $r.calls else . end) |
		"\(if .good then "once" else "gap" end) \(.g) \(.d) \(.l) \(.e)"'
}

# the_story FILE...: every record is there once, and they add up to the counters. The
# daemon has the log still.
the_story() {
	settle
	is "every record is there once, and they add up to the kernel's counters" \
		"once $(status '.counters | "\(.granted_pages) \(.denied_pages) \(.unrecorded_denials) \(.unrecorded_events)"')" \
		"$(tally "$@")"
}

# intact FILE...: behind the daemon's end
intact() {
	exits "the log is intact" 0 devmemctl -j log verify "$@"
	figure "$(jq -r '"\(.records) records, \(.checkpoints) checkpoints"' "$DIR/said")"
}

# start_supervised WATCHDOG_MS [OPTION]...: devmemd, as a service manager runs it
start_supervised() {
	local watchdog=$1
	shift
	[ -e "$STATE" ] || devmemd --new-state --state "$STATE" 2>>"$DIR/devmemd.err"
	supervise "$watchdog" devmemd --policy-dir "$POLICIES" --log "$LOG" \
		--cert-dir "$DIR/certs" --state "$STATE" "$@" 2>>"$DIR/devmemd.err" >"$DIR/supervised" &
	SUPERVISOR=$!
	within 10 grep -q ' ready$' "$DIR/supervised" || die "devmemd says that it is ready"
}

supervised() { sed -n 's/^[0-9]* started //p' "$DIR/supervised" | tail -n 1; }

stop_supervised() {
	kill -TERM $SUPERVISOR
	wait $SUPERVISOR
}

longest_silence() { sed -n 's/^[0-9]* longest //p' "$DIR/supervised"; }

# --- a disk that fails ------------------------------------------------------

# What stands between /disk and the disk: put_between; between TABLE; nothing_between
put_between() {
	DISK_SECTORS=$(cat /sys/block/vda/size)
	umount /disk
	dmsetup --noudevsync create between --table "0 $DISK_SECTORS linear /dev/vda 0"
	dmsetup --noudevsync mknodes
	mount -t ext4 "${@:-/dev/mapper/between}" /disk
}

# between WORDS: the rest of the table, behind the number of sectors
between() {
	dmsetup --noudevsync suspend --nolockfs --noflush between
	dmsetup --noudevsync load between --table "0 $DISK_SECTORS $1"
	dmsetup --noudevsync resume between
}

straight() { between "linear /dev/vda 0"; }

nothing_between() {
	umount /disk
	dmsetup --noudevsync remove between
	mount -t ext4 /dev/vda /disk
}
