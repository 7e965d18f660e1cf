// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * decode.c - read a canonical policy from untrusted bytes
 *
 * Every check refuses with a sentence, so that the kernel's answer and the
 * programs' messages are the same words. The order matters: a header is judged
 * by its magic and version before anything else in it is believed.
 */
#include "decode.h"

#include <linux/devmem_policy.h>

#define DMP_OPS_KNOWN (DEVMEM_POLICY_OP_READ | DEVMEM_POLICY_OP_WRITE)
#define DMP_RULE_FLAGS_KNOWN (DEVMEM_POLICY_RULE_UNRESERVED_RAM | DEVMEM_POLICY_RULE_LOG_SUMMARY)
#define DMP_SUBJECTS                                                         \
	((u32)(DEVMEM_POLICY_CONDITION_UID | DEVMEM_POLICY_CONDITION_GID |   \
	       DEVMEM_POLICY_CONDITION_EXE))
#define DMP_CONDITIONS_KNOWN (DMP_SUBJECTS | DEVMEM_POLICY_CONDITION_UNTIL)
#define DMP_NO_ID 0xffffffffu /* what the kernel calls an invalid uid or gid */

/* Stands for the record of a rule that has none. */
static const u8 dmp_no_attributes[DMP_ATTRIBUTE_BYTES];

static int refuse_rule(struct dmp_decode_error *error, u32 rule, int code,
		       const char *what)
{
	error->what = what;
	error->rule = rule;
	return code;
}

static int refuse(struct dmp_decode_error *error, int code, const char *what)
{
	return refuse_rule(error, DMP_NO_RULE, code, what);
}

static bool all_zero(const u8 *bytes, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

static bool is_continuation(u8 byte)
{
	return (byte & 0xc0) == 0x80;
}

static bool is_alphanumeric(u8 byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool is_name_byte(u8 byte)
{
	return is_alphanumeric(byte) || byte == '.' || byte == '_' || byte == '-';
}

/*
 * U+2028 to U+202E and U+2066 to U+2069 break lines or turn the direction of
 * the text around: what is shown to a reviewer would not be what is signed.
 */
static bool is_deceptive(const u8 *bytes)
{
	if (bytes[0] != 0xe2)
		return false;
	if (bytes[1] == 0x80)
		return bytes[2] >= 0xa8 && bytes[2] <= 0xae;
	return bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9;
}

/* The bounds of the second byte are those of RFC 3629, section 4. */
static u32 long_character_bytes(const u8 *bytes, size_t length)
{
	u8 lead = bytes[0], second = bytes[1];

	if (!is_continuation(second))
		return 0;
	if (lead >= 0xc2 && lead <= 0xdf)
		/* C2 80 to C2 9F are the C1 control characters. */
		return lead == 0xc2 && second < 0xa0 ? 0 : 2;
	if (length < 3 || !is_continuation(bytes[2]))
		return 0;
	if (lead == 0xe0)
		return second < 0xa0 ? 0 : 3;
	if (lead == 0xed)
		return second > 0x9f ? 0 : 3;
	if (lead >= 0xe1 && lead <= 0xef)
		return is_deceptive(bytes) ? 0 : 3;
	if (length < 4 || !is_continuation(bytes[3]))
		return 0;
	if (lead == 0xf0)
		return second < 0x90 ? 0 : 4;
	if (lead == 0xf4)
		return second > 0x8f ? 0 : 4;
	return lead >= 0xf1 && lead <= 0xf3 ? 4 : 0;
}

u32 dmp_character_bytes(const u8 *bytes, size_t length)
{
	if (!length || bytes[0] < 0x20 || bytes[0] == 0x7f)
		return 0;
	if (bytes[0] < 0x80)
		return 1;
	if (length < 2)
		return 0;
	return long_character_bytes(bytes, length);
}

bool dmp_name_is_valid(const char *name, size_t length)
{
	size_t i;

	if (!length || length > DMP_MAX_NAME_BYTES ||
	    !is_alphanumeric((u8)name[0]))
		return false;
	for (i = 1; i < length; i++)
		if (!is_name_byte((u8)name[i]))
			return false;
	return true;
}

/* Is it something, and neither "." nor ".."? */
static bool is_component(const char *name, size_t length)
{
	if (length == 1)
		return name[0] != '.';
	if (length == 2)
		return name[0] != '.' || name[1] != '.';
	return length;
}

bool dmp_exe_is_valid(const char *path, size_t length)
{
	size_t start = 1, at;

	if (!length || length > DMP_MAX_EXE_BYTES || path[0] != '/')
		return false;
	for (at = 1; at <= length; at++) {
		if (at < length && path[at] != '/')
			continue;
		if (!is_component(path + start, at - start))
			return false;
		start = at + 1;
	}
	return true;
}

static int check_identity(const u8 *bytes, size_t length,
			  struct dmp_decode_error *error)
{
	if (length < DMP_HEADER_BYTES)
		return refuse(error, -EINVAL, "the policy is shorter than its header");
	if (memcmp(bytes + DMP_HEADER_MAGIC, DMP_MAGIC, DMP_MAGIC_BYTES))
		return refuse(error, -EINVAL,
			      "these bytes are not a policy (wrong magic)");
	if (dmp_load16(bytes + DMP_HEADER_VERSION) != DMP_FORMAT_VERSION)
		return refuse(error, -EOPNOTSUPP,
			      "the policy has an unknown format version");
	return 0;
}

static int check_features(const u8 *bytes, struct dmp_decode_error *error)
{
	if (dmp_load64(bytes + DMP_HEADER_FEATURES) & ~(u64)DMP_FEATURES_KNOWN)
		return refuse(error, -EOPNOTSUPP,
			      "the policy needs a feature that is not known here");
	if (dmp_load32(bytes + DMP_HEADER_FLAGS) & ~DMP_FLAGS_KNOWN)
		return refuse(error, -EOPNOTSUPP,
			      "the policy's header has an unknown flag");
	return 0;
}

static int check_fixed_fields(const u8 *bytes, struct dmp_decode_error *error)
{
	if (dmp_load16(bytes + DMP_HEADER_SIZE) != DMP_HEADER_BYTES)
		return refuse(error, -EINVAL, "the header has the wrong size");
	if (dmp_load16(bytes + DMP_HEADER_RULE_BYTES) != DMP_RULE_BYTES)
		return refuse(error, -EINVAL, "the rule records have the wrong size");
	if (dmp_load16(bytes + DMP_HEADER_ATTRIBUTE_BYTES) != DMP_ATTRIBUTE_BYTES)
		return refuse(error, -EINVAL,
			      "the attribute records have the wrong size");
	if (!all_zero(bytes + DMP_HEADER_RESERVED,
		      DMP_HEADER_BYTES - DMP_HEADER_RESERVED))
		return refuse(error, -EINVAL,
			      "reserved bytes of the header are not zero");
	return 0;
}

static int read_name(const u8 *bytes, struct dmp_header *header,
		     struct dmp_decode_error *error)
{
	const char *name = (const char *)bytes + DMP_HEADER_NAME;
	size_t length = strnlen(name, sizeof(header->name));

	if (!dmp_name_is_valid(name, length))
		return refuse(error, -EINVAL, "the policy's name is not valid");
	if (!all_zero(bytes + DMP_HEADER_NAME + length,
		      sizeof(header->name) - length))
		return refuse(error, -EINVAL,
			      "the policy's name is not filled up with zero bytes");
	memcpy(header->name, name, sizeof(header->name));
	return 0;
}

static int check_counts(const struct dmp_header *header,
			struct dmp_decode_error *error)
{
	/* Widened: four 32-bit terms cannot overflow 64 bits. */
	u64 sum = DMP_HEADER_BYTES + (u64)header->rule_count * DMP_RULE_BYTES +
		  (u64)header->attribute_count * DMP_ATTRIBUTE_BYTES +
		  header->string_bytes;

	if (header->rule_count > DMP_MAX_RULES)
		return refuse(error, -E2BIG, "the policy has more than 65536 rules");
	if (header->total_bytes > DMP_MAX_POLICY_BYTES)
		return refuse(error, -E2BIG, "the policy is larger than 16 MiB");
	if (header->attribute_count > header->rule_count)
		return refuse(error, -EINVAL,
			      "the policy has more attribute records than rules");
	if (!header->string_bytes)
		return refuse(error, -EINVAL, "the string table is missing");
	if (sum != header->total_bytes)
		return refuse(error, -EINVAL,
			      "the sections do not fill the policy exactly");
	if (!header->serial)
		return refuse(error, -EINVAL, "the serial is 0");
	return 0;
}

static int check_times(const struct dmp_header *header,
		       struct dmp_decode_error *error)
{
	if (header->not_before_s > DMP_MAX_TIME || header->expires_s > DMP_MAX_TIME)
		return refuse(error, -EINVAL,
			      "the policy begins or expires after the year 9999");
	if (header->expires_s && header->expires_s <= header->not_before_s)
		return refuse(error, -EINVAL, "the policy expires when it begins, or before");
	return 0;
}

int dmp_decode_header(const u8 *bytes, size_t length, struct dmp_header *header,
		      struct dmp_decode_error *error)
{
	int ret;

	memset(header, 0, sizeof(*header));
	ret = check_identity(bytes, length, error);
	if (ret)
		return ret;
	/* First, so that a refusal can say of what. */
	ret = read_name(bytes, header, error);
	if (ret)
		return ret;
	header->serial = dmp_load64(bytes + DMP_HEADER_SERIAL);
	ret = check_features(bytes, error);
	if (!ret)
		ret = check_fixed_fields(bytes, error);
	if (ret)
		return ret;
	header->features = dmp_load64(bytes + DMP_HEADER_FEATURES);
	header->not_before_s = dmp_load64(bytes + DMP_HEADER_NOT_BEFORE);
	header->expires_s = dmp_load64(bytes + DMP_HEADER_EXPIRES);
	header->flags = dmp_load32(bytes + DMP_HEADER_FLAGS);
	header->total_bytes = dmp_load32(bytes + DMP_HEADER_TOTAL_BYTES);
	header->rule_count = dmp_load32(bytes + DMP_HEADER_RULE_COUNT);
	header->attribute_count = dmp_load32(bytes + DMP_HEADER_ATTRIBUTE_COUNT);
	header->string_bytes = dmp_load32(bytes + DMP_HEADER_STRING_BYTES);
	header->auditor = dmp_load32(bytes + DMP_HEADER_AUDITOR);
	ret = check_counts(header, error);
	return ret ? ret : check_times(header, error);
}

/* The table is a NUL byte, then non-empty strings that each end with one. */
static int check_strings(const struct dmp_view *view,
			 struct dmp_decode_error *error)
{
	const u8 *bytes = (const u8 *)view->strings;
	u32 length = view->header.string_bytes, at = 1, step;

	if (bytes[0] || bytes[length - 1])
		return refuse(error, -EINVAL,
			      "the string table does not start and end with a zero byte");
	while (at < length) {
		if (!bytes[at] && !bytes[at - 1])
			return refuse(error, -EINVAL,
				      "the string table holds an empty string");
		step = bytes[at] ? dmp_character_bytes(bytes + at, length - at) : 1;
		if (!step)
			return refuse(error, -EINVAL,
				      "a string is not UTF-8 or has control or direction characters");
		at += step;
	}
	return 0;
}

static bool is_string(const struct dmp_view *view, u32 offset, size_t max_bytes)
{
	if (!offset)
		return true;
	/* The last byte is a NUL: no string starts there. */
	if (offset >= view->header.string_bytes - 1 || view->strings[offset - 1])
		return false;
	return strnlen(view->strings + offset, max_bytes + 1) <= max_bytes;
}

/* A number that is there with its condition only, and then never all ones. */
static bool is_id(u32 id, bool wanted)
{
	return wanted ? id != DMP_NO_ID : !id;
}

static bool is_until(u64 until_s, bool wanted)
{
	return wanted ? until_s && until_s <= DMP_MAX_TIME : !until_s;
}

static bool is_exe(const struct dmp_view *view, u32 offset, bool wanted)
{
	const char *path = view->strings + offset;

	if (!wanted || !offset)
		return !wanted && !offset;
	return is_string(view, offset, DMP_MAX_EXE_BYTES) &&
	       dmp_exe_is_valid(path, strnlen(path, DMP_MAX_EXE_BYTES));
}

static int check_conditions(const struct dmp_view *view, const u8 *record,
			    struct dmp_decode_error *error)
{
	u32 conditions = dmp_load32(record + DMP_ATTRIBUTE_CONDITIONS);

	if (conditions & ~DMP_CONDITIONS_KNOWN)
		return refuse(error, -EOPNOTSUPP,
			      "an attribute record has an unknown condition");
	if (!is_id(dmp_load32(record + DMP_ATTRIBUTE_UID),
		   conditions & DEVMEM_POLICY_CONDITION_UID))
		return refuse(error, -EINVAL,
			      "the uid of an attribute record is not valid");
	if (!is_id(dmp_load32(record + DMP_ATTRIBUTE_GID),
		   conditions & DEVMEM_POLICY_CONDITION_GID))
		return refuse(error, -EINVAL,
			      "the gid of an attribute record is not valid");
	if (!is_exe(view, dmp_load32(record + DMP_ATTRIBUTE_EXE),
		    conditions & DEVMEM_POLICY_CONDITION_EXE))
		return refuse(error, -EINVAL,
			      "the exe of an attribute record is not a valid path");
	if (!is_until(dmp_load64(record + DMP_ATTRIBUTE_UNTIL),
		      conditions & DEVMEM_POLICY_CONDITION_UNTIL))
		return refuse(error, -EINVAL,
			      "the until of an attribute record is not a valid time");
	return 0;
}

static int check_attribute(const struct dmp_view *view, const u8 *record,
			   struct dmp_decode_error *error)
{
	u32 because = dmp_load32(record + DMP_ATTRIBUTE_BECAUSE);

	if (!is_string(view, because, DMP_MAX_BECAUSE_BYTES))
		return refuse(error, -EINVAL,
			      "an attribute record names no valid string");
	if (!because && !dmp_load32(record + DMP_ATTRIBUTE_CONDITIONS))
		return refuse(error, -EINVAL,
			      "an attribute record has neither a reason nor a condition");
	if (dmp_load32(record + DMP_ATTRIBUTE_RESERVED_A) ||
	    !all_zero(record + DMP_ATTRIBUTE_RESERVED_B,
		      DMP_ATTRIBUTE_BYTES - DMP_ATTRIBUTE_RESERVED_B))
		return refuse(error, -EINVAL,
			      "reserved bytes of an attribute record are not zero");
	return check_conditions(view, record, error);
}

static u64 features_of_header(const struct dmp_header *header)
{
	return (header->not_before_s || header->expires_s ? DMP_FEATURE_TIMES : 0) |
	       (header->auditor ? DMP_FEATURE_AUDITOR : 0);
}

static int check_auditor(const struct dmp_view *view,
			 struct dmp_decode_error *error)
{
	u32 auditor = view->header.auditor;

	if (is_exe(view, auditor, auditor))
		return 0;
	return refuse(error, -EINVAL, "the auditor of the header is not a valid path");
}

static u64 features_of_record(const u8 *record)
{
	u32 conditions = dmp_load32(record + DMP_ATTRIBUTE_CONDITIONS);
	u64 features = 0;

	if (conditions & DMP_SUBJECTS)
		features |= DMP_FEATURE_SUBJECTS;
	if (conditions & DEVMEM_POLICY_CONDITION_UNTIL)
		features |= DMP_FEATURE_TIMES;
	return features;
}

static int check_attributes(const struct dmp_view *view,
			    struct dmp_decode_error *error)
{
	u64 features = features_of_header(&view->header);
	const u8 *record = view->attributes;
	int ret;
	u32 i;

	for (i = 0; i < view->header.attribute_count; i++) {
		ret = check_attribute(view, record, error);
		if (ret)
			return ret;
		features |= features_of_record(record);
		record += DMP_ATTRIBUTE_BYTES;
	}
	if (features != view->header.features)
		return refuse(error, -EINVAL,
			      "the header's features are not those that the policy uses");
	return 0;
}

static int check_range(u64 first, u64 last, u32 rule,
		       struct dmp_decode_error *error)
{
	u64 mask = DMP_FORMAT_PAGE_BYTES - 1;

	if (first > last)
		return refuse_rule(error, rule, -EINVAL,
				   "the range ends before it starts");
	if (first & mask)
		return refuse_rule(error, rule, -EINVAL,
				   "the range does not start at a multiple of 4 KiB");
	if ((last & mask) != mask)
		return refuse_rule(error, rule, -EINVAL,
				   "the range does not end with a whole page of 4 KiB");
	return 0;
}

static int check_meaning(const u8 *record, u32 rule,
			 struct dmp_decode_error *error)
{
	u8 action = record[DMP_RULE_ACTION], ops = record[DMP_RULE_OPS];
	u16 flags = dmp_load16(record + DMP_RULE_FLAGS);

	if (action != DEVMEM_POLICY_ALLOW && action != DEVMEM_POLICY_DENY)
		return refuse_rule(error, rule, -EINVAL,
				   "the action is neither allow nor deny");
	if (!ops || (ops & ~DMP_OPS_KNOWN))
		return refuse_rule(error, rule, -EINVAL,
				   "the operations are none or unknown");
	if (flags & ~DMP_RULE_FLAGS_KNOWN)
		return refuse_rule(error, rule, -EOPNOTSUPP,
				   "the rule has an unknown flag");
	if (flags && action != DEVMEM_POLICY_ALLOW)
		return refuse_rule(error, rule, -EINVAL,
				   "a deny rule has flags of allow rules");
	return 0;
}

static int check_references(const struct dmp_view *view, const u8 *record,
			    u32 rule, struct dmp_decode_error *error)
{
	if (!dmp_load32(record + DMP_RULE_ID))
		return refuse_rule(error, rule, -EINVAL, "the rule's id is 0");
	if (!is_string(view, dmp_load32(record + DMP_RULE_LABEL),
		       DMP_MAX_LABEL_BYTES))
		return refuse_rule(error, rule, -EINVAL,
				   "the label is not a valid string");
	if (dmp_load32(record + DMP_RULE_ATTRIBUTES) >
	    view->header.attribute_count)
		return refuse_rule(error, rule, -EINVAL,
				   "the rule names an attribute record that does not exist");
	return 0;
}

/* Action, operations and flags in one number that sorts as the format wants. */
static u32 meaning_rank(const u8 *record)
{
	return (u32)record[DMP_RULE_ACTION] << 24 |
	       (u32)record[DMP_RULE_OPS] << 16 |
	       dmp_load16(record + DMP_RULE_FLAGS);
}

static int compare_numbers(u64 a, u64 b)
{
	return (a > b) - (a < b);
}

/* What is no condition of a rule is 0 in its record, or the empty string. */
static int compare_conditions(const struct dmp_view *view, const u8 *a, const u8 *b)
{
	int order = compare_numbers(dmp_load32(a + DMP_ATTRIBUTE_CONDITIONS),
				    dmp_load32(b + DMP_ATTRIBUTE_CONDITIONS));

	if (!order)
		order = compare_numbers(dmp_load32(a + DMP_ATTRIBUTE_UID),
					dmp_load32(b + DMP_ATTRIBUTE_UID));
	if (!order)
		order = compare_numbers(dmp_load32(a + DMP_ATTRIBUTE_GID),
					dmp_load32(b + DMP_ATTRIBUTE_GID));
	if (!order)
		order = compare_numbers(dmp_load64(a + DMP_ATTRIBUTE_UNTIL),
					dmp_load64(b + DMP_ATTRIBUTE_UNTIL));
	if (!order)
		order = strcmp(view->strings + dmp_load32(a + DMP_ATTRIBUTE_EXE),
			       view->strings + dmp_load32(b + DMP_ATTRIBUTE_EXE));
	return order;
}

static const u8 *attributes_of(const struct dmp_view *view, const u8 *record)
{
	const u8 *attributes = dmp_rule_attributes(view, record);

	return attributes ? attributes : dmp_no_attributes;
}

/* Is record a strictly before record b? Their references are good. */
static bool is_before(const struct dmp_view *view, const u8 *a, const u8 *b)
{
	int order = compare_numbers(dmp_load64(a + DMP_RULE_FIRST),
				    dmp_load64(b + DMP_RULE_FIRST));

	if (!order)
		order = compare_numbers(dmp_load64(a + DMP_RULE_LAST),
					dmp_load64(b + DMP_RULE_LAST));
	if (!order)
		order = compare_numbers(meaning_rank(a), meaning_rank(b));
	if (!order)
		order = compare_conditions(view, attributes_of(view, a),
					   attributes_of(view, b));
	return order < 0;
}

static int check_rule(const struct dmp_view *view, u32 rule,
		      struct dmp_decode_error *error)
{
	const u8 *record = dmp_rule_record(view, rule);
	int ret;

	ret = check_range(dmp_load64(record + DMP_RULE_FIRST),
			  dmp_load64(record + DMP_RULE_LAST), rule, error);
	if (ret)
		return ret;
	ret = check_meaning(record, rule, error);
	if (ret)
		return ret;
	ret = check_references(view, record, rule, error);
	if (ret)
		return ret;
	if (rule && !is_before(view, record - DMP_RULE_BYTES, record))
		return refuse_rule(error, rule, -EINVAL,
				   "the rules are not in ascending order");
	return 0;
}

int dmp_decode(const u8 *bytes, size_t length, struct dmp_view *view,
	       struct dmp_decode_error *error)
{
	struct dmp_header *header = &view->header;
	int ret;
	u32 i;

	ret = dmp_decode_header(bytes, length, header, error);
	if (ret)
		return ret;
	if (length != header->total_bytes)
		return refuse(error, -EINVAL,
			      "the policy is not as long as its header says");
	view->rules = bytes + DMP_HEADER_BYTES;
	view->attributes = view->rules +
			   (size_t)header->rule_count * DMP_RULE_BYTES;
	view->strings = (const char *)view->attributes +
			(size_t)header->attribute_count * DMP_ATTRIBUTE_BYTES;
	ret = check_strings(view, error);
	if (ret)
		return ret;
	ret = check_auditor(view, error);
	if (!ret)
		ret = check_attributes(view, error);
	for (i = 0; !ret && i < header->rule_count; i++)
		ret = check_rule(view, i, error);
	return ret;
}

void dmp_view_rule(const struct dmp_view *view, u32 index, struct dmp_rule *rule)
{
	const u8 *record = dmp_rule_record(view, index);
	const u8 *attributes = attributes_of(view, record);

	rule->first = dmp_load64(record + DMP_RULE_FIRST);
	rule->last = dmp_load64(record + DMP_RULE_LAST);
	rule->id = dmp_load32(record + DMP_RULE_ID);
	rule->action = record[DMP_RULE_ACTION];
	rule->ops = record[DMP_RULE_OPS];
	rule->flags = dmp_load16(record + DMP_RULE_FLAGS);
	rule->label = view->strings + dmp_load32(record + DMP_RULE_LABEL);
	rule->attributes = dmp_load32(record + DMP_RULE_ATTRIBUTES);
	rule->because = view->strings + dmp_load32(attributes + DMP_ATTRIBUTE_BECAUSE);
	rule->conditions = dmp_load32(attributes + DMP_ATTRIBUTE_CONDITIONS);
	rule->uid = dmp_load32(attributes + DMP_ATTRIBUTE_UID);
	rule->gid = dmp_load32(attributes + DMP_ATTRIBUTE_GID);
	rule->exe = view->strings + dmp_load32(attributes + DMP_ATTRIBUTE_EXE);
	rule->until_s = dmp_load64(attributes + DMP_ATTRIBUTE_UNTIL);
}
