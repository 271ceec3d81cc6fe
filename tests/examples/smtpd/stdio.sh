# Part of smtpd.sh: the smaller example.
# SPDX-License-Identifier: MIT

test_stdio() {
    local file=$work/file greeting='S 220
C EHLO client.example
S 250
C MAIL FROM:<a@client.example>
S 250'
    talk "stdio" "$stdio" "$file" <<END
$greeting
C RCPT TO:<x@example.org>
S 550 5.1.1 <x@example.org> User unknown; rejecting
C RCPT TO:<x@EXAMPLE.com>
S 250
C RCPT TO:<postmaster>
S 250
C DATA
S 354
C one
C ..
C .
S 250
! cmp $file <(printf 'Message of 41 octets:\r\nReturn-Path: <a@client.example>\r\none\r\n.\r\n')
$bye
END
    cp "$file" "$work/before"
    talk "stdio: half a message" "$stdio" "$file" <<END
$greeting
C RCPT TO:<x@example.com>
S 250
C DATA
S 354
C half
Z
E
END
    (
        ulimit -f 64
        trap '' XFSZ
        talk "stdio: disk full" "$stdio" "$file" <<END
$greeting
C RCPT TO:<x@example.com>
S 250
C DATA
S 354
P 5000 a line of some twenty octets\\r\\n
C .
S 452 4.3.1
$bye
END
        exit "$failed"
    ) || failed=1
    cmp "$file" "$work/before" || fail "stdio: a message that was not taken left its traces"
    talk "stdio: everything at once, another domain" "$stdio" "$file" example.org <<END
R EHLO x.example\\r\\nMAIL FROM:<>\\r\\nRCPT TO:<x@example.org>\\r\\nDATA\\r\\n.\\r\\nQUIT\\r\\n
Z
S 220
S 250
S 250
S 250
S 354
S 250
S 221
E
END
    tail -n 1 "$file" | grep -qx $'Return-Path: <>\r' || fail "stdio: the null reverse-path"
}

# Each process appends whole messages, whatever the others do.
test_stdio_at_once() {
    local file=$work/shared number
    for number in {1..12}; do
        python3 - "$number" <<'END' | "$stdio" "$file" >"$work/out$number" &
import sys
octets = sys.argv[1].encode() * 40 + b"\r\n"
message = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<x@example.com>\r\nDATA\r\n" + octets * 2000 + b".\r\n"
sys.stdout.buffer.write(b"HELO x\r\n" + message * 20 + b"QUIT\r\n")
END
    done
    wait
    python3 - "$file" <<'END' || fail "stdio: messages of several processes"
import re, sys
octets, count = open(sys.argv[1], "rb").read(), 0
while octets:
    head = re.match(rb"Message of (\d+) octets:\r\nReturn-Path: <a@b.example>\r\n", octets)
    end = head.end(1) + len(" octets:\r\n") + int(head[1])
    assert len(set(octets[head.end() : end].split(b"\r\n"))) == 2  # one line, and what is behind the last
    octets, count = octets[end:], count + 1
assert count == 240, count
END
}
