/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decision_model.h - the decision once more, as plainly as it can be said
 *
 * What tests compare policy/ and the module with. It walks over lists of rules
 * and asks each one; nothing is sorted, indexed, remembered or encoded, and no
 * code is shared with what is tested. Only the numbers of the protocol are.
 */
#ifndef DEVMEM_POLICY_TESTS_DECISION_MODEL_H
#define DEVMEM_POLICY_TESTS_DECISION_MODEL_H

#include <stdbool.h>

#include <linux/devmem_policy.h>

#define MODEL_ANYBODY 0xffffffffu /* as uid or gid of a rule: no condition */
#define MODEL_NEVER 0L /* as a time: there is none */
#define MODEL_MAX_RULES 16
#define MODEL_MAX_POLICIES 4
#define MODEL_MAX_GROUPS 4
#define MODEL_MAX_RANGES 4

/* Files that are programs have numbers from 1. */
#define MODEL_ANY_FILE 0 /* as exe of a rule: no condition */
#define MODEL_LOST_FILE (-1) /* as exe of a rule: it names none that is there */

struct model_range {
	unsigned long first_page;
	unsigned long last_page; /* inclusive */
};

struct model_rule {
	bool deny;
	bool read, write;
	bool unreserved;
	bool withdrawn;
	struct model_range pages;
	unsigned int uid;
	unsigned int gid;
	int exe;
	long until;
};

struct model_policy {
	bool permissive;
	bool default_deny;
	long not_before;
	long expires;
	unsigned int count;
	struct model_rule rules[MODEL_MAX_RULES];
};

/* All that is in force, and when. */
struct model_world {
	bool permissive; /* the whole module */
	unsigned int count;
	struct model_policy policies[MODEL_MAX_POLICIES];
	unsigned int withdrawn_count;
	struct model_range withdrawn[MODEL_MAX_RANGES];
	long now; /* what the clock shows */
	long latest; /* and the latest time that it ever showed */
	enum devmem_policy_reason auditor; /* UNSPEC, NO_AUDITOR or UNPROVEN */
	bool stopping;
};

struct model_subject {
	unsigned int uid;
	unsigned int gid;
	unsigned int group_count;
	unsigned int groups[MODEL_MAX_GROUPS];
	int exe;
};

/* One page of one call. */
struct model_access {
	unsigned long page;
	enum devmem_policy_operation operation;
	bool executable;
	struct model_subject subject;
	enum devmem_policy_baseline baseline;
	bool reserved;
	bool revocable; /* a mapping that could be taken back */
};

/* How near a rule comes to deciding, or all of them do; the nearest last. */
enum model_nearness {
	MODEL_ELSEWHERE, /* other pages */
	MODEL_OTHER_OPERATION,
	MODEL_OTHER_SUBJECT,
	MODEL_ENDED,
	MODEL_NOT_BEGUN,
	MODEL_WITHDRAWN,
	MODEL_ALLOWS,
	MODEL_DENIES,
};

/* Rule r of policy p is bit MODEL_MAX_RULES * p + r. */
struct model_ruling {
	enum model_nearness nearness;
	bool unreserved; /* ALLOWS: without the rail */
	unsigned long rules; /* those that may be named as the reason */
};

/* What becomes of the page, and what the record of it says. */
struct model_answer {
	int allowed; /* 0: refused; 1: the page itself; 2: zeros */
	unsigned int kind; /* enum devmem_policy_event_kind; 0: no record */
	enum devmem_policy_reason reason;
	unsigned int would; /* enum devmem_policy_would; 0: not said */
	unsigned long rules; /* those that may be named; 0: none may */
};

bool model_rule_is_for(const struct model_rule *rule, const struct model_subject *subject);
bool model_has_ended(const struct model_policy *policy, const struct model_rule *rule,
		     long latest);

/*
 * model_rule_on() - what the policies say about a page
 * @enforced: those that are permissive are not asked
 */
struct model_ruling model_rule_on(const struct model_world *world,
				  const struct model_access *access, bool enforced);

struct model_answer model_decide(const struct model_world *world,
				 const struct model_access *access);

#endif /* DEVMEM_POLICY_TESTS_DECISION_MODEL_H */
