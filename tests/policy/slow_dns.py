"""A DNS server for tests that takes its time: slow_dns.py [--delay MS] [--log FILE] ZONE

It listens on 127.0.0.1, UDP and TCP, prints its port and ends on SIGTERM, or when its standard
input, if that is a pipe, is closed. The log gets a line for each question: its name and type. A
line of the zone is a name, a type and its data; "#" begins a comment:

    example.com          MX     10 mail.example.com     # "MX 0 ." is a null MX
    mail.example.com     A      192.0.2.1               # also AAAA, PTR, TXT, CNAME
    192.0.2.1            PTR    mail.example.com        # an address stands for its name in reverse
    *.wild.example       A      192.0.2.2               # all names below that have no line
    empty.example        NONE                           # the name is there, but no record
    *.broken.example     SERVFAIL                       # also NXDOMAIN, REFUSED, SILENCE

All other names are not there (NXDOMAIN).

SPDX-License-Identifier: MIT
"""

import argparse
import asyncio
import ipaddress
import os
import signal
import socket
import stat
import struct
import sys

TYPES = {"A": 1, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
NAMES = {number: name for name, number in TYPES.items()}
CODES = {"NONE": 0, "SERVFAIL": 2, "NXDOMAIN": 3, "REFUSED": 5, "SILENCE": None}
UDP_MAX = 512
BUFFER = 16 << 20
SO_RCVBUFFORCE = 33  # of Linux: root may have more than the system's limit


def encode_name(name):
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def encode_data(kind, words):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(words[0]).packed
    if kind == "MX":
        return struct.pack(">H", int(words[0])) + encode_name(words[1])
    if kind == "TXT":
        text = " ".join(words).encode()
        return bytes([len(text)]) + text
    return encode_name(words[0])


def node_name(text):
    try:
        return ipaddress.ip_address(text).reverse_pointer
    except ValueError:
        return text.lower().rstrip(".")


class Zone:
    def __init__(self, lines):
        self.records = {}  # name: [(type, data, target of a CNAME)]
        self.codes = {}  # name: what stands in place of records
        for line in lines:
            words = line.partition("#")[0].split()
            if words:
                self.add(node_name(words[0]), words[1].upper(), words[2:])
        self.above = {name.partition(".")[2] for name in self.records | self.codes}
        for name in list(self.above):
            while name:
                name = name.partition(".")[2]
                self.above.add(name)

    def add(self, name, kind, words):
        if kind in CODES:
            self.codes[name] = CODES[kind]
        else:
            record = (TYPES[kind], encode_data(kind, words), words[0].lower().rstrip("."))
            self.records.setdefault(name, []).append(record)

    def node(self, name):
        """The name of the line that tells about a name: its own, or that of a wildcard."""
        node = name
        while node not in self.records and node not in self.codes:
            if name == "":
                return None
            name = name.partition(".")[2]
            node = f"*.{name}" if name else "*"
        return node

    def find(self, name, kind):
        """The code and the records, as (name, type, data), of an answer. No code: silence."""
        found = []
        for _ in range(8):
            node = self.node(name)
            if node in self.codes:
                return self.codes[node], found
            if node is None:
                return 0 if name in self.above else 3, found
            records = self.records[node]
            found += [(name, number, data) for number, data, _ in records if number == kind]
            aliases = [record for record in records if record[0] == TYPES["CNAME"]]
            if not aliases or kind == TYPES["CNAME"]:
                return 0, found
            found.append((name, *aliases[0][:2]))
            name = aliases[0][2]
        return 2, []


def read_question(query):
    """The name, the type and the end of the first question."""
    labels = []
    at = 12
    while query[at] != 0:
        labels.append(query[at + 1 : at + 1 + query[at]])
        at += 1 + query[at]
    name = b".".join(labels).decode("ascii", "backslashreplace").lower()
    (kind,) = struct.unpack_from(">H", query, at + 1)
    return name, kind, at + 5


class Server:
    def __init__(self, zone, delay, log):
        self.zone = zone
        self.delay = delay
        self.log = log

    def answer(self, query, limit):
        """The answer to a query, or None."""
        try:
            name, kind, end = read_question(query)
        except (IndexError, struct.error):
            return None
        if self.log:
            self.log.write(f"{name} {NAMES.get(kind, kind)}\n")
        code, records = self.zone.find(name, kind)
        if code is None:
            return None
        body = b"".join(
            encode_name(owner) + struct.pack(">HHIH", number, 1, 60, len(data)) + data
            for owner, number, data in records
        )
        flags = 0x8580 | code
        if end + len(body) > limit:
            flags |= 0x0200
            body, records = b"", []
        head = query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0)
        return head + query[12:end] + body

    def on_datagrams(self, udp):
        """Takes all there are, since their buffer is small, and answers them together."""
        queries = []
        try:
            while True:
                queries.append(udp.recvfrom(UDP_MAX))
        except BlockingIOError:
            pass
        asyncio.get_running_loop().call_later(self.delay, self.send, udp, queries)

    def send(self, udp, queries):
        for query, peer in queries:
            answer = self.answer(query, UDP_MAX)
            if answer:
                udp.sendto(answer, peer)

    async def on_stream(self, reader, writer):
        try:
            while True:
                (length,) = struct.unpack(">H", await reader.readexactly(2))
                query = await reader.readexactly(length)
                await asyncio.sleep(self.delay)
                answer = self.answer(query, 65535)
                if answer:
                    writer.write(struct.pack(">H", len(answer)) + answer)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def open_sockets():
    """Both with one port."""
    while True:
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
            break
        except OSError:
            tcp.close()
            udp.close()
    for option in socket.SO_SNDBUF, socket.SO_RCVBUF, SO_RCVBUFFORCE:
        try:
            udp.setsockopt(socket.SOL_SOCKET, option, BUFFER)
        except OSError:
            pass
    udp.setblocking(False)
    return tcp, udp


async def serve(server):
    loop = asyncio.get_running_loop()
    tcp, udp = open_sockets()
    end = loop.create_future()
    loop.add_signal_handler(signal.SIGTERM, lambda: end.done() or end.set_result(None))
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        loop.add_reader(0, lambda: os.read(0, 4096) or end.done() or end.set_result(None))
    loop.add_reader(udp, server.on_datagrams, udp)
    await asyncio.start_server(server.on_stream, sock=tcp)
    print(tcp.getsockname()[1], flush=True)
    await end


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("zone")
    parser.add_argument("--delay", type=int, default=0, metavar="MS")
    parser.add_argument("--log", type=argparse.FileType("w", 1))
    arguments = parser.parse_args()
    with open(arguments.zone, encoding="ascii") as lines:
        zone = Zone(lines)
    asyncio.run(serve(Server(zone, arguments.delay / 1000, arguments.log)))


if __name__ == "__main__":
    sys.exit(main())
