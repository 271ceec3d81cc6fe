"""What the DNS must know: reverse names, sender and recipient domains, DNSBLs.

The zone is served by nsd, and by slow_dns.py, which can also fail and be silent.

SPDX-License-Identifier: MIT
"""

import subprocess
import sys
from pathlib import Path

from host import Case, run_cases
from parts import Nsd

ACCEPTED = "250 2.0.0 Message accepted"
RECORDS = (
    ("2.0.0.127.in-addr.arpa", "PTR", "two.example"),
    ("mx.example", "MX", "10 two.example"),
    ("a.example", "A", "192.0.2.1"),
    ("aaaa.example", "AAAA", "2001:db8::1"),
    ("alias.example", "CNAME", "mx.example"),
    ("text.example", "TXT", "none"),
    ("null.example", "MX", "0 ."),
    ("two.example", "A", "127.0.0.2"),
    ("5.0.0.127.dnsbl.example", "A", "127.0.0.2"),
    ("6.0.0.127.dnsbl.example", "A", "192.0.2.1"),
    ("7.0.0.127.dnsbl.example", "TXT", "no address"),
    ("5.0.0.127.more.example", "A", "127.0.0.2"),
    ("8.0.0.127.more.example", "A", "127.0.0.9"),
    ("mx.example.rhsbl.example", "A", "127.0.1.7"),
    ("a.example.rhsbl.example", "A", "127.0.2.7"),
)

ACCOUNTS = """
domain example.org
account bob@example.org
    password secret
"""

# fmt: off
CASES = (
    Case("reverse DNS at connect", "require reverse-dns at connect\nbypass peer 127.0.0.4 dns\n" + ACCOUNTS, f"""
CONNECT 127.0.0.3 => 501 5.7.1 Sender IP must resolve  # row 10
QUIT => 221
CONNECT 127.0.0.2
SEND a@client.example bob@example.org => {ACCEPTED}
CONNECT 127.0.0.4
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 2
"""),
    Case("reverse DNS at helo", "require reverse-dns at helo\n" + ACCOUNTS, f"""
CONNECT 127.0.0.3 => 220
EHLO client.example.net => 501 5.7.1 Sender IP must resolve  # row 10
HELO client.example.net => 501 5.7.1 Sender IP must resolve  # row 10
CONNECT 127.0.0.2
SEND a@client.example bob@example.org => {ACCEPTED}
"""),
    Case("reverse DNS at mail", "require reverse-dns at mail\nbypass sender *@friend.example dns\n" + ACCOUNTS, f"""
CONNECT 127.0.0.3
MAIL FROM:<a@client.example> => 501 5.7.1 Sender IP must resolve  # row 10
SEND a@friend.example bob@example.org => {ACCEPTED}
CONNECT 127.0.0.2
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 2
"""),
    Case("DNSBL at connect", """
dnsbl peer dnsbl.example
dnsbl peer more.example answer 127.0.0.8/31 with ACCESS_NOT_ALLOWED
bypass peer 127.0.0.15 dns
""" + ACCOUNTS, f"""
CONNECT 127.0.0.5 => 501 5.7.1 Sender refused by the DNSBL  # row 11
CONNECT 127.0.0.8 => 550 5.7.1 Access not allowed  # row 27
CONNECT 127.0.0.6
SEND a@client.example bob@example.org => {ACCEPTED}
CONNECT 127.0.0.7
SEND a@client.example bob@example.org => {ACCEPTED}
CONNECT 127.0.0.9
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 3
"""),
    Case("DNSBL at mail", """
dnsbl peer dnsbl.example at mail
dnsbl sender rhsbl.example answer 127.0.1.0/24
bypass sender *@friend.example dns
""" + ACCOUNTS, f"""
CONNECT 127.0.0.5
MAIL FROM:<b@client.example> => 501 5.7.1 Sender refused by the DNSBL  # row 11
SEND b@friend.example bob@example.org => {ACCEPTED}
LOGIN bob@example.org secret => 235
SEND bob@example.org bob@example.org => {ACCEPTED}
CONNECT 127.0.0.6
MAIL FROM:<b@MX.example> => 501 5.7.1 Sender refused by the DNSBL  # row 11
SEND b@a.example bob@example.org => {ACCEPTED}
SEND b@client.example bob@example.org => {ACCEPTED}
SEND  bob@example.org => {ACCEPTED}
STORED bob@example.org => 5
"""),
    Case("the sender's domain", """
require sender-domain
bypass peer 127.0.0.4 dns
bypass sender *@friend.example dns
""" + ACCOUNTS, f"""
CONNECT
MAIL FROM:<b@nowhere.example> => 501 5.7.1 Sender domain must exist  # row 9
MAIL FROM:<b@text.example> => 501 5.7.1 Sender domain must exist  # row 9
MAIL FROM:<b@null.example> => 550 5.7.27 The sender's domain takes no mail (null MX)
SEND b@mx.example bob@example.org => {ACCEPTED}
SEND b@a.example bob@example.org => {ACCEPTED}
SEND b@aaaa.example bob@example.org => {ACCEPTED}
SEND b@alias.example bob@example.org => {ACCEPTED}
SEND b@friend.example bob@example.org => {ACCEPTED}
SEND b@[127.0.0.1] bob@example.org => {ACCEPTED}
SEND  bob@example.org => {ACCEPTED}
CONNECT 127.0.0.4
SEND b@nowhere.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 8
"""),
    Case("the recipient's domain", "relay peer 127.0.0.0/8\nrequire recipient-domain\n" + ACCOUNTS, f"""
CONNECT
MAIL FROM:<b@client.example>
RCPT TO:<b@nowhere.example> => 550 5.1.2 The recipient's domain does not exist
RCPT TO:<b@null.example> => 556 5.1.10 The recipient's domain takes no mail (null MX)
RCPT TO:<b@mx.example>
RCPT TO:<b@a.example>
RCPT TO:<bob@example.org>
MESSAGE => {ACCEPTED}
STORED bob@example.org => 1
STORED b@mx.example => 1
STORED b@a.example => 1
"""),
)
# fmt: on

# What nsd does not do.
TROUBLE = """
127.0.0.3            SERVFAIL
broken.example       SERVFAIL
refused.example      REFUSED
7.0.0.127.dnsbl.example  SERVFAIL
"""
# fmt: off
TROUBLE_CASES = (
    Case("a resolver that fails", """
require reverse-dns at mail
require sender-domain
require recipient-domain
dnsbl peer dnsbl.example
relay peer 127.0.0.0/8
""" + ACCOUNTS, f"""
CONNECT 127.0.0.3
MAIL FROM:<b@a.example> => 451 4.4.3 A look-up failed, try again later
CONNECT 127.0.0.2
MAIL FROM:<b@broken.example> => 451 4.1.8 The sender's domain cannot be checked now
MAIL FROM:<b@refused.example> => 451 4.1.8 The sender's domain cannot be checked now
MAIL FROM:<b@a.example>
RCPT TO:<b@broken.example> => 451 4.4.3 A look-up failed, try again later
RCPT TO:<bob@example.org>
MESSAGE => {ACCEPTED}
CONNECT 127.0.0.7
STORED bob@example.org => 1
"""),
)
# fmt: on


class SlowDns:
    """slow_dns.py with a zone of its own; use it in a `with` statement, which ends it."""

    def __init__(self, directory, zone, *options):
        file = Path(directory, "zone")
        file.write_text(zone)
        self.log = Path(directory, "questions")
        script = str(Path(__file__).with_name("slow_dns.py"))
        self.process = subprocess.Popen(
            [sys.executable, "-B", script, "--log", str(self.log), *options, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.port = int(self.process.stdout.readline())

    def questions(self):
        return self.log.read_text().splitlines()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def run(report, program, directory):
    lines = [" ".join(record) for record in RECORDS]
    with SlowDns(directory, "\n".join(lines) + TROUBLE) as server:
        run_cases(report, program, directory, TROUBLE_CASES, dns=server.port)
    with SlowDns(directory, "\n".join(lines)) as server:
        run_cases(report, program, directory, CASES, dns=server.port)


def run_with_nsd(report, program, directory):
    if Nsd.program is None:
        report.skip("nsd", "it is not installed")
        return
    zone = "".join(" ".join(record) + "\n" for record in RECORDS)  # names end at the root
    place = directory / "nsd"
    place.mkdir()
    try:
        with Nsd(place, zone) as server:
            run_cases(report, program, place, CASES, dns=server.port)
    except RuntimeError as error:
        report.check("nsd starts", str(error))
