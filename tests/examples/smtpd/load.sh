# Part of smtpd.sh: many connections, few file descriptors, garbage.
# SPDX-License-Identifier: MIT

test_crowd() {
    local crowd=2000
    [ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -gt $((crowd * 3 / 2)) ] ||
        { echo "skipped: $crowd connections need more file descriptors"; return; }
    limit='-Sn 256' start --quiet # it raises the limit
    timeout 60 python3 "$client" crowd "$port" $crowd || fail "crowd"
    stored $((crowd / 20)) new || fail "crowd: messages"
    stored 0 tmp || fail "crowd: files in tmp"
    stop
}

# Without file descriptors the server waits, and does not spin.
test_exhaustion() {
    local ticks
    limit='-n 40' start
    timeout 60 python3 "$client" exhaust "$port" 60 || fail "file descriptors"
    ticks=$(awk '{print $14 + $15}' "/proc/$server/stat" 2>/dev/null)
    [ "${ticks:-0}" -lt 75 ] || fail "file descriptors: $ticks ticks of CPU time"
    grep -q '^cannot accept now' "$log" || fail "file descriptors: there were enough"
    stop
}

test_garbage() {
    start --quiet
    python3 - "$port" <<'END' || fail "garbage"
import random, socket, sys
random.seed(1)
for number in range(60):
    sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    sock.settimeout(20)
    starts = [b"", b"EHLO x.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n", b"GET / HTTP/1.0\r\n\r\n"]
    octets = starts[number % 3] + random.randbytes(random.randrange(200000))
    try:
        sock.sendall(octets)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass
    except OSError:
        pass
    sock.close()
END
    stored 0 new tmp || fail "garbage: files"
    talk "after garbage" <<<"$hello
$bye"
    stop
}
