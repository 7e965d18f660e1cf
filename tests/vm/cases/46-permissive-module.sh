# SPDX-License-Identifier: GPL-2.0-or-later
# The parameter permissive: nothing is overridden, records say what would have been.
# It can be switched while the module is loaded, which is a record itself.
SWITCH=/sys/module/devmem_policy/parameters/permissive
ready permissive=1
load "$({
	echo "allow rw $(page 16)+16K"
	echo "deny rw $(page 18)+4K"
	echo "deny rw $DMP_CLAIM+4K"
} | policy trial 1)"
rule() { devmemctl -j rules trial | jq -r ".[] | select(.action == \"$1\" and .first == \"$2\") | .rule"; }
is "status says so" permissive "$(status .mode)"
exits "to people, too" 0 devmemctl status
said "loudly" "PERMISSIVE"

# Nothing is overridden
denied_read 16
denied_write 17
denied_map 16
denied_read 18
denied_read 40
mem "a deny rule refuses nothing" "mmap: ok" mmap "$DMP_CLAIM" $PAGE r
mem "nor a mapping" "mmap: ok" mmap "$DMP_CLAIM" $PAGE rw
is "nothing is granted" 0 "$(status .counters.granted_pages)"
recorded "what a rule would permit says so, by that rule" \
	".kind == \"denial\" and .error == \"EPERM\" and .would == \"permit\" and .reason == \"allow-rule\" and .rule == \"$(rule allow "$(page 16)")\" and .operation == \"read\""
recorded "also of a write" '.kind == "denial" and .would == "permit" and .operation == "write" and .reason == "allow-rule"'
recorded "also of a mapping" '.kind == "denial" and .would == "permit" and .operation == "mmap-write" and .reason == "allow-rule"'
recorded "what a rule would refuse, and the kernel does" \
	".kind == \"denial\" and .would == \"refuse\" and .reason == \"deny-rule\" and .first == \"$(page 18)\" and .rule == \"$(rule deny "$(page 18)")\""
recorded "what no rule names" \
	".kind == \"denial\" and .would == \"refuse\" and .reason == \"no-rule\" and .first == \"$(page 40)\""
recorded "what a rule would refuse, and the kernel does not" \
	".kind == \"permitted\" and .would == \"refuse\" and .reason == \"deny-rule\" and .operation == \"mmap-read\" and .first == \"$DMP_CLAIM\" and .pages == 1 and .baseline == \"allow\" and .rule == \"$(rule deny "$DMP_CLAIM")\""
recorded "also of a mapping" '.kind == "permitted" and .would == "refuse" and .operation == "mmap-write" and .result == 0'
load "$(echo "default deny" | policy closed 1)"
if pc; then
	mem "default deny refuses nothing" 'read: 16 "????????????????"' read 0x2000 16
	recorded "but would" '.kind == "permitted" and .would == "refuse" and .reason == "default-deny" and .baseline == "mask"'
else
	without "a low megabyte, masked, which is of the PC"
fi
settle
is "permitted pages in log and counter" "$(status .counters.permitted_pages)" \
	"$(jq -s 'map(select(.kind == "permitted") | .pages) | add' "$LOG")"
is "denied pages in log and counter" "$(status .counters.denied_pages)" \
	"$(jq -s 'map(select(.kind == "denial" or .kind == "loss") | .pages) | add' "$LOG")"
devmemctl remove closed

# Enforcing
echo 0 >$SWITCH
is "switched" enforcing "$(status .mode)"
granted_read 16
denied_read 18
mem "now the deny rule refuses" "mmap: EPERM" mmap "$DMP_CLAIM" $PAGE r
recorded "switching is on record, and by whom" '.kind == "mode-changed" and .permissive == false and .comm == "sh"'
matches "and in the kernel's log" "devmem_policy: now enforcing" "$(kernel_log)"
recorded "records say nothing of what would be" \
	".kind == \"grant\" and .first == \"$(page 16)\" and (has(\"would\") | not)"
held live 16 2

# And back
before=$(uptime_ms)
echo 1 >$SWITCH
goes live 0
goes live 1
figure "gone after switching to permissive: $(($(gone_at live 0 4) - before)) ms"
denied_read 16
recorded "that is on record" '.kind == "mode-changed" and .permissive == true'
matches "and in the kernel's log" "devmem_policy: now PERMISSIVE" "$(kernel_log)"
recorded "what was granted is revoked, with the reason" \
	".kind == \"revoked\" and .reason == \"permissive\" and .policy == \"trial\" and .first == \"$(page 16)\""
switches=$(records '.kind == "mode-changed"')
echo 1 >$SWITCH
exits "what is neither is refused" 1 sh -c "echo perhaps >$SWITCH"
for who in netadmin sysadmin rawio; do
	exits "root with $who alone cannot switch" 1 drop $who sh -c "echo 0 >$SWITCH"
	said "for want of rights" "not permitted"
done
settle
is "none of these is a switch" "$switches" "$(records '.kind == "mode-changed"')"
echo N >$SWITCH
granted_read 16
granted_map 16
let_go live
goes live 0
