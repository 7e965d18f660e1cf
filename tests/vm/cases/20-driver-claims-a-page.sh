# SPDX-License-Identifier: GPL-2.0-or-later
# A driver that claims a page takes it from whoever has it mapped, as on a stock
# kernel, granted or not.
ready
exits "a policy for the page" 0 load /keys/openssl.dmp
client_start
client_is "free memory is mapped, without a grant" "mmap: ok" mmap "$DMP_CLAIM" $PAGE rw
client_is "and used" "poke: ok" poke 0 text
is "that is the kernel's verdict" 0 "$(status .counters.granted_pages)"
echo 1 >$HELPER/claim
client_is "the driver's claim takes it away" "peek: SIGBUS" peek 0
client_is "a grant gives it back, beside the driver" "mmap: ok" mmap "$DMP_CLAIM" $PAGE rw
client_is "and it can be used" "poke: ok" poke 0 text
is "that is a grant" 1 "$(status .counters.granted_pages)"
echo 0 >$HELPER/claim
client_is "the driver going away does not matter" "poke: ok" poke 0 more
echo 1 >$HELPER/claim
client_is "the next claim takes the granted mapping" "peek: SIGBUS" peek 0
is "claims are not accesses" 0 "$(records '.kind == "denial" and .comm == "sh"')"
