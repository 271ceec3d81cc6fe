"""Sizes, quotas, daily limits and hops.

SPDX-License-Identifier: MIT
"""

from host import Case, run_cases

ACCEPTED = "250 2.0.0 Message accepted"
TOO_LONG = "501 5.7.1 Message is too long"
TOO_BIG = "554 5.3.4 Message size exceeds fixed maximum message size"
FULL = "552 5.2.2 Mailbox has exceeded the limit"
HOP = "Received: from a.example by b.example; yesterday\\n"
LIMITED = "550 5.7.1 We do not relay, account limits apply"


def text(octets):
    """The text of a message of so many octets, the end of its last line included."""
    line = "0123456789" * 6 + "abc"  # 65 with CR LF
    head = len("Subject: x\r\n\r\n")
    lines, rest = divmod(octets - head - 2, 65)
    return "Subject: x\\n\\n" + f"{line}\\n" * lines + "y" * rest


def fill(address, octets):
    """Puts mail into a Maildir, half of it read."""

    def prepare(mail):
        for box in ("new", "cur", "tmp"):
            folder = mail / address / box
            folder.mkdir(parents=True)
            if box != "tmp":
                (folder / f"1.{box}.host").write_bytes(b"x" * (octets // 2))

    return prepare


DOMAIN_LIMITS = """
quota 100K
full-mailbox permanent
relay authenticated
domain example.org
    quota 2K
    soft-quota 1K
    full-mailbox temporary
    local-only
account bob@example.org
    password secret
account alice@example.org
    full-mailbox permanent
"""

# fmt: off
CASES = (
    Case("limits of a domain that is full", DOMAIN_LIMITS, """
CONNECT
MAIL FROM:<a@client.example> SIZE=2100
RCPT TO:<bob@example.org> => 452 4.2.2 Mailbox is full, try again later
RCPT TO:<alice@example.org> => 552 5.2.2 Mailbox has exceeded the limit  # row 34
RSET
LOGIN bob@example.org secret => 235
MAIL FROM:<bob@example.org> => 501 5.7.1 Soft quota applied  # row 12
""", prepare=fill("bob@example.org", 1400)),
    Case("limits of a domain", DOMAIN_LIMITS, """
CONNECT
LOGIN bob@example.org secret => 235
MAIL FROM:<bob@example.org>
RCPT TO:<x@far.example> => 550 5.7.1 You have rights to send mail to local domains only  # row 26
RCPT TO:<alice@example.org>
"""),
    Case("the soft quota of the server", "soft-quota 1K\nquota 2K\ndomain example.org\naccount bob@example.org\n    password secret\n", """
CONNECT
LOGIN bob@example.org secret => 235
MAIL FROM:<bob@example.org> => 501 5.7.1 Soft quota applied  # row 12
""", prepare=fill("bob@example.org", 1400)),
    Case("what an account may send", """
domain example.org
domain example.net
account bob@example.org
    password secret
    max-size 1K
account carol@example.net
""", f"""
CONNECT
LOGIN bob@example.org secret => 235
MAIL FROM:<bob@example.org> SIZE=1025 => {TOO_LONG}  # row 7
SEND bob@example.org carol@example.net {text(1025)} => {TOO_BIG}  # row 35
SEND bob@example.org carol@example.net {text(1024)} => {ACCEPTED}
"""),
    Case("sizes", """
max-size 80K
domain example.org
    max-size 72K
domain example.net
account bob@example.org
    password secret
    max-size 64K
account alice@example.org
    password secret
account carol@example.net
    password secret
""", f"""
CONNECT
MAIL FROM:<a@client.example> SIZE=81921 => {TOO_LONG}  # row 7
MAIL FROM:<a@client.example> SIZE=81920
RSET
SEND a@client.example carol@example.net {text(81921)} => {TOO_BIG}  # row 35
SEND a@client.example carol@example.net {text(81920)} => {ACCEPTED}
STORED carol@example.net => 1
SEND a@client.example alice@example.org {text(73729)} => {TOO_BIG}  # row 35
SEND a@client.example alice@example.org {text(73728)} => {ACCEPTED}
STORED alice@example.org => 1
SEND a@client.example bob@example.org {text(65537)} => {TOO_BIG}  # row 35
SEND a@client.example bob@example.org {text(65536)} => {ACCEPTED}
STORED bob@example.org => 1
MAIL FROM:<a@client.example> SIZE=65537
RCPT TO:<bob@example.org> => {TOO_BIG}  # row 35
RCPT TO:<alice@example.org>
RSET
LOGIN bob@example.org secret => 235
MAIL FROM:<bob@example.org> SIZE=65537 => {TOO_LONG}  # row 7
MAIL FROM:<bob@example.org> SIZE=65536
CONNECT
LOGIN alice@example.org secret => 235
MAIL FROM:<alice@example.org> SIZE=73729 => {TOO_LONG}  # row 7
MAIL FROM:<alice@example.org> SIZE=73728
CONNECT
LOGIN carol@example.net secret => 235
MAIL FROM:<carol@example.net> SIZE=81921 => {TOO_LONG}  # row 7
MAIL FROM:<carol@example.net> SIZE=73729
"""),
    Case("a full mailbox", """
quota 4K
domain example.org
account bob@example.org
    quota 2K
account alice@example.org
""", f"""
CONNECT
MAIL FROM:<a@client.example>
RCPT TO:<bob@example.org> => {FULL}  # row 34
RCPT TO:<alice@example.org>
MESSAGE {text(4500)} => {FULL}  # row 34
MAIL FROM:<a@client.example> SIZE=5000
RCPT TO:<alice@example.org> => {FULL}  # row 34
RSET
SEND a@client.example alice@example.org {text(3000)} => {ACCEPTED}
STORED alice@example.org => 1
SEND a@client.example alice@example.org {text(3000)} => {FULL}  # row 34
STORED alice@example.org => 1
""", prepare=fill("bob@example.org", 2048)),
    Case("a mailbox for which there is no room, in LMTP", """
quota 2K
domain example.org
account bob@example.org
account alice@example.org
account carol@example.org
    full-mailbox temporary
""", f"""
CONNECT => 220
LHLO client.example.net
MAIL FROM:<a@client.example>
RCPT TO:<bob@example.org>
RCPT TO:<alice@example.org>
RCPT TO:<carol@example.org>
MESSAGE => {FULL}  # row 34
NEXT => 250 2.1.5 Message accepted for this recipient
NEXT => 250
STORED alice@example.org => 1
STORED carol@example.org => 1
""", ("--lmtp",), fill("bob@example.org", 2040)),
    Case("a mailbox that is full for now", """
quota 2K
full-mailbox temporary
domain example.org
account bob@example.org
account alice@example.org
""", f"""
CONNECT
MAIL FROM:<a@client.example>
RCPT TO:<bob@example.org> => 452 4.2.2 Mailbox is full, try again later  # row 34
RCPT TO:<alice@example.org>
MESSAGE {text(2500)} => 452 4.2.2 Mailbox is full, try again later  # row 34
SEND a@client.example alice@example.org => {ACCEPTED}
STORED alice@example.org => 1
""", prepare=fill("bob@example.org", 2048)),
    Case("a soft quota", """
domain example.org
account bob@example.org
    password secret
    soft-quota 1K
    quota 10K
account alice@example.org
    password secret
    soft-quota 1K
""", f"""
CONNECT
LOGIN bob@example.org secret => 235
MAIL FROM:<bob@example.org> => 501 5.7.1 Soft quota applied  # row 12
CONNECT
SEND a@client.example bob@example.org => {ACCEPTED}
LOGIN alice@example.org secret => 235
SEND alice@example.org alice@example.org => {ACCEPTED}
STORED alice@example.org => 1
""", prepare=fill("bob@example.org", 2048)),
    Case("daily limits of an account", """
relay authenticated
relay peer 127.0.0.2
domain example.org
account bob@example.org
    password secret
    daily-limit 2
account alice@example.org
    password secret
""", f"""
CONNECT
LOGIN bob@example.org secret => 235
SEND bob@example.org a@far.example => {ACCEPTED}
MAIL FROM:<bob@example.org>
RCPT TO:<b@far.example>
RCPT TO:<c@far.example> => {LIMITED}  # row 25
RCPT TO:<alice@example.org>
MESSAGE => {ACCEPTED}
MAIL FROM:<bob@example.org>
RCPT TO:<d@far.example> => {LIMITED}  # row 25
STORED alice@example.org => 1
CONNECT
LOGIN alice@example.org secret => 235
SEND alice@example.org a@far.example,b@far.example,c@far.example => {ACCEPTED}
"""),
    Case("what was not sent does not count", """
relay authenticated
domain example.org
account bob@example.org
    password secret
    daily-limit 1
""", f"""
CONNECT
LOGIN bob@example.org secret => 235
MAIL FROM:<bob@example.org>
RCPT TO:<a@far.example>
RSET
SEND bob@example.org b@far.example => {ACCEPTED}
MAIL FROM:<bob@example.org>
RCPT TO:<a@far.example> => {LIMITED}  # row 25
"""),
    Case("daily limits of a domain", """
relay authenticated
domain example.org
    daily-limit 2
domain example.net
account bob@example.org
    password secret
account alice@example.org
    password secret
account carol@example.net
    password secret
""", f"""
CONNECT
LOGIN bob@example.org secret => 235
SEND bob@example.org a@far.example,b@far.example => {ACCEPTED}
CONNECT
LOGIN alice@example.org secret => 235
MAIL FROM:<alice@example.org>
RCPT TO:<a@far.example> => {LIMITED}  # row 25
CONNECT
LOGIN carol@example.net secret => 235
SEND carol@example.net a@far.example => {ACCEPTED}
"""),
    Case("daily limits of the server", """
relay authenticated
relay peer 127.0.0.2
daily-limit 2
domain example.org
account bob@example.org
    password secret
account alice@example.org
    password secret
""", f"""
CONNECT
LOGIN bob@example.org secret => 235
SEND bob@example.org a@far.example => {ACCEPTED}
CONNECT
LOGIN alice@example.org secret => 235
MAIL FROM:<alice@example.org>
RCPT TO:<a@far.example>
RCPT TO:<b@far.example> => {LIMITED}  # row 25
RCPT TO:<bob@example.org>
MESSAGE => {ACCEPTED}
STORED bob@example.org => 1
"""),
    Case("hops", """
max-hops 3
domain example.org
""", f"""
CONNECT
SEND a@client.example bob@example.org {HOP * 4}\\nx => 554 5.0.0 Too many hops  # row 50
SEND a@client.example bob@example.org {HOP * 3}\\nx => {ACCEPTED}
STORED bob@example.org => 1
"""),
)
# fmt: on


def run(report, program, directory):
    run_cases(report, program, directory, CASES)
