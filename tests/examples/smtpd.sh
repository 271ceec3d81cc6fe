#!/usr/bin/env bash
# The example servers: smtpd.sh SMTPD STDIO [PART...]
# Options, Maildirs, ends of all kinds, limits, many connections: all parts, or those that are named
# (files of the folder smtpd). Needs python3 for the clients.
# SPDX-License-Identifier: MIT
set -uo pipefail

smtpd=$(realpath "${1:?usage: smtpd.sh SMTPD STDIO}")
stdio=$(realpath "${2:?usage: smtpd.sh SMTPD STDIO}")
shift 2
[ -x "$smtpd" ] && [ -x "$stdio" ] || { echo "skipped: not built"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
client=$here/client.py
work=$(mktemp -d)
server=
count=0
failed=0
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null; rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*"
    failed=1
}

# ---- servers ----

# start <options...>: a server with an empty Maildir directory; sets $server, $port, $mail, $log.
# $limit is for ulimit, $wrap a command to run it with.
wrap=()
start() {
    count=$((count + 1))
    mail=$work/mail$count log=$work/log$count
    export mail log server
    : >"$work/out"
    (
        [ -z "${limit:-}" ] || ulimit "${limit% *}" "${limit#* }"
        exec "${wrap[@]}" "$smtpd" --listen 127.0.0.1:0 --hostname mx.example --maildir "$mail" "$@"
    ) >"$work/out" 2>"$log" &
    server=$!
    for _ in {1..200}; do
        grep -q '^listening on ' "$work/out" && break
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$work/out")
    [ -n "$port" ] && return
    echo "FAILED: smtpd $*: does not listen: $(head -c 2000 "$log")"
    exit 1
}

# ended <status>: the server ends by itself, with this status.
ended() {
    local got
    for _ in {1..200}; do
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    kill -0 "$server" 2>/dev/null && fail "the server does not end" && kill -9 "$server"
    wait "$server"
    got=$?
    [ "$got" = "$1" ] || fail "exit status $got, not $1: $(tail -n 40 "$log")"
    server=
}

stop() {
    kill -TERM "$server"
    ended 0
}

# ---- clients ----

# talk <name> [command...]: plays the dialogue on standard input with the server, or with a command.
talk() {
    local name=$1
    shift
    timeout 120 python3 "$client" talk "${@:-$port}" || fail "$name"
}

# Steps of a dialogue, for interpolation.
hello='S 220 mx.example
C EHLO client.example
S 250'
to_bob="$hello
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<bob@example.com>
S 250"
bye='C QUIT
S 221
E'

# ---- what is stored ----

# files <box...>: the files in these boxes of all Maildirs.
files() {
    local box
    for box in "$@"; do
        (cd "$mail" && find . -type f -path "*/$box/*")
    done
}
export -f files

stored() { # <count> <boxes...>: so many files are there
    local want=$1 got
    shift
    got=$(files "$@" | wc -l)
    [ "$got" = "$want" ] || { echo "$got files in $*, not $want: $(files "$@")"; return 1; }
}
export -f stored

# The parts use each other's words, so all are read.
[ $# -gt 0 ] || set -- options delivery sessions tls auth modes envelope proxies load stdio
for part in "$here"/smtpd/*.sh; do
    # shellcheck disable=SC1090
    . "$part"
done
tests=$(for part; do sed -n 's/^\(test_[a-z0-9_]*\)() {.*/\1/p' "$here/smtpd/$part.sh"; done)
[ -n "$tests" ] || { echo "FAILED: no test in $*"; exit 1; }

for name in $tests; do
    [ -z "${ONLY:-}" ] || [[ $name == test_$ONLY ]] || continue
    was=$failed failed=0 begin=$EPOCHREALTIME
    $name
    printf '%-28s %s %.1f s\n' "$name" "$([ $failed = 0 ] && echo ok || echo FAILED)" \
        "$(python3 -c "print($EPOCHREALTIME - $begin)")"
    failed=$((was | failed))
done
exit $failed
