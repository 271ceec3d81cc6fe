"""What must come of a delivery: the octets, the fields that smtpd writes above them, its log.

SPDX-License-Identifier: MIT
"""

import re

from deliver import SENDER, fault_of, header, lines
from server import DOMAIN, soon

RECIPIENT = f"bob@{DOMAIN}"
TEXT = header("expect") + lines(b"Hello,", b".", b"..dots", "Grüße".encode())


def fault_if_untold(text, *patterns):
    """A fault if one of the patterns is not found."""
    missing = [pattern for pattern in patterns if not re.search(pattern, text, re.MULTILINE)]
    return f"{missing} not found in this:\n{text}" if missing else None


def fault_if_unlogged(server, start, patterns):
    """A fault if one of the patterns does not come in the log behind the octet `start`."""
    soon(lambda: fault_if_untold(server.told()[start:], *patterns) is None)
    return fault_if_untold(server.told()[start:], *patterns)


def fault_of_delivery(server, send, *options, port=None, fields=(), log=()):
    """Delivers a message, by smtpd's port or a proxy's."""
    for file in server.files("new", RECIPIENT):
        file.unlink()
    start = len(server.told())
    fault = send(port or server.port, SENDER, [RECIPIENT], TEXT, *options)
    fault = fault or fault_of(server, [RECIPIENT], TEXT)
    if fault:
        return fault
    stored = server.files("new", RECIPIENT)[0].read_text(errors="replace")
    return fault_if_untold(stored, *fields) or fault_if_unlogged(server, start, log)


def fault_unless_refused(server, send, *options, port=None, log=()):
    """The same, but the client must fail, and nothing be stored."""
    before = server.files("*")
    start = len(server.told())
    fault = send(port or server.port, SENDER, [RECIPIENT], TEXT, *options)
    if fault is None:
        return "the client has succeeded"
    if fault == "takes too long":
        return fault
    if server.files("*") != before:
        return "something is stored"
    return fault_if_unlogged(server, start, log)
