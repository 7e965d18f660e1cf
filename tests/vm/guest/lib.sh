# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# lib.sh: what cases are written in. A case is a list of checks; each prints a
# line with what was expected and, if it is not that, what was seen.
#
# BUFFER   physical address of the helper module's buffer of 128 reserved pages
# PAGE     bytes of a page of this machine
# DIR      the case's own directory; policies go to $DIR/policies
# LOG      the log of devmemd
# STATE    its state file, made empty when there is none

CHECKS=0 FAILURES=0
BUFFER_PAGES=128
MEMTOOL=memtool
LOG=$DIR/audit.jsonl
POLICIES=$DIR/policies
STATE=$DIR/serials.json
HELPER=/sys/kernel/debug/dmp_buffer
MODULE=/modules/${DMP_VARIANT:-plain}/devmem_policy.ko
DAEMON=
mkdir -p "$POLICIES" "$DIR/certs"
cp /keys/cert.pem "$DIR/certs/"

# make_buffer: load the helper module, and see where its buffer is
make_buffer() {
	insmod /modules/dmp_buffer.ko claim_address="$DMP_CLAIM" || die "dmp_buffer loads"
	BUFFER=$(cat $HELPER/address)
	PAGE=$(($(cat $HELPER/size) / BUFFER_PAGES))
}

# --- checks -----------------------------------------------------------------

pass() {
	CHECKS=$((CHECKS + 1))
	echo "ok $*" >&3
}

fail() {
	CHECKS=$((CHECKS + 1))
	FAILURES=$((FAILURES + 1))
	echo "not ok $*" >&3
}

die() {
	fail "$*"
	exit 1
}

figure() { echo "figure $*" >&3; }

# fewer N, longer N: so many rounds, or so many microseconds between two calls; as dmp.slow
# says a fraction, or a multiple, on kernels that check all they do.
fewer() { echo $(($1 / ${DMP_SLOW:-1})); }
longer() { echo $(($1 * ${DMP_SLOW:-1})); }

# skip REASON: this case cannot be on the running kernel, as the caller has found out
skip() {
	[ "$FAILURES" = 0 ] || exit 1
	echo "skip $*" >&3
	exit 0
}

# without REASON: the same of some of its checks
without() { echo "without $*" >&3; }

# is TEXT WANTED SEEN: two strings are the same
is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1: wanted '$2', saw '$3'"
	fi
}

# matches TEXT PATTERN SEEN: extended regular expression
matches() {
	if printf '%s\n' "$3" | grep -Eq -- "$2"; then
		pass "$1"
	else
		fail "$1: wanted /$2/, saw '$3'"
	fi
}

# exits TEXT STATUS COMMAND...: exit status; output goes to $DIR/said
exits() {
	local text=$1 wanted=$2 seen=0
	shift 2
	"$@" >"$DIR/said" 2>&1 || seen=$?
	sed 's/^/# said: /' "$DIR/said"
	if [ $seen = "$wanted" ]; then
		pass "$text"
	else
		fail "$text: wanted exit status $wanted, saw $seen: $(head -n 2 "$DIR/said" | tr '\n' ' ')"
	fi
}

# said TEXT PATTERN: what the command of the last exits said
said() { matches "$1" "$2" "$(cat "$DIR/said")"; }

# within SECONDS COMMAND...: wait until the command succeeds
within() {
	local tries=$(($1 * 20))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		usleep 50000
	done
}

# pc: the machine is one; its memory has a known shape, and read(2) goes outside RAM
pc() { [ "$(uname -m)" = x86_64 ]; }

# older_kernel MAJOR MINOR: than that version
older_kernel() {
	uname -r | awk -F '[.-]' -v major="$1" -v minor="$2" \
		'{ exit !($1 < major || ($1 == major && $2 < minor)) }'
}

# --- /dev/mem ---------------------------------------------------------------

# page NUMBER: physical address of a page of the buffer; -1 is the one before
page() { printf '0x%x' $((BUFFER + $1 * PAGE)); }

# at TEXT ADDRESS-expression
address() { printf '0x%x' $(($1)); }

# with PROGRAM COMMAND...: where PROGRAM, a copy of memtool, is run instead
with() {
	local MEMTOOL=$1
	shift
	"$@"
}

# mem TEXT WANTED COMMAND...: run memtool; WANTED are its lines, "; " between
mem() {
	local text=$1 wanted=$2 seen
	shift 2
	seen=$("$MEMTOOL" "$@" | sed ':a;N;$!ba;s/\n/; /g')
	is "$text" "$wanted" "$seen"
}

# often TIMES COMMAND...: words for memtool that do it so often
often() {
	local times=$1 words
	shift
	words=$*
	while [ "$times" -gt 1 ]; do
		words="$words then $*"
		times=$((times - 1))
	done
	echo "$words"
}

# sees TEXT PATTERN COMMAND...: the same; all that it prints matches the pattern
sees() {
	local text=$1 pattern=$2
	shift 2
	matches "$text" "^($pattern)\$" "$("$MEMTOOL" "$@" | sed ':a;N;$!ba;s/\n/; /g')"
}

# The line that memtool prints for a page that was read in full
text_of() { echo "$PAGE \"devmem-policy buffer page $1\""; }

granted_read() { mem "reading page $1 is granted" "read: $(text_of "$1")" read "$(page "$1")" $PAGE; }
denied_read() { mem "reading page $1 is denied" "read: EPERM" read "$(page "$1")" $PAGE; }
granted_write() { mem "writing page $1 is granted" "write: 4" write "$(address "$(page "$1") + 512")" mark; }
denied_write() { mem "writing page $1 is denied" "write: EPERM" write "$(address "$(page "$1") + 512")" mark; }
granted_map() { mem "mapping page $1 is granted" "mmap: ok; peek: 80 \"devmem-policy buffer page $1\"" \
	mmap "$(page "$1")" $PAGE "${2:-rw}" then peek 0; }
denied_map() { mem "mapping page $1 is denied" "mmap: EPERM" mmap "$(page "$1")" $PAGE "${2:-rw}"; }

# A memtool that lives on, and holds its mapping, while other things happen:
# client_start; client COMMAND...; client_is TEXT WANTED COMMAND...
# There can be several by name: as NAME client_is ...; the one without is "client".
as() {
	local CLIENT=$1
	shift
	"$@"
}

# It reads from a pipe that it holds open itself, and prints after each line.
client_start() {
	local name=${CLIENT:-client}
	mkfifo "$DIR/$name.in"
	: >"$DIR/$name.out"
	"$MEMTOOL" - 0<>"$DIR/$name.in" >>"$DIR/$name.out" &
	echo $! >"$DIR/$name.pid"
}

client_pid() { cat "$DIR/${CLIENT:-client}.pid"; }
client_lines() { wc -l <"$DIR/${CLIENT:-client}.out"; }
client_answered() { [ "$(client_lines)" -gt "$1" ]; }

client() {
	local before name=${CLIENT:-client}
	before=$(client_lines)
	echo "$*" >"$DIR/$name.in"
	within 20 client_answered "$before" || echo "no answer"
	tail -n 1 "$DIR/$name.out"
}

client_is() {
	local text=$1 wanted=$2
	shift 2
	is "$text" "$wanted" "$(client "$@")"
}

# kernel_sees OFFSET BYTES: the kernel's own view of the buffer
kernel_sees() { dd if=$HELPER/memory bs=1 skip="$1" count="$2" 2>/dev/null; }

# A page of the kernel's code
kernel_text() { awk '/Kernel code/ { split($1, range, "-"); print "0x" range[1] }' /proc/iomem; }

# held NAME FIRST-PAGE PAGES [MODE [private]]: a process that holds a mapping of the
# buffer and notes when a page of it goes; pages of the mapping count from 0
held() {
	rm -f "$DIR/$1.held"
	hold "$(page "$2")" "$3" "${4:-rw}" 120 ${5:-} >"$DIR/$1.held" &
	echo $! >"$DIR/$1.holder"
	within 5 test -s "$DIR/$1.held"
	is "$1: the mapping is granted" mapped "$(head -n 1 "$DIR/$1.held")"
}

gone() { grep -q "^gone $2 " "$DIR/$1.held"; }

# gone_at NAME PAGE CLOCK: when it went, in milliseconds; CLOCK 3 is the one that
# can be set, 4 the time since boot
gone_at() { awk -v page="$2" -v clock="$3" '$1 == "gone" && $2 == page { print $clock }' "$DIR/$1.held"; }

# goes NAME PAGE [SECONDS]: it does so, by now or soon
goes() {
	within "${3:-3}" gone "$1" "$2" && pass "$1: page $2 is gone" || fail "$1: page $2 is gone"
}

# lives NAME PAGE...: they do; two milliseconds lie between touches
lives() {
	local name=$1 number
	shift
	usleep 50000
	for number in "$@"; do
		gone "$name" "$number" && fail "$name: page $number lives" || pass "$name: page $number lives"
	done
}

# let_go NAME: end its process
let_go() {
	kill "$(cat "$DIR/$1.holder")" 2>/dev/null
	wait "$(cat "$DIR/$1.holder")"
}

# --- time -------------------------------------------------------------------

# set_clock SECONDS since the epoch; the runner sets it right afterwards
set_clock() { date -s "@$1" >/dev/null; }

# utc SECONDS: as the language writes it
utc() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }

uptime_ms() { awk '{ printf "%d", $1 * 1000 }' /proc/uptime; }

# Memory in use, but for what files take, in kilobytes. What each processor keeps at hand,
# which kernels from 6.7 let grow, is free and no part of MemFree.
used() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk -v page=$((PAGE / 1024)) '
		FNR == NR { kept += $1 == "count:" ? $2 * page : 0; next }
		{ v[$1] = $2 }
		END { print v["MemTotal:"] - v["MemFree:"] - v["Buffers:"] - v["Cached:"] - kept }' \
		/proc/zoneinfo /proc/meminfo
}

# quarantined: what is freed is not free yet
quarantined() { grep -q ' kasan_report$' /proc/kallsyms; }

# --- policies ---------------------------------------------------------------

# policy NAME SERIAL [KEY CERT] <statements: compile and sign; prints the file
policy() {
	local base=$DIR/$1-$2
	{
		printf 'policy %s\nserial %s\n' "$1" "$2"
		cat
	} >"$base.policy"
	devmemctl policy compile "$base.policy" -o "$base.bin" >&2 &&
		devmemctl policy sign "$base.bin" --key "${3:-/keys/key.pem}" \
			--cert "${4:-/keys/cert.pem}" -o "$base.dmp" >&2 &&
		echo "$base.dmp"
}

# allow NAME SERIAL FIRST-PAGE PAGES [OPS] [ATTRIBUTE]...: the usual policy
allow() {
	local name=$1 serial=$2 first=$3 pages=$4 ops=${5:-rw}
	shift 4
	[ $# = 0 ] || shift
	echo "allow $ops $(page "$first")+$((pages * PAGE / 1024))K $*" | policy "$name" "$serial"
}

load() { devmemctl load "$1"; }

# --- module and daemon ------------------------------------------------------

load_module() { insmod "$MODULE" "$@"; }

start_module() { load_module "$@" || die "devmem_policy loads"; }

# A netlink dump that somebody is reading holds the module for a moment.
unload_module() { within 5 rmmod devmem_policy; }

# The variant with what only tests need (fail_init)
use_test_variant() { MODULE=/modules/test/devmem_policy.ko; }

start_daemon() {
	[ -e "$STATE" ] || devmemd --new-state --state "$STATE" 2>>"$DIR/devmemd.err"
	devmemd --policy-dir "$POLICIES" --log "$LOG" --cert-dir "$DIR/certs" \
		--state "$STATE" "$@" 2>>"$DIR/devmemd.err" &
	DAEMON=$!
}

proven() { devmemctl status | grep -q 'probes proven to work'; }

# wait_for_daemon: until it is auditor, has its proof, and read its policies
wait_for_daemon() { within 10 proven || die "devmemd becomes auditor"; }

stop_daemon() {
	kill "-${1:-TERM}" "$DAEMON"
	wait "$DAEMON"
}

# ready [MODULE-PARAMETER]...: module and daemon up
ready() {
	start_module "$@"
	start_daemon
	wait_for_daemon
}

# --- evidence ---------------------------------------------------------------

# status FILTER: a value of devmemctl status, by jq
status() { devmemctl -j status | jq -r "$1"; }

# Everything that the kernel recorded is in the log, and nothing is being added up.
drained() { devmemctl status | grep -q ' 0 sums under way, newest record \([0-9]*\), acknowledged \1$'; }
settle() { within 10 drained || die "the log catches up with the kernel"; }

# records FILTER: how many records of the log match, by jq
records() { jq -s "map(select($1)) | length" "$LOG"; }

# recorded TEXT FILTER: the log has at least one such record by now. Since jq takes
# its time to start, all of these are judged together, when the case is over.
recorded() {
	settle
	printf '%s\t%s\t%s\n' "$1" "$(printf '%s' "$2" | tr '\n\t' '  ')" "$(wc -l <"$LOG")" >>"$DIR/recorded"
}

# judge: say of what was recorded whether it was; also before the log goes away
judge() {
	local text filter lines seen tab
	[ -e "$DIR/recorded" ] || return 0
	tab=$(printf '\t')
	awk -F '\t' '{ printf "(try (.[:%s] | any(.[]; %s)) catch false),\n", $3, $2 } END { print "empty" }' \
		"$DIR/recorded" >"$DIR/recorded.jq"
	jq -s -f "$DIR/recorded.jq" "$LOG" >"$DIR/recorded.seen"
	paste "$DIR/recorded" "$DIR/recorded.seen" >"$DIR/recorded.judged"
	while IFS=$tab read -r text filter lines seen; do
		if [ "$seen" = true ]; then
			pass "$text"
		else
			fail "$text: no record with $filter; the last is $(head -n "$lines" "$LOG" | tail -n 1)"
		fi
	done <"$DIR/recorded.judged"
	rm "$DIR/recorded"
}

# sum FILTER [FIELD]: of a field (pages) over the records that match, by jq
sum() { jq -s "map(select($1) | ${2:-.pages}) | add // 0" "$LOG"; }

# adds_up: the log has what the kernel counted
adds_up() {
	settle
	is "granted pages: the counter and the log" "$(status .counters.granted_pages)" "$(sum '.kind == "grant"')"
	is "denied pages: the counter and the log" "$(status .counters.denied_pages)" \
		"$(sum '.kind == "denial" or .lost == "denial"')"
	is "unrecorded denials: the counter and the log" "$(status .counters.unrecorded_denials)" \
		"$(sum '.lost == "denial"')"
	is "unrecorded events: the counter and the log" "$(status .counters.unrecorded_events)" \
		"$(sum '.kind == "loss" and .lost != "denial"' .calls)"
}

kernel_log() { dmesg | sed -n "/dmp-test: begin $DMP_CASE\$/,\$p"; }
