"""TLS: STARTTLS, and TLS from the first octet, as real clients use it; and what must not pass.

SPDX-License-Identifier: MIT
"""

import socket
import ssl
from pathlib import Path

import clients
import dialogue
from clients import run
from expect import fault_if_unlogged, fault_of_delivery, fault_unless_refused
from server import PATIENCE, Smtpd

STARTTLS = (r"S: 250-STARTTLS\n(.*S: 250.*\n)*.*C: STARTTLS\n.*S: 220 .*\n(.*\n)*.*C: (?i:EHLO)",)
ESMTPS = (r"with ESMTPS\b",)
PLAIN_ESMTP = (r"with ESMTP\b",)
V1_2 = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
V1_3 = "TLS_AES_256_GCM_SHA384"


MISSING = "no openssl, or smtpd was built without it"


def certificate(program, directory):
    """Makes a certificate for 127.0.0.1 and its key; returns both files, or None where MISSING."""
    if b"built without OpenSSL" in Path(program).read_bytes():
        return None
    files = str(directory / "cert.pem"), str(directory / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=mx.example.org"]
    command += ["-addext", "subjectAltName=DNS:mx.example.org,IP:127.0.0.1"]
    command += ["-out", files[0], "-keyout", files[1]]
    return files if clients.is_here("openssl") and run(command) is None else None


def tls_server(program, directory, files, *options):
    return Smtpd(program, directory, "--tls-cert", files[0], "--tls-key", files[1], *options)


def start_tls(session, authority):
    """For clients.python(): the second EHLO must not offer STARTTLS any more."""
    session.starttls(context=ssl.create_default_context(cafile=authority))
    session.ehlo()
    if session.has_extn("starttls"):
        raise OSError("STARTTLS is offered under TLS")


def client_options(authority):
    """What clients that know TLS are to be told for STARTTLS with a look at the certificate."""
    options = {
        clients.curl: ("--ssl-reqd", "--cacert", authority),
        clients.msmtp: ("--tls=on", "--tls-starttls=on", f"--tls-trust-file={authority}"),
        clients.python: (lambda session: start_tls(session, authority),),
    }
    if clients.swaks_has_tls():
        options[clients.swaks] = ("--tls", "--tls-verify", "--tls-ca-path", authority)
    return options


def test_starttls_clients(report, server, with_tls):
    for name, needed, send in (
        ("curl", "curl", clients.curl),
        ("swaks", "swaks", clients.swaks),
        ("msmtp", "msmtp", clients.msmtp),
        ("smtplib", None, clients.python),
    ):
        if not clients.is_here(needed) or send not in with_tls:
            report.skip(f"{name}: STARTTLS", f"no {needed} with TLS")
            continue
        fault = fault_of_delivery(server, send, *with_tls[send], fields=ESMTPS, log=STARTTLS)
        report.check(f"{name}: STARTTLS", fault)


def test_versions(report, server, authority):
    """OpenSSL itself would not offer TLS 1.1 without a lower level of security."""
    ask = ("-CAfile", authority)
    for option, version, cipher in (("-tls1_2", "1.2", V1_2), ("-tls1_3", "1.3", V1_3)):
        fault = fault_of_delivery(
            server, dialogue.s_client, option, *ask,
            fields=(*ESMTPS, cipher), log=(*STARTTLS, rf"TLS: TLSv{version}, {cipher}$"),
        )  # fmt: skip
        report.check(f"s_client: STARTTLS, TLS {version}", fault)
    fault = fault_unless_refused(
        server, dialogue.s_client, "-tls1_1", "-cipher", "ALL@SECLEVEL=0", *ask,
        log=(r"closed: .*, no TLS",),
    )  # fmt: skip
    report.check("s_client: TLS 1.1 is refused", fault)


def rest(connection):
    """What comes until the server closes."""
    octets = b""
    try:
        while came := connection.recv(65536):
            octets += came
    except ConnectionResetError:
        pass  # it has closed before it read all, as it may
    return octets


def exchange(server, *parts):
    """Sends parts, each after a reply; returns what comes after the last one."""
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
        for part in parts:
            connection.recv(65536)
            connection.sendall(part)
        return rest(connection)


def injection_fault(server):
    """CVE-2011-0411: what comes behind STARTTLS in clear must not be taken for a part of TLS."""
    said = exchange(server, b"EHLO a.example\r\n", b"STARTTLS\r\nRSET\r\nMAIL FROM:<>\r\n")
    return None if said.startswith(b"554 ") and said.count(b"\n") == 1 else f"{said!r}"


def garbage_fault(server):
    start = len(server.told())
    said = exchange(server, b"EHLO a.example\r\n", b"STARTTLS\r\n", b"RSET\r\n" * 1000)
    if any(line[:3].isdigit() for line in said.split(b"\n")):
        return f"a reply in clear: {said!r}"
    return fault_if_unlogged(server, start, [r"closed: .*, no TLS"])


def test_starttls(report, program, directory, files):
    with tls_server(program, directory, files) as server:
        test_starttls_clients(report, server, client_options(files[0]))
        test_versions(report, server, files[0])
        report.check("octets behind STARTTLS", injection_fault(server))
        report.check("garbage instead of a handshake", garbage_fault(server))
        fault = fault_of_delivery(server, clients.python, fields=PLAIN_ESMTP)
        report.check("smtplib: no STARTTLS where it may be left out", fault)
        report.check("SIGTERM ends it", server.fault_at_end())
        report.show_log_if_failed(server)


def test_required(report, program, directory, files):
    with tls_server(program, directory, files, "--tls-required") as server:
        log = (r"C: (?i:MAIL).*\n.*S: 530 5\.7\.0 Must issue a STARTTLS command first",)
        fault = fault_unless_refused(server, clients.python, log=log)
        report.check("smtplib: mail without TLS is refused", fault)
        begin = client_options(files[0])[clients.python]
        fault = fault_of_delivery(server, clients.python, *begin, fields=ESMTPS)
        report.check("smtplib: mail with TLS is taken", fault)
        report.show_log_if_failed(server)


def curl_smtps(port, sender, recipients, content, *options):
    return run([*clients.curl_command(port, sender, recipients, "smtps"), *options], content)


def s_client_smtps(port, sender, recipients, content, *options):
    return dialogue.s_client(port, sender, recipients, content, *options, starttls=False)


def test_smtps(report, program, directory, files):
    with tls_server(program, directory, files, "--smtps") as server:
        for name, send, options in (
            ("openssl", s_client_smtps, ("-CAfile", files[0])),
            ("curl", curl_smtps, ("--cacert", files[0])),
            ("swaks", clients.swaks, ("--tlsc", "--tls-verify", "--tls-ca-path", files[0])),
            ("msmtp", clients.msmtp,
             ("--tls=on", "--tls-starttls=off", f"--tls-trust-file={files[0]}")),
        ):  # fmt: skip
            if not clients.is_here(name) or (name == "swaks" and not clients.swaks_has_tls()):
                report.skip(f"{name}: TLS from the first octet", f"no {name} with TLS")
                continue
            fault = fault_of_delivery(server, send, *options, fields=ESMTPS)
            report.check(f"{name}: TLS from the first octet", fault)
        fault = "STARTTLS" in server.told() and "STARTTLS is offered"
        report.check("no STARTTLS with TLS from the first octet", fault)
        start = len(server.told())
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
            connection.sendall(b"EHLO a.example\r\n")
            said = rest(connection)
        fault = f"it says {said!r}" if b"220" in said or b"250" in said else None
        fault = fault or fault_if_unlogged(server, start, [r"closed: .*, no TLS"])
        report.check("no TLS where there must be", fault)
        report.show_log_if_failed(server)


def test_tls(report, program, directory):
    files = certificate(program, directory)
    if files is None:
        report.skip("TLS", MISSING)
        return
    for name, test in (("starttls", test_starttls), ("required", test_required),
                       ("smtps", test_smtps)):  # fmt: skip
        (directory / name).mkdir()
        test(report, program, directory / name, files)
