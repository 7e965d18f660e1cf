// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * acked PAUSE - say what is acknowledged, again and again
 *
 * Each PAUSE microseconds, if it has changed, a line of "acked", the instance of
 * the module (16 hex digits), the last record that is acknowledged and the newest
 * that there is. Ends when the module does.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/netlink.h"

int main(int argc, char **argv)
{
	struct dmp_ring last = { .newest = UINT64_MAX };
	struct dmp_status status;
	struct dmp_nl *nl;

	if (argc != 2 || dmp_nl_open(&nl))
		return 2;
	while (!dmp_nl_status(nl, &status)) {
		if (status.ring.newest != last.newest ||
		    status.ring.acknowledged != last.acknowledged)
			printf("acked %016" PRIx64 " %" PRIu64 " %" PRIu64 "\n",
			       status.instance, status.ring.acknowledged,
			       status.ring.newest);
		fflush(stdout);
		last = status.ring;
		usleep((useconds_t)strtoul(argv[1], NULL, 10));
	}
	dmp_nl_close(nl);
	return 0;
}
