# SPDX-License-Identifier: GPL-2.0-or-later
# machine: debian disk=1G memory=768 seconds=600
# What others already use sees it too: ausearch finds the mirrored records, and
# trace-cmd the decisions.
. /tests/debian-lib.sh

# --- auditd -----------------------------------------------------------------

echo "options devmem_policy audit_mirror=1" >/etc/modprobe.d/devmem-policy.conf
systemctl start auditd || die "auditd starts"
auditctl -b 8192 >/dev/null
start_service
load "$(allow mirrored 1 16 16)"
cp /opt/bin/memtool '/opt/my tool'
for number in 16 17 18; do
	granted_read $number
done
with '/opt/my tool' denied_read 40
stress 2 150 "$(page 16)" 16 3 >stress-said || fail "nothing but grants and refusals happened"
settle
instance=$(status .instance)
# auditd puts the names of ids behind a separator of its own.
mirrored() {
	ausearch --input-logs -m KERNEL_OTHER --raw 2>/dev/null |
		tr '\035' ' ' | grep "module=devmem_policy instance=$instance "
}
newest=$(status .ring.newest)
# What auditd did not take at once comes to it later than what is newer.
caught_up() { [ "$(mirrored | wc -l)" -ge "$newest" ]; }
within 30 caught_up
mirrored >found
is "the kernel's audit lost nothing" 0 "$(auditctl -s | awk '$1 == "lost" { print $2 }')"
is "ausearch finds each record once" "$(seq 1 "$newest" | sort | md5sum)" \
	"$(sed -n 's/.* seq=\([0-9]*\) .*/\1/p' found | sort | md5sum)"
figure "$newest records, found by ausearch -m KERNEL_OTHER; $(cat stress-said)"

# Field by field
jq -r 'select(.kind == "grant" or .kind == "denial") |
	"\(.seq) \(.kind) \(.operation) \(.baseline) \(.reason) \(.first) \(.last) \(.pages) \(.pid) \(.uid) \(.exe)"' \
	$LOG >wanted
cat >fields.awk <<'END'
function value(key, i) {
	for (i = 1; i <= NF; i++)
		if (index($i, key "=") == 1)
			return substr($i, length(key) + 2)
	return "?"
}
function plain(text, out, i) {
	if (text ~ /^"/)
		return substr(text, 2, length(text) - 2)
	for (i = 1; i < length(text); i += 2)
		out = out sprintf("%c", 16 * (index(digits, substr(text, i, 1)) - 1) + index(digits, substr(text, i + 1, 1)) - 1)
	return out
}
BEGIN { digits = "0123456789ABCDEF" }
value("kind") ~ /^(grant|denial)$/ {
	print value("seq"), value("kind"), value("operation"), value("baseline"), value("reason"),
		value("first"), value("last"), value("pages"), value("pid"), value("uid"), plain(value("exe"))
}
END
awk -f fields.awk found | sort -n >seen
is "its fields are those of the log" "" "$(diff wanted seen | head -n 4)"
is "of many records" true "$([ "$(wc -l <seen)" -gt 100 ] && echo true)"
is "a name that is written in hex is read by ausearch" 1 \
	"$(ausearch --input-logs -m KERNEL_OTHER -i 2>/dev/null | grep "instance=$instance" | grep -c 'comm=my tool exe=/opt/my tool')"
is "all of it is in one event each" "$newest" \
	"$(sed -n 's/.*msg=audit(\([0-9.:]*\)).*/\1/p' found | sort -u | wc -l)"
exits "aureport reads it" 0 aureport --input-logs --event --summary
systemctl stop devmemd
rmmod devmem_policy
pkill -TERM -x auditd 2>/dev/null || kill "$(property MainPID auditd)"

# --- trace-cmd --------------------------------------------------------------

rm /etc/modprobe.d/devmem-policy.conf
start_service
load "$({
	echo "allow rw $(page 16)+4K"
	echo "deny rw $(page 17)+4K"
} | policy traced 1)" || die "the policy loads"
cat >traced.sh <<END
memtool read $(page 16) 4096
memtool mmap $(page 16) 4096 rw
memtool write $(page 17) mark
memtool read $(page 40) 4096
memtool read 0x0 16
END
exits "trace-cmd records" 0 trace-cmd record -q -o traced.dat -e devmem_policy:devmem_policy_decision sh traced.sh
trace-cmd report -i traced.dat 2>report.err >traced.txt
sed "s,^,# report: ," traced.txt
is "it understands the event" "" "$(cat report.err)"
rule() { devmemctl -j rules traced | jq -r ".[] | select(.action == \"$1\") | .rule"; }
pfn() { printf '0x%x' $((BUFFER / PAGE + $1)); }
# What this memtool did; the daemon proves the probes meanwhile, with a page of its own.
sed -n 's/ *memtool-[0-9]* .*devmem_policy_decision: *//p' traced.txt >decided
cat >wanted <<END
grant of read: first_pfn=$(pfn 16) pages=1 reason=allow-rule policy=traced rule=$(rule allow)
grant of mmap-write: first_pfn=$(pfn 16) pages=1 reason=allow-rule policy=traced rule=$(rule allow)
denial of write: first_pfn=$(pfn 17) pages=1 reason=deny-rule policy=traced rule=$(rule deny)
denial of read: first_pfn=$(pfn 40) pages=1 reason=no-rule policy= rule=00000000
baseline of read: first_pfn=0x0 pages=1 reason=no-rule policy= rule=00000000
END
is "and reports each decision, in its order" "" "$(diff wanted decided)"
trace-cmd report -F 'devmem_policy/devmem_policy_decision:rule != 0' -i traced.dat >filtered
is "its fields can be filtered by" 3 "$(grep -c memtool filtered)"
