# SPDX-License-Identifier: GPL-2.0-or-later
# "mode permissive": nothing of that policy is enforced, all of the others is.
ready
load "$(allow live 1 24 4)"
load "$({
	echo "mode permissive"
	echo "default deny"
	echo "allow rw $(page 16)+16K"
	echo "deny rw $(page 25)+4K"
	echo "deny r $DMP_CLAIM+4K"
} | policy trial 1)"
is "status says which" "live enforce trial permissive" \
	"$(status '[.policies[] | "\(.name) \(.mode)"] | sort | join(" ")')"
is "the module as a whole enforces" enforcing "$(status .mode)"
is "and default deny is not in force" false "$(status .default_deny)"
denied_read 16
denied_map 16
granted_read 24
granted_read 25
granted_map 25
mem "its deny rule refuses nothing" "mmap: ok" mmap "$DMP_CLAIM" $PAGE r
if pc; then
	mem "nor does its default" 'read: 16 "????????????????"' read 0x2000 16
else
	without "a low megabyte, masked, which is of the PC"
fi
denied_read 40
recorded "it would permit this, by its rule" \
	".kind == \"denial\" and .would == \"permit\" and .reason == \"allow-rule\" and .policy == \"trial\" and .operation == \"read\" and .first == \"$(page 16)\" and .rule"
recorded "also mapped" '.kind == "denial" and .would == "permit" and .policy == "trial" and .operation == "mmap-write"'
recorded "it would refuse what another grants" \
	".kind == \"grant\" and .would == \"refuse\" and .operation == \"read\" and .first == \"$(page 25)\""
recorded "what it says nothing of is granted as ever" \
	".kind == \"grant\" and .first == \"$(page 24)\" and .policy == \"live\""
recorded "it would refuse what the kernel allows, by a rule" \
	".kind == \"permitted\" and .would == \"refuse\" and .reason == \"deny-rule\" and .policy == \"trial\" and .first == \"$DMP_CLAIM\""
! pc || recorded "and by default" '.kind == "permitted" and .would == "refuse" and .reason == "default-deny" and .baseline == "mask"'

# From trial to enforcement and back
held live 24 2
load "$({
	echo "allow rw $(page 16)+16K"
	echo "deny rw $(page 25)+4K"
} | policy trial 2)"
granted_read 16
denied_read 25
goes live 1
lives live 0
held trial 16 1
load "$({
	echo "mode permissive"
	echo "allow rw $(page 16)+16K"
	echo "deny rw $(page 24)+8K"
} | policy trial 3)"
denied_read 16
goes trial 0
granted_read 24
granted_read 25
lives live 0
recorded "what it granted is revoked, as replaced" \
	".kind == \"revoked\" and .reason == \"replaced\" and .policy == \"trial\" and .first == \"$(page 16)\""
let_go trial
let_go live
