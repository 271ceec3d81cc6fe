"""Each client delivers each message; what is stored must be what was sent, to the octet.

SPDX-License-Identifier: MIT
"""

import itertools

import clients
from server import DOMAIN, Smtpd

SENDER = "alice@example.net"


def header(subject, *more):
    fields = [
        "From: Alice <alice@example.net>",
        "To: Bob <bob@example.org>",
        f"Subject: {subject}",
        "Date: Tue, 4 Mar 2025 10:11:12 +0100",
        f"Message-ID: <{subject}@example.net>",
        *more,
    ]
    return "\r\n".join(fields).encode() + b"\r\n\r\n"


def lines(*texts):
    return b"".join(text + b"\r\n" for text in texts)


PLAIN = header("plain") + lines(
    b"Hello,", b"", b"a tab\there, blanks at the end:  ", b"-- ", b"QUIT", b"From here on",
    b"x" * 998,
)  # fmt: skip
DOTS = lines(b".", b"..", b"...", b".leading", b". ", b".\t", b"a.", b".QUIT", b"", b".", b".")
# Enough of them that a dot comes first in some packet, and last in another.
MANY_DOTS = b"".join(lines(b"." * (i % 90), b"." + b"y" * (i % 71)) for i in range(1500))
EIGHT_BIT = header(
    "eight", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
) + lines("Grüße, 你好, Ǆ".encode(), bytes(range(0x80, 0x100)), b"\xff" * 400)  # fmt: skip

# name, content, recipients, whether it lacks a header section
MESSAGES = (
    ("plain", PLAIN, 1, False),
    ("multi-recipient", header("several") + lines(b"For all of you."), 5, False),
    ("dots", header("dots") + DOTS, 1, False),
    ("many dots", header("many") + MANY_DOTS, 1, False),
    ("dots and no header", DOTS, 1, True),
    ("8-bit", EIGHT_BIT, 1, False),
)


def fault_of(server, recipients, content):
    """What is wrong with what is stored, or None."""
    for recipient in recipients:
        stored = server.contents(recipient)
        if len(stored) != 1:
            return f"{len(stored)} messages for {recipient}"
        if stored[0] != content:
            pairs = enumerate(itertools.zip_longest(stored[0], content))
            at = next(i for i, (got, sent) in pairs if got != sent)
            near = slice(max(at - 30, 0), at + 30)
            return f"octet {at}: sent {content[near]!r}, stored {stored[0][near]!r}"
    return "something is left in tmp" if server.files("tmp") else None


def utf8_fault(server):
    """smtplib, with addresses and a header section in UTF-8."""
    sender, recipient = "älice@example.net", f"jörg@{DOMAIN}"
    content = header("utf8").replace(b"Bob", "Jörg".encode()) + lines("Schöne Grüße".encode())
    fault = clients.python(server.port, sender, [recipient], content, parameters=["SMTPUTF8"])
    fault = fault or fault_of(server, [recipient], content)
    if fault:
        return fault
    fields = server.files("new", recipient)[0].read_text()
    told = fields.startswith(f"Return-Path: <{sender}>\n") and "with UTF8SMTP\n" in fields
    return None if told else fields


def test_clients(report, program, directory):
    with Smtpd(program, directory) as server:
        for name, needed, send, takes_headless in clients.CLIENTS:
            if not clients.is_here(needed):
                report.skip(name, f"no {needed}")
                continue
            for title, content, count, headless in MESSAGES:
                if headless and not takes_headless:
                    continue
                box = f"{name} {title}".replace(" ", "-")
                recipients = [f"{box}-{i}@{DOMAIN}" for i in range(count)]
                fault = send(server.port, SENDER, recipients, content)
                report.check(f"{name}: {title}", fault or fault_of(server, recipients, content))
                if fault:
                    break  # the others would only wait as long again
        report.check("smtplib: SMTPUTF8", utf8_fault(server))
        report.check("SIGTERM ends it", server.fault_at_end())
        report.show_log_if_failed(server)
