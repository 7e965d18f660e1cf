# SPDX-License-Identifier: GPL-2.0-or-later
# The module loads, and every probe is armed that the kernel has a symbol for.
figure "kernel $(uname -r) $(uname -m)"
start_module
figure "module loaded"
devmemctl -j status >status.json
jq -r '.probes[] | "\(.symbol) \(.state)"' status.json >probes
for symbol in devmem_is_allowed read_mem write_mem 'mmap_mem(_prepare)?'; do
	matches "$symbol" "^$symbol armed\$" "$(cat probes)"
done
for symbol in range_is_allowed page_is_allowed; do
	wanted=absent
	grep -q " $symbol\(\.[a-z0-9.]*\)\?\$" /proc/kallsyms && wanted=armed
	matches "$symbol is $wanted, as in the kernel" "^${symbol}[^ ]* $wanted\$" "$(cat probes)"
done
is "there are no others" 6 "$(wc -l <probes)"
state() { awk -v state="$1" '$2 == state { printf " %s", $1 }' probes; }
figure "probes armed$(state armed); absent$(state absent)"
