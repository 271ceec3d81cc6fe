"""HAProxy and nginx's mail proxy, as they are installed or as tests/interop/unpack.sh leaves them.

They are given sockets that listen already, so that nobody needs to know a free port or wait.

SPDX-License-Identifier: MIT
"""

import csv
import hmac
import http.server
import os
import socket
import subprocess
import threading
from pathlib import Path
from urllib.parse import unquote

from server import PATIENCE


def find(program, *more):
    """A program, and files beside it below /usr; None: one is missing."""
    for root in ("/", os.environ.get("EHLO_UNPACKED", "/")):
        files = [str(Path(root, name).resolve()) for name in (f"usr/sbin/{program}", *more)]
        if all(Path(file).exists() for file in files):
            return files
    return None


class Program:
    """A program that runs in the foreground; use it in a `with` statement, which ends it."""

    def __init__(self, directory, names):
        """Makes a listening socket for each name."""
        self.work = Path(directory)
        self.sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in names}

    def address(self, name):
        return f"127.0.0.1:{self.port(name)}"

    def port(self, name):
        return self.sockets[name].getsockname()[1]

    def start(self, command, environment=None):
        with open(self.work / "log", "wb") as log:
            self.process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[sock.fileno() for sock in self.sockets.values()],
            )

    def told(self):
        return (self.work / "log").read_text(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for sock in self.sockets.values():
            sock.close()


HAPROXY_CFG = """\
global
  stats socket {work}/stats
defaults
  mode tcp
  timeout connect 5s
  timeout client 10s
  timeout server 10s
  option smtpchk EHLO proxy.example.net
"""
HAPROXY_SECTION = """\
listen {name}
  bind fd@{fd} {bind}
  server smtpd 127.0.0.1:{port} {options}
"""


class HAProxy(Program):
    """Each section has a name, smtpd's port, what `bind` is told, and what `server` is told."""

    def __init__(self, directory, sections):
        super().__init__(directory, [name for name, *_ in sections])
        text = HAPROXY_CFG.format(work=self.work)
        for name, port, bind, options in sections:
            descriptor = self.sockets[name].fileno()
            text += HAPROXY_SECTION.format(
                name=name, fd=descriptor, bind=bind, port=port, options=options
            )
        (self.work / "conf").write_text(text)
        self.start([*find("haproxy"), "-db", "-f", str(self.work / "conf")])

    def checks(self):
        """What came of the checks: a code such as L7OK for each section that has them."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(str(self.work / "stats"))
            sock.sendall(b"show stat\n")
            lines = sock.makefile().read().removeprefix("# ").splitlines()
        rows = csv.DictReader(lines)
        return {row["pxname"]: row["check_status"] for row in rows if row["svname"] == "smtpd"}


# `user`: a worker of the super-user must reach what the master reaches; others ignore it.
NGINX_CONF = """\
load_module {module};
user root;
daemon off;
worker_processes 1;
pid {work}/pid;
error_log stderr info;
events {{}}
mail {{
  server_name proxy.example.net;
  auth_http 127.0.0.1:{port}/;
  {servers}
}}
"""
NGINX_SERVER = """\
server {{
    listen {address};
    protocol smtp;
    auth_http_header X-Port {port};
    {options}
  }}
"""
NGINX_FILES = ("nginx", "usr/lib/nginx/modules/ngx_mail_module.so")


class Judge(http.server.BaseHTTPRequestHandler):
    """Tells nginx who may log in and where smtpd is: at the port that nginx's configuration has."""

    password = ""

    def is_password(self):
        method = self.headers["Auth-Method"]
        given = unquote(self.headers.get("Auth-Pass", ""))
        if method == "cram-md5":
            challenge = unquote(self.headers["Auth-Salt"]).encode()
            return given == hmac.new(self.password.encode(), challenge, "md5").hexdigest()
        return method == "none" or given == self.password

    def do_GET(self):
        self.send_response(200)
        if self.is_password():
            self.send_header("Auth-Status", "OK")
            self.send_header("Auth-Server", "127.0.0.1")
            self.send_header("Auth-Port", self.headers["X-Port"])
        else:
            self.send_header("Auth-Status", "Nobody knows you")
            self.send_header("Auth-Error-Code", "535 5.7.8")
        self.end_headers()

    def log_message(self, *_):
        pass


class Nginx(Program):
    """Each section has a name, smtpd's port, and directives."""

    def __init__(self, directory, password, sections):
        super().__init__(directory, [name for name, *_ in sections])
        judge = type("Judge", (Judge,), {"password": password})
        self.judge = http.server.ThreadingHTTPServer(("127.0.0.1", 0), judge)
        threading.Thread(target=self.judge.serve_forever, daemon=True).start()
        program, module = find(*NGINX_FILES)
        servers = "".join(
            NGINX_SERVER.format(address=self.address(name), port=port, options=options)
            for name, port, options in sections
        )
        (self.work / "conf").write_text(
            NGINX_CONF.format(
                module=module,
                work=self.work,
                port=self.judge.server_port,
                servers=servers,
            )
        )
        inherited = "".join(f"{sock.fileno()};" for sock in self.sockets.values())
        command = [program, "-p", str(self.work), "-c", str(self.work / "conf")]
        self.start(command, {"NGINX": inherited})

    def __exit__(self, *_):
        super().__exit__()
        self.judge.shutdown()
        self.judge.server_close()
