/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * answer.h - what the netlink family tells, attribute by attribute
 */
#ifndef DMP_ANSWER_H
#define DMP_ANSWER_H

#include <linux/skbuff.h>

#include "auditor.h"
#include "policy.h"
#include "ring.h"

/* All return 0 or -EMSGSIZE; the caller cancels the message then. */
int dmp_answer_status(struct sk_buff *skb);
int dmp_answer_challenge(struct sk_buff *skb, const struct dmp_challenge *challenge);
int dmp_answer_policy(struct sk_buff *skb, struct dmp_policy *policy);
int dmp_answer_rule(struct sk_buff *skb, const struct dmp_policy *policy, u32 index);
int dmp_answer_event(struct sk_buff *skb, const struct dmp_told_record *told);

u64 dmp_answer_instance(void);

#endif /* DMP_ANSWER_H */
