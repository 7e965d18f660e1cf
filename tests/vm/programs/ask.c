// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ask COMMAND [ATTRIBUTE=VALUE]... - one request of the protocol, as it is
 * ask -                            - one a line on standard input, over one socket
 * ask stray                        - each command with each attribute that is not its own
 *
 * Commands are those of <linux/devmem_policy.h> in lower case (raise-floor), and
 * attributes too (policy-name, serial, sequence, first, last, rule-id). Prints "ok",
 * or the errno's name and the kernel's sentence. "stray" prints what was taken that
 * should not be, and then how much was tried.
 *
 * Knows the protocol document and nothing of the daemon's code.
 */
#include <errno.h>
#include <linux/devmem_policy.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES 65536
#define MAX_WORDS 8
#define TIMEOUT_S 30
#define ATTRIBUTE_HEADER sizeof(struct nlattr) /* NLA_HDRLEN is an int */

#define COMMAND(name) DEVMEM_POLICY_CMD_##name
#define ATTR(name) DEVMEM_POLICY_A_##name
#define TAKES(name) (1ull << ATTR(name))

static const struct command {
	const char *name;
	uint8_t number;
	bool dump;
	uint64_t takes; /* attributes, as the protocol document says */
} commands[] = {
	{ "get-status", COMMAND(GET_STATUS), false, 0 },
	{ "get-policy", COMMAND(GET_POLICY), true, 0 },
	{ "get-rule", COMMAND(GET_RULE), true, TAKES(POLICY_NAME) },
	{ "get-event", COMMAND(GET_EVENT), true, TAKES(SEQUENCE) },
	{ "get-one-event", COMMAND(GET_EVENT), false, TAKES(SEQUENCE) },
	{ "begin", COMMAND(BEGIN), false, TAKES(HEADER) },
	{ "add", COMMAND(ADD), false, TAKES(DATA) },
	{ "commit", COMMAND(COMMIT), false, TAKES(SIGNATURE) },
	{ "abort", COMMAND(ABORT), false, 0 },
	{ "remove", COMMAND(REMOVE), false, TAKES(POLICY_NAME) },
	{ "attach", COMMAND(ATTACH), false, 0 },
	{ "challenge", COMMAND(CHALLENGE), false, 0 },
	{ "prove", COMMAND(PROVE), false, TAKES(PROOF) },
	{ "ack", COMMAND(ACK), false, TAKES(SEQUENCE) },
	{ "detach", COMMAND(DETACH), false, 0 },
	{ "resolve", COMMAND(RESOLVE), false, 0 },
	{ "raise-floor", COMMAND(RAISE_FLOOR), false, TAKES(POLICY_NAME) | TAKES(SERIAL) },
	{ "revoke", COMMAND(REVOKE), false,
	  TAKES(FIRST) | TAKES(LAST) | TAKES(RULE_ID) | TAKES(POLICY_NAME) },
	{ "restore", COMMAND(RESTORE), false, 0 },
};

static const struct attribute {
	const char *name;
	uint16_t number;
	unsigned int bytes; /* 0: text */
} attributes[] = {
	{ "policy-name", ATTR(POLICY_NAME), 0 }, { "serial", ATTR(SERIAL), 8 },
	{ "sequence", ATTR(SEQUENCE), 8 },	 { "first", ATTR(FIRST), 8 },
	{ "last", ATTR(LAST), 8 },		 { "rule-id", ATTR(RULE_ID), 4 },
};

struct message {
	struct nlmsghdr header;
	struct genlmsghdr generic;
	uint8_t attributes[1024];
};

static int netlink_fd;
static uint16_t family;
static uint8_t answer[BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
static const char *sentence; /* in the answer */

static void start(struct message *message, uint16_t type, uint8_t command, bool dump)
{
	static uint32_t sequence;

	memset(message, 0, sizeof(*message));
	message->header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	message->header.nlmsg_type = type;
	message->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK));
	message->header.nlmsg_seq = ++sequence;
	message->generic.cmd = command;
	message->generic.version = DEVMEM_POLICY_GENL_VERSION;
}

static void put(struct message *message, uint16_t type, const void *value, size_t bytes)
{
	struct nlattr *attribute = (void *)((char *)message + message->header.nlmsg_len);

	attribute->nla_type = type;
	attribute->nla_len = (uint16_t)(ATTRIBUTE_HEADER + bytes);
	memcpy((char *)attribute + ATTRIBUTE_HEADER, value, bytes);
	message->header.nlmsg_len += (uint32_t)NLA_ALIGN(attribute->nla_len);
}

/* The attribute of that type among those from there to end, or NULL. */
static const struct nlattr *find(const uint8_t *from, const uint8_t *end, uint16_t type)
{
	const struct nlattr *attribute;

	while (from + ATTRIBUTE_HEADER <= end) {
		attribute = (const void *)from;
		if (attribute->nla_len < ATTRIBUTE_HEADER || from + attribute->nla_len > end)
			break;
		if ((attribute->nla_type & NLA_TYPE_MASK) == type)
			return attribute;
		from += NLA_ALIGN(attribute->nla_len);
	}
	return NULL;
}

/* What the last message of an answer says. Without NLM_F_CAPPED it has the request in it. */
static int result(const struct nlmsghdr *header)
{
	const uint8_t *end = (const uint8_t *)header + header->nlmsg_len;
	const uint8_t *from = (const uint8_t *)NLMSG_DATA(header);
	const struct nlattr *text;
	int error;

	memcpy(&error, from, sizeof(error));
	from += header->nlmsg_type == NLMSG_DONE ? sizeof(error) : sizeof(struct nlmsgerr);
	text = header->nlmsg_flags & NLM_F_ACK_TLVS ? find(from, end, NLMSGERR_ATTR_MSG) : NULL;
	sentence = text ? (const char *)text + ATTRIBUTE_HEADER : "";
	return error;
}

static bool is_last(const struct nlmsghdr *header, uint32_t sequence)
{
	return header->nlmsg_seq == sequence &&
	       (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE);
}

/*
 * Return: what the kernel says, or what talking to it said. The first message that
 * is no result stays in first_answer, if there is one to keep it.
 */
static int exchange(struct message *message, struct message *first_answer)
{
	const struct nlmsghdr *header;
	ssize_t length;

	if (send(netlink_fd, message, message->header.nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		length = recv(netlink_fd, answer, sizeof(answer), 0);
		if (length < 0)
			return -errno;
		for (header = (void *)answer; NLMSG_OK(header, (size_t)length);
		     header = NLMSG_NEXT(header, length)) {
			if (is_last(header, message->header.nlmsg_seq))
				return result(header);
			if (first_answer && header->nlmsg_len <= sizeof(*first_answer))
				memcpy(first_answer, header, header->nlmsg_len);
		}
	}
}

static int find_family(void)
{
	struct message request, found = { 0 };
	const struct nlattr *id;
	int ret;

	start(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, false);
	put(&request, CTRL_ATTR_FAMILY_NAME, DEVMEM_POLICY_GENL_NAME,
	    sizeof(DEVMEM_POLICY_GENL_NAME));
	ret = exchange(&request, &found);
	if (ret)
		return ret;
	id = find(found.attributes, (uint8_t *)&found + found.header.nlmsg_len,
		  CTRL_ATTR_FAMILY_ID);
	if (!id)
		return -EPROTO;
	memcpy(&family, (const char *)id + ATTRIBUTE_HEADER, sizeof(family));
	return 0;
}

static int connect_netlink(void)
{
	const struct timeval timeout = { .tv_sec = TIMEOUT_S };
	const int on = 1;

	netlink_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (netlink_fd < 0)
		return -errno;
	if (setsockopt(netlink_fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    setsockopt(netlink_fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) ||
	    setsockopt(netlink_fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		return -errno;
	return find_family();
}

/* --- one request ------------------------------------------------------------ */

static int put_word(struct message *message, char *word)
{
	char *value = strchr(word, '=');
	unsigned long long number;
	size_t i;

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	/* Little endian: the first bytes of a number are the smaller number. */
	number = strtoull(value, NULL, 0);
	for (i = 0; i < COUNT(attributes); i++) {
		if (strcmp(word, attributes[i].name))
			continue;
		if (attributes[i].bytes)
			put(message, attributes[i].number, &number, attributes[i].bytes);
		else
			put(message, attributes[i].number, value, strlen(value) + 1);
		return 0;
	}
	return -EINVAL;
}

static const struct command *command_named(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(commands); i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	return NULL;
}

static int ask(int count, char **words)
{
	const struct command *command = command_named(words[0]);
	struct message message;
	int i, ret;

	if (!command) {
		printf("%s: what?\n", words[0]);
		return -EINVAL;
	}
	start(&message, family, command->number, command->dump);
	for (i = 1; i < count; i++) {
		if (!put_word(&message, words[i]))
			continue;
		printf("%s: what?\n", words[i]);
		return -EINVAL;
	}
	ret = exchange(&message, NULL);
	if (ret)
		printf("%s: %s\n", strerrorname_np(-ret), sentence ? sentence : "");
	else
		puts("ok");
	return ret;
}

static int ask_lines(void)
{
	char line[256], *words[MAX_WORDS], *word;
	int count, ret = 0;

	while (fgets(line, sizeof(line), stdin)) {
		count = 0;
		for (word = strtok(line, " \n"); word && count < MAX_WORDS;
		     word = strtok(NULL, " \n"))
			words[count++] = word;
		if (count && ask(count, words))
			ret = 1;
	}
	return ret;
}

/* --- stray attributes ------------------------------------------------------- */

/*
 * EINVAL alone proves nothing, since an attribute may be missing as well; so the
 * sentence must be generic netlink's own, which comes before the command runs.
 */
static bool is_refused(const struct command *command, uint16_t type)
{
	const uint32_t value = 1;
	struct message message;
	int ret;

	start(&message, family, command->number, command->dump);
	put(&message, type, &value, sizeof(value));
	ret = exchange(&message, NULL);
	if (ret == -EINVAL && sentence &&
	    (strstr(sentence, "Unsupported attribute") || strstr(sentence, "Unknown attribute")))
		return true;
	printf("%s took attribute %u: %s %s\n", command->name, type,
	       ret ? strerrorname_np(-ret) : "ok", sentence ? sentence : "");
	return false;
}

static int ask_stray(void)
{
	unsigned int tried = 0, taken = 0;
	uint16_t type;
	size_t i;

	for (i = 0; i < COUNT(commands); i++)
		for (type = 1; type <= DEVMEM_POLICY_A_MAX + 1; type++) {
			if (commands[i].takes >> type & 1)
				continue;
			tried++;
			taken += !is_refused(&commands[i], type);
		}
	printf("%zu commands, %u stray attributes, %u taken\n", COUNT(commands), tried, taken);
	return taken ? 1 : 0;
}

int main(int argc, char **argv)
{
	int ret;

	if (argc < 2)
		return 2;
	ret = connect_netlink();
	if (ret) {
		printf("open: %s\n", strerrorname_np(-ret));
		return 2;
	}
	if (!strcmp(argv[1], "-"))
		return ask_lines();
	if (!strcmp(argv[1], "stray"))
		return ask_stray();
	return ask(argc - 1, argv + 1) ? 1 : 0;
}
