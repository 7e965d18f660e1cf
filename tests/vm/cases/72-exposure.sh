# SPDX-License-Identifier: GPL-2.0-or-later
# machine: memory=384 seconds=900
# devmemctl exposure: what it refuses to do, and that a sweep that was interrupted and
# gone on with is the one that was not; that a policy's pages are what is more open.
pc || skip "the windows of this machine's PCI bus have half a TiB, which takes too long here"
exits "it does nothing where nobody can be asked" 2 devmemctl exposure
said "and says so" 'nothing was done'
for who in nobody sysadmin userns; do
	exits "$who may not open /dev/mem" 4 drop $who devmemctl exposure --yes
done
exits "RAWIO alone does not see the addresses" 4 drop rawio devmemctl exposure --yes
said "and is told" 'CAP_SYS_ADMIN'

exits "a sweep in one go" 0 devmemctl exposure --yes --output whole
is "it is complete" true "$(jq .complete whole)"
interrupted() {
	devmemctl exposure --yes --resume part >/dev/null 2>&1 &
	sweep=$!
	usleep 700000
	kill -INT $sweep
	wait $sweep
	is "one that was interrupted says so" 9 $?
	is "it is not complete" false "$(jq .complete part)"
	exits "such a one is not compared" 9 devmemctl exposure --compare whole part
	exits "it is gone on with" 0 devmemctl exposure --yes --resume part
	is "to its end" true "$(jq .complete part)"
	spans='.spans | map(del(.name))'
	is "what it found is the same" "$(jq -c "$spans" whole | sha256sum)" "$(jq -c "$spans" part | sha256sum)"
	is "with as many refused calls" "$(jq -c '[.attempts[].by_errno]' whole)" "$(jq -c '[.attempts[].by_errno]' part)"
	exits "nothing is more open" 0 devmemctl exposure --compare whole part
	exits "what is complete is not gone on with" 1 devmemctl exposure --yes --resume part
	jq -c '.boot_id = "another" | .complete = false' part >other
	exits "nor what is of another boot" 1 devmemctl exposure --yes --resume other
}
# A sweep takes a quarter of an hour where the kernel checks all it does.
if [ "${DMP_SLOW:-1}" = 1 ]; then
	interrupted
else
	without "a sweep that is interrupted, which is the program's affair and not the kernel's"
fi

# A record for each page that is refused is more than the memory has room for.
start_module
start_daemon --log-max-bytes 8M --log-keep 1
wait_for_daemon
load "$(allow ring 1 16 4 r)"
denied=$(status .counters.denied_pages)
exits "with a policy" 0 devmemctl exposure --yes --output granted
is "each refused call is a page that the module counted" "$(jq '[.attempts[].by_errno.EPERM] | add' granted)" \
	$(($(status .counters.denied_pages) - denied))
exits "something is more open" 10 devmemctl -j exposure --compare whole granted
is "namely what the policy says" "read map" "$(jq -r '[.runs[].way] | join(" ")' said)"
is "and these pages" "$(page 16) $(address "$(page 20) - 1")" "$(jq -r '[.runs[] | .first + " " + .last] | unique | join("; ")' said)"
