/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * output.h - a message that must not become longer than there is room
 *
 * What does not fit is left out as a whole, and nothing after it is put in, until
 * the length is set back.
 */
#ifndef DEVMEM_POLICY_OUTPUT_H
#define DEVMEM_POLICY_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct dmp_output {
	char *bytes;
	size_t room; /* that may be used */
	size_t length;
	bool full; /* something did not fit */
};

void dmp_output_put(struct dmp_output *output, const char *bytes, size_t length);
void dmp_output_text(struct dmp_output *output, const char *text);
void dmp_output_print(struct dmp_output *output, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* dmp_output_back() - forget what was put since it was that long */
void dmp_output_back(struct dmp_output *output, size_t length);

#endif /* DEVMEM_POLICY_OUTPUT_H */
