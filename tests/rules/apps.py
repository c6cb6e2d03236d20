#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""apps.py SENSOR [--record]: what alerts say of the transaction that a rule matched, held against Suricata's alerts.

The same rules on the same flows; of each alert its app_proto and its objects http, dns and tls. What Suricata said is in
apps_answers.json (--record asks the installed one). Ours may say less about a later part of the transaction (the answer's
status), as the sensor speaks at once, and more where Suricata shows nothing for a packet; what both say must be the same.
Every line is held to validate_eve.py as well."""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

import f_names
import family
import sensor
import suricata
from family import answer, http

HERE = pathlib.Path(__file__).resolve().parent
ANSWERS = HERE / "apps_answers.json"
VALIDATE = HERE.parent / "eve" / "validate_eve.py"
OBJECTS = ("http", "dns", "tls")
# What is not there yet when the first part matches, and counts on; what the judge's settings do not compute.
GROWS = {"http.http_content_type", "http.length", "tls.version", "tls.ja3", "tls.ja4"}
# What may be absent for the same reason, or (the certificate's) where a rule looked at the stream.
LATER = {"http.status", *("tls." + key for key in ("subject", "issuerdn", "serial", "fingerprint", "notbefore", "notafter"))}

fam = family.Family("apps")
del family.FAMILIES["apps"]  # it has answers of its own

agent = b"User-Agent: curl/8\r\nReferer: http://from.example/\r\n"
fam.flow("web", http(uri=b"/first?abc", headers=agent), ("s", answer(b"hello xyz")), http(uri=b"/second?def"),
         ("s", answer(b"other xyz", status=b"404 Not Found")), dport=80)
fam.flow("post", http(b"POST", b"/form", body=b"name=" + b"v" * 4000 + b"abc" + b"w" * 3000), ("s", answer(b"taken")), dport=80)
fam.flow("long", http(uri=b"/long"), ("s", answer(b"v" * 9000 + b"xyz" + b"w" * 3000)), dport=80)
fam.flow("parts", http(uri=b"/" + b"p" * 100, headers=b"X: def abc\r\n"), ("s", answer()), cuts=(60, 130), dport=80)
fam.flow("port", http(uri=b"/abc", host=b"Host: shop.example:8080\r\n"), ("s", answer()), dport=8080)
fam.flow("plain", b"abc def\r\n", ("s", b"xyz\r\n"))
fam.flow("name", f_names.query(b"www.evil.example"), ("s", f_names.reply(b"www.evil.example")), proto="udp", dport=53)
fam.flow("txt", f_names.query(b"t.evil.example", kind=16, ident=9),
         ("s", f_names.query(b"t.evil.example", kind=16, ident=9, flags=0x8583)), proto="udp", dport=53)
fam.flow("shop", f_names.client_hello(b"shop.example"), ("s", f_names.server_hello(f_names.GOOD)), f_names.finish(), dport=443)
fam.flow("bad", f_names.client_hello(b"www.evil.example"), ("s", f_names.server_hello(f_names.EVIL)), f_names.finish(), dport=443)
for text in ('tcp any any -> any any (content:"abc";)', 'tcp any any -> any any (content:"xyz";)',
             'tcp any any -> any any (content:"def";)', 'http any any -> any any (flow:to_server; content:"def";)',
             'http any any -> any any (http.uri; content:"def";)', 'http any any -> any any (http.stat_code; content:"404";)',
             'http any any -> any any (file.data; content:"xyz";)', 'http any any -> any any (http.request_body; content:"abc";)',
             'http any any -> any any (http.user_agent; content:"curl"; http.method; content:"GET";)',
             'http any any -> any any (http.header; content:"def";)',
             'http any any -> any any (http.method; content:"GET"; content:"def";)', 'dns any any -> any any (content:"|04|evil";)',
             'dns any any -> any any (dns.query; content:"evil";)', 'tls any any -> any any (tls.sni; content:"evil";)',
             'tls any any -> any any (tls.cert_subject; content:"example";)',
             'tls any any -> any any (tls.cert_issuer; content:"Evil CA";)', 'tls any any -> any any (content:"Evil CA";)'):
    fam.rule("alert " + text)


def said(alerts):
    """(rule, flow) to a list of what each alert says of the application."""
    out = collections.defaultdict(list)
    for event in alerts:
        key = "%s | %s" % (fam.rules[family.number(event["alert"]["signature_id"])], fam.flow_of(event))
        out[key].append({k: event[k] for k in OBJECTS + ("app_proto", "tx_id") if k in event})
    return out


def flat(found, where=""):
    """{"http.url": ...}"""
    out = {}
    for key, value in found.items():
        name = where + key
        if isinstance(value, dict) and name not in GROWS:
            out.update(flat(value, name + "."))
        elif isinstance(value, list):
            for part in value:
                out.update(flat(part, name + "."))
        else:
            out[name] = value
    return out


def compare(theirs, ours):
    """What is wrong with ours."""
    theirs, ours = flat(theirs), flat(ours)
    for key, value in theirs.items():
        if key in GROWS:
            continue
        if key not in ours and key not in LATER:
            yield "%s is missing" % key
        elif key in ours and ours[key] != value and not key.endswith("tx_id"):
            yield "%s is %r, not %r" % (key, ours[key], value)
    if theirs:
        for key in sorted(set(ours) - set(theirs) - GROWS):
            if key.split(".")[0] in [k.split(".")[0] for k in theirs]:
                yield "%s: Suricata has no such key" % key


def check(recorded, found):
    bad = 0
    for key in sorted(set(recorded) | set(found)):
        theirs, ours = recorded.get(key, []), found.get(key, [])
        if not ours or not theirs:
            print("%s: %d alerts here, %d there" % (key, len(ours), len(theirs)))
            bad += 1
            continue
        for wrong in compare(theirs[0], ours[0]):
            print("%s: %s" % (key, wrong))
            bad += 1
    return bad


def validated(alerts, folder):
    path = folder / "eve.json"
    path.write_text("".join(json.dumps(a, separators=(",", ":")) + "\n" for a in alerts))
    return subprocess.run([sys.executable, str(VALIDATE), str(path)], check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sensor")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        capture = folder / "capture.pcap"
        capture.write_bytes(fam.capture())
        if args.record:
            alerts, _ = suricata.run(folder / "run", fam.file(), capture)
            ANSWERS.write_text(json.dumps({"fingerprint": fam.fingerprint(), "alerts": said(alerts)}, indent=1, sort_keys=True) + "\n")
        recorded = json.loads(ANSWERS.read_text())
        if recorded["fingerprint"] != fam.fingerprint():
            sys.exit("the recorded answers are of other flows or rules; apps.py SENSOR --record")
        alerts, refused = sensor.run(args.sensor, fam.file(), [capture], folder / "sensor")
        if refused:
            sys.exit("refused: %s" % refused)
        bad = check(recorded["alerts"], said(alerts)) + (not validated(alerts, folder))
    print("%d alerts of %d rules: %d differences" % (len(alerts), len(fam.rules), bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
