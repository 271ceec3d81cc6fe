"""Real mail programs, each as a function that sends given content octet by octet.

Content is lines that end with CR LF. What a program makes of what it is given was found out from
its source and its manual; the comments tell it.

SPDX-License-Identifier: MIT
"""

import shutil
import smtplib
import subprocess

from server import PATIENCE

NAME = "client.example.net"  # for EHLO


def run(command, octets=None):
    """Runs a program; returns what it complains about, or None."""
    try:
        done = subprocess.run(
            command,
            input=octets,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return "takes too long"
    return None if done.returncode == 0 else done.stdout.decode(errors="replace")


def curl_command(port, sender, recipients, scheme="smtp"):
    command = ["curl", "-q", "--silent", "--show-error", f"{scheme}://127.0.0.1:{port}/{NAME}"]
    command += ["--mail-from", sender, "--upload-file", "-"]
    for recipient in recipients:
        command += ["--mail-rcpt", recipient]
    return command


def curl(port, sender, recipients, content, *options):
    """Sends its input as it is, dots doubled."""
    return run([*curl_command(port, sender, recipients), *options], content)


def curl_crlf(port, sender, recipients, content):
    """With --crlf each LF becomes CR LF, whatever stands before it."""
    command = [*curl_command(port, sender, recipients), "--crlf"]
    return run(command, content.replace(b"\r\n", b"\n"))


def swaks(port, sender, recipients, content, *options):
    """Drops a lone dot at the very end and adds its own after a CR LF; so that dot is given.

    Backslash-n and words in percent signs are replaced; no content here has any.
    """
    command = ["swaks", "--silent", "2", "--server", "127.0.0.1", "--port", str(port)]
    command += ["--helo", NAME, "--from", sender, "--to", ",".join(recipients), "--data", "-"]
    return run([*command, *options], content + b".\r\n")


def msmtp(port, sender, recipients, content, *options):
    """Reads lines with any end and sends them with CR LF; adds no field if told so."""
    command = ["msmtp", "--host=127.0.0.1", f"--port={port}", f"--domain={NAME}", "--auth=off"]
    command += ["--tls=off", f"--from={sender}", "--set-from-header=off", "--set-date-header=off"]
    return run([*command, *options, "--", *recipients], content.replace(b"\r\n", b"\n"))


def python(port, sender, recipients, content, *begin, parameters=()):
    """smtplib sends octets as they are, dots doubled; `begin` is called before that."""
    try:
        with smtplib.SMTP("127.0.0.1", port, NAME, PATIENCE) as session:
            for step in begin:
                step(session)
            refused = session.sendmail(sender, recipients, content, parameters)
    except (OSError, smtplib.SMTPException) as error:
        return repr(error)
    return str(refused) if refused else None


# The name, what has to be there for it, the function, and whether it takes content that has no
# header section.
CLIENTS = (
    ("curl", "curl", curl, True),
    ("curl --crlf", "curl", curl_crlf, True),
    ("swaks", "swaks", swaks, False),
    ("msmtp", "msmtp", msmtp, False),
    ("smtplib", None, python, True),
)


def is_here(program):
    return program is None or shutil.which(program) is not None


def swaks_has_tls():
    return is_here("perl") and run(["perl", "-MNet::SSLeay", "-e", "1"]) is None
