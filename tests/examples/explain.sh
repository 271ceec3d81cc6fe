#!/usr/bin/env bash
# The explaining of log lines: explain.sh PROGRAM
# The lines of log_lines.tsv; several lines, the standard input, and what is no text.
# SPDX-License-Identifier: MIT
set -uo pipefail

program=${1:?usage: explain.sh PROGRAM}
lines=$(cd "$(dirname "$0")" && pwd)/log_lines.tsv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
declare -A found=(
    [exact]='exactly: codes and words are those of this reply'
    [codes]='by the same codes, with other words: likely, not certain'
    [enhanced]='by the enhanced code alone: a guess'
    [basic]='by the basic code alone: a guess'
    [words]='by the words alone: a guess'
    [none]='' [nothing]=''
)

fail() {
    echo "FAILED: $*"
    failed=1
}

# expect <status> <arguments...>: explains them; the standard input is the caller's.
expect() {
    local want=$1 got
    shift
    "$program" --explain "$@" >"$work/out" 2>"$work/err"
    got=$?
    [ $got = "$want" ] || fail "exit status $got, not $want: $*"
    [ "$got" = 0 ] || [ -s "$work/err" ] || fail "no message: $*"
}

names() { sed -nE 's/^  [0-9]+ ([A-Z0-9_]+)(,.*)?$/\1/p' "$work/out"; }
count() { grep -c "$1" "$work/out"; }

# ---- one line: what is said of it ----

# explains <how> <name> <said> <line>
explains() {
    local how=$1 name=$2 said=$3 line=$4 rows part flat
    expect 0 "$line" </dev/null
    mapfile -t rows < <(names)
    [ "$name" = '*' ] && [ ${#rows[@]} -gt 0 ] && name=${rows[0]}
    [ "${rows[0]:--}" = "$name" ] || fail "${rows[0]:-nothing} comes first, not $name: $line"
    part=$(sed -n 's/^  Found   //p;' "$work/out" | head -n 1)
    [ "$part" = "${found[$how]}" ] || fail "found '$part', not $how: $line"
    [ "$how" = exact ] || [ ${#rows[@]} -le 3 ] || fail "${#rows[@]} rows: $line"
    [ "$(count '^  Meaning ')" = ${#rows[@]} ] && [ "$(count '^  Remedy ')" = ${#rows[@]} ] ||
        fail "no meaning or no remedy: $line"
    # Only what is sure needs no word on the codes themselves; words alone have none.
    [[ $how == exact || $how == words ]] || [ "$(count '^  Codes ')" = 1 ] || fail "no codes: $line"
    flat=$(tr -s ' \n' ' ' <"$work/out")
    while IFS= read -r -d '|' part; do
        [ "$part" = - ] || [[ $flat == *"$part"* ]] || fail "'$part' is not said: $line"
    done <<<"$said|"
    [ ! -s "$work/err" ] || fail "a message: $line"
}

tried=0
while IFS=$'\t' read -r how name said line; do
    [[ $how != '#'* ]] || continue
    tried=$((tried + 1))
    if [ -z "${found[$how]+known}" ]; then
        fail "log_lines.tsv: what is '$how'?"
    elif [ "$how" = nothing ]; then
        expect 1 "$line" </dev/null
        [ ! -s "$work/out" ] || fail "explained: $line"
    else
        explains "$how" "$name" "$said" "$line"
    fi
done <"$lines"
[ $tried -gt 90 ] || fail "only $tried lines were tried"

# The library's own replies are all found again.
while IFS=$'\t' read -r id reply; do
    case $reply in *[0-9]' %s') continue ;; esac
    expect 0 "${reply/\%s/x}" </dev/null
    grep -q "^  $id [A-Z]" "$work/out" && [ "$(count '^  Found   exactly')" = "$(names | wc -l)" ] ||
        fail "row $id is not found: $(names)"
done < <("$program" --tsv | awk -F '\t' 'NR > 1 {print $1 "\t" $2 ($3 == "" ? "" : " " $3) " " $4}')

# ---- several lines ----

expect 0 '550 5.1.1 User unknown; rejecting' '554 Too many hops' </dev/null
[ "$(names | tr '\n' ' ')" = 'USER_UNKNOWN TOO_MANY_HOPS ' ] || fail "two lines: $(names)"
expect 1 '550 5.1.1 User unknown; rejecting' nonsense '554 Too many hops' </dev/null
[ "$(names | tr '\n' ' ')" = 'USER_UNKNOWN TOO_MANY_HOPS ' ] || fail "with nonsense: $(names)"
grep -q nonsense "$work/err" || fail "the nonsense is not named"

# A reply of several lines is explained once, another one behind it again.
expect 0 $'550-5.1.1 No such\n550-5.1.1 user\r\n550 5.1.1 here\n550 5.1.1 again' </dev/null
[ "$(count '^> ')" = 2 ] || fail "lines of one reply: $(count '^> ')"

log=$'starting up on port 550\nS: 554 Too many hops\r\nsize=250\nS: 250 2.0.0 Message accepted'
for call in '' -; do
    # shellcheck disable=SC2086
    expect 0 $call <<<"$log"
    [ "$(names | tr '\n' ' ')" = 'TOO_MANY_HOPS MESSAGE_OK ' ] || fail "a log: $(names)"
    [ "$(count '^> S: ')" = 2 ] || fail "a log: its lines are not shown"
done
expect 0 '550 5.1.1 User unknown; rejecting' - <<<'554 Too many hops'
[ "$(names | tr '\n' ' ')" = 'USER_UNKNOWN TOO_MANY_HOPS ' ] || fail "a line and a log: $(names)"
expect 0 < <(printf '554 Too many hops')
[ "$(names)" = TOO_MANY_HOPS ] || fail "a last line without its end"
expect 1 </dev/null
expect 1 <<<$'hello\nworld'
expect 1 <"$work"
expect 1 -- </dev/null # a line like any other
expect 1 --tsv </dev/null

# ---- what is no text ----

expect 0 $'550 5.1.1 \e[31mred\a \303\244' </dev/null
LC_ALL=C grep -q $'[^ -~]' "$work/out" && fail "control octets and non-ASCII are printed"
grep -qF '> 550 5.1.1 ?[31mred? ??' "$work/out" || fail "the line is not shown: $(head -n 1 "$work/out")"
expect 0 < <(printf '554 Too\0many hops\n554 Too many hops\n')
names | grep -q TOO_MANY_HOPS || fail "NUL"
expect 0 < <(printf '554 Too many hops' && head -c 100000 /dev/zero | tr '\0' x &&
    printf '\n550 5.2.1 x\n')
[ "$(count '^> ')" = 2 ] || fail "a very long line: $(count '^> ')"
head -c 200000 /dev/urandom | "$program" --explain >/dev/null 2>&1
[ $? -le 1 ] || fail "noise"

[ $failed = 0 ] && echo "replies --explain: as expected"
exit $failed
