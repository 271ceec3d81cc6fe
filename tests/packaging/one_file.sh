#!/usr/bin/env bash
# The library compiles as one file, which shows that static names and macros of its sources do not
# collide, and no two sources have the same name.
# SPDX-License-Identifier: MIT
set -euo pipefail

cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

twice=$(basename -a lib/*/*.c | sort | uniq -d)
[ -z "$twice" ] || { echo "FAILED: several sources are called $twice"; exit 1; }

(cd lib && printf '#include "%s"\n' */*.c) >"$work/one_file.c"
for compiler in gcc clang; do
    command -v $compiler >/dev/null || continue
    $compiler -std=c11 -pedantic -Wall -Wextra -Werror -O2 -Iinclude -Ilib "$work/one_file.c" \
        tests/packaging/consumer/consumer.c -o "$work/consumer"
    "$work/consumer" >/dev/null 2>&1 || { echo "FAILED: the program made by $compiler"; exit 1; }
done
