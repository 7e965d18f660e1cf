// SPDX-License-Identifier: GPL-2.0-or-later
#include "facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "auditor.h"

/* Ten times what any configuration has */
#define CONFIG_BYTES_MAX (4u << 20)

static const char *const names[DMP_SYMBOL_COUNT] = {
	[DMP_SYMBOL_PAGE] = "devmem_is_allowed",
	[DMP_SYMBOL_RANGE] = "range_is_allowed",
	[DMP_SYMBOL_READ] = "read_mem",
	[DMP_SYMBOL_WRITE] = "write_mem",
	[DMP_SYMBOL_MMAP] = "mmap_mem",
	[DMP_SYMBOL_MMAP_PREPARE] = "mmap_mem_prepare",
};

const char *dmp_facts_symbol_name(enum dmp_symbol symbol)
{
	return names[symbol];
}

/* --- configuration ---------------------------------------------------------- */

/* zlib reads what is not compressed as it is. Return: bytes, or -errno. */
static int read_compressed(const char *path, char *text, unsigned int room)
{
	gzFile file;
	int got, end;

	errno = ENOMEM;
	file = gzopen(path, "rbe");
	if (!file)
		return -errno;
	errno = 0;
	got = gzread(file, text, room);
	end = errno;
	gzclose(file);
	if (got < 0)
		return end ? -end : -EINVAL;
	return got;
}

int dmp_facts_config(struct dmp_facts *facts, const char *path)
{
	char *text = malloc(CONFIG_BYTES_MAX + 1);
	int length, ret = 0;

	if (!text)
		return -ENOMEM;
	length = read_compressed(path, text, CONFIG_BYTES_MAX);
	if (length < 0)
		ret = length;
	else if (length == CONFIG_BYTES_MAX)
		ret = -EFBIG;
	else
		text[length] = '\0';
	if (!ret && (strlen(text) != (size_t)length || !strstr(text, "\nCONFIG_")))
		ret = -EINVAL;
	if (ret) {
		free(text);
		return ret;
	}
	free(facts->config);
	facts->config = text;
	return 0;
}

char dmp_facts_option(const struct dmp_facts *facts, const char *name)
{
	char wanted[80];
	const char *at;

	if (!facts->config)
		return '?';
	snprintf(wanted, sizeof(wanted), "\nCONFIG_%s=", name);
	at = strstr(facts->config, wanted);
	if (!at)
		return 'n';
	at += strlen(wanted);
	return *at == 'm' ? 'm' : 'y';
}

/* --- symbols ---------------------------------------------------------------- */

/* Compilers call what they have changed NAME.isra.0, NAME.constprop.0 and so on. */
static bool is_symbol(const char *text, enum dmp_symbol symbol)
{
	size_t length = strlen(names[symbol]);

	if (strncmp(text, names[symbol], length))
		return false;
	return !text[length] || (text[length] == '.' && symbol == DMP_SYMBOL_RANGE);
}

/* "ffffffff81000000 T name", and for symbols of modules "\t[module]" */
static bool take_symbol(struct dmp_facts *facts, const char *line)
{
	char type, name[128];
	int end = 0;

	if (sscanf(line, "%*x %c %127s%n", &type, name, &end) != 2 ||
	    strchr(line + end, '[') || !strchr("tTwW", type))
		return false;
	for (int i = 0; i < DMP_SYMBOL_COUNT; i++)
		if (is_symbol(name, (enum dmp_symbol)i))
			facts->symbols[i] = true;
	return true;
}

int dmp_facts_symbols(struct dmp_facts *facts, const char *path)
{
	char line[1024];
	FILE *file = fopen(path, "re");
	int ret;

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		if (take_symbol(facts, line))
			facts->symbols_known = true;
	ret = ferror(file) ? -EIO : 0;
	fclose(file);
	return ret;
}

/* --- the running kernel ----------------------------------------------------- */

static const char *below(const char *root, const char *path, char *full, size_t size)
{
	snprintf(full, size, "%s%s", root, path);
	return full;
}

/* The beginning of a file, or "" */
static void read_text(const char *root, const char *path, char *text, size_t size)
{
	char full[512];
	FILE *file = fopen(below(root, path, full, sizeof(full)), "re");
	size_t got = 0;

	if (file) {
		got = fread(text, 1, size - 1, file);
		fclose(file);
	}
	text[got] = '\0';
}

static bool exists(const char *root, const char *path)
{
	char full[512];

	return !access(below(root, path, full, sizeof(full)), F_OK);
}

/* "none [integrity] confidentiality": the brackets mark what is in force. */
static enum dmp_lockdown read_lockdown(const char *root)
{
	char text[128];

	read_text(root, "/sys/kernel/security/lockdown", text, sizeof(text));
	if (strstr(text, "[integrity]"))
		return DMP_LOCKDOWN_INTEGRITY;
	if (strstr(text, "[confidentiality]"))
		return DMP_LOCKDOWN_CONFIDENTIALITY;
	return DMP_LOCKDOWN_NONE;
}

void dmp_facts_running(struct dmp_facts *facts, const char *root)
{
	char text[4096], ftrace[512], kprobes[512];

	facts->running = true;
	facts->lockdown = read_lockdown(root);
	read_text(root, "/sys/module/module/parameters/sig_enforce", text, sizeof(text));
	facts->signed_modules_only = text[0] == 'Y';
	facts->device = exists(root, "/dev/mem");
	facts->loaded = exists(root, "/sys/module/devmem_policy");
	read_text(root, "/proc/cmdline", text, sizeof(text));
	facts->relaxed = strstr(text, "iomem=relaxed");
	facts->page_bytes = (unsigned long)sysconf(_SC_PAGESIZE);
	dmp_probe_switches(below(root, DMP_FTRACE_SWITCH, ftrace, sizeof(ftrace)),
			   below(root, DMP_KPROBES_SWITCH, kprobes, sizeof(kprobes)),
			   facts->silenced_by, sizeof(facts->silenced_by));
}

void dmp_facts_free(struct dmp_facts *facts)
{
	free(facts->config);
	facts->config = NULL;
}
