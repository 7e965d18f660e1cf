# SPDX-License-Identifier: GPL-2.0-or-later
# What a debugger reaches through a granted mapping: as much as the process that
# holds it, and no more. It reads /dev/mem's pages through the page table of that
# process (generic_access_phys), so nobody asks the policy again, and nothing of it
# is on record; the grant to the process is. Revoked, they are gone for both.
pc || skip "this kernel warns when a debugger reads RAM that is mapped so, and reads nothing"
ready
load "$({
	echo "allow r $(page 16)+4K"
	echo "allow rw $(page 32)+4K"
} | policy debugged 1)"
as reader client_start
as reader client_is "a process with a page for reading" "mmap: ok" mmap "$(page 16)" $PAGE r
as writer client_start
as writer client_is "one with a page for both" "mmap: ok" mmap "$(page 32)" $PAGE rw
as private client_start
as private client_is "one with a private mapping" "mmap: ok" mmap "$(page 16)" $PAGE rw private
place() { as "$1" client where | sed 's/.*: //'; }
reader=$(as reader client_pid) reader_at=$(place reader)
writer=$(as writer client_pid) writer_at=$(place writer)
private=$(as private client_pid) private_at=$(place private)
# unrecorded TEXT: the log has not grown
unrecorded() {
	settle
	is "$1 is on record" "$before" "$(records .seq)"
}
settle
before=$(records .seq)

mem "/proc/PID/mem reads it" 'procread: 80 "devmem-policy buffer page 16"' procread "$reader" "$reader_at"
mem "so does ptrace" 'peekdata: 8 "devmem-p"' peekdata "$reader" "$reader_at"
mem "process_vm_readv does not" "vmread: EFAULT" vmread "$reader" "$reader_at"
mem "/proc/PID/mem does not write a page for reading" "procwrite: EIO" procwrite "$reader" "$reader_at" text
mem "nor does ptrace" "pokedata: EIO" pokedata "$reader" "$reader_at" text
is "it is as it was" devmem-policy "$(kernel_sees $((16 * PAGE)) 13)"
mem "a private mapping of it neither" "procwrite: EIO; pokedata: EIO" \
	procwrite "$private" "$private_at" text then pokedata "$private" "$private_at" text
mem "/proc/PID/mem writes where the process may" "procwrite: 4" procwrite "$writer" "$writer_at" text
is "the page has it" text "$(kernel_sees $((32 * PAGE)) 4)"
mem "ptrace too" "pokedata: ok" pokedata "$writer" "$writer_at" poke
is "the page has it" pokepoke "$(kernel_sees $((32 * PAGE)) 8)"
mem "who may not trace the process reaches nothing" "uid: ok; open: EACCES; seize: EPERM; vmread: EPERM" \
	uid 1000 1000 then procread "$reader" "$reader_at" then peekdata "$reader" "$reader_at" \
	then vmread "$reader" "$reader_at"
unrecorded "nothing of this"

exits "the policy is replaced by one without the pages" 0 load "$(allow debugged 2 40 1)"
settle
before=$(records .seq)
mem "the debugger of the reader gets EIO" "procread: EIO; peekdata: EIO; vmread: EFAULT" \
	procread "$reader" "$reader_at" then peekdata "$reader" "$reader_at" then vmread "$reader" "$reader_at"
mem "that of the writer as well" "procread: EIO; procwrite: EIO; pokedata: EIO" \
	procread "$writer" "$writer_at" then procwrite "$writer" "$writer_at" lost then pokedata "$writer" "$writer_at" lost
mem "that of the private mapping as well" "procread: EIO" procread "$private" "$private_at"
unrecorded "nothing of that"
is "the page is as it was" pokepoke "$(kernel_sees $((32 * PAGE)) 8)"
as reader client_is "the process itself gets a signal" "peek: SIGBUS" peek 0
