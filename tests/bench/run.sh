#!/usr/bin/env bash
# Prints what libehlo costs: instructions, counted by callgrind in an optimised static library, and
# the speed of content beside a bare memchr(). Nothing here fails for being slow.
#
#   tests/bench/run.sh [--quick]
#
# --quick counts few repetitions, to see that the benchmarks work. CC chooses the compiler. Exit
# status 77: no valgrind, only the speed was measured.
# SPDX-License-Identifier: MIT
set -euo pipefail
shopt -s inherit_errexit # a benchmark that fails ends all
export LC_ALL=C # decimal points

root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/bench
CC=${CC:-gcc}
command -v "$CC" >/dev/null || { echo "skipped: no $CC"; exit 77; }
small=1000 large=64 rounds=51
case ${1:-} in
'') ;;
--quick) small=10 large=2 rounds=3 ;;
*) echo "usage: $0 [--quick]" >&2; exit 2 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The transcript runner is no part of what is measured.
build() {
    local source flags=(-std=c11 -O2 -I"$root/include" -I"$root/lib")
    for source in "$root"/lib/*/*.c; do
        case $source in "$root"/lib/script/*) continue ;; esac
        "$CC" "${flags[@]}" -c "$source" -o "$work/$(basename "$source" .c).o"
    done
    ar rcs "$work/libehlo.a" "$work"/*.o
    for source in count speed; do
        "$CC" "${flags[@]}" "$here/$source.c" "$here/host.c" "$work/libehlo.a" -o "$work/$source"
    done
}

# count <measure> <repetitions>: instructions of the whole run
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$work/count" "$1" "$2" \
        2>"$work/log" || { cat "$work/log" >&2; exit 1; }
    sed -n 's/^==[0-9]*== Collected : *//p' "$work/log"
}

# cost <measure> <repetitions>: instructions of one repetition, start-up left out
cost() {
    local once twice
    once=$(count "$1" "$2")
    twice=$(count "$1" $((2 * $2)))
    awk -v n=$((twice - once)) -v by="$2" 'BEGIN {printf "%.4f", n / by}'
}

# row <measure> <figure> <aim> <digits>
row() { printf '%-62s %8.*f %7s\n' "$1" "$4" "$2" "$3"; }
heading() { printf '%-62s %8s %7s\n' "$1" figure aim; }
calculate() { awk "BEGIN {printf \"%.4f\", $1}"; }

count_all() {
    local greeting mix transaction lines dots block=65536 # octets that `count` feeds at a time
    greeting=$(cost greeting $small)
    mix=$(cost mix $small)
    transaction=$(cost transaction $small)
    lines=$(cost lines $large)
    dots=$(cost dots $large)
    heading "instructions of one"
    row "start of a session, with its greeting" "$greeting" - 0
    row "command of EHLO MAIL RCPT RCPT DATA RSET NOOP QUIT, one a read" \
        "$(calculate "($mix - $greeting) / 8")" 600 0
    row "transaction: MAIL RCPT DATA pipelined, 1 KiB of content" "$transaction" 4000 0
    row "octet of content, lines of 60" "$(calculate "$lines / $block")" 3 2
    row "octet of content, lines of 60 that begin with a dot" "$(calculate "$dots / $block")" 3 2
}

time_all() {
    local figures session bare ratio
    figures=$("$work/speed" $rounds)
    read -r session bare ratio <<<"$figures"
    heading "speed of content, lines of 60"
    row "through a session, octets per microsecond" "$session" - 0
    row "a bare memchr() from LF to LF, octets per microsecond" "$bare" - 0
    row "the first divided by the second" "$ratio" 0.5 2
}

build
echo "libehlo, $("$CC" --version | head -n 1), -O2, $(uname -m)"
status=0
if command -v valgrind >/dev/null; then
    count_all
else
    echo "no valgrind: instructions are left out"
    status=77
fi
time_all
echo "The command DATA has an empty message with it: 354, a dot, 250."
exit $status
