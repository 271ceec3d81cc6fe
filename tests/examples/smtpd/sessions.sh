# Part of smtpd.sh: limits, time-outs, shutdown, pipelines, the log.
# SPDX-License-Identifier: MIT

test_limits() {
    start --max-size 65536 --max-recipients 2 --max-hops 1 --codes registry --disable vrfy --single-helo
    talk "limits" <<END
S 220 mx.example
C EHLO client.example
S (?s)250-mx.example.*SIZE 65536
C EHLO client.example
S 503 HELO/EHLO already specified
C VRFY bob
S 502 5.5.1
C MAIL FROM:<a@client.example> SIZE=65537
S 552 5.3.4
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<a@example.com>
S 250
C RCPT TO:<b@example.com>
S 250
C RCPT TO:<c@example.com>
S 452 4.5.3
C DATA
S 354
P 2 Received: from x\\r\\n
C .
S 554 5.4.6
! stored 0 new tmp
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<a@example.com>
S 250
C DATA
S 354
P 8193 octets\\r\\n
C .
S 552 5.3.4
! stored 0 new tmp
$bye
END
    stop
}

test_bare_newline() {
    local mode want
    for mode in refuse normalise accept; do
        start --bare-newline $mode
        want='250'
        [ $mode = refuse ] && want='550 5.5.2'
        talk "bare newline: $mode" <<END
$to_bob
C DATA
S 354
R one\\ntwo\\n.\\nthree\\r\\n.\\r\\n
S $want
$bye
END
        case $mode in
        refuse) stored 0 new tmp || fail "bare newline: refuse" ;;
        normalise) tail -c 17 "$mail"/*/new/* | cmp - <(printf 'one\r\ntwo\r\nthree\r\n') || fail normalise ;;
        accept) tail -c 17 "$mail"/*/new/* | cmp - <(printf 'one\ntwo\n.\nthree\r\n') || fail accept ;;
        esac
        stop
    done
}

# Refused connections are closed and do not count, nor do those that have said QUIT.
test_max_per_ip() {
    start --max-per-ip 1
    talk "connections of one address" <<END
S 220
@ second
S 554 5.7.1 Permission denied. Maximal parallel connections
E
@
C QUIT
S 221
@ third
S 220
@ fourth
S 554 5.7.1
E
@
E
END
    stop
}

# They count from the first octet on, whether TLS comes or not.
test_max_per_ip_tls() {
    has_tls || return
    start --smtps "${tls[@]}" --max-per-ip 1
    talk "connections in the handshake" <<END
W 0.2
@ second
E
T 0 3
@
X
S 220
@ third
E
@
C QUIT
S 221
@ fourth
X
S 220
END
    stop
    grep -q '127.0.0.1: too many connections' "$log" || fail "log: $(cat "$log")"
}

test_timeout() {
    start --timeout 2
    talk "no command" <<END
$hello
T 0 2
S 421 4.4.2
T 1.9 4
E
END
    # A line that dribbles in is one wait.
    talk "dribbled command" <<END
$hello
T 0 2
$(for _ in {1..10}; do printf 'R x\nW 0.3\n'; done)
S 421 4.4.2
T 2.9 4
E
END
    talk "commands in time" <<END
$hello
$(for _ in {1..4}; do printf 'W 1\nC NOOP\nS 250\n'; done)
$bye
END
    stop
}

test_shutdown() {
    start
    talk "idle and busy" <<END
$to_bob
@ idle
S 220
C NOOP
S 250
! kill -TERM $server
S 421 4.3.2
E
! ! (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null
@
C RCPT TO:<carol@example.com>
S 250
C DATA
S 354
C Subject: late
C .
S 250
S 421 4.3.2
E
! stored 2 new
END
    ended 0
    grep -q 'closed: .*shutdown' "$log" || fail "log: $(cat "$log")"

    start --timeout 2
    talk "a transaction that does not end" <<END
$to_bob
T 0 2
! kill -INT $server
W 1
C NOOP
S 250
W 0.9
C NOOP
S 250
S 421
T 1.9 3.4
E
END
    ended 0
    stored 0 new tmp || fail "shutdown leaves files"
}

test_pipeline() {
    start
    talk "all at once" <<END
R EHLO x.example\\r\\nMAIL FROM:<a@b.example>\\r\\nRCPT TO:<bob@example.com>\\r\\nDATA\\r\\n.\\r\\nQUIT\\r\\n
Z
S 220
S 250
S 250 2.1.0
S 250 2.1.5
S 354
S 250 2.0.0
S 221
E
END
    timeout 120 python3 "$client" drown "$port" || fail "pipeline without reading"
    # What comes behind QUIT is not read, but must not cost the client its 221.
    talk "input behind QUIT" <<END
$hello
R QUIT\\r\\n
P 20000 a line of some twenty octets\\r\\n
W 0.3
S 221
E
END
    stop
}

test_log() {
    start --trace
    talk trace <<END
$to_bob
C VRFY \\x1b[31mred\\x7f
S 501
C DATA
S 354
C x
C .
S 250
$bye
END
    stop
    for line in '[1] C: EHLO client.example' '[1] S: 250 2.1.5 Recipient accepted' \
        '[1] C: VRFY \x1b[31mred\x7f' '[1] C: (3 octets of content)'; do
        grep -qxF -- "$line" "$log" || fail "trace: '$line' is missing in $(cat "$log")"
    done
    LC_ALL=C grep -q '[^ -~]' "$log" && fail "trace: octets that are not printable"
    start --quiet
    printf '%s\nC DATA\nS 354\nC .\nS 250\n%s\n' "$to_bob" "$bye" | talk quiet
    stop
    [ -s "$log" ] && fail "--quiet: $(cat "$log")"
}
