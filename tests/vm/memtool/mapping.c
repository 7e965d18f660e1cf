// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mapping.c - one mapping of the descriptor, and what can be done to it
 */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* What was at the place of a mapping that is made with "fixed". */
#define OCCUPANT 'o'

static int protection(const char *text)
{
	int prot = PROT_NONE;

	if (strchr(text, 'r'))
		prot |= PROT_READ;
	if (strchr(text, 'w'))
		prot |= PROT_WRITE;
	if (strchr(text, 'x'))
		prot |= PROT_EXEC;
	return prot;
}

static char *occupied_place(size_t bytes)
{
	char *place = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (place == MAP_FAILED)
		return NULL;
	memset(place, OCCUPANT, bytes);
	return place;
}

static void let_go(void)
{
	if (mapping)
		munmap(mapping, mapping_bytes);
	mapping = NULL;
	mapping_bytes = 0;
}

static int do_mmap(int count, char **words)
{
	const char *how = count > 4 ? words[4] : "shared";
	int flags = strcmp(how, "private") ? MAP_SHARED : MAP_PRIVATE;
	void *address;

	if (count < 4)
		return usage_error("mmap");
	let_go();
	if (!strcmp(how, "fixed")) {
		mapping = occupied_place(number(words[2]));
		if (!mapping)
			return failed("place");
		mapping_bytes = number(words[2]);
		flags |= MAP_FIXED;
	}
	address = mmap(mapping, number(words[2]), protection(words[3]), flags, mem_fd,
		       (off_t)number(words[1]));
	if (address == MAP_FAILED)
		return failed("mmap");
	mapping = address;
	mapping_bytes = number(words[2]);
	puts("mmap: ok");
	return 0;
}

static int do_munmap(int count, char **words)
{
	(void)count;
	(void)words;
	let_go();
	puts("munmap: ok");
	return 0;
}

static int do_peek(int count, char **words)
{
	char line[MEMTOOL_TEXT];

	if (count != 2 || number(words[1]) + MEMTOOL_TEXT > mapping_bytes)
		return usage_error("peek");
	memcpy(line, mapping + number(words[1]), MEMTOOL_TEXT);
	print_line("peek", MEMTOOL_TEXT, line);
	return 0;
}

static int do_poke(int count, char **words)
{
	if (count != 3 || number(words[1]) + strlen(words[2]) > mapping_bytes)
		return usage_error("poke");
	memcpy(mapping + number(words[1]), words[2], strlen(words[2]));
	puts("poke: ok");
	return 0;
}

static int do_mprotect(int count, char **words)
{
	if (count != 2)
		return usage_error("mprotect");
	if (mprotect(mapping, mapping_bytes, protection(words[1])))
		return failed("mprotect");
	puts("mprotect: ok");
	return 0;
}

static int do_mremap(int count, char **words)
{
	void *place, *moved;

	(void)count;
	(void)words;
	place = mmap(NULL, mapping_bytes, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (place == MAP_FAILED)
		return failed("mmap");
	moved = mremap(mapping, mapping_bytes, mapping_bytes,
		       MREMAP_MAYMOVE | MREMAP_FIXED, place);
	if (moved == MAP_FAILED)
		return failed("mremap");
	mapping = moved;
	puts("mremap: ok");
	return 0;
}

/* In place, as heaps do. */
static int do_grow(int count, char **words)
{
	if (count != 2)
		return usage_error("grow");
	if (mremap(mapping, mapping_bytes, number(words[1]), 0) == MAP_FAILED)
		return failed("grow");
	mapping_bytes = number(words[1]);
	puts("grow: ok");
	return 0;
}

static int do_remap(int count, char **words)
{
	if (count != 2)
		return usage_error("remap");
	if (remap_file_pages(mapping, mapping_bytes, 0, number(words[1]) / MEMTOOL_PAGE, 0))
		return failed("remap");
	puts("remap: ok");
	return 0;
}

static int do_where(int count, char **words)
{
	(void)count;
	(void)words;
	printf("where: %p\n", (void *)mapping);
	return 0;
}

/* The kernel's own list, not what this program believes. */
static int do_maps(int count, char **words)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512], rights[8];

	(void)count;
	(void)words;
	if (!maps)
		return failed("maps");
	fputs("maps:", stdout);
	while (fgets(line, sizeof(line), maps)) {
		if (strstr(line, "/dev/mem") && sscanf(line, "%*s %7s", rights) == 1)
			printf(" %s", rights);
	}
	puts(".");
	fclose(maps);
	return 0;
}

const struct command mapping_commands[] = {
	{ "mmap", do_mmap },	     { "munmap", do_munmap },
	{ "peek", do_peek },	     { "poke", do_poke },
	{ "mprotect", do_mprotect }, { "mremap", do_mremap },
	{ "grow", do_grow },	     { "remap", do_remap },
	{ "where", do_where },	     { "maps", do_maps },
	{ NULL, NULL },
};
