# SPDX-License-Identifier: GPL-2.0-or-later
# machine: debian disk=2G memory=768 seconds=900 append=audit=1
# Records that are durable, a second, through the whole path, against auditd with a
# watch on /dev/mem: the same accesses (open, read a page that is refused, close, from
# four processes), the same number, on the same disk, one after the other. Both have
# room for all of them, so that each access is one record of ours and one event of
# auditd's, and nothing is added up.
#
# A burst that does not fit into auditd's socket is too much for it while it waits for
# the disk: after half a second the kernel gives up, and without audit=1 drops what is
# left. With it, the rest is sent once there is another message: there is one now and
# then, so that nothing is missing here.
. /tests/debian-lib.sh
ACCESSES=1000
AUDIT_LOG=/var/log/audit/audit.log

# flushes: of the disk, so far
flushes() { awk '{ print $16 }' /sys/block/vdb/stat; }

now_ms() { date +%s%3N; }

# access: all of them; the time that took is left in a file
access() { flood durable 4 $((ACCESSES / 4)) "$(page 40)" 60 >"$DIR/load"; }

load_ms() { awk '{ print $4 }' "$DIR/load"; }

# per_second COUNT MS
per_second() { awk -v count="$1" -v ms="$2" 'BEGIN { printf "%.1f", count * 1000 / ms }'; }

# --- devmemd ----------------------------------------------------------------

start_ours() {
	echo "options devmem_policy ring_slots=65536" >/etc/modprobe.d/rate.conf
	start_service
	settle
}

denials() { grep -c '"kind":"denial"' $LOG; }

# ours NAME: how long it takes until all that is accessed is acknowledged
ours() {
	local start before flushed
	before=$(denials) flushed=$(flushes)
	start=$(now_ms)
	access
	cost wait
	OURS_MS=$(($(now_ms) - start))
	RECORDS=$(($(denials) - before))
	figure "devmemd, $1: $RECORDS records of $ACCESSES in $OURS_MS ms, $(per_second $RECORDS $OURS_MS) a second, with $(($(flushes) - flushed)) flushes of the disk; the load itself took $(load_ms) ms"
	is "$1: each access is a record" $ACCESSES "$RECORDS"
	is "$1: of its own" 0 "$(grep '"kind":"denial"' $LOG | grep -c '"calls":')"
}

# --- auditd -----------------------------------------------------------------

start_auditd() {
	sed -i -e "s/^flush *=.*/flush = $1/" -e 's/^max_log_file *=.*/max_log_file = 500/' \
		-e 's/^max_log_file_action *=.*/max_log_file_action = IGNORE/' /etc/audit/auditd.conf
	rm -f $AUDIT_LOG
	systemctl start auditd || die "auditd starts"
	auditctl -D
	auditctl -b 65536 --backlog_wait_time 60000
	auditctl --reset-lost
	auditctl -w /dev/mem -p rwa -k rate
}

# It refuses to be stopped through systemd.
stop_auditd() {
	auditctl -D
	kill "$(cat /run/auditd.pid)"
	within 10 sh -c '! systemctl is-active --quiet auditd'
	auditctl -e 0
}

events() { grep -c 'type=SYSCALL.*key="rate"' $AUDIT_LOG; }

audit_status() { auditctl -s | awk -v name="$1" '$1 == name { print $2 }'; }

# Looking must not cost much of what is measured.
auditd_is_done() {
	sleep 0.5
	[ "$(events)" -ge $ACCESSES ]
}

# Until it is killed
send_messages() {
	while usleep 300000; do
		auditctl -m more
	done
}

# auditds NAME: how long it takes until all that is accessed is in its log
auditds() {
	local start before
	start=$(now_ms) before=$(flushes)
	access
	send_messages &
	messenger=$!
	within 400 auditd_is_done
	AUDITD_MS=$(($(now_ms) - start))
	kill $messenger
	EVENTS=$(events)
	figure "auditd, $1: $EVENTS events of $ACCESSES in $AUDITD_MS ms, $(per_second $EVENTS $AUDITD_MS) a second, with $(($(flushes) - before)) flushes of the disk; the load itself took $(load_ms) ms"
	is "$1: each access is an event" $ACCESSES "$EVENTS"
	is "$1: none is lost" 0 "$(audit_status lost)"
}

# --- one after the other ----------------------------------------------------

start_ours
ours alone
rate=$(per_second $RECORDS $OURS_MS)
systemctl stop devmemd
rmmod devmem_policy

start_auditd SYNC
auditds SYNC
times=$(awk -v ours="$rate" -v count="$EVENTS" -v ms="$AUDITD_MS" 'BEGIN { printf "%.1f", ours * ms / count / 1000 }')
figure "devmemd makes $times times as many durable as auditd with SYNC"
awk -v times="$times" 'BEGIN { exit !(times >= 10) }' && pass "ten times auditd, or more" ||
	fail "less than ten times auditd"
stop_auditd

# What most have: not durable until fifty records later
start_auditd INCREMENTAL_ASYNC
auditds INCREMENTAL_ASYNC
stop_auditd

start_auditd SYNC
start_ours
ours "beside auditd with SYNC"
stop_auditd
systemctl stop devmemd
exits "the log is intact" 0 devmemctl log verify $LOG
