/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doctor.h - whether a kernel can run the module, and what is lost where not */
#ifndef DEVMEM_POLICY_DOCTOR_H
#define DEVMEM_POLICY_DOCTOR_H

#include "facts.h"

#define DMP_FINDINGS_MAX 48

enum dmp_health {
	DMP_HEALTH_OK,
	DMP_HEALTH_NOTE, /* good to know */
	DMP_HEALTH_LIMIT, /* something is lost */
	DMP_HEALTH_UNKNOWN, /* and it would be necessary */
	DMP_HEALTH_MISSING /* the module cannot work */
};

struct dmp_finding {
	enum dmp_health health;
	char what[48]; /* as in "CONFIG_STRICT_DEVMEM" */
	char text[256]; /* what it costs, and what to do; "" when all is well */
};

struct dmp_diagnosis {
	struct dmp_finding findings[DMP_FINDINGS_MAX];
	size_t count;
	enum dmp_health worst;
};

/* dmp_doctor_examine() - from what is known */
void dmp_doctor_examine(const struct dmp_facts *facts, struct dmp_diagnosis *diagnosis);

/* dmp_health_word() - as in "missing" */
const char *dmp_health_word(enum dmp_health health);

/* dmp_diagnosis_sentence() - what it comes to */
const char *dmp_diagnosis_sentence(const struct dmp_diagnosis *diagnosis);

#endif /* DEVMEM_POLICY_DOCTOR_H */
