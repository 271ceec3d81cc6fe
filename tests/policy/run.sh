#!/usr/bin/env bash
# Tests the policy host, examples/smtpd --policy, end to end on the loopback interface:
# run.sh SMTPD [TOPIC...]. Topics are listed in policy.py; all if none is named. A part that lacks a
# program is skipped. EHLO_UNPACKED: the directory that ../interop/unpack.sh filled. Exit status 77:
# nothing can be done at all.
# SPDX-License-Identifier: MIT
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: $0 SMTPD [TOPIC...]" >&2; exit 2; }
[ -x "$1" ] || { echo "skipped: no $1"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
exec python3 -B "$(dirname "$0")/policy.py" "$@"
