#!/usr/bin/env bash
# Looks at what the libraries ask for and offer: symbols.sh libehlo.a libehlo.so
# - undefined symbols are functions of libc from the list below, and no others;
# - every global name begins with ehlo_;
# - there is no writable data;
# - the shared library exports what the headers declare with EHLO_API, no more, no less.
# SPDX-License-Identifier: MIT
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
CC=${CC:-cc}
archive=$1
shared=$2

# bcmp is what clang makes of a memcmp() whose result is only compared with 0.
allowed='memchr memcmp memcpy memmove memset strchr strlen strstr bcmp'

# What stands on the standard input should not be there.
refuse() {
    local found
    found=$(cat)
    [ -z "$found" ] || { printf 'FAILED: %s:\n%s\n' "$1" "$found" >&2; exit 1; }
    echo "symbols: no $1"
}

defined=$(nm -g --defined-only "$archive" | awk 'NF == 3 {print $3}' | sort -u)
undefined=$(nm -u "$archive" | awk '$1 == "U" {print $2}' | sort -u)
[ -n "$defined" ] || { echo "FAILED: $archive is empty" >&2; exit 1; }

# Position independent code names the offset table; that is no function.
known=$(tr ' ' '\n' <<<"$defined $allowed _GLOBAL_OFFSET_TABLE_" | sort -u)
refuse "function that libc need not have" < <(comm -13 <(echo "$known") <(echo "$undefined"))

refuse "name outside of ehlo_" < <(grep -v '^ehlo_' <<<"$defined")

refuse "writable data" < <(
    nm "$archive" | awk '$2 == "C" {print "common", $3}'
    size -A "$archive" | awk '
        /\(ex / {member = $1}
        $1 ~ /^\.(data|bss|tdata|tbss)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 {
            print member, $1, $2 " octets"
        }')

declared=$(echo '#include <ehlo/ehlo.h>' |
    "$CC" -E -P -DEHLO_API=EHLO_DECLARES -I"$root/include" - | tr '\n' ' ' |
    grep -oE 'EHLO_DECLARES [^(;]*\(' | grep -oE '[a-z0-9_]+ *\($' | tr -d ' (' | sort -u)
exported=$(nm -D --defined-only "$shared" | awk '{print $3}' | sort -u)
refuse "declaration without an exported function" < <(comm -23 <(echo "$declared") <(echo "$exported"))
refuse "exported function without a declaration" < <(comm -13 <(echo "$declared") <(echo "$exported"))
echo "symbols: $(wc -l <<<"$exported") functions exported"
