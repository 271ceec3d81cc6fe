"""Nobody answers: a session ends in time, the others do not notice, and nothing is left behind.

SPDX-License-Identifier: MIT
"""

import contextlib
import os
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from dialogues import Mismatch, Player
from host import Host
from lookups import SlowDns
from server import soon

ACCEPTED = "250 2.0.0 Message accepted"
TIMED_OUT = "421 4.4.2 Waited too long, closing connection"
LATER = "451 4.3.0 Local error, try again later"
SECONDS = 2
RESOLVER_SOCKETS = 8  # open until c-ares has given up, whoever has left
ACCOUNTS = """
domain example.org
account bob@example.org
"""
ZONE = """
silent.example         SILENCE
a.example              A 192.0.2.1
9.0.0.127.in-addr.arpa SILENCE
8.0.0.127.in-addr.arpa PTR a.example
9.0.0.127.dnsbl.example SILENCE
"""


class Silence:
    """Takes connections and whatever is said, and answers nothing."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                self.connections.append(self.listener.accept()[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        for connection in (*self.connections, self.listener):
            connection.close()


ENVELOPE = "EHLO x\r\nMAIL FROM:<x@a.example>\r\nRCPT TO:<bob@example.org>\r\n"

# The name, the policy, what is said before silence, and what is said to it; the peer is 127.0.0.9.
# {port}: nobody answers there.
SILENCES = (
    ("sender's domain", "require sender-domain\n",
     "EHLO x\r\n", "MAIL FROM:<x@silent.example>\r\n"),
    ("reverse DNS at connect", "require reverse-dns at connect\n", None, ""),
    ("reverse DNS at helo", "require reverse-dns at helo\n", "", "EHLO x\r\n"),
    ("DNSBL", "dnsbl peer dnsbl.example\n", None, ""),
    ("recipient's domain", "relay peer 127.0.0.0/8\nrequire recipient-domain\n",
     "EHLO x\r\nMAIL FROM:<x@a.example>\r\n", "RCPT TO:<x@silent.example>\r\n"),
    ("milter", "bypass peer 127.0.0.8 filters\nmilter 127.0.0.1:{port}\n", None, ""),
    ("clamd", "bypass peer 127.0.0.8 virus\nclamd 127.0.0.1:{port}\n",
     ENVELOPE + "DATA\r\n", "Subject: x\r\n\r\n.\r\n"),
    ("filter", 'bypass peer 127.0.0.8 filters\nfilter "sleep 30"\n',
     ENVELOPE + "DATA\r\n", "Subject: x\r\n\r\n.\r\n"),
)  # fmt: skip


class Waiting:
    """A connection to a server that will not answer."""

    def __init__(self, server, before, last):
        self.socket = socket.create_connection(("127.0.0.1", server.port), 10, ("127.0.0.9", 0))
        self.reader = self.socket.makefile("rb")
        if before is not None:
            self.lines()
        for command in (before or "").splitlines(True):
            self.socket.sendall(command.encode())
            self.lines()
        self.socket.sendall(last.encode())

    def lines(self):
        line = b" -"
        while line[3:4] != b" " and line:
            line = self.reader.readline()
        return line.decode(errors="replace").rstrip("\r\n")

    def close(self):
        self.reader.close()
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


def fault_of_other(server):
    """Somebody else is served at once."""
    start = time.monotonic()
    player = Player(server)
    count = len(server.files("new"))
    fault = player.play(f"CONNECT 127.0.0.8\nSEND x@a.example bob@example.org => {ACCEPTED}")
    player.close()
    if fault is None and len(server.files("new")) != count + 1:
        fault = "nothing is stored"
    seconds = time.monotonic() - start
    return fault or (seconds > SECONDS and f"another session takes {seconds:.1f} s")


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def test_time_out(report, server, name, before, last):
    start = time.monotonic()
    waiting = Waiting(server, before, last)
    fault = fault_of_other(server)
    reply = waiting.lines()
    seconds = time.monotonic() - start
    end = waiting.reader.read()
    waiting.close()
    # Nobody is told enhanced codes before EHLO.
    wanted = TIMED_OUT if before else TIMED_OUT.replace("4.4.2 ", "")
    fault = fault or (reply != wanted and f"got {reply!r}") or (end and f"not closed: {end!r}")
    if not fault and not SECONDS - 0.5 < seconds < SECONDS + 5:
        fault = f"after {seconds:.1f} s"
    report.check(f"{name}: 421 in time, others are served", fault, server)


def test_leaving(report, server, name, before, last):
    """Clients leave while somebody is asked for them."""
    for leave in (Waiting.close, Waiting.reset):
        crowd = [Waiting(server, before, last) for _ in range(10)]
        time.sleep(0.2)
        for waiting in crowd:
            leave(waiting)
    report.check(f"{name}: clients leave", fault_of_other(server), server)


def test_silence(report, program, directory, dns, silence, row):
    name, policy, before, last = row
    policy = policy.replace("{port}", str(silence.port)) + ACCOUNTS
    with Host(program, directory, policy, "--timeout", str(SECONDS), dns=dns.port) as server:
        fault_of_other(server)  # what stays open is open now
        count = descriptors(server)
        test_time_out(report, server, name, before, last)
        test_leaving(report, server, name, before, last)
        if "{port}" not in row[1] and "sleep" not in policy:  # the DNS is asked
            count += RESOLVER_SOCKETS
        closed = soon(lambda: descriptors(server) <= count)
        fault = None if closed else f"{descriptors(server)} are open"
        report.check(f"{name}: no descriptor is left open", fault, server)
        crowd = [Waiting(server, before, last) for _ in range(3)]
        time.sleep(0.2)
        fault = server.fault_at_end()
        for waiting in crowd:
            waiting.close()
        report.check(f"{name}: SIGTERM meanwhile", fault, server)


def test_patience(report, program, directory, silence):
    """A filter's own time is shorter than the session's."""
    policy = f"clamd 127.0.0.1:{silence.port} wait 1\n{ACCOUNTS}"
    with Host(program, directory, policy) as server:
        player = Player(server)
        fault = player.play(f"CONNECT\nSEND x@a.example bob@example.org => {LATER}")
        player.close()
        report.check("clamd that is silent: wait 1", fault or server.fault_at_end())


def test_slow_answer(report, program, directory):
    """RCPTs in one go are looked up together, and answered in their order."""
    zone = "*.many.example A 192.0.2.1\n"
    policy = "relay peer 127.0.0.0/8\nrequire recipient-domain\n" + ACCOUNTS
    with (
        SlowDns(directory, zone, "--delay", "300") as dns,
        Host(program, directory, policy, dns=dns.port) as server,
    ):
        player = Player(server)
        fault = player.play("CONNECT\nMAIL FROM:<x@client.example>")
        start = time.monotonic()
        names = [f"x@d{i}.many.example" if i % 3 else f"x@d{i}.none.example" for i in range(30)]
        player.current.send("".join(f"RCPT TO:<{name}>\r\n" for name in names).encode())
        with contextlib.suppress(Mismatch):
            codes = [player.current.reply()[:3] for _ in names]
        seconds = time.monotonic() - start
        wanted = ["250" if i % 3 else "550" for i in range(30)]
        fault = fault or (codes != wanted and f"{codes}")
        fault = fault or (seconds > 3 and f"{seconds:.1f} s for 30 look-ups of 0.3 s")
        fault = fault or player.play(f"MESSAGE => {ACCEPTED}\nSTORED x@d1.many.example => 1")
        player.close()
        report.check("look-ups of pipelined recipients", fault or server.fault_at_end())


def run(report, program, directory):
    with Silence() as silence, SlowDns(directory, ZONE) as dns, ThreadPoolExecutor() as waiters:
        tests = []
        for number, row in enumerate(SILENCES):
            place = directory / str(number)
            place.mkdir()
            tests.append(waiters.submit(test_silence, report, program, place, dns, silence, row))
        for test in tests:
            test.result()
        (directory / "patience").mkdir()
        test_patience(report, program, directory / "patience", silence)
    (directory / "slow").mkdir()
    test_slow_answer(report, program, directory / "slow")
