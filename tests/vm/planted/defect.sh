# SPDX-License-Identifier: GPL-2.0-or-later
# Plants the defect that the kernel's command line names (dmp.defect). All that is
# checked here is ok: what turns red is the log, on a kernel that looks for it.
insmod /modules/dmp_planted.ko defect="$(tr ' ' '\n' </proc/cmdline | sed -n 's/^dmp.defect=//p')" ||
	die "the defect is planted"
pass "the defect is planted"
