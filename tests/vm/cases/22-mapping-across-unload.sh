# SPDX-License-Identifier: GPL-2.0-or-later
# Unloading the module takes granted mappings along.
ready
load "$(allow held 1 16 16)"
client_start
client_is "a mapping" "mmap: ok" mmap "$(page 16)" $PAGE rw
exits "the module can be unloaded meanwhile" 0 unload_module
client_is "the mapping is gone" "peek: SIGBUS" peek 0
client_is "and cannot be made again" "mmap: EPERM" mmap "$(page 16)" $PAGE rw
exits "devmemctl says that the module is not loaded" 3 devmemctl status
said "in words" "not loaded"
