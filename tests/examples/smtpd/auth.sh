# Part of smtpd.sh: AUTH with passwords and tokens.
# SPDX-License-Identifier: MIT

accounts=(--user bob@example.com:hunter2 --user carol@example.com --token bob@example.com:dG9rZW4=)

# login <code> <kind> <mechanism> <name> <secret>: AUTH is answered with this code; 235: and a
# message arrives.
login() {
    local want=$1 got
    shift
    got=$(timeout 60 python3 "$here/login.py" "$port" "$@") || fail "login $*"
    [ "$got" = "$want" ] || fail "login $*: $got, not $want"
    [ "$want" != 235 ] || [ ! -d "$mail" ] || grep -rq "^Subject: $2" "$mail" || fail "login $*: no message"
}

has_sasl() {
    talk mechanisms <<END >/dev/null
S 220
C EHLO client.example
S (?s).*250-AUTH .*SCRAM-SHA-256
END
}

test_auth_options() {
    bad_option --require-auth
    bad_option --submission
    bad_option --require-auth --user bob@example.com
    bad_option --token name
    bad_option --token name:
    bad_option --token :token
    bad_option --token na=me:token
    bad_option --token name:secret --require-auth
    grep -q secret "$work/err" && fail "a token is shown"
}

test_auth_in_clear() {
    start "${accounts[@]}"
    talk "no passwords in clear" <<END
S 220
C EHLO client.example
S (?s)(?!.*(PLAIN|LOGIN|OAUTHBEARER|XOAUTH2))
C AUTH PLAIN AGJvYkBleGFtcGxlLmNvbQBodW50ZXIy
S 5[03]
C AUTH XOAUTH2 eA==
S 5[03]
$bye
END
    stop
    start "${accounts[@]}" --allow-plain-auth --require-auth --trace
    talk "before AUTH" <<END
S 220
C EHLO client.example
S (?s)(?=.*250-AUTH PLAIN LOGIN.* OAUTHBEARER XOAUTH2)
C MAIL FROM:<a@client.example>
S 530 5.7.1
C AUTH PLAIN Y2Fyb2xAZXhhbXBsZS5jb20AYm9iQGV4YW1wbGUuY29tAGh1bnRlcjI=
S 535 5.7.1
C AUTH OAUTHBEARER bixhPWJvYkBleGFtcGxlLmNvbSwBYXV0aD1CZWFyZXIgeAEB
S 334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=
C AQ==
S 535 5.7.1
$bye
@ malformed
S 220
C EHLO client.example
S 250
C AUTH OAUTHBEARER bixhPQ==
S 334 eyJzdGF0dXMiOiJpbnZhbGlkX3JlcXVlc3QifQ==
C *
S 501
C AUTH OAUTHBEARER
S 334
C biwsAWF1dGg9QmVhcmVyIGRHOXJaVzQ9AQE=
S 235
C MAIL FROM:<a@client.example>
S 250
$bye
END
    login 235 clear PLAIN bob@example.com hunter2
    login 235 clear LOGIN BOB@example.com hunter2
    grep -rq 'with ESMTPA' "$mail" || fail "Received"
    stop
    grep -qE 'aHVudGVy|hunter2|Bearer|dG9rZW4|YXV0aD' "$log" && fail "a secret in the log"
}

test_auth_in_tls() {
    local mechanism mechanisms=(PLAIN LOGIN)
    has_tls || return
    start "${tls[@]}" "${accounts[@]}" --submission
    has_sasl && mechanisms+=(CRAM-MD5 SCRAM-SHA-256) || echo "no GNU SASL: no SCRAM"
    for mechanism in "${mechanisms[@]}"; do
        login 235 starttls "$mechanism" bob@example.com hunter2
        login 535 starttls "$mechanism" bob@example.com hunter3
        login 535 starttls "$mechanism" bob@example.com hunter
        login 535 starttls "$mechanism" bob@example.com hunter2hunter2
        login 535 starttls "$mechanism" carol@example.com hunter2
        login 535 starttls "$mechanism" nobody@example.com hunter2
        login 535 starttls "$mechanism" x hunter2
    done
    for mechanism in OAUTHBEARER XOAUTH2; do
        login 235 starttls $mechanism bob@example.com dG9rZW4=
        login 535 starttls $mechanism bob@example.com dG9rZW4
        login 535 starttls $mechanism carol@example.com dG9rZW4=
    done
    grep -rq 'with ESMTPSA' "$mail" || fail "Received"
    stop
    start "${tls[@]}" "${accounts[@]}" --smtps --require-auth
    login 235 smtps PLAIN bob@example.com hunter2
    stop
}

test_disabled_mechanisms() {
    start "${accounts[@]}" --allow-plain-auth --disable oauthbearer --disable SCRAM-SHA-256
    talk "mechanisms left out" <<END
S 220
C EHLO client.example
S (?s)(?!.*(OAUTHBEARER|SCRAM))(?=.*XOAUTH2)
C AUTH OAUTHBEARER eA==
S 504
$bye
END
    stop
}

test_submission() {
    local good late
    good=$(date -u -d '+6 days' +%Y-%m-%dT%H:%M:%SZ)
    late=$(date -u -d '+8 days' +%Y-%m-%dT%H:%M:%SZ)
    start "${accounts[@]}" --allow-plain-auth --submission
    talk submission <<END
S 220
C EHLO client.example
S (?s)(?=.*250-FUTURERELEASE 604800 20)(?!.*ETRN)
C MAIL FROM:<a@client.example>
S 530
C AUTH PLAIN AGJvYkBleGFtcGxlLmNvbQBodW50ZXIy
S 235
C MAIL FROM:<a@client.example> HOLDFOR=604801
S 501
C MAIL FROM:<a@client.example> HOLDUNTIL=$late
S 501
C MAIL FROM:<a@client.example> HOLDUNTIL=2020-01-01T00:00:00Z
S 501
C MAIL FROM:<a@client.example> HOLDUNTIL=$good
S 250
C RCPT TO:<bob@example.com>
S 250
C DATA
S 354
C .
S 250
C MAIL FROM:<a@client.example> HOLDFOR=604800
S 250
C RCPT TO:<carol@example.com>
S 250
C DATA
S 354
C .
S 250
$bye
END
    grep -rqx "X-Envelope-Hold-Until: $good"$'\r' "$mail/bob@example.com/new" || fail "HOLDUNTIL"
    grep -rqx $'X-Envelope-Hold-For: 604800\r' "$mail/carol@example.com/new" || fail "HOLDFOR"
    stop
}

# What the client sent is wiped once the session has it; only the name that it gave is kept.
test_auth_forgets() {
    start "${accounts[@]}" --allow-plain-auth
    talk "secrets" <<END
S 220
C EHLO remembered.example
S 250
C AUTH PLAIN AGJvYkBleGFtcGxlLmNvbQBodW50ZXIz
S 535
C AUTH LOGIN
S 334
C Ym9iQGV4YW1wbGUuY29t
S 334
C aHVudGVyMg==
S 235
! python3 $here/memory.py $server remembered.example AGJvYkBleGFt Ym9iQGV4YW1w aHVudGVyMg
$bye
END
    stop
}
