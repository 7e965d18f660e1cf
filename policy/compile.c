// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compile.c - from a policy to its canonical bytes
 *
 * Three tables are filled while the rules are walked once in canonical order:
 * strings and attribute records, each stored once in the order of first
 * reference, and the rule ids that are taken.
 */
#include <stdlib.h>

#include <linux/devmem_policy.h>

#include "index.h"
#include "message.h"
#include "store.h"

/*
 * What a rule's id is derived from: first, last, action, ops, flags; and if it
 * has conditions, these, uid, gid, until and exe.
 */
#define ID_CONTENT_BYTES 20
#define ID_CONDITION_BYTES 20
#define ID_MAX_BYTES (ID_CONTENT_BYTES + ID_CONDITION_BYTES + DMP_MAX_EXE_BYTES)

/* A set of numbers with a value each; open addressing, no key is 0. */
struct table {
	u32 mask;
	u32 *slots; /* 0: free; else what the owner put there */
};

struct compiler {
	u8 *rules;
	u8 *attributes;
	u8 *strings;
	u32 attribute_count;
	u64 features;
	size_t string_bytes;
	u32 auditor; /* string */
	struct table string_table; /* slots hold offsets of strings */
	struct table attribute_table; /* slots hold numbers of records */
	struct table id_table; /* slots hold ids */
};

/* At most half full with count entries. */
static int table_init(struct table *table, u32 count)
{
	u32 size = 16;

	while (size < 2 * count)
		size *= 2;
	table->mask = size - 1;
	table->slots = calloc(size, sizeof(*table->slots));
	return table->slots ? 0 : -ENOMEM;
}

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static u32 hash_bytes(const u8 *bytes, size_t length)
{
	u32 hash = 2166136261u;

	while (length--)
		hash = (hash ^ *bytes++) * 16777619u;
	return hash;
}

/* The offset of the string; it is appended if it is not there yet. */
static u32 intern_string(struct compiler *compiler, const char *string)
{
	struct table *table = &compiler->string_table;
	const char *strings = (const char *)compiler->strings;
	u32 slot;

	if (!string || !*string)
		return 0;
	slot = hash_bytes((const u8 *)string, strlen(string)) & table->mask;
	for (; table->slots[slot]; slot = (slot + 1) & table->mask)
		if (!strcmp(strings + table->slots[slot], string))
			return table->slots[slot];
	table->slots[slot] = (u32)compiler->string_bytes;
	memcpy(compiler->strings + compiler->string_bytes, string,
	       strlen(string) + 1);
	compiler->string_bytes += strlen(string) + 1;
	return table->slots[slot];
}

static u8 *attribute_record(const struct compiler *compiler, u32 number)
{
	return compiler->attributes +
	       (size_t)(number - 1) * DMP_ATTRIBUTE_BYTES;
}

/* The number of the record with these contents, from 1. */
static u32 intern_attribute(struct compiler *compiler, const u8 *contents)
{
	struct table *table = &compiler->attribute_table;
	u32 slot = hash_bytes(contents, DMP_ATTRIBUTE_BYTES) & table->mask;

	for (; table->slots[slot]; slot = (slot + 1) & table->mask)
		if (!memcmp(attribute_record(compiler, table->slots[slot]),
			    contents, DMP_ATTRIBUTE_BYTES))
			return table->slots[slot];
	table->slots[slot] = ++compiler->attribute_count;
	memcpy(attribute_record(compiler, table->slots[slot]), contents,
	       DMP_ATTRIBUTE_BYTES);
	return table->slots[slot];
}

static void note_features(struct compiler *compiler, u32 conditions)
{
	if (conditions & DEVMEM_POLICY_CONDITION_UNTIL)
		compiler->features |= DMP_FEATURE_TIMES;
	if (conditions & ~(u32)DEVMEM_POLICY_CONDITION_UNTIL)
		compiler->features |= DMP_FEATURE_SUBJECTS;
}

/* The number of the rule's attribute record; 0: it needs none. */
static u32 compile_attributes(struct compiler *compiler,
			      const struct dmp_policy_rule *rule)
{
	u8 record[DMP_ATTRIBUTE_BYTES] = { 0 };
	u32 because = intern_string(compiler, rule->because);

	if (!because && !rule->conditions)
		return 0;
	dmp_store32(record + DMP_ATTRIBUTE_BECAUSE, because);
	dmp_store32(record + DMP_ATTRIBUTE_CONDITIONS, rule->conditions);
	dmp_store32(record + DMP_ATTRIBUTE_UID, rule->uid);
	dmp_store32(record + DMP_ATTRIBUTE_GID, rule->gid);
	dmp_store32(record + DMP_ATTRIBUTE_EXE,
		    intern_string(compiler, rule->exe));
	dmp_store64(record + DMP_ATTRIBUTE_UNTIL, rule->until_s);
	note_features(compiler, rule->conditions);
	return intern_attribute(compiler, record);
}

/* True when the id was free; it is taken now. */
static bool take_id(struct table *table, u32 id)
{
	u32 slot;

	for (slot = id & table->mask; table->slots[slot];
	     slot = (slot + 1) & table->mask)
		if (table->slots[slot] == id)
			return false;
	table->slots[slot] = id;
	return true;
}

static size_t put_conditions(const struct dmp_policy_rule *rule, u8 *content)
{
	size_t exe_bytes = rule->exe ? strlen(rule->exe) : 0;

	if (!rule->conditions)
		return 0;
	dmp_store32(content, rule->conditions);
	dmp_store32(content + 4, rule->uid);
	dmp_store32(content + 8, rule->gid);
	dmp_store64(content + 12, rule->until_s);
	if (rule->exe)
		memcpy(content + ID_CONDITION_BYTES, rule->exe, exe_bytes);
	return ID_CONDITION_BYTES + exe_bytes;
}

/*
 * The first four bytes of the SHA-256 of what the rule does, as a number that
 * reads like them; the next free one if another rule before has it.
 */
static int make_id(struct compiler *compiler,
		   const struct dmp_policy_rule *rule, const u8 *record,
		   u32 *id)
{
	u8 content[ID_MAX_BYTES], digest[DMP_DIGEST_BYTES];
	int ret;

	memcpy(content, record + DMP_RULE_FIRST, 16);
	memcpy(content + 16, record + DMP_RULE_ACTION, 4);
	ret = dmp_digest(content,
			 ID_CONTENT_BYTES +
				 put_conditions(rule,
						content + ID_CONTENT_BYTES),
			 digest);
	if (ret)
		return ret;
	*id = (u32)digest[0] << 24 | (u32)digest[1] << 16 |
	      (u32)digest[2] << 8 | digest[3];
	while (!*id || !take_id(&compiler->id_table, *id))
		++*id;
	return 0;
}

static int compile_rule(struct compiler *compiler,
			const struct dmp_policy_rule *rule, u8 *record)
{
	u32 id;
	int ret;

	dmp_store64(record + DMP_RULE_FIRST, rule->first);
	dmp_store64(record + DMP_RULE_LAST, rule->last);
	record[DMP_RULE_ACTION] = rule->action;
	record[DMP_RULE_OPS] = rule->ops;
	dmp_store16(record + DMP_RULE_FLAGS, rule->flags);
	ret = make_id(compiler, rule, record, &id);
	if (ret)
		return ret;
	dmp_store32(record + DMP_RULE_ID, id);
	dmp_store32(record + DMP_RULE_LABEL,
		    intern_string(compiler, rule->label));
	dmp_store32(record + DMP_RULE_ATTRIBUTES,
		    compile_attributes(compiler, rule));
	return 0;
}

static size_t text_room(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

/* Room for the string table if no string occurred twice. */
static size_t string_room(const struct dmp_policy *policy)
{
	const struct dmp_policy_rule *rule = policy->rules;
	size_t room = 1;
	u32 i;

	room += text_room(policy->auditor);
	for (i = 0; i < policy->rule_count; i++, rule++)
		room += text_room(rule->label) + text_room(rule->because) +
			text_room(rule->exe);
	return room;
}

static int compiler_init(struct compiler *compiler,
			 const struct dmp_policy *policy)
{
	u32 count = policy->rule_count;

	memset(compiler, 0, sizeof(*compiler));
	/* One more than needed: none of these may be an allocation of 0 bytes. */
	compiler->rules = calloc(count + 1, DMP_RULE_BYTES);
	compiler->attributes = calloc(count + 1, DMP_ATTRIBUTE_BYTES);
	compiler->strings = calloc(1, string_room(policy));
	compiler->string_bytes = 1;
	if (!compiler->rules || !compiler->attributes || !compiler->strings ||
	    table_init(&compiler->string_table, 3 * count + 1) ||
	    table_init(&compiler->attribute_table, count) ||
	    table_init(&compiler->id_table, count))
		return -ENOMEM;
	return 0;
}

static void compiler_free(struct compiler *compiler)
{
	free(compiler->rules);
	free(compiler->attributes);
	free(compiler->strings);
	free(compiler->string_table.slots);
	free(compiler->attribute_table.slots);
	free(compiler->id_table.slots);
}

static u32 flags_of(const struct dmp_policy *policy)
{
	return (policy->default_deny ? DMP_FLAG_DEFAULT_DENY : 0) |
	       (policy->permissive ? DMP_FLAG_PERMISSIVE : 0);
}

static void store_header(u8 *header, const struct dmp_policy *policy,
			 const struct compiler *compiler, size_t total_bytes)
{
	memset(header, 0, DMP_HEADER_BYTES);
	memcpy(header + DMP_HEADER_MAGIC, DMP_MAGIC, DMP_MAGIC_BYTES);
	dmp_store16(header + DMP_HEADER_VERSION, DMP_FORMAT_VERSION);
	dmp_store16(header + DMP_HEADER_SIZE, DMP_HEADER_BYTES);
	dmp_store32(header + DMP_HEADER_FLAGS, flags_of(policy));
	dmp_store64(header + DMP_HEADER_FEATURES, compiler->features);
	dmp_store32(header + DMP_HEADER_AUDITOR, compiler->auditor);
	dmp_store64(header + DMP_HEADER_NOT_BEFORE, policy->not_before_s);
	dmp_store64(header + DMP_HEADER_EXPIRES, policy->expires_s);
	memcpy(header + DMP_HEADER_NAME, policy->name, strlen(policy->name));
	dmp_store64(header + DMP_HEADER_SERIAL, policy->serial);
	dmp_store32(header + DMP_HEADER_TOTAL_BYTES, (u32)total_bytes);
	dmp_store32(header + DMP_HEADER_RULE_COUNT, policy->rule_count);
	dmp_store32(header + DMP_HEADER_ATTRIBUTE_COUNT,
		    compiler->attribute_count);
	dmp_store32(header + DMP_HEADER_STRING_BYTES,
		    (u32)compiler->string_bytes);
	dmp_store16(header + DMP_HEADER_RULE_BYTES, DMP_RULE_BYTES);
	dmp_store16(header + DMP_HEADER_ATTRIBUTE_BYTES, DMP_ATTRIBUTE_BYTES);
}

/* What is not about a rule. */
static void compile_header(struct compiler *compiler,
			   const struct dmp_policy *policy)
{
	compiler->auditor = intern_string(compiler, policy->auditor);
	if (compiler->auditor)
		compiler->features |= DMP_FEATURE_AUDITOR;
	if (policy->not_before_s || policy->expires_s)
		compiler->features |= DMP_FEATURE_TIMES;
}

static int assemble(const struct dmp_policy *policy,
		    const struct compiler *compiler, struct dmp_buffer *bytes,
		    struct dmp_message *message)
{
	size_t rules = (size_t)policy->rule_count * DMP_RULE_BYTES;
	size_t attributes =
		(size_t)compiler->attribute_count * DMP_ATTRIBUTE_BYTES;
	size_t total =
		DMP_HEADER_BYTES + rules + attributes + compiler->string_bytes;
	u8 *at;

	if (total > DMP_MAX_POLICY_BYTES)
		return dmp_refuse(
			message, -E2BIG,
			"the compiled policy would have %zu bytes, %u are the most: shorten labels and reasons, or split the policy",
			total, DMP_MAX_POLICY_BYTES);
	at = malloc(total);
	if (!at)
		return dmp_refuse(message, -ENOMEM, "out of memory");
	bytes->bytes = at;
	bytes->length = total;
	store_header(at, policy, compiler, total);
	at += DMP_HEADER_BYTES;
	memcpy(at, compiler->rules, rules);
	memcpy(at + rules, compiler->attributes, attributes);
	memcpy(at + rules + attributes, compiler->strings,
	       compiler->string_bytes);
	return 0;
}

int dmp_compile(const struct dmp_policy *policy, struct dmp_buffer *bytes,
		struct dmp_message *message)
{
	struct compiler compiler;
	int ret;
	u32 i;

	bytes->bytes = NULL;
	bytes->length = 0;
	ret = compiler_init(&compiler, policy);
	if (!ret)
		compile_header(&compiler, policy);
	for (i = 0; !ret && i < policy->rule_count; i++)
		ret = compile_rule(&compiler, &policy->rules[i],
				   compiler.rules + (size_t)i * DMP_RULE_BYTES);
	if (ret)
		dmp_refuse(message, ret, "cannot compile the policy: %s",
			   strerror(-ret));
	else
		ret = assemble(policy, &compiler, bytes, message);
	compiler_free(&compiler);
	return ret;
}

/* The limit that no record tells of, but the kernel keeps. */
static int check_crowds(const struct dmp_view *view,
			struct dmp_message *message)
{
	struct dmp_index_build build = { .view = view, .page_shift = 12 };
	int ret = dmp_index_build(&build);

	if (!ret)
		return 0;
	return dmp_refuse(
		message, ret,
		"rule %u (id %08x): more than %u rules with conditions name one of its pages",
		build.rule + 1,
		dmp_load32(dmp_rule_record(view, build.rule) + DMP_RULE_ID),
		DMP_MAX_CONDITIONAL);
}

int dmp_check_canonical(const u8 *bytes, size_t length,
			struct dmp_message *message)
{
	struct dmp_buffer again;
	struct dmp_policy policy;
	struct dmp_view view;
	int ret;

	ret = dmp_policy_decode(bytes, length, &view, message);
	if (ret)
		return ret;
	ret = check_crowds(&view, message);
	if (ret)
		return ret;
	ret = dmp_policy_from_view(&view, &policy);
	if (ret)
		return dmp_refuse(message, ret, "out of memory");
	ret = dmp_compile(&policy, &again, message);
	dmp_policy_free(&policy);
	if (ret)
		return ret;
	if (again.length != length || memcmp(again.bytes, bytes, length))
		ret = dmp_refuse(
			message, -EINVAL,
			"the policy is valid but not canonical: its text does not compile to the same bytes");
	dmp_buffer_free(&again);
	return ret;
}
