#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""iocs.py SENSOR: what lists of indicators, allow lists and SCANNERS make of captures (docs/IOCS.md).

Each row is a capture, settings, and the alerts that must come: (sid, severity, labels, indicators). A row without its list
must have none of the labels: the capture alone does not bring them.
"""
import hashlib
import pathlib
import sys
import tempfile

import sensor as lab
from tale import EVIL, SCANNER, Tale, VICTIM, java_class

NAME = "ldap://%s:1389/a" % EVIL
TABLE = []


def row(name, expected, bad=(), allowed=(), sets=()):
    def register(writer):
        TABLE.append((name, writer, expected, bad, allowed, sets))
        return writer
    return register


@row("a name asked for, and what is below it", [(1442260, 3, ["ioc"], ["listed.example"])], ["listed.example"])
def asked(tale):
    tale.asks("a.b.Listed.example")
    tale.asks("unlisted.example")


@row("two hosts, two alerts; one host, one, and its count at the end",
     [(1442260, 3, ["ioc"], ["listed.example"])] * 3, ["listed.example"])
def folded(tale):
    for _ in range(5):
        tale.asks("x.listed.example")
    tale.asks("x.listed.example", client="10.0.0.12")


@row("a request's host", [(1442261, 3, ["ioc"], ["listed.example"])], ["listed.example"])
def http_host(tale):
    request = b"GET /x HTTP/1.1\r\nHost: %s:8080\r\n\r\n"
    answer = ("s", b"HTTP/1.1 204 No Content\r\n\r\n")
    tale.between(VICTIM, "192.0.2.80").tcp(8080, [("c", request % b"www.listed.example"), answer])
    tale.between(SCANNER, VICTIM).tcp(8080, [("c", request % b"www.listed.example"), answer])  # its own name


@row("a request's URL, and no other of that host", [(1442261, 3, ["ioc"], ["http://shared.example/bad"])],
     ["http://shared.example/bad"])
def http_url(tale):
    tale.between(VICTIM, "192.0.2.80")
    for path in (b"/good", b"/bad?id=1", b"/badder"):
        tale.tcp(80, [("c", b"GET %s HTTP/1.1\r\nHost: shared.example\r\n\r\n" % path),
                      ("s", b"HTTP/1.1 204 No Content\r\n\r\n")])


@row("a server by its address, refused", [(1442263, 3, ["ioc"], ["192.0.2.66:4444"])], ["192.0.2.66:4444"])
def server(tale):
    tale.refused(server="192.0.2.66", port=4444)
    tale.refused(server="192.0.2.66", port=443)


@row("a network", [(1442263, 3, ["ioc"], ["192.0.2.64/26"])], ["192.0.2.64/26"])
def network(tale):
    tale.hello(server="192.0.2.66")
    tale.hello(server="192.0.2.6")


@row("a visitor, answered", [(1442265, 3, ["ioc"], [SCANNER])], [SCANNER])
def visitor(tale):
    tale.silent(client=SCANNER, server="10.0.0.12", port=80)
    tale.hello(client=SCANNER, server=VICTIM, port=80)


@row("a class, fetched by something that is no JVM",
     [(1442264, 3, ["ioc"], [hashlib.sha256(java_class("Payload")).hexdigest()])],
     [hashlib.sha256(java_class("Payload")).hexdigest()])
def listed_class(tale):
    tale.fetch(agent="curl/7.88")


@row("a class, fetched by a JVM: its own alert says so",
     [(1442230, 2, ["ioc"], [hashlib.sha256(java_class("Payload")).hexdigest()])],
     [hashlib.sha256(java_class("Payload")).hexdigest()])
def listed_class_java(tale):
    tale.fetch()


@row("a lookup, and the name that it makes its victim ask for: the incident tells",
     [(1442200, 2, ["ioc"], ["listed.example"]), (1442250, 1, ["ioc"], ["listed.example"])], ["listed.example"])
def lookup(tale):
    tale.lookup("ldap://x.listed.example/a")
    tale.asks("x.listed.example")


@row("a lookup that no JDK would follow: raised by one", [(1442203, 2, ["ioc"], ["listed.example"])], ["listed.example"])
def raised(tale):
    tale.lookup("http://x.listed.example/a")


@row("a lookup, and a listed address that it makes its victim call: the incident tells",
     [(1442200, 2, ["ioc"], [EVIL]), (1442250, 1, ["ioc"], [EVIL])], [EVIL])
def lookup_by_address(tale):
    tale.lookup(NAME)
    tale.refused()
    tale.wait(10)
    tale.asks("other.example")


@row("a listed address that a victim calls in another way than its lookup says: an alert of its own, later",
     [(1442200, 2, ["ioc"], [EVIL]), (1442263, 3, ["ioc"], [EVIL])], [EVIL])
def lookup_and_visit(tale):
    tale.lookup(NAME)
    tale.browse()
    tale.wait(10)
    tale.asks("other.example")


@row("a search at a directory that may be asked: one alert, labelled", [(1442219, 3, ["ldap-allowed"], [])],
     sets=["vars.address-groups.LDAP_ALLOWED=[%s]" % EVIL])
def allowed_search(tale):
    for _ in range(3):
        tale.search("dc=corp", port=389)


@row("the same of a callback that is allowed",
     [(1442200, 3, ["allowed"], []), (1442250, 2, ["allowed"], [])], allowed=["listed.example"])
def allowed(tale):
    tale.lookup("ldap://x.listed.example/a")
    tale.asks("x.listed.example")


@row("listed and allowed: both are said, and it is lowered", [(1442200, 3, ["ioc", "allowed"], ["listed.example"])],
     ["listed.example"], ["x.listed.example"])
def both(tale):
    tale.lookup("ldap://x.listed.example/a")


@row("our scanner's lookup, and the victim that it finds", [(1442200, 3, ["scanner"], []), (1442250, 2, ["scanner"], [])],
     sets=["vars.address-groups.SCANNERS=[%s]" % SCANNER])
def scanner(tale):
    tale.lookup(NAME)
    tale.refused()
    tale.wait(10)


@row("the same payload, from somebody else, too: no scanner's incident any more",
     [(1442200, 3, ["scanner"], []), (1442200, 2, [], []), (1442250, 1, [], [])],
     sets=["vars.address-groups.SCANNERS=[%s]" % SCANNER])
def not_only_scanner(tale):
    tale.lookup(NAME)
    tale.lookup(NAME, sender="198.51.100.99")
    tale.refused()
    tale.wait(10)


@row("a reference from a directory that is allowed",
     [(1442219, 3, ["ldap-allowed"], []), (1442211, 3, ["ldap-allowed"], [])], sets=["vars.address-groups.LDAP_ALLOWED=[%s]" % EVIL])
def directory(tale):
    tale.search(codebase="http://%s:8888/" % EVIL)


@row("the lists that come along", [(1442260, 3, ["ioc"], ["oast.pro"])], ["*"])
def shipped(tale):
    tale.asks("c23b2la0kl1krjcrdj10cndmnioyyyyyn.oast.pro")


def seen(text):
    out = []
    for event in lab.events(text):
        if event["event_type"] == "alert":
            alert, jndi = event["alert"], lab.facts(event)
            out.append((alert["signature_id"], alert["severity"], jndi.get("label", []),
                        [hit["indicator"] for hit in jndi.get("ioc", [])]))
            mirrors = (alert["metadata"].get("jndi_label", []), alert["metadata"].get("jndi_ioc", []))
            if mirrors != out[-1][2:]:
                sys.exit("the metadata says %r of %r" % (mirrors, out[-1]))
    return out


def run(program, path, folder, bad, allowed, sets):
    extra = []
    for name in ("incidents", "iocs"):
        extra += ["-s", str(lab.TOP / "rules" / (name + ".rules"))]
    for key, items in (("files", bad), ("allow-files", allowed)):
        if items != ["*"]:
            (folder / (key + ".list")).write_text("".join(item + "\n" for item in items))
            extra += ["--set", "iocs.%s=%s" % (key, folder / (key + ".list"))]
    for each in sets:
        extra += ["--set", each]
    text = lab.replay(program, path, extra=extra)
    if lab.replay(program, path, extra=extra + ["--set", "workers=2"]) != text:
        sys.exit("%s: two workers say something else" % path)
    return text


def check_count(text):
    last = [lab.facts(event)["ioc"][0] for event in lab.events(text) if event["event_type"] == "alert"][-1]
    if last.get("count") != 5 or not last["first_seen"] < last["last_seen"]:
        return ["told at the end: %r" % last]
    return []


def main():
    program, bad = sys.argv[1], []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for number, (title, writer, expected, listed, allowed, sets) in enumerate(TABLE):
            tale, path = Tale(), folder / ("%d.pcap" % number)
            writer(tale)
            tale.write(path)
            text = run(program, path, folder, list(listed), list(allowed), sets)
            if seen(text) != expected:
                bad.append("%s: expected\n  %r, found\n  %r" % (title, expected, seen(text)))
            if writer is folded:
                bad += check_count(text)
            plain = seen(run(program, path, folder, [], [], []))
            if any(labels for _, _, labels, _ in plain):
                bad.append("%s: labels without lists: %r" % (title, plain))
    if bad:
        sys.exit("\n".join(bad))
    print("%d captures" % len(TABLE))


if __name__ == "__main__":
    main()
