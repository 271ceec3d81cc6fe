"""Filters of libmilter: one of our own (filter.py, by Debian's python3-milter), and opendkim.

SPDX-License-Identifier: MIT
"""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dialogues import Player
from host import Case, Host, run_cases
from parts import Filter, find, has_milter

ACCEPTED = "250 2.0.0 Message accepted"
RULES = "554 5.7.1 Message cannot be accepted, rules rejection"
LATER = "451 4.7.1 A filter asks to try again later"
DOMAIN = "domain example.org\n"
ACCOUNTS = f"""
{DOMAIN}account bob@example.org
    password secret
account reject-auth@example.org
    password secret
account reject-rcpt@example.org
account reply-rcpt@example.org
account tempfail-rcpt@example.org
"""

# fmt: off
CASES = (
    Case("milter, the session", "milter {where}\nbypass peer 127.9.0.7 filters\n" + ACCOUNTS, f"""
CONNECT 127.9.0.1 => 554 5.7.1 Permission denied  # row 36
QUIT => 221
CLOSED
CONNECT 127.9.0.5 => 550 filtered at connect, 100% sure
CONNECT 127.9.0.7
SEND reject-mail@client.example bob@example.org => {ACCEPTED}
CONNECT
EHLO reject-helo.example => 550 5.7.1 Access to not allowed by rules  # row 28
EHLO reply-helo.example => 550 filtered at helo, 100% sure
EHLO accept-helo.example => 250
SEND reject-mail@client.example bob@example.org => {ACCEPTED}
CONNECT
LOGIN reject-auth@example.org secret => 535 5.7.1 Authentication credentials invalid  # row 20
LOGIN bob@example.org secret => 235
SEND bob@example.org bob@example.org => {ACCEPTED}
CONNECT 127.9.0.3
MAIL FROM:<reject-mail@client.example>
STORED bob@example.org => 3
"""),
    Case("milter, the envelope", "milter {where}\nbypass sender *@friend.example filters\n" + ACCOUNTS, f"""
CONNECT
MAIL FROM:<reject-mail@client.example> => 501 5.7.1 Permission denied  # row 8
MAIL FROM:<tempfail-mail@client.example> => {LATER}
MAIL FROM:<reply-mail@client.example> => 550 5.7.22 filtered at mail, 100% sure
MAIL FROM:<later-mail@client.example> => 451 4.7.23 filtered at mail for now
MAIL FROM:<lines-mail@client.example> => 554-5.7.24 filtered at mail | 554-5.7.24 for several | 554 5.7.24 reasons
MAIL FROM:<plain-mail@client.example> => 553
MAIL FROM:<a@client.example>
RCPT TO:<reject-rcpt@example.org> => 550 5.7.1 Permission denied  # row 29
RCPT TO:<tempfail-rcpt@example.org> => {LATER}
RCPT TO:<reply-rcpt@example.org> => 550 5.7.22 filtered at rcpt, 100% sure
RCPT TO:<bob@example.org>
MESSAGE => {ACCEPTED}
SEND accept-mail@client.example reject-rcpt@example.org => {ACCEPTED}
MAIL FROM:<reject-mail@client.example> => 501 5.7.1 Permission denied  # row 8
SEND reject-mail@friend.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 2
STORED reject-rcpt@example.org => 1
"""),
    Case("milter, the message", "milter {where}\nbypass recipient reply-rcpt@example.org filters\n" + ACCOUNTS, f"""
CONNECT
SEND reject-data@client.example bob@example.org => {RULES}  # row 37
SEND reject-eoh@client.example bob@example.org => {RULES}  # row 37
SEND reject-end@client.example bob@example.org => {RULES}  # row 37
SEND a@client.example bob@example.org X-Test: reject-header\\n\\nx => {RULES}  # row 37
SEND a@client.example bob@example.org X-Test: x\\n\\nreject-body => {RULES}  # row 37
SEND a@client.example bob@example.org X-Test: discard-end\\n\\nx => 554 5.7.1 Message deleted by filter  # row 42
SEND a@client.example bob@example.org X-Test: tempfail-end\\n\\nx => {LATER}
SEND a@client.example bob@example.org X-Test: lines-end\\n\\nx => 554-5.7.24 filtered at end | 554-5.7.24 for several | 554 5.7.24 reasons
SEND a@client.example bob@example.org X-Test: slow-end\\n\\nx => {ACCEPTED}
SEND a@client.example bob@example.org => {ACCEPTED}
SEND a@client.example bob@example.org X-Test: bye-end\\n\\nx => 421 4.7.25 filtered at end, goodbye
CLOSED
STORED bob@example.org => 2
"""),
    Case("milter, a reply of the policy", "milter {where} with REJECTED_BY_FILTER\n" + ACCOUNTS, f"""
CONNECT
SEND reject-end@client.example bob@example.org => 554 5.7.1 Message cannot be accepted, filter rejection  # row 43
SEND a@client.example bob@example.org X-Test: reply-end\\n\\nx => 554 5.7.1 Message cannot be accepted, filter rejection  # row 43
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 1
"""),
    Case("milter, silence", "milter {where} wait 1\n" + ACCOUNTS, f"""
CONNECT 127.9.0.9 => 421
CLOSED
CONNECT
MAIL FROM:<silence-mail@client.example> => 451 4.3.0 Local error, try again later
MAIL FROM:<a@client.example> => 451 4.3.0 Local error, try again later
CONNECT
SEND silence-end@client.example bob@example.org => 451 4.3.0 Local error, try again later
CONNECT
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 1
"""),
    Case("no milter", "milter {gone}\nbypass peer 127.0.0.2 filters\n" + ACCOUNTS, f"""
CONNECT => 421
CLOSED
CONNECT 127.0.0.2
SEND a@client.example bob@example.org => {ACCEPTED}
"""),
)
# fmt: on


def stored(server, address):
    """The header fields of the only message there, unfolded, without those of smtpd's trace."""
    files = server.files("new", address)
    if len(files) != 1:
        return [f"{len(files)} messages"]
    text = files[0].read_bytes().decode(errors="replace").replace("\r\n", "\n")
    header = text.partition("\n\n")[0]
    return re.sub(r"\n[ \t]+", " ", header).split("\n")


def test_fields(report, program, directory, where):
    """What the filter adds, and what it has heard."""
    with Host(program, directory, f"milter {where}\nrelay authenticated\n{ACCOUNTS}") as server:
        player = Player(server)
        fault = player.play(
            f"""
CONNECT
LOGIN bob@example.org secret => 235
SEND bob@example.org a@far.example X-Test: add-end\\n\\nx => {ACCEPTED}
SEND bob@example.org b@far.example X-Test: tell-end\\n\\nx => {ACCEPTED}
"""
        )
        player.close()
        wanted = {
            "X-Filter: added",
            "X-Filter-Folded: one, two",
            "X-Filter-Inserted: above",
            "X-Test: add-end",
        }
        missing = wanted - set(stored(server, "a@far.example"))
        missing |= {
            "X-Heard: helo=client.example.net",
            "X-Heard: mail=<bob@example.org>",
            "X-Heard: rcpt=<b@far.example>",
            "X-Heard-Macro: {auth_authen}=bob@example.org",
        } - set(stored(server, "b@far.example"))
        fault = fault or (
            missing and f"missing: {missing}, there is {stored(server, 'b@far.example')}"
        )
        report.check("milter: fields", fault or server.fault_at_end(), server)


def test_filter(report, program, directory, kind):
    script = str(Path(__file__).with_name("filter.py"))
    if not has_milter():
        report.skip("filter.py", "there is no python3-milter for /usr/bin/python3")
        return
    with Filter(directory, {}, [find("usr/bin/python3"), "-B", script, "unix:{d}/socket", kind]) as part:
        fill = {"where": part.socket, "gone": f"{directory}/nobody"}
        # One that answers only at the end refuses only there.
        cases = [case for case in CASES if kind == "PLAIN" or case.name == "milter, the message"]
        run_cases(report, program, directory, cases, fill=fill)
        if kind == "PLAIN":
            (directory / "fields").mkdir()
            test_fields(report, program, directory / "fields", part.socket)


# ---- opendkim ----

OPENDKIM_CONF = """
Socket local:{d}/socket
KeepAuthResults yes
AlwaysAddARHeader yes
AuthservID mx.example.org
Canonicalization relaxed/simple
Syslog no
Background no
RequireSafeKeys false
{more}
"""
SIGNER = """
Mode s
Domain client.example
Selector test
KeyFile {d}/key
InternalHosts 0.0.0.0/0
"""
VERIFIER = """
Mode v
On-BadSignature reject
On-NoSignature accept
TestDNSData {d}/keys
"""


def opendkim(directory, more, files):
    if os.geteuid() == 0:
        more += "UserID root\n"
    files = {**files, "conf": OPENDKIM_CONF.replace("{more}", more)}
    return Filter(directory, files, [find("usr/sbin/opendkim"), "-f", "-x", "{d}/conf"])


def make_keys():
    """The private key, and the public one for the DNS; None: there is no openssl."""
    try:
        private = subprocess.run(
            ["openssl", "genrsa", "2048"], capture_output=True, check=True
        ).stdout
        public = subprocess.run(
            ["openssl", "rsa", "-pubout"], input=private, capture_output=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    record = "".join(public.decode().splitlines()[1:-1])
    return private.decode(), f"test._domainkey.client.example v=DKIM1; k=rsa; p={record}\n"


def test_opendkim(report, program, directory):
    keys = make_keys()
    if find("usr/sbin/opendkim") is None or keys is None:
        report.skip("opendkim", "there is no opendkim, or no openssl")
        return
    for name in ("signer", "verifier", "signing", "verifying"):
        (directory / name).mkdir()
    with (
        opendkim(directory / "signer", SIGNER, {"key": keys[0]}) as signer,
        opendkim(directory / "verifier", VERIFIER, {"keys": keys[1]}) as verifier,
        Host(program, directory / "signing", f"milter {signer.socket}\n{DOMAIN}") as signing,
        Host(program, directory / "verifying", f"milter {verifier.socket}\n{DOMAIN}") as verifying,
    ):
        player = Player(signing)
        text = "From: ann@client.example\\nDate: Tue, 24 Nov 2026 00:00:00 +0000\\nSubject: x\\n\\nHello!"
        fault = player.play(
            f"CONNECT\nSEND ann@client.example bob@example.org {text} => {ACCEPTED}"
        )
        player.close()
        fault = fault or fault_of_signature(verifying, signing.files("new", "bob@example.org"))
        report.check("opendkim", fault or signing.fault_at_end(), signing)
        report.check("opendkim: SIGTERM ends the other", verifying.fault_at_end(), verifying)


def fault_of_signature(server, files):
    """What opendkim has signed it verifies; what has been changed meanwhile it refuses."""
    octets = files[0].read_bytes().replace(b"\r\n", b"\n")
    at = octets.find(b"DKIM-Signature:")
    if at < 0:
        return f"not signed: {octets!r}"
    signed = octets[at:].decode().rstrip("\n").replace("\\", "\\\\")
    signed = signed.replace("\n", "\\n").replace("\t", "\\t")
    player = Player(server)
    fault = player.play(
        f"""
CONNECT
SEND ann@client.example bob@example.org {signed.replace("Hello!", "Hullo!")} => 550 5.7.0 bad DKIM signature data
SEND ann@client.example bob@example.org {signed} => {ACCEPTED}
"""
    )
    player.close()
    fields = stored(server, "bob@example.org")
    passed = any(re.match("Authentication-Results: .*dkim=pass", field) for field in fields)
    return fault or (None if passed else f"{fields}")


def run(report, program, directory):
    with ThreadPoolExecutor() as threads:
        runs = []
        for test, *more in ((test_filter, "PLAIN"), (test_filter, "QUIET"), (test_opendkim,)):
            place = directory / f"{test.__name__}{len(runs)}"
            place.mkdir()
            runs.append(threads.submit(test, report, program, place, *more))
    for done in runs:
        done.result()
