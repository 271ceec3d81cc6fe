"""Authenticates to a server on 127.0.0.1 and sends a message, for smtpd.sh.

    login.py PORT clear|starttls|smtps MECHANISM NAME SECRET

Prints the code of AUTH. SCRAM-SHA-256 (RFC 5802, RFC 7677) checks that the server knows the
password too. SPDX-License-Identifier: MIT
"""

import base64
import hashlib
import hmac
import secrets
import smtplib
import ssl
import sys

SENDER, RECIPIENT = "a@client.example", "bob@example.com"


class Scram:
    def __init__(self, name, password):
        self.password = password
        self.first = f"n={name},r={secrets.token_urlsafe(18)}"
        self.signature = None

    def __call__(self, challenge=None):
        if challenge is None:
            return "n,," + self.first
        if self.signature is not None:
            if challenge != b"v=" + base64.b64encode(self.signature):
                sys.exit("the server does not know the password")
            return ""
        return self.final(challenge.decode())

    def final(self, challenge):
        told = dict(part.split("=", 1) for part in challenge.split(","))
        salted = hashlib.pbkdf2_hmac(
            "sha256", self.password.encode(), base64.b64decode(told["s"]), int(told["i"])
        )

        def mac(key, text):
            return hmac.digest(key, text, "sha256")

        last = "c=biws,r=" + told["r"]
        signed = f"{self.first},{challenge},{last}".encode()
        key = mac(salted, b"Client Key")
        proof = mac(hashlib.sha256(key).digest(), signed)
        proof = bytes(a ^ b for a, b in zip(key, proof))
        self.signature = mac(mac(salted, b"Server Key"), signed)
        return last + ",p=" + base64.b64encode(proof).decode()


def bearer(first):
    return lambda challenge=None: first if challenge is None else "\1"


def method(server, mechanism, name, secret):
    server.user, server.password = name, secret
    return {
        "PLAIN": server.auth_plain,
        "LOGIN": server.auth_login,
        "CRAM-MD5": server.auth_cram_md5,
        "SCRAM-SHA-256": Scram(name, secret),
        "OAUTHBEARER": bearer(f"n,a={name},\1host=x\1port=25\1auth=Bearer {secret}\1\1"),
        "XOAUTH2": bearer(f"user={name}\1auth=Bearer {secret}\1\1"),
    }[mechanism]


def main():
    port, kind, mechanism, name, secret = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if kind == "smtps":
        server = smtplib.SMTP_SSL("127.0.0.1", int(port), context=context)
    else:
        server = smtplib.SMTP("127.0.0.1", int(port))
    if kind == "starttls":
        server.starttls(context=context)
    server.ehlo("client.example")
    try:
        code, _ = server.auth(mechanism, method(server, mechanism, name, secret))
        print(code)
        server.sendmail(SENDER, [RECIPIENT], f"Subject: {mechanism}\r\n\r\nx\r\n")
    except smtplib.SMTPAuthenticationError as error:
        print(error.smtp_code)
    server.quit()


main()
