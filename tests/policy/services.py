"""What real programs say to a message: clamd, SpamAssassin's spamd, rspamd.

SPDX-License-Identifier: MIT
"""

from host import Case, run_cases
from parts import EICAR, GTUBE, Clamd, Rspamd, Spamd

ACCEPTED = "250 2.0.0 Message accepted"
VIRUS_FOUND = "554 5.7.1 Message cannot be accepted, virus found"
SPAM_FOUND = "554 5.7.1 Message cannot be accepted, spam rejection"
LATER = "451 4.3.0 Local error, try again later"
VIRUS = "Subject: x\\n\\n" + EICAR.replace("\\", "\\\\")
SPAM = f"Subject: x\\n\\nBuy this.\\n{GTUBE}\\n.\\nBye."
LONG = ("\\n" + "x" * 70) * 20000  # more than clamd takes
ACCOUNTS = """
domain example.org
account bob@example.org
account alice@example.org
"""

# {where}: its socket; {gone}: where nobody is
# fmt: off
CLAMD = (
    Case("clamd", """
clamd {where}
bypass peer 127.0.0.2 virus
bypass sender *@lab.example virus
bypass recipient alice@example.org virus
bypass peer 127.0.0.3 spam
""" + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org {VIRUS} => {VIRUS_FOUND}  # row 38
SEND a@client.example bob@example.org => {ACCEPTED}
SEND a@lab.example bob@example.org {VIRUS} => {ACCEPTED}
STORED bob@example.org => 2
SEND a@client.example alice@example.org {VIRUS} => {ACCEPTED}
STORED alice@example.org => 1
SEND a@client.example alice@example.org,bob@example.org {VIRUS} => {VIRUS_FOUND}  # row 38
CONNECT 127.0.0.2
SEND a@client.example bob@example.org {VIRUS} => {ACCEPTED}
CONNECT 127.0.0.3
SEND a@client.example bob@example.org {VIRUS} => {VIRUS_FOUND}  # row 38
STORED bob@example.org => 3
STORED alice@example.org => 1
"""),
    Case("clamd, another reply", """
clamd {where} with REJECTED_BY_FILTER
""" + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org {VIRUS} => 554 5.7.1 Message cannot be accepted, filter rejection  # row 43
SEND a@client.example bob@example.org => {ACCEPTED}
"""),
    Case("clamd, too large for it", "clamd {where}\n" + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org Subject: x\\n{LONG} => {LATER}
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 1
"""),
    Case("no clamd", "clamd {gone}\n" + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org => {LATER}
STORED bob@example.org => 0
"""),
)
# fmt: on

# fmt: off
SPAMD = (
    Case("spamd", """
spamd {where}
bypass peer 127.0.0.2 spam
bypass sender *@friend.example spam
bypass recipient alice@example.org spam
bypass peer 127.0.0.3 virus
""" + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org {SPAM} => {SPAM_FOUND}  # row 41
SEND a@client.example bob@example.org => {ACCEPTED}
SEND a@friend.example bob@example.org {SPAM} => {ACCEPTED}
SEND a@client.example alice@example.org {SPAM} => {ACCEPTED}
CONNECT 127.0.0.2
SEND a@client.example bob@example.org {SPAM} => {ACCEPTED}
CONNECT 127.0.0.3
SEND a@client.example bob@example.org {SPAM} => {SPAM_FOUND}  # row 41
STORED bob@example.org => 3
STORED alice@example.org => 1
"""),
    Case("no spamd", "spamd {gone}\n" + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org => {LATER}
STORED bob@example.org => 0
"""),
)
# fmt: on

# fmt: off
RSPAMD = (
    Case("rspamd", """
rspamd {where}
bypass peer 127.0.0.2 spam
""" + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org {SPAM} => 554 5.7.1 Message cannot be accepted, spam filter rejection  # row 40
SEND a@client.example bob@example.org test-action: add header\\n\\nx => {SPAM_FOUND}  # row 41
SEND a@client.example bob@example.org test-action: rewrite subject\\n\\nx => {SPAM_FOUND}  # row 41
SEND a@client.example bob@example.org test-action: soft reject\\n\\nx => 451 4.7.1 Too much at once, slow down and try again later
SEND a@client.example bob@example.org test-action: greylist\\n\\nx => 451 4.7.1 Greylisted, try again later
SEND a@client.example bob@example.org test-action: no action\\n\\nx => {ACCEPTED}
SEND a@client.example bob@example.org => {ACCEPTED}
CONNECT 127.0.0.2
SEND a@client.example bob@example.org {SPAM} => {ACCEPTED}
STORED bob@example.org => 3
"""),
)
# fmt: on


def run(report, program, directory):
    for part, cases in ((Clamd, CLAMD), (Spamd, SPAMD), (Rspamd, RSPAMD)):
        name = part.__name__.lower()
        if part.program is None:
            report.skip(name, "it is not installed")
            continue
        place = directory / name
        place.mkdir()
        try:
            running = part(place)
        except RuntimeError as error:
            report.check(f"{name} starts", str(error))
            continue
        with running:
            fill = {"where": running.socket, "gone": f"{place}/nobody"}
            run_cases(report, program, directory, cases, fill=fill)
