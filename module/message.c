// SPDX-License-Identifier: GPL-2.0-only
/*
 * message.c - the sentence that comes with an errno
 *
 * Kernels before 6.2 cannot format an extack message, and the text must outlive
 * the command that set it until its answer is built. So there are a few buffers
 * in turn. Should more commands than that fail at the very same moment, one of
 * them gets another's sentence; the errno is always its own.
 */
#include <linux/atomic.h>
#include <linux/kernel.h>

#include "message.h"

#define DMP_MESSAGES 32
#define DMP_MESSAGE_BYTES 384 /* a path, and what is wrong with it */

static char dmp_messages[DMP_MESSAGES][DMP_MESSAGE_BYTES];
static atomic_t dmp_messages_next;

/**
 * dmp_say() - set the sentence of an answer
 * @extack: may be NULL
 * @format: printf format
 *
 * Context: Any.
 */
void dmp_say(struct netlink_ext_ack *extack, const char *format, ...)
{
	char *message;
	va_list args;

	if (!extack)
		return;
	message = dmp_messages[(unsigned int)atomic_inc_return(&dmp_messages_next) % DMP_MESSAGES];
	va_start(args, format);
	vsnprintf(message, DMP_MESSAGE_BYTES, format, args);
	va_end(args);
	extack->_msg = message;
}
