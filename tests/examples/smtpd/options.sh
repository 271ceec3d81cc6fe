# Part of smtpd.sh: the command line.
# SPDX-License-Identifier: MIT

# refuses <status> <options...>: smtpd ends with this status and a line on stderr.
refuses() {
    local want=$1 got
    shift
    "$smtpd" "$@" >"$work/out" 2>"$work/err"
    got=$?
    [ $got = "$want" ] || fail "smtpd $*: exit status $got"
    [ ! -s "$work/out" ] || fail "smtpd $*: says $(cat "$work/out")"
    grep -q '^smtpd: ' "$work/err" || fail "smtpd $*: no message: $(cat "$work/err")"
    [ "$(wc -l <"$work/err")" = 1 ] || fail "smtpd $*: more than a line: $(cat "$work/err")"
}

bad_option() {
    refuses 2 "$@"
}

test_bad_options() {
    local address option value
    bad_option --nonsense
    bad_option argument
    bad_option --listen
    for address in 2525 127.0.0.1 :2525 127.0.0.1: 127.0.0.1:x 127.0.0.1:65536 127.0.0.1:-1 ::1:2525 []:25; do
        bad_option --listen "$address"
    done
    bad_option --hostname 'two words'
    bad_option --hostname "$(printf 'a%.0s' {1..300})"
    bad_option --maildir ''
    bad_option --domain under_score
    bad_option --domain ''
    bad_option --user bob
    bad_option --user bob@example.com:
    bad_option --user ':secret'
    bad_option --max-size 65535
    bad_option --max-size 99999999999999999999999
    for option in max-recipients max-hops max-per-ip timeout; do
        for value in 0 -1 x '' 4294967296; do
            bad_option --$option "$value"
        done
    done
    bad_option --bare-newline perhaps
    bad_option --codes
    bad_option --codes=none
    bad_option --disable mail
    bad_option --disable plain
    bad_option --quiet=yes
    bad_option --user=x:secret
    grep -q secret "$work/err" && fail "a password is shown"
}

test_information() {
    local option
    "$smtpd" --version | grep -qE '[0-9]+\.[0-9]+\.[0-9]+$' || fail "--version"
    "$smtpd" --help >"$work/out" || fail "--help: exit status"
    for option in listen hostname maildir domain user max-size max-recipients max-hops max-per-ip \
        timeout bare-newline codes quiet trace disable single-helo tls-cert tls-key tls-required smtps \
        token require-auth allow-plain-auth lmtp submission proxy-protocol xclient utf8 no-utf8 help \
        version; do
        grep -q -- "--$option" "$work/out" || fail "--help does not tell --$option"
    done
}

test_listening() {
    start
    grep -qx "listening on 127.0.0.1:$port" "$work/out" || fail "$(cat "$work/out")"
    refuses 1 --listen "127.0.0.1:$port" --maildir "$mail"
    stop
    if python3 -c 'import socket; socket.socket(socket.AF_INET6).bind(("::1", 0))' 2>/dev/null; then
        start --listen '[::1]:0'
        grep -qx "listening on \[::1\]:$port" "$work/out" || fail "IPv6: $(cat "$work/out")"
        python3 -c "import smtplib; smtplib.SMTP('::1', $port).sendmail('a@b.example', 'x@example.com', 'x')" ||
            fail "IPv6"
        grep -rq '(\[IPv6:::1\])' "$mail" || fail "IPv6: no address in Received"
        stop
    fi
}

test_maildir_root() {
    refuses 1 --listen 127.0.0.1:0 --maildir "$work/no/such/directory"
}
