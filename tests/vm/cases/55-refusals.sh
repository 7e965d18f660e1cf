# SPDX-License-Identifier: GPL-2.0-or-later
# Each refusal of what is new in the protocol and the format has its errno and its
# sentence, also behind a good signature.
ready
load "$(allow rights 1 16 1)"
for who in nobody userns netadmin rawio sysadmin; do
	for command in resolve "revoke policy-name=rights" revoke restore \
		"raise-floor policy-name=rights serial=9"; do
		exits "$who: $command" 1 drop $who ask $command
		said "$who: $command: errno and sentence" "^EPERM: .*CAP_SYS_RAWIO"
	done
done
exits "another network namespace" 2 drop netns ask restore
said "does not have the family" "^open: ENOENT"
exits "so does devmemctl" 4 drop sysadmin devmemctl revoke rights
exits "and restore" 4 drop nobody devmemctl restore
granted_read 16
is "none of this is on record as done" 0 "$(records '.kind == "withdrawn" or .kind == "restored"')"
exits "no command takes an attribute that is not its own" 0 ask stray
said "nor does any" ", 0 taken"
figure "$(cat said)"
granted_read 16

exits "raising a floor needs a serial" 1 ask raise-floor policy-name=rights
said "with a sentence" "^EINVAL: .*missing"
exits "and a name" 1 ask raise-floor serial=1
said "with a sentence" "^EINVAL: .*missing"
exits "revoking a policy that is not there" 1 ask revoke policy-name=nosuch
said "with a sentence" "^ENOENT: ..."
exits "and a rule" 1 ask revoke rule-id=1
said "with a sentence" "^ENOENT: ..."
exits "and a rule of the wrong policy" 1 ask revoke policy-name=rights rule-id=1
said "with a sentence" "^ENOENT: ..."
exits "a range that begins in a page" 1 ask revoke "first=$(address "$(page 16) + 1")" "last=$(address "$(page 17) - 1")"
said "with a sentence" "^EINVAL: .*page"
exits "looking programs up when there are none" 0 ask resolve

# Behind a good signature: what the compiler would not make.
# spoil OFFSET BYTES...: change the policy in made.bin
spoil() {
	local at=$1
	shift
	printf '%b' "$(printf '\\0%03o' "$@")" | dd of=made.bin bs=1 seek="$at" conv=notrunc 2>/dev/null
}
# made NAME: compile the statements on standard input to made.bin
made() {
	{
		printf 'policy %s\nserial 1\n' "$1"
		cat
	} >made.policy
	devmemctl policy compile made.policy -o made.bin || fail "$1 compiles"
}
sealed() { seal made.bin /keys/key.pem /keys/cert.pem made.dmp || fail "made.bin is signed"; }
# refused TEXT ERRNO-AND-SENTENCE
refused() {
	sealed
	exits "$1" 1 rawload made.dmp
	said "$1: errno and sentence" "$2"
}
echo "allow r $(page 40)+4K uid 1" | made features
spoil 80 15 0 0 0 0 0 0 0
refused "an unknown feature" "^EOPNOTSUPP: .*feature"
spoil 80 0 0 0 0 0 0 0 128
refused "another" "^EOPNOTSUPP: .*feature"
spoil 80 0 0 0 0 0 0 0 0
refused "a condition without its feature" "^EINVAL: ..."
spoil 80 3 0 0 0 0 0 0 0
refused "a feature without its use" "^EINVAL: ..."
spoil 80 1 0 0 0 0 0 0 0
spoil 12 4
refused "an unknown flag" "^E(INVAL|OPNOTSUPP): ..."
spoil 12 0
spoil $((160 + 32 + 4)) 17
refused "an unknown condition" "^E(INVAL|OPNOTSUPP): ..."
spoil $((160 + 32 + 4)) 1
spoil $((160 + 32 + 8)) 255 255 255 255
refused "a uid that is none" "^EINVAL: ..."
spoil $((160 + 32 + 8)) 1 0 0 0
spoil $((160 + 32 + 24)) 1
refused "a time without its condition" "^EINVAL: ..."
spoil $((160 + 32 + 24)) 0
spoil 128 1
refused "an end without its feature" "^EINVAL: ..."
spoil 128 0
sealed
exits "and as it was, it loads" 0 rawload made.dmp
{
	echo "not-before 2030-01-01T00:00:00Z"
	echo "expires 2040-01-01T00:00:00Z"
} | made times
spoil 128 0 0 0 0 1 0 0 0
spoil 120 0 0 0 0 1 0 0 0
refused "an end that is not after the beginning" "^EINVAL: ..."
spoil 128 0 0 0 0 0 1 0 0
refused "a time that no calendar has" "^EINVAL: ..."
echo "allow r $(page 40)+4K exe /usr/bin/x" | made programs
# Its path ends the file, and a NUL byte the path.
spoil $(($(stat -c %s made.bin) - 11)) 120
refused "a path that is not absolute" "^EINVAL: ..."
recorded "refusals are on record" '.kind == "policy-refused" and .policy == "features" and .error == "EINVAL"'
denied_read 40

# 32 rules with conditions may name a page, 33 may not
crowd() {
	local number=0
	while [ $number -lt "$1" ]; do
		echo "allow r $(page $((40 + number)))+4K uid $((1000 + number))"
		number=$((number + 1))
	done
}
# All of them up to the last one's page: the second byte of each rule's last address
stretch() {
	local number=0 last
	last=$(($(page $((40 + $1))) - 1))
	while [ $number -lt "$1" ]; do
		spoil $((160 + 32 * number + 8)) $((last & 255)) $((last >> 8 & 255)) \
			$((last >> 16 & 255)) $((last >> 24 & 255))
		number=$((number + 1))
	done
}
crowd 33 | made crowded
stretch 33
refused "33 rules with conditions on one page" "^E2BIG: .*too many"
recorded "is on record" '.kind == "policy-refused" and .policy == "crowded" and .error == "E2BIG"'
crowd 32 | made crowded
stretch 32
sealed
exits "32 load" 0 rawload made.dmp
denied_read 71
is "and the last of them counts" "read: $(text_of 71)" \
	"$(memtool uid 1031 then read "$(page 71)" $PAGE | tail -n 1)"

# So many floors are remembered
number=0
while [ $number -lt 1025 ]; do
	echo "raise-floor policy-name=floor-$number serial=1"
	number=$((number + 1))
done | ask - >said
said "there is room for many floors" "^ok"
said "but not for any number" "^ENOSPC: ..."
granted_read 16
