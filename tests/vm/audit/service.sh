# SPDX-License-Identifier: GPL-2.0-or-later
# machine: debian disk=1G memory=768 seconds=600
# devmemd as make install leaves it, under systemd.
. /tests/debian-lib.sh

start_service
is "the unit is active" active "$(property ActiveState)"
journal | sed 's/^/# journal: /'
systemd-analyze --no-pager blame | head -5 | sed 's/^/# /'
systemd-analyze --no-pager security devmemd | tail -1
