"""Programs that judge a message by their exit status.

SPDX-License-Identifier: MIT
"""

from host import Case, run_cases

ACCEPTED = "250 2.0.0 Message accepted"
LATER = "451 4.3.0 Local error, try again later"
ACCOUNTS = """
domain example.org
account bob@example.org
    password secret
account alice@example.org
"""
# Exits as the subject says; looks at all of the message first.
JUDGE = """#!/bin/sh
status=0
while read -r line; do
    case $line in
    Status:*) status=$(echo "$line" | tr -dc 0-9) ;;
    Environment:*) echo "$CLIENT_ADDRESS,$HELO,$AUTH,$SENDER,$(echo $RECIPIENTS)" >"$1" ;;
    Sleep:*) exec sleep 30 ;;
    Kill:*) kill -9 $$ ;;
    esac
done
exit "$status"
"""


LONG = "\\n" + "x" * 70  # a line


# fmt: off
def cases(judge, told):
    return (
        Case("filter", f"""
filter "{judge} {told}"
bypass peer 127.0.0.2 filters
bypass sender *@friend.example filters
bypass peer 127.0.0.3 virus spam
""" + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org Status: 10 => 554 5.7.1 Message cannot be accepted, content filter rejection  # row 39
SEND a@client.example bob@example.org Status: 11 => 554 5.7.1 Message deleted by filter  # row 42
SEND a@client.example bob@example.org Status: 12 => 554 5.7.1 Message cannot be accepted, filter rejection  # row 43
SEND a@client.example bob@example.org Status: 1 => {LATER}
SEND a@client.example bob@example.org Status: 75 => {LATER}
SEND a@client.example bob@example.org Kill: me => {LATER}
SEND a@client.example bob@example.org Status: 0 => {ACCEPTED}
SEND a@friend.example bob@example.org Status: 10 => {ACCEPTED}
CONNECT 127.0.0.2
SEND a@client.example bob@example.org Status: 10 => {ACCEPTED}
CONNECT 127.0.0.3
SEND a@client.example bob@example.org Status: 10 => 554 5.7.1 Message cannot be accepted, content filter rejection  # row 39
SEND a@client.example bob@example.org Subject: x{LONG * 5000}\\nStatus: 12 => 554 5.7.1 Message cannot be accepted, filter rejection  # row 43
LOGIN bob@example.org secret => 235
SEND bob@example.org bob@example.org,alice@example.org Environment: tell => {ACCEPTED}
STORED bob@example.org => 4
STORED alice@example.org => 1
"""),
        Case("filters one after another", f"""
filter true
filter "{judge} {told}" with REJECTED_BY_RULE
filter false
""" + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org Status: 10 => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
SEND a@client.example bob@example.org Status: 0 => {LATER}
STORED bob@example.org => 0
"""),
        Case("a filter that reads nothing", "filter true\n" + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org Subject: x{LONG * 5000} => {ACCEPTED}
STORED bob@example.org => 1
"""),
        Case("a filter that is not there", "filter /nowhere/judge\n" + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org => {LATER}
"""),
        Case("a filter that takes too long", f'filter "{judge} {told}" wait 1\n' + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org Sleep: long => {LATER}
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 1
"""),
    )


# fmt: on
def run(report, program, directory):
    judge, told = directory / "judge", directory / "told"
    judge.write_text(JUDGE)
    judge.chmod(0o755)
    run_cases(report, program, directory, cases(judge, told))
    said = told.read_text() if told.exists() else "nothing"
    bob, alice = "bob@example.org", "alice@example.org"
    wanted = f"127.0.0.3,client.example.net,{bob},{bob},{bob} {alice}\n"
    report.check("what a filter is told", None if said == wanted else said)
