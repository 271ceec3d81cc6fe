"""Rules: about networks, names, senders, recipients, header fields; and who is spared.

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
    Case("networks", """
accept peer 127.0.0.4
refuse peer 127.0.0.4/30
refuse peer 127.0.0.8 at connect with ACCESS_NOT_ALLOWED
refuse peer 127.0.0.9 at helo
refuse peer 127.0.0.10 at mail
refuse peer 127.0.0.11 at rcpt
""" + ACCOUNTS, f"""
CONNECT 127.0.0.5 => 554 5.7.1 Permission denied  # row 36
EHLO client.example.net => 503 5.5.1 Incorrect command sequence
QUIT => 221
CLOSED
CONNECT 127.0.0.7 => 554 5.7.1 Permission denied  # row 36
CONNECT 127.0.0.8 => 550 5.7.1 Access not allowed  # row 27
CONNECT 127.0.0.9 => 220
EHLO client.example.net => 550 5.7.1 Access not allowed  # row 27
HELO client.example.net => 550 5.7.1 Access not allowed  # row 27
CONNECT 127.0.0.10
MAIL FROM:<a@client.example> => 550 5.7.1 Access not allowed  # row 27
CONNECT 127.0.0.11
MAIL FROM:<a@client.example>
RCPT TO:<bob@example.org> => 550 5.7.1 Access not allowed  # row 27
CONNECT 127.0.0.4
SEND a@client.example bob@example.org => {ACCEPTED}
CONNECT 127.0.0.12
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 2
"""),
    Case("only some peers", """
accept peer 127.0.0.2
refuse peer all
""" + ACCOUNTS, f"""
CONNECT 127.0.0.1 => 554 5.7.1 Permission denied  # row 36
CONNECT 127.0.0.2
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 1
"""),
    Case("parallel connections", """
max-connections 2
bypass peer 127.0.0.3 connections
""" + ACCOUNTS, f"""
CONNECT 127.0.0.2 first
CONNECT 127.0.0.2 second
CONNECT 127.0.0.2 third => 554 5.7.1 Permission denied. Maximal parallel connections from this IP reached  # row 44
CLOSED
CONNECT 127.0.0.4 other
SEND a@client.example bob@example.org => {ACCEPTED}
CONNECT 127.0.0.3 spared1
CONNECT 127.0.0.3 spared2
CONNECT 127.0.0.3 spared3
SEND a@client.example bob@example.org => {ACCEPTED}
ON first
QUIT => 221
CLOSED
CONNECT 127.0.0.2 third
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 3
"""),
    Case("helo", """
accept helo good.dynamic.example
refuse helo *.dynamic.example
refuse helo spoof with ACCESS_NOT_ALLOWED
bypass peer 127.0.0.2 rules
bypass peer 127.0.0.3 helo
""" + ACCOUNTS, f"""
CONNECT 127.0.0.1 => 220
MAIL FROM:<a@client.example> => 503 5.5.1 HELO/EHLO command required  # row 16
EHLO a.DYNAMIC.example => 550 5.7.1 Access to not allowed by rules  # row 28
HELO a.dynamic.example => 550 5.7.1 Access to not allowed by rules  # row 28
HELO spoof => 550 5.7.1 Access not allowed  # row 27
EHLO good.dynamic.example => 250
SEND a@client.example bob@example.org => {ACCEPTED}
CONNECT 127.0.0.2 => 220
EHLO a.dynamic.example => 250
SEND a@client.example bob@example.org => {ACCEPTED}
CONNECT 127.0.0.3 => 220
SEND a@client.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 3
"""),
    Case("senders", """
accept sender good@spam.example
refuse sender *@spam.example
refuse sender *@bulk.example at message
refuse sender *@late.example at rcpt
refuse sender "odd name@*"
bypass sender *@friend.spam.example rules
refuse sender *.spam.example
bypass peer 127.0.0.2 rules
""" + ACCOUNTS, f"""
CONNECT
MAIL FROM:<a@SPAM.example> => 550 5.7.1 Access not allowed  # row 27
MAIL FROM:<a@b.spam.example> => 550 5.7.1 Access not allowed  # row 27
MAIL FROM:<"odd name"@client.example> => 550 5.7.1 Access not allowed  # row 27
MAIL FROM:<a@late.example>
RCPT TO:<bob@example.org> => 550 5.7.1 Access to bob@example.org not allowed by rules  # row 28
RSET
SEND a@bulk.example bob@example.org => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
SEND good@spam.example bob@example.org => {ACCEPTED}
SEND a@friend.spam.example bob@example.org => {ACCEPTED}
SEND a@notspam.example bob@example.org => {ACCEPTED}
SEND  bob@example.org => {ACCEPTED}
CONNECT 127.0.0.2
SEND a@spam.example bob@example.org => {ACCEPTED}
SEND a@bulk.example bob@example.org => {ACCEPTED}
STORED bob@example.org => 6
"""),
    Case("recipients", """
bypass sender *@partner.rival.example rules
refuse recipient decoy@example.org
refuse recipient closed@example.org with RECIPIENT_DENIED
account decoy@example.org
account closed@example.org
account carol@example.org
    refuse sender *rival.example
""" + ACCOUNTS, f"""
CONNECT
MAIL FROM:<a@rival.example>
RCPT TO:<decoy@example.org> => 550 5.7.1 Access to decoy@example.org not allowed by rules  # row 28
RCPT TO:<"decoy"@example.org> => 550 5.7.1 Access to "decoy"@example.org not allowed by rules  # row 28
RCPT TO:<closed@example.org> => 550 5.7.1 Permission denied  # row 29
RCPT TO:<carol@example.org> => 550 5.7.1 Access to carol@example.org not allowed by rules  # row 28
RCPT TO:<bob@example.org>
MESSAGE => {ACCEPTED}
SEND a@client.example carol@example.org => {ACCEPTED}
SEND a@partner.rival.example carol@example.org,decoy@example.org => {ACCEPTED}
STORED bob@example.org => 1
STORED carol@example.org => 2
STORED decoy@example.org => 1
STORED closed@example.org => 0
"""),
    Case("recipients that are spared", """
refuse sender *@spam.example at rcpt
refuse recipient *@example.org
bypass recipient postmaster@example.org rules
account postmaster@example.org
""" + ACCOUNTS, f"""
CONNECT
MAIL FROM:<a@spam.example>
RCPT TO:<bob@example.org> => 550 5.7.1 Access to bob@example.org not allowed by rules  # row 28
RCPT TO:<postmaster@example.org>
MESSAGE => {ACCEPTED}
STORED postmaster@example.org => 1
"""),
    Case("headers", """
accept header "Subject: good*"
refuse header "Subject: *lottery*"
refuse header "X-Mailer: bulk?"
bypass sender *@partner.example rules
bypass recipient alice@example.org rules
""" + ACCOUNTS, f"""
CONNECT
SEND a@client.example bob@example.org Subject: You won the LOTTERY!\\n\\nx => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
SEND a@client.example bob@example.org Subject: folded\\n the lottery\\n\\nx => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
SEND a@client.example bob@example.org x-mailer: Bulk7\\n\\nx => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
SEND a@client.example bob@example.org Subject: good lottery\\nX-Mailer: bulk7\\n\\nx => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
SEND a@client.example bob@example.org Subject: good lottery\\n\\nx => {ACCEPTED}
SEND a@client.example bob@example.org X-Mailer: bulk77\\n\\nlottery => {ACCEPTED}
SEND a@client.example bob@example.org Subject: other\\n\\nSubject: lottery => {ACCEPTED}
SEND a@partner.example bob@example.org Subject: lottery\\n\\nx => {ACCEPTED}
STORED bob@example.org => 4
SEND a@client.example alice@example.org Subject: lottery\\n\\nx => {ACCEPTED}
STORED alice@example.org => 1
"""),
    Case("everything is spared", """
refuse helo *.dynamic.example
refuse sender *@spam.example
refuse header "Subject: *lottery*"
max-connections 1
clamd 127.0.0.1:9
filter "false"
bypass peer 127.0.0.2
bypass sender *@partner.example
bypass recipient alice@example.org
""" + ACCOUNTS, f"""
CONNECT 127.0.0.2 first => 220
SEND a@spam.example bob@example.org Subject: lottery\\n\\nx => {ACCEPTED}
CONNECT 127.0.0.2 second => 220
EHLO a.dynamic.example
SEND a@spam.example bob@example.org Subject: lottery\\n\\nx => {ACCEPTED}
CONNECT 127.0.0.3 => 220
MAIL FROM:<a@partner.example> => 503 5.5.1 HELO/EHLO command required  # row 16
EHLO a.dynamic.example => 550 5.7.1 Access to not allowed by rules  # row 28
EHLO client.example.net
SEND a@partner.example bob@example.org Subject: lottery\\n\\nx => {ACCEPTED}
SEND a@client.example alice@example.org Subject: lottery\\n\\nx => {ACCEPTED}
MAIL FROM:<a@spam.example> => 550 5.7.1 Access not allowed  # row 27
SEND a@client.example bob@example.org,alice@example.org => 451
STORED bob@example.org => 3
STORED alice@example.org => 1
"""),
    Case("a client behind a proxy", "refuse peer 127.0.0.5\nrefuse peer 127.0.0.6 at mail\n" + ACCOUNTS, f"""
CONNECT
XCLIENT ADDR=127.0.0.5 => 554 5.7.1 Permission denied  # row 36
CONNECT
XCLIENT ADDR=127.0.0.6 => 220
EHLO client.example.net
MAIL FROM:<a@client.example> => 550 5.7.1 Access not allowed  # row 27
CONNECT
XCLIENT ADDR=127.0.0.7 => 220
EHLO client.example.net
SEND a@client.example bob@example.org => {ACCEPTED}
""", ("--xclient=127.0.0.1",)),
    Case("a message in chunks", "refuse header \"Subject: *lottery*\"\n" + ACCOUNTS, """
CONNECT
MAIL FROM:<a@client.example>
RCPT TO:<bob@example.org>
CHUNK Subject: lottery\\n\\nx => 554 5.7.1 Message cannot be accepted, rules rejection  # row 37
MAIL FROM:<a@client.example>
RCPT TO:<bob@example.org>
CHUNK Subject: lot\\n\\nx => 250 2.0.0 Message accepted
STORED bob@example.org => 1
"""),
)
# fmt: on


def run(report, program, directory):
    run_cases(report, program, directory, CASES)
