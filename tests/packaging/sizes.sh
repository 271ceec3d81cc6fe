#!/usr/bin/env bash
# Prints what the library costs: code and constants (optimised with -O2, without the explanations of
# replies and the transcript runner, which are linked only by who uses them), what is left of it in a
# program for a small device (-Os, LTO, the server alone), and the memory of a session. Fails if the code or a session is over its limit. CC chooses the compiler.
# SPDX-License-Identifier: MIT
set -euo pipefail

cd "$(dirname "$0")/../.."
CC=${CC:-gcc}
command -v "$CC" >/dev/null || { echo "skipped: no $CC"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Octets of the sections of object files whose names match.
sections() {
    local pattern=$1
    shift
    size -A "$@" | awk -v pattern="$pattern" '$1 ~ pattern {sum += $2} END {print sum + 0}'
}

# row <what> <object files...>
row() {
    local what=$1
    shift
    printf '%-40s %8d %8d %8d\n' "$what" "$(sections '^\\.text' "$@")" \
        "$(sections '^\\.(rodata|data\\.rel\\.ro)' "$@")" "$(sections '^\\.eh_frame' "$@")"
}

mkdir "$work/core" "$work/script" "$work/prose"
for source in lib/*/*.c; do
    case $source in
    lib/script/*) folder=script ;;
    */prose.c) folder=prose ;;
    *) folder=core ;;
    esac
    "$CC" -std=c11 -O2 -Iinclude -Ilib -c "$source" -o "$work/$folder/$(basename "$source" .c).o"
done
lto=-flto=auto # so that gcc says nothing of its jobs
"$CC" --version | grep -q clang && lto=-flto
small="-Os $lto -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables"
# shellcheck disable=SC2086
"$CC" -std=c11 $small -Iinclude -Ilib -Wl,--gc-sections tests/packaging/server_only.c lib/*/*.c \
    -o "$work/server_only"
"$CC" -std=c11 -Iinclude tests/packaging/session_size.c "$work"/*/*.o -o "$work/session_size"

printf '%-40s %8s %8s %8s\n' "octets, $CC -O2, $(uname -m)" code constant unwind
row "the library" "$work"/core/*.o
row "explanations of replies (prose.c)" "$work"/prose/*.o
row "transcript runner (lib/script)" "$work"/script/*.o
row "a program with the server only, -Os LTO" "$work/server_only"
"$work/session_size"

# The limit is for gcc and this machine: others have other instructions.
limit=73728
[ "$(uname -m)" = x86_64 ] && [ "$CC" = gcc ] || exit 0
code=$(sections '^\\.text' "$work"/core/*.o)
[ "$code" -le $limit ] || { echo "FAILED: more than $limit octets of code"; exit 1; }
