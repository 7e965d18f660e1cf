# SPDX-License-Identifier: GPL-2.0-or-later
# Serials that are refused: those accepted before, those that the module's parameter
# names, which unloading does not forget, and those that RAISE_FLOOR names.
ready floors=capped:5,other:7
refused() {
	exits "$1" 1 rawload "$2"
	said "$1: errno and sentence" "$3"
}
for serial in 4 5 6 7; do
	allow capped $serial 16 1 >/dev/null
done
refused "a serial at the parameter's floor" capped-5.dmp "^ESTALE: .*5"
refused "one below it" capped-4.dmp "^ESTALE: .*5"
denied_read 16
recorded "is on record" '.kind == "policy-refused" and .policy == "capped" and .serial == 4 and .error == "ESTALE"'
exits "one above it loads" 0 rawload capped-6.dmp
granted_read 16
refused "the same again" capped-6.dmp "^EALREADY: .*6"
refused "an older one" capped-5.dmp "^ESTALE: .*6"
exits "the floor stays when the policy goes" 0 devmemctl remove capped
refused "so it takes a newer one to come back" capped-6.dmp "^EALREADY: "
exits "which loads" 0 rawload capped-7.dmp

# RAISE_FLOOR
exits "a floor can be raised" 0 ask raise-floor policy-name=raised serial=9
refused "a serial at it is refused" "$(allow raised 9 17 1)" "^ESTALE: .*9"
exits "and is never lowered" 0 ask raise-floor policy-name=raised serial=3
refused "as this shows" "$(allow raised 8 17 1)" "^ESTALE: .*9"
exits "above it" 0 rawload "$(allow raised 10 17 1)"
exits "raising it above what is in force" 0 ask raise-floor policy-name=raised serial=20
granted_read 17
refused "leaves that alone, but refuses the next" "$(allow raised 20 17 1)" "^ESTALE: .*20"
exits "a floor needs a name that a policy can have" 1 ask raise-floor "policy-name=No/Name" serial=1
said "with a sentence" "^EINVAL: ..."
exits "and a serial" 1 ask raise-floor policy-name=raised
said "with a sentence" "^EINVAL: ..."

# Unloading forgets all but the parameter
stop_daemon
unload_module
start_module floors=capped:5,other:7
refused "after unloading and loading: the parameter's floor" capped-5.dmp "^ESTALE: .*5"
refused "the other's" "$(allow other 7 18 1)" "^ESTALE: .*7"
exits "above it" 0 rawload capped-6.dmp
unload_module

# 64 characters
long=abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz01
for floors in capped capped: :1 capped:x capped:1x capped:-1 "capped:1,," "capped:1,capped:2" \
	"capped:1;other:2" Capped:1 capped:99999999999999999999 $long:1 ","; do
	echo "<6>dmp-test: floors $floors" >/dev/kmsg
	load_module "floors=$floors" 2>said
	is "floors=$floors does not load" "22 0" "$? $(grep -c '^devmem_policy ' /proc/modules)"
	matches "insmod says so" "nvalid" "$(cat said)"
	matches "and says why" "devmem_policy: .*floors" \
		"$(dmesg | sed -n "/dmp-test: floors $floors\$/,\$p" | tail -n +2)"
done
load_module floors= || fail "no floors is no error"
unload_module
