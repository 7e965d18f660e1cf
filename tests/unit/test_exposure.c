// SPDX-License-Identifier: GPL-2.0-or-later
/* The address space as /proc/iomem has it, sweeps of a memory that is made up, files */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/ctl_exposure.h"
#include "scratch.h"

#define SHIFT 12
#define LIMIT_PFN 0x100000

#define PC                                                        \
	"00000000-00000fff : Reserved\n"                          \
	"00001000-0009fbff : System RAM\n"                        \
	"0009fc00-0009ffff : Reserved\n"                          \
	"000a0000-000bffff : PCI Bus 0000:00\n"                   \
	"000f0000-000fffff : Reserved\n"                          \
	"  000f0000-000fffff : System ROM\n"                      \
	"00100000-01ffffff : System RAM\n"                        \
	"  01000000-011fffff : Kernel code\n"                     \
	"  01200000-012fffff : Kernel rodata\n"                   \
	"  01300000-013abcde : Kernel data\n"                     \
	"02000000-0200ffff : ACPI Tables\n"                       \
	"fd000000-fdffffff : PCI Bus 0000:00\n"                   \
	"  fd000000-fd00ffff : 0000:00:02.0\n"                    \
	"    fd000000-fd00ffff : driver\n"                        \
	"fec00000-fec003ff : IOAPIC 0\n"

static struct dmp_areas areas;

static int read_areas(const char *text)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	int ret;

	assert_non_null(file);
	dmp_areas_free(&areas);
	ret = dmp_areas_read(&areas, file, SHIFT, LIMIT_PFN);
	fclose(file);
	return ret;
}

static const struct dmp_area *area_at(uint64_t address)
{
	for (size_t i = 0; i < areas.count; i++)
		if (areas.list[i].first_pfn <= address >> SHIFT &&
		    areas.list[i].last_pfn >= address >> SHIFT)
			return &areas.list[i];
	return NULL;
}

static void is_ground(uint64_t address, enum dmp_ground ground, bool ram)
{
	const struct dmp_area *area = area_at(address);

	assert_non_null(area);
	assert_string_equal(dmp_ground_name(area->ground), dmp_ground_name(ground));
	assert_int_equal(area->ram, ram);
}

/* --- /proc/iomem ---------------------------------------------------------------- */

static void test_grounds(void **state)
{
	(void)state;
	assert_int_equal(read_areas(PC), 0);
	is_ground(0, DMP_GROUND_LOW, false);
	is_ground(0x1000, DMP_GROUND_LOW_RAM, true);
	is_ground(0x9e000, DMP_GROUND_LOW_RAM, true);
	is_ground(0xa0000, DMP_GROUND_LOW, false);
	is_ground(0xf0000, DMP_GROUND_LOW, false);
	is_ground(0x100000, DMP_GROUND_RAM, true);
	is_ground(0x1000000, DMP_GROUND_KERNEL_TEXT, true);
	is_ground(0x12ff000, DMP_GROUND_KERNEL_RODATA, true);
	is_ground(0x13ab000, DMP_GROUND_KERNEL_DATA, true);
	is_ground(0x13ac000, DMP_GROUND_RAM, true);
	is_ground(0x2000000, DMP_GROUND_FIRMWARE, true);
	is_ground(0xfd000000, DMP_GROUND_PCI, false);
	is_ground(0xfd010000, DMP_GROUND_PCI, false);
	is_ground(0xfec00000, DMP_GROUND_DEVICE, false);
	is_ground(0x2010000, DMP_GROUND_UNKNOWN, false);
	assert_string_equal(area_at(0xfd000000)->name, "driver");
}

/* It has the end of the RAM and something else: reading it could reach a device. */
static void test_shared_page(void **state)
{
	(void)state;
	assert_int_equal(read_areas(PC), 0);
	is_ground(0x9f000, DMP_GROUND_LOW, false);
	assert_int_equal(read_areas("00100800-00102fff : System RAM\n"
				    "00103000-001037ff : System RAM\n"), 0);
	is_ground(0x100000, DMP_GROUND_RESERVED, false);
	is_ground(0x101000, DMP_GROUND_RAM, true);
	is_ground(0x103000, DMP_GROUND_RESERVED, false);
}

static void test_order_and_sums(void **state)
{
	uint64_t known = 0, samples = 0, ram = 0, next_pfn = 0;

	(void)state;
	assert_int_equal(read_areas(PC), 0);
	for (size_t i = 0; i < areas.count; i++) {
		const struct dmp_area *area = &areas.list[i];
		uint64_t pages = area->last_pfn - area->first_pfn + 1;

		assert_true(area->first_pfn >= next_pfn && area->last_pfn >= area->first_pfn);
		next_pfn = area->last_pfn + 1;
		*(area->ground == DMP_GROUND_UNKNOWN ? &samples : &known) += pages;
		ram += area->ram ? pages : 0;
	}
	assert_int_equal(known, areas.known_pages);
	assert_int_equal(samples, areas.sample_pages);
	assert_int_equal(ram, areas.ram_pages);
	assert_int_equal(ram, 0x9e + 0x1f00 + 0x10);
	/* c0-ef below 1 MiB in full, and three large gaps in samples */
	assert_int_equal(samples, 0x30 + 3 * 64);
	assert_int_equal(next_pfn, LIMIT_PFN);
}

static void test_bad_lines(void **state)
{
	(void)state;
	assert_int_equal(read_areas("00000000-00000000 : System RAM\n"
				    "  00000000-00000000 : Kernel code\n"), -EPERM);
	assert_int_equal(read_areas("nonsense\n"), -EBADMSG);
	assert_int_equal(read_areas("00002000-00001000 : System RAM\n"), -EBADMSG);
	assert_int_equal(read_areas("00001000-00002000 System RAM\n"), -EBADMSG);
	assert_int_equal(read_areas(""), -EPERM);
}

/* --- sweeps ---------------------------------------------------------------------- */

/* A memory that is made up: which pages it gives, and what was asked of it */
#define PAGES 0x2100

static struct {
	bool open[DMP_WAYS][PAGES];
	bool zeros[PAGES]; /* reading gives them */
	bool shown[PAGES]; /* and its mapping something else */
	uint64_t allowed;
	uint64_t refused;
	uint64_t stop_after;
	volatile sig_atomic_t stop;
} memory;

static int fake_ask(void *context, enum dmp_way way, uint64_t first_pfn, uint64_t pages)
{
	(void)context;
	if (memory.stop_after && memory.allowed + memory.refused + 1 == memory.stop_after)
		memory.stop = 1;
	assert_true(way != DMP_WAY_READ || pages == 1);
	for (uint64_t pfn = first_pfn; pfn < first_pfn + pages; pfn++) {
		const struct dmp_area *area = area_at(pfn << SHIFT);

		assert_non_null(area);
		assert_true(way != DMP_WAY_READ || area->ram);
		if (pfn < PAGES && memory.open[way][pfn])
			continue;
		memory.refused++;
		return pfn < PAGES ? -EPERM : -EINVAL;
	}
	memory.allowed++;
	return way == DMP_WAY_READ && memory.zeros[first_pfn];
}

static int fake_shows(void *context, uint64_t pfn)
{
	(void)context;
	memory.allowed++;
	return memory.shown[pfn];
}

static const struct dmp_asker fake = { .ask = fake_ask, .shows = fake_shows };

static void begin(struct dmp_exposure *exposure)
{
	memset(exposure, 0, sizeof(*exposure));
	assert_int_equal(read_areas(PC), 0);
	exposure->sweep.areas = areas;
	memset(&memory, 0, sizeof(memory));
}

/* What the memory is asked about is in "areas", which the sweep has as well. */
static void end(struct dmp_exposure *exposure)
{
	for (int way = 0; way < DMP_WAYS; way++)
		dmp_runs_free(&exposure->sweep.ways[way].runs);
	dmp_areas_free(&areas);
}

static void sweep(struct dmp_exposure *exposure)
{
	assert_int_equal(dmp_sweep_run(&exposure->sweep, &fake, &memory.stop), 0);
}

/* Page by page, what the sweep says is what the memory is. */
static void is_exact(const struct dmp_sweep *swept)
{
	for (int way = 0; way < DMP_WAYS; way++) {
		size_t hint = 0;

		for (uint64_t pfn = 0; pfn < PAGES; pfn++) {
			const struct dmp_area *area = area_at(pfn << SHIFT);
			const struct dmp_run *run;
			enum dmp_answer wanted = memory.open[way][pfn] ? DMP_ANSWER_ALLOWED
								       : DMP_ANSWER_REFUSED;

			if (!area)
				continue;
			if (way == DMP_WAY_READ && !area->ram)
				wanted = DMP_ANSWER_NOT_ASKED;
			run = dmp_runs_at(&swept->ways[way].runs, pfn, &hint);
			assert_non_null(run);
			assert_int_equal(run->answer, wanted);
		}
	}
}

static void adds_up(const struct dmp_sweep *swept)
{
	uint64_t allowed = 0, refused = 0, by_error = 0;

	for (int way = 0; way < DMP_WAYS; way++) {
		allowed += swept->ways[way].attempts.allowed;
		refused += swept->ways[way].attempts.refused;
		for (int i = 0; i < DMP_ERRORS_MAX; i++)
			by_error += swept->ways[way].attempts.by_error[i].calls;
	}
	assert_int_equal(allowed, memory.allowed);
	assert_int_equal(refused, memory.refused);
	assert_int_equal(by_error, memory.refused);
}

static void test_sweep_patterns(void **state)
{
	struct dmp_exposure exposure;
	unsigned int seed = 1;

	(void)state;
	for (int round = 0; round < 40; round++) {
		begin(&exposure);
		/* Long runs, and single pages in them */
		for (int way = 0; way < DMP_WAYS; way++)
			for (uint64_t pfn = 0; pfn < PAGES; pfn++) {
				bool same = pfn && rand_r(&seed) % (round * 20 + 2);

				memory.open[way][pfn] = same ? memory.open[way][pfn - 1]
							     : rand_r(&seed) & 1;
			}
		sweep(&exposure);
		assert_true(exposure.sweep.complete);
		is_exact(&exposure.sweep);
		adds_up(&exposure.sweep);
		end(&exposure);
	}
}

/* What is open in one piece takes few calls; what is not, one for each page. */
static void test_sweep_calls(void **state)
{
	struct dmp_exposure exposure;

	(void)state;
	begin(&exposure);
	sweep(&exposure);
	assert_int_equal(exposure.sweep.ways[DMP_WAY_MAP].attempts.refused,
			 areas.known_pages + areas.sample_pages);
	end(&exposure);
	begin(&exposure);
	memset(memory.open, 1, sizeof(memory.open));
	sweep(&exposure);
	assert_int_equal(exposure.sweep.ways[DMP_WAY_READ].attempts.allowed, areas.ram_pages);
	assert_true(exposure.sweep.ways[DMP_WAY_MAP].attempts.allowed < 150);
	end(&exposure);
}

static void count(const struct dmp_exposure *exposure, struct dmp_exposure_counts *counts)
{
	dmp_exposure_count(&exposure->sweep, counts);
}

static void test_zero_fill(void **state)
{
	struct dmp_exposure_counts counts;
	struct dmp_exposure exposure;

	(void)state;
	begin(&exposure);
	for (uint64_t pfn = 1; pfn < 0x9f; pfn++) {
		memory.open[DMP_WAY_READ][pfn] = true;
		memory.open[DMP_WAY_MAP][pfn] = true;
		memory.zeros[pfn] = true;
	}
	memory.shown[7] = true;
	sweep(&exposure);
	count(&exposure, &counts);
	assert_int_equal(counts.all.zero_filled, 0x9e);
	assert_int_equal(counts.all.open[DMP_WAY_READ], 0);
	assert_int_equal(exposure.sweep.zeros_proven, 1);
	assert_int_equal(exposure.sweep.zeros_inferred, 0x9d);
	adds_up(&exposure.sweep);
	end(&exposure);
}

/* Some pages are zeros where reading shows what is there. */
static void test_pages_of_zeros(void **state)
{
	struct dmp_exposure_counts counts;
	struct dmp_exposure exposure;

	(void)state;
	begin(&exposure);
	memset(memory.open, 1, sizeof(memory.open));
	for (uint64_t pfn = 1; pfn < 0x90; pfn++)
		memory.zeros[pfn] = true;
	sweep(&exposure);
	count(&exposure, &counts);
	assert_int_equal(counts.all.zero_filled, 0);
	assert_int_equal(counts.by_ground[DMP_GROUND_LOW_RAM].open[DMP_WAY_READ], 0x9e);
	end(&exposure);
}

/* --- files ------------------------------------------------------------------------ */

static void is_same(const struct dmp_exposure *a, const struct dmp_exposure *b)
{
	json_t *left = dmp_exposure_json(a), *right = dmp_exposure_json(b);

	assert_non_null(left);
	assert_true(json_equal(left, right));
	json_decref(left);
	json_decref(right);
}

static void open_some(void)
{
	for (int way = 0; way < DMP_WAYS; way++)
		for (uint64_t pfn = 0x1800; pfn < 0x1810; pfn++)
			memory.open[way][pfn] = true;
}

static void save_and_load(struct dmp_exposure *exposure, struct dmp_exposure *loaded)
{
	const char *path = in_scratch("swept");

	assert_int_equal(dmp_exposure_save(exposure, path), 0);
	assert_int_equal(dmp_exposure_load(loaded, path), 0);
	is_same(exposure, loaded);
	assert_true(dmp_areas_same(&exposure->sweep.areas, &loaded->sweep.areas));
}

/* Stopped at many places, kept in a file, and gone on with, it is the same. */
static void test_resume(void **state)
{
	struct dmp_exposure whole, exposure, loaded;
	uint64_t calls;

	(void)state;
	begin(&whole);
	open_some();
	sweep(&whole);
	calls = memory.allowed + memory.refused;
	for (uint64_t stop = 1; stop < calls; stop += 1733) {
		begin(&exposure);
		open_some();
		memory.stop_after = stop;
		sweep(&exposure);
		assert_false(exposure.sweep.complete);
		save_and_load(&exposure, &loaded);
		memory.stop = 0;
		sweep(&loaded);
		assert_true(loaded.sweep.complete);
		adds_up(&loaded.sweep);
		is_exact(&loaded.sweep);
		whole.sweep.areas = areas;
		dmp_exposure_free(&loaded);
		end(&exposure);
	}
	begin(&exposure);
	whole.sweep.areas = areas;
	end(&whole);
}

static void is_refused(const char *text)
{
	struct dmp_exposure exposure;

	write_scratch("bad", text, strlen(text));
	assert_int_not_equal(dmp_exposure_load(&exposure, in_scratch("bad")), 0);
}

#define SPAN(first, last, read) \
	"{\"first\":\"" first "\",\"last\":\"" last "\",\"ground\":\"ram\",\"name\":\"\"," \
	"\"ram\":true,\"read\":\"" read "\",\"map\":\"refused\",\"map-write\":\"refused\"}"
#define FILE_OF(format, spans) \
	"{\"format\":" format ",\"page_bytes\":4096,\"spans\":[" spans "]}"

static void test_bad_files(void **state)
{
	struct dmp_exposure exposure;
	const char *good = FILE_OF("1", SPAN("0x1000", "0x1fff", "allowed"));

	(void)state;
	write_scratch("good", good, strlen(good));
	assert_int_equal(dmp_exposure_load(&exposure, in_scratch("good")), 0);
	dmp_exposure_free(&exposure);
	is_refused("");
	is_refused("[]");
	is_refused("{\"format\":1}");
	is_refused("{\"format\":1,\"page_bytes\":4095,\"spans\":[]}");
	is_refused(FILE_OF("2", SPAN("0x1000", "0x1fff", "allowed")));
	is_refused(FILE_OF("1", SPAN("0x1000", "0x1fff", "perhaps")));
	is_refused(FILE_OF("1", SPAN("0x2000", "0x1fff", "allowed")));
	is_refused(FILE_OF("1", SPAN("4096", "0x1fff", "allowed")));
	is_refused(FILE_OF("1", SPAN("0x1000", "0x1fff", "allowed") ","
				SPAN("0x1000", "0x1fff", "allowed")));
	assert_int_equal(dmp_exposure_load(&exposure, in_scratch("none")), -ENOENT);
}

/* --- the difference ---------------------------------------------------------------- */

static void tell_nobody(void *context, const struct dmp_span *before,
			const struct dmp_span *after, uint64_t first_pfn, uint64_t last_pfn,
			enum dmp_way way)
{
	(void)before;
	(void)after;
	(void)way;
	*(uint64_t *)context += last_pfn - first_pfn + 1;
}

static void test_compare(void **state)
{
	struct dmp_exposure closed, opened;
	struct dmp_difference difference;
	uint64_t told = 0;

	(void)state;
	begin(&closed);
	memory.open[DMP_WAY_MAP][0x1700] = true;
	sweep(&closed);
	save_and_load(&closed, &opened);
	dmp_exposure_free(&closed);
	areas = (struct dmp_areas){ .list = NULL };
	closed = opened;
	begin(&opened);
	open_some();
	sweep(&opened);

	dmp_exposure_compare(&closed.sweep, &opened.sweep, &difference, tell_nobody, &told);
	assert_int_equal(difference.more[DMP_WAY_READ], 16);
	assert_int_equal(difference.more[DMP_WAY_MAP], 16);
	assert_int_equal(difference.more[DMP_WAY_MAP_WRITE], 16);
	assert_int_equal(difference.less[DMP_WAY_MAP], 1);
	assert_int_equal(difference.new_open[DMP_WAY_READ], 0);
	assert_int_equal(told, 49);
	dmp_exposure_compare(&opened.sweep, &opened.sweep, &difference, tell_nobody, &told);
	assert_int_equal(told, 49);
	end(&opened);
	dmp_exposure_free(&closed);
}

/* Pages that only the second has asked for count when they are open. */
static void test_compare_other_pages(void **state)
{
	struct dmp_exposure a, b;
	struct dmp_difference difference;
	const char *one = FILE_OF("1", SPAN("0x1000", "0x3fff", "allowed"));
	const char *two = FILE_OF("1", SPAN("0x2000", "0x7fff", "allowed"));
	uint64_t told = 0;

	(void)state;
	write_scratch("one", one, strlen(one));
	write_scratch("two", two, strlen(two));
	assert_int_equal(dmp_exposure_load(&a, in_scratch("one")), 0);
	assert_int_equal(dmp_exposure_load(&b, in_scratch("two")), 0);
	dmp_exposure_compare(&a.sweep, &b.sweep, &difference, tell_nobody, &told);
	assert_int_equal(difference.more[DMP_WAY_READ], 4);
	assert_int_equal(difference.new_open[DMP_WAY_READ], 4);
	assert_int_equal(difference.less[DMP_WAY_READ], 0);
	assert_int_equal(told, 4);
	dmp_exposure_free(&a);
	dmp_exposure_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grounds),
		cmocka_unit_test(test_shared_page),
		cmocka_unit_test(test_order_and_sums),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_sweep_patterns),
		cmocka_unit_test(test_sweep_calls),
		cmocka_unit_test(test_zero_fill),
		cmocka_unit_test(test_pages_of_zeros),
		cmocka_unit_test(test_resume),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_compare_other_pages),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
