"""Postfix and Exim deliver: by SMTP with its extensions, and by LMTP.

SPDX-License-Identifier: MIT
"""

import re

import mta
from deliver import MESSAGES, SENDER, fault_of, header, lines
from expect import fault_if_untold
from server import DOMAIN, Smtpd

TEXT = header("relay") + lines(b"Hello,", b".", b"..dots", "Grüße".encode())
UTF8 = header("Grüße, 你好").replace(b"Bob", "Jörg".encode()) + lines("Schöne Grüße".encode())


def stored(server, address):
    """What is stored for an address, with the fields that smtpd wrote above it."""
    return "".join(file.read_text(errors="replace") for file in server.files("new", address))


def show_logs_if_failed(report, server, program):
    report.show_log_if_failed(server)
    if report.failed:
        print("--- the end of the MTA's log:", *program.told().splitlines()[-100:], sep="\n")


def deliver_all(report, name, server, program):
    """Sends what the other clients send, but for messages that an MTA would complete."""
    for title, content, count, headless in MESSAGES:
        if headless:
            continue
        box = f"{name} {title}".replace(" ", "-")
        recipients = [f"{box}-{i}@{DOMAIN}" for i in range(count)]
        fault = program.send(SENDER, recipients, content) or fault_of(server, recipients, content)
        report.check(f"{name}: {title}", fault)


def pipelining_fault(log, recipients):
    """Postfix logs what it sends and gets in that order: all commands must come before a reply."""
    dialogue = re.findall(r": ([<>]) \S+: (\w+)", log)
    told = " ".join(mark + word for mark, word in dialogue)
    return None if ">MAIL" + " >RCPT" * recipients + " >DATA" in told else f"Postfix: {told}"


def test_postfix_utf8(report, server, postfix):
    recipient = f"jörg@{DOMAIN}"
    start = len(server.told())
    fault = (
        postfix.send("älice@example.net", [recipient], UTF8)
        or fault_of(server, [recipient], UTF8)
        or fault_if_untold(server.told()[start:], r"C: MAIL FROM:.* SMTPUTF8\b")
        or fault_if_untold(stored(server, recipient), "^Return-Path: <älice@", r"with UTF8SMTP\b")
    )
    report.check("Postfix: SMTPUTF8", fault)


def test_postfix_dsn(report, server, postfix):
    recipient = f"dsn@{DOMAIN}"
    start = len(server.told())
    options = ["-N", "success,delay", "-V", "case 7+8", "-R", "hdrs"]
    fault = (
        postfix.send(SENDER, [recipient], TEXT, *options)
        or fault_of(server, [recipient], TEXT)
        or fault_if_untold(
            server.told()[start:],
            r"C: MAIL FROM:.* RET=HDRS\b",
            r"C: MAIL FROM:.* ENVID=case\+207\+2B8",
            r"C: RCPT TO:.* NOTIFY=SUCCESS,DELAY\b",
            "C: RCPT TO:.* ORCPT=rfc822;dsn@",
        )
        or fault_if_untold(
            stored(server, recipient),
            "^X-Envelope-Ret: HDRS",
            r"^X-Envelope-Id: case\+207\+2B8",
            "^X-Envelope-Notify: <dsn@[^ ]+>; SUCCESS,DELAY",
            "^X-Envelope-Orcpt: <dsn@[^ ]+>; rfc822;dsn@",
        )
    )
    report.check("Postfix: DSN", fault)


def test_postfix(report, program, directory):
    with Smtpd(program, directory) as server:
        with mta.Postfix(directory / "postfix", f"smtp:[127.0.0.1]:{server.port}") as postfix:
            deliver_all(report, "Postfix", server, postfix)
            report.check("Postfix: PIPELINING", pipelining_fault(postfix.told(), 5))
            test_postfix_utf8(report, server, postfix)
            test_postfix_dsn(report, server, postfix)
            show_logs_if_failed(report, server, postfix)


def test_lmtp_unknown(report, server, postfix):
    """The bounce for the unknown recipient comes back by LMTP too."""
    nobody, known = f"nobody@{DOMAIN}", [f"{name}@{DOMAIN}" for name in ("bob", "carol")]
    fault = postfix.send(SENDER, [known[0], nobody, known[1]], TEXT)
    report.check("Postfix: LMTP", fault or fault_of(server, known, TEXT))
    fault = fault_if_untold(stored(server, known[0]), r"with LMTP\b")
    report.check("Postfix: LMTP in the trace field", fault)
    replies = r"C: LHLO(.*\n)+.*octets of content.*\n(.*S: 250 .*\n){2}"
    fault = fault_if_untold(server.told(), replies)
    report.check("Postfix: LMTP, a reply for each recipient", fault)
    bounce = stored(server, SENDER)
    fault = fault_if_untold(bounce, "^Return-Path: <>", f"rfc822; *{nobody}", r"\b5\.1\.1\b")
    report.check("Postfix: LMTP, bounce for the unknown recipient", fault)


def test_lmtp_partly(report, server, postfix):
    """A Maildir that cannot be written to: its recipient alone is to be tried again."""
    erin, dave = f"erin@{DOMAIN}", f"dave@{DOMAIN}"
    (server.maildir / dave).touch()  # where a directory should be
    fault = (
        postfix.send(SENDER, [dave, erin], TEXT)
        or fault_of(server, [erin], TEXT)
        or fault_if_untold(postfix.told(), f"<{dave}>.* status=deferred", f"<{erin}>.* status=sent")
    )
    report.check("Postfix: LMTP, taken for one recipient and not for the other", fault)


def test_lmtp(report, program, directory):
    names = ("bob", "carol", "dave", "erin")
    users = [f"--user={address}" for address in (*(f"{name}@{DOMAIN}" for name in names), SENDER)]
    with Smtpd(program, directory, "--lmtp", *users) as server:
        transport = f"lmtp:inet:127.0.0.1:{server.port}"
        with mta.Postfix(directory / "postfix", transport) as postfix:
            test_lmtp_unknown(report, server, postfix)
            test_lmtp_partly(report, server, postfix)
            show_logs_if_failed(report, server, postfix)


def test_exim_refused(report, program, directory):
    """Exim sends a chunk right behind RCPT, before it knows that no recipient is taken."""
    with Smtpd(program, directory, f"--user={SENDER}") as server:
        exim = mta.Exim(directory / "exim", server.port)
        fault = (
            exim.send(SENDER, [f"nobody@{DOMAIN}"], TEXT)
            or fault_if_untold(server.told(), r"C: BDAT .*\n.*S: 5.*\n.*C: QUIT\n.*S: 221")
            or fault_if_untold(stored(server, SENDER), "^Return-Path: <>", f"nobody@{DOMAIN}")
        )
        report.check("Exim: a refused chunk, then the bounce", fault)
        show_logs_if_failed(report, server, exim)


def test_exim(report, program, directory):
    with Smtpd(program, directory) as server:
        exim = mta.Exim(directory / "exim", server.port)
        deliver_all(report, "Exim", server, exim)
        told = server.told()
        several = r"C: BDAT \d+\n.*S: 250 .*\n.*C: BDAT \d+ LAST"
        fault = fault_if_untold(told, several) or ("C: DATA" in told and "it used DATA")
        report.check("Exim: BDAT", fault)
        report.check("Exim: PRDR", fault_if_untold(told, "C: MAIL FROM:.* PRDR"))
        show_logs_if_failed(report, server, exim)


def test_relay(report, program, directory):
    if mta.unpacked() is None:
        report.skip("Postfix, Exim", "not unpacked; tests/run.sh does that, as root on Debian")
        return
    for name, test in (
        ("postfix", test_postfix),
        ("lmtp", test_lmtp),
        ("exim", test_exim),
        ("refused", test_exim_refused),
    ):
        (directory / name).mkdir()
        try:
            test(report, program, directory / name)
        except RuntimeError as error:
            report.check(name, str(error))
