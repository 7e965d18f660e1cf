# SPDX-License-Identifier: GPL-2.0-or-later
# What is mapped is gone within a second of its rule's end, or its policy's.
ready
load "$(allow always 1 20 4)"
load "$(allow reader 1 24 4 r)"
end=$(($(date +%s) + 8))
load "$({
	echo "allow rw $(page 16)+32K until $(utc $end)"
	echo "allow rw $(page 24)+8K until $(utc $end)"
	echo "allow rw $(page 32)+4K"
} | policy brief 1)"
load "$({
	echo "expires $(utc $((end + 1)))"
	echo "allow rw $(page 40)+16K"
} | policy season 1)"
held rule 16 8
held copy 17 1 rw private
held weaker 24 2
held weaker-reader 24 2 r
held policy 40 4
held other 32 1
[ "$(date +%s)" -lt $end ] || die "all of this was in time"
sleep $((end - $(date +%s) + 2))
late() { echo $(($(gone_at "$1" "$2" 3) - $3 * 1000)); }
in_time() {
	goes "$1" "$2"
	is "$1: within the second after its end" true \
		"$([ "$(late "$1" "$2" "$3")" -ge 0 ] && [ "$(late "$1" "$2" "$3")" -le 1000 ] && echo true || late "$1" "$2" "$3")"
}
in_time rule 0 $end
in_time rule 3 $end
in_time copy 0 $end
in_time weaker 1 $end
in_time policy 0 $((end + 1))
in_time policy 3 $((end + 1))
lives rule 4 7
lives other 0
# Pages are taken back, whoever has them: who may still read has to map them again.
goes weaker-reader 0
figure "gone after the end of a rule: $(late rule 0 $end) ms, of a policy: $(late policy 0 $((end + 1))) ms"
denied_map 16
denied_read 16
denied_map 24 rw
granted_map 24 r
denied_map 40
granted_read 20
for name in rule copy weaker weaker-reader policy other; do
	let_go $name
done
recorded "the revocation says which pages, by which rule, and why" \
	".kind == \"revoked\" and .reason == \"expired\" and .policy == \"brief\" and .rule and .first == \"$(page 16)\" and .pages == 4"
recorded "also that of a policy" \
	".kind == \"revoked\" and .reason == \"expired\" and .policy == \"season\" and .first == \"$(page 40)\""
recorded "the rule's end is on record" '.kind == "expired" and .policy == "brief" and .rule'
recorded "and the policy's" '.kind == "expired" and .policy == "season" and (has("rule") | not)'
is "what lives was not revoked" 0 \
	"$(records ".kind == \"revoked\" and (.first == \"$(page 20)\" or .first == \"$(page 32)\")")"
