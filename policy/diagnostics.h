/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diagnostics.h - collect what is wrong with a text; inside the library only */
#ifndef DEVMEM_POLICY_DIAGNOSTICS_H
#define DEVMEM_POLICY_DIAGNOSTICS_H

#include <stdarg.h>

#include "policy.h"

/* A place in the text, as struct dmp_diagnostic has it. */
struct dmp_span {
	u32 line;
	u32 column;
	u32 width;
};

/*
 * dmp_diagnose() - add an error or a warning
 * @hint: how to mend it; NULL: none
 *
 * What exceeds the limit is dropped, and diagnostics->more says so.
 *
 * Return: -EINVAL for an error, 0 for a warning, -ENOMEM.
 */
int dmp_diagnose(struct dmp_diagnostics *diagnostics, bool is_warning,
		 const struct dmp_span *span, const char *hint,
		 const char *format, ...) __attribute__((format(printf, 5, 6)));

int dmp_diagnose_list(struct dmp_diagnostics *diagnostics, bool is_warning,
		      const struct dmp_span *span, const char *hint,
		      const char *format, va_list arguments);

/* dmp_diagnostics_sort() - put them into the order of the text */
void dmp_diagnostics_sort(struct dmp_diagnostics *diagnostics);

/* dmp_count_characters() - characters in bytes; a malformed byte counts as one */
u32 dmp_count_characters(const char *bytes, size_t length);

#endif /* DEVMEM_POLICY_DIAGNOSTICS_H */
