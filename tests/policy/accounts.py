"""Who there is: accounts, forwards, lists, unknown addresses, and the addresses of SRS.

SPDX-License-Identifier: MIT
"""

import base64
import hashlib
import hmac
import shutil
import subprocess
import time

from dialogues import Player
from host import Case, Host, run_cases

SECRET = "it is a secret"
ACCEPTED = "250 2.0.0 Message accepted"
DENIED = "550 5.7.1 Access to recipient not allowed [SPF-SRS]"

FORWARDS = """
domain example.org
account bob@example.org
    password secret
account alice@example.org
account info@example.org
    no-mailbox
    forward bob@example.org
account both@example.org
    forward alice@example.org
account old@example.org
    no-mailbox
    forward gone@example.org
account none@example.org
    no-mailbox
list staff@example.org
    member bob@example.org
    member alice@example.org
"""

# fmt: off
CASES = (
    Case("forwards and lists", FORWARDS, f"""
CONNECT
SEND a@client.example info@example.org => {ACCEPTED}
STORED bob@example.org => 1
STORED info@example.org => 0
SEND a@client.example both@example.org => {ACCEPTED}
STORED both@example.org => 1
STORED alice@example.org => 1
SEND a@client.example Staff@example.org => {ACCEPTED}
STORED bob@example.org => 2
STORED alice@example.org => 2
STORED staff@example.org => 0
SEND a@client.example staff@example.org,bob@example.org => {ACCEPTED}
STORED bob@example.org => 3
STORED alice@example.org => 3
MAIL FROM:<a@client.example>
RCPT TO:<old@example.org> => 550 5.1.1 User old has invalid forward set and no mailbox; rejecting  # row 22
RCPT TO:<none@example.org> => 550 5.1.1 User none has invalid forward set and no mailbox; rejecting  # row 22
"""),
    Case("unknown accounts of an open host", "domain example.org\n", f"""
CONNECT
SEND a@client.example anybody@example.org => {ACCEPTED}
STORED anybody@example.org => 1
"""),
    Case("unknown accounts, unsaid", FORWARDS, f"""
CONNECT
MAIL FROM:<a@client.example>
RCPT TO:<nobody@example.org> => 550 5.1.1 <nobody@example.org> Unknown local user  # row 30
RCPT TO:<BOB@example.org>
MESSAGE => {ACCEPTED}
STORED bob@example.org => 1
VRFY nobody@example.org => 550 5.1.1 Unknown local user  # row 30
VRFY nobody => 550 5.1.1 Unknown local user  # row 30
VRFY bob@example.org => 250 2.1.5 bob@example.org
VRFY bob => 250 2.1.5 bob@example.org
VRFY <bob@example.org> => 250 2.1.5 bob@example.org
VRFY far@client.example => 551 5.1.1 No such user found  # row 32
EXPN staff@example.org => 250-2.1.5 <bob@example.org> | 250 2.1.5 <alice@example.org>
EXPN staff => 250-2.1.5 <bob@example.org> | 250 2.1.5 <alice@example.org>
EXPN crew@example.org => 551 5.1.1 No such mailing list found  # row 33
EXPN staff@client.example => 551 5.1.1 No such mailing list found  # row 33
"""),
    Case("unknown accounts of a domain", "domain example.net\n" + FORWARDS.replace(
         "org\n", "org\n    unknown-accounts reject\n", 1), f"""
CONNECT
MAIL FROM:<a@client.example>
RCPT TO:<nobody@example.org> => 550 5.1.1 <nobody@example.org> User unknown; rejecting  # row 21
RCPT TO:<nobody@example.net> => 550 5.1.1 <nobody@example.net> Unknown local user  # row 30
RCPT TO:<alice@example.org>
MESSAGE => {ACCEPTED}
STORED alice@example.org => 1
"""),
    Case("unknown accounts of the server", "unknown-accounts reject\n" + FORWARDS
         + "domain open.example\n    unknown-accounts accept\n", f"""
CONNECT
MAIL FROM:<a@client.example>
RCPT TO:<nobody@example.org> => 550 5.1.1 <nobody@example.org> Unknown user; rejecting  # row 31
RCPT TO:<nobody@open.example>
RCPT TO:<alice@example.org>
MESSAGE => {ACCEPTED}
STORED nobody@open.example => 1
STORED alice@example.org => 1
"""),
)
# fmt: on


# ---- SRS ----


def srs_hash(*parts):
    digest = hmac.new(SECRET.encode(), "".join(parts).lower().encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()[:4]


def srs_day(day):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return alphabet[day >> 5 & 31] + alphabet[day & 31]


def srs0(user, domain, age=0):
    day = srs_day(int(time.time()) // 86400 - age)
    return f"SRS0={srs_hash(day, domain, user)}={day}={domain}={user}"


def srs1(user, domain, forwarder):
    """Somebody else's SRS0 address behind a hash of ours."""
    rest = f"=wxyz={srs_day(1)}={domain}={user}"
    return f"SRS1={srs_hash(forwarder, rest)}={forwarder}={rest}"


SRS_POLICY = f"""
srs-secret "{SECRET}"
domain example.org
account bob@example.org
"""


# fmt: off
def srs_cases():
    """Made when they run: the addresses are of that day."""
    good, other = srs0("ann", "far.example"), srs1("ann", "far.example", "forwarder.example")
    pairs = (("SRS", good, other), ("SRS in lower case", good.lower(), other.lower()))
    for title, first, second in pairs:
        yield Case(title, SRS_POLICY, f"""
CONNECT
MAIL FROM:<>
RCPT TO:<{first}@example.org>
RCPT TO:<{second}@example.org>
RCPT TO:<{first.replace("far", "fax")}@example.org> => {DENIED}  # row 23
RCPT TO:<{first.replace("ann", "anne")}@example.org> => {DENIED}  # row 23
RCPT TO:<{second.replace("ann", "anne")}@example.org> => {DENIED}  # row 23
RCPT TO:<SRS0@example.org> => 550
RCPT TO:<SRS0=@example.org> => {DENIED}  # row 23
RCPT TO:<{srs0("ann", "far.example", 23)}@example.org> => {DENIED}  # row 23
RCPT TO:<{srs0("ann", "far.example", 20)}@example.org>
MESSAGE => {ACCEPTED}
""")
    yield Case("no SRS", SRS_POLICY.replace("srs-secret", "# srs-secret"), f"""
CONNECT
MAIL FROM:<>
RCPT TO:<{good}@example.org> => 550 5.1.1 <{good}@example.org> Unknown local user  # row 30
""")


# fmt: on

PERL = """
use Mail::SRS;
my $srs = Mail::SRS->new(Secret => $ARGV[0]);
my $first = $srs->forward('ann@far.example', 'forwarder.example');
print $first, "\\n", $srs->forward($srs->forward($first, 'x.example'), 'example.org'), "\\n";
print $srs->forward('ann@far.example', 'example.org'), "\\n";
"""


def test_mail_srs(report, program, directory):
    """Addresses that the reference implementation has made."""
    perl = shutil.which("perl")
    made = perl and subprocess.run([perl, "-e", PERL, SECRET], capture_output=True, text=True)
    if not made or made.returncode != 0:
        report.skip("SRS by Mail::SRS", "no perl with libmail-srs-perl")
        return
    _, second, first = made.stdout.split()
    with Host(program, directory, SRS_POLICY) as server:
        player = Player(server)
        fault = player.play(
            f"""
CONNECT
MAIL FROM:<>
RCPT TO:<{first}>
RCPT TO:<{second}>
RCPT TO:<{first.replace("ann", "bob")}> => {DENIED}  # row 23
MESSAGE => {ACCEPTED}
"""
        )
        player.close()
        report.check("SRS by Mail::SRS", fault or server.fault_at_end())


def run(report, program, directory):
    run_cases(report, program, directory, (*CASES, *srs_cases()))
    test_mail_srs(report, program, directory)
