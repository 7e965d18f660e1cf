// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl_policy_show.c - devmemctl policy show */
#include <inttypes.h>

#include <linux/devmem_policy.h>

#include "ctl_policy_parts.h"
#include "exit.h"
#include "say.h"

static json_t *address_json(u64 address)
{
	return json_sprintf("0x%" PRIx64, address);
}

/* Each is there if the rule has it. */
static void put_conditions(json_t *object, const struct dmp_rule *rule)
{
	if (rule->conditions & DEVMEM_POLICY_CONDITION_UID)
		json_object_set_new(object, "uid", json_integer(rule->uid));
	if (rule->conditions & DEVMEM_POLICY_CONDITION_GID)
		json_object_set_new(object, "gid", json_integer(rule->gid));
	if (rule->conditions & DEVMEM_POLICY_CONDITION_EXE)
		json_object_set_new(object, "exe", json_string(rule->exe));
	if (rule->conditions & DEVMEM_POLICY_CONDITION_UNTIL)
		json_object_set_new(object, "until",
				    dmp_ctl_time(rule->until_s));
}

static json_t *rule_json(const struct dmp_rule *rule)
{
	return json_pack("{s:o, s:s, s:s, s:o, s:o, s:b, s:b, s:s*, s:s*}", "rule",
			 json_sprintf("%08" PRIx32, rule->id), "action",
			 dmp_action_name(rule->action), "ops",
			 dmp_ops_name(rule->ops), "first",
			 address_json(rule->first), "last",
			 address_json(rule->last), "unreserved_ram",
			 rule->flags & DEVMEM_POLICY_RULE_UNRESERVED_RAM,
			 "log_summary",
			 rule->flags & DEVMEM_POLICY_RULE_LOG_SUMMARY,
			 "label", *rule->label ? rule->label : NULL, "because",
			 *rule->because ? rule->because : NULL);
}

static int show_json(const struct dmp_ctl_options *options,
		     const struct dmp_ctl_policy *loaded)
{
	const struct dmp_header *header = &loaded->view.header;
	char digest[2 * DMP_DIGEST_BYTES + 1];
	json_t *rules = json_array(), *object;
	struct dmp_rule rule;
	u32 i;

	dmp_ctl_digest(loaded->parts.policy, loaded->parts.policy_bytes,
		       digest);
	for (i = 0; i < header->rule_count; i++) {
		dmp_view_rule(&loaded->view, i, &rule);
		object = rule_json(&rule);
		put_conditions(object, &rule);
		json_array_append_new(rules, object);
	}
	return dmp_ctl_put_json(json_pack(
		"{s:s, s:b, s:s, s:o, s:s, s:s, s:o, s:o, s:s?, s:s, s:o}", "file",
		options->input, "signed", loaded->is_signed, "policy",
		header->name, "serial", dmp_ctl_serial(header->serial),
		"default",
		header->flags & DMP_FLAG_DEFAULT_DENY ? "deny" : "kernel",
		"mode",
		header->flags & DMP_FLAG_PERMISSIVE ? "permissive" : "enforce",
		"not_before", dmp_ctl_time(header->not_before_s), "expires",
		dmp_ctl_time(header->expires_s), "auditor",
		header->auditor ? dmp_view_auditor(&loaded->view) : NULL, "digest", digest, "rules",
		rules));
}

static int show_text(const struct dmp_ctl_policy *loaded)
{
	char digest[2 * DMP_DIGEST_BYTES + 1];

	dmp_ctl_digest(loaded->parts.policy, loaded->parts.policy_bytes,
		       digest);
	printf("# SHA-256 %s\n", digest);
	printf("# %s\n",
	       loaded->is_signed ?
		       "signed; whether the signature is good, verify tells" :
		       "not signed");
	dmp_show(&loaded->view, stdout);
	return DMP_EXIT_OK;
}

int dmp_ctl_show(const struct dmp_ctl_options *options)
{
	struct dmp_message message;
	struct dmp_ctl_policy loaded;
	int ret;

	ret = dmp_ctl_load(options, &loaded);
	if (ret)
		return ret;
	ret = options->json ? show_json(options, &loaded) : show_text(&loaded);
	if (!ret && dmp_check_canonical(loaded.parts.policy,
					loaded.parts.policy_bytes, &message)) {
		dmp_say(LOG_ERR, "%s: %s", options->input, message.text);
		ret = DMP_EXIT_POLICY;
	}
	dmp_buffer_free(&loaded.file);
	return ret;
}
