#!/usr/bin/env python3
"""interop.py SMTPD: see run.sh.

SPDX-License-Identifier: MIT
"""

import sys
import tempfile
from pathlib import Path

import auth
import behind
import deliver
import relay
import rough
import tls


class Report:
    """Counts, and tells what happens."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, fault):
        """A test is done; a fault that is a text says that it failed."""
        if fault:
            self.failed += 1
            print(f"FAILED: {name}: {fault}")
        else:
            self.passed += 1
            print(f"ok: {name}")

    def skip(self, name, why):
        self.skipped += 1
        print(f"skipped: {name}: {why}")

    def show_log_if_failed(self, server):
        if self.failed:
            print("--- the end of what smtpd said:", *server.told().splitlines()[-200:], sep="\n")


def main():
    program = str(Path(sys.argv[1]).resolve())
    report = Report()
    with tempfile.TemporaryDirectory(prefix="ehlo-interop-") as work:
        Path(work).chmod(0o711)  # there are programs that give up root
        for name, test in (
            ("clients", deliver.test_clients),
            ("rough", rough.test_rough),
            ("killed", rough.test_killed_server),
            ("tls", tls.test_tls),
            ("auth", auth.test_auth),
            ("behind", behind.test_behind),
            ("relay", relay.test_relay),
        ):
            directory = Path(work, name)
            directory.mkdir()
            test(report, program, directory)
    print(f"{report.passed} passed, {report.failed} failed, {report.skipped} skipped")
    sys.exit(report.failed > 0)


if __name__ == "__main__":
    main()
