# SPDX-License-Identifier: GPL-2.0-or-later
# devmemctl revoke takes back a range, a rule, a policy or everything, lastingly;
# restore ends it, but for the mappings that are gone.
ready
{
	echo "allow rw $(page 16)+16K"
	echo "allow r $(page 20)+16K"
} | policy alpha 1 >policy-file
load "$(cat policy-file)"
load "$(allow beta 1 24 4)"
rule() { devmemctl -j rules "$1" | jq -r ".[] | select(.first == \"$2\") | .rule"; }
writes=$(rule alpha "$(page 16)")
reads=$(rule alpha "$(page 20)")

# A range
held range 16 4
exits "a range is revoked" 0 devmemctl revoke "$(page 17)+8K"
goes range 1
goes range 2
lives range 0 3
denied_read 17
denied_map 18
granted_read 16
granted_read 19
recorded "the withdrawal is on record" \
	".kind == \"withdrawn\" and .first == \"$(page 17)\" and .last == \"$(address "$(page 19) - 1")\" and .comm == \"devmemctl\""
recorded "so is what it took" \
	".kind == \"revoked\" and .reason == \"withdrawn\" and .policy == \"alpha\" and .first == \"$(page 17)\" and .pages == 2"
recorded "and why it stays closed" \
	".kind == \"denial\" and .reason == \"withdrawn\" and .first == \"$(page 17)\""
is "status lists it" "$(page 17) $(address "$(page 19) - 1")" \
	"$(status '[.withdrawn[] | "\(.first) \(.last)"] | join(" ")')"
load "$({
	echo "allow rw $(page 16)+16K"
	echo "allow r $(page 20)+16K"
} | policy alpha 2)"
denied_read 17
lives range 0
exits "restore" 0 devmemctl restore
granted_read 17
granted_map 17
goes range 1
lives range 0 3
recorded "is on record" '.kind == "restored" and .comm == "devmemctl"'
is "and ends it" 0 "$(status '.withdrawn | length')"
let_go range

# A rule
held rule 20 2 r
held other 16 1
exits "a rule is revoked" 0 devmemctl revoke "alpha:$reads"
goes rule 0
goes rule 1
lives other 0
denied_read 20
granted_read 16
is "rules says so" true "$(devmemctl -j rules alpha | jq ".[] | select(.rule == \"$reads\") | .withdrawn")"
is "and only of that one" 1 "$(devmemctl -j rules | jq 'map(select(.withdrawn)) | length')"
recorded "the withdrawal names the rule" ".kind == \"withdrawn\" and .policy == \"alpha\" and .rule == \"$reads\""
recorded "so does the denial" \
	".kind == \"denial\" and .reason == \"withdrawn\" and .rule == \"$reads\" and .first == \"$(page 20)\""
exits "also without its policy" 0 devmemctl revoke "$writes"
goes other 0
denied_read 16
granted_read 24
let_go rule
let_go other

# A newer serial of the policy is not concerned
load "$({
	echo "allow rw $(page 16)+16K"
	echo "allow r $(page 20)+16K"
} | policy alpha 3)"
granted_read 16
granted_read 20
is "no rule is withdrawn any more" 0 "$(devmemctl -j rules | jq 'map(select(.withdrawn)) | length')"

# A policy
held alpha 16 1
held beta 24 1
exits "a policy is revoked" 0 devmemctl revoke alpha
goes alpha 0
lives beta 0
denied_read 16
denied_read 20
granted_read 24
recorded "the withdrawal names the policy" '.kind == "withdrawn" and .policy == "alpha" and (has("rule") | not)'
is "it stays registered" "alpha beta" "$(status '[.policies[].name] | sort | join(" ")')"
load "$(allow beta 2 24 2)"
denied_read 16
lives beta 0
load "$(allow alpha 4 16 1)"
granted_read 16
goes alpha 0
let_go alpha

# Everything
held alpha 16 1
exits "everything is revoked" 0 devmemctl revoke --all
goes alpha 0
goes beta 0
denied_read 16
denied_map 24
mem "what the kernel allows stays" "mmap: ok" mmap "$DMP_CLAIM" $PAGE r
recorded "the withdrawal names nothing" '.kind == "withdrawn" and (has("policy") | not)'
exits "restore" 0 devmemctl restore
granted_read 16
granted_read 24
let_go alpha
let_go beta

# Errors
exits "an unknown policy" 1 devmemctl revoke nosuch
said "is told" "nosuch|no policy"
exits "an unknown rule" 1 devmemctl revoke alpha:00000001
said "is told" "rule"
exits "half a page" 1 ask revoke "first=$(page 16)" "last=$(address "$(page 16) + 100")"
said "is told" "^EINVAL: .*page"
exits "a range backwards" 1 ask revoke "first=$(page 17)" "last=$(address "$(page 16) - 1")"
said "is told" "^EINVAL: ..."
exits "half a range" 1 ask revoke "first=$(page 16)"
said "is told" "^EINVAL: ..."
exits "a policy that allows nothing" 1 ask revoke policy-name="$(
	load "$(echo "deny rw $(page 60)+4K" | policy denies 1)" >&2
	echo denies
)"
said "is told" "^ENOENT: ..."
exits "devmemctl takes half a page for a mistake" 2 devmemctl revoke "$(page 16)+100"
number=0
while [ $number -lt 33 ]; do
	echo "revoke first=$(page $((number * 2))) last=$(address "$(page $((number * 2 + 1))) - 1")"
	number=$((number + 1))
done | ask - >said
is "32 ranges can be revoked" 32 "$(grep -c '^ok$' said)"
said "one more is refused" "^ENOSPC: ..."
exits "restore ends all of them" 0 devmemctl restore
is "so that none is left" 0 "$(status '.withdrawn | length')"
granted_read 16
