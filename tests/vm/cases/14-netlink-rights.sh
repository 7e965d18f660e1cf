# SPDX-License-Identifier: GPL-2.0-or-later
# The family is for the initial namespaces' root, and for nobody else.
ready
file=$(allow rights 1 16 16)
for who in nobody userns netadmin rawio; do
	exits "$who may not read the status" 4 drop $who devmemctl status
	exits "$who may not read the rules" 4 drop $who devmemctl rules
	exits "$who may not load a policy" 4 drop $who devmemctl load "$file"
	exits "$who gets EPERM from the kernel" 1 drop $who rawload "$file"
	said "$who: and a sentence" "^EPERM: ..."
done
exits "CAP_SYS_ADMIN alone may read the status" 0 drop sysadmin devmemctl status
exits "but not load a policy" 4 drop sysadmin devmemctl load "$file"
exits "nor remove one" 4 drop sysadmin devmemctl remove rights
exits "another network namespace does not see the family" 3 drop netns devmemctl status
exits "root may" 0 load "$file"
granted_read 16
