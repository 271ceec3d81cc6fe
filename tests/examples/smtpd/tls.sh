# Part of smtpd.sh: STARTTLS, TLS from the first octet, certificates.
# SPDX-License-Identifier: MIT

# has_tls: smtpd can do TLS, and there are a certificate and a key for it in $tls; else says so.
has_tls() {
    if "$smtpd" --help | grep -q 'built without OpenSSL' || ! command -v openssl >/dev/null; then
        echo "skipped: no OpenSSL"
        return 1
    fi
    tls=(--tls-cert "$work/cert.pem" --tls-key "$work/key.pem")
    [ -e "$work/cert.pem" ] || make_certificate "$work/cert.pem" "$work/key.pem"
}

make_certificate() { # <file> <file of the key>
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mx.example -out "$1" -keyout "$2" 2>/dev/null
}

test_tls_options() {
    if "$smtpd" --help | grep -q 'built without OpenSSL'; then
        bad_option --tls-cert x --tls-key x
        grep -q 'without OpenSSL' "$work/err" || fail "no OpenSSL: $(cat "$work/err")"
    fi
    bad_option --tls-required
    bad_option --smtps
    bad_option --tls-cert
    bad_option --tls-cert '' --tls-key x
    bad_option --tls-cert x
    bad_option --tls-key x
    has_tls || return
    bad_option "${tls[@]:0:2}"
    bad_option "${tls[@]:2:2}"
    bad_option --tls-cert "$work/no-such-file" "${tls[@]:2:2}"
    grep -q 'smtpd: --tls-cert: ' "$work/err" || fail "certificate: $(cat "$work/err")"
    bad_option "${tls[@]:0:2}" --tls-key "$work/no-such-file"
    grep -q 'smtpd: --tls-key: no key' "$work/err" || fail "key: $(cat "$work/err")"
    bad_option --tls-cert "$work/key.pem" "${tls[@]:2:2}"
    openssl genrsa -out "$work/other.pem" 2048 2>/dev/null
    bad_option "${tls[@]:0:2}" --tls-key "$work/other.pem"
    grep -q 'not the key of the certificate' "$work/err" || fail "another key: $(cat "$work/err")"
    openssl rsa -aes128 -passout pass:x -in "$work/key.pem" -out "$work/locked.pem" 2>/dev/null
    bad_option "${tls[@]:0:2}" --tls-key "$work/locked.pem" </dev/null
}

test_starttls() {
    has_tls || return
    start "${tls[@]}"
    talk STARTTLS <<END
S 220 mx.example
C EHLO client.example
S (?s)(?=.*250-STARTTLS)(?!.*REQUIRETLS)
C MAIL FROM:<a@client.example>
S 250
C STARTTLS
S 503
C RSET
S 250
C STARTTLS
S 220
X
C MAIL FROM:<a@client.example>
S 503
C EHLO tls.example
S (?s)(?!.*STARTTLS)(?=.*250-REQUIRETLS)
C STARTTLS
S 503
C MAIL FROM:<a@client.example> REQUIRETLS
S 250
C RCPT TO:<bob@example.com>
S 250
C DATA
S 354
C 
P 40000 a line of some twenty octets\\r\\n
C .
S 250
$bye
END
    grep -q 'with ESMTPS' "$mail"/*/new/* || fail "Received: $(head -n 6 "$mail"/*/new/*)"
    grep -q 'tls TLS_' "$mail"/*/new/* || fail "Received: no cipher"
    grep -q $'^X-Envelope-Requiretls: yes\r' "$mail"/*/new/* || fail "no REQUIRETLS"
    [ "$(grep -c 'a line of some twenty octets' "$mail"/*/new/*)" = 40000 ] || fail "content"
    stop
}

# What stands behind STARTTLS is never a command of the session in TLS.
test_starttls_injection() {
    has_tls || return
    start "${tls[@]}"
    talk injection <<END
$hello
R STARTTLS\\r\\nMAIL FROM:<eve@client.example>\\r\\n
S 554 5.5.0
E
@ half a line
$hello
R STARTTLS\\r\\nMA
S 554 5.5.0
E
END
    stop
    grep -q 'closed: .*no SMTP' "$log" || fail "log: $(cat "$log")"
}

test_starttls_fails() {
    has_tls || return
    start "${tls[@]}" --timeout 1
    talk "no handshake" <<END
$hello
C STARTTLS
S 220
T 0 2
E
T 0.9 3
@ shutdown
$hello
C STARTTLS
S 220
R \\x16\\x03
W 0.3
! kill -TERM $server
E
END
    ended 0
    grep -q '\[1\] closed: .*time-out' "$log" || fail "log: $(cat "$log")"
    start "${tls[@]}"
    talk "garbage" <<END
$hello
C STARTTLS
S 220
C this is no TLS at all, nor will it ever be
W 0.3
@ another one
$hello
$bye
END
    stop
    grep -q '\[1\] closed: .*no TLS' "$log" || fail "log: $(cat "$log")"
}

test_tls_required() {
    has_tls || return
    start "${tls[@]}" --tls-required
    talk "TLS required" <<END
$hello
C MAIL FROM:<a@client.example>
S 530 5.7.0
C STARTTLS
S 220
X
C EHLO client.example
S 250
C MAIL FROM:<a@client.example>
S 250
$bye
END
    stop
}

test_smtps() {
    has_tls || return
    start "${tls[@]}" --smtps
    talk "TLS at once" <<END
X
S 220 mx.example
C EHLO client.example
S (?s)(?!.*STARTTLS)(?=.*250-REQUIRETLS)
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<bob@example.com>
S 250
C DATA
S 354
C .
S 250
$bye
END
    grep -q 'with ESMTPS' "$mail"/*/new/* || fail "Received"
    stop
    start "${tls[@]}" --smtps --timeout 1
    talk "no handshake, no TLS" <<END
T 0 2
E
T 0.9 3
@ no TLS
C EHLO client.example
W 0.3
@ TLS
X
S 220
$bye
END
    stop
}

# A TLS record that the server cannot read at once, and nothing behind it that would wake it up.
test_tls_pipeline() {
    local batch="MAIL FROM:<a@client.example>\\r\\nRCPT TO:<bob@example.com>\\r\\nDATA\\r\\n.\\r\\n"
    has_tls || return
    start "${tls[@]}" --smtps
    {
        printf '%s\n' X 'S 220' 'R EHLO x.example\r\n' 'S 250' "P 200 $batch"
        for _ in {1..200}; do printf '%s\n' 'S 250' 'S 250' 'S 354' 'S 250'; done
        echo "$bye"
    } | talk "pipeline in TLS"
    stored 200 new || fail "pipeline in TLS"
    stop
}
