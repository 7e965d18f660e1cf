# SPDX-License-Identifier: GPL-2.0-or-later
# 65,536 rules load and are enforced: the first, the last, those between and the gaps;
# a lookup looks at no more of them than bisection takes.
HIGH=0x100000000
# 64 rules for every other page of the buffer, the rest for pages where there is nothing
RULES=65536
START=$(date +%s)
awk -v low=$((BUFFER / PAGE)) -v high=$((HIGH / PAGE)) -v rules=$RULES 'BEGIN {
	print "policy large\nserial 1"
	for (i = 0; i < rules; i++)
		if (i < 64)
			printf "allow rw 0x%x000+4K\n", low + 2 * i
		else
			printf "deny rw 0x%x000+4K\n", high + 2 * (i - 64)
}' >large.policy
high() { address "$HIGH + 2 * ($1 - 64) * $PAGE"; }
exits "it compiles" 0 devmemctl policy compile large.policy -o large.bin
rm large.policy
exits "and can be signed" 0 devmemctl policy sign large.bin --key /keys/key.pem --cert /keys/cert.pem -o large.dmp
DIGEST=$(sha256sum <large.bin | cut -d ' ' -f 1)
rm large.bin
figure "made in $(($(date +%s) - START)) s: $(stat -c %s large.dmp) bytes"
ready
load "$(allow small 1 127 1)"
before=$(used)
START=$(uptime_ms)
exits "it loads" 0 load large.dmp
figure "loaded in $(($(uptime_ms) - START)) ms"
is "the status has its digest" "$DIGEST" "$(status '.policies[] | select(.name == "large") | .digest')"
recorded "so has its record" ".kind == \"policy-loaded\" and .policy == \"large\" and .digest == \"$DIGEST\""
is "all rules are in force" $RULES "$(status '.policies[] | select(.name == "large") | .rules')"
loaded=$(used)

lookups() { status '"\(.counters.lookups) \(.counters.touched)"'; }
first=$(lookups)
for number in 0 2 62 64 124 126; do
	granted_read $number
done
for number in 1 3 63 65 125; do
	denied_read $number
	denied_map $number r
done
granted_map 0
granted_map 126
denied_write 1
for number in 64 65 32767 32768 65000 65535; do
	mem "rule $number denies its page" "mmap: EPERM" mmap "$(high $number)" $PAGE r
	mem "the gap behind it is the kernel's" "mmap: ok" mmap "$(address "$(high $number) + $PAGE")" $PAGE r
done
mem "the page before them too" "mmap: ok" mmap "$(address "$HIGH - $PAGE")" $PAGE r
mem "over a gap into a rule is denied" "mmap: EPERM" mmap "$(address "$(high 40000) - $PAGE")" $((2 * PAGE)) r
mem "over many rules and gaps is denied by the first" "mmap: EPERM" mmap "$(address "$HIGH - $PAGE")" 0x100000 r
recorded "by that one" ".kind == \"denial\" and .reason == \"deny-rule\" and .policy == \"large\" and .first == \"$HIGH\" and .pages == 1"
recorded "by the last" ".kind == \"denial\" and .reason == \"deny-rule\" and .policy == \"large\" and .first == \"$(high 65535)\""
recorded "a grant names its rule" ".kind == \"grant\" and .policy == \"large\" and .rule and .first == \"$(page 64)\""
second=$(lookups)
rulings=$((${second% *} - ${first% *}))
touched=$((${second#* } - ${first#* }))
is "lookups were counted" true "$([ $rulings -ge 30 ] && echo true)"
# Bisection of 65,536 segments looks at 17 at most; of the small policy's one, at
# one; and at one rule for each of the two operations.
is "each touched at most 17 + 2 entries of the large policy, and 1 of the small" true \
	"$([ $touched -le $((rulings * 20)) ] && [ $touched -gt $((rulings * 10)) ] && echo true)"
figure "$rulings lookups among $RULES rules touched $touched entries: $((touched * 10 / rulings)) tenths each"

exits "it can be removed" 0 devmemctl remove large
denied_read 0
granted_read 127
mem "its deny rules are gone" "mmap: ok" mmap "$(high 65535)" $PAGE r
less() { [ "$(used)" -lt $((before + 1024)) ]; }
within 5 less || :
after=$(used)
figure "memory: $((loaded - before)) kB with it, $((after - before)) kB after it"
# Also what the caches of other things gave back meanwhile
is "its memory was in use" true "$([ $((loaded - after)) -gt 2048 ] && echo true)"
if quarantined; then
	without "whether all of it is free again: KASAN keeps what was freed for a while"
else
	is "and is free again, within 1 MB" true "$([ $((after - before)) -lt 1024 ] && echo true)"
fi
