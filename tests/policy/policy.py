#!/usr/bin/env python3
"""policy.py SMTPD [TOPIC...]: see run.sh.

SPDX-License-Identifier: MIT
"""

import importlib
import sys
import tempfile
import threading
from pathlib import Path

# The server, and what lies in its Maildirs.
sys.path.append(str(Path(__file__).resolve().parent.parent / "interop"))

from host import Lacking

# The function of each: run(report, program, directory).
TOPICS = {
    "rules": "rules.run",
    "senders": "senders.run",
    "accounts": "accounts.run",
    "limits": "limits.run",
    "lookups": "lookups.run",
    "programs": "programs.run",
    "reload": "reload.run",
    "waiting": "waiting.run",
    "edges": "edges.run",
    "crowd": "crowd.run",
    "nsd": "lookups.run_with_nsd",
    "services": "services.run",
    "milters": "milters.run",
}


class Report:
    """Counts, and tells what happens; also to several threads."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.lock = threading.Lock()

    def check(self, name, fault, server=None):
        """A test is done; a fault that is a text says that it failed. What the server has said last
        is shown then."""
        with self.lock:
            if not fault:
                self.passed += 1
                print(f"ok: {name}")
                return
            self.failed += 1
            print(f"FAILED: {name}: {fault}")
            if server is not None:
                print("--- the end of what smtpd said:")
                print(*server.told().splitlines()[-30:], "---", sep="\n")

    def skip(self, name, why):
        with self.lock:
            self.skipped += 1
            print(f"skipped: {name}: {why}")


def main():
    program = str(Path(sys.argv[1]).resolve())
    report = Report()
    with tempfile.TemporaryDirectory(prefix="ehlo-policy-") as work:
        Path(work).chmod(0o711)  # there are programs that give up root
        for topic in sys.argv[2:] or TOPICS:
            directory = Path(work, topic)
            directory.mkdir()
            module, function = TOPICS[topic].split(".")
            try:
                getattr(importlib.import_module(module), function)(report, program, directory)
            except Lacking as lacking:
                report.skip(f"the rest of {topic}", lacking)
    print(f"{report.passed} passed, {report.failed} failed, {report.skipped} skipped")
    if report.passed + report.failed == 0:
        sys.exit(77)
    sys.exit(report.failed > 0)


if __name__ == "__main__":
    main()
