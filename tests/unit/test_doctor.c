// SPDX-License-Identifier: GPL-2.0-or-later
/* What is found out about kernels, from files as kernels and distributions have them */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/doctor.h"
#include "scratch.h"

#define STOCK                                                                            \
	"#\n# Automatically generated file; DO NOT EDIT.\n#\nCONFIG_X86_64=y\n"          \
	"CONFIG_MODULES=y\nCONFIG_NET=y\nCONFIG_DEVMEM=y\nCONFIG_STRICT_DEVMEM=y\n"      \
	"CONFIG_IO_STRICT_DEVMEM=y\nCONFIG_KPROBES=y\nCONFIG_KRETPROBES=y\n"             \
	"CONFIG_SYSTEM_DATA_VERIFICATION=y\nCONFIG_CRYPTO_RSA=y\nCONFIG_CRYPTO_SHA256=y\n" \
	"CONFIG_CRYPTO_SHA512=m\nCONFIG_SECONDARY_TRUSTED_KEYRING=y\n"                   \
	"CONFIG_MODULE_UNLOAD=y\nCONFIG_AUDIT=y\nCONFIG_DYNAMIC_FTRACE=y\n"              \
	"CONFIG_EVENT_TRACING=y\n"

#define SYMBOLS                                                                          \
	"ffffffff810a0000 T devmem_is_allowed\nffffffff81700000 t read_mem\n"            \
	"ffffffff81700100 t write_mem\n"

static struct dmp_facts facts;
static struct dmp_diagnosis diagnosis;

static int forget(void **state)
{
	(void)state;
	dmp_facts_free(&facts);
	memset(&facts, 0, sizeof(facts));
	return 0;
}

static int read_config(const char *text)
{
	write_scratch("config", text, strlen(text));
	return dmp_facts_config(&facts, in_scratch("config"));
}

static void read_symbols(const char *text)
{
	write_scratch("symbols", text, strlen(text));
	assert_int_equal(dmp_facts_symbols(&facts, in_scratch("symbols")), 0);
}

static enum dmp_health examine(void)
{
	dmp_doctor_examine(&facts, &diagnosis);
	return diagnosis.worst;
}

static const struct dmp_finding *finding(const char *what)
{
	for (size_t i = 0; i < diagnosis.count; i++)
		if (!strcmp(diagnosis.findings[i].what, what))
			return &diagnosis.findings[i];
	fail_msg("nothing is said of %s", what);
	return NULL;
}

static void says(const char *what, enum dmp_health health, const char *text)
{
	const struct dmp_finding *found = finding(what);

	assert_int_equal(found->health, health);
	if (!strstr(found->text, text))
		fail_msg("%s: '%s' does not say '%s'", what, found->text, text);
}

static void test_stock_kernel(void **state)
{
	(void)state;
	assert_int_equal(read_config(STOCK), 0);
	read_symbols(SYMBOLS "ffffffff81700200 t mmap_mem\n");
	assert_int_equal(examine(), DMP_HEALTH_NOTE);
	says("CONFIG_STRICT_DEVMEM", DMP_HEALTH_OK, "");
	says("CONFIG_CRYPTO_SHA512", DMP_HEALTH_OK, "");
	says("mmap_mem", DMP_HEALTH_OK, "");
	says("range_is_allowed", DMP_HEALTH_NOTE, "inlined");
	assert_string_equal(dmp_diagnosis_sentence(&diagnosis),
			    "This kernel can run devmem-policy.");
}

/* Each necessary option, taken away, makes all the difference; others do not. */
static void test_each_option(void **state)
{
	static const struct {
		const char *line;
		enum dmp_health worst;
	} cases[] = {
		{ "CONFIG_MODULES=y\n", DMP_HEALTH_MISSING },
		{ "CONFIG_NET=y\n", DMP_HEALTH_MISSING },
		{ "CONFIG_DEVMEM=y\n", DMP_HEALTH_MISSING },
		{ "CONFIG_STRICT_DEVMEM=y\n", DMP_HEALTH_MISSING },
		{ "CONFIG_KPROBES=y\n", DMP_HEALTH_MISSING },
		{ "CONFIG_KRETPROBES=y\n", DMP_HEALTH_MISSING },
		{ "CONFIG_SYSTEM_DATA_VERIFICATION=y\n", DMP_HEALTH_MISSING },
		{ "CONFIG_CRYPTO_SHA256=y\n", DMP_HEALTH_MISSING },
		{ "CONFIG_IO_STRICT_DEVMEM=y\n", DMP_HEALTH_LIMIT },
		{ "CONFIG_AUDIT=y\n", DMP_HEALTH_LIMIT },
		{ "CONFIG_X86_64=y\n", DMP_HEALTH_LIMIT },
		{ "CONFIG_EVENT_TRACING=y\n", DMP_HEALTH_NOTE },
	};
	char text[sizeof(STOCK)];
	size_t length;
	char *at;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(text, STOCK);
		at = strstr(text, cases[i].line);
		assert_non_null(at);
		length = strlen(cases[i].line);
		memmove(at, at + length, strlen(at + length) + 1);
		assert_int_equal(read_config(text), 0);
		if (examine() != cases[i].worst)
			fail_msg("without %s", cases[i].line);
	}
}

/* IO_STRICT_DEVMEM is not STRICT_DEVMEM, and a comment is no option. */
static void test_names_are_whole(void **state)
{
	(void)state;
	assert_int_equal(read_config("\nCONFIG_IO_STRICT_DEVMEM=y\n"
				     "# CONFIG_STRICT_DEVMEM is not set\n"), 0);
	assert_int_equal(dmp_facts_option(&facts, "IO_STRICT_DEVMEM"), 'y');
	assert_int_equal(dmp_facts_option(&facts, "STRICT_DEVMEM"), 'n');
	assert_int_equal(dmp_facts_option(&facts, "IO_STRICT"), 'n');
}

static void test_config_gz(void **state)
{
	(void)state;
	write_scratch("plain", STOCK, strlen(STOCK));
	must_run("gzip -c plain > config.gz");
	assert_int_equal(dmp_facts_config(&facts, in_scratch("config.gz")), 0);
	assert_string_equal(facts.config, STOCK);
	must_run("head -c 60 config.gz > torn.gz");
	assert_int_not_equal(dmp_facts_config(&facts, in_scratch("torn.gz")), 0);
}

static void test_no_config(void **state)
{
	(void)state;
	assert_int_equal(dmp_facts_config(&facts, in_scratch("nowhere")), -ENOENT);
	assert_int_equal(read_config("root:x:0:0:root:/root:/bin/bash\n"), -EINVAL);
	assert_int_equal(read_config(""), -EINVAL);
	assert_int_equal(dmp_facts_option(&facts, "MODULES"), '?');
	assert_int_equal(examine(), DMP_HEALTH_UNKNOWN);
	says("configuration", DMP_HEALTH_UNKNOWN, "--config");
}

static void test_symbols(void **state)
{
	(void)state;
	assert_int_equal(read_config(STOCK), 0);
	read_symbols("ffffffffffffffff B The real System.map is elsewhere\n");
	assert_false(facts.symbols_known);
	examine();
	says("symbols", DMP_HEALTH_NOTE, "--symbols");

	read_symbols(SYMBOLS "0000000000000000 t mmap_mem\t[other]\n");
	assert_int_equal(examine(), DMP_HEALTH_MISSING);
	says("mmap_mem", DMP_HEALTH_MISSING, "no such function");

	read_symbols("ffffffff81700200 t mmap_mem_prepare\n"
		     "ffffffff81700300 t range_is_allowed.isra.0\n");
	assert_int_equal(examine(), DMP_HEALTH_OK);
	says("mmap_mem_prepare", DMP_HEALTH_OK, "");
	says("range_is_allowed", DMP_HEALTH_OK, "");
}

static void test_page_sizes(void **state)
{
	(void)state;
	assert_int_equal(read_config(STOCK "CONFIG_ARM64=y\nCONFIG_ARM64_64K_PAGES=y\n"), 0);
	examine();
	says("page size", DMP_HEALTH_NOTE, "64 KiB");
	assert_int_equal(read_config(STOCK "CONFIG_ARM64_16K_PAGES=y\n"), 0);
	examine();
	says("page size", DMP_HEALTH_NOTE, "16 KiB");
	assert_int_equal(read_config("\nCONFIG_S390=y\n"), 0);
	examine();
	says("architecture", DMP_HEALTH_MISSING, "s390");
}

static void make_host(const char *lockdown, const char *cmdline)
{
	must_run("rm -rf host; mkdir -p host/sys/kernel/security host/proc/sys/kernel host/dev");
	must_run("mkdir -p host/sys/kernel/debug/kprobes host/sys/module/module/parameters");
	must_run("touch host/dev/mem; echo 1 >host/proc/sys/kernel/ftrace_enabled");
	must_run("echo N >host/sys/module/module/parameters/sig_enforce");
	write_scratch("host/sys/kernel/security/lockdown", lockdown, strlen(lockdown));
	write_scratch("host/proc/cmdline", cmdline, strlen(cmdline));
}

static enum dmp_health examine_host(void)
{
	dmp_facts_running(&facts, in_scratch("host"));
	return examine();
}

static void test_running(void **state)
{
	(void)state;
	assert_int_equal(read_config(STOCK), 0);
	read_symbols(SYMBOLS "0 t mmap_mem\n0 t range_is_allowed\n");
	make_host("[none] integrity confidentiality\n", "root=/dev/vda\n");
	assert_int_equal(examine_host(), DMP_HEALTH_OK);

	must_run("echo Y >host/sys/module/module/parameters/sig_enforce");
	must_run("mkdir host/sys/module/devmem_policy");
	assert_int_equal(examine_host(), DMP_HEALTH_NOTE);
	says("module.sig_enforce", DMP_HEALTH_NOTE, "signed");
	says("devmem_policy", DMP_HEALTH_NOTE, "loaded");

	must_run("echo 0 >host/proc/sys/kernel/ftrace_enabled");
	assert_int_equal(examine_host(), DMP_HEALTH_LIMIT);
	says("probes", DMP_HEALTH_LIMIT, "ftrace_enabled");

	make_host("none [integrity] confidentiality\n", "iomem=relaxed\n");
	assert_int_equal(examine_host(), DMP_HEALTH_MISSING);
	says("lockdown", DMP_HEALTH_MISSING, "integrity");
	says("iomem=relaxed", DMP_HEALTH_LIMIT, "command line");

	make_host("", "");
	must_run("rm host/dev/mem");
	assert_int_equal(examine_host(), DMP_HEALTH_MISSING);
	says("/dev/mem", DMP_HEALTH_MISSING, "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_stock_kernel, forget),
		cmocka_unit_test_teardown(test_each_option, forget),
		cmocka_unit_test_teardown(test_names_are_whole, forget),
		cmocka_unit_test_teardown(test_config_gz, forget),
		cmocka_unit_test_teardown(test_no_config, forget),
		cmocka_unit_test_teardown(test_symbols, forget),
		cmocka_unit_test_teardown(test_page_sizes, forget),
		cmocka_unit_test_teardown(test_running, forget),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
