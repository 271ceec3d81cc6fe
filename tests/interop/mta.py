"""Postfix and Exim as tests/interop/unpack.sh leaves them, made to hand all their mail to one port.

Both are started by root and give it up, so they get directories below one that others may enter.

SPDX-License-Identifier: MIT
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from clients import NAME, run
from server import PATIENCE, soon

LIFETIME = 200  # seconds after which Postfix ends, should nobody end it


def unpacked():
    """The directory that EHLO_UNPACKED names, or None where they cannot be run."""
    directory = os.environ.get("EHLO_UNPACKED")
    whole = directory and os.geteuid() == 0 and Path(directory, "usr/sbin/exim4").exists()
    return Path(directory).resolve() if whole else None


# Postfix wants an owner and a group that nobody else has, and that are not those of `nobody`.
# debug_peer_list makes the log tell the dialogue; IGNORE keeps Postfix's own Received field out.
MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {work}/queue
data_directory = {work}/data
command_directory = {unpacked}/usr/sbin
daemon_directory = {unpacked}/usr/lib/postfix/sbin
mail_owner = daemon
setgid_group = mail
import_environment = MAIL_CONFIG LD_LIBRARY_PATH
export_environment = MAIL_CONFIG LD_LIBRARY_PATH
maillog_file_prefixes = {work}
maillog_file = {work}/log
debug_peer_list = 127.0.0.1
myhostname = {name}
mydestination =
inet_protocols = ipv4
default_transport = {transport}
smtp_send_xforward_command = yes
header_checks = regexp:{{{{/^Received:/ IGNORE}}}}
"""

# No service listens on a network.
MASTER_CF = """\
pickup  unix       n - n 60  1 pickup
cleanup unix       n - n -   0 cleanup
qmgr    unix       n - n 300 1 qmgr
rewrite unix       - - n -   - trivial-rewrite
bounce  unix       - - n -   0 bounce
defer   unix       - - n -   0 bounce
trace   unix       - - n -   0 bounce
smtp    unix       - - n -   - smtp
lmtp    unix       - - n -   - lmtp
error   unix       - - n -   - error
retry   unix       - - n -   - error
postlog unix-dgram n - n -   1 postlogd
"""

QUEUES = ("maildrop", "incoming", "active")  # the way that a message takes
FOLDERS = (*QUEUES, "bounce", "corrupt", "defer", "deferred", "flush", "hold", "private", "saved",
           "trace")  # fmt: skip


class Postfix:
    """A running Postfix; use it in a `with` statement, which ends it."""

    def __init__(self, directory, transport):
        self.work = Path(directory)
        self.work.mkdir()
        self.home = unpacked()
        libraries = self.home / "usr/lib/postfix"
        self.environment = {"LD_LIBRARY_PATH": str(libraries), "PATH": os.environ["PATH"]}
        self.make_queue()
        self.configure(transport)
        command = [libraries / "sbin/master", "-c", self.work / "conf", "-d", "-e", str(LIFETIME)]
        with open(self.work / "output", "wb") as output:
            self.process = subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        if not soon(lambda: "daemon started" in self.told() or self.process.poll() is not None):
            self.end()
        if self.process.poll() is not None:
            raise RuntimeError(f"Postfix does not start:\n{self.told()}")

    def make_queue(self):
        for name in ("data", *(f"queue/{folder}" for folder in FOLDERS)):
            folder = self.work / name
            folder.mkdir(parents=True)
            shutil.chown(folder, "daemon")
            folder.chmod(0o700)
        public = self.work / "queue/public"
        (self.work / "queue/pid").mkdir()
        public.mkdir()
        shutil.chown(public, "daemon", "mail")

    def configure(self, transport):
        main = MAIN_CF.format(work=self.work, unpacked=self.home, name=NAME, transport=transport)
        (self.work / "conf").mkdir()
        for name, text in (("main.cf", main), ("master.cf", MASTER_CF)):
            file = self.work / "conf" / name
            file.write_text(text)
            # Postfix waits until what it reads is no longer new.
            os.utime(file, (time.time() - 60,) * 2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def told(self):
        """What it said and logged."""
        files = (self.work / name for name in ("output", "log"))
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def send(self, sender, recipients, content, *options):
        """Hands a message over and waits until it has left the queue; returns a fault, or None."""
        command = ["env", *(f"{name}={value}" for name, value in self.environment.items())]
        command += [str(self.home / "usr/sbin/sendmail"), "-C", str(self.work / "conf")]
        command += ["-i", "-f", sender, *options, "--", *recipients]
        fault = run(command, content.replace(b"\r\n", b"\n"))
        if fault is None and not soon(lambda: not self.is_queued()):
            fault = "still in Postfix's queue"
        return fault

    def is_queued(self):
        return any(any((self.work / "queue" / folder).iterdir()) for folder in QUEUES)

    def end(self):
        """Ends it and what it started, which is in its session."""
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


# It adds no field if there are Date and Message-ID. Without deliver_drop_privilege it would start
# itself anew, as a user that perhaps may not reach the program.
EXIM_CONF = """\
exim_path = {unpacked}/usr/sbin/exim4
spool_directory = {work}/spool
log_file_path = {work}/%slog
primary_hostname = {name}
keep_environment = ^LD_PRELOAD$ : ^NSS_WRAPPER
deliver_drop_privilege = true
received_header_text =
begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = smtp
begin transports
smtp:
  driver = smtp
  port = {port}
  hosts_try_chunking = *
"""


class Exim:
    """Runs for each message; its user, Debian-exim, is `daemon` under another name."""

    def __init__(self, directory, port):
        self.work = Path(directory)
        (self.work / "spool").mkdir(parents=True)
        self.home = unpacked()
        (wrapper,) = self.home.glob("usr/lib/*/libnss_wrapper.so")
        self.environment = {
            "LD_PRELOAD": wrapper,
            "NSS_WRAPPER_PASSWD": self.work / "passwd",
            "NSS_WRAPPER_GROUP": self.work / "group",
        }
        for name, text in (
            ("passwd", "root:x:0:0::/:/bin/sh\nDebian-exim:x:1:1::/:/bin/sh\n"),
            ("group", "root:x:0:\nDebian-exim:x:1:\n"),
            ("conf", EXIM_CONF.format(work=self.work, unpacked=self.home, name=NAME, port=port)),
        ):
            (self.work / name).write_text(text)
        for folder in (self.work, self.work / "spool"):
            shutil.chown(folder, 1, 1)

    def told(self):
        """What it logged."""
        return "".join(file.read_text(errors="replace") for file in self.work.glob("*log"))

    def send(self, sender, recipients, content):
        """Delivers at once (-odf); returns a fault, or None."""
        command = ["env", *(f"{name}={value}" for name, value in self.environment.items())]
        command += [str(self.home / "usr/sbin/exim4"), "-C", str(self.work / "conf")]
        command += ["-odf", "-oi", "-f", sender, "--", *recipients]
        return run(command, content.replace(b"\r\n", b"\n"))
