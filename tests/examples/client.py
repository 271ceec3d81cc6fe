"""Clients for smtpd.sh: `talk` plays a dialogue from standard input, the others put a server under load.

    client.py talk PORT|COMMAND...    connects to 127.0.0.1:PORT, or runs a command on a socket
    client.py crowd PORT COUNT        COUNT sessions at once, each of which takes part and waits for all
    client.py drown PORT              sends a long pipeline and reads the replies only afterwards
    client.py exhaust PORT COUNT      opens COUNT connections, closes them, and wants to be served

Steps of a dialogue, one a line; everything but S, E and ! takes Python's escapes:
    S regex     the next reply, all its lines; the regex matches at its start
    C text      sends the text and CR LF        R text      sends the text
    P n text    sends the text n times          E           the server closes
    Z           the client closes its half      D           the client resets the connection
    W seconds   waits                           ! command   succeeds in the shell
    X           shakes hands for TLS, without a look at the certificate
    T a b       between a and b seconds have passed since the connection's last T or its start
    @ name      goes on with the connection of that name, and opens it if there is none

SPDX-License-Identifier: MIT
"""

import asyncio
import re
import resource
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

PATIENCE = 20  # seconds for anything that a server must do


class Failure(Exception):
    pass


class Peer:
    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(PATIENCE)
        self.buffer = b""
        self.since = time.monotonic()

    def line(self):
        while b"\n" not in self.buffer:
            octets = self.sock.recv(65536)
            if not octets:
                raise Failure(f"closed; unread: {self.buffer!r}")
            self.buffer += octets
        line, self.buffer = self.buffer.split(b"\n", 1)
        if not line.endswith(b"\r"):
            raise Failure(f"a line without CR: {line!r}")
        return line[:-1].decode("ascii")

    def reply(self):
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        for line in lines:
            if not re.match(r"[2-5][0-5][0-9]( |-|$)", line) or line[:3] != lines[0][:3]:
                raise Failure(f"no reply line: {line!r}")
        return "\n".join(lines)

    def closed(self):
        octets = self.buffer
        try:
            octets += self.sock.recv(65536)
        except ConnectionResetError:
            pass
        if octets:
            raise Failure(f"not closed: {octets[:200]!r}")


def connect(target):
    if target[0].isdigit():
        return socket.create_connection(("127.0.0.1", int(target[0]))), None
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(target, stdin=theirs, stdout=theirs)
    theirs.close()
    return ours, process


def unescape(text):
    return text.encode("ascii").decode("unicode_escape").encode("latin-1")


def without_check():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def step(peer, kind, text):
    sock = peer.sock
    if kind == "S":
        reply = peer.reply()
        if not re.match(text, reply):
            raise Failure(f"got {reply!r}")
    elif kind == "C":
        sock.sendall(unescape(text) + b"\r\n")
    elif kind == "R":
        sock.sendall(unescape(text))
    elif kind == "P":
        count, text = text.split(" ", 1)
        sock.sendall(unescape(text) * int(count))
    elif kind == "E":
        peer.closed()
    elif kind == "Z":
        sock.shutdown(socket.SHUT_WR)
    elif kind == "D":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
    elif kind == "W":
        time.sleep(float(text))
    elif kind == "!":
        subprocess.run(["bash", "-c", text], check=True)
    elif kind == "X":
        peer.sock = without_check().wrap_socket(sock)
    elif kind == "T":
        least, most = map(float, text.split())
        since, peer.since = peer.since, time.monotonic()
        if not least <= peer.since - since <= most:
            raise Failure(f"{peer.since - since:.2f} seconds")
    else:
        raise Failure("no such step")


def talk(target):
    sock, process = connect(target)
    peer = Peer(sock)
    peers = {"": peer}
    for number, line in enumerate(sys.stdin, 1):
        line = line.rstrip("\n")
        if not line:
            continue
        kind, text = line[0], line[2:]
        try:
            if kind != "@":
                step(peer, kind, text)
                continue
            if text not in peers:
                peers[text] = Peer(connect(target)[0])
            peer = peers[text]
        except (Failure, OSError, subprocess.SubprocessError) as failure:
            sys.exit(f"step {number}: {line!r}: {failure}")
    sock.close()
    if process is not None:
        process.wait(PATIENCE)


def allow_files(count):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


async def visitor(port, number, arrived, everybody):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def want(code):
        while True:
            line = await reader.readline()
            if not line.startswith(code):
                raise Failure(f"visitor {number}: {line!r}")
            if line[3:4] == b" ":
                return

    await want(b"220")
    writer.write(b"EHLO client.example\r\n")
    await want(b"250")
    writer.write(b"MAIL FROM:<a@client.example>\r\nRCPT TO:<crowd@example.com>\r\n")
    await want(b"250")
    await want(b"250")
    arrived.append(number)
    await everybody.wait()
    if number % 20 == 0:  # the disk is not what this is about
        writer.write(b"DATA\r\n")
        await want(b"354")
        writer.write(b"Subject: %d\r\n\r\n.\r\n" % number)
        await want(b"250")
    writer.write(b"QUIT\r\n")
    await want(b"221")
    if await reader.read():
        raise Failure(f"visitor {number}: octets behind 221")
    writer.close()


async def crowd(port, count):
    arrived, everybody = [], asyncio.Event()
    visitors = [asyncio.create_task(visitor(port, n, arrived, everybody)) for n in range(count)]
    while len(arrived) < count and not any(task.done() for task in visitors):
        await asyncio.sleep(0.05)
    everybody.set()
    await asyncio.gather(*visitors)
    print(f"{len(arrived)} sessions at once")


def drown(port):
    """Sends more than the replies' buffers hold before it reads the first one."""
    rounds, recipients = 250, 900
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(PATIENCE)
    sock.connect(("127.0.0.1", port))
    batch = b"MAIL FROM:<a@client.example>\r\n" + b"RCPT TO:<b@example.com>\r\n" * recipients
    batch += b"DATA\r\n.\r\n"
    sender = threading.Thread(target=sock.sendall, args=(b"HELO x\r\n" + batch * rounds + b"QUIT\r\n",))
    if not Peer(sock).reply().startswith("220"):
        raise Failure("no greeting")
    sender.start()
    time.sleep(1)
    octets = bytearray()
    while part := sock.recv(65536):
        octets += part
    codes = [line[:3] for line in octets.split(b"\r\n")]
    if codes != [b"250"] + ([b"250"] * (1 + recipients) + [b"354", b"250"]) * rounds + [b"221", b""]:
        raise Failure(f"{len(codes)} replies, and not the right ones")
    sender.join()


def exhaust(port, count):
    socks = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    time.sleep(1.5)
    for sock in socks:
        sock.close()
    sock = socket.create_connection(("127.0.0.1", port))
    peer = Peer(sock)
    if not peer.reply().startswith("220"):
        raise Failure("not served")


def main():
    kind, *rest = sys.argv[1:]
    try:
        if kind == "talk":
            talk(rest)
        elif kind == "crowd":
            allow_files(int(rest[1]) + 100)
            asyncio.run(crowd(int(rest[0]), int(rest[1])))
        elif kind == "drown":
            drown(int(rest[0]))
        elif kind == "exhaust":
            exhaust(int(rest[0]), int(rest[1]))
        else:
            sys.exit(__doc__)
    except (Failure, OSError) as failure:
        sys.exit(f"{kind}: {failure!r}")


if __name__ == "__main__":
    main()
