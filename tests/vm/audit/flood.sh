# SPDX-License-Identifier: GPL-2.0-or-later
# machine: disk=3G memory=768 seconds=1200
# shellcheck disable=SC2046 # several files
# Four processes are refused as fast as they can ask, a million times, with pages and
# operations that differ from call to call, so that no two can be added up. Nothing is
# missing from the log's sums, memory stays as it is, and what a policy grants goes on
# being granted. The log is rotated all the while.
LOG=/disk/audit.jsonl
STATE=/disk/serials.json
KIB_MORE=4096 # that nobody frees again, of all that there is

# memory_now: KiB of devmemd; of the kernel: slab, and what of it cannot be reclaimed
memory_now() {
	echo "$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$DAEMON/status") $(awk '
		$1 == "Slab:" { slab = $2 } $1 == "SUnreclaim:" { fixed = $2 } END { print slab, fixed }' /proc/meminfo)"
}

# watch_memory FILE: each second
watch_memory() {
	while sleep 1; do
		memory_now >>"$1"
	done
}

# column FILE N NAME: of the measurements; what is kept is the growth from the least of
# the second quarter to the end: by then all buffers have their size
column() {
	awk -v n="$2" '{ value[NR] = $n } END {
		for (i = 1; i <= NR; i++) {
			if (i == 1 || value[i] < least) least = value[i]
			if (value[i] > most) most = value[i]
			if (i > NR / 4 && (!quarter || value[i] < quarter)) quarter = value[i]
		}
		print least, most, value[NR] - quarter }' "$1" >"$DIR/column"
	read -r least most growth <"$DIR/column"
	figure "$3: $least to $most KiB, after the first quarter $growth more in the end"
}

# constant FILE N NAME
constant() {
	column "$@"
	[ "$growth" -le $KIB_MORE ] && pass "$3 is constant" || fail "$3 has grown by $growth KiB"
}

files() { find /disk -name 'audit.jsonl*' | sort -V -r; }

# summary FIELD FILTER...: of all files
summary() {
	local field=$1
	shift
	devmemctl -j log summary --by rule "$@" $(files) | jq "[.[].$field] | add // 0"
}

counter() { status ".counters.$1"; }

# be_flooded TEXT CALLS [GRANTING]: so many of each process, and what came of them;
# GRANTING is a process that ends with them
be_flooded() {
	local before calls ms records
	before=$(status .ring.newest)
	watch_memory "$DIR/memory" &
	watcher=$!
	flood refused 4 $2 "$(page 40)" 60 >"$DIR/flooded"
	is "$1: all calls are refused" 0 $?
	[ -z "${3:-}" ] || kill "$3"
	within 120 drained || die "the log catches up with the kernel"
	kill $watcher
	read -r _ calls _ ms <"$DIR/flooded"
	records=$(($(status .ring.newest) - before))
	figure "$1: $calls denials in $ms ms, $((calls * 1000 / ms)) a second; $records records"
	constant "$DIR/memory" 1 "$1: devmemd's memory"
	column "$DIR/memory" 2 "$1: the kernel's slabs"
	constant "$DIR/memory" 3 "$1: what the kernel cannot free of them"
	rm "$DIR/memory"
}

start_module
start_daemon --log-max-bytes 8M --log-keep 999
wait_for_daemon
load "$(allow flood 1 16 16)"
denied=$(counter denied_pages)
be_flooded "refused" 250000
is "each page was counted" 1000000 $(($(counter denied_pages) - denied))

flood granted 2000 "$(page 16)" >"$DIR/granted" &
granting=$!
be_flooded "beside grants" 100000 $granting
wait $granting
read -r _ granted _ lost _ longest _ <"$DIR/granted"
figure "beside grants: $granted granted, $lost refused, at most $longest ms between two"
is "no grant was refused for others' denials" 0 "$lost"
is "each page was counted again" 1400000 $(($(counter denied_pages) - denied))

within 20 drained
stop_daemon
exits "the log is intact" 0 devmemctl -j log verify $(files)
figure "$(jq -r '"\(.records) records, \(.checkpoints) checkpoints"' said) in $(files | wc -l) files, $(du -c $(files) | tail -n 1 | cut -f 1) KiB"
is "denied pages: the counter and the log" "$(counter denied_pages)" "$(summary pages --verdict denial)"
is "granted pages: the counter and the log" "$(counter granted_pages)" "$(summary pages --verdict grant)"
lost=$(summary pages --kind loss --verdict denial)
is "unrecorded denials: the counter and the log" "$(counter unrecorded_denials)" "$lost"
is "nothing else was lost" 0 "$(counter unrecorded_events)"
figure "denials without a record of their own: $lost pages in $(summary records --kind loss) losses"
