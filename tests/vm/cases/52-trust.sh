# SPDX-License-Identifier: GPL-2.0-or-later
# Who is trusted: the embedded certificates, the kernel's keyrings, or both; and what
# is too weak to be believed, whoever it is from.
embedded=$(allow embedded 1 16 4)
KERNELS=/keys/kernel
kernels=$(echo "allow rw $(page 20)+16K" | policy kernels 1 $KERNELS-key.pem $KERNELS-cert.pem)
stranger=$(echo "allow rw $(page 24)+16K" | policy stranger 1 /keys/other-key.pem /keys/other-cert.pem)
# load_with TEXT FILE STATUS SAID
load_with() {
	exits "$1" "$3" rawload "$2"
	said "$1: as it should" "$4"
}

for wrong in embeded "" none embedded,kernel Both; do
	echo "<6>dmp-test: trust $wrong" >/dev/kmsg
	load_module "trust=$wrong" 2>said
	is "trust=$wrong does not load" "22 0" "$? $(grep -c '^devmem_policy ' /proc/modules)"
	matches "and says what there is" "devmem_policy: .*embedded.*kernel.*both" \
		"$(dmesg | sed -n "/dmp-test: trust $wrong\$/,\$p" | tail -n +2)"
done

# A certificate on the kernel's secondary keyring, as its owner would put it there
insmod /modules/dmp_keyring.ko \
	keyring="0x$(awk '/\.secondary_trusted_keys/ { print $1 }' /proc/keys)" || die "dmp_keyring loads"
cat $KERNELS-cert.der >/sys/kernel/debug/dmp_keyring/certificate
matches "the kernel trusts one more certificate" "devmem-policy.*kernel" "$(grep asymmetri /proc/keys)"

ready
is "the default is the embedded ones" embedded "$(status .trust)"
load_with "embedded: the embedded key's policy" "$embedded" 0 "^ok"
load_with "embedded: the kernel's key's" "$kernels" 1 "^ENOKEY: no trusted certificate"
load_with "embedded: a stranger's" "$stranger" 1 "^ENOKEY: no trusted certificate"
granted_read 16
is "certificates are listed" true "$(status '.anchors | length > 0')"
recorded "refusals are on record" '.kind == "policy-refused" and .policy == "kernels" and .error == "ENOKEY"'
stop_daemon
unload_module

start_module trust=kernel
is "the kernel's keyrings alone" kernel "$(status .trust)"
load_with "kernel: the embedded key's policy" "$embedded" 1 "^ENOKEY: ..."
load_with "kernel: the kernel's key's" "$kernels" 0 "^ok"
load_with "kernel: a stranger's" "$stranger" 1 "^ENOKEY: ..."
is "no embedded certificate is listed" 0 "$(status '.anchors | length')"
is "nor is the development key trusted" false "$(status .development_key)"
exits "status" 0 devmemctl status
said "says whose word counts" "trust: kernel"
unload_module

start_module trust=both
is "both" both "$(status .trust)"
load_with "both: the embedded key's policy" "$embedded" 0 "^ok"
load_with "both: the kernel's key's" "$kernels" 0 "^ok"
load_with "both: a stranger's" "$stranger" 1 "^ENOKEY: ..."
exits "both: a tampered one" 1 rawload "$embedded" tampered
said "both: as such" "^EKEYREJECTED: ..."
is "the development key is" true "$(status .development_key)"
exits "the kernel ceases to trust it" 0 rmmod dmp_keyring
newer=$(echo "allow rw $(page 20)+16K" | policy kernels 2 $KERNELS-key.pem $KERNELS-cert.pem)
load_with "what the kernel does not trust any more" "$newer" 1 "^ENOKEY: ..."
unload_module

# Weak, by the embedded key or by one that it vouches for
start_module
load_with "a signature over SHA-1" /keys/sha1.dmp 1 "^ENOPKG: .*weaker than SHA-256"
load_with "a signature over MD5" /keys/md5.dmp 1 "^ENOPKG: .*weaker than SHA-256"
load_with "an RSA key of 2048 bits" /keys/rsa2048.dmp 1 "^ENOPKG: .*3072"
load_with "one that the embedded key vouches for" /keys/leaf2048.dmp 1 "^ENOPKG: .*3072"
is "none of these is in force" 0 "$(status '.policies | length')"
load_with "one of 3072 bits that it vouches for" /keys/leaf3072.dmp 0 "^ok"
exits "devmemctl says the same of SHA-1" 6 load /keys/sha1.dmp
exits "and of the weak key" 6 load /keys/leaf2048.dmp
said "as such" "3072"
unload_module

# Embedded all the same, a weak certificate keeps the module from loading
MODULE=/modules/weak-key/devmem_policy.ko
load_module 2>said
is "a module with a certificate of 2048 bits does not load" "129 0" "$? $(grep -c '^devmem_policy ' /proc/modules)"
matches "and says why" "devmem_policy: embedded certificate.*3072 bits" "$(kernel_log)"
matches "it is not built either" "^1: .*2048 bits.*3072" "$(cat /keys/build-rsa2048)"
matches "nor one with an elliptic curve's" "^1: .*not RSA" "$(cat /keys/build-ec)"
