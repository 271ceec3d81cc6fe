"""SMTP by hand, through a program that talks to the server.

SPDX-License-Identifier: MIT
"""

import contextlib
import subprocess
import threading

from clients import NAME
from server import PATIENCE


class Dialogue:
    """Commands go to one file, replies come from the other."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    def reply(self):
        """The next reply, all its lines; what there is of it if the server closes."""
        text = ""
        for line in iter(self.reader.readline, b""):
            text += line.decode(errors="replace")
            if line[3:4] != b"-":
                break
        return text

    def say(self, octets):
        """Sends octets and returns the reply."""
        self.writer.write(octets)
        self.writer.flush()
        return self.reply()

    def deliver(self, sender, recipient, content):
        """The whole dialogue but for the greeting; returns a fault, or None."""
        for command, code in (
            (f"EHLO {NAME}\r\n".encode(), "250"),
            (f"MAIL FROM:<{sender}>\r\n".encode(), "250"),
            (f"RCPT TO:<{recipient}>\r\n".encode(), "250"),
            (b"DATA\r\n", "354"),
            (content.replace(b"\r\n.", b"\r\n..") + b".\r\n", "250"),
            (b"QUIT\r\n", "221"),
        ):
            reply = self.say(command)
            if not reply.startswith(code):
                return f"{command[:50]!r}: {reply!r}"
        return None


def s_client(port, sender, recipients, content, *options, starttls=True):
    """openssl s_client; with STARTTLS it keeps the greeting to itself."""
    command = ["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{port}", *options]
    command += ["-verify_return_error"]
    if starttls:
        command += ["-starttls", "smtp", "-name", NAME]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        watchdog = threading.Timer(PATIENCE, program.kill)
        watchdog.start()
        dialogue = Dialogue(program.stdout, program.stdin)
        try:
            greeting = "220 " if starttls else dialogue.reply()
            fault = None if greeting.startswith("220 ") else f"greeting: {greeting!r}"
            fault = fault or dialogue.deliver(sender, recipients[0], content)
        except OSError as error:
            fault = str(error)
        with contextlib.suppress(BrokenPipeError):  # it has ended, and something was left to send
            program.stdin.close()
        program.wait()
        watchdog.cancel()
        said = program.stderr.read().decode(errors="replace")
    return f"{fault}: {said}" if fault else None
