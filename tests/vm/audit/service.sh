# SPDX-License-Identifier: GPL-2.0-or-later
# machine: debian disk=1G memory=768 seconds=900
# devmemd as make install leaves it, under systemd: it works with all its rights taken
# away but those that it needs, is restarted and killed under load, and its log is
# rotated by logrotate.
. /tests/debian-lib.sh
. /tests/trouble.sh
OVERRIDE=/run/systemd/system/devmemd.service.d

# override LINE...: of the unit's [Service], for a while
override() {
	mkdir -p $OVERRIDE
	{ echo "[Service]" && printf '%s\n' "$@"; } >$OVERRIDE/test.conf
	systemctl daemon-reload
}

no_override() {
	rm -r $OVERRIDE
	systemctl daemon-reload
}

# --- the unit as installed --------------------------------------------------

is "systemd finds nothing wrong with the unit" "" "$(systemd-analyze verify --man=no devmemd.service 2>&1)"
prepare_service
# A mapping is to outlive restarts, also on a machine that has other things to do.
echo "options devmem_policy grace_ms=60000" >/etc/modprobe.d/devmem-policy.conf
cp "$(allow first 1 16 4)" $POLICIES/first.dmp
start_service
is "it is active" active "$(property ActiveState)"
is "it told systemd how it goes" "Auditor, probes proven to work" "$(property StatusText)"
is "modprobe has loaded the module" devmem_policy "$(awk '$1 == "devmem_policy" { print $1 }' /proc/modules)"
granted_read 16
denied_read 40
is "the log is for root alone" "600 root root" "$(stat -c '%a %U %G' $LOG)"
is "its directory too" "700 root root" "$(stat -c '%a %U %G' ${LOG%/*})"

# A program's path is looked up by the kernel, whatever was / before systemd was there.
cp "$({
	echo "allow rw $(page 16)+16K"
	echo "allow r $(page 40)+4K exe /opt/bin/memtool"
} | policy first 2)" $POLICIES/first.dmp
systemctl reload devmemd
within 10 memtool read "$(page 40)" $PAGE && pass "a newer policy is in force after reload" ||
	fail "a newer policy is in force after reload"
cp /opt/bin/memtool /opt/memtool
with /opt/memtool denied_read 40
cp /keys/other-cert.pem $POLICIES/bad.dmp
systemctl reload devmemd
within 10 sh -c 'journalctl -q -o cat -u devmemd | grep -q "1 unchanged, 1 refused"' &&
	pass "a file that is no policy changes nothing" || fail "a file that is no policy changes nothing"
rm $POLICIES/bad.dmp
granted_read 16
is "nothing else is complained about" 2 "$(journalctl -q -o cat -p warning -u devmemd | tee complaints | wc -l)"
is "but the development key and that file" 2 "$(grep -cE 'development key|bad.dmp' complaints)"

# --- what it cannot do ------------------------------------------------------

pid=$(main_pid)
process() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$pid/status"; }
is "it has four capabilities" "0000000000221004 0000000000221004" "$(process CapEff) $(process CapBnd)"
is "and gets no others" 1 "$(process NoNewPrivs)"
is "system calls are filtered" 2 "$(process Seccomp)"
is "there are no core files" "0 0" "$(awk '/^Max core/ { print $5, $6 }' "/proc/$pid/limits")"
exposure=$(systemd-analyze --no-pager security devmemd | sed -n 's/.*exposure level for devmemd.service: \([0-9.]*\).*/\1/p')
figure "exposure by systemd-analyze security: $exposure of 10"
is "which is below 2.5" true "$(awk -v seen="$exposure" 'BEGIN { print (seen > 0 && seen < 2.5) ? "true" : "false" }')"

# The same unit around a script that tries things; the script alone can do them all.
cat >/opt/attempts <<'END'
try() {
	name=$1
	shift
	if ("$@") >/dev/null 2>&1; then echo "$name: works"; else echo "$name: refused"; fi
}
udp() { echo >/dev/udp/127.0.0.1/9; }
module() { modprobe -r dm_flakey && modprobe dm_flakey; }
clock() { date -s "@$(date +%s)"; }
tunable() { cat /proc/sys/kernel/printk >/proc/sys/kernel/printk; }
memory() { printf '\0' | dd of=/dev/mem bs=1 seek=16 conv=notrunc; }
try network udp
for place in /etc /usr /var/lib /var/log /root /boot; do try "writing to $place" touch $place/attempt; done
try modules module
try clock clock
try tunables tunable
try "writing to memory" memory
try "other devices" head -c 1 /dev/vda
try "making devices" mknod /var/log/devmem-policy/null c 1 3
try mounting mount -t tmpfs none /mnt
try namespaces unshare --mount true
try owners chown 1 /var/log/devmem-policy/mine
try priorities nice -n -5 true
try "other processes" head -c 1 /proc/1/environ
try "kernel log" dmesg
END
attempts() { sed -n 's/: works$//p' "$1" | tr '\n' ';'; }
name=/etc/systemd/system/attempts.service
sed -e '/^Type=/d; /^NotifyAccess=/d; /^Restart/d; /^WatchdogSec=/d; /^ExecStartPre=/d; /^ExecReload=/d' \
	-e "s,^ExecStart=.*,ExecStart=/bin/bash /opt/attempts\nStandardOutput=file:$DIR/inside\nType=oneshot," \
	/usr/local/lib/systemd/system/devmemd.service >$name
touch ${LOG%/*}/mine
systemctl daemon-reload
exits "the script runs in it" 0 systemctl start attempts
is "it can do nothing of all this" "" "$(attempts inside)"
is "having tried it" 19 "$(grep -c refused inside)"
bash /opt/attempts >outside
is "which root can do" "" "$(grep -v ': works$' outside)"
umount /mnt
rm -f ${LOG%/*}/mine ${LOG%/*}/null $name

# Root without CAP_SYS_PTRACE, which has all the daemon's capabilities
no_ptrace="setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace"
$no_ptrace sleep 60 &
usleep 1000000
exits "whoever may not trace can look into another process of root's" 0 $no_ptrace head -c 1 "/proc/$!/environ"
exits "but not into this one" 1 $no_ptrace head -c 1 "/proc/$pid/environ"

library=$(echo /usr/lib/*/libtracefs.so.1)
loaded() { grep -c libtracefs "/proc/$(main_pid)/maps"; }
systemctl set-environment "LD_PRELOAD=$library"
systemctl restart devmemd
wait_for_daemon
is "the manager's environment brings no code into it" 0 "$(loaded)"
override UnsetEnvironment=
systemctl restart devmemd
wait_for_daemon
[ "$(loaded)" -gt 0 ] && pass "as it would" || fail "as it would"
systemctl unset-environment LD_PRELOAD
no_override

# --- restarted, killed, hung, rotated ---------------------------------------

cp "$(allow load 1 16 16)" $POLICIES/load.dmp
rm $POLICIES/first.dmp
systemctl restart devmemd
wait_for_daemon
held mapping $HELD_PAGE 2
begin_load
for _ in 1 2 3; do
	systemctl restart devmemd || fail "devmemd is restarted"
	usleep 1500000
done
lives mapping 0 1
figure "restarted by systemctl 3 times: the longest outage $(longest_outage) ms"

# another: systemd has another one than $pid, which is ready
another() {
	local now
	now=$(main_pid)
	[ "$now" != 0 ] && [ "$now" != "$pid" ] && [ "$(property ActiveState)" = active ]
}
for _ in 1 2 3; do
	pid=$(main_pid)
	kill -KILL "$pid"
	within 60 another && pass "killed: systemd starts another" || fail "killed: systemd starts another"
done
is "it was systemd each time" 3 "$(property NRestarts)"
is "which never gives up" 0 "$(property StartLimitIntervalUSec)"
wait_for_daemon
lives mapping 0 1
figure "and killed 3 times: the longest outage $(longest_outage) ms"

override WatchdogSec=3s
systemctl restart devmemd
wait_for_daemon
for _ in 1 2; do
	pid=$(main_pid)
	before=$(uptime_ms)
	kill -STOP "$pid"
	within 60 another && pass "hung: systemd starts another" || fail "hung: systemd starts another"
	figure "hung: another was ready after $(($(uptime_ms) - before)) ms, with a watchdog of 3000 ms"
done
is "it was the watchdog" 2 "$(journalctl -q -o cat -u devmemd | grep -c 'Watchdog timeout')"
within 5 memtool read "$(page 20)" $PAGE && pass "grants go on" || fail "grants go on"

# files: all of them, oldest first, unpacked
files() {
	local number=9 file
	while [ $number -gt 0 ]; do
		file=$LOG.$number
		[ ! -e "$file.gz" ] || { gunzip -c "$file.gz" >"$DIR/unpacked.$number" && echo "$DIR/unpacked.$number"; }
		[ ! -e "$file" ] || echo "$file"
		number=$((number - 1))
	done
	echo $LOG
}
for number in 1 2 3; do
	logrotate -f /etc/logrotate.d/devmemd || fail "logrotate"
	within 10 grep -q '"kind":"checkpoint".*"cause":"continued"' $LOG || fail "a file goes on"
	usleep 1500000
done
end_load
is "logrotate has made four files" 4 "$(files | wc -l)"
is "of which the older ones are packed" 2 "$(find ${LOG%/*} -name '*.gz' | wc -l)"
is "and are for root alone" "600" "$(stat -c %a ${LOG%/*}/audit.jsonl* | sort -u)"
# shellcheck disable=SC2046 # words
the_story $(files)
lives mapping 0 1
let_go mapping
exits "it is stopped" 0 systemctl stop devmemd
is "in order" "success inactive" "$(property Result) $(property ActiveState)"
denied_read 20
# shellcheck disable=SC2046
intact $(files)
# shellcheck disable=SC2046
exits "it would not be without one of them" 9 devmemctl log verify $(files | sed 2d)
no_override
