// SPDX-License-Identifier: GPL-2.0-or-later
#include "item.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- kinds ------------------------------------------------------------------ */

enum family {
	FAMILY_ACCESS,
	FAMILY_POLICY,
	FAMILY_MODULE,
	FAMILY_LOG,
	FAMILY_FORWARD,
};

/* Chosen at random, once; devmemctl(8) documents them. */
static const char *const message_ids[] = {
	[FAMILY_ACCESS] = "6ac1f6c290a24ef58c45d2054b65d078",
	[FAMILY_POLICY] = "b786e797bffb41e4b1f8c5ea3d60440e",
	[FAMILY_MODULE] = "246de9ff577b47b5886b155352b57af7",
	[FAMILY_LOG] = "107d7fd7fb524484b0d4daac17e36cd5",
	[FAMILY_FORWARD] = "d1140d78844745c5af08cd78e9f936a8",
};

static const struct kind {
	const char *name;
	enum family family;
	int severity;
} kinds[] = {
	{ "grant", FAMILY_ACCESS, LOG_INFO },
	{ "denial", FAMILY_ACCESS, LOG_WARNING },
	{ "permitted", FAMILY_ACCESS, LOG_NOTICE },
	{ "loss", FAMILY_ACCESS, LOG_WARNING },
	{ "miss", FAMILY_ACCESS, LOG_WARNING },
	{ "revoked", FAMILY_ACCESS, LOG_NOTICE },
	{ "policy-loaded", FAMILY_POLICY, LOG_NOTICE },
	{ "policy-refused", FAMILY_POLICY, LOG_WARNING },
	{ "policy-removed", FAMILY_POLICY, LOG_NOTICE },
	{ "policy-resolved", FAMILY_POLICY, LOG_NOTICE },
	{ "program-changed", FAMILY_POLICY, LOG_NOTICE },
	{ "expired", FAMILY_POLICY, LOG_NOTICE },
	{ "withdrawn", FAMILY_POLICY, LOG_NOTICE },
	{ "restored", FAMILY_POLICY, LOG_NOTICE },
	{ "mode-changed", FAMILY_POLICY, LOG_WARNING },
	{ "module-loaded", FAMILY_MODULE, LOG_NOTICE },
	{ "module-unloading", FAMILY_MODULE, LOG_NOTICE },
	{ "auditor-attached", FAMILY_MODULE, LOG_NOTICE },
	{ "auditor-detached", FAMILY_MODULE, LOG_NOTICE },
	{ "auditor-refused", FAMILY_MODULE, LOG_WARNING },
	{ "probes-silent", FAMILY_MODULE, LOG_ERR },
	{ "checkpoint", FAMILY_LOG, LOG_INFO },
	{ "repaired", FAMILY_LOG, LOG_WARNING },
	{ "forward-status", FAMILY_FORWARD, LOG_INFO },
	{ "forward-gap", FAMILY_FORWARD, LOG_ERR },
};

/* Of a newer devmemd; better seen than not. */
static const struct kind unknown = { "", FAMILY_MODULE, LOG_NOTICE };

static const struct kind *kind_of(const struct dmp_item *item)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (dmp_line_is(item->line, "kind", kinds[i].name))
			return &kinds[i];
	return &unknown;
}

int dmp_item_severity(const struct dmp_item *item)
{
	return kind_of(item)->severity;
}

const char *dmp_item_message_id(const struct dmp_item *item)
{
	return message_ids[kind_of(item)->family];
}

/* --- fields ----------------------------------------------------------------- */

void dmp_item_name(const struct dmp_item *item, const struct dmp_field *field,
		   char name[DMP_FIELD_NAME_BYTES])
{
	const struct dmp_field *group;

	if (!field->group) {
		snprintf(name, DMP_FIELD_NAME_BYTES, "%.*s", (int)field->key_length,
			 field->key);
		return;
	}
	group = &item->line->fields[field->group - 1];
	snprintf(name, DMP_FIELD_NAME_BYTES, "%.*s.%.*s", (int)group->key_length, group->key,
		 (int)field->key_length, field->key);
}

static void put_plain(const struct dmp_field *field, const char *special,
		      struct dmp_output *output)
{
	const char *at = field->text, *end = at + field->text_length;

	for (; at < end; at++) {
		if (*at == '\\')
			at++;
		if (strchr(special, *at))
			dmp_output_put(output, "\\", 1);
		dmp_output_put(output, at, 1);
	}
}

void dmp_item_value(const struct dmp_field *field, const char *special,
		    struct dmp_output *output)
{
	if (field->kind == DMP_FIELD_TEXT)
		put_plain(field, special, output);
	else if (field->kind == DMP_FIELD_NUMBER)
		dmp_output_print(output, "%" PRId64, field->number);
	else if (field->kind == DMP_FIELD_BOOL)
		dmp_output_text(output, field->number ? "true" : "false");
}

/* --- sentences -------------------------------------------------------------- */

/*
 * Words of a sentence, in their order. With a suffix they are counted, as in
 * "2 pages".
 */
struct word {
	const char *before;
	const char *field;
	const char *suffix;
};

static const struct word record_words[] = {
	{ " of ", "lost", "" },
	{ " ", "operation", "" },
	{ " ", "first", "" },
	{ "-", "last", "" },
	{ " ", "pages", " page" },
	{ " in ", "calls", " call" },
	{ " would ", "would", "" },
	{ " ", "reason", "" },
	{ " ", "rule", "" },
	{ " policy ", "policy", "" },
	{ " serial ", "serial", "" },
	{ " by ", "comm", "" },
	{ " pid ", "pid", "" },
	{ " exe ", "exe", "" },
	{ " uid ", "uid", "" },
};

static const struct word checkpoint_words[] = {
	{ " ", "cause", "" },
	{ ": ", "count", " record" },
	{ " up to #", "last_seq", "" },
	{ " of ", "instance", "" },
};

static const struct word repaired_words[] = {
	{ ": ", "dropped_bytes", " byte" },
	{ " of an unfinished line removed, SHA-256 ", "dropped_sha256", "" },
};

static const struct word status_words[] = {
	{ " ", "cause", "" },
	{ ": ", "forwarded", " line" },
	{ " forwarded, ", "connections", " connection attempt" },
	{ " repeated, ", "truncated", " message" },
	{ " cut, ", "lost", " record" },
	{ " lost, ", "breaks", " break" },
};

static const struct word gap_words[] = {
	{ ": ", "why", "" },
	{ "; missing ", "missing", " record" },
	{ ": #", "missing_first", "" },
	{ " to #", "missing_last", "" },
	{ " of ", "instance", "" },
};

static void put_word(const struct dmp_item *item, const struct word *word,
		     struct dmp_output *output)
{
	const struct dmp_field *field = dmp_line_find(item->line, word->field);

	if (!field || field->kind == DMP_FIELD_GROUP)
		return;
	dmp_output_text(output, word->before);
	dmp_item_value(field, "", output);
	dmp_output_text(output, word->suffix);
	if (*word->suffix && field->number != 1)
		dmp_output_text(output, "s");
}

static void put_words(const struct dmp_item *item, const struct word *words, size_t count,
		      struct dmp_output *output)
{
	for (size_t i = 0; i < count; i++)
		put_word(item, &words[i], output);
}

static void put_outcome(const struct dmp_item *item, struct dmp_output *output)
{
	const struct dmp_field *permissive = dmp_line_find(item->line, "permissive");
	const struct word words[] = {
		{ " -> ", dmp_line_find(item->line, "error") ? "error" : "result", "" },
		{ " after ", "transferred", " byte" },
	};

	if (permissive)
		dmp_output_print(output, " -> %s",
				 permissive->number ? "permissive" : "enforcing");
	put_words(item, words, COUNT(words), output);
}

static void put_start(const struct dmp_item *item, struct dmp_output *output)
{
	static const struct word words[] = { { "#", "seq", "" }, { "", "kind", "" } };
	size_t before = output->length;

	put_word(item, &words[0], output);
	if (output->length > before)
		dmp_output_text(output, " ");
	put_word(item, &words[1], output);
}

void dmp_item_sentence(const struct dmp_item *item, struct dmp_output *output)
{
	static const struct sentence {
		const char *kind;
		const struct word *words;
		size_t count;
	} sentences[] = {
		{ "checkpoint", checkpoint_words, COUNT(checkpoint_words) },
		{ "repaired", repaired_words, COUNT(repaired_words) },
		{ "forward-status", status_words, COUNT(status_words) },
		{ "forward-gap", gap_words, COUNT(gap_words) },
	};

	put_start(item, output);
	for (size_t i = 0; i < COUNT(sentences); i++)
		if (dmp_line_is(item->line, "kind", sentences[i].kind)) {
			put_words(item, sentences[i].words, sentences[i].count, output);
			return;
		}
	put_words(item, record_words, COUNT(record_words), output);
	put_outcome(item, output);
}
