#!/usr/bin/env python3
"""What look-ups cost the policy host: bench_dns.py SMTPD

1,000 sessions at once, one recipient each, and one session that sends 100 RCPTs in one go, while
each DNS answer takes 200 ms. Prints how many delays both take; too many are a failure, and so is a
session that does not get what it wants.

SPDX-License-Identifier: MIT
"""

import asyncio
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "interop"))

from host import Host, Lacking
from lookups import SlowDns

DELAY = 0.2
SESSIONS = 1000
RECIPIENTS = 100
# Delays.
CROWD_MOST = 4
PIPELINE_MOST = 10
POLICY = """
relay peer 127.0.0.0/8
require recipient-domain
domain example.org
"""


class Visitor:
    """One session."""

    async def connect(self, port, number):
        # As in life, many addresses.
        address = f"127.1.{number // 250}.{number % 250 + 1}"
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", port, local_addr=(address, 0)
        )
        self.recipient = f"x@d{number}.many.example"
        await self.want("220")
        await self.say("EHLO client.example.net")
        await self.say("MAIL FROM:<a@client.example>")

    async def want(self, code):
        line = "   -"
        while line[3:4] == "-":
            line = (await self.reader.readline()).decode()
        if not line.startswith(code):
            raise RuntimeError(f"wanted {code}, got {line!r}")

    async def say(self, text, code="250"):
        self.writer.write(text.encode() + b"\r\n")
        await self.want(code)

    async def rcpt(self):
        await self.say(f"RCPT TO:<{self.recipient}>")
        self.answered = time.monotonic()

    async def finish(self):
        await self.rcpt()
        await self.say("DATA", "354")
        await self.say("Subject: x\r\n\r\nx\r\n.")

    async def pipeline(self):
        commands = [f"RCPT TO:<x@p{i}.many.example>\r\n" for i in range(RECIPIENTS)]
        self.writer.write("".join(commands).encode() + b"DATA\r\n")
        for _ in commands:
            await self.want("250")
        await self.want("354")
        self.answered = time.monotonic()
        await self.say("Subject: x\r\n\r\nx\r\n.")


def tell(what, seconds):
    print(f"{what:<62} {seconds:6.2f} s {seconds / DELAY:6.2f} delays")


async def measure(port):
    """Returns how many delays the sessions take, and the pipeline."""
    visitors = [Visitor() for _ in range(SESSIONS)]
    for first in range(0, SESSIONS, 100):
        await asyncio.gather(*(visitors[i].connect(port, i) for i in range(first, first + 100)))
    start = time.monotonic()
    await asyncio.gather(*(visitor.finish() for visitor in visitors))
    crowd = time.monotonic() - start
    tell(
        f"{SESSIONS} sessions at once: all recipients are answered",
        max(v.answered for v in visitors) - start,
    )
    tell(f"{SESSIONS} sessions at once: all messages are taken", crowd)
    one = visitors[0]
    await one.say("MAIL FROM:<a@client.example>")
    start = time.monotonic()
    await one.pipeline()
    tell(f"{RECIPIENTS} recipients in one go: all are answered", one.answered - start)
    for visitor in visitors:
        visitor.writer.close()
    return crowd / DELAY, (one.answered - start) / DELAY


def main():
    program = str(Path(sys.argv[1]).resolve())
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(SESSIONS * 3, hard), hard))
    zone = "*.many.example MX 10 mx.many.example\n"
    memory = Path("/dev/shm")  # the disk is not what this is about
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="ehlo-dns-", dir=place) as work:
        with (
            SlowDns(work, zone, "--delay", str(int(DELAY * 1000))) as dns,
            Host(program, work, POLICY, "--quiet", trace=False, dns=dns.port) as server,
        ):
            crowd, pipeline = asyncio.run(measure(server.port))
            questions = len(dns.questions())
            fault = server.fault_at_end()
    print(f"{questions} DNS questions, each answered after {DELAY} s")
    if questions < SESSIONS + RECIPIENTS:
        sys.exit("that are not as many as recipients")
    if fault or crowd >= CROWD_MOST or pipeline >= PIPELINE_MOST:
        sys.exit(fault or f"to be less than {CROWD_MOST} and {PIPELINE_MOST} delays")


if __name__ == "__main__":
    try:
        main()
    except Lacking as lacking:
        print("skipped:", lacking)
        sys.exit(77)
