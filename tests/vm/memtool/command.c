// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int mem_fd = -1;
char *mapping;
size_t mapping_bytes;

/* The handler runs in the thread that touched what is not there. */
static __thread sigjmp_buf fault;

static const struct command *const groups[] = {
	file_commands, mapping_commands, subject_commands, uring_commands, debugger_commands,
};

static void on_fault(int signal_number)
{
	siglongjmp(fault, signal_number);
}

void catch_faults(void)
{
	signal(SIGBUS, on_fault);
	signal(SIGSEGV, on_fault);
}

int failed(const char *what)
{
	int error = errno;

	printf("%s: %s\n", what, strerrorname_np(error));
	return -error;
}

int usage_error(const char *what)
{
	printf("%s: what?\n", what);
	return -EINVAL;
}

unsigned long number(const char *text)
{
	return strtoul(text, NULL, 0);
}

/* The first line of untrusted bytes, anything odd as '?', and so what would end the text. */
void print_line(const char *what, long count, const char *bytes)
{
	char text[MEMTOOL_TEXT + 1];
	int i;

	for (i = 0; i < MEMTOOL_TEXT && i < count && bytes[i] != '\n'; i++)
		text[i] = bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '"' ? bytes[i] : '?';
	text[i] = '\0';
	printf("%s: %ld \"%s\"\n", what, count, text);
}

/* The text, not empty, as often as there is room. */
void fill_text(char *buffer, size_t bytes, const char *text)
{
	size_t length = strlen(text), i;

	for (i = 0; i < bytes; i++)
		buffer[i] = text[i % length];
}

static const struct command *find_command(const char *name)
{
	const struct command *command;
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		for (command = groups[i]; command->name; command++) {
			if (!strcmp(command->name, name))
				return command;
		}
	}
	return NULL;
}

int run_command(int count, char **words)
{
	const struct command *command;
	int signal_number;

	signal_number = sigsetjmp(fault, 1);
	if (signal_number) {
		printf("%s: SIG%s\n", words[0], sigabbrev_np(signal_number));
		return -EFAULT;
	}
	command = count ? find_command(words[0]) : NULL;
	if (!command)
		return usage_error(count ? words[0] : "memtool");
	return command->run(count, words);
}
