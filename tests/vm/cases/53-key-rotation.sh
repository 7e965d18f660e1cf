# SPDX-License-Identifier: GPL-2.0-or-later
# A key is replaced by way of a module that trusts both: the old key's policies are
# in force until the new key's have taken their place.
by() {
	echo "allow rw $(page "$3")+4K" | policy rotated "$2" /keys/$1-key.pem /keys/$1-cert.pem
}
old=$(by retiring 1 16)
new=$(by current 2 17)
later=$(by retiring 3 18)
cp /keys/retiring-cert.pem /keys/current-cert.pem "$DIR/certs/"

MODULE=/modules/both-keys/devmem_policy.ko
ready
is "two certificates are trusted" 2 "$(status '.anchors | length')"
is "neither for development" false "$(status .development_key)"
exits "the old key's policy loads" 0 load "$old"
granted_read 16
exits "the new key's takes its place" 0 load "$new"
granted_read 17
denied_read 16
exits "a policy of the development key is refused" 1 rawload "$(allow rotated 9 0 128)"
said "as a stranger's" "^ENOKEY: ..."
stop_daemon
unload_module

MODULE=/modules/new-key/devmem_policy.ko
ready
is "one certificate is trusted" 1 "$(status '.anchors | length')"
exits "the old key's policy is refused" 1 rawload "$later"
said "with errno and sentence" "^ENOKEY: no trusted certificate"
exits "by devmemctl as a bad signature" 6 load "$old"
denied_read 16
denied_read 18
recorded "on record" '.kind == "policy-refused" and .policy == "rotated" and .serial == 3 and .error == "ENOKEY"'
exits "the new key's policy loads" 0 load "$new"
granted_read 17
