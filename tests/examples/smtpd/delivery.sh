# Part of smtpd.sh: what is stored, and what is not.
# SPDX-License-Identifier: MIT

# content <file>: the steps that send the file as content, dots doubled.
content() {
    printf 'C DATA\nS 354\n'
    sed -e 's/\\/\\\\/g' -e 's/^\./../' -e 's/\r$//' -e 's/^/C /' "$1"
    printf 'C .\n'
}

test_delivery() {
    printf 'Subject: dots\r\n\r\n.\r\n..\r\n.x\r\nback\\slash \t\r\n\r\nFrom x\r\n' >"$work/message"
    start
    {
        echo "$to_bob"
        content "$work/message"
        printf 'S 250\n! stored 1 new\n! stored 0 tmp\n'
        echo "$bye"
    } | talk delivery
    head -c "-$(wc -c <"$work/message")" "$mail"/bob@example.com/new/* >"$work/fields"
    tail -c "$(wc -c <"$work/message")" "$mail"/bob@example.com/new/* | cmp - "$work/message" ||
        fail "octets differ"
    sed -n 1p "$work/fields" | grep -qx $'Return-Path: <a@client.example>\r' || fail "no Return-Path on top"
    sed -n 2p "$work/fields" | grep -q '^Received: from client.example (\[127.0.0.1\])' || fail "no Received"
    sed 1,2d "$work/fields" | grep -qv $'^\t.*\r$' && fail "another field: $(cat "$work/fields")"
    grep -q 'for <bob@example.com>' "$work/fields" || fail "Received: no recipient"
    stop
    grep -q '\] taken: from <a@client.example>, 1 recipients' "$log" || fail "log: $(cat "$log")"
    grep -q '\] closed: 127.0.0.1, QUIT, 1 messages' "$log" || fail "log: $(cat "$log")"
}

test_recipients() {
    start --domain example.com --domain example.org --user 'Bob@example.com:a:b' --user '"o.x"@EXAMPLE.org'
    talk recipients <<END
$to_bob
C RCPT TO:<BOB@EXAMPLE.COM>
S 250 2.1.5
C RCPT TO:<"b\\\\ob"@example.com>
S 250 2.1.5
C RCPT TO:<O.X@example.org>
S 250 2.1.5
C RCPT TO:<postmaster>
S 250 2.1.5
C RCPT TO:<POSTmaster@example.org>
S 250 2.1.5
C RCPT TO:<eve@example.com>
S 550 5.1.1 <eve@example.com> User unknown; rejecting\$
C RCPT TO:<bob@example.org>
S 550 5.1.1 <bob@example.org>
C RCPT TO:<bob@example.net>
S 550 5.7.1 We do not relay\$
C RCPT TO:<bob@[127.0.0.1]>
S 550 5.7.1
C DATA
S 354
C .
S 250
$bye
END
    stored 4 new || fail "recipients"
    for folder in bob@example.com o.x@example.org postmaster@example.com postmaster@example.org; do
        ls "$mail/$folder"/new/* >/dev/null || fail "recipients: $folder"
    done
    grep -rq 'for <' "$mail" && fail "Received tells one of several recipients"
    stop
    grep -q '\] taken: .*, 6 recipients' "$log" || fail "log: $(cat "$log")"
}

test_domains() {
    start --domain '[127.0.0.1]'
    talk domains <<END
$hello
C MAIL FROM:<>
S 250
C RCPT TO:<x@example.com>
S 550 5.7.1
C RCPT TO:<x@[127.0.0.1]>
S 250
C DATA
S 354
C .
S 250
$bye
END
    grep -rq '^Return-Path: <>' "$mail/x@%5B127.0.0.1%5D/new" || fail "the null reverse-path"
    stop
}

# No address leaves the directory or gets too long for a file, and no two share a folder.
test_odd_addresses() {
    local long letters
    letters=$(printf 'x%.0s' {1..200})
    long=$(printf '/%.0s' {1..200})
    start
    talk "odd addresses" <<END
$hello
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<../../x@example.com>
S 5
C RCPT TO:<"../../x"@example.com>
S 250
C RCPT TO:<".."@example.com>
S 250
C RCPT TO:<"a/b"@example.com>
S 250
C RCPT TO:<"a%2Fb"@example.com>
S 250
C RCPT TO:<"a@b"@example.com>
S 250
C RCPT TO:<!#\$%&'*/=?^_\`{|}~@example.com>
S 250
C RCPT TO:<"\\\\"\\\\\\\\ "@example.com>
S 250
C RCPT TO:<$letters@example.com>
S 250
C RCPT TO:<"$long"@example.com>
S 250
C RCPT TO:<"${long}2"@example.com>
S 250
C DATA
S 354
C .
S 250
$bye
END
    stored 10 new || fail "odd addresses"
    for folder in "%2E.%2F..%2Fx" "%2E." "a%2Fb" "a%252fb" "a%40b" "%22%5C%20" "$letters"; do
        ls "$mail/$folder@example.com"/new/* >/dev/null || fail "odd addresses: $folder"
    done
    stop
}

# Nothing is in new before the end of the content; whatever ends it early leaves nothing at all.
test_ends_early() {
    local begin="$to_bob
C RCPT TO:<carol@example.com>
S 250
C DATA
S 354
C half a message
W 0.3
! stored 0 new && stored 1 tmp"
    start
    talk "client resets" <<END
$begin
D
W 0.5
! stored 0 new tmp
END
    talk "client closes its half" <<END
$begin
Z
E
! stored 0 new tmp
END
    talk "RSET" <<END
$to_bob
C RSET
S 250
! stored 0 new tmp
$bye
END
    talk "the server is killed" <<END
$begin
! kill -9 $server
E
! stored 0 new
END
    ended 137
    start --timeout 1
    talk "time-out" <<END
$begin
S 421 4.4.2
E
! stored 0 new tmp
END
    stop
    grep -q '\] closed: .*time-out' "$log" || fail "log: $(cat "$log")"
}

# Every copy is whole and synced before the first one shows, and all are before the 250.
test_durability() {
    strace -o "$work/calls" true 2>/dev/null || { echo "skipped: no strace"; return; }
    wrap=(strace -D -o "$work/calls" -e "trace=openat,fsync,link,linkat,rename,renameat,renameat2,sendto")
    ASAN_OPTIONS=detect_leaks=0 start
    wrap=()
    talk durability <<END
$to_bob
C RCPT TO:<carol@example.com>
S 250
C DATA
S 354
C .
S 250
$bye
END
    stop
    sed -n '/O_EXCL/,/250 2.0.0/{s/^\(fsync\|link\|rename\|sendto\).*/\1/p}' "$work/calls" |
        tr '\n' ' ' >"$work/order"
    [ "$(cat "$work/order")" = 'sendto fsync link rename rename fsync fsync sendto ' ] ||
        fail "durability: $(cat "$work/order")"
}

# A rename that fails takes back the copies made before it.
test_take_back() {
    start
    mkdir -p "$mail/bad@example.com"
    : >"$mail/bad@example.com/new"
    talk "take back" <<END
$to_bob
C RCPT TO:<bad@example.com>
S 250
C RCPT TO:<carol@example.com>
S 250
C DATA
S 354
C .
S 45[12] 4.3
! stored 0 new tmp
! rm $mail/bad@example.com/new
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<bob@example.com>
S 250
C RCPT TO:<bad@example.com>
S 250
C DATA
S 354
C .
S 250
! stored 2 new
$bye
END
    stop
    grep -q '\] refused: from <a@client.example>: 45' "$log" || fail "log: $(cat "$log")"
}

test_disk_full() {
    limit='-f 64' start # files of 64 KiB at most
    talk "disk full" <<END
$to_bob
C RCPT TO:<carol@example.com>
S 250
C DATA
S 354
P 5000 a line of some twenty octets\\r\\n
C .
S 452 4.3.1
! stored 0 new tmp
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<bob@example.com>
S 250
C DATA
S 354
C .
S 250
! stored 1 new
$bye
END
    stop
}
