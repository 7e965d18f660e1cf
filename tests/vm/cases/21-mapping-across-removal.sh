# SPDX-License-Identifier: GPL-2.0-or-later
# A mapping does not outlive its grant: SIGBUS at the next touch.
ready
load "$(allow held 1 16 16)"
client_start
client_is "a mapping" "mmap: ok" mmap "$(page 16)" $((2 * PAGE)) rw
client_is "in use" "poke: ok" poke 600 text
exits "the policy is replaced by one without the page" 0 load "$(allow held 2 32 1)"
client_is "it is gone" "peek: SIGBUS" peek 0
client_is "to writes as well" "poke: SIGBUS" poke 0 text
client_is "and cannot be made again" "mmap: EPERM" mmap "$(page 16)" $PAGE r
client_is "the new policy's page can" "mmap: ok" mmap "$(page 32)" $PAGE r
client_is "and be moved" "mremap: ok" mremap
client_is "and inherited" "fork: ok" fork
exits "the policy is removed" 0 devmemctl remove held
client_is "moved and inherited, it is gone" "peek: SIGBUS" peek 0
load "$(allow private 1 16 1 r)"
client_is "a private copy" "mmap: ok" mmap "$(page 16)" $PAGE rw private
client_is "written to" "poke: ok" poke 0 secret
exits "removed" 0 devmemctl remove private
client_is "is gone as well" "peek: SIGBUS" peek 0
recorded "revocations are in the log" '.kind == "revoked" and .reason == "removed" and .pages > 0'
recorded "with their reason" '.kind == "revoked" and .reason == "replaced"'
is "the kernel still has what was written" text "$(kernel_sees $((16 * PAGE + 600)) 4)"
