#!/usr/bin/env bash
# Fetches Postfix, Exim, HAProxy and nginx, and what the policy host asks (nsd, clamd, spamd, rspamd,
# opendkim), into a directory, unpacked, since some packages exclude each other and all start servers,
# and installs the libraries they need: unpack.sh DIRECTORY. Needs root, Debian and its mirror.
# libnss-wrapper: Exim insists on a user that only its installation creates.
# SPDX-License-Identifier: MIT
set -euo pipefail

[ $# = 1 ] || { echo "usage: $0 DIRECTORY" >&2; exit 2; }
mkdir -p "$1"
cd "$1"
apt-get download -qq -o APT::Sandbox::User=root postfix exim4-daemon-light libnss-wrapper \
    haproxy nginx libnginx-mod-mail nsd clamav-daemon spamd spamassassin rspamd opendkim
libraries=()
for package in ./*.deb; do
    dpkg -x "$package" .
    # "exim4-base (>= 4.96), libc6 (>= 2.34), libdb5.3": a name at the start or behind a comma
    mapfile -t -O ${#libraries[@]} libraries < <(dpkg-deb -f "$package" Depends |
        tr ',' '\n' | sed -n 's/^ *\(lib[^ ]*\).*/\1/p')
done
# With the set-user-ID bit the loader would not preload the wrapper.
chmod u-s usr/sbin/exim4
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-upgrade \
    "${libraries[@]}" >/dev/null
