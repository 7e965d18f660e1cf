# SPDX-License-Identifier: GPL-2.0-or-later
#
# make help says what there is. Everything that is built goes under build/, and
# nothing here touches the running kernel but "make install", which only copies.

VERSION := 0.1.0
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
UNITDIR ?= $(PREFIX)/lib/systemd/system
INSTALL ?= install

# The kernel that "make module" and "make install" build for. The tests use the
# kernel that tests/vm/fetch-kernel names instead, whatever runs on this machine.
KDIR ?= /lib/modules/$(shell uname -r)/build

# Certificates (PEM or DER) that the module shall trust; a development key is
# made when there are none.
POLICY_CERTS ?=

B := build/user
# V=1 shows commands in full.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-4s %s\n' $(1) $@)
export VERSION POLICY_CERTS

# --- programs ---------------------------------------------------------------

PKGS := jansson libnl-3.0 libnl-genl-3.0 libcrypto zlib
PKG_CPPFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

DMP_CPPFLAGS := -Iinclude -Iinclude/uapi -I. -D_GNU_SOURCE -D_FORTIFY_SOURCE=2 \
	-DDMP_VERSION='"$(VERSION)"' $(PKG_CPPFLAGS)
DMP_CFLAGS := -std=gnu11 -O2 -g -fPIE -fstack-protector-strong -Wall -Wextra \
	-Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Werror
DMP_LDFLAGS := -pie -pthread -Wl,-z,relro,-z,now

PROGRAMS := devmemd devmemctl
POLICY_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard policy/*.c))
DAEMON_OBJS := $(patsubst %.c,$(B)/%.o,$(filter-out \
	$(PROGRAMS:%=daemon/%.c),$(wildcard daemon/*.c)))
UNIT_TESTS := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
VM_PROGRAMS := $(patsubst %.c,$(B)/%,$(wildcard tests/vm/programs/*.c))
VM_PRELOADS := $(patsubst %.c,$(B)/%.so,$(wildcard tests/vm/preload/*.c))
MEMTOOL_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/vm/memtool/*.c))
ARCHIVES := $(B)/libdmp-daemon.a $(B)/libdmp-policy.a
# A program appears when its source does.
BUILT_PROGRAMS := $(patsubst daemon/%.c,$(B)/%,$(wildcard $(PROGRAMS:%=daemon/%.c)))

.PHONY: all user module check-config check check-unit check-log check-vm check-control check-audit \
	check-kernels check-refusals check-debug check-dkms compare bench demo vm-shell \
	run-unit vm-image vm-programs build-image lint deps install dkms-install dkms-remove \
	clean help policy daemon tests include FORCE

all: user module ## the programs and the module for this host

user: $(ARCHIVES) $(BUILT_PROGRAMS) ## devmemd, devmemctl and their libraries

$(B)/libdmp-policy.a: $(POLICY_OBJS)
$(B)/libdmp-daemon.a: $(DAEMON_OBJS)
$(B)/libmemtool.a: $(MEMTOOL_OBJS)
$(ARCHIVES) $(B)/libmemtool.a:
	$(call say,AR)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $^

# Flags are part of what an object depends on.
$(B)/flags: FORCE
	@echo '$(CC) $(subst ','\'',$(DMP_CPPFLAGS) $(DMP_CFLAGS) $(CPPFLAGS) $(CFLAGS))' | \
		.build/update-file $@

$(B)/%.o: %.c $(B)/flags
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(DMP_CPPFLAGS) $(CPPFLAGS) $(DMP_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

LINK = $(CC) $(DMP_LDFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(ARCHIVES)

$(BUILT_PROGRAMS): $(B)/%: $(B)/daemon/%.o $(ARCHIVES)
	$(call say,LD)
	$(Q)$(LINK) $(PKG_LIBS)

$(UNIT_TESTS): $(B)/%: $(B)/%.o $(ARCHIVES)
	$(call say,LD)
	$(Q)$(LINK) -lcmocka $(PKG_LIBS)

$(VM_PROGRAMS): $(B)/%: $(B)/%.o $(B)/libmemtool.a $(ARCHIVES)
	$(call say,LD)
	$(Q)$(LINK) $(B)/libmemtool.a $(PKG_LIBS)

$(VM_PRELOADS:.so=.o): DMP_CFLAGS += -fPIC
$(VM_PRELOADS): $(B)/%.so: $(B)/%.o
	$(call say,LD)
	$(Q)$(CC) -shared $(LDFLAGS) -o $@ $<

# The model of the decision, and what tests of several kinds make of it
MODEL_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/decision_*.c))
$(B)/tests/unit/test_ruling $(B)/tests/unit/test_decision_table: $(MODEL_OBJS)
$(B)/tests/vm/programs/decide: $(MODEL_OBJS)

# Logs, and what may be done to them
$(B)/tests/log/mutate: $(B)/%: $(B)/%.o $(B)/tests/log/make_log.o $(B)/tests/log/change_log.o \
		$(ARCHIVES)
	$(call say,LD)
	$(Q)$(LINK) $(PKG_LIBS)

.SECONDARY:
FORCE:
-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- module -----------------------------------------------------------------

module: ## devmem_policy.ko for this host (KDIR=, POLICY_CERTS="a.pem b.der")
	+.build/build-module $(KDIR) plain

check-config: user ## can a kernel run this? (KERNEL=configuration, build tree or release)
	@.build/check-config $(KERNEL)

# --- tests ------------------------------------------------------------------

check: deps ## unit tests, VM cases and the negative control
	+@.ci/check

# What is built with packages that deps may bring needs a make that sees them.
check-unit: deps ## unit tests only
	+@$(MAKE) --no-print-directory run-unit

run-unit: $(UNIT_TESTS)
	@.ci/check-unit $(UNIT_TESTS)

check-log: deps ## 105,000 changed logs, none taken for intact (LOGS=, CHANGES=, SEED=)
	+@$(MAKE) --no-print-directory $(B)/tests/log/mutate
	@tests/log/check $(B)/tests/log/mutate

check-vm: vm-image ## cases on a real kernel in QEMU (CASE=name runs one)
	@tests/vm/check $(CASE)

check-control: vm-image ## the same with an inverted decision, which must fail
	@tests/vm/check-control

check-audit: vm-image ## the audit path under kills, power cuts, full disks, floods
	@tests/vm/check-audit

check-kernels: deps ## the cases on all of tests/vm/kernels (KERNEL=name runs one; CASE=name)
	@.build/deps qemu-system-arm
	+@$(MAKE) --no-print-directory vm-programs
	+@CASE='$(CASE)' tests/vm/check-kernels $(KERNEL)

check-refusals: deps ## kernels that the module is not for, and what is said of them
	+@$(MAKE) --no-print-directory user
	@tests/vm/check-refusals

check-debug: deps ## the cases under KASAN, lockdep, KCSAN and more (CASE=name, or planted)
	+@$(MAKE) --no-print-directory vm-programs
	@tests/vm/check-debug $(CASE)

check-dkms: deps ## DKMS with two kernels, and one that it must skip, in a chroot
	@tests/dkms/check

compare: vm-image ## what is reachable, under which protection: measured, judged, drawn
	+@tests/compare/run $(CONFIGURATION)

bench: vm-image ## what it costs in instructions, against a bare kretprobe (KEEP=keep: for later runs)
	+@tests/bench/run $(KEEP)

check-audit-%: vm-image
	@tests/vm/check-audit $*

vm-image: deps
	+@$(MAKE) --no-print-directory build-image

build-image: vm-programs
	+@tests/vm/build-image

vm-programs: user $(VM_PROGRAMS) $(VM_PRELOADS)

vm-shell: vm-image ## a shell on that kernel, with everything there
	@tests/vm/shell

demo: deps ## one granted buffer and what stays closed, step by step
	+@tests/demo/run

lint: deps ## checkpatch, sparse, W=1, shellcheck, cppcheck
	+@.ci/lint

deps: ## install the Debian packages that are missing (DEPS=skip: only tell)
	@.build/deps

# --- installation -----------------------------------------------------------

install: user module ## module, programs, man pages, unit (DESTDIR=, PREFIX=)
	@INSTALL='$(INSTALL)' SBINDIR='$(SBINDIR)' MANDIR='$(MANDIR)' \
		UNITDIR='$(UNITDIR)' .build/install $(KDIR)

dkms-install: ## sources for DKMS, built and installed (KERNEL=release, POLICY_CERTS=, DESTDIR=)
	@INSTALL='$(INSTALL)' .build/dkms install $(KERNEL)

dkms-remove: ## the opposite, for all kernels
	@.build/dkms remove

clean: ## remove what was built; keep downloads and the development key
	rm -rf build/user build/user-* build/module build/vm build/results build/demo \
		build/dkms build/compare build/bench

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## */\1\t/p' Makefile | expand -t 16
