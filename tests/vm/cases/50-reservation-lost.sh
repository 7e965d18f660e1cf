# SPDX-License-Identifier: GPL-2.0-or-later
# A page that its owner gave back, so that it is not PageReserved any more, is taken
# from who has it mapped by a grant, within a second; only that page, and not under
# a rule that says unreserved-ram.
ready
load "$({
	echo "allow rw $(page 16)+16K"
	echo "allow rw $(page 24)+16K unreserved-ram"
} | policy owner 1)"
held plain 16 4
held copy 17 2 rw private
held reader 16 4 r
held told 24 4
before=$(uptime_ms)
echo 17 >$HELPER/unreserve
echo 25 >$HELPER/unreserve
goes plain 1
goes reader 1
goes copy 0
after=$(($(gone_at plain 1 4) - before))
figure "gone after the reservation was lost: $after ms"
is "within a second" true "$([ $after -le 1000 ] && echo true)"
lives plain 0 2 3
lives reader 0 2 3
lives copy 1
lives told 0 1 2 3
denied_read 17
denied_map 17
granted_read 16
granted_read 25
granted_map 25
recorded "the revocation says which page and why" \
	".kind == \"revoked\" and .reason == \"not-reserved\" and .first == \"$(page 17)\" and .pages == 1"
is "of no other page" 1 "$(records '.kind == "revoked"')"
# It comes back for new mappings, not for those that are gone
echo 17 >$HELPER/reserve
granted_map 17
goes plain 1
echo 18 >$HELPER/unreserve
echo 19 >$HELPER/unreserve
goes plain 2
goes plain 3
lives plain 0
echo 18 >$HELPER/reserve
echo 19 >$HELPER/reserve
echo 25 >$HELPER/reserve
held again 16 4
lives again 0 1 2 3
for name in plain copy reader told again; do
	let_go $name
done
