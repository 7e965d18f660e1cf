// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * decide - samples of the decision table, for real accesses
 *
 *   decide plan DIRECTORY RESERVED UNRESERVED ALLOWED MASKED NOW
 *   decide play
 *
 * plan draws batches of samples, always the same, and makes a directory for each:
 *
 *   NUMBER/pN.policy     the policies to load, with serial NUMBER
 *   NUMBER/revoke        what to revoke, a line each
 *   NUMBER/permissive    is there if the module is to be permissive
 *   NUMBER/no-auditor    is there if there is to be no auditor
 *   NUMBER/play.EXE      for play, run as the program of that number
 *
 * The four addresses are of pages with three more on either side, of which the
 * kernel refuses the first two, allows the third and masks the fourth; NOW is in
 * seconds. Standard output has a line for each sample, of what the model expects:
 *
 *   ID|RESULT|KIND OPERATION BASELINE REASON WOULD|RULE,...|DESCRIPTION
 *
 * RESULT is EPERM, zeros, page (its text was seen) or ok (written). KIND is none if
 * there is no record; of the rules, the record must name one ("-" is none).
 *
 * play reads its lines from standard input and does what they say, each in a child
 * with its own subject, and prints ID, pid and RESULT.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/names.h"
#include "policy/policy.h"
#include "tests/unit/decision_table.h"
#include "tests/unit/decision_text.h"

#define BATCHES 26u
#define BATCHES_WITHOUT_AUDITOR 4u /* the last ones */
#define SAMPLES_PER_BATCH 14u
#define CANDIDATES 16u /* for a sample: the one is taken whose answer is the rarest */
#define ATTEMPTS 16u /* to find policies that bring an answer that there was not yet */
#define PAGE_BYTES 4096ul
#define MARK "devmem-policy"

/* --- plan ------------------------------------------------------------------------- */

#define PLACES 4u

static const struct {
	enum devmem_policy_baseline baseline;
	unsigned int unreserved;
} grounds[PLACES] = {
	{ DEVMEM_POLICY_BASELINE_DENY, 0 },
	{ DEVMEM_POLICY_BASELINE_DENY, 1 },
	{ DEVMEM_POLICY_BASELINE_ALLOW, 0 },
	{ DEVMEM_POLICY_BASELINE_MASK, 0 },
};

struct batch {
	unsigned int number;
	struct table_place places[PLACES];
	struct table_row row;
	struct model_world world;
	u32 rule_id[MODEL_MAX_POLICIES][MODEL_MAX_RULES];
	char directory[256];
};

struct sample {
	struct table_row row;
	struct model_access access;
	struct model_answer answer;
};

/* xorshift64*; the seed never changes, so neither do the samples */
static u64 state = 0x6465636964652121;

static unsigned int draw(unsigned int limit)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned int)((state * 2685821657736338717ull >> 32) % limit);
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Mostly of what permits something, or everything would be refused. */
static void draw_policies(struct table_row *row)
{
	table_first(row);
	do {
		row->value[TABLE_RULES] = draw(table_values(TABLE_RULES));
		row->value[TABLE_WHOSE] = draw(2) ? 0 : draw(table_values(TABLE_WHOSE));
		row->value[TABLE_SUBJECT] = draw(table_values(TABLE_SUBJECT));
		row->value[TABLE_TIME] = draw(2) ? draw(2) : draw(table_values(TABLE_TIME));
		row->value[TABLE_PERMISSIVE] = draw(2) ? 0 : draw(table_values(TABLE_PERMISSIVE));
		row->value[TABLE_DEFAULT] = draw(table_values(TABLE_DEFAULT));
		row->value[TABLE_WITHDRAWN] = draw(3) ? 0 : draw(table_values(TABLE_WITHDRAWN));
	} while (!table_is_real(row));
}

/* The same policies with rules for every place. */
static void make_world(struct batch *batch)
{
	struct model_world *world = &batch->world;
	struct table_scene scene;
	unsigned int i, p, r;

	table_scene(&batch->row, &batch->places[0], &scene);
	*world = scene.world;
	for (i = 1; i < PLACES; i++) {
		table_scene(&batch->row, &batch->places[i], &scene);
		for (p = 0; p < world->count; p++)
			for (r = 0; r < scene.world.policies[p].count; r++)
				world->policies[p].rules[world->policies[p].count++] =
					scene.world.policies[p].rules[r];
		if (scene.world.withdrawn_count)
			world->withdrawn[world->withdrawn_count++] = scene.world.withdrawn[0];
	}
}

static FILE *open_in(const struct batch *batch, const char *name)
{
	char path[300];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", batch->directory, name);
	stream = fopen(path, "w");
	if (!stream)
		die(path);
	return stream;
}

/* Rules get their ids when they are compiled. */
static void learn_ids(const char *text, size_t length, u32 *rule_id)
{
	struct dmp_diagnostics diagnostics;
	struct dmp_message message;
	struct dmp_policy policy;
	struct dmp_buffer bytes;
	struct dmp_rule rule;
	struct dmp_view view;
	u32 i;

	if (dmp_parse(text, length, &policy, &diagnostics) ||
	    dmp_compile(&policy, &bytes, &message) ||
	    dmp_policy_decode(bytes.bytes, bytes.length, &view, &message)) {
		fputs(text, stderr);
		exit(1);
	}
	for (i = 0; i < view.header.rule_count; i++) {
		dmp_view_rule(&view, i, &rule);
		rule_id[atoi(rule.label)] = rule.id;
	}
	dmp_buffer_free(&bytes);
	dmp_policy_free(&policy);
	dmp_diagnostics_free(&diagnostics);
}

static void write_policies(struct batch *batch)
{
	char name[24], *text;
	size_t length;
	FILE *stream;
	unsigned int p;

	for (p = 0; p < batch->world.count; p++) {
		snprintf(name, sizeof(name), "p%u", p);
		stream = open_memstream(&text, &length);
		if (!stream)
			die("open_memstream");
		decision_print(&batch->world.policies[p], name, batch->number, stream);
		fclose(stream);
		learn_ids(text, length, batch->rule_id[p]);
		snprintf(name, sizeof(name), "p%u.policy", p);
		stream = open_in(batch, name);
		fputs(text, stream);
		fclose(stream);
		free(text);
	}
}

static void write_revoke(const struct batch *batch)
{
	const struct model_world *world = &batch->world;
	FILE *stream = open_in(batch, "revoke");
	unsigned int i, p, r;

	for (i = 0; i < world->withdrawn_count; i++)
		fprintf(stream, "0x%lx-0x%lx\n", world->withdrawn[i].first_page * PAGE_BYTES,
			(world->withdrawn[i].last_page + 1) * PAGE_BYTES - 1);
	for (p = 0; p < world->count; p++)
		for (r = 0; r < world->policies[p].count; r++)
			if (world->policies[p].rules[r].withdrawn)
				fprintf(stream, "p%u:%08x\n", p, batch->rule_id[p][r]);
	fclose(stream);
}

/* Another subject, to whom the same rules apply or not. */
static void draw_subject(const struct batch *batch, struct table_row *row)
{
	struct table_scene before, after;

	table_scene(&batch->row, &batch->places[0], &before);
	do {
		row->value[TABLE_SUBJECT] = draw(table_values(TABLE_SUBJECT));
		table_scene(row, &batch->places[0], &after);
	} while (!table_is_real(row) || memcmp(before.world.policies, after.world.policies,
					       sizeof(before.world.policies)));
}

static const char *result_of(const struct model_access *access, const struct model_answer *answer)
{
	if (!answer->allowed)
		return "EPERM";
	if (access->operation == DEVMEM_POLICY_OPERATION_WRITE)
		return "ok";
	if (access->operation == DEVMEM_POLICY_OPERATION_READ &&
	    answer->allowed == DEVMEM_POLICY_BASELINE_MASK)
		return "zeros";
	return "page";
}

static void print_rules(const struct batch *batch, unsigned long rules)
{
	unsigned int p, r;

	if (!rules)
		putchar('-');
	for (p = 0; p < MODEL_MAX_POLICIES; p++)
		for (r = 0; r < MODEL_MAX_RULES; r++)
			if (rules >> (MODEL_MAX_RULES * p + r) & 1)
				printf("p%u:%08x,", p, batch->rule_id[p][r]);
}

static void print_expected(const struct batch *batch, unsigned int id, const struct sample *sample)
{
	const struct model_answer answer = sample->answer;
	const struct model_access *access = &sample->access;

	printf("%u|%s|", id, result_of(access, &answer));
	if (answer.kind)
		printf("%s %s %s %s %s|", dmp_kind_name(answer.kind).text,
		       dmp_operation_name(access->operation).text,
		       dmp_baseline_name(access->baseline).text,
		       dmp_reason_name(answer.reason).text,
		       answer.would ? dmp_would_name(answer.would).text : "-");
	else
		fputs("none|", stdout);
	print_rules(batch, answer.kind ? answer.rules : 0);
	putchar('|');
	table_print(&sample->row, stdout);
}

static void write_play(FILE *stream, unsigned int id, const struct model_access *access)
{
	const struct model_subject *subject = &access->subject;

	fprintf(stream, "%u %s%s 0x%lx %u %u %u %u\n", id,
		dmp_operation_name(access->operation).text, access->executable ? "-x" : "",
		access->page * PAGE_BYTES, subject->uid, subject->gid, subject->groups[0],
		subject->groups[1]);
}

static struct sample draw_candidate(const struct batch *batch)
{
	struct sample sample = { .row = batch->row };
	unsigned int place = draw(PLACES);
	struct table_scene scene;

	draw_subject(batch, &sample.row);
	sample.row.value[TABLE_BASELINE] = grounds[place].baseline;
	sample.row.value[TABLE_RESERVED] = grounds[place].unreserved;
	sample.row.value[TABLE_OPERATION] = draw(table_values(TABLE_OPERATION));
	table_scene(&sample.row, &batch->places[place], &scene);
	sample.access = scene.access;
	sample.answer = model_decide(&batch->world, &sample.access);
	return sample;
}

/* How often there was the like of it */
static unsigned int *seen(const struct sample *sample)
{
	static unsigned int seen[DEVMEM_POLICY_EVENT_PERMITTED + 1][__DEVMEM_POLICY_REASON_MAX]
				[DEVMEM_POLICY_WOULD_REFUSE + 1];
	const struct model_answer *answer = &sample->answer;

	return &seen[answer->kind][answer->kind ? answer->reason : 0][answer->would];
}

static struct sample draw_sample(const struct batch *batch)
{
	struct sample best = draw_candidate(batch), other;
	unsigned int i;

	for (i = 1; i < CANDIDATES; i++) {
		other = draw_candidate(batch);
		if (*seen(&other) < *seen(&best))
			best = other;
	}
	return best;
}

static void draw_samples(const struct batch *batch)
{
	FILE *right = open_in(batch, "play.1"), *other = open_in(batch, "play.5");
	struct sample sample;
	unsigned int i, id;

	for (i = 0; i < SAMPLES_PER_BATCH; i++) {
		id = batch->number * 100 + i;
		sample = draw_sample(batch);
		++*seen(&sample);
		print_expected(batch, id, &sample);
		write_play(sample.access.subject.exe == 1 ? right : other, id, &sample.access);
	}
	fclose(right);
	fclose(other);
}

static void draw_world(struct batch *batch)
{
	struct sample sample;
	unsigned int i;

	for (i = 0; i < ATTEMPTS; i++) {
		draw_policies(&batch->row);
		batch->row.value[TABLE_AUDITOR] =
			batch->number > BATCHES - BATCHES_WITHOUT_AUDITOR;
		make_world(batch);
		sample = draw_sample(batch);
		if (!*seen(&sample))
			return;
	}
}

static void plan_batch(struct batch *batch, const char *directory)
{
	snprintf(batch->directory, sizeof(batch->directory), "%s/%u", directory, batch->number);
	if (mkdir(batch->directory, 0755))
		die(batch->directory);
	draw_world(batch);
	if (batch->row.value[TABLE_AUDITOR])
		fclose(open_in(batch, "no-auditor"));
	if (batch->world.permissive)
		fclose(open_in(batch, "permissive"));
	write_policies(batch);
	write_revoke(batch);
	draw_samples(batch);
}

static int plan(char **arguments)
{
	struct table_place place = {
		.now = atol(arguments[1 + PLACES]),
		.uid = 1000,
		.other_uid = 2000,
		.gid = 100,
		.other_gid = 200,
		.third_gid = 300,
	};
	struct batch batch;
	unsigned int i, number;

	if (mkdir(arguments[0], 0755))
		die(arguments[0]);
	for (number = 1; number <= BATCHES; number++) {
		memset(&batch, 0, sizeof(batch));
		batch.number = number;
		for (i = 0; i < PLACES; i++) {
			place.page = strtoul(arguments[1 + i], NULL, 0) / PAGE_BYTES;
			batch.places[i] = place;
		}
		plan_batch(&batch, arguments[0]);
	}
	return 0;
}

/* --- play ------------------------------------------------------------------------- */

struct deed {
	unsigned int id;
	char operation[16];
	bool executable;
	unsigned long address;
	unsigned int uid, gid;
	gid_t groups[2];
};

static const char *what_is_there(const char *bytes, size_t length)
{
	static const char zeros[sizeof(MARK)];

	if (!memcmp(bytes, MARK, sizeof(MARK) - 1))
		return "page";
	return memcmp(bytes, zeros, length) ? "other" : "zeros";
}

static const char *do_read(int fd, const struct deed *deed)
{
	char bytes[sizeof(MARK) - 1];
	ssize_t got = pread(fd, bytes, sizeof(bytes), (off_t)deed->address);

	if (got < 0)
		return strerrorname_np(errno);
	return got == sizeof(bytes) ? what_is_there(bytes, sizeof(bytes)) : "short";
}

/* Behind the mark. */
static const char *do_write(int fd, const struct deed *deed)
{
	ssize_t put = pwrite(fd, "seen", 4, (off_t)(deed->address + PAGE_BYTES / 2));

	if (put < 0)
		return strerrorname_np(errno);
	return put == 4 ? "ok" : "short";
}

static const char *do_mmap(int fd, const struct deed *deed)
{
	int prot = PROT_READ | (deed->executable ? PROT_EXEC : 0);
	char *mapping;

	if (!strcmp(deed->operation, "mmap-write"))
		prot |= PROT_WRITE;
	mapping = mmap(NULL, PAGE_BYTES, prot, MAP_SHARED, fd, (off_t)deed->address);
	if (mapping == MAP_FAILED)
		return strerrorname_np(errno);
	return what_is_there(mapping, sizeof(MARK) - 1);
}

/* The descriptor is opened by root; what counts is who uses it. */
static void act(const struct deed *deed)
{
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	const char *result;

	if (fd < 0)
		die("/dev/mem");
	if (setgroups(2, deed->groups) || setegid(deed->gid) || seteuid(deed->uid))
		die("subject");
	if (!strcmp(deed->operation, "read"))
		result = do_read(fd, deed);
	else if (!strcmp(deed->operation, "write"))
		result = do_write(fd, deed);
	else
		result = do_mmap(fd, deed);
	printf("%u %d %s\n", deed->id, (int)getpid(), result);
	fflush(stdout);
	_exit(0);
}

static bool read_deed(struct deed *deed)
{
	char *end;

	if (scanf("%u %15s %lx %u %u %u %u", &deed->id, deed->operation, &deed->address,
		  &deed->uid, &deed->gid, &deed->groups[0], &deed->groups[1]) != 7)
		return false;
	end = strstr(deed->operation, "-x");
	deed->executable = end;
	if (end)
		*end = '\0';
	return true;
}

static int play(void)
{
	struct deed deed;
	int status, ret = 0;

	while (read_deed(&deed)) {
		pid_t child = fork();

		if (child < 0)
			die("fork");
		if (!child)
			act(&deed);
		if (waitpid(child, &status, 0) != child || status) {
			printf("%u %d died\n", deed.id, (int)child);
			ret = 1;
		}
	}
	return ret;
}

int main(int argc, char **argv)
{
	if (argc == 4 + (int)PLACES && !strcmp(argv[1], "plan"))
		return plan(argv + 2);
	if (argc == 2 && !strcmp(argv[1], "play"))
		return play();
	fputs("usage: decide plan DIRECTORY RESERVED UNRESERVED ALLOWED MASKED NOW\n"
	      "       decide play <LINES\n",
	      stderr);
	return 2;
}
