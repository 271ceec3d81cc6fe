"""Dialogues with the policy host, compared to the letter.

One step a line, `step => reply`; without `=>` the code must be 250. A reply that is a bare code
stands for every reply with it; the lines of a longer reply stand with ` | ` between them. What
follows two blanks and a `#` is a comment; the text of `# row N` tells which row of the reply table
the line proves.

    CONNECT [ADDRESS] [NAME]      a new connection from there; without a reply: 220, then EHLO
    ON NAME                       goes on with that connection
    LOGIN NAME PASSWORD           AUTH PLAIN
    MESSAGE [TEXT]                DATA and that content, with Python's escapes
    CHUNK [TEXT]                  the same with BDAT
    SEND FROM TO [TEXT]           a whole transaction; the reply is the last one; TO: a,b
    NEXT                          one more reply, as LMTP has
    STORED ADDRESS => N           so many messages lie in its Maildir, all of them sent here
    CLOSED                        the server closes
    WAIT SECONDS
    anything else                 is sent as it is

SPDX-License-Identifier: MIT
"""

import base64
import re
import socket
import time

from server import PATIENCE, soon

NAME = "client.example.net"

# What differs in the second code set, by the codes and the phrase of the first.
REGISTRY = {
    ("501 5.7.1", "Message is too long"): "552 5.3.4",
    ("501 5.7.1", "Permission denied"): "550 5.7.1",
    ("501 5.7.1", "Sender domain must exist"): "501 5.1.8",
    ("501 5.7.1", "Sender IP must resolve"): "550 5.7.25",
    ("501 5.7.1", "Sender refused by the DNSBL"): "550 5.7.1",
    ("501 5.7.1", "Soft quota applied"): "550 5.7.1",
    ("530 5.7.1", "Authentication required [AUTH]"): "530 5.7.0",
    ("535 5.7.1", "Authentication credentials invalid"): "535 5.7.8",
    ("551 5.1.1", "No such user found"): "550 5.1.1",
    ("551 5.1.1", "No such mailing list found"): "550 5.1.1",
    ("554 5.3.4", "Message size exceeds fixed maximum message size"): "552 5.3.4",
    ("554 5.7.1", "Message cannot be accepted, rules rejection"): "550 5.7.1",
    ("554 5.7.1", "Message cannot be accepted, virus found"): "554 5.6.0",
    ("554 5.7.1", "Message cannot be accepted, content filter rejection"): "554 5.6.0",
    ("554 5.7.1", "Message cannot be accepted, spam filter rejection"): "550 5.7.1",
    ("554 5.7.1", "Message cannot be accepted, spam rejection"): "550 5.7.1",
    ("554 5.7.1", "Message deleted by filter"): "550 5.7.1",
    ("554 5.7.1", "Message cannot be accepted, filter rejection"): "550 5.7.1",
    ("554 5.0.0", "Too many hops"): "554 5.4.6",
}  # fmt: skip
CODES = re.compile(r"(\d{3}(?: \d\.\d+\.\d+)?) (?:(<[^>]*>) )?(.*)")


class Mismatch(Exception):
    pass


def in_registry(reply, is_greeting):
    """The same reply in the code set of the registry; none of its codes stand in a greeting."""
    match = CODES.fullmatch(reply)
    if match is None or " | " in reply:
        return reply
    codes, subject, phrase = match.groups()
    codes = REGISTRY.get((codes, phrase), codes)
    if is_greeting:
        codes = codes[:3]
    return " ".join(part for part in (codes, subject, phrase) if part)


class Connection:
    def __init__(self, port, address="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE, (address, 0))
        self.reader = self.socket.makefile("rb")

    def reply(self):
        lines = []
        while not lines or lines[-1][3:4] == "-":
            line = self.reader.readline()
            if not line:
                raise Mismatch(f"closed; unread: {lines}")
            if not line.endswith(b"\r\n"):
                raise Mismatch(f"a line without CR LF: {line!r}")
            lines.append(line[:-2].decode(errors="replace"))
        return " | ".join(lines)

    def send(self, octets):
        self.socket.sendall(octets)

    def say(self, line):
        self.send(line.encode() + b"\r\n")
        return self.reply()

    def is_closed(self):
        try:
            return self.reader.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.reader.close()
        self.socket.close()


class Player:
    """Plays dialogues with one server."""

    def __init__(self, server, registry=False):
        self.server = server
        self.registry = registry
        self.connections = {}
        self.current = None
        self.sent = []  # the contents of messages
        self.number = 0

    def connect(self, address="127.0.0.1", name=""):
        if name in self.connections:
            self.connections[name].close()
        self.current = self.connections[name] = Connection(self.server.port, address)
        return self.current.reply()

    def login(self, name, password):
        response = base64.b64encode(f"\0{name}\0{password}".encode()).decode()
        return self.current.say(f"AUTH PLAIN {response}")

    def content(self, text):
        self.number += 1
        text = text or f"Subject: {self.number}\\n\\nMessage {self.number}"
        content = text.encode().decode("unicode_escape").encode("latin-1")
        content = content.replace(b"\n", b"\r\n") + b"\r\n"
        self.sent.append(content)
        return content

    def message(self, text=""):
        reply = self.current.say("DATA")
        if not reply.startswith("354"):
            return reply
        content = re.sub(rb"^\.", b"..", self.content(text), flags=re.MULTILINE)
        self.current.send(content + b".\r\n")
        return self.current.reply()

    def chunk(self, text=""):
        content = self.content(text)
        self.current.send(f"BDAT {len(content)} LAST\r\n".encode() + content)
        return self.current.reply()

    def transaction(self, sender, recipients, text=""):
        commands = [f"MAIL FROM:<{sender}>"]
        commands += [f"RCPT TO:<{recipient}>" for recipient in recipients.split(",")]
        for command in commands:
            reply = self.current.say(command)
            if not reply.startswith("250"):
                raise Mismatch(f"{command} => {reply}")
        return self.message(text)

    def check_stored(self, address, count):
        soon(lambda: len(self.server.files("new", address)) >= count)
        contents = self.server.contents(address)
        if len(contents) != count:
            raise Mismatch(f"{len(contents)} messages for {address}")
        strange = [content for content in contents if content not in self.sent]
        if strange:
            raise Mismatch(f"not sent like this: {strange[0][:1000]!r}")

    def do(self, step):
        """Returns a reply, or None."""
        word, *rest = step.split(" ")
        if word == "CONNECT":
            return self.connect(*rest)
        if word == "LOGIN":
            return self.login(*rest)
        if word == "MESSAGE":
            return self.message(" ".join(rest))
        if word == "CHUNK":
            return self.chunk(" ".join(rest))
        if word == "NEXT":
            return self.current.reply()
        if word == "SEND":
            return self.transaction(*step.split(" ", 3)[1:])
        if word == "ON":
            self.current = self.connections[rest[0]]
        elif word == "WAIT":
            time.sleep(float(rest[0]))
        elif word == "CLOSED":
            if not self.current.is_closed():
                raise Mismatch("not closed")
        else:
            return self.current.say(step)
        return None

    def compare(self, step, wanted, reply):
        first = step.split(" ")[0]
        if self.registry:
            wanted = in_registry(wanted, first in ("CONNECT", "EHLO", "HELO"))
        same = reply[:3] == wanted if len(wanted) == 3 else reply == wanted
        if not same:
            raise Mismatch(f"got {reply!r}, wanted {wanted!r}")

    def play_step(self, step, wanted):
        if step.startswith("STORED "):
            self.check_stored(step.split(" ")[1], int(wanted))
            return
        reply = self.do(step)
        if reply is None:
            return
        if step.split(" ")[0] == "CONNECT" and not wanted:
            self.compare(step, "220", reply)
            step, reply = "EHLO", self.current.say(f"EHLO {NAME}")
        self.compare(step, wanted or "250", reply)

    def play(self, dialogue):
        """Returns a fault, or None."""
        for line in dialogue.splitlines():
            step, _, wanted = line.partition("  #")[0].strip().partition(" => ")
            if not step or step.startswith("#"):
                continue
            try:
                self.play_step(step, wanted)
            except (Mismatch, OSError) as fault:
                return f"{step[:100]}: {fault}"
        return None

    def close(self):
        for connection in self.connections.values():
            connection.close()
