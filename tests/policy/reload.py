"""The policy file is read: at the start, and again at SIGHUP.

SPDX-License-Identifier: MIT
"""

import re
import subprocess
from pathlib import Path

from dialogues import Mismatch, Player
from host import OPTIONS, Host
from lookups import SlowDns
from server import PATIENCE, soon

ACCEPTED = "250 2.0.0 Message accepted"
REFUSED = "550 5.7.1 Access not allowed"
ACCOUNTS = """
domain example.org
account bob@example.org
    password secret
"""
BROKEN = """\
max-connections many
refuse sender *@c.example
require reverse-dns at night
domain example.org
    max-size 20Q
account bob@example.org
    password "half
    quota
list staff@example.org
refuse sender x@y.example
"""
ERRORS = (
    r"policy\.conf:1: max-connections: expected a number",
    r"policy\.conf:3: require: expected .*connect, helo, mail",
    r"policy\.conf:5: max-size: expected a size",
    r"policy\.conf:7: expected a closing quote",
    r"policy\.conf:8: .*expected",
    r"policy\.conf:9: list: expected a line \"member\"",
    r"policy\.conf:10: .*expected",
)


def fault_unless_all_told(text):
    told = [line for line in text.splitlines() if "policy.conf:" in line]
    missing = [error for error in ERRORS if not any(re.search(error, line) for line in told)]
    if missing or len(told) != len(ERRORS):
        return f"not told: {missing}, told: {told}"
    return "the password is told" if "half" in text else None


def refuses(server, sender):
    """What a new connection gets."""
    player = Player(server)
    player.play("CONNECT")
    try:
        return player.current.say(f"MAIL FROM:<{sender}>").startswith("550")
    except (Mismatch, OSError):
        return False
    finally:
        player.close()


def change(server, policy, sender):
    """Reads another policy, by which the sender is refused."""
    server.write(policy + ACCOUNTS)
    server.reload()
    return None if soon(lambda: refuses(server, sender)) else f"{sender} is not refused"


def check_good(report, server, old):
    fault = old.play(f"CONNECT\nMAIL FROM:<x@a.example> => {REFUSED}")
    fault = fault or change(server, "refuse sender *@b.example\n", "x@b.example")
    new = Player(server)
    fault = fault or new.play(
        f"CONNECT\nMAIL FROM:<x@b.example> => {REFUSED}\n"
        f"SEND x@a.example bob@example.org => {ACCEPTED}"
    )
    new.close()
    fault = fault or old.play(
        f"MAIL FROM:<x@a.example> => {REFUSED}\nSEND x@b.example bob@example.org => {ACCEPTED}"
    )
    report.check("SIGHUP: new connections live by the new policy, open ones by theirs", fault)


def check_broken(report, server, after):
    start = len(server.told())
    server.write(BROKEN)
    server.reload()
    soon(lambda: not fault_unless_all_told(server.told()[start:]))
    fault = fault_unless_all_told(server.told()[start:])
    report.check("SIGHUP with a broken file tells each error", fault)
    fault = after.play(
        f"""
CONNECT
MAIL FROM:<x@b.example> => {REFUSED}
SEND x@c.example bob@example.org => {ACCEPTED}
SEND x@a.example bob@example.org => {ACCEPTED}
"""
    )
    report.check("... and keeps the old policy", fault)


def check_missing(report, server, after):
    server.file.unlink()
    start = len(server.told())
    server.reload()
    told = soon(lambda: "policy.conf: " in server.told()[start:])
    fault = None if told else "nothing is told"
    fault = fault or after.play(f"CONNECT\nMAIL FROM:<x@b.example> => {REFUSED}")
    report.check("SIGHUP without a file keeps the old policy", fault)


def test_reload(report, program, directory):
    with Host(program, directory, "refuse sender *@a.example\n" + ACCOUNTS) as server:
        old, after = Player(server), Player(server)
        check_good(report, server, old)
        check_broken(report, server, after)
        check_missing(report, server, after)
        fault = change(server, "refuse sender *@d.example\n", "x@d.example")
        fault = fault or after.play("CONNECT\nMAIL FROM:<x@b.example>")
        report.check("SIGHUP with a good file again", fault)
        fault = old.play(f"MAIL FROM:<x@a.example> => {REFUSED}\nQUIT => 221")
        report.check("the first session still has the first policy", fault)
        for player in (old, after):
            player.close()
        report.check("SIGTERM ends it", server.fault_at_end(), server)


def test_what_stays(report, program, directory):
    """Counts outlive a policy."""
    policy = "max-connections 2\nrelay authenticated\ndaily-limit 2\n"
    with Host(program, directory, policy + ACCOUNTS) as server:
        player = Player(server)
        fault = player.play(
            f"""
CONNECT 127.0.0.2 first
LOGIN bob@example.org secret => 235
SEND bob@example.org a@far.example => {ACCEPTED}
"""
        )
        fault = fault or change(server, policy + "refuse sender *@b.example\n", "x@b.example")
        fault = fault or player.play(
            """
CONNECT 127.0.0.2 second
LOGIN bob@example.org secret => 235
MAIL FROM:<bob@example.org>
RCPT TO:<a@far.example>
RCPT TO:<b@far.example> => 550 5.7.1 We do not relay, account limits apply
CONNECT 127.0.0.2 third => 554
"""
        )
        player.close()
        report.check("counts outlive SIGHUP", fault or server.fault_at_end(), server)


def test_pending(report, program, directory):
    """A session that waits for a look-up while its policy goes."""
    with (
        SlowDns(directory, "a.example A 192.0.2.1\n", "--delay", "1000") as dns,
        Host(program, directory, "require sender-domain\n" + ACCOUNTS, dns=dns.port) as server,
    ):
        player = Player(server)
        fault = player.play("CONNECT")
        player.current.send(b"MAIL FROM:<x@nowhere.example>\r\n")
        fault = fault or change(server, "refuse sender *@b.example\n", "x@b.example")
        reply = player.current.reply()
        fault = fault or (reply != "501 5.7.1 Sender domain must exist" and f"{reply}")
        player.close()
        report.check("SIGHUP during a look-up", fault or server.fault_at_end(), server)


def test_start(report, program, directory):
    """Errors at the start: all are told, and nothing starts."""
    good = Path(__file__).resolve().parent.parent.parent / "examples" / "policy.conf"
    for name, text in (("a broken file", BROKEN), ("no file", None)):
        file = directory / "policy.conf"
        file.unlink(missing_ok=True)
        if text is not None:
            file.write_text(text)
        command = [program, "--listen", "127.0.0.1:0", "--policy", str(file), *OPTIONS]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        fault = None if done.returncode == 2 else f"exit status {done.returncode}"
        if text is not None:
            fault = fault or fault_unless_all_told(done.stderr)
        else:
            fault = fault or ("policy.conf" not in done.stderr and f"it says {done.stderr!r}")
        report.check(f"start with {name}", fault)
    with Host(program, directory, good.read_text()) as server:
        player = Player(server)
        fault = player.play(
            f"""
CONNECT
SEND a@client.example bob@example.com => {ACCEPTED}
STORED bob@example.com => 1
"""
        )
        player.close()
        report.check("start with examples/policy.conf", fault or server.fault_at_end())


def run(report, program, directory):
    for test in (test_reload, test_what_stays, test_pending, test_start):
        place = directory / test.__name__
        place.mkdir()
        test(report, program, place)
