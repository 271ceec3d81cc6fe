"""Who may send what: AUTH, submission, relaying; and the verbs that are switched off.

SPDX-License-Identifier: MIT
"""

from host import Case, run_cases

ACCOUNTS = """
domain example.org
account bob@example.org
    password secret
account alice@example.org
    password "two words"
"""
ACCEPTED = "250 2.0.0 Message accepted"

# fmt: off
CASES = (
    Case("the sender is who has authenticated", """
require same-sender
""" + ACCOUNTS, f"""
CONNECT
SEND alice@example.org bob@example.org => {ACCEPTED}
LOGIN bob@example.org wrong => 535 5.7.1 Authentication credentials invalid  # row 20
LOGIN nobody@example.org secret => 535 5.7.1 Authentication credentials invalid  # row 20
LOGIN bob@example.org secret => 235
LOGIN bob@example.org secret => 503 5.5.1 Authentication already done  # row 15
MAIL FROM:<alice@example.org> => 501 5.7.1 Permission denied  # row 8
MAIL FROM:<a@client.example> => 501 5.7.1 Permission denied  # row 8
SEND Bob@Example.ORG bob@example.org => {ACCEPTED}
SEND "bob"@example.org bob@example.org => {ACCEPTED}
STORED bob@example.org => 3
"""),
    Case("local senders authenticate", """
require local-auth
""" + ACCOUNTS, f"""
CONNECT
MAIL FROM:<bob@example.org> => 550 5.7.1 Access not allowed  # row 27
MAIL FROM:<nobody@EXAMPLE.org> => 550 5.7.1 Access not allowed  # row 27
SEND a@client.example bob@example.org => {ACCEPTED}
LOGIN bob@example.org secret => 235
SEND bob@example.org bob@example.org => {ACCEPTED}
STORED bob@example.org => 2
"""),
    Case("everybody authenticates", """
require auth
""" + ACCOUNTS, f"""
CONNECT
MAIL FROM:<a@client.example> => 530 5.7.1 Authentication required [AUTH]  # row 19
LOGIN bob@example.org secret => 235
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 1
"""),
    Case("local senders are no clients of this server", """
require submission
""" + ACCOUNTS, f"""
CONNECT
MAIL FROM:<bob@example.org> => 501 5.7.1 Permission denied  # row 8
LOGIN bob@example.org secret => 235
MAIL FROM:<bob@example.org> => 501 5.7.1 Permission denied  # row 8
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 1
"""),
    Case("local senders of a submission server", """
require submission
""" + ACCOUNTS, f"""
CONNECT
MAIL FROM:<bob@example.org> => 530 5.7.1 Authentication required [AUTH]  # row 19
LOGIN bob@example.org secret => 235
SEND bob@example.org bob@example.org => {ACCEPTED}
STORED bob@example.org => 1
""", ("--submission",)),
    Case("relaying", """
relay authenticated
relay peer 127.0.0.2/31
""" + ACCOUNTS + """
account carol@example.org
    password secret
    local-only
""", f"""
CONNECT
MAIL FROM:<a@client.example>
RCPT TO:<far@client.example> => 550 5.7.1 We do not relay  # row 24
RCPT TO:<bob@example.org>
MESSAGE => {ACCEPTED}
LOGIN bob@example.org secret => 235
SEND bob@example.org far@client.example => {ACCEPTED}
STORED far@client.example => 1
CONNECT 127.0.0.3
SEND a@client.example far@client.example => {ACCEPTED}
CONNECT
LOGIN carol@example.org secret => 235
MAIL FROM:<carol@example.org>
RCPT TO:<far@client.example> => 550 5.7.1 You have rights to send mail to local domains only  # row 26
RCPT TO:<bob@example.org>
MESSAGE => {ACCEPTED}
STORED bob@example.org => 2
"""),
    Case("no relaying", ACCOUNTS, """
CONNECT
LOGIN bob@example.org secret => 235
MAIL FROM:<bob@example.org>
RCPT TO:<far@client.example> => 550 5.7.1 We do not relay  # row 24
"""),
    Case("verbs switched off", """
disable vrfy
disable expn
disable help
disable etrn
""" + ACCOUNTS, """
CONNECT
VRFY bob@example.org => 502 5.5.1 Sorry, we do not support this operation  # row 13
EXPN staff@example.org => 502 5.5.1 Sorry, we do not support this operation  # row 13
HELP => 502 5.5.1 Sorry, we do not support this operation  # row 13
ETRN example.org => 502 5.5.1 Sorry, we do not support this operation  # row 13
"""),
    Case("verbs left on", ACCOUNTS, """
CONNECT
HELP => 214
VRFY bob@example.org => 250
ETRN example.org => 251
"""),
)
# fmt: on


def run(report, program, directory):
    run_cases(report, program, directory, CASES)
