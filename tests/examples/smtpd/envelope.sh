# Part of smtpd.sh: parameters of MAIL and RCPT, kept above the message.
# SPDX-License-Identifier: MIT

# envelope <folder> <field>...: the one message of this Maildir has just these X-Envelope fields.
envelope() {
    local folder=$1 name
    shift
    for name in "$@"; do printf 'X-Envelope-%s\r\n' "$name"; done >"$work/want"
    grep -ah '^X-Envelope-' "$mail/$folder"/new/* | cmp -s - "$work/want" ||
        fail "envelope of $folder: $(grep -ah '^X-Envelope-' "$mail/$folder"/new/*), not $(cat "$work/want")"
}

test_envelope() {
    start --trace
    talk envelope <<END
$hello
C MAIL FROM:<a@client.example> RET=HDRS ENVID=QQ+2B1 BODY=8BITMIME BY=3600;NT MT-PRIORITY=-3 AUTH=<> SIZE=100
S 250
C RCPT TO:<bob@example.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob+2B1@example.net
S 250
C RCPT TO:<carol@example.com> NOTIFY=NEVER RRVS=2014-04-03T23:01:00Z;C
S 250
C RCPT TO:<dave@example.com>
S 250
C RCPT TO:<eve@example.com>
S 250
C RCPT TO:<"e<v>e"@example.com> NOTIFY=FAILURE
S 250
C DATA
S 354
C Subject: several
C 
C x
C .
S 250
$bye
END
    local all=('Id: QQ+2B1' 'Ret: HDRS' 'Body: 8BITMIME' 'Auth: <>' 'By: 3600;NT' 'Priority: -3')
    # Nobody is told of the others.
    envelope bob@example.com "${all[@]}" 'Notify: <bob@example.com>; SUCCESS,DELAY' \
        'Orcpt: <bob@example.com>; rfc822;Bob+2B1@example.net'
    envelope carol@example.com "${all[@]}" 'Notify: <carol@example.com>; NEVER' \
        'Rrvs: <carol@example.com>; 2014-04-03T23:01:00Z;C'
    envelope dave@example.com "${all[@]}"
    envelope eve@example.com "${all[@]}"
    envelope e%3Cv%3Ee@example.com "${all[@]}" 'Notify: <"e<v>e"@example.com>; FAILURE'
    for folder in bob carol dave eve; do
        tail -n 3 "$mail/$folder@example.com"/new/* | cmp - <(printf 'Subject: several\r\n\r\nx\r\n') ||
            fail "content for $folder"
        head -n 1 "$mail/$folder@example.com"/new/* | grep -q '^Return-Path' || fail "$folder: no Return-Path"
    done
    stop
    grep -qF -- '-- X-Envelope-Notify: <bob@example.com>; SUCCESS,DELAY' "$log" || fail "trace: $(cat "$log")"
}

# Long values are folded, and nothing breaks a line.
test_envelope_lines() {
    local long
    long=$(printf 'x%.0s' {1..1900})
    start
    talk "long values" <<END
$hello
C MAIL FROM:<a@client.example> ENVID=$long
S 250
C RCPT TO:<bob@example.com> ORCPT=rfc822;+0D+0AX-Evil:+20x
S 5
C RCPT TO:<bob@example.com> ORCPT=rfc822;$long
S 250
C DATA
S 354
C 
C .
S 250
$bye
END
    [ "$(wc -L <"$(ls "$mail"/*/new/*)")" -lt 998 ] || fail "a line that is too long"
    stop
}

# Whatever stands before the value, a line has 998 octets at most (RFC 5322 2.1.1), of whole characters.
test_envelope_folds() {
    local domain
    domain=$(printf 'x%.0s' {1..63}).$(printf 'y%.0s' {1..63}).example
    start --domain "$domain"
    python3 - "$port" "$domain" <<'END' || fail "long values after a long recipient"
import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as server:
    server.ehlo("client.example")
    server.mail("a@client.example", ["SMTPUTF8"])
    for i, local in enumerate(("l" * 64, "utf8", "utf9")):
        value = "rfc822;" + "z" * 1700 if i == 0 else "utf-8;" + "a" * i + "é" * 800
        assert server.rcpt(f"{local}@{sys.argv[2]}", [f"ORCPT={value}"])[0] == 250
    assert server.data("Subject: x\r\n\r\nx\r\n")[0] == 250
END
    stored 3 new || fail "not all are stored"
    python3 - "$mail" <<'END' || fail "lines of a field"
import pathlib, sys
for file in pathlib.Path(sys.argv[1]).glob("*/new/*"):
    lines = file.read_bytes().split(b"\r\n")
    assert max(map(len, lines)) <= 998, max(map(len, lines))
    for line in lines:
        line.decode()
    assert any(len(line) > 800 for line in lines)
END
    stop
}

# make_failing <file>: a library in which memory for a long field cannot be had.
make_failing() {
    cc -shared -fPIC -o "$1" -x c - 2>/dev/null <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
void *realloc(void *memory, size_t size)
{
    void *(*real)(void *, size_t);
    *(void **)&real = dlsym(RTLD_NEXT, "realloc");
    return size > 2500 && size < 4000 ? NULL : real(memory, size);
}
END
}

# A recipient whose parameters cannot be kept is refused, and leaves nothing behind.
test_envelope_memory() {
    local long half folder wrap=()
    grep -q __asan_init "$smtpd" && { echo "skipped: its own realloc()"; return; }
    make_failing "$work/failing.so" || { echo "skipped: no cc"; return; }
    half=$(printf 'x%.0s' {1..1000}) long=$half$half
    wrap=(env LD_PRELOAD="$work/failing.so")
    start
    talk "out of memory" <<END
$hello
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<bob@example.com> ORCPT=rfc822;${long:100}
S 451
C DATA
S 5
C RCPT TO:<carol@example.com> ORCPT=rfc822;$half
S 250
C RCPT TO:<carol@example.com> ORCPT=rfc822;$half
S 250
C DATA
S 451
C RSET
S 250
C MAIL FROM:<a@client.example>
S 250
C RCPT TO:<carol@example.com> ORCPT=rfc822;$half
S 250
C RCPT TO:<carol@example.com> NOTIFY=NEVER
S 250
C DATA
S 354
C .
S 250
$bye
END
    stored 1 new || fail "out of memory: $(files new)"
    folder=$mail/carol@example.com/new
    [ "$(grep -hoE '^X-Envelope-[A-Z][a-z]+' "$folder"/* | tr '\n' ' ')" = 'X-Envelope-Orcpt X-Envelope-Notify ' ] ||
        fail "fields: $(cat "$folder"/*)"
    stop
}

test_utf8() {
    start --domain bücher.example --user 'grün@bücher.example' --user bob@example.com
    python3 - "$port" <<END || fail "SMTPUTF8"
import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as server:
    server.ehlo("client.example")
    assert server.has_extn("smtputf8")
    server.sendmail("é@client.example", ["grün@bücher.example"], "Subject: x\r\n\r\nx\r\n", ["SMTPUTF8"])
END
    envelope gr%C3%BCn@b%C3%BCcher.example 'Utf8: yes'
    grep -rq 'with UTF8SMTP' "$mail" || fail "Received"
    grep -rq 'for <grün@bücher.example>' "$mail" || fail "Received: no recipient"
    stop
    start --no-utf8
    talk "no SMTPUTF8" <<END
S 220
C EHLO client.example
S (?s)(?!.*SMTPUTF8)
C MAIL FROM:<a@client.example> SMTPUTF8
S 555
$bye
END
    stop
    start --no-utf8 --utf8
    printf '%s\n' 'S 220' 'C EHLO x.example' 'S (?s).*250-SMTPUTF8' "$bye" | talk "--utf8"
    stop
}

test_binary() {
    start
    talk BINARYMIME <<END
$hello
C MAIL FROM:<a@client.example> BODY=BINARYMIME
S 250
C RCPT TO:<bob@example.com>
S 250
C BDAT 10
R A: b\\r\\n\\r\\n\\r\\n
S 250
C BDAT 9 LAST
R \\n\\r\\0\\xff.\\r\\n.\\n
S 250
$bye
END
    tail -c 19 "$mail"/*/new/* | cmp - <(printf 'A: b\r\n\r\n\r\n\n\r\0\377.\r\n.\n') || fail "octets differ"
    envelope bob@example.com 'Body: BINARYMIME'
    stop
}

test_etrn() {
    start
    talk ETRN <<END
$hello
C ETRN example.com
S 251 2.5.0 No messages waiting for node example.com
$bye
END
    stop
}
