#!/usr/bin/env bash
# Checks the sources with one tool: lint.sh format | tidy | cppcheck
# Exit status 77 if the tool is not here.
# SPDX-License-Identifier: MIT
set -euo pipefail

cd "$(dirname "$0")/.."

need() {
    command -v "$1" >/dev/null || { echo "skipped: no $1"; exit 77; }
}

case ${1:-} in
format)
    program=$(command -v clang-format-14 || command -v clang-format || true)
    # Other versions format differently.
    [ -n "$program" ] && "$program" --version | grep -q 'version 14\.' ||
        { echo "skipped: no clang-format 14"; exit 77; }
    find lib include examples tests -name '*.[ch]' -print0 |
        xargs -0 "$program" --dry-run -Werror
    ;;
tidy)
    need clang-tidy
    # The checks stand in .clang-tidy. It counts the warnings it suppressed on the standard error.
    printf '%s\0' lib/*/*.c | xargs -0 -n 1 -P "$(nproc)" sh -c \
        'clang-tidy --quiet --warnings-as-errors="*" "$1" -- -std=c11 -Iinclude -Ilib 2>/dev/null' sh
    ;;
cppcheck)
    need cppcheck
    cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr -j "$(nproc)" \
        --enable=warning,performance,portability -Iinclude -Ilib lib
    ;;
*)
    echo "usage: $0 format | tidy | cppcheck" >&2
    exit 2
    ;;
esac
