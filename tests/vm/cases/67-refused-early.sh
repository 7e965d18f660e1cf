# SPDX-License-Identifier: GPL-2.0-or-later
# However far a registration comes: when it fails, that is on record, once.
ready
file=$(allow early 7 16 16)
digest=$(sha256sum <"$DIR/early-7.bin" | cut -d ' ' -f 1)
failed_loads() { status .counters.failed_loads; }
last_refusal() {
	grep '"kind":"policy-refused"' "$LOG" | tail -n 1 |
		jq -c '[.error, .policy, .serial, .digest, .comm]'
}
# once HOW STATUS ERROR [NAME SERIAL [DIGEST]]: the record that it makes; null where
# something cannot be known
once() {
	local how=$1 wanted=$2 record before
	before=$(failed_loads)
	record=$(jq -nc --arg error "$3" --arg name "${4:-}" --arg serial "${5:-null}" --arg digest "${6:-}" \
		'[$error, $name, $serial, $digest, "rawload"] | map(if . == "" then null else . end) | .[2] |= fromjson')
	exits "$how" "$wanted" rawload "$file" "$how"
	settle
	is "$how: it is counted once" $((before + 1)) "$(failed_loads)"
	is "$how: what is on record" "$record" "$(last_refusal)"
}
# none TEXT STATUS COMMAND...: it makes no such record
none() {
	local before
	before=$(failed_loads)
	exits "$@"
	is "$1: nothing is counted" "$before" "$(failed_loads)"
}

# BEGIN
once malformed 1 EINVAL
once nameless 1 EINVAL
once unknown 1 EOPNOTSUPP early 7
once large 1 E2BIG early 7
# ADD, which ends it
once extra 1 E2BIG early 7 "$digest"
# COMMIT
once truncated 1 EMSGSIZE early 7
once unsigned 1 ENODATA early 7 "$digest"
once garbage 1 EBADMSG early 7 "$digest"
# Nothing of these: it was given up
once uncommitted 0 ECANCELED early 7 "$digest"
once half 0 ECANCELED early 7
once aborted 0 ECANCELED early 7 "$digest"

before=$(failed_loads)
exits "twice" 1 rawload "$file" twice
said "is refused" "^EBUSY: ..."
settle
is "twice: the second, and then the first" '"EBUSY" "ECANCELED"' \
	"$(grep '"kind":"policy-refused"' "$LOG" | tail -n 2 | jq .error | tr '\n' ' ' | sed 's/ $//')"
is "both are counted" $((before + 2)) "$(failed_loads)"

# So many may be open; and those who have them may die
waiting=
begin_waiting() {
	rawload "$file" waiting >"waits-$1" &
	waiting="$waiting $!"
	within 5 grep -q ok "waits-$1" || fail "$1: it waits"
}
for number in 1 2 3 4; do
	begin_waiting $number
done
once uncommitted 1 EBUSY early 7
before=$(failed_loads)
kill -KILL $waiting
wait $waiting 2>/dev/null
settle
is "each that was killed is counted" $((before + 4)) "$(failed_loads)"
is "the last as what it was" "$(jq -nc --arg digest "$digest" '["ECANCELED", "early", 7, $digest, "rawload"]')" "$(last_refusal)"

# What is no registration, and who has no right to one
none "COMMIT without BEGIN" 1 rawload "$file" commit-only
none "ABORT without BEGIN" 1 ask abort
none "ADD without BEGIN" 1 ask add
none "BEGIN without a header" 1 ask begin
for who in nobody userns netadmin rawio; do
	for how in malformed large plain uncommitted; do
		none "$who: $how" 1 drop $who rawload "$file" $how
		said "$who: $how: for want of rights" "^EPERM: ..."
	done
done
settle
is "all are on record" "$(failed_loads)" "$(records '.kind == "policy-refused"')"
exits "and the policy is good" 0 rawload "$file"
granted_read 16

# Open when the module goes: recorded before its last record
waiting=
begin_waiting unload
unload_module || fail "the module is unloaded"
wait "$DAEMON"
kill -KILL $waiting
wait $waiting 2>/dev/null
is "one that the module's end has ended" '"ECANCELED"' "$(last_refusal | jq '.[0]')"
is "comes before the last record" module-unloading "$(jq -rs 'map(select(.kind != "checkpoint")) | last | .kind' "$LOG")"
is "which counts it" true \
	"$(jq -s '(map(select(.kind == "policy-refused")) | length) == (map(.counters.failed_loads // empty) | last)' "$LOG")"
exits "the log is intact" 0 devmemctl log verify "$LOG"

# Without room they are counted, and told as a loss
rm "$LOG"
start_module ring_slots=8
number=0
while [ $number -lt 20 ]; do
	rawload "$file" malformed >/dev/null
	number=$((number + 1))
done
is "refusals without an auditor are counted" 20 "$(failed_loads)"
start_daemon
wait_for_daemon
settle
recorded "those without a slot are told" '.kind == "loss" and .lost == "policy-refused" and .calls > 0'
is "and all add up" 20 "$(($(records '.kind == "policy-refused"') + $(sum '.lost == "policy-refused"' .calls)))"
