// SPDX-License-Identifier: GPL-2.0-or-later
#include "areas.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LOW_BYTES (UINT64_C(1) << 20)
#define DEPTH_MAX 16
#define LINE_BYTES 512
#define SAMPLES 64 /* of each gap */
#define SAMPLES_AT_END 8 /* of them, at its beginning and at its end */

static const char *const ground_names[DMP_GROUNDS] = {
	[DMP_GROUND_KERNEL_TEXT] = "kernel-text",
	[DMP_GROUND_KERNEL_RODATA] = "kernel-rodata",
	[DMP_GROUND_KERNEL_DATA] = "kernel-data",
	[DMP_GROUND_KERNEL_BSS] = "kernel-bss",
	[DMP_GROUND_RAM] = "ram",
	[DMP_GROUND_CRASH] = "crash-kernel",
	[DMP_GROUND_LOW_RAM] = "low-ram",
	[DMP_GROUND_LOW] = "low-megabyte",
	[DMP_GROUND_FIRMWARE] = "firmware-tables",
	[DMP_GROUND_RESERVED] = "reserved",
	[DMP_GROUND_PCI] = "pci",
	[DMP_GROUND_DEVICE] = "device",
	[DMP_GROUND_UNKNOWN] = "unknown",
};

const char *dmp_ground_name(enum dmp_ground ground)
{
	return ground_names[ground];
}

bool dmp_ground_of(const char *name, enum dmp_ground *ground)
{
	for (size_t i = 0; i < COUNT(ground_names); i++) {
		if (strcmp(name, ground_names[i]))
			continue;
		*ground = (enum dmp_ground)i;
		return true;
	}
	return false;
}

/* --- the list --------------------------------------------------------------- */

static uint64_t pages_of(const struct dmp_area *area)
{
	return area->last_pfn - area->first_pfn + 1;
}

/* Room is doubled, so that it is seldom made. */
static int put(struct dmp_areas *areas, const struct dmp_area *area)
{
	struct dmp_area *list;

	if (!(areas->count & (areas->count - 1))) {
		list = reallocarray(areas->list, areas->count ? 2 * areas->count : 1,
				    sizeof(*list));
		if (!list)
			return -ENOMEM;
		areas->list = list;
	}
	areas->list[areas->count++] = *area;
	return 0;
}

static bool continues(const struct dmp_area *last, const struct dmp_area *area)
{
	return last->last_pfn + 1 == area->first_pfn && last->ground == area->ground &&
	       last->ram == area->ram && !strcmp(last->name, area->name);
}

int dmp_areas_append(struct dmp_areas *areas, const struct dmp_area *area)
{
	struct dmp_area *last = areas->count ? &areas->list[areas->count - 1] : NULL;
	int ret = 0;

	if (area->first_pfn > area->last_pfn || (last && area->first_pfn <= last->last_pfn))
		return -EBADMSG;
	if (last && continues(last, area))
		last->last_pfn = area->last_pfn;
	else
		ret = put(areas, area);
	if (ret)
		return ret;
	if (area->ground == DMP_GROUND_UNKNOWN)
		areas->sample_pages += pages_of(area);
	else
		areas->known_pages += pages_of(area);
	if (area->ram)
		areas->ram_pages += pages_of(area);
	return 0;
}

void dmp_areas_free(struct dmp_areas *areas)
{
	free(areas->list);
	memset(areas, 0, sizeof(*areas));
}

bool dmp_areas_same(const struct dmp_areas *a, const struct dmp_areas *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->list[i].first_pfn != b->list[i].first_pfn ||
		    a->list[i].last_pfn != b->list[i].last_pfn ||
		    a->list[i].ground != b->list[i].ground || a->list[i].ram != b->list[i].ram)
			return false;
	return true;
}

/* --- painting --------------------------------------------------------------- */

/* The parts of what was there before that the new one does not cover */
static int keep_uncovered(struct dmp_areas *result, const struct dmp_area *old,
			  const struct dmp_area *new)
{
	struct dmp_area part = *old;
	int ret = 0;

	if (old->last_pfn < new->first_pfn || old->first_pfn > new->last_pfn)
		return put(result, old);
	if (old->first_pfn < new->first_pfn) {
		part.last_pfn = new->first_pfn - 1;
		ret = put(result, &part);
	}
	if (!ret && old->last_pfn > new->last_pfn) {
		part = *old;
		part.first_pfn = new->last_pfn + 1;
		ret = put(result, &part);
	}
	return ret;
}

/* Not in order: that comes last. */
static int paint(struct dmp_areas *areas, const struct dmp_area *area)
{
	struct dmp_areas result = { .page_shift = areas->page_shift };
	int ret = put(&result, area);

	for (size_t i = 0; !ret && i < areas->count; i++)
		ret = keep_uncovered(&result, &areas->list[i], area);
	free(areas->list);
	*areas = result;
	return ret;
}

static int compare_areas(const void *a, const void *b)
{
	const struct dmp_area *left = a, *right = b;

	return left->first_pfn < right->first_pfn ? -1 : left->first_pfn > right->first_pfn;
}

/* --- what resources are ------------------------------------------------------ */

/* A resource, and what it has from those around it */
struct resource {
	uint64_t first; /* bytes, inclusive */
	uint64_t last;
	bool in_ram;
	bool in_pci;
	char name[DMP_AREA_NAME_SIZE];
};

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static const struct {
	const char *name; /* or how it begins */
	enum dmp_ground ground;
} in_ram[] = {
	{ "Kernel code", DMP_GROUND_KERNEL_TEXT },
	{ "Kernel rodata", DMP_GROUND_KERNEL_RODATA },
	{ "Kernel data", DMP_GROUND_KERNEL_DATA },
	{ "Kernel bss", DMP_GROUND_KERNEL_BSS },
	{ "Crash kernel", DMP_GROUND_CRASH },
}, elsewhere[] = {
	{ "ACPI ", DMP_GROUND_FIRMWARE },
	{ "Reserved", DMP_GROUND_RESERVED },
	{ "reserved", DMP_GROUND_RESERVED },
	{ "RAM buffer", DMP_GROUND_RESERVED },
	{ "Unusable memory", DMP_GROUND_RESERVED },
	{ "Soft Reserved", DMP_GROUND_RESERVED },
	{ "Persistent Memory", DMP_GROUND_RESERVED },
};

static enum dmp_ground ground_in_ram(const struct resource *resource)
{
	for (size_t i = 0; i < COUNT(in_ram); i++)
		if (begins(resource->name, in_ram[i].name))
			return in_ram[i].ground;
	return resource->last < LOW_BYTES ? DMP_GROUND_LOW_RAM : DMP_GROUND_RAM;
}

static enum dmp_ground ground_elsewhere(const struct resource *resource)
{
	if (resource->last < LOW_BYTES)
		return DMP_GROUND_LOW;
	if (resource->in_pci)
		return DMP_GROUND_PCI;
	for (size_t i = 0; i < COUNT(elsewhere); i++)
		if (begins(resource->name, elsewhere[i].name))
			return elsewhere[i].ground;
	return DMP_GROUND_DEVICE;
}

/* "0000:00:02.0", or a window of the bus or of its configuration */
static bool is_pci(const char *name)
{
	unsigned int part[4];

	return begins(name, "PCI ") ||
	       sscanf(name, "%4x:%2x:%2x.%1x", &part[0], &part[1], &part[2], &part[3]) == 4;
}

static struct dmp_area area_of(const struct resource *resource, unsigned int page_shift)
{
	struct dmp_area area = {
		.first_pfn = resource->first >> page_shift,
		.last_pfn = resource->last >> page_shift,
	};

	area.ground = resource->in_ram ? ground_in_ram(resource) : ground_elsewhere(resource);
	area.ram = resource->in_ram || area.ground == DMP_GROUND_FIRMWARE;
	snprintf(area.name, sizeof(area.name), "%s", resource->name);
	return area;
}

/* Pages that are memory only in part are no RAM. */
static int paint_ram(struct dmp_areas *areas, const struct resource *resource)
{
	unsigned int shift = areas->page_shift;
	struct dmp_area whole = area_of(resource, shift), part = whole;
	uint64_t end_pfn = (resource->last + 1) >> shift;
	int ret;

	part.ram = false;
	part.ground = resource->last < LOW_BYTES ? DMP_GROUND_LOW : DMP_GROUND_RESERVED;
	ret = paint(areas, &part);
	if (resource->first & ((UINT64_C(1) << shift) - 1))
		whole.first_pfn++;
	if (ret || end_pfn <= whole.first_pfn)
		return ret;
	whole.last_pfn = end_pfn - 1;
	return paint(areas, &whole);
}

static int paint_resource(struct dmp_areas *areas, const struct resource *resource, bool inside)
{
	struct dmp_area area = area_of(resource, areas->page_shift);

	return area.ram && !inside ? paint_ram(areas, resource) : paint(areas, &area);
}

/* --- the text ---------------------------------------------------------------- */

/* "  000a0000-000bffff : Video RAM area", two blanks for each resource around it */
static int parse_line(char *line, struct resource *resource, size_t *depth)
{
	size_t indent = strspn(line, " ");
	int end = 0;
	char *name;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line + indent, "%" SCNx64 "-%" SCNx64 " : %n", &resource->first,
		   &resource->last, &end) != 2 || !end || resource->first > resource->last ||
	    indent / 2 >= DEPTH_MAX)
		return -EBADMSG;
	*depth = indent / 2;
	name = line + indent + end;
	name[strnlen(name, sizeof(resource->name) / 4 - 1)] = '\0';
	dmp_escape((const uint8_t *)name, strlen(name), resource->name);
	return 0;
}

static int take_line(struct dmp_areas *areas, char *line, struct resource *around, bool *hidden)
{
	struct resource *resource, outer = { .first = 0 };
	struct resource parsed = { .first = 0 };
	size_t depth;

	if (parse_line(line, &parsed, &depth))
		return -EBADMSG;
	*hidden = *hidden && !parsed.last;
	if (depth)
		outer = around[depth - 1];
	resource = &around[depth];
	*resource = parsed;
	resource->in_ram = outer.in_ram || begins(parsed.name, "System RAM");
	resource->in_pci = outer.in_pci || is_pci(parsed.name);
	return paint_resource(areas, resource, outer.in_ram);
}

static int read_resources(struct dmp_areas *areas, FILE *text)
{
	struct resource around[DEPTH_MAX] = { { .first = 0 } };
	char line[LINE_BYTES];
	bool hidden = true;
	int ret = 0;

	while (!ret && fgets(line, sizeof(line), text))
		ret = take_line(areas, line, around, &hidden);
	if (!ret && ferror(text))
		ret = -EIO;
	return ret ? ret : hidden ? -EPERM : 0;
}

/* --- samples ----------------------------------------------------------------- */

static int put_sample(struct dmp_areas *areas, uint64_t first_pfn, uint64_t last_pfn)
{
	struct dmp_area area = {
		.first_pfn = first_pfn,
		.last_pfn = last_pfn,
		.ground = DMP_GROUND_UNKNOWN,
	};

	return dmp_areas_append(areas, &area);
}

/* Its two ends, and pages at the same distance from each other between them */
static int sample(struct dmp_areas *areas, uint64_t first_pfn, uint64_t end_pfn)
{
	uint64_t pages = end_pfn - first_pfn, step;
	uint64_t inner = first_pfn + SAMPLES_AT_END;
	int ret;

	if (first_pfn >= end_pfn)
		return 0;
	if (pages <= SAMPLES)
		return put_sample(areas, first_pfn, end_pfn - 1);
	step = (pages - 2 * SAMPLES_AT_END) / (SAMPLES - 2 * SAMPLES_AT_END + 1);
	ret = put_sample(areas, first_pfn, inner - 1);
	for (int i = 0; !ret && i < SAMPLES - 2 * SAMPLES_AT_END; i++) {
		inner += step;
		ret = put_sample(areas, inner, inner);
	}
	return ret ? ret : put_sample(areas, end_pfn - SAMPLES_AT_END, end_pfn - 1);
}

static int order_and_sample(struct dmp_areas *areas, struct dmp_areas *painted,
			    uint64_t limit_pfn)
{
	uint64_t next_pfn = 0;
	int ret = 0;

	qsort(painted->list, painted->count, sizeof(*painted->list), compare_areas);
	for (size_t i = 0; !ret && i < painted->count; i++) {
		ret = sample(areas, next_pfn, painted->list[i].first_pfn);
		if (!ret)
			ret = dmp_areas_append(areas, &painted->list[i]);
		next_pfn = painted->list[i].last_pfn + 1;
	}
	return ret ? ret : sample(areas, next_pfn, limit_pfn);
}

int dmp_areas_read(struct dmp_areas *areas, FILE *text, unsigned int page_shift,
		   uint64_t limit_pfn)
{
	struct dmp_areas painted = { .page_shift = page_shift };
	int ret;

	memset(areas, 0, sizeof(*areas));
	areas->page_shift = page_shift;
	ret = read_resources(&painted, text);
	if (!ret)
		ret = order_and_sample(areas, &painted, limit_pfn);
	if (ret)
		dmp_areas_free(areas);
	free(painted.list);
	return ret;
}
