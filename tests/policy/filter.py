"""A mail filter made with libmilter (Debian's python3-milter, so for /usr/bin/python3), which does
what the mail tells it to.

    /usr/bin/python3 filter.py SOCKET [PLAIN|QUIET|SPARE]

SOCKET is "unix:PATH" or "inet:PORT@ADDR"; it listens once the socket is there, and ends at SIGTERM.

A word WHAT-STAGE makes it do WHAT at that STAGE. The word may stand anywhere in what the stage is
told: in the name of HELO ("reject-helo.example"), of AUTH ("reject-auth"), in the address of MAIL
or RCPT ("reject-rcpt@example.com"), in the value of a header field ("X-Test: reject-header") and in
the body ("reject-body"). The word of a stage that is told nothing stands in what came before: that
of data in the sender's address, those of eoh and end there or in a header field. A peer says it by
its address, at connect: 127.9.0.N is the N-th of this list.

 1 reject   without words
 2 tempfail without words
 3 accept   no more questions
 4 discard  not at connect, helo and auth
 5 reply    550 5.7.22 filtered at STAGE, 100% sure
 6 later    451 4.7.23 filtered at STAGE for now
 7 lines    554 5.7.24, three lines
 8 bye      421 4.7.25 and the session is over
 9 silence  no answer for an hour
10 slow     two seconds, told as progress, then it goes on; at the end only
11 skip     no more of the body; in the body only
12 plain    553 without an enhanced code
   add      at the end: adds header fields, one of them folded, one inserted above
   tell     at the end: adds what it has heard, as fields X-Heard-...

QUIET: it answers only at the end, all stages before it are without an answer. SPARE: it wants
neither connect nor HELO, no header, no body. Both do at the end whatever a stage before it would.

SPDX-License-Identifier: MIT
"""

import re
import sys
import time

import Milter

WHATS = (
    "reject tempfail accept discard reply later lines bye silence slow skip plain " "add tell"
).split()
STAGES = "connect helo auth mail rcpt data header eoh body end".split()
WORD = re.compile(f"\\b({'|'.join(WHATS)})-({'|'.join(STAGES)})\\b")

MACROS = "j _ v {daemon_name} {tls_version} {auth_type} {auth_authen} {mail_addr} {rcpt_addr} i"
REPLIES = {
    "reply": ("550", "5.7.22", "filtered at {}, 100%% sure"),
    "later": ("451", "4.7.23", "filtered at {} for now"),
    "lines": ("554", "5.7.24", "filtered at {}", "for several", "reasons"),
    "bye": ("421", "4.7.25", "filtered at {}, goodbye"),
    "plain": ("553", None, "filtered at {}"),
}
VERDICTS = {
    "reject": Milter.REJECT,
    "tempfail": Milter.TEMPFAIL,
    "accept": Milter.ACCEPT,
    "discard": Milter.DISCARD,
    "skip": Milter.SKIP,
}


class Filter(Milter.Base):
    """One SMTP session."""

    is_late = False  # only the end does something

    def __init__(self):
        self.session = []
        self.begin()

    def begin(self):
        """Forgets the last message."""
        self.words = {}
        self.heard = []
        self.octets = self.chunks = self.fields = 0

    def judge(self, stage, text=""):
        """Does what the text says, or what an earlier text said for this stage."""
        for what, when in WORD.findall(text):
            self.words.setdefault(when, what)
        if self.is_late and stage != "end":
            return Milter.CONTINUE
        if self.is_late:
            what = next(iter(self.words.values()), None)
        else:
            what = self.words.pop(stage, None)
        if what in REPLIES:
            code, enhanced, *lines = REPLIES[what]
            self.setreply(code, enhanced, *(line.format(stage) for line in lines))
            return Milter.REJECT if code[0] == "5" else Milter.TEMPFAIL
        if what == "silence":
            time.sleep(3600)
        if what in ("slow", "add", "tell") and stage == "end":
            getattr(self, what)()
        return VERDICTS.get(what, Milter.CONTINUE)

    # ---- the session ----

    def connect(self, name, family, address):
        host = address[0] if isinstance(address, tuple) else str(address)
        self.session = [f"connect={name} {host}"]
        mark = host.removeprefix("127.9.0.")
        what = WHATS[int(mark) - 1] if mark != host and 0 < int(mark) <= len(WHATS) else "none"
        return self.judge("connect", f"{what}-connect")

    def hello(self, name):
        self.session.append(f"helo={name}")
        return self.judge("helo", name)

    def unknown(self, command):
        if isinstance(command, bytes):
            command = command.decode(errors="replace")
        self.session.append(f"unknown={command}")
        return self.judge("auth", command)

    # ---- a message ----

    def envfrom(self, path, *parameters):
        self.begin()
        self.heard.append(" ".join(("mail=" + path, *parameters)))
        return self.judge("mail", path)

    def envrcpt(self, path, *parameters):
        self.heard.append(" ".join(("rcpt=" + path, *parameters)))
        return self.judge("rcpt", path)

    def data(self):
        self.heard.append("data")
        return self.judge("data")

    def header(self, name, value):
        self.fields += 1
        return self.judge("header", value)

    def eoh(self):
        return self.judge("eoh")

    def body(self, chunk):
        self.octets += len(chunk)
        self.chunks += 1
        return self.judge("body", chunk.decode(errors="replace"))

    def eom(self):
        return self.judge("end")

    def abort(self):
        self.session.append("abort")
        self.begin()
        return Milter.CONTINUE

    # ---- what only the end can do ----

    def slow(self):
        for _ in range(4):
            time.sleep(0.5)
            self.progress()

    def add(self):
        self.addheader("X-Filter", "added")
        self.addheader("X-Filter-Folded", "one,\n\ttwo")
        self.addheader("X-Filter-Inserted", "above", 0)

    def tell(self):
        heard = self.session + self.heard
        heard.append(f"fields={self.fields} octets={self.octets} chunks={self.chunks}")
        for text in heard:
            self.addheader("X-Heard", text)
        for name in MACROS.split():
            self.addheader("X-Heard-Macro", f"{name}={self.getsymval(name)}")


def late(decorator, *names):
    """A filter that is not asked, or does not answer, at the stages of these methods."""
    methods = {name: decorator(getattr(Filter, name)) for name in names}
    return type("Late", (Filter,), methods | {"is_late": True})


def main():
    socket, kind = sys.argv[1], (sys.argv[2:] or ["PLAIN"])[0]
    if kind == "QUIET":
        Milter.factory = late(
            Milter.noreply,
            "connect",
            "hello",
            "envfrom",
            "envrcpt",
            "data",
            "header",
            "eoh",
            "body",
            "unknown",
        )
    elif kind == "SPARE":
        Milter.factory = late(Milter.nocallback, "connect", "hello", "header", "body")
    else:
        Milter.factory = Filter
    Milter.set_flags(Milter.ADDHDRS)
    Milter.runmilter("filter", socket, 600)


if __name__ == "__main__":
    main()
