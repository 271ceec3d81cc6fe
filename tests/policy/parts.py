"""The real parts that the policy host asks: a DNS server, filters. Each runs in the foreground in a
directory of its own, as it is installed or as ../interop/unpack.sh leaves it.

SPDX-License-Identifier: MIT
"""

import contextlib
import os
import signal
import socket
import subprocess
from pathlib import Path

from server import PATIENCE, soon

PATIENCE_AT_START = 30  # a scanner loads its rules, perhaps beside many other tests
PATIENCE_AT_END = 2  # libmilter waits for its threads


def roots():
    return [root for root in ("/", os.environ.get("EHLO_UNPACKED")) if root]


def find(*names):
    """The first of these paths below / that is there; None: none is."""
    for root in roots():
        for name in names:
            path = Path(root, name)
            if path.exists():
                return str(path.resolve())
    return None


def free_port(kind=socket.SOCK_STREAM):
    """A port of 127.0.0.1 that nobody has at the moment, for programs that must be told one."""
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Part:
    """A running program; use it in a `with` statement, which ends it."""

    def __init__(self, directory, command, environment=None):
        self.directory = Path(directory)
        with open(self.directory / "part.log", "wb") as log:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **(environment or {})},
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_for(self, is_ready):
        """Raises RuntimeError if it does not come up."""
        for _ in range(PATIENCE_AT_START // PATIENCE):
            if soon(lambda: is_ready() or self.process.poll() is not None):
                break
        if self.process.poll() is not None or not is_ready():
            self.end()
            raise RuntimeError(f"{self.process.args[0]} does not start: {self.told()}")

    def told(self):
        return (self.directory / "part.log").read_text(errors="replace")

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_AT_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # children that it has left

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def answers(address, kind=socket.AF_UNIX):
    with socket.socket(kind) as sock:
        try:
            sock.connect(address)
        except OSError:
            return False
    return True


def make(directory, files):
    """Writes files, by name and text, {d} standing for the directory. Others may read them."""
    directory = Path(directory)
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace("{d}", str(directory)))
    directory.chmod(0o755)


# ---- DNS ----

NSD_CONF = """
server:
    ip-address: 127.0.0.1@{port}
    username: ""
    zonesdir: "{d}"
    database: ""
    pidfile: "{d}/pid"
    xfrdfile: "{d}/xfrd"
    xfrdir: "{d}"
    zonelistfile: "{d}/zones"
    server-count: 1
    rrl-ratelimit: 0
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: "{d}/root"
"""
ZONE_HEAD = """$TTL 60
. SOA ns.example. root.example. 1 3600 600 86400 60
. NS ns.example.
ns.example. A 127.0.0.1
"""


def dns_question(name, kind):
    octets = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
    for label in filter(None, name.split(".")):
        octets += bytes([len(label)]) + label.encode()
    return octets + b"\0" + kind.to_bytes(2, "big") + b"\0\1"


def dns_is_there(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.5)
        try:
            sock.connect(("127.0.0.1", port))
            sock.send(dns_question("ns.example", 1))
            return len(sock.recv(512)) > 12
        except OSError:
            return False


class Nsd(Part):
    """The whole tree of names is one zone."""

    program = find("usr/sbin/nsd")

    def __init__(self, directory, records):
        self.port = free_port(socket.SOCK_DGRAM)
        conf = NSD_CONF.replace("{port}", str(self.port))
        make(directory, {"nsd.conf": conf, "root": ZONE_HEAD + records})
        super().__init__(directory, [self.program, "-d", "-c", f"{directory}/nsd.conf"])
        self.wait_for(lambda: dns_is_there(self.port))


# ---- filters; each is asked at self.socket ----


def has_milter():
    """Whether Debian's python3-milter is there."""
    python = find("usr/bin/python3")
    command = [python, "-c", "import Milter"]
    return python and subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


class Filter(Part):
    def __init__(self, directory, files, command, environment=None):
        self.socket = str(Path(directory, "socket"))
        make(directory, files)
        command = [word.replace("{d}", str(directory)) for word in command]
        super().__init__(directory, command, environment)
        self.wait_for(lambda: answers(self.socket))


CLAMD_CONF = """
Foreground yes
LocalSocket {d}/socket
DatabaseDirectory {d}/db
PidFile {d}/pid
StreamMaxLength 1M
SelfCheck 0
"""
# In two halves, so that a scanner of the checkout does not take this file for what it tests.
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd(Filter):
    """Knows nothing but the EICAR string."""

    program = find("usr/sbin/clamd")

    def __init__(self, directory):
        user = "User root\n" if os.geteuid() == 0 else ""
        files = {
            "clamd.conf": CLAMD_CONF + user,
            "db/test.ndb": f"Ehlo.Test.Eicar:0:*:{EICAR.encode().hex()}\n",
        }
        super().__init__(directory, files, [self.program, "-c", "{d}/clamd.conf"])


GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
SPAMD_RULES = """
body GTUBE /XJS\\*C4JDBQADN1\\.NSBN3\\*2IDNEN\\*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL\\*C\\.34X/
score GTUBE 1000
"""


class Spamd(Filter):
    """Knows nothing but GTUBE."""

    program = find("usr/sbin/spamd")

    def __init__(self, directory):
        files = {
            "rules/test.cf": SPAMD_RULES,
            "site/init.pre": "loadplugin Mail::SpamAssassin::Plugin::Check\n",
            "site/local.cf": "",
            "home/.keep": "",
        }
        command = [
            self.program, "-L", "-x", "--socketpath={d}/socket", "--socketmode=0666", "-m", "2",
            "--min-children=1", "-s", "stderr", "--configpath={d}/rules", "--siteconfigpath={d}/site",
            "--helper-home-dir={d}/home", "-r", "{d}/pid",
        ]  # fmt: skip
        if os.geteuid() == 0:
            command += ["-u", "nobody"]
        modules = ":".join(str(Path(root, "usr/share/perl5").resolve()) for root in roots()[1:])
        super().__init__(directory, files, command, {"PERL5LIB": modules})


RSPAMD_CONF = """
options {
    pidfile = "{d}/pid";
    filters = "";
    gtube_patterns = "all";
    dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }
    control_socket = "{d}/run/control mode=0600";
    tempdir = "{d}/run"; rundir = "{d}/run";
    hs_cache_dir = "{d}/run";
    url_tld = "{d}/tld"; # it would take 10 seconds to compile those of the world
    one_shot = true;
}
logging { type = "console"; level = "notice"; }
lua = "{d}/test.lua"
actions { reject = 15; add_header = 6; greylist = 4; }
worker "normal" {
    bind_socket = "{d}/socket mode=0666";
    count = 1;
}
"""
# A message asks for an action: "test-action: add header".
RSPAMD_LUA = """
rspamd_config:register_symbol({
  name = 'TEST_ACTION',
  type = 'prefilter',
  callback = function(task)
    local action = tostring(task:get_content()):match('test%-action: ([%l ]+)')
    if action then task:set_pre_result(action, 'asked for') end
  end,
})
"""


class Rspamd(Filter):
    program = find("usr/bin/rspamd")

    def __init__(self, directory):
        files = {
            "rspamd.conf": RSPAMD_CONF,
            "test.lua": RSPAMD_LUA,
            "run/.keep": "",
            "tld": "example\n",
        }
        command = [self.program, "-f", "-c", "{d}/rspamd.conf"]
        command += [f"--var={name}={{d}}/run" for name in ("DBDIR", "RUNDIR", "LOGDIR")]
        if os.geteuid() == 0:
            command += ["-i", "-u", "root", "-g", "root"]
        super().__init__(directory, files, command)
