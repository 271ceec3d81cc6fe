"""AUTH by real clients: each mechanism with the right secret and a wrong one, with TLS and without.

SPDX-License-Identifier: MIT
"""

import base64
from pathlib import Path

import clients
import tls
from expect import RECIPIENT, fault_of_delivery, fault_unless_refused
from server import Smtpd

USER = "alice@example.org"
PASSWORD = "se=cret 1"
TOKEN = "tok.en-1~+/="
USERS = (f"--user={USER}:{PASSWORD}", f"--token={USER}:{TOKEN}", f"--user={RECIPIENT}")
WRONG = "else"

PASSWORDS = ("PLAIN", "LOGIN", "CRAM-MD5")
TOKENS = ("OAUTHBEARER", "XOAUTH2")
SCRAM = "SCRAM-SHA-256"
BY_GSASL = ("CRAM-MD5", SCRAM)


def curl_options(mechanism, secret):
    if mechanism in TOKENS:
        return ["--login-options", f"AUTH={mechanism}", "--user", USER, "--oauth2-bearer", secret]
    return ["--login-options", f"AUTH={mechanism}", "--user", f"{USER}:{secret}"]


def curl_ir_options(mechanism, secret):
    return ["--sasl-ir", *curl_options(mechanism, secret)]


def swaks_options(mechanism, secret):
    return ["--auth", mechanism, "--auth-user", USER, "--auth-password", secret]


def msmtp_options(mechanism, secret):
    options = [f"--auth={mechanism.lower()}", f"--user={USER}"]
    return [*options, f"--passwordeval=printf '%s\\n' '{secret}'"]


def authenticate(session, mechanism, secret, initial):
    session.user, session.password = USER, secret
    session.ehlo()
    answer = getattr(session, "auth_" + mechanism.lower().replace("-", "_"))
    session.auth(mechanism, answer, initial_response_ok=initial)


def python_options(mechanism, secret):
    return [lambda session: authenticate(session, mechanism, secret, initial=True)]


def python_late_options(mechanism, secret):
    return [lambda session: authenticate(session, mechanism, secret, initial=False)]


# The name, the program, its function, the options for AUTH, and what it knows. Debian's curl has no
# SCRAM; it takes XOAUTH2 only where there is no OAUTHBEARER, whatever it is told.
CLIENTS = (
    ("curl", "curl", clients.curl, curl_options, (*PASSWORDS, "OAUTHBEARER")),
    ("curl --sasl-ir", "curl", clients.curl, curl_ir_options, ("PLAIN", "LOGIN", "OAUTHBEARER")),
    ("swaks", "swaks", clients.swaks, swaks_options, PASSWORDS),
    ("msmtp", "msmtp", clients.msmtp, msmtp_options, (*PASSWORDS, *TOKENS, SCRAM)),
    ("smtplib", None, clients.python, python_options, PASSWORDS),
    ("smtplib, no initial response", None, clients.python, python_late_options, PASSWORDS[:2]),
)
CLIENTS_IN_CLEAR = (
    ("curl in clear", "curl", clients.curl, curl_options, ("PLAIN", "XOAUTH2")),
    ("curl --sasl-ir in clear", "curl", clients.curl, curl_ir_options, ("XOAUTH2",)),
    ("smtplib in clear", None, clients.python, python_options, ("LOGIN",)),
)
SCRAM_IN_CLEAR = (("msmtp in clear", "msmtp", clients.msmtp, msmtp_options, (SCRAM,)),)
SCRAM_FOR_SUBMISSION = (("submission, msmtp", "msmtp", clients.msmtp, msmtp_options, (SCRAM,)),)


def has_gsasl(server):
    return b"gsasl_" in Path(server.process.args[0]).read_bytes()


def check_secrets(report, server, title, mechanism, send, options):
    """`options` are made of a secret."""
    begun = rf"C: AUTH {mechanism}\n(.*\n)*?.*"
    right = TOKEN if mechanism in TOKENS else PASSWORD
    fault = fault_of_delivery(
        server, send, *options(right), fields=(r"with ESMTPS?A\b",),
        log=(begun + r"S: 235 2\.7\.0 ", rf"taken: .*, by {USER}$"),
    )  # fmt: skip
    report.check(title, fault)
    log = begun + r"S: 535 5\.7\.\d "
    if (send, mechanism) == (clients.curl, "XOAUTH2"):
        log = begun + "S: 334 .+\n.*closed: "  # it leaves when a challenge tells the error
    report.check(f"{title}, wrong", fault_unless_refused(server, send, *options(WRONG), log=(log,)))


def test_mechanisms(report, server, rows, with_tls):
    """`with_tls` says what each client is to be told for TLS; None: they are to do without."""
    for name, needed, send, options, mechanisms in rows:
        if not clients.is_here(needed) or (with_tls is not None and send not in with_tls):
            report.skip(f"{name}: AUTH", f"no {needed}{' with TLS' * (with_tls is not None)}")
            continue
        first = with_tls[send] if with_tls is not None else ()
        for mechanism in mechanisms:
            if mechanism in BY_GSASL and not has_gsasl(server):
                report.skip(f"{name}: AUTH {mechanism}", "smtpd was built without GNU SASL")
                continue
            check_secrets(
                report, server, f"{name}: AUTH {mechanism}", mechanism, send,
                lambda secret: (*first, *options(mechanism, secret)),
            )  # fmt: skip


def code_in_clear(command, code):
    """For clients.python(): the command must get a code before TLS; then nothing goes on."""

    def begin(session):
        session.ehlo()
        got, text = session.docmd(command)
        raise OSError("as it should be" if got == code else f"{got} {text}")

    return begin


def fault_in_clear(server, command, code):
    fault = clients.python(server.port, "", [USER], b"", code_in_clear(command, code))
    return None if fault == repr(OSError("as it should be")) else fault


NO_AUTH = (r"C: (?i:MAIL).*\n.*S: 530 5\.7\.\d ",)


def test_with_tls(report, program, directory, files):
    """Secrets need TLS here; SCRAM and CRAM-MD5 do not show them."""
    response = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    with tls.tls_server(program, directory, files, "--require-auth", *USERS) as server:
        test_mechanisms(report, server, CLIENTS, tls.client_options(files[0]))
        test_mechanisms(report, server, SCRAM_IN_CLEAR, None)
        report.check("AUTH PLAIN before TLS", fault_in_clear(server, f"AUTH PLAIN {response}", 504))
        fault = fault_unless_refused(server, clients.python, log=NO_AUTH)
        report.check("smtplib: mail without AUTH is refused", fault)
        told = server.told()
        shown = [secret for secret in (PASSWORD, TOKEN, response) if secret in told]
        report.check("no secret in the log", f"{shown}" if shown else None)
        report.check("SIGTERM ends it", server.fault_at_end())
        report.show_log_if_failed(server)


def test_in_clear(report, program, directory):
    options = "--allow-plain-auth", "--disable=OAUTHBEARER"
    with Smtpd(program, directory, *options, *USERS) as server:
        test_mechanisms(report, server, CLIENTS_IN_CLEAR, None)
        report.show_log_if_failed(server)


def test_submission(report, program, directory, files):
    options = "--submission", "--tls-required"
    with_tls = tls.client_options(files[0])
    with tls.tls_server(program, directory, files, *options, *USERS) as server:
        fault = fault_in_clear(server, "AUTH PLAIN", 530)
        report.check("submission: AUTH where TLS is required", fault)
        fault = fault_unless_refused(server, clients.python, *with_tls[clients.python], log=NO_AUTH)
        report.check("submission: mail without AUTH is refused", fault)
        test_mechanisms(report, server, SCRAM_FOR_SUBMISSION, with_tls)
        report.show_log_if_failed(server)


def test_auth(report, program, directory):
    for name in ("tls", "clear", "submission"):
        (directory / name).mkdir()
    files = tls.certificate(program, directory)
    if files is None:
        report.skip("AUTH with TLS", tls.MISSING)
    else:
        test_with_tls(report, program, directory / "tls", files)
        test_submission(report, program, directory / "submission", files)
    test_in_clear(report, program, directory / "clear")
