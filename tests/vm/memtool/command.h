/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - what the parts of memtool share
 *
 * A command gets its words, its own name first, prints one line and returns 0 or
 * -errno. programs/memtool.c says what each does.
 */
#ifndef MEMTOOL_COMMAND_H
#define MEMTOOL_COMMAND_H

#include <stddef.h>

#define MEMTOOL_TEXT 80 /* of memory, shown on one line */
#define MEMTOOL_BYTES (64ul << 20)
#define MEMTOOL_PAGE 4096ul

struct command {
	const char *name;
	int (*run)(int count, char **words);
};

/* Each ends with an entry without a name. */
extern const struct command file_commands[];
extern const struct command mapping_commands[];
extern const struct command subject_commands[];
extern const struct command uring_commands[];
extern const struct command debugger_commands[];

/* What one command leaves for the next. */
extern int mem_fd;
extern char *mapping;
extern size_t mapping_bytes;

void catch_faults(void);
int run_command(int count, char **words);

int open_mem(int flags);
int failed(const char *what);
int usage_error(const char *what);
unsigned long number(const char *text);
void print_line(const char *what, long count, const char *bytes);
void fill_text(char *buffer, size_t bytes, const char *text);

#endif /* MEMTOOL_COMMAND_H */
