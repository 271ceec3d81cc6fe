#!/usr/bin/env python3
"""Uses the shared library through its public headers alone, as another language does.

    test_abi.py LIBRARY                 holds a session, compares structures with layout.txt
    test_abi.py --write-layout LIBRARY  writes layout.txt anew, after a wanted change of the ABI

The declarations are read from include/ehlo by the C preprocessor (CC chooses the compiler) and
given to cffi. Exit status 77: no compiler, or no cffi, neither here nor in /usr/bin/python3.
SPDX-License-Identifier: MIT
"""

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import cffi
except ImportError:
    if sys.executable != "/usr/bin/python3" and os.access("/usr/bin/python3", os.X_OK):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("skipped: no cffi for Python (Debian: python3-cffi)")
    sys.exit(77)

HERE = Path(__file__).resolve().parent
INCLUDE = HERE.parent.parent / "include"
LAYOUT = HERE / "layout.txt"
CC = os.environ.get("CC", "cc")
NUMBER_MACRO = re.compile(r"^#define (EHLO_\w+) (?:0x[0-9a-f]+|[0-9]+)u?$", re.MULTILINE)

failures = 0
checks = 0


def check(what, got, expected):
    global checks, failures
    checks += 1
    if got != expected:
        failures += 1
        print(f"FAILED: {what}\n  expected {expected!r}\n  got      {got!r}")


# ---- the headers ----


def preprocess(*options):
    """What the headers say. cffi has the standard types built in, so theirs are left empty."""
    with tempfile.TemporaryDirectory() as empty:
        for name in ("stdbool.h", "stddef.h", "stdint.h"):
            Path(empty, name).touch()
        command = [CC, "-std=c11", "-E", "-nostdinc", "-DEHLO_API=", f"-I{empty}", f"-I{INCLUDE}"]
        command += [*options, str(INCLUDE / "ehlo/ehlo.h")]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def structures(ffi):
    """The structures whose members are public, each with its members."""
    for name in ffi.list_types()[1]:
        kind = ffi.typeof("struct " + name)
        if kind.fields is not None:
            yield name, kind


def constants(lib):
    """Names of all enumerators and numeric macros, but for the version, which may change."""
    names = {name for name in dir(lib) if isinstance(getattr(lib, name, None), int)}
    names |= set(NUMBER_MACRO.findall(preprocess("-dM")))
    return sorted(name for name in names if not name.startswith("EHLO_VERSION"))


# ---- the layout ----


def layout_by_cffi(ffi):
    """What another language makes of the declarations."""
    lines = []
    for name, kind in structures(ffi):
        lines.append(f"struct {name}: {ffi.sizeof(kind)}")
        for member, field in kind.fields:
            lines.append(f"  {member}: {ffi.sizeof(field.type)} at {field.offset}")
    return lines


def layout_by_compiler(ffi, lib):
    """What the C compiler makes of the headers: structures, then constants."""
    prints = []
    for name, kind in structures(ffi):
        prints.append(f'printf("struct {name}: %zu\\n", sizeof(struct {name}));')
        for member, _ in kind.fields:
            prints.append(
                f'printf("  {member}: %zu at %zu\\n", sizeof(((struct {name} *)0)->{member}),'
                f" offsetof(struct {name}, {member}));"
            )
    for name in constants(lib):
        prints.append(f'printf("{name} %lld\\n", (long long){name});')
    with tempfile.TemporaryDirectory() as work:
        source = Path(work, "layout.c")
        lines = ["#include <ehlo/ehlo.h>", "#include <stdio.h>", "int main(void) {", *prints, "}"]
        source.write_text("\n".join(lines))
        program = str(Path(work, "layout"))
        subprocess.run([CC, "-std=c11", f"-I{INCLUDE}", str(source), "-o", program], check=True)
        told = subprocess.run([program], check=True, capture_output=True, text=True)
    return told.stdout.splitlines()


def test_layout(ffi, lib):
    real = layout_by_compiler(ffi, lib)
    by_cffi = layout_by_cffi(ffi)
    check("layout as cffi reads the headers", by_cffi, real[: len(by_cffi)])
    for line in real:
        name, _, number = line.partition(" ")
        if hasattr(lib, name):
            check(name, getattr(lib, name), int(number))
    if ffi.sizeof("void *") != 8:
        print("layout.txt is for 64-bit machines and was not compared")
        return
    stored = LAYOUT.read_text().splitlines()
    changes = list(difflib.unified_diff(stored, real, "layout.txt", "now", lineterm="", n=2))
    print(*changes, sep="\n", end="\n" if changes else "")
    check("changes of the layout (see --write-layout)", len(changes), 0)


# ---- a session ----


HOOKS = ("on_helo", "on_mail", "on_rcpt", "on_body", "on_message", "on_done", "on_close")


class Host:
    """A host whose hooks are written in Python. They note what they get."""

    def __init__(self, ffi, lib):
        self.ffi, self.lib = ffi, lib
        self.seen = []
        self.content = b""
        self.token = 0
        self.hostname = ffi.new("char[]", b"mx.example.org")
        self.user = ffi.new_handle(self)
        self.config = ffi.new("struct ehlo_server_config *")
        self.config.size = ffi.sizeof("struct ehlo_server_config")
        self.config.hostname = self.hostname
        self.hooks = []
        for name in HOOKS:
            kind = dict(ffi.typeof(self.config[0]).fields)[name].type
            self.hooks.append(ffi.callback(kind, getattr(self, name)))
            setattr(self.config, name, self.hooks[-1])
        size = lib.ehlo_server_size(self.config)
        self.memory = ffi.new("char[]", size)
        self.session = lib.ehlo_server_init(self.memory, size, self.config, self.user)

    def text(self, piece):
        return self.ffi.buffer(piece.data, piece.length)[:].decode() if piece.length else ""

    def on_helo(self, _session, helo, _user):
        self.seen.append(("helo", self.text(helo.host.text), helo.extended))
        return self.lib.ehlo_accept()

    def on_mail(self, _session, mail, user):
        same = self.ffi.from_handle(user) is self
        sender = self.text(mail.path.mailbox)
        self.seen.append(("mail", sender, mail.declared_size, mail.body, same))
        return self.lib.ehlo_accept()

    def on_rcpt(self, _session, rcpt, _user):
        local = self.text(rcpt.path.local)
        self.seen.append(("rcpt", local, self.text(rcpt.path.domain), rcpt.number))
        if local == "nobody":
            return self.lib.ehlo_reply_about(self.lib.EHLO_REPLY_USER_UNKNOWN, rcpt.path.whole)
        if local == "grey":
            return self.lib.ehlo_reply_custom(451, b"4.7.1", b"Greylisted\nTry again")
        return self.lib.ehlo_accept()

    def on_body(self, _session, piece, _user):
        self.content += self.ffi.buffer(piece.data, piece.length)[:]
        return self.lib.ehlo_accept()

    def on_message(self, session, message, _user):
        self.seen.append(("message", message.octets, message.recipients, message.hops))
        self.token = self.lib.ehlo_server_token(session)
        return self.lib.ehlo_pending()

    def on_done(self, _session, done, _user):
        counts = (done.recipients, done.taken, done.octets)
        self.seen.append(("done", done.outcome, done.cause, *counts))

    def on_close(self, _session, cause, _user):
        self.seen.append(("close", cause))

    def output(self):
        length = self.ffi.new("size_t *")
        octets = self.lib.ehlo_server_output(self.session, length)
        text = self.ffi.buffer(octets, length[0])[:] if length[0] else b""
        self.lib.ehlo_server_sent(self.session, length[0])
        return text.decode()

    def say(self, text):
        """Hands in octets and returns what the session answers."""
        octets, answer = text.encode(), ""
        while octets:
            octets = octets[self.lib.ehlo_server_receive(self.session, octets, len(octets)) :]
            answer += self.output()
        return answer


DIALOGUE = (
    (
        "EHLO client.example.net\r\n",
        "250-mx.example.org at your service\r\n"
        "250-PIPELINING\r\n250-SIZE 33554432\r\n250-8BITMIME\r\n"
        "250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250 HELP\r\n",
    ),
    (
        "MAIL FROM:<alice@example.net> SIZE=48 BODY=8BITMIME\r\n",
        "250 2.1.0 Sender accepted\r\n",
    ),
    (
        "RCPT TO:<nobody@example.org>\r\n"
        "RCPT TO:<grey@example.org>\r\n"
        "RCPT TO:<bob@example.org>\r\n",
        "550 5.1.1 <nobody@example.org> User unknown; rejecting\r\n"
        "451-4.7.1 Greylisted\r\n451 4.7.1 Try again\r\n"
        "250 2.1.5 Recipient accepted\r\n",
    ),
    ("DATA\r\n", "354 Start the message; end it with a line holding only a dot\r\n"),
    ("Subject: gr\u00fc\u00dfe\r\n\r\n..one\r\n", ""),
    ("...\r\ntwo\r\n.\r\n", ""),
)


def test_session(ffi, lib):
    host = Host(ffi, lib)
    peer = ffi.new("struct ehlo_peer *", {"size": ffi.sizeof("struct ehlo_peer"), "serial": 7})
    check("start", lib.ehlo_server_start(host.session, peer), lib.EHLO_OK)
    check("greeting", host.output(), "220 mx.example.org ESMTP ready\r\n")
    for sent, answer in DIALOGUE:
        check(f"answer to {sent!r}", host.say(sent), answer)
    check_waiting(ffi, lib, host)
    resumed = lib.ehlo_server_resume(host.session, host.token, lib.ehlo_accept())
    check("resume", resumed, lib.EHLO_OK)
    check("verdict", host.output(), "250 2.0.0 Message accepted\r\n")
    check("QUIT", host.say("QUIT\r\n"), "221 2.0.0 mx.example.org Goodbye\r\n")
    check("wants, at the end", lib.ehlo_server_wants(host.session), lib.EHLO_WANT_CLOSE)
    check_hooks(lib, host)


def check_waiting(ffi, lib, host):
    """The verdict is pending: what the session tells of itself, and a token that is not its own."""
    info = ffi.new("struct ehlo_server_info *", {"size": ffi.sizeof("struct ehlo_server_info")})
    epoch = ffi.new("uint32_t *")
    check("info", lib.ehlo_server_info(host.session, info), lib.EHLO_OK)
    check("name", host.text(info.helo), "client.example.net")
    check("counts", (info.recipients, info.refused, info.peer.serial), (1, 1, 7))
    check("declared", (info.declared_size, info.body), (48, lib.EHLO_BODY_8BIT))
    check("wants, pending", lib.ehlo_server_wants(host.session), lib.EHLO_WANT_DECISION)
    check("timeout", lib.ehlo_server_timeout(host.session, epoch), 540)
    check("epoch", epoch[0] > 0, True)
    check("serial in the token", host.token >> 32, 7)
    foreign = lib.ehlo_server_resume(host.session, host.token + (1 << 32), lib.ehlo_accept())
    check("foreign token", foreign, lib.EHLO_ERROR_TOKEN)


def check_hooks(lib, host):
    content = "Subject: gr\u00fc\u00dfe\r\n\r\n.one\r\n..\r\ntwo\r\n".encode()
    size = len(content)
    check("content", host.content, content)
    check(
        "what the hooks got",
        host.seen,
        [
            ("helo", "client.example.net", True),
            ("mail", "alice@example.net", 48, lib.EHLO_BODY_8BIT, True),
            ("rcpt", "nobody", "example.org", 0),
            ("rcpt", "grey", "example.org", 1),
            ("rcpt", "bob", "example.org", 2),
            ("message", size, 1, 0),
            ("done", lib.EHLO_OUTCOME_TAKEN, lib.EHLO_CAUSE_COMPLETED, 1, 1, size),
            ("close", lib.EHLO_CAUSE_QUIT),
        ],
    )


def main():
    arguments = sys.argv[1:]
    write = arguments[:1] == ["--write-layout"]
    if len(arguments) != 1 + write:
        sys.exit(__doc__.strip())
    if shutil.which(CC) is None:
        print(f"skipped: no {CC}")
        sys.exit(77)
    ffi = cffi.FFI()
    ffi.cdef(preprocess("-P"))
    lib = ffi.dlopen(str(Path(arguments[-1]).resolve()))
    if write:
        LAYOUT.write_text("\n".join(layout_by_compiler(ffi, lib)) + "\n")
        return
    missing = [name for name in dir(lib) if not hasattr(lib, name)]
    check("functions that the headers declare and the library lacks", missing, [])
    test_layout(ffi, lib)
    if not missing:
        test_session(ffi, lib)
    print(f"{checks - failures} passed, {failures} failed")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
