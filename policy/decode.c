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
#define DMP_RULE_FLAGS_KNOWN DEVMEM_POLICY_RULE_UNRESERVED_RAM

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
	size_t length;

	memcpy(header->name, bytes + DMP_HEADER_NAME, sizeof(header->name));
	length = strnlen(header->name, sizeof(header->name));
	if (!dmp_name_is_valid(header->name, length))
		return refuse(error, -EINVAL, "the policy's name is not valid");
	if (!all_zero(bytes + DMP_HEADER_NAME + length,
		      sizeof(header->name) - length))
		return refuse(error, -EINVAL,
			      "the policy's name is not filled up with zero bytes");
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

int dmp_decode_header(const u8 *bytes, size_t length, struct dmp_header *header,
		      struct dmp_decode_error *error)
{
	int ret;

	ret = check_identity(bytes, length, error);
	if (ret)
		return ret;
	ret = check_fixed_fields(bytes, error);
	if (ret)
		return ret;
	ret = read_name(bytes, header, error);
	if (ret)
		return ret;
	header->serial = dmp_load64(bytes + DMP_HEADER_SERIAL);
	header->flags = dmp_load32(bytes + DMP_HEADER_FLAGS);
	header->total_bytes = dmp_load32(bytes + DMP_HEADER_TOTAL_BYTES);
	header->rule_count = dmp_load32(bytes + DMP_HEADER_RULE_COUNT);
	header->attribute_count = dmp_load32(bytes + DMP_HEADER_ATTRIBUTE_COUNT);
	header->string_bytes = dmp_load32(bytes + DMP_HEADER_STRING_BYTES);
	return check_counts(header, error);
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

static int check_attributes(const struct dmp_view *view,
			    struct dmp_decode_error *error)
{
	const u8 *record = view->attributes;
	u32 i, because;

	for (i = 0; i < view->header.attribute_count; i++) {
		because = dmp_load32(record + DMP_ATTRIBUTE_BECAUSE);
		if (!because || !is_string(view, because, DMP_MAX_BECAUSE_BYTES))
			return refuse(error, -EINVAL,
				      "an attribute record names no valid string");
		if (!all_zero(record + DMP_ATTRIBUTE_RESERVED,
			      DMP_ATTRIBUTE_BYTES - DMP_ATTRIBUTE_RESERVED))
			return refuse(error, -EINVAL,
				      "reserved bytes of an attribute record are not zero");
		record += DMP_ATTRIBUTE_BYTES;
	}
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

/* Is record a strictly before record b? */
static bool is_before(const u8 *a, const u8 *b)
{
	u64 first_a = dmp_load64(a + DMP_RULE_FIRST);
	u64 first_b = dmp_load64(b + DMP_RULE_FIRST);
	u64 last_a = dmp_load64(a + DMP_RULE_LAST);
	u64 last_b = dmp_load64(b + DMP_RULE_LAST);

	if (first_a != first_b)
		return first_a < first_b;
	if (last_a != last_b)
		return last_a < last_b;
	return meaning_rank(a) < meaning_rank(b);
}

static int check_rule(const struct dmp_view *view, u32 rule,
		      struct dmp_decode_error *error)
{
	const u8 *record = view->rules + (size_t)rule * DMP_RULE_BYTES;
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
	if (rule && !is_before(record - DMP_RULE_BYTES, record))
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
	ret = check_attributes(view, error);
	for (i = 0; !ret && i < header->rule_count; i++)
		ret = check_rule(view, i, error);
	return ret;
}

void dmp_view_rule(const struct dmp_view *view, u32 index, struct dmp_rule *rule)
{
	const u8 *record = view->rules + (size_t)index * DMP_RULE_BYTES;
	u32 number = dmp_load32(record + DMP_RULE_ATTRIBUTES);
	const u8 *attribute;

	rule->first = dmp_load64(record + DMP_RULE_FIRST);
	rule->last = dmp_load64(record + DMP_RULE_LAST);
	rule->id = dmp_load32(record + DMP_RULE_ID);
	rule->action = record[DMP_RULE_ACTION];
	rule->ops = record[DMP_RULE_OPS];
	rule->flags = dmp_load16(record + DMP_RULE_FLAGS);
	rule->label = view->strings + dmp_load32(record + DMP_RULE_LABEL);
	rule->because = view->strings;
	if (!number)
		return;
	attribute = view->attributes + (size_t)(number - 1) * DMP_ATTRIBUTE_BYTES;
	rule->because += dmp_load32(attribute + DMP_ATTRIBUTE_BECAUSE);
}
