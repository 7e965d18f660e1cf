/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - bytes that a process chose, made safe to print */
#ifndef DEVMEM_POLICY_TEXT_H
#define DEVMEM_POLICY_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Room that any count bytes need when escaped, with the NUL. */
#define DMP_ESCAPED_BYTES(count) (4 * (count) + 1)

/*
 * dmp_escape() - printable UTF-8 from arbitrary bytes
 *
 * A byte that is not part of well-formed UTF-8, each byte of a control
 * character (C0, DEL, C1), and the backslash become \xNN with two lower-case
 * hex digits. So the original bytes can be had back, the text is valid in JSON,
 * and a terminal shows it without obeying it.
 */
void dmp_escape(const uint8_t *bytes, size_t count, char *text);

/*
 * dmp_printable() - how many of count (at least one) bytes are one character
 * that dmp_escape() leaves as it is; 0: none is
 */
size_t dmp_printable(const uint8_t *bytes, size_t count);

#endif /* DEVMEM_POLICY_TEXT_H */
