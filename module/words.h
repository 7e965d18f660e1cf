/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * words.h - what is decided, as words, the same as in the log
 *
 * Lists, since a trace event takes them as such.
 */
#ifndef DMP_WORDS_H
#define DMP_WORDS_H

#include <linux/devmem_policy.h>

#define DMP_OPERATION_WORDS                                                     \
	{ DEVMEM_POLICY_OPERATION_READ, "read" },                               \
	{ DEVMEM_POLICY_OPERATION_WRITE, "write" },                             \
	{ DEVMEM_POLICY_OPERATION_MMAP_READ, "mmap-read" },                     \
	{ DEVMEM_POLICY_OPERATION_MMAP_WRITE, "mmap-write" }

#define DMP_OUTCOME_WORDS                                                       \
	{ DMP_OUTCOME_BASELINE, "baseline" },                                   \
	{ DMP_OUTCOME_GRANT, "grant" },                                         \
	{ DMP_OUTCOME_DENIAL, "denial" },                                       \
	{ DMP_OUTCOME_PERMITTED, "permitted" }

#define DMP_REASON_WORDS                                                        \
	{ DEVMEM_POLICY_REASON_UNSPEC, "unspecified" },                         \
	{ DEVMEM_POLICY_REASON_ALLOW_RULE, "allow-rule" },                      \
	{ DEVMEM_POLICY_REASON_DENY_RULE, "deny-rule" },                        \
	{ DEVMEM_POLICY_REASON_NO_RULE, "no-rule" },                            \
	{ DEVMEM_POLICY_REASON_OPERATION, "operation" },                        \
	{ DEVMEM_POLICY_REASON_DEFAULT_DENY, "default-deny" },                  \
	{ DEVMEM_POLICY_REASON_NO_AUDITOR, "no-auditor" },                      \
	{ DEVMEM_POLICY_REASON_UNPROVEN, "unproven" },                          \
	{ DEVMEM_POLICY_REASON_RING_FULL, "ring-full" },                        \
	{ DEVMEM_POLICY_REASON_NOT_RESERVED, "not-reserved" },                  \
	{ DEVMEM_POLICY_REASON_EXECUTABLE, "executable" },                      \
	{ DEVMEM_POLICY_REASON_BUSY, "busy" },                                  \
	{ DEVMEM_POLICY_REASON_UNLOADING, "unloading" },                        \
	{ DEVMEM_POLICY_REASON_REPLACED, "replaced" },                          \
	{ DEVMEM_POLICY_REASON_REMOVED, "removed" },                            \
	{ DEVMEM_POLICY_REASON_AUDITOR_GONE, "auditor-gone" },                  \
	{ DEVMEM_POLICY_REASON_UNTRACKED, "untracked" },                        \
	{ DEVMEM_POLICY_REASON_SUBJECT, "subject" },                            \
	{ DEVMEM_POLICY_REASON_NOT_YET, "not-yet" },                            \
	{ DEVMEM_POLICY_REASON_EXPIRED, "expired" },                            \
	{ DEVMEM_POLICY_REASON_WITHDRAWN, "withdrawn" },                        \
	{ DEVMEM_POLICY_REASON_PROGRAM, "program" },                            \
	{ DEVMEM_POLICY_REASON_PERMISSIVE, "permissive" },                      \
	{ DEVMEM_POLICY_REASON_NOT_NAMED, "not-named" }

#endif /* DMP_WORDS_H */
