// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const words[] = {
	[DMP_HEALTH_OK] = "ok",
	[DMP_HEALTH_NOTE] = "note",
	[DMP_HEALTH_LIMIT] = "limit",
	[DMP_HEALTH_UNKNOWN] = "unknown",
	[DMP_HEALTH_MISSING] = "missing",
};

static const char *const sentences[] = {
	[DMP_HEALTH_OK] = "This kernel can run devmem-policy.",
	[DMP_HEALTH_NOTE] = "This kernel can run devmem-policy.",
	[DMP_HEALTH_LIMIT] = "This kernel can run devmem-policy, with limits.",
	[DMP_HEALTH_UNKNOWN] =
		"Too little is known to tell whether this kernel can run devmem-policy.",
	[DMP_HEALTH_MISSING] = "This kernel cannot run devmem-policy.",
};

const char *dmp_health_word(enum dmp_health health)
{
	return words[health];
}

const char *dmp_diagnosis_sentence(const struct dmp_diagnosis *diagnosis)
{
	return sentences[diagnosis->worst];
}

/* --- findings --------------------------------------------------------------- */

static void find(struct dmp_diagnosis *diagnosis, enum dmp_health health,
		 const char *what, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void find(struct dmp_diagnosis *diagnosis, enum dmp_health health,
		 const char *what, const char *format, ...)
{
	struct dmp_finding *finding;
	va_list arguments;

	if (health > diagnosis->worst)
		diagnosis->worst = health;
	if (diagnosis->count == DMP_FINDINGS_MAX)
		return;
	finding = &diagnosis->findings[diagnosis->count++];
	finding->health = health;
	snprintf(finding->what, sizeof(finding->what), "%s", what);
	va_start(arguments, format);
	vsnprintf(finding->text, sizeof(finding->text), format, arguments);
	va_end(arguments);
}

static void find_ok(struct dmp_diagnosis *diagnosis, const char *what)
{
	find(diagnosis, DMP_HEALTH_OK, what, "%s", "");
}

/* --- options ---------------------------------------------------------------- */

/* An option, what is lost without it, and how bad that is. */
static const struct option {
	const char *name;
	enum dmp_health without;
	const char *loss;
} options[] = {
	{ "MODULES", DMP_HEALTH_MISSING, "no module can be loaded" },
	{ "NET", DMP_HEALTH_MISSING, "there is no netlink to register policies with" },
	{ "DEVMEM", DMP_HEALTH_MISSING,
	  "there is no /dev/mem: nothing to open, and nothing to protect" },
	{ "STRICT_DEVMEM", DMP_HEALTH_MISSING,
	  "the kernel never asks: all of /dev/mem is open, and nothing can be decided" },
	{ "KPROBES", DMP_HEALTH_MISSING, "no function can be probed" },
	{ "KRETPROBES", DMP_HEALTH_MISSING, "no return value can be decided" },
	{ "SYSTEM_DATA_VERIFICATION", DMP_HEALTH_MISSING,
	  "the kernel cannot verify the signature of a policy" },
	{ "CRYPTO_RSA", DMP_HEALTH_MISSING,
	  "the kernel cannot verify the signature of a policy" },
	{ "CRYPTO_SHA256", DMP_HEALTH_MISSING,
	  "the kernel cannot verify the signature of a policy" },
	{ "CRYPTO_SHA512", DMP_HEALTH_NOTE, "policies have to be signed with SHA-256" },
	{ "SECONDARY_TRUSTED_KEYRING", DMP_HEALTH_NOTE,
	  "trust=kernel knows only the keys that are built into the kernel" },
	{ "IO_STRICT_DEVMEM", DMP_HEALTH_LIMIT,
	  "MMIO that a driver has claimed is open as well; only a policy closes it" },
	{ "MODULE_UNLOAD", DMP_HEALTH_LIMIT, "the module stays until the machine starts anew" },
	{ "AUDIT", DMP_HEALTH_LIMIT,
	  "records have no auid and session, and there is no audit_mirror" },
	{ "DYNAMIC_FTRACE", DMP_HEALTH_LIMIT,
	  "probes that are switched off are noticed at the next heartbeat only" },
	{ "EVENT_TRACING", DMP_HEALTH_NOTE, "there is no trace event of decisions" },
};

static void check_option(const struct dmp_facts *facts, const struct option *option,
			 struct dmp_diagnosis *diagnosis)
{
	char value = dmp_facts_option(facts, option->name);
	char what[48];

	snprintf(what, sizeof(what), "CONFIG_%s", option->name);
	if (value == 'n')
		find(diagnosis, option->without, what, "%s", option->loss);
	else
		find_ok(diagnosis, what);
}

/* One finding for all that is unknown together. */
static void check_options(const struct dmp_facts *facts, struct dmp_diagnosis *diagnosis)
{
	if (!facts->config) {
		find(diagnosis, DMP_HEALTH_UNKNOWN, "configuration",
		     "not found: name it with --config (as /boot/config-RELEASE)");
		return;
	}
	for (size_t i = 0; i < COUNT(options); i++)
		check_option(facts, &options[i], diagnosis);
	if (dmp_facts_option(facts, "MODULE_SIG_FORCE") == 'y')
		find(diagnosis, DMP_HEALTH_NOTE, "CONFIG_MODULE_SIG_FORCE",
		     "the module has to be signed with a key that this kernel trusts");
}

static void check_architecture(const struct dmp_facts *facts, struct dmp_diagnosis *diagnosis)
{
	if (!facts->config)
		return;
	if (dmp_facts_option(facts, "X86_64") == 'y' || dmp_facts_option(facts, "ARM64") == 'y')
		find_ok(diagnosis, "architecture");
	else if (dmp_facts_option(facts, "S390") == 'y')
		find(diagnosis, DMP_HEALTH_MISSING, "architecture",
		     "s390 answers devmem_is_allowed() inline: there is no function to probe");
	else
		find(diagnosis, DMP_HEALTH_LIMIT, "architecture",
		     "tested on x86_64 and arm64 only");
}

/* Those that are larger than the usual ones say so in the configuration. */
static unsigned long page_kib(const struct dmp_facts *facts)
{
	if (facts->running)
		return facts->page_bytes / 1024;
	if (dmp_facts_option(facts, "ARM64_64K_PAGES") == 'y')
		return 64;
	return dmp_facts_option(facts, "ARM64_16K_PAGES") == 'y' ? 16 : 4;
}

static void check_page_size(const struct dmp_facts *facts, struct dmp_diagnosis *diagnosis)
{
	unsigned long kib = page_kib(facts);

	if (!facts->running && !facts->config)
		return;
	if (kib > 4)
		find(diagnosis, DMP_HEALTH_NOTE, "page size",
		     "%lu KiB: ranges of rules must begin and end at multiples of it", kib);
	else
		find_ok(diagnosis, "page size");
}

/* --- symbols ---------------------------------------------------------------- */

static void check_symbol(bool there, const char *name, struct dmp_diagnosis *diagnosis)
{
	if (there)
		find_ok(diagnosis, name);
	else
		find(diagnosis, DMP_HEALTH_MISSING, name,
		     "there is no such function to probe: it was inlined, or renamed by a kernel that is newer than this version knows");
}

static void check_symbols(const struct dmp_facts *facts, struct dmp_diagnosis *diagnosis)
{
	static const enum dmp_symbol required[] = {
		DMP_SYMBOL_PAGE, DMP_SYMBOL_READ, DMP_SYMBOL_WRITE,
	};
	const bool *there = facts->symbols;

	if (!facts->symbols_known) {
		find(diagnosis, DMP_HEALTH_NOTE, "symbols",
		     "unknown: name a System.map with --symbols; the module says at loading what it cannot probe");
		return;
	}
	for (size_t i = 0; i < COUNT(required); i++)
		check_symbol(there[required[i]], dmp_facts_symbol_name(required[i]), diagnosis);
	check_symbol(there[DMP_SYMBOL_MMAP] || there[DMP_SYMBOL_MMAP_PREPARE],
		     there[DMP_SYMBOL_MMAP_PREPARE] ? "mmap_mem_prepare" : "mmap_mem", diagnosis);
	if (there[DMP_SYMBOL_RANGE])
		find_ok(diagnosis, "range_is_allowed");
	else
		find(diagnosis, DMP_HEALTH_NOTE, "range_is_allowed",
		     "inlined, as on all stock kernels: the other probes decide alone");
}

/* --- the running kernel ----------------------------------------------------- */

static void check_access(const struct dmp_facts *facts, struct dmp_diagnosis *diagnosis)
{
	if (facts->lockdown != DMP_LOCKDOWN_NONE)
		find(diagnosis, DMP_HEALTH_MISSING, "lockdown",
		     "%s: the kernel refuses to open /dev/mem to anybody, and this module leaves that alone",
		     facts->lockdown == DMP_LOCKDOWN_INTEGRITY ? "integrity" : "confidentiality");
	else
		find_ok(diagnosis, "lockdown");
	if (!facts->device)
		find(diagnosis, DMP_HEALTH_MISSING, "/dev/mem", "there is none");
	else
		find_ok(diagnosis, "/dev/mem");
	if (facts->relaxed)
		find(diagnosis, DMP_HEALTH_LIMIT, "iomem=relaxed",
		     "MMIO that a driver has claimed is open as well: take it off the command line");
}

static void check_running(const struct dmp_facts *facts, struct dmp_diagnosis *diagnosis)
{
	if (!facts->running)
		return;
	check_access(facts, diagnosis);
	if (facts->signed_modules_only && dmp_facts_option(facts, "MODULE_SIG_FORCE") != 'y')
		find(diagnosis, DMP_HEALTH_NOTE, "module.sig_enforce",
		     "the module has to be signed with a key that this kernel trusts");
	if (facts->silenced_by[0])
		find(diagnosis, DMP_HEALTH_LIMIT, "probes",
		     "switched off, so nothing would be granted: %s", facts->silenced_by);
	if (facts->loaded)
		find(diagnosis, DMP_HEALTH_NOTE, "devmem_policy",
		     "is loaded: 'devmemctl status' says more");
}

void dmp_doctor_examine(const struct dmp_facts *facts, struct dmp_diagnosis *diagnosis)
{
	memset(diagnosis, 0, sizeof(*diagnosis));
	check_options(facts, diagnosis);
	check_architecture(facts, diagnosis);
	check_page_size(facts, diagnosis);
	check_symbols(facts, diagnosis);
	check_running(facts, diagnosis);
}
