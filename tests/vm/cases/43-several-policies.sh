# SPDX-License-Identifier: GPL-2.0-or-later
# The union of the policies is enforced: deny wins, any default deny wins; and each
# can be replaced or removed without touching the others.
ready
load "$(allow alpha 1 16 4)"
load "$(allow beta 1 18 4)"
load "$(allow gamma 1 32 2 r)"
load "$(allow delta 1 32 1 w)"
for number in 16 17 18 19 20 21; do
	granted_read $number
done
denied_read 22
granted_map 32 rw
denied_map 33 rw
held both 16 6
held alpha 16 4
held gamma 33 1 r

# Another policy's deny rule
load "$(echo "deny rw $(page 19)+8K" | policy no 1)"
denied_read 19
denied_read 20
granted_read 18
goes both 3
goes both 4
goes alpha 3
lives both 0 1 2 5
lives alpha 0 1 2
lives gamma 0
recorded "the revocation names what went" \
	".kind == \"revoked\" and .reason == \"replaced\" and .first == \"$(page 19)\""
recorded "deny wins over another policy's allow" \
	".kind == \"denial\" and .reason == \"deny-rule\" and .policy == \"no\" and .first == \"$(page 20)\""
exits "the deny rule goes with its policy" 0 devmemctl remove no
granted_read 19
granted_read 20
goes both 3

# One is replaced, what another grants lives on
load "$(allow beta 2 18 1)"
denied_read 21
granted_read 19
goes both 5
lives both 0 1 2
lives alpha 0 1 2
# One is removed, what it granted alone goes
exits "one is removed" 0 devmemctl remove alpha
denied_read 16
granted_read 18
goes both 0
goes both 1
lives both 2
lives alpha 2
lives gamma 0
recorded "with the reason" \
	".kind == \"revoked\" and .reason == \"removed\" and .policy == \"alpha\" and .first == \"$(page 16)\" and .pages == 2"
is "three are left" "beta delta gamma" "$(status '[.policies[].name] | sort | join(" ")')"

# Any default deny is everybody's
mem "the kernel allows this" "mmap: ok" mmap "$DMP_CLAIM" $PAGE r
load "$(echo "default deny" | policy closed 1)"
mem "one policy's default deny refuses it" "mmap: EPERM" mmap "$DMP_CLAIM" $PAGE r
granted_read 18
lives both 2
load "$(echo "allow r $DMP_CLAIM+4K" | policy open 1)"
mem "another policy's allow rule opens it" "mmap: ok" mmap "$DMP_CLAIM" $PAGE r
exits "the default goes with its policy" 0 devmemctl remove closed
devmemctl remove open
mem "and the kernel's verdict is back" "mmap: ok" mmap "$DMP_CLAIM" $PAGE r
for name in both alpha gamma; do
	let_go $name
done

# As many as there may be
for name in beta gamma delta; do
	devmemctl remove $name
done
number=1
while [ $number -le 32 ]; do
	rawload /keys/many/$number.dmp >said || die "policy $number of 32 loads: $(cat said)"
	number=$((number + 1))
done
is "32 are in force" 32 "$(status '.policies | length')"
exits "one more is refused" 1 rawload /keys/many/33.dmp
said "as such" "^ENOSPC: 32 policies are registered"
recorded "on record" '.kind == "policy-refused" and .policy == "many-33" and .error == "ENOSPC"'
exits "a newer one of a name that is in force is not one more" 0 rawload /keys/many/1-again.dmp
exits "without one of them" 0 devmemctl remove many-32
exits "it is accepted" 0 rawload /keys/many/33.dmp
