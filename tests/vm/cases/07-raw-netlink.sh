# SPDX-License-Identifier: GPL-2.0-or-later
# Who speaks netlink directly registers nothing that is not signed.
ready
file=$(allow raw 1 16 16)
refused() {
	exits "$1 is refused" 1 rawload "${3:-$file}" "$1"
	said "$1: its own errno, and a sentence" "^$2: ..."
	is "$1: no rule came of it" 0 "$(devmemctl -j rules | jq '[.. | objects | select(has("first"))] | length')"
	denied_read 16
}
refused unsigned ENODATA
refused garbage EBADMSG
refused tampered EKEYREJECTED
refused truncated EMSGSIZE
refused extra E2BIG
refused commit-only ENOENT
other=$(echo "allow rw $(page 16)+64K" | policy stranger 1 /keys/other-key.pem /keys/other-cert.pem)
refused plain ENOKEY "$other"
exits "an open transaction dies with its socket" 0 rawload "$file" uncommitted
denied_read 16
is "failed loads were counted" true "$(status '.counters.failed_loads >= 4')"
exits "the same file, as it is" 0 rawload "$file" plain
granted_read 16
exits "again" 1 rawload "$file" plain
said "again: its own errno" "^EALREADY: ..."
newer=$(allow older 9 16 1)
exits "a policy with serial 9" 0 rawload "$newer"
exits "an older serial" 1 rawload "$(allow older 8 16 1)" plain
said "an older serial: its own errno" "^ESTALE: ..."
