// SPDX-License-Identifier: GPL-2.0-or-later
#include "registered.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A list that keeps changing while it is read is not worth more patience. */
#define TRIES 10

static int add(const struct dmp_policy_info *policy, void *arg)
{
	struct dmp_registered *registered = arg;
	size_t room = registered->room ? 2 * registered->room : 8;
	struct dmp_policy_info *list;

	if (registered->count == registered->room) {
		list = reallocarray(registered->list, room, sizeof(*list));
		if (!list)
			return -ENOMEM;
		registered->list = list;
		registered->room = room;
	}
	registered->list[registered->count++] = *policy;
	return 0;
}

int dmp_registered_read(struct dmp_registered *registered, struct dmp_nl *nl)
{
	int ret = -EINTR;

	memset(registered, 0, sizeof(*registered));
	for (int i = 0; i < TRIES && ret == -EINTR; i++) {
		registered->count = 0;
		ret = dmp_nl_policies(nl, add, registered);
	}
	return ret;
}

void dmp_registered_free(struct dmp_registered *registered)
{
	free(registered->list);
	memset(registered, 0, sizeof(*registered));
}

const struct dmp_policy_info *dmp_registered_find(const struct dmp_registered *registered,
						  const char *name)
{
	for (size_t i = 0; i < registered->count; i++)
		if (!strcmp(registered->list[i].name, name))
			return &registered->list[i];
	return NULL;
}
