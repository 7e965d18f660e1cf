# SPDX-License-Identifier: GPL-2.0-or-later
# machine: debian disk=1G memory=768 seconds=900
# The log reaches rsyslog over TCP and the journal, as devmem-policy-forward@.service
# sends it: every line, in a form that their own parsers read, and with what it takes
# to find out that the log lost its end.
. /tests/debian-lib.sh
. /tests/trouble.sh
RECEIVED=/var/log/received

prepare_service
# What rsyslog makes of it with its own parser of structured data: one object a message
cat >/etc/rsyslog.d/devmem-policy.conf <<END
module(load="imtcp")
module(load="mmpstrucdata")
template(name="received" type="list") {
	constant(value="{\"msgid\":\"") property(name="msgid")
	constant(value="\",\"app\":\"") property(name="app-name")
	constant(value="\",\"pri\":") property(name="pri")
	constant(value=",\"at\":\"") property(name="timereported" dateFormat="rfc3339")
	constant(value="\",\"text\":\"") property(name="msg" format="json")
	constant(value="\",\"data\":") property(name="\$!rfc5424-sd")
	constant(value="}\n")
}
ruleset(name="devmem-policy") {
	action(type="mmpstrucdata" sd_name.lowercase="off")
	action(type="omfile" file="$RECEIVED" template="received")
}
input(type="imtcp" port="6514" address="127.0.0.1" ruleset="devmem-policy")
END
echo "TARGET=syslog:tcp:127.0.0.1:6514" >/etc/devmem-policy/forward-loghost.conf
echo "TARGET=journal" >/etc/devmem-policy/forward-journal.conf

# received: what came, by the fields of the lines; without the forwarder's own messages
received() {
	jq -c 'select(.msgid != "forward-status") | .data["devmem-policy@32473"]' $RECEIVED
}
# sent: each line of the log as it should arrive; the hash of a line is the next one's prev
sent() {
	jq -nc --arg head "$1" '[inputs] as $lines | ([$lines[1:][].prev] + [$head]) as $hashes |
		range($lines | length) | . as $i | $lines[$i] | . as $line |
		([paths(type != "object") | {key: join("."), value: (. as $p | $line | getpath($p) | tostring)}] |
		from_entries) + {hash: $hashes[$i]}' $LOG
}
head_of_log() { devmemctl -j log verify $LOG | jq -r .head; }
came() { grep -q "\"hash\": *\"$1\"" $RECEIVED; }
# all_came TEXT: every line of the log was received, and nothing else
all_came() {
	local head
	settle
	sleep 6 # until it is quiet, and the log says so
	head=$(head_of_log)
	within 60 came "$head" && pass "$1: the newest line has come" || fail "$1: the newest line has come"
	sent "$head" | jq -cS . | sort >sent-lines
	received | jq -cS . | sort >got-lines
	is "$1: every line has come, field by field" "" "$(sort -u got-lines | comm -23 sent-lines - | head -n 2)"
	is "$1: and nothing else" "" "$(sort -u got-lines | comm -13 sent-lines - | head -n 2)"
	figure "$1: $(wc -l <sent-lines) lines, of which $(($(wc -l <got-lines) - $(sort -u got-lines | wc -l))) came again"
}

start_service
load "$(allow load 1 16 16)"
systemctl start rsyslog || die "rsyslog starts"
systemctl start devmem-policy-forward@loghost || die "the forwarder starts"
cp /opt/bin/memtool '/opt/a "strange] \name'
with '/opt/a "strange] \name' denied_read 40
begin_load
sleep 5
end_load
all_came "rsyslog over TCP"
is "none came twice" "$(wc -l <got-lines)" "$(wc -l <sent-lines)"
strange() { jq -c 'select(.exe != null and (.exe | contains("strange"))) | .exe' "$1"; }
is "a name with all that must be escaped is the same" "$(strange $LOG)" "$(strange got-lines)"
is "which is there" 1 "$(strange got-lines | wc -l)"
# facility audit (13): warning for a denial, informational for a grant
is "the kinds and their priorities" "108 denial devmemd;110 checkpoint devmemd;110 grant devmemd;" \
	"$(jq -r 'select(.msgid == "grant" or .msgid == "denial" or .msgid == "checkpoint") |
		"\(.pri) \(.msgid) \(.app)"' $RECEIVED | sort -u | tr '\n' ';')"
is "the time of a message is that of the record" true \
	"$(jq -n '[inputs | select(.msgid == "denial")] | length > 0 and
		all(.[]; .at[0:26] == .data["devmem-policy@32473"].time[0:26])' $RECEIVED)"
is "there is a sentence for people" true \
	"$(jq -n '[inputs | select(.msgid == "denial")] | all(.[]; . as $m | .data["devmem-policy@32473"] |
		. as $d | $m.text | contains("denial \($d.operation) \($d.first)-\($d.last) "))' $RECEIVED)"

# rsyslog is away for ten seconds
systemctl stop rsyslog syslog.socket
before=$(wc -l <$RECEIVED)
begin_load
sleep 10
end_load
is "while rsyslog is away nothing comes" "$before" "$(wc -l <$RECEIVED)"
is "and the forwarder waits" active "$(property ActiveState devmem-policy-forward@loghost)"
systemctl start rsyslog
all_came "rsyslog away for 10 s"
said_by_forwarder() { journal devmem-policy-forward@loghost | grep -c "$1"; }
is "it said so once, and once that it goes on" "1 1" \
	"$(said_by_forwarder 'trying again') $(said_by_forwarder 'works again')"

# The forwarder is killed, and goes on where it was
systemctl kill --signal=KILL devmem-policy-forward@loghost
denied_read 41
within 30 systemctl is-active devmem-policy-forward@loghost
all_came "forwarder killed"

# What has come tells of an end that was cut off
systemctl stop devmemd
devmemctl -j log verify $LOG | jq -c . | sed 's/^/# verified: /'
head=$(head_of_log)
within 30 came "$head"
told=$(jq -r 'select(.msgid == "checkpoint") | .data["devmem-policy@32473"].hash' $RECEIVED | tail -n 1)
is "the last checkpoint that came is the end of the log" "$head" "$told"
exits "the log has what rsyslog was told" 0 devmemctl log verify --head "$told" $LOG
end=$(grep -n '"kind":"checkpoint"' $LOG | tail -n 3 | head -n 1 | cut -d: -f1)
head -n "$end" $LOG >cut-log
exits "one that ends at an earlier checkpoint looks intact" 0 devmemctl log verify cut-log
exits "but not to who knows that" 9 devmemctl log verify --head "$told" cut-log

# The journal
systemctl start devmem-policy-forward@journal || die "the forwarder to the journal starts"
journald() { journalctl -q -o json "$@"; }
journaled() { journald "DEVMEM_POLICY_HASH=$head" | grep -q .; }
within 60 journaled && pass "the newest line is in the journal" || fail "the newest line is in the journal"
journald DEVMEM_POLICY_KIND=denial | jq -r '"\(.DEVMEM_POLICY_SEQ) \(.DEVMEM_POLICY_FIRST) \(.DEVMEM_POLICY_PAGES) \(.DEVMEM_POLICY_EXE) \(.PRIORITY)"' |
	sort -n >journaled
jq -r 'select(.kind == "denial") | "\(.seq) \(.first) \(.pages) \(.exe) 4"' $LOG | sort -n >denials
is "the journal finds every denial, once, with its fields" "" "$(diff journaled denials | head -n 4)"
is "which are some" true "$([ "$(wc -l <denials)" -gt 20 ] && echo true)"
figure "$(wc -l <denials) denials in the journal"
is "all accesses have the same message id" "$(grep -cE '"kind":"(grant|denial|loss|miss|revoked|permitted)"' $LOG)" \
	"$(journald MESSAGE_ID=6ac1f6c290a24ef58c45d2054b65d078 | wc -l)"
is "and they are devmemd's" devmemd "$(journald DEVMEM_POLICY_KIND=grant | jq -r .SYSLOG_IDENTIFIER | sort -u)"

# The local socket, in syslog(3)'s form
exits "the log goes to the local socket as well" 0 devmemctl log forward --to syslog --once $LOG
local_lines() { journald -t devmemd SYSLOG_FACILITY=13 _TRANSPORT=syslog | jq -r .MESSAGE | grep -c ' seq="[0-9]*"'; }
enough() { [ "$(local_lines)" -ge "$(grep -c '"seq":' $LOG)" ]; }
within 20 enough
is "where each record is one message" "$(grep -c '"seq":' $LOG)" "$(local_lines)"
