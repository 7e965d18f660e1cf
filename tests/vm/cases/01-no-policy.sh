# SPDX-License-Identifier: GPL-2.0-or-later
# Without a policy everything is as the kernel has it: reserved RAM is closed.
denied_read 16
denied_map 16
start_module
denied_read 16
denied_write 16
denied_map 16
is "the module grants nothing on its own" 0 "$(status .counters.granted_pages)"
start_daemon
wait_for_daemon
denied_read 16
denied_map 16 r
mem "kernel code is denied" "read: EPERM" read "$(kernel_text)" $PAGE
recorded "the denied read is in the log" \
	'.kind == "denial" and .operation == "read" and .reason == "no-rule" and .error == "EPERM"'
recorded "the denied mapping is in the log" \
	'.kind == "denial" and .operation == "mmap-read"'
