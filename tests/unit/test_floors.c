// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The serial floors: what is accepted, what is noticed, and what is left when the
 * machine stops, or the disk fails, at any step of writing them. The system calls
 * that write are here, in the place of the C library's, to fail or stop on demand.
 */
#include <dlfcn.h>
#include <errno.h>
#include <sys/wait.h>

#include "daemon/floors.h"
#include "daemon/state.h"
#include "scratch.h"

/* --- system calls that count ------------------------------------------------ */

static struct {
	int countdown; /* the step that fails; 0: none */
	int error; /* 0: the machine stops */
	unsigned int steps; /* so far */
} disk;

/* Return: whether this step fails. */
static bool step(void)
{
	disk.steps++;
	if (!disk.countdown || --disk.countdown)
		return false;
	if (!disk.error)
		_exit(99);
	errno = disk.error;
	return true;
}

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

/* What fails has written half of it, so that a torn file would show. */
ssize_t write(int fd, const void *bytes, size_t length)
{
	bool is_file = fd > STDERR_FILENO;

	if (is_file && disk.countdown == 1)
		assert_true(REAL(write)(fd, bytes, length / 2) >= 0);
	return is_file && step() ? -1 : REAL(write)(fd, bytes, length);
}

int fsync(int fd)
{
	return step() ? -1 : REAL(fsync)(fd);
}

int rename(const char *old, const char *new)
{
	return step() ? -1 : REAL(rename)(old, new);
}

/* --- what the tests share --------------------------------------------------- */

static char state_path[SCRATCH_PATH_SIZE];

static struct dmp_floor make(const char *name, uint64_t serial, uint8_t digest)
{
	struct dmp_floor floor = { .serial = serial };

	strcpy(floor.name, name);
	memset(floor.digest, digest, sizeof(floor.digest));
	return floor;
}

static void set(struct dmp_floors *floors, const char *name, uint64_t serial)
{
	struct dmp_floor floor = make(name, serial, 0x11);

	assert_int_equal(dmp_floors_set(floors, &floor, NULL), 0);
}

/* Return: the serial that is in the file; 0: none. The file must be in order. */
static uint64_t in_file(const char *name)
{
	const struct dmp_floor *floor;
	struct dmp_floors floors;
	uint64_t serial;

	assert_int_equal(dmp_floors_read(&floors, state_path), 0);
	floor = dmp_floors_find(&floors, name);
	serial = floor ? floor->serial : 0;
	dmp_floors_free(&floors);
	return serial;
}

static void create(struct dmp_floors *floors)
{
	char *aside;

	assert_int_equal(dmp_floors_create(state_path, &aside), 0);
	assert_null(aside);
	assert_int_equal(dmp_floors_read(floors, state_path), 0);
	assert_int_equal(floors->count, 0);
}

static int setup(void **state)
{
	char command[SCRATCH_PATH_SIZE];

	(void)state;
	memset(&disk, 0, sizeof(disk));
	snprintf(command, sizeof(command), "rm -rf -- '%s'/*", scratch);
	strcpy(state_path, in_scratch("serials.json"));
	return system(command);
}

/* --- accepting -------------------------------------------------------------- */

static void check(const struct dmp_floors *floors, const char *name, uint64_t serial,
		  uint8_t digest, enum dmp_floor_answer wanted)
{
	struct dmp_floor policy = make(name, serial, digest);

	assert_int_equal(dmp_floors_compare(floors, &policy), wanted);
}

static void test_what_is_accepted(void **state)
{
	struct dmp_floors floors;

	(void)state;
	create(&floors);
	check(&floors, "b", 1, 0x11, DMP_FLOOR_NEWER);
	set(&floors, "b", 5);
	set(&floors, "a", 7);
	set(&floors, "c", UINT64_MAX);
	check(&floors, "b", 6, 0x22, DMP_FLOOR_NEWER);
	check(&floors, "b", 5, 0x11, DMP_FLOOR_SAME);
	check(&floors, "b", 5, 0x12, DMP_FLOOR_OTHER);
	check(&floors, "b", 4, 0x11, DMP_FLOOR_OLDER);
	check(&floors, "a", 6, 0x11, DMP_FLOOR_OLDER);
	check(&floors, "c", UINT64_MAX, 0x11, DMP_FLOOR_SAME);
	check(&floors, "bb", 1, 0x11, DMP_FLOOR_NEWER);
	dmp_floors_free(&floors);
	/* Read again: the same */
	assert_int_equal(dmp_floors_read(&floors, state_path), 0);
	assert_int_equal(floors.count, 3);
	check(&floors, "b", 5, 0x11, DMP_FLOOR_SAME);
	check(&floors, "b", 5, 0x12, DMP_FLOOR_OTHER);
	check(&floors, "c", UINT64_MAX, 0x11, DMP_FLOOR_SAME);
	check(&floors, "c", UINT64_MAX - 1, 0x11, DMP_FLOOR_OLDER);
	dmp_floors_free(&floors);
}

static void test_put_back(void **state)
{
	struct dmp_floor newer = make("a", 6, 0x22), first = make("b", 1, 0x33), before;
	struct dmp_floors floors;

	(void)state;
	create(&floors);
	set(&floors, "a", 5);
	assert_int_equal(dmp_floors_set(&floors, &newer, &before), 0);
	assert_int_equal(in_file("a"), 6);
	assert_int_equal(dmp_floors_set(&floors, &before, NULL), 0);
	assert_int_equal(in_file("a"), 5);
	check(&floors, "a", 5, 0x11, DMP_FLOOR_SAME);
	/* Where there was none there is none again. */
	assert_int_equal(dmp_floors_set(&floors, &first, &before), 0);
	assert_int_equal(in_file("b"), 1);
	assert_int_equal(dmp_floors_set(&floors, &before, NULL), 0);
	assert_int_equal(floors.count, 1);
	assert_int_equal(in_file("b"), 0);
	dmp_floors_free(&floors);
}

static void test_notes_only_raise(void **state)
{
	struct dmp_floor policy = make("a", 5, 0x22), bad = make("No/Name", 1, 0);
	struct dmp_floors floors;

	(void)state;
	create(&floors);
	assert_int_equal(dmp_floors_note(&floors, &policy), 0);
	assert_int_equal(in_file("a"), 5);
	disk.steps = 0;
	policy.serial = 4;
	assert_int_equal(dmp_floors_note(&floors, &policy), 0);
	policy.serial = 5;
	policy.digest[0]++;
	assert_int_equal(dmp_floors_note(&floors, &policy), 0);
	assert_int_equal(disk.steps, 0);
	check(&floors, "a", 5, 0x22, DMP_FLOOR_SAME);
	/* What could not be read again is not written. */
	assert_int_equal(dmp_floors_note(&floors, &bad), -EINVAL);
	assert_int_equal(in_file("a"), 5);
	/* A full disk: in memory it counts, in the file as soon as there is room. */
	policy.serial = 6;
	disk.countdown = 1;
	disk.error = ENOSPC;
	assert_int_equal(dmp_floors_note(&floors, &policy), -ENOSPC);
	check(&floors, "a", 5, 0x22, DMP_FLOOR_OLDER);
	assert_true(floors.unsaved);
	assert_int_equal(in_file("a"), 5);
	assert_int_equal(dmp_floors_save(&floors), 0);
	assert_false(floors.unsaved);
	assert_int_equal(in_file("a"), 6);
	dmp_floors_free(&floors);
}

/* --- reading ---------------------------------------------------------------- */

static void read_is(int wanted)
{
	struct dmp_floors floors;

	assert_int_equal(dmp_floors_read(&floors, state_path), wanted);
	dmp_floors_free(&floors);
}

static void put_byte(int fd, size_t at, u8 byte)
{
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
}

/* Each byte, made any other. */
static void test_corruption_of_any_byte_is_noticed(void **state)
{
	struct dmp_buffer file;
	struct dmp_floors floors;
	int fd, ret;

	(void)state;
	create(&floors);
	set(&floors, "fpga-capture", 41);
	set(&floors, "b", UINT64_MAX);
	dmp_floors_free(&floors);
	file = read_scratch("serials.json");
	fd = open(state_path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	for (size_t i = 0; i < file.length; i++) {
		for (unsigned int change = 1; change < 256; change++) {
			put_byte(fd, i, file.bytes[i] ^ (u8)change);
			ret = dmp_floors_read(&floors, state_path);
			dmp_floors_free(&floors);
			if (ret != -EBADMSG && ret != -EOPNOTSUPP)
				fail_msg("byte %zu, changed by %#x: %d", i, change, ret);
		}
		put_byte(fd, i, file.bytes[i]);
	}
	close(fd);
	read_is(0);
	dmp_buffer_free(&file);
}

static void test_truncation_and_more_is_noticed(void **state)
{
	struct dmp_buffer file;
	struct dmp_floors floors;

	(void)state;
	create(&floors);
	set(&floors, "a", 41);
	dmp_floors_free(&floors);
	file = read_scratch("serials.json");
	for (size_t length = 0; length < file.length; length++) {
		overwrite_scratch("serials.json", file.bytes, length);
		read_is(-EBADMSG);
	}
	file.bytes[file.length] = '\n';
	overwrite_scratch("serials.json", file.bytes, file.length + 1);
	read_is(-EBADMSG);
	dmp_buffer_free(&file);
}

/* Good JSON with a good checksum, but not what is written. */
static void test_other_formats(void **state)
{
	(void)state;
	overwrite_scratch("serials.json", "{}\n", 3);
	read_is(-EBADMSG);
	overwrite_scratch("serials.json", "[]\n", 3);
	read_is(-EBADMSG);
	overwrite_scratch("serials.json", "{\"format\":2}\n", 13);
	read_is(-EOPNOTSUPP);
	overwrite_scratch("serials.json", "{\"format\":1,\"policies\":{}}\n", 27);
	read_is(-EBADMSG);
	overwrite_scratch("serials.json", "{\"format\":1,\"policies\":{\"a\":5}}\n", 32);
	read_is(-EBADMSG);
}

static void test_what_is_no_state_file(void **state)
{
	struct dmp_floors floors;

	(void)state;
	read_is(-ENOENT);
	create(&floors);
	dmp_floors_free(&floors);
	assert_int_equal(rename(state_path, in_scratch("other")), 0);
	assert_int_equal(symlink("other", state_path), 0);
	read_is(-EINVAL);
	unlink(state_path);
	assert_int_equal(mkdir(state_path, 0700), 0);
	read_is(-EINVAL);
	rmdir(state_path);
	assert_int_equal(mkfifo(state_path, 0600), 0);
	read_is(-EINVAL);
}

/* --- writing ---------------------------------------------------------------- */

static void test_mode_of_the_file(void **state)
{
	struct dmp_floors floors;
	struct stat status;
	mode_t mask = umask(0);

	(void)state;
	create(&floors);
	set(&floors, "a", 1);
	umask(mask);
	dmp_floors_free(&floors);
	assert_int_equal(stat(state_path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

/* Return: how many steps it takes to write. */
static unsigned int count_steps(void)
{
	struct dmp_floors floors;

	create(&floors);
	disk.steps = 0;
	set(&floors, "a", 5);
	dmp_floors_free(&floors);
	return disk.steps;
}

/* A floor that is set by a process that stops there. */
static int set_and_stop(int countdown, uint64_t serial)
{
	struct dmp_floors floors;
	int status;
	pid_t child = fork();

	if (!child) {
		struct dmp_floor floor = make("a", serial, 0x11);

		if (dmp_floors_read(&floors, state_path))
			_exit(1);
		disk.countdown = countdown;
		_exit(dmp_floors_set(&floors, &floor, NULL) ? 2 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

/* At each step: the old floor or the new one, nothing else; and it goes on. */
static void test_the_machine_stops(void **state)
{
	unsigned int steps = count_steps();
	bool old = false, new = false;
	uint64_t serial;

	(void)state;
	assert_int_equal(steps, 4);
	for (unsigned int i = 1; i <= steps; i++) {
		assert_int_equal(set_and_stop((int)i, 10 * i + 1), 99);
		serial = in_file("a");
		if (serial == 10 * i + 1)
			new = true;
		else
			old = serial == 10 * (i - 1) || (i == 1 && serial == 5);
		assert_true(old || new);
		assert_int_equal(set_and_stop(0, 10 * i), 0);
		assert_int_equal(in_file("a"), 10 * i);
	}
	/* Both are possible: before and after the rename. */
	assert_true(old && new);
	/* What was left behind did no harm, and is gone. */
	assert_int_equal(access(in_scratch("serials.json.new"), F_OK), -1);
}

static void test_the_disk_fails(void **state)
{
	unsigned int steps = count_steps();
	struct dmp_floor floor = make("a", 6, 0x22);
	struct dmp_floors floors;

	(void)state;
	for (unsigned int i = 1; i <= steps; i++) {
		assert_int_equal(dmp_floors_read(&floors, state_path), 0);
		disk.countdown = (int)i;
		disk.error = EIO;
		assert_int_equal(dmp_floors_set(&floors, &floor, NULL), -EIO);
		/* In memory it is as before, and the file is in order. */
		check(&floors, "a", 5, 0x11, DMP_FLOOR_SAME);
		assert_int_equal(in_file("a"), i == steps ? 6 : 5);
		assert_true(floors.unsaved);
		assert_int_equal(dmp_floors_save(&floors), 0);
		assert_int_equal(in_file("a"), 5);
		dmp_floors_free(&floors);
	}
	assert_int_equal(access(in_scratch("serials.json.new"), F_OK), -1);
}

#define NAMES 50u

static void test_many_names(void **state)
{
	struct dmp_floors floors;
	struct dmp_floor floor;
	char name[16];

	(void)state;
	create(&floors);
	for (unsigned int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "policy-%u", i * 7919 % NAMES);
		floor = make(name, i + 1, (uint8_t)i);
		assert_int_equal(dmp_floors_set(&floors, &floor, NULL), 0);
	}
	for (size_t i = 1; i < floors.count; i++)
		assert_true(strcmp(floors.list[i - 1].name, floors.list[i].name) < 0);
	dmp_floors_free(&floors);
	assert_int_equal(dmp_floors_read(&floors, state_path), 0);
	assert_int_equal(floors.count, NAMES);
	for (unsigned int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "policy-%u", i * 7919 % NAMES);
		check(&floors, name, i + 1, (uint8_t)i, DMP_FLOOR_SAME);
	}
	dmp_floors_free(&floors);
}

/* --- a new beginning -------------------------------------------------------- */

static void test_new_state(void **state)
{
	struct dmp_floors floors;
	char *aside;

	(void)state;
	assert_int_equal(dmp_state_new(state_path), DMP_EXIT_OK);
	assert_int_equal(dmp_state_open(&floors, state_path), DMP_EXIT_OK);
	set(&floors, "a", 5);
	dmp_floors_free(&floors);
	/* A valid one stays. */
	assert_int_equal(dmp_floors_create(state_path, &aside), -EEXIST);
	assert_int_equal(dmp_state_new(state_path), DMP_EXIT_FAILED);
	assert_int_equal(in_file("a"), 5);
	/* A corrupt one is kept aside, byte for byte. */
	overwrite_scratch("serials.json", "corrupt", 7);
	assert_int_equal(dmp_state_open(&floors, state_path), DMP_EXIT_STATE);
	dmp_floors_free(&floors);
	assert_int_equal(dmp_floors_create(state_path, &aside), 0);
	assert_int_equal(strncmp(aside, state_path, strlen(state_path)), 0);
	assert_int_equal(strncmp(aside + strlen(state_path), ".corrupt-20", 11), 0);
	scratch_is(aside + strlen(scratch) + 1, "corrupt");
	free(aside);
	assert_int_equal(in_file("a"), 0);
	unlink(state_path);
	assert_int_equal(dmp_state_open(&floors, state_path), DMP_EXIT_STATE);
	dmp_floors_free(&floors);
}

static void test_no_place_for_a_new_state(void **state)
{
	char *aside;

	(void)state;
	assert_int_equal(dmp_floors_create(in_scratch("no/serials.json"), &aside), -ENOENT);
	assert_int_equal(dmp_state_new(in_scratch("no/serials.json")), DMP_EXIT_FAILED);
	assert_int_equal(mkdir(state_path, 0700), 0);
	assert_int_equal(dmp_state_new(state_path), DMP_EXIT_FAILED);
	rmdir(state_path);
	disk.countdown = 2;
	disk.error = EIO;
	assert_int_equal(dmp_floors_create(state_path, &aside), -EIO);
	assert_int_equal(access(state_path, F_OK), -1);
}

/* --- telling the kernel ----------------------------------------------------- */

static struct {
	char told[200];
	int error;
	const char *sentence;
} kernel;

const char *dmp_nl_message(const struct dmp_nl *nl)
{
	(void)nl;
	return kernel.sentence;
}

int dmp_nl_raise_floor(struct dmp_nl *nl, const char *name, uint64_t serial)
{
	size_t length = strlen(kernel.told);

	(void)nl;
	snprintf(kernel.told + length, sizeof(kernel.told) - length, "%s:%llu ", name,
		 (unsigned long long)serial);
	return kernel.error;
}

/* One less than the floor, which is to be in force again. */
static void test_the_kernel_is_told(void **state)
{
	struct dmp_floors floors;

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.sentence = "";
	create(&floors);
	assert_int_equal(dmp_state_tell(&floors, NULL), 0);
	set(&floors, "c", 1);
	set(&floors, "b", UINT64_MAX);
	set(&floors, "a", 2);
	assert_int_equal(dmp_state_tell(&floors, NULL), 0);
	assert_string_equal(kernel.told, "a:1 b:18446744073709551614 ");
	/* What it does not take does not stop the rest; that it is gone does. */
	kernel.told[0] = '\0';
	kernel.error = -ENOSPC;
	kernel.sentence = "no room";
	assert_int_equal(dmp_state_tell(&floors, NULL), 0);
	assert_string_equal(kernel.told, "a:1 b:18446744073709551614 ");
	kernel.told[0] = '\0';
	kernel.error = -ENOENT;
	kernel.sentence = "";
	assert_int_equal(dmp_state_tell(&floors, NULL), -ENOENT);
	assert_string_equal(kernel.told, "a:1 ");
	dmp_floors_free(&floors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_is_accepted, setup),
		cmocka_unit_test_setup(test_put_back, setup),
		cmocka_unit_test_setup(test_notes_only_raise, setup),
		cmocka_unit_test_setup(test_corruption_of_any_byte_is_noticed, setup),
		cmocka_unit_test_setup(test_truncation_and_more_is_noticed, setup),
		cmocka_unit_test_setup(test_other_formats, setup),
		cmocka_unit_test_setup(test_what_is_no_state_file, setup),
		cmocka_unit_test_setup(test_mode_of_the_file, setup),
		cmocka_unit_test_setup(test_the_machine_stops, setup),
		cmocka_unit_test_setup(test_the_disk_fails, setup),
		cmocka_unit_test_setup(test_many_names, setup),
		cmocka_unit_test_setup(test_new_state, setup),
		cmocka_unit_test_setup(test_no_place_for_a_new_state, setup),
		cmocka_unit_test_setup(test_the_kernel_is_told, setup),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
