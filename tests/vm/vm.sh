# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# vm.sh: boot the test kernel; sourced by what is beside it and by tests/demo/run.
# DMP_KERNEL names one of tests/vm/kernels instead of the usual one, or DMP_VM_OWN a
# directory with a kernel of our own (vm_own_image).
#
# The guest has two serial ports: the first is the kernel's console, the second
# the result channel, which is QEMU's standard output here.

VM_DIR=build/vm${DMP_KERNEL:+/$DMP_KERNEL}
VM_IMAGE=$VM_DIR/initramfs.cpio
VM_FETCHED=$VM_DIR/kernel # the two words of tests/vm/fetch-kernel, by build-image

# vm_architecture: of the kernel
vm_architecture() {
	[ -z "${DMP_KERNEL:-}" ] || awk -v name="$DMP_KERNEL" '$1 == name { print $3 }' tests/vm/kernels
}
VM_ARCHITECTURE=$(vm_architecture)

# A page range outside of system RAM, for what a driver may claim. The guest has
# 512 MiB, of which the kernel leaves this one alone.
VM_CLAIM=0x1e000000
VM_LEAVE="memmap=1M\$$VM_CLAIM"
if [ "$VM_ARCHITECTURE" = arm64 ]; then
	VM_CLAIM=0x5ff00000
	VM_LEAVE=mem=511M
fi

# What one machine may have that another has not
VM_MEMORY=512 # MiB
VM_OPTIONS=() # more of QEMU's options: disks
VM_COUNTED=0 # 1: one processor, whose clock counts instructions
VM_KERNEL=   # its file, if it is not the one of fetch-kernel
if [ -n "${DMP_VM_OWN:-}" ]; then
	VM_IMAGE=$DMP_VM_OWN/initramfs.cpio
	VM_KERNEL=$DMP_VM_OWN/vmlinuz
fi

# Messages after which a run is a failure, whatever the tests said.
VM_BAD_LOG='BUG[: ]|WARNING:|Oops|Kernel panic|Call Trace|general protection|soft lockup'
VM_BAD_LOG+='|hung_task|blocked for more than|rcu: INFO|lockdep|KASAN|UBSAN|refcount_t'
VM_BAD_LOG+='|KCSAN|ODEBUG|kmemleak: |possible .*(lock|dependency)|suspicious RCU|sleeping function'

# vm_accelerator: TCG, unless KVM was asked for and can be opened. A /dev/kvm
# that exists may still hang a guest, so it is never taken unasked. Both processors
# of the guest run in one thread: with one each, QEMU 7.2 loses track of code that
# one of them patches while the other runs it, which is what arming a probe does.
# An arm64 processor has to know pages of 16 KiB, which is not a matter of course.
vm_accelerator() {
	if [ "$VM_ARCHITECTURE" = arm64 ]; then
		echo "-accel tcg,thread=single -cpu cortex-a76 -smp 2"
	elif [ "$VM_COUNTED" = 1 ]; then
		echo "-accel tcg,thread=single -cpu max -icount shift=0,sleep=off -smp 1"
	elif [ "${DMP_KVM:-0}" = 1 ] && [ -w /dev/kvm ]; then
		echo "-accel kvm -cpu host -smp 2"
	else
		echo "-accel tcg,thread=single -cpu max -smp 2"
	fi
}

# vm_new_disk FILE SIZE: an empty ext4 file system for the guest. What the guest has
# written and not flushed is lost when QEMU is killed: the image grows as it is
# written to, and QEMU writes down where things are only at a flush.
vm_new_disk() {
	rm -f "$1" "$1.raw"
	truncate -s "$2" "$1.raw"
	mkfs.ext4 -q -F "$1.raw"
	qemu-img convert -f raw -O qcow2 "$1.raw" "$1"
	rm "$1.raw"
}

# vm_disk FILE: options for a disk that vm_new_disk made. Where instructions are counted
# nobody waits for the disk of this machine: time would pass there meanwhile.
vm_disk() {
	local cache=writeback
	[ "$VM_COUNTED" = 0 ] || cache=unsafe
	echo "-drive file=$1,format=qcow2,if=virtio,cache=$cache,l2-cache-size=8M"
}

# vm_machine CONSOLE: QEMU with the ports of a machine. The virtual board for arm64 has
# but one serial port; the result channel is a PCI card there.
vm_machine() {
	if [ "$VM_ARCHITECTURE" = arm64 ]; then
		echo "qemu-system-aarch64 -machine virt -serial $1 -chardev stdio,id=results"
		echo "-device pci-serial,chardev=results"
	else
		echo "qemu-system-x86_64 -machine pc -serial $1 -serial stdio"
	fi
}

# vm_ports: what the guest calls its console and its result channel
vm_ports() {
	if [ "$VM_ARCHITECTURE" = arm64 ]; then
		echo "console=ttyAMA0 dmp.results=ttyS0"
	else
		echo "console=ttyS0 dmp.results=ttyS1"
	fi
}

# A busy machine may keep the guest from its timer's first ticks: no_timer_check.
#
# There is a PCI device that no driver wants, with 1 MiB of memory in its third
# register (ivshmem-plain), whose mappings can be told apart by their text.
#
# vm_boot CONSOLE SECONDS WORDS: boot with WORDS added to the kernel's command
# line, console output to the file CONSOLE, for at most SECONDS. DMP_VM_APPEND adds
# more words, such as slub_debug=FZPU.
vm_boot() {
	local console=$1 seconds=$2 words=$3 kernel
	read -r kernel _ <"$VM_FETCHED" || return 1
	# shellcheck disable=SC2046 # machine and accelerator are several words
	timeout --foreground --kill-after=5 "$seconds" $(vm_machine "$console") \
		$(vm_accelerator) -m "$VM_MEMORY" \
		-display none -monitor none -no-reboot -nodefaults \
		-object memory-backend-ram,id=window,size=1M -device ivshmem-plain,memdev=window \
		-kernel "${VM_KERNEL:-$kernel/vmlinuz}" -initrd "$VM_IMAGE" "${VM_OPTIONS[@]}" \
		-append "$(vm_ports) loglevel=5 panic=-1 panic_on_warn=1 oops=panic no_timer_check \
$VM_LEAVE dmp.claim=$VM_CLAIM $words ${DMP_VM_APPEND:-}"
}

# vm_boot_debian CONSOLE SECONDS WORDS: the same kernel with a Debian, systemd and all,
# whose root file system is as new each time. It runs the cases that WORDS name, as
# the other guest does (tests/vm/guest/debian). A disk in VM_OPTIONS is its /var/log.
vm_boot_debian() {
	local image
	image=$(tests/vm/build-debian) || return 1
	local VM_OPTIONS=(-drive "file=$image,format=qcow2,if=virtio,snapshot=on" "${VM_OPTIONS[@]}")
	vm_boot "$1" "$2" "$3 dmp.debian=1"
}

# vm_own_image DIRECTORY: make the image for a kernel of our own (own-root): the usual one
# with what is in DIRECTORY/root on top
vm_own_image() {
	(cd "$1/root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) |
		cat "$VM_IMAGE" - >"$1/initramfs.cpio"
}

# vm_log_is_clean FILE: print the lines that a clean log does not have
vm_log_is_clean() {
	! grep -anE "$VM_BAD_LOG" "$1"
}
