"""The server under test: examples/smtpd in a directory of its own, and what it has stored.

SPDX-License-Identifier: MIT
"""

import re
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

DOMAIN = "example.org"
PATIENCE = 10  # seconds for anything that should happen soon
# What smtpd writes above the content (RFC 5321 4.4): Return-Path, a folded Received, and parameters
# of the envelope.
TRACE_FIELDS = re.compile(
    rb"Return-Path: <[^\r\n]*>\r\nReceived: [^\r\n]+\r\n(?:[ \t][^\r\n]+\r\n)*"
    rb"(?:X-Envelope-[^\r\n]+\r\n(?:[ \t][^\r\n]+\r\n)*)*"
)


def soon(condition):
    """Waits until a condition holds; returns whether it came to that."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Smtpd:
    """A running server; use it in a `with` statement, which ends it. `domain` is ours; None: the
    options say which. `trace`: it shows the dialogues."""

    def __init__(self, program, directory, *options, domain=DOMAIN, trace=True):
        self.directory = Path(directory)
        self.maildir = self.directory / "mail"
        self.log = open(self.directory / "log", "ab")
        command = [program, "--listen", "127.0.0.1:0", "--hostname", "mx.example.org"]
        command += ["--maildir", str(self.maildir), *options]
        if domain is not None:
            command += ["--domain", domain]
        if trace:
            command.append("--trace")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log
        )
        ready = self.process.stdout.readline().decode()
        if not ready.startswith("listening on 127.0.0.1:"):
            self.kill()
            raise RuntimeError(f"smtpd said {ready!r} and this:\n{self.told()}")
        self.port = int(ready.rpartition(":")[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def told(self):
        """What it wrote to stderr, the dialogues included."""
        return (self.directory / "log").read_text(errors="replace")

    def is_alive(self):
        return self.process.poll() is None

    def kill(self):
        """SIGKILL: no time for it to tidy up."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def fault_at_end(self):
        """Sends SIGTERM, which must end it well. Returns a fault, or None."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return "it does not end"
        return f"exit status {status}" if status else None

    def files(self, box, address="*"):
        """The files in a box (tmp, new, cur) of one Maildir or all; see folder names in smtpd."""
        folder = quote(address.lower(), safe="@+=*")
        return sorted(self.maildir.glob(f"{folder}/{box}/*"))

    def contents(self, address):
        """The stored messages of an address, without the fields that smtpd wrote above them."""
        found = []
        for file in self.files("new", address):
            octets = file.read_bytes()
            if not file.name.endswith(f",S={len(octets)}"):
                octets = b"(another size in its name)" + octets
            fields = TRACE_FIELDS.match(octets)
            found.append(octets[fields.end() :] if fields else b"(no trace fields)" + octets)
        return found
