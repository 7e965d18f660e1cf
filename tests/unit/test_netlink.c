// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests, taken apart again without the library that put them together. */
#include <errno.h>
#include <linux/genetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/netlink.h"
#include "devmem_policy/format.h"

#define FAMILY 0x1d

static _Alignas(8) uint8_t bytes[70000];

/* Check what all requests have in common. Return: where the attributes begin. */
static size_t check_headers(int length, uint8_t command, unsigned int flags)
{
	struct genlmsghdr generic;
	struct nlmsghdr header;

	assert_true(length >= (int)(sizeof(header) + sizeof(generic)));
	memcpy(&header, bytes, sizeof(header));
	memcpy(&generic, bytes + sizeof(header), sizeof(generic));
	assert_int_equal(header.nlmsg_len, length);
	assert_int_equal(header.nlmsg_type, FAMILY);
	assert_int_equal(header.nlmsg_flags, flags);
	assert_int_equal(header.nlmsg_seq, 7);
	assert_int_equal(header.nlmsg_pid, 0);
	assert_int_equal(generic.cmd, command);
	assert_int_equal(generic.version, DEVMEM_POLICY_GENL_VERSION);
	return sizeof(header) + sizeof(generic);
}

/* Check one attribute. Return: where the next one begins. */
static size_t check_attribute(size_t offset, unsigned int type, const void *value, size_t size)
{
	struct nlattr attribute;

	memcpy(&attribute, bytes + offset, sizeof(attribute));
	assert_int_equal(attribute.nla_type, type);
	assert_int_equal(attribute.nla_len, sizeof(attribute) + size);
	assert_memory_equal(bytes + offset + sizeof(attribute), value, size);
	return offset + (sizeof(attribute) + size + 3) / 4 * 4;
}

static int encode(const struct dmp_request *request)
{
	return dmp_nl_encode(request, FAMILY, 7, bytes, sizeof(bytes));
}

static void test_plain_request(void **state)
{
	const struct dmp_request request = { .command = DEVMEM_POLICY_CMD_GET_STATUS };
	int length = encode(&request);

	(void)state;
	assert_int_equal(check_headers(length, DEVMEM_POLICY_CMD_GET_STATUS,
				       NLM_F_REQUEST | NLM_F_ACK),
			 length);
}

static void test_dumps_are_not_acknowledged(void **state)
{
	const uint64_t sequence = 0x1234567890;
	const struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_GET_EVENT,
		.dump = true,
		.has_sequence = true,
		.sequence = sequence,
	};
	int length = encode(&request);
	size_t offset = check_headers(length, DEVMEM_POLICY_CMD_GET_EVENT,
				      NLM_F_REQUEST | NLM_F_DUMP);

	(void)state;
	offset = check_attribute(offset, DEVMEM_POLICY_A_SEQUENCE, &sequence, sizeof(sequence));
	assert_int_equal(offset, length);
}

static void test_policy_name_ends_in_nul(void **state)
{
	const struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_REMOVE,
		.policy_name = "fpga-capture",
	};
	int length = encode(&request);
	size_t offset = check_headers(length, DEVMEM_POLICY_CMD_REMOVE, NLM_F_REQUEST | NLM_F_ACK);

	(void)state;
	offset = check_attribute(offset, DEVMEM_POLICY_A_POLICY_NAME, "fpga-capture", 13);
	assert_int_equal(offset, length);
}

static void test_serial_of_a_floor(void **state)
{
	const uint64_t serial = UINT64_MAX - 1;
	const struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_RAISE_FLOOR,
		.policy_name = "p",
		.has_serial = true,
		.serial = serial,
	};
	int length = encode(&request);
	size_t offset = check_headers(length, DEVMEM_POLICY_CMD_RAISE_FLOOR,
				      NLM_F_REQUEST | NLM_F_ACK);

	(void)state;
	offset = check_attribute(offset, DEVMEM_POLICY_A_POLICY_NAME, "p", 2);
	offset = check_attribute(offset, DEVMEM_POLICY_A_SERIAL, &serial, sizeof(serial));
	assert_int_equal(offset, length);
}

static void test_range_to_revoke(void **state)
{
	const uint64_t first = 0, last = UINT64_MAX;
	const struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_REVOKE,
		.has_range = true,
		.first = first,
		.last = last,
	};
	int length = encode(&request);
	size_t offset = check_headers(length, DEVMEM_POLICY_CMD_REVOKE,
				      NLM_F_REQUEST | NLM_F_ACK);

	(void)state;
	offset = check_attribute(offset, DEVMEM_POLICY_A_FIRST, &first, sizeof(first));
	offset = check_attribute(offset, DEVMEM_POLICY_A_LAST, &last, sizeof(last));
	assert_int_equal(offset, length);
}

static void test_rule_to_revoke(void **state)
{
	const uint32_t rule = 0xfedcba98;
	const struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_REVOKE,
		.policy_name = "p",
		.has_rule = true,
		.rule = rule,
	};
	int length = encode(&request);
	size_t offset = check_headers(length, DEVMEM_POLICY_CMD_REVOKE,
				      NLM_F_REQUEST | NLM_F_ACK);

	(void)state;
	offset = check_attribute(offset, DEVMEM_POLICY_A_POLICY_NAME, "p", 2);
	offset = check_attribute(offset, DEVMEM_POLICY_A_RULE_ID, &rule, sizeof(rule));
	assert_int_equal(offset, length);
}

static void test_binary_of_any_size(void **state)
{
	static uint8_t data[70000];
	struct dmp_request request = {
		.command = DEVMEM_POLICY_CMD_COMMIT,
		.binary_attribute = DEVMEM_POLICY_A_SIGNATURE,
		.binary = data,
	};
	const size_t sizes[] = { 0, 1, 2, 3, 4, DEVMEM_POLICY_SIGNATURE_MAX,
				 DEVMEM_POLICY_DATA_MAX, 65531 };
	size_t offset;
	int length;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		request.binary_bytes = sizes[i];
		length = encode(&request);
		offset = check_headers(length, DEVMEM_POLICY_CMD_COMMIT,
				       NLM_F_REQUEST | NLM_F_ACK);
		offset = check_attribute(offset, DEVMEM_POLICY_A_SIGNATURE, data, sizes[i]);
		assert_int_equal(offset, length);
	}
	/* One more than the length of an attribute can say */
	request.binary_bytes = 65532;
	assert_int_equal(encode(&request), -EMSGSIZE);
}

static void test_too_small_a_buffer(void **state)
{
	const struct dmp_request request = { .command = DEVMEM_POLICY_CMD_ABORT };

	(void)state;
	assert_int_equal(dmp_nl_encode(&request, FAMILY, 7, bytes, 19), -EMSGSIZE);
	assert_int_equal(dmp_nl_encode(&request, FAMILY, 7, bytes, 20), 20);
}

/* What the ADDs of a policy carry, put together, is what follows its header. */
static void check_chunks(size_t policy_bytes, unsigned int wanted_chunks)
{
	uint8_t *policy = malloc(policy_bytes + 1);
	uint8_t *whole = calloc(1, policy_bytes + 1);
	struct dmp_request request;
	size_t offset = DMP_HEADER_BYTES, length;
	unsigned int chunks = 0;

	assert_non_null(policy);
	assert_non_null(whole);
	for (size_t i = 0; i < policy_bytes; i++)
		policy[i] = (uint8_t)(i * 31 + i / 256);
	memcpy(whole, policy,
	       policy_bytes < DMP_HEADER_BYTES ? policy_bytes : DMP_HEADER_BYTES);
	while ((length = dmp_nl_add_request(&request, policy, policy_bytes, offset))) {
		assert_int_equal(request.command, DEVMEM_POLICY_CMD_ADD);
		assert_int_equal(request.binary_attribute, DEVMEM_POLICY_A_DATA);
		assert_int_equal(request.binary_bytes, length);
		assert_true(length <= DEVMEM_POLICY_DATA_MAX);
		assert_true(offset + length <= policy_bytes);
		assert_true(encode(&request) > 0);
		memcpy(whole + offset, request.binary, length);
		offset += length;
		chunks++;
	}
	assert_int_equal(chunks, wanted_chunks);
	assert_memory_equal(whole, policy, policy_bytes);
	free(policy);
	free(whole);
}

static void test_policies_go_in_chunks(void **state)
{
	(void)state;
	check_chunks(0, 0);
	check_chunks(DMP_HEADER_BYTES - 1, 0);
	check_chunks(DMP_HEADER_BYTES, 0);
	check_chunks(DMP_HEADER_BYTES + 1, 1);
	check_chunks(DMP_HEADER_BYTES + DEVMEM_POLICY_DATA_MAX, 1);
	check_chunks(DMP_HEADER_BYTES + DEVMEM_POLICY_DATA_MAX + 1, 2);
	check_chunks(DMP_HEADER_BYTES + 10 * DEVMEM_POLICY_DATA_MAX, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_request),
		cmocka_unit_test(test_dumps_are_not_acknowledged),
		cmocka_unit_test(test_policy_name_ends_in_nul),
		cmocka_unit_test(test_serial_of_a_floor),
		cmocka_unit_test(test_range_to_revoke),
		cmocka_unit_test(test_rule_to_revoke),
		cmocka_unit_test(test_binary_of_any_size),
		cmocka_unit_test(test_too_small_a_buffer),
		cmocka_unit_test(test_policies_go_in_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
