# SPDX-License-Identifier: GPL-2.0-or-later
# kernel.ftrace_enabled=0 silences probes without an error. Nobody can do it
# while the module is there, and the module does not load when it is done. From 7.3
# nobody can do it at all.
if ! echo 0 >/proc/sys/kernel/ftrace_enabled 2>why; then
	grep -qi "not supported" why && skip "this kernel does not turn ftrace off"
	die "the switch works without the module"
fi
matches "the module does not load while ftrace is off" "busy" "$(load_module 2>&1)"
matches "the kernel's log names the switch" "kernel.ftrace_enabled" "$(kernel_log)"
echo 1 >/proc/sys/kernel/ftrace_enabled
ready
load "$(allow switch 1 16 16)"
granted_read 16
exits "the switch is locked while the module is loaded" 1 sh -c 'echo 0 >/proc/sys/kernel/ftrace_enabled'
said "with EBUSY" "busy"
granted_read 16
