#!/usr/bin/env bash
# The program that explains replies: replies.sh PROGRAM
# Its table against the 50 rows of the reply table, its searches, its exit statuses.
# SPDX-License-Identifier: MIT
set -uo pipefail

program=${1:?usage: replies.sh PROGRAM}
rows=$(cd "$(dirname "$0")/.." && pwd)/tables/reply-rows.tsv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
    echo "FAILED: $*"
    failed=1
}

# expect <status> <arguments...>: runs the program; its output is in $work/out and $work/err.
expect() {
    local want=$1 got
    shift
    "$program" "$@" >"$work/out" 2>"$work/err"
    got=$?
    [ $got = "$want" ] || fail "replies $*: exit status $got, not $want"
}

# shows <text...>: each stands in the output. hides: none does.
shows() {
    local text
    for text in "$@"; do
        grep -qF -- "$text" "$work/out" || fail "'$text' is missing in: $(head -c 2000 "$work/out")"
    done
}
hides() {
    local text
    for text in "$@"; do
        ! grep -qF -- "$text" "$work/out" || fail "'$text' should not be shown"
    done
}

# count <number>: so many replies are explained.
count() {
    local got
    got=$(grep -c '^  Meaning ' "$work/out")
    [ "$got" = "$1" ] || fail "$got replies, not $1"
}

# ---- the table ----

expect 0 --tsv
[ "$(head -n 1 "$work/out")" = $'id\tcode\tenhanced\tphrase\tdescription\tremedy' ] ||
    fail "head line: $(head -n 1 "$work/out")"
awk -F '\t' 'NF != 6 || $1 == "" || $2 == "" || $4 == "" || $5 == "" || $6 == ""' "$work/out" \
    >"$work/bad"
[ ! -s "$work/bad" ] || fail "rows that are not whole: $(cat "$work/bad")"
[ "$(tail -n +2 "$work/out" | wc -l)" = 183 ] || fail "number of rows"
tail -n +2 "$work/out" | head -n 50 | cut -f 1-4 >"$work/table"
grep -v '^#' "$rows" | cut -f 1-3,5 | diff - "$work/table" >"$work/difference" ||
    fail "rows 1 to 50: $(cat "$work/difference")"
cp "$work/out" "$work/default"

expect 0 --tsv --codes table
cmp -s "$work/out" "$work/default" || fail "--codes table is not the default"
expect 0 --codes registry --tsv
shows $'20\t535\t5.7.8\tAuthentication credentials invalid' $'50\t554\t5.4.6\tToo many hops' \
    $'142\t354\t\tStart the message'
cut -f 1,4-6 "$work/out" | diff - <(cut -f 1,4-6 "$work/default") >/dev/null ||
    fail "the words change with the codes"

# ---- searches ----

expect 0
count 183
shows '550 5.1.1 User unknown; rejecting' '  21 USER_UNKNOWN' '554 Too many hops'
[ "$(awk 'length > 79' "$work/out" | grep -cvE '^[0-9]|^  [0-9]')" = 0 ] || fail "lines too long"

expect 0 551
count 3
shows NO_SUCH_USER NO_SUCH_LIST USER_NOT_LOCAL
expect 0 24 # a row
count 1
shows '  24 RELAY_DENIED'
expect 0 1
count 1
expect 1 51
expect 0 5.7.8 # of the registry set only
count 1
shows '535 5.7.1 Authentication credentials invalid' 'with registered codes 535 5.7.8' Remedy
expect 0 5.7.6 # of the table set only
count 2
shows AUTH_TYPE_UNRECOGNIZED AUTH_TYPE_MISSING
expect 0 relay
shows RELAY_DENIED RELAY_LIMIT
hides 'User unknown; rejecting'
expect 0 ReLaY
shows RELAY_DENIED
expect 0 circles # a word of the description
count 1
shows TOO_MANY_HOPS
expect 0 554 hops
count 1
expect 0 554 5.4.6 'too MANY' hops
count 1
shows TOO_MANY_HOPS
expect 0 user_unknown
count 1
hides 'with registered codes'

expect 1 550 hops
[ ! -s "$work/out" ] || fail "output though nothing was found"
[ -s "$work/err" ] || fail "no message though nothing was found"
expect 1 559
expect 1 5.9.9
expect 1 nonsense

# ---- calls ----

expect 0 --help
shows usage: --tsv --codes --html --explain
for call in --wrong -x '--tsv relay' --codes '--codes table' '--tsv --codes' '--tsv --codes other' \
    '--html relay' '--html --tsv' '--html --html' '--html --codes table' \
    '--codes table --explain 550'; do
    # shellcheck disable=SC2086
    expect 2 $call
    grep -q '^usage:' "$work/err" || fail "replies $call: no usage"
    [ ! -s "$work/out" ] || fail "replies $call: output"
done

if [ -w /dev/full ]; then
    for call in '' --tsv --html --help relay 550 '--explain 550'; do
        # shellcheck disable=SC2086
        "$program" $call >/dev/full 2>"$work/err"
        [ $? = 1 ] || fail "replies $call: a full disk goes unnoticed"
        [ -s "$work/err" ] || fail "replies $call: no message about the full disk"
    done
fi

[ $failed = 0 ] && echo "replies: as expected"
exit $failed
