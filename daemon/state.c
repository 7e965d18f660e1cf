// SPDX-License-Identifier: GPL-2.0-or-later
#include "state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "say.h"

/* --- reading ---------------------------------------------------------------- */

static const char *problem(int error)
{
	switch (-error) {
	case ENOENT:
		return "is missing";
	case EBADMSG:
		return "is corrupt";
	case EOPNOTSUPP:
		return "was written by a newer devmemd";
	case EINVAL:
		return "is not a regular file";
	default:
		return NULL;
	}
}

enum dmp_exit dmp_state_open(struct dmp_floors *floors, const char *path)
{
	int ret = dmp_floors_read(floors, path);
	const char *what = problem(ret);

	if (!ret)
		return DMP_EXIT_OK;
	if (what)
		dmp_say(LOG_ERR, "the state file %s %s", path, what);
	else
		dmp_say(LOG_ERR, "the state file %s cannot be read: %s", path,
			strerror(-ret));
	dmp_say(LOG_ERR,
		"it says which serial of each policy was accepted last; without it an older policy could be put back");
	dmp_say(LOG_ERR,
		"restore it from a backup; or, if that risk is to be taken, run 'devmemd --new-state --state %s' and start again",
		path);
	return DMP_EXIT_STATE;
}

enum dmp_exit dmp_state_new(const char *path)
{
	char *aside;
	int ret = dmp_floors_create(path, &aside);

	if (aside)
		dmp_say(LOG_NOTICE, "the old state file was kept as %s", aside);
	free(aside);
	switch (-ret) {
	case 0:
		dmp_say(LOG_NOTICE,
			"%s is empty now: any serial of any policy will be accepted once",
			path);
		return DMP_EXIT_OK;
	case EEXIST:
		dmp_say(LOG_ERR,
			"%s is there and in order; to forget what it says, remove it first",
			path);
		break;
	case ENOENT:
		dmp_say(LOG_ERR, "%s cannot be created: its directory does not exist",
			path);
		break;
	case EINVAL:
		dmp_say(LOG_ERR, "%s is not a regular file", path);
		break;
	default:
		dmp_say(LOG_ERR, "%s cannot be created: %s", path, strerror(-ret));
	}
	return DMP_EXIT_FAILED;
}

/* --- telling ---------------------------------------------------------------- */

int dmp_state_tell(const struct dmp_floors *floors, struct dmp_nl *nl)
{
	const struct dmp_floor *floor;
	int ret;

	for (size_t i = 0; i < floors->count; i++) {
		floor = &floors->list[i];
		if (floor->serial == 1)
			continue;
		ret = dmp_nl_raise_floor(nl, floor->name, floor->serial - 1);
		if (ret == -ENOENT && !*dmp_nl_message(nl))
			return ret;
		if (ret)
			dmp_say(LOG_ERR,
				"the kernel does not take the floor %" PRIu64
				" of policy %s: %s (%s)",
				floor->serial - 1, floor->name, dmp_nl_message(nl),
				dmp_errno_name(-ret).text);
	}
	return 0;
}
