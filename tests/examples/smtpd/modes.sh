# Part of smtpd.sh: LMTP and PRDR, a verdict for each recipient.
# SPDX-License-Identifier: MIT

test_mode_options() {
    bad_option --lmtp --submission
    bad_option --lmtp --listen 127.0.0.1:25
}

test_lmtp() {
    start --lmtp --user bob@example.com --user carol@example.com --user dave@example.com
    : >"$mail/carol@example.com" # no Maildir can be there
    talk LMTP <<END
S 220 mx.example LMTP
C EHLO client.example
S 500
C LHLO client.example
S 250
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<carol@example.com>
S 250
C RCPT TO:<bob@example.com>
S 250
C RCPT TO:<eve@example.com>
S 550
C RCPT TO:<dave@example.com>
S 250
C RCPT TO:<BOB@example.com>
S 250
C DATA
S 354
C Subject: several
C .
S 451 4.3.0
S 250
S 250
S 250
! stored 2 new && stored 0 tmp
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<carol@example.com>
S 250
C DATA
S 451 4.3.0
C RSET
S 250
! rm $mail/carol@example.com
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<carol@example.com>
S 250
C BDAT 5 LAST
R x\\r\\n\\r\\n
S 250
! stored 3 new
$bye
END
    grep -q 'with LMTP' "$mail"/carol@example.com/new/* || fail "Received"
    stop
    grep -q '\] partly taken: from <a@client.example>, 3 recipients' "$log" || fail "log: $(cat "$log")"
}

# Of several recipients smtplib.LMTP reads one reply only.
test_lmtp_client() {
    start --lmtp
    python3 - "$port" <<END || fail "smtplib.LMTP"
import smtplib, sys
with smtplib.LMTP("127.0.0.1", int(sys.argv[1])) as server:
    server.sendmail("a@b.example", ["x@example.com"], "Subject: x\r\n\r\nx\r\n")
END
    stored 1 new || fail "smtplib.LMTP"
    stop
}

test_lmtp_disk_full() {
    limit='-f 64' start --lmtp # files of 64 KiB at most
    talk "disk full" <<END
S 220
C LHLO client.example
S 250
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<bob@example.com>
S 250
C RCPT TO:<carol@example.com>
S 250
C DATA
S 354
C 
P 5000 a line of some twenty octets\\r\\n
C .
S 452 4.3.1
S 452 4.3.1
! stored 0 new tmp
$bye
END
    stop
}

test_prdr() {
    start
    : >"$mail/carol@example.com"
    talk PRDR <<END
$hello
C MAIL FROM:<a@client.example> PRDR
S 250
C RCPT TO:<bob@example.com>
S 250
C RCPT TO:<carol@example.com>
S 250
C DATA
S 354
C .
S 353
S 250
S 451
S 250
! stored 1 new && stored 0 tmp
C MAIL FROM:<a@client.example> PRDR
S 250
C RCPT TO:<bob@example.com>
S 250
C DATA
S 354
C .
S 250
! stored 2 new
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<bob@example.com>
S 250
C RCPT TO:<carol@example.com>
S 250
C DATA
S 451
! stored 2 new && stored 0 tmp
$bye
END
    stop
}
