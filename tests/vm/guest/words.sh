# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# words.sh: what the kernel's command line tells the guest; sourced where its results
# begin, which go to the port dmp.results from here on.

# word NAME: the value of NAME= on the kernel's command line
word() { tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p"; }

export DMP_CLAIM="$(word dmp.claim)" DMP_VARIANT="$(word dmp.variant)"
export DMP_SUITE="$(word dmp.suite)" DMP_CASE_SECONDS="$(word dmp.seconds)"
export DMP_SLOW="$(word dmp.slow)"
results=/dev/$(word dmp.results)
stty -F "$results" raw -echo
exec >"$results" 2>&1
