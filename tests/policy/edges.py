"""What a policy is walked around by: other spellings, forwards, lists, proxies, and bad luck.

SPDX-License-Identifier: MIT
"""

import contextlib
import resource
import socket
import struct
import threading
from pathlib import Path

from dialogues import Player
from host import Case, Host, run_cases
from lookups import SlowDns
from parts import Filter, find, has_milter
from server import soon
from waiting import Silence, Waiting

ACCEPTED = "250 2.0.0 Message accepted"
RULE = "not allowed by rules"
FULL = "552 5.2.2 Mailbox has exceeded the limit"
TOO_BIG = "554 5.3.4 Message size exceeds fixed maximum message size"
BOB = "domain example.org\naccount bob@example.org\n    password secret\n"
PEOPLE = """
quota 100K
domain example.org
account tight@example.org
    quota 150
    max-size 140
    refuse sender *@rival.example
account info@example.org
    no-mailbox
    forward tight@example.org
account wide@example.org
list only@example.org
    member info@example.org
list staff@example.org
    member info@example.org
    member wide@example.org
"""
BOUND = """
domain example.org
account wide@example.org
account bob@example.org
    refuse sender *@rival.example
    max-size 50
    forward bob@elsewhere.example
account info@example.org
    refuse sender *@rival.example
    max-size 50
    no-mailbox
    forward wide@example.org
"""
# The long way to the team comes first.
FAR = BOB + "list all@example.org\n    member l0@example.org\n    member team@example.org\n"
FAR += "list team@example.org\n    member bob@example.org\n"
for i in range(12):
    FAR += f"list l{i}@example.org\n    member {f'l{i + 1}' if i < 11 else 'team'}@example.org\n"

# Everybody forwards to everybody else, and one has a mailbox.
CIRCLE = "domain example.org\n" + "".join(
    f"account a{i}@example.org\n"
    + ("    no-mailbox\n" if i else "")
    + "".join(f"    forward a{j}@example.org\n" for j in range(14) if j != i)
    for i in range(14)
)
CIRCLE += "list l@example.org\n    member k@example.org\nlist k@example.org\n    member l@example.org\n"

# fmt: off
CASES = (
    Case("rules and limits behind forwards and lists", PEOPLE, f"""
CONNECT
MAIL FROM:<a@rival.example>
RCPT TO:<info@example.org> => 550 5.7.1 Access to info@example.org {RULE}  # row 28
RCPT TO:<only@example.org> => 550 5.7.1 Access to only@example.org {RULE}  # row 28
RCPT TO:<staff@example.org>
RCPT TO:<wide@example.org>
RSET
MAIL FROM:<a@client.example> SIZE=141
RCPT TO:<info@example.org> => {TOO_BIG}  # row 35
RCPT TO:<only@example.org> => {TOO_BIG}  # row 35
RCPT TO:<staff@example.org>
RSET
MAIL FROM:<a@client.example> SIZE=140
RCPT TO:<info@example.org>
RSET
SEND a@client.example only@example.org
MAIL FROM:<a@client.example>
RCPT TO:<tight@example.org> => {FULL}  # row 34
RCPT TO:<info@example.org> => {FULL}  # row 34
RCPT TO:<only@example.org> => {FULL}  # row 34
RCPT TO:<staff@example.org>
MESSAGE => {ACCEPTED}
STORED wide@example.org => 1
"""),
    Case("an account that forwards refuses for itself", BOUND, f"""
CONNECT
MAIL FROM:<a@rival.example>
RCPT TO:<bob@example.org> => 550 5.7.1 Access to bob@example.org {RULE}  # row 28
RCPT TO:<info@example.org> => 550 5.7.1 Access to info@example.org {RULE}  # row 28
RSET
MAIL FROM:<a@client.example> SIZE=51
RCPT TO:<bob@example.org> => {TOO_BIG}  # row 35
RCPT TO:<info@example.org> => {TOO_BIG}  # row 35
RSET
MAIL FROM:<a@client.example>
RCPT TO:<bob@example.org>
RCPT TO:<wide@example.org>
MESSAGE Subject: more than fifty octets, of which\\n\\nbob would not take a single one => {TOO_BIG}  # row 35
"""),
    Case("a list that leads far and near", FAR, f"""
CONNECT
SEND a@client.example all@example.org => {ACCEPTED}
STORED bob@example.org => 1
"""),
    Case("the quota of mailboxes that nobody has named", "quota 150\nunknown-accounts accept\n" + BOB, f"""
CONNECT
SEND a@client.example any@example.org,postmaster@example.org
MAIL FROM:<a@client.example>
RCPT TO:<any@example.org> => {FULL}  # row 34
RCPT TO:<postmaster@example.org> => {FULL}  # row 34
RCPT TO:<postmaster> => {FULL}  # row 34
RCPT TO:<other@example.org>
"""),
    Case("the quota where no account is named", "quota 150\ndomain example.org\n", f"""
CONNECT
SEND a@client.example any@example.org
MAIL FROM:<a@client.example>
RCPT TO:<any@example.org> => {FULL}  # row 34
"""),
    Case("forwards in circles", CIRCLE, f"""
CONNECT
SEND a@client.example a1@example.org,a0@example.org => {ACCEPTED}
STORED a0@example.org => 1
MAIL FROM:<a@client.example>
RCPT TO:<l@example.org> => 450
"""),
    Case("forms of a header field", 'refuse header "Subject: *lottery*"\nrefuse header "X-Kind: bulk"\n' + BOB, f"""
CONNECT
SEND a@client.example bob@example.org X-Kind:\\tbulk\\n\\nx => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
SEND a@client.example bob@example.org X-Kind:   bulk\\n\\nx => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
SEND a@client.example bob@example.org X-Kind: bulky\\n\\nx => {ACCEPTED}
SEND a@client.example bob@example.org Subject:lottery\\n\\nx => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
SEND a@client.example bob@example.org Subject:\\t win the lottery\\n\\nx => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
SEND a@client.example bob@example.org subject:\\n lottery\\n\\nx => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
SEND a@client.example bob@example.org Subject: lot tery\\n\\nx => {ACCEPTED}
"""),
    Case("rules for addresses without an account", "refuse recipient decoy@example.org\nbypass recipient postmaster@example.org rules\nrefuse recipient p*@example.org\n" + BOB, f"""
CONNECT
MAIL FROM:<a@client.example>
RCPT TO:<decoy@example.org> => 550 5.7.1 Access to decoy@example.org {RULE}  # row 28
RCPT TO:<paul@example.org> => 550 5.7.1 Access to paul@example.org {RULE}  # row 28
RCPT TO:<postmaster>
RCPT TO:<postmaster@example.org>
"""),
    Case("lines that spare one after another", "bypass peer 127.0.0.2 auth\nbypass peer 127.0.0.0/30 dns\nrequire local-auth\n" + BOB, f"""
CONNECT 127.0.0.2
SEND bob@example.org bob@example.org => {ACCEPTED}
"""),
    Case("members that nobody has named", "domain example.org\n    unknown-accounts accept\nlist l@example.org\n    member any@example.org\n", f"""
CONNECT
SEND a@client.example l@example.org => {ACCEPTED}
STORED any@example.org => 1
"""),
    Case("a peer that need not authenticate", "bypass peer 127.0.0.2 auth\nrequire local-auth\n" + BOB, f"""
CONNECT
MAIL FROM:<bob@example.org> => 550 5.7.1 Access not allowed  # row 27
CONNECT 127.0.0.2
SEND bob@example.org bob@example.org => {ACCEPTED}
"""),
    Case("XCLIENT of somebody who is denied", "refuse peer 192.0.2.0/24\nrelay peer 192.0.2.0/24\n" + BOB, f"""
CONNECT
XCLIENT ADDR=192.0.2.1 => 554
CLOSED
CONNECT
XCLIENT ADDR=198.51.100.1 => 220
EHLO client.example.net
SEND a@client.example bob@example.org => {ACCEPTED}
XCLIENT HELO=told.dynamic.example => 220
EHLO proxy.example
""", options=("--xclient", "127.0.0.1")),
    Case("HELO that a proxy tells", "refuse helo *.dynamic.example at mail\n" + BOB, f"""
CONNECT
XCLIENT ADDR=198.51.100.1 HELO=told.dynamic.example => 220
EHLO proxy.example
MAIL FROM:<a@client.example> => 550 5.7.1 Access to {RULE}  # row 28
""", options=("--xclient", "127.0.0.1")),
    Case("XFORWARD without a value", BOB, f"""
CONNECT
XFORWARD NAME=[UNAVAILABLE] => 250
SEND a@client.example bob@example.org => {ACCEPTED}
""", options=("--xclient", "127.0.0.1")),
)

ZONE = """
1.0.0.127.err.example A 127.255.255.254
"""
DNS_CASES = (
    Case("DNS of our own people", "require sender-domain\nrequire reverse-dns at mail\n" + BOB, f"""
CONNECT
MAIL FROM:<a@client.example> => 501 5.7.1 Sender IP must resolve  # row 10
LOGIN bob@example.org secret => 235
MAIL FROM:<a@client.example> => 501 5.7.1 Sender domain must exist  # row 9
SEND bob@example.org bob@example.org => {ACCEPTED}
"""),
    Case("errors of a DNSBL", "dnsbl peer err.example\n" + BOB, f"""
CONNECT
SEND a@client.example bob@example.org => {ACCEPTED}
"""),
    Case("errors of a DNSBL that count", "dnsbl peer err.example answer 127.255.255.0/24\n" + BOB, """
CONNECT => 501 5.7.1 Sender refused by the DNSBL  # row 11
"""),
)

MILTER_CASES = (
    Case("mail of a proxy itself", "milter {where}\n" + BOB, f"""
CONNECT
MAIL FROM:<reject-mail@client.example> => 501 5.7.1 Permission denied  # row 8
SEND a@client.example bob@example.org => {ACCEPTED}
""", options=("--xclient", "127.0.0.1")),
    Case("a line amid the header that is no field", "milter {where}\n" + BOB, f"""
CONNECT
SEND a@client.example bob@example.org X-Test: x\\nno field, but reject-body\\nX-Test: y\\n\\nz => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
SEND a@client.example bob@example.org X-Test: x\\nno field\\nX-Test: y\\n\\nz => {ACCEPTED}
STORED bob@example.org => 1
"""),
    Case("HELO that is refused amid a transaction", "milter {where}\n" + BOB, """
CONNECT
MAIL FROM:<a@client.example>
RCPT TO:<bob@example.org>
EHLO reject-helo.example => 550
CLOSED
"""),
)
# fmt: on


def test_hang_up(report, program, directory):
    """Who hangs up while clamd thinks is not waited for, and nothing is kept for him."""
    with Silence() as silence:
        policy = f"clamd 127.0.0.1:{silence.port}\n{BOB}"
        with Host(program, directory, policy) as server:
            envelope = "EHLO x\r\nMAIL FROM:<x@a.example>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n"
            waiting = Waiting(server, envelope, "Subject: x\r\n\r\n.\r\n")
            soon(lambda: len(silence.connections) == 1)
            waiting.reset()
            closed = soon(lambda: "] closed: 127.0.0.9" in server.told())
            fault = None if closed else "the session goes on"
            fault = fault or server.fault_at_end()
            fault = fault or (server.files("tmp") and "a file is left")
            report.check("a client hangs up while clamd thinks", fault, server)


class Leaver:
    """A milter that accepts each session, and goes."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                with self.listener.accept()[0] as connection, connection.makefile("rb") as reader:
                    self.judge(connection, reader)

    def judge(self, connection, reader):
        command = b""
        while command != b"C":
            length, command = struct.unpack(">Ic", reader.read(5))
            reader.read(length - 1)
            if command == b"O":  # version 6, no actions, all stages
                connection.sendall(struct.pack(">IcIII", 13, b"O", 6, 0, 0))
        connection.sendall(struct.pack(">Ic", 1, b"a"))

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()


def test_filter_that_leaves(report, program, directory):
    """Who has accepted a session has nothing more to say in it."""
    leaver = Leaver()
    with Host(program, directory, f"milter 127.0.0.1:{leaver.port}\n{BOB}") as server:
        player = Player(server)
        fault = player.play(
            f"CONNECT\nWAIT 0.3\nSEND a@client.example bob@example.org => {ACCEPTED}\n"
            "STORED bob@example.org => 1"
        )
        player.close()
        report.check("a milter accepts and leaves", fault or server.fault_at_end(), server)
    leaver.close()


def test_crowded_message(report, program, directory):
    """More recipients than the environment of a program can hold: later, and the log says why."""
    policy = 'filter "exit 0"\nrelay peer 127.0.0.0/8\ndomain example.org\n'
    host = ".".join(["x" * 59] * 4)
    with Host(program, directory, policy, trace=False) as server:
        player = Player(server)
        fault = player.play("CONNECT\nMAIL FROM:<a@client.example>")
        for i in range(600):
            fault = fault or player.play(f"RCPT TO:<{i}@{host}>")
        fault = fault or player.play("MESSAGE => 451 4.3.0 Local error, try again later")
        player.close()
        fault = fault or server.fault_at_end()
        if fault is None and "exit 0 cannot be asked: Argument list too long" not in server.told():
            fault = "the log does not say why"
        report.check("more recipients than a program can be told", fault, server)


def test_log(report, program, directory):
    """Each refusal is in the log, with the line of the policy."""
    policy = f"refuse recipient decoy@example.org\nrefuse helo bad.example\nrequire local-auth\n{BOB}"
    with Host(program, directory, policy, trace=False) as server:
        player = Player(server)
        fault = player.play(
            """
CONNECT
LOGIN bob@example.org wrong => 535
EHLO bad.example => 550
MAIL FROM:<bob@example.org> => 550
MAIL FROM:<a@client.example>
RCPT TO:<decoy@example.org> => 550
RCPT TO:<gone@example.org> => 550
"""
        )
        player.close()
        fault = fault or server.fault_at_end()
        told = server.told()
        for text in (
            "127.0.0.1: AUTH failed",
            "refused at HELO: 127.0.0.1: 550 5.7.1 Access to not allowed by rules, policy:2",
            "refused at MAIL: 127.0.0.1: 550 5.7.1 Access not allowed, policy:3",
            "refused at RCPT: 127.0.0.1, <decoy@example.org>: 550 5.7.1 Access to "
            "decoy@example.org not allowed by rules, policy:1",
            "refused at RCPT: 127.0.0.1, <gone@example.org>: 550 5.1.1 <gone@example.org> "
            "Unknown local user\n",
        ):
            if fault is None and text not in told:
                fault = f"not in the log: {text}\n{told}"
        report.check("the log tells who refused", fault)


def test_no_room_for_fields(report, program, directory, where):
    """A message that has no room for what a filter adds is refused for all, and nothing of it
    lies anywhere; also where each recipient has a verdict."""
    people = "domain example.org\naccount bob@example.org\naccount eve@example.org\n"
    options = ("--lmtp",)
    with Host(program, directory, f"milter {where}\n{people}", *options, trace=False) as server:
        player = Player(server)
        text = "X-Test: add-end\\n\\n" + "x" * 70 + ("\\n" + "y" * 70) * 400
        commands = f"""
MAIL FROM:<a@client.example>
RCPT TO:<bob@example.org>
RCPT TO:<eve@example.org>
MESSAGE {text} => {{0}}
NEXT => {{0}}
"""
        fault = player.play("CONNECT => 220\nLHLO x => 250" + commands.format(250))
        files = server.files("new", "bob@example.org")
        if fault is None and len(files) != 1:
            fault = f"{len(files)} files at first"
        if fault is None:
            limit = files[0].stat().st_size - 10
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (limit, limit))
            fault = player.play(commands[1:].format(452))
        if fault is None and len(server.files("new")) != 2:
            fault = "something is stored"
        if fault is None and server.files("tmp"):
            fault = "something is left"
        player.close()
        report.check("no room for added fields", fault or server.fault_at_end(), server)


def run_with_milter(report, program, directory):
    if not has_milter():
        report.skip("milters at the edge", "there is no python3-milter for /usr/bin/python3")
        return
    script = str(Path(__file__).with_name("filter.py"))
    command = [find("usr/bin/python3"), "-B", script, "unix:{d}/socket", "PLAIN"]
    with Filter(directory, {}, command) as part:
        run_cases(report, program, directory, MILTER_CASES, fill={"where": part.socket})
        (directory / "room").mkdir()
        test_no_room_for_fields(report, program, directory / "room", part.socket)


def run(report, program, directory):
    for name in ("hang-up", "leaver", "crowded", "log", "milter"):
        (directory / name).mkdir()
    run_cases(report, program, directory, CASES)
    with SlowDns(directory, ZONE) as dns:
        run_cases(report, program, directory, DNS_CASES, dns=dns.port)
    test_hang_up(report, program, directory / "hang-up")
    test_filter_that_leaves(report, program, directory / "leaver")
    test_crowded_message(report, program, directory / "crowded")
    test_log(report, program, directory / "log")
    run_with_milter(report, program, directory / "milter")
