# SPDX-License-Identifier: GPL-2.0-or-later
# Each bad policy is refused with its own errno and its own sentence.
ready
good=$(allow refused 5 16 16)
other=$(echo "allow rw $(page 16)+64K" | policy stranger 1 /keys/other-key.pem /keys/other-cert.pem)

exits "a stranger's signature is refused" 6 load "$other"
said "as such" "trust|certificate|signer|key"
# A bit of the rule's last address, and a byte of the signature
length=$(stat -c %s "$good")
cp "$good" tampered.dmp
printf '\357' | dd of=tampered.dmp bs=1 seek=$((16 + 160 + 9)) conv=notrunc 2>/dev/null
exits "a tampered policy is refused" 6 load tampered.dmp
cp "$good" broken.dmp
printf '\377\377' | dd of=broken.dmp bs=1 seek=$((length - 40)) conv=notrunc 2>/dev/null
exits "a tampered signature is refused" 6 load broken.dmp
head -c $((length - 30)) "$good" >truncated.dmp
exits "a truncated file is refused" 5 load truncated.dmp
said "as such" "truncated|shorter|short|length|ends|bytes"
exits "text is not a policy" 5 load "$DIR/refused-5.policy"
exits "an unsigned policy is refused" 5 load "$DIR/refused-5.bin"
denied_read 16

exits "the good one loads" 0 load "$good"
granted_read 16
exits "a replayed policy is refused" 1 load "$good"
said "as such" "accepted|already|replay|before"
exits "an older serial is refused" 1 load "$(allow refused 4 0 128)"
said "as such" "newer|older|stale|serial"
denied_read 0
exits "a newer one replaces it" 0 load "$(allow refused 6 40 1)"
granted_read 40
denied_read 16
exits "removing it works" 0 devmemctl remove refused
denied_read 40
exits "its serial stays remembered" 1 load "$DIR/refused-6.dmp"
recorded "refusals are in the log" '.kind == "policy-refused"'
