# SPDX-License-Identifier: GPL-2.0-or-later
# Samples of the decision table through real accesses: what the caller got, and
# what is on record, are what an independent model says (see decide.c).
pc || skip "its pages are those of the PC: one is masked, one is read outside RAM"
RESERVED=$(page 16)
UNRESERVED=$(page 40)
ALLOWED=$(address "$DMP_CLAIM + 8 * PAGE")
# In the 64 KiB that all kernels reserve
MASKED=0x8000
SWITCH=/sys/module/devmem_policy/parameters/permissive
PLAN=$DIR/plan
rm -rf /programs
mkdir /programs
cp /bin/decide /programs/1
cp /bin/decide /programs/5
echo 40 >$HELPER/unreserve
memtool write "$ALLOWED" devmem-policy then mmap $MASKED $PAGE rw then poke 0 devmem-policy
decide plan "$PLAN" "$RESERVED" "$UNRESERVED" "$ALLOWED" $MASKED "$(date +%s)" >expected ||
	die "there is a plan"

# put_in_force BATCH: its policies, and none that the one before left
put_in_force() {
	local file name
	for name in p0 p1 p2 p3; do
		file=$PLAN/$1/$name
		if [ -e "$file.policy" ]; then
			devmemctl policy compile "$file.policy" -o "$file.bin" &&
				devmemctl policy sign "$file.bin" --key /keys/key.pem \
					--cert /keys/cert.pem -o "$file.dmp" &&
				load "$file.dmp" || die "policy $name of batch $1 loads"
			touch "loaded-$name"
		elif [ -e "loaded-$name" ]; then
			devmemctl remove $name || die "policy $name is removed before batch $1"
			rm "loaded-$name"
		fi
	done
	while read -r name; do
		devmemctl revoke "$name" || die "$name of batch $1 is revoked"
	done <"$PLAN/$1/revoke"
}

play() {
	/programs/1 play <"$PLAN/$1/play.1" >>seen
	/programs/5 play <"$PLAN/$1/play.5" >>seen
}

play_batch() {
	put_in_force "$1"
	[ ! -e "$PLAN/$1/permissive" ] || echo 1 >$SWITCH
	play "$1"
	[ ! -e "$PLAN/$1/permissive" ] || echo 0 >$SWITCH
	[ ! -s "$PLAN/$1/revoke" ] || devmemctl restore
}

# Those without an auditor are the last; the next auditor finds what they left.
ready
batch=1
while [ -d "$PLAN/$batch" ]; do
	if [ -e "$PLAN/$batch/no-auditor" ] && [ -n "$DAEMON" ]; then
		settle
		stop_daemon
		DAEMON=
	fi
	play_batch $batch
	batch=$((batch + 1))
done
start_daemon
wait_for_daemon
settle

# One line for each sample: pass or fail, and what it is
jq -r 'select(.kind == "grant" or .kind == "denial" or .kind == "permitted") |
	[.pid, "\(.kind) \(.operation) \(.baseline) \(.reason) \(.would // "-")",
	if .rule then "\(.policy):\(.rule)" else "-" end] | join("|")' "$LOG" >records
compare() {
	awk -F'|' '
	FILENAME == "records" {
		told = ($1 in record) ? "several" : $2
		record[$1] = told
		rule[$1] = $3
		next
	}
	FILENAME == "seen" {
		split($0, word, " ")
		pid[word[1]] = word[2]
		result[word[1]] = word[3]
		next
	}
	{
		who = pid[$1]
		told = (who in record) ? record[who] : "none"
		named = (who in rule) ? rule[who] : "-"
		good = result[$1] == $2 && told == $3 && index("," $4 ",", "," named ",")
		if (good)
			print "pass " $1 ": " $2 ", " $3 ": " $5
		else
			print "fail " $1 ": " $5 ": wanted " $2 "|" $3 "|" $4 ", saw " \
				result[$1] "|" told "|" named
	}' records seen expected
}
compare >verdicts
while read -r verdict text; do
	$verdict "$text"
done <verdicts
is "each sample has a verdict" "$(wc -l <expected)" "$(wc -l <verdicts)"
is "there are at least 200" 1 "$(($(wc -l <expected) >= 200))"
is "each was played once" "$(wc -l <expected)" "$(sort -u -k 1,1 seen | wc -l)"
is "no call's pages did not add up" 0 "$(status .counters.misses)"
is "nothing was lost" 0 "$(status .counters.unrecorded_denials)"
figure "$(wc -l <expected) samples in $((batch - 1)) batches: $(awk -F'|' '{ sub(/ .*/, "", $3); kinds[$3]++ }
	END { for (kind in kinds) printf "%s %d, ", kind, kinds[kind] }' expected)"
stop_daemon
rm -rf /programs
