"""The policy host under test: examples/smtpd with a policy file that the test has written.

SPDX-License-Identifier: MIT
"""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dialogues
from server import Smtpd

# Passwords in clear; the tests of TLS are elsewhere.
OPTIONS = ("--allow-plain-auth",)


class Lacking(Exception):
    """smtpd is built without a library that the policy needs."""


class Host(Smtpd):
    """`dns`: the port of the resolver; without, a port where nobody answers."""

    def __init__(self, program, directory, policy, *options, dns=9, trace=True):
        self.file = Path(directory, "policy.conf")
        self.write(policy)
        options = ("--policy", str(self.file), "--dns", f"127.0.0.1:{dns}", *OPTIONS, *options)
        try:
            super().__init__(program, directory, *options, domain=None, trace=trace)
        finally:
            self.look_for_libraries()

    def look_for_libraries(self):
        for line in self.told().splitlines():
            if "built without" in line:
                self.kill()
                raise Lacking(line.rpartition(": ")[2])

    def write(self, policy):
        self.file.write_text(policy)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)


class Case:
    """One policy, one dialogue, in both code sets. `prepare` is called with the Maildirs' folder
    before the server starts."""

    def __init__(self, name, policy, dialogue, options=(), prepare=None):
        self.name = name
        self.policy = policy
        self.dialogue = dialogue
        self.options = options
        self.prepare = prepare

    def run(self, report, program, directory, dns=9, fill=None):
        """`fill`: what stands in the place of {names} in the policy."""
        for codes in ("table", "registry"):
            place = directory / f"{self.name}-{codes}".replace(" ", "-").replace("/", "-")
            place.mkdir()
            if self.prepare:
                self.prepare(place / "mail")
            policy = self.policy.format(**fill) if fill else self.policy
            try:
                self.play(report, program, place, policy, codes, dns)
            except Lacking as lacking:
                report.skip(f"{self.name} ({codes})", lacking)
            except RuntimeError as error:
                report.check(f"{self.name} ({codes})", str(error))

    def play(self, report, program, place, policy, codes, dns):
        options = (*self.options, "--codes", codes)
        with Host(program, place, policy, *options, dns=dns) as server:
            player = dialogues.Player(server, codes == "registry")
            fault = player.play(self.dialogue)
            player.close()
            report.check(f"{self.name} ({codes})", fault or server.fault_at_end(), server)


def run_cases(report, program, directory, cases, **more):
    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(case.run, report, program, directory, **more) for case in cases]
    for run in runs:
        run.result()
