#!/usr/bin/env bash
# Lets real mail programs talk to examples/smtpd on the loopback interface, and treats it roughly:
# run.sh SMTPD. A program that is not here is skipped. EHLO_UNPACKED: the directory that unpack.sh
# filled. Exit status 77: nothing can be done at all.
# SPDX-License-Identifier: MIT
set -euo pipefail

[ $# = 1 ] || { echo "usage: $0 SMTPD" >&2; exit 2; }
[ -x "$1" ] || { echo "skipped: no $1"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
exec python3 -B "$(dirname "$0")/interop.py" "$1"
