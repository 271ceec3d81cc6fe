"""Many sessions at once, each of which does something else, while the policy is read again.

No reply is compared; what counts is that the server lives, and ends well (in a tree with
sanitizers: without a fault in memory, and without a leak).

SPDX-License-Identifier: MIT
"""

import random
import socket
import struct
import threading
import time

from dialogues import Player
from host import Host
from lookups import SlowDns
from waiting import Silence

SESSIONS = 300
THREADS = 30
SECONDS_MOST = 60
ACCEPTED = "250 2.0.0 Message accepted"
ACCOUNTS = """
domain example.org
account bob@example.org
    password secret
account alice@example.org
    quota 100K
list staff@example.org
    member bob@example.org
    member alice@example.org
"""
POLICIES = (
    "require sender-domain\nrequire recipient-domain\nrelay peer all\ndnsbl peer dnsbl.example\n",
    "require reverse-dns at mail\nrelay peer all\nfilter \"sh -c 'exec cat >/dev/null'\"\n",
    "require recipient-domain\nrelay peer all\n"
    "clamd 127.0.0.1:{port} wait 1\nbypass peer 127.0.0.1 virus\n",
    "require sender-domain\nrelay peer all\n"
    "milter 127.0.0.1:{port} wait 1\nbypass peer 127.0.0.1 filters\n",
    "relay peer all\nspamd 127.0.0.1:9\nbypass peer 127.0.0.1 spam\nmax-connections 20\n",
    "this is no policy\n",
)
ZONE = """
*.many.example     MX 10 mx.many.example
*.broken.example   SERVFAIL
*.silent.example   SILENCE
127.0.0.1          PTR mx.many.example
127.0.0.2          PTR mx.many.example
"""
STEPS = (
    "EHLO x", "HELO x", "MAIL FROM:<a@a.many.example>", "MAIL FROM:<a@nowhere.example>",
    "MAIL FROM:<a@b.silent.example>", "MAIL FROM:<>", "RCPT TO:<bob@example.org>",
    "RCPT TO:<staff@example.org>", "RCPT TO:<x@c.many.example>", "RCPT TO:<x@d.broken.example>",
    "RCPT TO:<x@nowhere.example>", "RCPT TO:<alice@example.org>", "RSET", "NOOP", "DATA",
    "Subject: x\r\n\r\nx\r\n.", "BDAT 4 LAST\r\nx\r\n", "BDAT 3\r\nx\r\n", "VRFY bob", "EXPN staff",
    "AUTH PLAIN AGJvYkBleGFtcGxlLm9yZwBzZWNyZXQ=", "QUIT", "FOO",
)  # fmt: skip
BEGIN = "EHLO x\r\nMAIL FROM:<a@a.many.example>\r\nRCPT TO:<bob@example.org>\r\n"


def visit(port, chance):
    """A session: says things, perhaps waits, and leaves in one way or another."""
    address = f"127.0.0.{chance.randint(1, 4)}"
    with socket.create_connection(("127.0.0.1", port), 10, (address, 0)) as sock:
        sock.settimeout(0.3)
        text = chance.choice(("", BEGIN)) + "\r\n".join(
            chance.choice(STEPS) for _ in range(chance.randint(1, 30))
        )
        octets = text.encode() + b"\r\n"
        if chance.random() < 0.9:  # the others do not wait for the greeting
            sock.settimeout(1)
            sock.recv(4096)
            sock.settimeout(0.3)
        while octets:
            length = chance.randint(1, len(octets))
            sock.sendall(octets[:length])
            octets = octets[length:]
            if chance.random() < 0.5:
                time.sleep(chance.random() * 0.05)
        leave = chance.randrange(4)
        if leave == 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif leave == 1:
            sock.shutdown(socket.SHUT_WR)
        if leave:
            while sock.recv(4096):
                pass


def visit_often(port, seed, until):
    chance = random.Random(seed)
    for _ in range(SESSIONS // THREADS):
        try:
            if time.monotonic() < until:
                visit(port, chance)
        except OSError:
            pass  # closed, or silent


def test_crowd(report, program, directory, dns, silence):
    policies = [policy.replace("{port}", str(silence.port)) + ACCOUNTS for policy in POLICIES]
    until = time.monotonic() + SECONDS_MOST
    with Host(program, directory, policies[0], "--timeout", "3", dns=dns.port) as server:
        crowd = [
            threading.Thread(target=visit_often, args=(server.port, seed, until))
            for seed in range(THREADS)
        ]
        for visitor in crowd:
            visitor.start()
        for number in range(20):
            server.write(policies[number % len(policies)])
            server.reload()
            time.sleep(0.2)
        for visitor in crowd:
            visitor.join()
        server.write(policies[2])
        server.reload()
        player = Player(server)
        fault = None if server.is_alive() else "the server is gone"
        fault = fault or player.play(
            f"CONNECT\nSEND a@a.many.example bob@example.org => {ACCEPTED}"
        )
        player.close()
        report.check("a crowd, and SIGHUPs", fault or server.fault_at_end(), server)


def run(report, program, directory):
    with Silence() as silence, SlowDns(directory, ZONE, "--delay", "50") as dns:
        test_crowd(report, program, directory, dns, silence)
