# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# packages.sh: packages from the machine's own package sources, unpacked elsewhere

# package_version NAME: the one that would be installed, or nothing
package_version() { apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" && $2 ~ /^[0-9]/ { print $2 }'; }

# download_package DIRECTORY NAME=VERSION: the .deb; apt's words go to a log beside it
download_package() {
	(cd "$1" && apt-get download -qq -o APT::Sandbox::User=root "$2" </dev/null >apt.log 2>&1)
}
