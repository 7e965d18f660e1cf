# SPDX-License-Identifier: GPL-2.0-or-later
# machine: counted memory=1024 seconds=900 append=nokaslr append=norandmaps
# What registering a policy costs, in instructions, from its first message to the answer
# to COMMIT, and what each part of that is; what verifying the signature over the same
# bytes costs the kernel; and how much of the kernel's memory the policy takes.
TRACING=/sys/kernel/tracing
HIGH=0x100000000
TAKEN=0

# COMMIT, and the parts of it that functions are, and what they are called here. Where one
# is called twice, both count. How long the task sleeps does not.
PARTS="dmp_active_load:commit verify_pkcs7_signature:signature dmp_trust_digest:digest dmp_decode:decode
dmp_index_build:index dmp_marks_init:marks"

[ -e $TRACING/trace ] || mount -t tracefs none $TRACING || die "tracefs"

# bytes: of the module, but for what is less than a page
bytes() { awk '/\[devmem_policy\]/ { for (i = 1; i <= NF; i++) if ($i ~ /^pages=/) sum += substr($i, 7) }
	END { print sum * 4096 }' /proc/vmallocinfo; }

# many COUNT SERIAL: a policy with so many rules, each for another page, for everybody
many() {
	awk -v count="$1" -v high=$((HIGH / PAGE)) 'BEGIN {
		for (i = 0; i < count; i++)
			printf "allow rw 0x%x000+4K\n", high + 2 * i
	}' | policy many "$2" 2>/dev/null
}

register() {
	rawload "$1" timed >said || die "a policy is registered: $(cat said)"
}

# spent RULES PART INSTRUCTIONS
spent() { figure "{\"load\":$1,\"part\":\"$2\",\"instructions\":$3}"; }

# traced FUNCTION: how long its calls took, in nanoseconds
traced() {
	awk -v name="$1" '$0 ~ name { for (i = 1; i <= NF; i++) if ($i == "us") sum += $(i - 1) }
		END { printf "%d", sum * 1000 }' trace
}

trace() {
	echo nop >$TRACING/current_tracer
	for part in $PARTS; do
		echo "${part%:*}"
	done >$TRACING/set_ftrace_filter || die "the functions can be traced"
	echo function_graph >$TRACING/current_tracer || die "functions can be timed"
	echo 1 >$TRACING/options/funcgraph-tail
	echo 0 >$TRACING/options/sleep-time
	register "$1"
	cat $TRACING/trace >trace
	echo nop >$TRACING/current_tracer
	echo >$TRACING/set_ftrace_filter
}

# measure COUNT
measure() {
	local first second third before part
	first=$(many "$1" 1) second=$(many "$1" 2) third=$(many "$1" 3)
	start_module
	before=$(bytes)
	register "$first"
	TAKEN=$(($(bytes) - before))
	register "$second"
	spent "$1" transfer "$(cat said)"
	trace "$third"
	for part in $PARTS; do
		spent "$1" "${part#*:}" "$(traced "${part%:*}")"
	done
	is "$1 rules: all three were registered" 3 "$(status '.policies[].serial')"
	unload_module || die "unloading"
	rm -f "$DIR"/many-*
}

for count in 1 64 4096 65536; do
	measure $count
	# What is less than a page is not seen.
	[ $count = 65536 ] && figure "{\"memory\":$count,\"bytes\":$TAKEN}"
done
