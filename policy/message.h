/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message.h - sentences for people; inside the policy library only */
#ifndef DEVMEM_POLICY_MESSAGE_H
#define DEVMEM_POLICY_MESSAGE_H

#include "policy.h"

/* dmp_refuse() - write a sentence, cut if too long. Return: code */
int dmp_refuse(struct dmp_message *message, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* DEVMEM_POLICY_MESSAGE_H */
