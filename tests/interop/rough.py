"""Rough handling: clients that die, a server that is killed, input that is no SMTP.

SPDX-License-Identifier: MIT
"""

import random
import socket
import struct
import subprocess

import clients
from deliver import PLAIN, SENDER
from server import DOMAIN, PATIENCE, Smtpd, soon

VICTIM = f"victim@{DOMAIN}"
ENVELOPE = (
    b"EHLO client.example.net\r\n",
    f"MAIL FROM:<{SENDER}>\r\n".encode(),
    f"RCPT TO:<{VICTIM}>\r\n".encode(),
    b"DATA\r\n",
)


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), PATIENCE)


def send_half(server):
    """Returns a connection on which a message has begun and been stored in part."""
    connection = connect(server)
    connection.recv(4096)
    for command in ENVELOPE:
        connection.sendall(command)
        connection.recv(4096)
    connection.sendall(PLAIN + b"." * 100000)
    return connection


def fault_after(server, what=""):
    """The server must still serve, and have stored nothing for the victim; a fault, or None."""
    recipient = f"after{what}@{DOMAIN}"
    if not server.is_alive():
        return "the server is gone"
    if server.files("new", VICTIM):
        return "there is something in new"
    if not soon(lambda: not server.files("tmp")):
        return "something is left in tmp"
    fault = clients.python(server.port, SENDER, [recipient], PLAIN)
    if fault is None and server.contents(recipient) != [PLAIN]:
        fault = "delivers wrongly afterwards"
    return fault


def test_end_of_input(report, server):
    connection = send_half(server)
    begun = soon(lambda: server.files("tmp", VICTIM))
    connection.close()
    fault = fault_after(server, "-close") if begun else "no message began"
    report.check("client closes in mid-message", fault)


def test_reset(report, server):
    connection = send_half(server)
    begun = soon(lambda: server.files("tmp", VICTIM))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    fault = fault_after(server, "-reset") if begun else "no message began"
    report.check("client resets in mid-message", fault)


def test_killed_client(report, server):
    if not clients.is_here("curl"):
        report.skip("client killed in mid-message", "no curl")
        return
    command = clients.curl_command(server.port, SENDER, [VICTIM])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as client:
        client.stdin.write(PLAIN * 100)
        client.stdin.flush()
        begun = soon(lambda: server.files("tmp", VICTIM))
        client.kill()
        client.wait()
    fault = fault_after(server, "-kill") if begun else "no message began"
    report.check("client killed in mid-message", fault)


def garbage():
    chance = random.Random(5321)
    envelope = b"".join(ENVELOPE)
    smuggled = b"Subject: a\r\n\r\nb\n.\r\nMAIL FROM:<>\r\nRCPT TO:<%s>\r\n" % VICTIM.encode()
    return (
        ("nothing", b""),
        ("NUL octets", bytes(5000)),
        ("octets of 255", b"\xff" * 5000),
        ("random octets", chance.randbytes(200000)),
        ("random lines", chance.randbytes(100000).replace(b"\n", b"\r\n")),
        ("TLS hello", bytes.fromhex("16030100c8010000c40303") + chance.randbytes(200)),
        ("HTTP", b"GET / HTTP/1.1\r\nHost: mx.example.org\r\n\r\n"),
        ("an endless line", b"EHLO " + b"a" * 1000000),
        ("an endless line behind a greeting", b"EHLO a.example\r\n" + b"NOOP " * 200000),
        ("bare LF", b"EHLO a.example\nMAIL FROM:<>\nRCPT TO:<%s>\nDATA\n\n.\n" % VICTIM.encode()),
        ("bare CR", b"\r" * 5000),
        ("empty lines", b"\r\n" * 50000),
        ("an unfinished message with NUL octets", envelope + bytes(100000)),
        ("an unfinished message behind a bare LF and a dot", envelope + smuggled + b"DATA\r\n"),
        ("random content", envelope + chance.randbytes(200000)),
    )


def throw(server, octets):
    """Sends octets and reads until the server closes or has no more to say."""
    with connect(server) as connection:
        connection.settimeout(0.3)
        try:
            connection.recv(4096)  # the greeting
            connection.sendall(octets)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        except OSError:
            pass  # it has closed before it read all, as it may


def test_garbage(report, server):
    for name, octets in garbage():
        throw(server, octets)
        fault = fault_after(server, "-" + name.replace(" ", "-"))
        report.check(f"garbage: {name}", fault)
        if fault:
            break  # what comes after it would say nothing


def test_killed_server(report, program, directory):
    with Smtpd(program, directory) as server:
        connection = send_half(server)
        begun = soon(lambda: server.files("tmp", VICTIM))
        server.kill()
        connection.close()
        stored = server.files("new")
    fault = None if begun and not stored else "no message began, or it is in new"
    report.check("server killed in mid-message", fault)
    with Smtpd(program, directory) as server:
        fault = clients.python(server.port, SENDER, [VICTIM], PLAIN)
        stored = server.contents(VICTIM)
        report.check("the next server delivers", fault or (stored != [PLAIN] and f"{stored!r}"))


def test_rough(report, program, directory):
    with Smtpd(program, directory) as server:
        test_end_of_input(report, server)
        test_reset(report, server)
        test_killed_client(report, server)
        test_garbage(report, server)
        report.check("SIGTERM ends it", server.fault_at_end())
        report.show_log_if_failed(server)
