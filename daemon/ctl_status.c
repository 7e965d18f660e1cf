// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "auditor.h"
#include "ctl.h"
#include "explain.h"
#include "registered.h"
#include "say.h"
#include "status.h"

static int print_json(const struct dmp_status *status,
		      const struct dmp_registered *policies, const char *silenced_by)
{
	char *text = dmp_status_json(status, policies, silenced_by);

	if (!text) {
		dmp_say(LOG_ERR, "out of memory");
		return DMP_EXIT_FAILED;
	}
	puts(text);
	free(text);
	return DMP_EXIT_OK;
}

static int show(struct dmp_nl *nl, bool json)
{
	struct dmp_registered policies;
	struct dmp_status status;
	char silenced_by[160];
	int ret;

	ret = dmp_nl_status(nl, &status);
	if (ret)
		return dmp_explain(nl, ret, "the status cannot be read");
	ret = dmp_registered_read(&policies, nl);
	if (ret) {
		ret = dmp_explain(nl, ret, "the policies cannot be read");
	} else {
		dmp_probe_switches(DMP_FTRACE_SWITCH, DMP_KPROBES_SWITCH, silenced_by,
				   sizeof(silenced_by));
		if (json)
			ret = print_json(&status, &policies, silenced_by);
		else
			dmp_status_print(&status, &policies, silenced_by, stdout);
	}
	dmp_registered_free(&policies);
	return ret;
}

int ctl_status(int argc, char **argv, bool json)
{
	struct dmp_nl *nl;
	int ret;

	if (argc != 1)
		return ctl_usage(argv[0]);
	ret = dmp_open_or_explain(&nl);
	if (!ret)
		ret = show(nl, json);
	dmp_nl_close(nl);
	return ret;
}
