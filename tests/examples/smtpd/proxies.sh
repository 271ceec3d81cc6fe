# Part of smtpd.sh: the PROXY protocol, XCLIENT and XFORWARD.
# SPDX-License-Identifier: MIT

to_x='C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<x@example.com>
S 250
C DATA
S 354
C .
S 250'
v2='\x0d\x0a\x0d\x0a\x00\x0d\x0aQUIT\x0a'

test_proxy_protocol() {
    start --proxy-protocol
    talk "version 1" <<END
R PROXY TCP4 192.0.2.7 192.0.2.1 4711 25\\r\\n
S 220
C EHLO client.example
S 250
$to_x
$bye
@ in pieces, with all that follows
R PRO
W 0.2
R XY TCP6 2001:db8::7 2001:db8::1 4711 25\\r\\nEHLO x.example\\r\\nQUIT\\r\\n
S 220
S 250
S 221
E
@ unknown
R PROXY UNKNOWN\\r\\n
S 220
$bye
END
    grep -rq '(\[192.0.2.7\])' "$mail" || fail "version 1: $(head -n 4 "$mail"/*/new/*)"
    rm "$mail"/*/new/*
    talk "version 2" <<END
R $v2\\x21\\x11\\x00\\x0c\\xc6\\x33\\x64\\x07\\xc6\\x33\\x64\\x01\\x12\\x67\\x00\\x19
S 220
C EHLO client.example
S 250
$to_x
$bye
@ IPv6
R $v2\\x21\\x21\\x00\\x24\\x20\\x01\\x0d\\xb8\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\x09
R \\x20\\x01\\x0d\\xb8\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\x01\\x12\\x67\\x00\\x19
S 220
$bye
@ local
R $v2\\x20\\x00\\x00\\x00
S 220
$bye
END
    grep -rq '(\[198.51.100.7\])' "$mail" || fail "version 2: $(head -n 4 "$mail"/*/new/*)"
    stop
    for line in 192.0.2.7 2001:db8::7 198.51.100.7 2001:db8::9 127.0.0.1; do
        grep -qF "closed: $line, QUIT" "$log" || fail "log: no $line in $(cat "$log")"
    done
}

# RPROXY-2-1: without a good header there is not a word, not even while it is awaited. RPROXY-2-3:
# that takes more than 3 seconds.
test_proxy_refused() {
    start --proxy-protocol
    talk "no header" <<END
C EHLO client.example
E
@ a bad address
C PROXY TCP4 192.0.2.700 192.0.2.1 4711 25
E
@ datagrams
R $v2\\x21\\x12\\x00\\x0c\\xc6\\x33\\x64\\x07\\xc6\\x33\\x64\\x01\\x12\\x67\\x00\\x19
E
@ the end
R PROXY TCP4
Z
E
@ late
T 0 1
R PROXY TCP4
E
T 4.9 7.5
@ shutdown
R PROXY
W 0.2
! kill -TERM $server
E
END
    ended 0
    grep -q 'no PROXY header' "$log" || fail "log: $(cat "$log")"
}

# RPROXY-2.2.6-1: TLS between the client and the proxy is none of ours: no S in Received.
test_proxy_tells_tls() {
    start --proxy-protocol
    talk "a header that tells TLS" <<END
R $v2\\x21\\x11\\x00\\x14\\xc6\\x33\\x64\\x07\\xc6\\x33\\x64\\x01\\x12\\x67\\x00\\x19
R \\x20\\x00\\x05\\x01\\x00\\x00\\x00\\x00
S 220
C EHLO client.example
S 250
$to_x
$bye
END
    grep -rqw 'with ESMTP' "$mail" || fail "TLS is told: $(head -n 4 "$mail"/*/new/*)"
    stop
}

test_proxy_before_tls() {
    has_tls || return
    start --proxy-protocol --smtps "${tls[@]}"
    talk "PROXY, then TLS" <<END
R PROXY TCP4 192.0.2.7 192.0.2.1 4711 25\\r\\n
X
S 220
C EHLO client.example
S 250
$to_x
$bye
END
    grep -rq '(\[192.0.2.7\])' "$mail" || fail "PROXY, then TLS"
    stop
}

test_proxy_max_per_ip() {
    start --proxy-protocol --max-per-ip 1
    talk "connections of one client" <<END
R PROXY TCP4 192.0.2.7 192.0.2.1 4711 25\\r\\n
S 220
@ second
R PROXY TCP4 192.0.2.7 192.0.2.1 4712 25\\r\\n
S 554
@ the same in IPv6
R PROXY TCP6 ::ffff:192.0.2.7 ::ffff:192.0.2.1 4713 25\\r\\n
S 554
@ of another one
R PROXY TCP4 192.0.2.8 192.0.2.1 4711 25\\r\\n
S 220
@ without an address
R $v2\\x21\\x31\\x00\\xd8
P 216 \\x00
S 220
@ also without
R $v2\\x21\\x31\\x00\\xd8
P 216 \\x00
S 220
END
    stop
    has_tls || return
    start --proxy-protocol --smtps "${tls[@]}" --max-per-ip 1
    talk "connections of one client, TLS" <<END
R PROXY
@ by the same proxy
R PROXY TCP4 192.0.2.7 192.0.2.1 4711 25\\r\\n
W 0.2
@ second
R PROXY TCP4 192.0.2.7 192.0.2.1 4712 25\\r\\n
E
@
R  TCP4 192.0.2.8 192.0.2.1 4711 25\\r\\n
X
S 220
END
    stop
}

test_xclient() {
    bad_option --xclient nowhere.example
    bad_option --xclient ''
    bad_option --xclient ::ffff:192.0.2
    start --xclient 127.0.0.1 --require-auth
    talk XCLIENT <<END
S 220
C EHLO proxy.example
S (?s).*250-XCLIENT .*\n250-XFORWARD
C XCLIENT NAME=mail.client.example ADDR=192.0.2.9 HELO=told.example
S 220
C EHLO client.example
S 250
C MAIL FROM:<a@client.example>
S 530
C XCLIENT LOGIN=bob ADDR=IPV6:2001:0DB8::0009 NAME=[UNAVAILABLE]
S 220
C EHLO client.example
S 250
C XFORWARD NAME=spike.example ADDR=192.0.2.66
S 250
C XFORWARD HELO=spike.example IDENT=12345
S 250
$to_x
$bye
END
    grep -q '^Received: from told.example (\[IPv6:2001:db8::9\])' "$mail"/*/new/* ||
        fail "XCLIENT: $(head -n 5 "$mail"/*/new/*)"
    grep -q 'with ESMTPA' "$mail"/*/new/* || fail "XCLIENT LOGIN: $(head -n 5 "$mail"/*/new/*)"
    stop
    grep -q 'closed: 2001:db8::9, QUIT' "$log" || fail "log: $(cat "$log")"
    grep -qF 'forwarded: name=spike.example address=192.0.2.66 helo=spike.example ident=12345' "$log" ||
        fail "log: $(cat "$log")"
}

test_xclient_peers() {
    start --xclient 192.0.2.1 --xclient ::1
    talk "a stranger" <<END
S 220
C EHLO client.example
S (?s)(?!.*(XCLIENT|XFORWARD))
C XCLIENT ADDR=192.0.2.9
S 5
C XFORWARD ADDR=192.0.2.9
S 5
$bye
END
    stop
    start --xclient 127.0.0.1 --max-per-ip 1
    talk "clients are counted" <<END
S 220
C XCLIENT ADDR=192.0.2.9
S 220
@ second
S 220
C XCLIENT ADDR=192.0.2.8
S 220
@ third
S 220
C XCLIENT ADDR=192.0.2.9
S 421
E
@ the same in IPv6
S 220
C XCLIENT ADDR=IPV6:::ffff:192.0.2.9
S 421
E
@ not known
S 220
C XCLIENT ADDR=[UNAVAILABLE]
S 220
@ not known either
S 220
C XCLIENT ADDR=[UNAVAILABLE]
S 220
END
    stop
}

# Whoever reaches the port can claim to be a peer of --xclient: the socket tells who is one.
test_xclient_behind_proxy() {
    start --proxy-protocol --xclient 192.0.2.1
    talk "a stranger with a header" <<END
R PROXY TCP4 192.0.2.1 192.0.2.2 4711 25\\r\\n
S 220
C EHLO client.example
S (?s)(?!.*(XCLIENT|XFORWARD))
C XCLIENT LOGIN=boss ADDR=192.0.2.9
S 5
$bye
END
    stop
    start --proxy-protocol --xclient ::ffff:127.0.0.1 --max-per-ip 1
    talk "a peer with a header" <<END
R PROXY TCP4 192.0.2.7 192.0.2.2 4711 25\\r\\n
S 220
C EHLO client.example
S (?s).*250-XCLIENT
@ its client is counted
R PROXY TCP4 192.0.2.7 192.0.2.2 4712 25\\r\\n
S 554
@ it is not
R PROXY UNKNOWN\\r\\n
S 220
@ it is not, again
R PROXY UNKNOWN\\r\\n
S 220
END
    stop
}
