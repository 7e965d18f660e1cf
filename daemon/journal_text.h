/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal_text.h - an item as an entry of the journal
 *
 * The native protocol of journald is a datagram of NAME=VALUE lines; it is
 * documented for programs without libsystemd. That library reports success when
 * there is no journal, which a forwarder must notice.
 */
#ifndef DEVMEM_POLICY_JOURNAL_TEXT_H
#define DEVMEM_POLICY_JOURNAL_TEXT_H

#include "item.h"

#define DMP_JOURNAL_SOCKET "/run/systemd/journal/socket"

/*
 * dmp_journal_text() - the datagram
 * @facility: of syslog
 * @output: empty
 *
 * Return: whether fields were left out for want of room.
 */
bool dmp_journal_text(unsigned int facility, const struct dmp_item *item,
		      struct dmp_output *output);

#endif /* DEVMEM_POLICY_JOURNAL_TEXT_H */
