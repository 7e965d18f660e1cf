// SPDX-License-Identifier: GPL-2.0-or-later
/* The status, to the letter: scripts and people depend on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "daemon/status.h"

#define BIT(attribute) (UINT64_C(1) << DEVMEM_POLICY_##attribute)

static struct dmp_status make_status(void)
{
	struct dmp_status status = {
		.present = BIT(A_AUDITOR),
		.module_version = "0.1.0",
		.instance = 0xabc,
		.anchor_count = 1,
		.probe_count = 2,
		.probes = {
			{ .symbol = "devmem_is_allowed", .required = true,
			  .state = DEVMEM_POLICY_PROBE_ARMED, .hits = 9, .missed = 1 },
			{ .symbol = "range_is_allowed", .state = DEVMEM_POLICY_PROBE_ABSENT },
		},
		.auditor = {
			.present = BIT(AUDITOR_A_PROOF_AGE_MS),
			.pid = 321,
			.comm = "devmemd",
			.proven = true,
			.proof_age_ms = 1234,
		},
		.ring = { .slots = 4096, .reserved = 1, .newest = 12, .acknowledged = 11 },
		.counters = {
			.present = BIT(COUNTER_A_GRANTED_PAGES) | BIT(COUNTER_A_DENIED_PAGES),
			.granted_pages = 5,
			.denied_pages = 6,
		},
	};

	strcpy(status.anchors[0].description, "Key\x1b \"one\"");
	status.anchors[0].present = BIT(ANCHOR_A_FINGERPRINT);
	memset(status.anchors[0].fingerprint, 0x5a, sizeof(status.anchors[0].fingerprint));
	return status;
}

static struct dmp_policy_info policy = {
	.name = "fpga", .serial = 7, .rules = 2, .loaded_ns = 1000000000,
};

static const struct dmp_registered policies = { .list = &policy, .count = 1 };
static const struct dmp_registered no_policies;

#define DIGEST_5A "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
#define DIGEST_00 "0000000000000000000000000000000000000000000000000000000000000000"

/* What is wanted comes in parts, so that each fits into a line here. */
#define TEXT_BYTES 4000
#define PARTS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define check_json(status, registered, silenced_by, ...) \
	check_json_parts(status, registered, silenced_by, PARTS(__VA_ARGS__))
#define check_text(status, registered, silenced_by, ...) \
	check_text_parts(status, registered, silenced_by, PARTS(__VA_ARGS__))

static const char *join(const char *const *parts)
{
	static char text[TEXT_BYTES];

	text[0] = '\0';
	for (; *parts; parts++) {
		assert_true(strlen(text) + strlen(*parts) < sizeof(text));
		strcat(text, *parts);
	}
	return text;
}

static void check_json_parts(const struct dmp_status *status,
			     const struct dmp_registered *registered, const char *silenced_by,
			     const char *const *parts)
{
	char *text = dmp_status_json(status, registered, silenced_by);
	json_t *seen, *expected;

	assert_non_null(text);
	seen = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	expected = json_loads(join(parts), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(expected);
	if (!json_equal(seen, expected))
		fail_msg("%s", text);
	json_decref(seen);
	json_decref(expected);
	free(text);
}

static void test_json(void **state)
{
	struct dmp_status status = make_status();

	(void)state;
	check_json(&status, &policies, "",
		   "{\"version\":\"0.1.0\",\"instance\":\"0000000000000abc\",",
		   "\"mode\":\"enforcing\",\"trust\":\"embedded\",\"development_key\":false,",
		   "\"default_deny\":false,\"default_deny_proven\":false,\"silenced_by\":null,",
		   "\"auditor\":{\"pid\":321,\"comm\":\"devmemd\",\"proven\":true,",
		   "\"proof_age_ms\":1234},",
		   "\"policies\":[{\"name\":\"fpga\",\"serial\":7,\"rules\":2,",
		   "\"default_deny\":false,\"mode\":\"enforce\",\"not_before\":null,",
		   "\"expires\":null,\"out_of_time\":false,\"auditor\":null,",
		   "\"loaded\":\"1970-01-01T00:00:01.000000000Z\",",
		   "\"digest\":\"" DIGEST_00 "\"}],",
		   "\"anchors\":[{\"description\":\"Key\\\\x1b \\\"one\\\"\",",
		   "\"fingerprint\":\"" DIGEST_5A "\"}],",
		   "\"probes\":[{\"symbol\":\"devmem_is_allowed\",\"required\":true,",
		   "\"state\":\"armed\",\"hits\":9,\"missed\":1},",
		   "{\"symbol\":\"range_is_allowed\",\"required\":false,\"state\":\"absent\",",
		   "\"hits\":0,\"missed\":0}],\"withdrawn\":[],",
		   "\"ring\":{\"slots\":4096,\"reserved\":1,\"newest\":12,\"acknowledged\":11,\"pending\":0},",
		   "\"counters\":{\"granted_pages\":5,\"denied_pages\":6}}");
}

static void test_json_of_an_idle_module(void **state)
{
	struct dmp_status status = { .development_key = true, .default_deny = true };

	(void)state;
	check_json(&status, &no_policies, "a switch",
		   "{\"version\":\"\",\"instance\":\"0000000000000000\",",
		   "\"mode\":\"enforcing\",\"trust\":\"embedded\",\"development_key\":true,",
		   "\"default_deny\":true,\"default_deny_proven\":false,",
		   "\"silenced_by\":\"a switch\",\"auditor\":null,\"policies\":[],",
		   "\"anchors\":[],\"probes\":[],\"withdrawn\":[],",
		   "\"ring\":{\"slots\":0,\"reserved\":0,\"newest\":0,\"acknowledged\":0,\"pending\":0},",
		   "\"counters\":{}}");
}

static void check_text_parts(const struct dmp_status *status,
			     const struct dmp_registered *registered, const char *silenced_by,
			     const char *const *parts)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	dmp_status_print(status, registered, silenced_by, out);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, join(parts));
	free(text);
}

static void test_text(void **state)
{
	struct dmp_status status = make_status();

	(void)state;
	check_text(&status, &policies, "",
		   "devmem_policy 0.1.0, instance 0000000000000abc\n",
		   "auditor: devmemd[321], probes proven to work 1234 ms ago\n",
		   "policies: 1\n",
		   "  fpga serial 7, 2 rules, default kernel, since ",
		   "1970-01-01T00:00:01.000000000Z\n",
		   "    sha256 " DIGEST_00 "\n",
		   "probes:\n",
		   "  devmem_is_allowed        armed   required, hits 9, missed 1\n",
		   "  range_is_allowed         absent  optional\n",
		   "trust: embedded\ntrusted certificates:\n",
		   "  Key\\x1b \"one\"\n",
		   "    sha256 " DIGEST_5A "\n",
		   "ring: 4096 slots, 1 reserved, 0 sums under way, newest record 12, acknowledged 11\n",
		   "counters:\n",
		   "  pages granted                        5\n",
		   "  pages denied                         6\n");
}

static void test_what_needs_attention(void **state)
{
	struct dmp_status status = make_status();

	(void)state;
	status.development_key = true;
	status.default_deny = true;
	status.auditor.proven = false;
	status.anchor_count = 0;
	status.probe_count = 0;
	status.counters.present = 0;
	check_text(&status, &no_policies, "a switch is 0",
		   "devmem_policy 0.1.0, instance 0000000000000abc\n",
		   "WARNING: the module trusts a development key; whoever has it can sign policies\n",
		   "default deny, NOT proven: all of /dev/mem is refused but what rules allow\n",
		   "auditor: devmemd[321], probes NOT proven to work, so nothing is granted: ",
		   "a switch is 0\n",
		   "policies: 0\nprobes:\ntrust: embedded\ntrusted certificates:\n",
		   "ring: 4096 slots, 1 reserved, 0 sums under way, newest record 12, acknowledged 11\n",
		   "counters:\n");
	status.present = 0;
	status.default_deny = false;
	status.development_key = false;
	check_text(&status, &no_policies, "",
		   "devmem_policy 0.1.0, instance 0000000000000abc\n",
		   "auditor: none, so nothing is granted\n",
		   "policies: 0\nprobes:\ntrust: embedded\ntrusted certificates:\n",
		   "ring: 4096 slots, 1 reserved, 0 sums under way, newest record 12, acknowledged 11\n",
		   "counters:\n");
}

/* A permissive module and policy, times, and what was revoked */
static void make_it_all(struct dmp_status *status, struct dmp_policy_info *info)
{
	status->permissive = true;
	status->default_deny = true;
	status->trust = DEVMEM_POLICY_TRUST_BOTH;
	status->anchor_count = 0;
	status->probe_count = 0;
	status->counters = (struct dmp_counters){
		.present = BIT(COUNTER_A_PERMITTED_PAGES) | BIT(COUNTER_A_LOOKUPS) |
			   BIT(COUNTER_A_TOUCHED),
		.permitted_pages = 1,
		.lookups = 2,
		.touched = 3,
	};
	status->withdrawn_count = 1;
	status->withdrawn[0] = (struct dmp_withdrawn){ .first = 0x1000, .last = 0x2fff };
	info->present = BIT(POLICY_A_NOT_BEFORE_S) | BIT(POLICY_A_EXPIRES_S);
	info->permissive = true;
	info->not_before_s = 86400;
	info->expires_s = 1798761600;
	info->out_of_time = true;
	strcpy(info->auditor, "/opt/a b");
}

static void test_modes_times_and_revocations(void **state)
{
	struct dmp_status status = make_status();
	struct dmp_policy_info info = policy;
	const struct dmp_registered registered = { .list = &info, .count = 1 };

	(void)state;
	make_it_all(&status, &info);
	check_text(&status, &registered, "",
		   "devmem_policy 0.1.0, instance 0000000000000abc\n",
		   "WARNING: PERMISSIVE: no policy is enforced; records say what would be\n",
		   "default deny, proven: all of /dev/mem is refused but what rules allow\n",
		   "auditor: devmemd[321], probes proven to work 1234 ms ago\n",
		   "policies: 1\n",
		   "  fpga serial 7, 2 rules, default kernel, since ",
		   "1970-01-01T00:00:01.000000000Z\n",
		   "    sha256 " DIGEST_00 "\n",
		   "    PERMISSIVE: nothing of it is enforced\n",
		   "    not-before 1970-01-02T00:00:00Z\n",
		   "    expires 2027-01-01T00:00:00Z\n",
		   "    auditor exe \"/opt/a b\"\n",
		   "    OUT OF TIME: it allows nothing now\n",
		   "revoked until 'devmemctl restore':\n  0x1000-0x2fff\n",
		   "probes:\ntrust: both\ntrusted certificates:\n",
		   "ring: 4096 slots, 1 reserved, 0 sums under way, newest record 12, acknowledged 11\n",
		   "counters:\n",
		   "  pages left to it permissively        1\n",
		   "  rulings made                         2\n",
		   "  entries looked at for them           3\n");
	check_json(&status, &registered, "",
		   "{\"version\":\"0.1.0\",\"instance\":\"0000000000000abc\",",
		   "\"mode\":\"permissive\",\"trust\":\"both\",\"development_key\":false,",
		   "\"default_deny\":true,\"default_deny_proven\":true,\"silenced_by\":null,",
		   "\"auditor\":{\"pid\":321,\"comm\":\"devmemd\",\"proven\":true,",
		   "\"proof_age_ms\":1234},",
		   "\"policies\":[{\"name\":\"fpga\",\"serial\":7,\"rules\":2,",
		   "\"default_deny\":false,\"mode\":\"permissive\",",
		   "\"not_before\":\"1970-01-02T00:00:00Z\",",
		   "\"expires\":\"2027-01-01T00:00:00Z\",\"out_of_time\":true,",
		   "\"auditor\":\"/opt/a b\",",
		   "\"loaded\":\"1970-01-01T00:00:01.000000000Z\",",
		   "\"digest\":\"" DIGEST_00 "\"}],\"anchors\":[],\"probes\":[],",
		   "\"withdrawn\":[{\"first\":\"0x1000\",\"last\":\"0x2fff\"}],",
		   "\"ring\":{\"slots\":4096,\"reserved\":1,\"newest\":12,\"acknowledged\":11,\"pending\":0},",
		   "\"counters\":{\"permitted_pages\":1,\"lookups\":2,\"touched\":3}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_of_an_idle_module),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_what_needs_attention),
		cmocka_unit_test(test_modes_times_and_revocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
