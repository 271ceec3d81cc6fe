"""smtpd behind proxies that tell it who the client is: by XCLIENT, by the PROXY protocol.

SPDX-License-Identifier: MIT
"""

import re
from pathlib import Path

import clients
import proxies
import tls
from auth import PASSWORD, USER, USERS, WRONG, curl_options
from expect import fault_if_unlogged, fault_of_delivery, fault_unless_refused
from server import Smtpd, soon

FAR = "127.0.0.9"  # clients of a proxy come from there, the proxy itself from 127.0.0.1
FROM_FAR = (r"^Received: from client\.example\.net \(\[127\.0\.0\.9\]\)",)
FROM_PROXY = (r"^Received: from \S+ \(\[127\.0\.0\.1\]\)",)


# ---- swaks takes the part of a proxy ----

XCLIENT = (
    "--xclient-addr", "IPV6:2001:db8::9", "--xclient-name", "far.example.net",
    "--xclient-port", "4321", "--xclient-proto", "ESMTP", "--xclient-helo", "helo.example.net",
    "--xclient-login", USER,
)  # fmt: skip
FROM_XCLIENT = (
    r"^Received: from helo\.example\.net \(far\.example\.net \[IPv6:2001:db8::9\]\)",
    r"with ESMTPA\b",
)


def forbidden(session):
    """For clients.python(): tries XCLIENT, which is not offered."""
    session.ehlo()
    if session.has_extn("xclient") or session.has_extn("xforward"):
        raise OSError("XCLIENT is offered")
    code, text = session.docmd("XCLIENT", "ADDR=203.0.113.9")
    if code // 100 != 5:
        raise OSError(f"XCLIENT: {code} {text}")


def test_xclient(report, program, directory):
    with Smtpd(program, directory, "--xclient=127.0.0.1", "--require-auth") as server:
        log = (r"C: XCLIENT .*\n.*S: 220 ", rf"taken: .*, by {USER}$", r"closed: 2001:db8::9,")
        fault = fault_of_delivery(server, clients.swaks, *XCLIENT, fields=FROM_XCLIENT, log=log)
        report.check("swaks: XCLIENT", fault)
        login = ("--xclient-login", "[UNAVAILABLE]")
        log = (r"C: XCLIENT .*\n.*S: 220 ", r"C: MAIL .*\n.*S: 530 ")
        fault = fault_unless_refused(server, clients.swaks, *login, log=log)
        report.check("swaks: XCLIENT without LOGIN is no AUTH", fault)
        report.show_log_if_failed(server)


def test_xclient_strangers(report, program, directory):
    with Smtpd(program, directory, "--xclient=192.0.2.1") as server:
        fault = fault_of_delivery(server, clients.python, forbidden, fields=FROM_PROXY)
        report.check("smtplib: XCLIENT of a stranger is refused", fault)
        report.show_log_if_failed(server)


def proxy_options(version, family, source, destination):
    return [
        "--proxy-version", version, "--proxy-family", family, "--proxy-source", source,
        "--proxy-source-port", "4321", "--proxy-dest", destination, "--proxy-dest-port", "25",
    ]  # fmt: skip


def test_proxy_protocol(report, program, directory):
    with Smtpd(program, directory, "--proxy-protocol") as server:
        for version, family, source, destination, told in (
            ("1", "TCP4", "203.0.113.9", "203.0.113.1", r"203\.0\.113\.9"),
            ("1", "TCP6", "2001:db8::9", "2001:db8::1", "IPv6:2001:db8::9"),
            ("2", "AF_INET", "203.0.113.9", "203.0.113.1", r"203\.0\.113\.9"),
            ("2", "AF_INET6", "2001:db8::9", "2001:db8::1", "IPv6:2001:db8::9"),
        ):
            fault = fault_of_delivery(
                server, clients.swaks, *proxy_options(version, family, source, destination),
                fields=(rf"^Received: from client\.example\.net \(\[{told}\]\)",),
            )  # fmt: skip
            report.check(f"swaks: PROXY, version {version}, {family}", fault)
        if clients.is_here("curl"):
            fault = fault_of_delivery(server, clients.curl, "--haproxy-protocol", fields=FROM_PROXY)
            report.check("curl: PROXY, version 1", fault)
        for version, text in (
            ("1", "TCP4 203.0.113.256 203.0.113.1 4321 25"),
            ("1", "TCP4 203.0.113.9 203.0.113.1 4321 25 and more than there may be" + "!" * 99),
            ("2", "no such header"),
        ):
            start = len(server.told())
            options = "--proxy-version", version, "--proxy", text
            log = ("no PROXY header",)
            fault = fault_unless_refused(server, clients.swaks, *options, log=log)
            fault = fault or ("S: " in server.told()[start:] and "it says something")
            report.check(f"swaks: PROXY, version {version}, {text[:20]}", fault)
        report.check("SIGTERM ends it", server.fault_at_end())
        report.show_log_if_failed(server)


def test_swaks(report, program, directory):
    if not clients.is_here("swaks"):
        report.skip("XCLIENT and PROXY", "no swaks")
        return
    for name, test in (("xclient", test_xclient), ("proxy", test_proxy_protocol)):
        (directory / name).mkdir()
        test(report, program, directory / name)


# ---- HAProxy ----

CURL_FAR = ("--interface", FAR)
TLVS = "ssl,cert-cn,ssl-cipher,cert-sig,cert-key,authority,crc32c,unique-id"


def haproxy_sections(directory, files, server, smtps):
    """One row for each way to speak to smtpd."""
    both = directory / "both.pem"
    both.write_bytes(b"".join(Path(file).read_bytes() for file in files))
    tlvs = f"send-proxy-v2-ssl-cn proxy-v2-options {TLVS}"
    return (
        ("v1", server.port, "", "send-proxy check inter 1s"),
        ("v2", server.port, "", "send-proxy-v2 check inter 1s"),
        ("v2-tlvs", server.port, f"ssl crt {both}", f"{tlvs} check inter 1s"),
        ("none", server.port, "", ""),
        # HAProxy waits for the client here, so that the header and TLS come in one packet.
        ("v1-smtps", smtps.port, "defer-accept", "send-proxy"),
        ("v2-smtps", smtps.port, "defer-accept", "send-proxy-v2"),
    )


def test_haproxy_mail(report, haproxy, server, smtps, authority):
    with_tls = tls.client_options(authority)[clients.curl]
    smtps_options = ("--cacert", authority)
    for title, section, target, send, more in (
        ("v1", "v1", server, clients.curl, ()),
        ("v2", "v2", server, clients.curl, ()),
        ("v2 and TLVs, TLS ends at HAProxy", "v2-tlvs", server, tls.curl_smtps, smtps_options),
        ("v1, STARTTLS", "v1", server, clients.curl, with_tls),
        ("v2, STARTTLS", "v2", server, clients.curl, with_tls),
        ("v1, TLS from the first octet", "v1-smtps", smtps, tls.curl_smtps, smtps_options),
        ("v2, TLS from the first octet", "v2-smtps", smtps, tls.curl_smtps, smtps_options),
    ):
        fault = fault_of_delivery(
            target, send, *CURL_FAR, *more, port=haproxy.port(section), fields=FROM_FAR,
            log=(r"closed: 127\.0\.0\.9, QUIT",),
        )  # fmt: skip
        report.check(f"HAProxy: {title}", fault)


def test_haproxy_checks(report, haproxy, server):
    """What HAProxy asks for itself comes with a header that names nobody."""
    good = {name: "L7OK" if name in ("v1", "v2", "v2-tlvs") else "" for name in haproxy.sockets}
    soon(lambda: haproxy.checks() == good)
    fault = None if haproxy.checks() == good else f"{haproxy.checks()}"
    report.check("HAProxy: smtpchk is content", fault)
    log = [r"C: EHLO proxy\.example\.net\n.*S: 250", r"closed: 127\.0\.0\.1, QUIT, 0"]
    fault = fault_if_unlogged(server, 0, log)
    strange = re.findall(r"closed: (?!127\.0\.0\.[19],).*", server.told())
    report.check("HAProxy: smtpchk in the log", fault or (strange and f"{strange}"))
    log = (r"closed: 127\.0\.0\.1, time-out, 0",)
    fault = fault_unless_refused(server, clients.curl, port=haproxy.port("none"), log=log)
    report.check("HAProxy: no header", fault)


def test_haproxy(report, program, directory):
    files = tls.certificate(program, directory)
    if proxies.find("haproxy") is None or files is None or not clients.is_here("curl"):
        report.skip("HAProxy", f"no haproxy, no curl, or {tls.MISSING}")
        return
    for name in ("smtp", "smtps", "haproxy"):
        (directory / name).mkdir()
    with (
        tls.tls_server(program, directory / "smtp", files, "--proxy-protocol") as server,
        tls.tls_server(program, directory / "smtps", files, "--proxy-protocol", "--smtps") as smtps,
        proxies.HAProxy(
            directory / "haproxy", haproxy_sections(directory, files, server, smtps)
        ) as haproxy,
    ):
        test_haproxy_mail(report, haproxy, server, smtps, files[0])
        test_haproxy_checks(report, haproxy, server)
        for each in (server, smtps):
            report.check("SIGTERM ends smtpd behind HAProxy", each.fault_at_end())
        show_logs_if_failed(report, server, haproxy)


def show_logs_if_failed(report, server, proxy):
    report.show_log_if_failed(server)
    if report.failed:
        print("--- what the proxy said:", *proxy.told().splitlines()[-100:], sep="\n")


# ---- nginx ----


def test_nginx_login(report, server, nginx):
    """nginx checks the password and tells smtpd who it is."""
    port = nginx.port("login")
    for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5"):
        fault = fault_of_delivery(
            server, clients.curl, *CURL_FAR, *curl_options(mechanism, PASSWORD), port=port,
            fields=(*FROM_FAR, r"with ESMTPA\b"),
            log=(rf"C: XCLIENT ADDR={FAR} LOGIN={USER} ", rf"taken: .*, by {USER}$"),
        )  # fmt: skip
        report.check(f"nginx: AUTH {mechanism}, XCLIENT with LOGIN", fault)
        fault = fault_unless_refused(
            server, clients.curl, *curl_options(mechanism, WRONG), port=port
        )
        report.check(f"nginx: AUTH {mechanism}, wrong", fault)
    fault = fault_of_delivery(
        server, clients.curl, *CURL_FAR, port=nginx.port("open"), log=(rf"C: XCLIENT ADDR={FAR} ",),
        fields=(*FROM_FAR, r"with ESMTP\b"),
    )  # fmt: skip
    report.check("nginx: XCLIENT without LOGIN", fault)


def test_nginx_stranger(report, server, nginx):
    """nginx is not approved for XCLIENT here; AUTH is what it may do."""
    log = (r"C: XCLIENT .*\n.*S: 5\d\d ",)
    options = curl_options("PLAIN", PASSWORD)
    fault = fault_unless_refused(
        server, clients.curl, *options, port=nginx.port("stranger"), log=log
    )
    report.check("nginx: XCLIENT of a stranger is refused", fault)
    fault = fault_of_delivery(
        server, clients.curl, *CURL_FAR, *options, port=nginx.port("password"),
        fields=(*FROM_PROXY, r"with ESMTPA\b"),
        log=(r"C: AUTH PLAIN\n.*S: 235 ", rf"taken: .*, by {USER}$"),
    )  # fmt: skip
    report.check("nginx: AUTH by nginx", fault)


def test_nginx_header(report, server, nginx):
    """No XCLIENT: the name is nginx's."""
    port = nginx.port("header")
    fields = (r"^Received: from proxy\.example\.net \(\[127\.0\.0\.9\]\)",)
    fault = fault_of_delivery(server, clients.curl, *CURL_FAR, port=port, fields=fields)
    report.check("nginx: PROXY header", fault)


def nginx_sections(trusting, strange, header):
    return (
        ("login", trusting.port, "smtp_auth plain login cram-md5;"),
        ("open", trusting.port, "smtp_auth none;"),
        ("stranger", strange.port, "smtp_auth plain;"),
        ("password", strange.port, "smtp_auth plain; xclient off; proxy_smtp_auth on;"),
        ("header", header.port, "smtp_auth none; xclient off; proxy_protocol on;"),
    )


def test_nginx(report, program, directory):
    if proxies.find(*proxies.NGINX_FILES) is None or not clients.is_here("curl"):
        report.skip("nginx", "no nginx with its mail module, or no curl")
        return
    for name in ("trusting", "strange", "header", "nginx"):
        (directory / name).mkdir()
    strange = "--xclient=192.0.2.1", "--allow-plain-auth", *USERS
    with (
        Smtpd(program, directory / "trusting", "--xclient=127.0.0.1") as trusting,
        Smtpd(program, directory / "strange", *strange) as strange,
        Smtpd(program, directory / "header", "--proxy-protocol") as header,
        proxies.Nginx(
            directory / "nginx", PASSWORD, nginx_sections(trusting, strange, header)
        ) as nginx,
    ):
        for server, test in (
            (trusting, test_nginx_login),
            (strange, test_nginx_stranger),
            (header, test_nginx_header),
        ):
            test(report, server, nginx)
            report.check("SIGTERM ends smtpd behind nginx", server.fault_at_end())
            show_logs_if_failed(report, server, nginx)


def test_behind(report, program, directory):
    for name, test in (
        ("swaks", test_swaks),
        ("strangers", test_xclient_strangers),
        ("haproxy", test_haproxy),
        ("nginx", test_nginx),
    ):
        (directory / name).mkdir()
        test(report, program, directory / name)
